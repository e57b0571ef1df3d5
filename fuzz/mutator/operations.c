/* Mutations of a row of operations (harness/fidelity/op.h): what is put in makes sense where it
 * stands, as far as that can be told without carrying the row out. */
#include "mutator/records.h"

#include <stdbool.h>
#include <string.h>

#include "fidelity/generate.h"
#include "mutator/dice.h"
#include "wb/sys.h"

enum {
    RUN_MAX = 8,
    ANY_STEPS = 64,
    FLOODS_MAX = 2,
    ASSUMED_SIZE = 100,     /* of a file that is opened */
    OPERATIONS_ENOUGH = 80, /* a row is not made longer than that: it only gets slow */
};

static const struct fid_limits everything = {.kinds = FID_KINDS_ALL, .codes = UINT64_MAX};

/* ---- the world, if everything succeeds ---- */

static uint8_t free_number(const struct fid_world *world, uint8_t from) {
    while (from < FID_NUMBER_COUNT && fid_world_file(world, from) != NULL) {
        from++;
    }
    return from;
}

static int64_t bytes_moved(const struct fid_file *file, const struct fid_op *op) {
    bool sends = op->code == FID_OP_SEND || op->code == FID_OP_WRITE;
    bool receives = op->code == FID_OP_RECV || op->code == FID_OP_READ;
    if (!sends && !receives) {
        return 0;
    }
    int64_t len = fid_arg_value(FID_ARG_SIZE, op->arg[1]);
    return sends || file == NULL || file->unread > len ? len : file->unread;
}

/* As it is where there is what the flags ask for. */
static uint32_t kind_opened(const struct fid_op *op) {
    uint8_t creation = op->arg[op->code == FID_OP_OPEN ? 2 : 3];
    bool wants_directory = (fid_arg_value(FID_ARG_CREATION, creation) & WB_O_DIRECTORY) != 0;
    return wants_directory ? WB_DT_DIR : WB_DT_REG;
}

static void assume(struct fid_world *world, const struct fid_op *op) {
    struct fid_outcome outcome;
    const struct fid_file *file = fid_world_file(world, op->arg[0]);
    uint8_t number = free_number(world, 0);
    outcome.count = 0;
    outcome.skipped = fid_objection(world, &everything, op) != NULL;
    switch (op->code) {
    case FID_OP_SOCKET:
    case FID_OP_LISTENER:
    case FID_OP_EVENTFD:
    case FID_OP_TIMERFD:
    case FID_OP_SIGNALFD:
    case FID_OP_EPOLL:
    case FID_OP_DUP:
        fid_fact_add(&outcome, "", FID_FORM_NUMBER, number);
        fid_fact_add(&outcome, "listen", FID_FORM_RESULT, 0);
        break;
    case FID_OP_OPEN:
    case FID_OP_OPENAT:
        fid_fact_add(&outcome, "", FID_FORM_NUMBER, number);
        fid_fact_add(&outcome, "kind", FID_FORM_VALUE, kind_opened(op));
        fid_fact_add(&outcome, "size", FID_FORM_RESULT, ASSUMED_SIZE);
        break;
    case FID_OP_PAIR:
        fid_fact_add(&outcome, "", FID_FORM_NUMBER, number);
        fid_fact_add(&outcome, "and", FID_FORM_NUMBER, free_number(world, (uint8_t)(number + 1)));
        break;
    case FID_OP_ACCEPT:
        fid_fact_add(
            &outcome, "", FID_FORM_NUMBER, file != NULL && file->pending_count != 0 ? number : -1);
        break;
    default:
        fid_fact_add(&outcome, "", FID_FORM_RESULT, bytes_moved(file, op));
        break;
    }
    fid_world_note(world, op, &outcome);
}

static void assume_all(struct fid_world *world, const struct fid_ops *ops, uint32_t count) {
    fid_world_init(world);
    for (uint32_t i = 0; i < count; i++) {
        assume(world, &ops->op[i]);
    }
}

/* ---- mutations; each returns whether it changed something ---- */

/* Room for `count` operations at `at`, whose content is open. */
static bool make_room(struct fid_ops *ops, uint32_t at, uint32_t count, uint32_t count_max) {
    if (count == 0 || ops->count + count > count_max) {
        return false;
    }
    memmove(&ops->op[at + count], &ops->op[at], (ops->count - at) * sizeof(ops->op[0]));
    ops->count += count;
    return true;
}

static bool insert_fresh(struct fid_ops *ops, struct dice *dice, uint32_t count_max) {
    struct fid_world world;
    struct fid_generator generator;
    uint32_t at = roll(dice, 2) == 0 ? ops->count : roll(dice, ops->count + 1);
    uint32_t count = 1 + roll(dice, RUN_MAX);
    count = count < count_max - ops->count ? count : count_max - ops->count;
    if (!make_room(ops, at, count, count_max)) {
        return false;
    }
    assume_all(&world, ops, at);
    fid_generator_init(&generator, dice->state, 0, ANY_STEPS, &everything);
    for (uint32_t i = 0; i < count; i++) {
        (void)fid_generator_next(&generator, &world, &everything, &ops->op[at + i]);
        assume(&world, &ops->op[at + i]);
    }
    return true;
}

