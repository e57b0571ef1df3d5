/* See speakers.h. */
#include "speakers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wb/sys.h"

enum { SERVER_PORT = 7400, PEER_PORT = 7401 };

struct script script = {.patience_ns = INT64_MAX};

static bool is_turn(size_t i) {
    return i < TURNS_MAX && (script.turns[i].heard_len != 0 || script.turns[i].said[0] != '\0');
}

/* ---- programs ---- */

static struct wb_sockaddr loopback(uint16_t port) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {(uint8_t)(port >> 8), (uint8_t)(port & 0xff)};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

static bool await_room(const struct wb_sys *sys, int fd) {
    struct wb_pollfd it = {.fd = fd, .events = WB_EPOLLOUT};
    return WB_SYS(sys, poll, &it, 1, script.patience_ns) == 1;
}

static void say(const struct wb_sys *sys, int fd, const char *text) {
    size_t len = strlen(text);
    int64_t n = 0;
    for (size_t at = 0; at < len && (n >= 0 || n == -EINTR); at += n > 0 ? (size_t)n : 0) {
        n = WB_SYS(sys, send, fd, text + at, len - at, WB_MSG_NOSIGNAL | WB_MSG_DONTWAIT);
        if (n == -EAGAIN && await_room(sys, fd)) {
            n = 0;
        }
    }
}

/* False at the end. */
static bool hear(const struct wb_sys *sys, int fd, size_t *heard_len) {
    char bytes[512];
    int64_t n;
    do {
        n = WB_SYS(sys, recv, fd, bytes, sizeof(bytes), 0);
    } while (n == -EINTR);
    *heard_len += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static void note(const struct wb_sys *sys, int fd, const char *text) {
    const enum wb_note kind = *text == '>' ? WB_NOTE_REQUEST : WB_NOTE_REQUEST_CONTENT;
    uint64_t digest = WB_NOTE_DIGEST_BASIS;
    for (text++; *text != '\0' && *text != '|'; text++) {
        digest = (digest ^ (uint8_t)*text) * WB_NOTE_DIGEST_PRIME;
    }
    wb_sys_note(sys, kind, (uint64_t)fd, digest);
    if (*text == '|') {
        note(sys, fd, text + 1);
    }
}

/* Goes through the turns, ends its side and waits for the other to do so. */
static void talk(const struct wb_sys *sys, int fd) {
    size_t heard_len = 0;
    for (size_t i = 0; is_turn(i); i++) {
        while (heard_len < script.turns[i].heard_len && hear(sys, fd, &heard_len)) {
        }
        if (script.notes[i] != NULL) {
            note(sys, fd, script.notes[i]);
        }
        say(sys, fd, script.turns[i].said);
    }
    (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    while (hear(sys, fd, &heard_len)) {
    }
    (void)WB_SYS(sys, close, fd);
}

static int listen_at(const struct wb_sys *sys, uint16_t port) {
    const struct wb_sockaddr addr = loopback(port);
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, listener, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, listener, 8);
    return listener;
}

static int server_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    int listener = listen_at(sys, SERVER_PORT);
    talk(sys, WB_SYS(sys, accept4, listener, NULL, NULL, 0));
    (void)WB_SYS(sys, close, listener);
    return 0;
}

static int client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_sockaddr addr = loopback(PEER_PORT);
    (void)argc;
    (void)argv;
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, connect, fd, &addr, sizeof(addr.in)) == 0) {
        talk(sys, fd);
    }
    return 0;
}

/* Hears a client, asks another server, hears that to its end, and answers the client with what it
 * is told to. */
static int relay_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_sockaddr addr = loopback(PEER_PORT);
    size_t heard_len = 0;
    (void)argc;
    (void)argv;
    int listener = listen_at(sys, SERVER_PORT);
    int client = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
    while (heard_len < script.turns[0].heard_len && hear(sys, client, &heard_len)) {
    }
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    say(sys, fd, script.turns[0].said);
    (void)WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    while (hear(sys, fd, &heard_len)) {
    }
    say(sys, client, script.turns[1].said);
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, shutdown, client, WB_SHUT_WR);
    (void)WB_SYS(sys, close, client);
    (void)WB_SYS(sys, close, listener);
    return 0;
}

static const struct wbh_program programs[] = {
    {.name = "says",
        .main = server_main,
        .port = SERVER_PORT,
        .ends_by_itself = 1,
        .speaks_http = 1},
    {.name = "says_anything", .main = server_main, .port = SERVER_PORT, .ends_by_itself = 1},
    {.name = "relays",
        .main = relay_main,
        .port = SERVER_PORT,
        .ends_by_itself = 1,
        .speaks_http = 1},
    {.name = "asks", .main = client_main, .speaks_http = 1},
};

/* ---- runs ---- */

static void judge(const char *program, const char *opening, const struct exchange *exchange) {
    char text[4096];
    script.turns = exchange->turns;
    (void)snprintf(text, sizeof(text),
        "scenario \"said\"\nprogram %s\npeer alice\n  %s\n%s%s%s  half-close\n  sleep 1ms\n",
        program, opening, exchange->heard_len != 0 ? "  send \"" : "", exchange->heard,
        exchange->heard_len != 0 ? "\"\n" : "");
    judge_text(text, NULL);
}

void speakers_check(const char *program, const char *opening, const struct exchange *exchange) {
    judge(program, opening, exchange);
    if (exchange->finding == NULL) {
        if (judged.finding_count != 0) {
            fail_msg("heard %s: %s: %s\n%s", exchange->heard, judged.findings[0].oracle,
                judged.findings[0].text, judged.findings[0].why);
        }
        return;
    }
    if (judged.finding_count != 1 || strcmp(judged.findings[0].oracle, "http") != 0
        || strstr(judged.findings[0].text, exchange->finding) == NULL) {
        fail_msg("heard %s: \"%s\" is not in: %s (%u findings)", exchange->heard, exchange->finding,
            judged.finding_count != 0 ? judged.findings[0].text : "",
            (unsigned)judged.finding_count);
    }
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
}

void speakers_check_all(const struct exchange *exchanges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        speakers_check("says", "connect", &exchanges[i]);
    }
}

/* ---- groups of tests ---- */

int speakers_begin(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    return 0;
}

int speakers_tear_down(void **state) {
    (void)state;
    judged_clean_up();
    return 0;
}
