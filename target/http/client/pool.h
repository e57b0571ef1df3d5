/* The pool of a client: idle connections, and those who wait for one.
 *
 * What the pool keeps of a connection lives as long as that does (struct wb__h1_client), so that a
 * reference to the one is a reference to the other. Locks: the pool's may be held when a
 * connection's is taken, never the other way round. */
#ifndef HTTP_CLIENT_POOL_H
#define HTTP_CLIENT_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/client/h1.h"
#include "wb/http_client.h"

/* A connection, as the pool knows it. */
struct wb__pooled {
    struct wb__wait_link link; /* among the idle ones; the pool's lock */
    struct wb__http_pool *pool;
    struct wb__h1_client *client;
    uint64_t deadline_ns; /* while idle; the pool's lock */
    bool is_used;         /* by a request before */
    bool is_proxied;
    const void *extras;
    struct wb__http_origin origin;
};

struct wb__http_pool {
    const struct wb_sys *sys;
    struct wb_http_client_options options;
    struct wb_http_connector *connector;
    atomic_uint references; /* of clients, requests and connections */
    struct wb__lock lock;
    struct {
        uint32_t clients;
        uint32_t idle_count;
        struct wb__wait_link idle;    /* the one idle longest first */
        struct wb__wait_link waiting; /* the one that waits longest first */
    } shared;
};

struct wb__http_pool *wb__http_pool_acquire(struct wb__http_pool *pool);
void wb__http_pool_release(struct wb__http_pool *pool);

static inline struct wb__pooled *wb__pooled_of(const struct wb__h1_client *client) {
    return client->user_data;
}

/* An idle connection to that server, which is then the caller's, with a reference; NULL: there is
 * none. */
struct wb__h1_client *wb__http_pool_take(
    struct wb__http_pool *pool, const struct wb__http_origin *origin);

/* Takes a connection that nobody uses: for whoever waits for it, or to keep; if it can be used. */
void wb__http_pool_put(struct wb__h1_client *client);

/* The same of one that was taken, or given to who waited, and not used, with its reference: its own
 * task did not find it idle, and has to keep the time. */
void wb__http_pool_give_back(struct wb__h1_client *client);

/* Waits for a connection to waiter->origin, for the task of the context. True: there is one, and
 * waiter->given is the caller's. */
bool wb__http_pool_wait(
    struct wb__http_pool *pool, struct wb__http_waiter *waiter, const struct wb_context *context);
/* Waits no longer; a connection that was given goes back. */
void wb__http_pool_stop(struct wb__http_pool *pool, struct wb__http_waiter *waiter);

/* Makes a connection of the stream, and has it driven. Ownership: with WB_OK of the stream passes,
 * and *out_client is the caller's, with a reference. */
WB_MUST_USE enum wb_status wb__http_pool_add(struct wb__http_pool *pool, struct wb_runtime *runtime,
    const struct wb__http_origin *origin, const struct wb_http_connected *connected,
    struct wb__h1_client **out_client);

/* ---- servers ---- */

/* Errors: WB_ERR_LIMIT for a scheme or host that is too long. */
WB_MUST_USE enum wb_status wb__http_origin_of(
    const struct wb_uri *uri, struct wb__http_origin *out_origin);
bool wb__http_origin_equal(const struct wb__http_origin *a, const struct wb__http_origin *b);

#endif
