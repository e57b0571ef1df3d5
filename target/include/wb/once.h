/* Something that is made once, by whoever needs it first, while the others wait.
 *
 *     wb_once_run_init(&self->run, &thing->once, &self->make.future);
 *     WB_TRY_AWAIT(&self->run.future);
 *     ... what `make` made is there, whoever's it was ...
 *
 * What is made lies where its maker puts it. A maker that fails, or is given up, has made nothing:
 * then the next one who waits runs a maker of its own.
 *
 * It is in its user's memory, which must not be moved, and must outlive its futures and all calls
 * on it. Thread: any; each future by one at a time. What was made is visible to whoever was told
 * that it is. Allocates: nothing. */
#ifndef WB_ONCE_H
#define WB_ONCE_H

#include <stdbool.h>

#include "wb/future.h"
#include "wb/semaphore.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are private. */
struct wb_once {
    struct wb_semaphore turn; /* one permit, for who makes; closed when it is made */
};

/* Errors: none. */
WB_API WB_MUST_USE enum wb_status wb_once_init(struct wb_once *once, const struct wb_sys *sys);

/* Nobody may wait. One of zero bytes, and one cleaned up before, is allowed. What was made is its
 * user's. */
WB_API void wb_once_clean_up(struct wb_once *once);

/* Whether it was made. */
WB_API bool wb_once_is_made(struct wb_once *once);

/* Over with WB_OK when it is made. `is_maker`: by `make`, just now; else `make` was dropped without
 * a poll. Or over with the failure of `make`. A maker that waits for the same thing waits for
 * ever. */
struct wb_once_run {
    struct wb_future future;
    struct wb_once *once;
    struct wb_future *make;
    struct wb_acquire acquire;
    bool is_maker;
};

/* `make` is borrowed, and must stay where it is from the first poll on. */
WB_API void wb_once_run_init(struct wb_once_run *run, struct wb_once *once, struct wb_future *make);

#ifdef __cplusplus
}
#endif

#endif
