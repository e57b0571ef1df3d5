/* Datagrams between the program and the world: what the network and the calls may do to them, by
 * which name, and that a neighbour's socket does what a socket does. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { SUBJECT = WBH_SUBJECT(0, 0), PORT = 7007 };

struct scene {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    int fd; /* the program's, bound to PORT, non-blocking */
    int epfd;
    struct sim_datagram *alice;
    struct wb_sockaddr program;
    struct wb_sockaddr home; /* of alice */
};

static struct wb_sockaddr loopback(uint16_t port) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .addr = {127, 0, 0, 1}}};
    uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)port};
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    return addr;
}

static void scene_open(struct scene *scene, struct one_choice *source) {
    scene->kernel = sim_kernel_new();
    assert_non_null(scene->kernel);
    struct sim_config config = {
        .source = source != NULL ? &source->base : NULL, .legality_max = WBH_LEGALITY_FAILING};
    sim_kernel_reset(scene->kernel, &config);
    scene->sys = wb_sim_sys(scene->kernel);
    scene->program = loopback(PORT);
    scene->fd = WB_SYS(scene->sys, socket, WB_AF_INET, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0);
    assert_true(scene->fd >= 0);
    assert_int_equal(
        WB_SYS(scene->sys, bind, scene->fd, &scene->program, sizeof(scene->program.in)), 0);
    scene->epfd = WB_SYS(scene->sys, epoll_create1, 0);
    struct wb_sockaddr any_port = loopback(0);
    scene->alice = sim_datagram_new(scene->kernel, SUBJECT, WB_AF_INET, NULL, NULL);
    assert_int_equal(sim_datagram_bind(scene->alice, &any_port), 0);
    sim_datagram_address(scene->alice, &scene->home);
}

static void scene_watch(const struct scene *scene, uint32_t events) {
    struct wb_epoll_event event = {.events = events};
    assert_int_equal(
        WB_SYS(scene->sys, epoll_ctl, scene->epfd, WB_EPOLL_CTL_ADD, scene->fd, &event), 0);
}

static uint32_t scene_wait(const struct scene *scene, int64_t timeout_ns) {
    struct wb_epoll_event event;
    int count = WB_SYS(scene->sys, epoll_pwait2, scene->epfd, &event, 1, timeout_ns);
    assert_true(count >= 0);
    return count == 0 ? 0 : event.events;
}

static void alice_sends(const struct scene *scene, const char *text) {
    assert_int_equal(
        sim_datagram_send_to(scene->alice, &scene->program, text, strlen(text)), strlen(text));
}

static int64_t program_sends(const struct scene *scene, const char *text) {
    char bytes[16];
    struct wb_sockaddr to = scene->home;
    struct wb_iovec iov = {bytes, strlen(text)};
    struct wb_msghdr msg = {.name = &to, .name_len = sizeof(to.in), .iov = &iov, .iov_len = 1};
    memcpy(bytes, text, iov.len);
    return WB_SYS(scene->sys, sendmsg, scene->fd, &msg, 0);
}

static void assert_program_gets(const struct scene *scene, const char *text) {
    char buf[16];
    int64_t n = WB_SYS(scene->sys, recv, scene->fd, buf, sizeof(buf), 0);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(buf, text, strlen(text));
}

static void assert_program_gets_nothing(const struct scene *scene) {
    char buf[16];
    assert_int_equal(WB_SYS(scene->sys, recv, scene->fd, buf, sizeof(buf), 0), -EAGAIN);
}

static void assert_alice_gets(const struct scene *scene, const char *text) {
    char buf[16];
    struct wb_sockaddr from;
    assert_int_equal(sim_datagram_recv_from(scene->alice, buf, sizeof(buf), &from), strlen(text));
    assert_memory_equal(buf, text, strlen(text));
    assert_int_equal(from.in.port_be, scene->program.in.port_be);
}

static void assert_alice_gets_nothing(const struct scene *scene) {
    char buf[16];
    assert_int_equal(sim_datagram_recv_from(scene->alice, buf, sizeof(buf), NULL), -EAGAIN);
}

