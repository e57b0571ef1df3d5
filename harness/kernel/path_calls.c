/* The system calls on names in the file system, each in the order in which Linux finds fault. */
#include "kernel/vfs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    ACCESS_MODE = WB_O_WRONLY | WB_O_RDWR,
    OPEN_FLAGS = ACCESS_MODE | WB_O_CREAT | WB_O_EXCL | WB_O_TRUNC | WB_O_APPEND | WB_O_CLOEXEC
                 | WB_O_NONBLOCK | WB_O_DIRECTORY | WB_O_NOFOLLOW,
};

/* The event of a call on a path. */
static int path_return(struct sim_kernel *kernel, enum sim_call call, int fd, const char *path,
    int result, uint64_t a) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    const struct sim_file *file = result >= 0 ? fd_get(kernel, fd) : NULL;
    event.call = (uint8_t)call;
    event.fd = fd;
    event.file = file != NULL ? file->serial : 0;
    event.result = result;
    event.a = a;
    if (vfs_check_path(path) == 0) {
        event.data = path;
        event.data_len = strlen(path);
    }
    event_emit(kernel, &event);
    return result;
}

/* ---- openat ---- */

static int begin_at(struct sim_kernel *kernel, int dir_fd, const char *path, struct inode **out) {
    if (path[0] == '/' || dir_fd == WB_AT_FDCWD) {
        *out = vfs_working_directory(kernel);
        return 0;
    }
    const struct sim_file *file = fd_get(kernel, dir_fd);
    if (file == NULL) {
        return -EBADF;
    }
    *out = file->type == FILE_DIRECTORY ? file->regular.inode : NULL;
    return *out != NULL ? 0 : -ENOTDIR;
}

/* What was there before the call. */
static int check_found(const struct inode *inode, int flags) {
    if ((flags & WB_O_CREAT) != 0 && (flags & WB_O_EXCL) != 0) {
        return -EEXIST;
    }
    bool is_directory = inode->kind == WB_DT_DIR;
    if (is_directory && (flags & WB_O_CREAT) != 0) {
        return -EISDIR;
    }
    if (!is_directory && (flags & WB_O_DIRECTORY) != 0) {
        return -ENOTDIR;
    }
    if (is_directory && (flags & (ACCESS_MODE | WB_O_TRUNC)) != 0) {
        return -EISDIR;
    }
    return inode->kind == WB_DT_SOCK ? -ENXIO : 0;
}

static int find_or_make(struct sim_kernel *kernel, struct inode *from, const char *path, int flags,
    uint32_t mode, struct inode **out_inode) {
    struct vfs_place place;
    int result = vfs_walk(from, path, &place);
    if (result != 0) {
        return result;
    }
    if ((flags & WB_O_CREAT) != 0 && place.last == VFS_NAME && place.ends_in_slash) {
        return -EISDIR;
    }
    result = vfs_look(&place, out_inode);
    if (result == 0) {
        bool wants_directory = place.ends_in_slash && (*out_inode)->kind != WB_DT_DIR;
        return wants_directory ? -ENOTDIR : check_found(*out_inode, flags);
    }
    if (result != -ENOENT || (flags & WB_O_CREAT) == 0) {
        return result;
    }
    result = file_change_fault(kernel);
    return result != 0 ? result : vfs_make(kernel, &place, WB_DT_REG, mode & ~022u, out_inode);
}

static int open_at(
    struct sim_kernel *kernel, int dir_fd, const char *path, int flags, uint32_t mode) {
    const int both = WB_O_DIRECTORY | WB_O_CREAT;
    if ((flags & ~OPEN_FLAGS) != 0 || (flags & both) == both) {
        return -EINVAL;
    }
    struct inode *inode = NULL;
    struct sim_file *file;
    int result = vfs_check_path(path);
    result = result != 0 ? result : file_open_fault(kernel);
    result = result != 0 ? result : begin_at(kernel, dir_fd, path, &inode);
    result = result != 0 ? result : find_or_make(kernel, inode, path, flags, mode, &inode);
    if (result != 0) {
        return result;
    }
    if ((flags & WB_O_TRUNC) != 0 && inode->contents.size != 0) {
        contents_resize(kernel, &inode->contents, 0);
        vfs_touch(kernel, inode);
    }
    return regular_open(kernel, inode, flags, &file);
}

