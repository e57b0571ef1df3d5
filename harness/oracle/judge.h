/* The judge of one program in a run: shows each event to the ledger and to the oracles that asked
 * for its kind, and collects what they find. An oracle is one file: a struct wbh_oracle, its state
 * a member of struct wbh_judge.
 *
 * Thread: one. Nothing is allocated for a run once the tables are warm. */
#ifndef ORACLE_JUDGE_H
#define ORACLE_JUDGE_H

#include <string.h>

#include "oracle/http.h"
#include "oracle/ledger.h"
#include "oracle/prose.h"
#include "wouldblock/oracle.h"

struct wbh_judge;

/* A peer whose script cannot go on. */
struct wbh_unmet {
    uint32_t peer;
    uint32_t subject;
    uint32_t line;   /* of the step in its text; 0: none */
    uint32_t number; /* of the step, from 1 */
    bool ended;      /* its connection has ended, so that time cannot help it */
    bool datagrams;  /* it has no connection, but a socket for them */
    char waits[200]; /* what for, and how far it came: "expects ..., and got 3 of 6 bytes" */
};

/* The moment at which nothing happens any more. */
struct wbh_stillness {
    const struct wbh_unmet *unmet;
    size_t unmet_count;
};

/* How a run ended. */
struct wbh_ending {
    enum sim_stop stop;
    bool exited; /* the program returned, with */
    int exit_status;
    bool told_to_end; /* a signal was sent by the script or by the runner */
    const struct wbh_unmet *unmet;
    size_t unmet_count;
};

typedef void wbh_listener_fn(struct wbh_judge *judge, const struct sim_event *event);

struct wbh_oracle {
    struct wbh_oracle_info info;
    uint32_t kinds; /* bits of enum sim_event_kind that on_event wants */
    uint64_t calls; /* of SIM_EVENT_CALL: bits of enum sim_call that it wants; 0: all */
    bool failures;  /* of those calls: only what failed */
    uint32_t notes; /* of SIM_EVENT_NOTE: bits of enum wb_note that it wants */
    /* All optional. on_event is called after the ledger took the event in. */
    void (*begin)(struct wbh_judge *judge);
    wbh_listener_fn *on_event;
    void (*at_idle)(struct wbh_judge *judge, const struct wbh_stillness *stillness);
    void (*at_end)(struct wbh_judge *judge, const struct wbh_ending *ending);
};

/* In the order in which they are asked. NULL past the last. */
extern const struct wbh_oracle *const wbh_oracles[];

/* What all judges of a run have found, in order. */
struct wbh_findings {
    struct wbh_finding *items; /* WBH_FINDINGS_MAX of them */
    uint32_t count;
};

struct wbh_judge_config {
    struct sim_kernel *kernel;
    unsigned process;  /* number of the program's process */
    const char *label; /* of the program, where there are several; otherwise NULL */
    const struct wbh_scenario *scenario; /* for names */
    enum wbh_conservation conservation;
    bool independent;  /* what happens on a connection depends on that connection alone */
    bool serves;       /* peers connect to the program: it is not expected to end by itself */
    bool speaks_http;  /* on each stream: a server where it accepts, a client where it connects */
    bool must_succeed; /* its exit status says whether all was right */
    bool registers_on_a_guess; /* epoll_ctl may fail with EEXIST, ENOENT and EBADF */
    bool budget_is_arbitrary;  /* bounds on calls and time say nothing, nor do bad arguments: a fuzz
                                  input */
    uint64_t memory_base;
    uint64_t memory_per_connection;
    struct wbh_findings *findings; /* appended to */
};

enum { WBH_LISTENERS_MAX = 9 }; /* oracles that want the same event */

struct wbh_spin_state {
    uint32_t idle_waits; /* waits in a row that returned events and led to nothing */
    uint32_t idle_calls;
    bool excused; /* a fault that explains a fruitless pass was injected since the last wait */
    bool slept;   /* the clock jumped in the present call, and not for what a fault held back */
    uint32_t since_step;
    int64_t timeout_ns;             /* of the last wait, */
    bool was_fruitless;             /* ... which reported nothing */
    uint32_t calls[SIM_CALL_COUNT]; /* of the passes without progress, for the report */
    int errors[SIM_CALL_COUNT];     /* errno of the last one of them; 0: it succeeded */
};

/* A wait that was entered with something left of which no edge would tell. */
struct wbh_lapse {
    uint32_t step; /* of the wait; 0: there was none */
    uint64_t time_ns;
    uint32_t subject;
    uint32_t registration;
    uint64_t unread_len;
    uint32_t unread_count; /* datagrams; 0: it is a connection */
    uint32_t woken_step;   /* of a listener: the wait that brought the next report */
};

struct wbh_drain_state {
    struct wbh_lapse unread;  /* the first on a connection or with datagrams */
    struct wbh_lapse suspect; /* the present wait, on a listener; what follows tells what it is */
    struct wbh_lapse pending; /* the first on a listener that was no purpose */
};

struct wbh_live {
    uint64_t a;
    uint64_t b;
};

