/* The contract of edges: a program that waits without a deadline must have read a reported edge- or
 * one-shot source to its end, or have armed it again. Where more bytes happen to come and wake it
 * all the same, this oracle tells of the bug that the run survived; where nothing comes, the hang
 * oracle does.
 *
 * It is silent where it cannot be sure: while any connection's sending side is full (the program
 * may hold its reading back for that), and in programs with threads. */
#include "oracle/judge.h"

#include <inttypes.h>

static void begin(struct wbh_judge *judge) {
    judge->drain = (struct wbh_drain_state){0};
}

struct moment {
    bool blocked; /* a connection cannot be written to */
    uint64_t unread_len;
    uint32_t subject;
    bool queued; /* something will be reported at once: the program does not sleep yet */
};

static void look_at_connection(void *user_data, const struct sim_connection_info *info) {
    struct moment *moment = user_data;
    if (info->accepted != 0 && info->closed == 0 && (info->state & WB_EPOLLOUT) == 0) {
        moment->blocked = true;
    }
    if (info->subject == moment->subject) {
        moment->unread_len = info->unread_len;
    }
}

static void look_at_registration(void *user_data, const struct sim_registration_info *info) {
    struct moment *moment = user_data;
    if (info->queued != 0 && (info->state & info->mask) != 0) {
        moment->queued = true;
    }
}

static void examine(
    struct wbh_judge *judge, const struct wbh_reg *reg, const struct sim_event *event) {
    struct moment moment = {.subject = reg->subject};
    sim_each_connection(judge->config.kernel, judge->config.process, look_at_connection, &moment);
    if (moment.blocked || moment.unread_len == 0) {
        return;
    }
    sim_each_registration(
        judge->config.kernel, judge->config.process, look_at_registration, &moment);
    if (moment.queued) {
        return;
    }
    judge->drain.step = event->step;
    judge->drain.time_ns = event->time_ns;
    judge->drain.subject = reg->subject;
    judge->drain.registration = reg->serial;
    judge->drain.unread_len = moment.unread_len;
}

/* Looks at what is listed and takes from the list what was drained meanwhile. */
static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_ledger *ledger = &judge->ledger;
    if (ledger->undrained_count == 0) {
        return;
    }
    bool may_sleep_for_ever = (int64_t)event->a < 0 && !ledger->threads && !ledger->stopping;
    size_t kept = 0;
    for (size_t i = 0; i < ledger->undrained_count; i++) {
        struct wbh_reg *reg = wbh_ledger_reg(ledger, ledger->undrained[i]);
        if (!reg->undrained) {
            reg->in_undrained = false;
            continue;
        }
        ledger->undrained[kept++] = reg->serial;
        if (may_sleep_for_ever && judge->drain.step == 0 && reg->subject != WBH_SUBJECT_NONE
            && reg->epfd == event->fd) {
            examine(judge, reg, event);
        }
    }
    ledger->undrained_count = kept;
}

static bool hung(const struct wbh_judge *judge) {
    for (uint32_t i = 0; i < judge->finding_count; i++) {
        if (judge->config.findings[i].verdict == WBH_VERDICT_HANG) {
            return true;
        }
    }
    return false;
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    (void)ending;
    const struct wbh_drain_state *drain = &judge->drain;
    if (drain->step == 0 || hung(judge)) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find_at(judge, &wbh_oracle_edge_drain,
        WBH_VERDICT_MISUSE, drain->subject, drain->time_ns, drain->step);
    if (finding == NULL) {
        return;
    }
    const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, drain->registration);
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the wait of call %" PRIu32 " has no deadline, and ", drain->step);
    wbh_prose_count(&text, drain->unread_len, "byte");
    wbh_prose_add(&text, " on ");
    wbh_prose_connection(&text, judge->config.scenario, drain->subject);
    wbh_prose_add(&text, " would never have been reported: only later input woke the program");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why,
        "Registration %" PRIu32 " of descriptor %d is %s. Its readiness was reported, but the "
        "descriptor was not read until EAGAIN and not armed again before that wait.\n",
        reg->serial, reg->fd, (reg->mask & WB_EPOLLONESHOT) != 0 ? "one-shot" : "edge-triggered");
}

const struct wbh_oracle wbh_oracle_edge_drain = {
    .info = {"edge-drain", "waits entered with unread bytes of which no edge will tell",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_WAIT,
    .begin = begin,
    .on_event = on_event,
    .at_end = at_end,
};
