/* The stage: the scripted peers of one run, as actors around a simulated kernel. Each actor is a
 * state machine that goes through its script, driven by its endpoint's changes and by scheduled
 * moments.
 *
 * Memory is kept from run to run; only what the last run used is reset. */
#ifndef RUN_STAGE_H
#define RUN_STAGE_H

#include <stdbool.h>

#include "oracle/panel.h"
#include "run/conversation.h"
#include "run/correspondence.h"
#include "wouldblock/kernel.h"
#include "wouldblock/scenario.h"

/* How long a peer thinks before it acts: longer than a program needs for a few dozen calls, so that
 * without faults peers act while the program waits. */
enum { WBH_THINK_NS = 50000 };

/* Bytes of the longest datagram over IPv4, and of the longest message through a Unix socket whose
 * buffer is as Linux makes it. */
enum { WBH_DATAGRAM_MAX = 65507, WBH_UNIX_MESSAGE_MAX = 212992 - 32 };

enum wbh_reading { WBH_READING_ON, WBH_READING_STOPPED, WBH_READING_SLOWLY };

/* Instead of a program's number: one that connected to the peer, or whoever has a name. */
#define WBH_PROGRAM_THAT_CALLED UINT32_MAX
#define WBH_PROGRAM_BY_NAME (UINT32_MAX - 1)

/* What an actor saw of one of its connections. */
struct wbh_scene {
    uint32_t subject;
    uint32_t program; /* that it talks to */
    bool udp;
    bool unreached; /* datagrams: something that it sent found nobody */
    bool datagrams; /* of Unix sockets */
    size_t begin;   /* in wbh_actor.received */
    size_t len;
    uint8_t end; /* enum wbh_conn_end */
    bool half_closed;
    bool partial;
};

/* A connection to a peer that listens: one of the two. */
struct wbh_parked {
    struct sim_endpoint *endpoint;
    struct sim_unix *unix_socket;
};

struct wbh_actor {
    struct wbh_stage *stage;
    const struct wbh_peer *script;
    uint32_t index;
    uint32_t step; /* steps done */
    bool begun;    /* the current step has begun */
    bool acted;    /* ... and its action, or its time, has come */
    bool passed_over;
    bool done;
    bool running;

    uint32_t connections;             /* begun so far, by either side */
    uint32_t subject;                 /* of the current one */
    uint32_t ordinal;                 /* of WBH_POINT_STEP on it */
    struct sim_endpoint *endpoint;    /* NULL: none, or given up */
    struct sim_datagram *datagram;    /* instead of it, while the peer speaks UDP */
    struct sim_unix *unix_socket;     /* instead of both */
    int unix_type;                    /* WB_SOCK_STREAM, _SEQPACKET or _DGRAM */
    struct wb_sockaddr target;        /* Unix: what it connects to */
    uint32_t target_len;              /* ... 0: it has only a name of its own */
    bool waits_for_room;              /* Unix: the queue of the listener is full */
    uint64_t descriptors;             /* Unix: that came and that steps have accounted for */
    struct wb_sockaddr correspondent; /* datagrams: where the next one goes, unless connected */
    uint32_t correspondent_len;       /* Unix: 0: nobody with a name has written yet */
    bool keeps_correspondent;         /* Unix: whoever writes */
    bool unreachable;                 /* datagrams: one of them found nobody */
    bool is_sent;                     /* all that this step sends */
    uint32_t *lengths;                /* messages: their lengths in `received`, in order; */
    size_t lengths_begin;             /* ... those before are accounted for */
    size_t lengths_end;
    size_t lengths_capacity;
    struct sim_endpoint *listener; /* the one it uses, perhaps another actor's */
    uint32_t port;
    struct sim_unix *unix_listener;    /* instead of it; likewise */
    const struct wbh_step *unix_place; /* the step that says its name and type */
    uint32_t incoming;                 /* those of them assigned to it by on_incoming */
    bool established;
    bool refused;
    bool reset_seen;
    uint32_t recv_buffer_size;

    uint8_t reading; /* enum wbh_reading */
    uint32_t slow_len;
    uint64_t slow_ns;
    bool slow_scheduled;

