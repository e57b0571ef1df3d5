/* Two queues for messages, one with a bound of two and one without, each beside its model: each
 * message has one owner all along, and they come in order. */
#include "tasks/world.h"

enum { CHANNELS = 2, BOUND = 2, MESSAGES_MAX = QUEUE_LEN, SENDERS_MAX = 3 };

/* How many futures borrow an end, so that it may not be given up. */
struct users {
    uint32_t sending;
    uint32_t receiving;
};

struct channel {
    struct wb_mpsc_sender senders[SENDERS_MAX];
    struct wb_mpsc_receiver receiver;
    struct wb_mpsc_permit permit;
    /* the model */
    struct users users;
    struct line sending;
    struct line receiving;
    struct line closing;
    uint32_t messages[MESSAGES_MAX];
    uint32_t count;
    uint32_t reserved;
    uint32_t sender_count;
    uint32_t capacity;
    bool is_closed;
    bool is_receiver_gone;
};

static struct { struct channel channels[CHANNELS]; } here;

static struct channel *channel_at(uint32_t number) {
    return &here.channels[number % CHANNELS];
}

static struct channel *channel_of(int actor) {
    return &here.channels[actor_of(actor)->target];
}

/* ---- the model of a queue ---- */

static enum wb_status ask(const struct channel *channel) {
    if (channel->is_closed) {
        return WB_ERR_CLOSED;
    }
    return channel->count + channel->reserved < channel->capacity ? WB_OK : WB_ERR_FULL;
}

static void pass_room(struct channel *channel) {
    if (channel->sending.count != 0 && !channel->is_closed) {
        channel->reserved++;
        line_serve(&channel->sending);
    }
}

static void give_back(struct channel *channel) {
    channel->reserved--;
    if (channel->is_closed || channel->sender_count == 0) {
        line_wake(&channel->receiving);
    } else {
        pass_room(channel);
    }
}

/* Reserved room is filled; `is_short`: memory was refused. */
static enum wb_status fill(struct channel *channel, uint32_t message, bool is_short) {
    if (channel->is_receiver_gone || is_short) {
        give_back(channel);
        return channel->is_receiver_gone ? WB_ERR_CLOSED : WB_ERR_NO_MEMORY;
    }
    channel->reserved--;
    channel->messages[channel->count++] = message;
    line_wake(&channel->receiving);
    return WB_OK;
}

static enum wb_status take(struct channel *channel, uint32_t *out_message) {
    if (channel->count == 0) {
        const bool may_come =
            channel->reserved != 0 || (!channel->is_closed && channel->sender_count != 0);
        return may_come ? WB_WOULD_BLOCK : WB_EOF;
    }
    *out_message = channel->messages[0];
    channel->count--;
    memmove(&channel->messages[0], &channel->messages[1],
        channel->count * sizeof(channel->messages[0]));
    pass_room(channel);
    return WB_OK;
}

static bool is_crowded(const struct channel *channel) {
    return channel->count + channel->reserved + 1 >= MESSAGES_MAX / 2;
}

/* ---- sending, and reserving ---- */

static struct channel *begin_sending(int actor, const struct step *step) {
    struct channel *channel = channel_at(step->a);
    if (channel->senders[0].shared == NULL || is_crowded(channel)) {
        return NULL;
    }
    actor_of(actor)->target = step->a % CHANNELS;
    channel->users.sending++;
    return channel;
}

static struct wb_future *send_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    const struct channel *channel = begin_sending(actor, step);
    if (channel == NULL) {
        return NULL;
    }
    it->value = value_new();
    it->body->received = it->value;
    wb_mpsc_send_init(&it->body->u.send, &channel->senders[0], &it->body->received);
    return &it->body->u.send.future;
}

static struct wb_future *reserve_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    const struct channel *channel = begin_sending(actor, step);
    if (channel == NULL) {
        return NULL;
    }
    wb_mpsc_reserve_init(&it->body->u.reserve, &channel->senders[0]);
    return &it->body->u.reserve.future;
}

/* The status is WB_OK when there is room, which is then reserved. */
static enum wb_status look_for_room(int actor) {
    struct channel *channel = channel_of(actor);
    struct wait *wait = &actor_of(actor)->inner;
    if (!wait_pays(wait)) {
        return WB_WOULD_BLOCK;
    }
    if (wait->is_served) {
        wait_settle(wait);
        return WB_OK;
    }
    const enum wb_status status = ask(channel);
    if (status == WB_ERR_FULL) {
        line_enter(&channel->sending, wait);
        return WB_WOULD_BLOCK;
    }
    wait_settle(wait);
    channel->reserved += status == WB_OK ? 1 : 0;
    return status;
}

static struct outcome send_poll(int actor) {
    enum wb_status status = look_for_room(actor);
    if (status == WB_WOULD_BLOCK) {
        return pending();
    }
    if (status == WB_OK) {
        status = fill(channel_of(actor), actor_of(actor)->value, memory_refused());
    }
    return over(status);
}

