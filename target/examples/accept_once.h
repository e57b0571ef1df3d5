/* The first stage of ping_pong: accepts one connection, closes it and ends. */
#ifndef WB_EXAMPLES_ACCEPT_ONCE_H
#define WB_EXAMPLES_ACCEPT_ONCE_H

#include "wb/addr.h"
#include "wb/interest.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the exit status: 0 after a connection or a signal, 1 if anything failed. */
int wb__accept_once(const struct wb_sys *sys, const char *program, const struct wb_addr *listen,
    enum wb_trigger trigger);

#ifdef __cplusplus
}
#endif

#endif
