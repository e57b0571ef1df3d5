/* seqpacket_echo on real sockets, in every trigger mode. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "program.h"

enum { TIMEOUT_S = 10, MESSAGE_LEN_MAX = 65536, MESSAGES_MAX = 10000 };

static char path[64];
static char bytes[MESSAGE_LEN_MAX + 1];
static char heard[MESSAGE_LEN_MAX + 1];

static int make_path(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/wouldblock-seqpacket-%d", (int)getpid());
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)('a' + i % 23);
    }
    return 0;
}

typedef void (*case_fn)(void);

/* Each case runs once for every trigger, against a fresh server; the path is gone with it. */
static void in_every_mode(case_fn run, const struct program_faults *faults) {
    struct stat status;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        program_start_on("seqpacket_echo", with_trigger(triggers[i], NULL, NULL), faults, path);
        assert_non_null(strstr(program_output(), path));
        run();
        program_stop();
        assert_int_equal(stat(path, &status), -1);
    }
}

/* A blocking socket connected to the server. */
static int peer_open(void) {
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

static void say(int fd, size_t len) {
    assert_int_equal(send(fd, bytes, len, 0), len);
}

static void hear(int fd, size_t len) {
    assert_int_equal(recv(fd, heard, sizeof heard, 0), len);
    assert_memory_equal(heard, bytes, len);
}

static void messages(void) {
    int peer = peer_open();
    int other = peer_open();
    say(peer, 5);
    say(peer, 1);
    say(peer, 40000);
    say(other, 7);
    hear(other, 7);
    hear(peer, 5);
    hear(peer, 1);
    hear(peer, 40000);
    assert_int_equal(close(other), 0);
    say(peer, 3);
    assert_int_equal(shutdown(peer, SHUT_WR), 0);
    hear(peer, 3);
    assert_int_equal(recv(peer, heard, sizeof heard, 0), 0);
    assert_int_equal(close(peer), 0);
}

static void seqpacket_messages_come_back_in_their_borders(void **state) {
    (void)state;
    in_every_mode(messages, NULL);
}

static void too_long(void) {
    int peer = peer_open();
    say(peer, MESSAGE_LEN_MAX + 1);
    say(peer, MESSAGE_LEN_MAX);
    hear(peer, MESSAGE_LEN_MAX);
    assert_int_equal(close(peer), 0);
    program_await("a message that is too long");
}

static void seqpacket_message_that_is_too_long_is_given_up(void **state) {
    (void)state;
    in_every_mode(too_long, NULL);
}

/* More than fits into both queues: the server must wait for room, and read on afterwards. */
static void deaf(void) {
    int peer = peer_open();
    int sent = 0;
    while (sent < MESSAGES_MAX && send(peer, bytes, 1000, MSG_DONTWAIT) == 1000) {
        sent++;
    }
    for (int i = 0; i < sent; i++) {
        hear(peer, 1000);
    }
    assert_int_equal(close(peer), 0);
}

static void seqpacket_slow_receiver_loses_nothing(void **state) {
    (void)state;
    in_every_mode(deaf, NULL);
}

static void leave_path_behind(void) {
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(close(fd), 0);
}

static void seqpacket_stale_path_is_taken_over(void **state) {
    (void)state;
    leave_path_behind();
    in_every_mode(messages, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seqpacket_messages_come_back_in_their_borders),
        cmocka_unit_test(seqpacket_message_that_is_too_long_is_given_up),
        cmocka_unit_test(seqpacket_slow_receiver_loses_nothing),
        cmocka_unit_test(seqpacket_stale_path_is_taken_over),
    };
    return cmocka_run_group_tests(tests, make_path, NULL);
}