/* Lets so much virtual time pass. */
static void pass(const struct scene *scene, int64_t time_ns) {
    assert_int_equal(WB_SYS(scene->sys, poll, NULL, 0, time_ns), 0);
}

static void assert_consumed(
    const struct scene *scene, enum wbh_point point, enum wbh_action action, unsigned times) {
    assert_int_equal(sim_faults(scene->kernel)->injected[point][action], times);
    assert_int_equal(sim_faults(scene->kernel)->consumed[point][action], times);
}

/* ---- without faults ---- */

static void neighbour_sends_and_is_answered(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    scene_watch(&scene, WB_EPOLLIN | WB_EPOLLET);
    alice_sends(&scene, "hello");
    alice_sends(&scene, "");
    assert_int_equal(scene_wait(&scene, 0), WB_EPOLLIN);
    assert_program_gets(&scene, "hello");
    assert_program_gets(&scene, "");
    assert_program_gets_nothing(&scene);
    assert_int_equal(program_sends(&scene, "back"), 4);
    assert_alice_gets(&scene, "back");
    assert_alice_gets_nothing(&scene);
    sim_kernel_destroy(scene.kernel);
}

static void neighbour_hears_that_nobody_is_there(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    assert_int_equal(WB_SYS(scene.sys, close, scene.fd), 0);
    alice_sends(&scene, "hello");
    char buf[4];
    assert_int_equal(sim_datagram_recv_from(scene.alice, buf, sizeof(buf), NULL), -ECONNREFUSED);
    assert_alice_gets_nothing(&scene);
    sim_kernel_destroy(scene.kernel);
}

static void neighbour_that_closed_refuses_the_connected(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    assert_int_equal(WB_SYS(scene.sys, connect, scene.fd, &scene.home, sizeof(scene.home.in)), 0);
    assert_int_equal(WB_SYS(scene.sys, send, scene.fd, "x", 1, 0), 1);
    assert_alice_gets(&scene, "x");
    sim_datagram_close(scene.alice);
    sim_datagram_close(scene.alice);
    assert_int_equal(sim_datagram_send_to(scene.alice, &scene.program, "x", 1), -EBADF);
    assert_int_equal(WB_SYS(scene.sys, send, scene.fd, "x", 1, 0), 1);
    assert_int_equal(WB_SYS(scene.sys, send, scene.fd, "x", 1, 0), -ECONNREFUSED);
    sim_kernel_destroy(scene.kernel);
}

static void neighbour_at_a_taken_address_is_none(void **state) {
    (void)state;
    struct scene scene;
    scene_open(&scene, NULL);
    struct sim_datagram *bob =
        sim_datagram_new(scene.kernel, WBH_SUBJECT(1, 0), WB_AF_INET, NULL, NULL);
    assert_int_equal(sim_datagram_bind(bob, &scene.program), -EADDRINUSE);
    sim_kernel_destroy(scene.kernel);
}

/* ---- the network ---- */

static void inbound_drop_loses_one_datagram(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 2, WBH_ACTION_DROP, 0);
    struct scene scene;
    scene_open(&scene, &source);
    alice_sends(&scene, "one");
    alice_sends(&scene, "two");
    alice_sends(&scene, "three");
    assert_program_gets(&scene, "one");
    assert_program_gets(&scene, "three");
    assert_program_gets_nothing(&scene);
    /* Loss is no mere timing: the program's peers notice. */
    const uint32_t lossy = WBH_ACTION_BIT(WBH_ACTION_DROP) | WBH_ACTION_BIT(WBH_ACTION_DUPLICATE)
                           | WBH_ACTION_BIT(WBH_ACTION_REORDER);
    assert_int_equal(source.offered_failing, lossy);
    assert_int_equal(source.offered_kernel, WBH_ACTION_BIT(WBH_ACTION_DELAY));
    assert_consumed(&scene, WBH_POINT_INBOUND, WBH_ACTION_DROP, 1);
    sim_kernel_destroy(scene.kernel);
}

static void inbound_duplicate_comes_twice(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 1, WBH_ACTION_DUPLICATE, 0);
    struct scene scene;
    scene_open(&scene, &source);
    alice_sends(&scene, "one");
    alice_sends(&scene, "two");
    assert_program_gets(&scene, "one");
    assert_program_gets(&scene, "one");
    assert_program_gets(&scene, "two");
    assert_program_gets_nothing(&scene);
    sim_kernel_destroy(scene.kernel);
}

