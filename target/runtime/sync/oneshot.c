/* A channel for one value: one word says what has happened, and who waits. */
#include "wb/oneshot.h"

#include <assert.h>
#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"

/* What the word says. Each end sets its own, and whoever is GONE does not touch the channel after
 * it; who finds the other one gone has it alone. */
#define VALUE 1u /* there is one; the sender's to set, the receiver's to take back */
#define SENT 2u  /* there will be no value but this one */
#define SENDER_GONE 4u
#define CLOSED 8u /* by the receiver: no value may come */
#define RECEIVER_GONE 16u
#define WAITS 32u  /* `waker` is of whoever takes this back: the sender, or the receiver again */
#define OTHERS 64u /* somebody was in the queue, once */

/* The lock and the queue are for those who need more than the word: futures that wait for the
 * receiver to close, and futures that receive beside another one that does. */
struct wb__oneshot {
    const struct wb_sys *sys;
    struct wb_value_type type;
    atomic_uint word;
    struct wb__lock lock;
    struct wb__wait_queue others;
    struct wb_task_waker waker;       /* wakes who receives */
    const struct wb__waiter *waiting; /* the receiver's own: whose waker it is; NULL: nobody's */
    max_align_t value[];              /* type.size bytes */
};

static size_t size_of(const struct wb_value_type *type) {
    return sizeof(struct wb__oneshot) + type->size;
}

enum wb_status wb_oneshot_new(const struct wb_sys *sys, const struct wb_value_type *type,
    struct wb_oneshot_sender *out_sender, struct wb_oneshot_receiver *out_receiver) {
    out_sender->shared = NULL;
    out_receiver->shared = NULL;
    if (type->size > WB_VALUE_SIZE_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__oneshot *shared = WB_SYS(sys, alloc, size_of(type));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__oneshot){.sys = sys, .type = *type};
    atomic_init(&shared->word, 0);
    wb__lock_init(&shared->lock, sys);
    wb__wait_queue_init(&shared->others);
    out_sender->shared = shared;
    out_receiver->shared = shared;
    return WB_OK;
}

/* ---- the word ---- */

static unsigned look(struct wb__oneshot *shared) {
    wb_sys_interleave(shared->sys, &shared->word);
    return atomic_load_explicit(&shared->word, memory_order_acquire);
}

/* Both return what it said before. */
static unsigned add(struct wb__oneshot *shared, unsigned bits) {
    wb_sys_interleave(shared->sys, &shared->word);
    return atomic_fetch_or_explicit(&shared->word, bits, memory_order_acq_rel);
}

static unsigned take_back(struct wb__oneshot *shared, unsigned bits) {
    wb_sys_interleave(shared->sys, &shared->word);
    return atomic_fetch_and_explicit(&shared->word, ~bits, memory_order_acq_rel);
}

/* False: it says something else than `seen`, which is what it says now. */
static bool change(struct wb__oneshot *shared, unsigned *seen, unsigned to) {
    wb_sys_interleave(shared->sys, &shared->word);
    return atomic_compare_exchange_strong_explicit(
        &shared->word, seen, to, memory_order_acq_rel, memory_order_acquire);
}

static void destroy(struct wb__oneshot *shared) {
    if ((atomic_load_explicit(&shared->word, memory_order_relaxed) & VALUE) != 0) {
        wb__value_drop(&shared->type, shared->value);
    }
    wb__lock_clean_up(&shared->lock);
    WB_SYS(shared->sys, free, shared, size_of(&shared->type));
}

static void wake_others(struct wb__oneshot *shared) {
    wb__lock_enter(&shared->lock);
    wb__wait_queue_close(&shared->others, &shared->lock);
}

/* ---- sending ---- */

static struct wb__oneshot *take_sender(struct wb_oneshot_sender *sender) {
    struct wb__oneshot *shared = sender->shared;
    sender->shared = NULL;
    return shared;
}

/* That there is a value, or none. Who waits is told before this end is gone: until then the
 * receiver cannot do away with the channel. True: it was not closed. */
static bool end_sending(struct wb__oneshot *shared, unsigned value) {
    struct wb_task_waker waker = {0};
    unsigned seen = look(shared);
    unsigned news;
    do {
        news = (seen & CLOSED) != 0 ? SENT : SENT | value;
        news |= (seen & (WAITS | OTHERS)) == 0 ? SENDER_GONE : 0;
    } while (!change(shared, &seen, (seen | news) & ~WAITS));
    if ((seen & WAITS) != 0) {
        waker = shared->waker;
    }
    if ((seen & OTHERS) != 0) {
        wake_others(shared);
    }
    const unsigned last = (news & SENDER_GONE) != 0 ? seen : add(shared, SENDER_GONE);
    if ((last & RECEIVER_GONE) != 0) {
        destroy(shared);
    }
    if (PLANTED(QUIET_CLOSE) && value == 0) {
        wb_task_waker_drop(&waker);
    }
    wb_task_waker_fire(&waker);
    return (seen & CLOSED) == 0;
}

enum wb_status wb_oneshot_send(struct wb_oneshot_sender *sender, const void *value) {
    struct wb__oneshot *shared = take_sender(sender);
    assert(shared != NULL);
    wb__value_move(&shared->type, shared->value, value); /* mere bytes unless it says so */
    return end_sending(shared, VALUE) ? WB_OK : WB_ERR_CLOSED;
}

bool wb_oneshot_sender_is_closed(const struct wb_oneshot_sender *sender) {
    return (look(sender->shared) & CLOSED) != 0;
}

void wb_oneshot_sender_drop(struct wb_oneshot_sender *sender) {
    struct wb__oneshot *shared = take_sender(sender);
    if (shared != NULL) {
        (void)end_sending(shared, 0);
    }
}

/* ---- receiving ---- */

/* What the word says to who asks for the value. */
static enum wb_status answer(unsigned word) {
    if ((word & VALUE) != 0) {
        return WB_OK;
    }
    return (word & (SENT | CLOSED)) != 0 ? WB_ERR_CLOSED : WB_WOULD_BLOCK;
}

/* There is one. */
static void take_value(struct wb__oneshot *shared, unsigned word, void *out_value) {
    wb__value_move(&shared->type, out_value, shared->value);
    if ((word & SENDER_GONE) != 0) {
        atomic_store_explicit(&shared->word, word & ~VALUE, memory_order_relaxed);
    } else {
        (void)take_back(shared, VALUE);
    }
}

enum wb_status wb_oneshot_try_receive(const struct wb_oneshot_receiver *receiver, void *out_value) {
    struct wb__oneshot *shared = receiver->shared;
    const unsigned word = look(shared);
    const enum wb_status status = answer(word);
    if (status == WB_OK) {
        take_value(shared, word, out_value);
    }
    return status;
}

/* The future that receives, unless the sender has just taken its waker. */
static void wake_first(struct wb__oneshot *shared) {
    if ((take_back(shared, WAITS) & WAITS) != 0) {
        struct wb_task_waker waker = shared->waker;
        if (PLANTED(QUIET_CLOSE)) {
            wb_task_waker_drop(&waker);
        }
        wb_task_waker_fire(&waker);
    }
}

void wb_oneshot_receiver_close(struct wb_oneshot_receiver *receiver) {
    struct wb__oneshot *shared = receiver->shared;
    const unsigned seen = add(shared, CLOSED);
    if ((seen & OTHERS) != 0) {
        wake_others(shared);
    }
    if ((seen & WAITS) != 0) {
        wake_first(shared);
    }
}

/* The sender may be there. */
static void close_for_good(struct wb__oneshot *shared) {
    unsigned seen = look(shared);
    while (!change(shared, &seen, (seen | CLOSED) & ~VALUE)) {
    }
    if ((seen & OTHERS) != 0) {
        wake_others(shared);
    }
    if ((seen & VALUE) != 0) {
        wb__value_drop(&shared->type, shared->value);
    }
}

/* If it is the only end left nobody waits for it to close, and the value goes with the channel. */
void wb_oneshot_receiver_drop(struct wb_oneshot_receiver *receiver) {
    struct wb__oneshot *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    receiver->shared = NULL;
    const unsigned word = look(shared);
    assert((word & WAITS) == 0 && "a receiver goes while a future waits with it");
    if ((word & SENDER_GONE) != 0) {
        destroy(shared);
        return;
    }
    close_for_good(shared);
    if ((add(shared, RECEIVER_GONE) & SENDER_GONE) != 0) {
        destroy(shared);
    }
}

/* ---- waiting for the value ---- */

/* Leaves a waker with the channel, which has none, unless there is an answer. Returns what the word
 * says in the end. */
static unsigned offer_waker(
    struct wb__oneshot *shared, unsigned word, const struct wb_task_waker *waker) {
    shared->waker = wb_task_waker_clone(waker);
    if (PLANTED(UNSEEN_ANSWER)) {
        (void)add(shared, WAITS);
        return word;
    }
    while (answer(word) == WB_WOULD_BLOCK) {
        if (change(shared, &word, word | WAITS)) {
            return word;
        }
    }
    wb_task_waker_drop(&shared->waker);
    return word;
}

/* Takes the waker back if the sender has not. */
static unsigned withdraw_waker(struct wb__oneshot *shared) {
    const unsigned word = take_back(shared, WAITS);
    if ((word & WAITS) != 0) {
        wb_task_waker_drop(&shared->waker);
    }
    return word & ~WAITS;
}

/* The only one that waits, or the first. Returns what the word says in the end. */
static unsigned wait_first(
    struct wb_oneshot_receive *receive, unsigned word, const struct wb_task_waker *waker) {
    struct wb__oneshot *shared = receive->shared;
    if ((word & WAITS) != 0) {
        if (wb_task_waker_will_wake(&shared->waker, waker) || PLANTED(STALE_WAKER)) {
            return word;
        }
        word = withdraw_waker(shared);
    }
    if (answer(word) != WB_WOULD_BLOCK) {
        return word; /* the sender may have a look at the waker that is there */
    }
    shared->waiting = &receive->waiter;
    receive->waiter.is_waiting = true;
    return offer_waker(shared, word, waker);
}

/* One that waits beside the first, in the queue. */
static unsigned wait_beside(struct wb_oneshot_receive *receive, const struct wb_task_waker *waker) {
    struct wb__oneshot *shared = receive->shared;
    wb__lock_enter(&shared->lock);
    const unsigned word = add(shared, OTHERS);
    struct wb_task_waker replaced =
        wb__waiter_settle(&shared->others, &receive->waiter, waker, answer(word) == WB_WOULD_BLOCK);
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&replaced);
    return word;
}

static __attribute__((noinline)) void stop_waiting(
    struct wb_oneshot_receive *receive, unsigned word) {
    struct wb__oneshot *shared = receive->shared;
    if (shared->waiting != &receive->waiter) {
        wb__waiter_stop(&receive->waiter, &shared->lock);
        return;
    }
    shared->waiting = NULL;
    receive->waiter.is_waiting = false;
    if ((word & WAITS) != 0) {
        (void)withdraw_waker(shared);
    }
}

static __attribute__((noinline)) unsigned wait(
    struct wb_oneshot_receive *receive, unsigned word, const struct wb_task_waker *waker) {
    const struct wb__waiter *waiting = receive->shared->waiting;
    const bool is_alone = waiting == NULL && !receive->waiter.is_waiting;
    return is_alone || waiting == &receive->waiter ? wait_first(receive, word, waker)
                                                   : wait_beside(receive, waker);
}

static enum wb_progress receive_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_oneshot_receive *receive = WB_FUTURE_OF(future, struct wb_oneshot_receive, future);
    struct wb__oneshot *shared = receive->shared;
    if (wb__waiter_pay(&receive->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    unsigned word = look(shared);
    if (answer(word) == WB_WOULD_BLOCK) {
        word = wait(receive, word, context->waker);
        if (answer(word) == WB_WOULD_BLOCK) {
            return WB_PENDING;
        }
    }
    if (receive->waiter.is_waiting) {
        stop_waiting(receive, word);
    }
    const enum wb_status status = answer(word);
    if (status == WB_OK) {
        take_value(shared, word, receive->out_value);
    }
    return wb_future_end(future, status);
}

static void receive_drop(struct wb_future *future) {
    struct wb_oneshot_receive *receive = WB_FUTURE_OF(future, struct wb_oneshot_receive, future);
    if (receive->waiter.is_waiting) {
        stop_waiting(receive, look(receive->shared));
    }
}

static const struct wb_future_ops receive_ops = {
    .size = sizeof(struct wb_oneshot_receive),
    .offset = offsetof(struct wb_oneshot_receive, future),
    .poll = receive_poll,
    .drop = receive_drop,
};

void wb_oneshot_receive_init(struct wb_oneshot_receive *receive,
    const struct wb_oneshot_receiver *receiver, void *out_value) {
    *receive = (struct wb_oneshot_receive){.shared = receiver->shared, .out_value = out_value};
    wb_future_init(&receive->future, &receive_ops);
}

/* ---- waiting for the receiver to close ---- */

/* Under the lock, unless it is closed by now. */
static enum wb_progress closed_or_wait(
    struct wb_oneshot_closed *closed, struct wb_context *context) {
    struct wb__oneshot *shared = closed->shared;
    wb__lock_enter(&shared->lock);
    const bool is_closed = (add(shared, OTHERS) & CLOSED) != 0;
    return wb__waiter_conclude(&closed->future, context, &closed->waiter, &shared->others,
        &shared->lock, is_closed ? WB_OK : WB_WOULD_BLOCK);
}

static enum wb_progress closed_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_oneshot_closed *closed = WB_FUTURE_OF(future, struct wb_oneshot_closed, future);
    if (wb__waiter_pay(&closed->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return closed_or_wait(closed, context);
}

static void closed_drop(struct wb_future *future) {
    struct wb_oneshot_closed *closed = WB_FUTURE_OF(future, struct wb_oneshot_closed, future);
    wb__waiter_give_up(&closed->waiter, &closed->shared->lock);
}

static const struct wb_future_ops closed_ops = {
    .size = sizeof(struct wb_oneshot_closed),
    .offset = offsetof(struct wb_oneshot_closed, future),
    .poll = closed_poll,
    .drop = closed_drop,
};

void wb_oneshot_closed_init(
    struct wb_oneshot_closed *closed, const struct wb_oneshot_sender *sender) {
    *closed = (struct wb_oneshot_closed){.shared = sender->shared};
    wb_future_init(&closed->future, &closed_ops);
}
