/* The event loop of the tests. */
#include "loop_world.h"

#include <string.h>

static void ready(struct wb_event_loop *loop, struct wb_event event, void *user_data) {
    struct loop_world *self = user_data;
    assert_ptr_equal(loop, self->loop);
    self->readies++;
    if (event.token < TOKENS) {
        self->flags[event.token] |= event.flags;
        self->reports[event.token]++;
    }
    if (self->on_ready != NULL) {
        self->on_ready(self, event);
    }
}

static void notify(struct wb_event_loop *loop, void *message, void *user_data) {
    struct loop_world *self = user_data;
    assert_ptr_equal(loop, self->loop);
    self->notifies++;
    if (self->on_notify != NULL) {
        self->on_notify(self, message);
    }
}

static void timeout(struct wb_event_loop *loop, uint64_t value, void *user_data) {
    struct loop_world *self = user_data;
    assert_ptr_equal(loop, self->loop);
    self->timeouts++;
    if (self->on_timeout != NULL) {
        self->on_timeout(self, value);
    }
}

static void interrupted(struct wb_event_loop *loop, void *user_data) {
    struct loop_world *self = user_data;
    assert_ptr_equal(loop, self->loop);
    self->interrupts++;
}

static void tick(struct wb_event_loop *loop, void *user_data) {
    struct loop_world *self = user_data;
    assert_ptr_equal(loop, self->loop);
    self->ticks++;
    if (self->on_tick != NULL) {
        self->on_tick(self);
    }
}

const struct wb_handler loop_world_handler = {ready, notify, timeout, interrupted, tick};

void loop_world_open(
    struct loop_world *self, struct world *world, const struct wb_event_loop_config *config) {
    *self = (struct loop_world){.world = world};
    struct wb_event_loop_config on_backend = {0};
    if (config != NULL) {
        on_backend = *config;
    }
    on_backend.backend = world->backend;
    assert_ok(wb_event_loop_new(&world->sys, &on_backend, &self->loop));
}

void loop_world_close(struct loop_world *self) {
    wb_event_loop_destroy(self->loop);
    self->loop = NULL;
}

void loop_world_forget(struct loop_world *self) {
    memset(self->flags, 0, sizeof(self->flags));
    memset(self->reports, 0, sizeof(self->reports));
    self->readies = self->notifies = self->timeouts = self->ticks = 0;
}

void loop_world_turn(struct loop_world *self, int64_t timeout_ns) {
    assert_ok(wb_event_loop_run_once(self->loop, &loop_world_handler, self, timeout_ns));
}

void loop_world_await(struct loop_world *self, uint64_t token, uint32_t flags) {
    while ((self->flags[token] & flags) != flags) {
        int before = self->readies;
        loop_world_turn(self, PATIENCE_NS);
        if (self->readies == before) {
            fail_msg("token %u: waited for events 0x%x, got 0x%x", (unsigned)token, flags,
                self->flags[token]);
        }
    }
}

#define PATIENCE_TOKEN (UINT64_MAX - 1)

static void patience_timeout(struct wb_event_loop *loop, uint64_t value, void *user_data) {
    if (value == PATIENCE_TOKEN) {
        fail_msg("the loop was not shut down in time");
    }
    timeout(loop, value, user_data);
}

void loop_world_run(struct loop_world *self) {
    static const struct wb_handler handler = {ready, notify, patience_timeout, interrupted, tick};
    struct wb_timeout patience;
    assert_ok(wb_event_loop_timeout(self->loop, 4 * PATIENCE_NS, PATIENCE_TOKEN, &patience));
    assert_ok(wb_event_loop_run(self->loop, &handler, self));
    assert_true(wb_event_loop_clear_timeout(self->loop, patience));
}

void loop_world_watch(struct loop_world *self, struct wb_source *source, uint64_t token,
    uint32_t interest, enum wb_trigger trigger) {
    assert_ok(wb_event_loop_register(self->loop, source, token, interest, trigger));
}
