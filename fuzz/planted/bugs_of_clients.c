/* A planted bug for fuzz_http1_client, by the name that WB_PLANTED chooses (planted/choice.h). It
 * is put in by wrapping a function (ld --wrap). */
#include "driver/fuzz_target.h"
#include "planted/choice.h"
#include "wb/async_io.h"

static const char *const names[] = {"sent-twice"};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    (void)planted_choice(names, (int)(sizeof(names) / sizeof(names[0])));
    return 0;
}

enum wb_progress __real_wb_async_poll_writev(struct wb_async_write *stream,
    struct wb_context *context, const struct wb_iovec *iov, size_t iov_len,
    enum wb_status *out_status, size_t *out_len);
enum wb_progress __wrap_wb_async_poll_writev(struct wb_async_write *stream,
    struct wb_context *context, const struct wb_iovec *iov, size_t iov_len,
    enum wb_status *out_status, size_t *out_len);

/* The last byte of a write that was cut short goes out again. */
enum wb_progress __wrap_wb_async_poll_writev(struct wb_async_write *stream,
    struct wb_context *context, const struct wb_iovec *iov, size_t iov_len,
    enum wb_status *out_status, size_t *out_len) {
    size_t len = 0;
    for (size_t i = 0; i < iov_len; i++) {
        len += iov[i].len;
    }
    const enum wb_progress progress =
        __real_wb_async_poll_writev(stream, context, iov, iov_len, out_status, out_len);
    if (progress == WB_READY && *out_status == WB_OK && *out_len > 1 && *out_len < len) {
        *out_len -= 1;
    }
    return progress;
}