static struct outcome reserve_poll(int actor) {
    const enum wb_status status = look_for_room(actor);
    return status == WB_WOULD_BLOCK ? pending() : over(status);
}

static bool send_finish(int actor, enum wb_status status) {
    channel_of(actor)->users.sending--;
    if (status != WB_OK) {
        value_end(actor_of(actor)->value);
    }
    return false;
}

static void drop_permit(struct channel *channel, struct wb_mpsc_permit *permit) {
    if (permit->shared != NULL) {
        wb_mpsc_permit_drop(permit);
        give_back(channel);
    }
}

/* One is kept for later. */
static bool reserve_finish(int actor, enum wb_status status) {
    struct channel *channel = channel_of(actor);
    struct wb_mpsc_permit *permit = &actor_of(actor)->body->u.reserve.permit;
    channel->users.sending--;
    if (status == WB_OK && channel->permit.shared == NULL) {
        channel->permit = *permit;
    } else if (status == WB_OK) {
        drop_permit(channel, permit);
    }
    return false;
}

static void leave_sending(int actor) {
    struct wait *wait = &actor_of(actor)->inner;
    const bool is_served = wait->is_served;
    channel_of(actor)->users.sending--;
    if (wait->is_waiting) {
        wait_settle(wait);
        if (is_served) {
            give_back(channel_of(actor));
        }
    }
}

static void send_drop(int actor) {
    leave_sending(actor);
    value_end(actor_of(actor)->value);
}

const struct await_ops await_send = {send_begin, send_poll, send_finish, send_drop};
const struct await_ops await_reserve = {reserve_begin, reserve_poll, reserve_finish, leave_sending};

void act_try_send(int actor, const struct step *step) {
    (void)actor;
    struct channel *channel = channel_at(step->a);
    if (channel->senders[0].shared == NULL || is_crowded(channel)) {
        return;
    }
    const uint32_t message = value_new();
    const enum wb_status status = wb_mpsc_try_send(&channel->senders[0], &message);
    enum wb_status expected = ask(channel);
    if (expected == WB_OK) {
        channel->reserved++;
        expected = fill(channel, message, memory_refused());
    }
    CHECK(status == expected);
    if (status != WB_OK) {
        value_end(message);
    }
}

static void try_reserve(struct channel *channel) {
    if (channel->permit.shared == NULL && channel->senders[0].shared != NULL) {
        const enum wb_status status = wb_mpsc_try_reserve(&channel->senders[0], &channel->permit);
        CHECK(status == ask(channel));
        channel->reserved += status == WB_OK ? 1 : 0;
    }
}

static void send_by_permit(struct channel *channel) {
    if (channel->permit.shared == NULL || is_crowded(channel)) {
        return;
    }
    const uint32_t message = value_new();
    const enum wb_status status = wb_mpsc_permit_send(&channel->permit, &message);
    CHECK(status == fill(channel, message, memory_refused()));
    if (status != WB_OK) {
        value_end(message);
    }
}

void act_permit(int actor, const struct step *step) {
    (void)actor;
    struct channel *channel = channel_at(step->a);
    if (step->b % 3 == 0) {
        try_reserve(channel);
    } else if (step->b % 3 == 1) {
        send_by_permit(channel);
    } else {
        drop_permit(channel, &channel->permit);
    }
}

/* ---- receiving ---- */

static struct wb_future *receive_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    struct channel *channel = channel_at(step->a);
    if (channel->receiver.shared == NULL || channel->users.receiving != 0) {
        return NULL;
    }
    it->target = step->a % CHANNELS;
    channel->users.receiving++;
    wb_mpsc_receive_init(&it->body->u.receive, &channel->receiver, &it->body->received);
    return &it->body->u.receive.future;
}

static struct outcome receive_poll(int actor) {
    struct actor *it = actor_of(actor);
    struct channel *channel = channel_of(actor);
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = take(channel, &it->value);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&channel->receiving, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static bool receive_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    channel_of(actor)->users.receiving--;
    if (status == WB_OK) {
        CHECK(it->body->received == it->value);
        value_end(it->value);
    }
    return false;
}

static void receive_drop(int actor) {
    channel_of(actor)->users.receiving--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_receive = {receive_begin, receive_poll, receive_finish, receive_drop};

void act_try_receive(int actor, const struct step *step) {
    (void)actor;
    struct channel *channel = channel_at(step->a);
    if (channel->receiver.shared == NULL) {
        return;
    }
    uint32_t got = 0;
    uint32_t expected = 0;
    CHECK(wb_mpsc_receiver_len(&channel->receiver) == channel->count);
    const enum wb_status status = wb_mpsc_try_receive(&channel->receiver, &got);
    CHECK(status == take(channel, &expected) && got == expected);
    if (status == WB_OK) {
        value_end(got);
    }
}

/* ---- the ends of a queue ---- */

static struct wb_future *closed_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    const struct channel *channel = begin_sending(actor, step);
    if (channel == NULL) {
        return NULL;
    }
    wb_mpsc_closed_init(&it->body->u.mpsc_closed, &channel->senders[0]);
    return &it->body->u.mpsc_closed.future;
}

