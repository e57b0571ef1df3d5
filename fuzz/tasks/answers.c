/* A channel for one value beside its model: it is received, returned or dropped, one of them once.
 */
#include "tasks/world.h"

struct single {
    struct wb_oneshot_sender sender;
    struct wb_oneshot_receiver receiver;
    uint32_t sending_users; /* futures that borrow an end, so that it may not be given up */
    uint32_t receiving_users;
    struct line receiving;
    struct line closing;
    uint32_t message; /* 0: none */
    bool is_sender_gone;
    bool is_closed;
};

static struct single single;

static enum wb_status take_single(uint32_t *out_message) {
    if (single.message != 0) {
        *out_message = single.message;
        single.message = 0;
        return WB_OK;
    }
    return single.is_sender_gone || single.is_closed ? WB_ERR_CLOSED : WB_WOULD_BLOCK;
}

static struct wb_future *oneshot_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    (void)step;
    if (single.receiver.shared == NULL || single.receiving_users != 0) {
        return NULL;
    }
    single.receiving_users++;
    wb_oneshot_receive_init(&it->body->u.oneshot, &single.receiver, &it->body->received);
    return &it->body->u.oneshot.future;
}

static struct outcome oneshot_poll(int actor) {
    struct actor *it = actor_of(actor);
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = take_single(&it->value);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&single.receiving, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static bool oneshot_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    single.receiving_users--;
    if (status == WB_OK) {
        CHECK(it->body->received == it->value);
        value_end(it->value);
    }
    return false;
}

static void oneshot_drop(int actor) {
    single.receiving_users--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_oneshot = {oneshot_begin, oneshot_poll, oneshot_finish, oneshot_drop};

static struct wb_future *oneshot_closed_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    (void)step;
    if (single.sender.shared == NULL) {
        return NULL;
    }
    single.sending_users++;
    wb_oneshot_closed_init(&it->body->u.oneshot_closed, &single.sender);
    return &it->body->u.oneshot_closed.future;
}

static struct outcome oneshot_closed_poll(int actor) {
    return wait_for(&actor_of(actor)->inner, &single.closing, single.is_closed);
}

static bool oneshot_closed_finish(int actor, enum wb_status status) {
    (void)actor;
    (void)status;
    single.sending_users--;
    return false;
}

static void oneshot_closed_drop(int actor) {
    single.sending_users--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_oneshot_closed = {
    oneshot_closed_begin, oneshot_closed_poll, oneshot_closed_finish, oneshot_closed_drop};

void act_oneshot_send(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    if (single.sender.shared == NULL || single.sending_users != 0) {
        return;
    }
    const uint32_t message = value_new();
    CHECK(wb_oneshot_sender_is_closed(&single.sender) == single.is_closed);
    const enum wb_status status = wb_oneshot_send(&single.sender, &message);
    CHECK(status == (single.is_closed ? WB_ERR_CLOSED : WB_OK));
    single.is_sender_gone = true;
    if (status == WB_OK) {
        single.message = message;
    } else {
        value_end(message);
    }
    line_wake(&single.receiving);
}

void act_oneshot_receive(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    uint32_t got = 0;
    uint32_t expected = 0;
    if (single.receiver.shared == NULL) {
        return;
    }
    const enum wb_status status = wb_oneshot_try_receive(&single.receiver, &got);
    CHECK(status == take_single(&expected) && got == expected);
    if (status == WB_OK) {
        value_end(got);
    }
}

static void drop_sender(void) {
    if (single.sender.shared != NULL && single.sending_users == 0) {
        wb_oneshot_sender_drop(&single.sender);
        single.is_sender_gone = true;
        line_wake(&single.receiving);
    }
}

static void drop_receiver(void) {
    if (single.receiver.shared != NULL && single.receiving_users == 0) {
        wb_oneshot_receiver_drop(&single.receiver);
        single.is_closed = true;
        line_wake(&single.closing);
        if (single.message != 0) {
            value_dropped(single.message);
            single.message = 0;
        }
    }
}

void act_oneshot_end(int actor, const struct step *step) {
    (void)actor;
    if (step->a % 3 == 0) {
        drop_sender();
    } else if (step->a % 3 == 1) {
        drop_receiver();
    } else if (single.receiver.shared != NULL) {
        wb_oneshot_receiver_close(&single.receiver);
        single.is_closed = true;
        line_wake(&single.closing);
        line_wake(&single.receiving);
    }
}

void single_open(void) {
    single = (struct single){0};
    const enum wb_status status =
        wb_oneshot_new(&world.sys, &value_type, &single.sender, &single.receiver);
    CHECK(status == (memory_refused() ? WB_ERR_NO_MEMORY : WB_OK));
}

void act_oneshot_new(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    if (single.sender.shared == NULL && single.receiver.shared == NULL) {
        single_open();
    }
}

void single_close(void) {
    CHECK(single.sending_users == 0 && single.receiving_users == 0);
    drop_sender();
    drop_receiver();
}
