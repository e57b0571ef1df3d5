/* Max-Forwards: how far OPTIONS and TRACE may go, and what the last one on the way answers.
 *
 * Spec: RFC 9110 sections 7.6.2, 9.3.7 and 9.3.8. */
#ifndef WB_EXAMPLES_MAX_FORWARDS_H
#define WB_EXAMPLES_MAX_FORWARDS_H

#include "wb/bytes.h"
#include "wb/http_fields.h"
#include "wb/http_service.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb__max_forwards {
    WB__MAX_FORWARDS_NONE, /* no such field, or another method, for which it means nothing */
    WB__MAX_FORWARDS_BAD,  /* no number, or several fields */
    WB__MAX_FORWARDS_LAST, /* it goes no further: 0 */
    WB__MAX_FORWARDS_MORE,
};

/* What the request says. MORE: *out_left is what the next one is to be told; numbers beyond its
 * range are its largest. */
enum wb__max_forwards wb__max_forwards_of(
    const struct wb_http_request *request, uint32_t *out_left);

/* Has the list, which has the request's fields, say that. Errors: as wb_http_field_list_set(). */
WB_MUST_USE enum wb_status wb__max_forwards_set(struct wb_http_field_list *fields, uint32_t left);

/* Appends the request as it came, as the content of an answer to TRACE has it ("message/http"):
 * without fields that are secrets of the client. Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__reflect(
    struct wb_bytes_mut *to, const struct wb_http_request *request);

#ifdef __cplusplus
}
#endif

#endif
