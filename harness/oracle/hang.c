/* Hangs: the run stands still and somebody waits for something that is there.
 *
 * Objected to are peers whose script cannot go on; arrived bytes, ends and errors that the program
 * did not take, datagrams included; connections it did not accept; output that was cut short and
 * not taken up again though there is room; and connections of an echo or broadcast server whose end
 * was read, which are owed nothing and stay open. At stillness nothing is ready, so whatever is
 * left over is something of which no registration will tell any more.
 *
 * Excused is what a failing fault may have caused, and everything but the peers while some
 * connection's sending side is full: then the program may hold its work back for a peer that does
 * not read. */
#include "oracle/judge.h"

#include <errno.h>
#include <inttypes.h>

struct survey {
    struct wbh_judge *judge;
    bool blocked; /* a connection that the program holds cannot be written to */
    bool any;     /* an obligation was found */
    bool telling; /* object to them */
};

static void see_blocked(void *user_data, const struct sim_connection_info *info) {
    struct survey *survey = user_data;
    if (info->accepted != 0 && info->closed == 0 && info->error == 0
        && (info->state & WB_EPOLLOUT) == 0) {
        survey->blocked = true;
    }
}

/* Fewer bytes than the program asked to be told of (SO_RCVLOWAT) are not there for it yet. */
static bool shows_bytes(const struct sim_connection_info *info) {
    return info->unread_len != 0 && (info->state & WB_EPOLLIN) != 0;
}

static bool is_unread(const struct survey *survey, const struct sim_connection_info *info) {
    return info->accepted != 0 && info->closed == 0 && !survey->blocked
           && (shows_bytes(info) || info->fin_unread != 0 || info->error != 0);
}

/* No listener is armed, and none was disarmed by a report: the program does not want more for now.
 */
static bool is_listening_paused(const struct wbh_ledger *ledger) {
    for (size_t i = 1; i < ledger->reg_count; i++) {
        const struct wbh_reg *reg = &ledger->regs[i];
        if (reg->subject == WBH_SUBJECT_NONE && reg->dead_step == 0 && (reg->mask & WB_EPOLLIN) != 0
            && !ledger->files[reg->file].special && !ledger->files[reg->file].datagrams) {
            return false;
        }
    }
    return true;
}

/* A program that holds connections may leave others in the queue while it has no descriptor for
 * them, or has stopped accepting of its own will. One that never had a descriptor for any cannot
 * help it; one that had and holds none has lost it. */
static bool is_forgotten(const struct survey *survey, const struct sim_connection_info *info) {
    const struct wbh_ledger *ledger = &survey->judge->ledger;
    const struct wbh_conn *conn = wbh_ledger_conn(&survey->judge->ledger, info->subject);
    if (info->accepted != 0 || info->closed != 0 || conn == NULL
        || (conn->flags & WBH_CONN_PENDING) == 0) {
        return false;
    }
    bool starving = ledger->accept_failed_step > ledger->close_step;
    if (starving) {
        return ledger->open_conns == 0 && ledger->most_conns != 0;
    }
    return ledger->open_conns == 0 || !is_listening_paused(ledger);
}

static bool was_cut(const struct wbh_last *send) {
    return send->step != 0
           && (send->result == -EAGAIN
               || (send->result > 0 && (uint64_t)send->result < send->asked));
}

enum remainder { REMAINDER_NONE, REMAINDER_UNSENT, REMAINDER_UNCLOSED };

/* What is left to do on a connection all of whose input was read. */
static enum remainder remainder_of(
    const struct survey *survey, const struct sim_connection_info *info) {
    const uint32_t over = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_SHUT_WRITE | WBH_CONN_FAULTED;
    const struct wbh_conn *conn = wbh_ledger_conn(&survey->judge->ledger, info->subject);
    enum wbh_conservation conservation = survey->judge->config.conservation;
    if (info->accepted == 0 || info->closed != 0 || survey->blocked || info->error != 0
        || conn == NULL || (conn->flags & over) != 0 || conn->discarded != 0) {
        return REMAINDER_NONE;
    }
    bool input_ended = (conn->flags & WBH_CONN_EOF_READ) != 0;
    if (was_cut(&conn->send)
        || (input_ended && conservation == WBH_CONSERVE_ECHO && conn->owed.len != 0)) {
        return REMAINDER_UNSENT;
    }
    return input_ended && conservation != WBH_CONSERVE_NOTHING ? REMAINDER_UNCLOSED
                                                               : REMAINDER_NONE;
}

