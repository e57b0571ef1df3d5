/* A server of HTTP/1.1 on libevent's evhttp, to measure against.
 *
 *   http_libevent PORT */
#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "load_http.h"

static void answer(struct evhttp_request *request, void *user_data) {
    (void)user_data;
    struct evbuffer *words = evbuffer_new();
    if (words == NULL || evbuffer_add(words, LOAD_HTTP_WORDS, sizeof LOAD_HTTP_WORDS - 1) != 0
        || evhttp_add_header(
               evhttp_request_get_output_headers(request), "Content-Type", "text/plain")
               != 0) {
        abort();
    }
    evhttp_send_reply(request, 200, "OK", words);
    evbuffer_free(words);
}

int main(int argc, char **argv) {
    struct event_base *base = event_base_new();
    struct evhttp *http = base != NULL ? evhttp_new(base) : NULL;
    if (argc != 2 || http == NULL) {
        (void)fputs("usage: http_libevent PORT\n", stderr);
        return 2;
    }
    evhttp_set_timeout(http, 3600);
    evhttp_set_gencb(http, answer, NULL);
    if (evhttp_bind_socket(http, "127.0.0.1", (uint16_t)strtoul(argv[1], NULL, 10)) != 0) {
        perror("http_libevent: listening");
        return EXIT_FAILURE;
    }
    return event_base_dispatch(base) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
