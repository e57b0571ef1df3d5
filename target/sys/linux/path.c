/* Operations on names in the file system. */
#include "sys/linux/ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPEN_FLAGS = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_CLOEXEC | O_NONBLOCK
                 | O_DIRECTORY | O_NOFOLLOW,
    ENTRIES_LEN = 4096, /* a dozen of the longest names */
};

/* The C library's functions may not be given NULL: what the kernel would say of it is said here. */

int wb__linux_openat(void *self, int dir_fd, const char *path, int flags, uint32_t mode) {
    (void)self;
    if ((flags & ~OPEN_FLAGS) != 0) {
        return -EINVAL;
    }
    if (path == NULL) {
        return -EFAULT;
    }
    return wb__linux_result(openat(dir_fd, path, flags, (mode_t)mode));
}

int wb__linux_tell_stat(const struct stat *from, struct wb_stat *out_stat) {
    if (out_stat == NULL) {
        return -EFAULT;
    }
    *out_stat = (struct wb_stat){
        .inode = from->st_ino,
        .size = S_ISREG(from->st_mode) ? (uint64_t)from->st_size : 0,
        .mtime_ns = (uint64_t)from->st_mtim.tv_sec * WB__NS_PER_S + (uint64_t)from->st_mtim.tv_nsec,
        .mode = from->st_mode & 07777,
        .kind = IFTODT(from->st_mode),
    };
    return 0;
}

int wb__linux_stat(void *self, const char *path, struct wb_stat *out_stat) {
    struct stat found;
    (void)self;
    int result = path == NULL ? -EFAULT : wb__linux_result(stat(path, &found));
    return result != 0 ? result : wb__linux_tell_stat(&found, out_stat);
}

int wb__linux_rename(void *self, const char *from, const char *to) {
    (void)self;
    return from == NULL || to == NULL ? -EFAULT : wb__linux_result(rename(from, to));
}

int wb__linux_mkdir(void *self, const char *path, uint32_t mode) {
    (void)self;
    return path == NULL ? -EFAULT : wb__linux_result(mkdir(path, (mode_t)mode));
}

int wb__linux_rmdir(void *self, const char *path) {
    (void)self;
    return path == NULL ? -EFAULT : wb__linux_result(rmdir(path));
}

int wb__linux_unlink(void *self, const char *path) {
    (void)self;
    return path == NULL ? -EFAULT : wb__linux_result(unlink(path));
}

/* ---- directories ---- */

static int is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Copies entries until `out` is full; how many, and where the directory goes on behind them. */
static uint32_t take_entries(
    const uint8_t *entries, size_t len, struct wb_dirent *out, uint32_t out_max, off_t *out_next) {
    uint32_t count = 0;
    for (size_t at = 0; at < len && count < out_max;) {
        const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
        if (!is_dots(entry->d_name)) {
            out[count].inode = entry->d_ino;
            out[count].kind = entry->d_type;
            (void)snprintf(out[count].name, sizeof(out[count].name), "%s", entry->d_name);
            count++;
        }
        *out_next = entry->d_off;
        at += entry->d_reclen;
    }
    return count;
}

/* The kernel gives as many as fit its buffer: what is too much is asked for again the next time. */
int wb__linux_getdents(void *self, int fd, struct wb_dirent *out, uint32_t out_max) {
    _Alignas(struct dirent64) uint8_t entries[ENTRIES_LEN];
    uint32_t count = 0;
    (void)self;
    if (out_max == 0) {
        return -EINVAL;
    }
    while (count == 0) {
        off_t next = 0;
        ssize_t len = getdents64(fd, entries, sizeof(entries));
        if (len <= 0) {
            return wb__linux_result((int)len);
        }
        if (out == NULL) {
            return -EFAULT;
        }
        count = take_entries(entries, (size_t)len, out, out_max, &next);
        if (lseek(fd, next, SEEK_SET) == -1) {
            return -errno;
        }
    }
    return (int)count;
}
