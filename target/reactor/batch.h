/* The reports of one wait while the event loop hands them out: it joins those under one token and
 * takes back those that died in the meantime. Used in the loop's thread only.
 *
 * A system may tell of one source in several reports (readable here, writable there); whoever is
 * called back for each would be called twice in one iteration. So a report that is handed out takes
 * with it whatever the rest of the batch says under its token.
 *
 * All reports of a batch were made before its first callback ran. So once a source is deregistered,
 * or given another token, whatever the rest of the batch says under the old token is stale, even if
 * a new source bears that token by now.
 *
 * Both look for a token in the rest: in a short batch by a scan, in a long one by an index made
 * once, so that a batch costs time in proportion to its length whatever its callbacks do. A batch
 * of one report, as most are that must be answered fast, costs nothing. */
#ifndef WB_REACTOR_BATCH_H
#define WB_REACTOR_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/event.h"
#include "wb/status.h"
#include "wb/sys.h"

struct wb__batch {
    struct wb_events events;
    uint32_t position; /* of the next report to hand out */
    bool is_indexed;
    uint32_t bucket_mask;
    uint32_t *buckets; /* index: first report of each chain, plus 1 */
    uint32_t *next;    /* index: the report after it in the chain, which is a later one, plus 1 */
};

/* Errors: as wb_events_init(). */
WB_MUST_USE enum wb_status wb__batch_init(
    struct wb__batch *batch, const struct wb_sys *sys, uint32_t capacity);
void wb__batch_clean_up(struct wb__batch *batch);

/* Up to so many reports a scan is faster than an index. */
enum { WB__BATCH_SCAN_MAX = 8 };

/* For those below: what only a batch of several reports needs. */
void wb__batch_make_index(struct wb__batch *batch);
bool wb__batch_next_of_many(struct wb__batch *batch, struct wb_event *out_event);

/* After the wait that filled the events, whether it succeeded or not. */
static inline void wb__batch_begin(struct wb__batch *batch) {
    batch->position = 0;
    batch->is_indexed = batch->events.count > WB__BATCH_SCAN_MAX;
    if (batch->is_indexed) {
        wb__batch_make_index(batch);
    }
}

/* The next report that is still true, with all flags that are reported under its token; false: none
 * is left. */
static inline bool wb__batch_next(struct wb__batch *batch, struct wb_event *out_event) {
    if (batch->events.count - batch->position > 1) {
        return wb__batch_next_of_many(batch, out_event);
    }
    if (batch->position == batch->events.count) {
        return false;
    }
    *out_event = wb_events_at(&batch->events, batch->position++);
    return out_event->flags != 0;
}

/* Whether reports are left that were not handed out. */
static inline bool wb__batch_has_more(const struct wb__batch *batch) {
    return batch->position != batch->events.count;
}

/* Of all reports with this token that were not handed out yet only the flags in `keep` remain;
 * those with none left are not handed out. */
void wb__batch_restrict(struct wb__batch *batch, uint64_t token, uint32_t keep);

#endif
