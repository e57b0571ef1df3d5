/* TCP reads and writes that move a cursor: exactly as far as bytes were moved, so that calling
 * again goes on where the last call stopped. */
#ifndef WB_TCP_BUF_H
#define WB_TCP_BUF_H

#include <stddef.h>

#include "wb/buf.h"
#include "wb/status.h"
#include "wb/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One read into the room that lies together at the cursor, which moves past what came; *out_len
 * says how much that is. A growable target is not grown: reserve first. Without room: WB_OK and 0,
 * which says nothing of the stream; WB_EOF is only said when there was room. Otherwise as
 * wb_tcp_stream_read(); the cursor moves only on WB_OK. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_read_buf(
    struct wb_tcp_stream *stream, struct wb_buf_mut buf, size_t *out_len);

/* One write of what is at the cursor, in up to WB_TCP_BUF_PIECES pieces; the cursor moves past what
 * was taken, *out_len bytes. With nothing left: WB_OK and 0, without asking the system. Otherwise
 * as wb_tcp_stream_write(); the cursor moves only on WB_OK. */
#define WB_TCP_BUF_PIECES 16
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_write_buf(
    struct wb_tcp_stream *stream, struct wb_buf buf, size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif
