/* Injected faults: each is what a real kernel could have done, is followed by what a real kernel
 * would have done next, and is called by its right name: timing, contract or failure. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

static struct sim_kernel *kernel_with(struct one_choice *source, enum wbh_legality legality) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {.source = &source->base, .legality_max = legality};
    sim_kernel_reset(kernel, &config);
    return kernel;
}

static int64_t put(const struct pair *pair, int fd, const char *text) {
    return WB_SYS(pair->sys, send, fd, text, strlen(text), WB_MSG_NOSIGNAL);
}

static int64_t get(const struct pair *pair, int fd, char *buf, size_t len) {
    return WB_SYS(pair->sys, recv, fd, buf, len, 0);
}

static void recv_short_leaves_the_rest_for_a_fresh_edge(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_SHORT, 3);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(put(&pair, pair.client, "hello\n"), 6);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    char buf[16];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "hel", 3);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    /* The rest arrives: an edge, although nothing was sent. */
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "lo\n", 3);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    const struct sim_fault_counts *faults = sim_faults(kernel);
    assert_int_equal(faults->injected[WBH_POINT_RECV][WBH_ACTION_SHORT], 1);
    assert_int_equal(faults->consumed[WBH_POINT_RECV][WBH_ACTION_SHORT], 1);
    sim_kernel_destroy(kernel);
}

static void recv_would_block_after_report_is_contract(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_true(source.offered_contract & WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    assert_false(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    /* Level-triggered: not readable until it is there again. */
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 1);
    sim_kernel_destroy(kernel);
}

static void recv_would_block_without_report_is_timing(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_true(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    sim_kernel_destroy(kernel);
}

static void recv_peeked_bytes_are_not_taken_back_by_timing(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 2, WBH_ACTION_SHORT, 2);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "abcd"), 4);
    char buf[8];
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, sizeof(buf), WB_MSG_PEEK), 4);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 2);
    assert_false(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    assert_true(source.offered_contract & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    sim_kernel_destroy(kernel);
}

static void end_of_file_comes_late_but_comes(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    uint32_t interest = WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET;
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, interest);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN | WB_EPOLLRDHUP);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(
        wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 0);
    sim_kernel_destroy(kernel);
}

/* Neither does it look closed meanwhile: HUP with nothing to read would be reported by each MOD. */
static void end_of_file_that_closes_is_no_hang_up_before_it_comes(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    uint32_t interest = WB_EPOLLIN | WB_EPOLLRDHUP;
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, interest);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.server, WB_SHUT_WR), 0);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    interest |= WB_EPOLLHUP;
    assert_int_equal(wait_bits(&pair, pair.server, 0), interest);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), interest);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 0);
    sim_kernel_destroy(kernel);
}

static void send_short_closes_the_window_for_a_while(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_SHORT, 2);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.client, 0), WB_EPOLLOUT);
    assert_int_equal(put(&pair, pair.client, "hello"), 2);
    assert_int_equal(put(&pair, pair.client, "llo"), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.client, 0), 0);
    assert_int_equal(wait_bits(&pair, pair.client, WB_TIMEOUT_INFINITE), WB_EPOLLOUT);
    assert_int_equal(put(&pair, pair.client, "llo"), 3);
    char buf[8];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 5);
    assert_memory_equal(buf, "hello", 5);
    sim_kernel_destroy(kernel);
}

/* Timing alone cuts a write when something is queued already, or when it is large. */
static void send_short_is_timing_only_where_the_buffer_may_be_full(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_SEND, 0, WBH_ACTION_SHORT, 2);
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {.source = &source.base,
        .legality_max = WBH_LEGALITY_FAILING,
        .send_buffer_size = 3000,
        .recv_buffer_size = 8};
    sim_kernel_reset(kernel, &config);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "hello"), 2); /* nothing queued */
    assert_false(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    assert_true(source.offered_contract & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    source.answer.action = WBH_ACTION_PASS;
    (void)wait_bits(&pair, pair.client, 1000000);                /* the window opens again */
    assert_int_equal(put(&pair, pair.client, "0123456789"), 10); /* 4 of them stay queued */
    source.answer.action = WBH_ACTION_SHORT;
    assert_int_equal(put(&pair, pair.client, "hello"), 2);
    assert_true(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    static const char large[2000];
    (void)wait_bits(&pair, pair.client, 1000000);
    assert_int_equal(WB_SYS(pair.sys, send, pair.server, large, sizeof(large), 0), 2);
    assert_true(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_SHORT));
    sim_kernel_destroy(kernel);
}

static void send_would_block_on_an_idle_connection_is_contract(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "x"), -EAGAIN);
    assert_true(source.offered_contract & WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK));
    sim_kernel_destroy(kernel);
}

