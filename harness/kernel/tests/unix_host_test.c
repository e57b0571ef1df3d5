/* Unix sockets and hosts: whose names they are, whose buffers; and the neighbours that speak to
 * them from outside, as other processes of a host. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { STREAM = WB_SOCK_STREAM, SEQPACKET = WB_SOCK_SEQPACKET, DGRAM = WB_SOCK_DGRAM };
enum { HERE = 1, ELSEWHERE = 0 }; /* hosts */

struct world {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    unsigned changes; /* of neighbours */
    unsigned incoming;
};

static struct world world;

static void count_change(void *user_data, struct sim_unix *socket) {
    (void)user_data;
    (void)socket;
    world.changes++;
}

/* The program is on a host of its own. */
static void begin(const struct sim_config *config) {
    const struct wb_sockaddr address = {.in = {.family = WB_AF_INET, .addr = {10, 0, 0, 1}}};
    sim_kernel_reset(world.kernel, config);
    assert_int_equal(sim_host_add(world.kernel, "here", &address, 1), HERE);
    sim_process_place(world.kernel, 0, HERE);
    world.changes = 0;
    world.incoming = 0;
}

static int setup(void **state) {
    static const struct sim_config config;
    (void)state;
    world.kernel = sim_kernel_new();
    assert_non_null(world.kernel);
    world.sys = wb_sim_sys(world.kernel);
    begin(&config);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    sim_kernel_destroy(world.kernel);
    return 0;
}

/* A path, or @ and an abstract name. */
static uint32_t name_of(const char *name, struct wb_sockaddr *out) {
    const uint32_t path_at = offsetof(struct wb_sockaddr_un, path);
    *out = (struct wb_sockaddr){.family = WB_AF_UNIX};
    memcpy(out->un.path, name, strlen(name));
    if (name[0] == '@') {
        out->un.path[0] = '\0';
        return path_at + (uint32_t)strlen(name);
    }
    return path_at + (uint32_t)strlen(name) + 1;
}

static int program_socket(int type) {
    int fd = WB_SYS(world.sys, socket, WB_AF_UNIX, type | WB_SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    return fd;
}

static int program_bind(int type, const char *name) {
    struct wb_sockaddr addr;
    uint32_t len = name_of(name, &addr);
    int fd = program_socket(type);
    assert_int_equal(WB_SYS(world.sys, bind, fd, &addr, len), 0);
    return fd;
}

static int program_listen(int type, const char *name, int backlog) {
    int fd = program_bind(type, name);
    assert_int_equal(WB_SYS(world.sys, listen, fd, backlog), 0);
    return fd;
}

static int program_accept(int listener) {
    return WB_SYS(world.sys, accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK);
}

static struct sim_unix *neighbour_on(unsigned host, int type) {
    return sim_unix_new(world.kernel, WBH_SUBJECT(2, 0), host, type, count_change, NULL);
}

static int neighbour_connect(struct sim_unix *socket, const char *name) {
    struct wb_sockaddr addr;
    uint32_t len = name_of(name, &addr);
    return sim_unix_connect(socket, &addr, len);
}

static void let_time_pass(void) {
    struct wb_pollfd none;
    (void)WB_SYS(world.sys, poll, &none, 0, 1000);
}

/* ---- names ---- */

static void names_are_of_a_host(void **state) {
    (void)state;
    (void)program_listen(STREAM, "/run/s", 4);
    (void)program_listen(STREAM, "@s", 4);
    assert_int_equal(neighbour_connect(neighbour_on(ELSEWHERE, STREAM), "/run/s"), -ENOENT);
    assert_int_equal(neighbour_connect(neighbour_on(ELSEWHERE, STREAM), "@s"), -ECONNREFUSED);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "/run/s"), 0);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "@s"), 0);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "/run/s/x"), -ENOTDIR);
    assert_int_equal(neighbour_connect(neighbour_on(ELSEWHERE, STREAM), "/run/s/x"), -ENOENT);
}

static void each_host_may_bind_the_same_name(void **state) {
    (void)state;
    struct wb_sockaddr addr;
    uint32_t len = name_of("/run/s", &addr);
    assert_int_equal(sim_unix_bind(neighbour_on(ELSEWHERE, DGRAM), &addr, len), 0);
    assert_int_equal(sim_unix_bind(neighbour_on(ELSEWHERE, DGRAM), &addr, len), -EADDRINUSE);
    assert_int_equal(sim_unix_bind(neighbour_on(HERE, DGRAM), &addr, len), 0);
    /* What the program unlinks is its own host's. */
    assert_int_equal(WB_SYS(world.sys, unlink, "/run/s"), 0);
    assert_int_equal(WB_SYS(world.sys, unlink, "/run/s"), -ENOENT);
    (void)program_bind(DGRAM, "/run/s");
    assert_int_equal(sim_unix_bind(neighbour_on(ELSEWHERE, DGRAM), &addr, len), -EADDRINUSE);
}

