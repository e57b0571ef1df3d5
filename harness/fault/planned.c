/* The planned source: a list of decisions, each taken at its key, everything else left to another
 * source. */
#include "wouldblock/fault.h"

#include <assert.h>

static uint32_t offered_actions(const struct wbh_choice_point *point) {
    return point->kernel | point->contract | point->failing;
}

static int matches(const struct wbh_decision *decision, const struct wbh_choice_point *point) {
    return decision->ordinal == point->ordinal && decision->point == point->point
           && decision->subject == point->subject
           && (offered_actions(point) & WBH_ACTION_BIT(decision->action)) != 0;
}

static struct wbh_choice choice_from(const struct wbh_decision *decision) {
    return (struct wbh_choice){
        .action = decision->action,
        .subject = decision->action == WBH_ACTION_SPURIOUS ? decision->about : WBH_SUBJECT_NONE,
        .value = decision->value,
    };
}

/* Plans have at most WBH_FAULTS_MAX entries and mostly a handful: a scan of their ordinals beats an
 * index. */
static struct wbh_choice planned_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    const struct wbh_planned_source *source = (const struct wbh_planned_source *)self;
    for (size_t i = 0; i < source->decision_count; i++) {
        if (matches(&source->decisions[i], point)) {
            if (source->fired != NULL) {
                source->fired[i] = 1;
            }
            return choice_from(&source->decisions[i]);
        }
    }
    if (source->otherwise != NULL) {
        return source->otherwise->ops->choose(source->otherwise, point);
    }
    return (struct wbh_choice){.action = WBH_ACTION_PASS};
}

void wbh_planned_source_init(struct wbh_planned_source *source,
    const struct wbh_decision *decisions, size_t decision_count, uint8_t *fired,
    struct wbh_choice_source *otherwise) {
    static const struct wbh_choice_source_ops ops = {.choose = planned_choose};
    assert(decisions != NULL || decision_count == 0);
    for (size_t i = 0; i < decision_count; i++) {
        assert(decisions[i].action < WBH_ACTION_COUNT);
    }
    *source = (struct wbh_planned_source){
        .base.ops = &ops,
        .decisions = decisions,
        .decision_count = decision_count,
        .otherwise = otherwise,
        .fired = fired,
    };
}
