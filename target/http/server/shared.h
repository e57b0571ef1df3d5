/* What a server and its connections have in common. It is there until the last of them has gone. */
#ifndef HTTP_SERVER_SHARED_H
#define HTTP_SERVER_SHARED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/lock.h"
#include "wb/http_server.h"
#include "wb/task_waker.h"

enum wb__http_phase {
    WB__HTTP_SERVES,
    WB__HTTP_STOPS,    /* connections end when they can */
    WB__HTTP_GIVES_UP, /* connections end here and now */
};

/* A connection, as the server knows it. */
struct wb__http_member {
    struct wb__http_member *prev;
    struct wb__http_member *next;
    struct wb_task_waker waker; /* of its task */
    _Atomic uint64_t requests;  /* so far; written by its task alone */
};

/* All but `phase`, which is read by everybody at every poll, is under the lock. */
struct wb__http_shared {
    const struct wb_sys *sys;
    struct wb__lock lock;
    struct wb__http_member *members;
    struct wb_task_waker server;
    bool server_awaits_end; /* of a connection, whichever */
    uint32_t references;    /* the server and its connections */
    _Atomic uint32_t phase;
    uint64_t ended;                        /* connections */
    struct wb_http_server_figures figures; /* requests: of those that have ended */
    struct wb_h1_server_options h1;        /* of each connection; never changes */
    void (*on_error)(const struct wb_http_connection *connection, const struct wb_http_error *error,
        void *user_data);
    void *user_data;
};

WB_MUST_USE enum wb_status wb__http_shared_new(const struct wb_sys *sys,
    const struct wb_http_server_options *options, struct wb__http_shared **out_shared);
/* The last one frees. */
void wb__http_shared_release(struct wb__http_shared *shared);

/* The connection is counted from here on. Whether there is room for it is the caller's business. */
void wb__http_count_in(struct wb__http_shared *shared);
void wb__http_count_out(struct wb__http_shared *shared);

/* A counted one whose task runs: it will be woken when the phase changes. The member must stay
 * where it is. */
void wb__http_join(struct wb__http_shared *shared, struct wb__http_member *member,
    const struct wb_task_waker *waker);
void wb__http_leave(struct wb__http_shared *shared, struct wb__http_member *member);

/* The server will be woken when the phase changes; and when a connection ends, if it awaits that.
 * How many have ended so far, and how many there are. */
struct wb__http_counts {
    uint64_t ended;
    uint64_t now;
};
struct wb__http_counts wb__http_attend(
    struct wb__http_shared *shared, const struct wb_task_waker *waker, bool awaits_end);

/* A later phase; an earlier one changes nothing. Wakes everybody. */
void wb__http_advance(struct wb__http_shared *shared, enum wb__http_phase phase);

static inline enum wb__http_phase wb__http_phase_of(const struct wb__http_shared *shared) {
    return (enum wb__http_phase)atomic_load_explicit(&shared->phase, memory_order_acquire);
}

/* None could be accepted. */
void wb__http_count_refusal(struct wb__http_shared *shared);

void wb__http_figures(struct wb__http_shared *shared, struct wb_http_server_figures *out_figures);

/* Counts, and tells the user. */
void wb__http_report(struct wb__http_shared *shared, const struct wb_http_connection *connection,
    const struct wb_http_error *error);

/* Makes a service for a connection and spawns its task. Ownership: of `stream` passes, whatever
 * comes of it. */
void wb__http_serve(struct wb__http_shared *shared, struct wb_context *context,
    struct wb_http_make_service *make, const struct wb_stream *stream,
    const struct wb_http_connection *connection);

#endif
