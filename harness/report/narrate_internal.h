/* The narrator's memory, shared by the files that put events into words. */
#ifndef WBH_REPORT_NARRATE_INTERNAL_H
#define WBH_REPORT_NARRATE_INTERNAL_H

#include "report/narrate.h"

enum fd_kind {
    FD_OTHER,
    FD_SOCKET,
    FD_LISTENER,
    FD_EPOLL,
    FD_EVENTFD,
    FD_SIGNALFD,
    FD_TIMERFD,
    FD_PIPE,
    FD_FILE,
};

struct wbh_narrator {
    const struct wbh_scenario *scenario;
    size_t excerpt_len;
    unsigned process; /* of the event that is being told */
    uint64_t wait_counts[SIM_PROCESSES_MAX];
    uint64_t last_waits[SIM_PROCESSES_MAX][SIM_THREADS_MAX]; /* of each thread: its number */
    uint8_t *fd_kinds; /* by descriptor and process: see fd_place() */
    size_t fd_kind_count;
    uint32_t *masks; /* by registration: the interest it was last given */
    size_t mask_count;
};

/* "listener", "eventfd", "fd": what a descriptor is. */
const char *wbh_narrate_fd_word(const struct wbh_narrator *narrator, int64_t fd);
/* Appends what an event is about: "alice", "listener 4", "fd 9". */
void wbh_narrate_object(
    struct wbh_text *out, const struct wbh_narrator *narrator, const struct sim_event *event);

/* In narrate_call.c and narrate_peer.c. */
struct wbh_narration wbh_narrate_call(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out);
struct wbh_narration wbh_narrate_peer(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out);

#endif
