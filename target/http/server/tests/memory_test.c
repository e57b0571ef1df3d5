/* Memory: what a connection takes, that it takes none when it is warm, and what comes of there
 * being none. */
#include <string.h>

#include "bench.h"

#define POST(fields) "POST / HTTP/1.1" CRLF HOST fields CRLF
#define CHUNKS                                                                                     \
    POST("Transfer-Encoding: chunked" CRLF) "5" CRLF "hello" CRLF "0" CRLF "a: b" CRLF CRLF

/* Bytes that the runtime has not got to do with. */
static size_t bytes_before;

static int setup(void **state) {
    const int result = bench_setup(state);
    bytes_before = atomic_load(&stage.world->bytes);
    return result;
}

static size_t bytes(void) {
    return atomic_load(&stage.world->bytes) - bytes_before;
}

/* Includes buffers that are there for other reasons than one request, so neither is exact. */
static void idle_connections_are_small(void **state) {
    (void)state;
    bench_open();
    const size_t fresh = bytes();
    bench_send(GET("/"));
    const size_t busy = bytes();
    bench_pass(UINT64_C(6000000000));
    const size_t idle = bytes();
    print_message("bytes of a connection: %zu fresh, %zu busy, %zu idle\n", fresh, busy, idle);
    assert_in_range(fresh, 1, 1280);
    assert_in_range(busy, WB_H1_SERVER_BUF_LEN_MIN, WB_H1_SERVER_BUF_LEN_MIN + 8192);
    assert_int_equal(idle, fresh);
    bench_send(GET("/"));
    bench_expect(HELLO HELLO);
}

/* What is not idle keeps what it has. */
static void a_head_that_is_not_whole_stays(void **state) {
    (void)state;
    bench_open();
    bench_send("GET / HT");
    bench_pass(UINT64_C(6000000000));
    bench_send("TP/1.1" CRLF HOST CRLF);
    bench_expect(HELLO);
}

static size_t requests_of(const char *input, void (*prepare)(void)) {
    prepare();
    bench_open();
    for (int i = 0; i < 3; i++) {
        bench_send(input);
    }
    const size_t before = atomic_load(&stage.world->requests);
    for (int i = 0; i < 100; i++) {
        bench_send(input);
        assert_false(bench_is_over());
    }
    const size_t count = atomic_load(&stage.world->requests) - before;
    bench_close();
    return count;
}

static void hello(void) {
    bench.options.no_date = false;
}

static void reads(void) {
    bench.desk.reading = DESK_READS;
}

static void many_fields(void) {
    for (size_t i = 0; i < DESK_FIELDS_MAX; i++) {
        bench.desk.fields[i] = (struct desk_field){"x-field", "with a value"};
    }
}

static void pieces(void) {
    bench.desk.content = NULL;
    bench.desk.pieces[0] = "foo bar";
    bench.desk.pieces[1] = "baz";
}

static void steady_state_allocates_nothing(void **state) {
    (void)state;
    assert_int_equal(requests_of(GET("/"), hello), 0);
    assert_int_equal(requests_of(GET("/1") GET("/2") GET("/3"), many_fields), 0);
    assert_int_equal(requests_of(POST("Content-Length: 5" CRLF) "hello", reads), 0);
    assert_int_equal(requests_of(CHUNKS, reads), 0);
    assert_int_equal(requests_of(CHUNKS, hello), 0);
    assert_int_equal(requests_of(GET("/"), pieces), 0);
}

/* ---- without ---- */

/* Each allocation fails in its turn: the connection ends, in whatever way, and nothing is left.
 * What was sent is what would have been, or less. */
static void refuse_each(const char *input, const char *output, void (*prepare)(void)) {
    const size_t output_len = strlen(output);
    bool was_refused = true;
    size_t n = 0;
    while (was_refused) {
        n++;
        assert_true(n < 100);
        prepare();
        bench.line.input = wb_bytes_from_string(input);
        bench.line.has_finished = true;
        world_refuse(stage.world, n);
        const enum wb_status status = wb_h1_server_conn_init(&bench.conn, stage.runtime,
            line_io(&bench.line), &bench.desk.service, NULL, &bench.options);
        bench.is_open = status == WB_OK;
        if (status == WB_OK) {
            atomic_store(&bench.bell.wakes, 1);
            bench_settle();
            assert_true(bench_is_over());
            assert_true(bench.line.output_len <= output_len);
            assert_memory_equal(bench.line.output, output, bench.line.output_len);
        }
        was_refused = status != WB_OK || wb_status_is_error(bench.conn.future.status);
        if (!was_refused) {
            assert_int_equal(bench.line.output_len, output_len);
        }
        world_refuse(stage.world, 0);
        bench_close();
        assert_int_equal(bytes(), 0);
    }
    assert_true(n > 2);
}

static void two_fields(void) {
    reads();
    bench.desk.fields[0] = (struct desk_field){"x", "y"};
}

static char long_content[9000];

static void long_answer(void) {
    memset(long_content, 'x', sizeof long_content - 1);
    bench.desk.content = long_content;
}

static char large_head[50000];

static void fails_at_every_allocation(void **state) {
    (void)state;
    static char expected[20000];
#define WITH_FIELD "HTTP/1.1 200 OK" CRLF "x: y" CRLF "content-length: 12" CRLF CRLF "Hello, World"
    refuse_each(GET("/") GET("/"), HELLO HELLO, reads);
    refuse_each(CHUNKS CHUNKS, WITH_FIELD WITH_FIELD, two_fields);
    refuse_each(POST("Content-Length: 5" CRLF "Expect: 100-continue" CRLF) "hello",
        "HTTP/1.1 100 Continue" CRLF CRLF HELLO, reads);
    long_answer();
    strcpy(expected, "HTTP/1.1 200 OK" CRLF "content-length: 8999" CRLF CRLF);
    strcat(expected, long_content);
    refuse_each(GET("/"), expected, long_answer);
    strcpy(large_head, "GET / HTTP/1.1" CRLF HOST "X: ");
    memset(large_head + strlen(large_head), 'x', 40000);
    strcat(large_head, CRLF CRLF);
    refuse_each(large_head, HELLO, reads);
}

/* Memory that input drives is bounded by the options. */
static void memory_is_bounded(void **state) {
    (void)state;
    static char input[1 << 19];
    memset(input, 'x', sizeof input);
    memcpy(input, "GET / HTTP/1.1" CRLF HOST "X: ", strlen("GET / HTTP/1.1" CRLF HOST "X: "));
    bench.options.head.head_len_max = 65536;
    bench.line.input = wb_bytes_from(input, sizeof input);
    bench_open();
    bench_expect(REFUSED("431 Request Header Fields Too Large"));
    assert_in_range(bytes(), 65536, 65536 + 8192);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(idle_connections_are_small),
        CASE(a_head_that_is_not_whole_stays),
        CASE(steady_state_allocates_nothing),
        CASE(fails_at_every_allocation),
        CASE(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
