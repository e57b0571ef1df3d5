/* The load of a server of HTTP/1.1: connections that each send requests, wait for the responses and
 * send the next. Every response is looked at: status 200, a Content-Length, and the words that all
 * measured servers answer with. Aborts the program when the server does not do its part. */
#ifndef BENCH_LOAD_HTTP_H
#define BENCH_LOAD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_HTTP_WORDS "Hello, World"

/* How requests are made. */
struct load_http_manner {
    int connections;
    int depth;      /* requests sent at once on a connection, and waited for together; at most 16 */
    bool is_long;   /* the head of a browser, 700 bytes, instead of 40 */
    bool is_single; /* a connection a request, which the server closes; needs depth 1 */
};

struct load_http_connection;
struct load_http {
    struct load_http_manner manner;
    uint16_t port;
    int epoll;
    struct load_http_connection *connections;
    char *batch; /* what is sent at once */
    size_t batch_len;
    uint64_t sent;
    uint64_t answered;
    int ending; /* connections that the server has said it will end */
};

/* Connects to 127.0.0.1; a server that does not listen yet is given ten seconds. */
void load_http_open(struct load_http *load, uint16_t port, const struct load_http_manner *manner);
/* Resets what is open, so that no port stays taken. */
void load_http_close(struct load_http *load);

/* Requests until `until_ns` (as bench_now_ns) or `requests_max`, of which at least one batch, then
 * waits for the last of their responses. A connection that the server ends after an answer, for it
 * was asked to or counts requests, is made anew. Returns how many were answered. */
uint64_t load_http_run(struct load_http *load, uint64_t until_ns, uint64_t requests_max);

#endif
