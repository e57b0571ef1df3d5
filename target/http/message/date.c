/* Dates: days and seconds into one another, and the three ways of writing them. */
#include "wb/http_date.h"

#include <string.h>

enum {
    DAY_SECONDS = 86400,
    HOUR_SECONDS = 3600,
    MINUTE_SECONDS = 60,
    WEEK_DAYS = 7,
    NAME_LEN = 3, /* of days and months where they are abbreviated */
    YEARS_AHEAD_MAX = 50,
    CENTURY = 100,
};

struct date {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
    unsigned hour;
    unsigned minute;
    unsigned second;
};

static const char *const weekdays[WEEK_DAYS] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* ---- the calendar ---- */

/* Years are counted from March here, so that the day that comes and goes is a year's last one.
 * The calendar repeats after 400 years, an era, which have 146097 days. */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, DAYS_TO_1970 = 719468 };

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Days from 1970-01-01 on. A day beyond the month's end is counted on. */
static int64_t days_of(int64_t year, unsigned month, unsigned day) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = floor_div(y, ERA_YEARS);
    const int64_t year_of_era = y - era * ERA_YEARS;
    const unsigned months_since_march = (month + 9) % 12;
    const int64_t day_of_year = (153 * (int64_t)months_since_march + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / CENTURY + day_of_year;
    return era * ERA_DAYS + day_of_era - DAYS_TO_1970;
}

static void set_day(struct date *date, int64_t days) {
    const int64_t since_march = days + DAYS_TO_1970;
    const int64_t era = floor_div(since_march, ERA_DAYS);
    const int64_t day_of_era = since_march - era * ERA_DAYS;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / CENTURY);
    const int64_t months_since_march = (5 * day_of_year + 2) / 153;
    date->day = (unsigned)(day_of_year - (153 * months_since_march + 2) / 5 + 1);
    date->month = (unsigned)((months_since_march + 2) % 12 + 1);
    date->year = year_of_era + era * ERA_YEARS + (date->month <= 2);
}

static int64_t seconds_of(const struct date *date) {
    return days_of(date->year, date->month, date->day) * DAY_SECONDS
           + (int64_t)date->hour * HOUR_SECONDS + (int64_t)date->minute * MINUTE_SECONDS
           + date->second;
}

static struct date date_of(int64_t seconds) {
    struct date date;
    const int64_t days = floor_div(seconds, DAY_SECONDS);
    const unsigned rest = (unsigned)(seconds - days * DAY_SECONDS);
    set_day(&date, days);
    date.hour = rest / HOUR_SECONDS;
    date.minute = rest % HOUR_SECONDS / MINUTE_SECONDS;
    date.second = rest % MINUTE_SECONDS;
    return date;
}

/* ---- writing ---- */

static int64_t clamp(int64_t seconds) {
    if (seconds < WB_HTTP_DATE_MIN) {
        return WB_HTTP_DATE_MIN;
    }
    return seconds > WB_HTTP_DATE_MAX ? WB_HTTP_DATE_MAX : seconds;
}

static const char *weekday_of(int64_t seconds) {
    const int64_t day = floor_div(seconds, DAY_SECONDS) + 4; /* 1970-01-01 was a Thursday */
    return weekdays[day - floor_div(day, WEEK_DAYS) * WEEK_DAYS];
}

static void put_two(char *at, unsigned value) {
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
}

/* Every connection begins with one, so that it is written without snprintf. */
void wb_http_date_format(int64_t seconds, char out_text[WB_HTTP_DATE_LEN + 1]) {
    static const char form[] = "ddd, 00 mmm 0000 00:00:00 GMT";
    _Static_assert(sizeof form == WB_HTTP_DATE_LEN + 1, "each date is as long");
    const int64_t time = clamp(seconds);
    const struct date date = date_of(time);
    memcpy(out_text, form, sizeof form);
    memcpy(out_text, weekday_of(time), NAME_LEN);
    put_two(out_text + 5, date.day);
    memcpy(out_text + 8, months + (size_t)(date.month - 1) * NAME_LEN, NAME_LEN);
    put_two(out_text + 12, (unsigned)date.year / CENTURY);
    put_two(out_text + 14, (unsigned)date.year % CENTURY);
    put_two(out_text + 17, date.hour);
    put_two(out_text + 20, date.minute);
    put_two(out_text + 23, date.second);
}

/* ---- reading ---- */

/* What is still to be read; NULL once something was not as it should be. */
struct text {
    const uint8_t *at;
    size_t len;
};

static void take(struct text *text, size_t len) {
    text->at += len;
    text->len -= len;
}