    uint64_t sent;    /* SEND: bytes of this step taken by the kernel */
    uint8_t *pattern; /* SEND: the literal of pattern_step, repeated; HTTP_...: its message */
    size_t pattern_capacity;
    size_t pattern_len;                  /* HTTP_...: of the message */
    const struct wbh_step *pattern_step; /* NULL: nothing is laid out */
    size_t consumed;                     /* received bytes that steps have accounted for */
    size_t matched;                      /* EXPECT: bytes of this step that came */
    uint64_t timer;                      /* SLEEP, EXPECT_SILENCE, thinking */

    bool expects_responses; /* its script expects HTTP responses: what it sends is kept */
    uint8_t *wire;          /* all that it has sent on the current connection */
    size_t wire_len;
    size_t wire_capacity;
    uint32_t response_count; /* of those, so many requests are answered */

    uint8_t *received;
    size_t received_len;
    size_t received_capacity;
    struct wbh_scene *scenes;
    size_t scene_count;
    size_t scene_capacity;
    struct wbh_parked *parked; /* accepted for it before it asked */
    size_t parked_count;
    size_t parked_capacity;
};

/* Where a program takes connections. */
struct wbh_target {
    uint32_t port; /* 0: nowhere */
    uint32_t host; /* as struct wbh_cast has it */
    bool serves;   /* it is no client, wherever it listens */
};

struct wbh_stage {
    struct sim_kernel *kernel;
    struct wbh_panel *panel; /* NULL: nobody judges */
    const struct wbh_scenario *scenario;
    const struct wbh_target *targets; /* of the programs, by number */
    bool tolerant;
    bool signals_sent; /* a script did */
    bool lossy;        /* a datagram was lost in a full queue */
    bool cut_off;      /* a link was cut when the run ended */
    bool started;
    bool takes_all; /* not only what arrives: actors are to be started, or programs listened to */
    bool frozen;    /* what is seen from now on does not count: the run is being ended */
    uint32_t done_count;
    uint32_t after_waiting;
    uint64_t progress_ns;
    uint64_t arrived_ns; /* something last reached anybody, among several programs */

    struct wbh_conversation conversation;
    struct wbh_correspondence correspondence;
    struct wbh_actor *actors;
    size_t actor_capacity;
    uint32_t actor_count;
    struct wbh_unmet *unmet;
    size_t unmet_capacity;

    /* The end of the run. */
    bool told_to_end;
    bool was_in_vain; /* when it was told, nothing could ever have happened otherwise */
    bool draining;    /* the program has returned; only the world goes on */
    uint64_t waiting_since_ns;
};

struct wbh_stage_config {
    struct sim_kernel *kernel;
    struct wbh_panel *panel;
    const struct wbh_scenario *scenario;
    const struct wbh_target *targets; /* borrowed for the run */
    bool tolerant;
};

void wbh_stage_clean_up(struct wbh_stage *stage);
/* After sim_kernel_reset. Does what scripts begin with and needs no program: listening. */
void wbh_stage_begin(struct wbh_stage *stage, const struct wbh_stage_config *config);
/* Starts the actors. False: they have started. */
bool wbh_stage_raise_curtain(struct wbh_stage *stage);
/* Must see CALL and WAIT events: actors start when the program listens, connects or waits. */
void wbh_stage_take(struct wbh_stage *stage, const struct sim_event *event);
/* The same; once the actors of a single program have started little is of interest. */
static inline void wbh_stage_on_event(struct wbh_stage *stage, const struct sim_event *event) {
    if (stage->takes_all || event->kind == SIM_EVENT_ARRIVE || event->kind == SIM_EVENT_PENDING) {
        wbh_stage_take(stage, event);
    }
}
uint32_t wbh_stage_on_incoming(struct wbh_stage *stage, const struct sim_endpoint *listener);
uint32_t wbh_stage_on_incoming_unix(struct wbh_stage *stage, const struct sim_unix *listener);
int wbh_stage_on_idle(void *user_data, uint64_t deadline_ns);
static inline bool wbh_stage_is_done(const struct wbh_stage *stage) {
    return stage->done_count == stage->actor_count;
}
/* Actors that cannot go on; those that only wait for other actors are left out. */
size_t wbh_stage_unmet(struct wbh_stage *stage);
/* From now on nothing that is seen counts. */
void wbh_stage_freeze(struct wbh_stage *stage);
struct wbh_seen wbh_stage_seen(
    const struct wbh_stage *stage, const struct wbh_actor *actor, size_t scene);

