/* See scenes.h. Each program ends with 0 if all was as it must be in any order, and with 1
 * otherwise; who waits for something that was lost never ends. With `flavour=single` the runtime
 * has one thread, otherwise two workers, a high and a low one. */
#include "scenes.h"

#include <stdatomic.h>
#include <string.h>

#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/mpsc.h"
#include "wb/notify.h"
#include "wb/oneshot.h"
#include "wb/poll.h"
#include "wb/runtime.h"
#include "wb/semaphore.h"
#include "wb/time.h"
#include "wb/waker.h"

#define MS UINT64_C(1000000)

/* ---- what the scenes share ---- */

static bool is_single(int argc, char *const argv[]) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--flavour") == 0) {
            return strcmp(argv[i + 1], "single") == 0;
        }
    }
    return false;
}

static struct wb_runtime *open_runtime(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_runtime_config config = {
        .flavour = is_single(argc, argv) ? WB_RUNTIME_CURRENT_THREAD : WB_RUNTIME_MULTI_THREAD,
        .high_workers = 1,
        .low_workers = 1,
        .events_capacity = 4,
    };
    struct wb_runtime *runtime = NULL;
    return wb_runtime_new(sys, &config, &runtime) == WB_OK ? runtime : NULL;
}

/* Something that happens once, told by another thread. */
struct gate {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_task_waker waker;
    bool is_open;
    uint64_t delay_ns; /* how long its opener sleeps first; 0: not */
    uint64_t opener;
};

static void open_gate(void *arg) {
    struct gate *gate = arg;
    if (gate->delay_ns != 0) {
        (void)WB_SYS(gate->sys, poll, NULL, 0, (int64_t)gate->delay_ns);
    }
    WB_SYS(gate->sys, mutex_lock, &gate->mutex);
    struct wb_task_waker waker = gate->waker;
    gate->waker = (struct wb_task_waker){0};
    gate->is_open = true;
    WB_SYS(gate->sys, mutex_unlock, &gate->mutex);
    wb_task_waker_fire(&waker);
}

static bool gate_init(struct gate *gate, const struct wb_sys *sys) {
    *gate = (struct gate){.sys = sys};
    return WB_SYS(sys, mutex_init, &gate->mutex) == 0;
}

static bool gate_start(struct gate *gate) {
    return WB_SYS(gate->sys, thread_create, open_gate, gate, &gate->opener) == 0;
}

static void gate_await(struct gate *gate) {
    (void)WB_SYS(gate->sys, thread_join, gate->opener);
}

static void gate_clean_up(struct gate *gate) {
    wb_task_waker_drop(&gate->waker);
    WB_SYS(gate->sys, mutex_destroy, &gate->mutex);
}

static void gate_end(struct gate *gate) {
    gate_await(gate);
    gate_clean_up(gate);
}

/* Over when its gate is open. */
struct pass {
    struct wb_future future;
    struct gate *gate;
    atomic_uint *dropped; /* counts the ends of it; may be NULL */
};

static enum wb_progress pass_poll(struct wb_future *future, struct wb_context *context) {
    struct gate *gate = WB_FUTURE_OF(future, struct pass, future)->gate;
    WB_SYS(gate->sys, mutex_lock, &gate->mutex);
    const bool is_open = gate->is_open;
    if (!is_open) {
        wb_task_waker_store(&gate->waker, context->waker);
    }
    WB_SYS(gate->sys, mutex_unlock, &gate->mutex);
    return is_open ? wb_future_end(future, WB_OK) : WB_PENDING;
}

static void pass_drop(struct wb_future *future) {
    const struct pass *self = WB_FUTURE_OF(future, struct pass, future);
    if (self->dropped != NULL) {
        wb_sys_interleave(self->gate->sys, self->dropped);
        (void)atomic_fetch_add(self->dropped, 1);
    }
}

static const struct wb_future_ops pass_ops = {
    .size = sizeof(struct pass),
    .offset = offsetof(struct pass, future),
    .poll = pass_poll,
    .drop = pass_drop,
};

static struct pass pass_of(struct gate *gate, atomic_uint *dropped) {
    struct pass pass = {.gate = gate, .dropped = dropped};
    wb_future_init(&pass.future, &pass_ops);
    return pass;
}

