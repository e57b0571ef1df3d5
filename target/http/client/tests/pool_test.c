/* The client with a pool, before it has a connection: what it asks of its connector and executor,
 * and what goes out. */
#include "town.h"

/* ---- connecting ---- */

static void hp_01_nothing_happens_before_the_first_poll(void **state) {
    (void)state;
    town_client(NULL);
    (void)visit_of(0, "GET", "http://a/");
    lab_run();
    assert_int_equal(town.calls + town.polls, 0);
}

static void p4_2_a_connector_that_is_not_ready_is_waited_for(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, one_hi);
    town.is_busy = true;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_false(wb_future_is_over(&visit->future));
    assert_int_equal(town.polls, 0);
    town_open();
    lab_run();
    visit_assert_hi(visit);
}

static void a_hy_05_what_the_connector_says_is_told(void **state) {
    (void)state;
    town_client(NULL);
    town.fails = WB_ERR_CONN_REFUSED;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_CONN_REFUSED);
    assert_int_equal(visit->fetch.error.kind, WB_HTTP_ERROR_CONNECT);
    assert_string_equal(visit->fetch.error.detail, "the town is shut");
    assert_int_equal(town.drops, 1);
}

static void hp_10_a_server_that_wants_http_2_is_refused(void **state) {
    (void)state;
    town_client(NULL);
    town.sample.negotiated_h2 = true;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_NOT_SUPPORTED);
    assert_int_equal(town.peers[0].closes, 1);
}

static void p4_15_without_an_executor_it_says_so(void **state) {
    (void)state;
    assert_ok(wb_http_client_new(&stage.world->sys, &town.connector, NULL, &client));
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_NO_RUNTIME);
    assert_int_equal(town.peers[0].closes, 1);
}

static void a_hy_04_an_executor_that_refuses_is_told(void **state) {
    (void)state;
    town_client(NULL);
    town.refuses_tasks = true;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_LIMIT);
    assert_int_equal(town.peers[0].closes, 1);
    assert_written(&town.peers[0], "");
}

/* ---- what goes out ---- */

static void goes_out(const char *method, const char *uri, const char *expected) {
    town_client(NULL);
    (void)visit_begin(0, method, uri);
    assert_written(&town.peers[town.calls - 1], expected);
    visit_give_up(&visits[0]);
    wb_http_client_release(&client);
}

static void p4_7_r_88_the_wire_has_the_origin_form_and_one_host(void **state) {
    (void)state;
    goes_out(
        "GET", "http://www.rust-lang.org", "GET / HTTP/1.1\r\nhost: www.rust-lang.org\r\n\r\n");
    goes_out("GET", "http://u:p@a.b:80/c?d#e", "GET /c?d HTTP/1.1\r\nhost: a.b\r\n\r\n");
    goes_out("GET", "http://[::1]:8080?x", "GET /?x HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n");
    assert_string_equal(town.asked, "[::1]");
    goes_out("HEAD", "http://a:443/", "HEAD / HTTP/1.1\r\nhost: a:443\r\n\r\n");
}

