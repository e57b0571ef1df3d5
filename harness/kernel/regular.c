/* Regular files and directories as kinds of file. They are always ready, and no instance watches
 * them. */
#include "kernel/vfs.h"

#include <errno.h>

static const char *regular_what(const struct sim_file *file) {
    (void)file;
    return "regular file";
}

static const char *directory_what(const struct sim_file *file) {
    (void)file;
    return "directory";
}

static uint32_t always_ready(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    (void)file;
    return WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDNORM | WB_EPOLLWRNORM;
}

static void regular_release(struct sim_kernel *kernel, struct sim_file *file) {
    vfs_close(kernel, file->regular.inode);
}

/* ---- reading and writing ---- */

/* Where there is nothing to read no buffer is looked at. */
static int64_t regular_read_at(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_iovec *iov, size_t iov_len, uint64_t *position) {
    const struct contents *contents = &file->regular.inode->contents;
    uint64_t there = *position < contents->size ? contents->size - *position : 0;
    uint64_t wanted = iov_total(iov, iov_len);
    uint64_t len = there < wanted ? there : wanted;
    if (len == 0) {
        return 0;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    int64_t result;
    if (file_read_fault(kernel, &len, &result)) {
        return result;
    }
    uint8_t *bytes = scratch(kernel, (size_t)len);
    size_t taken = contents_read(contents, *position, bytes, (size_t)len);
    iov_scatter(iov, iov_len, bytes, taken);
    *position += taken;
    return (int64_t)taken;
}

static int64_t regular_write_at(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_iovec *iov, size_t iov_len, uint64_t *position) {
    struct inode *inode = file->regular.inode;
    uint64_t len = iov_total(iov, iov_len);
    bool appends = file->appends && !PLANTED(APPEND_IGNORED);
    uint64_t at = appends ? inode->contents.size : *position;
    if (len == 0) {
        return 0;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    if (at >= FILE_SIZE_MAX) {
        return -EFBIG;
    }
    len = len < FILE_SIZE_MAX - at ? len : FILE_SIZE_MAX - at;
    int64_t result;
    if (file_write_fault(kernel, &len, &result)) {
        return result;
    }
    uint8_t *bytes = scratch(kernel, (size_t)len);
    iov_gather(iov, iov_len, bytes, (size_t)len);
    contents_write(kernel, &inode->contents, at, bytes, (size_t)len);
    vfs_touch(kernel, inode);
    *position = at + len;
    return (int64_t)len;
}

static int64_t regular_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    return regular_read_at(kernel, file, iov, iov_len, &file->regular.position);
}

static int64_t regular_write(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    return regular_write_at(kernel, file, iov, iov_len, &file->regular.position);
}

static int64_t directory_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    (void)kernel;
    (void)file;
    (void)iov;
    (void)iov_len;
    return -EISDIR;
}

static int64_t directory_read_at(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_iovec *iov, size_t iov_len, uint64_t *position) {
    (void)position;
    return directory_read(kernel, file, iov, iov_len);
}

#define REGULAR_OPS(access_mode)                                                                   \
    {                                                                                              \
        .what = regular_what, .poll = always_ready, .read = regular_read, .write = regular_write,  \
        .read_at = regular_read_at, .write_at = regular_write_at, .release = regular_release,      \
        .access = (access_mode), .checks_buffers = true, .is_unwatchable = true                    \
    }

/* By enum access. */
static const struct file_ops regular_ops[] = {
    [ACCESS_BOTH] = REGULAR_OPS(ACCESS_BOTH),
    [ACCESS_READ] = REGULAR_OPS(ACCESS_READ),
    [ACCESS_WRITE] = REGULAR_OPS(ACCESS_WRITE),
    [ACCESS_NONE] = REGULAR_OPS(ACCESS_NONE),
};

static const struct file_ops directory_ops = {
    .what = directory_what,
    .poll = always_ready,
    .read = directory_read,
    .read_at = directory_read_at,
    .release = regular_release,
    .access = ACCESS_READ,
    .checks_buffers = true,
    .is_unwatchable = true,
};

/* ---- opening ---- */

static enum access access_of(int flags) {
    static const enum access accesses[] = {ACCESS_READ, ACCESS_WRITE, ACCESS_BOTH, ACCESS_NONE};
    return accesses[flags & (WB_O_WRONLY | WB_O_RDWR)];
}

int regular_open(
    struct sim_kernel *kernel, struct inode *inode, int flags, struct sim_file **out_file) {
    bool is_directory = inode->kind == WB_DT_DIR;
    struct sim_file *file = file_new(kernel, is_directory ? FILE_DIRECTORY : FILE_REGULAR,
        is_directory ? &directory_ops : &regular_ops[access_of(flags)]);
    file->nonblocking = (flags & WB_O_NONBLOCK) != 0;
    file->appends = (flags & WB_O_APPEND) != 0;
    file->regular.inode = inode;
    file->regular.position = 0;
    vfs_open(inode);
    *out_file = file;
    return fd_install(kernel, file);
}

struct inode *regular_inode(const struct sim_file *file) {
    return file->type == FILE_REGULAR || file->type == FILE_DIRECTORY ? file->regular.inode : NULL;
}

uint64_t *regular_position(struct sim_file *file) {
    return &file->regular.position;
}