/* ---- actors ---- */
void wbh_actor_begin(struct wbh_actor *actor);
/* Goes on as far as it can. Called from scheduled moments only. */
void wbh_actor_run(struct wbh_actor *actor);
/* Leaves out the step it waits in. */
void wbh_actor_pass_over(struct wbh_actor *actor);
void wbh_actor_unmet(const struct wbh_actor *actor, struct wbh_unmet *unmet);
void wbh_actor_disappointed(struct wbh_actor *actor, const char *saw);
static inline const struct wbh_step *wbh_actor_step(const struct wbh_actor *actor) {
    return &actor->script->steps[actor->step];
}

/* actor_step.c: what a step does when its moment comes. */
void wbh_step_act(struct wbh_actor *actor, const struct wbh_step *step);
bool wbh_step_needs_thought(enum wbh_step_kind kind);
struct wb_sockaddr wbh_target_of(const struct wbh_actor *actor, uint32_t program);
/* For a socket of its own. Without named hosts everything is on loopback, of IPv4. */
struct wb_sockaddr wbh_own_address(const struct wbh_stage *stage, uint16_t family, uint32_t port);
uint32_t wbh_port_of(const struct wb_sockaddr *addr);
void wbh_actor_close(struct wbh_actor *actor);
/* A connection to its listener waits for its `accept`. */
void wbh_actor_park(struct wbh_actor *actor, const struct wbh_parked *connection);
/* Goes on with each that has one and is at that step. */
void wbh_stage_hand_out(struct wbh_stage *stage);
/* As much of a step's bytes as there is room for; sets actor->is_sent. */
void wbh_actor_send(struct wbh_actor *actor, const struct wbh_step *step);
/* All bytes of a step that sends, when it has begun. */
uint64_t wbh_actor_total(const struct wbh_actor *actor, const struct wbh_step *step);
bool wbh_actor_accept(struct wbh_actor *actor);

/* actor_read.c */
void wbh_actor_on_change(void *user_data, struct sim_endpoint *endpoint);
void wbh_actor_look(struct wbh_actor *actor);
/* What it sees from now on is of that connection; the caller sets the endpoint. */
void wbh_actor_open_scene(struct wbh_actor *actor, uint32_t subject, uint32_t program);

void wbh_actor_saw_error(struct wbh_actor *actor, int error);

/* actor_socket.c: one socket, be it of TCP, UDP or Unix */
static inline bool wbh_actor_has_socket(const struct wbh_actor *actor) {
    return actor->endpoint != NULL || actor->datagram != NULL || actor->unix_socket != NULL;
}
/* Whose bytes come as a stream. */
static inline bool wbh_actor_has_stream(const struct wbh_actor *actor) {
    return actor->endpoint != NULL
           || (actor->unix_socket != NULL && actor->unix_type == WB_SOCK_STREAM);
}
/* Whose bytes come as messages. */
static inline bool wbh_actor_has_messages(const struct wbh_actor *actor) {
    return actor->datagram != NULL
           || (actor->unix_socket != NULL && actor->unix_type != WB_SOCK_STREAM);
}
/* ... without a connection that could end. */
static inline bool wbh_actor_has_datagrams(const struct wbh_actor *actor) {
    return actor->datagram != NULL
           || (actor->unix_socket != NULL && actor->unix_type == WB_SOCK_DGRAM);
}
static inline bool wbh_actor_has_unix_datagrams(const struct wbh_actor *actor) {
    return actor->unix_socket != NULL && actor->unix_type == WB_SOCK_DGRAM;
}
/* Of streams. */
int64_t wbh_actor_socket_recv(struct wbh_actor *actor, void *buf, size_t len);
int64_t wbh_actor_socket_send(struct wbh_actor *actor, const void *data, size_t len);
uint32_t wbh_actor_socket_poll(struct wbh_actor *actor);
int wbh_actor_socket_error(struct wbh_actor *actor);
/* Of any. */
void wbh_actor_socket_shutdown(struct wbh_actor *actor);
void wbh_actor_socket_close(struct wbh_actor *actor);

