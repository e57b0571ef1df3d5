/* Choice points: every decision that the world outside a program could take, asked for by key.
 *
 * Whoever simulates describes the moment (struct wbh_choice_point) and asks a source; the source
 * answers with an action that this moment allows. A key is (subject, point, ordinal): it names the
 * moment by what the program does, not by its place in a stream of random numbers, so that changing
 * one decision leaves the meaning of all others alone. */
#ifndef WOULDBLOCK_CHOICE_H
#define WOULDBLOCK_CHOICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a decision is taken. X(enumerator, name in scenarios, per connection, what happens there).
 * Append only: the order is part of the fuzz input's format. */
#define WBH_POINT_TABLE(X)                                                                         \
    X(WBH_POINT_RECV, "recv", 1, "the program reads from a connection")                            \
    X(WBH_POINT_SEND, "send", 1, "the program writes to a connection")                             \
    X(WBH_POINT_CONNECT, "connect", 1, "a connection is being established")                        \
    X(WBH_POINT_INBOUND, "inbound", 1, "a segment or datagram travels to the program")             \
    X(WBH_POINT_OUTBOUND, "outbound", 1, "a segment or datagram travels to the peer")              \
    X(WBH_POINT_STEP, "step", 1, "the peer is about to act")                                       \
    X(WBH_POINT_ACCEPT, "accept", 0, "the program accepts from a listener that has a connection")  \
    X(WBH_POINT_WAIT, "wait", 0, "the program waits for readiness")                                \
    X(WBH_POINT_OPEN, "open", 0, "the program creates a descriptor other than by accept")          \
    X(WBH_POINT_REGISTER, "register", 0, "the program adds a registration")                        \
    X(WBH_POINT_ALLOC, "alloc", 0, "the program allocates memory")                                 \
    X(WBH_POINT_CLOCK, "clock", 0, "the program reads the real-time clock")                        \
    X(WBH_POINT_RUN, "run", 0, "several programs could run next")                                  \
    X(WBH_POINT_RESOLVE, "resolve", 0, "the program asks for the addresses of a name")             \
    X(WBH_POINT_FILE_READ, "file-read", 0, "the program reads bytes of a regular file")            \
    X(WBH_POINT_FILE_WRITE, "file-write", 0, "the program writes to a file, or changes its name")  \
    X(WBH_POINT_SWITCH, "switch", 0, "a thread makes a call or waits, and another could run")      \
    X(WBH_POINT_ROUSE, "rouse", 0, "one of several threads that wait for the same is woken")       \
    X(WBH_POINT_PARK, "park", 0, "a thread begins to wait for a condition")                        \
    X(WBH_POINT_THREAD, "thread", 0, "the program starts a thread")

enum wbh_point {
#define WBH_POINT_ENUM(name, text, per_connection, what) name,
    WBH_POINT_TABLE(WBH_POINT_ENUM)
#undef WBH_POINT_ENUM
        WBH_POINT_COUNT
};

/* What may be decided. X(enumerator, name in scenarios, kind of argument, what it does).
 * Append only. Arguments: NONE; COUNT (bytes or events, >= 1); TIME (ns); ERRNO (a name of the
 * errno table below); EVENTS (a connection and WB_EPOLL* bits). */
