/* From text to scenario: the steps of a peer. */
#include "scenario/parser.h"

#include "scenario/words.h"

#include "wb/sys.h"

#include <string.h>

/* ---- arguments */

static int parse_number(struct wbh__parser *parser, const char *what, uint64_t max, uint32_t *out) {
    return wbh__parse_number(parser, what, 1, max, out);
}

static int parse_time(struct wbh__parser *parser, uint64_t *out_ns) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    return wbh__span_time(&parser->lexer, word, WBH_DURATION_MAX_NS, out_ns);
}

/* after PEER [STEPS]. Both are checked when all peers are known. */
static int parse_after(struct wbh__parser *parser, struct wbh_step *step) {
    struct wbh_scenario *scenario = parser->scenario;
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_peer_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name, "the name of another peer", NULL);
    }
    struct wbh__span number = wbh__lexer_peek(&parser->lexer);
    if (number.len > 0
        && parse_number(parser, "a number of steps", WBH_STEPS_MAX, &step->step) != 0) {
        return -1;
    }
    uint32_t peer = scenario->peer_count - 1;
    return wbh__add_reference(parser, (struct wbh__reference){.kind = WBH__REFERENCE_AFTER,
                                          .item = wbh__storage_of(scenario)->step_count,
                                          .name = name,
                                          .number = number,
                                          .peer = peer,
                                          .step = wbh__peer_at(scenario, peer)->step_count});
}

static const char unix_name_form[] =
    "the name of a Unix socket in quotes, as in \"/run/echo\" or \"@echo\"";

/* The name of a Unix socket, in quotes. */
static int parse_unix_name(struct wbh__parser *parser, struct wbh_step *step) {
    struct wbh__lexer *lexer = &parser->lexer;
    struct wbh__span string = wbh__lexer_peek(lexer);
    char name[WBH_UNIX_NAME_MAX];
    size_t len;
    step->data_offset = parser->scenario->data_len;
    if (string.len == 0 && step->kind == WBH_STEP_BIND_DATAGRAM) {
        return 0;
    }
    if (wbh__lexer_string(lexer, (uint8_t *)name, sizeof name, unix_name_form, &len) != 0) {
        return -1;
    }
    if (!wbh__is_unix_name(name, len)) {
        return wbh__fail(lexer, string, unix_name_form,
            "it has 1 to 107 bytes, none of them 0, and begins with no blank");
    }
    step->data_len = (uint32_t)len;
    return wbh__add_data(parser->scenario, (const uint8_t *)name, len) == 0
               ? 0
               : wbh__fail_memory(lexer);
}

static const char *signal_word(unsigned n) {
    static const char *const words[] = {"SIGTERM", "SIGINT"};
    return n < 2 ? words[n] : NULL;
}

/* [PROGRAM]: the first one if it is not said. */
static int parse_which_program(struct wbh__parser *parser) {
    return wbh__lexer_peek(&parser->lexer).len == 0
               ? 0
               : wbh__parse_program_name(parser, WBH__REFERENCE_STEP_PROGRAM,
                   wbh__storage_of(parser->scenario)->step_count);
}

static int parse_signal(struct wbh__parser *parser, struct wbh_step *step) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    if (wbh__span_is(word, "SIGTERM")) {
        step->count = WB_SIGTERM;
    } else if (wbh__span_is(word, "SIGINT")) {
        step->count = WB_SIGINT;
    } else {
        return wbh__fail_word(&parser->lexer, word, "SIGTERM or SIGINT", signal_word);
    }
    return parse_which_program(parser);
}

static int parse_every(struct wbh__parser *parser, struct wbh_step *step, const char *expected) {
    struct wbh__span every = wbh__lexer_take(&parser->lexer);
    if (!wbh__span_is(every, "every")) {
        return wbh__fail(&parser->lexer, every, expected, NULL);
    }
    return parse_time(parser, &step->duration_ns);
}

static int parse_read_slowly(struct wbh__parser *parser, struct wbh_step *step) {
    if (parse_number(parser, "a number of bytes", WBH_BUFFER_MAX, &step->count) != 0) {
        return -1;
    }
    return parse_every(parser, step, "every and a time, as in read slowly 10 every 1ms");
}

static int parse_send_slowly(struct wbh__parser *parser, struct wbh_step *step) {
    if (wbh__parse_contents(parser, step, true) != 0) {
        return -1;
    }
    return parse_every(parser, step, "every and a time, as in send slowly \"GET\" every 1s");
}

/* bind udp [PORT] [PROGRAM]. No program's name begins with a digit. */
static int parse_bind_udp(struct wbh__parser *parser, struct wbh_step *step) {
    enum { PORT_MAX = 65535 };
    struct wbh__span word = wbh__lexer_peek(&parser->lexer);
    bool has_port = word.len != 0 && word.at[0] >= '0' && word.at[0] <= '9';
    if (has_port && parse_number(parser, "a port", PORT_MAX, &step->count) != 0) {
        return -1;
    }
    return parse_which_program(parser);
}

