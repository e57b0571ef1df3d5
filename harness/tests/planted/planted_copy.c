/* Copies a file, /srv/in to /tmp/out, and ends. */
#include "programs.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "options.h"

enum { PIECE_LEN = 1000 };

struct copy {
    const struct wb_sys *sys;
    enum planted_bug bug;
    int in;
    int out;
};

static int open_path(const struct copy *copy, const char *path, int flags) {
    return WB_SYS(copy->sys, openat, WB_AT_FDCWD, path, flags | WB_O_CLOEXEC, 0644);
}

static void close_one(const struct copy *copy, int fd) {
    if (fd >= 0) {
        (void)WB_SYS(copy->sys, close, fd);
    }
}

static int64_t read_some(const struct copy *copy, char *bytes) {
    int64_t count;
    do {
        count = WB_SYS(copy->sys, read, copy->in, bytes, PIECE_LEN);
    } while (count == -EINTR && copy->bug != PLANTED_FILE_INTERRUPT_ENDS);
    return copy->bug == PLANTED_FILE_INTERRUPT_ENDS && count == -EINTR ? 0 : count;
}

static bool write_all(const struct copy *copy, const char *bytes, size_t len) {
    while (len != 0) {
        int64_t count = WB_SYS(copy->sys, write, copy->out, bytes, len);
        if (count < 0 && count != -EINTR) {
            return false;
        }
        if (count > 0 && copy->bug == PLANTED_FILE_WRITE_UNCHECKED) {
            return true;
        }
        bytes += count > 0 ? count : 0;
        len -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool copy_all(const struct copy *copy) {
    char bytes[PIECE_LEN];
    int64_t count = read_some(copy, bytes);
    while (count > 0 && write_all(copy, bytes, (size_t)count)) {
        count = read_some(copy, bytes);
    }
    return count == 0;
}

int planted_copy_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct planted_options options;
    if (!planted_options_parse(&options, argc, argv)) {
        return 2;
    }
    struct copy copy = {.sys = sys, .bug = options.bug};
    copy.in = open_path(&copy, "/srv/in", WB_O_RDONLY);
    copy.out = open_path(&copy, "/tmp/out", WB_O_WRONLY | WB_O_CREAT | WB_O_TRUNC);
    bool is_good = copy.in >= 0 && copy.out >= 0 && copy_all(&copy);
    close_one(&copy, copy.in);
    close_one(&copy, copy.out);
    return is_good ? 0 : 1;
}
