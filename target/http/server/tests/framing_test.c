/* How requests are delimited, and that nothing can be smuggled in: each conversation in every way.
 * R-.. are the rules' own numbers. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define BAD REFUSED("400 Bad Request")
#define TOO_LARGE REFUSED("413 Content Too Large")
#define NOT_IMPLEMENTED REFUSED("501 Not Implemented")
#define POST(fields) "POST / HTTP/1.1" CRLF HOST fields CRLF
#define NEXT GET("/b")
#define ASKED "POST / a "
#define ASKED_NEXT "GET /b a ;"

/* Refused once, and nothing behind it is looked at. */
#define REFUSES(name, input)                                                                       \
    { name, input NEXT, BAD, "", WB_ERR_PARSE }
#define REFUSES_LENGTH(name, value) REFUSES(name, POST("Content-Length: " value CRLF) "hello")
#define REFUSES_CODING(name, value)                                                                \
    REFUSES(name, POST("Transfer-Encoding: " value CRLF) "0" CRLF CRLF)
/* Of content: the service is asked, and told that it failed. */
#define REFUSES_CHUNKS(name, chunks)                                                               \
    { name, POST("Transfer-Encoding: chunked" CRLF) chunks NEXT, BAD, NULL, WB_ERR_PARSE }
/* Content, and the next request behind it. */
#define TAKES(name, input, content)                                                                \
    { name, input NEXT, HELLO HELLO, ASKED content ";" ASKED_NEXT, WB_OK }

static void read_all(void) {
    bench.desk.reading = DESK_READS;
}

