/* See tasks.h. */
#include "oracle/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/ledger.h"

/* Numbers are given out one by one; beyond this they are something else. */
enum { TASKS_MAX = 1 << 20 };

void wbh_tasks_begin(struct wbh_tasks *tasks) {
    struct wbh_task *items = tasks->items;
    size_t capacity = tasks->capacity;
    *tasks = (struct wbh_tasks){.items = items, .capacity = capacity};
}

void wbh_tasks_clean_up(struct wbh_tasks *tasks) {
    free(tasks->items);
    *tasks = (struct wbh_tasks){.items = NULL};
}

struct wbh_task *wbh_tasks_find(struct wbh_tasks *tasks, uint64_t number) {
    bool is_known = number != 0 && number < tasks->count && !tasks->confused
                    && tasks->items[number].state != WBH_TASK_UNKNOWN;
    return is_known ? &tasks->items[number] : NULL;
}

/* ---- who is due, the oldest first ---- */

static void become_due(
    struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    uint32_t number = (uint32_t)(task - tasks->items);
    if (task->may_block) {
        return;
    }
    task->due_polls = tasks->polls;
    task->due_ns = event->time_ns;
    task->due_prev = tasks->due_last;
    task->due_next = 0;
    *(tasks->due_last != 0 ? &tasks->items[tasks->due_last].due_next : &tasks->due_first) = number;
    tasks->due_last = number;
}

static bool is_due(const struct wbh_task *task) {
    return task->state == WBH_TASK_DUE || task->woken;
}

static void leave_due(struct wbh_tasks *tasks, struct wbh_task *task) {
    if (!is_due(task) || task->may_block) {
        return;
    }
    *(task->due_prev != 0 ? &tasks->items[task->due_prev].due_next : &tasks->due_first) =
        task->due_next;
    *(task->due_next != 0 ? &tasks->items[task->due_next].due_prev : &tasks->due_last) =
        task->due_prev;
    task->woken = false;
}

/* ---- notes ---- */

static bool is_another_runtimes(const struct wbh_tasks *tasks, uint64_t number) {
    return number < tasks->count && tasks->items[number].state != WBH_TASK_UNKNOWN;
}

static void on_spawn(struct wbh_tasks *tasks, const struct sim_event *event) {
    uint64_t number = event->b;
    if (number == 0 || number >= TASKS_MAX) {
        return;
    }
    if (is_another_runtimes(tasks, number)) {
        tasks->confused = tasks->confused || tasks->alive != 0;
        tasks->count = 0; /* all of the former have ended */
        tasks->due_first = tasks->due_last = 0;
    }
    if (number >= tasks->count) {
        tasks->items =
            wbh_grow(tasks->items, &tasks->capacity, (size_t)number + 1, sizeof(*tasks->items));
        memset(tasks->items + tasks->count, 0,
            ((size_t)number + 1 - tasks->count) * sizeof(*tasks->items));
        tasks->count = (size_t)number + 1;
    }
    struct wbh_task *task = &tasks->items[number];
    task->state = WBH_TASK_DUE;
    task->unbudgeted = (event->result & WB_NOTE_SPAWN_UNBUDGETED) != 0;
    task->may_block = (event->result & WB_NOTE_SPAWN_BLOCKING) != 0;
    task->spawn_step = event->step;
    tasks->alive++;
    become_due(tasks, task, event);
}

static void enter_poll(struct wbh_tasks *tasks, unsigned thread, uint32_t number) {
    struct wbh_polling *polling = &tasks->threads[thread];
    if (polling->depth < WBH_POLLS_NESTED_MAX) {
        polling->tasks[polling->depth++] = number;
        polling->transfers = 0;
        tasks->under_way++;
    }
}

static void leave_poll(struct wbh_tasks *tasks, unsigned thread, uint64_t number) {
    struct wbh_polling *polling = &tasks->threads[thread];
    if (polling->depth != 0 && polling->tasks[polling->depth - 1] == number) {
        polling->depth--;
        polling->transfers = 0;
        tasks->under_way--;
    }
}

static enum wbh_task_flaw flaw_of_poll(const struct wbh_task *task) {
    switch ((enum wbh_task_state)task->state) {
    case WBH_TASK_POLLED:
        return WBH_TASK_POLLED_TWICE;
    case WBH_TASK_WAITS:
        return WBH_TASK_POLLED_UNWOKEN;
    case WBH_TASK_ENDED:
        return WBH_TASK_POLLED_ENDED;
    case WBH_TASK_UNKNOWN:
    case WBH_TASK_DUE:
        break;
    }
    return WBH_TASK_FLAWLESS;
}

