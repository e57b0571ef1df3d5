/* A loop as libevent's is over epoll, in little: events of one kind each, several on a descriptor;
 * what is added and deleted is put on a list and told to epoll when the loop next waits. Written
 * from what libevent documents and relies on; README.md says where that stands. */
#ifndef LOOPS_EV_BASE_H
#define LOOPS_EV_BASE_H

#include "bugs.h"
#include "service.h"

enum {
    EV_KIND_READ = 1,
    EV_KIND_WRITE = 2,
    EV_KIND_CLOSED = 4,
    EV_KIND_COUNT = 3,
};

struct ev_base;
struct ev_event;

typedef void (*ev_ready_fn)(struct ev_base *base, struct ev_event *event);

/* Ownership: the caller's, and at its place until the loop has passed it by. */
struct ev_event {
    int fd;
    uint32_t kind;      /* one EV_KIND_* */
    bool is_persistent; /* otherwise it is deleted before it is called */
    bool is_edge;
    ev_ready_fn ready;
    void *owner;
    /* The loop's. */
    bool is_pending;
    uint32_t active; /* the WB_EPOLL* bits for which it is about to be called; 0: it is not */
};

struct ev_fd {
    struct ev_event *events[EV_KIND_COUNT]; /* pending ones; NULL: none */
    uint32_t told;                          /* what epoll is believed to know */
    bool is_added;                          /* something was added since it was told */
};

struct ev_base {
    const struct wb_sys *sys;
    enum planted_bug bug;
    int epfd;
    struct ev_fd fds[LOOPS_FDS_MAX];
};

/* 0 or -errno. */
int ev_base_init(struct ev_base *base, const struct wb_sys *sys, enum planted_bug bug);
void ev_base_clean_up(struct ev_base *base);

/* Makes it pending. One that is ready, or was added again, is reported at once, edge-triggered or
 * not. */
void ev_base_add(struct ev_base *base, struct ev_event *event);
/* Makes it neither pending nor active: it is not called, not even for what the present wait has
 * reported already. Its descriptor may then be closed. */
void ev_base_del(struct ev_base *base, struct ev_event *event);

/* Tells epoll at once what the next wait would: before a descriptor is closed of which there is a
 * duplicate, or what epoll knows of it outlives it. 0 or -errno. */
int ev_base_tell(struct ev_base *base);

/* Waits once and calls who is ready. 0 or -errno. */
int ev_base_run_once(struct ev_base *base);

#endif
