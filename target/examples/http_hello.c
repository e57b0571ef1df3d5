/* http_hello: a server of HTTP that answers every request with the same words, whatever was asked.
 */
#include "examples/programs.h"

#include "examples/http_frame.h"

#define PROGRAM "http_hello"

/* The same for all, so nobody has to be called back. */
static enum wb_status answer(
    struct wb_http_request *request, struct wb_http_response *response, void *user_data) {
    static const char words[] = "Hello, World";
    (void)request;
    (void)user_data;
    wb_http_response_set_bytes(response, wb_bytes_from(words, sizeof words - 1));
    return WB_OK;
}

int wb__http_hello_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb__http_frame frame;
    struct wb_http_fn_service service;
    int exit_status = WB__EXIT_OK;
    wb__http_frame_init(
        &frame, sys, PROGRAM, 3000, "where to listen; port 0 picks one. 127.0.0.1:3000");
    if (!wb__http_frame_parse(&frame, "Answers every request of HTTP with Hello, World.", NULL, 0,
            argc, argv, &exit_status)) {
        return exit_status;
    }
    wb_http_fn_service_init(&service, answer, NULL);
    return wb__http_frame_run(&frame, &service.service);
}
