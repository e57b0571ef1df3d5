/* A runtime of a flavour for the tests, on the counted system of world.h. With a still clock, time
 * moves only when the runtime waits for it: a wait with nothing ready jumps to its end. */
#ifndef RUNTIME_TESTS_STAGE_H
#define RUNTIME_TESTS_STAGE_H

#include "world.h"

#include "probe.h"
#include "wb/runtime.h"

struct stage {
    struct world *world;
    struct wb_runtime *runtime;
};

extern struct stage stage;

/* cmocka fixtures. The flavour is in the name; the clock of `still` is still. Teardown destroys the
 * runtime and fails if anything leaked. */
int stage_setup_single(void **state);
int stage_setup_multi(void **state); /* two high workers, two low ones */
int stage_setup_still(void **state); /* current-thread */
int stage_setup_bare(void **state);  /* no runtime */
int stage_teardown(void **state);

/* Makes stage.runtime, with what the test wants. */
void stage_make(const struct wb_runtime_config *config);
void stage_destroy(void);

/* The still clock: what it shows, and moving it by hand. */
#define STILL_START_NS (UINT64_C(1000) * 1000000000)
uint64_t stage_now(void);
void stage_advance(uint64_t delta_ns);
uint64_t stage_waits(void);  /* waits that were longer than 0 */
unsigned stage_alarms(void); /* how often a timer of the kernel's was set */

void stage_use_still_clock(void);

/* Spawns a probe; fails the test if that fails. */
void stage_spawn(struct probe_log *log, const struct wb_spawn_options *options,
    struct wb_join_handle *out_handle);

/* Blocks on the handle, gives it up, and returns the status of its task. */
enum wb_status stage_join(struct wb_join_handle *handle);

/* Spins, through the system's own waits, until the number is reached; fails when patience ends. */
void stage_await(atomic_int *number, int value);

/* In a process of its own: what is left when something aborts cannot be ended. */
void stage_assert_aborts(void (*misuse)(int argument), int argument);

/* Hooks of threads that count. */
struct stage_visits {
    atomic_int starts;
    atomic_int stops;
};

void stage_count_start(void *visits);
void stage_count_stop(void *visits);

/* A case on one flavour, or on both. */
#define STAGE_CASE(test, suffix, setup)                                                            \
    { #test suffix, test, setup, stage_teardown, NULL }
#define SINGLE(test) STAGE_CASE(test, "_single", stage_setup_single)
#define MULTI(test) STAGE_CASE(test, "_multi", stage_setup_multi)
#define STILL(test) STAGE_CASE(test, "", stage_setup_still)
#define BOTH(test) SINGLE(test), MULTI(test)

#endif
