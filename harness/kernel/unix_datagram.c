/* Messages that keep their borders: Unix datagram and seqpacket sockets. Beside the sender's own
 * buffer the length of the receiver's queue bounds what is sent, unless the two are each other's
 * peers. */
#include "kernel/unix.h"

#include <errno.h>

enum { BUFFER_RESERVE = 32 };

/* ---- waiting for room in another's queue ---- */

static bool queue_is_full(const struct unix_socket *socket) {
    return socket->queue_len > socket->backlog;
}

/* Whether its queue may keep `sender` from sending: two that are each other's peers never wait. */
static bool bounds(const struct unix_socket *receiver, const struct unix_socket *sender) {
    return receiver != sender && receiver->peer != sender && queue_is_full(receiver);
}

static void start_waiting(struct unix_socket *sender, struct unix_socket *for_whom) {
    if (sender->waits_for == NULL) {
        sender->waits_for = for_whom;
        list_push_head(&for_whom->room_waiters, &sender->in_room_waiters);
    }
}

void unix_wait_asleep(struct unix_socket *sender, struct unix_socket *for_whom) {
    if (sender->neighbour != NULL) {
        start_waiting(sender, for_whom);
    } else {
        for_whom->sleepers |= 1u << sender->kernel->current->number;
    }
}

void unix_stop_waiting(struct unix_socket *sender, const struct unix_socket *for_whom) {
    if (sender->waits_for != NULL && sender->waits_for == for_whom) {
        list_remove(&sender->in_room_waiters);
        sender->waits_for = NULL;
    }
}

bool unix_peer_is_full(struct unix_socket *sender, bool to_wait) {
    struct unix_socket *peer = sender->peer;
    if (sender->so.type == WB_SOCK_STREAM || peer == NULL || peer->dead || !bounds(peer, sender)) {
        return false;
    }
    if (to_wait) {
        start_waiting(sender, peer);
    }
    return true;
}

static void rouse_sleepers(struct unix_socket *socket) {
    for (; socket->sleepers != 0; socket->sleepers &= socket->sleepers - 1) {
        process_get(socket->kernel, (unsigned)__builtin_ctz(socket->sleepers))->stirs++;
    }
}

/* Each that waits now is told once: who looks again meanwhile, and still finds no room, waits anew.
 */
void unix_tell_room(struct unix_socket *socket, uint32_t key) {
    struct list told;
    rouse_sleepers(socket);
    list_init(&told);
    list_splice_head(&told, &socket->room_waiters);
    while (!list_is_empty(&told)) {
        struct unix_socket *sender = LIST_ENTRY(told.next, struct unix_socket, in_room_waiters);
        unix_stop_waiting(sender, socket);
        unix_wake(sender, key);
    }
}

/* ---- another peer ---- */

/* What was queued is lost, whoever sent it; and if that was anything, a peer that still thinks they
 * are connected gets an error. */
static void disconnected(struct unix_socket *socket, struct unix_socket *old_peer) {
    if (socket->queue_len == 0) {
        return;
    }
    while (socket->queue_len != 0) {
        unix_message_drop(unix_first(socket), socket);
    }
    file_lowered(socket->kernel, socket->file);
    unix_tell_room(socket, KEY_NONE);
    if (!old_peer->dead && old_peer->peer == socket) {
        old_peer->error = ECONNRESET;
        unix_wake(old_peer, KEY_ERROR);
    }
}

void unix_datagram_reconnect(struct unix_socket *socket, struct unix_socket *peer) {
    struct unix_socket *old_peer = socket->peer;
    socket->peer = peer;
    if (old_peer == NULL) {
        return;
    }
    unix_stop_waiting(socket, old_peer);
    unix_wake(socket, KEY_WRITE);
    if (old_peer != peer) {
        disconnected(socket, old_peer);
    }
}

/* ---- sending ---- */

