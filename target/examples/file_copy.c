/* file_copy: copies a file so that whoever looks at the new name finds all of it, or what was there
 * before: the bytes go to a name of their own first, and onto the disk. */
#include <string.h>

#include "examples/console.h"
#include "examples/options.h"
#include "examples/programs.h"
#include "wb/async.h"
#include "wb/file.h"
#include "wb/io.h"
#include "wb/runtime.h"

#define PROGRAM "file_copy"
#define SUFFIX ".part"

enum { BUFFER_LEN = 16 * 1024, PATH_LEN_MAX = 4095 };

struct file_copy {
    struct wb_future future;
    const char *from_path;
    const char *to_path;
    const char *subject; /* the path that a failure would be about now; NULL: either */
    struct wb_file_open open;
    struct wb_file from;
    struct wb_file to;
    struct wb_copy copy;
    struct wb_flush flush;
    struct wb_file_call sync;
    char partial_path[PATH_LEN_MAX + sizeof SUFFIX];
    char buf[BUFFER_LEN];
};

/* ---- the bytes ---- */

static enum wb_progress copy_poll(struct wb_future *future, struct wb_context *context) {
    struct file_copy *self = WB_FUTURE_OF(future, struct file_copy, future);
    WB_ASYNC_BEGIN(future, context);
    self->subject = self->from_path;
    wb_file_open_init(&self->open, context->runtime, self->from_path, WB_O_RDONLY, 0);
    WB_TRY_AWAIT(&self->open.future);
    self->from = self->open.file;
    self->subject = self->partial_path;
    wb_file_open_init(&self->open, context->runtime, self->partial_path,
        WB_O_WRONLY | WB_O_CREAT | WB_O_TRUNC, 0644);
    WB_TRY_AWAIT(&self->open.future);
    self->to = self->open.file;
    self->subject = NULL;
    wb_copy_init(&self->copy, &self->from.io.read, &self->to.io.write, self->buf, sizeof self->buf);
    WB_TRY_AWAIT(&self->copy.future);
    self->subject = self->partial_path;
    wb_flush_init(&self->flush, &self->to.io.write);
    WB_TRY_AWAIT(&self->flush.future);
    wb_file_sync_init(&self->sync, &self->to);
    WB_TRY_AWAIT(&self->sync.future);
    WB_ASYNC_END(WB_OK);
}

static void copy_drop(struct wb_future *future) {
    struct file_copy *self = WB_FUTURE_OF(future, struct file_copy, future);
    wb_future_drop(&self->open.future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->flush.future);
    wb_future_drop(&self->sync.future);
    wb_file_close(&self->from);
    wb_file_close(&self->to);
}

static const struct wb_future_ops copy_ops = {
    .size = sizeof(struct file_copy),
    .offset = offsetof(struct file_copy, future),
    .poll = copy_poll,
    .drop = copy_drop,
};

/* ---- the name ---- */

/* The copy gets its name, or goes. */
static enum wb_status settle(
    struct file_copy *self, struct wb_runtime *runtime, enum wb_status status) {
    struct wb_path_call call;
    if (status == WB_OK) {
        self->subject = self->to_path;
        wb_path_rename_init(&call, runtime, self->partial_path, self->to_path);
        status = wb_runtime_block_on(runtime, &call.future);
    }
    if (status != WB_OK && self->to.io.read.ops != NULL) { /* it was opened, so it is ours */
        wb_path_remove_init(&call, runtime, self->partial_path);
        (void)!wb_runtime_block_on(runtime, &call.future);
    }
    return status;
}

static enum wb_status copy_file(
    struct file_copy *self, const struct wb_sys *sys, uint64_t *out_copied) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct wb_runtime *runtime = NULL;
    enum wb_status status = wb_runtime_new(sys, &config, &runtime);
    if (status == WB_OK) {
        status = wb_runtime_block_on(runtime, &self->future);
        status = settle(self, runtime, status);
        *out_copied = self->copy.copied;
    }
    wb_runtime_destroy(runtime);
    return status;
}

static void tell_failure(
    const struct file_copy *self, const struct wb_sys *sys, enum wb_status status) {
    if (self->subject != NULL) {
        wb__print_failure(sys, PROGRAM, self->subject, status);
        return;
    }
    wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": %s to %s: %s\n", self->from_path, self->to_path,
        wb_status_text(status));
}

int wb__file_copy_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const char *from = NULL;
    const char *to = NULL;
    const struct wb__option options[] = {
        {.name = "from", .kind = WB__OPTION_TEXT, .target = &from, .help = "the file to copy"},
        {.name = "to", .kind = WB__OPTION_TEXT, .target = &to, .help = "its new name"},
    };
    const struct wb__command command = {
        PROGRAM, "copies a file, on the runtime", options, sizeof options / sizeof options[0]};
    int exit_status = WB__EXIT_USAGE;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    if (from == NULL || to == NULL) {
        wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": --from and --to must be given\n");
        return WB__EXIT_USAGE;
    }
    if (strlen(to) > PATH_LEN_MAX) {
        wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": --to: at most %d bytes\n", PATH_LEN_MAX);
        return WB__EXIT_USAGE;
    }
    struct file_copy self = {.from_path = from, .to_path = to};
    uint64_t copied = 0;
    memcpy(self.partial_path, to, strlen(to));
    memcpy(self.partial_path + strlen(to), SUFFIX, sizeof SUFFIX);
    wb_future_init(&self.future, &copy_ops);
    const enum wb_status status = copy_file(&self, sys, &copied);
    if (status != WB_OK) {
        tell_failure(&self, sys, status);
        return WB__EXIT_FAILURE;
    }
    wb__print(sys, WB__CONSOLE_OUT, "%llu bytes\n", (unsigned long long)copied);
    return WB__EXIT_OK;
}
