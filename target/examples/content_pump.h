/* Content on its way from a server's request to a client's: the one may be read by the task of its
 * connection only, the other is read by the task of another connection, and a channel lies between.
 * What nobody asks for is not read. */
#ifndef WB_EXAMPLES_CONTENT_PUMP_H
#define WB_EXAMPLES_CONTENT_PUMP_H

#include <stdbool.h>

#include "wb/http_body.h"
#include "wb/http_fields.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WB__PUMP_CAPACITY = 16384 };

/* All zero: nothing to do. Stays where it is. */
struct wb__content_pump {
    struct wb_http_body *from;
    struct wb_http_fields head;
    struct wb_http_channel_body to; /* to be read */
    struct wb_http_sender sender;
    struct wb_http_send send;
    struct wb_http_field_list trailers;
    bool was_asked;
    bool is_sending;
    enum wb_status failure; /* of `from`: whoever reads `to` is told that it was given up */
};

/* `from` is borrowed, and so are the fields of the request's head, which say which trailers are not
 * passed on; `to` must be dropped by whoever reads it. Errors: those of wb_http_channel_new(). */
WB_MUST_USE enum wb_status wb__content_pump_init(struct wb__content_pump *pump,
    const struct wb_sys *sys, struct wb_http_body *from, struct wb_http_fields head);

/* Goes on as far as it can; it has the task woken when it can go further. */
void wb__content_pump_poll(struct wb__content_pump *pump, struct wb_context *context);

/* Gives up what was not passed on. Any number of times. */
void wb__content_pump_clean_up(struct wb__content_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
