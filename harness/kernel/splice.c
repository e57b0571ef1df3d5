/* Bytes from one descriptor to another. They are copied where Linux hands pages on; what can be
 * seen is the same: which slots of a pipe are taken, whose place moves, and who is woken. A pipe's
 * other end is woken without a key, and its writer whenever a slot became free, not only one of a
 * full pipe. */
#include "kernel/splice.h"
#include "kernel/unix.h"
#include "kernel/vfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARTS_AT_ONCE = 16, /* pages that one call of a socket takes */
    AT_ONCE = PARTS_AT_ONCE * PIPE_PAGE_LEN,
    PARTS_MAX = 256, /* slots of the largest pipe that anybody may have */
};

/* `by`: the end that will not. */
static int64_t refuse(struct move *move, const struct sim_file *by, int64_t error) {
    move->refused = by;
    move->raises_sigpipe |= error == -EPIPE && by->ops->raises_sigpipe;
    return error;
}

/* Room for `len` more bytes behind those that were moved. It is the thread's: others may make such
 * calls while this one sleeps. */
static uint8_t *stage(struct move *move, size_t len) {
    struct sim_thread *thread = move->thread;
    size_t size = thread->moved_size == 0 ? AT_ONCE : thread->moved_size;
    while (size < move->moved_len + len) {
        size *= 2;
    }
    if (size != thread->moved_size) {
        uint8_t *grown = realloc(thread->moved, size);
        if (grown == NULL) {
            abort();
        }
        thread->moved = grown;
        thread->moved_size = size;
    }
    return thread->moved + move->moved_len;
}

static size_t at_most(uint64_t len, size_t most) {
    return len < most ? (size_t)len : most;
}

/* ---- pipes ---- */

static void wake(struct sim_kernel *kernel, struct sim_file *end) {
    if (end != NULL) {
        file_wake(kernel, end, KEY_NONE);
    }
}

/* 0: there is something in the pipe, or nobody will ever write to it. */
static int64_t wait_for_bytes(struct move *move, const struct pipe *pipe) {
    while (pipe->used == 0 && pipe->writer != NULL) {
        if (move->nonblocking) {
            return refuse(move, move->in, -EAGAIN);
        }
        file_wait(move->kernel, move->in, false);
    }
    return 0;
}

/* 0: there is a slot. */
static int64_t wait_for_room(struct move *move, const struct pipe *pipe) {
    for (;;) {
        if (pipe->reader == NULL) {
            return refuse(move, move->out, -EPIPE);
        }
        if (!pipe_is_full(pipe)) {
            return 0;
        }
        if (move->nonblocking) {
            return refuse(move, move->out, -EAGAIN);
        }
        file_wait(move->kernel, move->out, true);
    }
}

/* ---- the end that is no pipe ---- */

static bool is_unix_stream(struct sim_file *file) {
    return file->type == FILE_UNIX && file->ops->socket->options(file)->type == WB_SOCK_STREAM;
}

/* Both try once: who may sleep looks at everything again when it wakes. */
static int64_t write_to_socket(struct move *move, const uint8_t *bytes, size_t len) {
    struct sim_file *out = move->out;
    struct wb_iovec iov;
    memcpy(&iov.base, &bytes, sizeof(bytes)); /* only read; struct wb_iovec has no const form */
    iov.len = len;
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    int flags = WB_MSG_DONTWAIT | (move->more ? WB_MSG_MORE : 0);
    int64_t result = is_unix_stream(out) ? unix_stream_splice(move->kernel, out, &msg, flags)
                                         : out->ops->socket->send(move->kernel, out, &msg, flags);
    return result < 0 ? refuse(move, out, result) : result;
}

static int64_t write_out(struct move *move, const uint8_t *bytes, size_t len) {
    struct sim_file *out = move->out;
    if (out->ops->socket != NULL) {
        return write_to_socket(move, bytes, len);
    }
    if (out->ops->write_at == NULL) {
        return -EINVAL;
    }
    struct wb_iovec iov;
    memcpy(&iov.base, &bytes, sizeof(bytes)); /* as above */
    iov.len = len;
    return out->ops->write_at(move->kernel, out, &iov, 1, move->out_position);
}

static bool output_waits(const struct move *move, int64_t result) {
    return result == -EAGAIN && !move->out->nonblocking;
}

/* A Unix stream heeds the flag of the call, too; TCP only its own mode. */
static bool input_waits(const struct move *move) {
    return !move->in->nonblocking && !(is_unix_stream(move->in) && move->nonblocking);
}

/* Unlike a read it never passes an urgent byte, wherever that is to be read, and does not sleep at
 * it either. */
static int64_t stop_at_mark(struct move *move) {
    int64_t result = endpoint_recv_nothing(move->in->endpoint);
    return result == -EAGAIN && !move->in->nonblocking ? 0 : result;
}

