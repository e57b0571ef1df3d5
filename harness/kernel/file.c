/* Open file descriptions and the table of descriptors: lowest free number first, limits,
 * duplicates, last close. */
#include "kernel/internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sim_file *file_new(
    struct sim_kernel *kernel, enum file_type type, const struct file_ops *ops) {
    struct sim_file *file = kernel_alloc(kernel, sizeof(*file));
    file->ops = ops;
    file->type = (uint8_t)type;
    file->serial = ++kernel->file_serial;
    list_init(&file->waiters);
    kernel->file_count++;
    return file;
}

static size_t fd_limit(const struct sim_kernel *kernel) {
    return kernel->config.fd_limit;
}

int fd_room(struct sim_kernel *kernel) {
    if (kernel->file_count >= kernel->config.file_limit) {
        return -ENFILE;
    }
    return kernel->fd_lowest_free < fd_limit(kernel) ? 0 : -EMFILE;
}

static void reserve_fds(struct sim_kernel *kernel, size_t need) {
    if (need <= kernel->fd_capacity) {
        return;
    }
    size_t capacity = kernel->fd_capacity == 0 ? 64 : kernel->fd_capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    struct sim_file **fds = realloc(kernel->fds, capacity * sizeof(*fds));
    if (fds == NULL) {
        abort();
    }
    memset(fds + kernel->fd_capacity, 0, (capacity - kernel->fd_capacity) * sizeof(*fds));
    kernel->fds = fds;
    kernel->fd_capacity = capacity;
}

int fd_install(struct sim_kernel *kernel, struct sim_file *file) {
    size_t fd = kernel->fd_lowest_free;
    if (fd >= fd_limit(kernel)) {
        return -EMFILE;
    }
    reserve_fds(kernel, fd + 1);
    assert(kernel->fds[fd] == NULL);
    kernel->fds[fd] = file;
    file->refs++;
    if (fd > kernel->fd_highest) {
        kernel->fd_highest = fd;
    }
    int number = (int)fd;
    do {
        fd++;
    } while (fd < kernel->fd_capacity && kernel->fds[fd] != NULL);
    kernel->fd_lowest_free = fd;
    return number;
}

int fd_of_file(struct sim_kernel *kernel, const struct sim_file *file) {
    for (size_t fd = 0; fd <= kernel->fd_highest && fd < kernel->fd_capacity; fd++) {
        if (kernel->fds[fd] == file) {
            return (int)fd;
        }
    }
    return -1;
}

static void file_release(struct sim_kernel *kernel, struct sim_file *file) {
    epoll_forget_file(kernel, file);
    kernel->file_count--;
    if (file->ops->release != NULL) {
        file->ops->release(kernel, file);
    }
    kernel_free(kernel, file, sizeof(*file));
}

int fd_close(struct sim_kernel *kernel, int fd, bool *out_last) {
    struct sim_file *file = fd_get(kernel, fd);
    if (file == NULL) {
        return -EBADF;
    }
    kernel->fds[fd] = NULL;
    if ((size_t)fd < kernel->fd_lowest_free) {
        kernel->fd_lowest_free = (size_t)fd;
    }
    assert(file->refs > 0);
    file->refs--;
    *out_last = file->refs == 0;
    if (file->refs == 0) {
        file_release(kernel, file);
    }
    return 0;
}

uint32_t file_peek(struct sim_kernel *kernel, struct sim_file *file) {
    return file->ops->peek != NULL ? file->ops->peek(kernel, file) : file_poll(kernel, file);
}

/* The list may change under the walk only by a nested instance's own wake-ups, which add no waiter
 * to this file. */
void file_wake(struct sim_kernel *kernel, struct sim_file *file, uint32_t key) {
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        epoll_wake(kernel, LIST_ENTRY(node, struct registration, in_file), key);
    }
}

void file_lowered(struct sim_kernel *kernel, struct sim_file *file) {
    if (file == NULL || (kernel->config.flavour & SIM_FLAVOUR_EDGE_PER_TRANSITION) == 0) {
        return;
    }
    uint32_t state = file_poll(kernel, file);
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        LIST_ENTRY(node, struct registration, in_file)->level &= state;
    }
}

int open_fault(struct sim_kernel *kernel) {
    int error = choose_error(kernel, WBH_POINT_OPEN);
    return error != 0 ? error : fd_room(kernel);
}

int file_open(struct sim_kernel *kernel, enum file_type type, const struct file_ops *ops, int flags,
    struct sim_file **out_file) {
    int error = open_fault(kernel);
    if (error != 0) {
        return error;
    }
    struct sim_file *file = file_new(kernel, type, ops);
    file->nonblocking = (flags & WB_O_NONBLOCK) != 0;
    *out_file = file;
    return fd_install(kernel, file);
}
