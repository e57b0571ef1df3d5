/* The bounded queue, and the rule of waking: whoever makes it non-empty wakes the loop. The loop
 * does not wait while it is non-empty, so nobody else needs to. */
#include "reactor/mailbox.h"

#include <assert.h>

static enum wb_status mailbox_open(
    struct wb_mailbox *mailbox, const struct wb_registry *registry, uint64_t token) {
    const struct wb_sys *sys = mailbox->sys;
    int result = WB_SYS(sys, mutex_init, &mailbox->lock);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    enum wb_status status = wb_waker_init(&mailbox->shared.waker, registry, token);
    if (status != WB_OK) {
        WB_SYS(sys, mutex_destroy, &mailbox->lock);
    }
    return status;
}

enum wb_status wb__mailbox_new(const struct wb_sys *sys, const struct wb_registry *registry,
    uint64_t token, uint32_t capacity, struct wb_mailbox **out_mailbox) {
    size_t ring_size = capacity * sizeof(void *);
    struct wb_mailbox *mailbox = WB_SYS(sys, alloc, sizeof(*mailbox));
    if (mailbox == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *mailbox = (struct wb_mailbox){.sys = sys, .capacity = capacity};
    atomic_init(&mailbox->references, 1);
    atomic_init(&mailbox->count, 0);
    enum wb_status status = WB_ERR_NO_MEMORY;
    mailbox->shared.messages = WB_SYS(sys, alloc, ring_size);
    if (mailbox->shared.messages != NULL) {
        status = mailbox_open(mailbox, registry, token);
    }
    if (status != WB_OK) {
        WB_SYS(sys, free, mailbox->shared.messages, ring_size);
        WB_SYS(sys, free, mailbox, sizeof(*mailbox));
        return status;
    }
    *out_mailbox = mailbox;
    return WB_OK;
}

void wb__mailbox_acquire(struct wb_mailbox *mailbox) {
    unsigned before = atomic_fetch_add_explicit(&mailbox->references, 1, memory_order_relaxed);
    assert(before != 0);
}

void wb__mailbox_release(struct wb_mailbox *mailbox) {
    if (atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    const struct wb_sys *sys = mailbox->sys;
    assert(mailbox->shared.is_closed && wb__mailbox_count(mailbox) == 0);
    WB_SYS(sys, mutex_destroy, &mailbox->lock);
    WB_SYS(sys, free, mailbox->shared.messages, mailbox->capacity * sizeof(void *));
    WB_SYS(sys, free, mailbox, sizeof(*mailbox));
}

static void set_count(struct wb_mailbox *mailbox, uint32_t count) {
    atomic_store_explicit(&mailbox->count, count, memory_order_release);
}

static enum wb_status push_locked(struct wb_mailbox *mailbox, void *message) {
    uint32_t count = atomic_load_explicit(&mailbox->count, memory_order_relaxed);
    if (mailbox->shared.is_closed) {
        return WB_ERR_CLOSED;
    }
    if (count == mailbox->capacity) {
        return WB_ERR_FULL;
    }
    uint32_t index = (uint32_t)(((uint64_t)mailbox->shared.head + count) % mailbox->capacity);
    mailbox->shared.messages[index] = message;
    set_count(mailbox, count + 1);
    if (count != 0) {
        return WB_OK;
    }
    enum wb_status status = wb_waker_wake(&mailbox->shared.waker);
    if (status != WB_OK) {
        set_count(mailbox, 0);
    }
    return status;
}

enum wb_status wb__mailbox_push(struct wb_mailbox *mailbox, void *message) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    enum wb_status status = push_locked(mailbox, message);
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return status;
}

uint32_t wb__mailbox_take(struct wb_mailbox *mailbox, void **out_messages, uint32_t count) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    uint32_t queued = atomic_load_explicit(&mailbox->count, memory_order_relaxed);
    uint32_t taken = queued < count ? queued : count;
    for (uint32_t i = 0; i < taken; i++) {
        out_messages[i] = mailbox->shared.messages[mailbox->shared.head];
        mailbox->shared.head++;
        if (mailbox->shared.head == mailbox->capacity) {
            mailbox->shared.head = 0;
        }
    }
    set_count(mailbox, queued - taken);
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
    return taken;
}

void wb__mailbox_close(struct wb_mailbox *mailbox) {
    WB_SYS(mailbox->sys, mutex_lock, &mailbox->lock);
    mailbox->shared.is_closed = true;
    wb_waker_clean_up(&mailbox->shared.waker);
    WB_SYS(mailbox->sys, mutex_unlock, &mailbox->lock);
}
