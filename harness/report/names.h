/* How things are called in reports: connections by their peer's name, descriptors by what they are,
 * bits and errors by their Linux names, decisions as they stand in a scenario. */
#ifndef WBH_REPORT_NAMES_H
#define WBH_REPORT_NAMES_H

#include <stdint.h>

#include "report/text.h"
#include "wouldblock/kernel.h"
#include "wouldblock/scenario.h"

/* "alice"; "alice#2" for her second connection; "local1.a" for one of the program's own,
 * "listener": as scenarios name them; "" for WBH_SUBJECT_NONE. */
void wbh_report_add_connection(
    struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t subject);

/* "IN|OUT|RDHUP", "0" for none. Mode bits (ET, ONESHOT) included. */
void wbh_report_add_events(struct wbh_text *text, uint32_t events);

/* "readable, hangup": what a report of these events says to a reader. */
void wbh_report_add_readiness(struct wbh_text *text, uint32_t events);

/* "EAGAIN"; "errno 99" for one without a name here. */
void wbh_report_add_errno(struct wbh_text *text, int number);

/* A program of the scenario by its label; an end of a link. */
void wbh_report_add_program(
    struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t number);
void wbh_report_add_end(struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t end);

/* "alice.recv 2 would-block": as a scenario's fault line, without the keyword. */
void wbh_report_add_decision(struct wbh_text *text, const struct wbh_scenario *scenario,
    const struct wbh_decision *decision);

/* "the program exited", "the run stood still", ... */
const char *wbh_report_stop_text(enum sim_stop stop);
const char *wbh_report_stop_name(enum sim_stop stop);

#endif