static enum wb_status join(struct wb_runtime *runtime, struct wb_join_handle *handle) {
    const enum wb_status status = wb_runtime_block_on(runtime, &handle->future);
    wb_join_handle_detach(handle);
    return status;
}

/* ---- block_on: woken by another thread ---- */

static int block_on_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct pass pass = pass_of(&gate, NULL);
    if (runtime == NULL || !gate_init(&gate, sys) || !gate_start(&gate)) {
        return 2;
    }
    const bool is_right = wb_runtime_block_on(runtime, &pass.future) == WB_OK;
    gate_end(&gate);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- a wake while somebody takes figures ---- */

static void take_figures(void *runtime) {
    struct wb_runtime_metrics metrics;
    wb_runtime_metrics(runtime, &metrics);
}

static int figures_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct pass pass = pass_of(&gate, NULL);
    uint64_t watcher;
    if (runtime == NULL || !gate_init(&gate, sys) || !gate_start(&gate)
        || WB_SYS(sys, thread_create, take_figures, runtime, &watcher) != 0) {
        return 2;
    }
    const bool is_right = wb_runtime_block_on(runtime, &pass.future) == WB_OK;
    (void)WB_SYS(sys, thread_join, watcher);
    gate_end(&gate);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- task_wake: a task is woken by another thread, perhaps while it is polled ---- */

static int task_wake_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct pass pass = pass_of(&gate, NULL);
    struct wb_join_handle handle;
    if (runtime == NULL || !gate_init(&gate, sys)
        || wb_runtime_spawn(runtime, &pass.future, NULL, &handle) != WB_OK || !gate_start(&gate)) {
        return 2;
    }
    const bool is_right = join(runtime, &handle) == WB_OK;
    gate_end(&gate);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- abort: while the task ends by itself ---- */

static int abort_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    atomic_uint dropped;
    struct pass pass = pass_of(&gate, &dropped);
    struct wb_join_handle handle;
    atomic_init(&dropped, 0);
    if (runtime == NULL || !gate_init(&gate, sys)
        || wb_runtime_spawn(runtime, &pass.future, NULL, &handle) != WB_OK || !gate_start(&gate)) {
        return 2;
    }
    wb_join_handle_abort(&handle);
    const enum wb_status status = join(runtime, &handle);
    gate_end(&gate);
    wb_runtime_destroy(runtime);
    const bool is_right = status == WB_OK || status == WB_ERR_CANCELLED;
    return is_right && atomic_load(&dropped) == 1 ? 0 : 1;
}

/* ---- cancel: while the task runs ---- */

struct yielder {
    struct wb_future future;
    const struct wb_sys *sys;
    atomic_uint *dropped;
};

static enum wb_progress yielder_poll(struct wb_future *future, struct wb_context *context) {
    WB_ASYNC_BEGIN(future, context);
    WB_ASYNC_YIELD();
    WB_ASYNC_END(WB_OK);
}

static void yielder_drop(struct wb_future *future) {
    const struct yielder *self = WB_FUTURE_OF(future, struct yielder, future);
    wb_sys_interleave(self->sys, self->dropped);
    (void)atomic_fetch_add(self->dropped, 1);
}

static const struct wb_future_ops yielder_ops = {
    .size = sizeof(struct yielder),
    .offset = offsetof(struct yielder, future),
    .poll = yielder_poll,
    .drop = yielder_drop,
};

static int cancel_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    atomic_uint dropped;
    struct yielder yielder = {.sys = sys, .dropped = &dropped};
    struct wb_join_handle handle;
    atomic_init(&dropped, 0);
    wb_future_init(&yielder.future, &yielder_ops);
    if (runtime == NULL || wb_runtime_spawn(runtime, &yielder.future, NULL, &handle) != WB_OK) {
        return 2;
    }
    wb_join_handle_cancel(&handle);
    wb_runtime_destroy(runtime);
    return atomic_load(&dropped) == 1 ? 0 : 1;
}

/* ---- late_spawn: another thread spawns while the runtime shuts down ---- */

struct latecomer {
    struct wb_runtime *runtime;
    const struct wb_sys *sys;
    atomic_uint dropped;
    enum wb_status spawned;
};

