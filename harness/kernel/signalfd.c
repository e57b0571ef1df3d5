/* Signals that are sent to the program, and the descriptors that take them. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

struct signal_reader {
    struct list in_process; /* process.signalfds */
    struct sim_file *file;
    uint64_t mask;
};

static const char *signalfd_what(const struct sim_file *file) {
    (void)file;
    return "signalfd";
}

static uint32_t signalfd_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return (file->process->signals_pending & file->signal_reader->mask) != 0 ? WB_EPOLLIN : 0;
}

static void signalfd_release(struct sim_kernel *kernel, struct sim_file *file) {
    list_remove(&file->signal_reader->in_process);
    kernel_free(kernel, file->signal_reader, sizeof(*file->signal_reader));
}

static uint64_t signal_bit(unsigned signo) {
    return UINT64_C(1) << (signo - 1);
}

/* ILL, TRAP, BUS, FPE, SEGV and SYS come before the others. */
#define FIRST_SIGNALS                                                                              \
    (UINT64_C(1) << 3 | UINT64_C(1) << 4 | UINT64_C(1) << 6 | UINT64_C(1) << 7 | UINT64_C(1) << 10 \
        | UINT64_C(1) << 30)

/* Takes the next of `deliverable`, which are some. */
static uint32_t take_signal(struct sim_process *process, uint64_t deliverable) {
    uint64_t first = deliverable & FIRST_SIGNALS;
    uint32_t signo = (uint32_t)__builtin_ctzll(first != 0 ? first : deliverable) + 1;
    process->signals_pending &= ~signal_bit(signo);
    return signo;
}

static int64_t signalfd_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    enum { INFO_LEN = sizeof(struct wb_signalfd_siginfo), SIGNAL_COUNT = 64 };
    uint64_t room = iov_total(iov, iov_len) / INFO_LEN;
    if (room == 0) {
        return -EINVAL;
    }
    struct sim_process *process = file->process;
    struct wb_signalfd_siginfo infos[SIGNAL_COUNT];
    size_t count = 0;
    uint64_t deliverable = process->signals_pending & file->signal_reader->mask;
    while (deliverable != 0 && count < room) {
        memset(&infos[count], 0, INFO_LEN);
        infos[count].signo = take_signal(process, deliverable);
        count++;
        if (iov_is_bad(iov, iov_len)) {
            return -EFAULT; /* and the signal is lost */
        }
        deliverable = process->signals_pending & file->signal_reader->mask;
    }
    for (struct list *node = process->signalfds.next; node != &process->signalfds;
         node = node->next) {
        file_lowered(kernel, LIST_ENTRY(node, struct signal_reader, in_process)->file);
    }
    iov_scatter(iov, iov_len, infos, count * INFO_LEN);
    return count != 0 ? (int64_t)(count * INFO_LEN) : -EAGAIN;
}

static const struct file_ops signalfd_ops = {
    .what = signalfd_what,
    .poll = signalfd_poll,
    .read = signalfd_read,
    .release = signalfd_release,
    .checks_buffers = true,
};

void signalfd_change_hands(struct sim_file *file, struct sim_process *process) {
    list_remove(&file->signal_reader->in_process);
    list_push_tail(&process->signalfds, &file->signal_reader->in_process);
}

void signalfds_leave(struct sim_process *process) {
    while (!list_is_empty(&process->signalfds)) {
        list_remove(process->signalfds.next);
    }
}

int sys_signalfd(void *self, uint64_t mask, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    bool known = (flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) == 0;
    struct sim_file *file = NULL;
    int fd = known ? file_open(kernel, FILE_SIGNALFD, &signalfd_ops, flags, &file) : -EINVAL;
    if (fd >= 0) {
        struct signal_reader *reader = kernel_alloc(kernel, sizeof(*reader));
        reader->file = file;
        reader->mask = mask;
        list_push_tail(&kernel->current->signalfds, &reader->in_process);
        kernel->current->signals_blocked |= mask;
        file->signal_reader = reader;
    }
    return (int)call_return(kernel, SIM_CALL_SIGNALFD, fd, file, fd, mask, (uint32_t)flags);
}

static bool comes_before(const struct registration *one, const struct registration *other) {
    bool exclusive = (one->mask & WB_EPOLLEXCLUSIVE) != 0;
    if (exclusive != ((other->mask & WB_EPOLLEXCLUSIVE) != 0)) {
        return !exclusive;
    }
    return exclusive ? one->serial < other->serial : one->serial > other->serial;
}

/* The first waiter of all signalfds that comes after `last`; NULL: none. */
static struct registration *next_waiter(
    struct sim_process *process, const struct registration *last) {
    struct registration *next = NULL;
    for (struct list *node = process->signalfds.next; node != &process->signalfds;
         node = node->next) {
        struct sim_file *file = LIST_ENTRY(node, struct signal_reader, in_process)->file;
        for (struct list *at = file->waiters.next; at != &file->waiters; at = at->next) {
            struct registration *one = LIST_ENTRY(at, struct registration, in_file);
            if ((last == NULL || comes_before(last, one))
                && (next == NULL || comes_before(one, next))) {
                next = one;
            }
        }
    }
    return next;
}

/* A process has one queue of those who wait for signals, whichever they want: each signal wakes
 * them all, without a key. */
static void wake_all(struct sim_process *process) {
    process->stirs++; /* one may be reading, and not registered anywhere */
    for (struct registration *one = next_waiter(process, NULL); one != NULL;
         one = next_waiter(process, one)) {
        if (epoll_wake(process->kernel, one, KEY_NONE)) {
            return;
        }
    }
}

void sim_signal(struct sim_kernel *kernel, unsigned number, int signo) {
    struct sim_process *process = process_get(kernel, number);
    if (kernel->several && !process_is_alive(process)) {
        return;
    }
    struct sim_event event = event_begin(kernel, SIM_EVENT_SIGNAL);
    event.process = (uint8_t)number;
    event.a = (uint64_t)signo;
    event_emit(kernel, &event);
    uint64_t bit = signal_bit((unsigned)signo);
    if ((process->signals_blocked & bit) == 0) {
        if (kernel->several) {
            turns_kill(process);
        } else if (kernel->in_program) {
            kernel_leave(kernel, SIM_STOP_KILLED);
        }
        return;
    }
    if ((process->signals_pending & bit) != 0) {
        return; /* one of a kind is pending, and nobody is woken again */
    }
    process->signals_pending |= bit;
    wake_all(process);
}
