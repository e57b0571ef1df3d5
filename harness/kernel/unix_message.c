/* Messages of Unix sockets: what Linux charges the sender for one, the queue of the receiver, and
 * who is woken when one comes or goes. */
#include "kernel/unix.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Linux' memory for a message: a head that is allocated in powers of two and ends in the shared
 * info, pages for the rest, and the object that ties them together. */
enum {
    SKB_SIZE = 256,
    SHARED_INFO_SIZE = 320,
    CACHE_LINE = 64,
    SIM_PAGE_SIZE = 4096,
    HEAD_MIN = 512, /* the smallest allocation that holds a shared info */
    PAGES_MAX = 17,
    STREAM_HEAD_MAX = SIM_PAGE_SIZE - SHARED_INFO_SIZE,
    STREAM_PAGES_MAX = 8 * SIM_PAGE_SIZE,
    DATAGRAM_HEAD_MAX = 4 * SIM_PAGE_SIZE - SHARED_INFO_SIZE,
};

static uint32_t round_up(uint32_t value, uint32_t to) {
    return (value + to - 1) / to * to;
}

static uint32_t min32(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t head_size(uint32_t len) {
    uint32_t wanted = round_up(len, CACHE_LINE) + SHARED_INFO_SIZE;
    uint32_t size = HEAD_MIN;
    while (size < wanted) {
        size *= 2;
    }
    return size;
}

/* How many of the bytes lie in pages. */
static uint32_t paged_len(bool is_stream, uint32_t len) {
    uint32_t head_max = is_stream ? STREAM_HEAD_MAX : DATAGRAM_HEAD_MAX;
    if (len <= head_max) {
        return 0;
    }
    uint32_t rest = len - head_max;
    if (!is_stream) {
        rest = min32(rest, PAGES_MAX * SIM_PAGE_SIZE);
    }
    return min32(len, round_up(rest, SIM_PAGE_SIZE));
}

uint32_t unix_truesize(const struct unix_socket *socket, uint32_t len) {
    uint32_t paged = paged_len(socket->so.type == WB_SOCK_STREAM, len);
    return SKB_SIZE + head_size(len - paged) + round_up(paged, SIM_PAGE_SIZE);
}

uint32_t unix_part_len(const struct unix_socket *socket, uint64_t len) {
    uint32_t most = min32(socket->so.send_buffer_size / 2 - 64, STREAM_HEAD_MAX + STREAM_PAGES_MAX);
    return len < most ? (uint32_t)len : most;
}

/* ---- room ---- */

/* Linux counts references in the same number: one for the socket, and while a message is freed one
 * more for that. */
static bool has_room(const struct unix_socket *socket, uint32_t references) {
    return 4 * ((uint64_t)socket->charged + references) <= socket->so.send_buffer_size;
}

bool unix_writable(const struct unix_socket *socket) {
    return socket->state != UNIX_LISTENING && !unix_writes_held(socket) && has_room(socket, 1);
}

void unix_room_made(struct unix_socket *sender) {
    if (!sender->dead && !unix_writes_held(sender) && has_room(sender, 2)) {
        unix_wake(sender, KEY_WRITE);
    }
}

int unix_check_room(struct unix_socket *sender) {
    if (sender->error != 0) {
        return -unix_take_error(sender);
    }
    if (sender->snd_shut) {
        return -EPIPE;
    }
    bool full = sender->charged >= sender->so.send_buffer_size || unix_writes_held(sender);
    return full ? -EAGAIN : 0;
}

/* ---- messages ---- */

bool unix_part_is_bad(const struct wb_iovec *iov, size_t iov_len, uint64_t offset, uint32_t len) {
    uint64_t end = offset + len;
    uint64_t at = 0;
    for (size_t i = 0; i < iov_len && at < end; i++) {
        uint64_t next = at + iov[i].len;
        if (iov[i].base == NULL && iov[i].len != 0 && next > offset) {
            return true;
        }
        at = next;
    }
    return false;
}

static void gather_from(
    const struct wb_iovec *iov, size_t iov_len, uint64_t offset, uint8_t *bytes, uint32_t len) {
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        if (offset >= iov[i].len) {
            offset -= iov[i].len;
            continue;
        }
        size_t there = iov[i].len - (size_t)offset;
        uint32_t part = there < len ? (uint32_t)there : len;
        memcpy(bytes, (const uint8_t *)iov[i].base + offset, part);
        bytes += part;
        len -= part;
        offset = 0;
    }
}

