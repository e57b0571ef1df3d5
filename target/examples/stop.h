/* That somebody tells a program on the runtime to end, by SIGTERM or SIGINT: a future. */
#ifndef WB_EXAMPLES_STOP_H
#define WB_EXAMPLES_STOP_H

#include "wb/future.h"
#include "wb/poll_evented.h"
#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/termination.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stays where it is. All zero is one that was closed. */
struct wb__stop {
    struct wb_future future; /* over with WB_OK when a signal has come */
    struct wb_termination termination;
    struct wb_poll_evented signals;
};

/* Before the runtime is made, since its threads must not take the signals: from now on they end
 * nothing. Errors: those of wb_termination_init(). */
WB_MUST_USE enum wb_status wb__stop_prepare(struct wb__stop *stop, const struct wb_sys *sys);

/* After that. Errors: those of wb_poll_evented_init(). */
WB_MUST_USE enum wb_status wb__stop_begin(struct wb__stop *stop, struct wb_runtime *runtime);

/* In whatever state, before the runtime is destroyed. */
void wb__stop_close(struct wb__stop *stop);

#ifdef __cplusplus
}
#endif

#endif