static const char *what_is_counted(const struct wbh_step *step) {
    return step->kind == WBH_STEP_LISTEN               ? "a port"
           : step->kind == WBH_STEP_EXPECT_DESCRIPTORS ? "a number of descriptors"
                                                       : "a number of bytes";
}

static int parse_arguments(struct wbh__parser *parser, struct wbh_step *step) {
    uint32_t least;
    uint32_t most;
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_SEND:
    case WBH_STEP_EXPECT:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
        return wbh__parse_contents(parser, step, false);
    case WBH_STEP_SEND_SLOWLY:
        return parse_send_slowly(parser, step);
    case WBH_STEP_AFTER:
        return parse_after(parser, step);
    case WBH_STEP_SIGNAL:
        return parse_signal(parser, step);
    case WBH_STEP_READ_SLOWLY:
        return parse_read_slowly(parser, step);
    case WBH_STEP_SLEEP:
    case WBH_STEP_EXPECT_SILENCE:
        return parse_time(parser, &step->duration_ns);
    case WBH_STEP_BIND_UDP:
        return parse_bind_udp(parser, step);
    case WBH_STEP_LISTEN:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_BUFFERS:
        (void)wbh__step_count_range((enum wbh_step_kind)step->kind, &least, &most);
        return parse_number(parser, what_is_counted(step), most, &step->count);
    case WBH_STEP_CONNECT:
    case WBH_STEP_EXPECT_REFUSED:
        return parse_which_program(parser);
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
        return parse_unix_name(parser, step);
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        return wbh__parse_message(parser, step);
    case WBH_STEP_ACCEPT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_ON:
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return 0;
}

/* ---- which step */

