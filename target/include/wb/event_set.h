/* The older vocabulary of the handler form: sets of readiness (readable, writable, error, hup) and
 * sets of poll options (edge, level, oneshot), with their algebra. The event loop itself speaks
 * wb/event.h and wb/interest.h; this converts.
 *
 * Thread: pure functions. Allocates: nothing. */
#ifndef WB_EVENT_SET_H
#define WB_EVENT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/event.h"
#include "wb/interest.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sets of readiness ---- */

enum {
    WB_EVENT_SET_NONE = 0,
    WB_EVENT_SET_READABLE = 1,
    WB_EVENT_SET_WRITABLE = 2,
    WB_EVENT_SET_ERROR = 4,
    WB_EVENT_SET_HUP = 8, /* the peer will send no more, or the connection is gone */
    WB_EVENT_SET_ALL = 15,
};

/* Union, intersection and symmetric difference are | & ^ of C. */
static inline uint32_t wb_event_set_sub(uint32_t set, uint32_t other) {
    return set & ~other;
}

/* Everything that is not in `set`, within WB_EVENT_SET_ALL. */
static inline uint32_t wb_event_set_not(uint32_t set) {
    return ~set & WB_EVENT_SET_ALL;
}

static inline void wb_event_set_insert(uint32_t *set, uint32_t other) {
    *set |= other;
}

static inline void wb_event_set_remove(uint32_t *set, uint32_t other) {
    *set &= ~other;
}

/* All of `other`. */
static inline bool wb_event_set_contains(uint32_t set, uint32_t other) {
    return (set & other) == other;
}

static inline bool wb_event_set_is_readable(uint32_t set) {
    return (set & WB_EVENT_SET_READABLE) != 0;
}

static inline bool wb_event_set_is_writable(uint32_t set) {
    return (set & WB_EVENT_SET_WRITABLE) != 0;
}

static inline bool wb_event_set_is_error(uint32_t set) {
    return (set & WB_EVENT_SET_ERROR) != 0;
}

static inline bool wb_event_set_is_hup(uint32_t set) {
    return (set & WB_EVENT_SET_HUP) != 0;
}

/* What an event says, in this vocabulary. */
static inline uint32_t wb_event_set_of(struct wb_event event) {
    return (wb_event_is_readable(event) ? (uint32_t)WB_EVENT_SET_READABLE : 0u)
           | (wb_event_is_writable(event) ? (uint32_t)WB_EVENT_SET_WRITABLE : 0u)
           | (wb_event_is_error(event) ? (uint32_t)WB_EVENT_SET_ERROR : 0u)
           | ((event.flags & (WB_EPOLLHUP | WB_EPOLLRDHUP)) != 0 ? (uint32_t)WB_EVENT_SET_HUP : 0u);
}

/* The interest that asks for a set: readable and hup ask for READABLE, writable for WRITABLE;
 * errors come unasked. Errors: WB_ERR_INVALID if nothing is left to ask for. */
WB_API WB_MUST_USE enum wb_status wb_event_set_interest(uint32_t set, uint32_t *out_interest);

/* Bytes that hold every formatted set, with the NUL. */
#define WB_EVENT_SET_TEXT_LEN_MAX 48

/* "Readable | Writable | Error | Hup"; "" for none. Returns the length without the NUL. `capacity`
 * must be at least WB_EVENT_SET_TEXT_LEN_MAX. */
WB_API size_t wb_event_set_format(uint32_t set, char *out_text, size_t capacity);

/* ---- sets of poll options ---- */

enum {
    WB_POLL_OPT_EMPTY = 0,
    WB_POLL_OPT_EDGE = 0x20,
    WB_POLL_OPT_LEVEL = 0x40,
    WB_POLL_OPT_ONESHOT = 0x80,
    WB_POLL_OPT_ALL = 0xe0,
};

/* Neither edge nor level behaves as level; level wins when both are there. */
static inline enum wb_trigger wb_poll_opt_trigger(uint32_t options) {
    const bool edge = (options & (WB_POLL_OPT_EDGE | WB_POLL_OPT_LEVEL)) == WB_POLL_OPT_EDGE;
    if ((options & WB_POLL_OPT_ONESHOT) != 0) {
        return edge ? WB_TRIGGER_EDGE_ONESHOT : WB_TRIGGER_ONESHOT;
    }
    return edge ? WB_TRIGGER_EDGE : WB_TRIGGER_LEVEL;
}

#ifdef __cplusplus
}
#endif

#endif
