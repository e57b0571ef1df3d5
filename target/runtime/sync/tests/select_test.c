/* Channels and notifications among the parts of a combination: the budget of the task, and what
 * becomes of the parts that lose. */
#include "desk.h"

#include "wb/combine.h"
#include "wb/mpsc.h"
#include "wb/notify.h"

enum { VALUES = 300 };

static struct shelf shelf;

/* ---- a task that takes from two channels ---- */

struct intake {
    struct wb_future future;
    struct wb_mpsc_receiver *end;
    struct wb_mpsc_receive receive;
    int value;
    int count;
};

/* Receives until there is nothing left. */
static enum wb_progress intake_poll(struct wb_future *future, struct wb_context *context) {
    struct intake *self = WB_FUTURE_OF(future, struct intake, future);
    for (;;) {
        wb_mpsc_receive_init(&self->receive, self->end, &self->value);
        if (wb_future_poll(&self->receive.future, context) == WB_PENDING) {
            wb_future_drop(&self->receive.future);
            return WB_PENDING;
        }
        if (self->receive.future.status == WB_EOF) {
            return wb_future_end(future, WB_OK);
        }
        self->count++;
    }
}

static const struct wb_future_ops intake_ops = {
    .size = sizeof(struct intake),
    .offset = offsetof(struct intake, future),
    .poll = intake_poll,
};

/* Two full channels without senders, and what receives from them. */
struct pair {
    struct wb_mpsc_receiver ends[2];
    struct intake intakes[2];
    struct wb_future *parts[2];
};

static void fill_channel(struct wb_mpsc_receiver *out_end) {
    struct wb_mpsc_sender sender;
    assert_ok(wb_mpsc_new(desk.sys, &desk_int, WB_MPSC_UNBOUNDED, &sender, out_end));
    for (int i = 0; i < VALUES; i++) {
        assert_ok(wb_mpsc_try_send(&sender, &i));
    }
    wb_mpsc_sender_drop(&sender);
}

static void pair_open(struct pair *pair) {
    for (int i = 0; i < 2; i++) {
        fill_channel(&pair->ends[i]);
        pair->intakes[i] = (struct intake){.end = &pair->ends[i]};
        wb_future_init(&pair->intakes[i].future, &intake_ops);
        pair->parts[i] = &pair->intakes[i].future;
    }
}

static void pair_close(struct pair *pair) {
    wb_mpsc_receiver_drop(&pair->ends[0]);
    wb_mpsc_receiver_drop(&pair->ends[1]);
}

static struct wb_task *task_new(struct wb_future *future) {
    struct wb_task *task;
    shelf_init(&shelf);
    assert_ok(wb_task_new(desk.sys, &shelf.scheduler, future, NULL, &task, NULL));
    return task;
}

static void tk_41_join_does_not_allow_tasks_to_starve(void **state) {
    (void)state;
    struct pair pair;
    struct wb_all all;
    pair_open(&pair);
    wb_all_init(&all, pair.parts, 2);
    struct wb_task *task = task_new(&all.future);
    assert_int_equal(wb_task_run(task), WB_TASK_WOKEN);
    assert_int_equal(pair.intakes[0].count + pair.intakes[1].count, WB_CONTEXT_BUDGET);
    assert_int_equal(wb_task_run(shelf_take(&shelf)), WB_TASK_WOKEN);
    assert_int_equal(pair.intakes[0].count, WB_CONTEXT_BUDGET);
    assert_int_equal(pair.intakes[1].count, WB_CONTEXT_BUDGET);
    enum wb_task_outcome outcome = WB_TASK_WOKEN;
    for (int polls = 2; polls < 8 && outcome == WB_TASK_WOKEN; polls++) {
        outcome = wb_task_run(shelf_take(&shelf));
    }
    assert_int_equal(outcome, WB_TASK_ENDED);
    assert_int_equal(pair.intakes[0].count + pair.intakes[1].count, 2 * VALUES);
    pair_close(&pair);
}

static void tk_41_select_is_budget_aware(void **state) {
    (void)state;
    struct pair pair;
    struct wb_race race;
    pair_open(&pair);
    wb_race_init(&race, pair.parts, 2, WB_RACE_BIASED);
    struct wb_task *task = task_new(&race.future);
    assert_int_equal(wb_task_run(task), WB_TASK_WOKEN);
    assert_int_equal(pair.intakes[0].count, WB_CONTEXT_BUDGET);
    assert_int_equal(pair.intakes[1].count, 0);
    assert_int_equal(wb_task_run(shelf_take(&shelf)), WB_TASK_WOKEN);
    assert_int_equal(wb_task_run(shelf_take(&shelf)), WB_TASK_ENDED);
    assert_int_equal(pair.intakes[0].count, VALUES);
    pair_close(&pair);
}

/* ---- parts that lose ---- */

static void tk_41_part_that_loses_passes_on_what_it_was_given(void **state) {
    (void)state;
    struct wb_notify notify;
    struct wb_notified loser;
    struct wb_notified waiting;
    struct probe_log log = {.pending = 1};
    struct probe probe;
    struct wb_race race;
    assert_ok(wb_notify_init(&notify, desk.sys));
    probe_init(&probe, &log);
    wb_notified_init(&loser, &notify);
    wb_notified_init(&waiting, &notify);
    struct wb_future *parts[] = {&probe.future, &loser.future};
    wb_race_init(&race, parts, 2, WB_RACE_BIASED);
    assert_pending(&race.future, 0);
    assert_pending(&waiting.future, 1);
    wb_notify_one(&notify); /* given to the part of the race, which the other part wins */
    assert_int_equal(desk_woken(0), 1);
    assert_over(&race.future, 0, WB_OK);
    assert_int_equal(race.winner, 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&waiting.future, 1, WB_OK);
    wb_notify_clean_up(&notify);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_41_join_does_not_allow_tasks_to_starve),
        DESK(tk_41_select_is_budget_aware),
        DESK(tk_41_part_that_loses_passes_on_what_it_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