static void accept_would_block_brings_a_fresh_edge(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_ACCEPT, 2, WBH_ACTION_WOULD_BLOCK, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.listener, WB_EPOLLIN | WB_EPOLLET);
    (void)pair_connect(&pair);
    assert_int_equal(wait_bits(&pair, pair.listener, 0), WB_EPOLLIN);
    assert_int_equal(
        WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, WB_SOCK_NONBLOCK), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.listener, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_true(WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, WB_SOCK_NONBLOCK) >= 0);
    sim_kernel_destroy(kernel);
}

static void accept_emfile_keeps_the_connection_pending(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_ACCEPT, 1, WBH_ACTION_ERROR, EMFILE);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_listen(&pair, kernel);
    pair.client = pair_connect(&pair);
    assert_int_equal(WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, 0), -EMFILE);
    assert_true(WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, 0) >= 0);
    sim_kernel_destroy(kernel);
}

static void wait_spurious_reports_what_is_not_so(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_SPURIOUS, WB_EPOLLIN);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN);
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    sim_kernel_destroy(kernel);
}

static void wait_spurious_disarms_one_shot(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_SPURIOUS, WB_EPOLLIN);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLONESHOT);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    watch(&pair, WB_EPOLL_CTL_MOD, pair.server, WB_EPOLLIN | WB_EPOLLONESHOT);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

static void wait_batch_keeps_the_rest_for_the_next_wait(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_BATCH, 1);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLOUT | WB_EPOLLET);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    struct wb_epoll_event events[4];
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 1);
    assert_int_equal(events[0].data, pair.server);
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 1);
    assert_int_equal(events[0].data, pair.client);
    sim_kernel_destroy(kernel);
}

static void wait_order_rotates_the_ready_list(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_ORDER, 1);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLOUT | WB_EPOLLET);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    struct wb_epoll_event events[4];
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 2);
    assert_int_equal(events[0].data, pair.client);
    assert_int_equal(events[1].data, pair.server);
    sim_kernel_destroy(kernel);
}

static void wait_interrupt_loses_no_event(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_INTERRUPT, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLOUT | WB_EPOLLET);
    struct wb_epoll_event events[4];
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), -EINTR);
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 1);
    sim_kernel_destroy(kernel);
}

/* R143: with something to report, or without sleeping, Linux does not say EINTR. */
static void wait_interrupt_is_of_the_kernel_only_where_it_sleeps(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 0, WBH_ACTION_INTERRUPT, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    struct wb_epoll_event events[4];
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 0);
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 1000000), -EINTR);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLOUT);
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 1000000), 1);
    sim_kernel_destroy(kernel);
}

/* A program that reads nothing for now may still wait for its peer to leave. */
static void wait_no_rdhup_does_not_take_the_only_news(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 0, WBH_ACTION_NO_RDHUP, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLRDHUP | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLRDHUP);
    watch(&pair, WB_EPOLL_CTL_MOD, pair.server, WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

/* The end of the client's stream, as the server hears of it. */
static uint32_t bits_of_the_end(struct sim_kernel *kernel, bool is_promised_all) {
    struct pair pair;
    pair_open(&pair, kernel);
    if (is_promised_all) {
        assert_true(wb_sys_epoll_tells_all(pair.sys));
    }
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET);
    return wait_bits(&pair, pair.server, 0);
}

static void wait_no_rdhup_is_forbidden_only_in_a_run_that_was_promised_all(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 0, WBH_ACTION_NO_RDHUP, 0);
    const struct sim_config config = {
        .source = &source.base, .legality_max = WBH_LEGALITY_CONTRACT};
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    assert_int_equal(bits_of_the_end(kernel, true), WB_EPOLLIN | WB_EPOLLRDHUP);
    sim_kernel_reset(kernel, &config);
    assert_int_equal(bits_of_the_end(kernel, false), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

static void wait_separate_reports_in_and_out_apart(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_WAIT, 1, WBH_ACTION_SEPARATE, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLET);
    struct wb_epoll_event events[4];
    assert_int_equal(WB_SYS(pair.sys, epoll_pwait2, pair.epfd, events, 4, 0), 2);
    assert_int_equal(events[0].events, WB_EPOLLIN);
    assert_int_equal(events[1].events, WB_EPOLLOUT);
    sim_kernel_destroy(kernel);
}

