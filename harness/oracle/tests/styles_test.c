/* Programs that are right in ways the built-in ones are not: no oracle speaks of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "wouldblock/run.h"

enum { PORT = 7000, TOKEN_LISTENER = 1000, TOKEN_SIGNAL, TOKEN_INNER, CONNS_MAX = 8 };

struct server {
    const struct wb_sys *sys;
    int outer;
    int inner; /* where connections are registered; perhaps the same */
    int listener;
    int signals;
    int open;
    int open_max;
    bool is_edge; /* the listener: it stays armed, and what is left in it is remembered */
    bool stopping;
    bool is_open[64]; /* by descriptor */
};

static void control(
    const struct server *server, int epfd, int op, int fd, uint32_t mask, uint64_t token) {
    struct wb_epoll_event event = {.events = mask, .data = token};
    assert_int_equal(WB_SYS(server->sys, epoll_ctl, epfd, op, fd, &event), 0);
}

static void open_all(struct server *server, bool nested) {
    const struct wb_sys *sys = server->sys;
    struct wb_sockaddr addr = {
        .in = {.family = WB_AF_INET, .port_be = (PORT & 0xff) << 8 | PORT >> 8},
    };
    server->listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(sys, bind, server->listener, &addr, sizeof(addr.in)), 0);
    assert_int_equal(WB_SYS(sys, listen, server->listener, 8), 0);
    server->signals = WB_SYS(sys, signalfd, 1u << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    server->outer = WB_SYS(sys, epoll_create1, 0);
    server->inner = server->outer;
    control(server, server->outer, WB_EPOLL_CTL_ADD, server->listener,
        WB_EPOLLIN | (server->is_edge ? WB_EPOLLET : 0), TOKEN_LISTENER);
    control(server, server->outer, WB_EPOLL_CTL_ADD, server->signals, WB_EPOLLIN, TOKEN_SIGNAL);
    if (nested) {
        server->inner = WB_SYS(sys, epoll_create1, 0);
        control(server, server->outer, WB_EPOLL_CTL_ADD, server->inner, WB_EPOLLIN, TOKEN_INNER);
    }
}

static void close_all(struct server *server) {
    wb_sys_note(server->sys, WB_NOTE_STOPPING, 0, 0);
    for (int fd = 0; fd < 64; fd++) {
        if (server->is_open[fd]) {
            (void)WB_SYS(server->sys, close, fd);
        }
    }
    (void)WB_SYS(server->sys, close, server->listener);
    (void)WB_SYS(server->sys, close, server->signals);
    (void)WB_SYS(server->sys, close, server->outer);
    if (server->inner != server->outer) {
        (void)WB_SYS(server->sys, close, server->inner);
    }
}

/* Listens only while there is room for one more. */
static void pause_listening(struct server *server, bool room_before) {
    bool room = server->open < server->open_max;
    if (room != room_before && !server->is_edge) {
        control(server, server->outer, WB_EPOLL_CTL_MOD, server->listener, room ? WB_EPOLLIN : 0,
            TOKEN_LISTENER);
    }
}

