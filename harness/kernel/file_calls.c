/* The system calls on open files that other descriptors have not: places, sizes, directories. */
#include "kernel/vfs.h"

#include <errno.h>
#include <string.h>

/* ---- pread and pwrite ---- */

/* In the order in which Linux finds fault. */
static int check_at(const struct sim_file *file, size_t len, int64_t offset, bool writing) {
    if (offset < 0) {
        return -EINVAL;
    }
    if (file == NULL) {
        return -EBADF;
    }
    if (file->ops->read_at == NULL) {
        return -ESPIPE;
    }
    if (!access_allows(file->ops, writing)) {
        return -EBADF;
    }
    if ((int64_t)len < 0) {
        return -EFAULT;
    }
    return (uint64_t)offset + len > INT64_MAX ? -EINVAL : 0;
}

static int64_t transfer_at(struct sim_kernel *kernel, enum sim_call call, int fd,
    const struct wb_iovec *iov, int64_t offset) {
    call_enter(kernel);
    bool writing = call == SIM_CALL_PWRITE;
    struct sim_file *file = fd_get(kernel, fd);
    int64_t result = check_at(file, iov->len, offset, writing);
    if (result == 0) {
        uint64_t position = (uint64_t)offset;
        result = writing ? file->ops->write_at(kernel, file, iov, 1, &position)
                         : file->ops->read_at(kernel, file, iov, 1, &position);
    }
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    event.call = (uint8_t)call;
    event.fd = fd;
    event.file = file != NULL ? file->serial : 0;
    event.subject = file_subject(file);
    event.result = result;
    event.a = iov->len;
    event.b = (uint64_t)offset;
    event.data = result > 0 ? iov->base : NULL;
    event.data_len = result > 0 ? (size_t)result : 0;
    event_emit(kernel, &event);
    return result;
}

int64_t sys_pread(void *self, int fd, void *buf, size_t len, int64_t offset) {
    struct wb_iovec iov = {buf, len};
    return transfer_at(self, SIM_CALL_PREAD, fd, &iov, offset);
}

int64_t sys_pwrite(void *self, int fd, const void *buf, size_t len, int64_t offset) {
    struct wb_iovec iov;
    memcpy(&iov.base, &buf, sizeof(buf)); /* only read; struct wb_iovec has no const form */
    iov.len = len;
    return transfer_at(self, SIM_CALL_PWRITE, fd, &iov, offset);
}

/* ---- lseek ---- */

/* Files that have no name but are no pipe or socket take any place, and have none. */
static bool has_no_places(const struct sim_file *file) {
    return file->type == FILE_EPOLL || file->type == FILE_EVENTFD || file->type == FILE_SIGNALFD
           || file->type == FILE_TIMERFD;
}

bool file_is_seekable(const struct sim_file *file) {
    return regular_inode(file) != NULL || has_no_places(file);
}

static int64_t seek(struct sim_file *file, int64_t offset, int whence) {
    const struct inode *inode = regular_inode(file);
    uint64_t *position = regular_position(file);
    if (inode->kind == WB_DT_DIR && whence == WB_SEEK_END) {
        return -EINVAL; /* where a directory ends is its file system's secret */
    }
    uint64_t base = whence == WB_SEEK_SET   ? 0
                    : whence == WB_SEEK_CUR ? *position
                                            : inode->contents.size;
    uint64_t place = base + (uint64_t)offset;
    if ((int64_t)place < 0 || place > INT64_MAX - FILE_SIZE_MAX) {
        return -EINVAL;
    }
    *position = place;
    return (int64_t)place;
}

int64_t sys_lseek(void *self, int fd, int64_t offset, int whence) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    int64_t result = -ESPIPE;
    if (whence < WB_SEEK_SET || whence > WB_SEEK_END) {
        result = -EINVAL;
    } else if (file == NULL) {
        result = -EBADF;
    } else if (has_no_places(file)) {
        result = 0;
    } else if (regular_inode(file) != NULL) {
        result = seek(file, offset, whence);
    }
    return call_return(
        kernel, SIM_CALL_LSEEK, fd, file, result, (uint64_t)offset, (uint32_t)whence);
}

/* ---- what a file is ---- */