/* Slots or timers in use. A set that is small, or searched from the young end. */
struct wbh_live_set {
    struct wbh_live *items;
    size_t count;
    size_t capacity;
};

/* Who listens is looked up by the kind of event, and where that is a call or a note, by which it
 * is: behind the kinds. Calls that failed are apart. A note that is none of those is nobody's. */
enum {
    WBH_NOTE_COUNT = WB_NOTE_REQUEST_CONTENT + 1,
    WBH_LISTENED_CALL = SIM_EVENT_KIND_COUNT,
    WBH_LISTENED_FAILURE = WBH_LISTENED_CALL + SIM_CALL_COUNT,
    WBH_LISTENED_NOTE = WBH_LISTENED_FAILURE + SIM_CALL_COUNT,
    WBH_LISTENED_COUNT = WBH_LISTENED_NOTE + WBH_NOTE_COUNT,
};

static inline unsigned wbh_listened(const struct sim_event *event) {
    if (event->kind == SIM_EVENT_CALL) {
        const unsigned first = event->result < 0 ? WBH_LISTENED_FAILURE : WBH_LISTENED_CALL;
        return first + event->call;
    }
    return event->kind == SIM_EVENT_NOTE && event->a < WBH_NOTE_COUNT
               ? WBH_LISTENED_NOTE + (unsigned)event->a
               : event->kind;
}

/* A timer that is set. Two sets of timers in one process may number theirs alike. */
struct wbh_alarm {
    uint64_t id;
    uint64_t deadline_ns;
    uint64_t late_polls; /* polls of all tasks when it was first seen to be late; 0: it is not */
};

struct wbh_alarms {
    struct wbh_alarm *items;
    size_t count;
    size_t capacity;
    bool are_ambiguous; /* one was set that was set already */
};

struct wbh_judge {
    struct wbh_judge_config config;
    bool began_again; /* the program was started a second time, or more often */
    struct wbh_ledger ledger;
    uint32_t kinds; /* what the kernel must show */
    wbh_listener_fn *listeners[WBH_LISTENED_COUNT][WBH_LISTENERS_MAX + 1]; /* NULL past the last */

    struct wbh_spin_state spin;
    struct wbh_drain_state drain;
    struct wbh_queue broadcast; /* all that the program read, in order */
    struct wbh_live_set slots;
    struct wbh_live_set timers;
    struct wbh_alarms alarms;
    struct wbh_talks talks;               /* of a program that speaks HTTP */
    bool waits_in_epoll[SIM_THREADS_MAX]; /* by thread */
    bool awaits_lock[SIM_THREADS_MAX];    /* by thread: its waits for conditions do */
};

void wbh_judge_init(struct wbh_judge *judge);
void wbh_judge_clean_up(struct wbh_judge *judge);
void wbh_judge_begin(struct wbh_judge *judge, const struct wbh_judge_config *config);
/* The program begins anew in the same run: with what it owes forgotten, but what was made to fail
 * in its former life still excuses what has not come to pass. */
void wbh_judge_begin_again(struct wbh_judge *judge);
void wbh_judge_on_event(struct wbh_judge *judge, const struct sim_event *event);
void wbh_judge_at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness);
void wbh_judge_at_end(struct wbh_judge *judge, const struct wbh_ending *ending);

/* When the run has ended: the files that the scenario expects. Once a run, whoever wrote them. */
void wbh_judge_files(struct wbh_judge *judge);

/* Opens a finding at this moment; the caller writes its sentences. NULL: there is no room, or this
 * oracle has objected to this subject before. */
struct wbh_finding *wbh_judge_find(
    struct wbh_judge *judge, const struct wbh_oracle *oracle, uint32_t subject);
/* The same with a verdict and moment of its own. */
struct wbh_finding *wbh_judge_find_at(struct wbh_judge *judge, const struct wbh_oracle *oracle,
    enum wbh_verdict verdict, uint32_t subject, uint64_t time_ns, uint32_t step);

static inline struct wbh_prose wbh_finding_text(struct wbh_finding *finding) {
    struct wbh_prose prose;
    size_t len = strlen(finding->text); /* the program's label may be there */
    wbh_prose_init(&prose, finding->text + len, sizeof(finding->text) - len);
    return prose;
}
static inline struct wbh_prose wbh_finding_why(struct wbh_finding *finding) {
    struct wbh_prose prose;
    wbh_prose_init(&prose, finding->why, sizeof(finding->why));
    return prose;
}

/* Whether what happened to this connection may be the doing of a failing fault: then nobody's
 * expectation of it counts. */
bool wbh_judge_excuses(struct wbh_judge *judge, uint32_t subject);

/* The same for what a peer expects: in a program whose connections depend on each other, a fault on
 * one of them may disappoint the peers of all. */
bool wbh_judge_excuses_peer(struct wbh_judge *judge, uint32_t subject);

/* The same for a step that waits for a datagram: it may be the answer to one that the peer sent
 * from a socket before this one, at the same port. */
bool wbh_judge_excuses_unmet(struct wbh_judge *judge, const struct wbh_unmet *unmet);