static bool accept_one(struct server *server) {
    int fd = WB_SYS(server->sys, accept4, server->listener, NULL, NULL, WB_SOCK_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    control(server, server->inner, WB_EPOLL_CTL_ADD, fd, WB_EPOLLIN, (uint64_t)fd);
    server->is_open[fd] = true;
    server->open++;
    pause_listening(server, true);
    return true;
}

static void accept_what_fits(struct server *server) {
    bool more = true;
    while (more && server->open < server->open_max) {
        more = accept_one(server);
    }
}

/* One byte an event, thrown away: a level-triggered program may. */
static void read_one(struct server *server, int fd) {
    uint8_t byte;
    int64_t n = WB_SYS(server->sys, recv, fd, &byte, 1, 0);
    if (n > 0 || n == -EAGAIN) {
        return;
    }
    bool room_before = server->open < server->open_max;
    (void)WB_SYS(server->sys, close, fd);
    server->is_open[fd] = false;
    server->open--;
    pause_listening(server, room_before);
    if (server->is_edge) {
        accept_what_fits(server);
    }
}

static void serve(struct server *server, int epfd, int64_t timeout_ns) {
    struct wb_epoll_event events[4];
    int count = WB_SYS(server->sys, epoll_pwait2, epfd, events, 4, timeout_ns);
    for (int i = 0; i < count; i++) {
        switch (events[i].data) {
        case TOKEN_LISTENER:
            if (server->is_edge) {
                accept_what_fits(server);
            } else {
                (void)accept_one(server);
            }
            break;
        case TOKEN_SIGNAL:
            server->stopping = true;
            break;
        case TOKEN_INNER:
            serve(server, server->inner, 0);
            break;
        default:
            read_one(server, (int)events[i].data);
            break;
        }
    }
}

static int run_server(const struct wb_sys *sys, bool nested, int open_max, bool is_edge) {
    struct server server = {.sys = sys, .open_max = open_max, .is_edge = is_edge};
    open_all(&server, nested);
    while (!server.stopping) {
        serve(&server, server.outer, WB_TIMEOUT_INFINITE);
    }
    close_all(&server);
    return 0;
}

static int nested_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_server(sys, true, CONNS_MAX, false);
}

static int one_at_a_time_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_server(sys, false, 1, false);
}

static int full_house_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_server(sys, false, 2, true);
}

/* ---- one connection, two bytes at a time, and a timer that reminds of the rest ---- */

enum { TOKEN_TIMER = TOKEN_INNER + 1, RATION = 2 };

struct rationer {
    struct server server;
    int timer;
    int conn; /* -1: none yet, or no more */
};

static void remind(struct rationer *rationer) {
    const struct wb_itimerspec soon = {.value = {.nsec = 10 * 1000 * 1000}};
    const struct wb_sys *sys = rationer->server.sys;
    assert_int_equal(WB_SYS(sys, timerfd_settime, rationer->timer, 0, &soon, NULL), 0);
}

static void read_ration(struct rationer *rationer, bool to_the_end) {
    const struct wb_sys *sys = rationer->server.sys;
    uint8_t bytes[RATION];
    int64_t n;
    do {
        n = WB_SYS(sys, recv, rationer->conn, bytes, sizeof(bytes), 0);
    } while (to_the_end && n > 0);
    if (n > 0) {
        remind(rationer);
    } else if (n == 0) {
        (void)WB_SYS(sys, close, rationer->conn);
        rationer->conn = -1;
    }
}

static void ration(struct rationer *rationer, const struct wb_epoll_event *event) {
    struct server *server = &rationer->server;
    uint64_t ticks;
    switch (event->data) {
    case TOKEN_LISTENER:
        rationer->conn =
            WB_SYS(server->sys, accept4, server->listener, NULL, NULL, WB_SOCK_NONBLOCK);
        control(server, server->outer, WB_EPOLL_CTL_ADD, rationer->conn,
            WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET, 0);
        return;
    case TOKEN_SIGNAL:
        server->stopping = true;
        return;
    case TOKEN_TIMER:
        (void)WB_SYS(server->sys, read, rationer->timer, &ticks, sizeof(ticks));
        break;
    default:
        break;
    }
    if (rationer->conn >= 0) {
        read_ration(rationer, (event->events & WB_EPOLLRDHUP) != 0);
    }
}

static int run_rationer(const struct wb_sys *sys, bool hears_the_timer) {
    struct rationer rationer = {.server = {.sys = sys}, .conn = -1};
    struct server *server = &rationer.server;
    open_all(server, false);
    rationer.timer = WB_SYS(sys, timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK);
    control(server, server->outer, WB_EPOLL_CTL_ADD, rationer.timer,
        hears_the_timer ? WB_EPOLLIN : 0, TOKEN_TIMER);
    while (!server->stopping) {
        struct wb_epoll_event event;
        if (WB_SYS(sys, epoll_pwait2, server->outer, &event, 1, WB_TIMEOUT_INFINITE) == 1) {
            ration(&rationer, &event);
        }
    }
    (void)WB_SYS(sys, close, rationer.timer);
    close_all(server);
    return 0;
}