static void spawn_late(void *arg) {
    struct latecomer *latecomer = arg;
    struct yielder yielder = {.sys = latecomer->sys, .dropped = &latecomer->dropped};
    wb_future_init(&yielder.future, &yielder_ops);
    latecomer->spawned = wb_runtime_spawn(latecomer->runtime, &yielder.future, NULL, NULL);
    if (latecomer->spawned != WB_OK) {
        wb_future_drop(&yielder.future);
    }
}

static int late_spawn_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct latecomer latecomer = {.runtime = open_runtime(sys, argc, argv), .sys = sys};
    uint64_t thread;
    atomic_init(&latecomer.dropped, 0);
    if (latecomer.runtime == NULL
        || WB_SYS(sys, thread_create, spawn_late, &latecomer, &thread) != 0) {
        return 2;
    }
    const enum wb_status drained = wb_runtime_shutdown(latecomer.runtime, 1000 * MS);
    (void)WB_SYS(sys, thread_join, thread);
    wb_runtime_destroy(latecomer.runtime);
    const bool is_told = latecomer.spawned == WB_OK || latecomer.spawned == WB_ERR_CLOSED;
    return drained == WB_OK && is_told && atomic_load(&latecomer.dropped) == 1 ? 0 : 1;
}

/* ---- blocking: work on a thread of the pool ---- */

static enum wb_status answer_blocking(void *arg) {
    *(int *)arg = 42;
    return WB_EOF;
}

static int blocking_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_join_handle handle;
    int answer = 0;
    if (runtime == NULL
        || wb_runtime_spawn_blocking(runtime, answer_blocking, &answer, &handle) != WB_OK) {
        return 2;
    }
    const bool is_right = join(runtime, &handle) == WB_EOF && answer == 42;
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- timeout: the gate opens at the moment at which the patience ends ---- */

static int timeout_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct pass pass = pass_of(&gate, NULL);
    struct wb_with_timeout timeout;
    if (runtime == NULL || !gate_init(&gate, sys)) {
        return 2;
    }
    gate.delay_ns = MS;
    if (!gate_start(&gate)) {
        return 2;
    }
    wb_with_timeout_init(&timeout, runtime, &pass.future, MS);
    const enum wb_status status = wb_runtime_block_on(runtime, &timeout.future);
    gate_end(&gate);
    wb_runtime_destroy(runtime);
    return status == WB_OK || status == WB_ERR_TIMED_OUT ? 0 : 1;
}

/* ---- join_task: one task awaits another ---- */

struct joiner {
    struct wb_future future;
    struct wb_join_handle awaited;
};

static enum wb_progress joiner_poll(struct wb_future *future, struct wb_context *context) {
    struct joiner *self = WB_FUTURE_OF(future, struct joiner, future);
    WB_ASYNC_BEGIN(future, context);
    WB_AWAIT(&self->awaited.future);
    WB_ASYNC_END(self->awaited.future.status);
}

static void joiner_drop(struct wb_future *future) {
    wb_join_handle_detach(&WB_FUTURE_OF(future, struct joiner, future)->awaited);
}

static const struct wb_future_ops joiner_ops = {
    .size = sizeof(struct joiner),
    .offset = offsetof(struct joiner, future),
    .poll = joiner_poll,
    .drop = joiner_drop,
};

static int join_task_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_spawn_options high = {.priority = WB_PRIORITY_HIGH};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    atomic_uint dropped;
    struct yielder yielder = {.sys = sys, .dropped = &dropped};
    struct joiner joiner = {0};
    struct wb_join_handle handle;
    atomic_init(&dropped, 0);
    wb_future_init(&yielder.future, &yielder_ops);
    wb_future_init(&joiner.future, &joiner_ops);
    if (runtime == NULL
        || wb_runtime_spawn(runtime, &yielder.future, &high, &joiner.awaited) != WB_OK
        || wb_runtime_spawn(runtime, &joiner.future, NULL, &handle) != WB_OK) {
        return 2;
    }
    const bool is_right = join(runtime, &handle) == WB_OK;
    wb_runtime_destroy(runtime);
    return is_right && atomic_load(&dropped) == 1 ? 0 : 1;
}

/* ---- join_shutdown, work_shutdown: who has joined all need not wait to shut down ---- */