static uint32_t kind_of(const struct sim_file *file) {
    switch ((enum file_type)file->type) {
    case FILE_CONSOLE:
        return WB_DT_CHR;
    case FILE_TCP:
    case FILE_UDP:
    case FILE_UNIX:
        return WB_DT_SOCK;
    case FILE_PIPE:
        return WB_DT_FIFO;
    case FILE_REGULAR:
        return WB_DT_REG;
    case FILE_DIRECTORY:
        return WB_DT_DIR;
    case FILE_EPOLL:
    case FILE_EVENTFD:
    case FILE_SIGNALFD:
    case FILE_TIMERFD:
        break;
    }
    return WB_DT_UNKNOWN;
}

void inode_stat(const struct inode *inode, struct wb_stat *out_stat) {
    *out_stat = (struct wb_stat){
        .inode = inode->number,
        .size = inode->kind == WB_DT_REG ? inode->contents.size : 0,
        .mtime_ns = inode->mtime_ns,
        .mode = inode->mode,
        .kind = inode->kind,
    };
}

int sys_fstat(void *self, int fd, struct wb_stat *out_stat) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    const struct sim_file *file = fd_get(kernel, fd);
    int result = file == NULL ? -EBADF : out_stat == NULL ? -EFAULT : 0;
    if (result == 0 && regular_inode(file) != NULL) {
        inode_stat(regular_inode(file), out_stat);
    } else if (result == 0) {
        uint32_t kind = kind_of(file);
        uint32_t mode = kind == WB_DT_SOCK ? 0777 : 0600;
        *out_stat = (struct wb_stat){.inode = file->serial, .mode = mode, .kind = kind};
    }
    return (int)call_return(kernel, SIM_CALL_FSTAT, fd, fd_get(kernel, fd), result, 0, 0);
}

/* ---- size and safety ---- */

static int truncate_to(struct sim_kernel *kernel, struct sim_file *file, int64_t size) {
    if (size < 0) {
        return -EINVAL;
    }
    if (file == NULL) {
        return -EBADF;
    }
    if (file->type != FILE_REGULAR || !access_allows(file->ops, true)) {
        return -EINVAL;
    }
    if ((uint64_t)size > FILE_SIZE_MAX) {
        return -EFBIG;
    }
    int error = file_change_fault(kernel);
    if (error == 0) {
        contents_resize(kernel, &file->regular.inode->contents, (uint64_t)size);
        vfs_touch(kernel, file->regular.inode);
    }
    return error;
}

int sys_ftruncate(void *self, int fd, int64_t size) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    int result = truncate_to(kernel, file, size);
    return (int)call_return(kernel, SIM_CALL_FTRUNCATE, fd, file, result, (uint64_t)size, 0);
}

int sys_fsync(void *self, int fd) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    int result = file == NULL                  ? -EBADF
                 : regular_inode(file) == NULL ? -EINVAL
                                               : file_change_fault(kernel);
    return (int)call_return(kernel, SIM_CALL_FSYNC, fd, file, result, 0, 0);
}

/* ---- directories ---- */

static void tell_entry(const struct inode *inode, struct wb_dirent *out) {
    out->inode = inode->number;
    out->kind = inode->kind;
    memcpy(out->name, inode->name, inode->name_len);
    out->name[inode->name_len] = '\0';
}

/* The last made first: those that were made since reading began are not told. A position is the
 * place below which it goes on; 0 is the begin. */
static int read_entries(struct sim_file *file, struct wb_dirent *out, uint32_t out_max) {
    const struct inode *directory = file->regular.inode;
    const struct list *entries = &directory->directory.entries;
    uint64_t *position = regular_position(file);
    uint32_t count = 0;
    for (struct list *node = entries->next; node != entries && count < out_max; node = node->next) {
        const struct inode *inode = LIST_ENTRY(node, struct inode, in_directory);
        if (*position != 0 && inode->place >= *position) {
            continue;
        }
        tell_entry(inode, &out[count++]);
        *position = inode->place;
    }
    return (int)count;
}

int sys_getdents(void *self, int fd, struct wb_dirent *out, uint32_t out_max) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    int result;
    if (out_max == 0) {
        result = -EINVAL;
    } else if (file == NULL) {
        result = -EBADF;
    } else if (file->type != FILE_DIRECTORY) {
        result = -ENOTDIR;
    } else if (!file->regular.inode->is_named) {
        result = -ENOENT;
    } else {
        result = out == NULL ? -EFAULT : read_entries(file, out, out_max);
    }
    return (int)call_return(kernel, SIM_CALL_GETDENTS, fd, file, result, out_max, 0);
}
