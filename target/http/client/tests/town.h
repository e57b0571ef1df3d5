/* A client whose connector leads to scripted servers and whose executor is the lab; and requests of
 * it. */
#ifndef HTTP_CLIENT_TESTS_TOWN_H
#define HTTP_CLIENT_TESTS_TOWN_H

#include "lab.h"

#include "wb/http_client.h"

extern const struct say silence[1];
extern const struct say one_hi[2];
extern const struct say many_his[4];
extern const struct say ends[1];

enum { PEERS_MAX = 4, EXECUTED_MAX = 8, EXECUTED_SIZE = 2048 };

struct town {
    struct wb_http_connector connector;
    struct wb_http_executor executor;
    struct peer peers[PEERS_MAX];
    int calls;
    int polls;
    bool is_slow; /* connections wait until town_let_connect() */
    bool is_busy; /* not ready */
    enum wb_status fails;
    struct wb_task_waker waiting[PEERS_MAX]; /* by the order in which they were asked for */
    int begun;
    int drops;      /* of futures of connections */
    char asked[64]; /* the host that was asked for last */
    struct wb_http_connected sample;
    bool refuses_tasks;
    int executed;
    max_align_t tasks[EXECUTED_MAX][EXECUTED_SIZE / sizeof(max_align_t)];
    struct wb_future *futures[EXECUTED_MAX];
};

extern struct town town;
extern struct wb_http_client client;

/* Connections that waited are made. */
void town_open(void);
/* The client, with the town's executor; `options` may be NULL. */
void town_client(const struct wb_http_client_options *options);
/* What the server of the connection with that number says, from 0. */
void town_says(int peer, const struct say *what);

/* What the fixtures do apart from the stage: everything before and after a test. */
void town_begin(void);
void town_end(void);

/* cmocka fixtures; the teardown fails if memory is left. */
int town_setup(void **state);
int town_teardown(void **state);

#define TOWN(test)                                                                                 \
    { #test, test, town_setup, town_teardown, NULL }

/* ---- requests ---- */

struct visit {
    struct wb_future future;
    struct wb_http_fetch fetch;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    bool leaves_body;
    char body[256];
    size_t body_len;
};

enum { VISITS_MAX = 4 };
extern struct visit visits[VISITS_MAX];

/* Its future, around a `fetch` that was initialised. */
void visit_init(struct visit *visit);
/* Number `i`, initialised. */
struct visit *visit_of(int i, const char *method, const char *uri);
/* The same, and run as far as it goes. */
struct visit *visit_begin(int i, const char *method, const char *uri);
void visit_give_up(struct visit *visit);

void visit_assert_hi(const struct visit *visit);
/* Number 0 gets HI. */
void visit_get_hi(const char *uri);

#endif