#define WBH_ACTION_TABLE(X)                                                                        \
    X(WBH_ACTION_PASS, "pass", NONE, "nothing unusual")                                            \
    X(WBH_ACTION_SHORT, "short", COUNT, "only so many bytes are moved; the rest comes later")      \
    X(WBH_ACTION_WOULD_BLOCK, "would-block", NONE, "EAGAIN; a fresh wake-up follows")              \
    X(WBH_ACTION_RESET, "reset", NONE, "the connection is reset")                                  \
    X(WBH_ACTION_ERROR, "error", ERRNO, "the call fails with this error")                          \
    X(WBH_ACTION_DELAY, "delay", TIME, "it happens so much later")                                 \
    X(WBH_ACTION_SPLIT, "split", COUNT, "the first so many bytes travel alone")                    \
    X(WBH_ACTION_INTERRUPT, "interrupt", NONE, "EINTR")                                            \
    X(WBH_ACTION_SPURIOUS, "spurious", EVENTS, "an event is reported that is not so")              \
    X(WBH_ACTION_BATCH, "batch", COUNT, "at most so many events are reported by this wait")        \
    X(WBH_ACTION_ORDER, "order", COUNT, "events, or those whose turn it is, rotate by so many")    \
    X(WBH_ACTION_SEPARATE, "separate", NONE, "IN and OUT of one source come as two events")        \
    X(WBH_ACTION_NO_RDHUP, "no-rdhup", NONE, "RDHUP is not reported by this wait")                 \
    X(WBH_ACTION_FAIL, "fail", NONE, "the allocation fails")                                       \
    X(WBH_ACTION_JUMP, "jump", TIME, "the real-time clock jumps ahead by so much")                 \
    X(WBH_ACTION_IMMEDIATE, "immediate", NONE, "connect returns 0: the connection stands at once") \
    X(WBH_ACTION_DROP, "drop", NONE, "the datagram is lost")                                       \
    X(WBH_ACTION_DUPLICATE, "duplicate", NONE, "the datagram arrives twice")                       \
    X(WBH_ACTION_REORDER, "reorder", TIME, "it is so much later, and others overtake it")          \
    X(WBH_ACTION_WAKE, "wake", NONE, "the wait ends though nobody has signalled")

enum wbh_action {
#define WBH_ACTION_ENUM(name, text, argument, what) name,
    WBH_ACTION_TABLE(WBH_ACTION_ENUM)
#undef WBH_ACTION_ENUM
        WBH_ACTION_COUNT
};

enum wbh_argument {
    WBH_ARGUMENT_NONE,
    WBH_ARGUMENT_COUNT,
    WBH_ARGUMENT_TIME,
    WBH_ARGUMENT_ERRNO,
    WBH_ARGUMENT_EVENTS,
};

#define WBH_ACTION_BIT(action) (1u << (unsigned)(action))

/* How far from what this Linux does by mere timing a decision goes. */
enum wbh_legality {
    WBH_LEGALITY_KERNEL,   /* Linux does it by mere timing: transparent */
    WBH_LEGALITY_CONTRACT, /* the documentation lets a readiness API do it: transparent */
    WBH_LEGALITY_FAILING,  /* changes the outcome */
};

/* A connection, as a subject of keys: the peer's index + 1 in the low 16 bits, and which of its
 * connections (0 for its first) above. Connections between two sockets of the program itself have
 * WBH_SUBJECT_LOCAL set and count up, two a connection: even for the connecting end, odd for the
 * accepted one; of a socketpair even for the first. A Unix datagram socket made alone has an even
 * one from the start. */
#define WBH_SUBJECT_NONE 0u
/* At points that are not per connection: the program number n of a run of several; the first one's
 * subject is NONE. */
#define WBH_SUBJECT_PROGRAM(n) (0xff00u + (uint32_t)(n))
/* At points that each thread counts for itself: thread number `thread` (from 1 on) of program n; a
 * program's first thread has the program's subject. */
#define WBH_SUBJECT_THREAD(n, thread) ((uint32_t)(thread) << 16 | WBH_SUBJECT_PROGRAM(n))
#define WBH_SUBJECT_PROGRAM_OF(subject)                                                            \
    ((subject) == WBH_SUBJECT_NONE ? 0u : ((subject)&0xffffu) - 0xff00u)
#define WBH_SUBJECT_THREAD_OF(subject) (((subject)&0x7fffffffu) >> 16)
#define WBH_SUBJECT_LOCAL 0x80000000u
/* As the subject of SPURIOUS: the first registered listener; "listener" in scenarios. */
#define WBH_SUBJECT_LISTENER 0x7fffffffu
#define WBH_SUBJECT(peer, incarnation) (((uint32_t)(incarnation) << 16) | ((uint32_t)(peer) + 1u))
#define WBH_SUBJECT_PEER(subject) (((subject)&0xffffu) - 1u)
#define WBH_SUBJECT_INCARNATION(subject) (((subject)&0x7fffffffu) >> 16)

/* At SWITCH: how it stands with the thread that ran last. */
enum wbh_turn {
    WBH_TURN_OVER,  /* it waits or has ended: any of the others may come next */
    WBH_TURN_HELD,  /* it could go on, and does if the answer is PASS: any other pre-empts it */
    WBH_TURN_SPENT, /* it could go on, but has had its slice: the last in the order is itself */
};

