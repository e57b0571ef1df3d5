/* Handing out reports, and taking back the stale ones. */
#include "reactor/batch.h"

#include <string.h>

/* Up to so many reports a scan is faster than an index. */
enum { SCAN_MAX = 32 };

static uint32_t bucket_count_for(uint32_t reports) {
    uint32_t count = 1;
    while (count < reports) {
        count *= 2;
    }
    return count;
}

static size_t index_len(uint32_t capacity) {
    return capacity <= SCAN_MAX ? 0 : (size_t)bucket_count_for(capacity) + capacity;
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

void wb__batch_begin(struct wb__batch *batch) {
    batch->position = 0;
    batch->is_indexed = false;
}

bool wb__batch_next(struct wb__batch *batch, struct wb_event *out_event) {
    while (batch->position < batch->events.count) {
        struct wb_event event = wb_events_at(&batch->events, batch->position++);
        if (event.flags != 0) {
            *out_event = event;
            return true;
        }
    }
    return false;
}

/* Fibonacci hashing: the upper half of the product depends on every bit of the token. */
static uint32_t bucket_of(const struct wb__batch *batch, uint64_t token) {
    return (uint32_t)((token * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & batch->bucket_mask;
}

static void make_index(struct wb__batch *batch) {
    uint32_t bucket_count = bucket_count_for(batch->events.count - batch->position);
    batch->bucket_mask = bucket_count - 1;
    memset(batch->buckets, 0, bucket_count * sizeof(*batch->buckets));
    for (uint32_t i = batch->events.count; i-- > batch->position;) {
        uint32_t bucket = bucket_of(batch, batch->events.items[i].data);
        batch->next[i] = batch->buckets[bucket];
        batch->buckets[bucket] = i + 1;
    }
    batch->is_indexed = true;
}

static void restrict_one(struct wb_epoll_event *item, uint64_t token, uint32_t keep) {
    if (item->data == token) {
        item->events &= keep;
    }
}

void wb__batch_restrict(struct wb__batch *batch, uint64_t token, uint32_t keep) {
    struct wb_epoll_event *items = batch->events.items;
    if (!batch->is_indexed && batch->events.count - batch->position <= SCAN_MAX) {
        for (uint32_t i = batch->position; i < batch->events.count; i++) {
            restrict_one(&items[i], token, keep);
        }
        return;
    }
    if (!batch->is_indexed) {
        make_index(batch);
    }
    for (uint32_t i = batch->buckets[bucket_of(batch, token)]; i != 0; i = batch->next[i - 1]) {
        restrict_one(&items[i - 1], token, keep);
    }
}
