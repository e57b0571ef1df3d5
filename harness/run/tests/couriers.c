/* What the stack has to hand over between threads, each used by two threads and the loop's own:
 * messages to an event loop, a channel in a poll, wakers. All of them end with 0. */
#include "threads.h"

#include <stdatomic.h>

#include "wb/channel.h"
#include "wb/event_loop.h"
#include "wb/poll.h"
#include "wb/waker.h"

enum { SENDERS = 2, MESSAGES = 5, TOKEN = 7 };

/* One end of a hand-over: a thread that sends, in order. */
struct carrier {
    const struct wb_sys *sys;
    struct wb_sender sender;
    const struct wb_waker *waker; /* of those that wake only, */
    atomic_uint *wakes;           /* ... and what they count */
    uint8_t letters[MESSAGES];    /* messages are pointers into it */
    uint64_t thread;
    bool failed;
};

static void send_all(void *arg) {
    struct carrier *carrier = arg;
    for (int i = 0; i < MESSAGES; i++) {
        carrier->letters[i] = (uint8_t)i;
        carrier->failed |= wb_sender_send(&carrier->sender, &carrier->letters[i]) != WB_OK;
    }
    wb_sender_clean_up(&carrier->sender);
}

/* What came. */
struct tally {
    struct carrier *carriers;
    int next[SENDERS]; /* which message of each is due */
    int count;
    bool disorder;
};

static void tally_one(struct tally *tally, const uint8_t *letter) {
    for (int i = 0; i < SENDERS; i++) {
        const uint8_t *first = tally->carriers[i].letters;
        if (letter >= first && letter < first + MESSAGES) {
            tally->disorder |= letter != first + tally->next[i];
            tally->next[i]++;
        }
    }
    tally->count++;
}

static bool is_complete(const struct tally *tally) {
    return tally->count == SENDERS * MESSAGES;
}

static bool start(struct carrier *carriers, wb_thread_fn fn) {
    for (int i = 0; i < SENDERS; i++) {
        struct carrier *carrier = &carriers[i];
        if (WB_SYS(carrier->sys, thread_create, fn, carrier, &carrier->thread) != 0) {
            return false;
        }
    }
    return true;
}

static bool join(struct carrier *carriers) {
    bool failed = false;
    for (int i = 0; i < SENDERS; i++) {
        failed |= WB_SYS(carriers[i].sys, thread_join, carriers[i].thread) != 0;
        failed |= carriers[i].failed;
    }
    return !failed;
}

/* ---- messages to an event loop ---- */

static void on_message(struct wb_event_loop *loop, void *message, void *user_data) {
    struct tally *tally = user_data;
    tally_one(tally, message);
    if (is_complete(tally)) {
        wb_event_loop_shutdown(loop);
    }
}

int courier_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    static const struct wb_handler handler = {.notify = on_message};
    struct carrier carriers[SENDERS] = {{.sys = sys}, {.sys = sys}};
    struct tally tally = {.carriers = carriers};
    struct wb_event_loop_config config = {.messages_per_tick = 2};
    struct wb_event_loop *loop = NULL;
    if (thread_option(argc, argv, "backend") != NULL) {
        config.backend = WB_BACKEND_POLL;
    }
    if (wb_event_loop_new(sys, &config, &loop) != WB_OK
        || wb_event_loop_sender(loop, &carriers[0].sender) != WB_OK) {
        return 2;
    }
    carriers[1].sender = wb_sender_clone(&carriers[0].sender);
    if (!start(carriers, send_all)) {
        return 2;
    }
    bool is_right = wb_event_loop_run(loop, &handler, &tally) == WB_OK;
    /* A message may be received before its sender knows: the loop goes while they still send. */
    wb_event_loop_destroy(loop);
    return join(carriers) && is_right && is_complete(&tally) && !tally.disorder ? 0 : 1;
}

/* ---- what waits in a poll ---- */

