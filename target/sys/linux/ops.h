/* The operations of struct wb_sys_ops as this folder implements them, one file per concern; linux.c
 * puts them into the table. Contracts are those of the slots in wb/sys.h. */
#ifndef WB_SYS_LINUX_OPS_H
#define WB_SYS_LINUX_OPS_H

#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "wb/sys.h"

enum { WB__NS_PER_MS = 1000000, WB__NS_PER_S = 1000000000 };

/* The seam's shape of a result: what the call returned, or -errno if that was -1. */
static inline int wb__linux_result(int returned) {
    return returned == -1 ? -errno : returned;
}

static inline int64_t wb__linux_count(int64_t returned) {
    return returned == -1 ? -errno : returned;
}

/* ns >= 0. */
static inline struct timespec wb__linux_timespec(int64_t ns) {
    return (struct timespec){.tv_sec = ns / WB__NS_PER_S, .tv_nsec = ns % WB__NS_PER_S};
}

/* resolve.c */
int wb__linux_resolve(void *self, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max);

/* socket.c */
int wb__linux_socket(void *self, int domain, int type, int protocol);
int wb__linux_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
int wb__linux_listen(void *self, int fd, int backlog);
int wb__linux_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags);
int wb__linux_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
int wb__linux_shutdown(void *self, int fd, int how);
int wb__linux_getsockopt(void *self, int fd, int level, int name, void *value, uint32_t *value_len);
int wb__linux_setsockopt(
    void *self, int fd, int level, int name, const void *value, uint32_t value_len);
int wb__linux_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);
int wb__linux_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);
int64_t wb__linux_recv(void *self, int fd, void *buf, size_t len, int flags);
int64_t wb__linux_send(void *self, int fd, const void *buf, size_t len, int flags);
int64_t wb__linux_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags);
int64_t wb__linux_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags);
int wb__linux_recvmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
int wb__linux_sendmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
int wb__linux_socketpair(void *self, int domain, int type, int protocol, int out_fds[2]);

/* path.c */
int wb__linux_openat(void *self, int dir_fd, const char *path, int flags, uint32_t mode);
int wb__linux_stat(void *self, const char *path, struct wb_stat *out_stat);
int wb__linux_rename(void *self, const char *from, const char *to);
int wb__linux_mkdir(void *self, const char *path, uint32_t mode);
int wb__linux_rmdir(void *self, const char *path);
int wb__linux_unlink(void *self, const char *path);
int wb__linux_getdents(void *self, int fd, struct wb_dirent *out, uint32_t out_max);

/* file.c */
int64_t wb__linux_pread(void *self, int fd, void *buf, size_t len, int64_t offset);
int64_t wb__linux_pwrite(void *self, int fd, const void *buf, size_t len, int64_t offset);
int64_t wb__linux_lseek(void *self, int fd, int64_t offset, int whence);
int wb__linux_fstat(void *self, int fd, struct wb_stat *out_stat);
int wb__linux_ftruncate(void *self, int fd, int64_t size);
int wb__linux_fsync(void *self, int fd);
int64_t wb__linux_sendfile(void *self, int out_fd, int in_fd, int64_t *offset, size_t len);
int64_t wb__linux_splice(void *self, int in_fd, int64_t *in_offset, int out_fd, int64_t *out_offset,
    size_t len, uint32_t flags);
int64_t wb__linux_tee(void *self, int in_fd, int out_fd, size_t len, uint32_t flags);
/* 0, or -EFAULT without a place to put it. */
struct stat;
int wb__linux_tell_stat(const struct stat *from, struct wb_stat *out_stat);

/* descriptor.c */
int64_t wb__linux_read(void *self, int fd, void *buf, size_t len);
int64_t wb__linux_write(void *self, int fd, const void *buf, size_t len);
int64_t wb__linux_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len);
int64_t wb__linux_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len);
int wb__linux_close(void *self, int fd);
int wb__linux_dup(void *self, int fd);
int wb__linux_fcntl(void *self, int fd, int cmd, int arg);
int wb__linux_pipe2(void *self, int out_fds[2], int flags);
int wb__linux_eventfd(void *self, uint32_t initial, int flags);
int wb__linux_signalfd(void *self, uint64_t mask, int flags);
int wb__linux_timerfd_create(void *self, int clock, int flags);
int wb__linux_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old);
int wb__linux_timerfd_gettime(void *self, int fd, struct wb_itimerspec *value);

/* wait.c */
int wb__linux_epoll_create1(void *self, int flags);
int wb__linux_epoll_ctl(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event);
int wb__linux_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns);
int wb__linux_epoll_tells_all(void *self);
int wb__linux_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns);
int wb__linux_select(void *self, int fds_len, struct wb_fd_set *readable,
    struct wb_fd_set *writable, struct wb_fd_set *exceptional, int64_t timeout_ns);

/* The shortest whole number of milliseconds that is not less than timeout_ns >= 0, at most INT_MAX:
 * a longer timeout is waited for in pieces. */
int wb__linux_timeout_ms(int64_t timeout_ns);

/* clock.c */
uint64_t wb__linux_clock_gettime(void *self, int clock);
int wb__linux_getrandom(void *self, void *buf, size_t len);

/* Monotonic time timeout_ns >= 0 from now; the end of time where that overflows. */
int64_t wb__linux_deadline(int64_t timeout_ns);

/* memory.c */
void *wb__linux_alloc(void *self, size_t size);
void *wb__linux_resize(void *self, void *ptr, size_t old_size, size_t new_size);
void wb__linux_free(void *self, void *ptr, size_t size);

/* thread.c */
int wb__linux_thread_create(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread);
int wb__linux_thread_join(void *self, uint64_t thread);
uint64_t wb__linux_thread_self(void *self);
int wb__linux_mutex_init(void *self, struct wb_mutex *mutex);
void wb__linux_mutex_destroy(void *self, struct wb_mutex *mutex);
void wb__linux_mutex_lock(void *self, struct wb_mutex *mutex);
void wb__linux_mutex_unlock(void *self, struct wb_mutex *mutex);
int wb__linux_cond_init(void *self, struct wb_cond *cond);
void wb__linux_cond_destroy(void *self, struct wb_cond *cond);
void wb__linux_cond_wait(void *self, struct wb_cond *cond, struct wb_mutex *mutex);
int wb__linux_cond_timedwait(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns);
void wb__linux_cond_signal(void *self, struct wb_cond *cond);
void wb__linux_cond_broadcast(void *self, struct wb_cond *cond);

#endif
