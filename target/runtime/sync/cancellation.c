/* Tokens are a tree. Each holds on to its parent, so that the root, with the one lock of the tree
 * in it, outlives all. */
#include "wb/cancellation.h"

#include <assert.h>
#include <stdatomic.h>

#include "runtime/sync/wait_queue.h"

/* All below `references` is under the lock of the root; is_cancelled is written under it. */
struct wb__cancellation {
    const struct wb_sys *sys;
    struct wb__cancellation *root;
    struct wb__cancellation *parent; /* NULL: the root */
    struct wb__lock lock;            /* the root's only */
    atomic_uint references;          /* tokens and children */
    atomic_bool is_cancelled;
    struct wb__cancellation *children;
    struct wb__cancellation *prev; /* among those of the parent */
    struct wb__cancellation *next;
    struct wb__wait_queue waiting;
};

/* ---- life ---- */

static struct wb__cancellation *node_new(const struct wb_sys *sys) {
    struct wb__cancellation *node = WB_SYS(sys, alloc, sizeof(*node));
    if (node != NULL) {
        *node = (struct wb__cancellation){.sys = sys, .root = node};
        atomic_init(&node->references, 1);
        atomic_init(&node->is_cancelled, false);
        wb__wait_queue_init(&node->waiting);
    }
    return node;
}

static void node_free(struct wb__cancellation *node) {
    WB_SYS(node->sys, free, node, sizeof(*node));
}

enum wb_status wb_cancellation_new(const struct wb_sys *sys, struct wb_cancellation *out_token) {
    out_token->node = NULL;
    struct wb__cancellation *node = node_new(sys);
    if (node == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    wb__lock_init(&node->lock, sys);
    out_token->node = node;
    return WB_OK;
}

static void hold(struct wb__cancellation *node) {
    wb_sys_interleave(node->sys, &node->references);
    atomic_fetch_add_explicit(&node->references, 1, memory_order_relaxed);
}

enum wb_status wb_cancellation_child(
    const struct wb_cancellation *token, struct wb_cancellation *out_child) {
    struct wb__cancellation *parent = token->node;
    assert(parent != NULL);
    out_child->node = NULL;
    struct wb__cancellation *child = node_new(parent->sys);
    if (child == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    hold(parent);
    child->root = parent->root;
    child->parent = parent;
    wb__lock_enter(&parent->root->lock);
    child->next = parent->children;
    if (child->next != NULL) {
        child->next->prev = child;
    }
    parent->children = child;
    atomic_store(&child->is_cancelled, atomic_load(&parent->is_cancelled));
    wb__lock_leave(&parent->root->lock);
    out_child->node = child;
    return WB_OK;
}

struct wb_cancellation wb_cancellation_clone(const struct wb_cancellation *token) {
    hold(token->node);
    return *token;
}

static void leave_parent(struct wb__cancellation *node) {
    struct wb__lock *lock = &node->root->lock;
    wb__lock_enter(lock);
    if (node->prev != NULL) {
        node->prev->next = node->next;
    } else {
        node->parent->children = node->next;
    }
    if (node->next != NULL) {
        node->next->prev = node->prev;
    }
    wb__lock_leave(lock);
}

void wb_cancellation_drop(struct wb_cancellation *token) {
    struct wb__cancellation *node = token->node;
    token->node = NULL;
    while (node != NULL) {
        wb_sys_interleave(node->sys, &node->references);
        if (atomic_fetch_sub_explicit(&node->references, 1, memory_order_acq_rel) != 1) {
            return;
        }
        struct wb__cancellation *parent = node->parent;
        if (parent != NULL) {
            leave_parent(node);
        } else {
            wb__lock_clean_up(&node->lock);
        }
        node_free(node);
        node = parent; /* which it held */
    }
}

/* ---- cancelling ---- */

/* The one after `node` of those below `top`, `top` first; NULL: that was the last. */
static struct wb__cancellation *next_below(
    const struct wb__cancellation *top, struct wb__cancellation *node) {
    if (node->children != NULL) {
        return node->children;
    }
    while (node != top && node->next == NULL) {
        node = node->parent;
    }
    return node == top ? NULL : node->next;
}

void wb_cancellation_cancel(const struct wb_cancellation *token) {
    struct wb__cancellation *top = token->node;
    struct wb__lock *lock = &top->root->lock;
    struct wb__wait_queue woken;
    wb__wait_queue_init(&woken);
    wb__lock_enter(lock);
    for (struct wb__cancellation *node = top; node != NULL; node = next_below(top, node)) {
        atomic_store(&node->is_cancelled, true);
        wb__wait_queue_append(&woken, &node->waiting);
    }
    wb__wait_queue_wake_all(&woken, lock);
}

bool wb_cancellation_is_cancelled(const struct wb_cancellation *token) {
    wb_sys_interleave(token->node->sys, &token->node->is_cancelled);
    return atomic_load(&token->node->is_cancelled);
}

/* ---- waiting for it ---- */

static enum wb_progress cancelled_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_cancelled *cancelled = WB_FUTURE_OF(future, struct wb_cancelled, future);
    struct wb__cancellation *node = cancelled->node;
    if (wb__waiter_pay(&cancelled->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&node->root->lock);
    const bool is_cancelled = atomic_load(&node->is_cancelled);
    return wb__waiter_conclude(future, context, &cancelled->waiter, &node->waiting,
        &node->root->lock, is_cancelled ? WB_OK : WB_WOULD_BLOCK);
}

static void cancelled_drop(struct wb_future *future) {
    struct wb_cancelled *cancelled = WB_FUTURE_OF(future, struct wb_cancelled, future);
    wb__waiter_give_up(&cancelled->waiter, &cancelled->node->root->lock);
}

static const struct wb_future_ops cancelled_ops = {
    .size = sizeof(struct wb_cancelled),
    .offset = offsetof(struct wb_cancelled, future),
    .poll = cancelled_poll,
    .drop = cancelled_drop,
};

void wb_cancelled_init(struct wb_cancelled *cancelled, const struct wb_cancellation *token) {
    assert(token->node != NULL);
    *cancelled = (struct wb_cancelled){.node = token->node};
    wb_future_init(&cancelled->future, &cancelled_ops);
}

/* ---- work until it ---- */

static enum wb_progress until_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_until_cancelled *until = WB_FUTURE_OF(future, struct wb_until_cancelled, future);
    if (wb_future_poll(&until->cancelled.future, context) == WB_READY) {
        return wb_future_end(future, WB_ERR_CANCELLED);
    }
    if (wb_future_poll(until->inner, context) == WB_READY) {
        return wb_future_end(future, until->inner->status);
    }
    return WB_PENDING;
}

static void until_drop(struct wb_future *future) {
    struct wb_until_cancelled *until = WB_FUTURE_OF(future, struct wb_until_cancelled, future);
    wb_future_drop(&until->cancelled.future);
    wb_future_drop(until->inner);
}

static const struct wb_future_ops until_ops = {
    .size = sizeof(struct wb_until_cancelled),
    .offset = offsetof(struct wb_until_cancelled, future),
    .poll = until_poll,
    .drop = until_drop,
};

void wb_until_cancelled_init(struct wb_until_cancelled *until, const struct wb_cancellation *token,
    struct wb_future *inner) {
    wb_future_init(&until->future, &until_ops);
    until->inner = inner;
    wb_cancelled_init(&until->cancelled, token);
}