struct desk {
    struct wb_poll poll;
    struct wb_events events;
};

static bool desk_open(struct desk *desk, const struct wb_sys *sys) {
    return wb_poll_init(&desk->poll, sys) == WB_OK
           && wb_events_init(&desk->events, sys, 4) == WB_OK;
}

static void desk_close(struct desk *desk) {
    wb_events_clean_up(&desk->events);
    wb_poll_clean_up(&desk->poll);
}

/* False: the wait failed, other than by an interruption. */
static bool desk_wait(struct desk *desk) {
    enum wb_status status = wb_poll_wait(&desk->poll, &desk->events, WB_TIMEOUT_INFINITE);
    return status == WB_OK || status == WB_ERR_INTERRUPTED;
}

/* ---- a channel, to its end ---- */

static bool receive_all(struct desk *desk, struct wb_receiver *receiver, struct tally *tally) {
    enum wb_status status = WB_WOULD_BLOCK;
    void *message = NULL;
    while (status == WB_WOULD_BLOCK && desk_wait(desk)) {
        do {
            status = wb_receiver_receive(receiver, &message);
            if (status == WB_OK) {
                tally_one(tally, message);
            }
        } while (status == WB_OK);
    }
    return status == WB_EOF;
}

int receiver_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct carrier carriers[SENDERS] = {{.sys = sys}, {.sys = sys}};
    struct tally tally = {.carriers = carriers};
    struct wb_receiver receiver;
    struct desk desk;
    (void)argc;
    (void)argv;
    if (!desk_open(&desk, sys)
        || wb_channel_open(sys, NULL, &receiver, &carriers[0].sender) != WB_OK
        || wb_registry_register(wb_poll_registry(&desk.poll), wb_receiver_source(&receiver), TOKEN,
               WB_INTEREST_READABLE, WB_TRIGGER_EDGE)
               != WB_OK) {
        return 2;
    }
    carriers[1].sender = wb_sender_clone(&carriers[0].sender);
    if (!start(carriers, send_all)) {
        return 2;
    }
    bool is_right = receive_all(&desk, &receiver, &tally);
    is_right &= join(carriers);
    wb_receiver_close(&receiver);
    desk_close(&desk);
    return is_right && is_complete(&tally) && !tally.disorder ? 0 : 1;
}

/* ---- a waker ---- */

static void wake_all(void *arg) {
    struct carrier *carrier = arg;
    for (int i = 0; i < MESSAGES; i++) {
        wb_sys_interleave(carrier->sys, carrier->wakes);
        (void)atomic_fetch_add(carrier->wakes, 1);
        carrier->failed |= wb_waker_wake(carrier->waker) != WB_OK;
    }
}

/* What a wake announces is seen after the wait that reports it. */
static bool await_wakes(struct desk *desk, const struct wb_sys *sys, atomic_uint *wakes) {
    unsigned seen = 0;
    while (seen != SENDERS * MESSAGES && desk_wait(desk)) {
        wb_sys_interleave(sys, wakes);
        seen = atomic_load(wakes);
    }
    return seen == SENDERS * MESSAGES;
}

int wakers_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct desk desk;
    struct wb_waker waker;
    atomic_uint wakes;
    struct carrier carrier = {.sys = sys, .waker = &waker, .wakes = &wakes};
    struct carrier carriers[SENDERS] = {carrier, carrier};
    (void)argc;
    (void)argv;
    atomic_init(&wakes, 0);
    if (!desk_open(&desk, sys)
        || wb_waker_init(&waker, wb_poll_registry(&desk.poll), TOKEN) != WB_OK
        || !start(carriers, wake_all)) {
        return 2;
    }
    bool is_right = await_wakes(&desk, sys, &wakes);
    is_right &= join(carriers);
    wb_waker_clean_up(&waker);
    desk_close(&desk);
    return is_right ? 0 : 1;
}