/* Comes to the handle when what it stands for may be over, be about to end, or not have begun. */
static bool join_and_shut_down(
    struct wb_runtime *runtime, struct gate *gate, struct wb_join_handle *handle) {
    if (!gate_start(gate)) {
        return false;
    }
    gate_await(gate);
    const enum wb_status joined = join(runtime, handle);
    const enum wb_status drained = wb_runtime_shutdown(runtime, 0);
    gate_clean_up(gate);
    return joined == WB_OK && drained == WB_OK;
}

static int join_shutdown_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct pass pass = pass_of(&gate, NULL);
    struct wb_join_handle handle;
    if (runtime == NULL || !gate_init(&gate, sys)
        || wb_runtime_spawn(runtime, &pass.future, NULL, &handle) != WB_OK) {
        return 2;
    }
    const bool is_right = join_and_shut_down(runtime, &gate, &handle);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

static enum wb_status do_nothing(void *arg) {
    (void)arg;
    return WB_OK;
}

static int work_shutdown_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct gate gate;
    struct wb_join_handle handle;
    if (runtime == NULL || !gate_init(&gate, sys)
        || wb_runtime_spawn_blocking(runtime, do_nothing, NULL, &handle) != WB_OK) {
        return 2;
    }
    const bool is_right = join_and_shut_down(runtime, &gate, &handle);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- finished: who has shut down finds that all tasks and all work have ended ---- */

static int finished_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    atomic_uint dropped;
    struct yielder yielder = {.sys = sys, .dropped = &dropped};
    struct wb_join_handle handle;
    atomic_init(&dropped, 0);
    wb_future_init(&yielder.future, &yielder_ops);
    if (runtime == NULL || wb_runtime_spawn(runtime, &yielder.future, NULL, &handle) != WB_OK) {
        return 2;
    }
    bool is_right = wb_runtime_shutdown(runtime, 1000 * MS) == WB_OK;
    is_right &= wb_join_handle_is_finished(&handle);
    wb_join_handle_detach(&handle);
    wb_runtime_destroy(runtime);
    return is_right && atomic_load(&dropped) == 1 ? 0 : 1;
}

static int work_finished_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_join_handle handle;
    if (runtime == NULL || wb_runtime_spawn_blocking(runtime, do_nothing, NULL, &handle) != WB_OK) {
        return 2;
    }
    bool is_right = wb_runtime_shutdown(runtime, 1000 * MS) == WB_OK;
    is_right &= wb_join_handle_is_finished(&handle);
    wb_join_handle_detach(&handle);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- detach: while the task ends, so that one of the two drops the output ---- */

/* Has an output that counts its ends. */
struct producer {
    struct wb_future future;
    const struct wb_sys *sys;
    atomic_uint *dropped;
};

static enum wb_progress producer_poll(struct wb_future *future, struct wb_context *context) {
    (void)context;
    return wb_future_end(future, WB_OK);
}

static void producer_drop_output(struct wb_future *future) {
    const struct producer *self = WB_FUTURE_OF(future, struct producer, future);
    wb_sys_interleave(self->sys, self->dropped);
    (void)atomic_fetch_add(self->dropped, 1);
}

static const struct wb_future_ops producer_ops = {
    .size = sizeof(struct producer),
    .offset = offsetof(struct producer, future),
    .poll = producer_poll,
    .drop_output = producer_drop_output,
};

static int detach_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    atomic_uint dropped;
    struct producer producer = {.sys = sys, .dropped = &dropped};
    struct wb_join_handle handle;
    struct gate gate;
    atomic_init(&dropped, 0);
    wb_future_init(&producer.future, &producer_ops);
    if (runtime == NULL || wb_runtime_spawn(runtime, &producer.future, NULL, &handle) != WB_OK
        || !gate_init(&gate, sys) || !gate_start(&gate)) {
        return 2;
    }
    gate_end(&gate);
    wb_join_handle_detach(&handle);
    bool is_right = wb_runtime_shutdown(runtime, 1000 * MS) == WB_OK;
    is_right &= atomic_load(&dropped) == 1;
    wb_runtime_destroy(runtime);
    return is_right && atomic_load(&dropped) == 1 ? 0 : 1;
}

/* ---- sleep: a timer that begins while another worker waits for readiness ---- */

struct sleeper {
    struct wb_future future;
    struct wb_sleep sleep;
};

