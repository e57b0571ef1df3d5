/* Bounds of faults, and circles of waiting peers; see rules.h. */
#include "scenario/rules.h"

#include "scenario/words.h"

#include "wb/sys.h"

#include <assert.h>

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max) {
    return value < min ? min : value > max ? max : value;
}

/* The n-th of the bits that are set, n modulo their count. */
static unsigned nth_bit(uint32_t bits, uint32_t n) {
    assert(bits != 0);
    uint32_t count = 0;
    for (uint32_t rest = bits; rest != 0; rest &= rest - 1) {
        count++;
    }
    for (n %= count; n > 0; n--) {
        bits &= bits - 1;
    }
    unsigned index = 0;
    while ((bits >> index & 1u) == 0) {
        index++;
    }
    return index;
}

static uint32_t normal_subject(uint32_t subject, uint32_t peer_count) {
    if ((subject & WBH_SUBJECT_LOCAL) != 0) {
        return WBH_SUBJECT_LOCAL
               | (uint32_t)clamp(subject & 0x7fffffffu, 0, 2 * WBH__LOCAL_MAX - 1);
    }
    if ((subject & 0xffffu) == 0 || peer_count == 0) {
        return WBH_SUBJECT_NONE;
    }
    uint32_t incarnation = WBH_SUBJECT_INCARNATION(subject);
    incarnation = (uint32_t)clamp(incarnation, 0, WBH__INCARNATION_MAX - 1);
    return WBH_SUBJECT(WBH_SUBJECT_PEER(subject) % peer_count, incarnation);
}

static uint64_t normal_errno(enum wbh_point point, uint64_t number) {
    uint32_t legal = wbh_point_errnos(point);
    int index = number <= INT32_MAX ? wbh_errno_index((int)number) : -1;
    if (index >= 0 && (legal >> (unsigned)index & 1u) != 0) {
        return number;
    }
    return (uint64_t)wbh_errno_nth(nth_bit(legal, index < 0 ? 0 : (uint32_t)index));
}

static uint64_t normal_value(const struct wbh_decision *fault) {
    switch (wbh_action_argument((enum wbh_action)fault->action)) {
    case WBH_ARGUMENT_NONE:
        return 0;
    case WBH_ARGUMENT_COUNT:
        return clamp(fault->value, 1, UINT32_MAX);
    case WBH_ARGUMENT_TIME:
        return clamp(fault->value, 1, WBH_DURATION_MAX_NS);
    case WBH_ARGUMENT_ERRNO:
        return normal_errno((enum wbh_point)fault->point, fault->value);
    case WBH_ARGUMENT_EVENTS:
        return (fault->value & wbh__events_all()) != 0 ? fault->value & wbh__events_all()
                                                       : WB_EPOLLIN;
    }
    assert(0 && "a kind of argument");
    return 0;
}

uint8_t wbh__fault_fit_action(enum wbh_point point, uint8_t action) {
    assert(action < WBH_ACTION_COUNT);
    uint32_t possible = wbh_point_actions(point);
    return (possible >> action & 1u) != 0 ? action : (uint8_t)nth_bit(possible, action);
}

/* Of a point that counts per program, or per thread: no subject for the first thread of the first.
 */
static uint32_t normal_program(const struct wbh_decision *fault, uint32_t program_count) {
    enum wbh_point point = (enum wbh_point)fault->point;
    uint32_t program = WBH_SUBJECT_PROGRAM_OF(fault->subject);
    uint32_t thread = WBH_SUBJECT_THREAD_OF(fault->subject);
    if (point == WBH_POINT_RUN) {
        return WBH_SUBJECT_NONE;
    }
    program = program < program_count ? program : 0;
    if (wbh_point_is_per_thread(point) && thread != 0) {
        return WBH_SUBJECT_THREAD(program, thread < WBH_THREADS_MAX ? thread : WBH_THREADS_MAX - 1);
    }
    return program == 0 ? WBH_SUBJECT_NONE : WBH_SUBJECT_PROGRAM(program);
}

void wbh__fault_normalise(struct wbh_decision *fault, const struct wbh_scenario *scenario) {
    uint32_t peer_count = scenario->peer_count;
    assert(fault->point < WBH_POINT_COUNT && fault->action < WBH_ACTION_COUNT);
    enum wbh_point point = (enum wbh_point)fault->point;
    fault->action = wbh__fault_fit_action(point, fault->action);
    if (fault->ordinal == 0) {
        fault->ordinal = 1;
    }
    fault->legality = WBH_LEGALITY_KERNEL;
    if (!wbh_point_is_per_connection(point)) {
        fault->subject = normal_program(fault, wbh_scenario_program_count(scenario));
    } else if (fault->subject == WBH_SUBJECT_LISTENER) {
        fault->subject = WBH_SUBJECT_NONE; /* only a spurious event can be about it */
    } else {
        fault->subject = normal_subject(fault->subject, peer_count);
    }
    if (fault->action != WBH_ACTION_SPURIOUS) {
        fault->about = WBH_SUBJECT_NONE;
    } else if (fault->about != WBH_SUBJECT_LISTENER) {
        fault->about = normal_subject(fault->about, peer_count);
    }
    fault->value = normal_value(fault);
}

