/* A tunnel: bytes both ways between two streams, as long as any come. */
#ifndef WB_EXAMPLES_TUNNEL_H
#define WB_EXAMPLES_TUNNEL_H

#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/future.h"
#include "wb/io.h"
#include "wb/time.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Over as struct wb_copy_bidirectional is, or with WB_ERR_TIMED_OUT when for so long not a byte was
 * read or written, in either direction. Stays where it is. */
struct wb__tunnel {
    struct wb_future future;
    struct wb_copy_bidirectional copy;
    struct wb_sleep patience;
    uint64_t idle_ns; /* 0: for ever */
    uint64_t moved;   /* as it was when the time began */
};

/* Half of the `capacity` bytes at `buf`, at least 2, borrowed, is for each way. */
void wb__tunnel_init(struct wb__tunnel *tunnel, struct wb_async_stream a, struct wb_async_stream b,
    void *buf, size_t capacity, uint64_t idle_ns);

#ifdef __cplusplus
}
#endif

#endif
