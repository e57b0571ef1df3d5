/* Fields of a message (headers or trailers): in order, each occurrence by itself, names compared
 * without regard to case. struct wb_http_fields shows them, struct wb_http_field_list owns them.
 *
 * Thread: a value is used by one thread at a time. Allocates: only the list, where it says so.
 * Spec: RFC 9110 section 5. */
#ifndef WB_HTTP_FIELDS_H
#define WB_HTTP_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names that this stack itself acts on, or writes. X(enumerator, name in lower case). */
#define WB_HTTP_FIELD_TABLE(X)                                                                     \
    X(WB_HTTP_FIELD_TE, "te")                                                                      \
    X(WB_HTTP_FIELD_AGE, "age")                                                                    \
    X(WB_HTTP_FIELD_DATE, "date")                                                                  \
    X(WB_HTTP_FIELD_HOST, "host")                                                                  \
    X(WB_HTTP_FIELD_RANGE, "range")                                                                \
    X(WB_HTTP_FIELD_ACCEPT, "accept")                                                              \
    X(WB_HTTP_FIELD_EXPECT, "expect")                                                              \
    X(WB_HTTP_FIELD_SERVER, "server")                                                              \
    X(WB_HTTP_FIELD_TRAILER, "trailer")                                                            \
    X(WB_HTTP_FIELD_UPGRADE, "upgrade")                                                            \
    X(WB_HTTP_FIELD_LOCATION, "location")                                                          \
    X(WB_HTTP_FIELD_CONNECTION, "connection")                                                      \
    X(WB_HTTP_FIELD_KEEP_ALIVE, "keep-alive")                                                      \
    X(WB_HTTP_FIELD_USER_AGENT, "user-agent")                                                      \
    X(WB_HTTP_FIELD_CONTENT_TYPE, "content-type")                                                  \
    X(WB_HTTP_FIELD_CONTENT_LENGTH, "content-length")                                              \
    X(WB_HTTP_FIELD_PROXY_CONNECTION, "proxy-connection")                                          \
    X(WB_HTTP_FIELD_TRANSFER_ENCODING, "transfer-encoding")

enum wb_http_field_id {
    WB_HTTP_FIELD_OTHER,
#define WB_HTTP_FIELD_ENUM(name, text) name,
    WB_HTTP_FIELD_TABLE(WB_HTTP_FIELD_ENUM)
#undef WB_HTTP_FIELD_ENUM
        WB_HTTP_FIELD_COUNT
};

WB_API enum wb_http_field_id wb_http_field_id_of(struct wb_bytes name);
/* In lower case, static; NULL for WB_HTTP_FIELD_OTHER. */
WB_API const char *wb_http_field_id_name(enum wb_http_field_id id);

/* One field, by where it stands: counted from the first byte of what it was parsed from. */
struct wb_http_field {
    uint32_t name_at;
    uint32_t value_at;
    uint32_t value_len; /* without the blanks around it */
    uint16_t name_len;
    uint8_t id; /* enum wb_http_field_id */
};

/* ---- to look at ---- */

/* Borrowed: the items, and the bytes that they point into, must stay as long as this is used. */
struct wb_http_fields {
    const uint8_t *base;
    const struct wb_http_field *items;
    size_t count;
};

/* Of the field number `index`, which must be below `count`. The name is as it came. */
WB_API struct wb_bytes wb_http_fields_name(struct wb_http_fields fields, size_t index);
WB_API struct wb_bytes wb_http_fields_value(struct wb_http_fields fields, size_t index);

/* The number of the first field of that name from number `start` on; `count` if there is none. */
WB_API size_t wb_http_fields_find(struct wb_http_fields fields, struct wb_bytes name, size_t start);
WB_API size_t wb_http_fields_find_id(
    struct wb_http_fields fields, enum wb_http_field_id id, size_t start);

/* The value of the first field of that name; false: there is none. */
WB_API bool wb_http_fields_get(
    struct wb_http_fields fields, struct wb_bytes name, struct wb_bytes *out_value);

/* ---- to build ---- */

/* Fields that are owned. All of it is private but for the functions below. */
struct wb_http_field_list {
    struct wb_bytes_mut text;
    struct wb_http_field *items;
    uint32_t count;
    uint32_t capacity;
    uint32_t count_max;
    uint32_t text_len_max;
};

/* Bounds of a list: more is WB_ERR_LIMIT. 0 stands for these. */
enum {
    WB_HTTP_FIELDS_MAX = 1024,
    WB_HTTP_FIELDS_LEN_MAX = 1 << 20, /* bytes of names and values together, also of removed ones */
};

/* An empty list. Cannot fail, allocates nothing. */
WB_API void wb_http_field_list_init(struct wb_http_field_list *list, const struct wb_sys *sys,
    uint32_t count_max, uint32_t text_len_max);
/* NULL is allowed. The list is empty afterwards, and may be used on. */
WB_API void wb_http_field_list_clean_up(struct wb_http_field_list *list);
/* As good as new, but keeps its memory. */
static inline void wb_http_field_list_clear(struct wb_http_field_list *list) {
    list->count = 0;
    wb_bytes_mut_truncate(&list->text, 0);
}

/* Appends a field; blanks around the value are left out. What could end a line or a message early
 * never gets in (RFC 9110 section 5.5). Neither may lie in the list itself. Errors, the list
 * unchanged: WB_ERR_INVALID, the name is no token or the value has control characters;
 * WB_ERR_LIMIT; WB_ERR_NO_MEMORY. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_http_field_list_add(
    struct wb_http_field_list *list, struct wb_bytes name, struct wb_bytes value);
/* The same, and all others of that name are gone. Errors: as above, the list unchanged. */
WB_API WB_MUST_USE enum wb_status wb_http_field_list_set(
    struct wb_http_field_list *list, struct wb_bytes name, struct wb_bytes value);
/* Removes all of that name; how many there were. */
WB_API size_t wb_http_field_list_remove(struct wb_http_field_list *list, struct wb_bytes name);

/* Valid until the list is changed. */
static inline struct wb_http_fields wb_http_field_list_view(const struct wb_http_field_list *list) {
    struct wb_http_fields fields = {list->text.ptr, list->items, list->count};
    return fields;
}

#ifdef __cplusplus
}
#endif

#endif