static void segment_delay_lets_bytes_arrive_later(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 0, WBH_ACTION_DELAY, 7000000);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    uint64_t before_ns = sim_kernel_now(kernel);
    uint32_t bits = wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE);
    assert_true((bits & WB_EPOLLIN) != 0);
    assert_true(sim_kernel_now(kernel) - before_ns >= 6000000);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 1);
    sim_kernel_destroy(kernel);
}

static void segment_split_arrives_in_two(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_INBOUND, 1, WBH_ACTION_SPLIT, 2);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(put(&pair, pair.client, "abcde"), 5);
    char buf[8];
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 2);
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "cde", 3);
    sim_kernel_destroy(kernel);
}

static void recv_reset_breaks_both_ends(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_RESET, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), -ECONNRESET);
    assert_int_equal(get(&pair, pair.client, buf, sizeof(buf)), -ECONNRESET);
    assert_int_equal(put(&pair, pair.client, "x"), -EPIPE);
    sim_kernel_destroy(kernel);
}

static void connect_delay_completes_later(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_CONNECT, 1, WBH_ACTION_DELAY, 3000000);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_listen(&pair, kernel);
    pair.client = pair_connect(&pair);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.client, 0), 0);
    assert_int_equal(put(&pair, pair.client, "x"), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.client, WB_TIMEOUT_INFINITE), WB_EPOLLOUT);
    uint32_t len = sizeof(pair.addr.in);
    assert_int_equal(WB_SYS(pair.sys, connect, pair.client, &pair.addr, len), 0);
    sim_kernel_destroy(kernel);
}

static void connect_immediate_says_so_and_is_reported_as_ever(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_CONNECT, 1, WBH_ACTION_IMMEDIATE, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_listen(&pair, kernel);
    int fd = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    uint32_t len = sizeof(pair.addr.in);
    assert_int_equal(WB_SYS(pair.sys, connect, fd, &pair.addr, len), 0);
    assert_int_equal(source.offered_contract, WBH_ACTION_BIT(WBH_ACTION_IMMEDIATE));
    assert_false(source.offered_kernel & WBH_ACTION_BIT(WBH_ACTION_IMMEDIATE));
    /* It stands: a second connect is one too many, bytes can go, nothing of it was an error. */
    assert_int_equal(WB_SYS(pair.sys, connect, fd, &pair.addr, len), -EISCONN);
    int error = -1;
    uint32_t error_len = sizeof(error);
    assert_int_equal(
        WB_SYS(pair.sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_ERROR, &error, &error_len), 0);
    assert_int_equal(error, 0);
    assert_int_equal(put(&pair, fd, "hello"), 5);
    /* Whoever registers now is told that it is writable, once. */
    watch(&pair, WB_EPOLL_CTL_ADD, fd, WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, fd, 0), WB_EPOLLOUT);
    assert_int_equal(wait_bits(&pair, fd, 0), 0);
    int server = WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, WB_SOCK_NONBLOCK);
    assert_true(server >= 0);
    char buf[8];
    assert_int_equal(get(&pair, server, buf, sizeof(buf)), 5);
    sim_kernel_destroy(kernel);
}

static void connect_immediate_gives_an_edge_to_who_watches_already(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_CONNECT, 1, WBH_ACTION_IMMEDIATE, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_listen(&pair, kernel);
    int fd = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    watch(&pair, WB_EPOLL_CTL_ADD, fd, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, fd, 0), WB_EPOLLOUT | WB_EPOLLHUP); /* unconnected */
    uint32_t len = sizeof(pair.addr.in);
    assert_int_equal(WB_SYS(pair.sys, connect, fd, &pair.addr, len), 0);
    assert_int_equal(wait_bits(&pair, fd, 0), WB_EPOLLOUT);
    sim_kernel_destroy(kernel);
}

/* Only a non-blocking socket of the program that would be connected inside the call. */
static void connect_immediate_is_offered_where_it_can_be_and_shows(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_CONNECT, 0, WBH_ACTION_IMMEDIATE, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    struct pair pair;
    pair_listen(&pair, kernel);
    uint32_t len = sizeof(pair.addr.in);
    int blocking = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(pair.sys, connect, blocking, &pair.addr, len), 0);
    struct sim_endpoint *world =
        sim_endpoint_new(kernel, WBH_SUBJECT(0, 0), WB_AF_INET, NULL, NULL);
    assert_int_equal(sim_endpoint_connect(world, &pair.addr), 0);
    assert_int_equal(source.asked, 0);
    struct wb_sockaddr nobody = pair.addr;
    nobody.in.port_be = (uint16_t)~pair.addr.in.port_be;
    int refused = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(pair.sys, connect, refused, &nobody, len), -EINPROGRESS);
    assert_int_equal(source.asked, 0);
    /* A queue that is full: as many wait as the backlog says, and one more. */
    assert_int_equal(WB_SYS(pair.sys, listen, pair.listener, 2), 0);
    int last = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(pair.sys, connect, last, &pair.addr, len), 0);
    assert_int_equal(source.asked, 1);
    int late = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
    assert_int_equal(WB_SYS(pair.sys, connect, late, &pair.addr, len), -EINPROGRESS);
    assert_int_equal(source.asked, 1);
    sim_kernel_destroy(kernel);
}

