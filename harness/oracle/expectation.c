/* What peers expected and did not get, where waiting cannot be the reason: wrong bytes, an end too
 * early, a reset, a program that is gone. And a program that ends although nobody told it to. */
#include "oracle/judge.h"

#include <errno.h>
#include <inttypes.h>

static const char *name_of(const struct wbh_judge *judge, const struct wbh_unmet *unmet) {
    return judge->config.scenario->peers[unmet->peer].name;
}

static void add_last(struct wbh_prose *why, const char *verb, const struct wbh_last *last) {
    if (last->step == 0) {
        return;
    }
    wbh_prose_add(why, "The last %s was call %" PRIu32 ": ", verb, last->step);
    if (last->result < 0) {
        wbh_prose_errno(why, (int)-last->result);
    } else {
        wbh_prose_add(why, "%" PRId64 " of %" PRIu64 " bytes", last->result, last->asked);
    }
    wbh_prose_add(why, ".\n");
}

/* What the program did last before it closed: the reason is mostly there. */
static void explain_close(
    struct wbh_judge *judge, struct wbh_prose *why, const struct wbh_conn *conn) {
    struct wbh_ledger *ledger = &judge->ledger;
    for (size_t i = ledger->reg_count; i-- > 1;) {
        const struct wbh_reg *reg = &ledger->regs[i];
        if (reg->subject == conn->subject && reg->report_step != 0) {
            wbh_prose_add(
                why, "The last event reported on it, by call %" PRIu32 ": ", reg->report_step);
            wbh_prose_events(why, reg->report_events);
            wbh_prose_add(why, ".\n");
            break;
        }
    }
    add_last(why, "read", &conn->read);
    add_last(why, "write", &conn->send);
}

static void explain_connection(
    struct wbh_judge *judge, struct wbh_prose *why, const struct wbh_conn *conn) {
    if (conn == NULL || (conn->flags & WBH_CONN_HELD) == 0) {
        return;
    }
    wbh_prose_add(why,
        "On this connection the program has read %" PRIu64 " bytes and sent %" PRIu64,
        conn->read_len, conn->sent_len);
    if ((conn->flags & WBH_CONN_CLOSED) == 0) {
        wbh_prose_add(why, ".\n");
        return;
    }
    wbh_prose_add(why, ", and has closed it with call %" PRIu32 ".\n", conn->close_step);
    explain_close(judge, why, conn);
}

static struct wbh_finding *object(
    struct wbh_judge *judge, const struct wbh_unmet *unmet, struct wbh_prose *text) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_expectation, unmet->subject);
    if (finding == NULL) {
        return NULL;
    }
    *text = wbh_finding_text(finding);
    wbh_prose_add(text, "%s %s", name_of(judge, unmet), unmet->waits);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "It is step %" PRIu32 " of its script", unmet->number);
    if (unmet->line != 0) {
        wbh_prose_add(&why, " (line %" PRIu32 ")", unmet->line);
    }
    wbh_prose_add(&why, ".\n");
    explain_connection(judge, &why, wbh_ledger_conn(&judge->ledger, unmet->subject));
    return finding;
}

void wbh_judge_disappointed(
    struct wbh_judge *judge, const struct wbh_unmet *unmet, const char *saw) {
    struct wbh_prose text;
    if (wbh_judge_excuses_unmet(judge, unmet) || (judge->ledger.stopping && unmet->ended)
        || object(judge, unmet, &text) == NULL) {
        return;
    }
    wbh_prose_add(&text, "; but %s", saw);
}

/* The stream has ended in a way that the step did not wait for. */
static void at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    for (size_t i = 0; i < stillness->unmet_count; i++) {
        const struct wbh_unmet *unmet = &stillness->unmet[i];
        struct wbh_prose text;
        if (unmet->ended && !wbh_judge_excuses_unmet(judge, unmet)
            && object(judge, unmet, &text) != NULL) {
            wbh_prose_add(&text, "; but its connection has ended otherwise");
        }
    }
}

