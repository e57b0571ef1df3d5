/* Delta debugging: operations first, then arguments. */
#include "fidelity/shrink.h"

#include <string.h>

enum { TRIES_MAX = 20000 };

struct shrinking {
    struct fid_comparison *comparison;
    struct fid_ops best;                 /* differs at its last operation */
    struct fid_made made[FID_STEPS_MAX]; /* by its steps */
    uint8_t code;                        /* of the operation that differs */
    uint32_t tries;
};

static bool still_differs(struct shrinking *shrinking, const struct fid_ops *ops) {
    struct fid_comparison *comparison = shrinking->comparison;
    shrinking->tries++;
    return !fid_compare(comparison, ops)
           && ops->op[comparison->difference.step].code == shrinking->code;
}

/* Keeps the candidate if it still differs; what follows the difference is cut off. */
static bool try_candidate(struct shrinking *shrinking, const struct fid_ops *candidate) {
    if (shrinking->tries >= TRIES_MAX || !still_differs(shrinking, candidate)) {
        return false;
    }
    shrinking->best = *candidate;
    shrinking->best.count = shrinking->comparison->difference.step + 1;
    memcpy(shrinking->made, shrinking->comparison->made, sizeof(shrinking->made));
    return true;
}

static void remove_range(struct fid_ops *ops, uint32_t first, uint32_t count) {
    memmove(&ops->op[first], &ops->op[first + count],
        (ops->count - first - count) * sizeof(ops->op[0]));
    ops->count -= count;
}

/* Numbers above those that were never made move down. */
static void renumber(struct fid_ops *ops, uint32_t from, struct fid_made made) {
    for (uint32_t i = from; i < ops->count; i++) {
        const struct fid_op_info *info = fid_op_info((enum fid_code)ops->op[i].code);
        for (unsigned k = 0; k < FID_ARGS_MAX; k++) {
            uint8_t *number = &ops->op[i].arg[k];
            if (info->arg[k] == FID_ARG_FD && *number != FID_NUMBER_BAD
                && *number >= made.first + made.count) {
                *number = (uint8_t)(*number - made.count);
            }
        }
    }
}

static bool remove_operations(struct shrinking *shrinking, uint32_t first, uint32_t count) {
    struct fid_ops candidate = shrinking->best;
    remove_range(&candidate, first, count);
    if (try_candidate(shrinking, &candidate)) {
        return true;
    }
    struct fid_made made = shrinking->made[first];
    if (count != 1 || made.count == 0) {
        return false;
    }
    renumber(&candidate, first, made);
    return try_candidate(shrinking, &candidate);
}

/* The number has to be taken, but not by this. */
static bool replace_maker(struct shrinking *shrinking, uint32_t at) {
    struct fid_ops candidate = shrinking->best;
    struct fid_made made = shrinking->made[at];
    if (candidate.op[at].code == FID_OP_EPOLL || made.count != 1) {
        return false;
    }
    candidate.op[at] = (struct fid_op){.code = FID_OP_EVENTFD};
    return memcmp(&candidate.op[at], &shrinking->best.op[at], sizeof(candidate.op[at])) != 0
           && try_candidate(shrinking, &candidate);
}

static bool shrink_operations(struct shrinking *shrinking) {
    bool progress = false;
    for (uint32_t size = shrinking->best.count / 2; size >= 1; size /= 2) {
        for (uint32_t at = 0; at + size < shrinking->best.count;) {
            if (remove_operations(shrinking, at, size)) {
                progress = true;
            } else {
                at += size;
            }
        }
    }
    return progress;
}

/* Numbers are plainer when they are lower, words the nearer they are to the first of their table.
 */
static bool shrink_argument(struct shrinking *shrinking, uint32_t at, unsigned which) {
    for (uint8_t value = 0; value < shrinking->best.op[at].arg[which]; value++) {
        struct fid_ops candidate = shrinking->best;
        candidate.op[at].arg[which] = value;
        if (try_candidate(shrinking, &candidate)) {
            return true;
        }
    }
    return false;
}

static bool shrink_arguments(struct shrinking *shrinking) {
    bool progress = false;
    for (uint32_t at = 0; at < shrinking->best.count; at++) {
        progress |= replace_maker(shrinking, at);
        for (unsigned which = 0; which < FID_ARGS_MAX && at < shrinking->best.count; which++) {
            progress |= shrink_argument(shrinking, at, which);
        }
    }
    return progress;
}

uint32_t fid_shrink(struct fid_comparison *comparison, struct fid_ops *ops) {
    struct shrinking shrinking = {.comparison = comparison};
    struct fid_tally *tally = comparison->tally;
    comparison->tally = NULL;
    bool differs = !fid_compare(comparison, ops);
    if (differs) {
        shrinking.code = ops->op[comparison->difference.step].code;
        differs = try_candidate(&shrinking, ops);
    }
    bool progress = differs;
    while (progress) {
        progress = shrink_operations(&shrinking);
        progress |= shrink_arguments(&shrinking);
    }
    if (differs) {
        *ops = shrinking.best;
        differs = !fid_compare(comparison, ops);
    }
    comparison->tally = tally;
    return differs ? shrinking.tries : 0;
}
