/* What the contract suite cannot see of Unix sockets: injected faults, programs that sleep for each
 * other, descriptors that pass from one program to another, what oracles are told. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { STREAM = WB_SOCK_STREAM, DGRAM = WB_SOCK_DGRAM, QUEUE_MAX = 11 };
#define LOCAL(end) (WBH_SUBJECT_LOCAL | (uint32_t)(end))

static struct sim_kernel *kernel_with(struct one_choice *source, enum wbh_legality legality) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {
        .source = source != NULL ? &source->base : NULL, .legality_max = legality};
    sim_kernel_reset(kernel, &config);
    return kernel;
}

/* A connected pair: `client` has an even subject, `server` the odd one after it. */
static void unix_pair_open(struct pair *pair, struct sim_kernel *kernel, int type) {
    int fds[2];
    memset(pair, 0, sizeof(*pair));
    pair->sys = wb_sim_sys(kernel);
    assert_int_equal(WB_SYS(pair->sys, socketpair, WB_AF_UNIX, type | WB_SOCK_NONBLOCK, 0, fds), 0);
    pair->client = fds[0];
    pair->server = fds[1];
    pair->epfd = WB_SYS(pair->sys, epoll_create1, 0);
    assert_true(pair->epfd >= 0);
}

static int64_t put(const struct pair *pair, int fd, const char *text) {
    return WB_SYS(pair->sys, send, fd, text, strlen(text), WB_MSG_NOSIGNAL);
}

static int64_t get(const struct pair *pair, int fd, char *buf, size_t len) {
    return WB_SYS(pair->sys, recv, fd, buf, len, 0);
}

static void assert_reads(const struct pair *pair, int fd, const char *expected) {
    char buf[64];
    size_t len = strlen(expected);
    assert_int_equal(get(pair, fd, buf, sizeof(buf)), len);
    assert_memory_equal(buf, expected, len);
}

static struct wb_sockaddr path_of(const char *path) {
    struct wb_sockaddr addr = {.family = WB_AF_UNIX};
    memcpy(addr.un.path, path, strlen(path));
    return addr;
}

/* ---- faults ---- */

static void short_read_of_a_stream_leaves_the_rest_for_a_fresh_edge(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_SHORT, 4);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    unix_pair_open(&pair, kernel, STREAM);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(put(&pair, pair.client, "abc"), 3);
    assert_int_equal(put(&pair, pair.client, "def"), 3);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_reads(&pair, pair.server, "abcd");
    assert_int_equal(get(&pair, pair.server, (char[4]){0}, 4), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_reads(&pair, pair.server, "ef");
    /* One program at both ends: nothing of this is timing. */
    assert_int_equal(source.offered_kernel, 0);
    assert_int_equal(sim_faults(kernel)->consumed[WBH_POINT_RECV][WBH_ACTION_SHORT], 1);
    sim_kernel_destroy(kernel);
}

static void would_block_after_a_report_is_followed_by_another(void **state) {
    (void)state;
    const int types[] = {STREAM, DGRAM, WB_SOCK_SEQPACKET};
    for (size_t i = 0; i < 3; i++) {
        struct one_choice source;
        struct pair pair;
        one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
        struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
        unix_pair_open(&pair, kernel, types[i]);
        watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN);
        assert_int_equal(put(&pair, pair.client, "abc"), 3);
        assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
        assert_int_equal(get(&pair, pair.server, (char[4]){0}, 4), -EAGAIN);
        assert_int_equal(put(&pair, pair.client, "def"), 3); /* stays unseen, too */
        assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
        assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
        assert_reads(&pair, pair.server, types[i] == STREAM ? "abcdef" : "abc");
        sim_kernel_destroy(kernel);
    }
}

/* The end cannot be held back: whoever is told of it finds what lies before it. */
static void end_of_a_stream_ends_what_is_held_back(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_RECV, 0, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    unix_pair_open(&pair, kernel, STREAM);
    assert_int_equal(put(&pair, pair.client, "abc"), 3);
    assert_int_equal(get(&pair, pair.server, (char[4]){0}, 4), -EAGAIN);
    assert_int_equal(WB_SYS(pair.sys, close, pair.client), 0);
    assert_reads(&pair, pair.server, "abc");
    assert_int_equal(get(&pair, pair.server, (char[4]){0}, 4), 0);
    assert_int_equal(source.asked, 1);
    sim_kernel_destroy(kernel);
}

