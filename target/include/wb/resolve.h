/* Names of hosts in futures: asked on a thread of the blocking pool, and connecting to what they
 * stand for.
 *
 * Thread: as any future. Allocates: twice for each question. */
#ifndef WB_RESOLVE_H
#define WB_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/connect_race.h"
#include "wb/future.h"
#include "wb/net.h"
#include "wb/status.h"
#include "wb/task.h"
#include "wb/time.h"

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
 * WB_ERR_TIMED_OUT if nobody answered, WB_ERR_INVALID for a name that is too long,
 * WB_ERR_NO_RUNTIME for NULL, those of wb_runtime_spawn_blocking(), WB_ERR_CANCELLED if the runtime
 * was shut down before it was asked, and what else the system says. Given up, the question goes on
 * on its thread, and its answer is thrown away. */
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

/* How long the IPv4 addresses of a name wait for its IPv6 addresses. */
#define WB_CONNECT_RESOLUTION_DELAY_NS UINT64_C(50000000)

/* Connects to a name: asks for the addresses of both families at once, and has those that come race
 * (wb/connect_race.h), IPv6 first. IPv4 addresses that come before wait a little for IPv6 ones;
 * those that come while the race is on join it. Over with `stream`, the caller's; or why it failed:
 * what the race says, and if there was no address what became of the questions, WB_ERR_NO_ENTRY
 * last of all; WB_ERR_NO_RUNTIME for NULL. About 4 KiB large. Spec: RFC 8305. */
struct wb_connect_name {
    struct wb_future future;
    struct wb_resolve questions[2]; /* IPv6, IPv4 */
    struct wb_connect_race race;
    struct wb_sleep patience;
    uint64_t resolution_delay_ns; /* may be changed until the first poll */
    bool is_racing;
    struct wb_stream stream;
};

WB_API void wb_connect_name_init(
    struct wb_connect_name *connect, struct wb_runtime *runtime, const char *name, uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
