/* What went wrong with a message or a connection of HTTP, beyond a status: for messages to people
 * and for deciding whether to try again.
 *
 * Thread: any. Allocates: nothing. */
#ifndef WB_HTTP_ERROR_H
#define WB_HTTP_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* X(enumerator, text). */
#define WB_HTTP_ERROR_TABLE(X)                                                                     \
    X(WB_HTTP_ERROR_NONE, "nothing went wrong")                                                    \
    X(WB_HTTP_ERROR_PARSE, "what came is not HTTP")                                                \
    X(WB_HTTP_ERROR_TOO_LARGE, "a head is too large")                                              \
    X(WB_HTTP_ERROR_STATUS, "the status of a response is none")                                    \
    X(WB_HTTP_ERROR_USER, "the application asked for what cannot be")                              \
    X(WB_HTTP_ERROR_SERVICE, "the service failed")                                                 \
    X(WB_HTTP_ERROR_CANCELLED, "given up before it was sent")                                      \
    X(WB_HTTP_ERROR_CLOSED, "the connection is closed")                                            \
    X(WB_HTTP_ERROR_INCOMPLETE_MESSAGE, "the connection ended in the midst of a message")          \
    X(WB_HTTP_ERROR_UNEXPECTED_MESSAGE, "something came that nobody had asked for")                \
    X(WB_HTTP_ERROR_BODY_ABORTED, "the content that was being sent failed")                        \
    X(WB_HTTP_ERROR_CONNECT, "no connection could be made")                                        \
    X(WB_HTTP_ERROR_TIMEOUT, "it took too long")                                                   \
    X(WB_HTTP_ERROR_SHUTDOWN, "the connection could not be shut down")                             \
    X(WB_HTTP_ERROR_IO, "the stream failed")

enum wb_http_error_kind {
#define WB_HTTP_ERROR_ENUM(name, text) name,
    WB_HTTP_ERROR_TABLE(WB_HTTP_ERROR_ENUM)
#undef WB_HTTP_ERROR_ENUM
        WB_HTTP_ERROR_COUNT
};

struct wb_http_error {
    enum wb_http_error_kind kind;
    enum wb_status status; /* of whatever failed; WB_OK with WB_HTTP_ERROR_NONE */
    const char *detail;    /* static; NULL: the kind says it all */
    uint64_t at;           /* of what is no HTTP: the byte that offends, counted from the message's
                              first one */
};

/* Static. */
WB_API const char *wb_http_error_text(enum wb_http_error_kind kind);

/* Writes all of it for a person: "what came is not HTTP: Content-Length is not one number, at byte
 * 38". Returns the length without the NUL. `capacity` must not be 0. */
WB_API size_t wb_http_error_format(
    const struct wb_http_error *error, char *out_text, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