static void short_write_to_a_stream_is_taken_up_after_a_fresh_edge(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_SHORT, 2);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    unix_pair_open(&pair, kernel, STREAM);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.client, 0), WB_EPOLLOUT);
    assert_int_equal(put(&pair, pair.client, "hello"), 2);
    assert_int_equal(put(&pair, pair.client, "llo"), -EAGAIN);
    assert_reads(&pair, pair.server, "he");
    assert_int_equal(wait_bits(&pair, pair.client, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.client, WB_TIMEOUT_INFINITE), WB_EPOLLOUT);
    assert_int_equal(put(&pair, pair.client, "llo"), 3);
    assert_reads(&pair, pair.server, "llo");
    sim_kernel_destroy(kernel);
}

/* A datagram goes whole or not at all. */
static void datagrams_are_never_offered_short(void **state) {
    (void)state;
    const uint8_t points[] = {WBH_POINT_SEND, WBH_POINT_RECV};
    for (size_t i = 0; i < 2; i++) {
        struct one_choice source;
        struct pair pair;
        one_choice_init(&source, points[i], 0, WBH_ACTION_SHORT, 2);
        struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
        unix_pair_open(&pair, kernel, DGRAM);
        assert_int_equal(put(&pair, pair.client, "hello"), 5);
        assert_reads(&pair, pair.server, "hello");
        assert_int_equal(source.asked, 0);
        sim_kernel_destroy(kernel);
    }
}

static void send_may_fail_for_want_of_memory_only(void **state) {
    (void)state;
    static const struct {
        int error;
        int64_t result;
    } rows[] = {{ENOBUFS, -ENOBUFS}, {ENOMEM, -ENOMEM}, {ECONNRESET, 3}, {EPIPE, 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct one_choice source;
        struct pair pair;
        one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_ERROR, (uint64_t)rows[i].error);
        struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
        unix_pair_open(&pair, kernel, STREAM);
        assert_int_equal(put(&pair, pair.client, "abc"), rows[i].result);
        assert_int_equal(sim_faults(kernel)->unfit, rows[i].result > 0);
        assert_int_equal(put(&pair, pair.client, "def"), 3); /* the connection stands */
        sim_kernel_destroy(kernel);
    }
}

static void listen_at(struct pair *pair, struct sim_kernel *kernel, int backlog) {
    struct wb_sockaddr addr = path_of("/run/x");
    memset(pair, 0, sizeof(*pair));
    pair->sys = wb_sim_sys(kernel);
    pair->listener = WB_SYS(pair->sys, socket, WB_AF_UNIX, STREAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(pair->sys, bind, pair->listener, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(pair->sys, listen, pair->listener, backlog), 0);
    pair->epfd = WB_SYS(pair->sys, epoll_create1, 0);
}

static int connect_to(const struct pair *pair, int fd) {
    struct wb_sockaddr addr = path_of("run/./x"); /* the same place */
    return WB_SYS(pair->sys, connect, fd, &addr, sizeof(addr.un));
}

static void accept_may_block_and_gives_the_connection_later(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_ACCEPT, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    listen_at(&pair, kernel, 4);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.listener, WB_EPOLLIN | WB_EPOLLET);
    int client = WB_SYS(pair.sys, socket, WB_AF_UNIX, STREAM, 0);
    assert_int_equal(connect_to(&pair, client), 0);
    assert_int_equal(wait_bits(&pair, pair.listener, 0), WB_EPOLLIN);
    assert_int_equal(WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, 0), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.listener, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.listener, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_true(WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, 0) >= 0);
    sim_kernel_destroy(kernel);
}

static void connect_may_be_refused_once(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_CONNECT, 1, WBH_ACTION_ERROR, ECONNREFUSED);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    listen_at(&pair, kernel, 4);
    int client = WB_SYS(pair.sys, socket, WB_AF_UNIX, STREAM, 0);
    assert_int_equal(connect_to(&pair, client), -ECONNREFUSED);
    assert_int_equal(connect_to(&pair, client), 0);
    sim_kernel_destroy(kernel);
}

static void spurious_report_names_a_unix_socket(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_SPURIOUS, WB_EPOLLIN);
    source.answer.subject = LOCAL(1);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    unix_pair_open(&pair, kernel, STREAM);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLIN);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(get(&pair, pair.server, (char[4]){0}, 4), -EAGAIN);
    sim_kernel_destroy(kernel);
}

/* ---- what oracles are told ---- */

