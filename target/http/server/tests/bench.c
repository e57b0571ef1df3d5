/* See bench.h. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#include "wb/time.h"

struct bench bench;

/* More polls than any test needs of one that goes on by itself. */
enum { POLLS_MAX = 2000000 };

static size_t expected_len;

static void make_new(void) {
    line_init(&bench.line);
    desk_init(&bench.desk);
    bench.options = (struct wb_h1_server_options){.no_date = true};
    bench.polls = 0;
    expected_len = 0;
    bell_init(&bench.bell);
}

int bench_setup(void **state) {
    const int result = stage_setup_still(state);
    make_new();
    return result;
}

int bench_teardown(void **state) {
    bench_close();
    return stage_teardown(state);
}

void bench_open(void) {
    assert_ok(wb_h1_server_conn_init(&bench.conn, stage.runtime, line_io(&bench.line),
        &bench.desk.service, NULL, &bench.options));
    bench.is_open = true;
    atomic_store(&bench.bell.wakes, 1);
    bench_settle();
}

void bench_close(void) {
    if (bench.is_open) {
        bench.is_open = false;
        wb_future_drop(&bench.conn.future);
        wb_h1_server_conn_clean_up(&bench.conn);
    }
    line_clean_up(&bench.line);
    desk_clean_up(&bench.desk);
    assert_int_equal(atomic_load(&bench.bell.references), 1);
    assert_int_equal(bench.desk.ends, bench.desk.calls);
    assert_int_equal(bench.desk.drops, bench.desk.calls);
    make_new();
}

bool bench_is_over(void) {
    return wb_future_is_over(&bench.conn.future);
}

void bench_settle(void) {
    const struct wb_context context = wb_context_with_waker(&bench.bell.waker);
    int polls = 0;
    while (!bench_is_over() && atomic_exchange(&bench.bell.wakes, 0) != 0) {
        struct wb_context own = context;
        assert_true(++polls < POLLS_MAX);
        bench.polls++;
        if (wb_future_poll(&bench.conn.future, &own) == WB_READY) {
            break;
        }
    }
}

void bench_send_bytes(struct wb_bytes bytes) {
    assert_int_equal(bench.line.read_len, bench.line.input.len); /* or it would be lost */
    bench.line.input = bytes;
    bench.line.read_len = 0;
    line_wake(&bench.line);
    bench_settle();
}

void bench_send(const char *text) {
    bench_send_bytes(wb_bytes_from_string(text));
}

void bench_finish(void) {
    bench.line.has_finished = true;
    line_wake(&bench.line);
    bench_settle();
}

/* In steps of the wheel's ticks, so that each timer fires in its time. */
void bench_pass(uint64_t ns) {
    const uint64_t step_ns = 100 * (uint64_t)MS;
    while (ns != 0) {
        const uint64_t now_ns = ns < step_ns ? ns : step_ns;
        ns -= now_ns;
        stage_advance(now_ns);
        assert_ok(wb_runtime_turn(stage.runtime, 0));
        bench_settle();
    }
}

static void print_escaped(const char *what, struct wb_bytes bytes) {
    static char text[1 << 16];
    wb_bytes_format(bytes, text, sizeof text);
    print_error("%s: \"%s\"\n", what, text);
}

static void expect_bytes(const char *what, struct wb_bytes actual, struct wb_bytes expected) {
    if (!wb_bytes_equal(actual, expected)) {
        print_escaped("is  ", actual);
        print_escaped("want", expected);
        fail_msg("%s differs", what);
    }
}

void bench_expect(const char *text) {
    const struct line *line = &bench.line;
    const struct wb_bytes actual =
        wb_bytes_from(line->output + expected_len, line->output_len - expected_len);
    expect_bytes("what was sent", actual, wb_bytes_from_string(text));
    expected_len = line->output_len;
}

void bench_expect_log(const char *text) {
    expect_bytes("what was asked", wb_bytes_from(bench.desk.log, bench.desk.log_len),
        wb_bytes_from_string(text));
}

static void expect_end(enum wb_status status, enum wb_http_error_kind kind) {
    assert_true(bench_is_over());
    assert_status(bench.conn.future.status, status);
    assert_status(bench.conn.error.status, status);
    assert_int_equal(bench.conn.error.kind, kind);
}

void bench_expect_over(enum wb_status status, enum wb_http_error_kind kind) {
    expect_end(status, kind);
    assert_int_equal(bench.conn.end, WB_H1_SERVER_END_CLOSED);
    assert_int_equal(bench.line.shutdowns, 1);
}

void bench_expect_broken(enum wb_status status, enum wb_http_error_kind kind) {
    expect_end(status, kind);
    assert_int_equal(bench.conn.end, WB_H1_SERVER_END_BROKEN);
}

/* ---- every way ---- */

struct way {
    const char *name;
    size_t cut_at;
    size_t read_max;
    size_t write_max;
    bool pauses;
    bool keeps;
};

static void talk_one_way(const struct talk *talk, const struct way *way, void (*prepare)(void)) {
    struct line *line = &bench.line;
    if (prepare != NULL) {
        prepare();
    }
    line->input = wb_bytes_from_string(talk->input);
    line->has_finished = true;
    line->cut_at = way->cut_at;
    line->read_max = way->read_max;
    line->write_max = way->write_max;
    line->read_pauses = line->write_pauses = way->pauses;
    line->keeps = way->keeps;
    bench_open();
    const struct wb_bytes output = wb_bytes_from(line->output, line->output_len);
    const bool is_right = bench_is_over() && bench.conn.future.status == talk->status
                          && wb_bytes_equal(output, wb_bytes_from_string(talk->output))
                          && (talk->log == NULL || strcmp(talk->log, bench.desk.log) == 0);
    if (!is_right) {
        print_error("%s, %s, cut at %zu: %s\n", talk->name, way->name, way->cut_at,
            bench_is_over() ? wb_status_name(bench.conn.future.status) : "not over");
        print_escaped("input", line->input);
        print_error("log: %s\n", bench.desk.log);
        expect_bytes(talk->name, output, wb_bytes_from_string(talk->output));
        fail();
    }
    bench_close();
}

void talk_every_way(const struct talk *talk, void (*prepare)(void)) {
    const size_t len = strlen(talk->input);
    const struct way ways[] = {
        {"in one piece", SIZE_MAX, 0, 0, false, false},
        {"byte by byte", SIZE_MAX, 1, 0, false, false},
        {"byte by byte with pauses", SIZE_MAX, 1, 1, true, false},
        {"written byte by byte", SIZE_MAX, 0, 1, true, false},
        {"kept back", SIZE_MAX, 0, 0, true, true},
        {"kept back byte by byte", SIZE_MAX, 1, 1, true, true},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        talk_one_way(talk, &ways[i], prepare);
    }
    for (size_t cut_at = 0; cut_at <= len; cut_at++) {
        const struct way way = {"cut in two", cut_at, 0, 0, false, false};
        talk_one_way(talk, &way, prepare);
    }
}

void talk_all(const struct talk *talks, size_t count, void (*prepare)(void)) {
    for (size_t i = 0; i < count; i++) {
        talk_every_way(&talks[i], prepare);
    }
}
