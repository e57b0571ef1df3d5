/* Sources of one's own, and plain descriptors as sources. */
#include "world.h"

#include <fcntl.h>

/* Records what reaches its hooks, and forwards if it has something inside. */
struct probe {
    struct wb_source source;
    struct wb_source *inner;
    enum wb_status answer; /* unless there is something inside */
    int registers;
    int reregisters;
    int deregisters;
    uint64_t token;
    uint32_t interest;
    enum wb_trigger trigger;
};

static void probe_note(
    struct probe *probe, uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    probe->token = token;
    probe->interest = interest;
    probe->trigger = trigger;
}

static enum wb_status probe_register(struct wb_source *source, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct probe *probe = (struct probe *)source;
    probe->registers++;
    probe_note(probe, token, interest, trigger);
    return probe->inner == NULL
               ? probe->answer
               : wb_registry_register(registry, probe->inner, token, interest, trigger);
}

static enum wb_status probe_reregister(struct wb_source *source, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct probe *probe = (struct probe *)source;
    probe->reregisters++;
    probe_note(probe, token, interest, trigger);
    return probe->inner == NULL
               ? probe->answer
               : wb_registry_reregister(registry, probe->inner, token, interest, trigger);
}

static enum wb_status probe_deregister(
    struct wb_source *source, const struct wb_registry *registry) {
    struct probe *probe = (struct probe *)source;
    probe->deregisters++;
    return probe->inner == NULL ? probe->answer : wb_registry_deregister(registry, probe->inner);
}

static const struct wb_source_ops probe_ops = {probe_register, probe_reregister, probe_deregister};

/* MIO-14, A-MIO-31 */
static void source_hooks_are_called_once_each_as_given(void **state) {
    struct world *world = *state;
    struct probe probe = {.source = {&probe_ops}};
    const struct wb_registry *registry = world_registry(world);
    assert_ok(
        wb_registry_register(registry, &probe.source, 5, WB_INTEREST_READABLE, WB_TRIGGER_ONESHOT));
    assert_true(probe.registers == 1 && probe.reregisters == 0 && probe.deregisters == 0);
    assert_true(probe.token == 5 && probe.interest == WB_INTEREST_READABLE
                && probe.trigger == WB_TRIGGER_ONESHOT);
    assert_ok(
        wb_registry_reregister(registry, &probe.source, 6, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
    assert_true(probe.registers == 1 && probe.reregisters == 1 && probe.deregisters == 0);
    assert_true(probe.token == 6 && probe.interest == WB_INTEREST_WRITABLE
                && probe.trigger == WB_TRIGGER_EDGE);
    assert_ok(wb_registry_deregister(registry, &probe.source));
    assert_true(probe.registers == 1 && probe.reregisters == 1 && probe.deregisters == 1);
}

/* MIO-15, A-MIO-31 */
static void source_error_of_a_hook_is_returned_unchanged(void **state) {
    struct world *world = *state;
    const struct wb_registry *registry = world_registry(world);
    struct probe probe = {.source = {&probe_ops}, .answer = WB_ERR_LOOP};
    assert_status(
        wb_registry_register(registry, &probe.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_LOOP);
    probe.answer = WB_ERR_OS;
    assert_status(
        wb_registry_reregister(registry, &probe.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_OS);
    probe.answer = WB_ERR_PARSE;
    assert_status(wb_registry_deregister(registry, &probe.source), WB_ERR_PARSE);
}

/* A-MIO-31 */
static void source_that_forwards_is_reported(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    struct probe probe = {.source = {&probe_ops}, .inner = wb_tcp_stream_source(&client)};
    world_watch(world, &probe.source, 4, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[4], WB_EPOLLOUT);
    assert_ok(wb_registry_deregister(world_registry(world), &probe.source));
    assert_false(wb_fd_source_is_registered(&client.io));
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* A-MIO-32 */
static void source_of_an_eventfd_is_reported_and_not_closed(void **state) {
    struct world *world = *state;
    struct wb_fd_source source;
    int fd = WB_SYS(&world->sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
    assert_true(fd >= 0);
    wb_fd_source_init(&source, &world->sys, fd);
    world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    world_assert_quiet(world);
    uint64_t one = 1;
    assert_int_equal(WB_SYS(&world->sys, write, fd, &one, sizeof(one)), 8);
    world_await(world, 1, WB_EPOLLIN);
    wb_fd_source_clean_up(&source);
    wb_fd_source_clean_up(&source);
    world_assert_quiet(world);
    assert_int_equal(WB_SYS(&world->sys, read, fd, &one, sizeof(one)), 8); /* still open */
    WB_SYS(&world->sys, close, fd);
}

/* A-MIO-32 */
static void source_of_a_regular_file_is_refused_or_always_ready(void **state) {
    struct world *world = *state;
    struct wb_fd_source source;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    wb_fd_source_init(&source, &world->sys, fd);
    if (world->backend == WB_BACKEND_POLL) {
        world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
        assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    } else {
        assert_status(wb_registry_register(world_registry(world), &source.source, 1,
                          WB_INTEREST_READABLE, WB_TRIGGER_LEVEL),
            WB_ERR_NOT_PERMITTED);
    }
    wb_fd_source_clean_up(&source);
    WB_SYS(&world->sys, close, fd);
}

static void source_of_a_closed_descriptor_is_refused(void **state) {
    struct world *world = *state;
    struct wb_fd_source source;
    int fd = WB_SYS(&world->sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
    WB_SYS(&world->sys, close, fd);
    wb_fd_source_init(&source, &world->sys, fd);
    assert_status(wb_registry_register(world_registry(world), &source.source, 1,
                      WB_INTEREST_READABLE, WB_TRIGGER_LEVEL),
        WB_ERR_BAD_FD);
    wb_fd_source_clean_up(&source);
}

static void source_may_be_moved_while_registered(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    struct wb_tcp_stream moved = client;
    client = (struct wb_tcp_stream){0};
    world_send(&server, "x");
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&moved)));
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&moved);
    wb_tcp_stream_close(&server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(source_hooks_are_called_once_each_as_given),
        CASE(source_error_of_a_hook_is_returned_unchanged),
        CASE(source_that_forwards_is_reported),
        CASE(source_of_an_eventfd_is_reported_and_not_closed),
        CASE(source_of_a_regular_file_is_refused_or_always_ready),
        CASE(source_of_a_closed_descriptor_is_refused),
        CASE(source_may_be_moved_while_registered),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
