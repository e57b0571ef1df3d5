/* The enumerated source: one run after the other through the tree of all answers that its
 * enumeration allows, depth first.
 *
 * A node of the tree is a moment with more than one answer left within the bounds. Which moments a
 * run meets, and what they offer, is a function of the answers before them, since runs are
 * deterministic; so the path of answers names the run, and to go to the next one is to count on at
 * the last branch of the path that has an answer left, and to forget those behind it. Each path is
 * visited once and none is left out. */
#include "wouldblock/fault.h"

#include "wb/sys.h"

#include <assert.h>

/* What an answer uses up. */
enum price { PRICE_FREE, PRICE_PREEMPTION, PRICE_FAULT };

/* ---- the answers of a moment ---- */

static bool is_order(const struct wbh_choice_point *point) {
    return point->point == WBH_POINT_SWITCH || point->point == WBH_POINT_ROUSE
           || point->point == WBH_POINT_RUN;
}

static uint32_t count_of_counts(uint64_t size) {
    enum { SOME = 4 };
    if (size < 2) {
        return 0;
    }
    return size - 1 <= WBH_COUNTS_WHOLE ? (uint32_t)(size - 1) : SOME;
}

static uint64_t nth_count(uint64_t size, uint32_t n) {
    if (size - 1 <= WBH_COUNTS_WHOLE) {
        return n + 1;
    }
    const uint64_t some[] = {1, 2, size / 2, size - 1};
    return some[n];
}

static uint32_t fitting_errnos(const struct wbh_choice_point *point) {
    return point->errnos != 0 ? point->errnos : wbh_point_errnos((enum wbh_point)point->point);
}

static uint32_t count_bits(uint32_t bits) {
    uint32_t count = 0;
    for (; bits != 0; bits &= bits - 1) {
        count++;
    }
    return count;
}

static unsigned lowest_bit(uint32_t bits) {
    unsigned index = 0;
    while ((bits >> index & 1u) == 0) {
        index++;
    }
    return index;
}

static uint64_t nth_errno(uint32_t errnos, uint32_t n) {
    for (; n > 0; n--) {
        errnos &= errnos - 1;
    }
    return (uint64_t)wbh_errno_nth(lowest_bit(errnos));
}

/* In how many ways this action may be taken here. */
static uint32_t count_ways(const struct wbh_choice_point *point, enum wbh_action action) {
    switch (wbh_action_argument(action)) {
    case WBH_ARGUMENT_NONE:
        return 1;
    case WBH_ARGUMENT_COUNT:
        return count_of_counts(point->size);
    case WBH_ARGUMENT_TIME:
        return action == WBH_ACTION_JUMP ? 1 : 2;
    case WBH_ARGUMENT_ERRNO:
        return count_bits(fitting_errnos(point));
    case WBH_ARGUMENT_EVENTS:
        return point->spurious_candidates * 2;
    }
    return 0;
}