/* The first words of steps, for suggestions. */
static const char *first_word(unsigned n) {
    static const char *const words[] = {"connect", "listen", "accept", "send", "expect", "sleep",
        "after", "half-close", "close", "reset", "read", "buffers", "signal", "bind", "pass",
        "http-request", "http-response"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static const char *expect_word(unsigned n) {
    static const char *const words[] = {"close", "reset", "refused", "silence", "bytes",
        "descriptors", "http-request", "http-response"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static const char *bind_word(unsigned n) {
    static const char *const words[] = {"udp", "datagram"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static const char *pass_word(unsigned n) {
    static const char *const words[] = {"pipe", "socket"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static const char *read_word(unsigned n) {
    static const char *const words[] = {"stop", "slowly", "on"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

static bool matches(const char *words, struct wbh__span first, struct wbh__span second) {
    const char *blank = strchr(words, ' ');
    if (blank == NULL) {
        return second.len == 0 && wbh__span_is(first, words);
    }
    size_t head_len = (size_t)(blank - words);
    return first.len == head_len && memcmp(words, first.at, head_len) == 0
           && wbh__span_is(second, blank + 1);
}

static int kind_of(struct wbh__span first, struct wbh__span second) {
    for (int kind = 0; kind < WBH_STEP_KIND_COUNT; kind++) {
        if (matches(wbh_step_word((enum wbh_step_kind)kind), first, second)) {
            return kind;
        }
    }
    return -1;
}

static const char expected_things[] =
    "bytes in quotes, close, reset, refused, silence, bytes, descriptors, http-request or "
    "http-response";

static int fail_kind(struct wbh__parser *parser, struct wbh__span first, struct wbh__span second) {
    if (wbh__span_is(first, "expect") && wbh__span_is(second, "file")) {
        return wbh__fail(&parser->lexer, second, expected_things,
            "expect file is a statement: it stands in the first column");
    }
    if (wbh__span_is(first, "expect")) {
        return wbh__fail_word(&parser->lexer, second, expected_things, expect_word);
    }
    if (wbh__span_is(first, "read")) {
        return wbh__fail_word(&parser->lexer, second, "stop, slowly or on", read_word);
    }
    if (wbh__span_is(first, "bind")) {
        return wbh__fail_word(&parser->lexer, second, "udp or datagram", bind_word);
    }
    if (wbh__span_is(first, "pass")) {
        return wbh__fail_word(&parser->lexer, second, "pipe or socket", pass_word);
    }
    return wbh__fail_word(&parser->lexer, first,
        "a step: connect, listen, accept, send, expect, sleep, after, half-close, close, reset, "
        "read, buffers, signal, bind, pass, http-request or http-response",
        first_word);
}

/* A word that says which Unix socket it is about whose name follows; anything else that stands
 * there is a program. */
static struct wbh__span take_unix_word(struct wbh__parser *parser) {
    struct wbh__lexer ahead = parser->lexer;
    struct wbh__span word = wbh__lexer_word(&ahead);
    if (word.len == 0 || !wbh__lexer_is_string(&ahead)) {
        return (struct wbh__span){.len = 0};
    }
    return wbh__lexer_take(&parser->lexer);
}

static const char *unix_word(unsigned n) {
    static const char *const words[] = {"unix", "seqpacket", "datagram"};
    return n < sizeof words / sizeof words[0] ? words[n] : NULL;
}

/* "connect unix /run/echo": a kind, and after it a name that lacks its quotes. */
static int check_quotes(struct wbh__parser *parser) {
    struct wbh__lexer ahead = parser->lexer;
    struct wbh__span kind = wbh__lexer_word(&ahead);
    bool is_kind = false;
    for (unsigned n = 0; unix_word(n) != NULL; n++) {
        is_kind |= wbh__span_is(kind, unix_word(n));
    }
    struct wbh__span name = wbh__lexer_word(&ahead);
    return is_kind && name.len > 0 ? wbh__fail(&parser->lexer, name, unix_name_form, NULL) : 0;
}

/* "connect" and "listen", over TCP or, before the name of a socket, through a Unix socket. */
static int take_open(struct wbh__parser *parser, struct wbh__span first) {
    if (check_quotes(parser) != 0) {
        return -1;
    }
    struct wbh__span second = take_unix_word(parser);
    int kind = kind_of(first, second);
    if (kind >= 0) {
        return kind;
    }
    bool is_listen = wbh__span_is(first, "listen");
    if (is_listen && wbh__span_is(second, "datagram")) {
        return wbh__fail(&parser->lexer, second, "unix or seqpacket before the name of a socket",
            "bind datagram has a name for datagrams");
    }
    return wbh__fail_word(&parser->lexer, second,
        is_listen ? "unix or seqpacket before the name of a socket"
                  : "unix, seqpacket or datagram before the name of a socket",
        unix_word);
}

/* "send to", before the name of a socket, and "send slowly"; otherwise what is sent must follow. */
static int take_send(struct wbh__parser *parser) {
    struct wbh__span word = wbh__lexer_peek(&parser->lexer);
    bool is_to = wbh__span_is(word, "to");
    if (is_to || wbh__span_is(word, "slowly")) {
        (void)wbh__lexer_word(&parser->lexer);
        return is_to ? WBH_STEP_SEND_TO : WBH_STEP_SEND_SLOWLY;
    }
    return WBH_STEP_SEND;
}

static int take_refused(struct wbh__parser *parser) {
    if (check_quotes(parser) != 0) {
        return -1;
    }
    struct wbh__span third = take_unix_word(parser);
    if (third.len == 0) {
        return WBH_STEP_EXPECT_REFUSED;
    }
    return wbh__span_is(third, "unix")
               ? WBH_STEP_EXPECT_REFUSED_UNIX
               : wbh__fail(&parser->lexer, third, "unix before the name of a socket", NULL);
}

/* The step's words: one, or two for those that begin with expect, read, bind or pass; one more
 * before the name of a Unix socket. */
static int take_kind(struct wbh__parser *parser, struct wbh__span first) {
    (void)wbh__lexer_word(&parser->lexer);
    struct wbh__span second = {.len = 0};
    if (wbh__span_is(first, "expect") && wbh__is_contents(parser)) {
        return WBH_STEP_EXPECT;
    }
    if (wbh__span_is(first, "connect") || wbh__span_is(first, "listen")) {
        return take_open(parser, first);
    }
    if (wbh__span_is(first, "send")) {
        return take_send(parser);
    }
    bool is_pair = wbh__span_is(first, "expect") || wbh__span_is(first, "read")
                   || wbh__span_is(first, "bind") || wbh__span_is(first, "pass");
    if (is_pair) {
        second = wbh__lexer_take(&parser->lexer);
    }
    int kind = is_pair && second.len == 0 ? -1 : kind_of(first, second);
    if (kind == WBH_STEP_EXPECT_REFUSED) {
        return take_refused(parser);
    }
    return kind >= 0 ? kind : fail_kind(parser, first, second);
}

int wbh__parse_step(struct wbh__parser *parser) {
    struct wbh_scenario *scenario = parser->scenario;
    struct wbh__span first = wbh__lexer_peek(&parser->lexer);
    int kind = take_kind(parser, first);
    if (kind < 0) {
        return -1;
    }
    if (wbh__peer_at(scenario, scenario->peer_count - 1)->step_count == WBH_STEPS_MAX) {
        return wbh__fail(&parser->lexer, first, "at most 256 steps of a peer", NULL);
    }
    struct wbh_step step = {.kind = (uint8_t)kind, .line = first.line};
    if (parse_arguments(parser, &step) != 0) {
        return -1;
    }
    if (wbh__add_step(scenario, &step) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    return wbh__step_has_parts((enum wbh_step_kind)kind) ? wbh__parse_parts(parser) : 0;
}
