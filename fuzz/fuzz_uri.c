/* Property: the parts of a URI are parts of its text and lose nothing but the fragment; a URI is
 * equal to itself and to what its parts are when put together; a path for looking up is no longer
 * than it was, has no more slashes, no dots to go up by, begins with a slash if it did, and is its
 * own path for looking up.
 * Code under test: target/http/message/uri.c, uri_path.c. */
#include "driver/fuzz_target.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb/uri.h"

enum { LEN_MAX = 4096 };

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "verdict  %s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- putting together ---- */

struct text {
    char bytes[LEN_MAX + 16];
    size_t len;
};

static void add(struct text *text, struct wb_bytes bytes) {
    CHECK(bytes.len <= sizeof text->bytes - text->len);
    if (bytes.len != 0) {
        memcpy(text->bytes + text->len, bytes.ptr, bytes.len);
        text->len += bytes.len;
    }
}

static void add_string(struct text *text, const char *string) {
    add(text, wb_bytes_from_string(string));
}

static void add_authority(struct text *text, const struct wb_uri_authority *authority) {
    if (authority->userinfo.ptr != NULL) {
        add(text, authority->userinfo);
        add_string(text, "@");
    }
    add(text, authority->host);
    if (authority->has_port) {
        char port[8] = ":";
        if (authority->port != 0) {
            (void)snprintf(port, sizeof port, ":%u", (unsigned)authority->port);
        }
        add_string(text, port);
    }
}

static void check_put_together(const struct wb_uri *uri) {
    struct text text = {.len = 0};
    if (uri->scheme.len != 0) {
        add(&text, uri->scheme);
        add_string(&text, "://");
        add_authority(&text, &uri->authority);
    }
    add(&text, uri->path);
    if (uri->has_query) {
        add_string(&text, "?");
        add(&text, uri->query);
    }
    struct wb_uri again;
    CHECK(wb_uri_parse(wb_bytes_from(text.bytes, text.len), &again) == WB_OK);
    CHECK(wb_uri_equal(uri, &again) && wb_uri_equal(&again, uri) && wb_uri_equal(uri, uri));
}

/* ---- paths ---- */

static size_t count(const char *bytes, size_t len, char wanted) {
    size_t found = 0;
    for (size_t i = 0; i < len; i++) {
        found += bytes[i] == wanted;
    }
    return found;
}

/* Between slashes, or a slash and the end, there is neither "." nor "..". */
static void check_no_dots(const char *path, size_t len) {
    size_t begin = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && path[i] != '/') {
            continue;
        }
        size_t segment_len = i - begin;
        CHECK(segment_len == 0 || segment_len > 2
              || count(path + begin, segment_len, '.') != segment_len);
        begin = i + 1;
    }
}

static void check_path(struct wb_bytes path) {
    char out[LEN_MAX];
    size_t len = LEN_MAX + 1;
    enum wb_status status = wb_uri_normalize_path(path, out, &len);
    if (status != WB_OK) {
        CHECK(status == WB_ERR_PARSE && len == LEN_MAX + 1);
        CHECK(count((const char *)path.ptr, path.len, '%') != 0);
        return;
    }
    CHECK(len <= path.len);
    CHECK(count(out, len, '/') <= count((const char *)path.ptr, path.len, '/') + (len == 1));
    CHECK(path.len == 0 || path.ptr[0] != '/' || (len != 0 && out[0] == '/'));
    check_no_dots(out, len);
    char again[LEN_MAX];
    size_t again_len;
    CHECK(wb_uri_normalize_path(wb_bytes_from(out, len), again, &again_len) == WB_OK);
    CHECK(again_len == len && memcmp(again, out, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > LEN_MAX) {
        return 0;
    }
    struct wb_bytes text = wb_bytes_from(data, size);
    struct wb_uri uri;
    if (wb_uri_parse(text, &uri) == WB_OK) {
        check_put_together(&uri);
        check_path(uri.path);
    }
    struct wb_uri_authority authority;
    if (wb_uri_parse_authority(text, &authority) == WB_OK) {
        CHECK(authority.userinfo.ptr == NULL && authority.host.len <= size);
    }
    check_path(text);
    return 0;
}
