/* A whole body in memory: limits, trailers, failures, and no memory. */
#include "script.h"

#include "wb/http_body.h"

static struct wb_http_sender sender;
static struct wb_http_channel_body body;
static struct wb_http_collect collect;

static void open_channel(size_t capacity) {
    bell_init(&script_bell);
    assert_ok(wb_http_channel_new(&stage.world->sys, capacity, &sender, &body));
}

static void send_now(const char *data) {
    struct wb_http_send send;
    wb_http_send_init(&send, &sender, wb_bytes_from_string(data));
    assert_int_equal(poll_once(&send.future), WB_READY);
}

static enum wb_progress collect_some(struct wb_http_body *from, uint64_t len_max) {
    wb_http_collect_init(&collect, &stage.world->sys, from, len_max);
    return poll_once(&collect.future);
}

static void assert_collected(enum wb_status status, const char *bytes) {
    assert_true(wb_future_is_over(&collect.future));
    assert_status(collect.future.status, status);
    assert_bytes(collect.bytes.ptr, collect.bytes.len, bytes);
    wb_bytes_mut_release(&collect.bytes);
    wb_http_field_list_clean_up(&collect.trailers);
}

static void a_hy_03_pieces_become_one(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    assert_int_equal(collect_some(&body.body, 100), WB_PENDING);
    send_now("cd");
    assert_int_equal(poll_once(&collect.future), WB_PENDING);
    wb_http_sender_end(&sender);
    assert_int_equal(poll_once(&collect.future), WB_READY);
    assert_int_equal(collect.trailers.count, 0);
    assert_collected(WB_OK, "abcd");
    wb_http_body_drop(&body.body);
}

static void a_hy_03_trailers_are_copied(void **state) {
    (void)state;
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, &stage.world->sys, 0, 0);
    assert_ok(
        wb_http_field_list_add(&list, wb_bytes_from_string("Digest"), wb_bytes_from_string("x")));
    open_channel(4);
    send_now("ab");
    wb_http_sender_end_with(&sender, &list);
    assert_int_equal(collect_some(&body.body, 2), WB_READY);
    wb_http_body_drop(&body.body);
    const struct wb_http_fields fields = wb_http_field_list_view(&collect.trailers);
    struct wb_bytes value;
    assert_true(wb_http_fields_get(fields, wb_bytes_from_string("digest"), &value));
    assert_bytes(value.ptr, value.len, "x");
    assert_collected(WB_OK, "ab");
}

/* INV-09: just the limit is fine, one more is not, and is not kept. */
static void inv_09_nothing_is_kept_beyond_the_limit(void **state) {
    (void)state;
    for (uint64_t len_max = 0; len_max < 6; len_max++) {
        char expected[8] = "";
        open_channel(8);
        send_now("abc");
        assert_int_equal(collect_some(&body.body, len_max), len_max < 3 ? WB_READY : WB_PENDING);
        if (len_max >= 3) {
            send_now("de");
            wb_http_sender_end(&sender);
            assert_int_equal(poll_once(&collect.future), WB_READY);
        }
        strncat(expected, "abcde", (size_t)len_max);
        assert_collected(len_max < 5 ? WB_ERR_LIMIT : WB_OK, expected);
        wb_http_sender_end(&sender);
        wb_http_body_drop(&body.body);
    }
}

/* A body that announces more than is allowed is not read, and one that promises much has nothing
 * set aside for it. */
static void inv_09_promises_cost_nothing(void **state) {
    (void)state;
    const struct line reads[] = {{.bytes = "ab"}, {.status = WB_ERR_CONN_RESET}};
    struct script script = script_of(reads, takes_all);
    struct wb_http_reader_body reader;
    char buf[8];
    wb_http_reader_body_init(&reader, &script.read, UINT64_C(1) << 40, buf, sizeof(buf));
    assert_int_equal(collect_some(&reader.body, (UINT64_C(1) << 40) - 1), WB_READY);
    assert_ptr_equal(script.reads, reads);
    assert_collected(WB_ERR_LIMIT, "");
    assert_int_equal(collect_some(&reader.body, UINT64_MAX), WB_READY);
    assert_true(collect.bytes.capacity <= 4096);
    assert_collected(WB_ERR_CONN_RESET, "ab");
}

static void a_hy_03_failure_of_the_body_is_passed_on(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    wb_http_sender_abort(&sender);
    assert_int_equal(collect_some(&body.body, 100), WB_READY);
    assert_collected(WB_ERR_CANCELLED, "ab");
    wb_http_body_drop(&body.body);
}

static void a_hy_03_no_body_is_nothing(void **state) {
    (void)state;
    bell_init(&script_bell);
    assert_int_equal(collect_some(NULL, 0), WB_READY);
    assert_collected(WB_OK, "");
}

/* Given up, or spawned and never looked at, it frees what it has: the fixture finds leaks. */
static void a_hy_03_what_nobody_takes_is_freed(void **state) {
    (void)state;
    open_channel(4);
    send_now("ab");
    assert_int_equal(collect_some(&body.body, 100), WB_PENDING);
    wb_future_drop(&collect.future);
    send_now("cd");
    wb_http_sender_end(&sender);
    struct wb_join_handle handle;
    wb_http_collect_init(&collect, &stage.world->sys, &body.body, 100);
    assert_ok(wb_runtime_spawn(stage.runtime, &collect.future, NULL, &handle));
    wb_join_handle_detach(&handle);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    wb_http_body_drop(&body.body);
}

static enum wb_status collect_with_trailers(void) {
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, &stage.world->sys, 0, 0);
    enum wb_status status = wb_http_channel_new(&stage.world->sys, 64, &sender, &body);
    if (status != WB_OK) {
        return status;
    }
    send_now("0123456789abcdefghijklmnopqrstuvwxyz");
    status =
        wb_http_field_list_add(&list, wb_bytes_from_string("digest"), wb_bytes_from_string("x"));
    wb_http_sender_end_with(&sender, &list);
    wb_http_field_list_clean_up(&list);
    if (status == WB_OK) {
        assert_int_equal(collect_some(&body.body, 100), WB_READY);
        status = collect.future.status;
        wb_bytes_mut_release(&collect.bytes);
        wb_http_field_list_clean_up(&collect.trailers);
    }
    wb_http_body_drop(&body.body);
    return status;
}

static void fails_at_every_allocation_and_leaves_nothing(void **state) {
    (void)state;
    const size_t blocks = stage.world->blocks;
    size_t n = 1;
    bell_init(&script_bell);
    for (; n < 100; n++) {
        world_refuse(stage.world, n);
        const enum wb_status status = collect_with_trailers();
        world_refuse(stage.world, 0);
        assert_int_equal(stage.world->blocks, blocks);
        if (status == WB_OK) {
            break;
        }
        assert_status(status, WB_ERR_NO_MEMORY);
    }
    assert_in_range(n, 6, 20); /* the channel, two for each list, the bytes, and none refused */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(a_hy_03_pieces_become_one),
        STILL(a_hy_03_trailers_are_copied),
        STILL(inv_09_nothing_is_kept_beyond_the_limit),
        STILL(inv_09_promises_cost_nothing),
        STILL(a_hy_03_failure_of_the_body_is_passed_on),
        STILL(a_hy_03_no_body_is_nothing),
        STILL(a_hy_03_what_nobody_takes_is_freed),
        STILL(fails_at_every_allocation_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
