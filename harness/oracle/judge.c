/* The judge of one run: who is asked when, and what becomes of a finding. What is wrong, the
 * oracles say. */
#include "oracle/judge.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void listen_to(struct wbh_judge *judge, const struct wbh_oracle *oracle, unsigned listened) {
    wbh_listener_fn **next = judge->listeners[listened];
    unsigned count = 0;
    while (next[count] != NULL) {
        count++;
    }
    assert(count < WBH_LISTENERS_MAX);
    next[count] = oracle->on_event;
}

static void listen(struct wbh_judge *judge, const struct wbh_oracle *oracle) {
    bool wants_calls = (oracle->kinds >> SIM_EVENT_CALL & 1u) != 0;
    bool wants_notes = (oracle->kinds >> SIM_EVENT_NOTE & 1u) != 0;
    assert(wants_notes == (oracle->notes != 0) && "whoever wants notes says which");
    for (unsigned kind = 0; kind < SIM_EVENT_KIND_COUNT; kind++) {
        if ((oracle->kinds >> kind & 1u) != 0 && kind != SIM_EVENT_CALL && kind != SIM_EVENT_NOTE) {
            listen_to(judge, oracle, kind);
        }
    }
    for (unsigned call = 0; call < SIM_CALL_COUNT; call++) {
        bool is_wanted = oracle->calls == 0 || (oracle->calls >> call & 1u) != 0;
        if (wants_calls && is_wanted) {
            listen_to(judge, oracle, WBH_LISTENED_FAILURE + call);
        }
        if (wants_calls && is_wanted && !oracle->failures) {
            listen_to(judge, oracle, WBH_LISTENED_CALL + call);
        }
    }
    for (unsigned note = 0; note < WBH_NOTE_COUNT; note++) {
        if ((oracle->notes >> note & 1u) != 0) {
            listen_to(judge, oracle, WBH_LISTENED_NOTE + note);
        }
    }
}

_Static_assert(SIM_CALL_COUNT <= 64, "struct wbh_oracle.calls has a bit for each");
_Static_assert(WBH_NOTE_COUNT <= 32, "struct wbh_oracle.notes has a bit for each");

void wbh_judge_init(struct wbh_judge *judge) {
    memset(judge, 0, sizeof(*judge));
    judge->kinds = wbh_ledger_kinds();
    for (size_t i = 0; wbh_oracles[i] != NULL; i++) {
        listen(judge, wbh_oracles[i]);
        judge->kinds |= wbh_oracles[i]->kinds;
    }
}

void wbh_judge_clean_up(struct wbh_judge *judge) {
    wbh_ledger_clean_up(&judge->ledger);
    free(judge->broadcast.bytes);
    free(judge->slots.items);
    free(judge->timers.items);
    free(judge->alarms.items);
    wbh_talks_clean_up(&judge->talks);
    memset(judge, 0, sizeof(*judge));
}

void wbh_judge_begin(struct wbh_judge *judge, const struct wbh_judge_config *config) {
    judge->config = *config;
    judge->began_again = false;
    judge->broadcast.head = 0;
    judge->broadcast.len = 0;
    wbh_ledger_begin(&judge->ledger);
    for (size_t i = 0; wbh_oracles[i] != NULL; i++) {
        if (wbh_oracles[i]->begin != NULL) {
            wbh_oracles[i]->begin(judge);
        }
    }
}

void wbh_judge_begin_again(struct wbh_judge *judge) {
    const struct wbh_judge_config config = judge->config;
    bool failing = judge->ledger.failing;
    bool starved = judge->ledger.starved;
    size_t known_count = judge->ledger.conn_count;
    wbh_judge_begin(judge, &config);
    judge->began_again = true;
    wbh_ledger_recall_faulted(&judge->ledger, known_count);
    judge->ledger.failing = failing;
    judge->ledger.starved = starved;
}

void wbh_judge_on_event(struct wbh_judge *judge, const struct sim_event *event) {
    wbh_ledger_on_event(&judge->ledger, event);
    for (wbh_listener_fn **next = judge->listeners[wbh_listened(event)]; *next != NULL; next++) {
        (*next)(judge, event);
    }
}

