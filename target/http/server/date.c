/* See date.h. */
#include "http/server/date.h"

#define SECOND_NS UINT64_C(1000000000)

void wb__http_date_renew(struct wb__http_date *date, const struct wb_sys *sys, uint64_t now_ns) {
    const uint64_t time_ns = WB_SYS(sys, clock_gettime, WB_CLOCK_REALTIME);
    wb_http_date_format((int64_t)(time_ns / SECOND_NS), date->text);
    date->valid_until_ns = now_ns + SECOND_NS - time_ns % SECOND_NS;
}
