/* A loop as libuv's is on Linux, in little: watchers that are started and stopped at will, and told
 * to epoll, level-triggered, only when the loop next waits. Written from what libuv documents and
 * relies on; README.md says where that stands. */
#ifndef LOOPS_UV_LOOP_H
#define LOOPS_UV_LOOP_H

#include "bugs.h"
#include "service.h"

struct uv_loop;
struct uv_watcher;

typedef void (*uv_ready_fn)(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events);

/* Ownership: the caller's, and at its place for as long as it is started. */
struct uv_watcher {
    int fd;
    uint32_t wanted; /* WB_EPOLL* bits; 0: stopped */
    uint32_t armed;  /* what epoll was told last; 0: nothing since it was stopped */
    uv_ready_fn ready;
    void *owner;
};

struct uv_loop {
    const struct wb_sys *sys;
    enum planted_bug bug;
    int epfd;
    struct uv_watcher *watchers[LOOPS_FDS_MAX]; /* by descriptor; NULL: stopped */
    struct wb_epoll_event *batch;               /* what is left of it; NULL: none */
    int batch_len;
};

/* 0 or -errno. */
int uv_loop_init(struct uv_loop *loop, const struct wb_sys *sys, enum planted_bug bug);
void uv_loop_clean_up(struct uv_loop *loop);

/* Events of the watcher's descriptor, which is below LOOPS_FDS_MAX. What is stopped calls nobody,
 * not even for what the present wait has reported already. */
void uv_loop_start(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events);
void uv_loop_stop(struct uv_loop *loop, struct uv_watcher *watcher, uint32_t events);
/* Stops it and closes its descriptor. */
void uv_loop_close(struct uv_loop *loop, struct uv_watcher *watcher);

/* Waits once and calls who is ready. 0 or -errno. */
int uv_loop_run_once(struct uv_loop *loop);

#endif
