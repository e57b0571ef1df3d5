/* Names, files and pipes for cases. */
#include "sys/contract/file_support.h"

#include <stdio.h>
#include <string.h>

enum { PREFIX_MAX = 40, PATHS = 4, ENTRIES_MAX = 1000 };

static void write_path(const struct wb_contract_fixture *fx, const char *name, char *out) {
    const char *prefix = fx->unix_prefix != NULL ? fx->unix_prefix(fx->user_data) : "/tmp/";
    (void)snprintf(
        out, WB__PATH_MAX, "%.*sfiles%s%s", PREFIX_MAX, prefix, name[0] != '\0' ? "/" : "", name);
}

const char *wb__path(struct wb_contract_fixture *fx, const char *name) {
    static char paths[PATHS][WB__PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % PATHS];
    if (!fx->has_files) {
        write_path(fx, "", path);
        wb__begin(fx);
        (void)SYS(mkdir, path, 0755);
        wb__end_untold(fx);
        fx->has_files = 1;
    }
    write_path(fx, name, path);
    return path;
}

/* ---- removing ---- */

/* One that is in a directory, from the path of that. */
static void remove_one(struct wb_contract_fixture *fx, char *path, size_t len);

static void remove_contents(struct wb_contract_fixture *fx, char *path, size_t len) {
    struct wb_dirent entry;
    int fd = SYS(openat, WB_AT_FDCWD, path, WB_O_RDONLY | WB_O_DIRECTORY | WB_O_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }
    /* Bounded, for what is tested may lie. */
    for (int tries = 0; tries < ENTRIES_MAX && SYS(getdents, fd, &entry, 1) == 1; tries++) {
        int added = snprintf(path + len, WB__PATH_MAX - len, "/%s", entry.name);
        remove_one(fx, path, len + (size_t)added);
        (void)SYS(lseek, fd, 0, WB_SEEK_SET);
    }
    path[len] = '\0';
    (void)SYS(close, fd);
}

static void remove_one(struct wb_contract_fixture *fx, char *path, size_t len) {
    if (SYS(unlink, path) != 0) {
        remove_contents(fx, path, len);
        (void)SYS(rmdir, path);
    }
}

void wb__files_remove(struct wb_contract_fixture *fx) {
    char path[WB__PATH_MAX];
    if (fx->has_files) {
        write_path(fx, "", path);
        remove_one(fx, path, strlen(path));
        fx->has_files = 0;
    }
}

/* ---- files ---- */

int wb__open(struct wb_contract_fixture *fx, const char *name, int flags) {
    return wb__track(fx, SYS(openat, WB_AT_FDCWD, wb__path(fx, name), flags | WB_O_CLOEXEC, 0644));
}

int wb__stat(struct wb_contract_fixture *fx, const char *name, struct wb_stat *out_stat) {
    return SYS(stat, wb__path(fx, name), out_stat);
}

bool wb__file_write(struct wb_contract_fixture *fx, const char *name, const char *contents) {
    int64_t len = (int64_t)strlen(contents);
    wb__begin(fx);
    int fd = wb__open(fx, name, WB_O_WRONLY | WB_O_CREAT | WB_O_TRUNC);
    int64_t result = fd < 0 ? fd : SYS(write, fd, contents, (size_t)len);
    if (fd >= 0) {
        (void)wb__close(fx, fd);
    }
    TELL(result, "a file is there", -1);
    return wb__check_equal(fx, __FILE__, __LINE__, result, len, "bytes written to a file");
}

enum { READ_MAX = 64 };

static bool check_text(struct wb_contract_fixture *fx, const char *file, int line,
    const char *actual, int64_t len, const char *expected) {
    if (len < 0) {
        return wb__check_equal(fx, file, line, len, (long long)strlen(expected), "bytes read");
    }
    bool same = (size_t)len == strlen(expected) && memcmp(actual, expected, (size_t)len) == 0;
    if (!same) {
        wb__fail(fx, file, line, "read \"%.*s\", expected \"%s\"", (int)len, actual, expected);
    }
    return same;
}

bool wb__check_contents(struct wb_contract_fixture *fx, const char *file, int line,
    const char *name, const char *expected) {
    char actual[READ_MAX];
    wb__begin(fx);
    int fd = wb__open(fx, name, WB_O_RDONLY);
    int64_t len = fd < 0 ? fd : SYS(read, fd, actual, sizeof(actual));
    if (fd >= 0) {
        (void)wb__close(fx, fd);
    }
    wb__end_untold(fx);
    return check_text(fx, file, line, actual, len, expected);
}

bool wb__check_read(
    struct wb_contract_fixture *fx, const char *file, int line, int fd, const char *expected) {
    char actual[READ_MAX];
    int64_t len = SYS(read, fd, actual, sizeof(actual));
    return check_text(fx, file, line, actual, len, expected);
}

bool wb__pipe(struct wb_contract_fixture *fx, struct wb__pipe *out_pipe) {
    int fds[2] = {-1, -1};
    int result = SYS(pipe2, fds, WB_O_NONBLOCK | WB_O_CLOEXEC);
    out_pipe->reader = wb__track(fx, fds[0]);
    out_pipe->writer = wb__track(fx, fds[1]);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "pipe2");
}
