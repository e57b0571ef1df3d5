/* Planted bugs for fuzz_http1_server, one at a time (planted/choice.h). Each is put in by wrapping
 * a function (ld --wrap). */
#include "driver/fuzz_target.h"
#include "http/server/conn.h"
#include "planted/choice.h"

static const char *const names[] = {"sent-twice", "lost-rest"};

enum { SENT_TWICE, LOST_REST };

static int planted;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    planted = planted_choice(names, (int)(sizeof(names) / sizeof(names[0])));
    return 0;
}

enum wb_progress __real_wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);
enum wb_progress __wrap_wb_async_poll_write(struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len);

/* The last byte of a write that was cut short goes out again. */
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

void __real_wb__h1_pin(struct wb__h1_server *self, uint32_t len);
void __wrap_wb__h1_pin(struct wb__h1_server *self, uint32_t len);

/* What came together with a head is forgotten. */
void __wrap_wb__h1_pin(struct wb__h1_server *self, uint32_t len) {
    __real_wb__h1_pin(self, len);
    if (planted == LOST_REST) {
        self->in.end = self->in.begin;
    }
}
