/* A channel against a model: whatever the two ends do, in whatever order, the bytes come out as
 * they went in, whoever waits is woken as soon as it would not have to wait any more, nobody is
 * woken for nothing, and nothing is left. */
#include "script.h"

#include "wb/http_body.h"

enum { PROGRAMS = 3000, STEPS = 60, CAPACITY_MAX = 9, SEND_MAX = 12, TOTAL = 256 };

enum ending { GOING_ON, COMPLETE, ABORTED };

enum waiting { FOR_NOTHING, FOR_ROOM, FOR_QUESTION, FOR_DATA };

static struct {
    uint32_t seed;
    struct wb_http_sender sender;
    struct wb_http_channel_body body;
    struct wb_http_send send;
    struct bell reader_bell;

    size_t capacity;
    size_t sent; /* bytes that went in: byte number i has the value i */
    size_t read; /* bytes that were shown and are given back */
    size_t shown;
    const uint8_t *shown_at;
    bool is_sending; /* `send` is pending */
    bool is_wanted;
    bool is_over; /* the reader was told the end */
    enum ending ending;
    bool is_dropped;
    enum waiting sender_waits;
    enum waiting reader_waits;
} run_of;

static const uint8_t *pattern(void) {
    static uint8_t bytes[TOTAL + SEND_MAX];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)i;
    }
    return bytes;
}

static uint32_t random_below(uint32_t limit) {
    run_of.seed = run_of.seed * 1664525u + 1013904223u;
    return (run_of.seed >> 16) % limit;
}

/* ---- who should have been woken ---- */

static bool sender_can_go_on(void) {
    if (run_of.sender_waits == FOR_ROOM) {
        return run_of.is_dropped || run_of.sent - run_of.read < run_of.capacity;
    }
    return run_of.sender_waits == FOR_QUESTION && (run_of.is_dropped || run_of.is_wanted);
}

static bool reader_can_go_on(void) {
    return run_of.reader_waits == FOR_DATA
           && (run_of.sent > run_of.read + run_of.shown || run_of.ending != GOING_ON);
}

static void assert_woken(void) {
    assert_int_equal(script_bell.wakes, sender_can_go_on());
    assert_int_equal(run_of.reader_bell.wakes, reader_can_go_on());
    if (run_of.shown != 0) {
        assert_memory_equal(run_of.shown_at, pattern() + run_of.read, run_of.shown);
    }
}

/* ---- the sender's steps ---- */

static void sender_polls(enum waiting waits) {
    run_of.sender_waits = waits;
    atomic_store(&script_bell.wakes, 0);
}

static void poll_send(void) {
    const size_t before = run_of.send.done;
    const size_t room = run_of.capacity - (run_of.sent - run_of.read);
    const size_t left = run_of.send.bytes.len - before;
    const enum wb_progress progress = poll_once(&run_of.send.future);
    const size_t taken = run_of.send.done - before;
    run_of.sent += taken;
    run_of.is_sending = progress == WB_PENDING;
    sender_polls(progress == WB_PENDING ? FOR_ROOM : FOR_NOTHING);
    if (run_of.is_dropped) {
        assert_status(run_of.send.future.status, WB_ERR_CLOSED);
        assert_int_equal(taken, 0);
        return;
    }
    assert_int_equal(taken, left < room ? left : room);
    assert_int_equal(progress == WB_READY, taken == left);
    run_of.is_wanted = run_of.is_wanted && taken == 0;
}

static void send_step(void) {
    if (!run_of.is_sending) {
        size_t len = random_below(SEND_MAX);
        len = run_of.sent + len > TOTAL ? 0 : len;
        if (len == 0) {
            return;
        }
        wb_http_send_init(
            &run_of.send, &run_of.sender, wb_bytes_from(pattern() + run_of.sent, len));
    }
    poll_send();
}

static void give_up_step(void) {
    if (run_of.is_sending) {
        wb_future_drop(&run_of.send.future);
        run_of.is_sending = false;
    }
}

static void wanted_step(void) {
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    enum wb_status status = WB_OK;
    if (run_of.is_sending) {
        return;
    }
    const bool is_ready = wb_http_sender_poll_wanted(&run_of.sender, &context, &status) == WB_READY;
    sender_polls(is_ready ? FOR_NOTHING : FOR_QUESTION);
    assert_int_equal(is_ready, run_of.is_dropped || run_of.is_wanted);
    if (is_ready) {
        assert_status(status, run_of.is_dropped ? WB_ERR_CLOSED : WB_OK);
    }
}

