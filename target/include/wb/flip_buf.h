/* A buffer that is either being written or being read, and is flipped between the two. The old
 * kind: one position and one limit serve both.
 *
 * Writing, bytes go to position .. limit = capacity. Reading, they come from position .. limit =
 * what was written.
 *
 * Thread: one at a time. Allocates: at init only. */
#ifndef WB_FLIP_BUF_H
#define WB_FLIP_BUF_H

#include "wb/buf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the buffer's own. */
struct wb_flip_buf {
    const struct wb_sys *sys;
    uint8_t *data;
    size_t capacity;
    size_t pos;
    size_t limit;
    size_t mark;
    bool has_mark;
    bool is_reading;
};

/* For writing. The capacity is rounded up to a power of two; 0 stays 0. Errors: WB_ERR_NO_MEMORY,
 * also if there is no such power of two; the buffer is then as after wb_flip_buf_clean_up().
 * Allocates. */
WB_API WB_MUST_USE enum wb_status wb_flip_buf_init(
    struct wb_flip_buf *flip, const struct wb_sys *sys, size_t capacity);

/* NULL, a buffer of zero bytes, and one cleaned up before are allowed. */
WB_API void wb_flip_buf_clean_up(struct wb_flip_buf *flip);

WB_API size_t wb_flip_buf_capacity(const struct wb_flip_buf *flip);
WB_API bool wb_flip_buf_is_reading(const struct wb_flip_buf *flip);

/* Ends writing: limit = position, position = 0. Aborts if it is being read. */
WB_API void wb_flip_buf_flip(struct wb_flip_buf *flip);

/* Ends reading, drops all bytes: position = 0, limit = capacity. Aborts if it is being written. */
WB_API void wb_flip_buf_clear(struct wb_flip_buf *flip);

/* Ends reading, goes on writing behind the last byte written: position = limit, limit = capacity.
 * The next flip reads from the very first byte again. Aborts if it is being written. */
WB_API void wb_flip_buf_resume(struct wb_flip_buf *flip);

/* While reading: remembers the position; goes back to it, and forgets it. Reset aborts if there is
 * no mark. Flipping either way forgets the mark. */
WB_API void wb_flip_buf_mark(struct wb_flip_buf *flip);
WB_API void wb_flip_buf_reset(struct wb_flip_buf *flip);

/* Each aborts, also at every later use, while the buffer is in the other state. */
WB_API struct wb_buf wb_buf_from_flip(struct wb_flip_buf *flip);
WB_API struct wb_buf_mut wb_buf_mut_from_flip(struct wb_flip_buf *flip);

#ifdef __cplusplus
}
#endif

#endif
