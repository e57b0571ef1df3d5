/* A planted bug for fuzz_scenario_echo: a write that takes only a part tells of one byte less than
 * it took, so that the program sends that byte again. It shows only where the system cuts a write
 * short or a buffer fills. wb_tcp_stream_write is called by way of this (ld --wrap). */
#include "wb/tcp.h"

enum wb_status __real_wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len);
enum wb_status __wrap_wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len);

enum wb_status __wrap_wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len) {
    enum wb_status status = __real_wb_tcp_stream_write(stream, buf, len, out_len);
    if (status == WB_OK && *out_len > 1 && *out_len < len) {
        *out_len -= 1;
    }
    return status;
}
