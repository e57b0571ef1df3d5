/* Handing out reports, joined by token, and taking back the stale ones. */
#include "reactor/batch.h"

#include <string.h>

static uint32_t bucket_count_for(uint32_t reports) {
    uint32_t count = 1;
    while (count < reports) {
        count *= 2;
    }
    return count;
}

static size_t index_len(uint32_t capacity) {
    return capacity <= WB__BATCH_SCAN_MAX ? 0 : (size_t)bucket_count_for(capacity) + capacity;
}

enum wb_status wb__batch_init(
    struct wb__batch *batch, const struct wb_sys *sys, uint32_t capacity) {
    *batch = (struct wb__batch){0};
    enum wb_status status = wb_events_init(&batch->events, sys, capacity);
    if (status != WB_OK || index_len(capacity) == 0) {
        return status;
    }
    batch->buckets = WB_SYS(sys, alloc, index_len(capacity) * sizeof(*batch->buckets));
    if (batch->buckets == NULL) {
        wb_events_clean_up(&batch->events);
        return WB_ERR_NO_MEMORY;
    }
    batch->next = batch->buckets + bucket_count_for(capacity);
    return WB_OK;
}

void wb__batch_clean_up(struct wb__batch *batch) {
    if (batch->buckets != NULL) {
        WB_SYS(batch->events.sys, free, batch->buckets,
            index_len(batch->events.capacity) * sizeof(*batch->buckets));
    }
    wb_events_clean_up(&batch->events);
    *batch = (struct wb__batch){0};
}

/* Fibonacci hashing: the upper half of the product depends on every bit of the token. */
static uint32_t bucket_of(const struct wb__batch *batch, uint64_t token) {
    return (uint32_t)((token * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & batch->bucket_mask;
}

/* From the last report to the first, so that each chain leads from earlier ones to later ones. */
void wb__batch_make_index(struct wb__batch *batch) {
    uint32_t bucket_count = bucket_count_for(batch->events.count);
    batch->bucket_mask = bucket_count - 1;
    memset(batch->buckets, 0, bucket_count * sizeof(*batch->buckets));
    for (uint32_t i = batch->events.count; i-- > 0;) {
        uint32_t bucket = bucket_of(batch, batch->events.items[i].data);
        batch->next[i] = batch->buckets[bucket];
        batch->buckets[bucket] = i + 1;
    }
}

/* The report to look at after number i in a search for one token; the count of reports: none. */
static uint32_t candidate_after(const struct wb__batch *batch, uint32_t i) {
    if (!batch->is_indexed) {
        return i + 1;
    }
    return batch->next[i] == 0 ? batch->events.count : batch->next[i] - 1;
}

/* The first report to look at for this token. */
static uint32_t first_candidate(const struct wb__batch *batch, uint64_t token) {
    if (!batch->is_indexed) {
        return batch->position;
    }
    uint32_t first = batch->buckets[bucket_of(batch, token)];
    return first == 0 ? batch->events.count : first - 1;
}

/* Takes what is reported under the token of report number i after it. */
static uint32_t take_rest(struct wb__batch *batch, uint32_t i) {
    struct wb_epoll_event *items = batch->events.items;
    const uint64_t token = items[i].data;
    uint32_t flags = 0;
    for (i = candidate_after(batch, i); i < batch->events.count; i = candidate_after(batch, i)) {
        if (items[i].data == token) {
            flags |= items[i].events;
            items[i].events = 0;
        }
    }
    return flags;
}

bool wb__batch_next_of_many(struct wb__batch *batch, struct wb_event *out_event) {
    while (batch->position < batch->events.count) {
        uint32_t i = batch->position++;
        struct wb_event event = wb_events_at(&batch->events, i);
        if (event.flags != 0) {
            event.flags |= take_rest(batch, i);
            *out_event = event;
            return true;
        }
    }
    return false;
}

/* What was handed out already may be restricted as well: nobody looks at it again. */
void wb__batch_restrict(struct wb__batch *batch, uint64_t token, uint32_t keep) {
    struct wb_epoll_event *items = batch->events.items;
    uint32_t i = first_candidate(batch, token);
    while (i < batch->events.count) {
        if (items[i].data == token) {
            items[i].events &= keep;
        }
        i = candidate_after(batch, i);
    }
}