/* Another descriptor that is open there, or another word. */
static bool change_argument(struct fid_ops *ops, struct dice *dice) {
    struct fid_world world;
    if (ops->count == 0) {
        return false;
    }
    uint32_t at = roll(dice, ops->count);
    struct fid_op *op = &ops->op[at];
    uint32_t which = roll(dice, FID_ARGS_MAX);
    enum fid_arg arg = (enum fid_arg)fid_op_info((enum fid_code)op->code)->arg[which];
    if (arg != FID_ARG_FD) {
        op->arg[which] = (uint8_t)roll(dice, fid_arg_count(arg));
        return arg != FID_ARG_NONE;
    }
    assume_all(&world, ops, at);
    op->arg[which] = (uint8_t)roll(dice, fid_world_open_count(&world) + 1);
    return true;
}

static bool delete_run(struct fid_ops *ops, struct dice *dice) {
    if (ops->count < 2) {
        return false;
    }
    uint32_t at = roll(dice, ops->count);
    uint32_t count = 1 + (roll(dice, 3) == 0 ? roll(dice, ops->count - at) : 0);
    memmove(&ops->op[at], &ops->op[at + count], (ops->count - at - count) * sizeof(ops->op[0]));
    ops->count -= count;
    return true;
}

static bool duplicate_run(struct fid_ops *ops, struct dice *dice, uint32_t count_max) {
    struct fid_op copy[RUN_MAX];
    if (ops->count == 0) {
        return false;
    }
    uint32_t from = roll(dice, ops->count);
    uint32_t count = 1 + roll(dice, RUN_MAX);
    count = count < ops->count - from ? count : ops->count - from;
    memcpy(copy, &ops->op[from], count * sizeof(copy[0]));
    uint32_t to = roll(dice, ops->count + 1);
    if (!make_room(ops, to, count, count_max)) {
        return false;
    }
    memcpy(&ops->op[to], copy, count * sizeof(copy[0]));
    return true;
}

static bool mutate_once(struct fid_ops *ops, struct dice *dice, uint32_t count_max) {
    switch (roll(dice, 8)) {
    case 0:
    case 1:
    case 2:
    case 3:
        return insert_fresh(ops, dice, count_max);
    case 4:
        return delete_run(ops, dice);
    case 5:
        return duplicate_run(ops, dice, count_max);
    default:
        return change_argument(ops, dice);
    }
}

/* A flood moves megabytes: what copies and crossings put together keeps two of them. */
static void spare_floods(struct fid_ops *ops) {
    uint32_t kept = 0;
    uint32_t floods = 0;
    for (uint32_t i = 0; i < ops->count; i++) {
        floods += ops->op[i].code == FID_OP_FLOOD;
        if (ops->op[i].code != FID_OP_FLOOD || floods <= FLOODS_MAX) {
            ops->op[kept++] = ops->op[i];
        }
    }
    ops->count = kept;
}

/* ---- what engines call ---- */

static uint32_t count_max_of(size_t capacity) {
    size_t count = capacity / FID_OP_BYTES;
    return count < OPERATIONS_ENOUGH ? (uint32_t)count : OPERATIONS_ENOUGH;
}

static void decode(struct fid_ops *ops, const uint8_t *bytes, size_t len) {
    const size_t whole = (size_t)FID_STEPS_MAX * FID_OP_BYTES;
    fid_ops_decode(ops, bytes, (uint32_t)(len < whole ? len : whole));
}

size_t records_mutate(uint8_t *bytes, size_t len, size_t capacity, unsigned seed,
    records_mutate_bytes_fn mutate_bytes) {
    struct dice dice = {seed};
    struct fid_ops ops;
    uint32_t count_max = count_max_of(capacity);
    if (count_max == 0 || (roll(&dice, 16) == 0 && len != 0)) {
        return mutate_bytes(bytes, len, capacity);
    }
    decode(&ops, bytes, len);
    unsigned wanted = 1 + roll(&dice, 3);
    for (unsigned done = 0, tries = 0; done < wanted && tries < 16; tries++) {
        done += mutate_once(&ops, &dice, count_max);
    }
    spare_floods(&ops);
    return fid_ops_encode(&ops, bytes);
}

/* The beginning of one, and the end of the other. */
size_t records_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
    size_t capacity, unsigned seed) {
    struct dice dice = {seed};
    struct fid_ops first;
    struct fid_ops second;
    decode(&first, a, a_len);
    decode(&second, b, b_len);
    uint32_t from = roll(&dice, second.count + 1);
    uint32_t count_max = count_max_of(capacity);
    first.count = roll(&dice, first.count + 1);
    first.count = first.count < count_max ? first.count : count_max;
    for (uint32_t i = from; i < second.count && first.count < count_max; i++) {
        first.op[first.count++] = second.op[i];
    }
    spare_floods(&first);
    return fid_ops_encode(&first, out);
}
