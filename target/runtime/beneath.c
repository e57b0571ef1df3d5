/* Opening what lies beneath a directory, one name after the other, so that each is looked up in the
 * directory that was opened before it and in no other. */
#include <errno.h>
#include <string.h>

#include "runtime/file.h"

/* The name at the front of the path, which it is taken off of, with the slash behind it. 0 or
 * -errno. */
static int take_name(const char **in_out_path, char out_name[WB_NAME_MAX + 1]) {
    const char *path = *in_out_path;
    const size_t len = strcspn(path, "/");
    if (len > WB_NAME_MAX) {
        return -ENOENT; /* there can be none */
    }
    memcpy(out_name, path, len);
    out_name[len] = '\0';
    if (len == 0 || strcmp(out_name, ".") == 0 || strcmp(out_name, "..") == 0) {
        return -EINVAL;
    }
    *in_out_path = path + len + (path[len] == '/');
    return path[len] == '/' && path[len + 1] == '\0' ? -EINVAL : 0;
}

static int64_t open_at(
    const struct wb_sys *sys, int dir_fd, const char *name, int flags, uint32_t mode) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = WB_SYS(sys, openat, dir_fd, name, flags | WB_O_CLOEXEC | WB_O_NOFOLLOW, mode);
    }
    return result;
}

int64_t wb__path_open_beneath(
    const struct wb_sys *sys, const char *root, const char *path, int flags, uint32_t mode) {
    const int of_directory = WB_O_RDONLY | WB_O_DIRECTORY;
    int64_t fd = wb__path_open(sys, root, *path == '\0' ? flags : of_directory, mode);
    while (fd >= 0 && *path != '\0') {
        char name[WB_NAME_MAX + 1];
        int64_t next = take_name(&path, name);
        if (next == 0) {
            next = open_at(sys, (int)fd, name, *path == '\0' ? flags : of_directory, mode);
        }
        (void)WB_SYS(sys, close, (int)fd);
        fd = next;
    }
    return fd;
}