static enum wb_progress sleeper_poll(struct wb_future *future, struct wb_context *context) {
    struct sleeper *self = WB_FUTURE_OF(future, struct sleeper, future);
    WB_ASYNC_BEGIN(future, context);
    wb_sleep_init(&self->sleep, context->runtime, MS);
    WB_TRY_AWAIT(&self->sleep.future);
    WB_ASYNC_END(WB_OK);
}

static void sleeper_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct sleeper, future)->sleep.future);
}

static const struct wb_future_ops sleeper_ops = {
    .size = sizeof(struct sleeper),
    .offset = offsetof(struct sleeper, future),
    .poll = sleeper_poll,
    .drop = sleeper_drop,
};

static int sleep_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct sleeper sleeper = {0};
    struct wb_join_handle handle;
    wb_future_init(&sleeper.future, &sleeper_ops);
    if (runtime == NULL || wb_runtime_spawn(runtime, &sleeper.future, NULL, &handle) != WB_OK) {
        return 2;
    }
    const bool is_right = join(runtime, &handle) == WB_OK;
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- oneshot ---- */

static void send_one(void *arg) {
    (void)!wb_oneshot_send(arg, &(int){7});
}

static int oneshot_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_oneshot_sender sender;
    struct wb_oneshot_receiver receiver;
    struct wb_oneshot_receive receive;
    uint64_t thread;
    int value = 0;
    if (runtime == NULL || wb_oneshot_new(sys, &type, &sender, &receiver) != WB_OK
        || WB_SYS(sys, thread_create, send_one, &sender, &thread) != 0) {
        return 2;
    }
    wb_oneshot_receive_init(&receive, &receiver, &value);
    const bool is_right = wb_runtime_block_on(runtime, &receive.future) == WB_OK && value == 7;
    (void)WB_SYS(sys, thread_join, thread);
    wb_oneshot_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- mpsc: two threads send into a channel with room for both; it closes behind them ---- */

static void send_into_channel(void *arg) {
    struct wb_mpsc_sender *sender = arg;
    (void)!wb_mpsc_try_send(sender, &(int){1});
    wb_mpsc_sender_drop(sender);
}

static int receive_sum(struct wb_runtime *runtime, struct wb_mpsc_receiver *receiver) {
    enum wb_status status;
    int sum = 0;
    do {
        struct wb_mpsc_receive receive;
        int value = 0;
        wb_mpsc_receive_init(&receive, receiver, &value);
        status = wb_runtime_block_on(runtime, &receive.future);
        sum += value;
    } while (status == WB_OK);
    return status == WB_EOF ? sum : -1;
}

static int mpsc_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_mpsc_sender senders[2];
    struct wb_mpsc_receiver receiver;
    uint64_t threads[2];
    if (runtime == NULL || wb_mpsc_new(sys, &type, 2, &senders[0], &receiver) != WB_OK) {
        return 2;
    }
    senders[1] = wb_mpsc_sender_clone(&senders[0]);
    for (int i = 0; i < 2; i++) {
        if (WB_SYS(sys, thread_create, send_into_channel, &senders[i], &threads[i]) != 0) {
            return 2;
        }
    }
    const bool is_right = receive_sum(runtime, &receiver) == 2;
    (void)WB_SYS(sys, thread_join, threads[0]);
    (void)WB_SYS(sys, thread_join, threads[1]);
    wb_mpsc_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- mpsc_value: a thread sends one value, and its end stays open ---- */

static void send_value(void *arg) {
    (void)!wb_mpsc_try_send(arg, &(int){1});
}

static int mpsc_value_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_mpsc_sender sender;
    struct wb_mpsc_receiver receiver;
    struct wb_mpsc_receive receive;
    uint64_t thread;
    int value = 0;
    if (runtime == NULL || wb_mpsc_new(sys, &type, WB_MPSC_UNBOUNDED, &sender, &receiver) != WB_OK
        || WB_SYS(sys, thread_create, send_value, &sender, &thread) != 0) {
        return 2;
    }
    wb_mpsc_receive_init(&receive, &receiver, &value);
    const bool is_right = wb_runtime_block_on(runtime, &receive.future) == WB_OK && value == 1;
    (void)WB_SYS(sys, thread_join, thread);
    wb_mpsc_sender_drop(&sender);
    wb_mpsc_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- mpsc_room: who sends waits for the room of a value that another thread takes ---- */