static void framing_of_heads(void **state) {
    (void)state;
    static const struct talk talks[] = {
        REFUSES("R-01 both lengths",
            POST("Content-Length: 4" CRLF "Transfer-Encoding: chunked" CRLF) "0" CRLF CRLF),
        REFUSES("R-01 both lengths, the other way round",
            POST("Transfer-Encoding: chunked" CRLF "Content-Length: 4" CRLF) "0" CRLF CRLF),
        REFUSES("R-02", POST("Content-Length: 5" CRLF "Content-Length: 6" CRLF) "hello"),
        REFUSES("R-03 twice", POST("Content-Length: 5" CRLF "Content-Length: 5" CRLF) "hello"),
        REFUSES_LENGTH("R-03 equal", "5, 5"),
        REFUSES_LENGTH("R-03 not equal", "5, 6"),
        REFUSES_LENGTH("R-03 open", "5,"),
        REFUSES_LENGTH("R-04 +5, H1S-03", "+5"),
        REFUSES_LENGTH("R-04 -1", "-1"),
        REFUSES_LENGTH("R-04 0x5", "0x5"),
        REFUSES_LENGTH("R-04 5.0", "5.0"),
        REFUSES_LENGTH("R-04 5 6", "5 6"),
        REFUSES_LENGTH("R-04 1_0", "1_0"),
        REFUSES_LENGTH("R-04 5;", "5;"),
        REFUSES_LENGTH("R-04 quoted", "\"5\""),
        REFUSES_LENGTH("R-04 empty", ""),
        REFUSES_LENGTH("R-04 superscript", "\xb2"),
        REFUSES_LENGTH("H1S-04", "foo"),
        {"R-05 2^64", POST("Content-Length: 18446744073709551616" CRLF) NEXT, TOO_LARGE, "",
            WB_ERR_PARSE},
        {"R-05 ten to the 22nd", POST("Content-Length: 9999999999999999999999" CRLF) NEXT,
            TOO_LARGE, "", WB_ERR_PARSE},
        {"R-05 2^63", POST("Content-Length: 9223372036854775808" CRLF) NEXT, TOO_LARGE, "",
            WB_ERR_PARSE},
        TAKES("R-06", POST("Content-Length: 010" CRLF) "0123456789", "0123456789"),
        REFUSES_CODING("R-07 without chunked", "gzip"),
        REFUSES_CODING("R-07 chunked is not last", "chunked, gzip"),
        REFUSES("R-07 chunked is not last, two lines",
            POST("Transfer-Encoding: chunked" CRLF "Transfer-Encoding: x" CRLF) "0" CRLF CRLF),
        {"R-08", POST("Transfer-Encoding: gzip, chunked" CRLF) "0" CRLF CRLF NEXT, NOT_IMPLEMENTED,
            "", WB_ERR_PARSE},
        REFUSES_CODING("R-09", "chunked, chunked"),
        REFUSES("R-09 two lines", POST("Transfer-Encoding: chunked" CRLF
                                       "Transfer-Encoding: chunked" CRLF) "0" CRLF CRLF),
        REFUSES_CODING("R-10 xchunked", "xchunked"),
        REFUSES_CODING("R-10 chunkedchunked", "chunkedchunked"),
        REFUSES_CODING("R-10 quoted", "\"chunked\""),
        REFUSES_CODING("R-10 parameter", "chunked;a=b"),
        REFUSES_CODING("R-10 identity", "identity"),
        REFUSES_CODING("R-10 vertical tab", "\x0b"
                                            "chunked"),
        REFUSES_CODING("R-10 no-break space", "\xa0"
                                              "chunked"),
        REFUSES_CODING("R-11 begins with a comma", ",chunked"),
        REFUSES_CODING("R-11 ends with a comma", "chunked,"),
        TAKES("R-12 upper case", POST("Transfer-Encoding: CHUNKED" CRLF) "0" CRLF CRLF, ""),
        TAKES("R-12 lower case", POST("transfer-encoding:chunked" CRLF) "0" CRLF CRLF, ""),
        TAKES("R-12 blanks", POST("Transfer-Encoding:\tchunked \t" CRLF) "0" CRLF CRLF, ""),
        REFUSES(
            "R-13", "POST / HTTP/1.0" CRLF "Transfer-Encoding: chunked" CRLF CRLF "0" CRLF CRLF),
        REFUSES("R-14", POST("Transfer-Encoding:" CRLF " chunked" CRLF) "0" CRLF CRLF),
        {"R-15", "GET / HTTP/1.1" CRLF HOST "Content-Length: 5" CRLF CRLF "hello" NEXT, HELLO HELLO,
            "GET / a hello;" ASKED_NEXT, WB_OK},
        {"R-15 DELETE", "DELETE / HTTP/1.1" CRLF HOST "Content-Length: 5" CRLF CRLF "hello" NEXT,
            HELLO HELLO, "DELETE / a hello;" ASKED_NEXT, WB_OK},
        {"H1S-01", GET("/") NEXT, HELLO HELLO, "GET / a ;" ASKED_NEXT, WB_OK},
        TAKES("H1S-02", POST("Content-Length: 5" CRLF) "hello", "hello"),
        TAKES("without content", POST("Content-Length: 0" CRLF), ""),
    };
    TALKS(talks, read_all);
}