static void path_stays_when_its_socket_is_closed(void **state) {
    (void)state;
    int listener = program_listen(STREAM, "/run/s", 4);
    assert_int_equal(WB_SYS(world.sys, close, listener), 0);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "/run/s"), -ECONNREFUSED);
    struct wb_sockaddr addr;
    uint32_t len = name_of("/run/s", &addr);
    assert_int_equal(WB_SYS(world.sys, bind, program_socket(STREAM), &addr, len), -EADDRINUSE);
}

/* ---- buffers ---- */

static int buffer_of(int fd, int name) {
    int value = 0;
    uint32_t len = sizeof(value);
    assert_int_equal(WB_SYS(world.sys, getsockopt, fd, WB_SOL_SOCKET, name, &value, &len), 0);
    return value;
}

static void assert_buffers(int send_size, int recv_size) {
    const int types[] = {STREAM, SEQPACKET, DGRAM};
    for (size_t i = 0; i < 3; i++) {
        int fd = program_socket(types[i]);
        assert_int_equal(buffer_of(fd, WB_SO_SNDBUF), send_size);
        assert_int_equal(buffer_of(fd, WB_SO_RCVBUF), recv_size);
    }
}

static void buffers_are_as_the_run_and_the_process_have_them(void **state) {
    (void)state;
    assert_buffers(212992, 212992);
    begin(&(struct sim_config){.send_buffer_size = 10000, .recv_buffer_size = 20000});
    assert_buffers(10000, 20000);
    sim_process_limit(
        world.kernel, 0, &(struct sim_limits){.send_buffer_size = 30000, .recv_buffer_size = 1});
    assert_buffers(30000, 1);
    begin(&(struct sim_config){.send_buffer_size = 1});
    assert_buffers(4608, 212992);
    /* A neighbour's are its own: ten messages of this length would not fit into 4608. */
    int fd = program_bind(DGRAM, "@d");
    struct sim_unix *neighbour = neighbour_on(HERE, DGRAM);
    static const char message[4000];
    assert_int_equal(neighbour_connect(neighbour, "@d"), 0);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(sim_unix_send(neighbour, NULL, 0, message, sizeof(message)), 4000);
    }
    char buf[8];
    assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), WB_MSG_TRUNC), 4000);
}

/* ---- neighbours ---- */

static void neighbour_is_a_process_of_its_own(void **state) {
    (void)state;
    int listener = program_listen(SEQPACKET, "@s", 4);
    struct sim_unix *neighbour = neighbour_on(HERE, SEQPACKET);
    assert_int_equal(neighbour_connect(neighbour, "@s"), 0);
    int fd = program_accept(listener);
    struct wb_ucred other;
    struct wb_ucred own;
    uint32_t len = sizeof(other);
    int pair[2];
    assert_int_equal(
        WB_SYS(world.sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_PEERCRED, &other, &len), 0);
    assert_int_equal(WB_SYS(world.sys, socketpair, WB_AF_UNIX, STREAM, 0, pair), 0);
    assert_int_equal(
        WB_SYS(world.sys, getsockopt, pair[0], WB_SOL_SOCKET, WB_SO_PEERCRED, &own, &len), 0);
    assert_int_not_equal(other.pid, own.pid);
    assert_int_equal(other.uid, own.uid);
    assert_int_equal(other.gid, own.gid);
}

static void neighbour_is_told_when_the_queue_has_room(void **state) {
    (void)state;
    int listener = program_listen(STREAM, "/run/s", 0);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "/run/s"), 0);
    struct sim_unix *second = neighbour_on(HERE, STREAM);
    assert_int_equal(neighbour_connect(second, "/run/s"), -EAGAIN);
    let_time_pass();
    assert_int_equal(world.changes, 0);
    assert_true(program_accept(listener) >= 0);
    let_time_pass();
    assert_int_equal(world.changes, 1);
    assert_int_equal(neighbour_connect(second, "/run/s"), 0);
    /* One that waits is told, too, when there will never be room. */
    struct sim_unix *third = neighbour_on(HERE, STREAM);
    assert_int_equal(neighbour_connect(third, "/run/s"), -EAGAIN);
    assert_int_equal(WB_SYS(world.sys, close, listener), 0);
    world.changes = 0;
    let_time_pass();
    assert_true(world.changes >= 1);
    assert_int_equal(neighbour_connect(third, "/run/s"), -ECONNREFUSED);
}

