/* Asking the source about a moment: what it may answer, what it did answer, and the account of
 * both. */
#include "kernel/internal.h"

#include <string.h>

static void count_offered(struct sim_kernel *kernel, const struct wbh_choice_point *point) {
    uint32_t offered = point->kernel | point->contract | point->failing;
    kernel->faults.any = true;
    while (offered != 0) {
        unsigned action = (unsigned)__builtin_ctz(offered);
        offered &= offered - 1;
        kernel->faults.offered[point->point][action]++;
    }
}

static enum wbh_legality legality_of(const struct wbh_choice_point *point, uint8_t action) {
    if ((point->kernel & WBH_ACTION_BIT(action)) != 0) {
        return WBH_LEGALITY_KERNEL;
    }
    if ((point->contract & WBH_ACTION_BIT(action)) != 0) {
        return WBH_LEGALITY_CONTRACT;
    }
    return WBH_LEGALITY_FAILING;
}

static bool error_fits(const struct wbh_choice_point *point, uint64_t error) {
    if (error < 1 || error >= 4096) {
        return false;
    }
    int index = wbh_errno_index((int)error);
    return point->errnos == 0 || (index >= 0 && (point->errnos >> index & 1u) != 0);
}

/* Whether the argument makes sense at this moment. */
static bool argument_fits(const struct wbh_choice_point *point, const struct wbh_choice *choice) {
    switch ((enum wbh_action)choice->action) {
    case WBH_ACTION_SHORT:
    case WBH_ACTION_SPLIT:
        return choice->value >= 1 && choice->value < point->size;
    case WBH_ACTION_BATCH:
    case WBH_ACTION_ORDER:
        return choice->value >= 1 && choice->value < point->size;
    case WBH_ACTION_ERROR:
        return error_fits(point, choice->value);
    case WBH_ACTION_SPURIOUS:
        return (choice->value & (WB_EPOLLIN | WB_EPOLLOUT)) != 0;
    case WBH_ACTION_DELAY:
    case WBH_ACTION_JUMP:
    case WBH_ACTION_REORDER:
        return choice->value >= 1;
    case WBH_ACTION_PASS:
    case WBH_ACTION_WOULD_BLOCK:
    case WBH_ACTION_RESET:
    case WBH_ACTION_INTERRUPT:
    case WBH_ACTION_SEPARATE:
    case WBH_ACTION_NO_RDHUP:
    case WBH_ACTION_FAIL:
    case WBH_ACTION_IMMEDIATE:
    case WBH_ACTION_DROP:
    case WBH_ACTION_DUPLICATE:
    case WBH_ACTION_WAKE:
        return true;
    case WBH_ACTION_COUNT:
        break;
    }
    return false;
}

static void emit_decision(
    struct sim_kernel *kernel, enum sim_event_kind kind, const struct wbh_decision *decision) {
    struct sim_event event = event_begin(kernel, kind);
    event.subject = decision->subject;
    event.decision = decision;
    event_emit(kernel, &event);
}

static void keep_within(const struct sim_kernel *kernel, struct wbh_choice_point *point) {
    if (kernel->config.legality_max < WBH_LEGALITY_FAILING) {
        point->failing = 0;
    }
    if (kernel->config.legality_max < WBH_LEGALITY_CONTRACT) {
        point->contract = 0;
    }
}

static struct wbh_decision decision_of(
    const struct wbh_choice_point *point, const struct wbh_choice *choice) {
    return (struct wbh_decision){
        .subject = point->subject,
        .ordinal = point->ordinal,
        .point = point->point,
        .action = choice->action,
        .legality = (uint8_t)legality_of(point, choice->action),
        .about = choice->subject,
        .value = choice->value,
    };
}

void choice_unfit(struct sim_kernel *kernel, const struct wbh_choice_point *point,
    const struct wbh_choice *choice) {
    const struct wbh_choice_source_ops *ops = kernel->config.source->ops;
    kernel->faults.unfit++;
    if (ops->unfit != NULL) {
        ops->unfit(kernel->config.source, point, choice);
    }
}

