/* Two queues for messages, one with a bound of two and one without, and a channel for one value,
 * each beside its model: each message has one owner all along, and they come in order. */
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

struct single {
    struct wb_oneshot_sender sender;
    struct wb_oneshot_receiver receiver;
    struct users users;
    struct line receiving;
    struct line closing;
    uint32_t message; /* 0: none */
    bool is_sender_gone;
    bool is_closed;
};

static struct {
    struct channel channels[CHANNELS];
    struct single single;
} here;

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
const struct await_ops await_reserve = {
    reserve_begin, reserve_poll, reserve_finish, leave_sending};

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
        const enum wb_status status =
            wb_mpsc_try_reserve(&channel->senders[0], &channel->permit);
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

const struct await_ops await_receive = {
    receive_begin, receive_poll, receive_finish, receive_drop};

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

static struct outcome wait_for(struct wait *wait, struct line *line, bool is_so) {
    if (!wait_pays(wait)) {
        return pending();
    }
    if (!is_so) {
        line_enter(line, wait);
        return pending();
    }
    wait_settle(wait);
    return over(WB_OK);
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

static void close_receiver(struct channel *channel) {
    channel->is_closed = true;
    line_wake(&channel->sending);
    line_wake(&channel->closing);
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
    const enum wb_status status = wb_mpsc_new(
        &world.sys, &value_type, capacity, &channel->senders[0], &channel->receiver);
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

/* ---- a channel for one value ---- */

static enum wb_status take_single(uint32_t *out_message) {
    struct single *single = &here.single;
    if (single->message != 0) {
        *out_message = single->message;
        single->message = 0;
        return WB_OK;
    }
    return single->is_sender_gone || single->is_closed ? WB_ERR_CLOSED : WB_WOULD_BLOCK;
}

static struct wb_future *oneshot_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    (void)step;
    if (here.single.receiver.shared == NULL || here.single.users.receiving != 0) {
        return NULL;
    }
    here.single.users.receiving++;
    wb_oneshot_receive_init(&it->body->u.oneshot, &here.single.receiver, &it->body->received);
    return &it->body->u.oneshot.future;
}

static struct outcome oneshot_poll(int actor) {
    struct actor *it = actor_of(actor);
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = take_single(&it->value);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&here.single.receiving, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static bool oneshot_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    here.single.users.receiving--;
    if (status == WB_OK) {
        CHECK(it->body->received == it->value);
        value_end(it->value);
    }
    return false;
}

static void oneshot_drop(int actor) {
    here.single.users.receiving--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_oneshot = {
    oneshot_begin, oneshot_poll, oneshot_finish, oneshot_drop};

static struct wb_future *oneshot_closed_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    (void)step;
    if (here.single.sender.shared == NULL) {
        return NULL;
    }
    here.single.users.sending++;
    wb_oneshot_closed_init(&it->body->u.oneshot_closed, &here.single.sender);
    return &it->body->u.oneshot_closed.future;
}

static struct outcome oneshot_closed_poll(int actor) {
    return wait_for(
        &actor_of(actor)->inner, &here.single.closing, here.single.is_closed);
}

static bool oneshot_closed_finish(int actor, enum wb_status status) {
    (void)actor;
    (void)status;
    here.single.users.sending--;
    return false;
}

static void oneshot_closed_drop(int actor) {
    here.single.users.sending--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_oneshot_closed = {
    oneshot_closed_begin, oneshot_closed_poll, oneshot_closed_finish, oneshot_closed_drop};

void act_oneshot_send(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    struct single *single = &here.single;
    if (single->sender.shared == NULL || single->users.sending != 0) {
        return;
    }
    const uint32_t message = value_new();
    CHECK(wb_oneshot_sender_is_closed(&single->sender) == single->is_closed);
    const enum wb_status status = wb_oneshot_send(&single->sender, &message);
    CHECK(status == (single->is_closed ? WB_ERR_CLOSED : WB_OK));
    single->is_sender_gone = true;
    if (status == WB_OK) {
        single->message = message;
    } else {
        value_end(message);
    }
    line_wake(&single->receiving);
}

void act_oneshot_receive(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    uint32_t got = 0;
    uint32_t expected = 0;
    if (here.single.receiver.shared == NULL) {
        return;
    }
    const enum wb_status status = wb_oneshot_try_receive(&here.single.receiver, &got);
    CHECK(status == take_single(&expected) && got == expected);
    if (status == WB_OK) {
        value_end(got);
    }
}

static void drop_single_sender(struct single *single) {
    if (single->sender.shared != NULL && single->users.sending == 0) {
        wb_oneshot_sender_drop(&single->sender);
        single->is_sender_gone = true;
        line_wake(&single->receiving);
    }
}

static void drop_single_receiver(struct single *single) {
    if (single->receiver.shared != NULL && single->users.receiving == 0) {
        wb_oneshot_receiver_drop(&single->receiver);
        single->is_closed = true;
        line_wake(&single->closing);
        if (single->message != 0) {
            value_dropped(single->message);
            single->message = 0;
        }
    }
}

void act_oneshot_end(int actor, const struct step *step) {
    (void)actor;
    struct single *single = &here.single;
    if (step->a % 3 == 0) {
        drop_single_sender(single);
    } else if (step->a % 3 == 1) {
        drop_single_receiver(single);
    } else if (single->receiver.shared != NULL) {
        wb_oneshot_receiver_close(&single->receiver);
        single->is_closed = true;
        line_wake(&single->closing);
    }
}

static void open_single(void) {
    here.single = (struct single){0};
    const enum wb_status status = wb_oneshot_new(
        &world.sys, &value_type, &here.single.sender, &here.single.receiver);
    CHECK(status == (memory_refused() ? WB_ERR_NO_MEMORY : WB_OK));
}

void act_oneshot_new(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    if (here.single.sender.shared == NULL && here.single.receiver.shared == NULL) {
        open_single();
    }
}

/* ---- life ---- */

void messages_open(void) {
    for (uint32_t i = 0; i < CHANNELS; i++) {
        open_channel(i);
    }
    open_single();
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
    drop_single_sender(&here.single);
    drop_single_receiver(&here.single);
}
