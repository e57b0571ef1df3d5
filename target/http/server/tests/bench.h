/* A connection of a server on the bench: a line, a desk, a still clock, and whoever polls. */
#ifndef HTTP_SERVER_TESTS_BENCH_H
#define HTTP_SERVER_TESTS_BENCH_H

#include "stage.h"

#include "desk.h"
#include "line.h"
#include "wb/h1_server.h"

struct bench {
    struct line line;
    struct desk desk;
    struct wb_h1_server_options options; /* without Date */
    struct wb_h1_server_conn conn;
    struct bell bell;
    bool is_open;
    int polls;
};

extern struct bench bench;

/* cmocka fixtures: the still clock of stage.h; the connection is made by bench_open(). Teardown
 * fails if memory, a waker or a call is left. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Makes the connection with what line, desk and options say by now, and polls it. */
void bench_open(void);
/* Ends it, over or not, and makes line, desk and options new. */
void bench_close(void);

/* Polls as long as somebody has asked for that. Fails if that goes on for too long. */
void bench_settle(void);

/* The client sends more (borrowed, until the next time), or nothing any more. */
void bench_send(const char *text);
void bench_send_bytes(struct wb_bytes bytes);
void bench_finish(void);

/* Time passes; timers fire in between. */
void bench_pass(uint64_t ns);

bool bench_is_over(void);

/* What was sent since the last time is this. */
void bench_expect(const char *text);
/* The connection is over, with this; shut down in order, unless `end` says that it was broken. */
void bench_expect_over(enum wb_status status, enum wb_http_error_kind kind);
void bench_expect_broken(enum wb_status status, enum wb_http_error_kind kind);
void bench_expect_log(const char *text);

/* ---- every way ---- */

/* A whole conversation. The client sends all of `input`, then finishes. */
struct talk {
    const char *name;
    const char *input;
    const char *output;
    const char *log;       /* NULL: does not matter */
    enum wb_status status; /* of the connection */
};

/* Has the conversation in one piece, cut in two at every byte, byte by byte, with writes of one
 * byte each that wait in between, and all of that with bytes kept back by the stream: always the
 * same. `prepare` (may be NULL) sets desk and options before each. */
void talk_every_way(const struct talk *talk, void (*prepare)(void));
void talk_all(const struct talk *talks, size_t count, void (*prepare)(void));

#define TALKS(talks, prepare) talk_all(talks, sizeof(talks) / sizeof((talks)[0]), prepare)

#define CRLF "\r\n"
#define HOST "Host: a" CRLF
#define GET(path) "GET " path " HTTP/1.1" CRLF HOST CRLF
#define HELLO "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF CRLF "Hello, World"
#define HELLO_CLOSE                                                                                \
    "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF "Hello, World"
#define REFUSED(words) "HTTP/1.1 " words CRLF "content-length: 0" CRLF "connection: close" CRLF CRLF

#endif
