/* A queue of which every receiver gets every message, and a value that is watched, each beside its
 * model: who is too slow is told how much was missed, and the last of all is told of the end. */
#include "tasks/world.h"

enum { RECEIVERS = 3, KEPT = 2, WATCHERS = 2 };

struct kept {
    uint32_t message;
    uint32_t missing; /* receivers that are still to get it */
};

static struct {
    struct wb_broadcast_sender sender;
    struct wb_broadcast_receiver receivers[RECEIVERS];
    bool is_used[RECEIVERS];
    uint64_t next[RECEIVERS];
    struct kept kept[KEPT];
    uint64_t sent;
    uint32_t receiver_count;
    struct line receiving;

    struct wb_watch_sender setter;
    struct wb_watch_receiver watchers[WATCHERS];
    bool is_watching[WATCHERS];
    uint64_t seen[WATCHERS];
    uint32_t closing_users;
    uint32_t watched;
    uint64_t version;
    uint32_t watcher_count;
    struct line watching;
    struct line closing;
} here;

/* ---- the model of a broadcast ---- */

static uint64_t oldest(void) {
    return here.sent > KEPT ? here.sent - KEPT : 0;
}

static enum wb_status take(uint32_t number, uint32_t *out_message) {
    if (here.next[number] < oldest()) {
        CHECK(here.receivers[number].missed == oldest() - here.next[number]);
        here.next[number] = oldest();
        return WB_ERR_LIMIT;
    }
    if (here.next[number] == here.sent) {
        return here.sender.shared == NULL ? WB_EOF : WB_WOULD_BLOCK;
    }
    struct kept *kept = &here.kept[here.next[number]++ % KEPT];
    *out_message = kept->message;
    kept->missing--;
    return WB_OK;
}

static void drop_broadcast_receiver(uint32_t number) {
    if (here.receivers[number].shared == NULL || here.is_used[number]) {
        return;
    }
    wb_broadcast_receiver_drop(&here.receivers[number]);
    here.receiver_count--;
    uint64_t at = here.next[number] < oldest() ? oldest() : here.next[number];
    for (; at < here.sent; at++) {
        if (--here.kept[at % KEPT].missing == 0) {
            value_dropped(here.kept[at % KEPT].message);
        }
    }
}

static void drop_broadcast_sender(void) {
    if (here.sender.shared != NULL) {
        wb_broadcast_sender_drop(&here.sender);
        line_wake(&here.receiving);
    }
}

static void open_broadcast(void) {
    here.sent = 0;
    here.receiver_count = 1;
    memset(here.kept, 0, sizeof(here.kept));
    memset(here.next, 0, sizeof(here.next));
    const enum wb_status status =
        wb_broadcast_new(&world.sys, &value_type, KEPT, &here.sender, &here.receivers[0]);
    CHECK(status == (memory_refused() ? WB_ERR_NO_MEMORY : WB_OK));
}

/* ---- awaiting a message ---- */

static struct wb_future *broadcast_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    const uint32_t number = step->a % RECEIVERS;
    if (here.receivers[number].shared == NULL || here.is_used[number]) {
        return NULL;
    }
    it->target = (int)number;
    here.is_used[number] = true;
    wb_broadcast_receive_init(&it->body->u.broadcast, &here.receivers[number], &it->body->received);
    return &it->body->u.broadcast.future;
}

