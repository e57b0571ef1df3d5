/* Names of Unix sockets: paths, which stay until they are unlinked, and abstract ones, which go
 * with their socket. Each host has its own. Of a file system there is only this: every directory
 * exists, relative paths begin at the root, and the only files are sockets. */
#include "kernel/unix.h"

#include <errno.h>
#include <string.h>

enum {
    PATH_AT = offsetof(struct wb_sockaddr_un, path),
    AUTOBIND_DIGITS = 5,
    AUTOBIND_MAX = 0xfffff,
    PATH_LEN_MAX = 4096,
    PART_LEN_MAX = 255,
};

int unix_check_address(const struct wb_sockaddr *addr, uint32_t len) {
    if (addr == NULL) {
        return -EFAULT;
    }
    bool fits = len > PATH_AT && len <= sizeof(struct wb_sockaddr_un);
    return fits && addr->family == WB_AF_UNIX ? 0 : -EINVAL;
}

/* ---- paths ---- */

/* A path in its plain form, and whether it must name a directory. */
struct path {
    uint32_t host; /* whose file system it is in */
    char text[UNIX_PATH_MAX + 2];
    size_t len; /* 0: the root */
    bool ends_in_slash;
};

static void path_up(struct path *path) {
    while (path->len != 0 && path->text[--path->len] != '/') {
    }
}

static struct unix_name *name_at(struct sim_kernel *kernel, const struct path *path) {
    for (struct list *node = kernel->unix_names.next; node != &kernel->unix_names;
         node = node->next) {
        struct unix_name *name = LIST_ENTRY(node, struct unix_name, in_kernel);
        if (name->host == path->host && strlen(name->path) == path->len
            && memcmp(name->path, path->text, path->len) == 0) {
            return name;
        }
    }
    return NULL;
}

/* One part more. A socket is no directory: nothing lies in it, not even itself. */
static int path_enter(struct sim_kernel *kernel, struct path *path, const char *part, size_t len) {
    if (name_at(kernel, path) != NULL) {
        return -ENOTDIR;
    }
    if (len > PART_LEN_MAX) {
        return -ENAMETOOLONG;
    }
    if (len == 1 && part[0] == '.') {
        return 0;
    }
    if (len == 2 && part[0] == '.' && part[1] == '.') {
        path_up(path);
        return 0;
    }
    if (path->len + 1 + len >= sizeof(path->text)) {
        return -ENOENT; /* longer than any name that a socket can have */
    }
    path->text[path->len++] = '/';
    memcpy(path->text + path->len, part, len);
    path->len += len;
    return 0;
}

static int path_load(struct sim_kernel *kernel, uint32_t host, const char *text, struct path *out) {
    *out = (struct path){.host = host};
    while (*text != '\0') {
        size_t slashes = strspn(text, "/");
        size_t len = strcspn(text + slashes, "/");
        if (len == 0) {
            out->ends_in_slash = out->len != 0;
            break;
        }
        int result = path_enter(kernel, out, text + slashes, len);
        if (result != 0) {
            return result;
        }
        text += slashes + len;
    }
    out->text[out->len] = '\0';
    return 0;
}

/* The root, or where something lies. */
static bool is_directory(struct sim_kernel *kernel, const struct path *path) {
    if (path->len == 0) {
        return true;
    }
    for (struct list *node = kernel->unix_names.next; node != &kernel->unix_names;
         node = node->next) {
        const struct unix_name *name = LIST_ENTRY(node, struct unix_name, in_kernel);
        if (name->host == path->host && memcmp(name->path, path->text, path->len) == 0
            && name->path[path->len] == '/') {
            return true;
        }
    }
    return false;
}

static int sys_unlink_path(struct sim_kernel *kernel, const char *text) {
    if (text == NULL) {
        return -EFAULT;
    }
    if (text[0] == '\0') {
        return -ENOENT;
    }
    if (strlen(text) >= PATH_LEN_MAX) {
        return -ENAMETOOLONG;
    }
    struct path path;
    int result = path_load(kernel, kernel->current->host, text, &path);
    if (result != 0) {
        return result;
    }
    if (is_directory(kernel, &path)) {
        return -EISDIR;
    }
    struct unix_name *name = name_at(kernel, &path);
    if (name == NULL || path.ends_in_slash) {
        return name == NULL ? -ENOENT : -ENOTDIR;
    }
    if (name->socket != NULL) {
        name->socket->name = NULL;
    }
    list_remove(&name->in_kernel);
    kernel_free(kernel, name, sizeof(*name));
    return 0;
}

int sys_unlink(void *self, const char *path) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = sys_unlink_path(kernel, path);
    return (int)call_return(kernel, SIM_CALL_UNLINK, -1, NULL, result, 0, 0);
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

static int bind_path(struct unix_socket *socket, const struct wb_sockaddr *addr, uint32_t len) {
    struct sim_kernel *kernel = socket->kernel;
    char text[UNIX_PATH_MAX + 1];
    struct path path;
    copy_path(addr, len, text);
    int result = path_load(kernel, socket->host, text, &path);
    if (result != 0) {
        return result;
    }
    if (is_directory(kernel, &path) || name_at(kernel, &path) != NULL) {
        return -EADDRINUSE;
    }
    if (path.ends_in_slash) {
        return -ENOENT;
    }
    if (socket->local.len != 0) {
        return -EINVAL;
    }
    struct unix_name *name = kernel_alloc(kernel, sizeof(*name));
    name->host = path.host;
    memcpy(name->path, path.text, path.len + 1);
    name->socket = socket;
    list_push_tail(&kernel->unix_names, &name->in_kernel);
    socket->name = name;
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
        socket->name = NULL;
    }
}

/* ---- finding ---- */

static int find_path(
    const struct unix_socket *from, const char *text, struct unix_socket **out_found) {
    struct sim_kernel *kernel = from->kernel;
    struct path path;
    int result = path_load(kernel, from->host, text, &path);
    if (result != 0) {
        return result;
    }
    if (is_directory(kernel, &path)) {
        return -ECONNREFUSED;
    }
    const struct unix_name *name = name_at(kernel, &path);
    if (name == NULL || path.ends_in_slash) {
        return name == NULL ? -ENOENT : -ENOTDIR;
    }
    if (name->socket == NULL) {
        return -ECONNREFUSED;
    }
    *out_found = name->socket;
    return name->socket->so.type == from->so.type ? 0 : -EPROTOTYPE;
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
