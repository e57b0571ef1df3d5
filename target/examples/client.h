/* One connection, over TCP or a Unix stream socket, that a sequential program talks over: each call
 * waits, for so long, until it is done. Built on wb_poll in any trigger mode. Not for event loops.
 */
#ifndef WB_EXAMPLES_CLIENT_H
#define WB_EXAMPLES_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/poll.h"
#include "wb/status.h"
#include "wb/tcp.h"

#include "examples/address.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the client's own. Thread: one at a time. */
struct wb__client {
    const struct wb_sys *sys;
    struct wb_poll poll;
    struct wb_events events;
    struct wb_tcp_stream stream;
    enum wb_trigger trigger;
    uint64_t timeout_ns;
};

/* Connects. `timeout_ns` bounds this call and each later one. Errors: WB_ERR_TIMED_OUT, those of
 * wb_tcp_stream_connect() and wb_tcp_stream_finish_connect(), or of wb_unix_stream_connect(), and
 * of making a poll; the client is then as after clean_up. Allocates. */
WB_MUST_USE enum wb_status wb__client_connect(struct wb__client *client, const struct wb_sys *sys,
    const struct wb__address *addr, enum wb_trigger trigger, uint64_t timeout_ns);

/* Sends all of the bytes. Errors: WB_ERR_TIMED_OUT and those of wb_tcp_stream_write(); some of the
 * bytes may have gone. */
WB_MUST_USE enum wb_status wb__client_send(struct wb__client *client, struct wb_bytes bytes);

/* Receives at least one byte and at most `len`. WB_EOF when the peer has finished. Errors:
 * WB_ERR_TIMED_OUT and those of wb_tcp_stream_read(). */
WB_MUST_USE enum wb_status wb__client_receive(
    struct wb__client *client, void *buf, size_t len, size_t *out_len);

/* Says that nothing more will be sent, and receives, and throws away, what the peer still sends
 * until it has finished too: closing before that would reset the connection. Errors:
 * WB_ERR_TIMED_OUT if that takes longer than one timeout in all, those of wb_tcp_stream_shutdown()
 * and wb_tcp_stream_read(). */
WB_MUST_USE enum wb_status wb__client_finish(struct wb__client *client);

/* Lets the time pass. Errors: those of waiting. */
WB_MUST_USE enum wb_status wb__client_sleep(struct wb__client *client, uint64_t duration_ns);

/* Closes. All zero, or cleaned up before, is allowed. */
void wb__client_clean_up(struct wb__client *client);

#ifdef __cplusplus
}
#endif

#endif
