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
    file->process = kernel->current;
    file->serial = ++kernel->file_serial;
    list_init(&file->waiters);
    kernel->file_count++;
    return file;
}

int fd_room(struct sim_kernel *kernel) {
    if (kernel->file_count >= kernel->config.file_limit) {
        return -ENFILE;
    }
    const struct sim_process *process = kernel->current;
    return process->fd_lowest_free < process->fd_limit ? 0 : -EMFILE;
}

static void reserve_fds(struct sim_process *process, size_t need) {
    if (need <= process->fd_capacity) {
        return;
    }
    size_t capacity = process->fd_capacity == 0 ? 64 : process->fd_capacity;
    while (capacity < need) {
        capacity *= 2;
    }
    struct sim_file **fds = realloc(process->fds, capacity * sizeof(*fds));
    if (fds == NULL) {
        abort();
    }
    memset(fds + process->fd_capacity, 0, (capacity - process->fd_capacity) * sizeof(*fds));
    process->fds = fds;
    process->fd_capacity = capacity;
}

int fd_install(struct sim_kernel *kernel, struct sim_file *file) {
    struct sim_process *process = kernel->current;
    size_t fd = process->fd_lowest_free;
    if (fd >= process->fd_limit) {
        return -EMFILE;
    }
    reserve_fds(process, fd + 1);
    assert(process->fds[fd] == NULL);
    process->fds[fd] = file;
    file->refs++;
    if (fd > process->fd_highest) {
        process->fd_highest = fd;
    }
    int number = (int)fd;
    do {
        fd++;
    } while (fd < process->fd_capacity && process->fds[fd] != NULL);
    process->fd_lowest_free = fd;
    return number;
}

int fd_of_file(const struct sim_process *process, const struct sim_file *file) {
    for (size_t fd = 0; fd <= process->fd_highest && fd < process->fd_capacity; fd++) {
        if (process->fds[fd] == file) {
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

void file_unref(struct sim_kernel *kernel, struct sim_file *file) {
    assert(file->refs > 0);
    file->refs--;
    if (file->refs == 0) {
        if (file->holds == 0) {
            file_release(kernel, file);
        }
    } else if (file->refs == file->in_flight) {
        unix_collect_garbage(kernel);
    }
}

void file_unhold(struct sim_kernel *kernel, struct sim_file *file) {
    assert(file->holds > 0);
    file->holds--;
    if (file->holds == 0 && file->refs == 0) {
        file_release(kernel, file);
    }
}

int fd_close(struct sim_kernel *kernel, int fd, bool *out_last) {
    struct sim_file *file = fd_get(kernel, fd);
    if (file == NULL) {
        return -EBADF;
    }
    struct sim_process *process = kernel->current;
    process->fds[fd] = NULL;
    if ((size_t)fd < process->fd_lowest_free) {
        process->fd_lowest_free = (size_t)fd;
    }
#ifdef SIM_PLANTED
    if (PLANTED(CLOSE_REMOVES)) {
        epoll_forget_number(kernel, file, fd);
    }
#endif
    *out_last = file->refs == 1;
    file_unref(kernel, file);
    return 0;
}

uint32_t file_peek(struct sim_kernel *kernel, struct sim_file *file) {
    return file->ops->peek != NULL ? file->ops->peek(kernel, file) : file_poll(kernel, file);
}

/* The list may change under the walk only by a nested instance's own wake-ups, which add no waiter
 * to this file. */
void file_wake(struct sim_kernel *kernel, struct sim_file *file, uint32_t key) {
    file->process->stirs++;
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        if (epoll_wake(kernel, LIST_ENTRY(node, struct registration, in_file), key)) {
            return;
        }
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
