/* All work of work.h, again and again, with threads that run at the same time; and threads that
 * send without a pause. Meant for ThreadSanitizer. */
#include "stage.h"

#include "wb/mpsc.h"
#include "work.h"

enum { ROUNDS = 60, SENDERS = 3, EACH = 3000 };

static void tk_10_nothing_is_lost_when_tasks_race(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < work_count; i++) {
            if (!work_all[i].run(stage.runtime)) {
                fail_msg("round %d of %s", round, work_all[i].name);
            }
        }
    }
}

/* ---- senders that never wait ---- */

struct parcel {
    int sender;
    int number;
};

struct sender {
    const struct wb_sys *sys;
    struct wb_mpsc_sender end;
    int number;
};

static void send_all(void *arg) {
    struct sender *self = arg;
    for (struct parcel parcel = {.sender = self->number}; parcel.number < EACH; parcel.number++) {
        while (wb_mpsc_try_send(&self->end, &parcel) == WB_ERR_FULL) {
            (void)WB_SYS(self->sys, poll, NULL, 0, 0);
        }
    }
    wb_mpsc_sender_drop(&self->end);
}

static void receive_all(struct wb_mpsc_receiver *receiver) {
    struct wb_mpsc_receive receive;
    struct parcel parcel;
    int next[SENDERS] = {0};
    for (int i = 0; i < SENDERS * EACH; i++) {
        wb_mpsc_receive_init(&receive, receiver, &parcel);
        assert_ok(wb_runtime_block_on(stage.runtime, &receive.future));
        assert_int_equal(parcel.number, next[parcel.sender]++);
    }
    wb_mpsc_receive_init(&receive, receiver, &parcel);
    assert_status(wb_runtime_block_on(stage.runtime, &receive.future), WB_EOF);
}

static void tk_36_what_threads_send_at_once_comes_whole_and_in_order(void **state) {
    const uint32_t capacities[] = {1, 7, WB_MPSC_UNBOUNDED};
    const struct wb_value_type type = {.size = sizeof(struct parcel)};
    (void)state;
    for (size_t i = 0; i < sizeof(capacities) / sizeof(capacities[0]); i++) {
        const struct wb_sys *sys = wb_runtime_sys(stage.runtime);
        struct sender senders[SENDERS];
        struct wb_mpsc_sender first;
        struct wb_mpsc_receiver receiver;
        uint64_t threads[SENDERS];
        assert_ok(wb_mpsc_new(sys, &type, capacities[i], &first, &receiver));
        for (int n = 0; n < SENDERS; n++) {
            senders[n] = (struct sender){sys, wb_mpsc_sender_clone(&first), n};
            threads[n] = work_start(stage.runtime, send_all, &senders[n]);
        }
        wb_mpsc_sender_drop(&first);
        receive_all(&receiver);
        for (int n = 0; n < SENDERS; n++) {
            work_end(stage.runtime, threads[n]);
        }
        wb_mpsc_receiver_drop(&receiver);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {BOTH(tk_10_nothing_is_lost_when_tasks_race),
        BOTH(tk_36_what_threads_send_at_once_comes_whole_and_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
