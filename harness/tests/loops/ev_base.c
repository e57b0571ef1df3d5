#include "ev_base.h"

#include <assert.h>
#include <errno.h>

enum { BATCH = 64, ACTIVE_MAX = BATCH * EV_KIND_COUNT };

#define FAILURE_BITS (WB_EPOLLERR | WB_EPOLLHUP)

static const uint32_t bit_of_kind[EV_KIND_COUNT] = {WB_EPOLLIN, WB_EPOLLOUT, WB_EPOLLRDHUP};

int ev_base_init(struct ev_base *base, const struct wb_sys *sys, enum planted_bug bug) {
    *base = (struct ev_base){.sys = sys, .bug = bug};
    base->epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    return base->epfd < 0 ? base->epfd : 0;
}

void ev_base_clean_up(struct ev_base *base) {
    if (base->epfd >= 0) {
        (void)WB_SYS(base->sys, close, base->epfd);
    }
}

/* ---- adding and deleting ---- */

static struct ev_event **place_of(struct ev_base *base, const struct ev_event *event) {
    assert(event->fd >= 0 && event->fd < LOOPS_FDS_MAX);
    return &base->fds[event->fd].events[event->kind >> 1];
}

void ev_base_add(struct ev_base *base, struct ev_event *event) {
    *place_of(base, event) = event;
    base->fds[event->fd].is_added = true;
    event->is_pending = true;
}

void ev_base_del(struct ev_base *base, struct ev_event *event) {
    if (event->is_pending) {
        *place_of(base, event) = NULL;
        event->is_pending = false;
    }
    if (base->bug != PLANTED_DELETED_CALLED) {
        event->active = 0;
    }
}

/* ---- the list of changes ---- */

static int control(struct ev_base *base, int op, int fd, uint32_t mask) {
    struct wb_epoll_event event = {.events = mask, .data = (uint64_t)fd};
    return WB_SYS(base->sys, epoll_ctl, base->epfd, op, fd, &event);
}

static uint32_t mask_of(const struct ev_fd *fd) {
    uint32_t mask = 0;
    for (int i = 0; i < EV_KIND_COUNT; i++) {
        if (fd->events[i] != NULL) {
            mask |= bit_of_kind[i] | (fd->events[i]->is_edge ? WB_EPOLLET : 0);
        }
    }
    return mask;
}

/* What epoll is believed to know may be wrong: a descriptor may have been closed, and opened as
 * something else, since it was told. The answer says which operation it should have been. */
static int apply(struct ev_base *base, int fd, uint32_t mask) {
    uint32_t told = base->fds[fd].told;
    if (mask == 0) {
        int result = control(base, WB_EPOLL_CTL_DEL, fd, 0);
        bool is_gone = result == -ENOENT || result == -EBADF;
        return is_gone && base->bug != PLANTED_MISSING_ON_DEL_FATAL ? 0 : result;
    }
    if (told == 0) {
        int result = control(base, WB_EPOLL_CTL_ADD, fd, mask);
        if (result != -EEXIST) {
            return result;
        }
        return base->bug == PLANTED_EXISTING_NOT_MODIFIED
                   ? 0
                   : control(base, WB_EPOLL_CTL_MOD, fd, mask);
    }
    int result = control(base, WB_EPOLL_CTL_MOD, fd, mask);
    if (result != -ENOENT) {
        return result;
    }
    return base->bug == PLANTED_MISSING_NOT_ADDED ? 0 : control(base, WB_EPOLL_CTL_ADD, fd, mask);
}

/* The same mask told again is no waste: it arms an edge anew, and it finds out that the descriptor
 * is another by now. */
static bool is_changed(const struct ev_base *base, const struct ev_fd *fd, uint32_t mask) {
    bool is_told_again = fd->is_added && mask != 0 && base->bug != PLANTED_CHANGE_ELIDED;
    return mask != fd->told || is_told_again;
}

int ev_base_tell(struct ev_base *base) {
    for (int i = 0; i < LOOPS_FDS_MAX; i++) {
        struct ev_fd *fd = &base->fds[i];
        uint32_t mask = mask_of(fd);
        if (is_changed(base, fd, mask)) {
            int result = apply(base, i, mask);
            if (result != 0) {
                return result;
            }
            fd->told = mask;
        }
        fd->is_added = false;
    }
    return 0;
}

/* ---- waiting ---- */

static uint32_t kinds_of(const struct ev_base *base, uint32_t events) {
    uint32_t bare = FAILURE_BITS;
    bare &= base->bug == PLANTED_HANG_UP_NOT_BOTH ? ~WB_EPOLLHUP : ~UINT32_C(0);
    bare &= base->bug == PLANTED_ERROR_NOT_BOTH ? ~WB_EPOLLERR : ~UINT32_C(0);
    bool is_whole = (events & bare & WB_EPOLLERR) != 0
                    || ((events & bare & WB_EPOLLHUP) != 0 && (events & WB_EPOLLRDHUP) == 0);
    if (is_whole) {
        /* libevent itself leaves the last one out. */
        return EV_KIND_READ | EV_KIND_WRITE
               | (base->bug == PLANTED_ERROR_HIDES_CLOSED ? 0 : EV_KIND_CLOSED);
    }
    return ((events & WB_EPOLLIN) != 0 ? EV_KIND_READ : 0)
           | ((events & WB_EPOLLOUT) != 0 ? EV_KIND_WRITE : 0)
           | ((events & WB_EPOLLRDHUP) != 0 ? EV_KIND_CLOSED : 0);
}

static int activate(struct ev_base *base, const struct wb_epoll_event *event,
    struct ev_event **active, int active_count) {
    const struct ev_fd *fd = &base->fds[event->data];
    uint32_t kinds = kinds_of(base, event->events);
    for (int i = 0; i < EV_KIND_COUNT; i++) {
        if ((kinds >> i & 1) != 0 && fd->events[i] != NULL && fd->events[i]->active == 0) {
            fd->events[i]->active = event->events;
            active[active_count++] = fd->events[i];
        }
    }
    return active_count;
}

static void call(struct ev_base *base, struct ev_event *event) {
    uint32_t events = event->active;
    if (events == 0) {
        return; /* deleted meanwhile */
    }
    event->active = 0;
    if (!event->is_persistent) {
        ev_base_del(base, event);
    }
    wb_sys_note(base->sys, WB_NOTE_DISPATCH, (uint64_t)event->fd, events);
    event->ready(base, event);
}

int ev_base_run_once(struct ev_base *base) {
    struct wb_epoll_event events[BATCH];
    struct ev_event *active[ACTIVE_MAX];
    int active_count = 0;
    int result = ev_base_tell(base);
    if (result != 0) {
        return result;
    }
    int count = WB_SYS(base->sys, epoll_pwait2, base->epfd, events, BATCH, WB_TIMEOUT_INFINITE);
    if (count < 0) {
        return count == -EINTR ? 0 : count;
    }
    for (int i = 0; i < count; i++) {
        active_count = activate(base, &events[i], active, active_count);
    }
    for (int i = 0; i < active_count; i++) {
        call(base, active[i]);
    }
    return 0;
}
