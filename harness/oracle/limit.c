/* Limits: the run's own bounds on calls and virtual time, and the program's bound on memory. */
#include "oracle/judge.h"

#include <inttypes.h>

static void over_budget(struct wbh_judge *judge, enum sim_stop stop) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_limit, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    if (stop == SIM_STOP_STEPS) {
        wbh_prose_add(&text, "the program made %" PRIu64 " calls and did not end",
            sim_kernel_calls(judge->config.kernel));
    } else {
        wbh_prose_add(&text, "the program did not end in ");
        wbh_prose_time(&text, sim_kernel_now(judge->config.kernel));
        wbh_prose_add(&text, " of virtual time");
    }
}

static void over_memory(struct wbh_judge *judge) {
    const struct wbh_judge_config *config = &judge->config;
    struct sim_memory_info memory;
    sim_memory(config->kernel, config->process, &memory);
    uint64_t bound = config->memory_base + config->memory_per_connection * judge->ledger.most_conns;
    if (config->memory_base == 0 || memory.peak_bytes <= bound) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_limit, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "the program used %" PRIu64 " bytes of memory with %" PRIu32
        " connections open at once; its bound is %" PRIu64 " + %" PRIu64 " for each, %" PRIu64,
        memory.peak_bytes, judge->ledger.most_conns, config->memory_base,
        config->memory_per_connection, bound);
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    bool over = ending->stop == SIM_STOP_STEPS || ending->stop == SIM_STOP_TIME;
    if (over && !judge->config.budget_is_arbitrary) {
        over_budget(judge, ending->stop);
    }
    over_memory(judge);
}

const struct wbh_oracle wbh_oracle_limit = {
    .info = {"limit", "bounds on calls, virtual time and memory", WBH_VERDICT_LIMIT},
    .at_end = at_end,
};