/* The peer is gone for good; told by the call that finds out, and by no event. */
static int peer_is_dead(struct unix_socket *socket, struct unix_socket *dead) {
    if (!unix_is_datagram(socket)) {
        return -EPIPE;
    }
    socket->peer = NULL;
    unix_stop_waiting(socket, dead);
    unix_wake(socket, KEY_WRITE);
    disconnected(socket, dead);
    return -ECONNREFUSED;
}

/* Whether the receiver takes a message now: 0 or -errno. */
static int check_receiver(struct unix_socket *socket, struct unix_socket *receiver) {
    if (receiver->peer != NULL && receiver->peer != socket) {
        return -EPERM;
    }
    if (receiver->dead) {
        return peer_is_dead(socket, receiver);
    }
    if (receiver->rd_shut) {
        return -EPIPE;
    }
    if (!bounds(receiver, socket)) {
        return 0;
    }
    if (socket->peer == receiver) {
        start_waiting(socket, receiver);
    }
    return -EAGAIN;
}

static int find_receiver(
    struct unix_socket *socket, const struct wb_msghdr *msg, struct unix_socket **out_receiver) {
    if (unix_is_datagram(socket) && msg->name != NULL && msg->name_len != 0) {
        return unix_find(socket, msg->name, msg->name_len, out_receiver);
    }
    *out_receiver = socket->peer;
    return socket->peer != NULL ? 0 : -ENOTCONN;
}

/* Nothing is allocated yet: failing here is no wake-up. */
static int check_sender(
    struct unix_socket *socket, const struct wb_msghdr *msg, uint64_t len, int flags) {
    int result = 0;
    if ((flags & WB_MSG_OOB) != 0) {
        return -EOPNOTSUPP;
    }
    if (unix_is_datagram(socket) && msg->name != NULL && msg->name_len != 0) {
        result = unix_check_address(msg->name, msg->name_len);
    }
    if (result == 0 && socket->passes_credentials) {
        result = unix_autobind(socket);
    }
    if (result != 0) {
        return result;
    }
    if (len > socket->so.send_buffer_size - BUFFER_RESERVE) {
        return -EMSGSIZE;
    }
    return unix_check_room(socket);
}

/* Whether a call that blocks has to wait for the receiver's queue. Nothing stands in memory
 * meanwhile. */
static bool must_sleep(struct unix_socket *socket, const struct wb_msghdr *msg, int flags) {
    struct unix_socket *receiver;
    if (!unix_sleeps(socket->file, flags) || find_receiver(socket, msg, &receiver) != 0
        || receiver->dead || receiver->rd_shut || !bounds(receiver, socket)) {
        return false;
    }
    unix_wait_asleep(socket, receiver);
    socket->sleeps_for_receivers = true;
    return true;
}

/* The message stands in memory: giving it back wakes the sender. */
static int hand_over(
    struct unix_socket *socket, const struct wb_msghdr *msg, struct unix_message *message) {
    struct unix_socket *receiver;
    int result = find_receiver(socket, msg, &receiver);
    if (result == 0) {
        result = check_receiver(socket, receiver);
    }
    if (result == 0) {
        unix_deliver(message, receiver);
    }
    return result;
}

static int64_t send_message(struct unix_socket *socket, const struct wb_msghdr *msg, int flags,
    struct unix_control *control) {
    uint64_t len = iov_total(msg->iov, msg->iov_len);
    int64_t result = check_sender(socket, msg, len, flags);
    if (result == 0 && must_sleep(socket, msg, flags)) {
        result = -EAGAIN;
    }
    struct unix_socket *receiver = NULL;
    if (result == 0 && unix_is_datagram(socket)) {
        (void)find_receiver(socket, msg, &receiver);
    }
    socket->moved_subject = unix_matter_of(socket, receiver)->subject;
    if (result != 0 || unix_send_fault(socket, receiver, &len, &result)) {
        return result;
    }
    struct unix_message *message =
        unix_message_new(socket, msg->iov, msg->iov_len, 0, (uint32_t)len, control);
    if (message == NULL) {
        return -EFAULT;
    }
    result = hand_over(socket, msg, message);
    if (result != 0) {
        unix_message_free(socket->kernel, message);
        return result;
    }
    return (int64_t)len;
}