static void alloc_fail_returns_null_once(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_ALLOC, 2, WBH_ACTION_FAIL, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    void *first = WB_SYS(sys, alloc, 10);
    assert_non_null(first);
    assert_null(WB_SYS(sys, alloc, 10));
    void *third = WB_SYS(sys, alloc, 10);
    assert_non_null(third);
    struct sim_memory_info info;
    WB_SYS(sys, free, first, 10);
    sim_memory(kernel, 0, &info);
    assert_int_equal(info.live_bytes, 10);
    assert_int_equal(info.first_live_serial, 2);
    WB_SYS(sys, free, third, 10);
    sim_memory(kernel, 0, &info);
    assert_int_equal(info.live_blocks, 0);
    sim_kernel_destroy(kernel);
}

static void answer_that_the_moment_forbids_counts_as_unfit(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 1, WBH_ACTION_SHORT, 4); /* of 4 bytes: not short */
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_KERNEL);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "abcd"), 4);
    char buf[8];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 4);
    assert_int_equal(sim_faults(kernel)->unfit, 1);
    assert_int_equal(sim_faults(kernel)->injected[WBH_POINT_RECV][WBH_ACTION_SHORT], 0);
    sim_kernel_destroy(kernel);
}

static void legality_bound_keeps_failing_faults_away(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RECV, 0, WBH_ACTION_RESET, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(put(&pair, pair.client, "x"), 1);
    char buf[4];
    assert_int_equal(get(&pair, pair.server, buf, sizeof(buf)), 1);
    assert_int_equal(source.asked, 0);
    sim_kernel_destroy(kernel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recv_short_leaves_the_rest_for_a_fresh_edge),
        cmocka_unit_test(recv_would_block_after_report_is_contract),
        cmocka_unit_test(recv_would_block_without_report_is_timing),
        cmocka_unit_test(recv_peeked_bytes_are_not_taken_back_by_timing),
        cmocka_unit_test(end_of_file_comes_late_but_comes),
        cmocka_unit_test(end_of_file_that_closes_is_no_hang_up_before_it_comes),
        cmocka_unit_test(send_short_closes_the_window_for_a_while),
        cmocka_unit_test(send_short_is_timing_only_where_the_buffer_may_be_full),
        cmocka_unit_test(send_would_block_on_an_idle_connection_is_contract),
        cmocka_unit_test(accept_would_block_brings_a_fresh_edge),
        cmocka_unit_test(accept_emfile_keeps_the_connection_pending),
        cmocka_unit_test(wait_spurious_reports_what_is_not_so),
        cmocka_unit_test(wait_spurious_disarms_one_shot),
        cmocka_unit_test(wait_batch_keeps_the_rest_for_the_next_wait),
        cmocka_unit_test(wait_order_rotates_the_ready_list),
        cmocka_unit_test(wait_interrupt_loses_no_event),
        cmocka_unit_test(wait_interrupt_is_of_the_kernel_only_where_it_sleeps),
        cmocka_unit_test(wait_no_rdhup_does_not_take_the_only_news),
        cmocka_unit_test(wait_no_rdhup_is_forbidden_only_in_a_run_that_was_promised_all),
        cmocka_unit_test(wait_separate_reports_in_and_out_apart),
        cmocka_unit_test(segment_delay_lets_bytes_arrive_later),
        cmocka_unit_test(segment_split_arrives_in_two),
        cmocka_unit_test(recv_reset_breaks_both_ends),
        cmocka_unit_test(connect_delay_completes_later),
        cmocka_unit_test(connect_immediate_says_so_and_is_reported_as_ever),
        cmocka_unit_test(connect_immediate_gives_an_edge_to_who_watches_already),
        cmocka_unit_test(connect_immediate_is_offered_where_it_can_be_and_shows),
        cmocka_unit_test(alloc_fail_returns_null_once),
        cmocka_unit_test(answer_that_the_moment_forbids_counts_as_unfit),
        cmocka_unit_test(legality_bound_keeps_failing_faults_away),
    };
    return cmocka_run_group_tests_name("kernel_fault", tests, NULL, NULL);
}
