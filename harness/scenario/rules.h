/* What every scenario keeps to, wherever it comes from: bounds of faults, and peers that do not
 * wait for each other in a circle. The parser reports what breaks a rule, the decoder and plans
 * bring it within. */
#ifndef WOULDBLOCK_SCENARIO_RULES_H
#define WOULDBLOCK_SCENARIO_RULES_H

#include "wouldblock/scenario.h"

#include <stdbool.h>

/* Brings a decision within what text can say, with the scenario's peers and programs. Point and
 * action must be members of their enums. What is within is left alone. */
void wbh__fault_normalise(struct wbh_decision *fault, const struct wbh_scenario *scenario);

/* The action itself where it can happen, else one that can, chosen by its number. */
uint8_t wbh__fault_fit_action(enum wbh_point point, uint8_t action);

/* Whether only the first of the two could ever be taken. */
bool wbh__fault_same_key(const struct wbh_decision *a, const struct wbh_decision *b);

/* Whether the part can follow those that the step has: expected messages have no chunks, sent ones
 * no length alone; the content is told once, and trailers are sent behind chunks. What the part
 * says is not looked at. */
bool wbh__part_fits(
    const struct wbh_part *parts, const struct wbh_step *step, enum wbh_part_kind kind);

/* Whether two links are about the same way. */
bool wbh__link_same_ends(const struct wbh_link *a, const struct wbh_link *b);

/* Takes out every fault that can never be taken because one before it has its key. */
void wbh__faults_drop_doubles(struct wbh_scenario *scenario);

/* Whether the peers wait for each other for ever by their `after` steps alone; then one such step
 * is named. The scenario must be finished. `done` holds WBH_PEERS_MAX zeros; after the named step
 * was replaced the search can be continued with what it holds then. */
bool wbh__find_circle(
    const struct wbh_scenario *scenario, uint32_t *done, uint32_t *out_peer, uint32_t *out_step);

#endif
