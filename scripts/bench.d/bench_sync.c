/* Measures what tasks pay for each other on the real system: values through channels, answers,
 * permits, on the current-thread flavour and with two workers. Processor time of the whole process,
 * as in bench_runtime.c; each case is told by the median of its rounds. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "wb/async.h"
#include "wb/async_mutex.h"
#include "wb/mpsc.h"
#include "wb/oneshot.h"
#include "wb/runtime.h"
#include "wb/sys_linux.h"

enum { ROUNDS = 7, TURNS = 200000, VALUES = 1000000, CAPACITY = 256 };

static const struct {
    const char *name;
    struct wb_runtime_config config;
} flavours[] = {
    {"one thread", {.flavour = WB_RUNTIME_CURRENT_THREAD}},
    {"two workers", {.high_workers = 1, .low_workers = 1}},
};
enum { FLAVOURS = sizeof flavours / sizeof flavours[0] };

static void must(enum wb_status status) {
    if (status != WB_OK) {
        (void)fprintf(stderr, "bench_sync: %s\n", wb_status_text(status));
    }
    assert(status == WB_OK);
}

static uint64_t process_ns(void) {
    struct timespec spent;
    const int failed = clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)spent.tv_sec * UINT64_C(1000000000) + (uint64_t)spent.tv_nsec;
}

/* Runs two tasks on a fresh runtime, one of each kind; what they took. */
static uint64_t run_both(
    const struct wb_runtime_config *config, struct wb_future *first, struct wb_future *second) {
    const struct wb_spawn_options high = {.priority = WB_PRIORITY_HIGH};
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handles[2];
    must(wb_runtime_new(wb_sys_linux(), config, &runtime));
    const uint64_t before_ns = process_ns();
    must(wb_runtime_spawn(runtime, first, NULL, &handles[0]));
    must(wb_runtime_spawn(runtime, second, &high, &handles[1]));
    for (int i = 0; i < 2; i++) {
        must(wb_runtime_block_on(runtime, &handles[i].future));
        wb_join_handle_detach(&handles[i]);
    }
    const uint64_t spent_ns = process_ns() - before_ns;
    wb_runtime_destroy(runtime);
    return spent_ns;
}

/* ---- values through a channel ---- */

struct source {
    struct wb_future future;
    struct wb_mpsc_sender end;
    struct wb_mpsc_send send;
    uint64_t value;
};

