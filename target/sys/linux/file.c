/* Operations on open files, and those that move bytes between descriptors. */
#include "sys/linux/ops.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t wb__linux_pread(void *self, int fd, void *buf, size_t len, int64_t offset) {
    (void)self;
    return wb__linux_count(pread(fd, buf, len, offset));
}

int64_t wb__linux_pwrite(void *self, int fd, const void *buf, size_t len, int64_t offset) {
    (void)self;
    return wb__linux_count(pwrite(fd, buf, len, offset));
}

int64_t wb__linux_lseek(void *self, int fd, int64_t offset, int whence) {
    (void)self;
    if (whence < SEEK_SET || whence > SEEK_END) {
        return -EINVAL;
    }
    return wb__linux_count(lseek(fd, offset, whence));
}

int wb__linux_fstat(void *self, int fd, struct wb_stat *out_stat) {
    struct stat found;
    (void)self;
    int result = wb__linux_result(fstat(fd, &found));
    return result != 0 ? result : wb__linux_tell_stat(&found, out_stat);
}

int wb__linux_ftruncate(void *self, int fd, int64_t size) {
    (void)self;
    return wb__linux_result(ftruncate(fd, size));
}

int wb__linux_fsync(void *self, int fd) {
    (void)self;
    return wb__linux_result(fsync(fd));
}

int64_t wb__linux_sendfile(void *self, int out_fd, int in_fd, int64_t *offset, size_t len) {
    (void)self;
    return wb__linux_count(sendfile(out_fd, in_fd, offset, len));
}

int64_t wb__linux_splice(void *self, int in_fd, int64_t *in_offset, int out_fd, int64_t *out_offset,
    size_t len, uint32_t flags) {
    (void)self;
    return wb__linux_count(splice(in_fd, in_offset, out_fd, out_offset, len, flags));
}

int64_t wb__linux_tee(void *self, int in_fd, int out_fd, size_t len, uint32_t flags) {
    (void)self;
    return wb__linux_count(tee(in_fd, out_fd, len, flags));
}
