/* Files, in a directory of the test's own. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wb/file.h"
#include "wb/sys_linux.h"

enum { PATH_LEN = 64, LOT = 100000 };

/* ---- a directory ---- */

static char directory[] = "/tmp/wouldblock-files-XXXXXX";
static char paths[2][PATH_LEN];

static int make_directory(void **state) {
    (void)state;
    if (mkdtemp(directory) == NULL) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        (void)snprintf(paths[i], PATH_LEN, "%s/%c", directory, 'a' + i);
    }
    return 0;
}

static int remove_directory(void **state) {
    (void)state;
    return rmdir(directory); /* the cases left nothing */
}

/* ---- what the cases do ---- */

static enum wb_status run(struct wb_future *future) {
    return wb_runtime_block_on(stage.runtime, future);
}

static enum wb_status open_file(const char *path, int flags, struct wb_file *out_file) {
    struct wb_file_open open;
    wb_file_open_init(&open, stage.runtime, path, flags, 0600);
    const enum wb_status status = run(&open.future);
    *out_file = open.file;
    return status;
}

static enum wb_status write_whole(const char *path, const char *bytes, size_t len) {
    struct wb_file_write_whole write;
    wb_file_write_whole_init(&write, stage.runtime, path, bytes, len, 0600);
    return run(&write.future);
}

static void assert_contents(const char *path, const char *bytes, size_t len) {
    struct wb_file_read_whole read;
    wb_file_read_whole_init(&read, stage.runtime, path, LOT);
    assert_ok(run(&read.future));
    assert_int_equal(read.contents.len, len);
    assert_memory_equal(read.contents.bytes, bytes, len);
    wb_file_contents_clean_up(&read.contents);
    wb_file_contents_clean_up(&read.contents);
}

static enum wb_status remove_path(const char *path) {
    struct wb_path_call call;
    wb_path_remove_init(&call, stage.runtime, path);
    return run(&call.future);
}

static enum wb_status stat_path(const char *path, struct wb_stat *out_stat) {
    struct wb_path_call call;
    wb_path_stat_init(&call, stage.runtime, path);
    const enum wb_status status = run(&call.future);
    *out_stat = call.stat;
    return status;
}

static void put(struct wb_file *file, const char *text) {
    struct wb_write_all write;
    wb_write_all_init(&write, &file->io.write, text, strlen(text));
    assert_ok(run(&write.future));
}

static void expect(struct wb_file *file, const char *text) {
    struct wb_read_exact read;
    char buf[64];
    wb_read_exact_init(&read, &file->io.read, buf, strlen(text));
    assert_ok(run(&read.future));
    assert_memory_equal(buf, text, strlen(text));
}

static void seek_to(struct wb_file *file, int64_t offset) {
    struct wb_seek seek;
    wb_seek_init(&seek, &file->io, offset, WB_SEEK_SET);
    assert_ok(run(&seek.future));
    assert_int_equal(seek.position, offset);
}

/* ---- an open file ---- */

static void file_is_written_and_read(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_file_call call;
    struct wb_read read;
    char byte;
    assert_ok(open_file(paths[0], WB_O_RDWR | WB_O_CREAT | WB_O_EXCL, &file));
    put(&file, "hello");
    put(&file, " world");
    wb_file_sync_init(&call, &file);
    assert_ok(run(&call.future));
    assert_contents(paths[0], "hello world", 11);
    seek_to(&file, 6);
    expect(&file, "wor");
    put(&file, "k");
    seek_to(&file, 0);
    expect(&file, "hello workd");
    wb_read_init(&read, &file.io.read, &byte, 1);
    assert_status(run(&read.future), WB_EOF);
    wb_file_close(&file);
    wb_file_close(&file);
    assert_ok(remove_path(paths[0]));
}

static void file_tells_and_changes_its_size(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_file_call call;
    assert_ok(open_file(paths[0], WB_O_RDWR | WB_O_CREAT, &file));
    put(&file, "0123456789");
    wb_file_stat_init(&call, &file); /* waits for what is being written */
    assert_ok(run(&call.future));
    assert_int_equal(call.stat.size, 10);
    assert_int_equal(call.stat.kind, WB_DT_REG);
    assert_int_equal(call.stat.mode, 0600);
    wb_file_set_size_init(&call, &file, 4);
    assert_ok(run(&call.future));
    wb_file_set_size_init(&call, &file, -1);
    assert_status(run(&call.future), WB_ERR_INVALID);
    wb_file_close(&file);
    assert_contents(paths[0], "0123", 4);
    assert_ok(remove_path(paths[0]));
}

static void what_was_cut_off_is_not_read_from_ahead(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_file_call call;
    struct wb_read read;
    char byte;
    assert_ok(write_whole(paths[0], "0123456789", 10));
    assert_ok(open_file(paths[0], WB_O_RDWR, &file));
    expect(&file, "01");
    wb_file_set_size_init(&call, &file, 4);
    assert_ok(run(&call.future));
    expect(&file, "23");
    wb_read_init(&read, &file.io.read, &byte, 1);
    assert_status(run(&read.future), WB_EOF);
    wb_file_close(&file);
    assert_ok(remove_path(paths[0]));
}

