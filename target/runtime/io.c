/* Life of a socket that futures wait for. */
#include "runtime/io.h"

#include "reactor/socket.h"
#include "runtime/internal.h"

static enum wb_status io_new(struct wb__io **out_io, struct wb_runtime *runtime,
    enum wb__io_kind kind, const union wb__io_socket *socket, enum wb__evented_start start) {
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    struct wb__io *io = WB_SYS(runtime->sys, alloc, sizeof(*io));
    if (io == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *io = (struct wb__io){.socket = *socket, .kind = kind, .handles = 1};
    const enum wb_status status = wb__evented_init(&io->evented, runtime, &io->socket.fd.source,
        kind == WB__IO_TCP_STREAM ? WB__EVENTED_TCP_BYTES : WB__EVENTED_ANY, start);
    if (status != WB_OK) {
        WB_SYS(runtime->sys, free, io, sizeof(*io));
        return status;
    }
    *out_io = io;
    return WB_OK;
}

enum wb_status wb__io_start(struct wb__io **out_io, struct wb_runtime *runtime,
    enum wb__io_kind kind, const union wb__io_socket *socket, enum wb__evented_start start) {
    const enum wb_status status = io_new(out_io, runtime, kind, socket, start);
    if (status != WB_OK) {
        union wb__io_socket refused = *socket;
        wb__socket_close(&refused.fd);
    }
    return status;
}

enum wb_status wb__io_new(struct wb__io **out_io, struct wb_runtime *runtime, enum wb__io_kind kind,
    const union wb__io_socket *socket) {
    return wb__io_start(out_io, runtime, kind, socket, WB__EVENTED_WATCHED);
}

void wb__io_release(struct wb__io *io) {
    if (io == NULL) {
        return;
    }
    const struct wb_sys *sys = io->evented.sys;
    wb_sys_interleave(sys, &io->handles);
    if (atomic_fetch_sub_explicit(&io->handles, 1, memory_order_acq_rel) == 1) {
        wb__evented_clean_up(&io->evented, &io->socket.fd.source);
        wb__socket_close(&io->socket.fd);
        WB_SYS(sys, free, io, sizeof(*io));
    }
}
