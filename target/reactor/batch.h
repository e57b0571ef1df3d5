/* The reports of one wait while the event loop hands them out, and the removal of those that died
 * in the meantime. Used in the loop's thread only.
 *
 * All reports of a batch were made before its first callback ran. So once a source is deregistered,
 * or given another token, whatever the rest of the batch says under the old token is stale, even if
 * a new source bears that token by now. Finding those reports is a scan for a short rest; for a
 * long one the rest is indexed by token, once, so that a batch in which every source is closed or
 * reregistered costs time in proportion to its length. */
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
    uint32_t *next;    /* index: the report after it in the chain, plus 1 */
};

/* Errors: as wb_events_init(). */
WB_MUST_USE enum wb_status wb__batch_init(
    struct wb__batch *batch, const struct wb_sys *sys, uint32_t capacity);
void wb__batch_clean_up(struct wb__batch *batch);

/* Before the wait that fills the events. */
void wb__batch_begin(struct wb__batch *batch);

/* The next report that is still true; false: none is left. */
bool wb__batch_next(struct wb__batch *batch, struct wb_event *out_event);

/* Of all reports with this token that were not handed out yet only the flags in `keep` remain;
 * those with none left are not handed out. */
void wb__batch_restrict(struct wb__batch *batch, uint64_t token, uint32_t keep);

#endif
