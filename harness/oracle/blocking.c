/* Blocking calls in polls: what is polled must not sleep, for its worker has others to run, and may
 * be the one that looks at readiness and timers for all.
 *
 * Found are waits that would last (epoll_wait, poll and select with a timeout other than 0, waits
 * for a condition), ready or not; and, whatever the call is, polls that stand still when the clock
 * jumps or the run does, for then every thread sleeps. Not found are calls that a mutex holds up,
 * nor waits for a condition that a note says to be for a lock (WB_NOTE_LOCK_AWAIT).
 * Work of a blocking pool is no task that its notes number. */
#include "oracle/judge.h"

#include <inttypes.h>

static void object(struct wbh_judge *judge, unsigned thread, const char *what) {
    uint32_t number = wbh_tasks_polled(&judge->ledger.tasks, thread);
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_blocking, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the poll of task %" PRIu32 " blocks: %s", number, what);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, number);
    wbh_prose_add(&why,
        "Meanwhile thread %u runs nothing else. Let the task wait and be woken, or "
        "have the blocking pool do it.\n",
        thread + 1);
}

/* At a moment when no thread can run. */
static void see_sleeper(void *user_data, const struct sim_thread_info *info) {
    struct wbh_judge *judge = user_data;
    bool sleeps = info->waits != SIM_THREAD_AT_MUTEX && info->waits != SIM_THREAD_GONE
                  && !judge->awaits_lock[info->thread];
    if (sleeps && wbh_tasks_polled(&judge->ledger.tasks, info->thread) != 0) {
        object(judge, info->thread,
            info->waits == SIM_THREAD_AT_COND   ? "it waits for a condition"
            : info->waits == SIM_THREAD_AT_JOIN ? "it waits for the end of a thread"
                                                : "a call in it sleeps");
    }
}

static void see_sleepers(struct wbh_judge *judge) {
    if (judge->ledger.tasks.under_way != 0) {
        sim_each_thread(judge->config.kernel, judge->config.process, see_sleeper, judge);
    }
}

/* The timeout of a wait; 0 for all else. */
static int64_t timeout_of(const struct sim_event *event) {
    if (event->call == SIM_CALL_EPOLL_WAIT) {
        return (int64_t)event->a;
    }
    return event->call == SIM_CALL_COND_WAIT ? -1 : (int64_t)event->b;
}

static bool awaits_lock(const struct wbh_judge *judge, const struct sim_event *event) {
    return event->call == SIM_CALL_COND_WAIT && judge->awaits_lock[event->thread];
}

static void begin(struct wbh_judge *judge) {
    memset(judge->awaits_lock, 0, sizeof(judge->awaits_lock));
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->kind == SIM_EVENT_JUMP) {
        see_sleepers(judge);
    } else if (event->kind == SIM_EVENT_NOTE) {
        judge->awaits_lock[event->thread] = event->b != 0; /* LOCK_AWAIT */
    } else if (wbh_tasks_polled(&judge->ledger.tasks, event->thread) != 0 && timeout_of(event) != 0
               && !awaits_lock(judge, event)) {
        char what[64];
        struct wbh_prose prose;
        wbh_prose_init(&prose, what, sizeof(what));
        wbh_prose_add(&prose, "it calls %s", sim_call_name((enum sim_call)event->call));
        if (timeout_of(event) > 0) {
            wbh_prose_add(&prose, " with a timeout of ");
            wbh_prose_time(&prose, (uint64_t)timeout_of(event));
        }
        object(judge, event->thread, what);
    }
}

static void at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    (void)stillness;
    see_sleepers(judge);
}

const struct wbh_oracle wbh_oracle_blocking = {
    .info = {"blocking", "calls that sleep in the poll of a task", WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_JUMP | 1u << SIM_EVENT_NOTE,
    .calls = UINT64_C(1) << SIM_CALL_EPOLL_WAIT | UINT64_C(1) << SIM_CALL_POLL
             | UINT64_C(1) << SIM_CALL_SELECT | UINT64_C(1) << SIM_CALL_COND_WAIT,
    .notes = 1u << WB_NOTE_LOCK_AWAIT,
    .begin = begin,
    .on_event = on_event,
    .at_idle = at_idle,
};
