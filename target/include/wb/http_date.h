/* Dates of messages: written in the one form that is written, read in the three that may come.
 * Times are in whole seconds since 1970, UTC, as the seam's real clock has them.
 *
 * Thread: any. Allocates: nothing.
 * Spec: RFC 9110 section 5.6.7. */
#ifndef WB_HTTP_DATE_H
#define WB_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_HTTP_DATE_LEN 29

/* What can be written: the years 0000 to 9999. */
#define WB_HTTP_DATE_MIN INT64_C(-62167219200)
#define WB_HTTP_DATE_MAX INT64_C(253402300799)

/* Writes "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL. A time out of range is written as the nearest
 * one within. */
WB_API void wb_http_date_format(int64_t seconds, char out_text[WB_HTTP_DATE_LEN + 1]);

/* Reads that form, "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994". `now` is needed
 * for the year of the second one: the latest with these two digits that is not more than 50 years
 * ahead. The day of the week must be one, not the right one; a leap second counts as the next
 * minute's first. Errors: WB_ERR_PARSE; the field is to be ignored then. */
WB_API WB_MUST_USE enum wb_status wb_http_date_parse(
    struct wb_bytes text, int64_t now, int64_t *out_seconds);

#ifdef __cplusplus
}
#endif

#endif
