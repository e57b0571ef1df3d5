/* The contract of edges: a program that waits without a deadline must have read a reported edge- or
 * one-shot source to its end, accepted from an edge-triggered listener until EAGAIN, or have armed
 * it again. Where more happens to come and wakes it all the same, this oracle tells of the bug that
 * the run survived; where nothing comes, the hang oracle does.
 *
 * A program may also sleep in poll or select on its epoll instance.
 *
 * It is silent where it cannot be sure: while any connection's sending side is full, the last
 * send said EAGAIN, or one of its own has yet to stand (the program may hold its reading back for
 * that), while a timer runs that the program asked to be told of (which is a deadline by another
 * name, and may remind it), and in programs with threads. A program may also leave connections in a
 * listener's queue on purpose, when it holds as many as it can. That was not so if all that woke it
 * was the next report of the listener, and it then accepted without having closed anything: it
 * could have done so before. */
#include "oracle/judge.h"

#include <errno.h>
#include <inttypes.h>

static void begin(struct wbh_judge *judge) {
    judge->drain = (struct wbh_drain_state){0};
}

/* ---- going to sleep ---- */

struct moment {
    struct wbh_ledger *ledger;
    const struct wbh_reg *reg;
    bool blocked; /* a connection cannot be written to, or not yet */
    bool queued;  /* something will be reported at once: the program does not sleep yet */
    bool ticking; /* a timer that it asked to be told of runs */
    bool pending; /* a listener has a connection to hand out */
    uint64_t unread_len;
    uint32_t unread_count; /* datagrams */
    uint32_t sender;       /* ... of the first of them */
};

/* By EAGAIN, or by a write that took a part. There may be room already, of which it has not been
 * told: the RST that comes of what it sent to a peer that is gone is still on its way. */
static bool was_told_to_wait(struct wbh_ledger *ledger, uint32_t subject) {
    const struct wbh_conn *conn = wbh_ledger_conn(ledger, subject);
    return conn != NULL && conn->send.step != 0
           && (conn->send.result == -EAGAIN
               || (conn->send.result >= 0 && (uint64_t)conn->send.result < conn->send.asked));
}

static void look_at_connection(void *user_data, const struct sim_connection_info *info) {
    struct moment *moment = user_data;
    if (info->accepted != 0 && info->closed == 0
        && ((info->state & WB_EPOLLOUT) == 0 || was_told_to_wait(moment->ledger, info->subject))) {
        moment->blocked = true;
    }
    if (info->subject == moment->reg->subject) {
        moment->unread_len = info->unread_len;
    }
}

static void look_at_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct moment *moment = user_data;
    if ((info->state & WB_EPOLLOUT) == 0) {
        moment->blocked = true;
    }
    if (info->file == moment->reg->file) {
        moment->unread_count = info->unread_count;
        moment->sender = info->subject;
    }
}

static void look_at_registration(void *user_data, const struct sim_registration_info *info) {
    struct moment *moment = user_data;
    if (info->queued != 0 && (info->state & info->mask) != 0) {
        moment->queued = true;
    }
    if (info->ticking != 0 && (info->mask & WB_EPOLLIN) != 0) {
        moment->ticking = true;
    }
    if (info->connecting != 0) {
        moment->blocked = true; /* who passes bytes on does not read before it stands */
    }
    if (info->registration == moment->reg->serial) {
        moment->pending = (info->state & WB_EPOLLIN) != 0;
    }
}

static void examine_connection(
    struct wbh_judge *judge, const struct moment *moment, const struct wbh_lapse *lapse) {
    if (moment->unread_len != 0) {
        judge->drain.unread = *lapse;
        judge->drain.unread.unread_len = moment->unread_len;
    }
}

static void examine_datagrams(
    struct wbh_judge *judge, const struct moment *moment, const struct wbh_lapse *lapse) {
    if (moment->unread_count != 0) {
        judge->drain.unread = *lapse;
        judge->drain.unread.subject = moment->sender;
        judge->drain.unread.unread_count = moment->unread_count;
    }
}