/* Whether something that nobody reads or accepts is left over at this moment of stillness: what the
 * hang oracle would object to apart from unfinished peers. */
bool wbh_hang_obligation(struct wbh_judge *judge);

/* A peer saw what it must not see. `waits` as in struct wbh_unmet, `saw` a clause: "the connection
 * was reset". The finding is that of the oracle "expectation". */
void wbh_judge_disappointed(
    struct wbh_judge *judge, const struct wbh_unmet *unmet, const char *saw);

typedef void wbh_connection_fn(void *user_data, const struct sim_connection_info *info);
typedef void wbh_datagrams_fn(void *user_data, const struct sim_datagram_info *info);

/* Visits what at this moment of stillness lies unread, or waits to be accepted, and should not. */
void wbh_hang_each_unread(struct wbh_judge *judge, wbh_connection_fn *connection,
    wbh_datagrams_fn *datagrams, void *user_data);

/* ---- waker.c ---- */
/* Whether a task is left at this moment that nothing but the program's own deadlines could help:
 * what the oracle of wakers would object to. */
bool wbh_waker_obligation(struct wbh_judge *judge);
/* A line: when it was spawned, polled, woken, who refers to it. */
void wbh_why_task(struct wbh_judge *judge, struct wbh_prose *why, uint32_t number);

/* ---- hang_why.c: how it came to it ---- */
void wbh_why_unread(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_connection_info *info);
void wbh_why_pending(struct wbh_judge *judge, struct wbh_prose *why);
void wbh_why_datagrams(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_datagram_info *info);
void wbh_why_unsent(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_connection_info *info);

/* ---- hang_threads.c ---- */
/* Objects to threads that wait for each other for ever. */
void wbh_hang_threads(struct wbh_judge *judge);
/* A line for each of those: what it waits for, and who holds it. */
void wbh_why_threads(struct wbh_judge *judge, struct wbh_prose *why);

/* ---- divergence.c ---- */

enum wbh_conn_end {
    WBH_END_OPEN,    /* still open when the run stood still */
    WBH_END_EOF,     /* the program ended it in order */
    WBH_END_RESET,   /* an RST came */
    WBH_END_REFUSED, /* it never stood */
    WBH_END_OWN,     /* the peer closed or reset it */
};

/* What a peer saw of one connection. */
struct wbh_seen {
    uint32_t subject;
    uint8_t end;      /* enum wbh_conn_end */
    bool half_closed; /* the peer had ended its own side before */
    bool partial;     /* the peer was not reading all along: a prefix of what could have come */
    const uint8_t *bytes;
    size_t len;
};

/* NULL if the two agree as far as they must, or where they do not, a clause: "byte 3 is ... instead
 * of ...". Written to prose. Returns true if they differ. */
bool wbh_seen_differ(
    const struct wbh_seen *reference, const struct wbh_seen *seen, struct wbh_prose *prose);
/* How many bytes the two have in common from the beginning. */
size_t wbh_seen_common(const struct wbh_seen *reference, const struct wbh_seen *seen);
/* `reference_name`: "without faults", "with trigger level". */
void wbh_judge_diverged(struct wbh_judge *judge, const struct wbh_oracle *oracle, uint32_t subject,
    const char *reference_name, const char *difference);

/* The program had to be told to end, and in the reference run had not. */
void wbh_judge_stood_still(struct wbh_judge *judge, const struct wbh_oracle *oracle);

/* Where and when a program heard what it should not. */
struct wbh_heard {
    const char *label; /* of the program */
    uint32_t subject;  /* its end of the connection */
    uint32_t step;
    uint64_t time_ns;
};

/* The same of what another program heard from this judge's. */
void wbh_judge_diverged_at(struct wbh_judge *judge, const struct wbh_oracle *oracle,
    const struct wbh_heard *heard, const char *reference_name, const char *difference);

extern const struct wbh_oracle wbh_oracle_blocking;
extern const struct wbh_oracle wbh_oracle_conservation;
extern const struct wbh_oracle wbh_oracle_divergence;
extern const struct wbh_oracle wbh_oracle_edge_drain;
extern const struct wbh_oracle wbh_oracle_expectation;
extern const struct wbh_oracle wbh_oracle_fairness;
extern const struct wbh_oracle wbh_oracle_files;
extern const struct wbh_oracle wbh_oracle_hang;
extern const struct wbh_oracle wbh_oracle_http;
extern const struct wbh_oracle wbh_oracle_interest;
extern const struct wbh_oracle wbh_oracle_leak;
extern const struct wbh_oracle wbh_oracle_limit;
extern const struct wbh_oracle wbh_oracle_misuse;
extern const struct wbh_oracle wbh_oracle_spin;
extern const struct wbh_oracle wbh_oracle_stale;
extern const struct wbh_oracle wbh_oracle_timers;
extern const struct wbh_oracle wbh_oracle_triggers;
extern const struct wbh_oracle wbh_oracle_turns;
extern const struct wbh_oracle wbh_oracle_waker;

#endif
