/* Random sequences that know what they have made so far. */
#include "fidelity/generate.h"

#include <string.h>

#include "fidelity/state.h"
#include "wb/sys.h"

enum {
    OPEN_ENOUGH = 14,  /* descriptors; more only make waits long */
    TRIES_MAX = 32,    /* to find an operation that fits */
    ODD_ONE_IN = 24,   /* operations name any number whatever, so often */
    MOVING_ONE_IN = 6, /* sequences are about splice and its like in any case */
    UNUSUAL_PER_MILLE = 350,
    FLOOD_TCP_ONE_IN = 60, /* it moves megabytes */
    SLOW_FIN_ONE_IN = 200, /* its acknowledgement takes some 40 ms: fid_side_settle() */
};

/* ---- randomness ---- */

static uint64_t random_word(struct fid_generator *generator) {
    generator->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = generator->state;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

static uint32_t random_below(struct fid_generator *generator, uint32_t bound) {
    return (uint32_t)((random_word(generator) >> 32) * bound >> 32);
}

static bool one_in(struct fid_generator *generator, uint32_t n) {
    return random_below(generator, n) == 0;
}

/* ---- what a sequence is about ---- */

static enum fid_kind random_kind(struct fid_generator *generator, uint32_t kinds) {
    uint32_t count = (uint32_t)__builtin_popcount(kinds);
    uint32_t chosen = random_below(generator, count);
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        if ((kinds >> kind & 1u) != 0 && chosen-- == 0) {
            return (enum fid_kind)kind;
        }
    }
    return FID_KIND_EPOLL;
}

void fid_generator_init(struct fid_generator *generator, uint64_t seed, uint64_t index,
    uint32_t steps, const struct fid_limits *limits) {
    memset(generator, 0, sizeof(*generator));
    generator->state = seed;
    generator->state = random_word(generator) ^ index * UINT64_C(0xd1342543de82ef95);
    generator->steps = steps / 2 + random_below(generator, steps + 1);
    if (generator->steps > FID_STEPS_MAX - 2 * FID_NUMBER_COUNT) {
        generator->steps = FID_STEPS_MAX - 2 * FID_NUMBER_COUNT;
    }
    uint32_t descriptors = limits->kinds & FID_KINDS_FILE;
    generator->theme = FID_KIND_BIT(FID_KIND_EPOLL) & limits->kinds;
    for (uint32_t i = random_below(generator, 4) + 1; i > 0 && descriptors != 0; i--) {
        generator->theme |= FID_KIND_BIT(random_kind(generator, descriptors));
    }
    /* A file alone has nobody to give anything to. */
    if ((generator->theme & FID_KINDS_NAMED) != 0 || one_in(generator, MOVING_ONE_IN)) {
        uint32_t others = descriptors & FID_KINDS_STREAM;
        generator->theme |=
            (FID_KIND_BIT(FID_KIND_FILE) | FID_KIND_BIT(FID_KIND_PIPE)) & limits->kinds;
        generator->theme |= others == 0 ? 0 : FID_KIND_BIT(random_kind(generator, others));
    }
}

/* ---- which operation ---- */

