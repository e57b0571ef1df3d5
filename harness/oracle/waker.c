/* Wakers: whoever waits is known to somebody who will wake it.
 *
 * Objected to are tasks that wait and of which nobody has a waker: at once if they are given up for
 * that, at stillness if their handle is left; and at stillness tasks that wait although what they
 * wait for is there, that were woken and get no turn, and that wait for nothing but each other,
 * since no readiness, no timer and no thread is left that could wake any of them.
 *
 * What a task waits for is what it last had to do with in a poll: the connection that it read, the
 * listener that it accepted from. */
#include "oracle/judge.h"

#include <errno.h>
#include <inttypes.h>

/* ---- words ---- */

static void add_step(struct wbh_prose *why, const char *what, uint32_t step) {
    if (step != 0) {
        wbh_prose_add(why, ", %s after call %" PRIu32, what, step);
    }
}

/* What it last tried, of which it may be waiting to hear. */
static void add_touch(
    struct wbh_judge *judge, struct wbh_prose *why, const struct wbh_touch *touch) {
    wbh_prose_add(why, "In its polls it last called %s of descriptor %d",
        sim_call_name((enum sim_call)touch->call), touch->fd);
    if (touch->subject != WBH_SUBJECT_NONE) {
        wbh_prose_add(why, " (");
        wbh_prose_connection(why, judge->config.scenario, touch->subject);
        wbh_prose_add(why, ")");
    }
    wbh_prose_add(why, ", call %" PRIu32 ", which ", touch->step);
    if (touch->result < 0) {
        wbh_prose_add(why, "said ");
        wbh_prose_errno(why, (int)-touch->result);
    } else if (touch->call == SIM_CALL_ACCEPT || touch->call == SIM_CALL_CONNECT) {
        wbh_prose_add(why, "succeeded");
    } else {
        wbh_prose_add(why, "moved ");
        wbh_prose_count(why, (uint64_t)touch->result, "byte");
    }
    wbh_prose_add(why, ".\n");
}

void wbh_why_task(struct wbh_judge *judge, struct wbh_prose *why, uint32_t number) {
    const struct wbh_task *task = wbh_tasks_find(&judge->ledger.tasks, number);
    if (task == NULL) {
        return;
    }
    wbh_prose_add(why, "Task %" PRIu32 " was spawned after call %" PRIu32 ", polled ", number,
        task->spawn_step);
    wbh_prose_count(why, task->polls, "time");
    add_step(why, "last", task->polls != 0 ? task->poll_step : 0);
    add_step(why, "last woken", task->wake_step);
    if (task->wake_step == 0) {
        wbh_prose_add(why, ", never woken");
    }
    if (task->state == WBH_TASK_WAITS) {
        wbh_prose_add(why,
            "; it waits since call %" PRIu32 ", when %" PRIu64 " referred to it "
            "(wakers, its handle)",
            task->wait_step, task->referrers);
    }
    add_step(why, "ended", task->end_step);
    wbh_prose_add(why, ".\n");
    if (task->touch.task != 0) {
        add_touch(judge, why, &task->touch);
    }
}

/* How it came that nobody has a waker. */
static void add_loss(struct wbh_prose *why, const struct wbh_task *task) {
    if (task->left_none) {
        wbh_prose_add(why, "That poll was pending and left no waker with anybody: store the waker "
                           "of the context, or wake it, before returning WB_PENDING.\n");
    } else {
        wbh_prose_add(why,
            "Its last waker was dropped after call %" PRIu32 ", without being woken: overwritten "
            "by another one's, or given up with what it waited for.\n",
            task->forsaken_step);
    }
}

/* ---- nobody has a waker ---- */

static void object_to_forsaken(struct wbh_judge *judge, uint32_t number, const char *sequel) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_waker, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "task %" PRIu32 " waits and nobody has a waker of it: %s", number, sequel);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, number);
    add_loss(&why, &judge->ledger.tasks.items[number]);
}

static bool is_excused(const struct wbh_judge *judge) {
    return judge->ledger.starved || judge->ledger.tasks.confused;
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->kind == SIM_EVENT_WAIT) {
        judge->waits_in_epoll[event->thread] = (int64_t)event->a < 0;
    } else if (event->kind == SIM_EVENT_CALL) {
        judge->waits_in_epoll[event->thread] = false;
    } else if (event->result == 0 && !is_excused(judge) && !judge->ledger.stopping
               && wbh_tasks_find(&judge->ledger.tasks, event->b) != NULL) {
        object_to_forsaken(judge, (uint32_t)event->b, "it is given up before its end");
    }
}

