/* A survey for people, as text or as a page, and for machines. The keys of the JSON are listed in
 * README.md. */
#ifndef WBH_SEMANTICS_SHOW_H
#define WBH_SEMANTICS_SHOW_H

#include <jansson.h>

#include "report/text.h"
#include "semantics/survey.h"

enum {
    WBH_SHOW_COLOUR = 1,
    WBH_SHOW_QUIET = 2, /* differences, what is not covered, and the summary */
};

/* Every rule that is wanted, at most 100 columns wide. */
void wbh_show_text(const struct wbh_survey *survey, unsigned flags, struct wbh_text *out);
/* The rules that are wanted and the names of their cases. Nothing need have run. */
void wbh_show_list(const struct wbh_survey *survey, unsigned flags, struct wbh_text *out);
/* One line without a line feed. */
void wbh_show_summary(const struct wbh_survey *survey, struct wbh_text *out);

/* A whole HTML document that needs nothing else, for the screen and for paper. */
void wbh_show_html(const struct wbh_survey *survey, struct wbh_text *out);

/* Ownership: the caller's reference. NULL: no memory. */
json_t *wbh_show_json(const struct wbh_survey *survey);
json_t *wbh_show_list_json(const struct wbh_survey *survey);

/* ---- between the files that show ---- */

/* "data is an event": a case's name without its rule, in words. */
void wbh_show_add_case_name(struct wbh_text *text, const struct wb_contract_case *one);

/* Modes of an observation that saw the same on both kernels. */
struct wbh_mode_group {
    unsigned modes; /* 1 << mode */
    struct wbh_text simulated;
    struct wbh_text real;
};
/* Groups the modes that are to be shown, in the order of their first. Returns how many groups there
 * are, at most WB_CONTRACT_MODE_COUNT; each is to be cleaned up. */
size_t wbh_show_group_modes(const struct wbh_survey *survey, const struct wbh_row *row,
    struct wbh_mode_group groups[WB_CONTRACT_MODE_COUNT]);
int wbh_mode_group_differs(const struct wbh_mode_group *group);
void wbh_mode_group_clean_up(struct wbh_mode_group *group);
/* "edge, oneshot"; "all modes" if nothing shown is missing. */
void wbh_show_add_modes(struct wbh_text *text, unsigned modes, unsigned shown);

/* The words for a rule's status and a case's verdict, for people. */
const char *wbh_show_status(enum wbh_rule_status status);
const char *wbh_show_verdict(enum wbh_verdict_of_case verdict);

/* "Unix stream, pipe": the kinds of those bits. */
void wbh_show_add_kinds(struct wbh_text *text, uint32_t kinds);

/* The step that a row is about, whichever kernel made it. */
const struct wbh_shown_step *wbh_row_step(const struct wbh_row *row);
/* "done" on both: its result says nothing. */
int wbh_row_is_plain(const struct wbh_row *row);

#endif
