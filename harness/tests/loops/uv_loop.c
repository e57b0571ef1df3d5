#include "uv_loop.h"

#include <assert.h>
#include <errno.h>

enum { BATCH = 64 };
static const uint64_t invalidated = UINT64_MAX;

#define FAILURE_BITS (WB_EPOLLERR | WB_EPOLLHUP)
#define WANTED_BITS (WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP)

int uv_loop_init(struct uv_loop *loop, const struct wb_sys *sys, enum planted_bug bug) {
    *loop = (struct uv_loop){.sys = sys, .bug = bug};
    loop->epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    return loop->epfd < 0 ? loop->epfd : 0;
}

void uv_loop_clean_up(struct uv_loop *loop) {
    if (loop->epfd >= 0) {
        (void)WB_SYS(loop->sys, close, loop->epfd);
    }
}

static int control(struct uv_loop *loop, int op, int fd, uint32_t mask) {
    struct wb_epoll_event event = {.events = mask, .data = (uint64_t)fd};
    return WB_SYS(loop->sys, epoll_ctl, loop->epfd, op, fd, &event);
}

/* ---- starting and stopping ---- */

void uv_loop_start(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    assert(watcher->fd >= 0 && watcher->fd < LOOPS_FDS_MAX);
    watcher->wanted |= events;
    loop->watchers[watcher->fd] = watcher;
}

/* epoll is not told: who starts again soon costs no call, who does not is taken out when it is
 * next reported. */
void uv_loop_stop(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events) {
    watcher->wanted &= ~events;
    if (watcher->wanted == 0) {
        watcher->armed = 0;
        if (loop->bug != PLANTED_STOPPED_CALLED) {
            loop->watchers[watcher->fd] = NULL;
        }
    }
}

/* The number may be somebody else's before the batch is done. */
static void invalidate(struct uv_loop *loop, int fd) {
    if (loop->bug == PLANTED_CLOSED_NOT_INVALIDATED) {
        return;
    }
    for (int i = 0; i < loop->batch_len; i++) {
        if (loop->batch[i].data == (uint64_t)fd) {
            loop->batch[i].data = invalidated;
        }
    }
}

void uv_loop_close(struct uv_loop *loop, struct uv_watcher *watcher) {
    uv_loop_stop(loop, watcher, WANTED_BITS);
    loop->watchers[watcher->fd] = NULL;
    invalidate(loop, watcher->fd);
    (void)control(loop, WB_EPOLL_CTL_DEL, watcher->fd, 0); /* it may not be there */
    (void)WB_SYS(loop->sys, close, watcher->fd);
    watcher->fd = -1;
}

/* ---- waiting ---- */

static int tell(struct uv_loop *loop, struct uv_watcher *watcher) {
    uint32_t mask = watcher->wanted | (loop->bug == PLANTED_LIMIT_ON_EDGES ? WB_EPOLLET : 0);
    int op = watcher->armed == 0 ? WB_EPOLL_CTL_ADD : WB_EPOLL_CTL_MOD;
    int result = control(loop, op, watcher->fd, mask);
    if (result == -EEXIST && op == WB_EPOLL_CTL_ADD) {
        /* It was stopped and is started again. */
        result = loop->bug == PLANTED_RESTART_NOT_MODIFIED
                     ? 0
                     : control(loop, WB_EPOLL_CTL_MOD, watcher->fd, mask);
    }
    if (result == 0) {
        watcher->armed = watcher->wanted;
    }
    return result;
}

static int tell_all(struct uv_loop *loop) {
    for (int fd = 0; fd < LOOPS_FDS_MAX; fd++) {
        struct uv_watcher *watcher = loop->watchers[fd];
        if (watcher != NULL && watcher->wanted != watcher->armed) {
            int result = tell(loop, watcher);
            if (result != 0) {
                return result;
            }
        }
    }
    return 0;
}

static uint32_t events_for(
    const struct uv_loop *loop, const struct uv_watcher *watcher, uint32_t events) {
    if (loop->bug != PLANTED_STOPPED_CALLED) {
        events &= watcher->wanted | FAILURE_BITS;
    }
    /* A hang-up or an error alone says neither read nor write: who does what it wanted to do finds
     * out what it is. */
    uint32_t merged = FAILURE_BITS;
    merged &= loop->bug == PLANTED_HANG_UP_NOT_MERGED ? ~WB_EPOLLHUP : ~UINT32_C(0);
    merged &= loop->bug == PLANTED_ERROR_NOT_MERGED ? ~WB_EPOLLERR : ~UINT32_C(0);
    if ((events & WANTED_BITS) == 0 && (events & merged) != 0) {
        events |= watcher->wanted;
    }
    return events;
}

static void dispatch(struct uv_loop *loop, const struct wb_epoll_event *event) {
    if (event->data == invalidated) {
        return;
    }
    int fd = (int)event->data;
    struct uv_watcher *watcher = loop->watchers[fd];
    if (watcher == NULL) {
        (void)control(loop, WB_EPOLL_CTL_DEL, fd, 0); /* it may be closed */
        return;
    }
    uint32_t events = events_for(loop, watcher, event->events);
    if (events != 0) {
        wb_sys_note(loop->sys, WB_NOTE_DISPATCH, event->data, events);
        watcher->ready(loop, watcher, events);
    }
}

int uv_loop_run_once(struct uv_loop *loop) {
    struct wb_epoll_event events[BATCH];
    int result = tell_all(loop);
    if (result != 0) {
        return result;
    }
    int count = WB_SYS(loop->sys, epoll_pwait2, loop->epfd, events, BATCH, WB_TIMEOUT_INFINITE);
    if (count < 0) {
        return count == -EINTR ? 0 : count;
    }
    for (int i = 0; i < count; i++) {
        loop->batch = &events[i + 1];
        loop->batch_len = count - i - 1;
        dispatch(loop, &events[i]);
    }
    loop->batch_len = 0;
    return 0;
}
