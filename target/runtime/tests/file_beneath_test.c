/* Files beneath a directory that no name leads out of, and what is in a directory. */
#include "stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wb/file.h"

enum { ENTRIES = 40, PATH_LEN = 128 };

/* In it: root/file, root/sub/deep, root/out -> ../secret, root/up -> .., root/around -> sub,
 * root/pipe, and beside it secret. */
static char directory[] = "/tmp/wouldblock-beneath-XXXXXX";
static char root[PATH_LEN];

static const char *path_of(const char *name) {
    static char path[2 * PATH_LEN];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int put(const char *name, const char *bytes) {
    FILE *file = fopen(path_of(name), "w");
    return file == NULL || fputs(bytes, file) < 0 || fclose(file) != 0;
}

static int make_tree(void **state) {
    (void)state;
    if (mkdtemp(directory) == NULL || mkdir(path_of("root"), 0700) != 0) {
        return -1;
    }
    (void)snprintf(root, sizeof root, "%s", path_of("root"));
    int result = mkdir(path_of("root/sub"), 0700);
    result |= put("secret", "secret") | put("root/file", "file") | put("root/sub/deep", "deep");
    result |= symlink("../secret", path_of("root/out"));
    result |= symlink("..", path_of("root/up"));
    result |= symlink("sub", path_of("root/around"));
    return result | mkfifo(path_of("root/pipe"), 0600);
}

static int remove_tree(void **state) {
    (void)state;
    static const char *const names[] = {
        "secret", "root/file", "root/sub/deep", "root/out", "root/up", "root/around", "root/pipe"};
    int result = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        result |= unlink(path_of(names[i]));
    }
    return result | rmdir(path_of("root/sub")) | rmdir(root) | rmdir(directory);
}

static enum wb_status open_beneath(const char *at, const char *path, struct wb_file *out_file) {
    struct wb_file_open open;
    wb_file_open_beneath_init(&open, stage.runtime, at, path, WB_O_RDONLY | WB_O_NONBLOCK, 0);
    const enum wb_status status = wb_runtime_block_on(stage.runtime, &open.future);
    *out_file = open.file;
    return status;
}

static void assert_beneath(const char *path, const char *contents) {
    struct wb_file file;
    struct wb_read_exact read;
    char buf[16];
    assert_ok(open_beneath(root, path, &file));
    wb_read_exact_init(&read, &file.io.read, buf, strlen(contents));
    assert_ok(wb_runtime_block_on(stage.runtime, &read.future));
    assert_memory_equal(buf, contents, strlen(contents));
    wb_file_close(&file);
}

static void assert_refused(const char *path, enum wb_status expected) {
    struct wb_file file;
    const enum wb_status status = open_beneath(root, path, &file);
    wb_file_close(&file);
    if (status != expected) {
        fail_msg("%s: %s", path, wb_status_name(status));
    }
}

/* ---- opening ---- */

static void file_beneath_is_opened(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_file_call call;
    assert_beneath("file", "file");
    assert_beneath("sub/deep", "deep");
    assert_ok(open_beneath(root, "", &file)); /* the directory itself */
    wb_file_stat_init(&call, &file);
    assert_ok(wb_runtime_block_on(stage.runtime, &call.future));
    assert_int_equal(call.stat.kind, WB_DT_DIR);
    wb_file_close(&file);
    assert_ok(open_beneath(path_of("root/around"), "deep", &file)); /* on the way to the root */
    wb_file_close(&file);
}

static void no_name_leads_out(void **state) {
    (void)state;
    assert_refused("..", WB_ERR_INVALID);
    assert_refused("../secret", WB_ERR_INVALID);
    assert_refused("sub/../../secret", WB_ERR_INVALID);
    assert_refused("sub/../file", WB_ERR_INVALID);
    assert_refused(".", WB_ERR_INVALID);
    assert_refused("/file", WB_ERR_INVALID);
    assert_refused("sub//deep", WB_ERR_INVALID);
    assert_refused("sub/", WB_ERR_INVALID);
    assert_refused("/etc/passwd", WB_ERR_INVALID);
    assert_refused("out", WB_ERR_LOOP);
    assert_refused("up", WB_ERR_LOOP);
    assert_refused("up/secret", WB_ERR_NOT_DIRECTORY);
    assert_refused("around/deep", WB_ERR_NOT_DIRECTORY); /* nor one that leads nowhere else */
}

static void what_is_not_there_is_no_entry(void **state) {
    (void)state;
    char longest[2 * WB_NAME_MAX];
    struct wb_file file;
    assert_refused("none", WB_ERR_NO_ENTRY);
    assert_refused("none/deep", WB_ERR_NO_ENTRY);
    assert_refused("file/deep", WB_ERR_NOT_DIRECTORY);
    memset(longest, 'a', sizeof longest);
    longest[WB_NAME_MAX] = '\0';
    assert_refused(longest, WB_ERR_NO_ENTRY);
    longest[WB_NAME_MAX] = 'a';
    longest[WB_NAME_MAX + 1] = '\0';
    assert_refused(longest, WB_ERR_NO_ENTRY);
    assert_status(open_beneath(path_of("none"), "file", &file), WB_ERR_NO_ENTRY);
    assert_status(open_beneath(path_of("secret"), "file", &file), WB_ERR_NOT_DIRECTORY);
}

