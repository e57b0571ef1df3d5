/* Outcomes and failures of every call in the stack. One table; WB_WOULD_BLOCK and WB_EOF are
 * outcomes, WB_ERR_* are failures. There is no global error variable: a status is returned, and
 * must be looked at. */
#ifndef WB_STATUS_H
#define WB_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WB_MUST_USE __attribute__((warn_unused_result))
#define WB_API __attribute__((visibility("default")))
#else
#define WB_MUST_USE
#define WB_API
#endif

enum wb_status_category {
    WB_CATEGORY_OUTCOME,  /* not a failure */
    WB_CATEGORY_NETWORK,  /* caused by a peer or the path to it */
    WB_CATEGORY_RESOURCE, /* descriptors, memory, buffers, capacity ran out */
    WB_CATEGORY_USAGE,    /* the caller asked for something that cannot be */
    WB_CATEGORY_SYSTEM,   /* the operating system failed in another way */
};

/* X(name, category, errno name or 0, text). An errno appears at most once, so that
 * wb_status_from_result() has one answer. */
#define WB_STATUS_TABLE(X)                                                                         \
    X(WB_OK, OUTCOME, 0, "success")                                                                \
    X(WB_WOULD_BLOCK, OUTCOME, EAGAIN, "the operation would block")                                \
    X(WB_EOF, OUTCOME, 0, "end of file")                                                           \
    X(WB_IN_PROGRESS, OUTCOME, EINPROGRESS, "the operation is in progress")                        \
    X(WB_ERR_INTERRUPTED, SYSTEM, EINTR, "interrupted by a signal")                                \
    X(WB_ERR_CONN_RESET, NETWORK, ECONNRESET, "connection reset by peer")                          \
    X(WB_ERR_CONN_REFUSED, NETWORK, ECONNREFUSED, "connection refused")                            \
    X(WB_ERR_CONN_ABORTED, NETWORK, ECONNABORTED, "connection aborted")                            \
    X(WB_ERR_BROKEN_PIPE, NETWORK, EPIPE, "broken pipe")                                           \
    X(WB_ERR_NOT_CONNECTED, NETWORK, ENOTCONN, "socket is not connected")                          \
    X(WB_ERR_ALREADY_CONNECTED, USAGE, EISCONN, "socket is already connected")                     \
    X(WB_ERR_ALREADY_IN_PROGRESS, USAGE, EALREADY, "operation already in progress")                \
    X(WB_ERR_TIMED_OUT, NETWORK, ETIMEDOUT, "timed out")                                           \
    X(WB_ERR_HOST_UNREACHABLE, NETWORK, EHOSTUNREACH, "no route to host")                          \
    X(WB_ERR_NET_UNREACHABLE, NETWORK, ENETUNREACH, "network is unreachable")                      \
    X(WB_ERR_ADDR_IN_USE, USAGE, EADDRINUSE, "address already in use")                             \
    X(WB_ERR_ADDR_NOT_AVAILABLE, USAGE, EADDRNOTAVAIL, "address not available")                    \
    X(WB_ERR_DEST_ADDR_REQUIRED, USAGE, EDESTADDRREQ, "destination address required")              \
    X(WB_ERR_MESSAGE_TOO_BIG, USAGE, EMSGSIZE, "message too long")                                 \
    X(WB_ERR_FD_LIMIT, RESOURCE, EMFILE, "too many open files in this process")                    \
    X(WB_ERR_SYSTEM_FD_LIMIT, RESOURCE, ENFILE, "too many open files in the system")               \
    X(WB_ERR_NO_MEMORY, RESOURCE, ENOMEM, "out of memory")                                         \
    X(WB_ERR_NO_BUFFERS, RESOURCE, ENOBUFS, "no buffer space available")                           \
    X(WB_ERR_NO_SPACE, RESOURCE, ENOSPC, "no space left")                                          \
    X(WB_ERR_BAD_FD, USAGE, EBADF, "bad file descriptor")                                          \
    X(WB_ERR_BAD_ADDRESS, USAGE, EFAULT, "bad address")                                            \
    X(WB_ERR_INVALID, USAGE, EINVAL, "invalid argument")                                           \
    X(WB_ERR_NOT_SUPPORTED, USAGE, EOPNOTSUPP, "operation not supported")                          \
    X(WB_ERR_NOT_IMPLEMENTED, SYSTEM, ENOSYS, "not implemented by this system")                    \
    X(WB_ERR_NOT_SOCKET, USAGE, ENOTSOCK, "not a socket")                                          \
    X(WB_ERR_NOT_PERMITTED, USAGE, EPERM, "operation not permitted")                               \
    X(WB_ERR_ACCESS, SYSTEM, EACCES, "permission denied")                                          \
    X(WB_ERR_NO_ENTRY, USAGE, ENOENT, "no such entry")                                             \
    X(WB_ERR_LOOP, USAGE, ELOOP, "too many levels of nesting")                                     \
    X(WB_ERR_EXISTS, USAGE, EEXIST, "already exists")                                              \
    X(WB_ERR_ALREADY_REGISTERED, USAGE, 0, "source is already registered")                         \
    X(WB_ERR_NOT_REGISTERED, USAGE, 0, "source is not registered")                                 \
    X(WB_ERR_FULL, RESOURCE, 0, "capacity reached")                                                \
    X(WB_ERR_CLOSED, USAGE, 0, "the other end is closed")                                          \
    X(WB_ERR_LIMIT, RESOURCE, 0, "a configured limit was reached")                                 \
    X(WB_ERR_PARSE, USAGE, 0, "malformed input")                                                   \
    X(WB_ERR_OS, SYSTEM, 0, "the operating system reported another error")                         \
    X(WB_ERR_CANCELLED, USAGE, ECANCELED, "cancelled")                                             \
    X(WB_ERR_NESTED, USAGE, EDEADLK, "called from within itself")                                  \
    X(WB_ERR_UNEXPECTED_EOF, NETWORK, 0, "the end came too early")                                 \
    X(WB_ERR_WRITE_ZERO, SYSTEM, 0, "a write took nothing")                                        \
    X(WB_ERR_NO_RUNTIME, USAGE, 0, "no runtime is there to wait for readiness")                    \
    X(WB_ERR_IO, SYSTEM, EIO, "input/output error")                                                \
    X(WB_ERR_NOT_SEEKABLE, USAGE, ESPIPE, "it has no position")                                    \
    X(WB_ERR_IS_DIRECTORY, USAGE, EISDIR, "is a directory")                                        \
    X(WB_ERR_NOT_DIRECTORY, USAGE, ENOTDIR, "not a directory")                                     \
    X(WB_ERR_NOT_EMPTY, USAGE, ENOTEMPTY, "directory not empty")                                   \
    X(WB_ERR_NO_DEVICE, USAGE, ENXIO, "no such device, or a socket's path")

enum wb_status {
#define WB_STATUS_ENUM(name, category, number, text) name,
    WB_STATUS_TABLE(WB_STATUS_ENUM)
#undef WB_STATUS_ENUM
};

/* The status for a result of the seam: WB_OK for result >= 0, otherwise that of errno -result;
 * WB_ERR_OS for an errno the table does not name. */
WB_API WB_MUST_USE enum wb_status wb_status_from_result(long long result);

/* The name ("WB_ERR_CONN_RESET"), the text ("connection reset by peer") and the category of a
 * status. The strings are static. A value outside the table gives "WB_STATUS_UNKNOWN", "unknown
 * status" and WB_CATEGORY_SYSTEM. */
WB_API const char *wb_status_name(enum wb_status status);
WB_API const char *wb_status_text(enum wb_status status);
WB_API enum wb_status_category wb_status_category(enum wb_status status);

/* Whether the status is a failure: any WB_ERR_*. */
static inline int wb_status_is_error(enum wb_status status) {
    return status >= WB_ERR_INTERRUPTED;
}

#ifdef __cplusplus
}
#endif

#endif