static void inbound_delay_keeps_the_order(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 1, WBH_ACTION_DELAY, 1000000);
    struct scene scene;
    scene_open(&scene, &source);
    scene_watch(&scene, WB_EPOLLIN | WB_EPOLLET);
    alice_sends(&scene, "one");
    alice_sends(&scene, "two");
    assert_int_equal(scene_wait(&scene, 900000), 0);
    assert_int_equal(scene_wait(&scene, 200000), WB_EPOLLIN);
    assert_program_gets(&scene, "one");
    assert_program_gets(&scene, "two");
    sim_kernel_destroy(scene.kernel);
}

static void inbound_reorder_lets_others_overtake(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 1, WBH_ACTION_REORDER, 1000000);
    struct scene scene;
    scene_open(&scene, &source);
    alice_sends(&scene, "one");
    alice_sends(&scene, "two");
    assert_program_gets(&scene, "two");
    assert_program_gets_nothing(&scene);
    pass(&scene, 1100000);
    assert_program_gets(&scene, "one");
    sim_kernel_destroy(scene.kernel);
}

static void outbound_faults_meet_what_the_program_sends(void **state) {
    (void)state;
    static const enum wbh_action actions[] = {
        WBH_ACTION_DROP, WBH_ACTION_DUPLICATE, WBH_ACTION_DELAY, WBH_ACTION_REORDER};
    static const int at_once[] = {0, 2, 0, 0};
    static const int later[] = {0, 0, 1, 1};
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        struct one_choice source;
        one_choice_init(&source, WBH_POINT_OUTBOUND, 1, actions[i], 1000);
        struct scene scene;
        scene_open(&scene, &source);
        assert_int_equal(program_sends(&scene, "x"), 1);
        for (int n = 0; n < at_once[i]; n++) {
            assert_alice_gets(&scene, "x");
        }
        assert_alice_gets_nothing(&scene);
        pass(&scene, 1000000);
        for (int n = 0; n < later[i]; n++) {
            assert_alice_gets(&scene, "x");
        }
        assert_alice_gets_nothing(&scene);
        sim_kernel_destroy(scene.kernel);
    }
}

/* ---- groups ---- */

static const struct wb_ip_mreq group = {.group = {239, 1, 2, 3}, .interface = {127, 0, 0, 1}};

/* A second socket of the program at the same port; both have joined. */
static int open_second(struct scene *scene) {
    int on = 1;
    struct wb_sockaddr any = {.in = {.family = WB_AF_INET}};
    memcpy(&any.in.port_be, &scene->program.in.port_be, sizeof(any.in.port_be));
    (void)WB_SYS(scene->sys, close, scene->fd);
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = WB_SYS(scene->sys, socket, WB_AF_INET, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0);
        assert_int_equal(
            WB_SYS(scene->sys, setsockopt, fds[i], WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)),
            0);
        assert_int_equal(WB_SYS(scene->sys, bind, fds[i], &any, sizeof(any.in)), 0);
        assert_int_equal(WB_SYS(scene->sys, setsockopt, fds[i], WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP,
                             &group, sizeof(group)),
            0);
    }
    scene->fd = fds[0];
    return fds[1];
}

static struct wb_sockaddr group_at(const struct wb_sockaddr *of_port) {
    struct wb_sockaddr to = *of_port;
    memcpy(to.in.addr, group.group, sizeof(group.group));
    return to;
}

