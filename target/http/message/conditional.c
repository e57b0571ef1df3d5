/* Conditional requests: entity tags, lists of them, and the order in which conditions count. */
#include "wb/http_conditional.h"

#include "wb/http_date.h"

/* ---- entity tags ---- */

/* Anything but control characters, blanks and quotes; there are no escapes. */
static bool is_etag_byte(uint8_t byte) {
    return byte >= 0x21 && byte != '"' && byte != 0x7f;
}

/* Takes one off *in_out_text. */
static bool take_etag(struct wb_bytes *in_out_text, struct wb_http_etag *out_etag) {
    struct wb_bytes text = *in_out_text;
    const bool is_weak = wb_bytes_starts_with(text, wb_bytes_from_string("W/"));
    text = wb_bytes_slice(text, is_weak ? 2 : 0, text.len);
    if (text.len == 0 || text.ptr[0] != '"') {
        return false;
    }
    size_t end = 1;
    while (end < text.len && is_etag_byte(text.ptr[end])) {
        end++;
    }
    if (end == text.len || text.ptr[end] != '"') {
        return false;
    }
    *out_etag = (struct wb_http_etag){wb_bytes_slice(text, 1, end), is_weak};
    *in_out_text = wb_bytes_slice(text, end + 1, text.len);
    return true;
}

enum wb_status wb_http_etag_parse(struct wb_bytes text, struct wb_http_etag *out_etag) {
    struct wb_http_etag etag;
    if (!take_etag(&text, &etag) || text.len != 0) {
        return WB_ERR_PARSE;
    }
    *out_etag = etag;
    return WB_OK;
}

bool wb_http_etag_equal_strong(struct wb_http_etag a, struct wb_http_etag b) {
    return !a.is_weak && !b.is_weak && wb_bytes_equal(a.opaque, b.opaque);
}

bool wb_http_etag_equal_weak(struct wb_http_etag a, struct wb_http_etag b) {
    return wb_bytes_equal(a.opaque, b.opaque);
}

/* ---- fields with tags ---- */

typedef bool (*equal_fn)(struct wb_http_etag a, struct wb_http_etag b);

/* Not a list of wb_http_next_element(): a backslash in a tag is one. */
static bool list_has(struct wb_bytes list, struct wb_http_etag etag, equal_fn equal) {
    struct wb_http_etag one;
    for (;;) {
        list = wb_http_trim(list);
        if (list.len != 0 && list.ptr[0] == ',') {
            list = wb_bytes_slice(list, 1, list.len);
            continue;
        }
        if (!take_etag(&list, &one)) {
            return false;
        }
        list = wb_http_trim(list);
        if (list.len != 0 && list.ptr[0] != ',') {
            return false;
        }
        if (equal(one, etag)) {
            return true;
        }
    }
}

static bool value_matches(
    struct wb_bytes value, const struct wb_http_validators *current, equal_fn equal) {
    if (wb_bytes_equal(value, wb_bytes_from_string("*"))) {
        return current->exists;
    }
    return current->exists && current->has_etag && list_has(value, current->etag, equal);
}

/* Whether the field, in all of its lines, names what is there; *out_has: whether it is there. */
static bool field_matches(struct wb_http_fields fields, const char *name,
    const struct wb_http_validators *current, equal_fn equal, bool *out_has) {
    const struct wb_bytes wanted = wb_bytes_from_string(name);
    bool matches = false;
    size_t at = wb_http_fields_find(fields, wanted, 0);
    *out_has = at != fields.count;
    for (; at != fields.count; at = wb_http_fields_find(fields, wanted, at + 1)) {
        matches = matches || value_matches(wb_http_fields_value(fields, at), current, equal);
    }
    return matches;
}

/* ---- fields with dates ---- */

/* The only value of the field; false: there is none, or more than one. */
static bool only_value(struct wb_http_fields fields, const char *name, struct wb_bytes *out_value) {
    const struct wb_bytes wanted = wb_bytes_from_string(name);
    const size_t at = wb_http_fields_find(fields, wanted, 0);
    if (at == fields.count || wb_http_fields_find(fields, wanted, at + 1) != fields.count) {
        return false;
    }
    *out_value = wb_http_fields_value(fields, at);
    return true;
}

static bool only_date(
    struct wb_http_fields fields, const char *name, int64_t now, int64_t *out_seconds) {
    struct wb_bytes value;
    return only_value(fields, name, &value) && wb_http_date_parse(value, now, out_seconds) == WB_OK;
}

/* ---- the order ---- */

static bool selects(enum wb_http_method method) {
    return method != WB_HTTP_CONNECT && method != WB_HTTP_OPTIONS && method != WB_HTTP_TRACE;
}

/* Steps 1 and 2: is it still what the client means? */
static bool is_still_the_same(
    struct wb_http_fields fields, const struct wb_http_validators *current, int64_t now) {
    bool has = false;
    int64_t since = 0;
    const bool matches =
        field_matches(fields, "if-match", current, wb_http_etag_equal_strong, &has);
    if (has) {
        return matches;
    }
    return !current->has_modified || !only_date(fields, "if-unmodified-since", now, &since)
           || current->modified <= since;
}

/* Steps 3 and 4: has the client got it? */
static bool is_known(bool is_read, struct wb_http_fields fields,
    const struct wb_http_validators *current, int64_t now) {
    bool has = false;
    int64_t since = 0;
    const bool matches =
        field_matches(fields, "if-none-match", current, wb_http_etag_equal_weak, &has);
    if (has) {
        return matches;
    }
    return is_read && current->has_modified && only_date(fields, "if-modified-since", now, &since)
           && current->modified <= since;
}

enum wb_http_verdict wb_http_weigh_conditions(enum wb_http_method method,
    struct wb_http_fields fields, const struct wb_http_validators *current, int64_t now) {
    const bool is_read = method == WB_HTTP_GET || method == WB_HTTP_HEAD;
    if (!selects(method)) {
        return WB_HTTP_PROCEED;
    }
    if (!is_still_the_same(fields, current, now)) {
        return WB_HTTP_PRECONDITION_FAILED;
    }
    if (is_known(is_read, fields, current, now)) {
        return is_read ? WB_HTTP_NOT_MODIFIED : WB_HTTP_PRECONDITION_FAILED;
    }
    return WB_HTTP_PROCEED;
}

bool wb_http_if_range_holds(
    struct wb_http_fields fields, const struct wb_http_validators *current, int64_t now) {
    struct wb_bytes value;
    struct wb_http_etag etag;
    int64_t date = 0;
    if (wb_http_fields_find(fields, wb_bytes_from_string("if-range"), 0) == fields.count) {
        return true;
    }
    if (!only_value(fields, "if-range", &value)) {
        return false;
    }
    if (wb_http_etag_parse(value, &etag) == WB_OK) {
        return current->has_etag && wb_http_etag_equal_strong(etag, current->etag);
    }
    return current->has_modified && wb_http_date_parse(value, now, &date) == WB_OK
           && date == current->modified;
}
