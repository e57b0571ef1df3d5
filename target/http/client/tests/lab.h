/* What the tests of clients stand on: a server that says what the test wrote down, when it has been
 * asked; futures that are polled only when they were woken; and an exchange, which sends a request
 * and reads the response to its end.
 *
 * No descriptor, no thread, no clock but that of the runtime that a test may bring. */
#ifndef HTTP_CLIENT_TESTS_LAB_H
#define HTTP_CLIENT_TESTS_LAB_H

#include "stage.h"

#include "wb/h1_client.h"
#include "wb/time.h"

/* ---- the server ---- */

enum peer_then {
    PEER_GOES_ON,
    PEER_ENDS,
    PEER_RESETS,
};

/* What it says next. */
struct say {
    const char *after; /* this must have been written since it last spoke; NULL: at once */
    const char *bytes; /* "": nothing */
    enum peer_then then;
};

enum { PEER_WRITTEN_MAX = 1 << 18 };

/* What a request's head ends with, and a response that leaves the connection to the next. */
#define ASKED "\r\n\r\n"
#define HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

struct peer {
    struct wb_async_read read;
    struct wb_async_write write;
    const struct say *says; /* up to one with neither `bytes` */
    size_t say_at;          /* bytes of it that were read */
    size_t seen;            /* bytes written before it last spoke */
    size_t read_len;        /* bytes in all */
    size_t cut_at;          /* would block once when so many bytes were read; SIZE_MAX: never */
    bool reads_slowly;      /* a byte at a time, and would block before each */
    size_t write_max;       /* 0: all */
    bool writes_slowly;     /* would block before each write */
    size_t writes_left;     /* bytes that are taken, then writes fail */
    enum wb_status write_status;
    bool is_shutdown_stuck;
    bool is_stuck;             /* writes would block, and nobody wakes */
    size_t stuck_at;           /* the same once so many bytes were written; 0: never */
    uint64_t say_pause_ns;     /* before each thing that it says; within a runtime */
    uint64_t write_pause_ns;   /* before each write; within a runtime */
    struct wb_sleep pauses[2]; /* before it says something, and before a write */
    bool has_paused[2];
    bool may_read;
    bool may_write;
    int reads; /* polls */
    int writes;
    int flushes;
    int shutdowns;
    int closes; /* without resets */
    int resets;
    struct wb_task_waker reader;
    char written[PEER_WRITTEN_MAX];
    size_t written_len;
};

void peer_init(struct peer *peer, const struct say *says);
struct wb_http_io peer_io(struct peer *peer);
/* It says something else from here on, and whoever reads is woken. */
void peer_say(struct peer *peer, const struct say *says);
void peer_clean_up(struct peer *peer);

#define assert_written(peer, expected) assert_string_equal((peer)->written, expected)

/* ---- futures that are polled when they were woken ---- */

enum { LAB_TASKS_MAX = 32 };

struct lab_task {
    struct wb_future *future;
    struct bell bell;
    int heard;
    int polls;
};

struct lab {
    struct lab_task tasks[LAB_TASKS_MAX];
    int count;
    const struct wb_future *polled; /* NULL: none is, now */
};

extern struct lab lab;

/* Its first poll comes with the next run. */
int lab_add(struct wb_future *future);
/* It is polled no more; it was dropped. */
void lab_remove(const struct wb_future *future);
/* Polls whoever was woken, until nobody is. */
void lab_run(void);
/* The same, but no more than so many polls; false: more would come. */
bool lab_run_some(int polls);

/* ---- an exchange ---- */

enum { BODY_MAX = 1 << 17 };

struct exchange {
    struct wb_future future;
    struct wb_h1_sender *sender;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    struct wb_h1_send send;
    bool tries;
    bool leaves_body;
    wb_http_interim_fn on_interim;
    char body[BODY_MAX];
    size_t body_len;
    char trailers[256];
    enum wb_http_error_kind kind; /* why the body failed */
    const char *detail;
    int frames;
};

/* GET / with Host: a, until the test changes it. */
void exchange_init(struct exchange *exchange, struct wb_h1_sender *sender);
void exchange_clean_up(struct exchange *exchange);

#define assert_body(exchange, expected)                                                            \
    do {                                                                                           \
        (exchange)->body[(exchange)->body_len] = '\0';                                             \
        assert_string_equal((exchange)->body, expected);                                           \
    } while (0)

/* It was not answered: its status, and what the connection says of it. */
#define assert_failed(exchange, expected_status, expected_kind)                                    \
    do {                                                                                           \
        assert_status((exchange)->future.status, expected_status);                                 \
        assert_int_equal((exchange)->send.error.kind, expected_kind);                              \
    } while (0)

/* ---- a connection with all of it ---- */

struct bench {
    struct peer peer;
    struct wb_h1_sender sender;
    struct wb_h1_connection connection;
    struct exchange exchange;
    struct exchange second;
};

extern struct bench bench;

/* cmocka fixtures; teardown fails if memory is left. */
int bench_setup(void **state);
int bench_teardown(void **state);

#define BENCH(test)                                                                                \
    { #test, test, bench_setup, bench_teardown, NULL }

/* A connection to a server that says that. `options` may be NULL. Once a test, or after
 * bench_close(). */
void bench_open(const struct say *says, const struct wb_h1_client_options *options);
/* The same, for a connection that is driven elsewhere. */
void bench_open_on_runtime(const struct say *says, const struct wb_h1_client_options *options);
void bench_close_but_connection(void);
/* Drops everything. */
void bench_close(void);

/* Runs the first exchange; it must be over. */
void bench_exchange(void);

/* ---- bodies ---- */

/* A body that shows these pieces one after the other; "-" would block once, "!" fails, "." trailers
 * "x-sum: 7" and "content-length: 9". */
struct piecewise {
    struct wb_http_body body;
    const char *const *pieces; /* up to NULL */
    struct wb_task_waker waker;
    struct wb_http_field_list trailers;
    bool is_len_known;
    bool waits; /* "-" is not woken but by piecewise_wake() */
    int polls;
    int drops;
};

void piecewise_init(struct piecewise *piecewise, const char *const *pieces);
void piecewise_wake(struct piecewise *piecewise);

#endif
