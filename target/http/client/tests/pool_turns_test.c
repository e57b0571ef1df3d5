/* A pool that several threads use: whatever a request or a connection is at, its end, another
 * request or the end of the client may come first. */
#include "town.h"
#include "turns.h"

#include <string.h>

static int turns_setup(void **state) {
    const int result = town_setup(state);
    turns_begin();
    return result;
}

#define TURNS(test)                                                                                \
    { #test, test, turns_setup, town_teardown, NULL }

/* A poll beside those of the lab, in whose midst it may be. */
static void poll_beside(struct wb_future *future, const struct bell *bell) {
    struct wb_context context = wb_context_with_waker(&bell->waker);
    if (!wb_future_is_over(future) && wb_future_poll(future, &context) == WB_READY) {
        lab_remove(future);
    }
}

/* ---- what others do ---- */

/* The server ends the first connection, and its task sees that. */
static void end_the_first(void) {
    peer_say(&town.peers[0], ends);
    poll_beside(town.futures[0], &lab.tasks[1].bell);
}

static void stray_bytes(void) {
    static const struct say strays[] = {
        {NULL, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    if (strstr(town.peers[0].written, "second") == NULL) {
        peer_say(&town.peers[0], strays);
    }
}

static void drop_the_first(void) {
    wb_future_drop(town.futures[0]);
    lab_remove(town.futures[0]);
}

static void release(void) {
    wb_http_client_release(&client);
}

/* Another request takes the idle connection, if it is there. */
static void send_another(void) {
    struct visit *visit = visit_of(2, "GET", "http://a/another");
    const int number = lab_add(&visit->future);
    poll_beside(&visit->future, &lab.tasks[number].bell);
}

/* ---- the second request of a client ---- */

static void has_hi(const struct visit *visit) {
    if (visit->future.ops != NULL) {
        visit_assert_hi(visit);
    }
}

/* False: there is no such moment. */
static bool second_while(bool during_request, int moment, void (*act)(void)) {
    town_client(NULL);
    for (int i = 0; i < PEERS_MAX; i++) {
        town_says(i, many_his);
    }
    visit_get_hi("http://a/"); /* the lab's tasks: this visit, the connection */
    struct visit *second = visit_of(1, "GET", "http://a/second");
    turns_watch_pool(client.pool);
    turns_let_act(during_request ? &second->future : town.futures[0], moment, act);
    (void)lab_add(&second->future);
    lab_run();
    has_hi(&visits[1]);
    has_hi(&visits[2]);
    assert_null(strstr(visits[1].body, "stray"));
    const bool came = turns_came();
    turns_forget();
    return came;
}

static void at_every_moment(void **state, bool during_request, void (*act)(void)) {
    int moment = 0;
    bool came;
    do {
        assert_int_equal(town_teardown(state), 0);
        assert_int_equal(turns_setup(state), 0);
        came = second_while(during_request, ++moment, act);
    } while (came);
    assert_true(moment > 3);
}

static void nothing_costs_a_request_its_own_answer(void **state) {
    at_every_moment(state, true, end_the_first);
    at_every_moment(state, true, stray_bytes);
    at_every_moment(state, true, drop_the_first);
    at_every_moment(state, true, release);
    at_every_moment(state, true, send_another);
}

/* What the server says after the connection had looked, and before it wrote, nobody could tell from
 * an answer. */
static void nothing_that_happens_while_a_connection_works_costs_an_answer(void **state) {
    at_every_moment(state, false, release);
    at_every_moment(state, false, send_another);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TURNS(nothing_costs_a_request_its_own_answer),
        TURNS(nothing_that_happens_while_a_connection_works_costs_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
