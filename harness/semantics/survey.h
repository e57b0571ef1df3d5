/* The rules that were asked for, each with its cases and what came of them. */
#ifndef WBH_SEMANTICS_SURVEY_H
#define WBH_SEMANTICS_SURVEY_H

#include "semantics/comparison.h"
#include "semantics/rules.h"

struct wbh_case_result {
    const struct wb_contract_case *one;
    struct wbh_outcome simulated;
    struct wbh_outcome real;
    struct wbh_comparison comparison;
};

enum wbh_rule_status {
    WBH_RULE_EQUAL,       /* shown on both kernels, which agree, as stated */
    WBH_RULE_DIFFERS,     /* they do not, or not as stated */
    WBH_RULE_ONE_SIDED,   /* shown on one kernel only */
    WBH_RULE_NOT_COVERED, /* no case shows it */
    WBH_RULE_STATUS_COUNT,
};
const char *wbh_rule_status_name(enum wbh_rule_status status);

struct wbh_rule_result {
    const struct wbh_rule *rule;
    int is_wanted;
    struct wbh_case_result *cases;
    size_t case_count;
    enum wbh_rule_status status;
    uint32_t missing_kinds; /* that the rule is about and no case has shown; 0 if not covered */
};

struct wbh_survey {
    struct wbh_rule_result *rules; /* all of them, wanted or not, in their order */
    size_t rule_count;
    int family;
    uint32_t modes;     /* 1 << mode for each to be shown */
    const char *kernel; /* what this machine's is called. Borrowed */
};

/* All rules with their cases, none of which has run, none wanted. Returns 0, or -1 when there is no
 * memory. */
int wbh_survey_init(struct wbh_survey *survey);
void wbh_survey_clean_up(struct wbh_survey *survey);

/* Wants what the words name: "R72", "72", "R70-R79", "S3". Returns 0, or -1 if they name nothing.
 */
int wbh_survey_want(struct wbh_survey *survey, const char *word);
void wbh_survey_want_all(struct wbh_survey *survey);

/* Compares the outcomes of one case. Returns 0, or -1 when there is no memory. */
int wbh_survey_compare(struct wbh_case_result *result);
/* Concludes from all cases. */
void wbh_survey_conclude(struct wbh_survey *survey);

/* How many of those wanted have a status; how many are wanted. */
size_t wbh_survey_count(const struct wbh_survey *survey, enum wbh_rule_status status);
size_t wbh_survey_wanted(const struct wbh_survey *survey);
/* How many of those wanted are shown in part only. */
size_t wbh_survey_in_part(const struct wbh_survey *survey);

#endif