static int rationed_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_rationer(sys, true);
}

static int deaf_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_rationer(sys, false);
}

static const struct wbh_program programs[] = {
    {.name = "nested", .summary = "an instance in an instance", .main = nested_main, .port = PORT},
    {
        .name = "one_at_a_time",
        .summary = "does not listen while it serves",
        .main = one_at_a_time_main,
        .port = PORT,
    },
    {
        .name = "full_house",
        .summary = "leaves connections to an edge-triggered listener while it has its fill",
        .main = full_house_main,
        .port = PORT,
    },
    {
        .name = "rationed",
        .summary = "reads a little of an edge, and the rest when a timer reminds it",
        .main = rationed_main,
        .port = PORT,
    },
    {
        .name = "deaf_rationed",
        .summary = "the same, without an interest in its timer",
        .main = deaf_main,
        .port = PORT,
    },
};

static void assert_silent(void) {
    if (judged.finding_count != 0) {
        fail_msg("%s: %s\n%s", judged.findings[0].oracle, judged.findings[0].text,
            judged.findings[0].why);
    }
    assert_int_equal(judged.stop, SIM_STOP_EXITED);
}

/* The outer instance is answered by waiting on the inner one. */
static void waits_on_an_inner_instance_serve_the_outer(void **state) {
    (void)state;
    judge_text("scenario \"t\"\nprogram nested\n"
               "peer alice\n  connect\n  send \"0123456789\" * 10\n  half-close\n  expect close\n",
        NULL);
    assert_silent();
}

/* An unread signalfd is no listener that is armed. */
static void connection_that_a_pausing_server_leaves_waiting_is_not_forgotten(void **state) {
    (void)state;
    judge_text("scenario \"t\"\nprogram one_at_a_time\n"
               "peer alice\n  connect\n  send \"a\"\n"
               "peer bob\n  after alice\n  connect\n",
        NULL);
    assert_silent();
}

/* Dave's coming wakes it when two more wait already, and again it takes none: there is no room. */
static void edge_that_a_full_server_leaves_and_remembers_is_not_forgotten(void **state) {
    (void)state;
    for (unsigned seed = 0; seed < 50; seed++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
            "scenario \"t\"\nprogram full_house\nfaults %s seed=%u\n"
            "peer alice\n  connect\n  sleep 200ms\n  close\n"
            "peer bob\n  connect\n  sleep 300ms\n  close\n"
            "peer carol\n  sleep 50ms\n  connect\n  half-close\n  expect close\n"
            "peer dave\n  sleep 100ms\n  connect\n  half-close\n  expect close\n"
            "peer erin\n  sleep 250ms\n  connect\n  half-close\n  expect close\n",
            seed == 0 ? "none" : "hostile", seed);
        judge_text(text, NULL);
        assert_silent();
    }
}

#define TWO_PIECES                                                                                 \
    "peer alice\n  connect\n  send \"abcd\"\n  sleep 1ms\n  send \"e\"\n  sleep 100ms\n"           \
    "  half-close\n  expect close\n"

/* The second piece finds the rest of the first unread in both; one would have come back to it. */
static void edge_of_which_a_running_timer_reminds_is_not_forgotten(void **state) {
    (void)state;
    judge_text("scenario \"t\"\nprogram rationed\n" TWO_PIECES, NULL);
    assert_silent();
    judge_text("scenario \"t\"\nprogram deaf_rationed\n" TWO_PIECES, NULL);
    assert_non_null(judged_finding("edge-drain"));
}

static int forget(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}

int main(void) {
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_on_an_inner_instance_serve_the_outer),
        cmocka_unit_test(connection_that_a_pausing_server_leaves_waiting_is_not_forgotten),
        cmocka_unit_test(edge_that_a_full_server_leaves_and_remembers_is_not_forgotten),
        cmocka_unit_test(edge_of_which_a_running_timer_reminds_is_not_forgotten),
    };
    return cmocka_run_group_tests_name("oracle/styles", tests, NULL, forget);
}