static struct outcome closed_poll(int actor) {
    struct channel *channel = channel_of(actor);
    return wait_for(&actor_of(actor)->inner, &channel->closing, channel->is_closed);
}

static void closed_drop(int actor) {
    channel_of(actor)->users.sending--;
    wait_settle(&actor_of(actor)->inner);
}

static bool closed_finish(int actor, enum wb_status status) {
    (void)status;
    channel_of(actor)->users.sending--;
    return false;
}

const struct await_ops await_mpsc_closed = {closed_begin, closed_poll, closed_finish, closed_drop};

/* Who waits to receive is woken unless something may come still. */
static void close_receiver(struct channel *channel) {
    channel->is_closed = true;
    line_wake(&channel->sending);
    line_wake(&channel->closing);
    if (channel->reserved == 0) {
        line_wake(&channel->receiving);
    }
}

static void drop_receiver(struct channel *channel) {
    if (channel->receiver.shared == NULL || channel->users.receiving != 0) {
        return;
    }
    wb_mpsc_receiver_drop(&channel->receiver);
    close_receiver(channel);
    channel->is_receiver_gone = true;
    for (uint32_t i = 0; i < channel->count; i++) {
        value_dropped(channel->messages[i]);
    }
    channel->count = 0;
}

void act_receiver_end(int actor, const struct step *step) {
    (void)actor;
    struct channel *channel = channel_at(step->a);
    if (step->b % 2 == 0) {
        drop_receiver(channel);
    } else if (channel->receiver.shared != NULL) {
        wb_mpsc_receiver_close(&channel->receiver);
        close_receiver(channel);
    }
}

/* The first is the one that futures borrow. */
static void drop_sender(struct channel *channel, uint32_t number) {
    struct wb_mpsc_sender *sender = &channel->senders[number];
    if (sender->shared == NULL || (number == 0 && channel->users.sending != 0)) {
        return;
    }
    wb_mpsc_sender_drop(sender);
    channel->sender_count--;
    if (channel->sender_count == 0) {
        line_wake(&channel->receiving);
    }
}

static void clone_sender(struct channel *channel, uint32_t number) {
    if (channel->senders[0].shared != NULL && channel->senders[number].shared == NULL) {
        channel->senders[number] = wb_mpsc_sender_clone(&channel->senders[0]);
        channel->sender_count++;
    }
}

void act_sender_end(int actor, const struct step *step) {
    (void)actor;
    struct channel *channel = channel_at(step->a);
    const uint32_t number = step->b / 4 % SENDERS_MAX;
    if (step->b % 4 == 0) {
        clone_sender(channel, number);
    } else if (channel->senders[0].shared != NULL && step->b % 4 == 1) {
        CHECK(wb_mpsc_sender_is_closed(&channel->senders[0]) == channel->is_closed);
    } else {
        drop_sender(channel, number);
    }
}

static bool is_over(const struct channel *channel) {
    bool is = channel->receiver.shared == NULL && channel->permit.shared == NULL;
    for (uint32_t i = 0; i < SENDERS_MAX; i++) {
        is = is && channel->senders[i].shared == NULL;
    }
    return is;
}

static void open_channel(uint32_t number) {
    struct channel *channel = channel_at(number);
    const uint32_t capacity = number % CHANNELS == 0 ? BOUND : WB_MPSC_UNBOUNDED;
    *channel = (struct channel){.capacity = capacity, .sender_count = 1};
    const enum wb_status status =
        wb_mpsc_new(&world.sys, &value_type, capacity, &channel->senders[0], &channel->receiver);
    CHECK(status == (memory_refused() ? WB_ERR_NO_MEMORY : WB_OK));
}

/* A new one, if the old one is gone on all sides; and none with a capacity of 0. */
void act_mpsc_new(int actor, const struct step *step) {
    (void)actor;
    struct wb_mpsc_sender sender;
    struct wb_mpsc_receiver receiver;
    CHECK(wb_mpsc_new(&world.sys, &value_type, 0, &sender, &receiver) == WB_ERR_INVALID);
    if (is_over(channel_at(step->a))) {
        open_channel(step->a);
    }
}

/* ---- life ---- */

void messages_open(void) {
    for (uint32_t i = 0; i < CHANNELS; i++) {
        open_channel(i);
    }
    single_open();
}

void messages_close(void) {
    for (uint32_t i = 0; i < CHANNELS; i++) {
        struct channel *channel = &here.channels[i];
        CHECK(channel->users.sending == 0 && channel->users.receiving == 0);
        drop_permit(channel, &channel->permit);
        drop_receiver(channel);
        for (uint32_t k = 0; k < SENDERS_MAX; k++) {
            drop_sender(channel, k);
        }
    }
    single_close();
}
