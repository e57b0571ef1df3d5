/* The queue, and when its bell rings. */
#include "reactor/mailbox.h"

#include <assert.h>
#include <string.h>

#include "reactor/event_fd.h"

enum { CAPACITY_FIRST = 16 };

/* ---- life ---- */

static enum wb_status mailbox_open(struct wb_mailbox *mailbox) {
    const struct wb_sys *sys = mailbox->sys;
    const uint32_t capacity = mailbox->config.capacity;
    if (capacity != 0) {
        mailbox->shared.messages = WB_SYS(sys, alloc, capacity * sizeof(void *));
        if (mailbox->shared.messages == NULL) {
            return WB_ERR_NO_MEMORY;
        }
        mailbox->shared.capacity = capacity;
    }
    return wb_status_from_result(WB_SYS(sys, mutex_init, &mailbox->lock));
}

static void mailbox_free(struct wb_mailbox *mailbox) {
    const struct wb_sys *sys = mailbox->sys;
    if (mailbox->shared.messages != NULL) {
        WB_SYS(sys, free, mailbox->shared.messages, mailbox->shared.capacity * sizeof(void *));
    }
    WB_SYS(sys, free, mailbox, sizeof(*mailbox));
}

enum wb_status wb__mailbox_new(const struct wb_sys *sys, const struct wb__mailbox_config *config,
    struct wb_mailbox **out_mailbox) {
    struct wb_mailbox *mailbox = WB_SYS(sys, alloc, sizeof(*mailbox));
    if (mailbox == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *mailbox = (struct wb_mailbox){.sys = sys, .config = *config};
    atomic_init(&mailbox->references, 1);
    atomic_init(&mailbox->count, 0);
    enum wb_status status = mailbox_open(mailbox);
    if (status != WB_OK) {
        mailbox_free(mailbox);
        return status;
    }
    *out_mailbox = mailbox;
    return WB_OK;
}

static void release(struct wb_mailbox *mailbox) {
    wb_sys_interleave(mailbox->sys, &mailbox->references);
    if (atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    assert(mailbox->shared.is_closed && wb__mailbox_count(mailbox) == 0);
    WB_SYS(mailbox->sys, mutex_destroy, &mailbox->lock);
    mailbox_free(mailbox);
}

void wb__mailbox_close(struct wb_mailbox *mailbox) {
    if (mailbox == NULL) {
        return;
    }
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    mailbox->shared.is_closed = true;
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    void *message = NULL;
    while (wb__mailbox_take(mailbox, &message, 1) == 1) {
        if (mailbox->config.drop_message != NULL) {
            mailbox->config.drop_message(message, mailbox->config.drop_user_data);
        }
    }
    release(mailbox);
}

/* ---- the bell, under the lock ---- */

static enum wb_status ring(struct wb_mailbox *mailbox) {
    enum wb_status status = wb__event_fd_ring(mailbox->sys, mailbox->config.bell_fd);
    if (status == WB_OK) {
        mailbox->shared.is_ringing = true;
    }
    return status;
}

/* If the system refuses, whoever receives next tries again. */
static void hush_if_idle(struct wb_mailbox *mailbox) {
    const bool is_needed = mailbox->config.is_channel && mailbox->shared.is_ringing
                           && mailbox->shared.senders != 0 && !mailbox->shared.is_closed;
    if (is_needed && wb__mailbox_count(mailbox) == 0
        && wb__event_fd_hush(mailbox->sys, mailbox->config.bell_fd) == WB_OK) {
        mailbox->shared.is_ringing = false;
    }
}

/* ---- senders ---- */

struct wb_sender wb__mailbox_sender(struct wb_mailbox *mailbox) {
    wb_sys_interleave(mailbox->sys, &mailbox->references);
    unsigned before = atomic_fetch_add_explicit(&mailbox->references, 1, memory_order_relaxed);
    assert(before != 0);
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    mailbox->shared.senders++;
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return (struct wb_sender){.mailbox = mailbox};
}

void wb__mailbox_sender_ended(struct wb_mailbox *mailbox) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    assert(mailbox->shared.senders != 0);
    mailbox->shared.senders--;
    if (mailbox->shared.senders == 0 && mailbox->config.is_channel && !mailbox->shared.is_closed) {
        (void)!ring(mailbox); /* nobody is left to be told of a failure */
    }
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    release(mailbox);
}

/* ---- messages ---- */

static void set_count(struct wb_mailbox *mailbox, uint32_t count) {
    wb_sys_interleave(mailbox->sys, &mailbox->count);
    atomic_store_explicit(&mailbox->count, count, memory_order_release);
}

/* Twice the room for a full ring, whose oldest message then comes first. */
static enum wb_status grow_locked(struct wb_mailbox *mailbox) {
    const uint32_t capacity = mailbox->shared.capacity;
    if (capacity == mailbox->config.capacity_max) {
        return WB_ERR_FULL;
    }
    const uint32_t grown = capacity == 0 ? CAPACITY_FIRST : capacity * 2;
    void **messages = WB_SYS(mailbox->sys, alloc, grown * sizeof(*messages));
    if (messages == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    if (capacity != 0) {
        const uint32_t head = mailbox->shared.head;
        memcpy(messages, &mailbox->shared.messages[head], (capacity - head) * sizeof(*messages));
        memcpy(&messages[capacity - head], mailbox->shared.messages, head * sizeof(*messages));
        WB_SYS(mailbox->sys, free, mailbox->shared.messages, capacity * sizeof(*messages));
    }
    mailbox->shared.messages = messages;
    mailbox->shared.capacity = grown;
    mailbox->shared.head = 0;
    return WB_OK;
}

static enum wb_status push_locked(struct wb_mailbox *mailbox, void *message) {
    const uint32_t count = atomic_load_explicit(&mailbox->count, memory_order_relaxed);
    enum wb_status status = WB_OK;
    if (mailbox->shared.is_closed) {
        return WB_ERR_CLOSED;
    }
    if (count == mailbox->shared.capacity) {
        status = grow_locked(mailbox);
        if (status != WB_OK) {
            return status;
        }
    }
    uint32_t index =
        (uint32_t)(((uint64_t)mailbox->shared.head + count) % mailbox->shared.capacity);
    mailbox->shared.messages[index] = message;
    set_count(mailbox, count + 1);
    if (count == 0) {
        status = ring(mailbox);
        if (status != WB_OK) {
            set_count(mailbox, 0);
        }
    }
    return status;
}

enum wb_status wb__mailbox_push(struct wb_mailbox *mailbox, void *message) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    enum wb_status status = push_locked(mailbox, message);
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return status;
}

static uint32_t take_locked(struct wb_mailbox *mailbox, void **out_messages, uint32_t count) {
    uint32_t queued = atomic_load_explicit(&mailbox->count, memory_order_relaxed);
    uint32_t taken = queued < count ? queued : count;
    for (uint32_t i = 0; i < taken; i++) {
        out_messages[i] = mailbox->shared.messages[mailbox->shared.head];
        mailbox->shared.head++;
        if (mailbox->shared.head == mailbox->shared.capacity) {
            mailbox->shared.head = 0;
        }
    }
    set_count(mailbox, queued - taken);
    hush_if_idle(mailbox);
    return taken;
}

uint32_t wb__mailbox_take(struct wb_mailbox *mailbox, void **out_messages, uint32_t count) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    uint32_t taken = take_locked(mailbox, out_messages, count);
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return taken;
}

enum wb_status wb__mailbox_receive(struct wb_mailbox *mailbox, void **out_message) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    enum wb_status status = mailbox->shared.senders == 0 ? WB_EOF : WB_WOULD_BLOCK;
    if (take_locked(mailbox, out_message, 1) == 1) {
        status = WB_OK;
    }
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return status;
}
