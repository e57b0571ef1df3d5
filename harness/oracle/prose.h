/* Building the sentences of findings in fixed buffers: appends, cut off at the end, never fails. */
#ifndef ORACLE_PROSE_H
#define ORACLE_PROSE_H

#include <stddef.h>
#include <stdint.h>

#include "wouldblock/scenario.h"

struct wbh_prose {
    char *buf; /* always terminated */
    size_t capacity;
    size_t len;
};

#if defined(__GNUC__)
#define WBH_PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define WBH_PRINTF_LIKE(text, first)
#endif

void wbh_prose_init(struct wbh_prose *prose, char *buf, size_t capacity);
WBH_PRINTF_LIKE(2, 3) void wbh_prose_add(struct wbh_prose *prose, const char *format, ...);

/* "123.4 us", "2.5 ms", "3 s". */
void wbh_prose_time(struct wbh_prose *prose, uint64_t time_ns);
/* "IN|RDHUP"; "nothing" for none. Mode bits are left out. */
void wbh_prose_events(struct wbh_prose *prose, uint32_t events);
/* "1 byte", "7 bytes". */
void wbh_prose_count(struct wbh_prose *prose, uint64_t n, const char *noun);
/* "\"hello\\n\"", cut after 32 bytes with "...". */
void wbh_prose_bytes(struct wbh_prose *prose, const void *data, size_t len);
/* "alice", "alice#2" for her second connection, "local2.a" for an end of the program's second
 * connection to itself or to another program: as in scenarios. */
void wbh_prose_connection(
    struct wbh_prose *prose, const struct wbh_scenario *scenario, uint32_t subject);
/* "EAGAIN"; "errno 99" for one without a name. `number` is positive. */
void wbh_prose_errno(struct wbh_prose *prose, int number);

#endif
