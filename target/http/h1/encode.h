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

/* False: there is a length that is none, or two that differ; or a coding that is no token, or one
 * behind chunked. */
bool wb__h1_listen(struct wb_http_fields fields, struct wb__h1_said *out_said);

/* What goes out about framing. */
struct wb__h1_framing {
    struct wb_h1_sent sent;
    bool writes_length;
    uint64_t length;
    bool writes_coding; /* the application's codings, and chunked last */
};

/* WB_ERR_INVALID: it cannot be. */
enum wb_status wb__h1_frame_response(const struct wb_h1_response *response,
    const struct wb_h1_answered *to, const struct wb__h1_said *said, struct wb__h1_framing *out);
enum wb_status wb__h1_frame_request(const struct wb_h1_request *request,
    const struct wb__h1_said *said, struct wb__h1_framing *out);

/* ---- trailers.c ---- */
/* Whether a field of that name may be a trailer. */
bool wb__h1_may_come_late(struct wb_bytes name);
/* Whether it is in a list of names, as the Trailer field has them. */
bool wb__h1_is_announced(struct wb_bytes name, struct wb_bytes announced);

#endif