void wbh_judge_at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    for (size_t i = 0; wbh_oracles[i] != NULL; i++) {
        if (wbh_oracles[i]->at_idle != NULL) {
            wbh_oracles[i]->at_idle(judge, stillness);
        }
    }
}

void wbh_judge_at_end(struct wbh_judge *judge, const struct wbh_ending *ending) {
    for (size_t i = 0; wbh_oracles[i] != NULL; i++) {
        if (wbh_oracles[i]->at_end != NULL) {
            wbh_oracles[i]->at_end(judge, ending);
        }
    }
}

static bool has_objected(
    const struct wbh_judge *judge, const struct wbh_oracle *oracle, uint32_t subject) {
    for (uint32_t i = 0; i < judge->config.findings->count; i++) {
        const struct wbh_finding *finding = &judge->config.findings->items[i];
        if (finding->oracle == oracle->info.name && finding->subject == subject
            && finding->process == judge->config.process) {
            return true;
        }
    }
    return false;
}

struct wbh_finding *wbh_judge_find_at(struct wbh_judge *judge, const struct wbh_oracle *oracle,
    enum wbh_verdict verdict, uint32_t subject, uint64_t time_ns, uint32_t step) {
    if (judge->config.findings->count == WBH_FINDINGS_MAX || has_objected(judge, oracle, subject)) {
        return NULL;
    }
    struct wbh_finding *finding = &judge->config.findings->items[judge->config.findings->count++];
    finding->verdict = (uint8_t)verdict;
    finding->oracle = oracle->info.name;
    finding->time_ns = time_ns;
    finding->step = step;
    finding->subject = subject;
    finding->process = judge->config.process;
    finding->text[0] = '\0';
    if (judge->config.label != NULL) {
        (void)snprintf(finding->text, sizeof(finding->text), "%s: ", judge->config.label);
    }
    finding->why[0] = '\0';
    return finding;
}

struct wbh_finding *wbh_judge_find(
    struct wbh_judge *judge, const struct wbh_oracle *oracle, uint32_t subject) {
    return wbh_judge_find_at(judge, oracle, oracle->info.verdict, subject,
        sim_kernel_now(judge->config.kernel), (uint32_t)sim_kernel_calls(judge->config.kernel));
}

bool wbh_judge_excuses(struct wbh_judge *judge, uint32_t subject) {
    if (judge->ledger.starved || sim_links_cut(judge->config.kernel) != 0) {
        return true; /* what a cut holds back nobody can expect */
    }
    const struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, subject);
    if (conn == NULL) {
        return false;
    }
    if ((conn->flags & WBH_CONN_FAULTED) != 0) {
        return true;
    }
    /* Such a fault names no connection; the one it hit was never handed to the program. */
    return judge->ledger.accept_aborted && (conn->flags & WBH_CONN_HELD) == 0;
}

bool wbh_judge_excuses_peer(struct wbh_judge *judge, uint32_t subject) {
    return (judge->ledger.failing && !judge->config.independent)
           || wbh_judge_excuses(judge, subject);
}

static bool is_earlier_socket(const struct wbh_conn *conn, uint32_t subject) {
    return ((conn->subject | subject) & WBH_SUBJECT_LOCAL) == 0
           && WBH_SUBJECT_PEER(conn->subject) == WBH_SUBJECT_PEER(subject)
           && WBH_SUBJECT_INCARNATION(conn->subject) < WBH_SUBJECT_INCARNATION(subject);
}

bool wbh_judge_excuses_unmet(struct wbh_judge *judge, const struct wbh_unmet *unmet) {
    bool is_excused = wbh_judge_excuses_peer(judge, unmet->subject);
    for (size_t i = 0; i < judge->ledger.conn_count && unmet->datagrams && !is_excused; i++) {
        const struct wbh_conn *conn = &judge->ledger.conns[i];
        is_excused =
            (conn->flags & WBH_CONN_FAULTED) != 0 && is_earlier_socket(conn, unmet->subject);
    }
    return is_excused;
}
