/* Which faults a run may see: sources of choices, profiles, plans, the record of what was decided.
 */
#ifndef WOULDBLOCK_FAULT_H
#define WOULDBLOCK_FAULT_H

#include "wouldblock/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Probabilities in parts of 65536 for each (point, action); the highest legality it reaches. */
struct wbh_profile {
    const char *name;
    const char *summary;
    enum wbh_legality legality_max;
    uint16_t probability[WBH_POINT_COUNT][WBH_ACTION_COUNT];
};

/* none: no fault. gentle: kernel faults, seldom. hostile: kernel and contract faults, often (both
 * transparent). failing: hostile, and calls fail. A profile is found by name, or by number for fuzz
 * inputs. */
const struct wbh_profile *wbh_profile_from_name(const char *name, size_t len); /* NULL: unknown */
const struct wbh_profile *wbh_profile_nth(size_t n); /* modulo their count */
size_t wbh_profile_count(void);

/* Seeded: each answer is a hash of (seed, key) against the profile's probabilities. */
struct wbh_seeded_source {
    struct wbh_choice_source base;
    const struct wbh_profile *profile; /* borrowed */
    uint64_t seed;
};
void wbh_seeded_source_init(
    struct wbh_seeded_source *source, const struct wbh_profile *profile, uint64_t seed);

/* What became of a decision of a plan. */
enum wbh_planned_fate {
    WBH_PLANNED_UNASKED, /* its moment did not come */
    WBH_PLANNED_FIRED,
    WBH_PLANNED_UNFIT, /* its moment came and did not allow it: nothing happened */
};

/* Planned: the listed decisions, everything else as `otherwise` says (NULL: benign). */
struct wbh_planned_source {
    struct wbh_choice_source base;
    const struct wbh_decision
        *decisions; /* borrowed; looked up by (subject, point, ordinal) and offered actions */
    size_t decision_count;
    struct wbh_choice_source *otherwise;
    uint8_t *fired; /* decision_count bytes, borrowed, all 0 at first: enum wbh_planned_fate; may be
                       NULL */
    const uint32_t *index; /* borrowed; NULL: the list is looked through */
};
void wbh_planned_source_init(struct wbh_planned_source *source,
    const struct wbh_decision *decisions, size_t decision_count, uint8_t *fired,
    struct wbh_choice_source *otherwise);

/* So many words make an index of a plan. */
size_t wbh_planned_index_len(size_t decision_count);
/* Makes an answer's cost independent of the plan's length, which pays from a few dozen decisions
 * on; the answers stay the same. After init, and again if the decisions change. `index` has
 * wbh_planned_index_len() words, whatever is in them; borrowed. At most UINT32_MAX - 1 decisions.
 */
void wbh_planned_source_index(struct wbh_planned_source *source, uint32_t *index);

#ifdef __cplusplus
}
#endif

#endif
