/* The table that wb_sys_linux() hands out. */
#include "sys/linux/ops.h"
#include "wb/sys_linux.h"

static const struct wb_sys_ops ops = {
    .socket = wb__linux_socket,
    .bind = wb__linux_bind,
    .listen = wb__linux_listen,
    .accept4 = wb__linux_accept4,
    .connect = wb__linux_connect,
    .shutdown = wb__linux_shutdown,
    .getsockopt = wb__linux_getsockopt,
    .setsockopt = wb__linux_setsockopt,
    .getsockname = wb__linux_getsockname,
    .getpeername = wb__linux_getpeername,
    .recv = wb__linux_recv,
    .send = wb__linux_send,
    .recvmsg = wb__linux_recvmsg,
    .sendmsg = wb__linux_sendmsg,
    .read = wb__linux_read,
    .write = wb__linux_write,
    .readv = wb__linux_readv,
    .writev = wb__linux_writev,
    .close = wb__linux_close,
    .dup = wb__linux_dup,
    .fcntl = wb__linux_fcntl,
    .epoll_create1 = wb__linux_epoll_create1,
    .epoll_ctl = wb__linux_epoll_ctl,
    .epoll_pwait2 = wb__linux_epoll_pwait2,
    .poll = wb__linux_poll,
    .eventfd = wb__linux_eventfd,
    .signalfd = wb__linux_signalfd,
    .clock_gettime = wb__linux_clock_gettime,
    .getrandom = wb__linux_getrandom,
    .alloc = wb__linux_alloc,
    .resize = wb__linux_resize,
    .free = wb__linux_free,
    .thread_create = wb__linux_thread_create,
    .thread_join = wb__linux_thread_join,
    .mutex_init = wb__linux_mutex_init,
    .mutex_destroy = wb__linux_mutex_destroy,
    .mutex_lock = wb__linux_mutex_lock,
    .mutex_unlock = wb__linux_mutex_unlock,
    .cond_init = wb__linux_cond_init,
    .cond_destroy = wb__linux_cond_destroy,
    .cond_wait = wb__linux_cond_wait,
    .cond_timedwait = wb__linux_cond_timedwait,
    .cond_signal = wb__linux_cond_signal,
    .cond_broadcast = wb__linux_cond_broadcast,
    .note = NULL,
};

const struct wb_sys *wb_sys_linux(void) {
    static const struct wb_sys sys = {.ops = &ops, .self = NULL};
    return &sys;
}