static const uint8_t weights[FID_OP_COUNT] = {
    [FID_OP_SOCKET] = 4,
    [FID_OP_PAIR] = 7,
    [FID_OP_LISTENER] = 4,
    [FID_OP_EVENTFD] = 3,
    [FID_OP_TIMERFD] = 2,
    [FID_OP_SIGNALFD] = 2,
    [FID_OP_EPOLL] = 3,
    [FID_OP_DUP] = 3,
    [FID_OP_CLOSE] = 5,
    [FID_OP_ACCEPT] = 7,
    [FID_OP_CONNECT] = 9,
    [FID_OP_CONNECT_REFUSED] = 2,
    [FID_OP_DISCONNECT] = 1,
    [FID_OP_BIND] = 2,
    [FID_OP_LISTEN] = 1,
    [FID_OP_SHUTDOWN] = 5,
    [FID_OP_SEND] = 11,
    [FID_OP_RECV] = 11,
    [FID_OP_WRITE] = 4,
    [FID_OP_READ] = 6,
    [FID_OP_WRITEV] = 2,
    [FID_OP_READV] = 2,
    [FID_OP_SENDMSG] = 2,
    [FID_OP_RECVMSG] = 3,
    [FID_OP_SENDTO] = 3,
    [FID_OP_SENDMMSG] = 1,
    [FID_OP_RECVMMSG] = 2,
    [FID_OP_FLOOD] = 1,
    [FID_OP_SETSOCKOPT] = 4,
    [FID_OP_GETSOCKOPT] = 4,
    [FID_OP_GETSOCKNAME] = 1,
    [FID_OP_GETPEERNAME] = 2,
    [FID_OP_FCNTL] = 1,
    [FID_OP_EPOLL_ADD] = 20,
    [FID_OP_EPOLL_MOD] = 8,
    [FID_OP_EPOLL_DEL] = 2,
    [FID_OP_EPOLL_WAIT] = 30,
    [FID_OP_POLL] = 3,
    [FID_OP_POLL_ALL] = 2,
    [FID_OP_SELECT] = 2,
    [FID_OP_CLOCK] = 1,
    [FID_OP_SETTIME] = 3,
    [FID_OP_GETTIME] = 1,
    [FID_OP_RAISE] = 2,
    [FID_OP_STRANGE] = 2,
    [FID_OP_OPEN] = 6,
    [FID_OP_OPENAT] = 1,
    [FID_OP_PREAD] = 2,
    [FID_OP_PWRITE] = 2,
    [FID_OP_LSEEK] = 4,
    [FID_OP_FTRUNCATE] = 2,
    [FID_OP_FSYNC] = 1,
    [FID_OP_FSTAT] = 1,
    [FID_OP_STAT] = 1,
    [FID_OP_RENAME] = 1,
    [FID_OP_UNLINK] = 1,
    [FID_OP_MKDIR] = 1,
    [FID_OP_RMDIR] = 1,
    [FID_OP_GETDENTS] = 1,
    [FID_OP_SENDFILE] = 8,
    [FID_OP_SPLICE] = 12,
    [FID_OP_TEE] = 3,
};

static enum fid_code random_code(struct fid_generator *generator) {
    static uint32_t total;
    if (total == 0) {
        for (int i = 0; i < FID_OP_COUNT; i++) {
            total += weights[i];
        }
    }
    uint32_t at = random_below(generator, total);
    int code = 0;
    while (at >= weights[code]) {
        at -= weights[code++];
    }
    return (enum fid_code)code;
}

/* ---- which descriptor ---- */

/* Whether an operation on it would be the interesting one. */
static bool suits(const struct fid_world *world, enum fid_code code, const struct fid_file *file) {
    enum fid_state state = fid_file_state(world, file);
    bool is_socket = (FID_KIND_BIT(file->kind) & FID_KINDS_SOCKET) != 0;
    switch ((int)code) {
    case FID_OP_ACCEPT:
        return state == FID_STATE_PENDING;
    case FID_OP_CONNECT:
    case FID_OP_CONNECT_REFUSED:
    case FID_OP_BIND:
        return is_socket && !file->connected && !file->listening;
    case FID_OP_LISTEN:
        return !file->connected;
    case FID_OP_PREAD:
    case FID_OP_PWRITE:
    case FID_OP_LSEEK:
    case FID_OP_FTRUNCATE:
    case FID_OP_FSYNC:
        return file->kind == FID_KIND_FILE;
    case FID_OP_OPENAT:
    case FID_OP_GETDENTS:
        return file->kind == FID_KIND_DIRECTORY;
    case FID_OP_SPLICE:
    case FID_OP_TEE:
    case FID_OP_RECV:
    case FID_OP_READ:
    case FID_OP_READV:
    case FID_OP_RECVMSG:
    case FID_OP_RECVMMSG:
        return state == FID_STATE_DATA || file->unread != 0 || file->queued != 0 || file->peer_gone
               || file->peer_shut || file->counted;
    case FID_OP_SEND:
    case FID_OP_WRITE:
    case FID_OP_WRITEV:
    case FID_OP_SENDMSG:
    case FID_OP_SENDMMSG:
    case FID_OP_SHUTDOWN:
    case FID_OP_FLOOD:
    case FID_OP_SENDFILE:
        return file->writable || (file->connected && (file->kind != FID_KIND_PIPE || file->writes));
    case FID_OP_EPOLL_MOD:
    case FID_OP_EPOLL_DEL:
        return file->watched;
    case FID_OP_EPOLL_ADD:
        return !file->watched || file->refs > 1;
    case FID_OP_EPOLL_WAIT:
        return file->counted;
    default:
        return true;
    }
}

