/* Unix seqpackets: connections, borders of messages, the end, and readiness in every mode. */
#define _GNU_SOURCE
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wb/unix_seqpacket.h"

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct pair {
    struct wb_unix_seqpacket first;
    struct wb_unix_seqpacket second;
};

static void pair_open(struct world *world, struct pair *pair) {
    assert_ok(wb_unix_seqpacket_pair(&world->sys, &pair->first, &pair->second));
}

static void pair_close(struct pair *pair) {
    wb_unix_seqpacket_close(&pair->first);
    wb_unix_seqpacket_close(&pair->second);
}

static void say(struct wb_unix_seqpacket *to, const char *text) {
    assert_ok(wb_unix_seqpacket_send(to, text, strlen(text)));
}

static void hear(struct wb_unix_seqpacket *from, const char *text) {
    char buf[64];
    struct wb_datagram message;
    assert_ok(wb_unix_seqpacket_recv(from, buf, sizeof(buf), &message));
    assert_int_equal(message.len, strlen(text));
    assert_false(message.is_truncated);
    assert_memory_equal(buf, text, message.len);
}

static enum wb_status receive(struct wb_unix_seqpacket *from) {
    char buf[64];
    struct wb_datagram message;
    return wb_unix_seqpacket_recv(from, buf, sizeof(buf), &message);
}

/* ---- connections ---- */

static struct wb_unix_addr own_name(void) {
    struct wb_unix_addr addr;
    char name[64];
    (void)snprintf(name, sizeof(name), "@wouldblock-seqpacket-test-%d", (int)getpid());
    assert_ok(wb_unix_addr_parse(name, &addr));
    return addr;
}

static void seqpacket_listener_accepts_what_connects(void **state) {
    struct world *world = *state;
    const struct wb_unix_addr addr = own_name();
    struct wb_unix_seqpacket_listener listener;
    struct pair pair;
    struct wb_unix_addr found;
    assert_ok(wb_unix_seqpacket_listener_bind(&listener, &world->sys, &addr, 0));
    assert_ok(wb_unix_seqpacket_listener_local_addr(&listener, &found));
    assert_true(wb_unix_addr_equal(&found, &addr));
    assert_status(wb_unix_seqpacket_listener_accept(&listener, &pair.second, NULL), WB_WOULD_BLOCK);
    world_watch(world, wb_unix_seqpacket_listener_source(&listener), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_EDGE);
    world_forget(world);
    assert_ok(wb_unix_seqpacket_connect(&pair.first, &world->sys, &addr));
    say(&pair.first, "before it is accepted");
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_unix_seqpacket_listener_accept(&listener, &pair.second, &found));
    assert_true(wb_unix_addr_is_unnamed(&found));
    assert_ok(wb_unix_seqpacket_peer_addr(&pair.first, &found));
    assert_true(wb_unix_addr_equal(&found, &addr));
    assert_ok(wb_unix_seqpacket_local_addr(&pair.second, &found));
    assert_true(wb_unix_addr_equal(&found, &addr));
    hear(&pair.second, "before it is accepted");
    pair_close(&pair);
    wb_unix_seqpacket_listener_close(&listener);
    assert_status(wb_unix_seqpacket_connect(&pair.first, &world->sys, &addr), WB_ERR_CONN_REFUSED);
    wb_unix_seqpacket_close(&pair.first);
}

/* A name is of one type of socket: the others do not see it. */
static void seqpacket_name_is_not_a_streams(void **state) {
    struct world *world = *state;
    const struct wb_unix_addr addr = own_name();
    struct wb_unix_seqpacket_listener listener;
    struct wb_unix_stream stream;
    assert_ok(wb_unix_seqpacket_listener_bind(&listener, &world->sys, &addr, 0));
    assert_status(wb_unix_stream_connect(&stream, &world->sys, &addr), WB_ERR_CONN_REFUSED);
    assert_status(wb_unix_seqpacket_listener_bind(
                      &(struct wb_unix_seqpacket_listener){0}, &world->sys, &addr, 0),
        WB_ERR_ADDR_IN_USE);
    assert_status(wb_unix_seqpacket_listener_bind(
                      &(struct wb_unix_seqpacket_listener){0}, &world->sys, &addr, -1),
        WB_ERR_INVALID);
    wb_unix_seqpacket_listener_close(&listener);
}

/* ---- messages ---- */

static void seqpacket_messages_keep_their_borders(void **state) {
    struct pair pair;
    pair_open(*state, &pair);
    say(&pair.first, "one");
    say(&pair.first, "two");
    hear(&pair.second, "one");
    hear(&pair.second, "two");
    assert_status(receive(&pair.second), WB_WOULD_BLOCK);
    assert_status(wb_unix_seqpacket_send(&pair.first, "", 0), WB_ERR_INVALID);
    assert_status(receive(&pair.second), WB_WOULD_BLOCK);
    pair_close(&pair);
}

static void seqpacket_message_is_cut_to_the_buffer(void **state) {
    struct pair pair;
    char buf[4];
    struct wb_datagram message;
    pair_open(*state, &pair);
    say(&pair.first, "abcdef");
    say(&pair.first, "gh");
    assert_ok(wb_unix_seqpacket_peek(&pair.second, buf, sizeof(buf), &message));
    assert_true(message.is_truncated);
    assert_ok(wb_unix_seqpacket_recv(&pair.second, buf, sizeof(buf), &message));
    assert_int_equal(message.len, 4);
    assert_true(message.is_truncated);
    assert_memory_equal(buf, "abcd", 4);
    hear(&pair.second, "gh");
    /* A buffer of nothing loses the message, and is no end. */
    say(&pair.first, "ij");
    assert_ok(wb_unix_seqpacket_recv(&pair.second, buf, 0, &message));
    assert_int_equal(message.len, 0);
    assert_true(message.is_truncated);
    assert_status(receive(&pair.second), WB_WOULD_BLOCK);
    pair_close(&pair);
}

