/* Where a stream server listens: HOST:PORT over TCP, or a path or abstract name of a Unix socket.
 *
 * Thread: pure functions. Allocates: nothing. */
#ifndef WB_EXAMPLES_ADDRESS_H
#define WB_EXAMPLES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/addr.h"
#include "wb/unix_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What stands before the name of a Unix socket. */
#define WB__ADDRESS_UNIX_PREFIX "unix:"

/* Bytes that hold the text of every address whose bytes print, with the NUL. */
enum { WB__ADDRESS_TEXT_LEN_MAX = sizeof(WB__ADDRESS_UNIX_PREFIX) - 1 + WB_UNIX_ADDR_TEXT_LEN_MAX };
_Static_assert(WB_ADDR_TEXT_LEN_MAX <= WB_UNIX_ADDR_TEXT_LEN_MAX, "TCP needs less");

struct wb__address {
    bool is_unix; /* which of the two it is */
    struct wb_addr tcp;
    struct wb_unix_addr unix_addr;
};

static inline struct wb__address wb__address_tcp(struct wb_addr addr) {
    return (struct wb__address){.tcp = addr};
}

/* As wb_addr_format(), or "unix:" and as wb_unix_addr_format(). */
size_t wb__address_format(const struct wb__address *address, char *out_text, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
