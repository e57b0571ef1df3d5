/* ping_pong and multi_echo on Unix sockets of the real system, in every trigger mode. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wb/examples.h"
#include "wb/sys_linux.h"

#include "peer.h"
#include "program.h"

static char path[64];      /* for peers */
static char listen_on[80]; /* for programs */

static int make_path(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/wouldblock-stream-%d", (int)getpid());
    (void)snprintf(listen_on, sizeof listen_on, "unix:%s", path);
    return 0;
}

typedef void (*case_fn)(void);

/* Each case runs once for every trigger, against a fresh server; the path is gone with it. */
static void in_every_mode(const char *program, case_fn run, const struct program_faults *faults) {
    struct stat status;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        program_start_on(program, with_trigger(triggers[i], NULL, NULL), faults, listen_on);
        assert_non_null(strstr(program_output(), listen_on));
        run();
        program_stop();
        assert_int_equal(stat(path, &status), -1);
    }
}

static void lines(void) {
    int peer = peer_connect_unix(path);
    int other = peer_connect_unix(path);
    peer_say(peer, "hello\nworld\nre");
    peer_hear(peer, "hello\nworld\n");
    peer_say(other, "other\n");
    peer_hear(other, "other\n");
    peer_say(peer, "st");
    peer_half_close(peer);
    peer_hear(peer, "rest");
    peer_expect_end(peer);
    peer_close(other);
}

static void unix_stream_lines_come_back(void **state) {
    (void)state;
    const struct program_faults pieces = {.piece_max = 3};
    in_every_mode("ping_pong", lines, NULL);
    in_every_mode("ping_pong", lines, &pieces);
}

/* More than the socket's buffers hold: a peer that reads late loses nothing. */
static void slow_reader(void) {
    enum { LINES = 64, LINE_LEN = 8 * 1024 };
    static char line[LINE_LEN];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    int peer = peer_connect_unix(path);
    for (int i = 0; i < LINES; i += 8) {
        for (int k = 0; k < 8; k++) {
            peer_send(peer, line, sizeof line);
        }
        for (int k = 0; k < 8; k++) {
            peer_expect(peer, line, sizeof line);
        }
    }
    peer_close(peer);
}

static void unix_stream_long_lines_come_back(void **state) {
    (void)state;
    in_every_mode("ping_pong", slow_reader, NULL);
}

/* It closes without reading its answer: the server's next read or write fails, and the others go
 * on.
 */
static void unread(void) {
    int rude = peer_connect_unix(path);
    peer_say(rude, "one\n");
    peer_say(rude, "two\n");
    char byte;
    peer_read(rude, &byte, 1); /* the answers are there */
    assert_int_equal(close(rude), 0);
    lines();
}

static void unix_stream_peer_that_leaves_bytes_unread_ends_alone(void **state) {
    (void)state;
    in_every_mode("ping_pong", unread, NULL);
}

static void broadcast(void) {
    int first = peer_connect_unix(path);
    peer_say(first, "a");
    peer_hear(first, "a");
    int second = peer_connect_unix(path);
    peer_say(second, "b");
    peer_hear(second, "b");
    peer_hear(first, "b");
    peer_close(first);
    peer_close(second);
}

static void unix_stream_members_hear_each_other(void **state) {
    (void)state;
    in_every_mode("multi_echo", broadcast, NULL);
    program_start_on("multi_echo", with_trigger(NULL, "--verbose", NULL), NULL, listen_on);
    int peer = peer_connect_unix(path);
    program_await("client 2 is an unnamed socket");
    peer_close(peer);
    program_stop();
}

static void unix_stream_abstract_name_is_gone_with_its_server(void **state) {
    (void)state;
    char name[80];
    (void)snprintf(name, sizeof name, "unix:@wouldblock-%d", (int)getpid());
    for (int i = 0; i < 2; i++) {
        program_start_on("ping_pong", with_trigger(NULL, NULL, NULL), NULL, name);
        int peer = peer_connect_unix(name + strlen("unix:"));
        peer_say(peer, "x\n");
        peer_hear(peer, "x\n");
        peer_close(peer);
        program_stop();
    }
}

/* What a killed server leaves behind: a path that nobody listens at. */
static void leave_path_behind(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(close(fd), 0);
}

static void unix_stream_stale_path_is_taken_over(void **state) {
    (void)state;
    leave_path_behind();
    in_every_mode("ping_pong", lines, NULL);
}

/* One at which somebody listens, though he accepts nobody and his queue is full, is not. */
static void unix_stream_path_in_use_is_left_alone(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", listen_on, NULL};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 0), 0);
    int waiting = peer_connect_unix(path);
    assert_int_equal(program_run("ping_pong", arguments, NULL), 1);
    assert_non_null(strstr(program_output(), "address already in use"));
    peer_close(waiting);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
}

static void unix_stream_accept_once_is_for_tcp(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", listen_on, "--accept-once", NULL};
    assert_int_equal(program_run("ping_pong", arguments, NULL), 2);
    assert_non_null(strstr(program_output(), "expected HOST:PORT"));
}

/* Nobody listens at a file that is no socket, either; but it was not left behind by a server. */
static void unix_stream_path_of_another_file_is_left_alone(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", listen_on, NULL};
    struct stat status;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(program_run("ping_pong", arguments, NULL), 1);
    assert_non_null(strstr(program_output(), "address already in use"));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(unlink(path), 0);
}

/* The client runs in the test's own thread, while the server runs as the one program. */
static int run_client(const char *name, const char *trigger) {
    char *argv[] = {
        (char *)(uintptr_t)name, listen_on, "--trigger", (char *)(uintptr_t)trigger, NULL};
    return wb_example_find(name)->main(wb_sys_linux(), 4, argv);
}

static void unix_stream_clients_find_their_server(void **state) {
    (void)state;
    static const char *const servers[] = {"ping_pong", "multi_echo"};
    static const char *const clients[] = {"ping_pong_client", "multi_echo_client"};
    for (size_t i = 0; i < 2; i++) {
        program_start_on(servers[i], NULL, NULL, listen_on);
        for (size_t k = 1; k < TRIGGERS_COUNT; k++) {
            assert_int_equal(run_client(clients[i], triggers[k]), 0);
        }
        program_stop();
    }
    assert_int_equal(run_client("ping_pong_client", "edge"), 1); /* there is no such path */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_stream_lines_come_back),
        cmocka_unit_test(unix_stream_long_lines_come_back),
        cmocka_unit_test(unix_stream_peer_that_leaves_bytes_unread_ends_alone),
        cmocka_unit_test(unix_stream_members_hear_each_other),
        cmocka_unit_test(unix_stream_abstract_name_is_gone_with_its_server),
        cmocka_unit_test(unix_stream_stale_path_is_taken_over),
        cmocka_unit_test(unix_stream_path_in_use_is_left_alone),
        cmocka_unit_test(unix_stream_accept_once_is_for_tcp),
        cmocka_unit_test(unix_stream_path_of_another_file_is_left_alone),
        cmocka_unit_test(unix_stream_clients_find_their_server),
    };
    return cmocka_run_group_tests(tests, make_path, NULL);
}
