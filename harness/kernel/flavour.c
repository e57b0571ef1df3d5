/* Flavours: readiness interfaces that are not Linux's epoll, as switches of the run. What an edge
 * per transition is stands with the wake-ups (epoll.c), what is never reported with the reports
 * (epoll_wait.c); here is the edge as emulations on top of poll(2) give it. A report disarms its
 * direction; only an operation that says would-block, or a new registration, arms it again. Until
 * then nothing that comes is told. */
#include "kernel/internal.h"

#define READ_BITS (WB_EPOLLIN | WB_EPOLLPRI | WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLRDHUP)
#define WRITE_BITS (WB_EPOLLOUT | WB_EPOLLWRNORM | WB_EPOLLWRBAND)
#define END_BITS (WB_EPOLLERR | WB_EPOLLHUP)

/* Sockets and pipes. What a program wakes itself with is no business of an emulation's: it brings
 * wakers and timers of its own. */
static bool is_emulated(const struct registration *registration) {
    const struct sim_file *file = registration->file;
    bool is_edge = (registration->mask & WB_EPOLLET) != 0;
    return is_edge && (file->ops->socket != NULL || file->type == FILE_PIPE);
}

static bool has_flavour(const struct sim_kernel *kernel) {
    return (kernel->config.flavour & SIM_FLAVOUR_EMULATED_EDGE) != 0;
}

uint32_t flavour_armed(
    const struct sim_kernel *kernel, const struct registration *registration, uint32_t state) {
    return has_flavour(kernel) ? state & ~registration->disarmed : state;
}

void flavour_reported(
    const struct sim_kernel *kernel, struct registration *registration, uint32_t bits) {
    if (!has_flavour(kernel) || !is_emulated(registration)) {
        return;
    }
    registration->disarmed |= (bits & READ_BITS) != 0 ? READ_BITS : 0;
    registration->disarmed |= (bits & WRITE_BITS) != 0 ? WRITE_BITS : 0;
    registration->disarmed |= bits & END_BITS;
}

void flavour_registered(struct registration *registration) {
    registration->disarmed = 0;
    registration->owed = 0;
}

void flavour_would_block(struct sim_kernel *kernel, struct sim_file *file, bool sending) {
    if (!has_flavour(kernel)) {
        return;
    }
    uint32_t armed = END_BITS | (sending ? WRITE_BITS : READ_BITS);
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        LIST_ENTRY(node, struct registration, in_file)->disarmed &= ~armed;
    }
}
