/* What receiving one datagram brought. Shared by UDP and Unix sockets (wb/udp.h,
 * wb/unix_datagram.h).
 *
 * A datagram is received whole or cut to the buffer, in one call; the next call is for the next
 * one. One of length 0 is a message like any other and not an end: datagram sockets have none. */
#ifndef WB_DATAGRAM_H
#define WB_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wb_datagram {
    size_t len; /* bytes in the buffer; 0 is possible */
    bool
        is_truncated; /* it was longer than the buffer. Its rest is lost, unless it was peeked at */
};

#ifdef __cplusplus
}
#endif

#endif
