/* What stands behind the numbers of a sequence, kept from the outcomes of its operations. */
#include "fidelity/world_note.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "wb/sys.h"

/* ---- files and numbers ---- */

void fid_world_init(struct fid_world *world) {
    world->file_count = 0;
    for (unsigned i = 0; i < FID_NUMBER_COUNT; i++) {
        world->file_of[i] = FID_FILE_NONE;
    }
}

struct fid_file *fid_world_file_at(struct fid_world *world, int64_t number) {
    if (number < 0 || number >= FID_NUMBER_COUNT || world->file_of[number] == FID_FILE_NONE) {
        return NULL;
    }
    return &world->file[world->file_of[number]];
}

const struct fid_file *fid_world_file(const struct fid_world *world, uint8_t number) {
    if (number >= FID_NUMBER_COUNT || world->file_of[number] == FID_FILE_NONE) {
        return NULL;
    }
    return &world->file[world->file_of[number]];
}

uint8_t fid_world_number_of(const struct fid_world *world, int file) {
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        if (file != FID_FILE_NONE && world->file_of[i] == file) {
            return i;
        }
    }
    return FID_NUMBER_BAD;
}

unsigned fid_world_open_count(const struct fid_world *world) {
    unsigned count = 0;
    for (unsigned i = 0; i < FID_NUMBER_COUNT; i++) {
        count += world->file_of[i] != FID_FILE_NONE;
    }
    return count;
}

int fid_world_index_of(const struct fid_world *world, const struct fid_file *file) {
    return (int)(file - world->file);
}

/* NULL if the number says that nothing was made. */
struct fid_file *fid_world_open_file(struct fid_world *world, int64_t number, enum fid_kind kind) {
    if (number < 0 || number >= FID_NUMBER_COUNT || world->file_count == FID_FILE_MAX) {
        return NULL;
    }
    struct fid_file *file = &world->file[world->file_count];
    memset(file, 0, offsetof(struct fid_file, pending));
    file->kind = (uint8_t)kind;
    file->refs = 1;
    file->peer = FID_FILE_NONE;
    world->file_of[number] = (int16_t)world->file_count++;
    return file;
}

static void introduce(struct fid_world *world, struct fid_file *a, struct fid_file *b) {
    a->peer = (int16_t)fid_world_index_of(world, b);
    b->peer = (int16_t)fid_world_index_of(world, a);
    a->connected = 1;
    b->connected = 1;
    a->bound = 1;
    b->bound = 1;
}

struct fid_file *fid_world_peer_of(struct fid_world *world, const struct fid_file *file) {
    return file->peer == FID_FILE_NONE ? NULL : &world->file[file->peer];
}

/* ---- what an operation came to ---- */

int64_t fid_fact_value(const struct fid_outcome *outcome, const char *label) {
    const struct fid_fact *fact = fid_fact_find(outcome, label);
    return fact == NULL ? -1 : fact->value;
}

/* The last descriptor is gone. */
static void note_last_close(struct fid_world *world, struct fid_file *file) {
    int index = fid_world_index_of(world, file);
    struct fid_file *peer = fid_world_peer_of(world, file);
    if (peer != NULL) {
        peer->peer_gone = 1;
        peer->peer = FID_FILE_NONE;
        peer->reset = peer->reset || file->unread != 0;
        file->peer = FID_FILE_NONE;
    }
    for (uint16_t i = 0; i < world->file_count; i++) {
        for (unsigned k = 0; k < world->file[i].pending_count; k++) {
            if (world->file[i].pending[k] == index) {
                world->file[i].pending[k] = FID_FILE_NONE;
            }
        }
    }
    for (unsigned k = 0; k < file->pending_count; k++) {
        if (file->pending[k] != FID_FILE_NONE) {
            world->file[file->pending[k]].reset = 1;
        }
    }
    file->pending_count = 0;
}

static void note_close(struct fid_world *world, int64_t number) {
    struct fid_file *file = fid_world_file_at(world, number);
    if (file == NULL) {
        return;
    }
    world->file_of[number] = FID_FILE_NONE;
    if (--file->refs == 0) {
        note_last_close(world, file);
    }
}

