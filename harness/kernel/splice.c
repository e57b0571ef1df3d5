/* sendfile, splice and tee. Bytes are copied where Linux hands pages on; what can be seen is the
 * same: which slots of a pipe are taken, whose place moves, and who is woken. A pipe's other end is
 * woken without a key, and its writer whenever a slot became free, not only one of a full pipe. */
#include "kernel/pipe.h"
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
#define SPLICE_FLAGS                                                                               \
    (WB_SPLICE_F_MOVE | WB_SPLICE_F_NONBLOCK | WB_SPLICE_F_MORE | 8u /* SPLICE_F_GIFT */)

/* One call. */
struct move {
    struct sim_kernel *kernel;
    struct sim_thread *thread; /* whose call it is */
    enum sim_call call;
    int in_fd;
    int out_fd;
    struct sim_file *in;  /* NULL: not open */
    struct sim_file *out; /* NULL: not open */
    uint64_t wanted;
    bool nonblocking;               /* as far as pipes go: sockets have their own mode */
    bool more;                      /* a socket is told that more will come */
    uint64_t *in_position;          /* of files that have places */
    uint64_t *out_position;         /* of files that have places */
    uint64_t own_position;          /* where a file is written to that is sent to itself */
    size_t moved_len;               /* bytes in thread.moved that have arrived */
    const struct sim_file *refused; /* who would block, or is broken; NULL: nobody */
    bool in_is_bad;                 /* the descriptor: nobody may read from it ... */
    bool out_is_bad;                /* ... or write to it */
    bool raises_sigpipe;
    bool is_good; /* the arguments were */
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

/* Both try once: who may sleep looks at everything again when it wakes. */
static int64_t write_to_socket(struct move *move, const uint8_t *bytes, size_t len) {
    struct sim_file *out = move->out;
    struct wb_iovec iov;
    memcpy(&iov.base, &bytes, sizeof(bytes)); /* only read; struct wb_iovec has no const form */
    iov.len = len;
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    int flags = WB_MSG_DONTWAIT | (move->more ? WB_MSG_MORE : 0);
    int64_t result = out->ops->socket->send(move->kernel, out, &msg, flags);
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

static bool is_unix_stream(struct sim_file *file) {
    return file->type == FILE_UNIX && file->ops->socket->options(file)->type == WB_SOCK_STREAM;
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

static int64_t into_pipe(struct move *move, struct pipe *pipe) {
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

static int64_t out_of_pipe(struct move *move, struct pipe *pipe) {
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
static int64_t between_pipes(struct move *move, struct pipe *from, struct pipe *to) {
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
static int64_t send_file(struct move *move) {
    int64_t result = 0;
    if (move->out->appends || !file_is_seekable(move->in)) {
        return -EINVAL;
    }
    if (move->in->type != FILE_REGULAR) {
        return move->wanted == 0 ? 0 : -EINVAL;
    }
    while (move->moved_len < move->wanted) {
        uint64_t begin = *move->in_position;
        size_t len = at_most(move->wanted - move->moved_len, AT_ONCE);
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

/* ---- telling ---- */

static void emit_end(struct move *move, bool is_out, int64_t result) {
    const struct sim_file *file = is_out ? move->out : move->in;
    struct sim_event event = event_begin(move->kernel, SIM_EVENT_CALL);
    bool is_socket = move->is_good && file->ops->socket != NULL;
    event.call = (uint8_t)(!is_socket ? move->call : is_out ? SIM_CALL_SEND : SIM_CALL_RECV);
    event.fd = is_out ? move->out_fd : move->in_fd;
    event.result = result;
    event.a = move->wanted;
    event.b = !is_socket && is_out;
    if (file != NULL) {
        event.file = file->serial;
        event.subject = is_socket && file->ops->socket->moved_subject != NULL
                            ? file->ops->socket->moved_subject(file)
                            : file_subject(file);
    }
    if (is_socket && result > 0) {
        event.data = move->thread->moved;
        event.data_len = (size_t)result;
    }
    event_emit(move->kernel, &event);
}

/* Among several threads both ends stay until the call has ended, whoever closes them. */
static void hold_ends(struct move *move) {
    if (move->kernel->takes_turns && thread_hold_many(move->kernel, 2) != NULL) {
        thread_hold_listed(move->kernel, 0, move->in);
        thread_hold_listed(move->kernel, 1, move->out);
    }
}

static int64_t finish(struct move *move, int64_t result) {
    struct sim_kernel *kernel = move->kernel;
    for (int is_out = 0; is_out <= 1; is_out++) {
        struct sim_file *file = is_out ? move->out : move->in;
        bool is_other =
            is_out ? move->in_is_bad && !move->out_is_bad : move->out_is_bad && !move->in_is_bad;
        bool is_meant =
            result >= 0 || (!is_other && (move->refused == NULL || move->refused == file));
        if (is_meant) {
            emit_end(move, is_out, result);
        }
        if (is_meant && result == -EAGAIN) {
            flavour_would_block(kernel, file, is_out);
        }
    }
    if (move->raises_sigpipe) {
        sim_signal(kernel, kernel->current->number, SIGPIPE_NUMBER);
    }
    if (kernel->takes_turns) {
        thread_let_go(kernel);
    }
    return result;
}

/* ---- arguments ---- */

static bool may(const struct sim_file *file, bool writing) {
    return file->ops->access != (writing ? ACCESS_READ : ACCESS_WRITE);
}

/* A place and a length, as each end is looked at that is no pipe. */
static int check_span(const uint64_t *position, uint64_t len) {
    uint64_t place = position != NULL ? *position : 0;
    return place > INT64_MAX || len > INT64_MAX - place ? -EINVAL : 0;
}

/* Where an end begins: what the caller gave, a copy of it in *given, or the file's own place. */
static uint64_t *place_of(struct sim_file *file, const int64_t *offset, uint64_t *given) {
    if (offset != NULL) {
        *given = (uint64_t)*offset;
        return given;
    }
    return file->ops->read_at != NULL ? regular_position(file) : NULL;
}

/* Whether one of the descriptors is. */
static bool find_bad(struct move *move) {
    move->in_is_bad = move->in == NULL || !may(move->in, false);
    move->out_is_bad = move->out == NULL || !may(move->out, true);
    return move->in_is_bad || move->out_is_bad;
}

static int check_sendfile(struct move *move, const int64_t *offset, uint64_t *given) {
    if (find_bad(move) && move->in_is_bad) {
        move->out_is_bad = false; /* not looked at */
        return -EBADF;
    }
    if (offset != NULL && move->in->ops->read_at == NULL) {
        return -ESPIPE;
    }
    move->in_position = place_of(move->in, offset, given);
    int error = check_span(move->in_position, move->wanted);
    if (error != 0) {
        return error;
    }
    if (move->out_is_bad) {
        return -EBADF;
    }
    move->out_position = place_of(move->out, NULL, NULL);
    if (move->out_position != NULL && move->out_position == move->in_position) {
        move->own_position = *move->in_position;
        move->out_position = &move->own_position;
    }
    bool is_pipe = pipe_behind(move->out) != NULL;
    return is_pipe ? 0 : check_span(move->out_position, move->wanted);
}

int64_t sys_sendfile(void *self, int out_fd, int in_fd, int64_t *offset, size_t len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint64_t given = 0;
    struct move move = {.kernel = kernel,
        .thread = kernel->thread,
        .call = SIM_CALL_SENDFILE,
        .in_fd = in_fd,
        .out_fd = out_fd,
        .in = fd_get(kernel, in_fd),
        .out = fd_get(kernel, out_fd),
        .wanted = len};
    hold_ends(&move);
    int64_t result = check_sendfile(&move, offset, &given);
    if (result == 0) {
        struct pipe *pipe = pipe_behind(move.out);
        move.is_good = true;
        move.nonblocking = move.out->nonblocking;
        result = pipe == NULL ? send_file(&move) : into_pipe(&move, pipe);
    }
    if (result >= 0 && offset != NULL) {
        *offset = (int64_t)given;
        if (PLANTED(SENDFILE_MOVES_PLACE) && move.is_good) {
            *regular_position(move.in) = given;
        }
    }
    return finish(&move, result);
}

/* A pipe has no place to be given; another end must have one. */
static int check_splice_end(struct sim_file *file, const int64_t *offset) {
    if (pipe_behind(file) != NULL) {
        return offset != NULL ? -ESPIPE : 0;
    }
    return 0;
}

static int check_splice(
    struct move *move, const int64_t *in_offset, const int64_t *out_offset, uint64_t given[2]) {
    bool is_bad = find_bad(move);
    if (move->in == NULL || move->out == NULL) {
        return -EBADF;
    }
    int error = check_splice_end(move->in, in_offset);
    error = error != 0 ? error : check_splice_end(move->out, out_offset);
    if (error != 0) {
        return error;
    }
    if (is_bad) {
        return -EBADF;
    }
    bool in_is_pipe = pipe_behind(move->in) != NULL;
    bool out_is_pipe = pipe_behind(move->out) != NULL;
    if (!in_is_pipe && !out_is_pipe) {
        return -EINVAL;
    }
    if ((in_offset != NULL && move->in->ops->read_at == NULL)
        || (out_offset != NULL && move->out->ops->write_at == NULL)
        || (!out_is_pipe && move->out->appends)) {
        return -EINVAL;
    }
    move->in_position = place_of(move->in, in_offset, &given[0]);
    move->out_position = place_of(move->out, out_offset, &given[1]);
    error = in_is_pipe ? 0 : check_span(move->in_position, move->wanted);
    return error != 0 || out_is_pipe ? error : check_span(move->out_position, move->wanted);
}

static int64_t splice_ends(struct move *move, bool flagged) {
    struct pipe *from = pipe_behind(move->in);
    struct pipe *to = pipe_behind(move->out);
    move->nonblocking = flagged || (from != NULL && move->in->nonblocking)
                        || (to != NULL && move->out->nonblocking);
    if (from != NULL && to != NULL) {
        return between_pipes(move, from, to);
    }
    return from != NULL ? out_of_pipe(move, from) : into_pipe(move, to);
}

int64_t sys_splice(void *self, int in_fd, int64_t *in_offset, int out_fd, int64_t *out_offset,
    size_t len, uint32_t flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint64_t given[2] = {0, 0};
    struct move move = {.kernel = kernel,
        .thread = kernel->thread,
        .call = SIM_CALL_SPLICE,
        .in_fd = in_fd,
        .out_fd = out_fd,
        .in = fd_get(kernel, in_fd),
        .out = fd_get(kernel, out_fd),
        .wanted = len,
        .more = (flags & WB_SPLICE_F_MORE) != 0};
    hold_ends(&move);
    int64_t result = len == 0 ? 0 : (flags & ~SPLICE_FLAGS) != 0 ? -EINVAL : 1;
    if (result > 0) {
        result = check_splice(&move, in_offset, out_offset, given);
        move.is_good = result == 0;
        result = result != 0 ? result : splice_ends(&move, (flags & WB_SPLICE_F_NONBLOCK) != 0);
    }
    if (result >= 0 && move.is_good && in_offset != NULL) {
        *in_offset = (int64_t)given[0];
    }
    if (result >= 0 && move.is_good && out_offset != NULL) {
        *out_offset = (int64_t)given[1];
    }
    return finish(&move, result);
}

static int check_tee(struct move *move) {
    if (find_bad(move)) {
        return -EBADF;
    }
    bool are_pipes = pipe_behind(move->in) != NULL && pipe_behind(move->out) != NULL;
    return are_pipes ? 0 : -EINVAL;
}

int64_t sys_tee(void *self, int in_fd, int out_fd, size_t len, uint32_t flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct move move = {.kernel = kernel,
        .thread = kernel->thread,
        .call = SIM_CALL_TEE,
        .in_fd = in_fd,
        .out_fd = out_fd,
        .in = fd_get(kernel, in_fd),
        .out = fd_get(kernel, out_fd),
        .wanted = len};
    hold_ends(&move);
    int64_t result = (flags & ~SPLICE_FLAGS) != 0 ? -EINVAL : len == 0 ? 0 : 1;
    if (result > 0) {
        result = check_tee(&move);
        move.is_good = result == 0;
        result = result != 0 ? result : splice_ends(&move, (flags & WB_SPLICE_F_NONBLOCK) != 0);
    }
    return finish(&move, result);
}