static struct outcome broadcast_poll(int actor) {
    struct actor *it = actor_of(actor);
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = take((uint32_t)it->target, &it->value);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&here.receiving, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static bool broadcast_finish(int actor, enum wb_status status) {
    const struct actor *it = actor_of(actor);
    here.is_used[it->target] = false;
    if (status == WB_OK) {
        CHECK(it->body->received == it->value);
        value_end(it->value);
    }
    return false;
}

static void broadcast_drop(int actor) {
    here.is_used[actor_of(actor)->target] = false;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_broadcast = {
    broadcast_begin, broadcast_poll, broadcast_finish, broadcast_drop};

/* ---- at once ---- */

void act_broadcast_send(int actor, const struct step *step) {
    (void)actor;
    (void)step;
    if (here.sender.shared == NULL) {
        return;
    }
    const uint32_t message = value_new();
    const enum wb_status status = wb_broadcast_send(&here.sender, &message);
    if (here.receiver_count == 0) {
        CHECK(status == WB_ERR_CLOSED);
        value_end(message);
        return;
    }
    CHECK(status == WB_OK);
    struct kept *kept = &here.kept[here.sent++ % KEPT];
    if (kept->missing != 0) {
        value_dropped(kept->message);
    }
    *kept = (struct kept){message, here.receiver_count};
    line_wake(&here.receiving);
}

void act_broadcast_receive(int actor, const struct step *step) {
    (void)actor;
    const uint32_t number = step->a % RECEIVERS;
    uint32_t got = 0;
    uint32_t expected = 0;
    if (here.receivers[number].shared == NULL || here.is_used[number]) {
        return;
    }
    const enum wb_status status = wb_broadcast_try_receive(&here.receivers[number], &got);
    CHECK(status == take(number, &expected) && got == expected);
    if (status == WB_OK) {
        value_end(got);
    }
}

void act_broadcast_end(int actor, const struct step *step) {
    (void)actor;
    if (step->a % (RECEIVERS + 1) == RECEIVERS) {
        drop_broadcast_sender();
    } else {
        drop_broadcast_receiver(step->a % (RECEIVERS + 1));
    }
}

void act_broadcast_subscribe(int actor, const struct step *step) {
    (void)actor;
    const uint32_t number = step->a % RECEIVERS;
    if (here.sender.shared == NULL && here.receiver_count == 0) {
        open_broadcast();
    } else if (here.sender.shared != NULL && here.receivers[number].shared == NULL) {
        here.receivers[number] = wb_broadcast_subscribe(&here.sender);
        here.next[number] = here.sent;
        here.receiver_count++;
    }
}

/* ---- a value that is watched ---- */

static enum wb_status look(uint32_t number) {
    if (here.seen[number] != here.version) {
        here.seen[number] = here.version;
        return WB_OK;
    }
    return here.setter.shared == NULL ? WB_EOF : WB_WOULD_BLOCK;
}

static struct wb_future *changed_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    const uint32_t number = step->a % WATCHERS;
    if (here.watchers[number].shared == NULL || here.is_watching[number]) {
        return NULL;
    }
    it->target = (int)number;
    here.is_watching[number] = true;
    wb_watch_changed_init(&it->body->u.changed, &here.watchers[number]);
    return &it->body->u.changed.future;
}

static struct outcome changed_poll(int actor) {
    struct actor *it = actor_of(actor);
    if (!wait_pays(&it->inner)) {
        return pending();
    }
    const enum wb_status status = look((uint32_t)it->target);
    if (status == WB_WOULD_BLOCK) {
        line_enter(&here.watching, &it->inner);
        return pending();
    }
    wait_settle(&it->inner);
    return over(status);
}

static bool changed_finish(int actor, enum wb_status status) {
    (void)status;
    here.is_watching[actor_of(actor)->target] = false;
    return false;
}

static void changed_drop(int actor) {
    here.is_watching[actor_of(actor)->target] = false;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_changed = {changed_begin, changed_poll, changed_finish, changed_drop};

static struct wb_future *closed_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    (void)step;
    if (here.setter.shared == NULL) {
        return NULL;
    }
    here.closing_users++;
    wb_watch_closed_init(&it->body->u.watch_closed, &here.setter);
    return &it->body->u.watch_closed.future;
}

static struct outcome closed_poll(int actor) {
    return wait_for(&actor_of(actor)->inner, &here.closing, here.watcher_count == 0);
}

static bool closed_finish(int actor, enum wb_status status) {
    (void)actor;
    (void)status;
    here.closing_users--;
    return false;
}

static void closed_drop(int actor) {
    here.closing_users--;
    wait_settle(&actor_of(actor)->inner);
}

const struct await_ops await_watch_closed = {closed_begin, closed_poll, closed_finish, closed_drop};

static void open_watch(void) {
    const uint32_t value = value_new();
    here.version = 0;
    here.watched = value;
    here.watcher_count = 1;
    here.seen[0] = 0;
    const enum wb_status status =
        wb_watch_new(&world.sys, &value_type, &value, &here.setter, &here.watchers[0]);
    if (memory_refused()) {
        CHECK(status == WB_ERR_NO_MEMORY);
        value_end(value);
        here.watcher_count = 0;
    } else {
        CHECK(status == WB_OK);
    }
}

/* The last end takes the value with it. */
static void check_last(void) {
    if (here.setter.shared == NULL && here.watcher_count == 0) {
        value_dropped(here.watched);
    }
}

static void drop_setter(void) {
    if (here.setter.shared != NULL && here.closing_users == 0) {
        wb_watch_sender_drop(&here.setter);
        line_wake(&here.watching);
        check_last();
    }
}

static void drop_watcher(uint32_t number) {
    if (here.watchers[number].shared == NULL || here.is_watching[number]) {
        return;
    }
    wb_watch_receiver_drop(&here.watchers[number]);
    here.watcher_count--;
    if (here.watcher_count == 0) {
        line_wake(&here.closing);
    }
    check_last();
}

static void replace(uint32_t value) {
    const uint32_t old = here.watched;
    here.version++;
    here.watched = value;
    line_wake(&here.watching);
    value_dropped(old);
}

void act_watch_send(int actor, const struct step *step) {
    (void)actor;
    if (here.setter.shared == NULL) {
        return;
    }
    const uint32_t value = value_new();
    CHECK(wb_watch_sender_is_closed(&here.setter) == (here.watcher_count == 0));
    if (step->a % 2 == 0) {
        wb_watch_set(&here.setter, &value);
        replace(value);
    } else if (here.watcher_count == 0) {
        CHECK(wb_watch_send(&here.setter, &value) == WB_ERR_CLOSED);
        value_end(value);
    } else {
        CHECK(wb_watch_send(&here.setter, &value) == WB_OK);
        replace(value);
    }
}

void act_watch_look(int actor, const struct step *step) {
    (void)actor;
    const uint32_t number = step->a % WATCHERS;
    struct wb_watch_receiver *watcher = &here.watchers[number];
    uint32_t value = 0;
    if (watcher->shared == NULL || here.is_watching[number]) {
        return;
    }
    CHECK(wb_watch_has_changed(watcher) == (here.seen[number] != here.version));
    if (step->b % 2 == 0) {
        CHECK(wb_watch_get(watcher, &value) == WB_OK);
        here.seen[number] = here.version;
    } else {
        CHECK(wb_watch_peek(watcher, &value) == WB_OK);
    }
    CHECK(value == here.watched);
    value_end(value);
}

void act_watch_end(int actor, const struct step *step) {
    (void)actor;
    if (step->a % (WATCHERS + 1) == WATCHERS) {
        drop_setter();
    } else {
        drop_watcher(step->a % (WATCHERS + 1));
    }
}

void act_watch_subscribe(int actor, const struct step *step) {
    (void)actor;
    const uint32_t number = step->a % WATCHERS;
    const uint32_t other = (number + 1) % WATCHERS;
    if (here.setter.shared == NULL && here.watcher_count == 0) {
        open_watch();
    } else if (here.watchers[number].shared != NULL) {
        return;
    } else if (step->b % 2 == 0 && here.watchers[other].shared != NULL) {
        here.watchers[number] = wb_watch_receiver_clone(&here.watchers[other]);
        here.seen[number] = here.seen[other];
        here.watcher_count++;
    } else if (here.setter.shared != NULL) {
        here.watchers[number] = wb_watch_subscribe(&here.setter);
        here.seen[number] = here.version;
        here.watcher_count++;
    }
}

/* ---- life ---- */

void publishing_open(void) {
    memset(&here, 0, sizeof(here));
    open_broadcast();
    open_watch();
}

void publishing_close(void) {
    for (uint32_t i = 0; i < RECEIVERS; i++) {
        CHECK(!here.is_used[i]);
        drop_broadcast_receiver(i);
    }
    drop_broadcast_sender();
    for (uint32_t i = 0; i < WATCHERS; i++) {
        CHECK(!here.is_watching[i]);
        drop_watcher(i);
    }
    CHECK(here.closing_users == 0);
    drop_setter();
}
