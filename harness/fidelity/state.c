/* The state of a descriptor in one word. */
#include "fidelity/state.h"

static const char *const state_names[] = {
#define STATE_NAME(name, text) text,
    FID_STATE_TABLE(STATE_NAME)
#undef STATE_NAME
};

const char *fid_state_name(enum fid_state state) {
    return state_names[state];
}

static enum fid_state stream_state(const struct fid_file *file) {
    if (file->listening) {
        return file->pending_count != 0 ? FID_STATE_PENDING : FID_STATE_LISTENING;
    }
    if (!file->connected) {
        return file->bound ? FID_STATE_BOUND : FID_STATE_FRESH;
    }
    if (file->reset) {
        return FID_STATE_RESET;
    }
    if (file->peer_gone) {
        return FID_STATE_PEER_GONE;
    }
    if (file->shut_wr && (file->shut_rd || file->peer_shut)) {
        return FID_STATE_ENDED;
    }
    if (file->peer_shut || file->shut_rd || file->shut_wr) {
        return file->peer_shut ? FID_STATE_PEER_SHUT
               : file->shut_rd ? FID_STATE_SHUT_RD
                               : FID_STATE_SHUT_WR;
    }
    if (file->connecting && file->peer == FID_FILE_NONE) {
        return FID_STATE_CONNECTING;
    }
    if (file->full) {
        return FID_STATE_FULL;
    }
    return file->unread != 0 ? FID_STATE_DATA : FID_STATE_OPEN;
}

static enum fid_state regular_state(const struct fid_world *world, const struct fid_file *file) {
    if (!file->readable && !file->writable) {
        return FID_STATE_NEITHER;
    }
    if (!file->readable || !file->writable) {
        return file->readable ? FID_STATE_READ_ONLY : FID_STATE_WRITE_ONLY;
    }
    if (file->appends) {
        return FID_STATE_APPENDING;
    }
    return world->file[file->inode].size == 0                 ? FID_STATE_EMPTY
           : fid_world_rest(world, file, FID_PLACE_NONE) == 0 ? FID_STATE_AT_END
                                                              : FID_STATE_DATA;
}

enum fid_state fid_file_state(const struct fid_world *world, const struct fid_file *file) {
    if (file == NULL) {
        return FID_STATE_CLOSED;
    }
    switch ((enum fid_kind)file->kind) {
    case FID_KIND_EVENTFD:
    case FID_KIND_SIGNALFD:
        return file->counted ? FID_STATE_COUNTED : FID_STATE_ZERO;
    case FID_KIND_TIMERFD:
        return file->counted ? FID_STATE_COUNTED : file->armed ? FID_STATE_ARMED : FID_STATE_ZERO;
    case FID_KIND_EPOLL:
        return file->counted ? FID_STATE_WATCHING : FID_STATE_FRESH;
    case FID_KIND_FILE:
        return regular_state(world, file);
    case FID_KIND_DIRECTORY:
        return file->removed ? FID_STATE_REMOVED : FID_STATE_OPEN;
    case FID_KIND_UDP4:
    case FID_KIND_UDP6:
    case FID_KIND_UNIX_DGRAM:
        if (!file->connected && file->queued != 0) {
            return FID_STATE_DATA;
        }
        return stream_state(file);
    case FID_KIND_TCP4:
    case FID_KIND_TCP6:
    case FID_KIND_UNIX_STREAM:
    case FID_KIND_UNIX_SEQPACKET:
    case FID_KIND_PIPE:
    case FID_KIND_SELECT:
    case FID_KIND_URGENT:
    case FID_KIND_COUNT:
        break;
    }
    return stream_state(file);
}

/* The states that a kind can be in, 1 << enum fid_state. */
static uint32_t states_of(enum fid_kind kind) {
#define BIT(state) (1u << FID_STATE_##state)
    const uint32_t datagram = BIT(FRESH) | BIT(BOUND) | BIT(OPEN) | BIT(DATA) | BIT(SHUT_RD)
                              | BIT(SHUT_WR) | BIT(ENDED) | BIT(PEER_GONE);
    const uint32_t stream = datagram | BIT(LISTENING) | BIT(PENDING) | BIT(PEER_SHUT) | BIT(RESET);
    switch (kind) {
    case FID_KIND_TCP4:
    case FID_KIND_TCP6:
        return stream | BIT(CONNECTING);
    case FID_KIND_UNIX_STREAM:
        return stream | BIT(FULL);
    case FID_KIND_UNIX_SEQPACKET:
        return stream;
    case FID_KIND_UDP4:
    case FID_KIND_UDP6:
    case FID_KIND_UNIX_DGRAM:
        return datagram;
    case FID_KIND_PIPE:
        return BIT(OPEN) | BIT(DATA) | BIT(FULL) | BIT(PEER_GONE);
    case FID_KIND_EVENTFD:
    case FID_KIND_SIGNALFD:
        return BIT(ZERO) | BIT(COUNTED);
    case FID_KIND_TIMERFD:
        return BIT(ZERO) | BIT(ARMED) | BIT(COUNTED);
    case FID_KIND_EPOLL:
        return BIT(FRESH) | BIT(WATCHING);
    case FID_KIND_FILE:
        return BIT(READ_ONLY) | BIT(WRITE_ONLY) | BIT(NEITHER) | BIT(APPENDING) | BIT(EMPTY)
               | BIT(AT_END) | BIT(DATA);
    case FID_KIND_DIRECTORY:
        return BIT(OPEN) | BIT(REMOVED);
    case FID_KIND_SELECT:
    case FID_KIND_URGENT:
    case FID_KIND_COUNT:
        break;
    }
    return 0;
#undef BIT
}

bool fid_is_cell(enum fid_code code, enum fid_role role, enum fid_kind kind, enum fid_state state) {
    const struct fid_op_info *info = fid_op_info(code);
    uint32_t kinds = role == FID_ROLE_OTHER ? fid_op_other_kinds(code)
                     : info->subject < 0    ? 0
                                            : info->kinds;
    if ((kinds & FID_KIND_BIT(kind)) == 0) {
        return false;
    }
    bool is_tcp = (FID_KIND_BIT(kind) & FID_KINDS_TCP) != 0;
    if (code == FID_OP_FLOOD && is_tcp && state == FID_STATE_CONNECTING) {
        return false; /* nobody has the other end yet, to drain it: objection.c */
    }
    return (states_of(kind) >> state & 1u) != 0;
}
