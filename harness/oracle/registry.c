/* The oracles there are, in the order in which they are asked: where two object at the same moment,
 * the first one's verdict counts. */
#include "oracle/judge.h"

const struct wbh_oracle *const wbh_oracles[] = {
    &wbh_oracle_misuse,
    &wbh_oracle_stale,
    &wbh_oracle_conservation,
    &wbh_oracle_http,
    &wbh_oracle_expectation,
    &wbh_oracle_interest,
    &wbh_oracle_spin,
    &wbh_oracle_turns,
    &wbh_oracle_timers,
    &wbh_oracle_blocking,
    &wbh_oracle_fairness,
    &wbh_oracle_waker,
    &wbh_oracle_hang,
    &wbh_oracle_edge_drain,
    &wbh_oracle_divergence,
    &wbh_oracle_triggers,
    &wbh_oracle_files,
    &wbh_oracle_leak,
    &wbh_oracle_limit,
    NULL,
};

const struct wbh_oracle_info *wbh_oracle_nth(size_t n) {
    size_t count = sizeof(wbh_oracles) / sizeof(wbh_oracles[0]) - 1;
    return n < count ? &wbh_oracles[n]->info : NULL;
}
