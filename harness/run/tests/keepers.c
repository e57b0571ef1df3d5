/* See keepers.h. */
#include "keepers.h"

#include <stdbool.h>
#include <string.h>

#include "wb/async.h"
#include "wb/file.h"
#include "wb/runtime.h"

enum { LEN = 3000, LIMIT = 100000 };

struct keeper {
    struct wb_future future;
    struct wb_path_call path;
    struct wb_file_write_whole write_whole;
    struct wb_file_read_whole read_whole;
    struct wb_file_open open;
    struct wb_file file;
    struct wb_file_call call;
    struct wb_seek seek;
    struct wb_read_exact read;
    struct wb_write_all write;
    bool is_wrong; /* no call failed, and yet */
    char bytes[LEN];
    char few[4];
};

static void expect(struct keeper *self, bool is_so) {
    self->is_wrong = self->is_wrong || !is_so;
}

/* The file is written as a whole, changed in the middle, cut, and read as a whole. */
static enum wb_progress keeper_poll(struct wb_future *future, struct wb_context *context) {
    struct keeper *self = WB_FUTURE_OF(future, struct keeper, future);
    struct wb_runtime *runtime = context->runtime;
    WB_ASYNC_BEGIN(future, context);
    wb_path_make_dir_init(&self->path, runtime, "/tmp/kept", 0755);
    WB_TRY_AWAIT(&self->path.future);
    wb_file_write_whole_init(&self->write_whole, runtime, "/tmp/kept/new", self->bytes, LEN, 0644);
    WB_TRY_AWAIT(&self->write_whole.future);
    wb_file_open_init(&self->open, runtime, "/tmp/kept/new", WB_O_RDWR, 0);
    WB_TRY_AWAIT(&self->open.future);
    self->file = self->open.file;
    wb_read_exact_init(&self->read, &self->file.io.read, self->few, 4);
    WB_TRY_AWAIT(&self->read.future);
    expect(self, memcmp(self->few, self->bytes, 4) == 0);
    wb_seek_init(&self->seek, &self->file.io, 6, WB_SEEK_CUR);
    WB_TRY_AWAIT(&self->seek.future);
    expect(self, self->seek.position == 10);
    wb_write_all_init(&self->write, &self->file.io.write, "changed", 7);
    WB_TRY_AWAIT(&self->write.future);
    wb_file_set_size_init(&self->call, &self->file, 20);
    WB_TRY_AWAIT(&self->call.future);
    wb_file_sync_init(&self->call, &self->file);
    WB_TRY_AWAIT(&self->call.future);
    wb_path_rename_init(&self->path, runtime, "/tmp/kept/new", "/tmp/kept/old");
    WB_TRY_AWAIT(&self->path.future);
    wb_file_read_whole_init(&self->read_whole, runtime, "/tmp/kept/old", LIMIT);
    WB_TRY_AWAIT(&self->read_whole.future);
    expect(self, self->read_whole.contents.len == 20
                     && memcmp(self->read_whole.contents.bytes + 10, "changed", 7) == 0
                     && memcmp(self->read_whole.contents.bytes, self->bytes, 10) == 0);
    wb_path_remove_init(&self->path, runtime, "/tmp/kept/old");
    WB_TRY_AWAIT(&self->path.future);
    wb_path_remove_dir_init(&self->path, runtime, "/tmp/kept");
    WB_TRY_AWAIT(&self->path.future);
    WB_ASYNC_END(WB_OK);
}

static void keeper_drop(struct wb_future *future) {
    struct keeper *self = WB_FUTURE_OF(future, struct keeper, future);
    struct wb_future *const parts[] = {&self->path.future, &self->write_whole.future,
        &self->read_whole.future, &self->open.future, &self->call.future, &self->seek.future,
        &self->read.future, &self->write.future};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        wb_future_drop(parts[i]);
    }
    wb_file_contents_clean_up(&self->read_whole.contents);
    wb_file_close(&self->file);
}

static const struct wb_future_ops keeper_ops = {
    .size = sizeof(struct keeper),
    .offset = offsetof(struct keeper, future),
    .poll = keeper_poll,
    .drop = keeper_drop,
};

int keeper_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const bool is_multi = argc > 2 && strcmp(argv[2], "multi") == 0;
    const struct wb_runtime_config config = {
        .flavour = is_multi ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD};
    struct wb_runtime *runtime = NULL;
    struct keeper keeper = {.is_wrong = false};
    if (wb_runtime_new(sys, &config, &runtime) != WB_OK) {
        return 3;
    }
    for (int i = 0; i < LEN; i++) {
        keeper.bytes[i] = (char)(i * 7 % 251);
    }
    wb_future_init(&keeper.future, &keeper_ops);
    const enum wb_status status = wb_runtime_block_on(runtime, &keeper.future);
    wb_runtime_destroy(runtime);
    if (keeper.is_wrong) {
        return 1;
    }
    return status == WB_OK ? 0 : 3;
}
