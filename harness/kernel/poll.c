/* poll(2) and select(2): states are looked at, which marks full sockets as such, and nothing else
 * changes. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { POLL_NVAL = 0x20 }; /* nothing is open under the number */

/* ---- who sleeps on an epoll instance ---- */

/* What a call without a deadline looks at, before it sleeps. */
struct watched {
    const struct wb_pollfd *fds; /* of poll, or NULL */
    const struct wb_fd_set *readable;
    uint32_t count; /* of entries, or of descriptors of the set */
};

static bool has_fd(const struct wb_fd_set *set, int fd) {
    return (set->bits[fd / 64] >> (fd % 64) & 1u) != 0;
}

/* The n-th descriptor; NULL: it is not looked at for input. */
static struct sim_file *watched_file(
    struct sim_kernel *kernel, const struct watched *watched, uint32_t n, int *out_fd) {
    if (watched->fds != NULL) {
        *out_fd = ((uint16_t)watched->fds[n].events & WB_EPOLLIN) != 0 ? watched->fds[n].fd : -1;
    } else {
        *out_fd = has_fd(watched->readable, (int)n) ? (int)n : -1;
    }
    return *out_fd >= 0 ? fd_get(kernel, *out_fd) : NULL;
}

/* What epoll_wait would say of itself by SIM_EVENT_WAIT. */
static void tell_watch(struct sim_kernel *kernel, const struct watched *watched) {
    bool has_timer = false;
    int fd;
    for (uint32_t n = 0; n < watched->count; n++) {
        const struct sim_file *file = watched_file(kernel, watched, n, &fd);
        has_timer = has_timer || (file != NULL && file->type == FILE_TIMERFD);
    }
    for (uint32_t n = 0; n < watched->count; n++) {
        const struct sim_file *file = watched_file(kernel, watched, n, &fd);
        if (file != NULL && file->type == FILE_EPOLL) {
            struct sim_event event = event_begin(kernel, SIM_EVENT_WATCH);
            event.fd = fd;
            event.file = file->serial;
            event.a = UINT64_MAX;
            event.b = has_timer;
            event_emit(kernel, &event);
        }
    }
}

/* ---- poll ---- */

static int16_t poll_one(
    struct sim_kernel *kernel, const struct wb_pollfd *entry, struct sim_file *file) {
    if (entry->fd < 0) {
        return 0;
    }
    if (file == NULL) {
        return POLL_NVAL;
    }
    uint32_t wanted = (uint32_t)(uint16_t)entry->events | WB_EPOLLERR | WB_EPOLLHUP;
    return (int16_t)(file_poll(kernel, file) & wanted);
}

/* `held`: the files to look at; NULL: those that have the numbers now. */
static int poll_all(struct sim_kernel *kernel, struct wb_pollfd *fds, uint32_t fds_len,
    struct sim_file *const *held) {
    int ready = 0;
    for (uint32_t i = 0; i < fds_len; i++) {
        struct sim_file *file = held != NULL ? held[i] : fd_get(kernel, fds[i].fd);
        fds[i].revents = poll_one(kernel, &fds[i], file);
        ready += fds[i].revents != 0;
    }
    return ready;
}

/* Where others could close the files meanwhile it is those that it began with that end the sleep;
 * what it then tells is of whatever has their numbers. */
static int poll_waiting(
    struct sim_kernel *kernel, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    uint64_t deadline_ns = wait_deadline(kernel, timeout_ns);
    struct sim_file **held = thread_hold_many(kernel, fds_len);
    for (uint32_t i = 0; held != NULL && i < fds_len; i++) {
        thread_hold_listed(kernel, i, fd_get(kernel, fds[i].fd));
    }
    int result = poll_all(kernel, fds, fds_len, held);
    if (result == 0 && timeout_ns < 0) {
        tell_watch(kernel, &(struct watched){.fds = fds, .count = fds_len});
    }
    while (result == 0 && timeout_ns != 0 && wait_advance(kernel, deadline_ns)) {
        result = poll_all(kernel, fds, fds_len, held);
        if (result != 0 && held != NULL) {
            result = poll_all(kernel, fds, fds_len, NULL);
        }
    }
    if (result == 0) {
        result = poll_all(kernel, fds, fds_len, NULL);
    }
    if (held != NULL) {
        thread_let_go(kernel);
    }
    return result;
}

int sys_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    if (fds == NULL && fds_len != 0) {
        result = -EFAULT;
    } else if (fds_len > kernel->current->fd_limit) {
        result = -EINVAL;
    } else {
        result = poll_waiting(kernel, fds, fds_len, timeout_ns);
    }
    return (int)call_return(kernel, SIM_CALL_POLL, -1, NULL, result, fds_len, (uint64_t)timeout_ns);
}

/* ---- select ---- */

enum { SELECT_MAX = 1024, SELECTION_COUNT = 3 };

/* Which bits of the state count for which set. */
#define SELECT_READABLE                                                                            \
    (WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLIN | WB_EPOLLHUP | WB_EPOLLERR | POLL_NVAL)
