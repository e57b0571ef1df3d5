/* Plain TCP connections to where a URI says, over loopback, with names that the test knows. */
#include "loopback.h"

#include <errno.h>
#include <stdio.h>

#include "wb/combine.h"
#include "wb/http_connector.h"
#include "wb/resolve.h"
#include "wb/sys_linux.h"

static struct {
    struct wb_http_tcp_connector connector;
    struct wb_http_connected connected;
    struct wb_uri uri;
    void *memory;
    struct wb_future *call;
    atomic_bool may_answer; /* names */
} it;

/* ---- names ---- */

/* "both" is at an address of IPv6 where nobody listens, and at 127.0.0.1; "slow" is not known until
 * it may be; nothing else is a name. */
static int resolve_own(void *self, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max) {
    (void)self, (void)out_max;
    struct wb_pollfd none;
    while (strcmp(name, "slow") == 0 && !atomic_load(&it.may_answer)) {
        (void)WB_SYS(wb_sys_linux(), poll, &none, 0, MS);
    }
    if (strcmp(name, "both") != 0) {
        return -ENOENT;
    }
    const struct wb_addr addr =
        family == WB_AF_INET6 ? wb_addr_v6_loopback(port) : wb_addr_v4_loopback(port);
    (void)wb_addr_to_sockaddr(&addr, out);
    return 1;
}

/* ---- calls ---- */

static int connector_setup(void **state) {
    const int result = stage_setup_bare(state);
    stage.world->ops.resolve = resolve_own;
    atomic_store(&it.may_answer, true);
    stage_make(&(const struct wb_runtime_config){.flavour = WB_RUNTIME_CURRENT_THREAD});
    return result;
}

