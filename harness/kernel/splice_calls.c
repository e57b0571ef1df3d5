/* The system calls sendfile, splice and tee: arguments in the order in which Linux finds fault, and
 * what is told of each end. */
#include "kernel/splice.h"
#include "kernel/vfs.h"

#include <errno.h>

#define ONE_CALL_MAX UINT64_C(0x7ffff000) /* what any call moves at most */
#define SPLICE_FLAGS                                                                               \
    (WB_SPLICE_F_MOVE | WB_SPLICE_F_NONBLOCK | WB_SPLICE_F_MORE | 8u /* SPLICE_F_GIFT */)

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
    return access_allows(file->ops, writing);
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
    uint64_t most = move->wanted < ONE_CALL_MAX ? move->wanted : ONE_CALL_MAX;
    return is_pipe ? 0 : check_span(move->out_position, most);
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
        result = pipe == NULL ? move_file(&move) : move_into_pipe(&move, pipe);
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
        return move_between_pipes(move, from, to);
    }
    return from != NULL ? move_out_of_pipe(move, from) : move_into_pipe(move, to);
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