/* Of the files without places only the console: counters and the like have a read, but none that
 * could fill a pipe, and a pipe is no input of sendfile. */
static int64_t read_once(struct move *move, struct wb_iovec *iov) {
    struct sim_file *in = move->in;
    const struct file_ops *ops = in->ops;
    if (in->type == FILE_TCP && endpoint_at_mark(in->endpoint) && !PLANTED(URGENT_BYTE_SPLICED)) {
        return stop_at_mark(move);
    }
    if (ops->socket != NULL) {
        struct wb_msghdr msg = {.iov = iov, .iov_len = 1};
        return ops->socket->recv(move->kernel, in, &msg, WB_MSG_DONTWAIT);
    }
    if (in->type != FILE_REGULAR && in->type != FILE_CONSOLE) {
        return -EINVAL;
    }
    return ops->read_at != NULL ? ops->read_at(move->kernel, in, iov, 1, move->in_position)
                                : ops->read(move->kernel, in, iov, 1);
}

static int64_t read_in(struct move *move, uint8_t *bytes, size_t len) {
    struct wb_iovec iov = {bytes, len};
    int64_t result = read_once(move, &iov);
    return result < 0 ? refuse(move, move->in, result) : result;
}

/* ---- into a pipe ---- */

/* How much of the first page of a file lies before the place where reading begins. */
static size_t page_offset(const struct move *move) {
    return move->in->ops->read_at != NULL ? (size_t)(*move->in_position % PIPE_PAGE_LEN) : 0;
}

/* What one reading brings, and how it is laid out. */
struct intake {
    uint8_t *bytes;
    size_t skipped; /* as page_offset() */
    uint32_t part_count;
    uint32_t parts[PARTS_MAX]; /* lengths of the first slots; what is beyond fills whole pages */
};

static void add_slots(
    struct sim_kernel *kernel, struct pipe *pipe, const struct intake *intake, size_t len) {
    size_t skipped = intake->skipped;
    uint32_t next = 0;
    for (size_t at = 0; at < len;) {
        size_t most = next < intake->part_count ? intake->parts[next++] : PIPE_PAGE_LEN - skipped;
        size_t part = at_most(len - at, most);
        pipe_add(kernel, pipe, intake->bytes + at, part);
        at += part;
        skipped = 0;
    }
}

/* Each message of a Unix stream has slots of its own. */
static size_t room_for_messages(
    const struct move *move, const struct pipe *pipe, struct intake *intake) {
    uint32_t free_count = pipe->slot_count - pipe->used;
    size_t room = 0;
    intake->part_count = unix_stream_parts(move->in->unix_socket, intake->parts,
        free_count < PARTS_MAX ? free_count : PARTS_MAX, PIPE_PAGE_LEN);
    for (uint32_t i = 0; i < intake->part_count; i++) {
        room += intake->parts[i];
    }
    return room;
}

/* Reads at most what there is room for. */
static int64_t read_for_pipe(struct move *move, const struct pipe *pipe, struct intake *intake) {
    intake->skipped = page_offset(move);
    intake->part_count = 0;
    size_t room = is_unix_stream(move->in) ? room_for_messages(move, pipe, intake) : 0;
    if (room == 0) {
        room = (size_t)(pipe->slot_count - pipe->used) * PIPE_PAGE_LEN - intake->skipped;
    }
    size_t len = at_most(move->wanted, room);
    intake->bytes = stage(move, len);
    return read_in(move, intake->bytes, len);
}

int64_t move_into_pipe(struct move *move, struct pipe *pipe) {
    struct intake intake;
    for (;;) {
        int64_t result = wait_for_room(move, pipe);
        if (result != 0 || move->wanted == 0) {
            return result;
        }
        result = read_for_pipe(move, pipe, &intake);
        if (result == -EAGAIN && input_waits(move)) {
            file_wait(move->kernel, move->in, false);
            continue;
        }
        if (result > 0) {
            add_slots(move->kernel, pipe, &intake, (size_t)result);
            move->moved_len = (size_t)result;
            if (!PLANTED(SPLICE_IN_SILENT)) {
                wake(move->kernel, pipe->reader);
            }
        }
        return result;
    }
}

/* ---- out of a pipe ---- */

