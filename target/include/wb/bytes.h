/* Bytes: a borrowed view by value.
 *
 * Thread: pure functions. Allocates: nothing. */
#ifndef WB_BYTES_H
#define WB_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a view ---- */

/* Somebody else's bytes, which must stay as long as the view is used. `ptr` may be NULL if `len` is
 * 0. */
struct wb_bytes {
    const uint8_t *ptr;
    size_t len;
};

static inline struct wb_bytes wb_bytes_from(const void *ptr, size_t len) {
    struct wb_bytes bytes = {(const uint8_t *)ptr, len};
    return bytes;
}

/* Without the NUL. */
WB_API struct wb_bytes wb_bytes_from_string(const char *string);

/* The bytes from `start` up to, not including, `end`. Aborts unless start <= end <= len. */
WB_API struct wb_bytes wb_bytes_slice(struct wb_bytes bytes, size_t start, size_t end);

WB_API bool wb_bytes_equal(struct wb_bytes a, struct wb_bytes b);
/* Less than, equal to or greater than 0, bytewise; of two where one begins the other the shorter
 * comes first. */
WB_API int wb_bytes_compare(struct wb_bytes a, struct wb_bytes b);
WB_API bool wb_bytes_starts_with(struct wb_bytes bytes, struct wb_bytes prefix);

/* Where the byte, or the sequence, first occurs; `len` of the bytes if it does not. */
WB_API size_t wb_bytes_find_byte(struct wb_bytes bytes, uint8_t byte);
WB_API size_t wb_bytes_find(struct wb_bytes bytes, struct wb_bytes sequence);

/* Writes the bytes for a person to read, and a NUL: \n \r \t \0 \\ \" and \xNN stand for what does
 * not print. What does not fit is left out, never half an escape. Returns the length without the
 * NUL. `capacity` must not be 0. */
WB_API size_t wb_bytes_format(struct wb_bytes bytes, char *out_text, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
