/* What one event of a trace says in words. Internal to the report. */
#ifndef WBH_REPORT_NARRATE_H
#define WBH_REPORT_NARRATE_H

#include "report/text.h"
#include "report/timeline.h"

/* Remembers what words need from earlier events: which descriptor is what, how a registration was
 * made, how many waits there were. */
struct wbh_narrator;

struct wbh_narration {
    enum wbh_who who;
    uint64_t bytes; /* moved; 0 if that is not the point */
    int is_detail;
};

/* NULL: no memory. The scenario is borrowed. `excerpt_len`: bytes of data a line shows. */
struct wbh_narrator *wbh_narrator_new(const struct wbh_scenario *scenario, size_t excerpt_len);
void wbh_narrator_destroy(struct wbh_narrator *narrator);

/* Appends what happened, without a subject: "recv(alice) = EAGAIN", "sends 12 bytes". Events must
 * come in the order of the trace. */
struct wbh_narration wbh_narrate(
    struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out);

/* Appends who did it: "program", "wait #3", "alice", "network", "FAULT". */
void wbh_narrate_who(const struct wbh_narrator *narrator, const struct sim_event *event,
    enum wbh_who who, struct wbh_text *out);

#endif