static struct wbh_choice nth_way(
    const struct wbh_choice_point *point, enum wbh_action action, uint32_t n) {
    struct wbh_choice choice = {.action = (uint8_t)action};
    switch (wbh_action_argument(action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        choice.value = nth_count(point->size, n);
        break;
    case WBH_ARGUMENT_TIME:
        choice.value = action == WBH_ACTION_JUMP ? WBH_TIME_JUMP_NS
                       : n == 0                  ? WBH_TIME_SHORT_NS
                                                 : WBH_TIME_LONG_NS;
        break;
    case WBH_ARGUMENT_ERRNO:
        choice.value = nth_errno(fitting_errnos(point), n);
        break;
    case WBH_ARGUMENT_EVENTS:
        choice.pick = n / 2;
        choice.value = n % 2 == 0 ? WB_EPOLLIN : WB_EPOLLOUT;
        break;
    }
    return choice;
}

/* Turns: every other one that could run; not again who has just had its slice, or a thread that
 * only waits for another could be given the turn for ever. */
static uint32_t count_orders(const struct wbh_choice_point *point) {
    if ((point->kernel & WBH_ACTION_BIT(WBH_ACTION_ORDER)) == 0 || point->size < 2) {
        return 0;
    }
    const bool is_spent = point->point == WBH_POINT_SWITCH && point->turn == WBH_TURN_SPENT;
    return (uint32_t)point->size - 1 - is_spent;
}

static uint32_t offered_faults(
    const struct wbh_choice_point *point, enum wbh_legality legality_max) {
    uint32_t offered = point->kernel;
    if (legality_max >= WBH_LEGALITY_CONTRACT) {
        offered |= point->contract;
    }
    if (legality_max >= WBH_LEGALITY_FAILING) {
        offered |= point->failing;
    }
    return offered;
}

/* Whether all arguments of these actions are among the answers. */
static bool are_whole(const struct wbh_choice_point *point, uint32_t offered) {
    for (; offered != 0; offered &= offered - 1) {
        const enum wbh_argument argument =
            wbh_action_argument((enum wbh_action)lowest_bit(offered));
        if (argument == WBH_ARGUMENT_TIME
            || (argument == WBH_ARGUMENT_COUNT && point->size > WBH_COUNTS_WHOLE + 1)) {
            return false;
        }
    }
    return true;
}

static uint32_t count_faults(const struct wbh_choice_point *point, uint32_t offered) {
    uint32_t count = 0;
    for (; offered != 0; offered &= offered - 1) {
        count += count_ways(point, (enum wbh_action)lowest_bit(offered));
    }
    return count;
}

static struct wbh_choice nth_fault(
    const struct wbh_choice_point *point, uint32_t offered, uint32_t n) {
    for (; offered != 0; offered &= offered - 1) {
        const enum wbh_action action = (enum wbh_action)lowest_bit(offered);
        const uint32_t ways = count_ways(point, action);
        if (n < ways) {
            return nth_way(point, action, n);
        }
        n -= ways;
    }
    return (struct wbh_choice){.action = WBH_ACTION_PASS};
}

/* ---- what the bounds leave of them ---- */

static enum price price_of(const struct wbh_choice_point *point) {
    if (!is_order(point)) {
        return PRICE_FAULT;
    }
    const bool could_go_on = point->point == WBH_POINT_SWITCH && point->turn == WBH_TURN_HELD;
    return could_go_on ? PRICE_PREEMPTION : PRICE_FREE;
}

static bool is_below(uint32_t used, uint32_t max) {
    return max == WBH_UNBOUNDED || used < max;
}

static bool can_pay(const struct wbh_enumerated_source *source, enum price price) {
    const struct wbh_enumeration *bounds = &source->enumeration;
    switch (price) {
    case PRICE_FREE:
        return bounds->orders;
    case PRICE_PREEMPTION:
        return bounds->orders && is_below(source->preemptions, bounds->preemptions_max)
               && is_below(source->preemptions + source->faults, bounds->total_max);
    case PRICE_FAULT:
        return is_below(source->faults, bounds->faults_max)
               && is_below(source->preemptions + source->faults, bounds->total_max);
    }
    return false;
}

/* ---- the path ---- */

/* Whether this is the branch that was met here before; remembers it if none was. */
static bool is_known(
    struct wbh_enumerated_source *source, const struct wbh_choice_point *point, uint32_t count) {
    struct wbh_branch *branch = &source->branches[source->depth];
    if (source->depth == source->branch_count) {
        *branch = (struct wbh_branch){
            .subject = point->subject,
            .ordinal = point->ordinal,
            .count = count,
            .point = point->point,
        };
        source->branch_count++;
        return true;
    }
    return branch->subject == point->subject && branch->ordinal == point->ordinal
           && branch->point == point->point && branch->count == count;
}

/* The number of the answer that the path has here. */
static uint32_t take(
    struct wbh_enumerated_source *source, const struct wbh_choice_point *point, uint32_t count) {
    if (source->depth == WBH_BRANCHES_MAX) {
        source->cut_short = true;
        return 0;
    }
    if (!is_known(source, point, count)) {
        source->strayed = true;
        return 0;
    }
    return source->branches[source->depth++].taken;
}

static struct wbh_choice enumerated_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    struct wbh_enumerated_source *source = (struct wbh_enumerated_source *)self;
    const struct wbh_choice pass = {.action = WBH_ACTION_PASS};
    const enum price price = price_of(point);
    if (source->strayed || !can_pay(source, price)) {
        return pass;
    }
    const uint32_t offered = price == PRICE_FAULT
                                 ? offered_faults(point, source->enumeration.legality_max)
                                 : WBH_ACTION_BIT(WBH_ACTION_ORDER);
    const uint32_t ways = price == PRICE_FAULT ? count_faults(point, offered) : count_orders(point);
    source->sampled |= price == PRICE_FAULT && !are_whole(point, offered);
    const uint32_t taken = ways == 0 ? 0 : take(source, point, ways + 1);
    if (taken == 0) {
        return pass;
    }
    source->faults += price == PRICE_FAULT;
    source->preemptions += price == PRICE_PREEMPTION;
    if (price == PRICE_FAULT) {
        return nth_fault(point, offered, taken - 1);
    }
    return (struct wbh_choice){.action = WBH_ACTION_ORDER, .value = taken};
}

void wbh_enumerated_source_begin(struct wbh_enumerated_source *source) {
    source->depth = 0;
    source->faults = 0;
    source->preemptions = 0;
    source->strayed = false;
    source->cut_short = false;
}

bool wbh_enumerated_source_next(struct wbh_enumerated_source *source) {
    while (source->branch_count > source->fixed) {
        struct wbh_branch *last = &source->branches[source->branch_count - 1];
        if (last->taken + 1 < last->count) {
            last->taken++;
            return true;
        }
        source->branch_count--;
    }
    return false;
}

void wbh_enumerated_source_init(struct wbh_enumerated_source *source,
    const struct wbh_enumeration *enumeration, struct wbh_branch *branches) {
    static const struct wbh_choice_source_ops ops = {.choose = enumerated_choose};
    assert(enumeration != NULL && branches != NULL);
    *source = (struct wbh_enumerated_source){
        .base.ops = &ops,
        .enumeration = *enumeration,
        .branches = branches,
    };
}
