/* A signalfd for SIGTERM and SIGINT. */
#include "wb/termination.h"

static uint64_t signal_bit(int signo) {
    return UINT64_C(1) << (signo - 1);
}

enum wb_status wb_termination_init(struct wb_termination *termination, const struct wb_sys *sys) {
    *termination = (struct wb_termination){0};
    int fd = WB_SYS(sys, signalfd, signal_bit(WB_SIGTERM) | signal_bit(WB_SIGINT),
        WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
    if (fd < 0) {
        return wb_status_from_result(fd);
    }
    wb_fd_source_init(&termination->io, sys, fd);
    return WB_OK;
}

void wb_termination_clean_up(struct wb_termination *termination) {
    const struct wb_sys *sys = termination->io.sys;
    if (sys != NULL) {
        int fd = termination->io.fd;
        wb_fd_source_clean_up(&termination->io);
        WB_SYS(sys, close, fd);
    }
    *termination = (struct wb_termination){0};
}

enum wb_status wb_termination_take(struct wb_termination *termination, int *out_signo) {
    const struct wb_sys *sys = termination->io.sys;
    struct wb_signalfd_siginfo info;
    int64_t result = WB_SYS(sys, read, termination->io.fd, &info, sizeof(info));
    if (result < 0) {
        enum wb_status status = wb_status_from_result(result);
        if (status == WB_WOULD_BLOCK) {
            wb_fd_source_would_block(&termination->io, WB_INTEREST_READABLE);
        }
        return status;
    }
    if (result != (int64_t)sizeof(info)) {
        return WB_ERR_OS;
    }
    if (out_signo != NULL) {
        *out_signo = (int)info.signo;
    }
    wb_sys_note(sys, WB_NOTE_STOPPING, 0, 0);
    return WB_OK;
}