static void on_poll(struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    tasks->polls++;
    tasks->flaw = (uint8_t)flaw_of_poll(task);
    leave_due(tasks, task);
    task->state = WBH_TASK_POLLED;
    task->forsaken = WBH_TASK_HAS_WAKERS;
    task->poll_step = event->step;
    task->polls++;
}

static void on_wake(struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    if (task->state == WBH_TASK_ENDED) {
        return; /* who woke it did not know yet */
    }
    task->wake_step = event->step;
    if (is_due(task)) {
        return;
    }
    become_due(tasks, task, event);
    if (task->state == WBH_TASK_POLLED) {
        task->woken = true;
    } else {
        task->state = WBH_TASK_DUE;
    }
}

static void on_wait(struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    task->wait_step = event->step;
    task->wait_note = tasks->notes;
    task->referrers = (uint64_t)event->result;
    if (task->state == WBH_TASK_POLLED) {
        task->state = task->woken ? WBH_TASK_DUE : WBH_TASK_WAITS;
        task->woken = false;
    }
}

static void on_again(
    struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    if (!is_due(task)) {
        become_due(tasks, task, event);
    }
    task->state = WBH_TASK_DUE;
    task->woken = false;
}

static void on_end(struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    if (task->state == WBH_TASK_ENDED) {
        tasks->flaw = WBH_TASK_ENDED_TWICE;
        return;
    }
    leave_due(tasks, task);
    task->state = WBH_TASK_ENDED;
    task->end_step = event->step;
    tasks->alive--;
}

static void on_forsaken(
    struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    task->forsaken = event->result == 1 ? WBH_TASK_HAS_HANDLE : WBH_TASK_HAS_NOBODY;
    task->forsaken_step = event->step;
    task->left_none = task->wait_note + 1 == tasks->notes;
}

/* Whether and how it changes what is known of a task. */
static void change(struct wbh_tasks *tasks, struct wbh_task *task, const struct sim_event *event) {
    switch ((enum wb_note)event->a) {
    case WB_NOTE_TASK_POLL:
        on_poll(tasks, task, event);
        break;
    case WB_NOTE_TASK_WAKE:
        on_wake(tasks, task, event);
        break;
    case WB_NOTE_TASK_WAIT:
        on_wait(tasks, task, event);
        break;
    case WB_NOTE_TASK_AGAIN:
        on_again(tasks, task, event);
        break;
    case WB_NOTE_TASK_END:
        on_end(tasks, task, event);
        break;
    case WB_NOTE_TASK_FORSAKEN:
        on_forsaken(tasks, task, event);
        break;
    case WB_NOTE_DISPATCH:
    case WB_NOTE_SLOT_INSERT:
    case WB_NOTE_SLOT_REMOVE:
    case WB_NOTE_TIMER_SET:
    case WB_NOTE_TIMER_CLEAR:
    case WB_NOTE_TIMER_FIRE:
    case WB_NOTE_DISCARD:
    case WB_NOTE_STOPPING:
    case WB_NOTE_TASK_SPAWN:
    case WB_NOTE_LOCK_AWAIT:
    case WB_NOTE_REQUEST:
    case WB_NOTE_REQUEST_CONTENT:
        break;
    }
}

static bool ends_poll(uint64_t note) {
    return note == WB_NOTE_TASK_WAIT || note == WB_NOTE_TASK_AGAIN || note == WB_NOTE_TASK_END;
}

void wbh_tasks_on_note(struct wbh_tasks *tasks, const struct sim_event *event) {
    tasks->notes++;
    tasks->flaw = WBH_TASK_FLAWLESS;
    if (event->a < WB_NOTE_TASK_SPAWN || event->a > WB_NOTE_TASK_FORSAKEN) {
        return;
    }
    if (event->a == WB_NOTE_TASK_SPAWN) {
        on_spawn(tasks, event);
        return;
    }
    struct wbh_task *task = wbh_tasks_find(tasks, event->b);
    uint32_t number = task != NULL && !task->may_block ? (uint32_t)event->b : 0;
    if (event->a == WB_NOTE_TASK_POLL) {
        enter_poll(tasks, event->thread, number);
    } else if (ends_poll(event->a)) {
        leave_poll(tasks, event->thread, number);
    }
    if (task != NULL) {
        change(tasks, task, event);
    }
}
