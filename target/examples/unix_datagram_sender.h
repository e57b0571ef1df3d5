/* The sending half of unix_datagram: sends messages and expects each of them back. */
#ifndef WB_EXAMPLES_UNIX_DATAGRAM_SENDER_H
#define WB_EXAMPLES_UNIX_DATAGRAM_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "wb/interest.h"
#include "wb/sys.h"
#include "wb/unix_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__unix_message {
    const char *text;
    size_t count;        /* how often it is sent */
    uint64_t timeout_ns; /* until the next step forward */
};

/* Returns the exit status: 0 when every message came back as it was sent, 1 otherwise; what went
 * wrong was printed. */
int wb__unix_datagram_send(const struct wb_sys *sys, const char *program,
    const struct wb_unix_addr *to, enum wb_trigger trigger, const struct wb__unix_message *message);

#ifdef __cplusplus
}
#endif

#endif
