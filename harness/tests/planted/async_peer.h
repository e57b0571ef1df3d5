/* A connection of the twin planted_async as a task: sends back what it reads, on readiness alone.
 */
#ifndef PLANTED_ASYNC_PEER_H
#define PLANTED_ASYNC_PEER_H

#include <stdbool.h>

#include "bugs.h"
#include "wb/future.h"
#include "wb/poll_evented.h"
#include "wb/tcp.h"
#include "wb/time.h"

enum { ASYNC_CHUNK = 256 };

struct async_peer {
    struct wb_future future;
    struct wb_tcp_stream tcp;
    struct wb_poll_evented evented;
    struct wb_ready seen; /* the report that the last operation went by */
    struct wb_sleep pause;
    enum planted_bug bug;
    bool pauses;      /* between an operation that would block and saying so */
    bool *out_failed; /* set where that is taken for a failure of the whole */
    enum wb_status status;
    size_t begin; /* what is to be sent back */
    size_t end;
    char buf[ASYNC_CHUNK];
};

/* Takes the stream over. It may be spawned, or awaited where it is. */
void async_peer_init(struct async_peer *peer, struct wb_tcp_stream *tcp, enum planted_bug bug);

#endif