/* actor_udp.c, actor_unix.c: opening and moving bytes */
void wbh_actor_bind_udp(struct wbh_actor *actor, const struct wbh_step *step);
void wbh_actor_send_udp(struct wbh_actor *actor, const uint8_t *bytes, size_t len);
void wbh_actor_look_udp(struct wbh_actor *actor);
void wbh_actor_bind_unix(struct wbh_actor *actor, const struct wbh_step *step);
void wbh_actor_address_unix(struct wbh_actor *actor, const struct wbh_step *step);
void wbh_actor_connect_unix(struct wbh_actor *actor, const struct wbh_step *step);
void wbh_actor_listen_unix(struct wbh_actor *actor, const struct wbh_step *step);
void wbh_actor_take_unix(struct wbh_actor *actor, const struct wbh_parked *connection);
/* False: there is no room now; there will be a change. */
bool wbh_actor_send_unix(struct wbh_actor *actor, const uint8_t *bytes, size_t len);
void wbh_actor_look_unix(struct wbh_actor *actor);

/* What a step passes goes with what is sent next, if there is a Unix socket. */
void wbh_actor_pass(struct wbh_actor *actor, const struct wbh_step *step);

/* actor_message.c: what peers send and expect whose bytes come as messages */
void wbh_actor_send_message(struct wbh_actor *actor, const struct wbh_step *step);
/* The first `len` bytes of a step's literal, repeated, in one piece. Good until the next such call.
 */
const uint8_t *wbh_actor_lay_out(struct wbh_actor *actor, const struct wbh_step *step, size_t len);
/* Bytes behind those received are a message. */
void wbh_actor_keep_message(struct wbh_actor *actor, size_t len);
bool wbh_actor_has_message(const struct wbh_actor *actor);
/* Of the next message, which there must be. saw: it was not expected; take: it is accounted for,
 * and its length told; is: the step expects it. */
void wbh_actor_saw_message(struct wbh_actor *actor);
size_t wbh_actor_take_message(struct wbh_actor *actor);
bool wbh_actor_message_is(const struct wbh_actor *actor, const struct wbh_step *step);
/* Adds what a step waits for; false: it is as of a stream. */
bool wbh_actor_waits_message(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose);

/* actor_http.c, actor_http_send.c: HTTP messages */
static inline bool wbh_step_is_message(const struct wbh_step *step) {
    return step->kind == WBH_STEP_HTTP_REQUEST || step->kind == WBH_STEP_HTTP_RESPONSE;
}
static inline bool wbh_step_expects_message(const struct wbh_step *step) {
    return step->kind == WBH_STEP_EXPECT_HTTP_REQUEST
           || step->kind == WBH_STEP_EXPECT_HTTP_RESPONSE;
}
/* The message that a step sends, written to actor->pattern. */
void wbh_actor_lay_out_message(struct wbh_actor *actor, const struct wbh_step *step);
/* What is sent on the current connection is kept, if the script needs it. */
void wbh_actor_keep_sent(struct wbh_actor *actor, const void *data, size_t len);
/* Whether the message has come, and is as expected; may disappoint the actor. */
enum wbh_arrival { WBH_ARRIVAL_NONE, WBH_ARRIVAL_WHOLE, WBH_ARRIVAL_WRONG };
enum wbh_arrival wbh_actor_message_arrived(
    struct wbh_actor *actor, const struct wbh_step *step, size_t *out_len);
void wbh_actor_waits_http(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose);

/* actor_expect.c: whether a waiting step is fulfilled. May disappoint the actor. */
bool wbh_actor_fulfilled(struct wbh_actor *actor, const struct wbh_step *step);
/* How many of the bytes are those of the step's literal, repeated, from `offset` on. */
size_t wbh_actor_equal_to_literal(const struct wbh_stage *stage, const struct wbh_step *step,
    uint64_t offset, const uint8_t *bytes, size_t len);
/* How what was seen of the current connection has ended: enum wbh_conn_end. */
uint8_t wbh_actor_end(const struct wbh_actor *actor);
/* Whether nothing more can come, and the words for that. */
bool wbh_actor_has_ended(const struct wbh_actor *actor);
const char *wbh_actor_end_words(const struct wbh_actor *actor);

static inline struct wbh_scene *wbh_actor_scene(struct wbh_actor *actor) {
    return actor->scene_count != 0 ? &actor->scenes[actor->scene_count - 1] : NULL;
}
static inline uint64_t wbh_step_total(const struct wbh_step *step) {
    return (uint64_t)step->data_len * step->repeat;
}

#endif
