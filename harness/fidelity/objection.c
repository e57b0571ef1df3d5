/* The operations that are left out, and why. */
#include "fidelity/objection.h"

#include <stdbool.h>

#include "wb/sys.h"

enum {
    QUEUED_MAX = 20,        /* messages under way in one direction of TCP: far from any window */
    UNREAD_MAX = 8192,      /* and bytes */
    NUMBERS_PER_OP_MAX = 3, /* that one operation needs at a time */
    BUFFER_MIN = 65536,     /* of TCP: what fits is a matter of time below that */
};

static const char *objection_to_making(
    const struct fid_world *world, const struct fid_limits *limits, enum fid_kind kind) {
    if ((limits->kinds & FID_KIND_BIT(kind)) == 0) {
        return "this kind is switched off";
    }
    if (fid_world_open_count(world) + NUMBERS_PER_OP_MAX > FID_NUMBER_COUNT
        || world->file_count + 2 > FID_FILE_MAX) {
        return "there are no more numbers";
    }
    return NULL;
}

static const char *objection_to_sending(
    const struct fid_world *world, const struct fid_file *from, const struct fid_file *to) {
    if (to == NULL && from != NULL && from->peer != FID_FILE_NONE) {
        to = &world->file[from->peer];
    }
    bool is_timed = (fid_file_bit(from) & (FID_KINDS_TCP | FID_KINDS_UDP)) != 0;
    if (is_timed && to != NULL && (to->queued >= QUEUED_MAX || to->unread >= UNREAD_MAX)) {
        return "what fits in is a matter of time (T2, T9)";
    }
    return NULL;
}

static const char *objection_to_connecting(const struct fid_file *from, const struct fid_file *to) {
    if ((fid_file_bit(from) & FID_KINDS_TCP) == 0 || (fid_file_bit(to) & FID_KINDS_TCP) == 0) {
        return NULL;
    }
    if (to->paired || (!to->listening && (from == to || to->connected))) {
        return "who listens at that port is not part of the sequence";
    }
    if (to->pending_count > to->backlog || to->pending_count >= FID_PENDING_MAX) {
        return "a full backlog is a matter of time (T5)";
    }
    return NULL;
}

static const char *objection_to_option(const struct fid_file *file, const struct fid_op *op) {
    enum fid_option option = (enum fid_option)fid_arg_value(FID_ARG_OPTION, op->arg[1]);
    int64_t value = fid_arg_value(FID_ARG_VALUE, op->arg[2]);
    bool sizes = option == FID_OPTION_SNDBUF || option == FID_OPTION_RCVBUF;
    bool is_timed = (fid_file_bit(file) & (FID_KINDS_TCP | FID_KINDS_UDP)) != 0;
    if (sizes && is_timed && value >= 0 && value < BUFFER_MIN) {
        return "what fits in is a matter of time (T2, T9)";
    }
    bool is_unix = (fid_file_bit(file) & FID_KINDS_UNIX) != 0;
    if (sizes && is_unix && (value < 0 || value > FID_GRANTED_BY_ALL)) {
        return "how large a buffer may be is a setting of the machine (T3)";
    }
    return NULL;
}

static bool somebody_takes(const struct fid_world *world, int64_t signal) {
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *file = fid_world_file(world, i);
        if (file != NULL && file->kind == FID_KIND_SIGNALFD && file->signal == signal) {
            return true;
        }
    }
    return false;
}

static const char *objection_to_flood(const struct fid_world *world, const struct fid_file *file) {
    bool takes = (fid_file_bit(file) & FID_KINDS_TCP) != 0 && file->connected && !file->shut_wr
                 && !file->reset && !file->peer_gone;
    if (!takes) {
        return NULL; /* it is refused, or what fits in is no matter of time */
    }
    if (file->peer == FID_FILE_NONE || fid_world_number_of(world, file->peer) == FID_NUMBER_BAD
        || world->file[file->peer].shut_rd) {
        return "there is nobody to drain it";
    }
    return NULL;
}

