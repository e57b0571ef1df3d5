/* See proxy_answer.h. */
#include "examples/proxy_answer.h"

#include <stdio.h>

#include "wb/http.h"

enum wb_status wb__proxy_answer(struct wb_http_response *response,
    char text[WB__PROXY_TEXT_LEN_MAX], unsigned status, const char *why) {
    const int len = snprintf(text, WB__PROXY_TEXT_LEN_MAX, "%s: %s\n", wb_http_reason(status), why);
    response->status = (uint16_t)status;
    wb_http_response_set_bytes(
        response, wb_bytes_from(text,
                      len < WB__PROXY_TEXT_LEN_MAX ? (size_t)len : WB__PROXY_TEXT_LEN_MAX - 1));
    return wb_http_response_add(response, "content-type", "text/plain; charset=utf-8");
}

static unsigned status_of_error(const struct wb_http_error *error) {
    if (error->kind == WB_HTTP_ERROR_TIMEOUT || error->status == WB_ERR_TIMED_OUT) {
        return 504;
    }
    if (error->status == WB_ERR_NO_MEMORY || error->status == WB_ERR_FD_LIMIT) {
        return 503;
    }
    if (error->status == WB_ERR_NOT_SUPPORTED) {
        return 501; /* a scheme */
    }
    return error->kind == WB_HTTP_ERROR_USER ? 400 : 502;
}

enum wb_status wb__proxy_answer_error(struct wb_http_response *response,
    char text[WB__PROXY_TEXT_LEN_MAX], const struct wb_http_error *error) {
    char why[WB__PROXY_TEXT_LEN_MAX];
    (void)wb_http_error_format(error, why, sizeof why);
    return wb__proxy_answer(response, text, status_of_error(error), why);
}