static void file_that_cannot_be_opened_says_why(void **state) {
    (void)state;
    struct wb_file file;
    assert_status(open_file(paths[0], WB_O_RDONLY, &file), WB_ERR_NO_ENTRY);
    assert_status(open_file(directory, WB_O_WRONLY, &file), WB_ERR_IS_DIRECTORY);
    assert_status(open_file(paths[0], WB_O_RDONLY | 1 << 30, &file), WB_ERR_INVALID);
    wb_file_close(&file); /* all zero */
}

static void file_that_cannot_be_written_says_so(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_flush flush;
    assert_ok(write_whole(paths[0], "x", 1));
    assert_ok(open_file(paths[0], WB_O_RDONLY, &file));
    put(&file, "y");
    wb_flush_init(&flush, &file.io.write);
    assert_status(run(&flush.future), WB_ERR_BAD_FD);
    wb_file_close(&file);
    assert_ok(remove_path(paths[0]));
}

/* ---- by name ---- */

static void path_is_renamed_and_removed(void **state) {
    (void)state;
    struct wb_path_call call;
    struct wb_stat stat;
    assert_ok(write_whole(paths[0], "new", 3));
    assert_ok(write_whole(paths[1], "old", 3));
    wb_path_rename_init(&call, stage.runtime, paths[0], paths[1]);
    assert_ok(run(&call.future));
    assert_contents(paths[1], "new", 3);
    assert_status(stat_path(paths[0], &stat), WB_ERR_NO_ENTRY);
    assert_ok(stat_path(paths[1], &stat));
    assert_int_equal(stat.size, 3);
    assert_ok(remove_path(paths[1]));
    assert_status(remove_path(paths[1]), WB_ERR_NO_ENTRY);
}

static void path_may_be_a_directory(void **state) {
    (void)state;
    struct wb_path_call call;
    struct wb_stat stat;
    char inner[PATH_LEN + 2];
    (void)snprintf(inner, sizeof(inner), "%s/x", paths[0]);
    wb_path_make_dir_init(&call, stage.runtime, paths[0], 0700);
    assert_ok(run(&call.future));
    wb_path_make_dir_init(&call, stage.runtime, paths[0], 0700);
    assert_status(run(&call.future), WB_ERR_EXISTS);
    assert_ok(stat_path(paths[0], &stat));
    assert_int_equal(stat.kind, WB_DT_DIR);
    assert_ok(write_whole(inner, "", 0));
    wb_path_remove_dir_init(&call, stage.runtime, paths[0]);
    assert_status(run(&call.future), WB_ERR_NOT_EMPTY);
    wb_path_remove_dir_init(&call, stage.runtime, inner);
    assert_status(run(&call.future), WB_ERR_NOT_DIRECTORY);
    assert_ok(remove_path(inner));
    wb_path_remove_dir_init(&call, stage.runtime, paths[0]);
    assert_ok(run(&call.future));
}

/* ---- whole files ---- */

static void whole_file_comes_back_whole(void **state) {
    (void)state;
    static char bytes[LOT];
    static const size_t lens[] = {0, 1, 4095, 4096, 4097, LOT};
    for (size_t i = 0; i < LOT; i++) {
        bytes[i] = (char)(i * 31 >> 3);
    }
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        assert_ok(write_whole(paths[0], bytes, lens[i]));
        assert_contents(paths[0], bytes, lens[i]);
    }
    assert_ok(write_whole(paths[0], "short", 5)); /* replaces the long one */
    assert_contents(paths[0], "short", 5);
    assert_ok(remove_path(paths[0]));
}

static void whole_file_has_a_limit(void **state) {
    (void)state;
    struct wb_file_read_whole read;
    assert_ok(write_whole(paths[0], "0123456789", 10));
    wb_file_read_whole_init(&read, stage.runtime, paths[0], 9);
    assert_status(run(&read.future), WB_ERR_LIMIT);
    assert_null(read.contents.bytes);
    wb_file_read_whole_init(&read, stage.runtime, paths[0], 10);
    assert_ok(run(&read.future));
    assert_int_equal(read.contents.len, 10);
    wb_file_contents_clean_up(&read.contents);
    wb_file_read_whole_init(&read, stage.runtime, paths[0], SIZE_MAX);
    assert_ok(run(&read.future));
    wb_file_contents_clean_up(&read.contents);
    assert_ok(remove_path(paths[0]));
}

/* Of such files nobody knows the size. */
static void whole_file_may_hide_its_size(void **state) {
    (void)state;
    struct wb_file_read_whole read;
    wb_file_read_whole_init(&read, stage.runtime, "/proc/cpuinfo", 1 << 24);
    assert_ok(run(&read.future));
    assert_true(read.contents.len > 100);
    wb_file_contents_clean_up(&read.contents);
    wb_file_read_whole_init(&read, stage.runtime, "/dev/zero", LOT);
    assert_status(run(&read.future), WB_ERR_LIMIT);
}

/* ---- bad input, and bad times ---- */

