/* Timers: none fires before its time, nor after it was cleared, nor twice. */
#include "oracle/judge.h"

#include <inttypes.h>

static void begin(struct wbh_judge *judge) {
    judge->alarms.count = 0;
    judge->alarms.are_ambiguous = false;
}

/* Searched from the young end: what is cleared is mostly what was set last. */
static struct wbh_alarm *find(struct wbh_alarms *alarms, uint64_t id) {
    for (size_t i = alarms->count; i-- > 0;) {
        if (alarms->items[i].id == id) {
            return &alarms->items[i];
        }
    }
    return NULL;
}

static void on_set(struct wbh_alarms *alarms, const struct sim_event *event) {
    struct wbh_alarm alarm = {.id = event->b, .deadline_ns = (uint64_t)event->result};
    struct wbh_alarm *known = find(alarms, event->b);
    if (known != NULL) { /* moved, or it is another's */
        alarms->are_ambiguous = true;
        *known = alarm;
        return;
    }
    alarms->items =
        wbh_grow(alarms->items, &alarms->capacity, alarms->count + 1, sizeof(*alarms->items));
    alarms->items[alarms->count++] = alarm;
}

static void drop(struct wbh_alarms *alarms, struct wbh_alarm *alarm) {
    *alarm = alarms->items[--alarms->count];
}

static struct wbh_finding *object(struct wbh_judge *judge, uint64_t id, struct wbh_prose *text) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_timers, WBH_SUBJECT_NONE);
    if (finding != NULL) {
        *text = wbh_finding_text(finding);
        wbh_prose_add(text, "timer %" PRIu64 " fires ", id);
    }
    return finding;
}

static void on_fire(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_alarms *alarms = &judge->alarms;
    struct wbh_alarm *alarm = find(alarms, event->b);
    struct wbh_prose text;
    if (alarm == NULL) {
        if (!alarms->are_ambiguous && object(judge, event->b, &text) != NULL) {
            wbh_prose_add(&text, "though it is not set: it was cleared, or has fired already");
        }
        return;
    }
    if (event->time_ns < alarm->deadline_ns && !alarms->are_ambiguous
        && object(judge, event->b, &text) != NULL) {
        wbh_prose_add(&text, "at ");
        wbh_prose_time(&text, event->time_ns);
        wbh_prose_add(&text, ", before its time, ");
        wbh_prose_time(&text, alarm->deadline_ns);
    }
    drop(alarms, alarm);
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->a == WB_NOTE_TIMER_SET) {
        on_set(&judge->alarms, event);
    } else if (event->a == WB_NOTE_TIMER_FIRE) {
        on_fire(judge, event);
    } else if (event->a == WB_NOTE_TIMER_CLEAR) {
        struct wbh_alarm *alarm = find(&judge->alarms, event->b);
        if (alarm != NULL) {
            drop(&judge->alarms, alarm);
        }
    }
}

const struct wbh_oracle wbh_oracle_timers = {
    .info = {"timers", "timers that fire early, twice, or after they were cleared",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_NOTE,
    .notes = 1u << WB_NOTE_TIMER_SET | 1u << WB_NOTE_TIMER_CLEAR | 1u << WB_NOTE_TIMER_FIRE,
    .begin = begin,
    .on_event = on_event,
};
