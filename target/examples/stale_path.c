/* See stale_path.h. */
#include "examples/stale_path.h"

#include "wb/status.h"
#include "wb/unix_datagram.h"
#include "wb/unix_seqpacket.h"
#include "wb/unix_stream.h"

static enum wb_status probe_stream(const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    struct wb_unix_stream probe = {0};
    enum wb_status status = wb_unix_stream_connect(&probe, sys, addr);
    wb_unix_stream_close(&probe);
    return status;
}

static enum wb_status probe_seqpacket(const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    struct wb_unix_seqpacket probe = {0};
    enum wb_status status = wb_unix_seqpacket_connect(&probe, sys, addr);
    wb_unix_seqpacket_close(&probe);
    return status;
}

static enum wb_status probe_datagram(const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    struct wb_unix_datagram probe = {0};
    enum wb_status status = wb_unix_datagram_open(&probe, sys);
    if (status == WB_OK) {
        status = wb_unix_datagram_connect(&probe, addr);
    }
    wb_unix_datagram_close(&probe);
    return status;
}

/* Somebody who is there takes a connection, or has too many waiting; a socket that refuses it is
 * what a killed program left behind. So does a file of another kind, which is somebody's. */
static bool is_stale(
    const struct wb_sys *sys, const struct wb_unix_addr *addr, enum wb__unix_type type) {
    static enum wb_status (*const probes[])(
        const struct wb_sys *sys, const struct wb_unix_addr *addr) = {
        [WB__UNIX_STREAM] = probe_stream,
        [WB__UNIX_SEQPACKET] = probe_seqpacket,
        [WB__UNIX_DATAGRAM] = probe_datagram,
    };
    struct wb_stat file;
    return WB_SYS(sys, stat, addr->name, &file) == 0 && file.kind == WB_DT_SOCK
           && probes[type](sys, addr) == WB_ERR_CONN_REFUSED;
}

bool wb__stale_path_remove(
    const struct wb_sys *sys, const struct wb_unix_addr *addr, enum wb__unix_type type) {
    return addr->kind == WB_UNIX_ADDR_PATH && is_stale(sys, addr, type)
           && wb_unix_addr_unlink(addr, sys) == WB_OK;
}