static void note_pair(struct fid_world *world, enum fid_kind kind, int64_t one, int64_t two) {
    struct fid_file *first = fid_world_open_file(world, one, kind);
    struct fid_file *second = fid_world_open_file(world, two, kind);
    if (first != NULL && second != NULL) {
        introduce(world, first, second);
        first->paired = 1;
        second->paired = 1;
        second->writes = kind == FID_KIND_PIPE;
    }
}

static void note_connect(
    struct fid_world *world, struct fid_file *file, struct fid_file *to, int64_t result) {
    bool begun = result == 0 || result == -EINPROGRESS;
    if (file == NULL || !begun || file->connected) {
        return;
    }
    file->bound = 1;
    file->connecting = result != 0;
    file->connected = 1;
    file->reset = 0;
    if (to == NULL) {
        file->reset = file->connecting;
    } else if (to->listening && to->pending_count < FID_PENDING_MAX) {
        to->pending[to->pending_count++] = (int16_t)fid_world_index_of(world, file);
    } else if ((fid_file_bit(file) & (FID_KINDS_UDP | FID_KIND_BIT(FID_KIND_UNIX_DGRAM))) != 0) {
        file->peer = (int16_t)fid_world_index_of(world, to);
    } else {
        file->reset = 1;
    }
}

static void note_accept(struct fid_world *world, struct fid_file *listener, int64_t number) {
    if (listener == NULL || number < 0) {
        return;
    }
    int16_t client = FID_FILE_NONE;
    if (listener->pending_count != 0) {
        client = listener->pending[0];
        listener->pending_count--;
        memmove(listener->pending, listener->pending + 1,
            listener->pending_count * sizeof(listener->pending[0]));
    }
    struct fid_file *server = fid_world_open_file(world, number, (enum fid_kind)listener->kind);
    if (server == NULL) {
        return;
    }
    server->connected = 1;
    if (client == FID_FILE_NONE) {
        server->peer_gone = 1;
        return;
    }
    struct fid_file *other = &world->file[client];
    introduce(world, server, other);
    server->peer_shut = other->shut_wr;
    server->unread = other->unread; /* what it wrote before is counted there until now */
    server->queued = other->queued;
    server->urgent = other->urgent;
    other->unread = 0;
    other->queued = 0;
    other->urgent = 0;
}

static void note_shutdown(struct fid_world *world, struct fid_file *file, int64_t how) {
    if (file == NULL || how > WB_SHUT_RDWR) {
        return;
    }
    struct fid_file *peer = fid_world_peer_of(world, file);
    if (file->listening) {
        file->listening = how == WB_SHUT_WR;
        file->pending_count = how == WB_SHUT_WR ? file->pending_count : 0;
        return;
    }
    file->shut_rd = file->shut_rd || how != WB_SHUT_WR;
    file->shut_wr = file->shut_wr || how != WB_SHUT_RD;
    if (peer != NULL && how != WB_SHUT_RD) {
        peer->peer_shut = 1;
    }
}

static void note_disconnect(struct fid_world *world, struct fid_file *file) {
    if (file == NULL) {
        return;
    }
    struct fid_file *peer = fid_world_peer_of(world, file);
    if (peer != NULL && peer->peer == fid_world_index_of(world, file)) {
        peer->peer = FID_FILE_NONE;
        peer->reset = 1;
    }
    file->peer = FID_FILE_NONE;
    file->connected = 0;
    file->connecting = 0;
    file->listening = 0;
    file->pending_count = 0;
    file->shut_rd = 0;
    file->shut_wr = 0;
    file->peer_shut = 0;
    file->peer_gone = 0;
}

static void note_watch(struct fid_world *world, const struct fid_op *op, int64_t result) {
    struct fid_file *instance = fid_world_file_at(world, op->arg[0]);
    struct fid_file *file = fid_world_file_at(world, op->arg[1]);
    if (result == 0 && file != NULL && instance != NULL && op->code == FID_OP_EPOLL_ADD) {
        file->watched = 1;
        instance->counted = 1;
    }
}

static void note_option(struct fid_file *file, const struct fid_op *op, int64_t result) {
    int64_t option = fid_arg_value(FID_ARG_OPTION, op->arg[1]);
    int64_t value = fid_arg_value(FID_ARG_VALUE, op->arg[2]);
    if (file != NULL && result == 0 && option == FID_OPTION_SNDBUF) {
        file->sized_send = value >= 0 && value <= FID_GRANTED_BY_ALL;
    } else if (file != NULL && result == 0 && option == FID_OPTION_RCVBUF) {
        file->sized_recv = value >= 0 && value <= FID_GRANTED_BY_ALL;
    }
}