static void note_descriptor(void *user_data, int fd, const char *what, uint32_t subject) {
    char *text = user_data;
    (void)fd;
    (void)subject;
    (void)strcat(strcat(text, what), "; ");
}

static void descriptors_are_called_by_their_kinds(void **state) {
    (void)state;
    struct pair pair;
    char text[256] = "";
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    listen_at(&pair, kernel, 4);
    for (int type = 1; type <= 5; type++) {
        if (type == STREAM || type == DGRAM || type == WB_SOCK_SEQPACKET) {
            assert_true(WB_SYS(pair.sys, socket, WB_AF_UNIX, type, 0) >= 0);
        }
    }
    sim_each_descriptor(kernel, 0, note_descriptor, text);
    assert_string_equal(text, "unix listener; epoll instance; unix stream socket; "
                              "unix datagram socket; unix seqpacket socket; ");
    sim_kernel_destroy(kernel);
}

struct look {
    unsigned count;
    struct sim_connection_info infos[4];
};

static void note_connection(void *user_data, const struct sim_connection_info *info) {
    struct look *look = user_data;
    assert_true(look->count < 4);
    look->infos[look->count++] = *info;
}

static void connections_show_what_lies_in_them(void **state) {
    (void)state;
    struct pair pair;
    struct look look = {0};
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    listen_at(&pair, kernel, 4);
    int client = WB_SYS(pair.sys, socket, WB_AF_UNIX, STREAM, 0);
    assert_int_equal(connect_to(&pair, client), 0);
    assert_int_equal(put(&pair, client, "hello"), 5);
    assert_int_equal(WB_SYS(pair.sys, shutdown, client, WB_SHUT_WR), 0);
    sim_each_connection(kernel, 0, note_connection, &look);
    assert_int_equal(look.count, 2);
    const struct sim_connection_info *own = &look.infos[0];
    const struct sim_connection_info *peer = &look.infos[1];
    assert_int_equal(own->subject, LOCAL(0));
    assert_int_equal(own->fd, client);
    assert_int_equal(own->accepted, 1);
    assert_int_equal(own->sent_len, 5);
    assert_int_equal(own->peer_unread_len, 5);
    assert_int_equal(own->fin_unread, 0);
    assert_int_equal(peer->subject, LOCAL(1));
    assert_int_equal(peer->fd, -1);
    assert_int_equal(peer->accepted, 0);
    assert_int_equal(peer->unread_len, 5);
    assert_int_equal(peer->fin_unread, 1);
    sim_kernel_destroy(kernel);
}