static void framing_of_chunks(void **state) {
    (void)state;
    static const struct talk talks[] = {
        REFUSES_CHUNKS("R-16 0x5", "0x5" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 +5", "+5" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 -5", "-5" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 blank before", " 5" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 5 x", "5 x" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 5_", "5_" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 g", "g" CRLF "hello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-16 empty, H1S-08", "1" CRLF "q" CRLF CRLF),
        REFUSES_CHUNKS("R-17 FFFFFFFFFFFFFFFF1", "FFFFFFFFFFFFFFFF1" CRLF "hello"),
        REFUSES_CHUNKS("R-17 10000000000000005", "10000000000000005" CRLF "hello"),
        REFUSES_CHUNKS("R-17 f0000000000000003, H1S-06", "f0000000000000003" CRLF "abc" CRLF),
        REFUSES_CHUNKS("R-17 8000000000000000", "8000000000000000" CRLF "hello"),
        REFUSES_CHUNKS("R-18", "3" CRLF "abcXX" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-19 lone LF", "5\nhello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-19 lone CR", "5\r\r\nhello" CRLF "0" CRLF CRLF),
        REFUSES_CHUNKS("R-19 CR in an extension", "5;a\rb" CRLF "hello" CRLF "0" CRLF CRLF),
        TAKES("R-20",
            POST("Transfer-Encoding: chunked" CRLF) "5;ext=1;q=\"a b\"" CRLF "hello" CRLF
                                                    "0" CRLF CRLF,
            "hello"),
        TAKES("R-21", POST("Transfer-Encoding: chunked" CRLF) "000" CRLF CRLF, ""),
        TAKES("H1S-05",
            POST("Transfer-Encoding: chunked" CRLF) "1" CRLF "q" CRLF "2" CRLF "we" CRLF "2" CRLF
                                                    "rt" CRLF "0" CRLF CRLF,
            "qwert"),
        TAKES("R-23, H1S-48",
            POST("Transfer-Encoding: chunked" CRLF) "1" CRLF "q" CRLF "0" CRLF
                                                    "Content-Length: 50" CRLF
                                                    "Transfer-Encoding: chunked" CRLF
                                                    "Host: evil" CRLF CRLF,
            "q{Content-Length=50}{Transfer-Encoding=chunked}{Host=evil}"),
        REFUSES_CHUNKS("trailers that are none", "0" CRLF "a b" CRLF CRLF),
    };
    TALKS(talks, read_all);
}

/* the service is told, and the client, who has gone, gets nothing. */
static void r_22_content_that_ends_early_is_no_success(void **state) {
    (void)state;
    static const char *const parts[] = {"", "5", "5" CRLF, "5" CRLF "he", "5" CRLF "hello",
        "5" CRLF "hello" CRLF, "5" CRLF "hello" CRLF "0", "5" CRLF "hello" CRLF "0" CRLF,
        "5" CRLF "hello" CRLF "0" CRLF "\r", "0" CRLF "a: b" CRLF};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char input[256];
        (void)!snprintf(
            input, sizeof input, "%s%s", POST("Transfer-Encoding: chunked" CRLF), parts[i]);
        const struct talk talk = {"R-22", input, "", NULL, WB_ERR_UNEXPECTED_EOF};
        talk_every_way(&talk, read_all);
    }
    const struct talk sized = {"H1S-07", POST("Content-Length: 10" CRLF) "12345", "",
        ASKED "12345!WB_ERR_UNEXPECTED_EOF;", WB_ERR_UNEXPECTED_EOF};
    talk_every_way(&sized, read_all);
}

/* Through a long text in pieces of some size; returns the room that is left in it. */
static char *append(char *at, const char *text, size_t times) {
    const size_t len = strlen(text);
    for (; times != 0; times--) {
        memcpy(at, text, len);
        at += len;
    }
    *at = '\0';
    return at;
}

static void expect_refusal_of(const char *input, const char *output, enum wb_status status) {
    read_all();
    bench.line.input = wb_bytes_from_string(input);
    bench.line.has_finished = true;
    bench_open();
    bench_expect(output);
    assert_true(bench_is_over());
    assert_status(bench.conn.future.status, status);
    bench_close();
}