/* One that another registration watches, too, may be served through that. */
static bool is_watched_alone(struct wbh_judge *judge, struct wbh_reg *reg) {
    struct wbh_reg *first = wbh_ledger_first_reg(&judge->ledger, reg->file);
    return first == reg && wbh_ledger_next_reg(&judge->ledger, first) == NULL;
}

static void examine_listener(struct wbh_judge *judge, const struct moment *moment,
    struct wbh_reg *reg, const struct wbh_lapse *lapse) {
    const uint32_t mode = reg->mask & (WB_EPOLLET | WB_EPOLLONESHOT | WB_EPOLLEXCLUSIVE);
    if (mode == WB_EPOLLET && moment->pending && judge->drain.suspect.step == 0
        && is_watched_alone(judge, reg)) {
        judge->drain.suspect = *lapse;
    }
}

static void examine(struct wbh_judge *judge, struct wbh_reg *reg, const struct sim_event *event) {
    const bool has_datagrams = wbh_ledger_has_datagrams(&judge->ledger, reg->file);
    const bool is_listener = reg->subject == WBH_SUBJECT_NONE && !has_datagrams;
    const struct wbh_lapse *known = is_listener ? &judge->drain.pending : &judge->drain.unread;
    if (known->step != 0 || (is_listener && judge->ledger.files[reg->file].special)) {
        return;
    }
    struct moment moment = {.ledger = &judge->ledger, .reg = reg};
    const struct wbh_judge_config *config = &judge->config;
    sim_each_connection(config->kernel, config->process, look_at_connection, &moment);
    sim_each_datagram(config->kernel, config->process, look_at_datagrams, &moment);
    if (moment.blocked) {
        return;
    }
    sim_each_registration(config->kernel, config->process, look_at_registration, &moment);
    if (moment.queued || moment.ticking || moment.blocked) {
        return;
    }
    const struct wbh_lapse lapse = {.step = event->step,
        .time_ns = event->time_ns,
        .subject = reg->subject,
        .registration = reg->serial};
    if (is_listener) {
        examine_listener(judge, &moment, reg, &lapse);
    } else if (has_datagrams) {
        examine_datagrams(judge, &moment, &lapse);
    } else {
        examine_connection(judge, &moment, &lapse);
    }
}

/* Looks at what is listed and takes from the list what was drained meanwhile. */
static void look_at_undrained(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_ledger *ledger = &judge->ledger;
    bool may_sleep_for_ever = (int64_t)event->a < 0 && !ledger->threads && !ledger->stopping;
    size_t kept = 0;
    for (size_t i = 0; i < ledger->undrained_count; i++) {
        struct wbh_reg *reg = wbh_ledger_reg(ledger, ledger->undrained[i]);
        if (!reg->undrained) {
            reg->in_undrained = false;
            continue;
        }
        ledger->undrained[kept++] = reg->serial;
        if (may_sleep_for_ever && reg->epfd == event->fd) {
            examine(judge, reg, event);
        }
    }
    ledger->undrained_count = kept;
}

static void on_wait(struct wbh_judge *judge, const struct sim_event *event) {
    judge->drain.suspect.step = 0;
    if (judge->ledger.undrained_count != 0) {
        look_at_undrained(judge, event);
    }
}

/* The same by way of poll or select, where a timerfd beside the epoll instance is a deadline. A
 * listener's reports come with the epoll_wait that follows, so that nothing is known of them here.
 */
static void on_watch(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->b == 0 && judge->ledger.undrained_count != 0) {
        look_at_undrained(judge, event);
        judge->drain.suspect.step = 0;
    }
}

/* ---- after it ---- */

/* The report of this registration, and nothing else, ended the wait, and the program has neither
 * armed nor closed anything since. */
static bool was_woken_by_it_alone(
    const struct wbh_ledger *ledger, const struct wbh_reg *reg, const struct wbh_lapse *suspect) {
    return ledger->batch_count == 1 && ledger->batch[0].registration == reg->serial
           && reg->in_report_step >= suspect->step && reg->ctl_step < suspect->step
           && reg->dead_step == 0 && ledger->close_step < suspect->step;
}

