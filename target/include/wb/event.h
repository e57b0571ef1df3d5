/* What a wait reported: one event, and the container that a wait fills.
 *
 * Everything but the token, readable and writable is a hint: it may be absent although true. No
 * predicate is true without cause, but an event may be spurious: only the operation itself tells.
 * One source may be reported once with several flags or several times in one batch.
 *
 * Thread: a container belongs to the thread that waits. Allocates: only wb_events_init(). */
#ifndef WB_EVENT_H
#define WB_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- one event ---- */

struct wb_event {
    uint64_t token; /* as given at registration */
    uint32_t flags; /* WB_EPOLL* */
};

static inline uint64_t wb_event_token(struct wb_event event) {
    return event.token;
}

/* Data, a connection to accept, out-of-band data, or the end of the stream. */
static inline bool wb_event_is_readable(struct wb_event event) {
    return (event.flags & (WB_EPOLLIN | WB_EPOLLPRI)) != 0;
}

static inline bool wb_event_is_writable(struct wb_event event) {
    return (event.flags & WB_EPOLLOUT) != 0;
}

/* Out-of-band data; only with WB_INTEREST_PRIORITY. */
static inline bool wb_event_is_priority(struct wb_event event) {
    return (event.flags & WB_EPOLLPRI) != 0;
}

/* The source has a pending error: the next operation, or taking the error, tells which. */
static inline bool wb_event_is_error(struct wb_event event) {
    return (event.flags & WB_EPOLLERR) != 0;
}

/* No more data will come after what is still buffered: read up to WB_EOF, do not close at once. */
static inline bool wb_event_is_read_closed(struct wb_event event) {
    const uint32_t end = WB_EPOLLIN | WB_EPOLLRDHUP;
    return (event.flags & WB_EPOLLHUP) != 0 || (event.flags & end) == end;
}

/* Writing will fail. Not raised by shutting down one's own writing direction alone. */
static inline bool wb_event_is_write_closed(struct wb_event event) {
    const uint32_t failed = WB_EPOLLOUT | WB_EPOLLERR;
    return (event.flags & WB_EPOLLHUP) != 0 || (event.flags & failed) == failed
           || event.flags == WB_EPOLLERR;
}

/* Whether a read is worth trying: readable, or anything that a read would reveal. A bare hang-up or
 * error, which no direction claims, counts here and for wb_event_wants_write() alike, so that a
 * program which looks at nothing else misses nothing. */
static inline bool wb_event_wants_read(struct wb_event event) {
    return (event.flags & (WB_EPOLLIN | WB_EPOLLPRI | WB_EPOLLRDHUP | WB_EPOLLHUP | WB_EPOLLERR))
           != 0;
}

/* Whether a write is worth trying: writable, or a failure that a write would reveal. */
static inline bool wb_event_wants_write(struct wb_event event) {
    return (event.flags & (WB_EPOLLOUT | WB_EPOLLHUP | WB_EPOLLERR)) != 0;
}

/* Bytes that hold every formatted event, with the NUL. */
#define WB_EVENT_TEXT_LEN_MAX 96

/* For people: "token=1 readable|read-closed". The text is not a stable interface. Returns the
 * length without the NUL. `capacity` must be at least WB_EVENT_TEXT_LEN_MAX. */
WB_API size_t wb_event_format(struct wb_event event, char *out_text, size_t capacity);

/* ---- the container ---- */

/* The fields are the container's own; use the functions. */
struct wb_events {
    const struct wb_sys *sys;
    struct wb_epoll_event *items;
    uint32_t capacity;
    uint32_t count;
};

/* Room for `capacity` events a wait, 1 to WB_EVENTS_CAPACITY_MAX. With little room nothing is lost:
 * the rest comes with the next wait. Errors: WB_ERR_INVALID for another capacity, WB_ERR_NO_MEMORY;
 * the container is then as after clean_up. Allocates. */
#define WB_EVENTS_CAPACITY_MAX 65536u
WB_API WB_MUST_USE enum wb_status wb_events_init(
    struct wb_events *events, const struct wb_sys *sys, uint32_t capacity);

/* A container of zero bytes, or one cleaned up before, is allowed. */
WB_API void wb_events_clean_up(struct wb_events *events);

static inline uint32_t wb_events_capacity(const struct wb_events *events) {
    return events->capacity;
}

static inline uint32_t wb_events_count(const struct wb_events *events) {
    return events->count;
}

static inline bool wb_events_is_empty(const struct wb_events *events) {
    return events->count == 0;
}

/* `index` must be below wb_events_count(). Looking changes nothing. */
static inline struct wb_event wb_events_at(const struct wb_events *events, uint32_t index) {
    const struct wb_epoll_event *item = &events->items[index];
    struct wb_event event = {item->data, item->events};
    return event;
}

static inline void wb_events_clear(struct wb_events *events) {
    events->count = 0;
}

#ifdef __cplusplus
}
#endif

#endif
