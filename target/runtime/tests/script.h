/* A stream that does what the test wrote down, and what its tests have in common. */
#ifndef RUNTIME_TESTS_SCRIPT_H
#define RUNTIME_TESTS_SCRIPT_H

#include "stage.h"

#include <string.h>

#include "wb/async_io.h"

/* One read or write. */
struct line {
    const char *bytes; /* read: what comes. NULL: `status` */
    enum wb_status status;
    size_t taken_max; /* write: takes no more than this; 0 with WB_OK: nothing */
    bool is_pending;  /* instead; the task is woken */
};

struct script {
    struct wb_async_read read;
    struct wb_async_write write;
    const struct line *reads;  /* up to one that is not WB_OK, which comes again */
    size_t read_len;           /* of a line that was longer than a read */
    const struct line *writes; /* up to one that takes anything */
    char written[256];
    size_t written_len;
    int flushes;
    int shutdowns;
};

extern const struct line takes_all[1];
extern const struct line at_end[1];

struct script script_of(const struct line *reads, const struct line *writes);

/* The same without flush and shutdown. */
struct script plain_script_of(const struct line *reads, const struct line *writes);

/* Blocks on the stage's runtime. */
enum wb_status run(struct wb_future *future);

/* A poll outside of any task, which counts in script_bell. */
extern struct bell script_bell;
enum wb_progress poll_once(struct wb_future *future);

void assert_bytes(const void *bytes, size_t len, const char *expected);

#endif
