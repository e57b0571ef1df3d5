/* The path of a Unix socket that a killed program left behind: a file that stands in the way of the
 * next program, though nobody has the socket any more. Not a path that somebody uses. */
#ifndef WB_EXAMPLES_STALE_PATH_H
#define WB_EXAMPLES_STALE_PATH_H

#include <stdbool.h>

#include "wb/sys.h"
#include "wb/unix_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of which type the socket must be. */
enum wb__unix_type { WB__UNIX_STREAM, WB__UNIX_SEQPACKET, WB__UNIX_DATAGRAM };

/* Removes the path if it is one, after a bind that found the name in use. Returns whether it is
 * worth while to bind again. A file of another kind, a socket of another type, and one that
 * somebody listens at or receives from are left alone; so is an abstract name, which goes with its
 * socket. */
bool wb__stale_path_remove(
    const struct wb_sys *sys, const struct wb_unix_addr *addr, enum wb__unix_type type);

#ifdef __cplusplus
}
#endif

#endif
