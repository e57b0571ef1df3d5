/* A million messages of another thread through the queue, a backlog and a one-shot socket: none may
 * be lost, doubled or overtaken, and memory stays bounded. */
#include "loop_world.h"

#include <string.h>

enum { MESSAGES = 1000000, NOTIFY_CAPACITY = 4096, BACKLOG_MAX = 4 * NOTIFY_CAPACITY };

enum { WRITER = 1, READER = 2 };

struct battery {
    struct loop_world self;
    struct wb_sender sender;
    struct wb_tcp_stream writer;
    struct wb_tcp_stream reader;
    uint32_t backlog[BACKLOG_MAX]; /* ring of messages that are still to be written */
    size_t backlog_first;
    size_t backlog_len;
    size_t backlog_len_most;
    size_t part; /* bytes of the first that were written */
    bool is_armed;
    uint32_t expected; /* the next message to be read */
    uint8_t tail[4];   /* bytes of it that have come */
    size_t tail_len;
    int failures; /* the sending thread's */
};

static void send_all(void *arg) {
    struct battery *battery = arg;
    const struct wb_sys *sys = &battery->self.world->sys;
    for (uintptr_t i = 0; i < MESSAGES;) {
        enum wb_status status = wb_sender_send(&battery->sender, (void *)i);
        if (status == WB_ERR_FULL) {
            struct wb_pollfd none = {.fd = -1};
            (void)WB_SYS(sys, poll, &none, 1, MS / 20); /* let the loop work */
            continue;
        }
        battery->failures += status != WB_OK;
        i++;
    }
}

static void arm(struct battery *battery) {
    if (!battery->is_armed) {
        battery->is_armed = true;
        assert_ok(
            wb_event_loop_reregister(battery->self.loop, wb_tcp_stream_source(&battery->writer),
                WRITER, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE_ONESHOT));
    }
}

static void battery_notify(struct loop_world *self, void *message) {
    struct battery *battery = self->user_data;
    assert_true(battery->backlog_len < BACKLOG_MAX);
    size_t last = (battery->backlog_first + battery->backlog_len) % BACKLOG_MAX;
    battery->backlog[last] = (uint32_t)(uintptr_t)message;
    battery->backlog_len++;
    if (battery->backlog_len > battery->backlog_len_most) {
        battery->backlog_len_most = battery->backlog_len;
    }
    arm(battery);
}

static void write_backlog(struct battery *battery) {
    while (battery->backlog_len > 0) {
        size_t run = BACKLOG_MAX - battery->backlog_first; /* up to the ring's end */
        run = run < battery->backlog_len ? run : battery->backlog_len;
        const uint8_t *bytes = (const uint8_t *)&battery->backlog[battery->backlog_first];
        size_t n = 0;
        enum wb_status status = wb_tcp_stream_write(
            &battery->writer, bytes + battery->part, run * 4 - battery->part, &n);
        if (status == WB_WOULD_BLOCK) {
            arm(battery);
            return;
        }
        assert_ok(status);
        n += battery->part;
        battery->part = n % 4;
        battery->backlog_first = (battery->backlog_first + n / 4) % BACKLOG_MAX;
        battery->backlog_len -= n / 4;
    }
}

static void check(struct battery *battery, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        battery->tail[battery->tail_len++] = bytes[i];
        if (battery->tail_len == 4) {
            uint32_t value;
            memcpy(&value, battery->tail, 4);
            if (value != battery->expected) {
                fail_msg("message %u came instead of %u", value, battery->expected);
            }
            battery->expected++;
            battery->tail_len = 0;
        }
    }
}

static void read_some(struct battery *battery) {
    uint8_t buf[16384];
    size_t n = 0;
    enum wb_status status = wb_tcp_stream_read(&battery->reader, buf, sizeof(buf), &n);
    assert_true(status == WB_OK || status == WB_WOULD_BLOCK);
    check(battery, buf, n);
    if (battery->expected == MESSAGES) {
        wb_event_loop_shutdown(battery->self.loop);
        return;
    }
    assert_ok(wb_event_loop_reregister(battery->self.loop, wb_tcp_stream_source(&battery->reader),
        READER, WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT));
}

static void battery_ready(struct loop_world *self, struct wb_event event) {
    struct battery *battery = self->user_data;
    if (event.token == WRITER) {
        battery->is_armed = false;
        write_backlog(battery);
    } else {
        assert_int_equal(event.token, READER);
        read_some(battery);
    }
}

static struct battery battery;

/* MOLD-24, INV-12 */
static void battery_of_a_million_messages_arrives_in_order(void **state) {
    struct world *world = *state;
    loop_world_open(&battery.self, world, NULL);
    battery.self.user_data = &battery;
    battery.self.on_ready = battery_ready;
    battery.self.on_notify = battery_notify;
    world_pair(world, &battery.writer, &battery.reader);
    loop_world_watch(&battery.self, wb_tcp_stream_source(&battery.writer), WRITER,
        WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE_ONESHOT);
    battery.is_armed = true;
    loop_world_watch(&battery.self, wb_tcp_stream_source(&battery.reader), READER,
        WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT);
    assert_ok(wb_event_loop_sender(battery.self.loop, &battery.sender));
    size_t bytes = atomic_load(&world->bytes);
    uint64_t thread = world_start(world, send_all, &battery);
    loop_world_run(&battery.self);
    world_join(world, thread);
    assert_int_equal(battery.failures, 0);
    assert_int_equal(battery.self.notifies, MESSAGES);
    assert_int_equal(battery.expected, MESSAGES);
    assert_int_equal(battery.backlog_len, 0);
    assert_true(battery.backlog_len_most <= NOTIFY_CAPACITY);
    /* The queue was there from the first sender on; only the timer that guards the test is new. */
    assert_true(atomic_load(&world->bytes) - bytes < (size_t)64 * 1024);
    wb_sender_clean_up(&battery.sender);
    wb_tcp_stream_close(&battery.writer);
    wb_tcp_stream_close(&battery.reader);
    loop_world_close(&battery.self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            battery_of_a_million_messages_arrives_in_order, world_setup_bare, world_teardown_bare),
    };
    return cmocka_run_group_tests_name("battery", tests, NULL, NULL);
}