/* Nobody writes to it, so that it would be waited for without end. */
static void fifo_does_not_have_it_wait(void **state) {
    (void)state;
    struct wb_file file;
    struct wb_file_call call;
    assert_ok(open_beneath(root, "pipe", &file));
    wb_file_stat_init(&call, &file);
    assert_ok(wb_runtime_block_on(stage.runtime, &call.future));
    assert_int_equal(call.stat.kind, WB_DT_FIFO);
    wb_file_close(&file);
}

static void file_is_made_beneath(void **state) {
    (void)state;
    struct wb_file_open open;
    wb_file_open_beneath_init(
        &open, stage.runtime, root, "sub/new", WB_O_WRONLY | WB_O_CREAT | WB_O_EXCL, 0600);
    assert_ok(wb_runtime_block_on(stage.runtime, &open.future));
    wb_file_close(&open.file);
    assert_int_equal(unlink(path_of("root/sub/new")), 0);
}

/* ---- directories ---- */

static enum wb_status read_dir(
    const char *path, size_t count_max, struct wb_dir_entries *out_entries) {
    struct wb_dir_read read;
    wb_dir_read_beneath_init(&read, stage.runtime, directory, path, count_max);
    const enum wb_status status = wb_runtime_block_on(stage.runtime, &read.future);
    *out_entries = read.entries;
    return status;
}

static uint32_t kind_of(const struct wb_dir_entries *entries, const char *name) {
    uint32_t kind = WB_DT_UNKNOWN;
    for (size_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->items[i].name, name) == 0) {
            assert_int_equal(kind, WB_DT_UNKNOWN); /* once */
            kind = entries->items[i].kind;
        }
    }
    return kind;
}

static void directory_tells_what_is_in_it(void **state) {
    (void)state;
    struct wb_dir_entries entries;
    assert_ok(read_dir("root", 6, &entries));
    assert_int_equal(entries.count, 6);
    assert_int_equal(kind_of(&entries, "file"), WB_DT_REG);
    assert_int_equal(kind_of(&entries, "sub"), WB_DT_DIR);
    assert_int_equal(kind_of(&entries, "pipe"), WB_DT_FIFO);
    wb_dir_entries_clean_up(&entries);
    wb_dir_entries_clean_up(&entries);
    assert_status(read_dir("root", 5, &entries), WB_ERR_LIMIT);
    assert_int_equal(entries.count, 0);
    assert_status(read_dir("root", 0, &entries), WB_ERR_LIMIT);
    assert_status(read_dir("none", 5, &entries), WB_ERR_NO_ENTRY);
    assert_status(read_dir("root/file", 5, &entries), WB_ERR_NOT_DIRECTORY);
    assert_status(read_dir("root/up", 5, &entries), WB_ERR_NOT_DIRECTORY);
    assert_status(read_dir("..", 5, &entries), WB_ERR_INVALID);
}

static void directory_of_many_is_read_whole(void **state) {
    (void)state;
    struct wb_dir_read read;
    char name[32];
    char path[PATH_LEN];
    for (int i = 0; i < ENTRIES; i++) {
        (void)snprintf(name, sizeof name, "root/sub/%d", i);
        assert_int_equal(put(name, ""), 0);
    }
    (void)snprintf(path, sizeof path, "%s", path_of("root/sub"));
    wb_dir_read_init(&read, stage.runtime, path, SIZE_MAX);
    assert_ok(wb_runtime_block_on(stage.runtime, &read.future));
    assert_int_equal(read.entries.count, ENTRIES + 1);
    for (int i = 0; i < ENTRIES; i++) {
        (void)snprintf(name, sizeof name, "root/sub/%d", i);
        assert_int_equal(kind_of(&read.entries, strrchr(name, '/') + 1), WB_DT_REG);
        assert_int_equal(unlink(path_of(name)), 0);
    }
    wb_dir_entries_clean_up(&read.entries);
}

/* ---- what is missing ---- */

static void given_up_nothing_is_left(void **state) {
    (void)state;
    struct wb_join_handle handle;
    struct wb_dir_read read;
    for (int round = 0; round < 20; round++) {
        wb_dir_read_init(&read, stage.runtime, root, 100);
        assert_ok(wb_runtime_spawn(stage.runtime, &read.future, NULL, &handle));
        if (round % 2 == 0) {
            wb_join_handle_abort(&handle);
        }
        (void)stage_join(&handle);
    }
}

static enum wb_status open_and_list(void) {
    struct wb_file file;
    struct wb_dir_entries entries;
    enum wb_status status = open_beneath(root, "sub/deep", &file);
    if (status == WB_OK) {
        wb_file_close(&file);
        status = read_dir("root", 100, &entries);
        wb_dir_entries_clean_up(&entries);
    }
    return status;
}

/* The runtime makes allocations of its own meanwhile, whose failure is that of the call, too. */
static void fails_at_every_allocation_and_leaves_nothing(void **state) {
    (void)state;
    size_t failures = 0;
    for (size_t n = 1; n < 100; n++) {
        world_refuse(stage.world, n);
        const enum wb_status status = open_and_list();
        world_refuse(stage.world, 0);
        if (status == WB_OK) {
            break;
        }
        assert_status(status, WB_ERR_NO_MEMORY);
        failures++;
    }
    assert_in_range(failures, 4, 30);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(file_beneath_is_opened),
        SINGLE(no_name_leads_out),
        SINGLE(what_is_not_there_is_no_entry),
        SINGLE(fifo_does_not_have_it_wait),
        SINGLE(file_is_made_beneath),
        BOTH(directory_tells_what_is_in_it),
        SINGLE(directory_of_many_is_read_whole),
        BOTH(given_up_nothing_is_left),
        SINGLE(fails_at_every_allocation_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