int64_t move_out_of_pipe(struct move *move, struct pipe *pipe) {
    bool is_socket = move->out->ops->socket != NULL;
    bool freed = false;
    int64_t result = 0;
    if (!is_socket && move->out->ops->write_at == NULL) {
        return -EINVAL;
    }
    while (move->moved_len < move->wanted) {
        if (pipe->used == 0 && move->moved_len != 0) {
            break;
        }
        result = wait_for_bytes(move, pipe);
        if (result != 0 || pipe->used == 0) {
            break;
        }
        uint32_t slots = is_socket ? PARTS_AT_ONCE : pipe->slot_count;
        size_t most = at_most(move->wanted - move->moved_len, slots * (size_t)PIPE_PAGE_LEN);
        uint8_t *bytes = stage(move, most);
        result = write_out(move, bytes, pipe_copy(pipe, slots, bytes, most));
        if (output_waits(move, result)) {
            file_wait(move->kernel, move->out, true);
            continue;
        }
        if (result <= 0) {
            break;
        }
        move->moved_len += (size_t)result;
        freed |= pipe_drop(move->kernel, pipe, (size_t)result) != 0;
    }
    if (freed && !PLANTED(SPLICE_OUT_SILENT)) {
        wake(move->kernel, pipe->writer);
    }
    return move->moved_len != 0 ? (int64_t)move->moved_len : result;
}

/* ---- from pipe to pipe ---- */

/* Whole slots are handed on, the rest of one is copied. */
static int64_t hand_on(struct move *move, struct pipe *from, struct pipe *to) {
    uint64_t total = 0;
    bool freed = false;
    while (total < move->wanted && from->used != 0 && !pipe_is_full(to)) {
        uint64_t rest = move->wanted - total;
        if (from->slots[from->tail % from->slot_count].len <= rest) {
            total += pipe_move_slot(from, to);
            freed = true;
        } else {
            size_t len = pipe_copy_slot(move->kernel, from, 0, to, (size_t)rest);
            (void)pipe_drop(move->kernel, from, len);
            total += len;
        }
    }
    if (total != 0) {
        wake(move->kernel, to->reader);
    }
    if (freed) {
        wake(move->kernel, from->writer);
    }
    return (int64_t)total;
}

static int64_t copy_on(struct move *move, struct pipe *from, struct pipe *to) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < from->used && total < move->wanted && !pipe_is_full(to); i++) {
        uint64_t rest = move->wanted - total;
        total += pipe_copy_slot(move->kernel, from, i, to, at_most(rest, PIPE_PAGE_LEN));
    }
    if (total != 0) {
        wake(move->kernel, to->reader);
    }
    if (PLANTED(TEE_TAKES)) {
        (void)pipe_drop(move->kernel, from, (size_t)total);
    }
    return (int64_t)total;
}

/* While one end is waited for the other may change. */
int64_t move_between_pipes(struct move *move, struct pipe *from, struct pipe *to) {
    if (from == to) {
        return -EINVAL;
    }
    for (;;) {
        int64_t result = wait_for_bytes(move, from);
        result = result != 0 ? result : wait_for_room(move, to);
        if (result != 0) {
            return result;
        }
        result = move->call == SIM_CALL_TEE ? copy_on(move, from, to) : hand_on(move, from, to);
        if (result != 0 || from->writer == NULL) {
            return result;
        }
    }
}

/* ---- sendfile to what is no pipe ---- */

static int64_t write_all(struct move *move, const uint8_t *bytes, size_t len, size_t *out_done) {
    int64_t result = 0;
    *out_done = 0;
    while (*out_done < len) {
        result = write_out(move, bytes + *out_done, len - *out_done);
        if (output_waits(move, result)) {
            file_wait(move->kernel, move->out, true);
            continue;
        }
        if (result <= 0) {
            break;
        }
        *out_done += (size_t)result;
    }
    return result;
}

/* Whoever asks for more than there is seems to have more to come. The file's end sends what a
 * socket has kept for that, but not over UDP of IPv6. */
static bool keeps_for_more(const struct move *move, size_t there) {
    struct sim_file *out = move->out;
    return out->type == FILE_UDP && out->ops->socket->options(out)->domain == WB_AF_INET6
           && there < move->wanted - move->moved_len;
}

/* The place of the file moves on by what has arrived at the other end only. */
int64_t move_file(struct move *move) {
    int64_t result = 0;
    if (move->out->appends || !file_is_seekable(move->in)) {
        return -EINVAL;
    }
    if (move->in->type != FILE_REGULAR) {
        return move->wanted == 0 ? 0 : -EINVAL;
    }
    while (move->moved_len < move->wanted) {
        uint64_t begin = *move->in_position;
        size_t len = at_most(move->wanted - move->moved_len, AT_ONCE - page_offset(move));
        uint8_t *bytes = stage(move, len);
        size_t done;
        result = read_in(move, bytes, len);
        if (result <= 0) {
            break;
        }
        size_t there = (size_t)result;
        move->more = keeps_for_more(move, there);
        result = write_all(move, bytes, there, &done);
        *move->in_position = begin + done;
        move->moved_len += done;
        if (done < there) {
            break;
        }
    }
    return move->moved_len != 0 ? (int64_t)move->moved_len : result;
}
