/* The judges of a run, one a program: who is shown an event, and whose matter a peer's connection
 * is. With one judge it is that judge. */
#ifndef ORACLE_PANEL_H
#define ORACLE_PANEL_H

#include "oracle/judge.h"

struct wbh_panel {
    struct wbh_judge *judges[SIM_PROCESSES_MAX]; /* by number of their process */
    bool is_out[SIM_PROCESSES_MAX];              /* its program has ended */
    int exit_status[SIM_PROCESSES_MAX];          /* ... with */
    uint32_t count;
};

/* Sets the panel to `count` judges, whose programs are yet to run. */
void wbh_panel_begin(struct wbh_panel *panel, struct wbh_judge *const *judges, uint32_t count);
/* Of a program that has ended its judge hears no more than what excuses peers: datagrams to it are
 * lost or refused all the same. */
void wbh_panel_show(struct wbh_panel *panel, const struct sim_event *event);
/* The same, at once for the only judge: this is called for every event of a run. */
static inline void wbh_panel_on_event(struct wbh_panel *panel, const struct sim_event *event) {
    if (panel->count == 1 && !panel->is_out[0]) {
        wbh_judge_on_event(panel->judges[0], event);
    } else {
        wbh_panel_show(panel, event);
    }
}
/* Asks the judges of programs that have not ended; each of the peers that are its own matter.
 * Peers of a program that has ended are left behind by it. */
void wbh_panel_at_idle(struct wbh_panel *panel, const struct wbh_stillness *stillness);
/* The run is over: asks the judges of programs that have not ended. */
void wbh_panel_at_end(struct wbh_panel *panel, const struct wbh_ending *ending);
bool wbh_panel_excuses_unmet(struct wbh_panel *panel, const struct wbh_unmet *unmet);
/* See wbh_hang_obligation() and wbh_waker_obligation(); of any program that has not ended. */
bool wbh_panel_obligation(struct wbh_panel *panel);
void wbh_panel_disappointed(
    struct wbh_panel *panel, const struct wbh_unmet *unmet, const char *saw);

#endif
