/* Descriptors that are not sockets: eventfd, signalfd, the console; and signals, clocks, entropy.
 */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

#define EVENTFD_MAX UINT64_C(0xfffffffffffffffe)

/* ---- eventfd ---- */

int sys_eventfd(void *self, uint32_t initial, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    if ((flags & ~(WB_EFD_SEMAPHORE | WB_EFD_NONBLOCK | WB_EFD_CLOEXEC)) != 0) {
        return (int)call_return(kernel, SIM_CALL_EVENTFD, -1, NULL, -EINVAL, 0, 0);
    }
    int fd = open_fault(kernel);
    struct sim_file *file = NULL;
    if (fd == 0) {
        file = file_new(kernel, FILE_EVENTFD);
        file->nonblocking = (flags & WB_EFD_NONBLOCK) != 0;
        file->eventfd.count = initial;
        file->eventfd.semaphore = (flags & WB_EFD_SEMAPHORE) != 0;
        fd = fd_install(kernel, file);
    }
    return (int)call_return(kernel, SIM_CALL_EVENTFD, fd, file, fd, initial, (uint32_t)flags);
}

static int64_t eventfd_read(
    struct sim_kernel *kernel, struct sim_file *file, void *buf, size_t len) {
    if (len < sizeof(uint64_t)) {
        return -EINVAL;
    }
    if (file->eventfd.count == 0) {
        file_lowered(kernel, file);
        return -EAGAIN;
    }
    uint64_t value = file->eventfd.semaphore ? 1 : file->eventfd.count;
    file->eventfd.count -= value;
    memcpy(buf, &value, sizeof(value));
    file_lowered(kernel, file);
    file_wake(kernel, file, WB_EPOLLOUT);
    return sizeof(value);
}

static int64_t eventfd_write(
    struct sim_kernel *kernel, struct sim_file *file, const void *buf, size_t len) {
    uint64_t value;
    if (len < sizeof(value)) {
        return -EINVAL;
    }
    memcpy(&value, buf, sizeof(value));
    if (value == UINT64_MAX) {
        return -EINVAL;
    }
    if (value > EVENTFD_MAX - file->eventfd.count) {
        return -EAGAIN;
    }
    file->eventfd.count += value;
    file_wake(kernel, file, WB_EPOLLIN);
    return sizeof(value);
}

/* ---- signalfd and signals ---- */

int sys_signalfd(void *self, uint64_t mask, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    bool known = (flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) == 0;
    int fd = known ? open_fault(kernel) : -EINVAL;
    struct sim_file *file = NULL;
    if (fd == 0) {
        file = file_new(kernel, FILE_SIGNALFD);
        file->nonblocking = (flags & WB_SOCK_NONBLOCK) != 0;
        file->signalfd.mask = mask;
        list_push_tail(&kernel->signalfds, &file->signalfd.in_kernel);
        fd = fd_install(kernel, file);
    }
    return (int)call_return(kernel, SIM_CALL_SIGNALFD, fd, file, fd, mask, (uint32_t)flags);
}

static uint64_t signal_bit(unsigned signo) {
    return UINT64_C(1) << (signo - 1);
}

static int64_t signalfd_read(
    struct sim_kernel *kernel, struct sim_file *file, void *buf, size_t len) {
    struct wb_signalfd_siginfo info;
    if (len < sizeof(info)) {
        return -EINVAL;
    }
    uint64_t deliverable = kernel->signals_pending & file->signalfd.mask;
    if (deliverable == 0) {
        return -EAGAIN;
    }
    memset(&info, 0, sizeof(info));
    info.signo = (uint32_t)__builtin_ctzll(deliverable) + 1;
    kernel->signals_pending &= ~signal_bit(info.signo);
    memcpy(buf, &info, sizeof(info));
    return sizeof(info);
}

