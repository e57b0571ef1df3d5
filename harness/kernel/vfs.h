/* A file system for each host: directories, regular files with their contents, and the names of
 * Unix sockets. It is the run's: made when first asked for, gone with the reset. There are no
 * links, neither hard nor symbolic, no permissions and no other file systems. */
#ifndef KERNEL_VFS_H
#define KERNEL_VFS_H

#include "kernel/internal.h"

struct unix_socket;

enum { FILE_PAGE_LEN = 4096 };
/* Of a file's contents: what is larger is EFBIG. */
#define FILE_SIZE_MAX (UINT64_C(1) << 30)

/* Pages that were never written are holes. */
struct contents {
    uint64_t size;
    uint8_t **pages;
    uint32_t page_capacity;
};

/* What a name stands for. It lives while it has a name or is open; a directory for the whole run,
 * so that paths can go on from one that is gone. */
struct inode {
    struct list in_directory; /* the entries of `parent`, the last made first */
    struct inode *parent;     /* of one without a name: where it was. The root is its own */
    struct host *host;
    uint64_t number;
    uint64_t mtime_ns; /* on the real-time clock */
    uint64_t place;    /* among the entries of `parent`: counts on there */
    uint32_t mode;
    uint8_t kind;   /* WB_DT_* */
    bool is_named;  /* false: it was removed */
    uint32_t opens; /* open file descriptions, and the socket that is bound to it */
    uint32_t name_len;
    char *name; /* without NUL */
    union {
        struct {
            struct list entries;
            uint64_t entry_place; /* of the last one made */
        } directory;
        struct contents contents;
        struct unix_socket *socket; /* NULL: that one is closed */
    };
};

/* ---- vfs.c: inodes, and paths that lead to them ---- */

enum vfs_last { VFS_NAME, VFS_DOT, VFS_DOTDOT, VFS_ROOT };

/* A path but its last part. */
struct vfs_place {
    struct inode *directory;
    enum vfs_last last;
    const char *name; /* points into the path; of VFS_NAME */
    size_t name_len;
    bool ends_in_slash;
};

struct inode *vfs_root(struct sim_kernel *kernel, uint32_t host);
/* Where relative paths of the process whose call it is begin: always the root. */
struct inode *vfs_working_directory(struct sim_kernel *kernel);
/* What is wrong with a path whatever it names: -EFAULT, -ENOENT, -ENAMETOOLONG. */
int vfs_check_path(const char *path);
/* Of a good path: 0, -ENOENT, -ENOTDIR, -ENAMETOOLONG. */
int vfs_walk(struct inode *from, const char *path, struct vfs_place *out_place);
/* What a place names: 0, or -ENOENT, -ENAMETOOLONG. A slash at its end is the caller's matter. */
int vfs_look(const struct vfs_place *place, struct inode **out_inode);
/* Both together: what a path names; with a slash at its end that must be a directory. */
int vfs_find(struct inode *from, const char *path, struct inode **out_inode);

/* A new inode under a name that is free: 0, or -ENOENT where the directory was removed. */
int vfs_make(struct sim_kernel *kernel, const struct vfs_place *place, uint8_t kind, uint32_t mode,
    struct inode **out_inode);
/* Makes the directories that a path leads through and that are not there. */
int vfs_make_way(struct sim_kernel *kernel, struct inode *from, const char *path);
void vfs_unname(struct sim_kernel *kernel, struct inode *inode);
/* To another name, which is free. */
void vfs_move(struct sim_kernel *kernel, struct inode *inode, const struct vfs_place *to);
void vfs_touch(struct sim_kernel *kernel, struct inode *inode); /* its contents have changed */
void inode_stat(const struct inode *inode, struct wb_stat *out_stat); /* file_calls.c */
void vfs_open(struct inode *inode);
void vfs_close(struct sim_kernel *kernel, struct inode *inode);

/* ---- contents.c: the bytes of a regular file; they never fail ---- */
/* Up to `len` bytes from `at` on: how many there are. */
size_t contents_read(const struct contents *contents, uint64_t at, uint8_t *bytes, size_t len);
/* Within FILE_SIZE_MAX. */
void contents_write(struct sim_kernel *kernel, struct contents *contents, uint64_t at,
    const uint8_t *bytes, size_t len);
void contents_resize(struct sim_kernel *kernel, struct contents *contents, uint64_t size);

/* ---- regular.c: regular files and directories as kinds of file ---- */
/* Opens what was found, with the flags of openat: a descriptor, or -errno. */
int regular_open(
    struct sim_kernel *kernel, struct inode *inode, int flags, struct sim_file **out_file);
/* The inode behind a file; NULL: it has none. */
struct inode *regular_inode(const struct sim_file *file);
/* The file's own place. */
uint64_t *regular_position(struct sim_file *file);

/* ---- file_calls.c ---- */
/* Whether lseek takes it, though it may have no places. */
bool file_is_seekable(const struct sim_file *file);

/* ---- file_fault.c ---- */
/* The faults that reading and writing a file may meet. True: it is decided, *out_result is the
 * answer; otherwise *in_out_len may have become less. */
bool file_read_fault(struct sim_kernel *kernel, uint64_t *in_out_len, int64_t *out_result);
bool file_write_fault(struct sim_kernel *kernel, uint64_t *in_out_len, int64_t *out_result);
/* -errno for a change that is no write, or 0. */
int file_change_fault(struct sim_kernel *kernel);
/* -errno of a fault at an open, or of a limit; 0: go on. */
int file_open_fault(struct sim_kernel *kernel);

#endif
