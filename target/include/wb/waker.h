/* Ends a wait from another thread. A poll has at most one waker at a time. */
#ifndef WB_WAKER_H
#define WB_WAKER_H

#include <stdint.h>

#include "wb/poll.h"
#include "wb/source.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the waker's own. */
struct wb_waker {
    struct wb_fd_source event_fd;
};

/* A waker whose wakes the poll reports as readable events with `token`. Errors: WB_ERR_EXISTS if
 * the poll has a waker already, whichever handle of its registry asks; WB_ERR_FD_LIMIT,
 * WB_ERR_SYSTEM_FD_LIMIT, WB_ERR_NO_MEMORY, WB_ERR_NO_SPACE. The waker is then as after clean_up.
 */
WB_API WB_MUST_USE enum wb_status wb_waker_init(
    struct wb_waker *waker, const struct wb_registry *registry, uint64_t token);

/* No later wait reports its token; the poll may be given another waker. No thread may be waking. A
 * waker of zero bytes, or one cleaned up before, is allowed. */
WB_API void wb_waker_clean_up(struct wb_waker *waker);

/* Makes the present wait, or else the next one, report the waker. Several wakes before one wait may
 * be reported once. Never blocks. Thread: any, also a signal handler on Linux. Errors: WB_ERR_OS,
 * or that of the system; the wake may then be lost. */
WB_API WB_MUST_USE enum wb_status wb_waker_wake(const struct wb_waker *waker);

#ifdef __cplusplus
}
#endif

#endif