static void note_control(
    struct fid_world *world, struct fid_file *file, const struct fid_op *op, int64_t result) {
    int64_t control = fid_arg_value(FID_ARG_CONTROL, op->arg[1]);
    int64_t command = control & ((1 << FID_CONTROL_SHIFT) - 1);
    if (file != NULL && result >= 0 && command == WB_F_SETFL) {
        file->appends = (control >> FID_CONTROL_SHIFT & WB_O_APPEND) != 0;
    } else if (file != NULL && result >= 0 && command == WB_F_SETPIPE_SZ) {
        struct fid_file *peer = fid_world_peer_of(world, file);
        file->resized = 1;
        file->full = 0;
        if (peer != NULL) {
            peer->resized = 1;
            peer->full = 0;
        }
    }
}

static void note_settime(struct fid_file *file, const struct fid_op *op, int64_t result) {
    if (file == NULL || result != 0) {
        return;
    }
    int64_t when = fid_arg_value(FID_ARG_WHEN, op->arg[1]);
    file->armed = when != FID_WHEN_NEVER;
    file->counted = when == FID_WHEN_PAST || when == FID_WHEN_SOON;
}

static void note_made(
    struct fid_world *world, const struct fid_op *op, const struct fid_outcome *outcome) {
    int64_t number = fid_fact_value(outcome, "");
    struct fid_file *file = NULL;
    switch (op->code) {
    case FID_OP_SOCKET:
        fid_world_open_file(
            world, number, (enum fid_kind)fid_arg_value(FID_ARG_SOCKET, op->arg[0]));
        break;
    case FID_OP_LISTENER:
        file = fid_world_open_file(
            world, number, (enum fid_kind)fid_arg_value(FID_ARG_LISTENER, op->arg[0]));
        if (file != NULL) {
            file->bound = 1;
            file->listening = fid_fact_value(outcome, "listen") == 0;
            file->backlog = (uint8_t)fid_arg_value(FID_ARG_BACKLOG, op->arg[1]);
        }
        break;
    case FID_OP_EVENTFD:
        file = fid_world_open_file(world, number, FID_KIND_EVENTFD);
        if (file != NULL) {
            file->counted = (fid_arg_value(FID_ARG_COUNTER, op->arg[0]) & 0xff) != 0;
        }
        break;
    case FID_OP_TIMERFD:
        fid_world_open_file(world, number, FID_KIND_TIMERFD);
        break;
    case FID_OP_SIGNALFD:
        file = fid_world_open_file(world, number, FID_KIND_SIGNALFD);
        if (file != NULL) {
            file->signal = (uint8_t)fid_arg_value(FID_ARG_SIGNAL, op->arg[0]);
        }
        break;
    case FID_OP_EPOLL:
        fid_world_open_file(world, number, FID_KIND_EPOLL);
        break;
    default:
        break;
    }
}

static void note_signal(struct fid_world *world, int64_t signal) {
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        struct fid_file *file = fid_world_file_at(world, i);
        if (file != NULL && file->kind == FID_KIND_SIGNALFD && file->signal == signal) {
            file->counted = 1;
        }
    }
}