#define SELECT_WRITABLE (WB_EPOLLWRBAND | WB_EPOLLWRNORM | WB_EPOLLOUT | WB_EPOLLERR | POLL_NVAL)
#define SELECT_EXCEPTIONAL (WB_EPOLLPRI | POLL_NVAL)

struct selection {
    struct wb_fd_set *set; /* NULL: not asked for */
    struct wb_fd_set asked;
    uint32_t bits;
};

static void put_fd(struct wb_fd_set *set, int fd) {
    set->bits[fd / 64] |= UINT64_C(1) << (fd % 64);
}

static void selection_init(
    struct selection *selection, struct wb_fd_set *set, uint32_t bits, int fds_len) {
    *selection = (struct selection){.set = set, .bits = bits};
    for (int fd = 0; set != NULL && fd < fds_len; fd++) {
        if (has_fd(set, fd)) {
            put_fd(&selection->asked, fd);
        }
    }
}

static bool is_asked(const struct selection *selections, int fd) {
    bool asked = false;
    for (int i = 0; i < SELECTION_COUNT; i++) {
        asked = asked || has_fd(&selections[i].asked, fd);
    }
    return asked;
}

static int check_selected(
    struct sim_kernel *kernel, const struct selection *selections, int fds_len) {
    for (int fd = 0; fd < fds_len; fd++) {
        if (is_asked(selections, fd) && fd_get(kernel, fd) == NULL) {
            return -EBADF;
        }
    }
    return 0;
}

static int look(struct sim_kernel *kernel, const struct selection *selections, int fds_len,
    struct sim_file *const *held, struct wb_fd_set *answers) {
    int ready = 0;
    for (int fd = 0; fd < fds_len; fd++) {
        uint32_t state = 0;
        if (is_asked(selections, fd)) {
            struct sim_file *file = held != NULL ? held[fd] : fd_get(kernel, fd);
            state = file != NULL ? file_poll(kernel, file) : POLL_NVAL;
        }
        for (int i = 0; i < SELECTION_COUNT; i++) {
            if (has_fd(&selections[i].asked, fd) && (state & selections[i].bits) != 0) {
                put_fd(&answers[i], fd);
                ready++;
            }
        }
    }
    return ready;
}

/* Sleeps until something is ready or the time is up; the words that hold a descriptor below fds_len
 * are written whole, those beyond not at all. */
static int select_waiting(struct sim_kernel *kernel, struct selection *selections, int fds_len,
    int64_t timeout_ns, struct sim_file *const *held) {
    uint64_t deadline_ns = wait_deadline(kernel, timeout_ns);
    bool in_time = timeout_ns != 0;
    bool is_told = timeout_ns >= 0;
    for (;;) {
        struct wb_fd_set answers[SELECTION_COUNT] = {0};
        int ready = look(kernel, selections, fds_len, in_time ? held : NULL, answers);
        if (ready != 0 && in_time && held != NULL) {
            memset(answers, 0, sizeof(answers));
            ready = look(kernel, selections, fds_len, NULL, answers);
        }
        if (ready == 0 && !is_told) {
            is_told = true;
            tell_watch(kernel,
                &(struct watched){.readable = &selections[0].asked, .count = (uint32_t)fds_len});
        }
        if (ready == 0 && in_time) {
            in_time = wait_advance(kernel, deadline_ns);
            continue;
        }
        for (int i = 0; i < SELECTION_COUNT; i++) {
            for (int word = 0; selections[i].set != NULL && word * 64 < fds_len; word++) {
                selections[i].set->bits[word] = answers[i].bits[word];
            }
        }
        return ready;
    }
}

static int select_holding(
    struct sim_kernel *kernel, struct selection *selections, int fds_len, int64_t timeout_ns) {
    struct sim_file **held = thread_hold_many(kernel, (size_t)fds_len);
    for (int fd = 0; held != NULL && fd < fds_len; fd++) {
        if (is_asked(selections, fd)) {
            thread_hold_listed(kernel, (size_t)fd, fd_get(kernel, fd));
        }
    }
    int result = select_waiting(kernel, selections, fds_len, timeout_ns, held);
    if (held != NULL) {
        thread_let_go(kernel);
    }
    return result;
}

int sys_select(void *self, int fds_len, struct wb_fd_set *readable, struct wb_fd_set *writable,
    struct wb_fd_set *exceptional, int64_t timeout_ns) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = fds_len < 0 ? -EINVAL : 0;
    if (result == 0) {
        int count = fds_len < SELECT_MAX ? fds_len : SELECT_MAX;
        struct selection selections[SELECTION_COUNT];
        selection_init(&selections[0], readable, SELECT_READABLE, count);
        selection_init(&selections[1], writable, SELECT_WRITABLE, count);
        selection_init(&selections[2], exceptional, SELECT_EXCEPTIONAL, count);
        result = check_selected(kernel, selections, count);
        if (result == 0) {
            result = select_holding(kernel, selections, count, timeout_ns);
        }
    }
    return (int)call_return(kernel, SIM_CALL_SELECT, -1, NULL, result, (uint64_t)(int64_t)fds_len,
        (uint64_t)timeout_ns);
}
