/* Names of Unix sockets: paths, which stay until they are unlinked, and abstract ones, which go
 * with their socket. Each host has its own. */
#include "kernel/unix.h"
#include "kernel/vfs.h"

#include <errno.h>
#include <string.h>

enum {
    PATH_AT = offsetof(struct wb_sockaddr_un, path),
    AUTOBIND_DIGITS = 5,
    AUTOBIND_MAX = 0xfffff,
};

int unix_check_address(const struct wb_sockaddr *addr, uint32_t len) {
    if (addr == NULL) {
        return -EFAULT;
    }
    bool fits = len > PATH_AT && len <= sizeof(struct wb_sockaddr_un);
    return fits && addr->family == WB_AF_UNIX ? 0 : -EINVAL;
}

/* ---- binding ---- */

static void set_address(struct unix_socket *socket, const void *path, uint32_t path_len) {
    socket->local.len = PATH_AT + path_len;
    memcpy(socket->local.path, path, path_len);
}

/* The path of an address as a string. It may fill its field without a NUL. */
static void copy_path(const struct wb_sockaddr *addr, uint32_t len, char out[UNIX_PATH_MAX + 1]) {
    memcpy(out, addr->un.path, len - PATH_AT);
    out[len - PATH_AT] = '\0';
}

/* A neighbour's directories are there when it wants them. */
static int bind_path(struct unix_socket *socket, const struct wb_sockaddr *addr, uint32_t len) {
    struct sim_kernel *kernel = socket->kernel;
    struct inode *root = vfs_root(kernel, socket->host);
    char text[UNIX_PATH_MAX + 1];
    struct vfs_place place;
    struct inode *inode;
    copy_path(addr, len, text);
    int result = socket->neighbour != NULL ? vfs_make_way(kernel, root, text) : 0;
    result = result != 0 ? result : vfs_walk(root, text, &place);
    if (result != 0) {
        return result;
    }
    result = vfs_look(&place, &inode);
    if (result != -ENOENT || place.ends_in_slash) {
        return result == 0 ? -EADDRINUSE : result;
    }
    if (socket->local.len != 0) {
        return -EINVAL;
    }
    result = vfs_make(kernel, &place, WB_DT_SOCK, 0755, &inode);
    if (result != 0) {
        return result;
    }
    vfs_open(inode);
    inode->socket = socket;
    socket->name = inode;
    set_address(socket, text, (uint32_t)strlen(text) + 1);
    return 0;
}

/* Abstract names are apart for each host and each type. */
static struct unix_socket *abstract_at(
    const struct unix_socket *from, const void *path, uint32_t path_len) {
    struct list *all = &from->kernel->unix_abstract;
    for (struct list *node = all->next; node != all; node = node->next) {
        struct unix_socket *socket = LIST_ENTRY(node, struct unix_socket, in_abstract);
        if (socket->host == from->host && socket->so.type == from->so.type
            && socket->local.len == PATH_AT + path_len
            && memcmp(socket->local.path, path, path_len) == 0) {
            return socket;
        }
    }
    return NULL;
}

static int bind_abstract(struct unix_socket *socket, const void *path, uint32_t path_len) {
    if (socket->local.len != 0) {
        return -EINVAL;
    }
    if (abstract_at(socket, path, path_len) != NULL) {
        return -EADDRINUSE;
    }
    set_address(socket, path, path_len);
    list_push_tail(&socket->kernel->unix_abstract, &socket->in_abstract);
    return 0;
}

int unix_autobind(struct unix_socket *socket) {
    if (socket->local.len != 0) {
        return 0;
    }
    for (uint32_t tries = 0; tries <= AUTOBIND_MAX; tries++) {
        uint32_t number = socket->kernel->unix_autobind++ & AUTOBIND_MAX;
        char path[1 + AUTOBIND_DIGITS] = {0};
        for (int i = AUTOBIND_DIGITS; i > 0; i--, number >>= 4) {
            path[i] = "0123456789abcdef"[number & 0xfu];
        }
        if (bind_abstract(socket, path, sizeof(path)) == 0) {
            return 0;
        }
    }
    return -ENOSPC;
}

int unix_bind(struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr,
    uint32_t len) {
    (void)kernel;
    struct unix_socket *socket = file->unix_socket;
    if (addr != NULL && len == PATH_AT && addr->family == WB_AF_UNIX) {
        return unix_autobind(socket);
    }
    int result = len == 0 ? -EINVAL : unix_check_address(addr, len);
    if (result != 0) {
        return result;
    }
    return addr->un.path[0] != '\0' ? bind_path(socket, addr, len)
                                    : bind_abstract(socket, addr->un.path, len - PATH_AT);
}

void unix_release_name(struct unix_socket *socket) {
    list_remove(&socket->in_abstract);
    if (socket->name != NULL) {
        socket->name->socket = NULL;
        vfs_close(socket->kernel, socket->name);
        socket->name = NULL;
    }
}

/* ---- finding ---- */

static int find_path(
    const struct unix_socket *from, const char *text, struct unix_socket **out_found) {
    struct inode *inode;
    int result = vfs_find(vfs_root(from->kernel, from->host), text, &inode);
    if (result != 0) {
        return result;
    }
    if (inode->kind != WB_DT_SOCK || inode->socket == NULL) {
        return -ECONNREFUSED;
    }
    *out_found = inode->socket;
    return inode->socket->so.type == from->so.type ? 0 : -EPROTOTYPE;
}

int unix_find(const struct unix_socket *from, const struct wb_sockaddr *addr, uint32_t len,
    struct unix_socket **out_found) {
    if (addr->un.path[0] != '\0') {
        char text[UNIX_PATH_MAX + 1];
        copy_path(addr, len, text);
        return find_path(from, text, out_found);
    }
    *out_found = abstract_at(from, addr->un.path, len - PATH_AT);
    return *out_found != NULL ? 0 : -ECONNREFUSED;
}

/* ---- telling ---- */

void unix_store_address(
    const struct unix_socket *socket, struct wb_sockaddr *out, uint32_t *in_out_len) {
    struct wb_sockaddr full;
    memset(&full, 0, sizeof(full));
    full.family = WB_AF_UNIX;
    uint32_t len = PATH_AT;
    if (socket->local.len != 0) {
        len = socket->local.len;
        memcpy(full.storage + PATH_AT, socket->local.path, len - PATH_AT);
    }
    memcpy(out, &full, *in_out_len < len ? *in_out_len : len);
    *in_out_len = len;
}

int unix_getname(struct sim_kernel *kernel, struct sim_file *file, bool of_peer,
    struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)kernel;
    const struct unix_socket *socket = file->unix_socket;
    if (of_peer) {
        socket = socket->peer;
    }
    if (socket == NULL) {
        return -ENOTCONN;
    }
    unix_store_address(socket, addr, addr_len);
    return 0;
}

void unix_store_sender(const struct unix_socket *socket, struct wb_msghdr *msg) {
    if (msg->name == NULL) {
        return;
    }
    if (socket->local.len == 0) {
        msg->name_len = 0;
    } else {
        unix_store_address(socket, msg->name, &msg->name_len);
    }
}
