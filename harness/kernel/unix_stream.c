/* Bytes through a Unix stream: they travel in messages whose borders a read does not see, but which
 * are what the buffer is counted in; descriptors, credentials and urgent data keep a read from
 * running on. */
#include "kernel/unix.h"

#include <errno.h>

/* ---- sending ---- */

/* A write on its way into the receiver's queue, part by part. */
struct writing {
    struct unix_socket *socket;
    const struct wb_msghdr *msg;
    struct unix_control control; /* goes with the first part */
    bool is_spliced;
    uint64_t len;   /* without the urgent byte */
    uint64_t limit; /* what faults let pass of it */
    uint64_t sent;
};

static bool takes_nothing(const struct unix_socket *receiver) {
    return receiver->dead || receiver->rd_shut;
}

/* 0, or why not. Credentials go with every part, descriptors with the first. A message that was
 * made and found nobody frees room as it goes. */
static int put_part(struct writing *writing, uint32_t len, bool is_urgent) {
    struct unix_socket *socket = writing->socket;
    int result = unix_check_room(socket);
    if (result != 0) {
        return result;
    }
    struct unix_message *message = unix_message_new(
        socket, writing->msg->iov, writing->msg->iov_len, writing->sent, len, &writing->control);
    if (message == NULL) {
        return -EFAULT;
    }
    if (writing->is_spliced) {
        unix_message_is_pages(message);
    }
    if (takes_nothing(socket->peer)) {
        unix_message_free(socket->kernel, message);
        return -EPIPE;
    }
    if (is_urgent) {
        socket->peer->urgent = message;
    }
    writing->sent += len;
    unix_deliver(message, socket->peer);
    return 0;
}