static void p4_8_fields_of_the_application_stay(void **state) {
    (void)state;
    town_client(NULL);
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "host", "somebody else"));
    assert_ok(wb_http_client_request_add(&visit->request, "user-agent", "hyper/0.14.2"));
    assert_ok(wb_http_client_request_add(&visit->request, "accept", "text/html"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_written(&town.peers[0],
        "GET / HTTP/1.1\r\nhost: a\r\nuser-agent: hyper/0.14.2\r\naccept: text/html\r\n\r\n");
}

static void h1c_20_host_may_be_the_applications(void **state) {
    (void)state;
    town_client(&(struct wb_http_client_options){.keeps_host = true});
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "host", "else"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_written(&town.peers[0], "GET / HTTP/1.1\r\nhost: else\r\n\r\n");
    visit = visit_begin(1, "GET", "http://b/");
    assert_status(visit->future.status, WB_ERR_INVALID); /* there is none */
    assert_written(&town.peers[1], "");
}

static void hp_09_a_proxy_gets_the_absolute_form(void **state) {
    (void)state;
    town.sample.is_proxied = true;
    goes_out("GET", "http://u:p@a.b:80/c?d#e", "GET http://a.b/c?d HTTP/1.1\r\nhost: a.b\r\n\r\n");
    goes_out("GET", "http://a", "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void hp_09_connect_has_an_authority(void **state) {
    (void)state;
    goes_out("CONNECT", "a:443", "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n");
    goes_out("CONNECT", "http://a/b", "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n");
    town.sample.is_proxied = true;
    goes_out("CONNECT", "a:443", "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n");
}

/* RFC 9112 section 3.2.4. */
static void options_of_a_server_has_an_asterisk(void **state) {
    (void)state;
    goes_out("OPTIONS", "http://a:81", "OPTIONS * HTTP/1.1\r\nhost: a:81\r\n\r\n");
    goes_out("OPTIONS", "http://a#b", "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n");
    goes_out("OPTIONS", "http://a/", "OPTIONS / HTTP/1.1\r\nhost: a\r\n\r\n");
    goes_out("OPTIONS", "http://a?b", "OPTIONS /?b HTTP/1.1\r\nhost: a\r\n\r\n");
}

/* The same section: the last proxy on the way makes an asterisk of it. */
static void options_of_a_server_behind_a_proxy_has_no_path(void **state) {
    (void)state;
    town.sample.is_proxied = true;
    goes_out("OPTIONS", "http://u@a:81#b", "OPTIONS http://a:81 HTTP/1.1\r\nhost: a:81\r\n\r\n");
    goes_out("OPTIONS", "http://a/", "OPTIONS http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
    goes_out("DELETE", "http://a", "DELETE http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void is_refused(
    const char *method, const char *uri, enum wb_http_wanted version, enum wb_status status) {
    town_client(NULL);
    struct visit *visit = visit_of(0, method, uri);
    visit->request.version = version;
    (void)lab_add(&visit->future);
    lab_run();
    assert_status(visit->future.status, status);
    assert_int_equal(visit->fetch.error.kind, WB_HTTP_ERROR_USER);
    assert_true(visit->fetch.is_unsent);
    assert_int_equal(town.polls, 0);
    visit->request.version = WB_HTTP_WANTED_1_1;
    wb_http_client_release(&client);
}

static void h1c_13_a_target_is_absolute(void **state) {
    (void)state;
    is_refused("GET", "/path", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "a:80", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "http://", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "http://a b/", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("CONNECT", "/", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
}

static void h1c_21_other_versions_are_refused(void **state) {
    (void)state;
    is_refused("GET", "http://a/", WB_HTTP_WANTED_2, WB_ERR_NOT_SUPPORTED);
    is_refused("GET", "http://a/", WB_HTTP_WANTED_0_9, WB_ERR_NOT_SUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN(hp_01_nothing_happens_before_the_first_poll),
        TOWN(p4_2_a_connector_that_is_not_ready_is_waited_for),
        TOWN(a_hy_05_what_the_connector_says_is_told),
        TOWN(hp_10_a_server_that_wants_http_2_is_refused),
        TOWN(p4_15_without_an_executor_it_says_so),
        TOWN(a_hy_04_an_executor_that_refuses_is_told),
        TOWN(p4_7_r_88_the_wire_has_the_origin_form_and_one_host),
        TOWN(p4_8_fields_of_the_application_stay),
        TOWN(h1c_20_host_may_be_the_applications),
        TOWN(hp_09_a_proxy_gets_the_absolute_form),
        TOWN(hp_09_connect_has_an_authority),
        TOWN(options_of_a_server_has_an_asterisk),
        TOWN(options_of_a_server_behind_a_proxy_has_no_path),
        TOWN(h1c_13_a_target_is_absolute),
        TOWN(h1c_21_other_versions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
