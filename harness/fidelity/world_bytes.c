/* Bytes on their way in a sequence: who has how many of them, and what else that tells. */
#include "fidelity/world_note.h"

#include <errno.h>

#include "wb/sys.h"

/* Who has what it sent, as far as that is known: itself, until somebody accepts it. */
static struct fid_file *receiver_of(struct fid_world *world, struct fid_file *from) {
    struct fid_file *peer = fid_world_peer_of(world, from);
    return peer != NULL || !from->connected || from->peer_gone ? peer : from;
}

/* Nothing more fits into what `from` writes to. */
static void note_refused(struct fid_file *from, int64_t result) {
    uint32_t kinds = FID_KIND_BIT(FID_KIND_PIPE) | FID_KIND_BIT(FID_KIND_UNIX_STREAM);
    if (from->peer != FID_FILE_NONE && (fid_file_bit(from) & kinds) != 0 && result == -EAGAIN) {
        from->full = 1;
    }
}

void fid_note_sent(struct fid_world *world, struct fid_file *from, struct fid_file *to,
    int64_t bytes, uint32_t messages) {
    if (from == NULL || bytes < 0) {
        if (from != NULL) {
            note_refused(from, bytes);
        }
        return;
    }
    struct fid_file *receiver = to != NULL ? to : receiver_of(world, from);
    if (from->kind == FID_KIND_EVENTFD) {
        from->counted = 1;
    } else if (receiver != NULL) {
        receiver->unread += (uint32_t)bytes;
        receiver->queued += messages;
    } else if (from->peer_gone && (fid_file_bit(from) & FID_KINDS_TCP) != 0) {
        from->reset = 1;
    }
}

/* A byte that was skipped or replaced is counted still: the urgent one is never further behind. */
void fid_note_urgent(struct fid_world *world, struct fid_file *from, int64_t flags) {
    struct fid_file *receiver = from == NULL ? NULL : receiver_of(world, from);
    if (receiver != NULL && (fid_file_bit(from) & FID_KINDS_TCP) != 0
        && (flags & WB_MSG_OOB) != 0) {
        receiver->urgent = receiver->unread;
    }
}

/* Whether it leaves what it gives where it is: of TCP an urgent byte that MSG_OOB takes keeps its
 * place. */
bool fid_is_look(const struct fid_file *file, int64_t flags) {
    bool is_tcp = (fid_file_bit(file) & FID_KINDS_TCP) != 0;
    return (flags & WB_MSG_PEEK) != 0 || ((flags & WB_MSG_OOB) != 0 && is_tcp);
}

void fid_note_received(
    struct fid_world *world, struct fid_file *file, int64_t bytes, uint32_t messages, bool looks) {
    if (file == NULL || bytes < 0 || looks) {
        return;
    }
    file->counted = 0;
    uint32_t taken = (uint32_t)bytes;
    file->urgent = file->urgent > taken ? file->urgent - taken : 0;
    bool is_stream =
        (fid_file_bit(file)
            & (FID_KINDS_TCP | FID_KIND_BIT(FID_KIND_UNIX_STREAM) | FID_KIND_BIT(FID_KIND_PIPE)))
        != 0;
    struct fid_file *peer = fid_world_peer_of(world, file);
    if (peer != NULL && taken != 0) {
        peer->full = 0;
    }
    file->unread = file->unread > taken ? file->unread - taken : 0;
    if (!is_stream) {
        file->queued = file->queued > messages ? file->queued - messages : 0;
    }
    file->vague = file->vague && file->unread != 0;
    if (is_stream ? file->unread == 0 : file->queued == 0) {
        file->unread = 0;
        file->queued = 0;
    }
}

/* Over TCP what went in was drained again with all that was there, but bytes to nobody draw a
 * reset.
 */
void fid_note_flood(
    struct fid_world *world, struct fid_file *file, int64_t bytes, int64_t at_last) {
    if (file == NULL || bytes <= 0) {
        return;
    }
    struct fid_file *peer = fid_world_peer_of(world, file);
    if ((fid_file_bit(file) & FID_KINDS_TCP) == 0) {
        fid_note_sent(world, file, NULL, file->kind == FID_KIND_PIPE ? bytes : 0, 0);
        note_refused(file, at_last);
        return;
    }
    if (peer != NULL) {
        peer->unread = 0;
        peer->queued = 0;
        peer->urgent = 0;
    } else {
        file->reset = file->peer_gone;
    }
}

/* ---- between descriptors ---- */

enum { VAGUE_SLOTS = 4 }; /* more than what a few writes come in */

/* Of what is sent and what is received: a pipe's ends are files of their own. */
void fid_note_moved(struct fid_world *world, const struct fid_op *op, int64_t result) {
    struct fid_file *first = fid_world_file_at(world, op->arg[0]);
    struct fid_file *second = fid_world_file_at(world, op->arg[1]);
    bool is_sendfile = op->code == FID_OP_SENDFILE;
    struct fid_file *in = is_sendfile ? second : first;
    struct fid_file *out = is_sendfile ? first : second;
    if (in != NULL && in->kind != FID_KIND_FILE && op->code != FID_OP_TEE && result > 0) {
        fid_note_received(world, in, result, 1, false);
    }
    if (out != NULL && out->kind != FID_KIND_FILE && result > 0) {
        bool is_vague = out->kind == FID_KIND_PIPE && in != NULL
                        && (in->vague || (fid_file_bit(in) & FID_KINDS_SOCKET) != 0);
        if (is_vague && fid_world_peer_of(world, out) != NULL) {
            fid_world_peer_of(world, out)->vague = 1;
        }
        fid_note_sent(world, out, NULL, result, is_vague ? VAGUE_SLOTS : 1);
        if (in != NULL && in->kind == FID_KIND_FILE) {
            world->file[in->inode].lent = world->file[in->inode].size;
        }
    }
}
