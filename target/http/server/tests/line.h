/* A connection to a client that is a script: what comes, in which pieces, when nothing does, and
 * how much is taken at a time. What was sent is kept. Misuse of the stream fails the test. */
#ifndef HTTP_SERVER_TESTS_LINE_H
#define HTTP_SERVER_TESTS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/async_io.h"
#include "wb/bytes.h"

enum { LINE_OUTPUT_MAX = 1 << 21 };

struct line {
    struct wb_async_read read;
    struct wb_async_write write;

    /* What the client sends. */
    struct wb_bytes input;
    size_t read_len;            /* of it: gone */
    bool has_finished;          /* WB_EOF behind it; otherwise nothing more comes until then */
    enum wb_status read_status; /* comes behind it instead, if it is not WB_OK */
    size_t read_max;            /* bytes a read; 0: any */
    size_t cut_at;              /* no read goes beyond here in one piece */
    bool read_pauses;           /* before each read, and at the cut: pending once, and woken */

    /* What it takes. */
    size_t write_max; /* bytes a write; 0: any */
    bool write_pauses;
    bool is_stuck;               /* takes nothing, and wakes nobody */
    enum wb_status write_status; /* of every write, if it is not WB_OK */
    bool keeps; /* bytes are kept back until they are flushed, and flushing pauses */

    uint8_t output[LINE_OUTPUT_MAX];
    size_t output_len;
    size_t kept_len; /* of it: not flushed */
    int reads;       /* that were ready, or had nothing to wait for */
    int writes;      /* that took something */
    int shutdowns;
    bool has_paused_read;
    bool has_paused_write;
    struct wb_task_waker reader;
    struct wb_task_waker writer;
};

/* Nothing comes, everything is taken. */
void line_init(struct line *line);

/* Wakers that are kept. */
void line_clean_up(struct line *line);

struct wb_async_stream line_io(struct line *line);

/* Something has changed that whoever reads, or writes, should know. */
void line_wake(struct line *line);

#endif