/* An answer that does not fit has no part in the run: a source that has another one for the same
 * moment is asked for it, as though the first were not there. */
static struct wbh_choice ask_source(
    struct sim_kernel *kernel, const struct wbh_choice_point *point) {
    struct wbh_choice_source *source = kernel->config.source;
    struct wbh_choice_point asked = *point;
    for (;;) {
        struct wbh_choice choice = source->ops->choose(source, &asked);
        const uint32_t bit = WBH_ACTION_BIT(choice.action);
        const uint32_t allowed = asked.kernel | asked.contract | asked.failing;
        if (choice.action == WBH_ACTION_PASS
            || ((allowed & bit) != 0 && argument_fits(&asked, &choice))) {
            return choice;
        }
        const struct wbh_decision decision = decision_of(&asked, &choice);
        choice_unfit(kernel, &asked, &choice);
        emit_decision(kernel, SIM_EVENT_UNFIT, &decision);
        asked.kernel &= ~bit;
        asked.contract &= ~bit;
        asked.failing &= ~bit;
        if ((allowed & ~bit) == 0 || (allowed & bit) == 0) {
            return (struct wbh_choice){.action = WBH_ACTION_PASS};
        }
    }
}

struct wbh_choice choose(struct sim_kernel *kernel, struct wbh_choice_point *point) {
    static const struct wbh_choice pass = {0};
    keep_within(kernel, point);
    uint32_t allowed = point->kernel | point->contract | point->failing;
    if (allowed == 0 || kernel->config.source == NULL) {
        return pass;
    }
    count_offered(kernel, point);
    struct wbh_choice choice = ask_source(kernel, point);
    if (choice.action == WBH_ACTION_PASS) {
        return pass;
    }
    const struct wbh_decision decision = decision_of(point, &choice);
    kernel->faults.injected[point->point][choice.action]++;
    if (decision.legality > kernel->faults.highest_legality_injected) {
        kernel->faults.highest_legality_injected = decision.legality;
    }
    /* A wake-up for nothing is recorded once it is known whom it names: see epoll.c. */
    if (choice.action != WBH_ACTION_SPURIOUS) {
        emit_decision(kernel, SIM_EVENT_FAULT, &decision);
    }
    return choice;
}

/* The world does what it decided: nothing of it can go unseen. */
struct wbh_choice sim_choose(struct sim_kernel *kernel, struct wbh_choice_point *point) {
    struct wbh_choice choice = choose(kernel, point);
    if (choice.action != WBH_ACTION_PASS) {
        choice_consumed(kernel, point->point, choice.action);
    }
    return choice;
}

int choose_error(struct sim_kernel *kernel, enum wbh_point kind) {
    if (!choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = (uint8_t)kind,
        .subject = process_subject(kernel->current),
        .ordinal = ++kernel->current->ordinal[kind],
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
    };
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action != WBH_ACTION_ERROR) {
        return 0;
    }
    choice_consumed(kernel, point.point, choice.action);
    return -(int)choice.value;
}

uint32_t choose_waiter(struct sim_kernel *kernel, uint32_t count) {
    if (count < 2 || !choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_ROUSE,
        .subject = process_subject(kernel->current),
        .ordinal = ++kernel->current->ordinal[WBH_POINT_ROUSE],
        .kernel = WBH_ACTION_BIT(WBH_ACTION_ORDER),
        .size = count,
    };
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action != WBH_ACTION_ORDER) {
        return 0;
    }
    choice_consumed(kernel, point.point, choice.action);
    return (uint32_t)choice.value;
}

void choice_consumed(struct sim_kernel *kernel, uint8_t point, uint8_t action) {
    kernel->faults.any = true;
    kernel->faults.consumed[point][action]++;
}