#define HERE(test)                                                                                 \
    { #test, test, connector_setup, stage_teardown, NULL }

static void begin_call(const char *uri, const struct wb_http_tcp_options *options) {
    wb_http_tcp_connector_init(&it.connector, &stage.world->sys, options);
    assert_ok(wb_uri_parse(wb_bytes_from_string(uri), &it.uri));
    it.connected = (struct wb_http_connected){.is_proxied = false};
    it.memory = WB_SYS(&stage.world->sys, alloc, it.connector.connector.call_size);
    assert_non_null(it.memory);
    it.call = it.connector.connector.ops->call(
        &it.connector.connector, it.memory, &it.uri, &it.connected);
}

static void end_call(void) {
    wb_future_drop(it.call);
    WB_SYS(&stage.world->sys, free, it.memory, it.connector.connector.call_size);
}

static void fails(const char *uri, const struct wb_http_tcp_options *options, enum wb_status status,
    const char *detail) {
    begin_call(uri, options);
    assert_status(run(it.call), status);
    assert_status(it.connected.error.status, status);
    assert_int_equal(it.connected.error.kind, WB_HTTP_ERROR_CONNECT);
    if (detail != NULL) {
        assert_string_equal(it.connected.error.detail, detail);
    } else {
        assert_null(it.connected.error.detail);
    }
    end_call();
}

static const char *at_listener(const char *scheme, const char *host) {
    static char uri[64];
    (void)snprintf(uri, sizeof uri, "%s://%s:%u/", scheme, host, net.addr.port);
    return uri;
}

/* Connects, and bytes go both ways; the peer's address is then in `out_peer`. */
static void works(
    const char *uri, const struct wb_http_tcp_options *options, struct wb_addr *out_peer) {
    struct wb_accept accept;
    begin_call(uri, options);
    struct wb_future *parts[] = {it.call, &accept.future};
    struct wb_all all;
    wb_accept_init(&accept, &net.listener);
    wb_all_init(&all, parts, 2);
    assert_ok(run(&all.future));
    assert_false(it.connected.is_proxied || it.connected.negotiated_h2);
    put(it.connected.io.stream.write, "ping");
    expect(&accept.stream.reader.read, "ping");
    put(&accept.stream.writer.write, "pong");
    expect(it.connected.io.stream.read, "pong");
    wb_http_io_close(&it.connected.io);
    expect_status(&accept.stream.reader.read, WB_EOF);
    wb_stream_close(&accept.stream);
    end_call();
    *out_peer = accept.peer;
}

/* ---- what is refused ---- */

static void hp_12_p4_5_other_schemes_are_refused(void **state) {
    (void)state;
    fails("ftp://127.0.0.1/", NULL, WB_ERR_NOT_SUPPORTED, "unsupported scheme: Some(\"ftp\")");
    fails("https://127.0.0.1/", NULL, WB_ERR_NOT_SUPPORTED, "unsupported scheme: Some(\"https\")");
    fails("/path", NULL, WB_ERR_NOT_SUPPORTED, "unsupported scheme: None");
}

static void p4_2_what_is_no_host_is_refused(void **state) {
    (void)state;
    fails("http://[fe::fe::fe]/", NULL, WB_ERR_INVALID, "cannot parse host");
    fails("http://%41/", NULL, WB_ERR_INVALID, "cannot parse host");
}

static void p4_3_a_name_that_nobody_has(void **state) {
    (void)state;
    fails("http://nobody/", NULL, WB_ERR_NO_ENTRY, "cannot resolve address");
    const struct wb_http_tcp_options from = {.local = wb_addr_v4_loopback(0)};
    fails("http://nobody/", &from, WB_ERR_NO_ENTRY, "cannot resolve address");
    fails("http://[::1]/", &from, WB_ERR_NO_ENTRY, "cannot resolve address"); /* no such family */
}

static void p4_14_a_port_where_nobody_listens(void **state) {
    (void)state;
    listen_on_loopback();
    wb_listener_close(&net.listener);
    fails(at_listener("http", "127.0.0.1"), NULL, WB_ERR_CONN_REFUSED, NULL);
    fails(at_listener("http", "both"), NULL, WB_ERR_CONN_REFUSED, NULL);
}

static void p4_15_without_a_runtime_it_says_so(void **state) {
    (void)state;
    begin_call("http://127.0.0.1/", NULL);
    assert_int_equal(poll_once(it.call), WB_READY);
    assert_status(it.call->status, WB_ERR_NO_RUNTIME);
    end_call();
}

static void a_connection_may_take_only_so_long(void **state) {
    (void)state;
    const struct wb_http_tcp_options options = {.timeout_ns = 20 * MS};
    atomic_store(&it.may_answer, false);
    fails("http://slow/", &options, WB_ERR_TIMED_OUT, NULL);
    atomic_store(&it.may_answer, true);
}

/* ---- what works ---- */

static void p4_3_an_address_is_not_asked_about(void **state) {
    (void)state;
    struct wb_addr peer;
    listen_on_loopback();
    works(at_listener("http", "127.0.0.1"), NULL, &peer);
    works(at_listener("HTTP", "127.0.0.1"), NULL, &peer);
    wb_listener_close(&net.listener);
}

static void p4_16_a_literal_in_brackets(void **state) {
    (void)state;
    const struct wb_addr any = wb_addr_v6_loopback(0);
    struct wb_addr peer;
    assert_ok(wb_listener_bind(&net.listener, stage.runtime, &any, 0));
    assert_ok(wb_tcp_listener_local_addr(wb_listener_tcp(&net.listener), &net.addr));
    works(at_listener("http", "[::1]"), NULL, &peer);
    assert_int_equal(peer.family, WB_AF_INET6);
    wb_listener_close(&net.listener);
}

/* T0-13: not only the first address is tried. */
static void hp_12_the_next_address_is_tried(void **state) {
    (void)state;
    struct wb_addr peer;
    listen_on_loopback();
    works(at_listener("http", "both"), NULL, &peer);
    assert_int_equal(peer.family, WB_AF_INET);
    wb_listener_close(&net.listener);
}

static void hp_12_any_scheme_if_it_may_be(void **state) {
    (void)state;
    const struct wb_http_tcp_options options = {.allows_any_scheme = true, .allows_delay = true};
    struct wb_addr peer;
    listen_on_loopback();
    works(at_listener("https", "127.0.0.1"), &options, &peer);
    wb_listener_close(&net.listener);
}

static void hp_12_from_an_address_of_ones_own(void **state) {
    (void)state;
    const struct wb_http_tcp_options options = {.local = wb_addr_v4(127, 0, 0, 2, 0)};
    struct wb_addr peer;
    listen_on_loopback();
    works(at_listener("http", "127.0.0.1"), &options, &peer);
    assert_int_equal(peer.ip[3], 2);
    works(at_listener("http", "both"), &options, &peer);
    assert_int_equal(peer.ip[3], 2);
    const struct wb_http_tcp_options foreign = {.local = wb_addr_v4(192, 0, 2, 1, 0)};
    fails(at_listener("http", "127.0.0.1"), &foreign, WB_ERR_ADDR_NOT_AVAILABLE, NULL);
    wb_listener_close(&net.listener);
}

/* ---- memory ---- */

static void each_refused_allocation_is_a_status(void **state) {
    (void)state;
    enum wb_status status = WB_ERR_NO_MEMORY;
    listen_on_loopback();
    for (size_t n = 1; status != WB_OK; n++) {
        begin_call(at_listener("http", "both"), NULL);
        const size_t blocks = atomic_load(&stage.world->blocks);
        world_refuse(stage.world, n);
        status = run(it.call);
        world_refuse(stage.world, 0);
        wb_http_io_close(&it.connected.io);
        wb_future_drop(it.call);
        assert_true(status == WB_OK || status == WB_ERR_NO_MEMORY);
        assert_true(atomic_load(&stage.world->blocks) <= blocks + 8); /* of threads that rest */
        end_call();
    }
    wb_listener_close(&net.listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HERE(hp_12_p4_5_other_schemes_are_refused),
        HERE(p4_2_what_is_no_host_is_refused),
        HERE(p4_3_a_name_that_nobody_has),
        HERE(p4_14_a_port_where_nobody_listens),
        HERE(p4_15_without_a_runtime_it_says_so),
        HERE(a_connection_may_take_only_so_long),
        HERE(p4_3_an_address_is_not_asked_about),
        HERE(p4_16_a_literal_in_brackets),
        HERE(hp_12_the_next_address_is_tried),
        HERE(hp_12_any_scheme_if_it_may_be),
        HERE(hp_12_from_an_address_of_ones_own),
        HERE(each_refused_allocation_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
