/* Non-blocking pipes: bytes in one direction, from a sender to a receiver. Pipes made here are
 * non-blocking and close-on-exec.
 *
 * Writing to a pipe whose receiver is gone raises SIGPIPE, which pipes, unlike sockets, cannot be
 * told to leave: a process that writes to pipes ignores that signal, and is then told
 * WB_ERR_BROKEN_PIPE.
 *
 * Ends live in the caller's memory and may be moved (copied, and the original forgotten) at any
 * time, registered or not. Each belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again.
 * WB_ERR_INTERRUPTED: nothing happened, try again. Other errors than those named are passed on as
 * wb_status_from_result() gives them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: pipe(7). */
#ifndef WB_PIPE_H
#define WB_PIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the objects' own. All zero is an object without a pipe, for which only close is
 * allowed. */
struct wb_pipe_sender {
    struct wb_fd_source io;
};

struct wb_pipe_receiver {
    struct wb_fd_source io;
};

/* ---- life ---- */

/* Errors: WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT; both ends are then without a pipe. Ownership:
 * end them with wb_pipe_sender_close() and wb_pipe_receiver_close(). */
WB_API WB_MUST_USE enum wb_status wb_pipe_open(const struct wb_sys *sys,
    struct wb_pipe_sender *out_sender, struct wb_pipe_receiver *out_receiver);

/* Takes an end made elsewhere, a child's standard input or output for one, which must be
 * non-blocking or be made so. Ownership: of `fd` passes to the object. */
WB_API void wb_pipe_sender_from_fd(struct wb_pipe_sender *sender, const struct wb_sys *sys, int fd);
WB_API void wb_pipe_receiver_from_fd(
    struct wb_pipe_receiver *receiver, const struct wb_sys *sys, int fd);

/* Applies to every descriptor of this end, in other processes as well. */
WB_API WB_MUST_USE enum wb_status wb_pipe_sender_set_nonblocking(
    struct wb_pipe_sender *sender, bool nonblocking);
WB_API WB_MUST_USE enum wb_status wb_pipe_receiver_set_nonblocking(
    struct wb_pipe_receiver *receiver, bool nonblocking);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_pipe_sender_into_fd(struct wb_pipe_sender *sender);
WB_API int wb_pipe_receiver_into_fd(struct wb_pipe_receiver *receiver);

/* Deregisters if need be, and closes. Closing twice is allowed. */
WB_API void wb_pipe_sender_close(struct wb_pipe_sender *sender);
WB_API void wb_pipe_receiver_close(struct wb_pipe_receiver *receiver);

/* ---- bytes ---- */

/* Up to `len` bytes. WB_OK: *out_len of them, at least 1. WB_EOF: all senders are gone and
 * everything was read, and always again; the event for it says read-closed. With `len` 0: WB_OK and
 * 0, and says nothing of the pipe. */
WB_API WB_MUST_USE enum wb_status wb_pipe_receiver_read(
    struct wb_pipe_receiver *receiver, void *buf, size_t len, size_t *out_len);

/* As read, into several buffers in order. At most 1,024 of them are used. */
WB_API WB_MUST_USE enum wb_status wb_pipe_receiver_readv(
    struct wb_pipe_receiver *receiver, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

/* The first *out_len of `len` bytes; the rest was not taken. Up to 4,096 bytes go whole or not at
 * all. Errors: WB_ERR_BROKEN_PIPE if all receivers are gone (see above); the event for it says
 * write-closed. */
WB_API WB_MUST_USE enum wb_status wb_pipe_sender_write(
    struct wb_pipe_sender *sender, const void *buf, size_t len, size_t *out_len);

/* As write, from several buffers in order. At most 1,024 of them are used. */
WB_API WB_MUST_USE enum wb_status wb_pipe_sender_writev(
    struct wb_pipe_sender *sender, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

/* For the registry. */
static inline struct wb_source *wb_pipe_sender_source(struct wb_pipe_sender *sender) {
    return &sender->io.source;
}

static inline struct wb_source *wb_pipe_receiver_source(struct wb_pipe_receiver *receiver) {
    return &receiver->io.source;
}

static inline int wb_pipe_sender_fd(const struct wb_pipe_sender *sender) {
    return sender->io.fd;
}

static inline int wb_pipe_receiver_fd(const struct wb_pipe_receiver *receiver) {
    return receiver->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