/* Rare states, in which an operation is not at all what it is otherwise: whoever waits for them to
 * be met by chance waits long. */
static bool tempts(const struct fid_world *world, enum fid_code code, const struct fid_file *file) {
    switch ((int)code) {
    case FID_OP_ACCEPT:
        return file->pending_count > 1 && file->pending[0] == FID_FILE_NONE;
    case FID_OP_SPLICE:
        return file->urgent != 0;
    case FID_OP_WRITE:
        return file->kind == FID_KIND_PIPE && file->peer != FID_FILE_NONE
               && world->file[file->peer].vague;
    default:
        return false;
    }
}

static uint8_t any_number(struct fid_generator *generator, const struct fid_world *world) {
    uint32_t count = fid_world_open_count(world) + 2;
    uint32_t number = random_below(generator, count + 1);
    return number >= count || number >= FID_NUMBER_COUNT ? FID_NUMBER_BAD : (uint8_t)number;
}

/* An open descriptor of one of the kinds, preferably one that suits; FID_NUMBER_BAD: there is none.
 */
static uint8_t pick_number(struct fid_generator *generator, const struct fid_world *world,
    enum fid_code code, uint32_t kinds) {
    uint8_t fitting[FID_NUMBER_COUNT];
    uint8_t suiting[FID_NUMBER_COUNT];
    uint32_t fitting_count = 0;
    uint32_t suiting_count = 0;
    uint8_t tempting = FID_NUMBER_BAD;
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *file = fid_world_file(world, i);
        if (file == NULL || (FID_KIND_BIT(file->kind) & kinds) == 0) {
            continue;
        }
        fitting[fitting_count++] = i;
        tempting = tempts(world, code, file) ? i : tempting;
        if (suits(world, code, file)) {
            suiting[suiting_count++] = i;
        }
    }
    if (tempting != FID_NUMBER_BAD && one_in(generator, 2)) {
        return tempting;
    }
    if (suiting_count != 0 && !one_in(generator, 6)) {
        return suiting[random_below(generator, suiting_count)];
    }
    return fitting_count == 0 ? FID_NUMBER_BAD : fitting[random_below(generator, fitting_count)];
}

/* Whom to connect to, or to send to: something of the same kind that listens or is bound. */
static uint8_t pick_target(
    struct fid_generator *generator, const struct fid_world *world, uint8_t from) {
    const struct fid_file *file = fid_world_file(world, from);
    uint8_t found[FID_NUMBER_COUNT];
    uint32_t count = 0;
    for (uint8_t i = 0; file != NULL && i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *other = fid_world_file(world, i);
        bool stream = other != NULL && (FID_KIND_BIT(other->kind) & FID_KINDS_STREAM) != 0;
        if (other != NULL && other != file && other->kind == file->kind
            && (stream ? other->listening : other->bound || other->connected)) {
            found[count++] = i;
        }
    }
    if (count == 0 || one_in(generator, 12)) {
        return any_number(generator, world);
    }
    return found[random_below(generator, count)];
}

