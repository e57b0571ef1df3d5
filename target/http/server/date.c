/* See date.h. */
#include "http/server/date.h"

#include <string.h>

#define SECOND_NS UINT64_C(1000000000)
#define DAY_S UINT64_C(86400)

/* A day of the calendar. */
struct day {
    unsigned year;
    unsigned month; /* from 0 */
    unsigned day;   /* from 1 */
};

/* From days since 1970. Years that begin in March have the leap day at their end, and any 400 of
 * them are of the same length. */
static struct day day_of(uint64_t days) {
    const uint64_t since_march_0 = days + 719468;
    const uint64_t era = since_march_0 / 146097;
    const unsigned of_era = (unsigned)(since_march_0 % 146097);
    const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    const unsigned from_march = (5 * of_year + 2) / 153;
    const unsigned month = from_march < 10 ? from_march + 2 : from_march - 10;
    return (struct day){.year = (unsigned)era * 400 + year + (month < 2 ? 1 : 0),
        .month = month,
        .day = of_year - (153 * from_march + 2) / 5 + 1};
}

static void put_two(char *out, unsigned number) {
    out[0] = (char)('0' + number / 10 % 10);
    out[1] = (char)('0' + number % 10);
}

void wb__http_date_write(uint64_t seconds, char out_text[WB__HTTP_DATE_LEN]) {
    static const char weekdays[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const struct day day = day_of(seconds / DAY_S);
    const unsigned of_day = (unsigned)(seconds % DAY_S);
    memcpy(out_text, "Sun, 06 Nov 1994 08:49:37 GMT", WB__HTTP_DATE_LEN);
    memcpy(out_text, weekdays + 3 * ((seconds / DAY_S + 4) % 7), 3); /* 1970 began on a Thursday */
    put_two(out_text + 5, day.day);
    memcpy(out_text + 8, months + (size_t)3 * day.month, 3);
    put_two(out_text + 12, day.year / 100);
    put_two(out_text + 14, day.year % 100);
    put_two(out_text + 17, of_day / 3600);
    put_two(out_text + 20, of_day / 60 % 60);
    put_two(out_text + 23, of_day % 60);
}

void wb__http_date_renew(struct wb__http_date *date, const struct wb_sys *sys, uint64_t now_ns) {
    const uint64_t time_ns = WB_SYS(sys, clock_gettime, WB_CLOCK_REALTIME);
    wb__http_date_write(time_ns / SECOND_NS, date->text);
    date->valid_until_ns = now_ns + SECOND_NS - time_ns % SECOND_NS;
}