/* The moment. The sets of actions are disjoint; PASS is always allowed and in none of them. */
struct wbh_choice_point {
    uint8_t turn;     /* SWITCH: enum wbh_turn */
    uint8_t point;    /* enum wbh_point */
    uint32_t subject; /* where the point is not per connection: the program, or its thread */
    uint32_t ordinal; /* counts this point on this subject, from 1 */
    uint32_t kernel;  /* allowed actions by legality, as WBH_ACTION_BIT()s */
    uint32_t contract;
    uint32_t failing;
    uint64_t size;   /* bytes asked for or in the segment, events ready, candidates of SPURIOUS. The
                        values of SHORT, SPLIT, BATCH and ORDER lie in 1..size-1 */
    uint32_t errnos; /* with ERROR: those that fit this moment, as bits like those of
                        wbh_point_errnos(); 0: all that fit the point */
    uint32_t spurious_candidates; /* with SPURIOUS: how many registrations could be named, in order
                                     of registration */
    const uint32_t *threads; /* SWITCH: the subjects of those that could run, `size` of them, in the
                                order that ORDER rotates: PASS is the first. As long as the call */
};

struct wbh_choice {
    uint8_t action; /* enum wbh_action; PASS leaves the rest unused */
    uint32_t
        subject; /* SPURIOUS: the connection, or WBH_SUBJECT_NONE for the candidate number `pick` */
    uint32_t pick;  /* SPURIOUS without subject: any number; taken modulo spurious_candidates */
    uint64_t value; /* COUNT: how many; TIME: ns; ERRNO: the number on this machine; EVENTS:
                       WB_EPOLL* bits */
};

/* Answers choice points. Vtable; `self` first.
 * choose: REQUIRED. The answer's action must be PASS or in one of the moment's sets; an answer that
 * the moment does not allow, its argument included, counts as PASS. Must be a function of the
 * source's construction and the point, at most of the points before it in the run, too: no clock,
 * no addresses.
 * unfit: optional. The last answer was one of those, and nothing came of it. Where the moment
 * allows other actions the source is asked about them next. */
struct wbh_choice_source;
struct wbh_choice_source_ops {
    struct wbh_choice (*choose)(
        struct wbh_choice_source *self, const struct wbh_choice_point *point);
    void (*unfit)(struct wbh_choice_source *self, const struct wbh_choice_point *point,
        const struct wbh_choice *choice);
};
struct wbh_choice_source {
    const struct wbh_choice_source_ops *ops;
};

/* A decision that was taken: the unit of plans, records, scenarios and reports. */
struct wbh_decision {
    uint32_t subject;
    uint32_t ordinal;
    uint8_t point;    /* enum wbh_point */
    uint8_t action;   /* enum wbh_action */
    uint8_t legality; /* enum wbh_legality, as it was at that moment; meaningless in a plan */
    uint32_t about;   /* SPURIOUS: the connection */
    uint64_t value;   /* as struct wbh_choice.value */
};

const char *wbh_point_name(enum wbh_point point);
const char *wbh_action_name(enum wbh_action action);
const char *wbh_legality_name(enum wbh_legality legality);
enum wbh_argument wbh_action_argument(enum wbh_action action);
/* Whether the point is counted per connection. */
int wbh_point_is_per_connection(enum wbh_point point);
/* Whether each thread counts it for itself. */
int wbh_point_is_per_thread(enum wbh_point point);
/* The actions, as bits, that can ever be offered at a point: what a parser accepts. */
uint32_t wbh_point_actions(enum wbh_point point);

/* Name -> enumerator; -1 if there is none. `len` bytes, no terminator needed. */
int wbh_point_from_name(const char *name, size_t len);
int wbh_action_from_name(const char *name, size_t len);

/* errno numbers by name, so that no file holds a number. Covers what faults may inject. 0 / NULL if
 * unknown. */
int wbh_errno_from_name(const char *name, size_t len);
const char *wbh_errno_name(int number);
/* The n-th injectable errno, n taken modulo their count: for fuzz inputs. */
int wbh_errno_nth(unsigned n);
/* Its place in that table, or -1. */
int wbh_errno_index(int number);
/* The errors that WBH_ACTION_ERROR may inject at a point, as bits 1u << wbh_errno_index(); 0 where
 * that action does not exist. */
uint32_t wbh_point_errnos(enum wbh_point point);

#ifdef __cplusplus
}
#endif

#endif
