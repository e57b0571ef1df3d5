/* An orderly end: SIGTERM and SIGINT as a source, for programs that clean up before they leave. */
#ifndef WB_TERMINATION_H
#define WB_TERMINATION_H

#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are its own. */
struct wb_termination {
    struct wb_fd_source io;
};

/* From now on SIGTERM and SIGINT no longer end the process: the source becomes readable. Thread:
 * call it before other threads start. Errors: WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT,
 * WB_ERR_NO_MEMORY; it is then as after clean_up. */
WB_API WB_MUST_USE enum wb_status wb_termination_init(
    struct wb_termination *termination, const struct wb_sys *sys);

/* Deregisters if need be, and closes; the signals stay without effect. All zero, or cleaned up
 * before, is allowed. */
WB_API void wb_termination_clean_up(struct wb_termination *termination);

/* Takes one signal: WB_OK and its number, WB_SIGTERM or WB_SIGINT (`out_signo` may be NULL), which
 * is announced with WB_NOTE_STOPPING; WB_WOULD_BLOCK if none came, as may be after any event. */
WB_API WB_MUST_USE enum wb_status wb_termination_take(
    struct wb_termination *termination, int *out_signo);

/* For the registry. Interest: WB_INTEREST_READABLE. */
static inline struct wb_source *wb_termination_source(struct wb_termination *termination) {
    return &termination->io.source;
}

#ifdef __cplusplus
}
#endif

#endif
