/* What a source is watched for, and how often it is reported. Not what was reported: that is
 * wb/event.h.
 *
 * Thread: pure functions. Allocates: nothing. */
#ifndef WB_INTEREST_H
#define WB_INTEREST_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- interest: a set that is never empty ---- */

/* READABLE also asks for the end of the peer's stream (EPOLLRDHUP). PRIORITY is out-of-band data.
 * AIO and LIO, the completion of asynchronous and of listed input and output, exist for programs
 * that are written for other systems, too: on Linux nothing ever becomes ready for them, so that
 * they add nothing to an interest, and alone ask for nothing. Errors and hang-ups are reported
 * whatever the interest. Combine with `|`. ALL is what a source can be ready for on Linux: the
 * first three. */
enum {
    WB_INTEREST_READABLE = 1,
    WB_INTEREST_WRITABLE = 2,
    WB_INTEREST_PRIORITY = 4,
    WB_INTEREST_ALL = 7,
    WB_INTEREST_AIO = 8,
    WB_INTEREST_LIO = 16,
};

/* Not empty, and no other bits. Registration refuses what is not valid with WB_ERR_INVALID. */
static inline bool wb_interest_is_valid(uint32_t interest) {
    const uint32_t known = WB_INTEREST_ALL | WB_INTEREST_AIO | WB_INTEREST_LIO;
    return interest != 0 && (interest & ~known) == 0;
}

static inline uint32_t wb_interest_add(uint32_t interest, uint32_t other) {
    return interest | other;
}

/* Takes `other` out. Errors: WB_ERR_NO_ENTRY if nothing would remain: deregister instead. */
static inline WB_MUST_USE enum wb_status wb_interest_remove(
    uint32_t interest, uint32_t other, uint32_t *out_interest) {
    if ((interest & ~other) == 0) {
        return WB_ERR_NO_ENTRY;
    }
    *out_interest = interest & ~other;
    return WB_OK;
}

static inline bool wb_interest_is_readable(uint32_t interest) {
    return (interest & WB_INTEREST_READABLE) != 0;
}

static inline bool wb_interest_is_writable(uint32_t interest) {
    return (interest & WB_INTEREST_WRITABLE) != 0;
}

static inline bool wb_interest_is_priority(uint32_t interest) {
    return (interest & WB_INTEREST_PRIORITY) != 0;
}

static inline bool wb_interest_is_aio(uint32_t interest) {
    return (interest & WB_INTEREST_AIO) != 0;
}

static inline bool wb_interest_is_lio(uint32_t interest) {
    return (interest & WB_INTEREST_LIO) != 0;
}

/* ---- trigger: when a source that is ready is reported ---- */

/* Readiness is always a hint: the operation may still say WB_WOULD_BLOCK.
 *
 *   - LEVEL: at every wait for as long as it is ready.
 *   - EDGE: once for each time something happens to it; go on until WB_WOULD_BLOCK, since what is
 *     left over is not reported again. A back-end may report nothing more at all until then.
 *   - ONESHOT: once, then nothing at all (no error and no hang-up either) until it is reregistered.
 *   - EDGE_ONESHOT: as ONESHOT; the two are told apart only by name.
 *
 * Registering and reregistering a source that is ready reports it, in every mode. */
enum wb_trigger {
    WB_TRIGGER_LEVEL,
    WB_TRIGGER_EDGE,
    WB_TRIGGER_ONESHOT,
    WB_TRIGGER_EDGE_ONESHOT,
};

/* Whether a report disarms the registration until it is reregistered. */
static inline bool wb_trigger_is_oneshot(enum wb_trigger trigger) {
    return trigger == WB_TRIGGER_ONESHOT || trigger == WB_TRIGGER_EDGE_ONESHOT;
}

/* Whether what is left over is not reported again. */
static inline bool wb_trigger_is_edge(enum wb_trigger trigger) {
    return trigger == WB_TRIGGER_EDGE || trigger == WB_TRIGGER_EDGE_ONESHOT;
}

/* "level", "edge", "oneshot", "edge-oneshot"; "unknown" for a value outside the enumeration. The
 * strings are static. */
WB_API const char *wb_trigger_name(enum wb_trigger trigger);

/* The inverse of wb_trigger_name(), for command lines. `name` is NUL-terminated. Errors:
 * WB_ERR_PARSE. */
WB_API WB_MUST_USE enum wb_status wb_trigger_from_name(
    const char *name, enum wb_trigger *out_trigger);

#ifdef __cplusplus
}
#endif

#endif