static bool begins_with(const struct text *text, const char *word, size_t len) {
    return text->len >= len && memcmp(text->at, word, len) == 0;
}

static void skip(struct text *text, const char *word) {
    if (text->at == NULL || !begins_with(text, word, strlen(word))) {
        text->at = NULL;
        return;
    }
    take(text, strlen(word));
}

static unsigned number(struct text *text, size_t digits) {
    unsigned value = 0;
    if (text->at == NULL || text->len < digits) {
        text->at = NULL;
        return 0;
    }
    for (size_t i = 0; i < digits; i++) {
        if (text->at[i] < '0' || text->at[i] > '9') {
            text->at = NULL;
            return 0;
        }
        value = value * 10 + (text->at[i] - '0');
    }
    take(text, digits);
    return value;
}

static unsigned month(struct text *text) {
    for (unsigned i = 0; text->at != NULL && i < 12; i++) {
        if (begins_with(text, months + (size_t)i * NAME_LEN, NAME_LEN)) {
            take(text, NAME_LEN);
            return i + 1;
        }
    }
    text->at = NULL;
    return 1;
}

/* Its name, abbreviated or all of it; false: there is none. */
static bool weekday(struct text *text, bool is_whole) {
    for (unsigned i = 0; i < WEEK_DAYS; i++) {
        const size_t len = is_whole ? strlen(weekdays[i]) : NAME_LEN;
        if (begins_with(text, weekdays[i], len)) {
            take(text, len);
            return true;
        }
    }
    return false;
}

static void time_of_day(struct text *text, struct date *date) {
    date->hour = number(text, 2);
    skip(text, ":");
    date->minute = number(text, 2);
    skip(text, ":");
    date->second = number(text, 2);
}

/* " 06 Nov 1994 08:49:37 GMT", behind the comma. */
static void read_imf_fixdate(struct text *text, struct date *date) {
    skip(text, " ");
    date->day = number(text, 2);
    skip(text, " ");
    date->month = month(text);
    skip(text, " ");
    date->year = number(text, 4);
    skip(text, " ");
    time_of_day(text, date);
    skip(text, " GMT");
}

/* The latest year with these digits that has the date at most 50 years ahead of now. */
static void set_century(struct date *date, int64_t now) {
    struct date limit = date_of(clamp(now));
    date->year += (floor_div(limit.year, CENTURY) + 1) * CENTURY;
    limit.year += YEARS_AHEAD_MAX;
    while (seconds_of(date) > seconds_of(&limit)) {
        date->year -= CENTURY;
    }
}

/* " 06-Nov-94 08:49:37 GMT", behind the comma. */
static void read_rfc850(struct text *text, int64_t now, struct date *date) {
    skip(text, " ");
    date->day = number(text, 2);
    skip(text, "-");
    date->month = month(text);
    skip(text, "-");
    date->year = number(text, 2);
    skip(text, " ");
    time_of_day(text, date);
    skip(text, " GMT");
    set_century(date, now);
}

/* " Nov  6 08:49:37 1994", behind the day. */
static void read_asctime(struct text *text, struct date *date) {
    skip(text, " ");
    date->month = month(text);
    skip(text, " ");
    if (text->at != NULL && begins_with(text, " ", 1)) {
        skip(text, " ");
        date->day = number(text, 1);
    } else {
        date->day = number(text, 2);
    }
    skip(text, " ");
    time_of_day(text, date);
    skip(text, " ");
    date->year = number(text, 4);
}

/* A day that the month does not have becomes one of the next month. */
static bool is_date(const struct date *date) {
    struct date same;
    set_day(&same, days_of(date->year, date->month, date->day));
    return date->day != 0 && same.day == date->day && date->hour < 24 && date->minute < 60
           && date->second <= 60;
}

enum wb_status wb_http_date_parse(struct wb_bytes bytes, int64_t now, int64_t *out_seconds) {
    struct text text = {bytes.ptr, bytes.len};
    struct date date = {.month = 1};
    if (weekday(&text, true)) {
        skip(&text, ",");
        read_rfc850(&text, now, &date);
    } else if (!weekday(&text, false)) {
        return WB_ERR_PARSE;
    } else if (begins_with(&text, ",", 1)) {
        skip(&text, ",");
        read_imf_fixdate(&text, &date);
    } else {
        read_asctime(&text, &date);
    }
    if (text.at == NULL || text.len != 0 || !is_date(&date)) {
        return WB_ERR_PARSE;
    }
    *out_seconds = seconds_of(&date);
    return WB_OK;
}