static void take_first(void *arg) {
    int value = 0;
    (void)!wb_mpsc_try_receive(arg, &value);
}

static int mpsc_room_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_mpsc_sender sender;
    struct wb_mpsc_receiver receiver;
    struct wb_mpsc_send send;
    uint64_t thread;
    int value = 0;
    if (runtime == NULL || wb_mpsc_new(sys, &type, 1, &sender, &receiver) != WB_OK
        || wb_mpsc_try_send(&sender, &(int){1}) != WB_OK
        || WB_SYS(sys, thread_create, take_first, &receiver, &thread) != 0) {
        return 2;
    }
    wb_mpsc_send_init(&send, &sender, &(int){2});
    bool is_right = wb_runtime_block_on(runtime, &send.future) == WB_OK;
    (void)WB_SYS(sys, thread_join, thread);
    is_right &= wb_mpsc_try_receive(&receiver, &value) == WB_OK && value == 2;
    wb_mpsc_sender_drop(&sender);
    wb_mpsc_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- mpsc_close, oneshot_close: a thread closes the receiver that another one waits with ---- */

static void close_queue(void *arg) {
    wb_mpsc_receiver_close(arg);
}

static int mpsc_close_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_mpsc_sender sender;
    struct wb_mpsc_receiver receiver;
    struct wb_mpsc_receive receive;
    uint64_t thread;
    int value = 0;
    if (runtime == NULL || wb_mpsc_new(sys, &type, 1, &sender, &receiver) != WB_OK
        || WB_SYS(sys, thread_create, close_queue, &receiver, &thread) != 0) {
        return 2;
    }
    wb_mpsc_receive_init(&receive, &receiver, &value);
    const bool is_right = wb_runtime_block_on(runtime, &receive.future) == WB_EOF;
    (void)WB_SYS(sys, thread_join, thread);
    wb_mpsc_sender_drop(&sender);
    wb_mpsc_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

static void close_answer(void *arg) {
    wb_oneshot_receiver_close(arg);
}

static int oneshot_close_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_oneshot_sender sender;
    struct wb_oneshot_receiver receiver;
    struct wb_oneshot_receive receive;
    uint64_t closer;
    int value = 7;
    if (runtime == NULL || wb_oneshot_new(sys, &type, &sender, &receiver) != WB_OK
        || WB_SYS(sys, thread_create, close_answer, &receiver, &closer) != 0) {
        return 2;
    }
    wb_oneshot_receive_init(&receive, &receiver, &value);
    const bool is_right = wb_runtime_block_on(runtime, &receive.future) == WB_ERR_CLOSED;
    (void)WB_SYS(sys, thread_join, closer);
    wb_oneshot_sender_drop(&sender);
    wb_oneshot_receiver_drop(&receiver);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- oneshot_closed: the receiver goes while an answer is sent ---- */

static int oneshot_closed_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_oneshot_sender sender;
    struct wb_oneshot_receiver receiver;
    uint64_t thread;
    int value = 7;
    (void)argc;
    (void)argv;
    if (wb_oneshot_new(sys, &type, &sender, &receiver) != WB_OK
        || WB_SYS(sys, thread_create, send_one, &sender, &thread) != 0) {
        return 2;
    }
    wb_oneshot_receiver_close(&receiver);
    const enum wb_status status = wb_oneshot_try_receive(&receiver, &value);
    wb_oneshot_receiver_drop(&receiver);
    (void)WB_SYS(sys, thread_join, thread);
    return (status == WB_OK || status == WB_ERR_CLOSED) && value == 7 ? 0 : 1;
}

/* ---- notify: a task may ask before, while or after it is told ---- */

static void notify_one(void *arg) {
    wb_notify_one(arg);
}

static int notify_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_notify notify = {0};
    struct wb_notified notified;
    struct wb_join_handle handle;
    uint64_t thread;
    if (runtime == NULL || wb_notify_init(&notify, sys) != WB_OK) {
        return 2;
    }
    wb_notified_init(&notified, &notify);
    if (wb_runtime_spawn(runtime, &notified.future, NULL, &handle) != WB_OK
        || WB_SYS(sys, thread_create, notify_one, &notify, &thread) != 0) {
        return 2;
    }
    const bool is_right = join(runtime, &handle) == WB_OK;
    (void)WB_SYS(sys, thread_join, thread);
    wb_runtime_destroy(runtime);
    wb_notify_clean_up(&notify);
    return is_right ? 0 : 1;
}

