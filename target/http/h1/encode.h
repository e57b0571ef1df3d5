/* How a message that is to be sent is framed, shared by deciding and writing. */
#ifndef HTTP_H1_ENCODE_INTERNAL_H
#define HTTP_H1_ENCODE_INTERNAL_H

#include "wb/h1_encode.h"

/* What the application's fields say about framing. */
struct wb__h1_said {
    bool has_length;
    uint64_t length;
    bool has_coding;
    bool ends_chunked; /* the last coding is chunked */
    bool says_close;
    bool says_keep_alive;
    bool has_date;
    uint32_t host_count;
    bool host_is_bad; /* one of them is not host:port */
};

/* Of those fields that say something, in what was zero before. */
bool wb__h1_hear(struct wb_http_fields fields, struct wb__h1_said *said);

/* False: there is a length that is none, or two that differ; or a coding that is no token, or one
 * behind chunked. */
static inline bool wb__h1_listen(struct wb_http_fields fields, struct wb__h1_said *out_said) {
    *out_said = (struct wb__h1_said){.has_length = false};
    return fields.count == 0 || wb__h1_hear(fields, out_said);
}

/* What goes out about framing. */
struct wb__h1_framing {
    struct wb_h1_sent sent;
    bool writes_length;
    uint64_t length;
    bool writes_coding; /* the application's codings, and chunked last */
};

/* Whether there are fields that say something, about framing or else. */
bool wb__h1_is_any_heard(const struct wb_http_field *fields, size_t count);
static inline bool wb__h1_are_heard(struct wb_http_fields fields) {
    return fields.count != 0 && wb__h1_is_any_heard(fields.items, fields.count);
}

/* WB_ERR_INVALID: it cannot be, and *out means nothing. */
enum wb_status wb__h1_frame_response(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, const struct wb__h1_said *said, struct wb__h1_framing *out);
enum wb_status wb__h1_frame_request(const struct wb_h1_request *request,
    const struct wb__h1_said *said, struct wb__h1_framing *out);

/* What wb_h1_encode_response() writes, of any response whose date is text for sure. */
WB_MUST_USE enum wb_status wb__h1_encode_any(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, struct wb_bytes_mut *out, struct wb_h1_sent *out_sent);

/* ---- trailers.c ---- */
/* Whether a field of that name may be a trailer. */
bool wb__h1_may_come_late(struct wb_bytes name);
/* Whether it is in a list of names, as the Trailer field has them. */
bool wb__h1_is_announced(struct wb_bytes name, struct wb_bytes announced);

/* Which trailers the fields of a head announce: several Trailer fields are one list. In `announced`
 * and valid as long; what does not fit there is not announced. */
struct wb__h1_announced {
    uint8_t names[1024];
    size_t len;
};
struct wb_bytes wb__h1_announced_by(struct wb_http_fields head, struct wb__h1_announced *announced);

#endif
