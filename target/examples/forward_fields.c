/* See forward_fields.h. */
#include "examples/forward_fields.h"

#include <string.h>

#define PSEUDONYM "wouldblock"

static struct wb_bytes text_of(const char *text) {
    return wb_bytes_from_string(text);
}

/* ---- what stays here ---- */

static const char *const of_this_hop[] = {"connection", "keep-alive", "proxy-connection", "te",
    "transfer-encoding", "upgrade", "proxy-authorization", "proxy-authenticate",
    "proxy-authentication-info", "host", "http2-settings"};

/* whom a client may not have left out by naming them. */
static const char *const protected[] = {"content-length", "host", "transfer-encoding", "via"};

static bool is_among(struct wb_bytes name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (wb_http_equal_nocase(name, text_of(names[i]))) {
            return true;
        }
    }
    return false;
}

#define IS_AMONG(name, names) is_among(name, names, sizeof(names) / sizeof((names)[0]))

static bool is_named_by(struct wb_bytes connection, struct wb_bytes name) {
    struct wb_bytes element;
    while (wb_http_next_element(&connection, &element)) {
        if (wb_http_equal_nocase(element, name)) {
            return true;
        }
    }
    return false;
}

static bool is_connections_own(struct wb_http_fields fields, struct wb_bytes name) {
    size_t at = wb_http_fields_find_id(fields, WB_HTTP_FIELD_CONNECTION, 0);
    for (; at != fields.count;
         at = wb_http_fields_find_id(fields, WB_HTTP_FIELD_CONNECTION, at + 1)) {
        if (is_named_by(wb_http_fields_value(fields, at), name)) {
            return !IS_AMONG(name, protected);
        }
    }
    return false;
}

static bool is_of_this_hop(struct wb_http_fields head, struct wb_bytes name) {
    return IS_AMONG(name, of_this_hop) || is_connections_own(head, name);
}

static bool is_overridden(struct wb_http_fields fields, size_t at) {
    return fields.items[at].id == WB_HTTP_FIELD_CONTENT_LENGTH
           && wb_http_fields_find_id(fields, WB_HTTP_FIELD_TRANSFER_ENCODING, 0) != fields.count;
}

enum wb_status wb__forward_fields(struct wb_http_field_list *to, struct wb_http_fields from) {
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < from.count && status == WB_OK; i++) {
        const struct wb_bytes name = wb_http_fields_name(from, i);
        if (!is_of_this_hop(from, name) && !is_overridden(from, i)) {
            status = wb_http_field_list_add(to, name, wb_http_fields_value(from, i));
        }
    }
    return status;
}

enum wb_status wb__forward_trailers(
    struct wb_http_field_list *to, struct wb_http_fields trailers, struct wb_http_fields head) {
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < trailers.count && status == WB_OK; i++) {
        const struct wb_bytes name = wb_http_fields_name(trailers, i);
        if (!is_of_this_hop(head, name)) {
            status = wb_http_field_list_add(to, name, wb_http_fields_value(trailers, i));
        }
    }
    return status;
}

bool wb__forward_upgrade(struct wb_http_fields fields, struct wb_bytes *out_protocols) {
    struct wb_bytes list;
    struct wb_bytes protocol;
    if (!wb_http_fields_get(fields, text_of("upgrade"), &list)) {
        return false;
    }
    *out_protocols = list;
    bool is_http_2 = false;
    while (!is_http_2 && wb_http_next_element(&list, &protocol)) {
        is_http_2 = wb_http_equal_nocase(protocol, text_of("h2c"));
    }
    return !is_http_2;
}

bool wb__forward_has_other_coding(struct wb_http_fields fields) {
    size_t at = wb_http_fields_find_id(fields, WB_HTTP_FIELD_TRANSFER_ENCODING, 0);
    for (; at != fields.count;
         at = wb_http_fields_find_id(fields, WB_HTTP_FIELD_TRANSFER_ENCODING, at + 1)) {
        struct wb_bytes list = wb_http_fields_value(fields, at);
        struct wb_bytes element;
        while (wb_http_next_element(&list, &element)) {
            if (element.len != 0 && !wb_http_equal_nocase(element, text_of("chunked"))) {
                return true;
            }
        }
    }
    return false;
}

/* ---- who passed it on ---- */

enum wb_status wb__forward_add_via(struct wb_http_field_list *to, enum wb_http_version version) {
    return wb_http_field_list_add(
        to, text_of("via"), text_of(version == WB_HTTP_1_0 ? "1.0 " PSEUDONYM : "1.1 " PSEUDONYM));
}

static bool is_own(struct wb_bytes element) {
    const size_t blank = wb_bytes_find_byte(element, ' ');
    return wb_bytes_equal(
        wb_http_trim(wb_bytes_slice(element, blank, element.len)), text_of(PSEUDONYM));
}

unsigned wb__forward_count(struct wb_http_fields fields) {
    unsigned count = 0;
    size_t at = wb_http_fields_find(fields, text_of("via"), 0);
    for (; at != fields.count; at = wb_http_fields_find(fields, text_of("via"), at + 1)) {
        struct wb_bytes list = wb_http_fields_value(fields, at);
        struct wb_bytes element;
        while (wb_http_next_element(&list, &element)) {
            count += is_own(element) ? 1 : 0;
        }
    }
    return count;
}