/* ---- what it waits for is there ---- */

static const struct wbh_touch *reader_of(struct wbh_ledger *ledger, uint32_t file) {
    bool is_known = file != 0 && file < ledger->file_count;
    return is_known && ledger->files[file].reader.task != 0 ? &ledger->files[file].reader : NULL;
}

static void add_arrival(
    struct wbh_judge *judge, struct wbh_prose *text, const struct sim_connection_info *info) {
    if (info->accepted == 0) {
        wbh_prose_add(text, "the connection of ");
    } else if (info->unread_len != 0) {
        wbh_prose_count(text, info->unread_len, "byte");
        wbh_prose_add(text, " from ");
    } else {
        wbh_prose_add(text, "%s of ", info->error != 0 ? "an error" : "the end");
    }
    wbh_prose_connection(text, judge->config.scenario, info->subject);
    wbh_prose_add(text, info->accepted == 0 ? " waits to be accepted" : " can be read");
}

/* The task that waits for what comes there; 0: none is known, or it does not wait. */
static uint32_t waiting_reader(struct wbh_ledger *ledger, uint32_t file) {
    const struct wbh_touch *touch = reader_of(ledger, file);
    const struct wbh_task *task =
        touch != NULL ? wbh_tasks_find(&ledger->tasks, touch->task) : NULL;
    return task != NULL && task->state == WBH_TASK_WAITS ? touch->task : 0;
}

static struct wbh_finding *object_to_deaf(
    struct wbh_judge *judge, uint32_t number, uint32_t subject, struct wbh_prose *out_text) {
    struct wbh_finding *finding =
        number != 0 ? wbh_judge_find(judge, &wbh_oracle_waker, subject) : NULL;
    if (finding != NULL) {
        *out_text = wbh_finding_text(finding);
        wbh_prose_add(out_text, "task %" PRIu32 " waits for ever although ", number);
        struct wbh_prose why = wbh_finding_why(finding);
        wbh_why_task(judge, &why, number);
    }
    return finding;
}

/* More of the same. */
static struct wbh_prose continue_why(struct wbh_finding *finding) {
    size_t len = strlen(finding->why);
    struct wbh_prose why;
    wbh_prose_init(&why, finding->why + len, sizeof(finding->why) - len);
    return why;
}

static void see_unread(void *user_data, const struct sim_connection_info *info) {
    struct wbh_judge *judge = user_data;
    struct wbh_ledger *ledger = &judge->ledger;
    const struct wbh_conn *conn = wbh_ledger_conn(ledger, info->subject);
    uint32_t file = info->accepted == 0 ? ledger->acceptor_file : conn != NULL ? conn->file : 0;
    struct wbh_prose text;
    struct wbh_finding *finding =
        object_to_deaf(judge, waiting_reader(ledger, file), info->subject, &text);
    if (finding == NULL) {
        return;
    }
    add_arrival(judge, &text, info);
    struct wbh_prose why = continue_why(finding);
    if (info->accepted == 0) {
        wbh_why_pending(judge, &why);
    } else {
        wbh_why_unread(judge, &why, info);
    }
}

static void see_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct wbh_judge *judge = user_data;
    struct wbh_prose text;
    struct wbh_finding *finding =
        object_to_deaf(judge, waiting_reader(&judge->ledger, info->file), info->subject, &text);
    if (finding != NULL) {
        wbh_prose_count(&text, info->unread_count, "datagram");
        wbh_prose_add(&text, " can be read");
        struct wbh_prose why = continue_why(finding);
        wbh_why_datagrams(judge, &why, info);
    }
}

/* ---- woken, and no turn ---- */

static void object_to_due(struct wbh_judge *judge, uint32_t number) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_waker, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "task %" PRIu32 " is to be polled, and the program sleeps: whoever drives tasks does not "
        "know of its wake",
        number);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, number);
}

/* ---- nothing is left that could wake anybody ---- */

