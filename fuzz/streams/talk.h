/* What fuzz_runtime_io is made of: wires, whose two ends are streams of some kind; those who write
 * into an end, those who read from one, and who copies from one wire to the next. Bytes follow a
 * pattern, so that each reader knows what must come. */
#ifndef FUZZ_STREAMS_TALK_H
#define FUZZ_STREAMS_TALK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb/async_io.h"
#include "wb/io.h"
#include "wb/net.h"
#include "wb/notify.h"
#include "wb/runtime.h"
#include "wb/time.h"

enum {
    ENDS = 4, /* 0 and 1 are of the first wire, 2 and 3 of the second, if there is one */
    WAYS = 2, /* there and back */
    STEPS_MAX = 12,
    BUF_LEN = 4096,
};

#define MS UINT64_C(1000000)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(                                                                               \
                stderr, "%s:%d: bytes or ends went wrong: %s\n", __FILE__, __LINE__, #condition);  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum wire_kind { WIRE_TCP, WIRE_UNIX, WIRE_DUPLEX, WIRE_KINDS };

/* One end of a wire, closed when nobody uses it any more; or each half by its user. */
struct end {
    enum wire_kind kind;
    struct wb_stream stream;
    struct wb_duplex duplex;
    struct wb_async_read *read; /* NULL: closed */
    struct wb_async_write *write;
    uint32_t users;
    bool is_split;
};

struct step {
    uint8_t what;
    uint8_t a;
    uint8_t b;
};

/* All that is said from one to another. */
struct way {
    uint64_t written;
    uint64_t read;
    bool is_ending; /* the writer has begun to shut down */
    bool is_read;   /* ... and the reader has seen it, or has given up */
    struct wb_notify seen;
};

struct talk {
    struct wb_runtime *runtime;
    struct way ways[WAYS];
    struct end ends[ENDS];
    uint32_t end_count; /* of ends in use */
    size_t scale;       /* of lengths */
    size_t relay_len;   /* of its buffer */
    bool is_rough;      /* an end may be closed while the other still talks */
    uint32_t relay_failures;
};

extern struct talk talk;

/* wires.c */
enum wb_status wires_make(const enum wire_kind kinds[2], uint32_t wire_count, size_t capacity);
void end_use(struct end *end);
void end_leave(struct end *end, bool reads, bool writes);
void wires_close(void);

/* pattern.c */
const unsigned char *pattern(int way, uint64_t position); /* BUF_LEN bytes from there on */
size_t pattern_until(int way, uint64_t position, unsigned char byte); /* that one included */

/* writer.c, reader.c, relay.c: spawn them; the steps are borrowed */
enum wb_status writer_spawn(int way, struct end *end, const struct step *steps, uint32_t count,
    struct wb_join_handle *out_handle);
enum wb_status reader_spawn(int way, struct end *end, const struct step *steps, uint32_t count,
    size_t ahead, struct wb_join_handle *out_handle);
/* Both ways in one task, or with `is_apart` each in its own. Returns how many were spawned. */
enum wb_status relay_spawn(
    bool is_apart, struct wb_join_handle out_handles[2], uint32_t *out_count);

#endif