/* One datagram, one fate: all that hear it hear it late, twice or not at all. */
static void inbound_faults_meet_what_goes_to_a_group(void **state) {
    (void)state;
    static const enum wbh_action actions[] = {
        WBH_ACTION_PASS, WBH_ACTION_DROP, WBH_ACTION_DUPLICATE, WBH_ACTION_DELAY};
    static const int at_once[] = {1, 0, 2, 0};
    static const int later[] = {0, 0, 0, 1};
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        struct one_choice source;
        one_choice_init(&source, WBH_POINT_INBOUND, 1, actions[i], 1000);
        struct scene scene;
        scene_open(&scene, &source);
        int second = open_second(&scene);
        const int fds[] = {scene.fd, second};
        struct wb_sockaddr to = group_at(&scene.program);
        assert_int_equal(sim_datagram_send_to(scene.alice, &to, "x", 1), 1);
        for (size_t k = 0; k < 2; k++) {
            scene.fd = fds[k];
            for (int n = 0; n < at_once[i]; n++) {
                assert_program_gets(&scene, "x");
            }
            assert_program_gets_nothing(&scene);
        }
        pass(&scene, 1000000);
        for (size_t k = 0; k < 2; k++) {
            scene.fd = fds[k];
            for (int n = 0; n < later[i]; n++) {
                assert_program_gets(&scene, "x");
            }
            assert_program_gets_nothing(&scene);
        }
        assert_int_equal(source.asked, actions[i] != WBH_ACTION_PASS);
        sim_kernel_destroy(scene.kernel);
    }
}

static void outbound_faults_meet_what_goes_to_everybody(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_OUTBOUND, 1, WBH_ACTION_DELAY, 1000);
    struct scene scene;
    scene_open(&scene, &source);
    int on = 1;
    struct wb_sockaddr any_port = {.in = {.family = WB_AF_INET}};
    struct sim_datagram *bob =
        sim_datagram_new(scene.kernel, WBH_SUBJECT(1, 0), WB_AF_INET, NULL, NULL);
    assert_int_equal(sim_datagram_bind(bob, &any_port), 0);
    sim_datagram_address(bob, &scene.home);
    memset(scene.home.in.addr, 255, sizeof(scene.home.in.addr));
    assert_int_equal(
        WB_SYS(scene.sys, setsockopt, scene.fd, WB_SOL_SOCKET, WB_SO_BROADCAST, &on, sizeof(on)),
        0);
    assert_int_equal(program_sends(&scene, "x"), 1);
    char buf[4];
    assert_int_equal(sim_datagram_recv_from(bob, buf, sizeof(buf), NULL), -EAGAIN);
    pass(&scene, 1000000);
    assert_int_equal(sim_datagram_recv_from(bob, buf, sizeof(buf), NULL), 1);
    assert_consumed(&scene, WBH_POINT_OUTBOUND, WBH_ACTION_DELAY, 1);
    sim_kernel_destroy(scene.kernel);
}

/* What the program sends to itself crosses no network. */
static void between_the_programs_own_sockets_nothing_is_asked(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_OUTBOUND, 0, WBH_ACTION_DROP, 0);
    struct scene scene;
    scene_open(&scene, &source);
    int other = WB_SYS(scene.sys, socket, WB_AF_INET, WB_SOCK_DGRAM, 0);
    assert_int_equal(
        WB_SYS(scene.sys, connect, other, &scene.program, sizeof(scene.program.in)), 0);
    assert_int_equal(WB_SYS(scene.sys, send, other, "x", 1, 0), 1);
    assert_program_gets(&scene, "x");
    assert_int_equal(source.asked, 0);
    sim_kernel_destroy(scene.kernel);
}

/* ---- calls ---- */

