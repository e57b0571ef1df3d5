/* Builds the timeline: keeps what must be remembered from event to event and stores the lines. What
 * a line says is in narrate.c. */
#include "report/timeline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "report/narrate.h"

const char *wbh_who_name(enum wbh_who who) {
    static const char *const names[WBH_WHO_COUNT] = {
        [WBH_WHO_PROGRAM] = "program",
        [WBH_WHO_WAIT] = "wait",
        [WBH_WHO_PEER] = "peer",
        [WBH_WHO_NETWORK] = "network",
        [WBH_WHO_KERNEL] = "kernel",
        [WBH_WHO_FAULT] = "fault",
        [WBH_WHO_FINDING] = "finding",
    };
    assert((unsigned)who < WBH_WHO_COUNT);
    return names[who];
}

void wbh_timeline_clean_up(struct wbh_timeline *timeline) {
    free(timeline->entries);
    wbh_text_clean_up(&timeline->strings);
    *timeline = (struct wbh_timeline){0};
}

static struct wbh_timeline_entry *add_entry(struct wbh_timeline *timeline) {
    if (timeline->entry_count == timeline->entry_capacity) {
        size_t capacity = timeline->entry_capacity == 0 ? 256 : timeline->entry_capacity * 2;
        struct wbh_timeline_entry *entries = realloc(timeline->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return NULL;
        }
        timeline->entries = entries;
        timeline->entry_capacity = capacity;
    }
    struct wbh_timeline_entry *entry = &timeline->entries[timeline->entry_count++];
    *entry = (struct wbh_timeline_entry){0};
    return entry;
}

/* Ends the string that was being appended to and tells where it began. */
static size_t end_string(struct wbh_text *strings, size_t begin) {
    wbh_text_append(strings, "", 1);
    return begin;
}

static int add_event(
    struct wbh_timeline *timeline, struct wbh_narrator *narrator, const struct sim_event *event) {
    struct wbh_timeline_entry *entry = add_entry(timeline);
    if (entry == NULL) {
        return -1;
    }
    struct wbh_text *strings = &timeline->strings;
    size_t begin = strings->len;
    struct wbh_narration narration = wbh_narrate(narrator, event, strings);
    entry->text = end_string(strings, begin);
    begin = strings->len;
    wbh_narrate_who(narrator, event, narration.who, strings);
    entry->who = end_string(strings, begin);
    entry->time_ns = event->time_ns;
    entry->step = event->step;
    entry->subject = event->subject;
    entry->bytes = narration.bytes;
    entry->kind = (uint8_t)narration.who;
    entry->event = event->kind;
    entry->call = event->call;
    entry->is_detail = (uint8_t)narration.is_detail;
    return strings->failed ? -1 : 0;
}

static int add_finding(struct wbh_timeline *timeline, const struct wbh_finding *finding) {
    struct wbh_timeline_entry *entry = add_entry(timeline);
    if (entry == NULL) {
        return -1;
    }
    struct wbh_text *strings = &timeline->strings;
    size_t begin = strings->len;
    wbh_text_format(
        strings, "%s: %s", wbh_verdict_name((enum wbh_verdict)finding->verdict), finding->text);
    entry->text = end_string(strings, begin);
    begin = strings->len;
    wbh_text_add(strings, "FINDING");
    entry->who = end_string(strings, begin);
    entry->time_ns = finding->time_ns;
    entry->step = finding->step;
    entry->subject = finding->subject;
    entry->kind = WBH_WHO_FINDING;
    entry->event = SIM_EVENT_KIND_COUNT;
    return strings->failed ? -1 : 0;
}

/* Whether what the event did shows in the trace before the event itself: calls are recorded when
 * they return, and a peer's sending once it is known how much the network took. */
static int is_told_late(const struct sim_event *event) {
    if (event->kind == SIM_EVENT_PEER) {
        return event->a == WBH_STEP_SEND;
    }
    return event->kind == SIM_EVENT_CALL
           && (event->call == SIM_CALL_SEND || event->call == SIM_CALL_CLOSE
               || event->call == SIM_CALL_SHUTDOWN || event->call == SIM_CALL_CONNECT);
}

static int is_effect(
    const struct wbh_timeline_entry *entry, const struct wbh_timeline_entry *cause) {
    int is_network = entry->event == SIM_EVENT_ARRIVE || entry->event == SIM_EVENT_WAKE
                     || entry->event == SIM_EVENT_PENDING;
    int is_together = cause->event == SIM_EVENT_PEER ? entry->time_ns == cause->time_ns
                                                     : entry->step == cause->step;
    return is_network && is_together && entry->subject == cause->subject;
}

/* Moves the last entry before its effects: a story tells causes first. */
static void put_cause_first(struct wbh_timeline *timeline) {
    struct wbh_timeline_entry *entries = timeline->entries;
    size_t at = timeline->entry_count - 1;
    struct wbh_timeline_entry cause = entries[at];
    size_t to = at;
    while (to > 0 && is_effect(&entries[to - 1], &cause)) {
        to--;
    }
    memmove(&entries[to + 1], &entries[to], (at - to) * sizeof *entries);
    entries[to] = cause;
}

/* Adds the findings that belong before `time_ns`. Oracles that speak at the end of a run may look
 * back, so findings are not sorted: each goes to the first place that is late enough. */
static int add_findings_before(struct wbh_timeline *timeline, const struct wbh_result *result,
    uint64_t time_ns, uint32_t *told) {
    for (uint32_t i = 0; i < result->finding_count; i++) {
        if ((*told & (1u << i)) == 0 && result->findings[i].time_ns < time_ns) {
            *told |= 1u << i;
            if (add_finding(timeline, &result->findings[i]) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int wbh_timeline_build(struct wbh_timeline *timeline, const struct wbh_scenario *scenario,
    const struct wbh_trace *trace, const struct wbh_result *result) {
    _Static_assert(WBH_FINDINGS_MAX <= 32, "`told` has a bit for each finding");
    struct wbh_narrator *narrator = wbh_narrator_new(scenario, WBH_EXCERPT_LEN);
    if (narrator == NULL) {
        return -1;
    }
    *timeline = (struct wbh_timeline){.excerpt_len = WBH_EXCERPT_LEN};
    uint32_t told = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < trace->event_count; i++) {
        rc = add_findings_before(timeline, result, trace->events[i].time_ns, &told);
        if (rc == 0) {
            rc = add_event(timeline, narrator, &trace->events[i]);
        }
        if (rc == 0 && is_told_late(&trace->events[i])) {
            put_cause_first(timeline);
        }
    }
    if (rc == 0) {
        rc = add_findings_before(timeline, result, UINT64_MAX, &told);
    }
    wbh_narrator_destroy(narrator);
    return rc;
}
