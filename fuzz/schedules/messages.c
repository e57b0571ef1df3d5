/* Plays about values: messages and answers. */
#include "schedules/plays.h"

#include "wb/async.h"
#include "wb/mpsc.h"
#include "wb/oneshot.h"
#include "wb/time.h"

void account_add(const struct wb_sys *sys, atomic_uint *figure) {
    wb_sys_interleave(sys, figure);
    atomic_fetch_add(figure, 1);
}

static void drop_value(void *value, void *user_data) {
    struct account *account = user_data;
    (void)value;
    atomic_fetch_add(&account->dropped, 1);
}

struct wb_value_type account_type(struct account *account) {
    return (struct wb_value_type){
        .size = sizeof(uint32_t), .drop = drop_value, .user_data = account};
}

/* ---- senders ---- */

struct sender {
    struct wb_future future;
    struct play *play;
    struct account *account;
    struct wb_mpsc_sender sender;
    struct wb_mpsc_send send;
    struct wb_with_timeout timeout;
    uint32_t number;
    uint32_t round;
    uint32_t message;
    bool is_under_way; /* the message is neither in the channel nor returned */
};

/* Message 100 n + m is the m-th of sender n. The first sender does not wait. */
static struct wb_future *begin_send(struct sender *self) {
    self->message = self->number * 100 + self->round;
    self->is_under_way = true;
    account_add(self->play->sys, &self->account->made);
    wb_mpsc_send_init(&self->send, &self->sender, &self->message);
    wb_with_timeout_init(
        &self->timeout, self->play->runtime, &self->send.future, self->number == 0 ? 0 : 1000 * MS);
    return &self->timeout.future;
}

static void end_send(struct sender *self, bool is_sent) {
    if (self->is_under_way && !is_sent) {
        account_add(self->play->sys, &self->account->returned);
    }
    self->is_under_way = false;
}

static enum wb_progress sender_poll(struct wb_future *future, struct wb_context *context) {
    struct sender *self = WB_FUTURE_OF(future, struct sender, future);
    WB_ASYNC_BEGIN(future, context);
    for (self->round = 0; self->round < self->play->rounds; self->round++) {
        (void)begin_send(self);
        WB_AWAIT(&self->timeout.future);
        end_send(self, self->timeout.future.status == WB_OK);
    }
    WB_ASYNC_YIELD(); /* so that its end comes by itself */
    WB_ASYNC_END(WB_OK);
}

static void sender_drop(struct wb_future *future) {
    struct sender *self = WB_FUTURE_OF(future, struct sender, future);
    wb_future_drop(&self->timeout.future);
    end_send(self, false);
    wb_mpsc_sender_drop(&self->sender);
}

static const struct wb_future_ops sender_ops = {
    .size = sizeof(struct sender),
    .offset = offsetof(struct sender, future),
    .poll = sender_poll,
    .drop = sender_drop,
};

static enum wb_status spawn_sender(struct play *play, struct account *account, uint32_t number,
    const struct wb_mpsc_sender *first, struct wb_join_handle *out_handle) {
    const struct wb_spawn_options options = {.priority = (enum wb_priority)(number % 2)};
    struct sender sender = {.play = play, .account = account, .number = number};
    sender.sender = wb_mpsc_sender_clone(first);
    wb_future_init(&sender.future, &sender_ops);
    const enum wb_status status =
        wb_runtime_spawn(play->runtime, &sender.future, &options, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&sender.future);
    }
    return status;
}

/* ---- the receiver ---- */

struct receiver {
    struct wb_future future;
    struct play *play;
    struct account *account;
    struct wb_mpsc_receiver receiver;
    struct wb_mpsc_receive receive;
    uint32_t next[PLAY_TASKS_MAX]; /* of each sender */
    uint32_t message;
    uint32_t left; /* then it closes; so many that it never does, or not */
    bool is_wrong;
};

static void take(struct receiver *self) {
    const uint32_t number = self->message / 100;
    const uint32_t round = self->message % 100;
    account_add(self->play->sys, &self->account->received);
    self->is_wrong = self->is_wrong || number >= PLAY_TASKS_MAX || round < self->next[number];
    if (!self->is_wrong) {
        self->next[number] = round + 1;
    }
    if (self->left-- == 0) {
        wb_mpsc_receiver_close(&self->receiver);
    }
}

static enum wb_progress receiver_poll(struct wb_future *future, struct wb_context *context) {
    struct receiver *self = WB_FUTURE_OF(future, struct receiver, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_mpsc_receive_init(&self->receive, &self->receiver, &self->message);
        WB_AWAIT(&self->receive.future);
        if (self->receive.future.status == WB_EOF) {
            break;
        }
        take(self);
    }
    WB_ASYNC_END(self->is_wrong ? WB_ERR_INVALID : WB_OK);
}

