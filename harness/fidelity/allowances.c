/* The table of what may differ. */
#include "fidelity/allowances.h"

#include <string.h>

static bool is_tcp(const struct fid_world *world, uint8_t number) {
    const struct fid_file *file = fid_world_file(world, number);
    return file != NULL && (FID_KIND_BIT(file->kind) & FID_KINDS_TCP) != 0;
}

static bool is_size_of_buffer(
    const struct fid_world *world, const struct fid_op *op, const struct fid_fact *fact) {
    const struct fid_file *file = fid_world_file(world, op->arg[0]);
    if (op->code != FID_OP_GETSOCKOPT || strcmp(fact->label, "value") != 0 || file == NULL) {
        return false;
    }
    bool tcp = is_tcp(world, op->arg[0]);
    int64_t option = fid_arg_value(FID_ARG_OPTION, op->arg[1]);
    return (option == FID_OPTION_SNDBUF && (tcp || !file->sized_send))
           || (option == FID_OPTION_RCVBUF && (tcp || !file->sized_recv));
}

static bool is_low_water(
    const struct fid_world *world, const struct fid_op *op, const struct fid_fact *fact) {
    return op->code == FID_OP_GETSOCKOPT && strcmp(fact->label, "value") == 0
           && is_tcp(world, op->arg[0])
           && fid_arg_value(FID_ARG_OPTION, op->arg[1]) == FID_OPTION_LOWAT;
}

static bool is_amount_taken(
    const struct fid_world *world, const struct fid_op *op, const struct fid_fact *fact) {
    return op->code == FID_OP_FLOOD && strcmp(fact->label, "took") == 0
           && is_tcp(world, op->arg[0]);
}

/* Far more than a sequence ever sends. */
static bool both_huge(int64_t one, int64_t other) {
    enum { HUGE = 65536 };
    return one >= HUGE && other >= HUGE;
}

static bool both_positive(int64_t one, int64_t other) {
    return one > 0 && other > 0;
}

const struct fid_allowance fid_allowances[FID_ALLOWANCE_COUNT] = {
    {
        .what = "size of a TCP buffer, or of one that nobody set",
        .operations = "getsockopt SNDBUF, RCVBUF",
        .allowed = "any size above 0",
        .reason = "the kernel tunes TCP's while a connection is used; the first size is a setting",
        .rule = "T3",
        .applies = is_size_of_buffer,
        .admits = both_positive,
    },
    {
        .what = "low-water mark of a TCP socket after a huge one was asked for",
        .operations = "getsockopt RCVLOWAT",
        .allowed = "any mark from 65536 up",
        .reason = "it is cut to half of what the buffer may grow to, which is tuned, too",
        .rule = "T3",
        .applies = is_low_water,
        .admits = both_huge,
    },
    {
        .what = "bytes that fit into a TCP connection",
        .operations = "flood",
        .allowed = "any number above 0",
        .reason = "how fast windows open and buffers grow is a matter of time",
        .rule = "T2",
        .applies = is_amount_taken,
        .admits = both_positive,
    },
};

int fid_allowance_find(const struct fid_world *world, const struct fid_op *op,
    const struct fid_fact *one, const struct fid_fact *other) {
    for (int i = 0; i < FID_ALLOWANCE_COUNT; i++) {
        if (fid_allowances[i].applies(world, op, one)
            && fid_allowances[i].admits(one->value, other->value)) {
            return i;
        }
    }
    return -1;
}
