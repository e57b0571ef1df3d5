/* A service that does what the test says, and writes down what it was asked. */
#ifndef HTTP_SERVER_TESTS_DESK_H
#define HTTP_SERVER_TESTS_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/http_body.h"
#include "wb/http_service.h"

enum { DESK_LOG_MAX = 1 << 18, DESK_FIELDS_MAX = 4, DESK_PIECES_MAX = 8 };

enum desk_reading {
    DESK_IGNORES,        /* the content */
    DESK_READS,          /* all of it before it answers, and fails with it */
    DESK_ANSWERS_ANYWAY, /* reads, and answers though that failed */
    DESK_MIRRORS,        /* the content of the request is that of the response */
};

struct desk_field {
    const char *name; /* NULL: none */
    const char *value;
};

struct desk {
    struct wb_http_service service;

    /* What it does. */
    enum desk_reading reading;
    bool is_closed;                     /* does not answer until it is opened */
    bool is_busy;                       /* takes no request */
    bool holds;                         /* writes down what it has read only when it is opened */
    unsigned interims[DESK_FIELDS_MAX]; /* interim responses ahead of the answer, up to 0 */
    size_t interims_repeat;             /* how often each is sent; 0: once */
    bool interims_wait;                 /* none is sent that would be refused */
    struct desk_field interim_field;    /* of each of them */
    enum wb_status ready_status;
    enum wb_status call_status; /* instead of an answer, if it is not WB_OK */
    unsigned status;
    const char *reason;
    struct desk_field fields[DESK_FIELDS_MAX];
    const char *content;                 /* in one piece; NULL: none, or pieces */
    size_t content_len;                  /* 0: of a string */
    const char *pieces[DESK_PIECES_MAX]; /* of content of unknown length, up to NULL */
    size_t pieces_repeat;                /* how often each is shown; 0: once */
    bool pieces_pause;                   /* before each piece: pending, and woken */
    bool pieces_stop;                    /* behind the last: pending, until it is opened */
    enum wb_status pieces_status;        /* behind the last, if it is not WB_OK */
    struct desk_field trailers[DESK_FIELDS_MAX];

    /* What became of it. */
    char log[DESK_LOG_MAX];
    size_t log_len;
    int calls;
    int drops;      /* of calls */
    int body_drops; /* of contents of responses */
    int ends;
    struct wb_task_waker waker;
};

/* "Hello, World" with 200 to everything. */
void desk_init(struct desk *desk);
void desk_clean_up(struct desk *desk);

/* From now on it can take over a connection, and echoes what comes until that ends. */
void desk_let_tunnel(struct desk *desk);

/* It answers now; whoever waits is woken. */
void desk_open(struct desk *desk);

/* Without a terminator; cut if it does not fit. */
void desk_log(struct desk *desk, const void *bytes, size_t len);

#endif
