/* See desk.h. */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/sync/planted.h"

struct desk desk;

static void count_drop(void *value, void *user_data) {
    (void)user_data;
    atomic_fetch_add(&desk.drops, 1);
    desk.last_dropped = *(int *)value;
}

const struct wb_value_type desk_int = {.size = sizeof(int), .drop = count_drop};

#ifdef WB_SYNC_PLANTED
/* The twin with the bug that the environment names. */
static void plant(void) {
    static const char *const names[] = {
#define PLANTED_NAME(name, what) #name,
        WB_SYNC_PLANTED_TABLE(PLANTED_NAME)
#undef PLANTED_NAME
    };
    const char *wanted = getenv("WB_TEST_PLANTED");
    for (int i = 0; wanted != NULL && i < WB__SYNC_PLANTED_COUNT; i++) {
        if (strcmp(names[i], wanted) == 0) {
            wb__sync_planted = (enum wb__sync_planted)i;
        }
    }
}
#else
static void plant(void) {
}
#endif

int desk_setup(void **state) {
    plant();
    const int result = stage_setup_bare(state);
    desk.sys = result == 0 ? &stage.world->sys : NULL;
    for (int i = 0; i < BELLS; i++) {
        bell_init(&desk.bells[i]);
        desk.heard[i] = 0;
    }
    atomic_store(&desk.drops, 0);
    desk.last_dropped = -1;
    return result;
}

int desk_teardown(void **state) {
    for (int i = 0; i < BELLS; i++) {
        if (atomic_load(&desk.bells[i].references) != 1) {
            print_error("waker %d has %d references\n", i, atomic_load(&desk.bells[i].references));
            return -1;
        }
    }
    return stage_teardown(state);
}

enum wb_progress desk_poll(struct wb_future *future, int bell) {
    struct wb_context context = wb_context_with_waker(&desk.bells[bell].waker);
    return wb_future_poll(future, &context);
}

int desk_woken(int bell) {
    const int wakes = atomic_load(&desk.bells[bell].wakes);
    const int fresh = wakes - desk.heard[bell];
    desk.heard[bell] = wakes;
    return fresh;
}
