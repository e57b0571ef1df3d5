/* Connecting to the first of several addresses that answers, without waiting for those that do not.
 * The attempts begin one after the other, some time apart; the first that succeeds wins, and the
 * others are closed.
 *
 * Thread: as any future. Allocates: once for each socket. Spec: RFC 8305 sections 4 and 5. */
#ifndef WB_CONNECT_RACE_H
#define WB_CONNECT_RACE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/future.h"
#include "wb/net.h"
#include "wb/status.h"
#include "wb/time.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;

/* Addresses that take part; the rest is left out, of either family as long as there are of both. */
#define WB_CONNECT_RACE_MAX 16u

/* How long an attempt is waited for before the next one begins beside it. */
#define WB_CONNECT_ATTEMPT_DELAY_NS UINT64_C(250000000)

/* Over with `stream`, which is then the caller's, and `winner`, its place in `addrs`. Or, when all
 * have failed, with the failure that tells most: what a peer answered before that nobody did, that
 * before what this system lacks, and that before there being no way; of several such the last; or
 * with WB_ERR_NO_RUNTIME for NULL. The next attempt begins when the one begun last has failed, or
 * after `attempt_delay_ns`. There is no time limit: see wb_with_timeout_init(). Given up, all that
 * were begun are closed. */
struct wb_connect_race {
    struct wb_future future;
    struct wb_runtime *runtime;
    uint64_t attempt_delay_ns; /* may be changed until the first poll */
    uint32_t count;            /* addresses */
    uint32_t begun;            /* attempts, of the first addresses */
    uint32_t winner;
    uint16_t family; /* private: which family comes first */
    bool is_open;    /* private: more addresses may come */
    enum wb_status failure;
    struct wb_addr addrs[WB_CONNECT_RACE_MAX]; /* in the order in which they are tried */
    struct wb_connect attempts[WB_CONNECT_RACE_MAX];
    struct wb_sleep pace;
    struct wb_stream stream;
};

/* `addrs` are copied, those to be tried first in front: the first one is, then one of the other
 * family, and so on alternately. Without any it is over with WB_ERR_NO_ENTRY. */
WB_API void wb_connect_race_init(struct wb_connect_race *race, struct wb_runtime *runtime,
    const struct wb_addr *addrs, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