static void object_to_unread(struct wbh_judge *judge, const struct sim_connection_info *info) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, info->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program sleeps for ever although ");
    if (info->unread_len != 0) {
        wbh_prose_count(&text, info->unread_len, "byte");
        wbh_prose_add(&text, " from ");
    } else if (info->error != 0) {
        wbh_prose_add(&text, "the error ");
        wbh_prose_errno(&text, info->error);
        wbh_prose_add(&text, " of ");
    } else {
        wbh_prose_add(&text, "the end of input from ");
    }
    wbh_prose_connection(&text, judge->config.scenario, info->subject);
    wbh_prose_add(&text, info->unread_len > 1 ? " wait to be read" : " waits to be read");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_unread(judge, &why, info);
}

static void object_to_forgotten(struct wbh_judge *judge, const struct sim_connection_info *info) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, info->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program sleeps for ever although the connection of ");
    wbh_prose_connection(&text, judge->config.scenario, info->subject);
    wbh_prose_add(&text, " waits to be accepted");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_pending(judge, &why);
}

static void object_to_remainder(
    struct wbh_judge *judge, const struct sim_connection_info *info, enum remainder remainder) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, info->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program sleeps for ever although ");
    if (remainder == REMAINDER_UNSENT) {
        wbh_prose_add(&text, "it has something left to send to ");
        wbh_prose_connection(&text, judge->config.scenario, info->subject);
        wbh_prose_add(&text, ", which has room for it");
    } else {
        wbh_prose_add(&text, "it has read the end of ");
        wbh_prose_connection(&text, judge->config.scenario, info->subject);
        wbh_prose_add(&text, ", owes it nothing, and keeps the connection open");
    }
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_unsent(judge, &why, info);
}

static void see_obligation(void *user_data, const struct sim_connection_info *info) {
    struct survey *survey = user_data;
    bool unread = is_unread(survey, info);
    bool forgotten = is_forgotten(survey, info);
    enum remainder remainder = remainder_of(survey, info);
    if ((!unread && !forgotten && remainder == REMAINDER_NONE)
        || wbh_judge_excuses(survey->judge, info->subject)) {
        return;
    }
    survey->any = true;
    if (!survey->telling) {
        return;
    }
    if (unread) {
        object_to_unread(survey->judge, info);
    } else if (forgotten) {
        object_to_forgotten(survey->judge, info);
    } else {
        object_to_remainder(survey->judge, info, remainder);
    }
}

/* ---- datagrams ---- */

/* Somebody asked to be told of them; a socket that only sends may be deaf. */
static bool is_heard(struct wbh_ledger *ledger, uint32_t file) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        if ((reg->mask & WB_EPOLLIN) != 0) {
            return true;
        }
    }
    return false;
}

static bool are_unread(struct survey *survey, const struct sim_datagram_info *info) {
    return info->unread_count != 0 && !survey->blocked
           && is_heard(&survey->judge->ledger, info->file)
           && !wbh_judge_excuses(survey->judge, info->subject);
}

static void see_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct survey *survey = user_data;
    struct wbh_judge *judge = survey->judge;
    if (!are_unread(survey, info)) {
        return;
    }
    survey->any = true;
    struct wbh_finding *finding =
        survey->telling ? wbh_judge_find(judge, &wbh_oracle_hang, info->subject) : NULL;
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program sleeps for ever although ");
    wbh_prose_count(&text, info->unread_count, "datagram");
    wbh_prose_add(&text, ", the first from ");
    wbh_prose_connection(&text, judge->config.scenario, info->subject);
    wbh_prose_add(&text, info->unread_count == 1 ? ", waits" : ", wait");
    wbh_prose_add(&text, " to be read");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_datagrams(judge, &why, info);
}

struct visitor {
    struct survey survey;
    wbh_connection_fn *connection;
    wbh_datagrams_fn *datagrams;
    void *user_data;
};

static void show_unread(void *user_data, const struct sim_connection_info *info) {
    struct visitor *visitor = user_data;
    if ((is_unread(&visitor->survey, info) || is_forgotten(&visitor->survey, info))
        && !wbh_judge_excuses(visitor->survey.judge, info->subject)) {
        visitor->connection(visitor->user_data, info);
    }
}

static void show_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct visitor *visitor = user_data;
    if (are_unread(&visitor->survey, info)) {
        visitor->datagrams(visitor->user_data, info);
    }
}