static void count_other_wait(void *user_data, const struct sim_thread_info *info) {
    struct {
        const struct wbh_judge *judge;
        unsigned others;
    } *count = user_data;
    bool in_call = info->waits == SIM_THREAD_IN_CALL || info->waits == SIM_THREAD_READY;
    count->others += in_call && !count->judge->waits_in_epoll[info->thread];
}

/* Only threads that wait for each other, or in epoll_wait without a deadline. */
static bool threads_wait_for_readiness(struct wbh_judge *judge) {
    struct {
        const struct wbh_judge *judge;
        unsigned others;
    } count = {judge, 0};
    sim_each_thread(judge->config.kernel, judge->config.process, count_other_wait, &count);
    return count.others == 0;
}

/* What the program wakes itself with does not come from anywhere else. */
static bool hears_of_anything(const struct wbh_ledger *ledger) {
    for (size_t i = 1; i < ledger->reg_count; i++) {
        const struct wbh_reg *reg = &ledger->regs[i];
        bool is_own = reg->file < ledger->file_count && ledger->files[reg->file].is_eventfd;
        if (reg->dead_step == 0 && !is_own) {
            return true;
        }
    }
    return false;
}

static void object_to_circle(struct wbh_judge *judge) {
    const struct wbh_tasks *tasks = &judge->ledger.tasks;
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_waker, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_count(&text, tasks->alive, "task");
    wbh_prose_add(&text, tasks->alive == 1 ? " waits for ever: " : " wait for ever: ");
    wbh_prose_add(&text, "no readiness, timer or thread is left that could wake %s",
        tasks->alive == 1 ? "it" : "any of them");
    struct wbh_prose why = wbh_finding_why(finding);
    for (uint32_t i = 1; i < tasks->count; i++) {
        if (tasks->items[i].state == WBH_TASK_WAITS) {
            wbh_why_task(judge, &why, i);
        }
    }
}

/* ---- at stillness ---- */

static bool is_stuck(const struct wbh_task *task) {
    return task->state == WBH_TASK_WAITS ? task->forsaken == WBH_TASK_HAS_HANDLE
                                         : task->state == WBH_TASK_DUE && !task->may_block;
}

bool wbh_waker_obligation(struct wbh_judge *judge) {
    const struct wbh_tasks *tasks = &judge->ledger.tasks;
    for (uint32_t i = 1; tasks->alive != 0 && !is_excused(judge) && i < tasks->count; i++) {
        if (is_stuck(&tasks->items[i])) {
            return true;
        }
    }
    return false;
}

static bool all_wait(const struct wbh_tasks *tasks) {
    for (uint32_t i = 1; i < tasks->count; i++) {
        uint8_t state = tasks->items[i].state;
        if (state == WBH_TASK_DUE || state == WBH_TASK_POLLED) {
            return false;
        }
    }
    return true;
}

static void see_tasks(struct wbh_judge *judge) {
    const struct wbh_tasks *tasks = &judge->ledger.tasks;
    for (uint32_t i = 1; i < tasks->count; i++) {
        const struct wbh_task *task = &tasks->items[i];
        if (is_stuck(task) && task->state == WBH_TASK_DUE) {
            object_to_due(judge, i);
        } else if (is_stuck(task)) {
            object_to_forsaken(judge, i, "only its handle is left, and awaits it in vain");
        }
    }
    if (all_wait(tasks) && judge->timers.count == 0 && !hears_of_anything(&judge->ledger)
        && threads_wait_for_readiness(judge)) {
        object_to_circle(judge);
    }
}

static void at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    (void)stillness;
    if (judge->ledger.tasks.alive == 0 || is_excused(judge)) {
        return;
    }
    see_tasks(judge);
    wbh_hang_each_unread(judge, see_unread, see_datagrams, judge);
}

static void begin(struct wbh_judge *judge) {
    memset(judge->waits_in_epoll, 0, sizeof(judge->waits_in_epoll));
}

const struct wbh_oracle wbh_oracle_waker = {
    .info = {"waker", "tasks that wait and that nobody will wake, though it is time",
        WBH_VERDICT_HANG},
    .kinds = 1u << SIM_EVENT_NOTE | 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_CALL,
    .calls = UINT64_C(1) << SIM_CALL_EPOLL_WAIT,
    .notes = 1u << WB_NOTE_TASK_FORSAKEN,
    .begin = begin,
    .on_event = on_event,
    .at_idle = at_idle,
};
