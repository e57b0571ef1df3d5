/* Fairness among tasks: whoever was woken is polled before the others have had too many turns, no
 * poll goes on and on, and tasks that are always ready do not keep timers from firing.
 *
 * The bounds are four times what the runtime's rules add up to, whatever its flavour. A task that
 * is woken has at most every other living task before it in its queue, and its queue gets one turn
 * in 16 at least: 16 polls for each of them. Before that it may stand in a shared queue until the
 * next look at readiness and timers, which comes after 256 polls at most; that bounds timers, too.
 * A poll has a budget of 128 operations, each of which comes down to some calls.
 *
 * Where there are several threads one of them may have the task in its hands and not get its turn
 * for a while: then the moment, too, must be long past. */
#include "oracle/judge.h"

#include <inttypes.h>

enum {
    TURNS_BETWEEN_LOOKS = 4 * 256,
    TURNS_PER_TASK = 4 * 16,
    TRANSFERS_MAX = 8 * 128,
    POLLS_BETWEEN_CHECKS = 64,
};

/* More than a slice of each of some threads. */
static const uint64_t slices_ns = UINT64_C(100000000);

static bool is_long_past(const struct wbh_judge *judge, uint64_t since_ns, uint64_t now_ns) {
    return now_ns > since_ns && now_ns - since_ns > (judge->ledger.threads ? slices_ns : 0);
}

static void object_to_starving(struct wbh_judge *judge, uint32_t number) {
    const struct wbh_tasks *tasks = &judge->ledger.tasks;
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_fairness, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "task %" PRIu32
        " waits for its turn: since it was spawned or woken others were polled %" PRIu64 " times",
        number, tasks->polls - tasks->items[number].due_polls);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, number);
    wbh_prose_add(&why, "%" PRIu32 " tasks are alive.\n", tasks->alive);
}

/* The one that is due since longest speaks for all. */
static void see_due(struct wbh_judge *judge, const struct sim_event *event) {
    const struct wbh_tasks *tasks = &judge->ledger.tasks;
    uint32_t number = tasks->due_first;
    if (number == 0 || tasks->confused) {
        return;
    }
    const struct wbh_task *task = &tasks->items[number];
    uint64_t bound = TURNS_BETWEEN_LOOKS + (uint64_t)TURNS_PER_TASK * tasks->alive;
    if (tasks->polls - task->due_polls > bound
        && is_long_past(judge, task->due_ns, event->time_ns)) {
        object_to_starving(judge, number);
    }
}

static void object_to_late(
    struct wbh_judge *judge, const struct wbh_alarm *alarm, uint64_t now_ns) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_fairness, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "timer %" PRIu64 " is late by ", alarm->id);
    wbh_prose_time(&text, now_ns - alarm->deadline_ns);
    wbh_prose_add(&text, ": since then tasks were polled %" PRIu64 " times",
        judge->ledger.tasks.polls - alarm->late_polls);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "Whoever drives tasks must look at timers after some polls, whatever there "
                        "is to run.\n");
}

static void see_timers(struct wbh_judge *judge, const struct sim_event *event) {
    uint64_t polls = judge->ledger.tasks.polls;
    for (size_t i = 0; i < judge->alarms.count; i++) {
        struct wbh_alarm *alarm = &judge->alarms.items[i];
        if (event->time_ns <= alarm->deadline_ns) {
            continue;
        }
        if (alarm->late_polls == 0) {
            alarm->late_polls = polls;
        } else if (polls - alarm->late_polls > TURNS_BETWEEN_LOOKS
                   && is_long_past(judge, alarm->deadline_ns, event->time_ns)) {
            object_to_late(judge, alarm, event->time_ns);
            return;
        }
    }
}

static void on_poll(struct wbh_judge *judge, const struct sim_event *event) {
    see_due(judge, event);
    if (judge->ledger.tasks.polls % POLLS_BETWEEN_CHECKS == 0 && !judge->alarms.are_ambiguous) {
        see_timers(judge, event);
    }
}

static void on_transfer(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_tasks *tasks = &judge->ledger.tasks;
    uint32_t number = wbh_tasks_polled(tasks, event->thread);
    if (number == 0 || tasks->threads[event->thread].transfers <= TRANSFERS_MAX
        || tasks->items[number].unbudgeted) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find_at(judge, &wbh_oracle_fairness, WBH_VERDICT_LIMIT,
        WBH_SUBJECT_NONE, event->time_ns, event->step);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "one poll of task %" PRIu32 " has moved something with %" PRIu32
        " calls, and goes on: nobody else gets a turn",
        number, tasks->threads[event->thread].transfers);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, number);
    wbh_prose_add(&why, "Ask wb_context_spend() before each operation that could have waited.\n");
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->kind == SIM_EVENT_NOTE) {
        on_poll(judge, event);
    } else {
        on_transfer(judge, event);
    }
}

const struct wbh_oracle wbh_oracle_fairness = {
    .info = {"fairness", "tasks that starve others, or timers, or go on and on in one poll",
        WBH_VERDICT_HANG},
    .kinds = 1u << SIM_EVENT_NOTE | 1u << SIM_EVENT_CALL,
    .calls = UINT64_C(1) << SIM_CALL_RECV | UINT64_C(1) << SIM_CALL_SEND
             | UINT64_C(1) << SIM_CALL_READ | UINT64_C(1) << SIM_CALL_WRITE
             | UINT64_C(1) << SIM_CALL_ACCEPT,
    .notes = 1u << WB_NOTE_TASK_POLL,
    .on_event = on_event,
};