static void on_accept(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_lapse *suspect = &judge->drain.suspect;
    if (suspect->step == 0) {
        return;
    }
    const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, suspect->registration);
    if (reg->file != event->file) {
        return;
    }
    if (event->result >= 0 && was_woken_by_it_alone(&judge->ledger, reg, suspect)) {
        judge->drain.pending = *suspect;
        judge->drain.pending.woken_step = reg->in_report_step;
    }
    suspect->step = 0;
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->kind == SIM_EVENT_WAIT) {
        on_wait(judge, event);
    } else if (event->kind == SIM_EVENT_WATCH) {
        on_watch(judge, event);
    } else if (event->call == SIM_CALL_ACCEPT) {
        on_accept(judge, event);
    }
}

/* ---- telling ---- */

static struct wbh_finding *object(struct wbh_judge *judge, const struct wbh_lapse *lapse) {
    return wbh_judge_find_at(judge, &wbh_oracle_edge_drain, WBH_VERDICT_MISUSE, lapse->subject,
        lapse->time_ns, lapse->step);
}

static void object_to_unread(struct wbh_judge *judge, const struct wbh_lapse *lapse) {
    struct wbh_finding *finding = object(judge, lapse);
    if (finding == NULL) {
        return;
    }
    const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, lapse->registration);
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the wait of call %" PRIu32 " has no deadline, and ", lapse->step);
    if (lapse->unread_count != 0) {
        wbh_prose_count(&text, lapse->unread_count, "datagram");
        wbh_prose_add(&text, ", the first from ");
    } else {
        wbh_prose_count(&text, lapse->unread_len, "byte");
        wbh_prose_add(&text, " on ");
    }
    wbh_prose_connection(&text, judge->config.scenario, lapse->subject);
    wbh_prose_add(&text, "%s would never have been reported: only later input woke the program",
        lapse->unread_count != 0 ? "," : "");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why,
        "Registration %" PRIu32 " of descriptor %d is %s. Its readiness was reported, but the "
        "descriptor was not read until EAGAIN and not armed again before that wait.\n",
        reg->serial, reg->fd, (reg->mask & WB_EPOLLONESHOT) != 0 ? "one-shot" : "edge-triggered");
}

static void object_to_pending(struct wbh_judge *judge, const struct wbh_lapse *lapse) {
    struct wbh_finding *finding = object(judge, lapse);
    if (finding == NULL) {
        return;
    }
    const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, lapse->registration);
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "the wait of call %" PRIu32 " has no deadline, and a connection that waited to be accepted "
        "would never have been reported: only the listener's next report woke the program",
        lapse->step);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why,
        "Registration %" PRIu32
        " of descriptor %d, a listener, is edge-triggered. It was reported, "
        "but the program did not accept until EAGAIN and did not arm it again before that wait. "
        "The wait ended with the next report of the listener (call %" PRIu32
        "), and then it did accept, with nothing closed in between: it could have done so "
        "before.\n",
        reg->serial, reg->fd, lapse->woken_step);
}

static bool hung(const struct wbh_judge *judge) {
    for (uint32_t i = 0; i < judge->config.findings->count; i++) {
        if (judge->config.findings->items[i].verdict == WBH_VERDICT_HANG) {
            return true;
        }
    }
    return false;
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    (void)ending;
    const struct wbh_drain_state *drain = &judge->drain;
    if (hung(judge)) {
        return;
    }
    if (drain->unread.step != 0) {
        object_to_unread(judge, &drain->unread);
    }
    if (drain->pending.step != 0) {
        object_to_pending(judge, &drain->pending);
    }
}

const struct wbh_oracle wbh_oracle_edge_drain = {
    .info = {"edge-drain",
        "waits entered with unread bytes, or waiting connections, of which no edge will tell",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_WATCH | 1u << SIM_EVENT_CALL,
    .calls = UINT64_C(1) << SIM_CALL_ACCEPT,
    .begin = begin,
    .on_event = on_event,
    .at_end = at_end,
};
