/* How a request goes on from a proxy: what is asked of whom, and with which fields.
 *
 * Spec: RFC 9110 sections 7.6 to 7.8, RFC 9112 section 3.2. */
#ifndef WB_EXAMPLES_ONWARD_REQUEST_H
#define WB_EXAMPLES_ONWARD_REQUEST_H

#include <stdbool.h>

#include "wb/http_client_message.h"
#include "wb/http_service.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__onward {
    const struct wb_sys *sys;
    const char *to;    /* HOST:PORT; NULL: the server that a request names */
    bool tells_client; /* who asks, in X-Forwarded-For */
};

/* Fills in `out`, which is as good as new, but for the content. Errors: those of
 * wb_http_client_request_set() and wb_http_field_list_add(). */
WB_MUST_USE enum wb_status wb__onward_request(const struct wb__onward *how,
    const struct wb_http_request *request, struct wb_http_client_request *out);

#ifdef __cplusplus
}
#endif

#endif
