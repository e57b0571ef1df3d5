/* Values from task to task: channels, answers, and a mutex handed on. */
#include "runtime_case.h"
#include "wb/async.h"
#include "wb/async_mutex.h"
#include "wb/mpsc.h"
#include "wb/oneshot.h"

enum { CAPACITY = 256, BATCH = 128 };

/* Two of a kind, as they are on tokio: with two workers they end up on one of them. */
static uint64_t run_both(
    const struct runtime_run *run, struct wb_future *first, struct wb_future *second) {
    struct wb_future *const both[] = {first, second};
    return runtime_run_tasks(run, both, 2, 2);
}

/* ---- values through a channel ---- */

struct source {
    struct wb_future future;
    struct wb_mpsc_sender end;
    struct wb_mpsc_send send;
    uint64_t value;
    uint64_t count;
    bool is_unbounded; /* then it is sent without waiting, and yields now and then */
};

static enum wb_progress source_poll(struct wb_future *future, struct wb_context *context) {
    struct source *self = WB_FUTURE_OF(future, struct source, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->value < self->count; self->value++) {
        if (!self->is_unbounded) {
            wb_mpsc_send_init(&self->send, &self->end, &self->value);
            WB_TRY_AWAIT(&self->send.future);
            continue;
        }
        runtime_must(wb_mpsc_try_send(&self->end, &self->value));
        if (self->value % BATCH == 0) {
            WB_ASYNC_YIELD();
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void source_drop(struct wb_future *future) {
    struct source *self = WB_FUTURE_OF(future, struct source, future);
    wb_future_drop(&self->send.future);
    wb_mpsc_sender_drop(&self->end);
}

static const struct wb_future_ops source_ops = {
    .size = sizeof(struct source),
    .offset = offsetof(struct source, future),
    .poll = source_poll,
    .drop = source_drop,
};

struct sink {
    struct wb_future future;
    struct wb_mpsc_receiver end;
    struct wb_mpsc_receive receive;
    uint64_t value;
};

static enum wb_progress sink_poll(struct wb_future *future, struct wb_context *context) {
    struct sink *self = WB_FUTURE_OF(future, struct sink, future);
    WB_ASYNC_BEGIN(future, context);
    do {
        wb_mpsc_receive_init(&self->receive, &self->end, &self->value);
        WB_TRY_AWAIT(&self->receive.future);
    } while (self->receive.future.status == WB_OK);
    WB_ASYNC_END(WB_OK);
}

static void sink_drop(struct wb_future *future) {
    struct sink *self = WB_FUTURE_OF(future, struct sink, future);
    wb_future_drop(&self->receive.future);
    wb_mpsc_receiver_drop(&self->end);
}

static const struct wb_future_ops sink_ops = {
    .size = sizeof(struct sink),
    .offset = offsetof(struct sink, future),
    .poll = sink_poll,
    .drop = sink_drop,
};

static uint64_t run_stream(const struct runtime_run *run, uint32_t capacity) {
    const struct wb_value_type type = {.size = sizeof(uint64_t)};
    struct source source = {.count = run->count, .is_unbounded = capacity == WB_MPSC_UNBOUNDED};
    struct sink sink = {.value = 0};
    runtime_must(wb_mpsc_new(run->sys, &type, capacity, &source.end, &sink.end));
    wb_future_init(&source.future, &source_ops);
    wb_future_init(&sink.future, &sink_ops);
    return run_both(run, &source.future, &sink.future);
}

uint64_t runtime_mpsc_bounded(const struct runtime_run *run) {
    return run_stream(run, CAPACITY);
}

uint64_t runtime_mpsc_unbounded(const struct runtime_run *run) {
    return run_stream(run, WB_MPSC_UNBOUNDED);
}

/* ---- there and back ---- */

/* One who asks and one who answers: a value goes through one channel and comes back by another. */
struct player {
    struct wb_future future;
    struct wb_mpsc_sender out;
    struct wb_mpsc_receiver in;
    struct wb_mpsc_send send;
    struct wb_mpsc_receive receive;
    bool begins;
    uint64_t left;
    int value;
};

static enum wb_progress player_poll(struct wb_future *future, struct wb_context *context) {
    struct player *self = WB_FUTURE_OF(future, struct player, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left != 0; self->left--) {
        if (self->begins) {
            wb_mpsc_send_init(&self->send, &self->out, &self->value);
            WB_TRY_AWAIT(&self->send.future);
        }
        wb_mpsc_receive_init(&self->receive, &self->in, &self->value);
        WB_TRY_AWAIT(&self->receive.future);
        if (!self->begins) {
            wb_mpsc_send_init(&self->send, &self->out, &self->value);
            WB_TRY_AWAIT(&self->send.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void player_drop(struct wb_future *future) {
    struct player *self = WB_FUTURE_OF(future, struct player, future);
    wb_future_drop(&self->send.future);
    wb_future_drop(&self->receive.future);
    wb_mpsc_sender_drop(&self->out);
    wb_mpsc_receiver_drop(&self->in);
}

static const struct wb_future_ops player_ops = {
    .size = sizeof(struct player),
    .offset = offsetof(struct player, future),
    .poll = player_poll,
    .drop = player_drop,
};

uint64_t runtime_mpsc_there_and_back(const struct runtime_run *run) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct player players[2] = {{.begins = true, .left = run->count}, {.left = run->count}};
    for (int i = 0; i < 2; i++) {
        runtime_must(wb_mpsc_new(run->sys, &type, 1, &players[i].out, &players[1 - i].in));
        wb_future_init(&players[i].future, &player_ops);
    }
    return run_both(run, &players[0].future, &players[1].future);
}

/* ---- answers ---- */

/* Sends the sending end of a channel for one value, and waits for what comes back by it. */
struct asker {
    struct wb_future future;
    const struct wb_sys *sys;
    struct wb_mpsc_sender out;
    struct wb_mpsc_send send;
    struct wb_oneshot_sender question;
    struct wb_oneshot_receiver answer;
    struct wb_oneshot_receive receive;
    uint64_t left;
    int value;
};

static enum wb_progress asker_poll(struct wb_future *future, struct wb_context *context) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct asker *self = WB_FUTURE_OF(future, struct asker, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left != 0; self->left--) {
        runtime_must(wb_oneshot_new(self->sys, &type, &self->question, &self->answer));
        wb_mpsc_send_init(&self->send, &self->out, &self->question);
        WB_TRY_AWAIT(&self->send.future);
        wb_oneshot_receive_init(&self->receive, &self->answer, &self->value);
        WB_TRY_AWAIT(&self->receive.future);
        wb_oneshot_receiver_drop(&self->answer);
    }
    WB_ASYNC_END(WB_OK);
}

static void asker_drop(struct wb_future *future) {
    struct asker *self = WB_FUTURE_OF(future, struct asker, future);
    wb_future_drop(&self->send.future);
    wb_future_drop(&self->receive.future);
    wb_oneshot_receiver_drop(&self->answer);
    wb_mpsc_sender_drop(&self->out);
}

static const struct wb_future_ops asker_ops = {
    .size = sizeof(struct asker),
    .offset = offsetof(struct asker, future),
    .poll = asker_poll,
    .drop = asker_drop,
};

struct oracle {
    struct wb_future future;
    struct wb_mpsc_receiver in;
    struct wb_mpsc_receive receive;
    struct wb_oneshot_sender question;
};

static enum wb_progress oracle_poll(struct wb_future *future, struct wb_context *context) {
    struct oracle *self = WB_FUTURE_OF(future, struct oracle, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_mpsc_receive_init(&self->receive, &self->in, &self->question);
        WB_TRY_AWAIT(&self->receive.future);
        if (self->receive.future.status == WB_EOF) {
            WB_ASYNC_RETURN(WB_OK);
        }
        runtime_must(wb_oneshot_send(&self->question, &(int){42}));
    }
    WB_ASYNC_END(WB_OK);
}

static void oracle_drop(struct wb_future *future) {
    struct oracle *self = WB_FUTURE_OF(future, struct oracle, future);
    wb_future_drop(&self->receive.future);
    wb_mpsc_receiver_drop(&self->in);
}

static const struct wb_future_ops oracle_ops = {
    .size = sizeof(struct oracle),
    .offset = offsetof(struct oracle, future),
    .poll = oracle_poll,
    .drop = oracle_drop,
};

uint64_t runtime_oneshot(const struct runtime_run *run) {
    const struct wb_value_type type = {.size = sizeof(struct wb_oneshot_sender)};
    struct asker asker = {.sys = run->sys, .left = run->count};
    struct oracle oracle = {.question = {NULL}};
    runtime_must(wb_mpsc_new(run->sys, &type, 1, &asker.out, &oracle.in));
    wb_future_init(&asker.future, &asker_ops);
    wb_future_init(&oracle.future, &oracle_ops);
    return run_both(run, &asker.future, &oracle.future);
}

/* ---- a mutex that both want ---- */

struct rival {
    struct wb_future future;
    struct wb_async_mutex *mutex;
    struct wb_async_lock lock;
    uint64_t left;
};

static enum wb_progress rival_poll(struct wb_future *future, struct wb_context *context) {
    struct rival *self = WB_FUTURE_OF(future, struct rival, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left != 0; self->left--) {
        wb_async_lock_init(&self->lock, self->mutex);
        WB_TRY_AWAIT(wb_async_lock_future(&self->lock));
        WB_ASYNC_YIELD();
        wb_async_mutex_unlock(self->mutex);
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops rival_ops = {
    .size = sizeof(struct rival),
    .offset = offsetof(struct rival, future),
    .poll = rival_poll,
};

uint64_t runtime_mutex(const struct runtime_run *run) {
    struct wb_async_mutex mutex;
    runtime_must(wb_async_mutex_init(&mutex, run->sys));
    struct rival rivals[2] = {
        {.mutex = &mutex, .left = run->count / 2}, {.mutex = &mutex, .left = run->count / 2}};
    wb_future_init(&rivals[0].future, &rival_ops);
    wb_future_init(&rivals[1].future, &rival_ops);
    const uint64_t spent_ns = run_both(run, &rivals[0].future, &rivals[1].future);
    wb_async_mutex_clean_up(&mutex);
    return spent_ns;
}
