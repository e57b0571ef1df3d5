/* unix_datagram on real sockets, in every trigger mode: P10.1 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

enum { TIMEOUT_S = 10 };

static char path[64];

static int make_path(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/wouldblock-example-%d", (int)getpid());
    return 0;
}

typedef void (*case_fn)(void);

/* Each case runs once for every trigger, against a fresh server; the path is gone with it. */
static void in_every_mode(case_fn run, const struct program_faults *faults) {
    struct stat status;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        program_start_on("unix_datagram", with_trigger(triggers[i], NULL, NULL), faults, path);
        assert_non_null(strstr(program_output(), path));
        run();
        program_stop();
        assert_int_equal(stat(path, &status), -1);
    }
}

/* A blocking socket connected to the server; bound, so that it can be answered, or not. */
static int peer_open(int is_named) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (is_named) {
        assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr.sun_family), 0);
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

static void peer_say(int fd, const void *data, size_t len) {
    assert_int_equal(send(fd, data, len, 0), len);
}

static void peer_hear(int fd, const void *data, size_t len) {
    static char buf[1 << 17];
    assert_int_equal(recv(fd, buf, sizeof buf, 0), len);
    assert_memory_equal(buf, data, len);
}

/* P10.1 */
static void boundaries(void) {
    int first = peer_open(1);
    int second = peer_open(1);
    for (int round = 0; round < 3; round++) {
        peer_say(first, "one", 3);
        peer_say(second, "other", 5);
        peer_say(first, "", 0);
        peer_say(first, "\0\n\xff", 3);
        peer_hear(first, "one", 3);
        peer_hear(first, "", 0);
        peer_hear(first, "\0\n\xff", 3);
        peer_hear(second, "other", 5);
    }
    assert_int_equal(close(first), 0);
    assert_int_equal(close(second), 0);
}

static void unix_datagram_bytes_and_boundaries_are_kept(void **state) {
    (void)state;
    in_every_mode(boundaries, NULL);
}

/* One that has no name is heard, and not answered; one that is gone is not waited for. */
static void nameless_and_gone(void) {
    int nameless = peer_open(0);
    int gone = peer_open(1);
    peer_say(nameless, "who", 3);
    peer_say(gone, "bye", 3);
    assert_int_equal(close(gone), 0);
    int peer = peer_open(1);
    peer_say(peer, "here", 4);
    peer_hear(peer, "here", 4);
    char byte;
    assert_int_equal(recv(nameless, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(close(nameless), 0);
    assert_int_equal(close(peer), 0);
}

static void unix_datagram_sender_without_name_is_not_answered(void **state) {
    (void)state;
    in_every_mode(nameless_and_gone, NULL);
}

/* More than all queues hold: the sender reads late, and nothing is lost. */
static void slow(void) {
    enum { BURST = 8, BURSTS = 4 };
    int peer = peer_open(1);
    for (int i = 0; i < BURST * BURSTS; i++) {
        /* The queue of the server is emptied into ours, and then no further. */
        char number = (char)i;
        if (i >= BURST) {
            char expected = (char)(i - BURST);
            peer_hear(peer, &expected, 1);
        }
        peer_say(peer, &number, 1);
    }
    for (int i = BURST * (BURSTS - 1); i < BURST * BURSTS; i++) {
        char expected = (char)i;
        peer_hear(peer, &expected, 1);
    }
    assert_int_equal(close(peer), 0);
}

static void unix_datagram_slow_receiver_loses_nothing(void **state) {
    (void)state;
    in_every_mode(slow, NULL);
}

/* Its queue full, it is waited for without spinning, and then given up; the others go on. */
static void unix_datagram_receiver_that_never_reads_is_given_up(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        program_start_on("unix_datagram", with_trigger(triggers[i], NULL, NULL), NULL, path);
        int deaf = peer_open(1);
        struct timeval timeout = {.tv_usec = 100000};
        assert_int_equal(setsockopt(deaf, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), 0);
        while (send(deaf, "x", 1, 0) == 1) { /* fills the server's buffer as well */
        }
        program_await("a reply that nobody received");
        assert_int_equal(close(deaf), 0); /* the rest of its replies is refused */
        int peer = peer_open(1);
        peer_say(peer, "here", 4);
        peer_hear(peer, "here", 4);
        assert_int_equal(close(peer), 0);
        program_stop();
        assert_in_range(program_waits(), 10, 1000); /* two for each of 200 attempts */
    }
}

/* One that is not connected has a queue of its own that fills, and leaves much more to answer than
 * the others would wait for. */
static void unix_datagram_deaf_sender_stops_nobody_for_long(void **state) {
    (void)state;
    program_start_on("unix_datagram", with_trigger(NULL, NULL, NULL), NULL, path);
    int deaf = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_usec = 200000};
    assert_int_equal(bind(deaf, (struct sockaddr *)&addr, sizeof addr.sun_family), 0);
    assert_int_equal(setsockopt(deaf, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), 0);
    memcpy(addr.sun_path, path, strlen(path) + 1);
    while (sendto(deaf, "x", 1, 0, (struct sockaddr *)&addr, sizeof addr) == 1) {
    }
    int peer = peer_open(1);
    peer_say(peer, "here", 4);
    peer_hear(peer, "here", 4);
    assert_int_equal(close(peer), 0);
    assert_int_equal(close(deaf), 0);
    program_stop();
}

