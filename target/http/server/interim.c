/* Interim responses of the service's own. That of the connection's, 100, is incoming.c's. */
#include "http/h1/title_case.h"
#include "http/server/conn.h"

bool wb__h1_takes_interim(struct wb_http_request *request) {
    struct wb__h1_server *self = WB_FUTURE_OF(request, struct wb__h1_server, request);
    self->awaits_room = wb__h1_out_len(self) >= WB__H1_OUT_LEN_MAX;
    return !self->awaits_room;
}

/* It goes when the call is next waited for. What the client does not take is bounded by what is
 * kept back for it. */
enum wb_status wb__h1_send_interim(
    struct wb_http_request *request, unsigned status, struct wb_http_fields fields) {
    struct wb__h1_server *self = WB_FUTURE_OF(request, struct wb__h1_server, request);
    struct wb_bytes_mut *bytes = &self->out.bytes;
    const size_t before = bytes->len;
    if (wb__h1_out_len(self) >= WB__H1_OUT_LEN_MAX) {
        return WB_ERR_FULL;
    }
    const enum wb_status result = wb_h1_encode_interim(status, fields, WB_HTTP_1_1, bytes);
    if (result == WB_OK && self->options.title_case_fields) {
        wb__h1_title_case(bytes->ptr + before, bytes->len - before);
    }
    return result;
}
