/* Turns of tasks: a task is polled once for having been spawned, and once after it was woken,
 * however often that was before its turn came; by one thread at a time, and never after its end,
 * which comes once. */
#include "oracle/judge.h"

#include <inttypes.h>

static const char *reproach(enum wbh_task_flaw flaw) {
    switch (flaw) {
    case WBH_TASK_POLLED_UNWOKEN:
        return "is polled though nobody has woken it since its last poll";
    case WBH_TASK_POLLED_TWICE:
        return "is polled while it is being polled";
    case WBH_TASK_POLLED_ENDED:
        return "is polled though it has ended";
    case WBH_TASK_ENDED_TWICE:
        return "ends a second time: its future is dropped twice";
    case WBH_TASK_FLAWLESS:
        break;
    }
    return "";
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    enum wbh_task_flaw flaw = (enum wbh_task_flaw)judge->ledger.tasks.flaw;
    if (flaw == WBH_TASK_FLAWLESS) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_turns, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "task %" PRIu64 " %s", event->b, reproach(flaw));
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_task(judge, &why, (uint32_t)event->b);
}

const struct wbh_oracle wbh_oracle_turns = {
    .info = {"turns", "tasks polled without a wake, at once, or after their end; ended twice",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_NOTE,
    .notes = 1u << WB_NOTE_TASK_POLL | 1u << WB_NOTE_TASK_END,
    .on_event = on_event,
};
