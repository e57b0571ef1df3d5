/* What a request must look like, and what is said of one that does not: each conversation in every
 * way. R-.. are the rules' own numbers. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define BAD REFUSED("400 Bad Request")
#define NEXT GET("/b")
#define ASKED_NEXT "GET /b a ;"

#define REFUSES(name, input)                                                                       \
    { name, input NEXT, BAD, "", WB_ERR_PARSE }
#define REFUSES_FIELD(name, line) REFUSES(name, "GET / HTTP/1.1" CRLF HOST line CRLF CRLF)
#define REFUSES_LINE(name, line) REFUSES(name, line CRLF HOST CRLF)
#define REFUSES_HOST(name, host) REFUSES(name, "GET / HTTP/1.1" CRLF "Host: " host CRLF CRLF)
#define TAKES(name, input, asked)                                                                  \
    { name, input NEXT, HELLO HELLO, asked ";" ASKED_NEXT, WB_OK }
#define NOT_SUPPORTED REFUSED("505 HTTP Version Not Supported")

static void request_lines(void **state) {
    (void)state;
    static const struct talk talks[] = {
        REFUSES_LINE("R-40 two blanks", "GET  / HTTP/1.1"),
        REFUSES_LINE("R-40 tab", "GET\t/ HTTP/1.1"),
        REFUSES_LINE("R-40 blank behind", "GET / HTTP/1.1 "),
        REFUSES_LINE("R-40 four words, H1S-29", "GET / x HTTP/1.1"),
        REFUSES_LINE("H1S-29", "GE T / HTTP/1.1"),
        {"R-41 2.0", "GET / HTTP/2.0" CRLF HOST CRLF NEXT, NOT_SUPPORTED, "", WB_ERR_PARSE},
        {"R-41 3.7", "GET / HTTP/3.7" CRLF HOST CRLF NEXT, NOT_SUPPORTED, "", WB_ERR_PARSE},
        {"H1S-52", "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF, NOT_SUPPORTED, "", WB_ERR_PARSE},
        REFUSES_LINE("R-41 lower case", "GET / http/1.1"),
        REFUSES_LINE("R-41 1.10", "GET / HTTP/1.10"),
        REFUSES_LINE("R-41 11", "GET / HTTP/11"),
        REFUSES_LINE("R-41 lone CR", "GET / HTTP/1.1\r"),
        TAKES("R-41 1.2", "GET / HTTP/1.2" CRLF HOST CRLF, "GET / a "),
        REFUSES_LINE("R-42 control character", "GET /\x01 HTTP/1.1"),
        REFUSES_LINE("R-42 DEL", "GET /\x7f HTTP/1.1"),
        REFUSES_LINE("R-42 fragment", "GET /#a HTTP/1.1"),
        REFUSES_LINE("R-42 none", "GET HTTP/1.1"),
        REFUSES_LINE("R-42 asterisk", "GET * HTTP/1.1"),
        TAKES("R-42 OPTIONS", "OPTIONS * HTTP/1.1" CRLF HOST CRLF, "OPTIONS * a "),
        TAKES("R-44 one", CRLF GET("/"), "GET / a "),
        TAKES("R-44 two", CRLF CRLF GET("/"), "GET / a "),
        REFUSES("R-44 too many", CRLF CRLF CRLF CRLF CRLF CRLF CRLF CRLF CRLF CRLF GET("/")),
        TAKES("R-45", "get / HTTP/1.1" CRLF HOST CRLF, "get / a "),
        REFUSES_LINE("R-52 CONNECT without a port", "CONNECT a HTTP/1.1"),
        REFUSES_LINE("R-52 CONNECT with an empty port", "CONNECT a: HTTP/1.1"),
        REFUSES_LINE("R-52 CONNECT with a hexadecimal port", "CONNECT a:0x50 HTTP/1.1"),
        REFUSES_LINE("R-52 CONNECT with a URI", "CONNECT http://a/ HTTP/1.1"),
    };
    TALKS(talks, NULL);
}

static void fields(void **state) {
    (void)state;
    static const struct talk talks[] = {
        REFUSES_FIELD("R-30 blank", "Content-Length : 5"),
        REFUSES_FIELD("R-30 tab", "Content-Length\t: 5"),
        REFUSES("R-31", "GET / HTTP/1.1" CRLF " Host: a" CRLF CRLF),
        REFUSES_FIELD("R-33 lone CR", "X: a\rTransfer-Encoding: chunked"),
        REFUSES("R-34 all", "GET / HTTP/1.1\nHost: a\n\n"),
        REFUSES("R-34 one", "GET / HTTP/1.1" CRLF "Host: a\nX: y" CRLF CRLF),
        REFUSES("R-34 the last", "GET / HTTP/1.1" CRLF "Host: a" CRLF "\n"),
        REFUSES_FIELD("R-35 bracket", "X(: 1"),
        REFUSES_FIELD("R-35 beyond ASCII", "\x80: 1"),
        REFUSES_FIELD("R-35 blank within", "X Y: 1"),
        REFUSES_FIELD("R-35 none", ": 1"),
        REFUSES_FIELD("R-35 without a colon", "Foo bar"),
        REFUSES("R-36", "GET / HTTP/1.1" CRLF CRLF),
        REFUSES("R-37", "GET / HTTP/1.1" CRLF HOST "Host: b" CRLF CRLF),
        REFUSES("R-37 equal", "GET / HTTP/1.1" CRLF HOST HOST CRLF),
        REFUSES_HOST("R-38 blank", "a b"),
        REFUSES_HOST("R-38 path", "a/b"),
        REFUSES_HOST("R-38 user", "a@b"),
        REFUSES_HOST("R-38 port", "a:99999"),
        REFUSES_HOST("R-38 bracket", "[::1"),
        TAKES("R-38 of IPv6", "GET / HTTP/1.1" CRLF "Host: [::1]:80" CRLF CRLF, "GET / [::1]:80 "),
        TAKES("R-39", "GET http://b/x?y HTTP/1.1" CRLF HOST CRLF, "GET /x?y b "),
        TAKES("R-39 without a path", "GET http://b HTTP/1.1" CRLF HOST CRLF, "GET / b "),
        TAKES("R-39 query alone", "GET http://b?y HTTP/1.1" CRLF HOST CRLF, "GET /?y b "),
        TAKES("R-48", "GET / HTTP/1.1" CRLF HOST "Expect: foo" CRLF CRLF, "GET / a "),
        TAKES("H1S-65 tabs", "GET / HTTP/1.1" CRLF HOST "X:\ta\tb\t" CRLF CRLF, "GET / a "),
        TAKES("path as it is", "GET /../a/./%2e%2E//?a?b HTTP/1.1" CRLF HOST CRLF,
            "GET /../a/./%2e%2E//?a?b a "),
    };
    TALKS(talks, NULL);
}

/* A NUL is no end of anything. */
static void expect_refusal_of_nul(const char *input, size_t len) {
    for (size_t cut_at = 0; cut_at <= len; cut_at++) {
        bench.line.input = wb_bytes_from(input, len);
        bench.line.has_finished = true;
        bench.line.cut_at = cut_at;
        bench_open();
        bench_expect(BAD);
        bench_expect_log("");
        bench_expect_over(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE);
        bench_close();
    }
}

