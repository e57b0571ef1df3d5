/* Inodes and directories, and the paths that lead to them. */
#include "kernel/vfs.h"

#include <errno.h>
#include <string.h>

enum { PATH_LEN_MAX = 4096 };

/* ---- inodes ---- */

static struct inode *inode_new(
    struct sim_kernel *kernel, struct host *host, uint8_t kind, uint32_t mode) {
    struct inode *inode = kernel_alloc(kernel, sizeof(*inode));
    inode->host = host;
    inode->number = ++host->inode_count;
    inode->kind = kind;
    inode->mode = mode & 07777;
    list_init(&inode->in_directory);
    if (kind == WB_DT_DIR) {
        list_init(&inode->directory.entries);
    }
    vfs_touch(kernel, inode);
    return inode;
}

void vfs_touch(struct sim_kernel *kernel, struct inode *inode) {
    inode->mtime_ns = real_now(kernel);
}

static void set_name(
    struct sim_kernel *kernel, struct inode *inode, const struct vfs_place *place) {
    struct inode *directory = place->directory;
    inode->parent = directory;
    inode->is_named = true;
    inode->name_len = (uint32_t)place->name_len;
    inode->name = kernel_alloc(kernel, place->name_len);
    memcpy(inode->name, place->name, place->name_len);
    inode->place = ++directory->directory.entry_place;
    list_push_head(&directory->directory.entries, &inode->in_directory);
    vfs_touch(kernel, directory);
}

static void drop_name(struct sim_kernel *kernel, struct inode *inode) {
    list_remove(&inode->in_directory);
    kernel_free(kernel, inode->name, inode->name_len);
    inode->name = NULL;
    inode->name_len = 0;
    inode->is_named = false;
    vfs_touch(kernel, inode->parent);
}

static void free_if_unused(struct sim_kernel *kernel, struct inode *inode) {
    if (inode->is_named || inode->opens != 0 || inode->kind == WB_DT_DIR) {
        return;
    }
    if (inode->kind == WB_DT_REG) {
        contents_resize(kernel, &inode->contents, 0);
    }
    kernel_free(kernel, inode, sizeof(*inode));
}

void vfs_unname(struct sim_kernel *kernel, struct inode *inode) {
    drop_name(kernel, inode);
    free_if_unused(kernel, inode);
}

void vfs_move(struct sim_kernel *kernel, struct inode *inode, const struct vfs_place *to) {
    drop_name(kernel, inode);
    set_name(kernel, inode, to);
}

void vfs_open(struct inode *inode) {
    inode->opens++;
}

void vfs_close(struct sim_kernel *kernel, struct inode *inode) {
    inode->opens--;
    free_if_unused(kernel, inode);
}

/* ---- roots ---- */

static void make_top(struct sim_kernel *kernel, struct inode *root, const char *name) {
    struct vfs_place place = {.directory = root, .name = name, .name_len = strlen(name)};
    set_name(kernel, inode_new(kernel, root->host, WB_DT_DIR, 01777), &place);
}

struct inode *vfs_root(struct sim_kernel *kernel, uint32_t number) {
    struct host *host = &kernel->hosts[number];
    if (host->root == NULL) {
        host->root = inode_new(kernel, host, WB_DT_DIR, 0755);
        host->root->parent = host->root;
        host->root->is_named = true;
        make_top(kernel, host->root, "run");
        make_top(kernel, host->root, "srv");
        make_top(kernel, host->root, "tmp");
    }
    return host->root;
}

struct inode *vfs_working_directory(struct sim_kernel *kernel) {
    return vfs_root(kernel, kernel->current->host);
}

/* ---- paths ---- */

int vfs_check_path(const char *path) {
    if (path == NULL) {
        return -EFAULT;
    }
    return path[0] == '\0' ? -ENOENT : strlen(path) >= PATH_LEN_MAX ? -ENAMETOOLONG : 0;
}

static enum vfs_last kind_of(const char *part, size_t len) {
    if (len == 1 && part[0] == '.') {
        return VFS_DOT;
    }
    return len == 2 && part[0] == '.' && part[1] == '.' ? VFS_DOTDOT : VFS_NAME;
}

static int look_up(
    const struct inode *directory, const char *name, size_t len, struct inode **out_inode) {
    if (len > WB_NAME_MAX) {
        return -ENAMETOOLONG;
    }
    const struct list *entries = &directory->directory.entries;
    for (struct list *node = entries->next; node != entries; node = node->next) {
        struct inode *inode = LIST_ENTRY(node, struct inode, in_directory);
        if (inode->name_len == len && memcmp(inode->name, name, len) == 0) {
            *out_inode = inode;
            return 0;
        }
    }
    return -ENOENT;
}

static struct inode *root_of(struct inode *from) {
    return from->host->root;
}

int vfs_look(const struct vfs_place *place, struct inode **out_inode) {
    switch (place->last) {
    case VFS_NAME:
        return look_up(place->directory, place->name, place->name_len, out_inode);
    case VFS_DOTDOT:
        *out_inode = place->directory->parent;
        break;
    case VFS_DOT:
    case VFS_ROOT:
        *out_inode = place->directory;
        break;
    }
    return 0;
}

int vfs_walk(struct inode *from, const char *path, struct vfs_place *out_place) {
    struct vfs_place place = {.directory = path[0] == '/' ? root_of(from) : from, .last = VFS_ROOT};
    path += strspn(path, "/");
    while (*path != '\0') {
        place.name = path;
        place.name_len = strcspn(path, "/");
        place.last = kind_of(path, place.name_len);
        path += place.name_len;
        place.ends_in_slash = *path == '/';
        path += strspn(path, "/");
        if (*path == '\0') {
            break;
        }
        struct inode *next = NULL;
        int result = vfs_look(&place, &next);
        if (result != 0) {
            return result;
        }
        if (next->kind != WB_DT_DIR) {
            return -ENOTDIR;
        }
        place.directory = next;
    }
    *out_place = place;
    return 0;
}

int vfs_find(struct inode *from, const char *path, struct inode **out_inode) {
    struct vfs_place place;
    struct inode *inode = NULL;
    int result = vfs_walk(from, path, &place);
    if (result == 0) {
        result = vfs_look(&place, &inode);
    }
    if (result == 0 && place.ends_in_slash && inode->kind != WB_DT_DIR) {
        result = -ENOTDIR;
    }
    if (result == 0) {
        *out_inode = inode;
    }
    return result;
}

/* ---- making ---- */

int vfs_make(struct sim_kernel *kernel, const struct vfs_place *place, uint8_t kind, uint32_t mode,
    struct inode **out_inode) {
    if (!place->directory->is_named) {
        return -ENOENT;
    }
    *out_inode = inode_new(kernel, place->directory->host, kind, mode);
    set_name(kernel, *out_inode, place);
    return 0;
}

int vfs_make_way(struct sim_kernel *kernel, struct inode *from, const char *path) {
    struct inode *directory = path[0] == '/' ? root_of(from) : from;
    path += strspn(path, "/");
    for (size_t len = strcspn(path, "/"); path[len] != '\0'; len = strcspn(path, "/")) {
        struct vfs_place place = {
            .directory = directory, .last = kind_of(path, len), .name = path, .name_len = len};
        int result = vfs_look(&place, &directory);
        if (result == -ENOENT) {
            result = vfs_make(kernel, &place, WB_DT_DIR, 0755, &directory);
        }
        if (result != 0 || directory->kind != WB_DT_DIR) {
            return result != 0 ? result : -ENOTDIR;
        }
        path += len;
        path += strspn(path, "/");
    }
    return 0;
}