static bool gives(const struct fid_world *world, const struct fid_file *file) {
    return file->unread != 0
           || (file->kind == FID_KIND_FILE && fid_world_rest(world, file, 0) != 0);
}

static bool takes(const struct fid_file *file) {
    return file->kind == FID_KIND_PIPE ? file->writes : file->connected || file->writable;
}

/* What an operation between two descriptors moves bytes to or, sendfile, from. Unless both are
 * pipes, one is. */
static uint8_t pick_other(struct fid_generator *generator, const struct fid_world *world,
    enum fid_code code, uint8_t first) {
    const struct fid_file *file = fid_world_file(world, first);
    bool needs_pipe = code != FID_OP_SENDFILE && (file == NULL || file->kind != FID_KIND_PIPE);
    uint32_t kinds = needs_pipe ? FID_KIND_BIT(FID_KIND_PIPE) : fid_op_other_kinds(code);
    if (code == FID_OP_SENDFILE && !one_in(generator, 8)) {
        kinds = FID_KIND_BIT(FID_KIND_FILE);
    }
    uint8_t found[FID_NUMBER_COUNT];
    uint32_t count = 0;
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *other = fid_world_file(world, i);
        if (other != NULL && (fid_file_bit(other) & kinds) != 0
            && (code == FID_OP_SENDFILE ? gives(world, other) : takes(other))) {
            found[count++] = i;
        }
    }
    if (count == 0 || one_in(generator, 12)) {
        return pick_number(generator, world, code, kinds);
    }
    return found[random_below(generator, count)];
}

static uint8_t pick_argument(struct fid_generator *generator, const struct fid_world *world,
    enum fid_code code, unsigned at, const struct fid_op *op) {
    const struct fid_op_info *info = fid_op_info(code);
    bool is_subject = (int)at == info->subject;
    if (one_in(generator, ODD_ONE_IN)) {
        return any_number(generator, world);
    }
    if (is_subject) {
        return pick_number(generator, world, code, info->kinds);
    }
    if (code == FID_OP_CONNECT || code == FID_OP_SENDTO) {
        return pick_target(generator, world, op->arg[0]);
    }
    if (fid_op_other_kinds(code) != 0) {
        return pick_other(generator, world, code, op->arg[0]);
    }
    return pick_number(generator, world, code, FID_KIND_BIT(FID_KIND_EPOLL));
}

/* ---- the other arguments ---- */

/* A word whose kind the sequence is about. */
static uint8_t pick_kind(struct fid_generator *generator, enum fid_arg arg) {
    uint8_t index = 0;
    for (int i = 0; i < TRIES_MAX; i++) {
        index = (uint8_t)random_below(generator, fid_arg_count(arg));
        if ((generator->theme & FID_KIND_BIT(fid_arg_value(arg, index))) != 0) {
            break;
        }
    }
    return index;
}

/* The first word of these is the usual one. */
static bool has_usual(enum fid_arg arg) {
    return arg == FID_ARG_NAME_ROOM || arg == FID_ARG_SEND_FLAGS || arg == FID_ARG_RECV_FLAGS
           || arg == FID_ARG_ROOM || arg == FID_ARG_TIMEOUT || arg == FID_ARG_BIND
           || arg == FID_ARG_ACCESS || arg == FID_ARG_CREATION || arg == FID_ARG_PATH
           || arg == FID_ARG_SPLICE;
}

/* Most masks are those that programs use. */
static uint8_t pick_mask(struct fid_generator *generator) {
    enum { USUAL_MASKS = 6 };
    uint32_t bound = one_in(generator, 3) ? fid_arg_count(FID_ARG_MASK) : USUAL_MASKS;
    return (uint8_t)random_below(generator, bound);
}

