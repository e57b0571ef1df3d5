/* Two runs of several programs that speak by datagrams, or with peers through Unix sockets: what
 * depends on faults though it must not is found, and what timing may change is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "unix_servers.h"

enum { PORT = 7111, QUESTIONS = 4 };

static bool has_option(int argc, char *const argv[], const char *name) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- programs ---- */

static int open_socket(const struct wb_sys *sys, bool is_udp, int flags) {
    return WB_SYS(sys, socket, is_udp ? WB_AF_INET : WB_AF_UNIX, WB_SOCK_DGRAM | flags, 0);
}

static uint32_t place(bool is_udp, struct wb_sockaddr *out) {
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    memset(out, 0, sizeof(*out));
    if (!is_udp) {
        *out = (struct wb_sockaddr){.un = {.family = WB_AF_UNIX, .path = "\0counting"}};
        return offsetof(struct wb_sockaddr_un, path) + 9;
    }
    out->in.family = WB_AF_INET;
    memcpy(&out->in.port_be, port_be, sizeof(port_be));
    out->in.addr[0] = 127;
    out->in.addr[3] = 1;
    return sizeof(out->in);
}

/* Answers each datagram with the number of reads that found nothing so far, a digit: that is
 * nobody's business. */
static void answer_all(const struct wb_sys *sys, int fd, bool has_notes, unsigned *found_nothing) {
    for (;;) {
        char byte = 0;
        struct wb_sockaddr from;
        struct wb_iovec iov = {&byte, 1};
        struct wb_msghdr msg = {.name = &from, .name_len = sizeof(from), .iov = &iov, .iov_len = 1};
        if (WB_SYS(sys, recvmsg, fd, &msg, 0) < 0) {
            (*found_nothing)++;
            return;
        }
        if (has_notes) {
            wb_sys_note(sys, WB_NOTE_DISCARD, (uint64_t)fd, 1);
        }
        byte = (char)('0' + *found_nothing % 10);
        struct wb_msghdr reply = {
            .name = &from, .name_len = msg.name_len, .iov = &iov, .iov_len = 1};
        (void)WB_SYS(sys, sendmsg, fd, &reply, WB_MSG_NOSIGNAL);
    }
}

static int counting_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const bool is_udp = has_option(argc, argv, "--udp");
    struct wb_sockaddr addr;
    uint32_t addr_len = place(is_udp, &addr);
    unsigned found_nothing = 0;
    int stop = WB_SYS(sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    int fd = open_socket(sys, is_udp, WB_SOCK_NONBLOCK);
    (void)WB_SYS(sys, bind, fd, &addr, addr_len);
    struct wb_pollfd fds[] = {{.fd = fd, .events = WB_EPOLLIN}, {.fd = stop, .events = WB_EPOLLIN}};
    do {
        (void)WB_SYS(sys, poll, fds, 2, WB_TIMEOUT_INFINITE);
        if (fds[0].revents != 0) {
            answer_all(sys, fd, has_option(argc, argv, "--gives-up"), &found_nothing);
        }
    } while (fds[1].revents == 0);
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, close, stop);
    return 0;
}

/* Asks a few times, and takes any answer. */
static int asking_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const bool is_udp = has_option(argc, argv, "--udp");
    struct wb_sockaddr addr;
    uint32_t addr_len = place(is_udp, &addr);
    int fd = open_socket(sys, is_udp, 0);
    if (!is_udp) {
        const struct wb_sockaddr none = {.family = WB_AF_UNIX};
        (void)WB_SYS(sys, bind, fd, &none, offsetof(struct wb_sockaddr_un, path));
    }
    while (WB_SYS(sys, connect, fd, &addr, addr_len) != 0) {
        struct wb_pollfd none;
        (void)WB_SYS(sys, poll, &none, 0, INT64_C(1000000));
    }
    struct wb_pollfd later;
    (void)WB_SYS(sys, poll, &later, 0, INT64_C(5000000));
    for (int i = 0; i < QUESTIONS; i++) {
        char byte = (char)('a' + i);
        if (WB_SYS(sys, send, fd, &byte, 1, WB_MSG_NOSIGNAL) != 1
            || WB_SYS(sys, recv, fd, &byte, 1, 0) != 1) {
            (void)WB_SYS(sys, close, fd);
            return 1;
        }
    }
    (void)WB_SYS(sys, close, fd);
    return 0;
}

static const struct wbh_flag counting_flags[] = {{"udp", NULL}, {"gives-up", NULL}, {NULL, NULL}};
static const struct wbh_flag asking_flags[] = {{"udp", NULL}, {NULL, NULL}};
static const char *const no_options[] = {NULL};
static const struct wbh_program programs[] = {
    {.name = "counting",
        .main = counting_main,
        .options = no_options,
        .flags = counting_flags,
        .independent = 1},
    {.name = "busy_counting",
        .main = counting_main,
        .options = no_options,
        .flags = counting_flags},
    {.name = "asking",
        .main = asking_main,
        .options = no_options,
        .flags = asking_flags,
        .independent = 1},
};

