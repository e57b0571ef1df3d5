/* An event loop for tests: a handler that forwards to the test's functions, with a bound on how
 * long it may wait. */
#ifndef REACTOR_TESTS_LOOP_WORLD_H
#define REACTOR_TESTS_LOOP_WORLD_H

#include "wb/event_loop.h"
#include "world.h"

struct loop_world {
    struct world *world;
    struct wb_event_loop *loop;
    int readies;
    int notifies;
    int timeouts;
    int ticks;
    int interrupts;
    uint32_t flags[TOKENS];   /* by token, since loop_world_forget() */
    uint32_t reports[TOKENS]; /* by token */
    void *user_data;          /* the test's */
    void (*on_ready)(struct loop_world *self, struct wb_event event);
    void (*on_notify)(struct loop_world *self, void *message);
    void (*on_timeout)(struct loop_world *self, uint64_t value);
    void (*on_tick)(struct loop_world *self);
};

/* Counts and forwards; its user_data is a struct loop_world. */
extern const struct wb_handler loop_world_handler;

/* `config` may be NULL. */
void loop_world_open(
    struct loop_world *self, struct world *world, const struct wb_event_loop_config *config);
void loop_world_close(struct loop_world *self);

void loop_world_forget(struct loop_world *self);

/* One iteration. */
void loop_world_turn(struct loop_world *self, int64_t timeout_ns);

/* Iterates until the token was reported with all the flags; fails when patience ends. */
void loop_world_await(struct loop_world *self, uint64_t token, uint32_t flags);

/* Iterates until shutdown; fails when patience ends before. */
void loop_world_run(struct loop_world *self);

void loop_world_watch(struct loop_world *self, struct wb_source *source, uint64_t token,
    uint32_t interest, enum wb_trigger trigger);

#endif
