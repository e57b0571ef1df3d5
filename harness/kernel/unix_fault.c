/* Faults of Unix sockets. Both ends are on this host and Linux moves a message within the call, so
 * hardly anything is a matter of timing: what no documentation promises is called contract. */
#include "kernel/unix.h"

#include <errno.h>

static void emit_release(const struct unix_socket *socket, enum wbh_point point) {
    struct sim_event event = event_begin(socket->kernel, SIM_EVENT_RELEASE);
    event.subject = socket->subject;
    event.a = point;
    event_emit(socket->kernel, &event);
}

/* ---- what is held back ---- */

static void release_reads(void *user_data) {
    struct unix_socket *socket = user_data;
    socket->read_hold = (struct hold){0};
    emit_release(socket, socket->state == UNIX_LISTENING ? WBH_POINT_ACCEPT : WBH_POINT_RECV);
    if (socket->queue_len != 0 || socket->pending_count != 0) {
        unix_wake(socket, KEY_READ);
    }
}

void unix_release_reads(struct unix_socket *socket) {
    if (unix_reads_held(socket)) {
        sim_cancel(socket->kernel, socket->read_hold.action);
        socket->read_hold = (struct hold){0};
    }
}

void unix_hold_reads(struct unix_socket *socket) {
    struct sim_kernel *kernel = socket->kernel;
    socket->read_hold.until_ns = kernel->now_ns + HOLD_NS;
    socket->read_hold.action =
        sim_schedule(kernel, socket->read_hold.until_ns, release_reads, socket);
    file_lowered(kernel, socket->file);
}

static void release_writes(void *user_data) {
    struct unix_socket *socket = user_data;
    socket->write_hold = (struct hold){0};
    emit_release(socket, WBH_POINT_SEND);
    if (unix_writable(socket)) {
        unix_wake(socket, KEY_WRITE);
    }
}

void unix_hold_writes(struct unix_socket *socket) {
    struct sim_kernel *kernel = socket->kernel;
    if (unix_writes_held(socket)) {
        return;
    }
    socket->write_hold.until_ns = kernel->now_ns + HOLD_NS;
    socket->write_hold.action =
        sim_schedule(kernel, socket->write_hold.until_ns, release_writes, socket);
    file_lowered(kernel, socket->file);
}

/* ---- asking ---- */

static uint32_t errno_bit(int number) {
    return 1u << (unsigned)wbh_errno_index(number);
}

static struct wbh_choice ask(struct unix_socket *socket, struct wbh_choice_point *point) {
    struct wbh_choice choice = choose(socket->kernel, point);
    if (choice.action != WBH_ACTION_PASS) {
        choice_consumed(socket->kernel, point->point, choice.action);
    }
    return choice;
}

struct unix_socket *unix_matter_of(struct unix_socket *socket, struct unix_socket *other) {
    bool is_neighbours = unix_is_datagram(socket) && other != NULL && other->neighbour != NULL;
    return is_neighbours ? other : socket;
}

/* Short where a message may be read in pieces. An end that is shut cannot come later. */
bool unix_recv_fault(struct unix_socket *socket, uint64_t *in_out_len, int64_t *out_result) {
    if (!choice_possible(socket->kernel) || socket->neighbour != NULL || unix_reads_held(socket)
        || socket->rd_shut || socket->error != 0 || socket->queue_len == 0) {
        return false;
    }
    bool is_stream = socket->so.type == WB_SOCK_STREAM;
    struct unix_socket *matter = unix_matter_of(socket, unix_first(socket)->from);
    struct wbh_choice_point point = {
        .point = WBH_POINT_RECV,
        .subject = matter->subject,
        .ordinal = ++matter->recv_ordinal,
        .contract = WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK),
    };
    if (is_stream) {
        point.size = *in_out_len < socket->queue_bytes ? *in_out_len : socket->queue_bytes;
    }
    if (point.size >= 2) {
        point.contract |= WBH_ACTION_BIT(WBH_ACTION_SHORT);
    }
    struct wbh_choice choice = ask(socket, &point);
    if (choice.action == WBH_ACTION_SHORT) {
        *in_out_len = choice.value;
    } else if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        unix_hold_reads(socket);
        *out_result = -EAGAIN;
        return true;
    }
    return false;
}

bool unix_send_fault(struct unix_socket *socket, struct unix_socket *other, uint64_t *in_out_len,
    int64_t *out_result) {
    if (!choice_possible(socket->kernel) || socket->neighbour != NULL || unix_writes_held(socket)) {
        return false;
    }
    struct unix_socket *matter = unix_matter_of(socket, other);
    struct wbh_choice_point point = {
        .point = WBH_POINT_SEND,
        .subject = matter->subject,
        .ordinal = ++matter->send_ordinal,
        .contract = WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK),
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
        .errnos = errno_bit(ENOBUFS) | errno_bit(ENOMEM),
        .size = *in_out_len,
    };
    if (socket->so.type == WB_SOCK_STREAM && point.size >= 2) {
        point.contract |= WBH_ACTION_BIT(WBH_ACTION_SHORT);
    }
    struct wbh_choice choice = ask(socket, &point);
    if (choice.action == WBH_ACTION_SHORT) {
        *in_out_len = choice.value;
    } else if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        unix_hold_writes(socket);
        *out_result = -EAGAIN;
        return true;
    } else if (choice.action == WBH_ACTION_ERROR) {
        *out_result = -(int64_t)choice.value;
        return true;
    }
    return false;
}

bool unix_accept_fault(struct unix_socket *listener, int *out_result) {
    struct wbh_choice_point point = {
        .point = WBH_POINT_ACCEPT,
        .subject = process_subject(listener->kernel->current),
        .ordinal = ++listener->kernel->current->ordinal[WBH_POINT_ACCEPT],
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
        .errnos = errno_bit(EMFILE) | errno_bit(ENFILE) | errno_bit(ENOMEM),
    };
    if (!listener->rd_shut) {
        point.contract = WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    }
    struct wbh_choice choice = ask(listener, &point);
    if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        unix_hold_reads(listener);
        *out_result = -EAGAIN;
    } else if (choice.action == WBH_ACTION_ERROR) {
        *out_result = -(int)choice.value;
    }
    return choice.action != WBH_ACTION_PASS;
}

int unix_connect_fault(struct unix_socket *client) {
    if (!choice_possible(client->kernel) || client->neighbour != NULL) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_CONNECT,
        .subject = client->subject,
        .ordinal = ++client->connect_ordinal,
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
        .errnos = errno_bit(ECONNREFUSED),
    };
    struct wbh_choice choice = ask(client, &point);
    return choice.action == WBH_ACTION_ERROR ? -(int)choice.value : 0;
}