/* ---- semaphore: one permit, which a thread has and gives back ---- */

static void release_one(void *arg) {
    wb_semaphore_release(arg, 1);
}

static int semaphore_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct wb_semaphore semaphore = {0};
    struct wb_acquire acquires[2];
    struct wb_join_handle handle;
    uint64_t thread;
    if (runtime == NULL || wb_semaphore_init(&semaphore, sys, 1) != WB_OK
        || wb_semaphore_try_acquire(&semaphore, 1) != WB_OK) {
        return 2;
    }
    wb_acquire_init(&acquires[0], &semaphore, 1);
    wb_acquire_init(&acquires[1], &semaphore, 1);
    if (wb_runtime_spawn(runtime, &acquires[0].future, NULL, &handle) != WB_OK
        || WB_SYS(sys, thread_create, release_one, &semaphore, &thread) != 0) {
        return 2;
    }
    bool is_right = join(runtime, &handle) == WB_OK;
    wb_semaphore_release(&semaphore, 1);
    is_right &= wb_runtime_block_on(runtime, &acquires[1].future) == WB_OK;
    (void)WB_SYS(sys, thread_join, thread);
    wb_runtime_destroy(runtime);
    is_right &= wb_semaphore_available(&semaphore) == 0;
    wb_semaphore_clean_up(&semaphore);
    return is_right ? 0 : 1;
}

/* ---- poll_waker: two threads wake a poll, without a runtime ---- */

struct bell {
    const struct wb_sys *sys;
    struct wb_waker waker;
    atomic_uint rings;
};

static void ring(void *arg) {
    struct bell *bell = arg;
    wb_sys_interleave(bell->sys, &bell->rings);
    (void)atomic_fetch_add(&bell->rings, 1);
    (void)!wb_waker_wake(&bell->waker);
}

static bool hear(struct bell *bell, struct wb_poll *poll, struct wb_events *events) {
    unsigned heard = 0;
    enum wb_status status = WB_OK;
    while (heard < 2 && (status == WB_OK || status == WB_ERR_INTERRUPTED)) {
        status = wb_poll_wait(poll, events, WB_TIMEOUT_INFINITE);
        wb_sys_interleave(bell->sys, &bell->rings);
        heard = atomic_load(&bell->rings);
    }
    return heard == 2;
}

static int poll_waker_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct bell bell = {.sys = sys};
    struct wb_poll poll;
    struct wb_events events;
    uint64_t threads[2];
    (void)argc;
    (void)argv;
    atomic_init(&bell.rings, 0);
    if (wb_poll_init(&poll, sys) != WB_OK || wb_events_init(&events, sys, 2) != WB_OK
        || wb_waker_init(&bell.waker, wb_poll_registry(&poll), 1) != WB_OK) {
        return 2;
    }
    for (int i = 0; i < 2; i++) {
        if (WB_SYS(sys, thread_create, ring, &bell, &threads[i]) != 0) {
            return 2;
        }
    }
    const bool is_right = hear(&bell, &poll, &events);
    (void)WB_SYS(sys, thread_join, threads[0]);
    (void)WB_SYS(sys, thread_join, threads[1]);
    wb_waker_clean_up(&bell.waker);
    wb_events_clean_up(&events);
    wb_poll_clean_up(&poll);
    return is_right ? 0 : 1;
}

/* ---- the tables ---- */