static void r_24_trailers_are_bounded(void **state) {
    (void)state;
    static char input[1 << 17];
    char *at = append(input, POST("Transfer-Encoding: chunked" CRLF) "0" CRLF, 1);
    char *const trailers = at;
    at = append(at, "a: ", 1);
    at = append(at, "b", 20000);
    append(at, CRLF CRLF NEXT, 1);
    expect_refusal_of(input, REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(trailers, "a: b" CRLF, 101);
    append(at, CRLF NEXT, 1);
    expect_refusal_of(input, REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(trailers, "a: b" CRLF, 100);
    append(at, CRLF NEXT, 1);
    expect_refusal_of(input, HELLO HELLO, WB_OK);
    at = append(trailers, "a: ", 1);
    at = append(at, "b", 16000);
    append(at, CRLF CRLF NEXT, 1);
    expect_refusal_of(input, HELLO HELLO, WB_OK);
}

/* H1S-57 */
static void extensions_are_bounded(void **state) {
    (void)state;
    static char input[1 << 17];
    char *at = append(input, POST("Transfer-Encoding: chunked" CRLF), 1);
    for (int i = 0; i < 9; i++) {
        at = append(at, "1;", 1);
        at = append(at, "x", 2000);
        at = append(at, CRLF "q" CRLF, 1);
    }
    append(at, "0" CRLF CRLF NEXT, 1);
    expect_refusal_of(input, BAD, WB_ERR_PARSE);
}

static void ignore_content(void) {
    bench.options.drain_len_max = 65536;
}

/* */
static void content_that_nobody_reads_is_drained(void **state) {
    (void)state;
    static const struct talk talks[] = {
        {"of a length", POST("Content-Length: 30" CRLF) "GET /sneaky HTTP/1.1\r\n\r\n123456" NEXT,
            HELLO HELLO, ASKED ";" ASKED_NEXT, WB_OK},
        {"chunked",
            POST("Transfer-Encoding: chunked" CRLF) "5" CRLF "hello" CRLF "0" CRLF
                                                    "a: b" CRLF CRLF NEXT,
            HELLO HELLO, ASKED ";" ASKED_NEXT, WB_OK},
        {"chunks that are none, when the answer was given",
            POST("Transfer-Encoding: chunked" CRLF) "zz" CRLF NEXT, HELLO, ASKED ";", WB_ERR_PARSE},
    };
    TALKS(talks, ignore_content);
}

static void r_25_long_content_closes(void **state) {
    (void)state;
    static char input[1 << 20];
    char *at = append(input, POST("Content-Length: 1000000" CRLF), 1);
    at = append(at, "x", 1000000);
    append(at, NEXT, 1);
    bench.line.input = wb_bytes_from_string(input);
    bench_open();
    bench_expect(HELLO_CLOSE);
    bench_expect_log(ASKED ";");
    assert_int_equal(bench.line.shutdowns, 1);
    /* It hears the client out, but not for ever. */
    assert_true(bench_is_over());
    assert_in_range(bench.line.read_len, 1 << 18, 1 << 19);
}

static void r_25_chunks_without_end_close(void **state) {
    (void)state;
    static char input[1 << 20];
    char *at = append(input, POST("Transfer-Encoding: chunked" CRLF), 1);
    append(at, "8" CRLF "12345678" CRLF, 30000);
    bench.line.input = wb_bytes_from_string(input);
    bench_open();
    bench_expect(HELLO);
    bench_expect_log(ASKED ";");
    assert_int_equal(bench.line.shutdowns, 1);
}

static void content_beyond_the_limit_is_refused(void **state) {
    (void)state;
    read_all();
    bench.options.body_len_max = 4;
    bench.line.input = wb_bytes_from_string(POST("Content-Length: 5" CRLF) "hello" NEXT);
    bench.line.has_finished = true;
    bench_open();
    bench_expect(TOO_LARGE);
    bench_expect_log("");
    bench_expect_over(WB_ERR_LIMIT, WB_HTTP_ERROR_TOO_LARGE);
    bench_close();
    read_all();
    bench.options.body_len_max = 4;
    bench.line.input =
        wb_bytes_from_string(POST("Transfer-Encoding: chunked" CRLF) "3" CRLF "hel" CRLF "2" CRLF
                                                                     "lo" CRLF "0" CRLF CRLF NEXT);
    bench.line.has_finished = true;
    bench_open();
    bench_expect(TOO_LARGE);
    bench_expect_log(ASKED "hel!WB_ERR_LIMIT;");
    bench_expect_over(WB_ERR_LIMIT, WB_HTTP_ERROR_TOO_LARGE);
}

/* A service that answers all the same is sent, and then it is over. */
static void failed_content_ends_the_connection(void **state) {
    (void)state;
    bench.desk.reading = DESK_ANSWERS_ANYWAY;
    bench.line.input = wb_bytes_from_string(POST("Transfer-Encoding: chunked" CRLF) "zz" CRLF NEXT);
    bench.line.has_finished = true;
    bench_open();
    bench_expect(HELLO_CLOSE);
    bench_expect_log(ASKED "!WB_ERR_PARSE;");
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

/* H1S-49, H1S-59: long content, and the buffer that grows for it, is the same content. */
static void long_content_arrives_whole(void **state) {
    (void)state;
    static char input[1 << 20];
    static char log[1 << 18];
    char *at = append(input, POST("Content-Length: 200000" CRLF), 1);
    at = append(at, "0123456789", 20000);
    append(at, NEXT, 1);
    at = append(log, ASKED, 1);
    at = append(at, "0123456789", 20000);
    append(at, ";" ASKED_NEXT, 1);
    for (size_t read_max = 0; read_max < 5000; read_max += 1237) {
        read_all();
        bench.line.input = wb_bytes_from_string(input);
        bench.line.has_finished = true;
        bench.line.read_max = read_max;
        bench_open();
        bench_expect(HELLO HELLO);
        bench_expect_log(log);
        bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
        bench_close();
    }
}

static void mirror(void) {
    bench.desk.reading = DESK_MIRRORS;
    bench.desk.content = NULL;
}

/* What comes is what goes, while it comes. */
static void content_can_be_the_response(void **state) {
    (void)state;
    static const struct talk talk = {"mirror", POST("Content-Length: 5" CRLF) "hello" NEXT,
        "HTTP/1.1 200 OK" CRLF "content-length: 5" CRLF CRLF "hello"
        "HTTP/1.1 200 OK" CRLF "content-length: 0" CRLF CRLF,
        ASKED ";" ASKED_NEXT, WB_OK};
    talk_every_way(&talk, mirror);
}

/* what has begun is broken off, and no second head is put into it. */
static void content_that_fails_within_a_response_ends_it(void **state) {
    (void)state;
    mirror();
    bench_open();
    bench_send(POST("Transfer-Encoding: chunked" CRLF) "5" CRLF "hello" CRLF);
    bench_expect(
        "HTTP/1.1 200 OK" CRLF "transfer-encoding: chunked" CRLF CRLF "5" CRLF "hello" CRLF);
    bench_send("zz" CRLF NEXT);
    bench_expect("");
    assert_int_equal(bench.line.shutdowns, 1);
    bench_finish();
    bench_expect_over(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE);
}

/* A buffer that was filled once may grow, but not because nothing comes. */
static void waiting_lets_no_buffer_grow(void **state) {
    (void)state;
    static const char head[] = POST("Content-Length: 100000" CRLF);
    static char part[WB_H1_SERVER_BUF_LEN_MIN - (sizeof head - 1)]; /* to the brim */
    read_all();
    memset(part, 'x', sizeof part);
    bench_open();
    bench_send(head);
    bench_send_bytes(wb_bytes_from(part, sizeof part));
    const size_t bytes = atomic_load(&stage.world->bytes);
    for (int i = 0; i < 5; i++) {
        atomic_store(&bench.bell.wakes, 1);
        bench_settle();
    }
    assert_int_equal(atomic_load(&stage.world->bytes), bytes);
}

static void r_26_r_27_close_is_the_end(void **state) {
    (void)state;
    static const struct talk talks[] = {
        {"R-26", "GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF CRLF NEXT, HELLO_CLOSE,
            "GET / a ;", WB_OK},
        {"R-27",
            "GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF
            "Connection: keep-alive" CRLF CRLF NEXT,
            HELLO_CLOSE, "GET / a ;", WB_OK},
        {"R-27 in a list",
            "GET / HTTP/1.1" CRLF HOST "Connection: keep-alive, close" CRLF CRLF NEXT, HELLO_CLOSE,
            "GET / a ;", WB_OK},
    };
    TALKS(talks, NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(framing_of_heads),
        CASE(framing_of_chunks),
        CASE(r_22_content_that_ends_early_is_no_success),
        CASE(r_24_trailers_are_bounded),
        CASE(extensions_are_bounded),
        CASE(content_that_nobody_reads_is_drained),
        CASE(r_25_long_content_closes),
        CASE(r_25_chunks_without_end_close),
        CASE(content_beyond_the_limit_is_refused),
        CASE(failed_content_ends_the_connection),
        CASE(long_content_arrives_whole),
        CASE(content_can_be_the_response),
        CASE(content_that_fails_within_a_response_ends_it),
        CASE(waiting_lets_no_buffer_grow),
        CASE(r_26_r_27_close_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
