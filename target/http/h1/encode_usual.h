/* Heads of responses as nearly all are. */
#ifndef HTTP_H1_ENCODE_USUAL_H
#define HTTP_H1_ENCODE_USUAL_H

#include "http/h1/encode.h"
#include "http/h1/pen.h"

/* Nearly all responses: with content of known length and no fields that are heard, they are framed
 * in one way only. */
static inline bool wb__h1_is_usual(
    unsigned status, struct wb_bytes reason, const struct wb_h1_answered *to) {
    return status == 200 && reason.len == 0 && to->version == WB_HTTP_1_1 && to->keep_alive
           && to->method != WB_HTTP_HEAD && to->method != WB_HTTP_CONNECT;
}

/* Of such a response with content of that length, what wb_h1_encode_response() would write, and
 * behind it `content`, or as much of it as there is: the date is text for sure. */
static __attribute__((always_inline)) inline WB_MUST_USE enum wb_status wb__h1_encode_usual(
    const struct wb_http_fields *fields, uint64_t len, struct wb_bytes date,
    struct wb_bytes content, struct wb_bytes_mut *out) {
    const enum wb_status status = wb__pen_make_room(out, *fields, date.len + content.len);
    if (status != WB_OK) {
        return status;
    }
    struct wb__pen pen = wb__pen_begin(out);
    WB__PEN_LITERAL(&pen, "HTTP/1.1 200 OK\r\n");
    if (fields->count != 0) {
        pen = wb__pen_fields(pen, fields);
    }
    pen = wb__pen_length(pen, len);
    pen = wb__pen_date(pen, date);
    WB__PEN_LITERAL(&pen, "\r\n");
    wb__pen_bytes(&pen, content);
    wb__pen_end(out, pen);
    return WB_OK;
}

#endif
