/* Parts of a content, as clients ask for them: Range and Content-Range, in bytes.
 *
 * Thread: any. Allocates: nothing.
 * Spec: RFC 9110 section 14. */
#ifndef WB_HTTP_RANGE_H
#define WB_HTTP_RANGE_H

#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/http_fields.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ranges that are answered in one response. Who asks for more gets all of the content: each of them
 * costs a part with a head of its own. */
#define WB_HTTP_RANGES_MAX 16

/* Within the content, and never empty. */
struct wb_http_range {
    uint64_t first;
    uint64_t len;
};

enum wb_http_ranges_kind {
    WB_HTTP_RANGES_WHOLE,   /* nothing was asked for that is to be heeded: 200, and all of it */
    WB_HTTP_RANGES_PARTS,   /* 206, with `count` of them, at least 1 */
    WB_HTTP_RANGES_OUTSIDE, /* 416: all begin behind the end */
};

/* In the order in which they were asked for; those outside are left out. */
struct wb_http_ranges {
    enum wb_http_ranges_kind kind;
    size_t count;
    struct wb_http_range items[WB_HTTP_RANGES_MAX];
};

/* What the fields of a GET request (Range means nothing to other methods) ask for of a content of
 * `len` bytes. It is whole without a Range, with two, one of another unit, one that is malformed,
 * one with too many ranges, or one whose ranges are longer together than the content, as no client
 * needs them; and whatever is asked for of an empty content, which has no part. Whether If-Range
 * has Range ignored says wb_http_if_range_holds(). */
WB_API struct wb_http_ranges wb_http_ranges_of(struct wb_http_fields fields, uint64_t len);

/* "bytes ", three numbers of at most 20 digits, "-" and "/". */
#define WB_HTTP_CONTENT_RANGE_LEN_MAX 68

/* Writes the value of Content-Range and a NUL, and returns its length: "bytes 0-99/1234", or, with
 * NULL, the "bytes *" "/1234" of a 416. */
WB_API size_t wb_http_content_range_format(const struct wb_http_range *range, uint64_t len,
    char out_text[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1]);

#ifdef __cplusplus
}
#endif

#endif
