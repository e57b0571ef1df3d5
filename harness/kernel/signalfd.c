/* Signals that are sent to the program, and the descriptors that take them. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

static const char *signalfd_what(const struct sim_file *file) {
    (void)file;
    return "signalfd";
}

static uint32_t signalfd_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return (file->process->signals_pending & file->signalfd.mask) != 0 ? WB_EPOLLIN : 0;
}

static void signalfd_release(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    list_remove(&file->signalfd.in_process);
}

static uint64_t signal_bit(unsigned signo) {
    return UINT64_C(1) << (signo - 1);
}

static int64_t signalfd_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    struct wb_signalfd_siginfo info;
    if (iov_total(iov, iov_len) < sizeof(info)) {
        return -EINVAL;
    }
    (void)kernel;
    struct sim_process *process = file->process;
    uint64_t deliverable = process->signals_pending & file->signalfd.mask;
    if (deliverable == 0) {
        return -EAGAIN;
    }
    memset(&info, 0, sizeof(info));
    info.signo = (uint32_t)__builtin_ctzll(deliverable) + 1;
    process->signals_pending &= ~signal_bit(info.signo);
    iov_scatter(iov, iov_len, &info, sizeof(info));
    return sizeof(info);
}

static const struct file_ops signalfd_ops = {
    .what = signalfd_what,
    .poll = signalfd_poll,
    .read = signalfd_read,
    .release = signalfd_release,
};

int sys_signalfd(void *self, uint64_t mask, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    bool known = (flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) == 0;
    struct sim_file *file = NULL;
    int fd = known ? file_open(kernel, FILE_SIGNALFD, &signalfd_ops, flags, &file) : -EINVAL;
    if (fd >= 0) {
        file->signalfd.mask = mask;
        list_push_tail(&kernel->current->signalfds, &file->signalfd.in_process);
    }
    return (int)call_return(kernel, SIM_CALL_SIGNALFD, fd, file, fd, mask, (uint32_t)flags);
}

void sim_signal(struct sim_kernel *kernel, unsigned number, int signo) {
    struct sim_process *process = process_get(kernel, number);
    if (kernel->several && process->state == PROCESS_ENDED) {
        return;
    }
    struct sim_event event = event_begin(kernel, SIM_EVENT_SIGNAL);
    event.process = (uint8_t)number;
    event.a = (uint64_t)signo;
    event_emit(kernel, &event);
    uint64_t bit = signal_bit((unsigned)signo);
    bool taken = false;
    for (struct list *node = process->signalfds.next; node != &process->signalfds;
         node = node->next) {
        struct sim_file *file = LIST_ENTRY(node, struct sim_file, signalfd.in_process);
        if ((file->signalfd.mask & bit) != 0) {
            taken = true;
            process->signals_pending |= bit;
            file_wake(kernel, file, WB_EPOLLIN);
        }
    }
    if (!taken && kernel->several) {
        turns_kill(process);
    } else if (!taken && kernel->in_program) {
        kernel_leave(kernel, SIM_STOP_KILLED);
    }
}