int sys_openat(void *self, int dir_fd, const char *path, int flags, uint32_t mode) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int fd = open_at(kernel, dir_fd, path, flags, mode);
    return path_return(kernel, SIM_CALL_OPENAT, fd, path, fd, (uint32_t)flags);
}

/* ---- stat ---- */

static int stat_path(struct sim_kernel *kernel, const char *path, struct wb_stat *out_stat) {
    struct inode *inode;
    int result = vfs_check_path(path);
    result = result != 0 ? result : vfs_find(vfs_working_directory(kernel), path, &inode);
    if (result == 0 && out_stat == NULL) {
        result = -EFAULT;
    }
    if (result == 0) {
        inode_stat(inode, out_stat);
    }
    return result;
}

int sys_stat(void *self, const char *path, struct wb_stat *out_stat) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = stat_path(kernel, path, out_stat);
    return path_return(kernel, SIM_CALL_STAT, -1, path, result, 0);
}

/* ---- making and removing ---- */

static int walk(struct sim_kernel *kernel, const char *path, struct vfs_place *out_place) {
    int result = vfs_check_path(path);
    return result != 0 ? result : vfs_walk(vfs_working_directory(kernel), path, out_place);
}

/* Directories get no set-ID bits. */
static int make_directory(struct sim_kernel *kernel, const char *path, uint32_t mode) {
    struct vfs_place place;
    struct inode *inode;
    int result = walk(kernel, path, &place);
    if (result != 0) {
        return result;
    }
    result = vfs_look(&place, &inode);
    if (result != -ENOENT) {
        return result == 0 ? -EEXIST : result;
    }
    result = file_change_fault(kernel);
    return result != 0 ? result : vfs_make(kernel, &place, WB_DT_DIR, mode & 01755, &inode);
}

int sys_mkdir(void *self, const char *path, uint32_t mode) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = make_directory(kernel, path, mode);
    return path_return(kernel, SIM_CALL_MKDIR, -1, path, result, 0);
}

static int remove_directory(struct sim_kernel *kernel, const char *path) {
    /* In the order of enum vfs_last. */
    static const int errors[] = {0, -EINVAL, -ENOTEMPTY, -EBUSY};
    struct vfs_place place;
    struct inode *inode;
    int result = walk(kernel, path, &place);
    result = result != 0 ? result : errors[place.last];
    result = result != 0 ? result : vfs_look(&place, &inode);
    if (result != 0) {
        return result;
    }
    if (inode->kind != WB_DT_DIR) {
        return -ENOTDIR;
    }
    if (!list_is_empty(&inode->directory.entries)) {
        return -ENOTEMPTY;
    }
    result = file_change_fault(kernel);
    if (result == 0) {
        vfs_unname(kernel, inode);
    }
    return result;
}

int sys_rmdir(void *self, const char *path) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = remove_directory(kernel, path);
    return path_return(kernel, SIM_CALL_RMDIR, -1, path, result, 0);
}

static int unlink_path(struct sim_kernel *kernel, const char *path) {
    struct vfs_place place;
    struct inode *inode;
    int result = walk(kernel, path, &place);
    if (result == 0 && place.last != VFS_NAME) {
        result = -EISDIR;
    }
    result = result != 0 ? result : vfs_look(&place, &inode);
    if (result != 0) {
        return result;
    }
    if (inode->kind == WB_DT_DIR || place.ends_in_slash) {
        return inode->kind == WB_DT_DIR ? -EISDIR : -ENOTDIR;
    }
    vfs_unname(kernel, inode);
    return 0;
}

int sys_unlink(void *self, const char *path) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = unlink_path(kernel, path);
    return path_return(kernel, SIM_CALL_UNLINK, -1, path, result, 0);
}

/* ---- rename ---- */

static bool lies_in(const struct inode *inode, const struct inode *directory) {
    while (inode != directory && inode->parent != inode) {
        inode = inode->parent;
    }
    return inode == directory;
}

