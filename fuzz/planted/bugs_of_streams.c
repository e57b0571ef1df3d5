/* Planted bugs for fuzz_runtime_io, one at a time (planted/choice.h). Each is put in by wrapping a
 * function (ld --wrap). */
#include "driver/fuzz_target.h"
#include "planted/choice.h"
#include "runtime/io.h"
#include "wb/async_io.h"
#include "wb/net.h"

static const char *const names[] = {"lost-byte", "kept-end", "read-clears", "sent-twice"};

enum { LOST_BYTE, KEPT_END, READ_CLEARS, SENT_TWICE };

static int planted;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    planted = planted_choice(names, (int)(sizeof(names) / sizeof(names[0])));
    return 0;
}

enum wb_progress __real_wb_async_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len);
enum wb_progress __wrap_wb_async_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len);

/* Of a socket nothing more is expected after a read, though there may be: the readiness is cleared
 * unasked. */
static void clear_readiness(struct wb_async_read *stream, struct wb_context *context) {
    struct wb_ready ready;
    enum wb_status status = WB_OK;
    if (stream->ops != &wb__stream_read_ops) {
        return;
    }
    struct wb_read_half *half = WB_FUTURE_OF(stream, struct wb_read_half, read);
    struct wb__evented *evented = &half->io->evented;
    if (wb__evented_poll_ready(evented, WB_DIRECTION_READ, context, &ready, &status) == WB_READY
        && status == WB_OK) {
        (void)wb__evented_settle(evented, ready, WB_WOULD_BLOCK);
    }
}

/* That, or who reads into a buffer that it fills forgets the last byte. */
enum wb_progress __wrap_wb_async_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const enum wb_progress progress =
        __real_wb_async_poll_read(stream, context, buf, len, out_status, out_len);
    if (planted == LOST_BYTE && progress == WB_READY && *out_status == WB_OK && len > 4
        && *out_len == len) {
        *out_len -= 1;
    }
    if (planted == READ_CLEARS && progress == WB_READY && *out_status == WB_OK) {
        clear_readiness(stream, context);
    }
    return progress;
}

enum wb_progress __real_wb_async_poll_shutdown(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status);
enum wb_progress __wrap_wb_async_poll_shutdown(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status);

/* Who copies does not pass on the end. */
enum wb_progress __wrap_wb_async_poll_shutdown(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status) {
    if (planted == KEPT_END) {
        *out_status = WB_OK;
        return WB_READY;
    }
    return __real_wb_async_poll_shutdown(stream, context, out_status);
}

enum wb_progress __real_wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);
enum wb_progress __wrap_wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);

/* Who copies sends the last byte again of a write that was cut short. */
enum wb_progress __wrap_wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len) {
    const enum wb_progress progress =
        __real_wb_async_poll_write(stream, context, buf, len, out_status, out_len);
    if (planted == SENT_TWICE && progress == WB_READY && *out_status == WB_OK && *out_len > 1
        && *out_len < len) {
        *out_len -= 1;
    }
    return progress;
}