static bool has_part(const struct wbh_part *parts, uint32_t part_count, enum wbh_part_kind kind) {
    for (uint32_t i = 0; i < part_count; i++) {
        if (parts[i].kind == kind) {
            return true;
        }
    }
    return false;
}

bool wbh__part_fits(
    const struct wbh_part *parts, const struct wbh_step *step, enum wbh_part_kind kind) {
    const uint32_t count = step->part_count;
    const bool is_sent = wbh__step_sends_parts((enum wbh_step_kind)step->kind);
    const bool is_chunked = has_part(parts, count, WBH_PART_CHUNK);
    const bool has_body =
        has_part(parts, count, WBH_PART_BODY) || has_part(parts, count, WBH_PART_BODY_LEN);
    switch (kind) {
    case WBH_PART_HEADER:
    case WBH_PART_NO_HEADER:
        return true;
    case WBH_PART_BODY:
        return !has_body && !is_chunked;
    case WBH_PART_BODY_LEN:
        return !is_sent && !has_body;
    case WBH_PART_CHUNK:
        return is_sent && !has_body && !has_part(parts, count, WBH_PART_TRAILER);
    case WBH_PART_TRAILER:
        return !is_sent || is_chunked;
    case WBH_PART_KIND_COUNT:
        break;
    }
    assert(0 && "a kind of part");
    return false;
}

bool wbh__fault_same_key(const struct wbh_decision *a, const struct wbh_decision *b) {
    return a->ordinal == b->ordinal && a->point == b->point && a->action == b->action
           && a->subject == b->subject;
}

bool wbh__link_same_ends(const struct wbh_link *a, const struct wbh_link *b) {
    return (a->a == b->a && a->b == b->b) || (a->a == b->b && a->b == b->a);
}

/* A place for a key in a filter: two equal keys have the same, others mostly not. */
static uint32_t filter_slot(const struct wbh_decision *fault) {
    uint32_t mixed = (fault->subject * 0x9e3779b1u) ^ (fault->ordinal * 0x85ebca77u)
                     ^ (((uint32_t)fault->point << 8 | fault->action) * 0xc2b2ae3du);
    return (mixed ^ mixed >> 15) % 4096;
}

void wbh__faults_drop_doubles(struct wbh_scenario *scenario) {
    uint64_t seen[4096 / 64] = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        const struct wbh_decision fault = scenario->faults[i];
        const uint32_t slot = filter_slot(&fault);
        bool is_double = false;
        for (uint32_t k = 0; (seen[slot / 64] >> slot % 64 & 1u) != 0 && k < kept; k++) {
            is_double = is_double || wbh__fault_same_key(&scenario->faults[k], &fault);
        }
        if (!is_double) {
            seen[slot / 64] |= UINT64_C(1) << slot % 64;
            scenario->fault_lines[kept] = scenario->fault_lines[i];
            scenario->faults[kept++] = fault;
        }
    }
    scenario->fault_count = kept;
}

/* Whether an `after` step lets its peer pass when the peers have done so many steps. */
static bool is_open(
    const struct wbh_scenario *scenario, const struct wbh_step *step, const uint32_t *done) {
    assert(step->peer < scenario->peer_count);
    uint32_t awaited = step->step != 0 ? step->step : scenario->peers[step->peer].step_count;
    return done[step->peer] >= awaited;
}

bool wbh__find_circle(
    const struct wbh_scenario *scenario, uint32_t *done, uint32_t *out_peer, uint32_t *out_step) {
    bool has_progress;
    do {
        has_progress = false;
        for (uint32_t p = 0; p < scenario->peer_count; p++) {
            const struct wbh_peer *peer = &scenario->peers[p];
            while (done[p] < peer->step_count
                   && (peer->steps[done[p]].kind != WBH_STEP_AFTER
                       || is_open(scenario, &peer->steps[done[p]], done))) {
                done[p]++;
                has_progress = true;
            }
        }
    } while (has_progress);
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        if (done[p] < scenario->peers[p].step_count) {
            *out_peer = p;
            *out_step = done[p];
            return true;
        }
    }
    return false;
}