static void seqpacket_too_large_a_message_is_refused_whole(void **state) {
    struct pair pair;
    enum { LEN = 1 << 24 };
    char *bytes = calloc(1, LEN);
    assert_non_null(bytes);
    pair_open(*state, &pair);
    assert_status(wb_unix_seqpacket_send(&pair.first, bytes, LEN), WB_ERR_MESSAGE_TOO_BIG);
    assert_status(receive(&pair.second), WB_WOULD_BLOCK);
    free(bytes);
    pair_close(&pair);
}

/* ---- ends ---- */

static void seqpacket_half_close_comes_behind_the_messages(void **state) {
    struct pair pair;
    pair_open(*state, &pair);
    say(&pair.first, "last");
    assert_ok(wb_unix_seqpacket_shutdown(&pair.first, WB_UNIX_SHUTDOWN_WRITE));
    assert_status(wb_unix_seqpacket_send(&pair.first, "x", 1), WB_ERR_BROKEN_PIPE);
    hear(&pair.second, "last");
    assert_status(receive(&pair.second), WB_EOF);
    say(&pair.second, "answer");
    hear(&pair.first, "answer");
    assert_status(receive(&pair.first), WB_WOULD_BLOCK);
    pair_close(&pair);
}

static void seqpacket_close_with_messages_unread_resets(void **state) {
    struct pair pair;
    pair_open(*state, &pair);
    say(&pair.first, "unread");
    wb_unix_seqpacket_close(&pair.second);
    assert_status(receive(&pair.first), WB_ERR_CONN_RESET);
    assert_status(receive(&pair.first), WB_EOF);
    assert_status(wb_unix_seqpacket_send(&pair.first, "x", 1), WB_ERR_BROKEN_PIPE);
    pair_close(&pair);
}

/* An empty message of somebody else's looks like the end: nothing else can be told. */
static void seqpacket_empty_message_reads_as_the_end(void **state) {
    struct pair pair;
    pair_open(*state, &pair);
    assert_int_equal(send(wb_unix_seqpacket_fd(&pair.first), "", 0, 0), 0);
    assert_status(receive(&pair.second), WB_EOF);
    assert_status(receive(&pair.second), WB_WOULD_BLOCK);
    pair_close(&pair);
}

/* ---- readiness ---- */

static const enum wb_trigger modes[] = {
    WB_TRIGGER_LEVEL, WB_TRIGGER_EDGE, WB_TRIGGER_ONESHOT, WB_TRIGGER_EDGE_ONESHOT};

static void rearm(struct world *world, struct pair *pair, enum wb_trigger mode) {
    if (wb_trigger_is_oneshot(mode)) {
        assert_ok(wb_registry_reregister(world_registry(world),
            wb_unix_seqpacket_source(&pair->first), 1, WB_INTEREST_READABLE, mode));
    }
}

static void seqpacket_is_readable_for_messages_and_the_end(void **state) {
    struct world *world = *state;
    for (size_t i = 0; i < 4; i++) {
        struct pair pair;
        pair_open(world, &pair);
        world_watch(
            world, wb_unix_seqpacket_source(&pair.first), 1, WB_INTEREST_READABLE, modes[i]);
        world_assert_quiet(world);
        say(&pair.second, "one");
        world_await(world, 1, WB_EPOLLIN);
        hear(&pair.first, "one");
        assert_status(receive(&pair.first), WB_WOULD_BLOCK);
        world_forget(world);
        rearm(world, &pair, modes[i]);
        assert_ok(wb_unix_seqpacket_shutdown(&pair.second, WB_UNIX_SHUTDOWN_WRITE));
        world_await(world, 1, WB_EPOLLIN);
        assert_status(receive(&pair.first), WB_EOF);
        world_forget(world);
        pair_close(&pair);
    }
}

static void seqpacket_is_writable_again_when_messages_were_read(void **state) {
    struct world *world = *state;
    static const char message[1000];
    char buf[1000];
    struct wb_datagram received;
    struct pair pair;
    size_t count = 0;
    enum wb_status status;
    pair_open(world, &pair);
    world_watch(world, wb_unix_seqpacket_source(&pair.first), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    while ((status = wb_unix_seqpacket_send(&pair.first, message, sizeof(message))) == WB_OK) {
        count++;
    }
    assert_status(status, WB_WOULD_BLOCK);
    assert_true(count > 1);
    world_forget(world);
    world_assert_quiet(world);
    while (wb_unix_seqpacket_recv(&pair.second, buf, sizeof(buf), &received) == WB_OK) {
        assert_int_equal(received.len, sizeof(message));
        count--;
    }
    assert_int_equal(count, 0);
    world_await(world, 1, WB_EPOLLOUT);
    assert_ok(wb_unix_seqpacket_send(&pair.first, message, sizeof(message)));
    pair_close(&pair);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        CASE(seqpacket_listener_accepts_what_connects),
        CASE(seqpacket_name_is_not_a_streams),
        CASE(seqpacket_messages_keep_their_borders),
        CASE(seqpacket_message_is_cut_to_the_buffer),
        CASE(seqpacket_too_large_a_message_is_refused_whole),
        CASE(seqpacket_half_close_comes_behind_the_messages),
        CASE(seqpacket_close_with_messages_unread_resets),
        CASE(seqpacket_empty_message_reads_as_the_end),
        CASE(seqpacket_is_readable_for_messages_and_the_end),
        CASE(seqpacket_is_writable_again_when_messages_were_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
