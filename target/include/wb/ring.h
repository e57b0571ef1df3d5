/* A ring buffer: bytes first in, first out, in memory of fixed size. Not for two threads.
 *
 * Thread: one at a time. Allocates: at init only. */
#ifndef WB_RING_H
#define WB_RING_H

#include "wb/buf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the ring's own. */
struct wb_ring {
    const struct wb_sys *sys;
    uint8_t *data;
    size_t capacity;
    size_t pos; /* of the next byte to read */
    size_t len;
    size_t mark_pos;
    size_t mark_len;
    bool has_mark;
};

/* The capacity is rounded up to a power of two; 0 stays 0. Errors: WB_ERR_NO_MEMORY, also if there
 * is no such power of two; the ring is then as after wb_ring_clean_up(). Allocates. */
WB_API WB_MUST_USE enum wb_status wb_ring_init(
    struct wb_ring *ring, const struct wb_sys *sys, size_t capacity);

/* NULL, a ring of zero bytes, and one cleaned up before are allowed. */
WB_API void wb_ring_clean_up(struct wb_ring *ring);

WB_API size_t wb_ring_capacity(const struct wb_ring *ring);
/* Bytes to be read; the rest of the capacity can be written. */
WB_API size_t wb_ring_len(const struct wb_ring *ring);

/* The two ends. What is read makes room at once; writing into a full ring aborts. */
WB_API struct wb_buf wb_buf_from_ring(struct wb_ring *ring);
WB_API struct wb_buf_mut wb_buf_mut_from_ring(struct wb_ring *ring);

/* Drops all bytes and the mark. */
WB_API void wb_ring_clear(struct wb_ring *ring);

/* Remembers where reading stands, to read the same bytes again. The mark is lost when a write takes
 * the place of bytes behind it. */
WB_API void wb_ring_mark(struct wb_ring *ring);
WB_API bool wb_ring_has_mark(const struct wb_ring *ring);

/* Goes back to the mark, and forgets it. Aborts if there is none. */
WB_API void wb_ring_reset(struct wb_ring *ring);

#ifdef __cplusplus
}
#endif

#endif
