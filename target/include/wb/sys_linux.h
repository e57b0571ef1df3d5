/* The real implementation of the seam: struct wb_sys on Linux. */
#ifndef WB_SYS_LINUX_H
#define WB_SYS_LINUX_H

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The process's own kernel. Never NULL, always the same object, nothing to initialise or to free.
 * Every operation is one system call or one call of the C library, and surfaces EINTR; the optional
 * slot `note` is NULL. Where the kernel has no epoll_pwait2 (before 5.11), waits use epoll_pwait
 * with the timeout rounded up to milliseconds.
 * Thread: any, at any time, but for signalfd (see struct wb_sys_ops).
 * Allocates: thread_create, a few bytes until the thread runs; otherwise only alloc and resize. */
WB_API const struct wb_sys *wb_sys_linux(void);

#ifdef __cplusplus
}
#endif

#endif