void sim_signal(struct sim_kernel *kernel, int signo) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_SIGNAL);
    event.a = (uint64_t)signo;
    event_emit(kernel, &event);
    uint64_t bit = signal_bit((unsigned)signo);
    bool taken = false;
    for (struct list *node = kernel->signalfds.next; node != &kernel->signalfds;
         node = node->next) {
        struct sim_file *file = LIST_ENTRY(node, struct sim_file, signalfd.in_kernel);
        if ((file->signalfd.mask & bit) != 0) {
            taken = true;
            kernel->signals_pending |= bit;
            file_wake(kernel, file, WB_EPOLLIN);
        }
    }
    if (!taken && kernel->in_program) {
        kernel_leave(kernel, SIM_STOP_KILLED);
    }
}

/* ---- all of them ---- */

uint32_t special_poll(struct sim_kernel *kernel, struct sim_file *file) {
    switch ((enum file_type)file->type) {
    case FILE_EVENTFD: {
        uint32_t state = file->eventfd.count != 0 ? WB_EPOLLIN : 0;
        return state | (file->eventfd.count < EVENTFD_MAX ? WB_EPOLLOUT : 0);
    }
    case FILE_SIGNALFD:
        return (kernel->signals_pending & file->signalfd.mask) != 0 ? WB_EPOLLIN : 0;
    case FILE_CONSOLE:
        return WB_EPOLLOUT;
    case FILE_SOCKET:
    case FILE_EPOLL:
        break;
    }
    return 0;
}

int64_t special_read(struct sim_kernel *kernel, struct sim_file *file, void *buf, size_t len) {
    switch ((enum file_type)file->type) {
    case FILE_EVENTFD:
        return eventfd_read(kernel, file, buf, len);
    case FILE_SIGNALFD:
        return signalfd_read(kernel, file, buf, len);
    case FILE_CONSOLE:
        return 0;
    case FILE_SOCKET:
    case FILE_EPOLL:
        break;
    }
    return -EINVAL;
}

int64_t special_write(
    struct sim_kernel *kernel, int fd, struct sim_file *file, const void *buf, size_t len) {
    switch ((enum file_type)file->type) {
    case FILE_EVENTFD:
        return eventfd_write(kernel, file, buf, len);
    case FILE_CONSOLE:
        if (kernel->config.on_console != NULL) {
            kernel->config.on_console(kernel->config.user_data, fd, buf, len);
        }
        return (int64_t)len;
    case FILE_SIGNALFD:
    case FILE_SOCKET:
    case FILE_EPOLL:
        break;
    }
    return -EINVAL;
}

/* ---- clocks and entropy ---- */

/* 2024-01-01T00:00:00Z: the wall clock of every run begins here. */
#define REAL_START_NS (UINT64_C(1704067200) * 1000000000)

uint64_t sys_clock_gettime(void *self, int clock) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint64_t now_ns = kernel->now_ns;
    if (clock == WB_CLOCK_REALTIME) {
        if (choice_possible(kernel)) {
            struct wbh_choice_point point = {
                .point = WBH_POINT_CLOCK,
                .ordinal = ++kernel->ordinal[WBH_POINT_CLOCK],
                .failing = WBH_ACTION_BIT(WBH_ACTION_JUMP),
            };
            struct wbh_choice choice = choose(kernel, &point);
            if (choice.action == WBH_ACTION_JUMP) {
                kernel->real_offset_ns += choice.value;
                choice_consumed(kernel, point.point, choice.action);
            }
        }
        now_ns += REAL_START_NS + kernel->real_offset_ns;
    }
    call_return(kernel, SIM_CALL_CLOCK, -1, NULL, 0, (uint64_t)clock, now_ns);
    return now_ns;
}

static uint64_t entropy_next(struct sim_kernel *kernel) {
    kernel->entropy += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = kernel->entropy;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

int sys_getrandom(void *self, void *buf, size_t len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint8_t *bytes = buf;
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = entropy_next(kernel);
        for (size_t k = 0; k < 8 && i + k < len; k++) {
            bytes[i + k] = (uint8_t)(word >> (8 * k));
        }
    }
    return (int)call_return(kernel, SIM_CALL_GETRANDOM, -1, NULL, 0, len, 0);
}
