/* One case of the contract suite on one kernel: what came of it, with its transcript. */
#ifndef WBH_SEMANTICS_TRIAL_H
#define WBH_SEMANTICS_TRIAL_H

#include "semantics/transcript.h"
#include "wb/sys.h"

enum wbh_outcome_kind {
    WBH_OUTCOME_PASSED,  /* every check of the case held */
    WBH_OUTCOME_FAILED,  /* one did not; there the transcript ends */
    WBH_OUTCOME_SKIPPED, /* the kernel cannot run it */
    WBH_OUTCOME_DIED,    /* the run ended under the case; of a process, nothing else is left */
};

struct wbh_outcome {
    enum wbh_outcome_kind kind;
    char failure[480]; /* FAILED, DIED: a sentence */
    struct wbh_transcript transcript;
};

void wbh_outcome_clean_up(struct wbh_outcome *outcome);

/* What a kernel cannot run, in words: why the case is skipped there. */
const char *wbh_trial_simulated_limits(void);

/* Runs the case inside a simulated kernel of its own. `family` is WB_AF_INET or WB_AF_INET6.
 * Returns 0, or -1 when there is no memory. */
int wbh_trial_simulated(
    const struct wb_contract_case *one, int family, struct wbh_outcome *out_outcome);

/* Runs the case on the kernel behind `sys`; NULL: this machine's. Changes the process: lowers its
 * limit of descriptors, blocks signals, uses its real-time timer. So it wants a process of its own,
 * without other threads.
 * Returns 0, or -1 when there is no memory or the limit cannot be set. */
int wbh_trial_real(const struct wb_sys *sys, const struct wb_contract_case *one, int family,
    struct wbh_outcome *out_outcome);

/* Whether this machine's kernel has that family's loopback address. */
int wbh_trial_has_family(int family);

/* For handing an outcome to another process of the same program. Unpacking returns 0, or -1 if the
 * bytes are not whole or there is no memory. */
void wbh_outcome_pack(const struct wbh_outcome *outcome, struct wbh_text *out);
int wbh_outcome_unpack(struct wbh_outcome *outcome, const char *bytes, size_t len);

#endif