static void r_32_nul_is_refused(void **state) {
    (void)state;
    static const char in_value[] = "GET / HTTP/1.1" CRLF HOST "X: a\0b" CRLF CRLF NEXT;
    static const char in_name[] = "GET / HTTP/1.1" CRLF HOST "X\0: 1" CRLF CRLF NEXT;
    static const char in_coding[] =
        "POST / HTTP/1.1" CRLF HOST "Transfer-Encoding: chunked\0" CRLF CRLF "0" CRLF CRLF NEXT;
    static const char in_target[] = "GET /\0 HTTP/1.1" CRLF HOST CRLF NEXT;
    expect_refusal_of_nul(in_value, sizeof in_value - 1);
    expect_refusal_of_nul(in_name, sizeof in_name - 1);
    expect_refusal_of_nul(in_coding, sizeof in_coding - 1);
    expect_refusal_of_nul(in_target, sizeof in_target - 1);
}

/* ---- limits ---- */

static char *append(char *at, const char *text, size_t times) {
    const size_t len = strlen(text);
    for (; times != 0; times--) {
        memcpy(at, text, len);
        at += len;
    }
    *at = '\0';
    return at;
}

static char input[1 << 20];

/* Whatever the size of the pieces. */
static void expect_answer(const char *output, enum wb_status status) {
    static const size_t sizes[] = {0, 1000, 8192, 65537};
    const struct wb_h1_server_options options = bench.options;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bench.options = options;
        bench.line.input = wb_bytes_from_string(input);
        bench.line.has_finished = true;
        bench.line.read_max = sizes[i];
        bench_open();
        bench_expect(output);
        assert_true(bench_is_over());
        assert_status(bench.conn.future.status, status);
        bench_close();
    }
}

/* H1S-30 */
static void r_43_long_targets_are_refused(void **state) {
    (void)state;
    char *at = append(input, "GET /", 1);
    at = append(at, "a", 65533);
    append(at, " HTTP/1.1" CRLF HOST CRLF NEXT, 1);
    expect_answer(HELLO HELLO, WB_OK);
    at = append(input, "GET /", 1);
    at = append(at, "a", 65534);
    append(at, " HTTP/1.1" CRLF HOST CRLF NEXT, 1);
    expect_answer(REFUSED("414 URI Too Long"), WB_ERR_PARSE);
}

static void r_43_long_methods_are_refused(void **state) {
    (void)state;
    char *at = append(input, "A", 33);
    append(at, " / HTTP/1.1" CRLF HOST CRLF NEXT, 1);
    expect_answer(REFUSED("501 Not Implemented"), WB_ERR_PARSE);
}

