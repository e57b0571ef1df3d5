/* A growing string: what every report is written into before it goes anywhere.
 *
 * Running out of memory is remembered instead of returned: after it nothing is appended, and
 * whoever writes the text out looks at `failed` once. */
#ifndef WBH_REPORT_TEXT_H
#define WBH_REPORT_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty text. */
struct wbh_text {
    char *bytes; /* `len` of them and a terminator; NULL while empty */
    size_t len;
    size_t capacity;
    int failed;
};

void wbh_text_clean_up(struct wbh_text *text);

/* The bytes with a terminator; "" while empty. Valid until the next append. */
const char *wbh_text_string(const struct wbh_text *text);

void wbh_text_append(struct wbh_text *text, const char *bytes, size_t len);
void wbh_text_add(struct wbh_text *text, const char *string);
void wbh_text_format(struct wbh_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void wbh_text_repeat(struct wbh_text *text, char c, size_t count);

/* Appends bytes as they stand in a scenario's literal, without the quotes: \n \r \t \\ \" and \xHH
 * for whatever else is not printable ASCII. Of more than `len_max` bytes only the first ones are
 * shown, without any sign of it: say so beside it. */
void wbh_text_escape(struct wbh_text *text, const void *bytes, size_t len, size_t len_max);

/* Appends quoted bytes, and "..." behind the quote where some were left out. */
void wbh_text_excerpt(struct wbh_text *text, const void *bytes, size_t len, size_t len_max);

/* Appends a duration in the largest unit that shows it exactly: "5ms", "1500us", "3s". */
void wbh_text_duration(struct wbh_text *text, uint64_t duration_ns);

/* Appends a count with its noun: "1 byte", "12 bytes", "0 bytes". */
void wbh_text_count(struct wbh_text *text, uint64_t count, const char *noun);

#endif
