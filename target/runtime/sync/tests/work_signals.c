/* Work with one-shot channels and notifications. */
#include <stdatomic.h>

#include "wb/async.h"
#include "wb/notify.h"
#include "wb/oneshot.h"
#include "work.h"

/* ---- oneshot: a thread answers two, gives up one, and aborts one while it answers it ---- */

enum { QUESTIONS = 4 };

struct questions {
    struct wb_oneshot_sender senders[QUESTIONS];
    struct wb_join_handle handles[QUESTIONS];
    atomic_int got[QUESTIONS];
    atomic_int dropped;
    enum wb_status sent[QUESTIONS];
};

struct asker {
    struct wb_future future;
    struct questions *questions;
    struct wb_oneshot_receiver receiver;
    struct wb_oneshot_receive receive;
    int number;
    int answer;
};

static enum wb_progress asker_poll(struct wb_future *future, struct wb_context *context) {
    struct asker *self = WB_FUTURE_OF(future, struct asker, future);
    WB_ASYNC_BEGIN(future, context);
    wb_oneshot_receive_init(&self->receive, &self->receiver, &self->answer);
    WB_TRY_AWAIT(&self->receive.future);
    atomic_store(&self->questions->got[self->number], self->answer);
    WB_ASYNC_END(WB_OK);
}

static void asker_drop(struct wb_future *future) {
    struct asker *self = WB_FUTURE_OF(future, struct asker, future);
    wb_future_drop(&self->receive.future);
    wb_oneshot_receiver_drop(&self->receiver);
}

static const struct wb_future_ops asker_ops = {
    .size = sizeof(struct asker),
    .offset = offsetof(struct asker, future),
    .poll = asker_poll,
    .drop = asker_drop,
};

static void answer_all(void *arg) {
    struct questions *questions = arg;
    questions->sent[0] = wb_oneshot_send(&questions->senders[0], &(int){10});
    wb_oneshot_sender_drop(&questions->senders[2]);
    wb_join_handle_abort(&questions->handles[3]);
    questions->sent[3] = wb_oneshot_send(&questions->senders[3], &(int){13});
    questions->sent[1] = wb_oneshot_send(&questions->senders[1], &(int){11});
}

static void count_drop(void *value, void *user_data) {
    (void)value;
    atomic_fetch_add(&((struct questions *)user_data)->dropped, 1);
}

bool work_oneshot(struct wb_runtime *runtime) {
    struct questions questions = {0};
    const struct wb_value_type type = {
        .size = sizeof(int), .drop = count_drop, .user_data = &questions};
    for (int i = 0; i < QUESTIONS; i++) {
        struct asker asker = {.questions = &questions, .number = i};
        wb_future_init(&asker.future, &asker_ops);
        if (wb_oneshot_new(wb_runtime_sys(runtime), &type, &questions.senders[i], &asker.receiver)
            != WB_OK) {
            return false;
        }
        questions.handles[i] = work_spawn(runtime, &asker.future, i);
    }
    const uint64_t thread = work_start(runtime, answer_all, &questions);
    bool is_right = work_join(runtime, &questions.handles[0]) == WB_OK;
    is_right &= work_join(runtime, &questions.handles[1]) == WB_OK;
    is_right &= work_join(runtime, &questions.handles[2]) == WB_ERR_CLOSED;
    work_end(runtime, thread);
    (void)work_join(runtime, &questions.handles[3]);
    is_right &= atomic_load(&questions.got[0]) == 10 && atomic_load(&questions.got[1]) == 11;
    const int accounted = (atomic_load(&questions.got[3]) == 13) + atomic_load(&questions.dropped);
    return is_right && accounted == (questions.sent[3] == WB_OK) && questions.sent[0] == WB_OK
           && questions.sent[1] == WB_OK;
}

/* ---- notify: items appear, two tasks take them, one of the tasks goes away ---- */

enum { ITEMS = 2 };

struct shelf {
    const struct wb_sys *sys;
    struct wb_notify notify;
    atomic_int items;
    atomic_int taken;
    struct wb_join_handle handles[2];
};

struct taker {
    struct wb_future future;
    struct wb_notified notified;
    struct shelf *shelf;
};

static bool take_item(struct shelf *shelf) {
    int items = atomic_load(&shelf->items);
    do {
        if (items == 0) {
            return false;
        }
        wb_sys_interleave(shelf->sys, &shelf->items);
    } while (!atomic_compare_exchange_weak(&shelf->items, &items, items - 1));
    return true;
}

static enum wb_progress taker_poll(struct wb_future *future, struct wb_context *context) {
    struct taker *self = WB_FUTURE_OF(future, struct taker, future);
    struct shelf *shelf = self->shelf;
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_notified_init(&self->notified, &shelf->notify);
        if (atomic_load(&shelf->taken) == ITEMS) {
            WB_ASYNC_RETURN(WB_OK);
        }
        if (!take_item(shelf)) {
            WB_AWAIT(&self->notified.future);
        } else if (atomic_fetch_add(&shelf->taken, 1) + 1 == ITEMS) {
            wb_notify_all(&shelf->notify);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void taker_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct taker, future)->notified.future);
}

static const struct wb_future_ops taker_ops = {
    .size = sizeof(struct taker),
    .offset = offsetof(struct taker, future),
    .poll = taker_poll,
    .drop = taker_drop,
};

static void stock(void *arg) {
    struct shelf *shelf = arg;
    for (int i = 0; i < ITEMS; i++) {
        wb_sys_interleave(shelf->sys, &shelf->items);
        atomic_fetch_add(&shelf->items, 1);
        wb_notify_one(&shelf->notify);
    }
    wb_join_handle_abort(&shelf->handles[0]);
}

bool work_notify(struct wb_runtime *runtime) {
    struct shelf shelf = {.sys = wb_runtime_sys(runtime)};
    if (wb_notify_init(&shelf.notify, shelf.sys) != WB_OK) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        struct taker taker = {.shelf = &shelf};
        wb_future_init(&taker.future, &taker_ops);
        shelf.handles[i] = work_spawn(runtime, &taker.future, i);
    }
    const uint64_t thread = work_start(runtime, stock, &shelf);
    const bool is_right = work_join(runtime, &shelf.handles[1]) == WB_OK;
    work_end(runtime, thread);
    (void)work_join(runtime, &shelf.handles[0]);
    wb_notify_clean_up(&shelf.notify);
    return is_right && atomic_load(&shelf.taken) == ITEMS && atomic_load(&shelf.items) == 0;
}
