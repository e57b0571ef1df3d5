/* Every allocation fails once: the call says so, nothing is left over, and it works the next time.
 */
#include "loop_world.h"

#include "wb/channel.h"
#include "wb/waker.h"

/* One use of the library, start to end; the first failure ends it, cleanly. */
typedef enum wb_status (*use_fn)(struct world *world);

/* Fails the first, the second ... request until a use gets through; each use before that must have
 * failed for that reason. The fixture's teardown looks for what was left. */
static void fail_each_request(struct world *world, use_fn use, size_t requests_min) {
    size_t failures = 0;
    for (;; failures++) {
        size_t blocks = atomic_load(&world->blocks);
        size_t descriptors = world_descriptors();
        world_refuse(world, failures + 1);
        enum wb_status status = use(world);
        assert_int_equal(atomic_load(&world->blocks), blocks);
        assert_int_equal(world_descriptors(), descriptors);
        if (atomic_load(&world->requests) <= failures) {
            assert_ok(status); /* the request to refuse was never made */
            break;
        }
        assert_status(status, WB_ERR_NO_MEMORY);
    }
    world_refuse(world, 0);
    assert_true(failures >= requests_min);
}

static enum wb_status use_poll(struct world *world) {
    struct wb_poll poll;
    struct wb_events events;
    struct wb_waker waker = {0};
    enum wb_status status = wb_poll_init_backend(&poll, &world->sys, world->backend);
    if (status != WB_OK) {
        wb_poll_clean_up(&poll);
        return status;
    }
    status = wb_events_init(&events, &world->sys, 4);
    if (status == WB_OK) {
        status = wb_waker_init(&waker, wb_poll_registry(&poll), 1);
    }
    wb_waker_clean_up(&waker);
    wb_events_clean_up(&events);
    wb_poll_clean_up(&poll);
    return status;
}

static void poll_without_memory_says_so(void **state) {
    fail_each_request(*state, use_poll, 2);
}

static enum wb_status use_loop_parts(struct wb_event_loop *loop) {
    struct wb_sender sender = {0};
    enum wb_status status = wb_event_loop_sender(loop, &sender);
    if (status == WB_OK) {
        status = wb_sender_send(&sender, NULL);
    }
    wb_sender_clean_up(&sender);
    for (uint64_t i = 0; i < 200 && status == WB_OK; i++) {
        status = wb_event_loop_timeout(loop, i, i, NULL);
    }
    return status;
}

static enum wb_status use_loop(struct world *world) {
    const struct wb_event_loop_config config = {.backend = world->backend};
    struct wb_event_loop *loop = NULL;
    enum wb_status status = wb_event_loop_new(&world->sys, &config, &loop);
    if (status == WB_OK) {
        status = use_loop_parts(loop);
    }
    wb_event_loop_destroy(loop);
    return status;
}

/* Loop, events, index, selector, mailbox, ring, slots, nodes three times. */
static void loop_without_memory_says_so(void **state) {
    fail_each_request(*state, use_loop, 10);
}

static enum wb_status use_channel(struct world *world) {
    const struct wb_channel_config config = {.capacity = WB_CHANNEL_UNBOUNDED};
    struct wb_receiver receiver;
    struct wb_sender sender;
    enum wb_status status = wb_channel_open(&world->sys, &config, &receiver, &sender);
    for (int i = 0; i < 100 && status == WB_OK; i++) {
        status = wb_sender_send(&sender, NULL);
    }
    wb_sender_clean_up(&sender);
    wb_receiver_close(&receiver);
    return status;
}

/* The mailbox, and its ring four times. */
static void channel_without_memory_says_so(void **state) {
    fail_each_request(*state, use_channel, 5);
}

static enum wb_status use_bounded_channel(struct world *world) {
    struct wb_receiver receiver;
    struct wb_sender sender;
    enum wb_status status = wb_channel_open(&world->sys, NULL, &receiver, &sender);
    wb_receiver_close(&receiver);
    wb_sender_clean_up(&sender);
    return status;
}

static void channel_with_a_bound_without_memory_says_so(void **state) {
    fail_each_request(*state, use_bounded_channel, 2);
}

static void loop_after_a_failed_allocation_works(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    loop_world_open(&self, world, NULL);
    world_refuse(world, 1);
    assert_status(wb_event_loop_sender(self.loop, &sender), WB_ERR_NO_MEMORY);
    world_refuse(world, 2);
    assert_status(wb_event_loop_sender(self.loop, &sender), WB_ERR_NO_MEMORY);
    world_refuse(world, 1);
    assert_status(wb_event_loop_timeout(self.loop, 0, 1, NULL), WB_ERR_NO_MEMORY);
    world_refuse(world, 2);
    assert_status(wb_event_loop_timeout(self.loop, 0, 1, NULL), WB_ERR_NO_MEMORY);
    world_refuse(world, 0);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    assert_ok(wb_sender_send(&sender, NULL));
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    while (self.timeouts == 0) {
        loop_world_turn(&self, PATIENCE_NS);
    }
    assert_int_equal(self.notifies, 1);
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* Waiting, dispatching, sending and receiving allocate nothing. */
static void loop_in_its_course_allocates_nothing(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    world_pair(world, &client, &server);
    world_refuse(world, 0);
    loop_world_watch(
        &self, wb_tcp_stream_source(&server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT);
    for (int i = 0; i < 10; i++) {
        world_send(&client, "x");
        assert_ok(wb_sender_send(&sender, NULL));
        assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
        loop_world_turn(&self, PATIENCE_NS);
        world_expect(world, &server, "x");
        assert_ok(wb_event_loop_reregister(self.loop, wb_tcp_stream_source(&server), 1,
            WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT));
    }
    assert_int_equal(atomic_load(&world->requests), 0);
    wb_sender_clean_up(&sender);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    loop_world_close(&self);
}

/* ---- descriptors run out ---- */

static int no_eventfd(void *self, uint32_t initial, int flags) {
    (void)self, (void)initial, (void)flags;
    return -24; /* EMFILE */
}

static int no_epoll(void *self, int flags) {
    (void)self, (void)flags;
    return -24;
}

static void loop_without_descriptors_says_so(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_event_loop *none = NULL;
    struct wb_sender sender;
    const struct wb_event_loop_config config = {.backend = world->backend};
    int (*real_epoll)(void *, int) = world->ops.epoll_create1;
    int (*real_eventfd)(void *, uint32_t, int) = world->ops.eventfd;
    world->ops.epoll_create1 = no_epoll;
    world->ops.eventfd = no_eventfd; /* the bell of the set for poll(2) */
    assert_status(wb_event_loop_new(&world->sys, &config, &none), WB_ERR_FD_LIMIT);
    world->ops.epoll_create1 = real_epoll;
    world->ops.eventfd = real_eventfd;
    loop_world_open(&self, world, NULL);
    world->ops.eventfd = no_eventfd;
    assert_status(wb_event_loop_sender(self.loop, &sender), WB_ERR_FD_LIMIT);
    world->ops.eventfd = real_eventfd;
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(poll_without_memory_says_so),
        CASE(loop_without_memory_says_so),
        CASE(channel_without_memory_says_so),
        CASE(channel_with_a_bound_without_memory_says_so),
        CASE(loop_after_a_failed_allocation_works),
        CASE(loop_in_its_course_allocates_nothing),
        CASE(loop_without_descriptors_says_so),
    };
    return cmocka_run_group_tests_name("out_of_memory", tests, NULL, NULL);
}