static uint8_t pick_word(struct fid_generator *generator, enum fid_arg arg) {
    if (arg == FID_ARG_SOCKET || arg == FID_ARG_PAIR || arg == FID_ARG_LISTENER) {
        return pick_kind(generator, arg);
    }
    if (arg == FID_ARG_MODE && !one_in(generator, 4)) {
        enum { MODES_THAT_MIX = 4 };
        return (uint8_t)random_below(generator, MODES_THAT_MIX);
    }
    if (arg == FID_ARG_MASK) {
        return pick_mask(generator);
    }
    if (has_usual(arg) && random_below(generator, 1000) >= UNUSUAL_PER_MILLE) {
        return 0;
    }
    if (arg == FID_ARG_TIMEOUT && !one_in(generator, 16)) {
        return 0; /* time passes for real */
    }
    return (uint8_t)random_below(generator, fid_arg_count(arg));
}

/* ---- the next operation ---- */

/* The kind that an operation makes; FID_KIND_COUNT: it makes none. */
static enum fid_kind kind_made(const struct fid_op *op) {
    switch (op->code) {
    case FID_OP_SOCKET:
        return (enum fid_kind)fid_arg_value(FID_ARG_SOCKET, op->arg[0]);
    case FID_OP_PAIR:
        return (enum fid_kind)fid_arg_value(FID_ARG_PAIR, op->arg[0]);
    case FID_OP_LISTENER:
        return (enum fid_kind)fid_arg_value(FID_ARG_LISTENER, op->arg[0]);
    case FID_OP_EVENTFD:
        return FID_KIND_EVENTFD;
    case FID_OP_TIMERFD:
        return FID_KIND_TIMERFD;
    case FID_OP_SIGNALFD:
        return FID_KIND_SIGNALFD;
    case FID_OP_EPOLL:
        return FID_KIND_EPOLL;
    case FID_OP_OPEN:
        return FID_KIND_FILE;
    default:
        return FID_KIND_COUNT;
    }
}

/* Whether whoever gets its FIN has something else in its queue, or no descriptor yet. */
static bool is_slow_fin(const struct fid_world *world, const struct fid_file *file) {
    if (file == NULL || (FID_KIND_BIT(file->kind) & FID_KINDS_TCP) == 0 || !file->connected
        || file->peer_gone || file->reset) {
        return false;
    }
    return file->peer == FID_FILE_NONE || world->file[file->peer].unread != 0
           || world->file[file->peer].urgent != 0
           || fid_world_number_of(world, file->peer) == FID_NUMBER_BAD;
}

static bool is_about_names(const struct fid_op *op) {
    return fid_op_info((enum fid_code)op->code)->arg[0] == FID_ARG_PATH;
}

static bool is_sensible(struct fid_generator *generator, const struct fid_world *world,
    const struct fid_limits *limits, const struct fid_op *op) {
    enum fid_kind made = kind_made(op);
    unsigned open = fid_world_open_count(world);
    if (made != FID_KIND_COUNT && (generator->theme & FID_KIND_BIT(made)) == 0) {
        return false;
    }
    if ((made != FID_KIND_COUNT || op->code == FID_OP_DUP) && open >= OPEN_ENOUGH) {
        return false;
    }
    if (is_about_names(op) && (generator->theme & FID_KINDS_NAMED) == 0) {
        return false;
    }
    const struct fid_op_info *info = fid_op_info((enum fid_code)op->code);
    const struct fid_file *subject =
        info->subject < 0 ? NULL : fid_world_file(world, op->arg[info->subject]);
    if (info->subject >= 0 && subject == NULL && !one_in(generator, ODD_ONE_IN)) {
        return false;
    }
    if (op->code == FID_OP_SHUTDOWN && is_slow_fin(world, subject)
        && !one_in(generator, SLOW_FIN_ONE_IN)) {
        return false;
    }
    if (op->code == FID_OP_FLOOD && (fid_file_bit(subject) & FID_KINDS_TCP) != 0
        && subject->connected && !subject->shut_wr && !one_in(generator, FLOOD_TCP_ONE_IN)) {
        return false;
    }
    return fid_objection(world, limits, op) == NULL;
}