static int put_parts(struct writing *writing) {
    while (writing->sent < writing->limit) {
        uint64_t left = writing->limit - writing->sent;
        uint32_t len = writing->is_spliced ? (uint32_t)left : unix_part_len(writing->socket, left);
        int result = put_part(writing, len, false);
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* A blocking socket sleeps in the midst of its write, and not before it: whether it may write is
 * not asked again. True: it slept, and goes on. */
static bool slept_for_room(const struct writing *writing, int result, bool sleeps) {
    struct unix_socket *socket = writing->socket;
    if (result != -EAGAIN || !sleeps) {
        return false;
    }
    struct sim_thread *thread = socket->kernel->thread;
    thread->rights = writing->control.rights;
    do {
        wait_advance(socket->kernel, UINT64_MAX);
    } while (!unix_writable(socket) && socket->error == 0 && !socket->snd_shut);
    thread->rights = NULL;
    return true;
}

static int put_all(struct writing *writing, bool sleeps) {
    int result;
    do {
        result = put_parts(writing);
    } while (slept_for_room(writing, result, sleeps));
    return result;
}

static int put_urgent(struct writing *writing, bool sleeps) {
    int result;
    do {
        result = put_part(writing, 1, true);
    } while (slept_for_room(writing, result, sleeps));
    return result;
}

/* Where a fault cuts the write there is no room for a while. Who sleeps never sees that. */
static int put_up_to_the_cut(struct writing *writing, bool sleeps) {
    int result = put_all(writing, sleeps);
    if (result != 0 || writing->limit == writing->len) {
        return result;
    }
    unix_hold_writes(writing->socket);
    writing->limit = writing->len;
    return sleeps ? put_all(writing, true) : -EAGAIN;
}

static int check_sender(const struct unix_socket *socket, const struct wb_msghdr *msg) {
    if (msg->name_len != 0 && msg->name != NULL) {
        return socket->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
    }
    if (socket->peer == NULL) {
        return -ENOTCONN;
    }
    return socket->snd_shut ? -EPIPE : 0;
}

/* The last byte of an urgent write goes apart. */
static int64_t write_message(struct writing *writing, int flags) {
    struct unix_socket *socket = writing->socket;
    bool is_urgent = (flags & WB_MSG_OOB) != 0;
    if (is_urgent && writing->len == 0) {
        return -EOPNOTSUPP;
    }
    int64_t result = check_sender(socket, writing->msg);
    if (result != 0) {
        return result;
    }
    writing->len -= is_urgent;
    writing->limit = writing->len;
    bool sleeps = unix_sleeps(socket->file, flags);
    bool is_decided = writing->len != 0 && unix_send_fault(socket, NULL, &writing->limit, &result);
    if (is_decided && !(sleeps && result == -EAGAIN)) {
        return result;
    }
    result = put_up_to_the_cut(writing, sleeps);
    if (result == 0 && is_urgent) {
        result = put_urgent(writing, sleeps);
    }
    return writing->sent != 0 ? (int64_t)writing->sent : result;
}

static int64_t send_bytes(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_msghdr *msg, int flags, bool is_spliced) {
    struct writing writing = {.socket = file->unix_socket,
        .msg = msg,
        .is_spliced = is_spliced,
        .len = iov_total(msg->iov, msg->iov_len)};
    int64_t result = unix_control_load(kernel, msg, &writing.control);
    if (result == 0) {
        unix_pass_along(writing.socket, &writing.control);
        result = write_message(&writing, flags);
        unix_control_free(kernel, &writing.control);
    }
    if (result == -EAGAIN) {
        file_lowered(kernel, file);
    }
    return result;
}

int64_t unix_stream_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    return send_bytes(kernel, file, msg, flags, false);
}

int64_t unix_stream_splice(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    return send_bytes(kernel, file, msg, flags, true);
}

/* ---- receiving ---- */

/* A read on its way through the queue. */
struct reading {
    struct unix_socket *socket;
    struct wb_msghdr *msg;
    int flags;
    uint64_t len;   /* bytes still wanted */
    uint64_t taken; /* bytes moved */
    bool knows_writer;
    bool named;
    bool is_refused;             /* what it should write next has no place */
    struct unix_control control; /* of what was read: the writer's */
};

static bool peeks(const struct reading *reading) {
    return (reading->flags & WB_MSG_PEEK) != 0;
}

static uint32_t left_in(const struct unix_message *message) {
    return message->len - message->taken;
}

/* A message of which nothing is left is where urgent data was taken. A read does not run over it,
 * nor over urgent data that is still there; one that begins at it removes it. */
static struct unix_message *pass_mark(struct reading *reading, struct unix_message *message) {
    struct unix_socket *socket = reading->socket;
    if (reading->taken != 0 && socket->urgent == NULL) {
        return NULL;
    }
    struct unix_message *next = unix_after(socket, message);
    if (!peeks(reading)) {
        unix_message_drop(message, socket);
    }
    return next;
}

/* Urgent data that was not asked for is thrown away, unless it is to be read in its place. */
static struct unix_message *pass_urgent(struct reading *reading, struct unix_message *message) {
    struct unix_socket *socket = reading->socket;
    if (reading->taken != 0) {
        return NULL;
    }
    if (socket->so.oob_inline) {
        if (!peeks(reading)) {
            socket->urgent = NULL;
        }
        return message;
    }
    if (peeks(reading)) {
        return unix_after(socket, message);
    }
    unix_message_drop(message, socket);
    return unix_first(socket);
}

/* The message to read from, or NULL: there is none for this read. */
static struct unix_message *next_readable(struct reading *reading, struct unix_message *message) {
    if (message != NULL && left_in(message) == 0) {
        message = pass_mark(reading, message);
    }
    if (message != NULL && message == reading->socket->urgent) {
        message = pass_urgent(reading, message);
    }
    return message;
}

static bool same_writer(const struct unix_control *a, const struct unix_control *b) {
    return a->has_credentials == b->has_credentials && a->credentials.pid == b->credentials.pid
           && a->credentials.uid == b->credentials.uid && a->credentials.gid == b->credentials.gid;
}

/* Bytes of two writers are not glued together where the reader wants to tell them apart. */
static bool is_of_writer(struct reading *reading, const struct unix_message *message) {
    if (!reading->socket->passes_credentials) {
        return true;
    }
    if (reading->knows_writer) {
        return same_writer(&reading->control, &message->control);
    }
    reading->knows_writer = true;
    reading->control.has_credentials = message->control.has_credentials;
    reading->control.credentials = message->control.credentials;
    return true;
}

static uint32_t part_len(const struct reading *reading, const struct unix_message *message) {
    uint32_t left = left_in(message);
    return reading->len < left ? (uint32_t)reading->len : left;
}

static bool has_no_place(const struct reading *reading, const struct unix_message *message) {
    return unix_part_is_bad(
        reading->msg->iov, reading->msg->iov_len, reading->taken, part_len(reading, message));
}

static uint32_t copy_part(struct reading *reading, const struct unix_message *message) {
    uint32_t len = part_len(reading, message);
    unix_copy_out(message, 0, reading->msg->iov, reading->msg->iov_len, reading->taken, len);
    reading->taken += len;
    reading->len -= len;
    return len;
}

/* Both say whether the read goes on. */
static bool peek_part(struct reading *reading, const struct unix_message *message) {
    copy_part(reading, message);
    if (message->control.rights == NULL) {
        return true;
    }
    reading->control.rights = unix_rights_copy(reading->socket->kernel, message->control.rights);
    return false;
}

static bool take_part(struct reading *reading, struct unix_message *message) {
    struct unix_socket *socket = reading->socket;
    uint32_t len = copy_part(reading, message);
    message->taken += len;
    socket->queue_bytes -= len;
    socket->received_len += len;
    if (message->control.rights != NULL) {
        reading->control.rights = message->control.rights;
        message->control.rights = NULL;
    }
    if (left_in(message) != 0) {
        return false;
    }
    unix_message_drop(message, socket);
    return reading->control.rights == NULL && reading->len != 0;
}

/* As much as is there and belongs together. True: it ended for want of bytes, not at a border. */
static bool read_through(struct reading *reading) {
    struct unix_socket *socket = reading->socket;
    struct unix_message *message = unix_reads_held(socket) ? NULL : unix_first(socket);
    for (;;) {
        bool any = message != NULL;
        message = next_readable(reading, message);
        if (message == NULL) {
            return !any || reading->taken == 0;
        }
        if (!is_of_writer(reading, message)) {
            return false;
        }
        if (has_no_place(reading, message)) {
            reading->is_refused = true;
            return false;
        }
        if (!reading->named) {
            unix_store_sender(message->from, reading->msg);
            reading->named = true;
        }
        struct unix_message *after = unix_after(socket, message);
        if (peeks(reading)) {
            if (!peek_part(reading, message) || after == NULL) {
                return false;
            }
        } else if (!take_part(reading, message)) {
            return false;
        }
        message = after;
    }
}

/* What a read says that found nothing. */
static int64_t nothing_there(struct unix_socket *socket) {
    if (socket->error != 0) {
        return -unix_take_error(socket);
    }
    return unix_end_or_again(socket);
}

/* How much a blocking read waits for. */
static uint64_t target_of(const struct unix_socket *socket, uint64_t len, int flags) {
    uint64_t least = socket->so.recv_low_water < len ? socket->so.recv_low_water : len;
    uint64_t target = (flags & WB_MSG_WAITALL) != 0 ? len : least;
    return target != 0 ? target : 1;
}

/* What a blocking socket began it goes on with; whether to begin is the caller's question. */
static int64_t read_message(struct reading *reading, uint64_t target) {
    struct unix_socket *socket = reading->socket;
    bool sleeps = unix_sleeps(socket->file, reading->flags);
    for (;;) {
        if (!read_through(reading) || reading->taken >= target) {
            bool nothing = reading->is_refused && reading->taken == 0;
            return nothing ? -EFAULT : (int64_t)reading->taken;
        }
        int64_t result = nothing_there(socket);
        if (reading->taken == 0) {
            return result;
        }
        if (result != -EAGAIN || !sleeps) {
            return (int64_t)reading->taken;
        }
        wait_advance(socket->kernel, UINT64_MAX);
    }
}

uint32_t unix_stream_parts(
    struct unix_socket *socket, uint32_t *parts, uint32_t parts_max, uint32_t part_max) {
    struct reading look = {.socket = socket, .flags = WB_MSG_PEEK};
    struct unix_message *message = next_readable(&look, unix_first(socket));
    uint32_t count = 0;
    while (message != NULL && count < parts_max) {
        for (uint32_t left = left_in(message); left != 0 && count < parts_max;) {
            parts[count] = left < part_max ? left : part_max;
            look.taken += parts[count];
            left -= parts[count++];
        }
        message = next_readable(&look, unix_after(socket, message));
    }
    return count;
}

/* ---- urgent data ---- */

/* Two marks in a row are one. */
static void drop_mark_before(struct unix_socket *socket, struct unix_message *urgent) {
    if (unix_first(socket) != urgent) {
        struct unix_message *before =
            LIST_ENTRY(urgent->in_queue.prev, struct unix_message, in_queue);
        if (left_in(before) == 0) {
            unix_message_drop(before, socket);
        }
    }
}

/* A byte that has no place is taken nevertheless. */
static int64_t read_urgent(struct unix_socket *socket, struct wb_msghdr *msg, int flags) {
    struct unix_message *urgent = socket->urgent;
    if (socket->so.oob_inline || urgent == NULL) {
        return -EINVAL;
    }
    bool has_room = iov_total(msg->iov, msg->iov_len) != 0;
    bool is_refused = unix_part_is_bad(msg->iov, msg->iov_len, 0, has_room);
    if (!is_refused) {
        unix_copy_out(urgent, 0, msg->iov, msg->iov_len, 0, has_room);
    }
    if ((flags & WB_MSG_PEEK) == 0) {
        drop_mark_before(socket, urgent);
        urgent->taken = urgent->len;
        socket->queue_bytes--;
        socket->received_len++;
        socket->urgent = NULL;
    }
    if (is_refused) {
        return -EFAULT;
    }
    unix_tell_nothing(msg, flags);
    msg->flags |= WB_MSG_OOB;
    return 1;
}

/* ---- the call ---- */

static int64_t finish(struct reading *reading, int64_t result) {
    struct unix_socket *socket = reading->socket;
    if (result < 0) {
        unix_control_free(socket->kernel, &reading->control);
        return result;
    }
    if (!reading->named && reading->msg->name != NULL) {
        reading->msg->name_len = 0;
    }
    unix_control_store(socket, reading->msg, &reading->control, reading->flags);
    return result;
}

int64_t unix_stream_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags) {
    struct unix_socket *socket = file->unix_socket;
    if (socket->state != UNIX_CONNECTED) {
        return -EINVAL;
    }
    if ((flags & WB_MSG_OOB) != 0) {
        return read_urgent(socket, msg, flags);
    }
    uint64_t wanted = iov_total(msg->iov, msg->iov_len);
    struct reading reading = {.socket = socket, .msg = msg, .flags = flags, .len = wanted};
    int64_t result;
    bool waits_for_all = (flags & WB_MSG_WAITALL) != 0 && unix_sleeps(file, flags);
    if (wanted != 0 && !waits_for_all && unix_recv_fault(socket, &reading.len, &result)) {
        return result;
    }
    bool is_cut = reading.len < wanted && reading.len < socket->queue_bytes;
    result = read_message(&reading, is_cut ? 1 : target_of(socket, wanted, flags));
    if (is_cut && result > 0 && (flags & WB_MSG_PEEK) == 0) {
        unix_hold_reads(socket);
    }
    file_lowered(kernel, file);
    return finish(&reading, result);
}
