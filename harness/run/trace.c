/* Recording: a copy of every event of a run, with its bytes and decisions. While it grows, pointers
 * are kept as indexes. */
#include "run/internal.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 65536 };

_Static_assert(_Alignof(struct wbh_decision) <= 8 && sizeof(struct wbh_block) % 8 == 0,
    "decisions are kept between bytes");

static uint8_t *bytes_of(struct wbh_block *block) {
    return (uint8_t *)(block + 1);
}

void wbh_recorder_begin(struct wbh_recorder *recorder) {
    recorder->trace.event_count = 0;
    recorder->trace.decision_count = 0;
    recorder->current = recorder->first;
    if (recorder->current != NULL) {
        recorder->current->len = 0;
    }
}

/* Blocks are never moved, so that events may point into them. */
static struct wbh_block *room_for(struct wbh_recorder *recorder, size_t len) {
    struct wbh_block *block = recorder->current;
    while (block != NULL && block->capacity - block->len < len && block->next != NULL) {
        block = block->next;
        block->len = 0;
    }
    if (block == NULL || block->capacity - block->len < len) {
        size_t capacity = len > BLOCK_SIZE ? len : BLOCK_SIZE;
        struct wbh_block *fresh = malloc(sizeof(*fresh) + capacity);
        if (fresh == NULL) {
            abort();
        }
        *fresh = (struct wbh_block){.capacity = capacity};
        if (block == NULL) {
            recorder->first = fresh;
        } else {
            block->next = fresh;
        }
        block = fresh;
    }
    recorder->current = block;
    return block;
}

/* Everything begins where a decision may. */
static const void *keep(struct wbh_recorder *recorder, const void *data, size_t len) {
    enum { ALIGNMENT = 8 };
    if (len == 0) {
        return NULL;
    }
    size_t taken = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct wbh_block *block = room_for(recorder, taken);
    uint8_t *kept = bytes_of(block) + block->len;
    memcpy(kept, data, len);
    block->len += taken;
    return kept;
}

void wbh_recorder_add(struct wbh_recorder *recorder, const struct sim_event *event) {
    struct wbh_trace *trace = &recorder->trace;
    trace->events = wbh_grow(
        trace->events, &recorder->event_capacity, trace->event_count + 1, sizeof(*trace->events));
    struct sim_event *kept = &trace->events[trace->event_count++];
    *kept = *event;
    kept->data = keep(recorder, event->data, event->data_len);
    if (event->decision == NULL) {
        return;
    }
    if (event->kind == SIM_EVENT_FAULT) {
        trace->decisions = wbh_grow(trace->decisions, &recorder->decision_capacity,
            trace->decision_count + 1, sizeof(*trace->decisions));
        trace->decisions[trace->decision_count++] = *event->decision;
        kept->decision = NULL; /* set by wbh_recorder_end, when the table has stopped moving */
    } else {
        kept->decision = keep(recorder, event->decision, sizeof(*event->decision));
    }
}

void wbh_recorder_end(struct wbh_recorder *recorder) {
    struct wbh_trace *trace = &recorder->trace;
    size_t next = 0;
    for (size_t i = 0; i < trace->event_count; i++) {
        if (trace->events[i].kind == SIM_EVENT_FAULT) {
            trace->events[i].decision = &trace->decisions[next++];
        }
    }
    trace->storage = recorder->first;
}

void wbh_recorder_clean_up(struct wbh_recorder *recorder) {
    struct wbh_block *block = recorder->first;
    while (block != NULL) {
        struct wbh_block *next = block->next;
        free(block);
        block = next;
    }
    free(recorder->trace.events);
    free(recorder->trace.decisions);
    memset(recorder, 0, sizeof(*recorder));
}
