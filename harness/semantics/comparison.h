/* Two outcomes of one case side by side. */
#ifndef WBH_SEMANTICS_COMPARISON_H
#define WBH_SEMANTICS_COMPARISON_H

#include "semantics/trial.h"

enum wbh_row_mark {
    WBH_ROW_EQUAL,
    WBH_ROW_VARIES, /* they differ in what timing may decide */
    WBH_ROW_DIFFERS,
    WBH_ROW_NOT_REACHED, /* on one of them the case had ended by a check that failed */
};

/* A step on both kernels, or on one of them. Borrowed from the transcripts. */
struct wbh_row {
    const struct wbh_shown_step *simulated; /* NULL: not there */
    const struct wbh_shown_step *real;
    enum wbh_row_mark mark;
    unsigned count; /* so many times in a row */
};

enum wbh_verdict_of_case {
    WBH_CASE_EQUAL,     /* both did the same, as the rule says */
    WBH_CASE_DIFFERS,   /* they did not */
    WBH_CASE_WRONG,     /* both did the same, and not what the rule says; or so the only one */
    WBH_CASE_REAL_ONLY, /* the simulated kernel cannot run it; this one does what the rule says */
    WBH_CASE_SIMULATED_ONLY,
    WBH_CASE_NOT_SHOWN, /* neither can */
};
const char *wbh_case_verdict_name(enum wbh_verdict_of_case verdict);

struct wbh_comparison {
    enum wbh_verdict_of_case verdict;
    struct wbh_row *rows;
    size_t row_count;
};

/* Compares two outcomes of the case. If its amounts or moments vary (WB_CONTRACT_TIMING), its own
 * checks, which state what is allowed, decide: calls that differ beyond them are marked as
 * varying. Observations may not differ.
 * Returns 0, or -1 when there is no memory. */
int wbh_comparison_init(struct wbh_comparison *out, const struct wb_contract_case *one,
    const struct wbh_outcome *simulated, const struct wbh_outcome *real);
void wbh_comparison_clean_up(struct wbh_comparison *comparison);

#endif
