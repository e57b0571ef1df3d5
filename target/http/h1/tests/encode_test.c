/* Heads that are sent: framed in one way, and nothing in them that the application did not mean. */
#include "wb/h1_encode.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define BYTES(literal) wb_bytes_from(literal, sizeof(literal) - 1)

/* The fields of a message that is to be sent, and what was sent. */
struct desk {
    struct wb_http_field_list fields;
    struct wb_bytes_mut out;
    struct wb_h1_sent sent;
    enum wb_status status;
};

static struct desk desk;

static int setup(void **state) {
    if (test_sys_setup(state) != 0) {
        return -1;
    }
    struct test_sys *test = *state;
    desk = (struct desk){.out = wb_bytes_mut_new(&test->sys)};
    wb_http_field_list_init(&desk.fields, &test->sys, 0, 0);
    return 0;
}

static int teardown(void **state) {
    wb_http_field_list_clean_up(&desk.fields);
    wb_bytes_mut_release(&desk.out);
    return test_sys_teardown(state);
}

static void say(const char *name, const char *value) {
    assert_int_equal(wb_http_field_list_add(
                         &desk.fields, wb_bytes_from_string(name), wb_bytes_from_string(value)),
        WB_OK);
}

static void forget(void) {
    wb_http_field_list_clear(&desk.fields);
    wb_bytes_mut_truncate(&desk.out, 0);
}

static const struct wb_h1_content nothing = {true, 0};
static const struct wb_h1_content unknown = {false, 0};
static const struct wb_h1_content eleven = {true, 11};

static const struct wb_h1_answered get_1_1 = {WB_HTTP_GET, WB_HTTP_1_1, true};
static const struct wb_h1_answered head_1_1 = {WB_HTTP_HEAD, WB_HTTP_1_1, true};
static const struct wb_h1_answered connect_1_1 = {WB_HTTP_CONNECT, WB_HTTP_1_1, true};
static const struct wb_h1_answered get_1_0 = {WB_HTTP_GET, WB_HTTP_1_0, false};
static const struct wb_h1_answered get_1_0_alive = {WB_HTTP_GET, WB_HTTP_1_0, true};

static void respond(
    const struct wb_h1_answered *to, unsigned status, struct wb_h1_content content) {
    const struct wb_h1_response response = {
        .status = status, .fields = wb_http_field_list_view(&desk.fields), .content = content};
    desk.status = wb_h1_encode_response(&response, to, &desk.out, &desk.sent);
}

/* The head that went out, after which the desk is empty. */
static void assert_head(const char *head) {
    assert_int_equal(desk.status, WB_OK);
    if (!wb_bytes_equal(wb_bytes_mut_view(&desk.out), wb_bytes_from_string(head))) {
        char text[1024];
        (void)wb_bytes_format(wb_bytes_mut_view(&desk.out), text, sizeof text);
        fail_msg("%s", text);
    }
    forget();
}

static void assert_refused(void) {
    assert_int_equal(desk.status, WB_ERR_INVALID);
    assert_int_equal(desk.out.len, 0);
    forget();
}

/* ---- responses ---- */

static void h1s_09_h1s_12_known_and_unknown_content(void **state) {
    (void)state;
    respond(&get_1_1, 200, eleven);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_LENGTH && desk.sent.content_length == 11);
    assert_true(desk.sent.keep_alive);
    respond(&get_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_NONE);
    respond(&get_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_CHUNKED);
    say("Content-Length", "11");
    respond(&get_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_LENGTH && desk.sent.content_length == 11);
}