/* H1S-31, H1S-32 */
static void r_43_large_heads_are_refused(void **state) {
    (void)state;
    char *at = append(input, "GET / HTTP/1.1" CRLF HOST, 1);
    at = append(at, "a", 65536);
    append(at, ": b" CRLF CRLF NEXT, 1);
    expect_answer(REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(input, "GET / HTTP/1.1" CRLF HOST "X: ", 1);
    at = append(at, "b", 420000);
    append(at, CRLF CRLF NEXT, 1);
    expect_answer(REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(input, "GET / HTTP/1.1" CRLF HOST "X: ", 1);
    at = append(at, "b", 410000);
    append(at, CRLF CRLF NEXT, 1);
    expect_answer(HELLO HELLO, WB_OK);
}

static void head_len_max_is_an_option(void **state) {
    (void)state;
    char *at = append(input, "GET / HTTP/1.1" CRLF HOST "X: ", 1);
    at = append(at, "b", 8300);
    append(at, CRLF CRLF NEXT, 1);
    bench.options.head.head_len_max = 8192;
    expect_answer(REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(input, "GET / HTTP/1.1" CRLF HOST "X: ", 1);
    at = append(at, "b", 8100);
    append(at, CRLF CRLF NEXT, 1);
    bench.options.head.head_len_max = 8192;
    expect_answer(HELLO HELLO, WB_OK);
    bench.options.head.head_len_max = 8191;
    assert_status(wb_h1_server_conn_init(&bench.conn, stage.runtime, line_io(&bench.line),
                      &bench.desk.service, NULL, &bench.options),
        WB_ERR_INVALID);
}

/* H1S-33 */
static void hundred_fields_pass(void **state) {
    (void)state;
    char *at = append(input, "GET / HTTP/1.1" CRLF HOST, 1);
    at = append(at, "a: b" CRLF, 99);
    append(at, CRLF NEXT, 1);
    expect_answer(HELLO HELLO, WB_OK);
    at = append(input, "GET / HTTP/1.1" CRLF HOST, 1);
    at = append(at, "a: b" CRLF, 100);
    append(at, CRLF NEXT, 1);
    expect_answer(REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
    at = append(input, "GET / HTTP/1.1" CRLF HOST, 1);
    at = append(at, "a: b" CRLF, 3);
    append(at, CRLF NEXT, 1);
    bench.options.fields_max = 3;
    expect_answer(REFUSED("431 Request Header Fields Too Large"), WB_ERR_PARSE);
}

/* Leniencies are the codec's; that the connection passes them on is what is tested. */
static void leniencies_are_options(void **state) {
    (void)state;
    append(input, "GET / HTTP/1.1" CRLF CRLF, 1);
    bench.options.head.allow_missing_host = true;
    expect_answer(HELLO, WB_OK);
    append(input, "GET / HTTP/1.1\nHost: a\n\n", 1);
    bench.options.head.allow_missing_host = false;
    bench.options.head.allow_bare_lf = true;
    expect_answer(HELLO, WB_OK);
}

/* H1S-34, H1S-63: the end between requests is one, that in a request is none. */
static void ends(void **state) {
    (void)state;
    static const struct talk talks[] = {
        {"nothing", "", "", "", WB_OK},
        {"empty lines", CRLF CRLF, "", "", WB_OK},
        {"half an empty line", "\r", "", "", WB_OK},
        {"a letter", "G", "", "", WB_ERR_UNEXPECTED_EOF},
        {"a line", "GET / HTTP/1.1" CRLF, "", "", WB_ERR_UNEXPECTED_EOF},
        {"all but a byte", "GET / HTTP/1.1" CRLF HOST "\r", "", "", WB_ERR_UNEXPECTED_EOF},
        {"the second", GET("/") "GET", HELLO, "GET / a ;", WB_ERR_UNEXPECTED_EOF},
    };
    TALKS(talks, NULL);
}

static void errors_say_where(void **state) {
    (void)state;
    char text[160];
    bench.line.input = wb_bytes_from_string("GET / HTTP/1.1" CRLF "Host : a" CRLF CRLF);
    bench.line.has_finished = true;
    bench_open();
    bench_expect(BAD);
    bench_expect_over(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE);
    wb_http_error_format(&bench.conn.error, text, sizeof text);
    assert_string_equal(
        text, "what came is not HTTP: a blank between a field's name and its colon, at byte 20");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(request_lines),
        CASE(fields),
        CASE(r_32_nul_is_refused),
        CASE(r_43_long_targets_are_refused),
        CASE(r_43_long_methods_are_refused),
        CASE(r_43_large_heads_are_refused),
        CASE(head_len_max_is_an_option),
        CASE(hundred_fields_pass),
        CASE(leniencies_are_options),
        CASE(ends),
        CASE(errors_say_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