static bool is_urgent(const struct fid_op *op) {
    const struct fid_op_info *info = fid_op_info((enum fid_code)op->code);
    for (unsigned i = 0; i < FID_ARGS_MAX; i++) {
        int64_t value = fid_arg_value((enum fid_arg)info->arg[i], op->arg[i]);
        bool flags = info->arg[i] == FID_ARG_SEND_FLAGS || info->arg[i] == FID_ARG_RECV_FLAGS;
        if ((flags && (value & WB_MSG_OOB) != 0)
            || (info->arg[i] == FID_ARG_OPTION && value == FID_OPTION_OOBINLINE)) {
            return true;
        }
    }
    return false;
}

static bool is_bad_memory(const struct fid_op *op) {
    const struct fid_op_info *info = fid_op_info((enum fid_code)op->code);
    bool shape = info->arg[1] == FID_ARG_SHAPE && op->arg[1] == FID_SHAPE_NULL;
    int64_t strange = op->code == FID_OP_STRANGE ? fid_arg_value(FID_ARG_STRANGE, op->arg[1]) : -1;
    return shape || strange == FID_STRANGE_RECV_NULL || strange == FID_STRANGE_SEND_NULL;
}

/* The seam promises nothing about bad memory; that of TCP is compared all the same. */
static const char *objection_to_bad_memory(const struct fid_file *file, const struct fid_op *op) {
    if (file == NULL || !is_bad_memory(op)) {
        return NULL;
    }
    if ((fid_file_bit(file) & FID_KINDS_TCP) == 0) {
        return "bad memory is compared for TCP only";
    }
    if (file->urgent != 0 && file->unread > 1) {
        return "whether more came in the urgent byte's segment is a matter of time (T4)";
    }
    return NULL;
}

const char *fid_objection(
    const struct fid_world *world, const struct fid_limits *limits, const struct fid_op *op) {
    const struct fid_file *first = fid_world_file(world, op->arg[0]);
    const struct fid_file *second = fid_world_file(world, op->arg[1]);
    if ((limits->codes >> op->code & 1u) == 0) {
        return "this operation is switched off";
    }
    if (is_urgent(op) && (limits->kinds & FID_KIND_BIT(FID_KIND_URGENT)) == 0) {
        return "urgent data is switched off";
    }
    const char *objection = objection_to_bad_memory(first, op);
    if (objection != NULL) {
        return objection;
    }
    switch (op->code) {
    case FID_OP_SOCKET:
        return objection_to_making(
            world, limits, (enum fid_kind)fid_arg_value(FID_ARG_SOCKET, op->arg[0]));
    case FID_OP_PAIR:
        return objection_to_making(
            world, limits, (enum fid_kind)fid_arg_value(FID_ARG_PAIR, op->arg[0]));
    case FID_OP_LISTENER:
        return objection_to_making(
            world, limits, (enum fid_kind)fid_arg_value(FID_ARG_LISTENER, op->arg[0]));
    case FID_OP_EVENTFD:
        return objection_to_making(world, limits, FID_KIND_EVENTFD);
    case FID_OP_TIMERFD:
        return objection_to_making(world, limits, FID_KIND_TIMERFD);
    case FID_OP_SIGNALFD:
        return objection_to_making(world, limits, FID_KIND_SIGNALFD);
    case FID_OP_EPOLL:
        return objection_to_making(world, limits, FID_KIND_EPOLL);
    case FID_OP_DUP:
    case FID_OP_ACCEPT:
        return objection_to_making(world, limits, FID_KIND_EPOLL);
    case FID_OP_CONNECT:
        return objection_to_connecting(first, second);
    case FID_OP_SEND:
    case FID_OP_WRITE:
    case FID_OP_WRITEV:
    case FID_OP_SENDMSG:
    case FID_OP_SENDMMSG:
        return objection_to_sending(world, first, NULL);
    case FID_OP_SENDTO:
        return objection_to_sending(world, first, fid_file_takes_address(first) ? second : NULL);
    case FID_OP_FLOOD:
        return objection_to_flood(world, first);
    case FID_OP_SETSOCKOPT:
        return objection_to_option(first, op);
    case FID_OP_SELECT:
        return (limits->kinds & FID_KIND_BIT(FID_KIND_SELECT)) == 0 ? "select is switched off"
                                                                    : NULL;
    case FID_OP_RAISE:
        return somebody_takes(world, fid_arg_value(FID_ARG_SIGNAL, op->arg[0]))
                   ? NULL
                   : "nobody would take the signal";
    default:
        return NULL;
    }
}