static void bytes_left_unread_reset_the_other_end(void **state) {
    (void)state;
    int listener = program_listen(STREAM, "/run/s", 4);
    char buf[8];
    struct sim_unix *neighbour = neighbour_on(HERE, STREAM);
    assert_int_equal(neighbour_connect(neighbour, "/run/s"), 0);
    int fd = program_accept(listener);
    assert_int_equal(WB_SYS(world.sys, send, fd, "abc", 3, 0), 3);
    sim_unix_close(neighbour);
    sim_unix_close(neighbour);
    assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), 0), -ECONNRESET);
    assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), 0), 0);
    neighbour = neighbour_on(HERE, STREAM);
    assert_int_equal(neighbour_connect(neighbour, "/run/s"), 0);
    fd = program_accept(listener);
    assert_int_equal(sim_unix_send(neighbour, NULL, 0, "abc", 3), 3);
    assert_int_equal(WB_SYS(world.sys, send, fd, "last", 4, 0), 4);
    assert_int_equal(WB_SYS(world.sys, close, fd), 0);
    assert_false(sim_unix_is_at_end(neighbour));
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), 4);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), -ECONNRESET);
    assert_true(sim_unix_is_at_end(neighbour));
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), 0);
}

/* The end of a connection is told apart from an empty message. */
static void neighbour_sees_messages_and_their_senders(void **state) {
    (void)state;
    char buf[8];
    struct wb_sockaddr from;
    uint32_t from_len = 99;
    int listener = program_listen(SEQPACKET, "@s", 4);
    struct sim_unix *neighbour = neighbour_on(HERE, SEQPACKET);
    assert_int_equal(neighbour_connect(neighbour, "@s"), 0);
    int fd = program_accept(listener);
    assert_int_equal(WB_SYS(world.sys, send, fd, "", 0, 0), 0);
    assert_int_equal(WB_SYS(world.sys, send, fd, "longer than that", 16, 0), 16);
    assert_int_equal(WB_SYS(world.sys, shutdown, fd, WB_SHUT_WR), 0);
    assert_false(sim_unix_is_at_end(neighbour));
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), 0);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), 16);
    assert_memory_equal(buf, "longer t", 8);
    assert_true(sim_unix_is_at_end(neighbour));
    fd = program_bind(DGRAM, "/run/d");
    neighbour = neighbour_on(HERE, DGRAM);
    struct wb_sockaddr addr;
    uint32_t len = name_of("@n", &addr);
    assert_int_equal(sim_unix_bind(neighbour, &addr, len), 0);
    assert_int_equal(WB_SYS(world.sys, connect, fd, &addr, len), 0);
    assert_int_equal(WB_SYS(world.sys, send, fd, "x", 1, 0), 1);
    assert_int_equal(WB_SYS(world.sys, send, fd, "y", 1, 0), 1);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), &from, &from_len), 1);
    len = name_of("/run/d", &addr);
    assert_int_equal(from_len, len);
    assert_memory_equal(&from, &addr, len);
    assert_int_equal(sim_unix_send(neighbour, &from, from_len, "z", 1), 1);
    assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), 0), 1);
    assert_memory_equal(buf, "z", 1);
    fd = program_socket(DGRAM); /* without a name */
    len = name_of("@n", &addr);
    assert_int_equal(WB_SYS(world.sys, connect, fd, &addr, len), 0);
    assert_int_equal(WB_SYS(world.sys, send, fd, "w", 1, 0), 1);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), NULL, NULL), 1);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), &from, &from_len), 1);
    assert_int_equal(from_len, 0);
    assert_int_equal(sim_unix_recv(neighbour, buf, sizeof(buf), &from, &from_len), -EAGAIN);
}

/* A datagram of a neighbour's is looked at from outside as its own, of a program's as the socket's.
 */
static void see_datagrams(void *user_data, const struct sim_datagram_info *info) {
    struct sim_datagram_info *seen = user_data;
    if (info->unread_count != 0) {
        *seen = *info;
    }
}

static void unread_datagrams_are_seen_from_outside(void **state) {
    (void)state;
    struct sim_datagram_info seen = {0};
    int fd = program_bind(DGRAM, "/run/d");
    struct sim_unix *neighbour = neighbour_on(HERE, DGRAM);
    assert_int_equal(neighbour_connect(neighbour, "/run/d"), 0);
    assert_int_equal(sim_unix_send(neighbour, NULL, 0, "abc", 3), 3);
    assert_int_equal(sim_unix_send(neighbour, NULL, 0, "", 0), 0);
    sim_each_datagram(world.kernel, 0, see_datagrams, &seen);
    assert_int_equal(seen.fd, fd);
    assert_int_equal(seen.subject, WBH_SUBJECT(2, 0));
    assert_int_equal(seen.unread_count, 2);
    assert_int_equal(seen.unread_len, 3);
    assert_true((seen.state & WB_EPOLLIN) != 0);
}

/* ---- neighbours that listen ---- */

