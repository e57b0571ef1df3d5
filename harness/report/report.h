/* The report of one run: verdict, diagnosis, faults and timeline, as text for people or as JSON.
 * The keys of the JSON are listed in README.md. */
#ifndef WBH_REPORT_REPORT_H
#define WBH_REPORT_REPORT_H

#include <jansson.h>

#include "report/text.h"
#include "report/timeline.h"
#include "wouldblock/run.h"

struct wbh_report {
    const char *path; /* of the scenario, as the user gave it */
    const struct wbh_scenario *scenario;
    const struct wbh_result *result;
    const struct wbh_trace *trace; /* NULL: the run was not recorded; no timeline, no decisions */
    const char *trigger;           /* as overridden; NULL: as the scenario says */
    uint64_t seed;                 /* that was run with */
    int is_dead; /* the process of the run died: there are findings, but no hash and no counts */
};

enum { WBH_REPORT_LINES_MAX = 400 }; /* of a timeline that nobody asked to see whole */

/* Everything, for people. `flags`: WBH_PRINT_*. */
void wbh_report_print(const struct wbh_report *report, unsigned flags, struct wbh_text *out);

/* The same as JSON. Ownership: the caller's reference. NULL: no memory. */
json_t *wbh_report_json(const struct wbh_report *report);

/* Parts of it that lists of runs use, too. */
json_t *wbh_report_finding_json(
    const struct wbh_scenario *scenario, const struct wbh_finding *finding);

/* A JSON string of any bytes: what is not UTF-8 is escaped as \xHH. NULL: no memory. */
json_t *wbh_report_json_string(const char *string);

/* Sets a key, taking over the reference; a NULL value is left out. For building objects whose
 * failures are looked at once. Returns 0, or -1 when there is no memory. */
int wbh_report_json_set(json_t *object, const char *key, json_t *value);

/* Writes the document indented, with a line feed at its end. */
void wbh_report_json_print(json_t *document, struct wbh_text *out);

#endif
