/* The time of day as a Date field has it, made anew when the second has passed. */
#ifndef HTTP_SERVER_DATE_H
#define HTTP_SERVER_DATE_H

#include <stdint.h>

#include "wb/bytes.h"
#include "wb/http_date.h"
#include "wb/sys.h"

/* All zero: none yet. */
struct wb__http_date {
    uint64_t valid_until_ns; /* on the monotonic clock */
    char text[WB_HTTP_DATE_LEN + 1];
};

/* Asks for the time of day. */
void wb__http_date_renew(struct wb__http_date *date, const struct wb_sys *sys, uint64_t now_ns);

/* `now_ns` on the monotonic clock. Borrowed, until it is asked for again. */
static inline struct wb_bytes wb__http_date_at(
    struct wb__http_date *date, const struct wb_sys *sys, uint64_t now_ns) {
    if (now_ns >= date->valid_until_ns) {
        wb__http_date_renew(date, sys, now_ns);
    }
    return wb_bytes_from(date->text, WB_HTTP_DATE_LEN);
}

#endif