/* Longer than the server takes: dropped, and said. */
static void too_long(void) {
    static char data[(1 << 16) + 1];
    int peer = peer_open(1);
    peer_say(peer, data, sizeof data);
    peer_say(peer, data, sizeof data - 1);
    peer_hear(peer, data, sizeof data - 1);
    assert_int_equal(close(peer), 0);
    program_await("a datagram that is too long");
}

static void unix_datagram_longest_comes_back_and_longer_is_dropped(void **state) {
    (void)state;
    in_every_mode(too_long, NULL);
}

static void unix_datagram_stale_path_is_taken_over(void **state) {
    (void)state;
    int left = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(left, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(close(left), 0);
    in_every_mode(too_long, NULL);
}

/* One at which somebody receives is his. */
static void unix_datagram_path_in_use_is_left_alone(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", path, NULL};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(program_run("unix_datagram", arguments, NULL), 1);
    assert_non_null(strstr(program_output(), "address already in use"));
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

/* ---- sending ---- */

static void unix_datagram_sends_and_gets_everything_back(void **state) {
    (void)state;
    pid_t server = fork();
    if (server == 0) {
        execl(WB_UNIX_DATAGRAM, "unix_datagram", "--listen", path, (char *)NULL);
        _exit(127);
    }
    struct stat status;
    while (stat(path, &status) != 0) {
        assert_int_equal(usleep(1000), 0);
    }
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        const char *const arguments[] = {"--to", path, "--message", "to and fro", "--count", "500",
            triggers[i] != NULL ? "--trigger" : NULL, triggers[i], NULL};
        assert_int_equal(program_run("unix_datagram_sender", arguments, NULL), 0);
        assert_non_null(
            strstr(program_output(), "500 of 500 messages came back, 10 bytes each: to and fro\n"));
    }
    const char *const empty[] = {"--to", path, "--message", "", NULL};
    assert_int_equal(program_run("unix_datagram_sender", empty, NULL), 0);
    int ended = 0;
    assert_int_equal(kill(server, SIGTERM), 0);
    assert_int_equal(waitpid(server, &ended, 0), server);
    assert_int_equal(ended, 0); /* exit status 0 on SIGTERM */
    assert_int_equal(stat(path, &status), -1);
    const char *const nobody[] = {"--to", path, NULL};
    assert_int_equal(program_run("unix_datagram_sender", nobody, NULL), 1);
    assert_non_null(strstr(program_output(), path)); /* to whom */
    assert_non_null(strstr(program_output(), "no such entry"));
    static char too_long[(1 << 16) + 2];
    memset(too_long, 'x', sizeof too_long - 1);
    const char *const never[] = {"--to", path, "--message", too_long, NULL};
    assert_int_equal(program_run("unix_datagram_sender", never, NULL), 2);
    assert_non_null(strstr(program_output(), "at most 65536 bytes"));
}

static void unix_datagram_answer_that_never_comes_ends_it(void **state) {
    (void)state;
    int silent = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(silent, (struct sockaddr *)&addr, sizeof addr), 0);
    const char *const arguments[] = {"--to", path, "--timeout", "1", NULL};
    assert_int_equal(program_run("unix_datagram_sender", arguments, NULL), 1);
    assert_non_null(strstr(program_output(), "timed out"));
    assert_int_equal(program_run("unix_datagram", with_trigger(NULL, "--listen", path), NULL), 1);
    assert_non_null(strstr(program_output(), "address already in use"));
    assert_int_equal(close(silent), 0);
    assert_int_equal(unlink(path), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_datagram_bytes_and_boundaries_are_kept),
        cmocka_unit_test(unix_datagram_sender_without_name_is_not_answered),
        cmocka_unit_test(unix_datagram_slow_receiver_loses_nothing),
        cmocka_unit_test(unix_datagram_receiver_that_never_reads_is_given_up),
        cmocka_unit_test(unix_datagram_deaf_sender_stops_nobody_for_long),
        cmocka_unit_test(unix_datagram_stale_path_is_taken_over),
        cmocka_unit_test(unix_datagram_path_in_use_is_left_alone),
        cmocka_unit_test(unix_datagram_longest_comes_back_and_longer_is_dropped),
        cmocka_unit_test(unix_datagram_sends_and_gets_everything_back),
        cmocka_unit_test(unix_datagram_answer_that_never_comes_ends_it),
    };
    return cmocka_run_group_tests(tests, make_path, NULL);
}