/* Linux' own length, where no system has changed it. */
static void datagram_queue_holds_eleven(void **state) {
    (void)state;
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    struct wb_sockaddr addr = path_of("/q");
    int receiver = WB_SYS(sys, socket, WB_AF_UNIX, DGRAM, 0);
    int sender = WB_SYS(sys, socket, WB_AF_UNIX, DGRAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(sys, bind, receiver, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(sys, connect, sender, &addr, sizeof(addr.un)), 0);
    for (int i = 0; i < QUEUE_MAX; i++) {
        assert_int_equal(WB_SYS(sys, send, sender, "x", 1, 0), 1);
    }
    assert_int_equal(WB_SYS(sys, send, sender, "x", 1, 0), -EAGAIN);
    sim_kernel_destroy(kernel);
}

/* ---- two programs that sleep for each other ---- */

struct play {
    const struct wb_sys *sys;
    struct wb_sockaddr addr;
    int64_t first;  /* what the one came to */
    int64_t second; /* and the other */
    int passed;
};

static void run_both(int (*first)(void *arg), int (*second)(void *arg), struct play *play) {
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    play->sys = wb_sim_sys(kernel);
    play->addr = path_of("/run/x");
    (void)sim_process_add(kernel, first, play);
    (void)sim_process_add(kernel, second, play);
    enum sim_stop stop = sim_kernel_run_all(kernel);
    sim_kernel_destroy(kernel);
    assert_int_equal(stop, SIM_STOP_EXITED);
}

static int bound_socket(const struct play *play, int type) {
    int fd = WB_SYS(play->sys, socket, WB_AF_UNIX, type, 0);
    assert_int_equal(WB_SYS(play->sys, bind, fd, &play->addr, sizeof(play->addr.un)), 0);
    return fd;
}

static int connected_socket(const struct play *play, int type) {
    int fd = WB_SYS(play->sys, socket, WB_AF_UNIX, type, 0);
    int result = WB_SYS(play->sys, connect, fd, &play->addr, sizeof(play->addr.un));
    return result < 0 ? result : fd;
}

static void doze(const struct play *play) {
    assert_int_equal(WB_SYS(play->sys, poll, NULL, 0, 1000000), 0);
}

enum { AMOUNT = 1 << 20, BITE = 777 };

static int read_slowly(void *arg) {
    struct play *play = arg;
    static char bytes[AMOUNT];
    int listener = bound_socket(play, STREAM);
    assert_int_equal(WB_SYS(play->sys, listen, listener, 1), 0);
    int fd = WB_SYS(play->sys, accept4, listener, NULL, NULL, 0);
    assert_true(fd >= 0);
    doze(play);
    for (int64_t got = 1; got > 0;) {
        got = WB_SYS(play->sys, recv, fd, bytes, BITE, WB_MSG_WAITALL);
        play->first += got;
    }
    return 0;
}

static int write_all_at_once(void *arg) {
    struct play *play = arg;
    static char bytes[AMOUNT];
    doze(play);
    int fd = connected_socket(play, STREAM);
    assert_true(fd >= 0);
    play->second = WB_SYS(play->sys, send, fd, bytes, AMOUNT, 0);
    return 0;
}

static void blocking_write_of_a_stream_waits_until_all_is_taken(void **state) {
    (void)state;
    struct play play = {0};
    run_both(read_slowly, write_all_at_once, &play);
    assert_int_equal(play.second, AMOUNT);
    assert_int_equal(play.first, AMOUNT);
}

static int receive_after_a_while(void *arg) {
    struct play *play = arg;
    int fd = bound_socket(play, DGRAM);
    char byte;
    doze(play);
    doze(play);
    for (int i = 0; i < 2 * QUEUE_MAX; i++) {
        play->first += WB_SYS(play->sys, recv, fd, &byte, 1, 0);
    }
    return 0;
}

static int send_more_than_fits(void *arg) {
    struct play *play = arg;
    doze(play);
    int fd = connected_socket(play, DGRAM);
    for (int i = 0; i < QUEUE_MAX; i++) {
        play->second += WB_SYS(play->sys, send, fd, "x", 1, 0);
    }
    int named = WB_SYS(play->sys, socket, WB_AF_UNIX, DGRAM, 0);
    struct wb_iovec iov = {(char[]){'x'}, 1};
    struct wb_msghdr msg = {
        .name = &play->addr, .name_len = sizeof(play->addr.un), .iov = &iov, .iov_len = 1};
    for (int i = 0; i < QUEUE_MAX; i++) {
        play->second += WB_SYS(play->sys, sendmsg, named, &msg, 0);
    }
    return 0;
}

static void blocking_datagram_waits_for_the_receivers_queue(void **state) {
    (void)state;
    struct play play = {0};
    run_both(receive_after_a_while, send_more_than_fits, &play);
    assert_int_equal(play.second, 2 * QUEUE_MAX);
    assert_int_equal(play.first, 2 * QUEUE_MAX);
}

static int accept_after_a_while(void *arg) {
    struct play *play = arg;
    int listener = bound_socket(play, STREAM);
    assert_int_equal(WB_SYS(play->sys, listen, listener, 0), 0);
    doze(play);
    doze(play);
    for (int i = 0; i < 3; i++) {
        play->first += WB_SYS(play->sys, accept4, listener, NULL, NULL, 0) >= 0;
    }
    return 0;
}

static int connect_three_times(void *arg) {
    struct play *play = arg;
    doze(play);
    for (int i = 0; i < 3; i++) {
        play->second += connected_socket(play, STREAM) >= 0;
    }
    return 0;
}

static void blocking_connect_waits_for_the_listeners_queue(void **state) {
    (void)state;
    struct play play = {0};
    run_both(accept_after_a_while, connect_three_times, &play);
    assert_int_equal(play.first, 3);
    assert_int_equal(play.second, 3);
}

static int refuse_after_a_while(void *arg) {
    struct play *play = arg;
    int listener = bound_socket(play, STREAM);
    assert_int_equal(WB_SYS(play->sys, listen, listener, 0), 0);
    doze(play);
    doze(play);
    return 0; /* which closes the listener */
}

static int connect_twice(void *arg) {
    struct play *play = arg;
    doze(play);
    play->first = connected_socket(play, STREAM) >= 0;
    play->second = connected_socket(play, STREAM);
    return 0;
}

static void blocking_connect_is_refused_when_the_listener_goes(void **state) {
    (void)state;
    struct play play = {0};
    run_both(refuse_after_a_while, connect_twice, &play);
    assert_int_equal(play.first, 1);
    assert_int_equal(play.second, -ECONNREFUSED);
}

/* ---- descriptors from one program to another ---- */

union control {
    struct wb_cmsghdr header;
    uint8_t bytes[WB_CMSG_SPACE(sizeof(int))];
};

static int give_away(void *arg) {
    struct play *play = arg;
    int listener = bound_socket(play, STREAM);
    int fds[2];
    assert_int_equal(WB_SYS(play->sys, listen, listener, 1), 0);
    int fd = WB_SYS(play->sys, accept4, listener, NULL, NULL, 0);
    assert_int_equal(WB_SYS(play->sys, socketpair, WB_AF_UNIX, STREAM, 0, fds), 0);
    union control control = {.bytes = {0}};
    control.header = (struct wb_cmsghdr){WB_CMSG_LEN(sizeof(int)), WB_SOL_SOCKET, WB_SCM_RIGHTS};
    memcpy(control.bytes + sizeof(control.header), &fds[1], sizeof(int));
    struct wb_iovec iov = {(char[]){'x'}, 1};
    struct wb_msghdr msg = {
        .iov = &iov, .iov_len = 1, .control = control.bytes, .control_len = sizeof(control)};
    assert_int_equal(WB_SYS(play->sys, sendmsg, fd, &msg, 0), 1);
    assert_int_equal(WB_SYS(play->sys, close, fds[1]), 0);
    char byte = 0;
    play->first = WB_SYS(play->sys, recv, fds[0], &byte, 1, 0); /* sleeps for the other program */
    assert_int_equal(byte, 'y');
    assert_int_equal(WB_SYS(play->sys, send, fds[0], "z", 1, 0), 1);
    return 0;
}

static int take(void *arg) {
    struct play *play = arg;
    doze(play);
    int fd = connected_socket(play, STREAM);
    union control control;
    char byte;
    struct wb_iovec iov = {&byte, 1};
    struct wb_msghdr msg = {
        .iov = &iov, .iov_len = 1, .control = control.bytes, .control_len = sizeof(control)};
    assert_int_equal(WB_SYS(play->sys, recvmsg, fd, &msg, 0), 1);
    int passed;
    memcpy(&passed, control.bytes + sizeof(control.header), sizeof(passed));
    doze(play);
    assert_int_equal(WB_SYS(play->sys, send, passed, "y", 1, 0), 1);
    int epfd = WB_SYS(play->sys, epoll_create1, 0);
    struct wb_epoll_event event = {.events = WB_EPOLLIN};
    assert_int_equal(WB_SYS(play->sys, epoll_ctl, epfd, WB_EPOLL_CTL_ADD, passed, &event), 0);
    play->second = WB_SYS(play->sys, epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE);
    return 0;
}

static void descriptor_passes_to_another_program_and_wakes_it(void **state) {
    (void)state;
    struct play play = {0};
    run_both(give_away, take, &play);
    assert_int_equal(play.first, 1);
    assert_int_equal(play.second, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_read_of_a_stream_leaves_the_rest_for_a_fresh_edge),
        cmocka_unit_test(would_block_after_a_report_is_followed_by_another),
        cmocka_unit_test(end_of_a_stream_ends_what_is_held_back),
        cmocka_unit_test(short_write_to_a_stream_is_taken_up_after_a_fresh_edge),
        cmocka_unit_test(datagrams_are_never_offered_short),
        cmocka_unit_test(send_may_fail_for_want_of_memory_only),
        cmocka_unit_test(accept_may_block_and_gives_the_connection_later),
        cmocka_unit_test(connect_may_be_refused_once),
        cmocka_unit_test(spurious_report_names_a_unix_socket),
        cmocka_unit_test(descriptors_are_called_by_their_kinds),
        cmocka_unit_test(connections_show_what_lies_in_them),
        cmocka_unit_test(datagram_queue_holds_eleven),
        cmocka_unit_test(blocking_write_of_a_stream_waits_until_all_is_taken),
        cmocka_unit_test(blocking_datagram_waits_for_the_receivers_queue),
        cmocka_unit_test(blocking_connect_waits_for_the_listeners_queue),
        cmocka_unit_test(blocking_connect_is_refused_when_the_listener_goes),
        cmocka_unit_test(descriptor_passes_to_another_program_and_wakes_it),
    };
    return cmocka_run_group_tests_name("kernel_unix", tests, NULL, NULL);
}
