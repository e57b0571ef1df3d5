/* The seeded source: a hash of seed and key, read as an action and its argument. */
#include "wouldblock/fault.h"

#include "wb/sys.h"

#include <assert.h>

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"
#elif defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
#include <xxhash.h>
#if defined(__clang__)
#pragma clang diagnostic pop
#elif defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* Delays: long enough to reorder anything a scenario does, short against its patience. */
#define DELAY_MIN_NS UINT64_C(1000)
#define DELAY_MAX_NS UINT64_C(50000000)
/* Jumps of the real-time clock: from a second to ten days. */
#define JUMP_MIN_NS UINT64_C(1000000000)
#define JUMP_MAX_NS UINT64_C(864000000000000)

/* The index of the lowest bit, without a branch: the product with a de Bruijn number has another
 * pattern in its upper five bits for each. */
static unsigned lowest_bit(uint32_t bits) {
    static const uint8_t index_of[32] = {0, 1, 28, 2, 29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4, 8,
        31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6, 11, 5, 10, 9};
    assert(bits != 0);
    return index_of[((bits & (0u - bits)) * 0x077cb531u) >> 27];
}

/* One moment may be asked several times with disjoint sets, so the set is part of the key. Its
 * lowest action stands for it, of the transparent ones if there are any: so a set keeps its key
 * when failing actions are offered too. The words are hashed as numbers of this machine, which is
 * little-endian wherever Linux's epoll_event is what wb/sys.h says. */
static uint64_t key_hash(
    uint64_t seed, const struct wbh_choice_point *point, unsigned lowest_action) {
    const uint32_t key[4] = {
        point->subject, point->ordinal, (uint32_t)point->point | lowest_action << 8, 0x57425348u};
    return XXH3_64bits_withSeed(key, sizeof key, seed);
}

/* Among the offered actions, the one in whose share of 65536 the draw falls. */
static enum wbh_action draw_action(const uint16_t *probability, uint32_t offered, uint32_t draw) {
    uint32_t bound = 0;
    while (offered != 0) {
        unsigned action = lowest_bit(offered);
        offered &= offered - 1;
        bound += probability[action];
        if (draw < bound) {
            return (enum wbh_action)action;
        }
    }
    return WBH_ACTION_PASS;
}

/* The same where failing actions stand among the others: their shares come behind. */
static enum wbh_action draw_failing_last(
    const uint16_t *probability, uint32_t transparent, uint32_t failing, uint32_t draw) {
    enum wbh_action action = draw_action(probability, transparent, draw);
    if (action != WBH_ACTION_PASS) {
        return action;
    }
    for (; transparent != 0; transparent &= transparent - 1) {
        draw -= probability[lowest_bit(transparent)];
    }
    return draw_action(probability, failing, draw);
}

/* 1..size-1, with the borders and the middle more often than chance would have them. */
static uint64_t draw_count(uint64_t size, uint64_t bits) {
    uint64_t last = size - 1;
    uint64_t rest = bits >> 3;
    switch (bits & 7u) {
    case 0:
    case 1:
        return 1;
    case 2:
        return size / 2;
    case 3:
    case 4:
        return last;
    default:
        return 1 + rest % last;
    }
}

/* Log-distributed: each power of two between the borders is as likely as the others, and within one
 * all times are. */
static uint64_t draw_time(uint64_t min_ns, uint64_t max_ns, uint64_t bits) {
    unsigned doublings = 0;
    while (min_ns << doublings < max_ns) {
        doublings++;
    }
    uint64_t low = min_ns << (bits & 0xffu) % doublings;
    uint64_t time_ns = low + (bits >> 8) % low;
    return time_ns < max_ns ? time_ns : max_ns;
}

static uint64_t draw_errno(const struct wbh_choice_point *point, uint64_t bits) {
    uint32_t legal =
        point->errnos != 0 ? point->errnos : wbh_point_errnos((enum wbh_point)point->point);
    uint32_t count = 0;
    for (uint32_t set = legal; set != 0; set &= set - 1) {
        count++;
    }
    assert(count > 0);
    for (uint64_t skip = bits % count; skip > 0; skip--) {
        legal &= legal - 1;
    }
    return (uint64_t)wbh_errno_nth(lowest_bit(legal));
}

static uint64_t draw_events(uint64_t bits) {
    static const uint32_t events[] = {WB_EPOLLIN, WB_EPOLLOUT, WB_EPOLLIN | WB_EPOLLOUT};
    return events[bits % 3];
}

/* Whether there is a count to choose: a single byte is not shortened, one event not rotated. */
static int is_fit(enum wbh_action action, const struct wbh_choice_point *point) {
    return wbh_action_argument(action) != WBH_ARGUMENT_COUNT || point->size >= 2;
}

static struct wbh_choice choice_of(
    enum wbh_action action, const struct wbh_choice_point *point, uint64_t bits) {
    struct wbh_choice choice = {.action = (uint8_t)action};
    switch (wbh_action_argument(action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        choice.value = draw_count(point->size, bits);
        break;
    case WBH_ARGUMENT_TIME:
        choice.value = action == WBH_ACTION_JUMP ? draw_time(JUMP_MIN_NS, JUMP_MAX_NS, bits)
                                                 : draw_time(DELAY_MIN_NS, DELAY_MAX_NS, bits);
        break;
    case WBH_ARGUMENT_ERRNO:
        choice.value = draw_errno(point, bits);
        break;
    case WBH_ARGUMENT_EVENTS:
        choice.value = draw_events(bits);
        choice.pick = (uint32_t)(bits >> 8);
        break;
    }
    return choice;
}

static struct wbh_choice seeded_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    const struct wbh_seeded_source *source = (const struct wbh_seeded_source *)self;
    const struct wbh_profile *profile = source->profile;
    const struct wbh_choice pass = {.action = WBH_ACTION_PASS};

    uint32_t offered = point->kernel;
    if (profile->legality_max >= WBH_LEGALITY_CONTRACT) {
        offered |= point->contract;
    }
    const uint32_t transparent = offered;
    if (profile->legality_max >= WBH_LEGALITY_FAILING) {
        offered |= point->failing;
    }
    if (offered == 0) {
        return pass;
    }
    assert(point->point < WBH_POINT_COUNT && offered < WBH_ACTION_BIT(WBH_ACTION_COUNT));

    const uint16_t *probability = profile->probability[point->point];
    const uint32_t failing = offered & ~transparent;
    uint64_t hash =
        key_hash(source->seed, point, lowest_bit(transparent != 0 ? transparent : failing));
    uint32_t draw = (uint32_t)(hash & 0xffffu);
    enum wbh_action action = (failing & (0u - failing)) < transparent && failing != 0
                                 ? draw_failing_last(probability, transparent, failing, draw)
                                 : draw_action(probability, offered, draw);
    if (action == WBH_ACTION_PASS || !is_fit(action, point)) {
        return pass;
    }
    return choice_of(action, point, hash >> 16);
}

void wbh_seeded_source_init(
    struct wbh_seeded_source *source, const struct wbh_profile *profile, uint64_t seed) {
    static const struct wbh_choice_source_ops ops = {.choose = seeded_choose};
    assert(profile != NULL);
    *source = (struct wbh_seeded_source){.base.ops = &ops, .profile = profile, .seed = seed};
}
