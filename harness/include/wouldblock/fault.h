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

/* Planned: the listed decisions, everything else as `otherwise` says (NULL: benign). */
struct wbh_planned_source {
    struct wbh_choice_source base;
    const struct wbh_decision
        *decisions; /* borrowed; looked up by (subject, point, ordinal) and offered actions */
    size_t decision_count;
    struct wbh_choice_source *otherwise;
    uint8_t *fired; /* decision_count bytes, borrowed, set to 1 when the decision was taken; may be
                       NULL */
};
void wbh_planned_source_init(struct wbh_planned_source *source,
    const struct wbh_decision *decisions, size_t decision_count, uint8_t *fired,
    struct wbh_choice_source *otherwise);

#ifdef __cplusplus
}
#endif

#endif
