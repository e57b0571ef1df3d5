/* Calls with arguments that are wrong in one way. */
#include "fidelity/step.h"

#include <stdbool.h>
#include <string.h>

static int strange_connect(const struct fid_call *call, int fd, enum fid_strange what) {
    struct wb_sockaddr addr;
    fid_side_loopback(FID_KIND_TCP4, 1, &addr);
    if (what == FID_STRANGE_CONNECT_NULL) {
        return WB_SYS(call->sys, connect, fd, NULL, (uint32_t)sizeof(addr.in));
    }
    if (what == FID_STRANGE_CONNECT_SHORT) {
        return WB_SYS(call->sys, connect, fd, &addr, 1);
    }
    addr.family = 77;
    return WB_SYS(call->sys, connect, fd, &addr, (uint32_t)sizeof(addr.in));
}

static int strange_option(const struct fid_call *call, int fd, enum fid_strange what) {
    int value = 1;
    uint32_t len = sizeof(value);
    switch ((int)what) {
    case FID_STRANGE_OPTION_SHORT:
        return WB_SYS(call->sys, setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, &value, 3);
    case FID_STRANGE_OPTION_NULL:
        return WB_SYS(call->sys, setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, NULL, len);
    case FID_STRANGE_GETOPTION_SHORT:
        len = 1;
        value = WB_SYS(call->sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, &value, &len);
        fid_fact_add(call->out, "length", FID_FORM_VALUE, len);
        return value;
    default:
        return WB_SYS(call->sys, getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, NULL, &len);
    }
}

static int strange_name(const struct fid_call *call, int fd, enum fid_strange what) {
    struct wb_sockaddr addr;
    uint32_t len = what == FID_STRANGE_NAME_NEGATIVE ? (uint32_t)-1 : sizeof(addr);
    return WB_SYS(call->sys, getsockname, fd, what == FID_STRANGE_NAME_NULL ? NULL : &addr, &len);
}

static int strange_control(const struct fid_call *call, int fd, enum fid_strange what) {
    struct wb_epoll_event event = {.events = WB_EPOLLIN};
    struct wb_epoll_event *none = NULL;
    switch ((int)what) {
    case FID_STRANGE_CTL_UNKNOWN:
        return WB_SYS(call->sys, epoll_ctl, fd, 77, fd, &event);
    case FID_STRANGE_ADD_NULL:
        return WB_SYS(call->sys, epoll_ctl, fd, WB_EPOLL_CTL_ADD, fd, NULL);
    case FID_STRANGE_DEL_NULL:
        return WB_SYS(call->sys, epoll_ctl, fd, WB_EPOLL_CTL_DEL, fd, NULL);
    default:
        return WB_SYS(call->sys, epoll_pwait2, fd, none, 1, 0);
    }
}

static int64_t strange_call(const struct fid_call *call, int fd, enum fid_strange what) {
    uint8_t *none = NULL;
    struct wb_iovec iov = {none, 0};
    switch (what) {
    case FID_STRANGE_RECV_NULL:
        return WB_SYS(call->sys, recv, fd, none, 4, 0);
    case FID_STRANGE_SEND_NULL:
        return WB_SYS(call->sys, send, fd, none, 4, WB_MSG_NOSIGNAL);
    case FID_STRANGE_CTL_UNKNOWN:
    case FID_STRANGE_ADD_NULL:
    case FID_STRANGE_DEL_NULL:
    case FID_STRANGE_WAIT_NULL:
        return strange_control(call, fd, what);
    case FID_STRANGE_CONNECT_SHORT:
    case FID_STRANGE_CONNECT_FAMILY:
    case FID_STRANGE_CONNECT_NULL:
        return strange_connect(call, fd, what);
    case FID_STRANGE_OPTION_SHORT:
    case FID_STRANGE_OPTION_NULL:
    case FID_STRANGE_GETOPTION_SHORT:
    case FID_STRANGE_GETOPTION_NULL:
        return strange_option(call, fd, what);
    case FID_STRANGE_NAME_NULL:
    case FID_STRANGE_NAME_NEGATIVE:
        return strange_name(call, fd, what);
    case FID_STRANGE_ACCEPT_FLAGS:
        return WB_SYS(call->sys, accept4, fd, NULL, NULL, 1);
    case FID_STRANGE_READV_NEGATIVE:
        return WB_SYS(call->sys, readv, fd, &iov, -1);
    case FID_STRANGE_COUNT:
        break;
    }
    return 0;
}

void fid_step_strange(const struct fid_call *call) {
    fid_call_result(
        call, strange_call(call, fid_call_fd(call, 0), (enum fid_strange)fid_call_value(call, 1)));
}
