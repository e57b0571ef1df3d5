/* One ring of bytes with many readers: what anybody said, in the one order in which it was read.
 * Each reader keeps a position of its own, so a message exists once however many it goes to, and
 * the ring's size is the bound on how far a reader may fall behind. Sans-I/O.
 *
 * Positions count bytes since the beginning and never wrap (2^64 bytes do not pass).
 * Thread: none of this is synchronised. Allocates: at init alone. */
#ifndef WB_EXAMPLES_BROADCAST_LOG_H
#define WB_EXAMPLES_BROADCAST_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The bytes at positions tail .. head - 1 are there. The fields are to be read, not written. */
struct wb__broadcast_log {
    uint8_t *ring;
    size_t capacity;
    uint64_t head; /* where the next byte goes */
    uint64_t tail; /* the oldest byte that somebody may still want */
};

/* `capacity` is a power of two. Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__broadcast_log_init(
    struct wb__broadcast_log *log, const struct wb_sys *sys, size_t capacity);

/* NULL-safe in the sense that a log of zero bytes is allowed. */
void wb__broadcast_log_clean_up(struct wb__broadcast_log *log, const struct wb_sys *sys);

/* Bytes that may be appended before the oldest must go. */
size_t wb__broadcast_log_free(const struct wb__broadcast_log *log);

/* The free bytes that lie together at the head; NULL and 0 if there are none. Fill some, then
 * commit them. */
uint8_t *wb__broadcast_log_space(struct wb__broadcast_log *log, size_t *out_len);
void wb__broadcast_log_commit(struct wb__broadcast_log *log, size_t len);

/* Copies the bytes in. Aborts if they are more than are free. */
void wb__broadcast_log_append(struct wb__broadcast_log *log, struct wb_bytes bytes);

/* The bytes from `position` to `end` that lie together: all of them, or those up to the ring's
 * edge. Aborts unless tail <= position <= end <= head. */
struct wb_bytes wb__broadcast_log_read(
    const struct wb__broadcast_log *log, uint64_t position, uint64_t end);

/* Nobody wants what lies before `position` any more. Aborts unless tail <= position <= head. */
void wb__broadcast_log_trim(struct wb__broadcast_log *log, uint64_t position);

#ifdef __cplusplus
}
#endif

#endif