static void recv_would_block_holds_back_and_wakes_again(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct scene scene;
    scene_open(&scene, &source);
    scene_watch(&scene, WB_EPOLLIN | WB_EPOLLET);
    alice_sends(&scene, "x");
    assert_int_equal(scene_wait(&scene, 0), WB_EPOLLIN);
    assert_program_gets_nothing(&scene);
    /* It had been told: then only the contract allows it. */
    assert_int_equal(source.offered_contract, WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    assert_int_equal(scene_wait(&scene, 0), 0);
    assert_int_equal(scene_wait(&scene, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_program_gets(&scene, "x");
    assert_consumed(&scene, WBH_POINT_RECV, WBH_ACTION_WOULD_BLOCK, 1);
    sim_kernel_destroy(scene.kernel);
}

static void recv_would_block_without_report_is_timing(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct scene scene;
    scene_open(&scene, &source);
    alice_sends(&scene, "x");
    assert_program_gets_nothing(&scene);
    assert_int_equal(source.offered_kernel, WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    sim_kernel_destroy(scene.kernel);
}

static void send_would_block_takes_out_away_and_brings_it_back(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct scene scene;
    scene_open(&scene, &source);
    scene_watch(&scene, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(scene_wait(&scene, 0), WB_EPOLLOUT);
    assert_int_equal(program_sends(&scene, "x"), -EAGAIN);
    assert_int_equal(program_sends(&scene, "x"), -EAGAIN);
    assert_int_equal(scene_wait(&scene, 0), 0);
    assert_int_equal(scene_wait(&scene, WB_TIMEOUT_INFINITE), WB_EPOLLOUT);
    assert_int_equal(program_sends(&scene, "y"), 1);
    assert_alice_gets(&scene, "y");
    assert_alice_gets_nothing(&scene);
    assert_int_equal(source.offered_kernel, 0);
    sim_kernel_destroy(scene.kernel);
}

static void errors_of_calls_leave_the_socket_as_it_is(void **state) {
    (void)state;
    struct one_choice source;
    struct scene scene;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_ERROR, ENOBUFS);
    scene_open(&scene, &source);
    assert_int_equal(program_sends(&scene, "x"), -ENOBUFS);
    assert_int_equal(program_sends(&scene, "y"), 1);
    assert_alice_gets(&scene, "y");
    sim_kernel_destroy(scene.kernel);
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_ERROR, ECONNREFUSED);
    scene_open(&scene, &source);
    alice_sends(&scene, "x");
    char buf[4];
    assert_int_equal(WB_SYS(scene.sys, recv, scene.fd, buf, sizeof(buf), 0), -ECONNREFUSED);
    assert_program_gets(&scene, "x");
    sim_kernel_destroy(scene.kernel);
}

/* A datagram has no connection that could be reset. */
static void errors_of_connections_do_not_fit(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_ERROR, ECONNRESET);
    struct scene scene;
    scene_open(&scene, &source);
    assert_int_equal(program_sends(&scene, "x"), 1);
    assert_int_equal(sim_faults(scene.kernel)->unfit, 1);
    sim_kernel_destroy(scene.kernel);
}

static void spurious_event_names_the_socket_as_a_listener(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_SPURIOUS, WB_EPOLLIN);
    source.answer.subject = WBH_SUBJECT_LISTENER;
    struct scene scene;
    scene_open(&scene, &source);
    scene_watch(&scene, WB_EPOLLIN);
    assert_int_equal(scene_wait(&scene, 0), WB_EPOLLIN);
    assert_program_gets_nothing(&scene);
    assert_int_equal(scene_wait(&scene, 0), 0);
    sim_kernel_destroy(scene.kernel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbour_sends_and_is_answered),
        cmocka_unit_test(neighbour_hears_that_nobody_is_there),
        cmocka_unit_test(neighbour_that_closed_refuses_the_connected),
        cmocka_unit_test(neighbour_at_a_taken_address_is_none),
        cmocka_unit_test(inbound_drop_loses_one_datagram),
        cmocka_unit_test(inbound_duplicate_comes_twice),
        cmocka_unit_test(inbound_delay_keeps_the_order),
        cmocka_unit_test(inbound_reorder_lets_others_overtake),
        cmocka_unit_test(outbound_faults_meet_what_the_program_sends),
        cmocka_unit_test(inbound_faults_meet_what_goes_to_a_group),
        cmocka_unit_test(outbound_faults_meet_what_goes_to_everybody),
        cmocka_unit_test(between_the_programs_own_sockets_nothing_is_asked),
        cmocka_unit_test(recv_would_block_holds_back_and_wakes_again),
        cmocka_unit_test(recv_would_block_without_report_is_timing),
        cmocka_unit_test(send_would_block_takes_out_away_and_brings_it_back),
        cmocka_unit_test(errors_of_calls_leave_the_socket_as_it_is),
        cmocka_unit_test(errors_of_connections_do_not_fit),
        cmocka_unit_test(spurious_event_names_the_socket_as_a_listener),
    };
    return cmocka_run_group_tests_name("udp_fault", tests, NULL, NULL);
}