static int boasting_fstat(void *self, int fd, struct wb_stat *out_stat) {
    const int result = wb_sys_linux()->ops->fstat(self, fd, out_stat);
    out_stat->size = UINT64_C(1) << 60;
    return result;
}

/* What a file says of its size costs no memory before there are bytes. */
static void whole_file_may_boast(void **state) {
    (void)state;
    struct wb_file_read_whole read;
    assert_ok(write_whole(paths[0], "0123", 4));
    stage.world->ops.fstat = boasting_fstat;
    wb_file_read_whole_init(&read, stage.runtime, paths[0], SIZE_MAX);
    assert_ok(run(&read.future));
    assert_int_equal(read.contents.len, 4);
    assert_true(read.contents.capacity <= 1 << 20);
    wb_file_contents_clean_up(&read.contents);
    assert_ok(remove_path(paths[0]));
}

static void without_a_runtime_it_is_said_so(void **state) {
    (void)state;
    struct bell bell;
    struct wb_file_open open;
    struct wb_path_call call;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    wb_file_open_init(&open, NULL, paths[0], WB_O_RDONLY, 0);
    assert_int_equal(wb_future_poll(&open.future, &context), WB_READY);
    assert_status(open.future.status, WB_ERR_NO_RUNTIME);
    wb_path_stat_init(&call, NULL, paths[0]);
    assert_int_equal(wb_future_poll(&call.future, &context), WB_READY);
    assert_status(call.future.status, WB_ERR_NO_RUNTIME);
}

static void given_up_nothing_is_left(void **state) {
    (void)state;
    static struct bell bell; /* may be rung when all is over */
    struct wb_file_open open;
    struct wb_file_read_whole read;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    assert_ok(write_whole(paths[0], "x", 1));
    for (int i = 0; i < 50; i++) {
        wb_file_open_init(&open, stage.runtime, paths[0], WB_O_RDONLY, 0);
        wb_file_read_whole_init(&read, stage.runtime, paths[0], LOT);
        if (wb_future_poll(&open.future, &context) == WB_READY) {
            wb_file_close(&open.file);
        }
        if (wb_future_poll(&read.future, &context) == WB_READY) {
            wb_file_contents_clean_up(&read.contents);
        }
        wb_future_drop(&open.future);
        wb_future_drop(&read.future);
    }
    assert_ok(remove_path(paths[0]));
}

/* The outputs of tasks that nobody awaits are closed and freed. */
static void output_that_nobody_takes_is_given_back(void **state) {
    (void)state;
    struct wb_file_open open;
    struct wb_file_read_whole read;
    assert_ok(write_whole(paths[0], "x", 1));
    wb_file_open_init(&open, stage.runtime, paths[0], WB_O_RDONLY, 0);
    wb_file_read_whole_init(&read, stage.runtime, paths[0], LOT);
    assert_ok(wb_runtime_spawn(stage.runtime, &open.future, NULL, NULL));
    assert_ok(wb_runtime_spawn(stage.runtime, &read.future, NULL, NULL));
    assert_ok(remove_path(paths[0])); /* perhaps before they come to it */
}

/* Of block_on, of what is asked, of its task and of what it brings. Whether there is one of a
 * thread in between, whose failure does no harm, depends on how far the last thread is. */
static void fails_at_every_allocation_and_leaves_nothing(void **state) {
    (void)state;
    enum { REQUESTS = 8 };
    int failures[2] = {0};
    assert_ok(write_whole(paths[0], "0123", 4));
    for (size_t n = 1; n <= REQUESTS; n++) {
        struct wb_file_read_whole read;
        struct wb_file file;
        world_refuse(stage.world, n);
        failures[0] += open_file(paths[0], WB_O_RDONLY, &file) == WB_ERR_NO_MEMORY;
        wb_file_close(&file);
        wb_file_read_whole_init(&read, stage.runtime, paths[0], LOT);
        world_refuse(stage.world, n);
        failures[1] += run(&read.future) == WB_ERR_NO_MEMORY;
        world_refuse(stage.world, 0);
        wb_file_contents_clean_up(&read.contents);
    }
    assert_in_range(failures[0], 3, 5);
    assert_in_range(failures[1], 3, 5);
    assert_ok(remove_path(paths[0]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(file_is_written_and_read),
        BOTH(file_tells_and_changes_its_size),
        BOTH(what_was_cut_off_is_not_read_from_ahead),
        SINGLE(file_that_cannot_be_opened_says_why),
        SINGLE(file_that_cannot_be_written_says_so),
        BOTH(path_is_renamed_and_removed),
        SINGLE(path_may_be_a_directory),
        BOTH(whole_file_comes_back_whole),
        SINGLE(whole_file_has_a_limit),
        SINGLE(whole_file_may_hide_its_size),
        SINGLE(whole_file_may_boast),
        SINGLE(without_a_runtime_it_is_said_so),
        BOTH(given_up_nothing_is_left),
        BOTH(output_that_nobody_takes_is_given_back),
        SINGLE(fails_at_every_allocation_and_leaves_nothing),
    };
    return cmocka_run_group_tests_name("file", tests, make_directory, remove_directory);
}
