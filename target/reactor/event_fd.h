/* An eventfd as a bell: ringing makes it readable until it is hushed. Each ring is an edge of its
 * own, whether or not it was hushed in between. */
#ifndef WB_REACTOR_EVENT_FD_H
#define WB_REACTOR_EVENT_FD_H

#include "wb/status.h"
#include "wb/sys.h"

/* Silent, non-blocking, close-on-exec. Errors: WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT,
 * WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__event_fd_open(const struct wb_sys *sys, int *out_fd);

/* Never blocks. Thread: any. Errors: those of the system; the ring may then be lost. */
WB_MUST_USE enum wb_status wb__event_fd_ring(const struct wb_sys *sys, int fd);

/* WB_WOULD_BLOCK: it was silent already. */
WB_MUST_USE enum wb_status wb__event_fd_hush(const struct wb_sys *sys, int fd);

#endif