int64_t unix_datagram_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    struct unix_socket *socket = file->unix_socket;
    if (!unix_is_datagram(socket)) {
        if (socket->error != 0) {
            return -unix_take_error(socket);
        }
        if (socket->state != UNIX_CONNECTED) {
            return -ENOTCONN;
        }
    }
    struct unix_control control;
    socket->moved_subject = socket->subject;
    int64_t result = unix_control_load(kernel, msg, &control);
    if (result == 0) {
        unix_pass_along(socket, &control);
        result = send_message(socket, msg, flags, &control);
        unix_control_free(kernel, &control);
    }
    if (result == -EAGAIN) {
        file_lowered(kernel, file);
    }
    return result;
}

/* ---- receiving ---- */

/* A seqpacket socket knows an end of input; of datagram sockets only one that sleeps does. */
static int64_t nothing_there(struct sim_file *file, int flags) {
    struct unix_socket *socket = file->unix_socket;
    bool knows_end = !unix_is_datagram(socket) || unix_sleeps(file, flags);
    return knows_end ? unix_end_or_again(socket) : -EAGAIN;
}

/* A message that has no place is lost, unless it was only peeked at. */
static int64_t lose_message(struct unix_socket *socket, struct unix_message *message, int flags) {
    unix_tell_room(socket, KEY_WRITE);
    if ((flags & WB_MSG_PEEK) == 0) {
        unix_message_drop(message, socket);
    }
    return -EFAULT;
}

static int64_t take_message(
    struct unix_socket *socket, struct unix_message *message, struct wb_msghdr *msg, int flags) {
    bool peeks = (flags & WB_MSG_PEEK) != 0;
    uint64_t wanted = iov_total(msg->iov, msg->iov_len);
    uint32_t len = wanted < message->len ? (uint32_t)wanted : message->len;
    int64_t result = (flags & WB_MSG_TRUNC) != 0 ? message->len : len;
    bool is_cut = len < message->len;
    if (unix_part_is_bad(msg->iov, msg->iov_len, 0, len)) {
        return lose_message(socket, message, flags);
    }
    socket->kernel->datagram_sender = message->from->serial;
    unix_tell_room(socket, KEY_WRITE);
    unix_store_sender(message->from, msg);
    unix_copy_out(message, 0, msg->iov, msg->iov_len, 0, len);
    struct unix_control control = message->control;
    if (peeks && control.rights != NULL) {
        control.rights = unix_rights_copy(socket->kernel, control.rights);
    } else if (!peeks) {
        message->control.rights = NULL;
    }
    unix_control_store(socket, msg, &control, flags);
    msg->flags |= is_cut ? WB_MSG_TRUNC : 0;
    if (!peeks) {
        socket->received_len += len;
        unix_message_drop(message, socket);
    }
    return result;
}

int64_t unix_datagram_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags) {
    struct unix_socket *socket = file->unix_socket;
    socket->moved_subject = socket->subject;
    if (!unix_is_datagram(socket) && socket->state != UNIX_CONNECTED) {
        return -ENOTCONN;
    }
    if ((flags & WB_MSG_OOB) != 0) {
        return -EOPNOTSUPP;
    }
    if (socket->error != 0) {
        return -unix_take_error(socket);
    }
    uint64_t len = 0;
    int64_t result;
    struct unix_message *first = unix_first(socket);
    if (first != NULL) {
        socket->moved_subject = unix_matter_of(socket, first->from)->subject;
    }
    if (unix_recv_fault(socket, &len, &result)) {
        return result;
    }
    struct unix_message *message = unix_reads_held(socket) ? NULL : unix_first(socket);
    if (message != NULL) {
        result = take_message(socket, message, msg, flags);
    } else {
        result = nothing_there(file, flags);
        if (result == 0) {
            unix_tell_nothing(msg, flags);
        }
    }
    file_lowered(kernel, file);
    return result;
}
