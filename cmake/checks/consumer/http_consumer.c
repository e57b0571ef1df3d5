/* A stranger's server and client of HTTP on the installed stack: only public headers, only what the
 * package names. One thread serves and asks, over real sockets. */
#include <wb/addr.h>
#include <wb/bytes.h>
#include <wb/http_body.h>
#include <wb/http_client.h>
#include <wb/http_server.h>
#include <wb/runtime.h>
#include <wb/sys_linux.h>
#include <wb/task.h>
#include <wb/tcp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_LEN_MAX = 1024 };

static const char words[] = "Hello, stranger";

static void must(enum wb_status status, const char *what) {
    if (status != WB_OK) {
        (void)fprintf(stderr, "%s: %s\n", what, wb_status_name(status));
        exit(EXIT_FAILURE);
    }
}

/* ---- the server ---- */

struct host {
    struct wb_listener listener;
    struct wb_http_fn_service service;
    struct wb_http_shared_service shared;
    struct wb_http_server server;
    struct wb_join_handle task;
};

static enum wb_status answer(
    struct wb_http_request *request, struct wb_http_response *response, void *user_data) {
    (void)request;
    (void)user_data;
    wb_http_response_set_bytes(response, wb_bytes_from_string(words));
    return WB_OK;
}

static void begin_to_serve(struct host *host, struct wb_runtime *runtime, struct wb_addr *out) {
    const struct wb_addr any_port = wb_addr_v4_loopback(0);
    must(wb_listener_bind(&host->listener, runtime, &any_port, 0), "listening");
    must(wb_tcp_listener_local_addr(wb_listener_tcp(&host->listener), out), "the address");
    wb_http_fn_service_init(&host->service, answer, NULL);
    wb_http_shared_service_init(&host->shared, &host->service.service);
    must(wb_http_server_init(&host->server, runtime, &host->listener, &host->shared.make, NULL),
        "the server");
    must(wb_runtime_spawn(runtime, &host->server.future, NULL, &host->task), "spawning it");
}

static void end_serving(struct host *host, struct wb_runtime *runtime) {
    wb_http_server_shutdown(&host->server);
    must(wb_runtime_block_on(runtime, &host->task.future), "shutting down");
    wb_join_handle_cancel(&host->task);
    wb_http_server_clean_up(&host->server);
    wb_listener_close(&host->listener);
}

/* ---- the client ---- */

struct guest {
    struct wb_http_tcp_connector connector;
    struct wb_http_client client;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    struct wb_http_fetch fetch;
    struct wb_http_collect collect;
};

/* Returns the status; whether the content is what was said is in `out_same`. */
static unsigned ask(
    struct guest *guest, struct wb_runtime *runtime, const struct wb_addr *addr, int *out_same) {
    const struct wb_sys *sys = wb_sys_linux();
    char at[WB_ADDR_TEXT_LEN_MAX];
    char uri[WB_ADDR_TEXT_LEN_MAX + 8];
    wb_addr_format(addr, at, sizeof at);
    (void)snprintf(uri, sizeof uri, "http://%s/", at);
    wb_http_tcp_connector_init(&guest->connector, sys, NULL);
    must(wb_http_client_new(sys, &guest->connector.connector, NULL, &guest->client), "the client");
    wb_http_client_request_init(&guest->request, sys);
    wb_http_client_response_init(&guest->response, sys);
    must(wb_http_client_request_get(&guest->request, uri), "the request");
    wb_http_fetch_init(&guest->fetch, &guest->client, &guest->request, &guest->response);
    must(wb_runtime_block_on(runtime, &guest->fetch.future), "fetching");
    wb_http_collect_init(&guest->collect, sys, guest->response.body, BODY_LEN_MAX);
    must(wb_runtime_block_on(runtime, &guest->collect.future), "the content");
    const struct wb_bytes body = wb_bytes_mut_view(&guest->collect.bytes);
    *out_same = body.len == sizeof words - 1 && memcmp(body.ptr, words, body.len) == 0;
    return guest->response.status;
}

static void leave(struct guest *guest) {
    wb_bytes_mut_release(&guest->collect.bytes);
    wb_http_field_list_clean_up(&guest->collect.trailers);
    wb_http_body_drop(guest->response.body);
    wb_http_client_release(&guest->client);
    wb_http_client_response_clean_up(&guest->response);
    wb_http_client_request_clean_up(&guest->request);
}

int main(void) {
    static struct host host;
    static struct guest guest;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct wb_runtime *runtime = NULL;
    struct wb_addr addr;
    int is_same = 0;
    must(wb_runtime_new(wb_sys_linux(), &config, &runtime), "the runtime");
    begin_to_serve(&host, runtime, &addr);
    const unsigned status = ask(&guest, runtime, &addr, &is_same);
    leave(&guest);
    end_serving(&host, runtime);
    wb_runtime_destroy(runtime);
    printf("status %u, %s\n", status, is_same ? words : "and other words");
    return status == 200 && is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
