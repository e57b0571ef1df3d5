/* Leaks: what is left when the program has returned of its own will: descriptors, memory, slots,
 * timers, tasks. */
#include "oracle/judge.h"

#include <inttypes.h>

static void begin(struct wbh_judge *judge) {
    judge->slots.count = 0;
    judge->timers.count = 0;
}

/* Searched from the young end: what is cleared is mostly what was set last. */
static size_t find(const struct wbh_live_set *set, uint64_t a, uint64_t b) {
    size_t i = set->count;
    while (i-- > 0) {
        if (set->items[i].a == a && set->items[i].b == b) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void add(struct wbh_live_set *set, uint64_t a, uint64_t b) {
    set->items = wbh_grow(set->items, &set->capacity, set->count + 1, sizeof(*set->items));
    set->items[set->count++] = (struct wbh_live){a, b};
}

static void drop(struct wbh_live_set *set, uint64_t a, uint64_t b) {
    size_t i = find(set, a, b);
    if (i != SIZE_MAX) {
        set->items[i] = set->items[--set->count];
    }
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    switch ((enum wb_note)event->a) {
    case WB_NOTE_SLOT_INSERT:
        add(&judge->slots, event->b, (uint64_t)event->result);
        break;
    case WB_NOTE_SLOT_REMOVE:
        drop(&judge->slots, event->b, (uint64_t)event->result);
        break;
    case WB_NOTE_TIMER_SET:
        if (find(&judge->timers, event->b, 0) == SIZE_MAX) { /* setting it again moves it */
            add(&judge->timers, event->b, 0);
        }
        break;
    case WB_NOTE_TIMER_CLEAR:
    case WB_NOTE_TIMER_FIRE:
        drop(&judge->timers, event->b, 0);
        break;
    case WB_NOTE_DISPATCH:
    case WB_NOTE_DISCARD:
    case WB_NOTE_STOPPING:
    case WB_NOTE_TASK_SPAWN:
    case WB_NOTE_TASK_POLL:
    case WB_NOTE_TASK_WAKE:
    case WB_NOTE_TASK_WAIT:
    case WB_NOTE_TASK_END:
    case WB_NOTE_TASK_AGAIN:
    case WB_NOTE_TASK_FORSAKEN:
    case WB_NOTE_LOCK_AWAIT:
    case WB_NOTE_REQUEST:
    case WB_NOTE_REQUEST_CONTENT:
        break;
    }
}

struct open_list {
    struct wbh_judge *judge;
    struct wbh_prose *prose;
    unsigned count;
};

static void list_descriptor(void *user_data, int fd, const char *what, uint32_t subject) {
    struct open_list *list = user_data;
    list->count++;
    if (list->prose == NULL) {
        return;
    }
    wbh_prose_add(list->prose, "descriptor %d is a %s", fd, what);
    if (subject != WBH_SUBJECT_NONE) {
        wbh_prose_add(list->prose, " (");
        wbh_prose_connection(list->prose, list->judge->config.scenario, subject);
        wbh_prose_add(list->prose, ")");
    }
    wbh_prose_add(list->prose, "\n");
}

static void add_part(struct wbh_prose *text, const char **separator, uint64_t n, const char *noun) {
    if (n != 0) {
        wbh_prose_add(text, "%s", *separator);
        wbh_prose_count(text, n, noun);
        *separator = ", ";
    }
}

/* The first task that has not ended; 0: there is none. */
static uint32_t first_task_left(struct wbh_tasks *tasks) {
    for (uint32_t i = 1; i < tasks->count; i++) {
        if (tasks->items[i].state != WBH_TASK_UNKNOWN && tasks->items[i].state != WBH_TASK_ENDED) {
            return i;
        }
    }
    return 0;
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    if (!ending->exited) {
        return;
    }
    struct wbh_tasks *tasks = &judge->ledger.tasks;
    uint32_t tasks_left = tasks->confused ? 0 : tasks->alive;
    struct open_list list = {judge, NULL, 0};
    sim_each_descriptor(judge->config.kernel, judge->config.process, list_descriptor, &list);
    struct sim_memory_info memory;
    sim_memory(judge->config.kernel, judge->config.process, &memory);
    if (list.count == 0 && memory.live_blocks == 0 && judge->slots.count == 0
        && judge->timers.count == 0 && tasks_left == 0) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_leak, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    const char *separator = "the program ended and left ";
    add_part(&text, &separator, list.count, "open descriptor");
    add_part(&text, &separator, memory.live_blocks, "block");
    if (memory.live_blocks != 0) {
        wbh_prose_add(&text, " of memory (%" PRIu64 " bytes)", memory.live_bytes);
    }
    add_part(&text, &separator, judge->slots.count, "slab slot");
    add_part(&text, &separator, judge->timers.count, "timer");
    add_part(&text, &separator, tasks_left, "task");
    struct wbh_prose why = wbh_finding_why(finding);
    list.prose = &why;
    sim_each_descriptor(judge->config.kernel, judge->config.process, list_descriptor, &list);
    if (memory.live_blocks != 0) {
        wbh_prose_add(&why,
            "the oldest block is allocation number %" PRIu64 " of the run, %" PRIu64 " bytes\n",
            memory.first_live_serial, memory.first_live_bytes);
    }
    if (judge->slots.count != 0) {
        wbh_prose_add(&why, "slab %" PRIu64 ": key %" PRIu64 " is in use\n",
            judge->slots.items[0].a, judge->slots.items[0].b);
    }
    if (judge->timers.count != 0) {
        wbh_prose_add(&why, "timer %" PRIu64 " is armed\n", judge->timers.items[0].a);
    }
    if (tasks_left != 0) {
        wbh_why_task(judge, &why, first_task_left(tasks));
    }
}

const struct wbh_oracle wbh_oracle_leak = {
    .info = {"leak",
        "descriptors, memory, slots, timers and tasks left over when the program has ended",
        WBH_VERDICT_LEAK},
    .kinds = 1u << SIM_EVENT_NOTE,
    .notes = 1u << WB_NOTE_SLOT_INSERT | 1u << WB_NOTE_SLOT_REMOVE | 1u << WB_NOTE_TIMER_SET
             | 1u << WB_NOTE_TIMER_CLEAR | 1u << WB_NOTE_TIMER_FIRE,
    .begin = begin,
    .on_event = on_event,
    .at_end = at_end,
};