/* By custom; the built-in programs keep to it. */
enum { EXIT_USAGE = 2 };

static const char *meaning_of(const struct wbh_ending *ending) {
    return ending->exit_status == EXIT_USAGE ? " (as for bad arguments)" : "";
}

static void left_behind(struct wbh_judge *judge, const struct wbh_ending *ending) {
    for (size_t i = 0; i < ending->unmet_count; i++) {
        const struct wbh_unmet *unmet = &ending->unmet[i];
        struct wbh_prose text;
        if (!wbh_judge_excuses_unmet(judge, unmet) && object(judge, unmet, &text) != NULL) {
            wbh_prose_add(&text, "; but the program has ended with status %d%s",
                ending->exit_status, meaning_of(ending));
        }
    }
}

static void explain_end(struct wbh_judge *judge, struct wbh_prose *why) {
    const struct wbh_failure *failure = &judge->ledger.failure;
    if (failure->step == 0) {
        wbh_prose_add(why, "No call of this run failed.\n");
        return;
    }
    wbh_prose_add(
        why, "The last call that failed: %s", sim_call_name((enum sim_call)failure->call));
    if (failure->fd >= 0) {
        wbh_prose_add(why, " of descriptor %d", failure->fd);
    }
    if (failure->subject != WBH_SUBJECT_NONE) {
        wbh_prose_add(why, " (");
        wbh_prose_connection(why, judge->config.scenario, failure->subject);
        wbh_prose_add(why, ")");
    }
    wbh_prose_add(why, " said ");
    wbh_prose_errno(why, failure->error);
    wbh_prose_add(why, ", call %" PRIu32 ".\n", failure->step);
}

/* Programs that begin together begin in any order: it reached nobody. A socket that it would have
 * sent datagrams from is no connection, but says so when it is connected. */
static bool came_too_early(const struct wbh_judge *judge) {
    const struct wbh_failure *failure = &judge->ledger.failure;
    bool was_refused = failure->step != 0 && failure->call == SIM_CALL_CONNECT
                       && (failure->error == ECONNREFUSED || failure->error == ENOENT);
    bool reached_nobody = judge->ledger.dialled && judge->ledger.most_conns == 0;
    return !judge->began_again && (was_refused || reached_nobody);
}

/* A server must not end with a failure, nor whoever looks for itself whether all was right. In a
 * run that nobody wrote its address may be a peer's. */
static bool may_fail(const struct wbh_judge *judge) {
    if (judge->config.serves) {
        return judge->ledger.starved
               || (judge->config.budget_is_arbitrary && judge->ledger.name_taken);
    }
    bool any_call_failed =
        sim_faults(judge->config.kernel)->highest_legality_injected == WBH_LEGALITY_FAILING;
    return !judge->config.must_succeed || judge->config.budget_is_arbitrary || any_call_failed
           || came_too_early(judge);
}

static void ended_badly(struct wbh_judge *judge, const struct wbh_ending *ending) {
    if (judge->config.budget_is_arbitrary && ending->exit_status == EXIT_USAGE) {
        return;
    }
    if (ending->exit_status == 0 || may_fail(judge)) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_expectation, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program%s ended with status %d%s%s",
        judge->config.serves ? ", a server," : "", ending->exit_status, meaning_of(ending),
        ending->told_to_end ? " when it was told to end" : " though nobody told it to end");
    struct wbh_prose why = wbh_finding_why(finding);
    explain_end(judge, &why);
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    if (!ending->exited) {
        return;
    }
    if (!judge->ledger.stopping) {
        left_behind(judge, ending);
    }
    ended_badly(judge, ending);
}

const struct wbh_oracle wbh_oracle_expectation = {
    .info = {"expectation",
        "peers answered wrongly, cut off, or left alone by a program that ended",
        WBH_VERDICT_PROTOCOL},
    .at_idle = at_idle,
    .at_end = at_end,
};