void unix_copy_out(const struct unix_message *message, uint32_t skip, const struct wb_iovec *iov,
    size_t iov_len, uint64_t offset, uint32_t len) {
    const uint8_t *bytes = message->bytes + message->taken + skip;
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        if (offset >= iov[i].len) {
            offset -= iov[i].len;
            continue;
        }
        size_t there = iov[i].len - (size_t)offset;
        uint32_t part = there < len ? (uint32_t)there : len;
        memcpy((uint8_t *)iov[i].base + offset, bytes, part);
        bytes += part;
        len -= part;
        offset = 0;
    }
}

struct unix_message *unix_message_new(struct unix_socket *sender, const struct wb_iovec *iov,
    size_t iov_len, uint64_t offset, uint32_t len, struct unix_control *control) {
    struct unix_message *message = kernel_alloc_raw(sender->kernel, sizeof(*message) + len);
    *message = (struct unix_message){
        .from = sender, .len = len, .truesize = unix_truesize(sender, len), .control = *control};
    list_init(&message->in_queue);
    control->rights = NULL;
    sender->charged += message->truesize;
    if (unix_part_is_bad(iov, iov_len, offset, len)) {
        unix_message_free(sender->kernel, message);
        return NULL;
    }
    gather_from(iov, iov_len, offset, message->bytes, len);
    return message;
}

void unix_message_is_pages(struct unix_message *message) {
    uint32_t truesize = SKB_SIZE + HEAD_MIN + message->len;
    message->from->charged += truesize - message->truesize;
    message->truesize = truesize;
}

void unix_message_free(struct sim_kernel *kernel, struct unix_message *message) {
    struct unix_socket *sender = message->from;
    sender->charged -= message->truesize;
    unix_room_made(sender);
    unix_control_free(kernel, &message->control);
    kernel_free(kernel, message, sizeof(*message) + message->len);
}

/* ---- the queue ---- */

/* The receiver's program learns who sent it if either side asked for that, or if nobody could have
 * asked yet. */
static void add_credentials(struct unix_message *message, const struct unix_socket *to) {
    if (!message->control.has_credentials
        && (message->from->passes_credentials || to->passes_credentials || to->file == NULL)) {
        message->control.has_credentials = true;
        message->control.credentials = unix_credentials(message->from);
    }
}

static void emit_arrival(struct unix_socket *to, const struct unix_message *message) {
    struct sim_event event = event_begin(to->kernel, SIM_EVENT_ARRIVE);
    event.process = unix_process(to);
    event.subject = unix_matter_of(to, message->from)->subject;
    event.a = message->len;
    event.b = to->neighbour == NULL ? SIM_ARRIVE_TO_PROGRAM : 0;
    event_emit(to->kernel, &event);
}

void unix_deliver(struct unix_message *message, struct unix_socket *to) {
    add_credentials(message, to);
    list_push_tail(&to->queue, &message->in_queue);
    to->queue_len++;
    to->queue_bytes += message->len;
    message->from->sent_len += message->len;
    emit_arrival(to, message);
    if (!unix_reads_held(to)) {
        unix_wake(to, KEY_READ);
    }
    file_lowered(to->kernel, message->from->file);
}

void unix_message_drop(struct unix_message *message, struct unix_socket *receiver) {
    list_remove(&message->in_queue);
    assert(receiver->queue_len > 0);
    receiver->queue_len--;
    receiver->queue_bytes -= message->len - message->taken;
    if (receiver->urgent == message) {
        receiver->urgent = NULL;
    }
    unix_message_free(receiver->kernel, message);
}

static struct unix_message *entry(const struct unix_socket *socket, struct list *node) {
    return node == &socket->queue ? NULL : LIST_ENTRY(node, struct unix_message, in_queue);
}

struct unix_message *unix_first(const struct unix_socket *socket) {
    return entry(socket, socket->queue.next);
}

struct unix_message *unix_after(
    const struct unix_socket *socket, const struct unix_message *message) {
    return entry(socket, message->in_queue.next);
}