static void h1s_10_h1s_11_r_87_codings_go_before_lengths(void **state) {
    (void)state;
    say("Transfer-Encoding", "chunked");
    respond(&get_1_1, 200, eleven);
    assert_head("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_CHUNKED);
    say("Transfer-Encoding", "gzip");
    respond(&get_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n");
    say("Transfer-Encoding", "gzip");
    say("Transfer-Encoding", "chunked");
    say("Content-Length", "11");
    respond(&get_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n");
}

/* Whatever the application says: chunked once, last, and where no reader can overlook it. */
static void h1_codings_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"chunked,", ",chunked", "gzip,,br", "chunked, chunked",
        "chunked, gzip", "chunked;a=b", "\"", "\"chunked\"", "gzip br", "gzip, \"x", ","};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        say("Transfer-Encoding", bad[i]);
        respond(&get_1_1, 200, unknown);
        if (desk.status == WB_OK) {
            fail_msg("%s: %.*s", bad[i], (int)desk.out.len, (const char *)desk.out.ptr);
        }
        assert_refused();
    }
    say("Transfer-Encoding", "chunked");
    say("Transfer-Encoding", "gzip");
    respond(&get_1_1, 200, unknown);
    assert_refused();
    say("Transfer-Encoding", "");
    say("Transfer-Encoding", "gzip,br");
    say("Transfer-Encoding", "");
    respond(&get_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip,br, chunked\r\n\r\n");
}

static void h1s_13_r_83_http_1_0_never_gets_chunks(void **state) {
    (void)state;
    respond(&get_1_0, 200, unknown);
    assert_head("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_UNTIL_CLOSE);
    say("Transfer-Encoding", "chunked");
    respond(&get_1_0_alive, 200, unknown);
    assert_head("HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n");
    assert_false(desk.sent.keep_alive);
    say("Transfer-Encoding", "chunked");
    respond(&get_1_0_alive, 200, eleven);
    assert_head("HTTP/1.0 200 OK\r\ncontent-length: 11\r\nconnection: keep-alive\r\n\r\n");
}

static void h1s_15_h1s_17_what_becomes_of_the_connection(void **state) {
    (void)state;
    respond(&get_1_0_alive, 200, nothing);
    assert_head("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n");
    assert_true(desk.sent.keep_alive);
    const struct wb_h1_answered last = {WB_HTTP_GET, WB_HTTP_1_1, false};
    respond(&last, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_false(desk.sent.keep_alive);
    say("Connection", "close");
    respond(&get_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n");
    assert_false(desk.sent.keep_alive);
    /* The application's wish does not outlive the connection's end. */
    say("Connection", "keep-alive");
    respond(&last, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

static void h1s_20_h1s_21_h1s_22_answers_to_head(void **state) {
    (void)state;
    say("Content-Length", "1024");
    respond(&head_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 1024\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_NONE);
    respond(&head_1_1, 200, eleven);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_NONE && desk.sent.leaves_out_content);
    respond(&head_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
    respond(&head_1_1, 200, unknown);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
}

static void h1s_23_h1s_24_r_81_r_82_no_content_no_framing(void **state) {
    (void)state;
    say("Transfer-Encoding", "chunked");
    respond(&get_1_1, 304, unknown);
    assert_head("HTTP/1.1 304 Not Modified\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_NONE && desk.sent.leaves_out_content);
    respond(&get_1_1, 304, eleven);
    assert_head("HTTP/1.1 304 Not Modified\r\n\r\n");
    say("Content-Length", "11");
    respond(&get_1_1, 204, eleven);
    assert_head("HTTP/1.1 204 No Content\r\n\r\n");
    assert_true(desk.sent.leaves_out_content);
    respond(&get_1_1, 205, eleven);
    assert_head("HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_NONE && desk.sent.leaves_out_content);
}

static void h1s_43_h1s_45_tunnels_are_not_framed(void **state) {
    (void)state;
    say("Content-Length", "5");
    say("Transfer-Encoding", "chunked");
    respond(&connect_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_TUNNEL);
    say("Upgrade", "foobar");
    say("Connection", "upgrade");
    respond(&get_1_1, 101, nothing);
    assert_head(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foobar\r\nConnection: upgrade\r\n\r\n");
    respond(&connect_1_1, 403, eleven);
    assert_head("HTTP/1.1 403 Forbidden\r\ncontent-length: 11\r\n\r\n");
}

static void h1s_28_r_85_interim_responses_go_their_own_way(void **state) {
    (void)state;
    respond(&get_1_1, 100, nothing);
    assert_refused();
    respond(&get_1_1, 199, nothing);
    assert_refused();
    respond(&get_1_1, 99, nothing);
    assert_refused();
    respond(&get_1_1, 1000, nothing);
    assert_refused();
    struct wb_http_fields none = {NULL, NULL, 0};
    desk.status = wb_h1_encode_interim(100, none, WB_HTTP_1_1, &desk.out);
    assert_head("HTTP/1.1 100 Continue\r\n\r\n");
    say("Link", "</a>");
    say("Content-Length", "5");
    desk.status =
        wb_h1_encode_interim(103, wb_http_field_list_view(&desk.fields), WB_HTTP_1_1, &desk.out);
    assert_head("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    desk.status = wb_h1_encode_interim(100, none, WB_HTTP_1_0, &desk.out);
    assert_refused();
    desk.status = wb_h1_encode_interim(101, none, WB_HTTP_1_1, &desk.out);
    assert_refused();
    desk.status = wb_h1_encode_interim(200, none, WB_HTTP_1_1, &desk.out);
    assert_refused();
}

static void h1s_50_h1s_51_h1s_66_version_reason_and_date(void **state) {
    (void)state;
    struct wb_h1_response response = {.status = 200,
        .reason = BYTES("Cool"),
        .content = nothing,
        .date = BYTES("Sun, 06 Nov 1994 08:49:37 GMT")};
    desk.status = wb_h1_encode_response(&response, &get_1_1, &desk.out, &desk.sent);
    assert_head("HTTP/1.1 200 Cool\r\ncontent-length: 0\r\n"
                "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
    say("Date", "then");
    response.fields = wb_http_field_list_view(&desk.fields);
    response.reason = BYTES("");
    response.status = 299;
    desk.status = wb_h1_encode_response(&response, &get_1_1, &desk.out, &desk.sent);
    assert_head("HTTP/1.1 299 \r\nDate: then\r\ncontent-length: 0\r\n\r\n");
}

static void r_80_nothing_ends_a_line_early(void **state) {
    (void)state;
    static const struct wb_bytes bad[] = {{(const uint8_t *)"a\rb", 3},
        {(const uint8_t *)"a\nb", 3}, {(const uint8_t *)"a\0b", 3},
        {(const uint8_t *)"a\r\nX: y", 7}, {(const uint8_t *)"a\x7f", 2}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(wb_http_field_list_add(&desk.fields, BYTES("X"), bad[i]), WB_ERR_INVALID);
        assert_int_equal(wb_http_field_list_add(&desk.fields, bad[i], BYTES("x")), WB_ERR_INVALID);
        const struct wb_h1_response response = {
            .status = 200, .reason = bad[i], .content = nothing};
        desk.status = wb_h1_encode_response(&response, &get_1_1, &desk.out, &desk.sent);
        assert_refused();
        const struct wb_h1_response dated = {.status = 200, .content = nothing, .date = bad[i]};
        desk.status = wb_h1_encode_response(&dated, &get_1_1, &desk.out, &desk.sent);
        assert_refused();
        struct wb_h1_request request = {
            .method = bad[i], .target = BYTES("/"), .host = BYTES("a"), .content = nothing};
        desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
        assert_refused();
        request.method = BYTES("GET");
        request.target = bad[i];
        desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
        assert_refused();
        request.target = BYTES("/");
        request.host = bad[i];
        desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
        assert_refused();
    }
}

static void h1_a_length_that_cannot_be_is_refused(void **state) {
    (void)state;
    say("Content-Length", "10");
    respond(&get_1_1, 200, eleven);
    assert_refused();
    say("Content-Length", "x");
    respond(&get_1_1, 200, unknown);
    assert_refused();
    say("Content-Length", "");
    respond(&get_1_1, 200, unknown);
    assert_refused();
    say("Content-Length", "9223372036854775808");
    respond(&get_1_1, 200, unknown);
    assert_refused();
    say("Content-Length", "5");
    say("Content-Length", "6");
    respond(&get_1_1, 200, unknown);
    assert_refused();
    say("Content-Length", "11");
    say("Content-Length", "11");
    respond(&get_1_1, 200, eleven);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n");
}

static void h1_memory_that_runs_out_leaves_nothing_behind(void **state) {
    struct test_sys *test = *state;
    test_sys_refuse(test, 1);
    respond(&get_1_1, 200, nothing);
    assert_int_equal(desk.status, WB_ERR_NO_MEMORY);
    assert_int_equal(desk.out.len, 0);
}

/* Who closes says so, also if the application says both. */
static void h1s_17_close_is_said_beside_keep_alive(void **state) {
    (void)state;
    say("Connection", "keep-alive, close");
    respond(&get_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert_false(desk.sent.keep_alive);
    say("Connection", "close");
    say("Connection", "keep-alive");
    respond(&get_1_1, 200, nothing);
    assert_head("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

/* A length says what there would be, so that it need not be that of the content. */
static void h1_a_length_of_what_is_not_sent(void **state) {
    (void)state;
    say("Content-Length", "1024");
    respond(&get_1_1, 304, nothing);
    assert_head("HTTP/1.1 304 Not Modified\r\ncontent-length: 1024\r\n\r\n");
    assert_true(desk.sent.body == WB_H1_BODY_NONE && !desk.sent.leaves_out_content);
    say("Content-Length", "1024");
    respond(&get_1_1, 204, nothing);
    assert_head("HTTP/1.1 204 No Content\r\n\r\n");
}

static void r_85_http_1_0_does_not_switch_protocols(void **state) {
    (void)state;
    respond(&get_1_0_alive, 101, nothing);
    assert_refused();
}

/* ---- requests ---- */

static void ask(const char *method, enum wb_http_version version, struct wb_h1_content content) {
    const struct wb_h1_request request = {.method = wb_bytes_from_string(method),
        .target = BYTES("/x"),
        .host = BYTES("a:80"),
        .version = version,
        .fields = wb_http_field_list_view(&desk.fields),
        .content = content,
        .keep_alive = version == WB_HTTP_1_1};
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
}

static void h1c_01_h1c_02_h1c_07_requests(void **state) {
    (void)state;
    ask("GET", WB_HTTP_1_1, nothing);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\n\r\n");
    assert_true(desk.sent.keep_alive && desk.sent.body == WB_H1_BODY_NONE);
    ask("POST", WB_HTTP_1_1, nothing);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\ncontent-length: 0\r\n\r\n");
    ask("POST", WB_HTTP_1_1, eleven);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\ncontent-length: 11\r\n\r\n");
    ask("POST", WB_HTTP_1_1, unknown);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\ntransfer-encoding: chunked\r\n\r\n");
    ask("GET", WB_HTTP_1_1, eleven);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\ncontent-length: 11\r\n\r\n");
}

static void h1c_03_h1c_04_h1c_06_codings_and_lengths(void **state) {
    (void)state;
    say("Transfer-Encoding", "chunked");
    ask("GET", WB_HTTP_1_1, unknown);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\ntransfer-encoding: chunked\r\n\r\n");
    assert_int_equal(desk.sent.body, WB_H1_BODY_CHUNKED);
    say("Transfer-Encoding", "foo");
    ask("POST", WB_HTTP_1_1, unknown);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\ntransfer-encoding: foo, chunked\r\n\r\n");
    say("Content-Length", "11");
    ask("GET", WB_HTTP_1_1, unknown);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\ncontent-length: 11\r\n\r\n");
    /* D-10 */
    ask("GET", WB_HTTP_1_1, unknown);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\n\r\n");
    assert_true(desk.sent.leaves_out_content);
}

static void h1c_05_http_1_0(void **state) {
    (void)state;
    say("Transfer-Encoding", "chunked");
    ask("GET", WB_HTTP_1_0, eleven);
    assert_head("GET /x HTTP/1.0\r\nhost: a:80\r\ncontent-length: 11\r\nconnection: close\r\n\r\n");
    ask("GET", WB_HTTP_1_0, unknown);
    assert_head("GET /x HTTP/1.0\r\nhost: a:80\r\nconnection: close\r\n\r\n");
    ask("POST", WB_HTTP_1_0, unknown);
    assert_refused();
}

/* RFC 9110 section 10.1.1. */
static void who_has_no_content_expects_no_100(void **state) {
    (void)state;
    say("Expect", "100-Continue");
    say("A", "b");
    say("expect", "other");
    ask("GET", WB_HTTP_1_1, nothing);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\nA: b\r\nexpect: other\r\n\r\n");
    say("Expect", "other, 100-continue");
    ask("POST", WB_HTTP_1_1, nothing);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\ncontent-length: 0\r\n\r\n");
    say("Expect", "100-continue");
    ask("GET", WB_HTTP_1_1, unknown);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\n\r\n");
    say("Expect", "100-continue");
    ask("POST", WB_HTTP_1_1, unknown);
    assert_head("POST /x HTTP/1.1\r\nhost: a:80\r\nExpect: 100-continue\r\n"
                "transfer-encoding: chunked\r\n\r\n");
}

static void r_88_there_is_one_host(void **state) {
    (void)state;
    say("Host", "other");
    ask("GET", WB_HTTP_1_1, nothing);
    assert_head("GET /x HTTP/1.1\r\nhost: a:80\r\n\r\n");
    struct wb_h1_request request = {.method = BYTES("GET"),
        .target = BYTES("/"),
        .version = WB_HTTP_1_1,
        .content = nothing,
        .keep_alive = true};
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
    assert_refused();
    say("Host", "b");
    request.fields = wb_http_field_list_view(&desk.fields);
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
    assert_head("GET / HTTP/1.1\r\nHost: b\r\n\r\n");
    say("Host", "b");
    say("Host", "b");
    request.fields = wb_http_field_list_view(&desk.fields);
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
    assert_refused();
    say("Host", "u@b");
    request.fields = wb_http_field_list_view(&desk.fields);
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
    assert_refused();
    request.fields = wb_http_field_list_view(&desk.fields);
    static const char *const bad[] = {"u@b", "b/c", "b c", " b", "b:", "b:x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        request.host = wb_bytes_from_string(bad[i]);
        desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
        if (strcmp(bad[i], "b:") == 0) {
            assert_head("GET / HTTP/1.1\r\nhost: b:\r\n\r\n");
            continue;
        }
        assert_refused();
    }
    request.target = BYTES("/a#b");
    request.host = BYTES("a");
    desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
    assert_refused();
}

static void h1s_46_h1c_08_trailers_are_announced_and_allowed(void **state) {
    (void)state;
    say("Chunky-Trailer", "header data");
    say("Host", "evil");
    say("Content-Length", "5");
    say("Set-Cookie", "a=b");
    say("Unannounced", "x");
    desk.status = wb_h1_encode_trailers(wb_http_field_list_view(&desk.fields),
        BYTES("host, content-length, set-cookie, chunky-trailer"), &desk.out);
    assert_head("Chunky-Trailer: header data\r\n\r\n");
    say("X", "y");
    desk.status =
        wb_h1_encode_trailers(wb_http_field_list_view(&desk.fields), BYTES(""), &desk.out);
    assert_head("\r\n");
}

static void h1s_43_a_tunnel_carries_no_content_of_the_response(void **state) {
    (void)state;
    respond(&connect_1_1, 200, eleven);
    assert_true(desk.sent.body == WB_H1_BODY_TUNNEL && desk.sent.leaves_out_content);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
    respond(&connect_1_1, 200, unknown);
    assert_true(desk.sent.leaves_out_content);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
    respond(&connect_1_1, 200, nothing);
    assert_false(desk.sent.leaves_out_content);
    assert_head("HTTP/1.1 200 OK\r\n\r\n");
}

/* RFC 9110 section 6.5.1: what frames, routes, authenticates, controls the request or the response,
 * or says what the content is, comes too late behind it. */
static void h1s_46_trailers_that_would_come_too_late(void **state) {
    (void)state;
    static const char *const late[] = {"Expires", "Vary", "Age", "Date", "Location",
        "Cache-Control", "Pragma", "Retry-After", "Warning", "Content-Type", "Content-Encoding",
        "Content-Range", "Authorization", "Proxy-Authenticate", "Cookie", "Set-Cookie", "If-Match",
        "Range", "Expect", "Max-Forwards", "TE", "Trailer", "Transfer-Encoding", "Content-Length",
        "Host", "Connection", "Upgrade", "Forwarded", "X-Forwarded-For", "Accept",
        "Strict-Transport-Security"};
    for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
        say(late[i], "x");
        desk.status = wb_h1_encode_trailers(
            wb_http_field_list_view(&desk.fields), wb_bytes_from_string(late[i]), &desk.out);
        assert_head("\r\n");
    }
    /* What their definitions let come late. */
    say("ETag", "\"x\"");
    say("Server-Timing", "a");
    say("Content-Digest", "b");
    desk.status = wb_h1_encode_trailers(wb_http_field_list_view(&desk.fields),
        BYTES("etag, server-timing, content-digest"), &desk.out);
    assert_head("ETag: \"x\"\r\nServer-Timing: a\r\nContent-Digest: b\r\n\r\n");
}

static void h1s_17_quotation_marks_hide_no_close(void **state) {
    (void)state;
    say("Connection", "\"a, close\"");
    say("Connection", "\"b, close, c\"");
    respond(&get_1_1, 200, nothing);
    assert_false(desk.sent.keep_alive);
    forget();
}

/* Nobody could read it back. */
static void h1c_13_a_target_fits_the_method(void **state) {
    (void)state;
    static const struct {
        const char *method;
        const char *target;
        bool fits;
    } targets[] = {{"CONNECT", "/", false}, {"CONNECT", "a:80", true}, {"GET", "a:80", false},
        {"GET", "*", false}, {"OPTIONS", "*", true}, {"GET", "http://a/", true},
        {"GET", "http://u@a/", false}, {"GET", "a", false}};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const struct wb_h1_request request = {.method = wb_bytes_from_string(targets[i].method),
            .target = wb_bytes_from_string(targets[i].target),
            .host = BYTES("a"),
            .version = WB_HTTP_1_1,
            .content = nothing,
            .keep_alive = true};
        desk.status = wb_h1_encode_request(&request, &desk.out, &desk.sent);
        assert_int_equal(desk.status, targets[i].fits ? WB_OK : WB_ERR_INVALID);
        forget();
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(h1s_09_h1s_12_known_and_unknown_content),
        CASE(h1s_10_h1s_11_r_87_codings_go_before_lengths),
        CASE(h1_codings_that_cannot_be_are_refused),
        CASE(h1s_13_r_83_http_1_0_never_gets_chunks),
        CASE(h1s_15_h1s_17_what_becomes_of_the_connection),
        CASE(h1s_20_h1s_21_h1s_22_answers_to_head),
        CASE(h1s_23_h1s_24_r_81_r_82_no_content_no_framing),
        CASE(h1s_43_h1s_45_tunnels_are_not_framed),
        CASE(h1s_28_r_85_interim_responses_go_their_own_way),
        CASE(h1s_50_h1s_51_h1s_66_version_reason_and_date),
        CASE(r_80_nothing_ends_a_line_early),
        CASE(h1_a_length_that_cannot_be_is_refused),
        CASE(h1_memory_that_runs_out_leaves_nothing_behind),
        CASE(h1s_17_close_is_said_beside_keep_alive),
        CASE(h1_a_length_of_what_is_not_sent),
        CASE(r_85_http_1_0_does_not_switch_protocols),
        CASE(h1c_01_h1c_02_h1c_07_requests),
        CASE(h1c_03_h1c_04_h1c_06_codings_and_lengths),
        CASE(h1c_05_http_1_0),
        CASE(who_has_no_content_expects_no_100),
        CASE(r_88_there_is_one_host),
        CASE(h1s_46_h1c_08_trailers_are_announced_and_allowed),
        CASE(h1s_43_a_tunnel_carries_no_content_of_the_response),
        CASE(h1s_46_trailers_that_would_come_too_late),
        CASE(h1s_17_quotation_marks_hide_no_close),
        CASE(h1c_13_a_target_fits_the_method),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