/* ---- what is judged ---- */

static void diverges(const char *text, const char *says, uint32_t process) {
    judge_text(text, NULL);
    assert_string_equal(wbh_verdict_name(judged.verdict), "divergence");
    const struct wbh_finding *finding = judged_finding("divergence");
    assert_non_null(finding);
    if (strstr(finding->text, says) == NULL) {
        fail_msg("\"%s\" is not in: %s", says, finding->text);
    }
    assert_int_equal(finding->process, process);
    assert_int_equal(judged.finding_count, 1);
    assert_int_equal(judged.planned_unfired, 0);
}

static void agrees(const char *text) {
    judge_text(text, NULL);
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s", judged.findings[0].text);
    }
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.baseline_runs, 1);
}

static int register_all(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    return 0;
}

static int register_unix_servers(void **state) {
    (void)state;
    unix_servers_register();
    return 0;
}

/* ---- between programs ---- */

static void compare_datagram_server_that_counts_is_blamed(void **state) {
    (void)state;
    diverges("scenario \"x\"\nprogram counting\nprogram asking\n"
             "fault local1.a.recv 2 would-block\n",
        "counting: asking (local2.a) sees something else than without faults: datagram 2 from "
        "counting is \"2\" instead of \"1\"",
        0);
    diverges("scenario \"x\"\nprogram counting udp\nprogram asking udp\n"
             "fault none.recv 2 would-block\n",
        "counting: asking sees something else than without faults: datagram 2 from counting is "
        "\"2\" instead of \"1\"",
        0);
}

static void compare_datagrams_that_are_the_same_agree(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram unix_datagram listen=@counting\nprogram asking\n"
           "program asking as another\n"
           "fault local1.a.recv 2 would-block\nfault local1.a.send 1 would-block\n");
    agrees("scenario \"x\"\nprogram udp_echo listen=127.0.0.1:7111\nprogram asking udp\n"
           "program asking as another udp\nfault none.recv 2 would-block\nfault run 1 order 1\n");
}

static void compare_datagrams_of_programs_that_may_differ_are_left_out(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram busy_counting\nprogram asking\nprogram ping_pong\n"
           "fault local1.a.recv 2 would-block\n");
    /* Who gave something up may have left an answer out. */
    agrees("scenario \"x\"\nprogram counting gives-up\nprogram asking\n"
           "fault local1.a.recv 2 would-block\n");
    /* Over a link with jitter one may overtake the other. */
    agrees("scenario \"x\"\nprogram counting on near udp\nprogram asking on near udp\n"
           "host near address=10.0.0.1\nlink near jitter=1ms\nfault none.recv 2 would-block\n");
}

/* ---- peers of one of several programs ---- */

static void compare_unix_peers_hear_the_program_that_took_them(void **state) {
    (void)state;
    static const char *const opened[] = {
        "connect seqpacket \"@small\"", "bind datagram\n  connect datagram \"@small\""};
    static const char *const types[] = {"seqpacket", "datagram"};
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
            "scenario \"x\"\nprogram ping_pong\nprogram small_counter type=%s\n"
            "peer alice\n  sleep 1ms\n  %s\n  send \"a\"\n  expect bytes 1\n  send \"b\"\n"
            "  expect bytes 1\nfault alice.recv 1 would-block\n",
            types[i], opened[i]);
        diverges(text, "small_counter: alice sees something else than without faults", 1);
    }
}

static void compare_unix_peers_of_right_programs_agree(void **state) {
    (void)state;
    agrees("scenario \"x\"\nprogram ping_pong listen=unix:/run/echo\nprogram small_unix\n"
           "peer alice\n  sleep 1ms\n  connect unix \"/run/echo\"\n  send \"a\\n\"\n  expect "
           "\"a\\n\"\n  close\n  bind datagram\n  connect datagram \"@small\"\n  send \"b\"\n"
           "  expect \"b\"\n"
           "fault alice.recv 1 short 1\nfault alice#2.recv 1 would-block\n");
}

static int clean_up(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(compare_datagram_server_that_counts_is_blamed, register_all),
        cmocka_unit_test_setup(compare_datagrams_that_are_the_same_agree, register_all),
        cmocka_unit_test_setup(
            compare_datagrams_of_programs_that_may_differ_are_left_out, register_all),
        cmocka_unit_test_setup(
            compare_unix_peers_hear_the_program_that_took_them, register_unix_servers),
        cmocka_unit_test_setup(compare_unix_peers_of_right_programs_agree, register_unix_servers),
    };
    return cmocka_run_group_tests(tests, NULL, clean_up);
}
