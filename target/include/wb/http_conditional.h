/* Conditional requests: entity tags, and whether a request is to be carried out given what is there
 * now.
 *
 * Thread: any. Allocates: nothing.
 * Spec: RFC 9110 sections 8.8 and 13. */
#ifndef WB_HTTP_CONDITIONAL_H
#define WB_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/http.h"
#include "wb/http_fields.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- entity tags ---- */

/* "xyzzy" or W/"xyzzy". */
struct wb_http_etag {
    struct wb_bytes opaque; /* without the quotes; may be empty. Borrowed */
    bool is_weak;
};

/* Reads one that is all there is. Errors: WB_ERR_PARSE. */
WB_API WB_MUST_USE enum wb_status wb_http_etag_parse(
    struct wb_bytes text, struct wb_http_etag *out_etag);

/* Whether both stand for the same bytes: neither is weak. */
WB_API bool wb_http_etag_equal_strong(struct wb_http_etag a, struct wb_http_etag b);
/* Whether one may do for the other: weak or not. */
WB_API bool wb_http_etag_equal_weak(struct wb_http_etag a, struct wb_http_etag b);

/* ---- conditions ---- */

/* What is there now, of which the request speaks. All zero: nothing is. */
struct wb_http_validators {
    bool exists;
    bool has_etag;
    bool has_modified;
    struct wb_http_etag etag;
    int64_t modified; /* seconds since 1970: what Last-Modified says */
};

enum wb_http_verdict {
    WB_HTTP_PROCEED,             /* answer as if there were no conditions */
    WB_HTTP_NOT_MODIFIED,        /* 304: the client has it */
    WB_HTTP_PRECONDITION_FAILED, /* 412: not carried out */
};

/* Weighs If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since, in the order of
 * section 13.2.2. To be asked when the request would otherwise succeed, before anything is done. A
 * date that is none, or comes twice, is ignored; a malformed tag, and what follows it, matches
 * nothing. `now` in seconds since 1970, for dates with two digits of a year. */
WB_API enum wb_http_verdict wb_http_weigh_conditions(enum wb_http_method method,
    struct wb_http_fields fields, const struct wb_http_validators *current, int64_t now);

/* Whether Range is to be heeded as far as If-Range goes: there is none, or it has the tag, which
 * must be strong, or the very date of what is there. False: send all of it. */
WB_API bool wb_http_if_range_holds(
    struct wb_http_fields fields, const struct wb_http_validators *current, int64_t now);

#ifdef __cplusplus
}
#endif

#endif