static void receiver_drop(struct wb_future *future) {
    struct receiver *self = WB_FUTURE_OF(future, struct receiver, future);
    wb_future_drop(&self->receive.future);
    wb_mpsc_receiver_drop(&self->receiver);
}

static const struct wb_future_ops receiver_ops = {
    .size = sizeof(struct receiver),
    .offset = offsetof(struct receiver, future),
    .poll = receiver_poll,
    .drop = receiver_drop,
};

static bool are_messages_right(
    struct play *play, struct receiver *receiver, struct wb_join_handle *handles, uint32_t count) {
    bool is_right = ends_with(play, &receiver->future, WB_OK);
    for (uint32_t i = 0; i < count; i++) {
        is_right = ends_with(play, &handles[i].future, WB_OK) && is_right;
        wb_join_handle_detach(&handles[i]);
    }
    return is_right;
}

int play_messages(struct play *play) {
    struct account account = {0};
    const struct wb_value_type type = account_type(&account);
    struct wb_join_handle handles[PLAY_TASKS_MAX];
    struct wb_mpsc_sender first;
    struct receiver receiver = {.play = play, .account = &account};
    uint32_t spawned = 0;
    wb_future_init(&receiver.future, &receiver_ops);
    receiver.left = play->room == 2 ? 1 : UINT32_MAX;
    if (wb_mpsc_new(play->sys, &type, play->room == 0 ? WB_MPSC_UNBOUNDED : play->room, &first,
            &receiver.receiver)
        != WB_OK) {
        return 2;
    }
    while (spawned < play->tasks
           && spawn_sender(play, &account, spawned, &first, &handles[spawned]) == WB_OK) {
        spawned++;
    }
    wb_mpsc_sender_drop(&first);
    const bool is_right =
        are_messages_right(play, &receiver, handles, spawned) && account_is_even(&account);
    /* Senders that were given up, since memory to await them was refused, still use the account. */
    wb_runtime_destroy(play->runtime);
    play->runtime = NULL;
    if (spawned < play->tasks) {
        return 2;
    }
    return is_right ? 0 : 1;
}

/* ---- answers ---- */

struct answer {
    struct play *play;
    struct account *account;
    struct wb_oneshot_sender sender;
};

static void send_answer(void *arg) {
    struct answer *answer = arg;
    const uint32_t value = 1;
    for (uint32_t i = 0; i < answer->play->rounds; i++) {
        (void)WB_SYS(answer->play->sys, poll, NULL, 0, 0);
    }
    account_add(answer->play->sys, &answer->account->made);
    if (wb_oneshot_send(&answer->sender, &value) != WB_OK) {
        account_add(answer->play->sys, &answer->account->returned);
    }
}

/* Waits for so long; the answer that comes later is dropped with the channel. */
static bool await_answer(
    struct play *play, struct account *account, struct wb_oneshot_receiver *receiver) {
    struct wb_oneshot_receive receive;
    struct wb_with_timeout timeout;
    uint32_t value = 0;
    wb_oneshot_receive_init(&receive, receiver, &value);
    wb_with_timeout_init(&timeout, play->runtime, &receive.future, play->room * MS);
    const bool is_late = ends_with(play, &timeout.future, WB_ERR_TIMED_OUT);
    if (value == 1) {
        account_add(play->sys, &account->received);
    }
    return is_late ? value == 0 : value == 1;
}

int play_answers(struct play *play) {
    struct account account = {0};
    const struct wb_value_type type = account_type(&account);
    bool is_right = true;
    for (uint32_t i = 0; i < play->tasks && is_right; i++) {
        struct answer answer = {.play = play, .account = &account};
        struct wb_oneshot_receiver receiver;
        uint64_t thread = 0;
        if (wb_oneshot_new(play->sys, &type, &answer.sender, &receiver) != WB_OK) {
            return 2;
        }
        if (WB_SYS(play->sys, thread_create, send_answer, &answer, &thread) != 0) {
            wb_oneshot_sender_drop(&answer.sender);
            wb_oneshot_receiver_drop(&receiver);
            return 2;
        }
        is_right = await_answer(play, &account, &receiver);
        wb_oneshot_receiver_drop(&receiver);
        is_right = WB_SYS(play->sys, thread_join, thread) == 0 && is_right;
    }
    return is_right && account_is_even(&account) ? 0 : 1;
}
