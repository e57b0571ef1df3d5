/* The operations that are left out, and why. */
#include "fidelity/objection.h"

#include <stdbool.h>

#include "wb/sys.h"

enum {
    QUEUED_MAX = 20,        /* messages under way in one direction of TCP: far from any window */
    UNREAD_MAX = 8192,      /* and bytes */
    NUMBERS_PER_OP_MAX = 3, /* that one operation needs at a time */
    VAGUE_SLOTS_MAX = 8,    /* that bytes from sockets may take, of 16 */
    VAGUE_BYTES_MAX = 8 * 4096,
    BUFFER_MIN = 65536, /* of TCP: what fits is a matter of time below that */
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
    if (option == FID_OPTION_NOTSENT_LOWAT && (fid_file_bit(file) & FID_KINDS_TCP) != 0) {
        return "what is unsent of a connection that is gone depends on its windows (T2)";
    }
    if (option == FID_OPTION_CORK && is_timed && value != 0) {
        return "how long bytes are held back for more is a matter of time (T4)";
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

static const struct fid_file *reader_of(
    const struct fid_world *world, const struct fid_file *file) {
    if (file == NULL || file->kind != FID_KIND_PIPE || !file->writes) {
        return file;
    }
    return file->peer == FID_FILE_NONE ? NULL : &world->file[file->peer];
}

static const char *objection_to_flood(const struct fid_world *world, const struct fid_file *file) {
    const struct fid_file *reader = reader_of(world, file);
    if (reader != NULL && reader->vague) {
        return "how many slots of a pipe a socket's bytes take is a matter of memory";
    }
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

/* How much an end has to give; of a pipe or a socket what is not read yet. */
static int64_t there_is(
    const struct fid_world *world, const struct fid_file *in, const struct fid_op *op) {
    if (in == NULL || in->kind != FID_KIND_FILE) {
        return in == NULL ? 0 : in->unread;
    }
    int64_t place = FID_PLACE_NONE;
    if (op->code == FID_OP_SENDFILE) {
        place = fid_arg_value(FID_ARG_PLACE, op->arg[3]);
    } else if ((fid_arg_value(FID_ARG_SPLICE, op->arg[3]) & FID_SPLICE_IN) != 0) {
        place = 0; /* or further on: there is less then */
    }
    return fid_world_rest(world, in, place);
}

static const char *objection_to_place(
    const struct fid_file *file, const struct fid_op *op, unsigned at) {
    bool is_last = fid_arg_value(FID_ARG_PLACE, op->arg[at]) == INT64_MAX;
    return is_last && (fid_file_bit(file) & FID_KINDS_NAMED) != 0
               ? "how long a file may be is a matter of its file system"
               : NULL;
}

/* Where an operation writes to a regular file, or cuts it; INT64_MAX: it does not. */
static int64_t place_of_change(
    const struct fid_world *world, const struct fid_file *file, const struct fid_op *op) {
    if (file == NULL || file->kind != FID_KIND_FILE || !file->writable) {
        return INT64_MAX;
    }
    int64_t place = file->place;
    if (op->code == FID_OP_FTRUNCATE) {
        return fid_arg_value(FID_ARG_LENGTH, op->arg[1]);
    }
    if (op->code == FID_OP_PWRITE) {
        place = fid_arg_value(FID_ARG_PLACE, op->arg[2]);
    } else if (op->code == FID_OP_SPLICE
               && (fid_arg_value(FID_ARG_SPLICE, op->arg[3]) & FID_SPLICE_OUT) != 0) {
        place = fid_arg_value(FID_ARG_SPLICE, op->arg[3]) >> FID_SPLICE_PLACE_SHIFT;
    }
    return file->appends ? world->file[file->inode].size : place;
}

static const char *objection_to_change(
    const struct fid_world *world, const struct fid_file *file, const struct fid_op *op) {
    int64_t place = place_of_change(world, file, op);
    return place >= 0 && place < INT64_MAX && place < world->file[file->inode].lent
               ? "what came from the file and is not read yet changes with it, on a real system"
               : NULL;
}

/* Likewise, whatever file it is. */
static const char *objection_to_opening(
    const struct fid_world *world, const struct fid_limits *limits, int64_t creation) {
    for (uint16_t i = 0; i < world->file_count; i++) {
        if (world->file[i].lent != 0 && (creation & WB_O_TRUNC) != 0) {
            return "what came from a file and is not read yet changes with it, on a real system";
        }
    }
    return objection_to_making(world, limits, FID_KIND_FILE);
}

/* What is read from behind what is written at has no end, and what overlaps is copied from and to
 * the same page. */
static bool is_circular(
    const struct fid_op *op, const struct fid_file *in, const struct fid_file *out) {
    if (in == NULL || out == NULL || in->kind != FID_KIND_FILE || out->kind != FID_KIND_FILE
        || in->inode != out->inode) {
        return false;
    }
    int64_t given = fid_arg_value(FID_ARG_PLACE, op->arg[3]);
    int64_t amount = fid_arg_value(FID_ARG_AMOUNT, op->arg[2]);
    int64_t from = given == FID_PLACE_NONE ? in->place : given;
    int64_t distance = from < out->place ? out->place - from : from - out->place;
    return amount > UNREAD_MAX || (distance != 0 && distance < amount);
}

/* Which slots become free with a part of what came from a socket, and when there are none left. */
static const char *objection_to_slots(const struct fid_world *world, const struct fid_file *in,
    const struct fid_file *out, int64_t amount) {
    const struct fid_file *reader = reader_of(world, out);
    bool is_vague = reader != NULL && reader->kind == FID_KIND_PIPE
                    && (reader->vague || (fid_file_bit(in) & FID_KINDS_SOCKET) != 0);
    bool fills = is_vague
                 && (reader->resized || reader->queued >= VAGUE_SLOTS_MAX
                     || reader->unread >= VAGUE_BYTES_MAX);
    bool frees = in != NULL && in->kind == FID_KIND_PIPE && in->vague && amount < in->unread;
    return fills || frees ? "how many slots of a pipe a socket's bytes take is a matter of memory"
                          : NULL;
}

/* A datagram that waits for more gets its checksum while its pieces are put together, and where one
 * of an odd length is followed by another this kernel gets it wrong: the datagram is lost. */
static bool is_lost(const struct fid_world *world, const struct fid_file *in,
    const struct fid_file *out, const struct fid_op *op, int64_t amount) {
    enum { PAGE_LEN = 4096 };
    return (fid_file_bit(out) & FID_KINDS_UDP) != 0 && in != NULL && in->kind == FID_KIND_FILE
           && fid_world_rest(world, in, 0) > PAGE_LEN && there_is(world, in, op) < amount;
}

static const char *objection_to_moving(
    const struct fid_world *world, const struct fid_op *op, bool is_sendfile) {
    const struct fid_file *first = fid_world_file(world, op->arg[0]);
    const struct fid_file *second = fid_world_file(world, op->arg[1]);
    const struct fid_file *in = is_sendfile ? second : first;
    const struct fid_file *out = is_sendfile ? first : second;
    bool is_timed = (fid_file_bit(out) & (FID_KINDS_TCP | FID_KINDS_UDP)) != 0;
    int64_t amount = fid_arg_value(FID_ARG_AMOUNT, op->arg[2]);
    if (is_sendfile && is_circular(op, in, out)) {
        return "a file that is sent to itself is read as it is written";
    }
    if (objection_to_change(world, out, op) != NULL) {
        return objection_to_change(world, out, op);
    }
    if (is_sendfile && objection_to_place(in, op, 3) != NULL) {
        return objection_to_place(in, op, 3);
    }
    int64_t flags = fid_arg_value(FID_ARG_SPLICE, op->arg[3]);
    if (!is_sendfile && (fid_file_bit(out) & FID_KINDS_TCP) != 0
        && (flags & WB_SPLICE_F_MORE) != 0) {
        return "how long bytes are held back for more is a matter of time (T4)";
    }
    if (objection_to_slots(world, in, out, amount) != NULL) {
        return objection_to_slots(world, in, out, amount);
    }
    if (is_sendfile && is_lost(world, in, out, op, amount)) {
        return "of what is sent by pieces over UDP this kernel may get the checksum wrong";
    }
    if (is_timed && amount > UNREAD_MAX && there_is(world, in, op) > UNREAD_MAX) {
        return "what fits in is a matter of time (T2, T9)";
    }
    return objection_to_sending(world, out, NULL);
}

/* Of a pipe the size is what decides how many slots may be taken. */
static const char *objection_to_control(
    const struct fid_world *world, const struct fid_file *file, const struct fid_op *op) {
    const struct fid_file *reader = reader_of(world, file);
    int64_t command = fid_arg_value(FID_ARG_CONTROL, op->arg[1]) & ((1 << FID_CONTROL_SHIFT) - 1);
    return command == WB_F_SETPIPE_SZ && reader != NULL && reader->vague
               ? "how many slots of a pipe a socket's bytes take is a matter of memory"
               : NULL;
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
    case FID_OP_WRITE:
    case FID_OP_WRITEV:
        objection = objection_to_change(world, first, op);
        objection = objection != NULL ? objection : objection_to_slots(world, NULL, first, 0);
        return objection != NULL ? objection : objection_to_sending(world, first, NULL);
    case FID_OP_SEND:
    case FID_OP_SENDMSG:
        if ((fid_file_bit(first) & FID_KINDS_TCP) != 0
            && (fid_arg_value(FID_ARG_SEND_FLAGS, op->arg[2]) & WB_MSG_MORE) != 0) {
            return "how long bytes are held back for more is a matter of time (T4)";
        }
        return objection_to_sending(world, first, NULL);
    case FID_OP_FCNTL:
        return objection_to_control(world, first, op);
    case FID_OP_SENDMMSG:
        return objection_to_sending(world, first, NULL);
    case FID_OP_SENDTO:
        return objection_to_sending(world, first, fid_file_takes_address(first) ? second : NULL);
    case FID_OP_TEE:
        return objection_to_slots(world, NULL, second, 0);
    case FID_OP_SENDFILE:
    case FID_OP_SPLICE:
        return objection_to_moving(world, op, op->code == FID_OP_SENDFILE);
    case FID_OP_LSEEK:
        if (fid_file_bit(first) == FID_KIND_BIT(FID_KIND_DIRECTORY)
            && fid_arg_value(FID_ARG_WHENCE, op->arg[2]) == WB_SEEK_END) {
            return "where a directory ends is a matter of its file system";
        }
        return objection_to_place(first, op, 1);
    case FID_OP_OPEN:
        return objection_to_opening(world, limits, fid_arg_value(FID_ARG_CREATION, op->arg[2]));
    case FID_OP_OPENAT:
        return objection_to_opening(world, limits, fid_arg_value(FID_ARG_CREATION, op->arg[3]));
    case FID_OP_PWRITE:
    case FID_OP_FTRUNCATE:
        return objection_to_change(world, first, op);
    case FID_OP_STAT:
    case FID_OP_RENAME:
    case FID_OP_UNLINK:
    case FID_OP_MKDIR:
    case FID_OP_RMDIR:
        return (limits->kinds & FID_KINDS_NAMED) == 0 ? "files are switched off" : NULL;
    case FID_OP_FLOOD:
        objection = objection_to_change(world, first, op);
        return objection != NULL ? objection : objection_to_flood(world, first);
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