static void draw(
    struct fid_generator *generator, const struct fid_world *world, struct fid_op *op) {
    enum fid_code code = random_code(generator);
    const struct fid_op_info *info = fid_op_info(code);
    memset(op, 0, sizeof(*op));
    op->code = (uint8_t)code;
    for (unsigned i = 0; i < FID_ARGS_MAX; i++) {
        enum fid_arg arg = (enum fid_arg)info->arg[i];
        if (arg == FID_ARG_FD) {
            op->arg[i] = pick_argument(generator, world, code, i, op);
        } else if (arg != FID_ARG_NONE) {
            op->arg[i] = pick_word(generator, arg);
        }
    }
}

/* An eventfd takes eight bytes and nothing else. */
static void suit_size(
    struct fid_generator *generator, const struct fid_world *world, struct fid_op *op) {
    const struct fid_file *file = fid_world_file(world, op->arg[0]);
    bool moves = op->code == FID_OP_READ || op->code == FID_OP_WRITE;
    if (moves && file != NULL && file->kind == FID_KIND_EVENTFD && !one_in(generator, 4)) {
        op->arg[1] = (uint8_t)fid_arg_from_name(FID_ARG_SIZE, "8", 1);
    }
}

/* What has just been opened is watched, every other time: that is when things begin to happen. */
static bool watch_new(
    struct fid_generator *generator, const struct fid_world *world, struct fid_op *op) {
    uint32_t open = 0;
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        open |= (uint32_t)(fid_world_file(world, i) != NULL) << i;
    }
    uint32_t fresh = open & ~generator->known;
    generator->known = open;
    if (fresh == 0 || one_in(generator, 2)) {
        return false;
    }
    memset(op, 0, sizeof(*op));
    op->code = FID_OP_EPOLL_ADD;
    op->arg[0] = pick_number(generator, world, FID_OP_EPOLL_ADD, FID_KIND_BIT(FID_KIND_EPOLL));
    op->arg[1] = (uint8_t)__builtin_ctz(fresh);
    op->arg[2] = pick_word(generator, FID_ARG_MASK);
    op->arg[3] = pick_word(generator, FID_ARG_MODE);
    return true;
}

/* At the end: what every instance still has to report, and what everything shows. */
static bool close_up(
    struct fid_generator *generator, const struct fid_world *world, struct fid_op *op) {
    memset(op, 0, sizeof(*op));
    for (; generator->closing < FID_NUMBER_COUNT; generator->closing++) {
        const struct fid_file *file = fid_world_file(world, generator->closing);
        if (file != NULL && file->kind == FID_KIND_EPOLL) {
            op->code = FID_OP_EPOLL_WAIT;
            op->arg[0] = generator->closing++;
            return true;
        }
    }
    op->code = FID_OP_POLL_ALL;
    return generator->closing++ == FID_NUMBER_COUNT;
}

bool fid_generator_next(void *user_data, const struct fid_world *world,
    const struct fid_limits *limits, struct fid_op *out_op) {
    struct fid_generator *generator = user_data;
    if (generator->steps == 0) {
        return close_up(generator, world, out_op);
    }
    generator->steps--;
    if (fid_world_open_count(world) == 0 && (limits->kinds & FID_KIND_BIT(FID_KIND_EPOLL)) != 0) {
        *out_op = (struct fid_op){.code = FID_OP_EPOLL};
        return true;
    }
    if (watch_new(generator, world, out_op)) {
        return true;
    }
    for (int i = 0; i < TRIES_MAX; i++) {
        draw(generator, world, out_op);
        suit_size(generator, world, out_op);
        if (is_sensible(generator, world, limits, out_op)) {
            return true;
        }
    }
    return true; /* the last one, whatever it is */
}