void wbh_hang_each_unread(struct wbh_judge *judge, wbh_connection_fn *connection,
    wbh_datagrams_fn *datagrams, void *user_data) {
    const struct wbh_judge_config *config = &judge->config;
    struct visitor visitor = {{.judge = judge}, connection, datagrams, user_data};
    sim_each_connection(config->kernel, config->process, see_blocked, &visitor.survey);
    sim_each_connection(config->kernel, config->process, show_unread, &visitor);
    sim_each_datagram(config->kernel, config->process, show_datagrams, &visitor);
}

bool wbh_hang_obligation(struct wbh_judge *judge) {
    struct survey survey = {.judge = judge};
    sim_each_connection(judge->config.kernel, judge->config.process, see_blocked, &survey);
    sim_each_connection(judge->config.kernel, judge->config.process, see_obligation, &survey);
    sim_each_datagram(judge->config.kernel, judge->config.process, see_datagrams, &survey);
    return survey.any;
}

/* ---- peers ---- */

struct about {
    struct wbh_judge *judge;
    struct wbh_prose *why;
    const struct survey *survey;
    uint32_t subject;
    bool found;
};

static void explain_connection(void *user_data, const struct sim_connection_info *info) {
    struct about *about = user_data;
    if (info->subject != about->subject) {
        return;
    }
    about->found = true;
    if (info->accepted == 0) {
        wbh_why_pending(about->judge, about->why);
        return;
    }
    if (info->closed != 0) {
        wbh_prose_add(about->why, "The program has closed that connection.\n");
        return;
    }
    if (is_unread(about->survey, info)) {
        wbh_why_unread(about->judge, about->why, info);
    }
    wbh_why_unsent(about->judge, about->why, info);
}

static void explain_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct about *about = user_data;
    if (info->unread_count != 0 && info->subject == about->subject) {
        about->found = true;
        wbh_why_datagrams(about->judge, about->why, info);
    }
}

/* Of datagrams: either its datagrams lie unread, or the program has them and does not answer. */
static void explain_silence(struct about *about) {
    const struct wbh_judge_config *config = &about->judge->config;
    sim_each_datagram(config->kernel, config->process, explain_datagrams, about);
    if (!about->found) {
        wbh_prose_add(about->why,
            "No datagram of it lies unread at a socket of the program: it was "
            "read and not answered, or never came there.\n");
    }
}

static void object_to_peer(
    struct wbh_judge *judge, const struct survey *survey, const struct wbh_unmet *unmet) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, unmet->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "%s %s", judge->config.scenario->peers[unmet->peer].name, unmet->waits);
    wbh_prose_add(&text, "; the program sleeps and nothing can wake it");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "It is step %" PRIu32 " of its script", unmet->number);
    if (unmet->line != 0) {
        wbh_prose_add(&why, " (line %" PRIu32 ")", unmet->line);
    }
    wbh_prose_add(&why, ".\n");
    struct about about = {judge, &why, survey, unmet->subject, false};
    if (unmet->datagrams) {
        explain_silence(&about);
        return;
    }
    sim_each_connection(judge->config.kernel, judge->config.process, explain_connection, &about);
    if (!about.found) {
        wbh_prose_add(&why, "There is no such connection: it was never established.\n");
    }
}

static void at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    struct survey survey = {.judge = judge, .telling = true};
    sim_each_connection(judge->config.kernel, judge->config.process, see_blocked, &survey);
    wbh_hang_threads(judge); /* before what came of it */
    for (size_t i = 0; i < stillness->unmet_count; i++) {
        const struct wbh_unmet *unmet = &stillness->unmet[i];
        if (!unmet->ended && !wbh_judge_excuses_unmet(judge, unmet)) {
            object_to_peer(judge, &survey, unmet);
        }
    }
    sim_each_connection(judge->config.kernel, judge->config.process, see_obligation, &survey);
    sim_each_datagram(judge->config.kernel, judge->config.process, see_datagrams, &survey);
}

static void at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    if (!ending->told_to_end || ending->stop != SIM_STOP_QUIESCENT || judge->ledger.starved) {
        return;
    }
    for (uint32_t i = 0; i < judge->config.findings->count; i++) {
        if (judge->config.findings->items[i].oracle == wbh_oracle_hang.info.name) {
            return; /* it was abandoned for that */
        }
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text,
        "the program was told to end (call %" PRIu32 ") and sleeps for ever instead",
        judge->ledger.signal_step);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_threads(judge, &why);
}

const struct wbh_oracle wbh_oracle_hang = {
    .info = {"hang", "standing still while somebody waits for something that is there",
        WBH_VERDICT_HANG},
    .at_idle = at_idle,
    .at_end = at_end,
};