static uint32_t name_incoming(void *user_data, struct sim_unix *listener) {
    (void)user_data;
    (void)listener;
    return WBH_SUBJECT(5, world.incoming++);
}

static struct sim_unix *neighbour_listen(unsigned host, int type, const char *name, int backlog) {
    struct wb_sockaddr addr;
    uint32_t len = name_of(name, &addr);
    struct sim_unix *listener =
        sim_unix_new(world.kernel, WBH_SUBJECT_NONE, host, type, count_change, NULL);
    assert_int_equal(sim_unix_bind(listener, &addr, len), 0);
    assert_int_equal(sim_unix_listen(listener, backlog), 0);
    return listener;
}

static int program_connect(int fd, const char *name) {
    struct wb_sockaddr addr;
    uint32_t len = name_of(name, &addr);
    return WB_SYS(world.sys, connect, fd, &addr, len);
}

static void neighbour_that_listens_takes_programs_of_its_host(void **state) {
    (void)state;
    begin(&(struct sim_config){.on_incoming_unix = name_incoming});
    static const int types[] = {STREAM, SEQPACKET};
    static const char *const names[] = {"/far/away/s", "@s"};
    for (size_t i = 0; i < 2; i++) {
        world.changes = 0;
        struct sim_unix *listener = neighbour_listen(HERE, types[i], names[i], 4);
        (void)neighbour_listen(ELSEWHERE, types[i], names[i], 4);
        int fd = program_socket(types[i]);
        assert_int_equal(program_connect(fd, names[i]), 0);
        assert_int_equal(WB_SYS(world.sys, send, fd, "abc", 3, WB_MSG_NOSIGNAL), 3);
        let_time_pass();
        assert_int_equal(world.changes, 1);
        struct sim_unix *accepted = sim_unix_accept(listener);
        assert_int_equal(sim_unix_subject(accepted), WBH_SUBJECT(5, i));
        assert_int_equal(sim_unix_type(accepted), types[i]);
        assert_null(sim_unix_accept(listener));
        char buf[8];
        assert_int_equal(sim_unix_recv(accepted, buf, sizeof(buf), NULL, NULL), 3);
        assert_int_equal(sim_unix_send(accepted, NULL, 0, "de", 2), 2);
        assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), 0), 2);
        sim_unix_close(accepted);
        assert_int_equal(WB_SYS(world.sys, recv, fd, buf, sizeof(buf), 0), 0);
    }
}

/* One more than the backlog may wait. Whoever blocks gets in when there is room. */
static void neighbours_queue_is_as_long_as_it_says(void **state) {
    (void)state;
    struct sim_unix *listener = neighbour_listen(HERE, STREAM, "@s", 0);
    assert_int_equal(program_connect(program_socket(STREAM), "@s"), 0);
    int second = program_socket(STREAM);
    assert_int_equal(program_connect(second, "@s"), -EAGAIN);
    assert_int_equal(neighbour_connect(neighbour_on(HERE, STREAM), "@s"), -ECONNREFUSED);
    assert_non_null(sim_unix_accept(listener));
    assert_int_equal(program_connect(second, "@s"), 0);
    /* What still waits when the listener goes is reset. */
    sim_unix_close(listener);
    char buf[8];
    assert_int_equal(WB_SYS(world.sys, recv, second, buf, sizeof(buf), 0), -ECONNRESET);
    assert_int_equal(program_connect(program_socket(STREAM), "@s"), -ECONNREFUSED);
}

static void program_sees_who_the_neighbour_is_that_took_it(void **state) {
    (void)state;
    begin(&(struct sim_config){.on_incoming_unix = name_incoming});
    (void)neighbour_listen(HERE, STREAM, "@s", 4);
    int fd = program_socket(STREAM);
    struct wb_ucred other;
    uint32_t len = sizeof(other);
    assert_int_equal(program_connect(fd, "@s"), 0);
    assert_int_equal(
        WB_SYS(world.sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_PEERCRED, &other, &len), 0);
    assert_int_equal(other.pid, 1000 + SIM_PROCESSES_MAX + 5);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(names_are_of_a_host),
        CASE(each_host_may_bind_the_same_name),
        CASE(path_stays_when_its_socket_is_closed),
        CASE(buffers_are_as_the_run_and_the_process_have_them),
        CASE(neighbour_is_a_process_of_its_own),
        CASE(neighbour_is_told_when_the_queue_has_room),
        CASE(bytes_left_unread_reset_the_other_end),
        CASE(neighbour_sees_messages_and_their_senders),
        CASE(unread_datagrams_are_seen_from_outside),
        CASE(neighbour_that_listens_takes_programs_of_its_host),
        CASE(neighbours_queue_is_as_long_as_it_says),
        CASE(program_sees_who_the_neighbour_is_that_took_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
