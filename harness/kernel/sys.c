/* The table: the kernel as a struct wb_sys. Calls that are too small for a file of their own are
 * here. */
#include "kernel/internal.h"

#include <errno.h>

static int sys_close(void *self, int fd) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    struct sim_file *file = fd_get(kernel, fd);
    event.call = SIM_CALL_CLOSE;
    event.fd = fd;
    if (file != NULL) {
        event.file = file->serial;
        event.subject = file_subject(file);
    }
    bool last = false;
    event.result = fd_close(kernel, fd, &last);
    event.a = last;
    event_emit(kernel, &event);
    return (int)event.result;
}

static int sys_dup(void *self, int fd) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    int result = file == NULL ? -EBADF : fd_install(kernel, file);
    return (int)call_return(kernel, SIM_CALL_DUP, fd, file, result, 0, 0);
}

static int sys_fcntl(void *self, int fd, int cmd, int arg) {
    /* In the order of enum access. */
    static const int access_flags[] = {02, 00, 01, 03};
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    bool known =
        cmd == WB_F_GETFL || cmd == WB_F_SETFL || cmd == WB_F_GETPIPE_SZ || cmd == WB_F_SETPIPE_SZ;
    int result = -EINVAL;
    if (known && file == NULL) {
        result = -EBADF;
    } else if (cmd == WB_F_GETFL) {
        result = access_flags[file->ops->access] | (file->nonblocking ? WB_O_NONBLOCK : 0)
                 | (file->direct ? WB_O_DIRECT : 0) | (file->appends ? WB_O_APPEND : 0);
    } else if (cmd == WB_F_SETFL) {
        file->nonblocking = (arg & WB_O_NONBLOCK) != 0;
        file->appends = (arg & WB_O_APPEND) != 0;
        result = 0;
    } else if (cmd == WB_F_GETPIPE_SZ || cmd == WB_F_SETPIPE_SZ) {
        result = file->ops->fcntl != NULL ? file->ops->fcntl(kernel, file, cmd, arg) : -EBADF;
    }
    return (int)call_return(
        kernel, SIM_CALL_FCNTL, fd, file, result, (uint64_t)(int64_t)cmd, (uint32_t)arg);
}

static void sys_note(void *self, enum wb_note note, uint64_t a, uint64_t b) {
    struct sim_kernel *kernel = self;
    struct sim_event event = event_begin(kernel, SIM_EVENT_NOTE);
    event.a = (uint64_t)note;
    event.b = a;
    event.result = (int64_t)b;
    event_emit(kernel, &event);
}

static uint64_t sys_number(void *self) {
    struct sim_kernel *kernel = self;
    return ++kernel->current->note_number;
}

/* No call: it says what the run is like, and costs and shows nothing. Only Linux's own interface
 * is promised to tell all; then no fault takes RDHUP out of a report. */
static int sys_epoll_tells_all(void *self) {
    struct sim_kernel *kernel = self;
    kernel->tells_all = kernel->config.flavour == 0;
    return kernel->tells_all;
}

const struct wb_sys_ops sim_ops = {
    .socket = sys_socket,
    .bind = sys_bind,
    .listen = sys_listen,
    .accept4 = sys_accept4,
    .connect = sys_connect,
    .shutdown = sys_shutdown,
    .getsockopt = sys_getsockopt,
    .setsockopt = sys_setsockopt,
    .getsockname = sys_getsockname,
    .getpeername = sys_getpeername,
    .recv = sys_recv,
    .send = sys_send,
    .recvmsg = sys_recvmsg,
    .sendmsg = sys_sendmsg,
    .recvmmsg = sys_recvmmsg,
    .sendmmsg = sys_sendmmsg,
    .socketpair = sys_socketpair,
    .openat = sys_openat,
    .pread = sys_pread,
    .pwrite = sys_pwrite,
    .lseek = sys_lseek,
    .stat = sys_stat,
    .fstat = sys_fstat,
    .ftruncate = sys_ftruncate,
    .fsync = sys_fsync,
    .rename = sys_rename,
    .mkdir = sys_mkdir,
    .rmdir = sys_rmdir,
    .unlink = sys_unlink,
    .getdents = sys_getdents,
    .sendfile = sys_sendfile,
    .splice = sys_splice,
    .tee = sys_tee,
    .read = sys_read,
    .write = sys_write,
    .readv = sys_readv,
    .writev = sys_writev,
    .close = sys_close,
    .dup = sys_dup,
    .fcntl = sys_fcntl,
    .pipe2 = sys_pipe2,
    .epoll_create1 = sys_epoll_create1,
    .epoll_ctl = sys_epoll_ctl,
    .epoll_pwait2 = sys_epoll_pwait2,
    .poll = sys_poll,
    .select = sys_select,
    .eventfd = sys_eventfd,
    .timerfd_create = sys_timerfd_create,
    .timerfd_settime = sys_timerfd_settime,
    .timerfd_gettime = sys_timerfd_gettime,
    .signalfd = sys_signalfd,
    .clock_gettime = sys_clock_gettime,
    .getrandom = sys_getrandom,
    .resolve = sys_resolve,
    .alloc = sys_alloc,
    .resize = sys_resize,
    .free = sys_free,
    .thread_create = sys_thread_create,
    .thread_join = sys_thread_join,
    .thread_self = sys_thread_self,
    .mutex_init = sys_mutex_init,
    .mutex_destroy = sys_mutex_destroy,
    .mutex_lock = sys_mutex_lock,
    .mutex_unlock = sys_mutex_unlock,
    .cond_init = sys_cond_init,
    .cond_destroy = sys_cond_destroy,
    .cond_wait = sys_cond_wait,
    .cond_timedwait = sys_cond_timedwait,
    .cond_signal = sys_cond_signal,
    .cond_broadcast = sys_cond_broadcast,
    .note = sys_note,
    .number = sys_number,
    .interleave = sys_interleave,
    .epoll_tells_all = sys_epoll_tells_all,
};
