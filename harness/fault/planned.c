/* The planned source: a list of decisions, each taken at its key, everything else left to another
 * source. */
#include "wouldblock/fault.h"

#include <assert.h>
#include <string.h>

static uint32_t offered_actions(const struct wbh_choice_point *point) {
    return point->kernel | point->contract | point->failing;
}

static int matches(const struct wbh_decision *decision, const struct wbh_choice_point *point) {
    return decision->ordinal == point->ordinal && decision->point == point->point
           && decision->subject == point->subject
           && (offered_actions(point) & WBH_ACTION_BIT(decision->action)) != 0;
}

static struct wbh_choice choice_from(const struct wbh_decision *decision) {
    return (struct wbh_choice){
        .action = decision->action,
        .subject = decision->action == WBH_ACTION_SPURIOUS ? decision->about : WBH_SUBJECT_NONE,
        .value = decision->value,
    };
}

/* ---- the index ---- */

/* The heads of a power of two of chains, then for each decision the next one of its chain: places
 * in the list, from 1; 0: none. A chain has the list's order, so that the first match is found
 * first. */

static size_t chain_count(size_t decision_count) {
    size_t count = 1;
    while (count < decision_count) {
        count *= 2;
    }
    return count;
}

size_t wbh_planned_index_len(size_t decision_count) {
    return chain_count(decision_count) + decision_count;
}

static size_t chain_of(
    uint32_t subject, uint32_t ordinal, uint8_t point, size_t count /* a power of two */) {
    uint64_t mixed = (uint64_t)subject << 32 | ordinal;
    mixed = (mixed ^ (uint64_t)point << 24) * UINT64_C(0xff51afd7ed558ccd);
    return (size_t)(mixed ^ mixed >> 32) & (count - 1);
}

void wbh_planned_source_index(struct wbh_planned_source *source, uint32_t *index) {
    const size_t count = chain_count(source->decision_count);
    assert(source->decision_count < UINT32_MAX);
    memset(index, 0, count * sizeof *index);
    for (size_t i = source->decision_count; i-- > 0;) {
        const struct wbh_decision *decision = &source->decisions[i];
        uint32_t *head =
            &index[chain_of(decision->subject, decision->ordinal, decision->point, count)];
        index[count + i] = *head;
        *head = (uint32_t)i + 1;
    }
    source->index = index;
}

/* ---- looking up ---- */

static size_t find_in_index(
    const struct wbh_planned_source *source, const struct wbh_choice_point *point) {
    const size_t count = chain_count(source->decision_count);
    const uint32_t *next = source->index + count;
    uint32_t place = source->index[chain_of(point->subject, point->ordinal, point->point, count)];
    while (place != 0 && !matches(&source->decisions[place - 1], point)) {
        place = next[place - 1];
    }
    return place != 0 ? place - 1 : source->decision_count;
}

/* The place of the first decision for this moment; decision_count if there is none. */
static size_t find(const struct wbh_planned_source *source, const struct wbh_choice_point *point) {
    if (source->index != NULL) {
        return find_in_index(source, point);
    }
    size_t i = 0;
    while (i < source->decision_count && !matches(&source->decisions[i], point)) {
        i++;
    }
    return i;
}

static struct wbh_choice planned_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    const struct wbh_planned_source *source = (const struct wbh_planned_source *)self;
    const size_t place = find(source, point);
    if (place < source->decision_count) {
        if (source->fired != NULL) {
            source->fired[place] = WBH_PLANNED_FIRED;
        }
        return choice_from(&source->decisions[place]);
    }
    if (source->otherwise != NULL) {
        return source->otherwise->ops->choose(source->otherwise, point);
    }
    return (struct wbh_choice){.action = WBH_ACTION_PASS};
}

static void planned_unfit(struct wbh_choice_source *self, const struct wbh_choice_point *point,
    const struct wbh_choice *choice) {
    const struct wbh_planned_source *source = (const struct wbh_planned_source *)self;
    const size_t place = find(source, point);
    if (place == source->decision_count) {
        if (source->otherwise != NULL && source->otherwise->ops->unfit != NULL) {
            source->otherwise->ops->unfit(source->otherwise, point, choice);
        }
    } else if (source->fired != NULL) {
        source->fired[place] = WBH_PLANNED_UNFIT;
    }
}

void wbh_planned_source_init(struct wbh_planned_source *source,
    const struct wbh_decision *decisions, size_t decision_count, uint8_t *fired,
    struct wbh_choice_source *otherwise) {
    static const struct wbh_choice_source_ops ops = {
        .choose = planned_choose, .unfit = planned_unfit};
    assert(decisions != NULL || decision_count == 0);
    for (size_t i = 0; i < decision_count; i++) {
        assert(decisions[i].action < WBH_ACTION_COUNT);
    }
    *source = (struct wbh_planned_source){
        .base.ops = &ops,
        .decisions = decisions,
        .decision_count = decision_count,
        .otherwise = otherwise,
        .fired = fired,
    };
}