const struct scene scenes[] = {
    {"a poll woken by two threads", "poll_waker", WBH_UNBOUNDED, WBH_UNBOUNDED},
    {"block_on woken by a thread, one thread drives", "block_on flavour=single", 3, WBH_UNBOUNDED},
    {"block_on woken by a thread, two workers", "block_on", 1, 2},
    {"a wake while a thread takes figures", "figures flavour=single", 2, 3},
    {"a task woken by a thread, one thread drives", "task_wake flavour=single", 3, WBH_UNBOUNDED},
    {"a task woken by a thread, two workers", "task_wake", 1, 2},
    {"abort while the task ends", "abort", 1, 2},
    {"cancel while the task runs", "cancel", 1, 2},
    {"spawning while the runtime shuts down", "late_spawn", 1, 2},
    {"work of the blocking pool", "blocking", 1, 2},
    {"a wake at the moment of the timeout", "timeout flavour=single", WBH_UNBOUNDED, WBH_UNBOUNDED},
    {"a timer that begins while the driver waits", "sleep", 1, 2},
    {"a task awaits another", "join_task", 1, 2},
    {"shutting down when the last task was joined", "join_shutdown", 1, 2},
    {"shutting down when the last work was joined", "work_shutdown flavour=single", 1, 2},
    {"a task is finished when the runtime is shut down", "finished", 1, 2},
    {"work is finished when the runtime is shut down", "work_finished flavour=single", 1, 2},
    {"giving up a handle while the task ends", "detach", 1, 2},
    {"oneshot", "oneshot", 1, 2},
    {"oneshot, one thread drives", "oneshot flavour=single", 3, 6},
    {"mpsc with two senders, one thread drives", "mpsc flavour=single", 2, 3},
    {"mpsc without bound, one thread drives", "mpsc_value flavour=single", 3, WBH_UNBOUNDED},
    {"mpsc, who sends waits, one thread drives", "mpsc_room flavour=single", 3, 6},
    {"mpsc, closed while it waits, one thread drives", "mpsc_close flavour=single", 3, 6},
    {"oneshot, closed while it waits, one thread drives", "oneshot_close flavour=single", 3, 6},
    {"oneshot, the receiver goes meanwhile", "oneshot_closed", WBH_UNBOUNDED, WBH_UNBOUNDED},
    {"notify", "notify", 1, 2},
    {"semaphore", "semaphore", 1, 2},
};

const size_t scene_count = sizeof(scenes) / sizeof(scenes[0]);

static const char *const options[] = {"flavour", NULL};

static const struct wbh_program programs[] = {
    {.name = "poll_waker", .main = poll_waker_main, .must_succeed = 1},
    {.name = "block_on", .main = block_on_main, .options = options, .must_succeed = 1},
    {.name = "figures", .main = figures_main, .options = options, .must_succeed = 1},
    {.name = "task_wake", .main = task_wake_main, .options = options, .must_succeed = 1},
    {.name = "abort", .main = abort_main, .options = options, .must_succeed = 1},
    {.name = "cancel", .main = cancel_main, .options = options, .must_succeed = 1},
    {.name = "late_spawn", .main = late_spawn_main, .options = options, .must_succeed = 1},
    {.name = "blocking", .main = blocking_main, .options = options, .must_succeed = 1},
    {.name = "timeout", .main = timeout_main, .options = options, .must_succeed = 1},
    {.name = "sleep", .main = sleep_main, .options = options, .must_succeed = 1},
    {.name = "join_task", .main = join_task_main, .options = options, .must_succeed = 1},
    {.name = "join_shutdown", .main = join_shutdown_main, .options = options, .must_succeed = 1},
    {.name = "work_shutdown", .main = work_shutdown_main, .options = options, .must_succeed = 1},
    {.name = "finished", .main = finished_main, .options = options, .must_succeed = 1},
    {.name = "work_finished", .main = work_finished_main, .options = options, .must_succeed = 1},
    {.name = "detach", .main = detach_main, .options = options, .must_succeed = 1},
    {.name = "oneshot", .main = oneshot_main, .options = options, .must_succeed = 1},
    {.name = "mpsc", .main = mpsc_main, .options = options, .must_succeed = 1},
    {.name = "mpsc_value", .main = mpsc_value_main, .options = options, .must_succeed = 1},
    {.name = "mpsc_room", .main = mpsc_room_main, .options = options, .must_succeed = 1},
    {.name = "mpsc_close", .main = mpsc_close_main, .options = options, .must_succeed = 1},
    {.name = "oneshot_close", .main = oneshot_close_main, .options = options, .must_succeed = 1},
    {.name = "oneshot_closed", .main = oneshot_closed_main, .must_succeed = 1},
    {.name = "notify", .main = notify_main, .options = options, .must_succeed = 1},
    {.name = "semaphore", .main = semaphore_main, .options = options, .must_succeed = 1},
};

const struct wbh_program *scene_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
