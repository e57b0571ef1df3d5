/* What a proxy answers itself, because it passes nothing on or nothing came back. */
#ifndef WB_EXAMPLES_PROXY_ANSWER_H
#define WB_EXAMPLES_PROXY_ANSWER_H

#include "wb/http_error.h"
#include "wb/http_service.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WB__PROXY_TEXT_LEN_MAX = 256 };

/* The status, and as content its reason and `why`, cut to that size: written to `text`, which is
 * borrowed. Errors: those of wb_http_response_add(). */
WB_MUST_USE enum wb_status wb__proxy_answer(struct wb_http_response *response,
    char text[WB__PROXY_TEXT_LEN_MAX], unsigned status, const char *why);

/* The same for a server that could not be asked, or gave no answer: 504 if it took too long, 503 if
 * the proxy lacks something, 501 for another scheme, 400 for what cannot be asked, else 502. */
WB_MUST_USE enum wb_status wb__proxy_answer_error(struct wb_http_response *response,
    char text[WB__PROXY_TEXT_LEN_MAX], const struct wb_http_error *error);

#ifdef __cplusplus
}
#endif

#endif
