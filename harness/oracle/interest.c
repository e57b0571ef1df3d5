/* Interest without a consumer: a level-triggered registration is reported again and again in one
 * direction, and the program never makes the call that would answer it. The cause of most spins,
 * seen before the spin is. */
#include "oracle/judge.h"

#include <inttypes.h>

enum { REPORTS_MAX = 32 };

static void object(struct wbh_judge *judge, const struct wbh_reg *reg, uint32_t reports) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_interest, reg->subject);
    sim_kernel_stop(judge->config.kernel); /* it would only go on like this */
    if (finding == NULL) {
        return;
    }
    bool is_written = wbh_ledger_is_written(&judge->ledger, reg->file);
    bool has_ended = (reg->report_events & WBH_IN_BITS) != 0;
    bool in = has_ended && !is_written;
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "descriptor %d", reg->fd);
    if (reg->subject != WBH_SUBJECT_NONE) {
        wbh_prose_add(&text, " (");
        wbh_prose_connection(&text, judge->config.scenario, reg->subject);
        wbh_prose_add(&text, ")");
    }
    wbh_prose_add(&text, " was reported ");
    wbh_prose_events(&text, reg->report_events);
    wbh_prose_add(&text, " %" PRIu32 " times in a row and the program never %s", reports,
        in ? "reads from it" : "writes to it");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "Registration %" PRIu32 " is level-triggered, armed for ", reg->serial);
    wbh_prose_events(&why, reg->mask);
    wbh_prose_add(&why, " since call %" PRIu32 ".\n", reg->ctl_step);
    if (reg->orphan_step != 0) {
        wbh_prose_add(&why,
            "Call %" PRIu32 " closed that descriptor, but a duplicate of it is open: the "
            "registration lives as long as the last of them, unless epoll_ctl DEL ends it.\n",
            reg->orphan_step);
    } else if (has_ended && is_written) {
        wbh_prose_add(&why,
            "It is the writing end of a pipe that nobody reads any more. ERR cannot be "
            "masked: close the descriptor.\n");
    } else if (in) {
        wbh_prose_add(&why, "HUP and ERR cannot be masked: read, or close the descriptor. To pause "
                            "reading, take IN and RDHUP out with epoll_ctl MOD.\n");
    } else {
        wbh_prose_add(&why, "Arm OUT only while something waits to be written.\n");
    }
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, event->registration);
    uint32_t reports = reg->idle_in > reg->idle_out ? reg->idle_in : reg->idle_out;
    if (reports >= REPORTS_MAX) {
        object(judge, reg, reports);
    }
}

const struct wbh_oracle wbh_oracle_interest = {
    .info = {"interest", "readiness that stays armed though nobody answers it", WBH_VERDICT_SPIN},
    .kinds = 1u << SIM_EVENT_REPORT,
    .on_event = on_event,
};
