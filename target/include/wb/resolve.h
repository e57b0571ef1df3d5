/* Names of hosts in futures: asked on a thread of the blocking pool, and connecting to what they
 * stand for.
 *
 * Thread: as any future. Allocates: once for each name. */
#ifndef WB_RESOLVE_H
#define WB_RESOLVE_H

#include <stdint.h>

#include "wb/addr.h"
#include "wb/future.h"
#include "wb/net.h"
#include "wb/status.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb__resolution;

/* Addresses that are taken of one name; the rest is left out. */
#define WB_RESOLVE_MAX 16

/* Bytes of the longest name, without the NUL. */
#define WB_RESOLVE_NAME_LEN_MAX 253

/* Over with `addrs`, the first to be tried first. Status: WB_ERR_NO_ENTRY if there is no such name,
 * WB_ERR_TIMED_OUT if nobody answered, WB_ERR_INVALID for a name that is too long, those of
 * wb_runtime_spawn_blocking(). Given up, the question goes on on its thread, and its answer is
 * thrown away. */
struct wb_resolve {
    struct wb_future future;
    struct wb_runtime *runtime;
    const char *name;
    uint16_t port;
    int family;
    uint32_t count;
    struct wb_addr addrs[WB_RESOLVE_MAX];
    struct wb__resolution *resolution;
    struct wb_join_handle handle;
};

/* `name`, NUL-terminated, is borrowed until the first poll. `family`: WB_AF_INET, WB_AF_INET6 or
 * WB_AF_UNSPEC for both. */
WB_API void wb_resolve_init(struct wb_resolve *resolve, struct wb_runtime *runtime,
    const char *name, uint16_t port, int family);

/* Connects to the first address of a name that can be connected to. Over with `stream`, the
 * caller's, or with why the last one failed. */
struct wb_connect_name {
    struct wb_future future;
    struct wb_resolve resolve;
    struct wb_connect connect;
    uint32_t tried;
    struct wb_stream stream;
};

WB_API void wb_connect_name_init(
    struct wb_connect_name *connect, struct wb_runtime *runtime, const char *name, uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