/* What the new name stands for now, `new`, has to make way; it may be NULL. */
static int check_rename(const struct vfs_place *from, const struct inode *old,
    const struct vfs_place *to, const struct inode *new) {
    bool is_directory = old->kind == WB_DT_DIR;
    if (!is_directory && (from->ends_in_slash || to->ends_in_slash)) {
        return -ENOTDIR;
    }
    if (is_directory && lies_in(to->directory, old)) {
        return -EINVAL;
    }
    if (new != NULL &&new->kind == WB_DT_DIR && lies_in(from->directory, new)) {
        return -ENOTEMPTY;
    }
    if (new == NULL || new == old) {
        return to->directory->is_named ? 0 : -ENOENT;
    }
    if (is_directory != (new->kind == WB_DT_DIR)) {
        return is_directory ? -ENOTDIR : -EISDIR;
    }
    return is_directory && !list_is_empty(&new->directory.entries) ? -ENOTEMPTY : 0;
}

static int rename_path(struct sim_kernel *kernel, const char *from_path, const char *to_path) {
    struct vfs_place from;
    struct vfs_place to;
    struct inode *old = NULL;
    struct inode *new = NULL;
    int result = vfs_check_path(from_path);
    result = result != 0 ? result : vfs_check_path(to_path);
    result = result != 0 ? result : walk(kernel, from_path, &from);
    result = result != 0 ? result : walk(kernel, to_path, &to);
    if (result == 0 && (from.last != VFS_NAME || to.last != VFS_NAME)) {
        result = -EBUSY;
    }
    result = result != 0 ? result : vfs_look(&from, &old);
    if (result != 0) {
        return result;
    }
    result = vfs_look(&to, &new);
    result = result == -ENOENT ? 0 : result;
    result = result != 0 ? result : check_rename(&from, old, &to, new);
    result = result != 0 || new == old ? result : file_change_fault(kernel);
    if (result != 0 || new == old) {
        return result;
    }
    if (new != NULL) {
        vfs_unname(kernel, new);
    }
    vfs_move(kernel, old, &to);
    return 0;
}

int sys_rename(void *self, const char *from, const char *to) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = rename_path(kernel, from, to);
    return path_return(kernel, SIM_CALL_RENAME, -1, from, result, 0);
}

/* ---- the world's side ---- */

int sim_file_put(
    struct sim_kernel *kernel, unsigned host, const char *path, const void *data, size_t len) {
    struct vfs_place place;
    struct inode *inode = NULL;
    assert(host < kernel->host_count);
    int result = vfs_check_path(path);
    if (result == 0 && len > FILE_SIZE_MAX) {
        result = -EFBIG;
    }
    result = result != 0 ? result : vfs_make_way(kernel, vfs_root(kernel, host), path);
    result = result != 0 ? result : vfs_walk(vfs_root(kernel, host), path, &place);
    if (result == 0 && (place.last != VFS_NAME || place.ends_in_slash)) {
        result = -EISDIR;
    }
    if (result != 0) {
        return result;
    }
    result = vfs_look(&place, &inode);
    if (result == -ENOENT) {
        result = vfs_make(kernel, &place, WB_DT_REG, 0644, &inode);
    }
    if (result == 0 && inode->kind != WB_DT_REG) {
        result = inode->kind == WB_DT_DIR ? -EISDIR : -EEXIST;
    }
    if (result == 0) {
        contents_resize(kernel, &inode->contents, 0);
        contents_write(kernel, &inode->contents, 0, data, len);
        vfs_touch(kernel, inode);
    }
    return result;
}

int sim_file_stat(
    struct sim_kernel *kernel, unsigned host, const char *path, struct wb_stat *out_stat) {
    struct inode *inode = NULL;
    int result = vfs_check_path(path);
    result = result != 0 ? result : vfs_find(vfs_root(kernel, host), path, &inode);
    if (result == 0) {
        inode_stat(inode, out_stat);
    }
    return result;
}

int64_t sim_file_read(struct sim_kernel *kernel, unsigned host, const char *path, uint64_t offset,
    void *buf, size_t len) {
    struct inode *inode = NULL;
    int result = vfs_check_path(path);
    result = result != 0 ? result : vfs_find(vfs_root(kernel, host), path, &inode);
    if (result == 0 && inode->kind != WB_DT_REG) {
        result = inode->kind == WB_DT_DIR ? -EISDIR : -ENXIO;
    }
    return result != 0 ? result : (int64_t)contents_read(&inode->contents, offset, buf, len);
}