void fid_world_note(
    struct fid_world *world, const struct fid_op *op, const struct fid_outcome *outcome) {
    if (outcome->skipped) {
        return;
    }
    int64_t result = fid_fact_value(outcome, "");
    struct fid_file *file = fid_world_file_at(world, op->arg[0]);
    bool looks = false;
    switch (op->code) {
    case FID_OP_SOCKET:
    case FID_OP_LISTENER:
    case FID_OP_EVENTFD:
    case FID_OP_TIMERFD:
    case FID_OP_SIGNALFD:
    case FID_OP_EPOLL:
        note_made(world, op, outcome);
        break;
    case FID_OP_PAIR:
        note_pair(world, (enum fid_kind)fid_arg_value(FID_ARG_PAIR, op->arg[0]), result,
            fid_fact_value(outcome, "and"));
        break;
    case FID_OP_DUP:
        if (result >= 0 && result < FID_NUMBER_COUNT && file != NULL) {
            file->refs++;
            world->file_of[result] = (int16_t)fid_world_index_of(world, file);
        }
        break;
    case FID_OP_CLOSE:
        note_close(world, op->arg[0]);
        break;
    case FID_OP_ACCEPT:
        note_accept(world, file, result);
        break;
    case FID_OP_CONNECT:
        note_connect(world, file, fid_world_file_at(world, op->arg[1]), result);
        break;
    case FID_OP_CONNECT_REFUSED:
        note_connect(world, file, NULL, result);
        break;
    case FID_OP_DISCONNECT:
        if (result == 0) {
            note_disconnect(world, file);
        }
        break;
    case FID_OP_BIND:
        if (file != NULL && result == 0) {
            file->bound = 1;
        }
        break;
    case FID_OP_LISTEN:
        if (file != NULL && result == 0) {
            file->bound = 1;
            file->listening = 1;
            file->backlog = (uint8_t)fid_arg_value(FID_ARG_BACKLOG, op->arg[1]);
        }
        break;
    case FID_OP_SHUTDOWN:
        note_shutdown(world, file, fid_arg_value(FID_ARG_HOW, op->arg[1]));
        break;
    case FID_OP_SEND:
    case FID_OP_SENDMSG:
        fid_note_sent(world, file, NULL, result, 1);
        fid_note_urgent(world, file, fid_arg_value(FID_ARG_SEND_FLAGS, op->arg[2]));
        break;
    case FID_OP_WRITE:
    case FID_OP_WRITEV:
        fid_note_sent(world, file, NULL, result, 1);
        break;
    case FID_OP_SENDTO:
        fid_note_sent(world, file,
            fid_file_takes_address(file) ? fid_world_file_at(world, op->arg[1]) : NULL, result, 1);
        break;
    case FID_OP_SENDMMSG:
        fid_note_sent(
            world, file, NULL, fid_fact_value(outcome, "bytes"), result > 0 ? (uint32_t)result : 0);
        break;
    case FID_OP_RECV:
    case FID_OP_RECVMSG:
        looks = fid_is_look(file, fid_arg_value(FID_ARG_RECV_FLAGS, op->arg[2]));
        fid_note_received(world, file, result, 1, looks);
        break;
    case FID_OP_READ:
    case FID_OP_READV:
        fid_note_received(world, file, result, 1, false);
        break;
    case FID_OP_RECVMMSG:
        looks = fid_is_look(file, fid_arg_value(FID_ARG_RECV_FLAGS, op->arg[3]));
        fid_note_received(world, file, fid_fact_value(outcome, "bytes"),
            result > 0 ? (uint32_t)result : 0, looks);
        break;
    case FID_OP_FLOOD:
        fid_note_flood(
            world, file, fid_fact_value(outcome, "took"), fid_fact_value(outcome, "at last"));
        break;
    case FID_OP_EPOLL_ADD:
        note_watch(world, op, result);
        break;
    case FID_OP_FCNTL:
        note_control(world, file, op, result);
        break;
    case FID_OP_SETSOCKOPT:
        note_option(file, op, result);
        break;
    case FID_OP_SETTIME:
        note_settime(file, op, result);
        break;
    case FID_OP_RAISE:
        note_signal(world, fid_arg_value(FID_ARG_SIGNAL, op->arg[0]));
        break;
    case FID_OP_OPEN:
        fid_note_opened(world, fid_arg_value(FID_ARG_ACCESS, op->arg[1]),
            fid_arg_value(FID_ARG_CREATION, op->arg[2]), outcome);
        break;
    case FID_OP_OPENAT:
        fid_note_opened(world, fid_arg_value(FID_ARG_ACCESS, op->arg[2]),
            fid_arg_value(FID_ARG_CREATION, op->arg[3]), outcome);
        break;
    case FID_OP_RENAME:
    case FID_OP_RMDIR:
        fid_note_removed(world, outcome);
        break;
    case FID_OP_SENDFILE:
    case FID_OP_SPLICE:
    case FID_OP_TEE:
        fid_note_moved(world, op, result);
        break;
    default:
        break;
    }
    fid_note_nothing_lent(world);
    fid_note_place(world, fid_world_file_at(world, op->arg[0]), outcome, "size", "at");
    fid_note_place(world, fid_world_file_at(world, op->arg[1]), outcome, "other size", "other at");
}