static enum wb_progress source_poll(struct wb_future *future, struct wb_context *context) {
    struct source *self = WB_FUTURE_OF(future, struct source, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->value < VALUES; self->value++) {
        wb_mpsc_send_init(&self->send, &self->end, &self->value);
        WB_TRY_AWAIT(&self->send.future);
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

static double cost_of_value(const struct wb_runtime_config *config, uint32_t capacity) {
    const struct wb_value_type type = {.size = sizeof(uint64_t)};
    struct source source = {.value = 0};
    struct sink sink = {.value = 0};
    must(wb_mpsc_new(wb_sys_linux(), &type, capacity, &source.end, &sink.end));
    wb_future_init(&source.future, &source_ops);
    wb_future_init(&sink.future, &sink_ops);
    return (double)run_both(config, &source.future, &sink.future) / VALUES;
}

static double cost_of_bounded_value(const struct wb_runtime_config *config) {
    return cost_of_value(config, CAPACITY);
}

static double cost_of_unbounded_value(const struct wb_runtime_config *config) {
    return cost_of_value(config, WB_MPSC_UNBOUNDED);
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
    int left;
    int value;
};

static enum wb_progress player_poll(struct wb_future *future, struct wb_context *context) {
    struct player *self = WB_FUTURE_OF(future, struct player, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left > 0; self->left--) {
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

static double cost_of_round_trip(const struct wb_runtime_config *config) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct player players[2] = {{.begins = true, .left = TURNS}, {.left = TURNS}};
    for (int i = 0; i < 2; i++) {
        must(wb_mpsc_new(wb_sys_linux(), &type, 1, &players[i].out, &players[1 - i].in));
        wb_future_init(&players[i].future, &player_ops);
    }
    return (double)run_both(config, &players[0].future, &players[1].future) / TURNS;
}

/* ---- answers ---- */

/* Sends the sending end of a channel for one value, and waits for what comes back by it. */
struct asker {
    struct wb_future future;
    struct wb_mpsc_sender out;
    struct wb_mpsc_send send;
    struct wb_oneshot_sender question;
    struct wb_oneshot_receiver answer;
    struct wb_oneshot_receive receive;
    int left;
    int value;
};

static enum wb_progress asker_poll(struct wb_future *future, struct wb_context *context) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct asker *self = WB_FUTURE_OF(future, struct asker, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left > 0; self->left--) {
        must(wb_oneshot_new(wb_sys_linux(), &type, &self->question, &self->answer));
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
        must(wb_oneshot_send(&self->question, &(int){42}));
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

static double cost_of_answer(const struct wb_runtime_config *config) {
    const struct wb_value_type type = {.size = sizeof(struct wb_oneshot_sender)};
    struct asker asker = {.left = TURNS};
    struct oracle oracle = {.question = {NULL}};
    must(wb_mpsc_new(wb_sys_linux(), &type, 1, &asker.out, &oracle.in));
    wb_future_init(&asker.future, &asker_ops);
    wb_future_init(&oracle.future, &oracle_ops);
    return (double)run_both(config, &asker.future, &oracle.future) / TURNS;
}

/* ---- a mutex that both want ---- */

struct rival {
    struct wb_future future;
    struct wb_async_mutex *mutex;
    struct wb_async_lock lock;
    int left;
};

static enum wb_progress rival_poll(struct wb_future *future, struct wb_context *context) {
    struct rival *self = WB_FUTURE_OF(future, struct rival, future);
    WB_ASYNC_BEGIN(future, context);
    for (; self->left > 0; self->left--) {
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

static double cost_of_handing_on(const struct wb_runtime_config *config) {
    struct wb_async_mutex mutex;
    must(wb_async_mutex_init(&mutex, wb_sys_linux()));
    struct rival rivals[2] = {{.mutex = &mutex, .left = TURNS}, {.mutex = &mutex, .left = TURNS}};
    wb_future_init(&rivals[0].future, &rival_ops);
    wb_future_init(&rivals[1].future, &rival_ops);
    const uint64_t spent_ns = run_both(config, &rivals[0].future, &rivals[1].future);
    wb_async_mutex_clean_up(&mutex);
    return (double)spent_ns / TURNS / 2;
}

/* ---- all of it ---- */

static const struct {
    const char *name;
    double (*cost)(const struct wb_runtime_config *config);
} cases[] = {
    {"value through a channel with room for 256", cost_of_bounded_value},
    {"value through a channel without bound", cost_of_unbounded_value},
    {"value there and back", cost_of_round_trip},
    {"question, and answer by a one-shot channel", cost_of_answer},
    {"mutex handed on across a yield", cost_of_handing_on},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static bool is_wanted(size_t index, int argc, char **argv) {
    return argc < 3 || strstr(cases[index].name, argv[2]) != NULL;
}

/* bench_sync [ROUNDS [CASE]]: cases whose name contains that. */
int main(int argc, char **argv) {
    static struct bench_samples samples[CASES][FLAVOURS];
    const int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    for (int round = 0; round < rounds; round++) {
        for (size_t c = 0; c < CASES; c++) {
            for (size_t f = 0; f < FLAVOURS && is_wanted(c, argc, argv); f++) {
                bench_add(&samples[c][f], cases[c].cost(&flavours[f].config));
            }
        }
    }
    for (size_t c = 0; c < CASES; c++) {
        for (size_t f = 0; f < FLAVOURS && samples[c][f].len != 0; f++) {
            char name[96];
            (void)snprintf(name, sizeof name, "%s, %s", cases[c].name, flavours[f].name);
            bench_row(name, bench_median(&samples[c][f]), "ns", bench_doubt(&samples[c][f]), 0, "");
        }
    }
    return 0;
}
