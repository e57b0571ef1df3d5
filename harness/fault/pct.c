/* The PCT source: the turns of threads by random priorities, with a few random moments at which one
 * is lowered. A priority is a hash of seed and thread until it is lowered. */
#include "wouldblock/fault.h"

#include <assert.h>

/* From the top: threads that were never lowered; those that were at change number i, to this plus
 * i, so that later changes in the list win whichever comes first; those that had their slice. */
#define HIGH (UINT64_C(1) << 63)
#define LOW (UINT64_C(1) << 32)

static uint64_t mix(uint64_t seed, uint64_t word) {
    uint64_t hash = (seed ^ UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 32 ^ word) * UINT64_C(0xc4ceb9fe1a85ec53);
    hash = (hash ^ hash >> 29) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 32;
}

static uint64_t priority_of(const struct wbh_pct_source *source, uint32_t subject) {
    for (uint32_t i = 0; i < source->lowered_count; i++) {
        if (source->subjects[i] == subject) {
            return source->priorities[i];
        }
    }
    return mix(source->seed, subject) | HIGH;
}

static void lower(struct wbh_pct_source *source, uint32_t subject, uint64_t priority) {
    uint32_t i = 0;
    while (i < source->lowered_count && source->subjects[i] != subject) {
        i++;
    }
    if (i == WBH_PCT_THREADS_MAX) {
        return;
    }
    source->lowered_count += i == source->lowered_count;
    source->subjects[i] = subject;
    source->priorities[i] = priority;
}

/* Which of the candidates has the highest priority; of equals the first. */
static uint32_t highest(const struct wbh_pct_source *source, const struct wbh_choice_point *point) {
    uint32_t best = 0;
    uint64_t best_priority = 0;
    for (uint32_t i = 0; i < point->size; i++) {
        const uint64_t priority = priority_of(source, point->threads[i]);
        if (i == 0 || priority > best_priority) {
            best = i;
            best_priority = priority;
        }
    }
    return best;
}

/* Who runs next, after whatever changes at this moment. */
static uint32_t change_and_choose(
    struct wbh_pct_source *source, const struct wbh_choice_point *point) {
    uint32_t next = highest(source, point);
    for (uint32_t i = 0; i < source->change_count; i++) {
        if (source->changes[i] == source->step) {
            lower(source, point->threads[next], LOW + i);
            next = highest(source, point);
        }
    }
    return next;
}

static struct wbh_choice choose_turn(
    struct wbh_pct_source *source, const struct wbh_choice_point *point) {
    source->step++;
    if (point->turn == WBH_TURN_SPENT) {
        lower(source, point->threads[point->size - 1], --source->lowest);
    }
    const uint32_t next = change_and_choose(source, point);
    if (next == 0) {
        return (struct wbh_choice){.action = WBH_ACTION_PASS};
    }
    return (struct wbh_choice){.action = WBH_ACTION_ORDER, .value = next};
}

static struct wbh_choice pct_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    struct wbh_pct_source *source = (struct wbh_pct_source *)self;
    if (point->point == WBH_POINT_SWITCH
        && (point->kernel & WBH_ACTION_BIT(WBH_ACTION_ORDER)) != 0) {
        return choose_turn(source, point);
    }
    if (source->otherwise != NULL) {
        return source->otherwise->ops->choose(source->otherwise, point);
    }
    return (struct wbh_choice){.action = WBH_ACTION_PASS};
}

void wbh_pct_source_init(struct wbh_pct_source *source, uint32_t depth, uint64_t steps,
    uint64_t seed, struct wbh_choice_source *otherwise) {
    static const struct wbh_choice_source_ops ops = {.choose = pct_choose};
    assert(depth >= 1 && depth <= WBH_PCT_DEPTH_MAX && steps >= 1);
    source->base.ops = &ops;
    source->otherwise = otherwise;
    source->seed = seed;
    source->change_count = depth - 1;
    source->step = 0;
    source->lowest = LOW;
    source->lowered_count = 0;
    for (uint32_t i = 0; i < source->change_count; i++) {
        source->changes[i] = 1 + mix(~seed, i) % steps;
    }
}