static void end_step(void) {
    give_up_step();
    run_of.ending = random_below(2) == 0 ? COMPLETE : ABORTED;
    sender_polls(FOR_NOTHING);
    if (run_of.ending == COMPLETE) {
        wb_http_sender_end(&run_of.sender);
    } else {
        wb_http_sender_abort(&run_of.sender);
    }
}

/* ---- the reader's steps ---- */

static void take_frame(enum wb_status status, const struct wb_http_frame *frame) {
    const size_t there = run_of.sent - run_of.read;
    if (there != 0) {
        assert_ok(status);
        assert_in_range(frame->data.len, 1, there);
        assert_memory_equal(frame->data.ptr, pattern() + run_of.read, frame->data.len);
        run_of.shown = frame->data.len;
        run_of.shown_at = frame->data.ptr;
        return;
    }
    assert_int_not_equal(run_of.ending, GOING_ON);
    if (run_of.is_over) {
        assert_status(status, run_of.ending == COMPLETE ? WB_EOF : WB_ERR_CLOSED);
    } else {
        assert_status(status, run_of.ending == COMPLETE ? WB_EOF : WB_ERR_CANCELLED);
    }
    run_of.is_over = true;
}

static void read_step(void) {
    struct wb_context context = wb_context_with_waker(&run_of.reader_bell.waker);
    enum wb_status status = WB_OK;
    struct wb_http_frame frame;
    const enum wb_progress progress =
        wb_http_body_poll_frame(&run_of.body.body, &context, &status, &frame);
    run_of.read += run_of.shown;
    run_of.shown = 0;
    atomic_store(&run_of.reader_bell.wakes, 0);
    run_of.reader_waits = progress == WB_PENDING ? FOR_DATA : FOR_NOTHING;
    if (progress == WB_PENDING) {
        assert_int_equal(run_of.sent, run_of.read);
        assert_int_equal(run_of.ending, GOING_ON);
        run_of.is_wanted = true;
    } else {
        take_frame(status, &frame);
    }
}

static void drop_step(void) {
    wb_http_body_drop(&run_of.body.body);
    run_of.is_dropped = true;
    run_of.shown = 0;
    run_of.reader_waits = FOR_NOTHING;
    atomic_store(&run_of.reader_bell.wakes, 0);
}

/* ---- programs ---- */

static void begin(uint32_t seed) {
    run_of.seed = seed * 2654435761u + 1;
    run_of.capacity = 1 + random_below(CAPACITY_MAX);
    run_of.sent = run_of.read = run_of.shown = 0;
    run_of.is_sending = run_of.is_wanted = run_of.is_over = run_of.is_dropped = false;
    run_of.ending = GOING_ON;
    run_of.sender_waits = run_of.reader_waits = FOR_NOTHING;
    bell_init(&script_bell);
    bell_init(&run_of.reader_bell);
    assert_ok(
        wb_http_channel_new(&stage.world->sys, run_of.capacity, &run_of.sender, &run_of.body));
}

static void sender_step(void) {
    const uint32_t kind = random_below(16);
    if (run_of.ending != GOING_ON) {
        return;
    }
    if (kind == 0) {
        end_step();
    } else if (kind == 1) {
        give_up_step();
    } else if (kind < 6) {
        wanted_step();
    } else {
        send_step();
    }
}

static void reader_step(void) {
    if (run_of.is_dropped) {
        return;
    }
    if (random_below(30) == 0) {
        drop_step();
    } else {
        read_step();
    }
}

static void finish(void) {
    if (run_of.ending == GOING_ON) {
        end_step();
    }
    while (!run_of.is_dropped && !run_of.is_over) {
        read_step();
    }
    if (!run_of.is_dropped) {
        assert_int_equal(run_of.read, run_of.sent);
        drop_step();
    }
    assert_int_equal(script_bell.references, 1);
    assert_int_equal(run_of.reader_bell.references, 1);
    assert_int_equal(stage.world->blocks, 0);
}

static void a_hy_02_random_programs_agree_with_a_model(void **state) {
    (void)state;
    size_t ended = 0;
    size_t bytes = 0;
    for (uint32_t seed = 0; seed < PROGRAMS; seed++) {
        begin(seed);
        for (int step = 0; step < STEPS; step++) {
            if (random_below(2) == 0) {
                sender_step();
            } else {
                reader_step();
            }
            assert_woken();
        }
        ended += run_of.is_over;
        bytes += run_of.sent;
        finish();
    }
    /* They do not all end in the first steps. */
    assert_true(ended > PROGRAMS / 10 && bytes > (size_t)PROGRAMS * 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_CASE(a_hy_02_random_programs_agree_with_a_model, "", stage_setup_bare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
