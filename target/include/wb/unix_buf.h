/* Reads and writes of a Unix stream that move a cursor, as wb/tcp_buf.h has them for TCP. */
#ifndef WB_UNIX_BUF_H
#define WB_UNIX_BUF_H

#include <stddef.h>

#include "wb/buf.h"
#include "wb/status.h"
#include "wb/unix_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As wb_tcp_stream_read_buf(). */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_read_buf(
    struct wb_unix_stream *stream, struct wb_buf_mut buf, size_t *out_len);

/* As wb_tcp_stream_write_buf(). */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_write_buf(
    struct wb_unix_stream *stream, struct wb_buf buf, size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif
