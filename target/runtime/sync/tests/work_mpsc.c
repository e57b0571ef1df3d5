/* Work with a channel that has room for one value: tasks and a thread send, one of the tasks is
 * aborted, or the receiver is. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/mpsc.h"
#include "work.h"

enum { SENDERS = 3, EACH = 4 };

struct parcel {
    int sender;
    int number;
};

struct post {
    struct wb_mpsc_sender own; /* the thread's */
    struct wb_join_handle receiver;
    struct wb_join_handle senders[SENDERS];
    bool ends_receiver;
    atomic_int sent;
    atomic_int received;
    atomic_int dropped;
    atomic_bool is_disordered;
};

/* ---- receiving ---- */

struct receiver {
    struct wb_future future;
    struct post *post;
    struct wb_mpsc_receiver end;
    struct wb_mpsc_receive receive;
    struct parcel parcel;
    int next[SENDERS + 1];
};

static enum wb_progress receiver_poll(struct wb_future *future, struct wb_context *context) {
    struct receiver *self = WB_FUTURE_OF(future, struct receiver, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_mpsc_receive_init(&self->receive, &self->end, &self->parcel);
        WB_AWAIT(&self->receive.future);
        if (self->receive.future.status == WB_EOF) {
            WB_ASYNC_RETURN(WB_OK);
        }
        if (self->parcel.number < self->next[self->parcel.sender]) {
            atomic_store(&self->post->is_disordered, true);
        }
        self->next[self->parcel.sender] = self->parcel.number + 1;
        atomic_fetch_add(&self->post->received, 1);
    }
    WB_ASYNC_END(WB_OK);
}

static void receiver_drop(struct wb_future *future) {
    struct receiver *self = WB_FUTURE_OF(future, struct receiver, future);
    wb_future_drop(&self->receive.future);
    wb_mpsc_receiver_drop(&self->end);
}

static const struct wb_future_ops receiver_ops = {
    .size = sizeof(struct receiver),
    .offset = offsetof(struct receiver, future),
    .poll = receiver_poll,
    .drop = receiver_drop,
};

/* ---- sending ---- */

struct sender {
    struct wb_future future;
    struct post *post;
    struct wb_mpsc_sender end;
    struct wb_mpsc_send send;
    struct parcel parcel;
};

static enum wb_progress sender_poll(struct wb_future *future, struct wb_context *context) {
    struct sender *self = WB_FUTURE_OF(future, struct sender, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->parcel.number < EACH; self->parcel.number++) {
        wb_mpsc_send_init(&self->send, &self->end, &self->parcel);
        WB_TRY_AWAIT(&self->send.future);
        atomic_fetch_add(&self->post->sent, 1);
    }
    WB_ASYNC_END(WB_OK);
}

static void sender_drop(struct wb_future *future) {
    struct sender *self = WB_FUTURE_OF(future, struct sender, future);
    wb_future_drop(&self->send.future);
    wb_mpsc_sender_drop(&self->end);
}

static const struct wb_future_ops sender_ops = {
    .size = sizeof(struct sender),
    .offset = offsetof(struct sender, future),
    .poll = sender_poll,
    .drop = sender_drop,
};

static void meddle(void *arg) {
    struct post *post = arg;
    const struct parcel parcel = {.sender = SENDERS};
    if (wb_mpsc_try_send(&post->own, &parcel) == WB_OK) {
        atomic_fetch_add(&post->sent, 1);
    }
    wb_join_handle_abort(post->ends_receiver ? &post->receiver : &post->senders[0]);
    wb_mpsc_sender_drop(&post->own);
}

static void count_drop(void *value, void *user_data) {
    (void)value;
    atomic_fetch_add(&((struct post *)user_data)->dropped, 1);
}

static bool join_senders(struct wb_runtime *runtime, struct post *post) {
    bool is_right = true;
    for (int i = SENDERS - 1; i > 0; i--) {
        const enum wb_status status = work_join(runtime, &post->senders[i]);
        is_right &= status == WB_OK || (post->ends_receiver && status == WB_ERR_CLOSED);
    }
    return is_right;
}

static bool deliver(struct wb_runtime *runtime, struct post *post) {
    struct receiver receiver = {.post = post};
    const struct wb_value_type type = {
        .size = sizeof(struct parcel), .drop = count_drop, .user_data = post};
    wb_future_init(&receiver.future, &receiver_ops);
    if (wb_mpsc_new(wb_runtime_sys(runtime), &type, 1, &post->own, &receiver.end) != WB_OK) {
        return false;
    }
    for (int i = 0; i < SENDERS; i++) {
        struct sender sender = {
            .post = post, .end = wb_mpsc_sender_clone(&post->own), .parcel = {.sender = i}};
        wb_future_init(&sender.future, &sender_ops);
        post->senders[i] = work_spawn(runtime, &sender.future, i);
    }
    post->receiver = work_spawn(runtime, &receiver.future, 0);
    const uint64_t thread = work_start(runtime, meddle, post);
    bool is_right = join_senders(runtime, post);
    work_end(runtime, thread);
    (void)work_join(runtime, &post->senders[0]);
    const enum wb_status end = work_join(runtime, &post->receiver);
    is_right &= end == WB_OK || (post->ends_receiver && end == WB_ERR_CANCELLED);
    const int accounted = atomic_load(&post->received) + atomic_load(&post->dropped);
    return is_right && !atomic_load(&post->is_disordered) && atomic_load(&post->sent) == accounted;
}

bool work_mpsc(struct wb_runtime *runtime) {
    struct post post = {.ends_receiver = false};
    return deliver(runtime, &post);
}

bool work_mpsc_closed(struct wb_runtime *runtime) {
    struct post post = {.ends_receiver = true};
    return deliver(runtime, &post);
}
