/* The seam: everything the stack asks of an operating system, as one table of operations.
 *
 * Each operation has the shape of a Linux system call and returns a value >= 0 or -errno; errno
 * itself is neither read nor set. Constants and structures have Linux's values and layout on this
 * architecture, so that the real implementation passes them through; they are declared here since
 * nothing but target/sys/linux/ may include an operating-system header. Times are uint64_t
 * nanoseconds.
 *
 * Thread: operations may be called from any thread unless they say otherwise; a struct wb_sys is
 * immutable. Ownership: a struct wb_sys is borrowed by everybody who is handed one and must outlive
 * them. */
#ifndef WB_SYS_H
#define WB_SYS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- constants ---- */

enum {
    WB_AF_UNSPEC = 0,
    WB_AF_UNIX = 1,
    WB_AF_INET = 2,
    WB_AF_INET6 = 10,
};

enum {
    WB_SOCK_STREAM = 1,
    WB_SOCK_DGRAM = 2,
    WB_SOCK_SEQPACKET = 5,
    WB_SOCK_TYPE_MASK = 0xf,
    WB_SOCK_NONBLOCK = 04000,
    WB_SOCK_CLOEXEC = 02000000,
};

enum {
    WB_IPPROTO_IP = 0,
    WB_IPPROTO_TCP = 6,
    WB_IPPROTO_UDP = 17,
    WB_IPPROTO_IPV6 = 41,
    WB_SOL_SOCKET = 1,
};

/* Options at WB_SOL_SOCKET. */
enum {
    WB_SO_REUSEADDR = 2,
    WB_SO_TYPE = 3,
    WB_SO_ERROR = 4,
    WB_SO_BROADCAST = 6,
    WB_SO_SNDBUF = 7,
    WB_SO_RCVBUF = 8,
    WB_SO_KEEPALIVE = 9,
    WB_SO_OOBINLINE = 10,
    WB_SO_LINGER = 13,
    WB_SO_REUSEPORT = 15,
    WB_SO_PASSCRED = 16,
    WB_SO_PEERCRED = 17,
    WB_SO_RCVLOWAT = 18,
    WB_SO_ACCEPTCONN = 30,
    WB_SO_PROTOCOL = 38,
    WB_SO_DOMAIN = 39,
};

/* Options at WB_IPPROTO_TCP, WB_IPPROTO_IP and WB_IPPROTO_IPV6. */
enum {
    WB_TCP_NODELAY = 1,
    WB_TCP_CORK = 3,
    WB_TCP_KEEPIDLE = 4,
    WB_TCP_KEEPINTVL = 5,
    WB_TCP_KEEPCNT = 6,
    WB_TCP_USER_TIMEOUT = 18,
    WB_TCP_NOTSENT_LOWAT = 25,
    WB_IP_TTL = 2,
    WB_IP_MULTICAST_TTL = 33,
    WB_IP_MULTICAST_LOOP = 34,
    WB_IP_ADD_MEMBERSHIP = 35,  /* struct wb_ip_mreq */
    WB_IP_DROP_MEMBERSHIP = 36, /* struct wb_ip_mreq */
    WB_IPV6_UNICAST_HOPS = 16,
    WB_IPV6_MULTICAST_HOPS = 18,
    WB_IPV6_MULTICAST_LOOP = 19,
    WB_IPV6_ADD_MEMBERSHIP = 20,  /* struct wb_ipv6_mreq */
    WB_IPV6_DROP_MEMBERSHIP = 21, /* struct wb_ipv6_mreq */
    WB_IPV6_V6ONLY = 26,
};

enum {
    WB_MSG_OOB = 0x1,
    WB_MSG_PEEK = 0x2,
    WB_MSG_CTRUNC = 0x8,
    WB_MSG_TRUNC = 0x20,
    WB_MSG_DONTWAIT = 0x40,
    WB_MSG_EOR = 0x80,
    WB_MSG_WAITALL = 0x100,
    WB_MSG_NOSIGNAL = 0x4000,
    WB_MSG_MORE = 0x8000,
    WB_MSG_WAITFORONE = 0x10000,
    WB_MSG_CMSG_CLOEXEC = 0x40000000,
};

enum { WB_SHUT_RD = 0, WB_SHUT_WR = 1, WB_SHUT_RDWR = 2 };

/* Control messages at WB_SOL_SOCKET. */
enum { WB_SCM_RIGHTS = 1, WB_SCM_CREDENTIALS = 2 };

enum {
    WB_F_GETFL = 3,
    WB_F_SETFL = 4,
    WB_F_SETPIPE_SZ = 1031,
    WB_F_GETPIPE_SZ = 1032,
    WB_O_NONBLOCK = 04000,
    WB_O_DIRECT = 040000, /* of a pipe: each write is a packet, and each read takes one */
    WB_O_CLOEXEC = 02000000,
};

/* Flags of openat beside WB_O_NONBLOCK and WB_O_CLOEXEC; one of the first three is REQUIRED. WRONLY
 * and RDWR together are a mode of Linux' own: what may be read and written is opened, and can then
 * be neither read nor written (-EBADF). */
enum {
    WB_O_RDONLY = 00,
    WB_O_WRONLY = 01,
    WB_O_RDWR = 02,
    WB_O_CREAT = 0100,
    WB_O_EXCL = 0200,
    WB_O_TRUNC = 01000,
    WB_O_APPEND = 02000,
    WB_O_DIRECTORY = 0200000,
    WB_O_NOFOLLOW = 0400000,
};

enum { WB_AT_FDCWD = -100 };

enum { WB_SEEK_SET = 0, WB_SEEK_CUR = 1, WB_SEEK_END = 2 };

/* What a name stands for: of struct wb_stat and struct wb_dirent. Other kinds have other values. */
enum {
    WB_DT_UNKNOWN = 0, /* of a descriptor that has no name: an eventfd, an epoll instance */
    WB_DT_FIFO = 1,    /* a pipe, too */
    WB_DT_CHR = 2,
    WB_DT_DIR = 4,
    WB_DT_REG = 8,
    WB_DT_SOCK = 12,
};

enum { WB_SPLICE_F_MOVE = 1, WB_SPLICE_F_NONBLOCK = 2, WB_SPLICE_F_MORE = 4 };

#define WB_EPOLLIN 0x001u
#define WB_EPOLLPRI 0x002u
#define WB_EPOLLOUT 0x004u
#define WB_EPOLLERR 0x008u
#define WB_EPOLLHUP 0x010u
#define WB_EPOLLRDNORM 0x040u
#define WB_EPOLLRDBAND 0x080u
#define WB_EPOLLWRNORM 0x100u
#define WB_EPOLLWRBAND 0x200u
#define WB_EPOLLRDHUP 0x2000u
#define WB_EPOLLEXCLUSIVE (1u << 28)
#define WB_EPOLLWAKEUP (1u << 29)
#define WB_EPOLLONESHOT (1u << 30)
#define WB_EPOLLET (1u << 31)

enum {
    WB_EPOLL_CTL_ADD = 1,
    WB_EPOLL_CTL_DEL = 2,
    WB_EPOLL_CTL_MOD = 3,
    WB_EPOLL_CLOEXEC = 02000000
};

enum { WB_EFD_SEMAPHORE = 1, WB_EFD_NONBLOCK = 04000, WB_EFD_CLOEXEC = 02000000 };

enum {
    WB_TFD_TIMER_ABSTIME = 1,
    WB_TFD_NONBLOCK = 04000,
    WB_TFD_CLOEXEC = 02000000,
};

enum { WB_SIGINT = 2, WB_SIGTERM = 15 };

enum { WB_CLOCK_REALTIME = 0, WB_CLOCK_MONOTONIC = 1 };

/* No deadline, as a timeout of epoll_pwait2, poll and cond_timedwait. */
#define WB_TIMEOUT_INFINITE INT64_C(-1)

/* ---- structures, with the layout of their Linux counterparts ---- */

struct wb_iovec {
    void *base;
    size_t len;
};

/* Ports and IPv4 addresses are in network byte order, as in Linux. wb/addr.h has the comfortable
 * form. */
struct wb_sockaddr_in {
    uint16_t family;
    uint16_t port_be;
    uint8_t addr[4];
    uint8_t zero[8];
};

struct wb_sockaddr_in6 {
    uint16_t family;
    uint16_t port_be;
    uint32_t flowinfo;
    uint8_t addr[16];
    uint32_t scope_id;
};

struct wb_sockaddr_un {
    uint16_t family;
    char path[108];
};

struct wb_sockaddr {
    union {
        uint16_t family;
        struct wb_sockaddr_in in;
        struct wb_sockaddr_in6 in6;
        struct wb_sockaddr_un un;
        uint8_t storage[128];
    };
};

struct wb_msghdr {
    struct wb_sockaddr *name; /* NULL: none wanted or given */
    uint32_t name_len;
    struct wb_iovec *iov;
    size_t iov_len;
    void *control; /* NULL: none wanted or given */
    size_t control_len;
    int flags;
};

struct wb_mmsghdr {
    struct wb_msghdr hdr;
    uint32_t len; /* out: bytes moved by this message */
};

/* Ancillary data: in struct wb_msghdr.control, one header after the other, each at a multiple of 8
 * bytes, its payload right behind it. `len` counts header and payload. */
struct wb_cmsghdr {
    size_t len;
    int level;
    int type;
};
#define WB_CMSG_ALIGN(len) (((len) + 7u) & ~(size_t)7u)
#define WB_CMSG_LEN(payload_len) (sizeof(struct wb_cmsghdr) + (payload_len))
#define WB_CMSG_SPACE(payload_len) WB_CMSG_ALIGN(WB_CMSG_LEN(payload_len))

/* Payload of WB_SCM_CREDENTIALS, value of WB_SO_PEERCRED. */
struct wb_ucred {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

struct wb_ip_mreq {
    uint8_t group[4];
    uint8_t interface[4]; /* all zero: the system's choice */
};

struct wb_ipv6_mreq {
    uint8_t group[16];
    uint32_t interface_index; /* 0: the system's choice */
};

struct wb_timespec {
    int64_t sec;
    int64_t nsec;
};

struct wb_itimerspec {
    struct wb_timespec interval; /* zero: expires once */
    struct wb_timespec value;    /* zero: disarmed */
};

/* Descriptors 0..1023, bit fd % 64 of word fd / 64. */
struct wb_fd_set {
    uint64_t bits[16];
};

struct wb_linger {
    int onoff;
    int seconds;
};

#if defined(__x86_64__)
#define WB_EPOLL_PACKED __attribute__((packed))
#else
#define WB_EPOLL_PACKED
#endif
struct wb_epoll_event {
    uint32_t events;
    uint64_t data;
} WB_EPOLL_PACKED;

struct wb_pollfd {
    int fd;
    int16_t events;
    int16_t revents;
};

/* What a signalfd read fills; only the number is promised. */
struct wb_signalfd_siginfo {
    uint32_t signo;
    uint8_t rest[124];
};

/* Not Linux's layout, which has much that nobody asks for. */
struct wb_stat {
    uint64_t inode;    /* tells apart what is there at one time, of one file system */
    uint64_t size;     /* in bytes; of a regular file, otherwise 0 */
    uint64_t mtime_ns; /* on WB_CLOCK_REALTIME: when the contents last changed */
    uint32_t mode;     /* permission bits, 07777 */
    uint32_t kind;     /* WB_DT_* */
};

enum { WB_NAME_MAX = 255 };
struct wb_dirent {
    uint64_t inode;
    uint32_t kind; /* WB_DT_*; UNKNOWN where the file system does not tell */
    char name[WB_NAME_MAX + 1];
};

/* Opaque, large enough for any implementation, zero-initialised by the caller before *_init. */
struct wb_mutex {
    union {
        uint64_t align;
        uint8_t opaque[64];
    };
};

struct wb_cond {
    union {
        uint64_t align;
        uint8_t opaque[64];
    };
};

typedef void (*wb_thread_fn)(void *arg);

/* What the stack tells whoever watches it. Costs nothing on Linux; under simulation the oracles
 * read it. */
enum wb_note {
    WB_NOTE_DISPATCH, /* an event is handed to its handler: a = token, b = the events, as WB_EPOLL*
                         bits */
    WB_NOTE_SLOT_INSERT, /* a slab slot came into use: a = the slab's label, b = key */
    WB_NOTE_SLOT_REMOVE, /* a slab slot was freed: a = the slab's label, b = key */
    WB_NOTE_TIMER_SET,   /* a timer was armed: a = its id, b = deadline_ns */
    WB_NOTE_TIMER_CLEAR, /* a timer was cancelled: a = its id */
    WB_NOTE_TIMER_FIRE,  /* a timer fired: a = its id, b = deadline_ns */
    WB_NOTE_DISCARD,     /* the program gives up bytes it accepted: a = fd, b = how many bytes */
    WB_NOTE_STOPPING, /* the program has begun an orderly end: connections may now be closed at any
                         point */
    WB_NOTE_TASK_SPAWN, /* a task was made, and will be polled: a = its id, which no other
                           has (see number); b = WB_NOTE_SPAWN_* bits */
    WB_NOTE_TASK_POLL,  /* a task is about to be polled: a = its id */
    WB_NOTE_TASK_WAKE,  /* a task that had not ended was woken: a = its id */
    WB_NOTE_TASK_WAIT,  /* a poll is over and the task waits for a wake: a = its id, b = how many
                           refer to it (wakers, its handle) */
    WB_NOTE_TASK_END,   /* a task has ended, its future was dropped: a = its id, b = its status, an
                           enum wb_status */
    WB_NOTE_TASK_AGAIN, /* a poll is over, and the task was woken meanwhile: it will be polled
                           again. a = its id. A poll ends with this, WAIT or END, on its thread */
    WB_NOTE_TASK_FORSAKEN, /* a task waits and has no waker any more, so that nothing will wake it:
                              a = its id, b = 1 if its handle is left, otherwise 0, and it ends.
                              Follows its WAIT, or comes when its last waker is dropped */
    WB_NOTE_LOCK_AWAIT, /* this thread waits for conditions as it would for a mutex: for a lock that
                           another thread has, and leaves without waiting. a = 1: from now on; 0: no
                           longer */
    WB_NOTE_REQUEST,    /* a request of HTTP/1 is handed to its service: a = descriptor, b = digest
                           of its method, a space, its target, and of each field a line feed, the
                           name in small letters, a colon, the value */
    WB_NOTE_REQUEST_CONTENT, /* the content of that request was read to its end: a = as before, b =
                                digest of the content, without chunks and trailers. None of a
                                request that has no content */
};

/* Digests in notes are 64-bit FNV-1a: a number that begins as the basis; for each byte in its turn,
 * the byte is xor'ed to it, and the product with the prime taken. */
#define WB_NOTE_DIGEST_BASIS UINT64_C(0xcbf29ce484222325)
#define WB_NOTE_DIGEST_PRIME UINT64_C(0x100000001b3)

/* How a task is polled. */
enum {
    WB_NOTE_SPAWN_UNBUDGETED = 1, /* as much as it likes in one poll */
    WB_NOTE_SPAWN_BLOCKING = 2,   /* where it may block, on a thread that is there for that */
};

/* ---- the table ---- */

/* Every slot is REQUIRED unless it says optional. `self` is struct wb_sys.self. Descriptors made
 * here are non-blocking and close-on-exec exactly if the flags ask for it. */
struct wb_sys_ops {
    /* Sockets. As their namesakes in section 2 of the manual; lengths in and out as there. */
    int (*socket)(void *self, int domain, int type, int protocol);
    int (*bind)(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
    int (*listen)(void *self, int fd, int backlog);
    int (*accept4)(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags);
    int (*connect)(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
    int (*shutdown)(void *self, int fd, int how);
    int (*getsockopt)(void *self, int fd, int level, int name, void *value, uint32_t *value_len);
    int (*setsockopt)(
        void *self, int fd, int level, int name, const void *value, uint32_t value_len);
    int (*getsockname)(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);
    int (*getpeername)(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);
    int64_t (*recv)(void *self, int fd, void *buf, size_t len, int flags);
    int64_t (*send)(void *self, int fd, const void *buf, size_t len, int flags);
    int64_t (*recvmsg)(void *self, int fd, struct wb_msghdr *msg, int flags);
    int64_t (*sendmsg)(void *self, int fd, const struct wb_msghdr *msg, int flags);
    /* Several messages in one call: how many were moved; an error only if it met the first. */
    int (*recvmmsg)(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
    int (*sendmmsg)(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
    int (*socketpair)(void *self, int domain, int type, int protocol, int out_fds[2]);

    /* Files. These may take as long as the disk takes, whatever O_NONBLOCK says, and a regular file
     * cannot be watched (epoll_ctl: -EPERM; poll always finds it ready): who must not wait calls
     * them from another thread. openat: dir_fd is a directory or WB_AT_FDCWD, flags are WB_O_*
     * (others: -EINVAL), mode is for a file that it creates. */
    int (*openat)(void *self, int dir_fd, const char *path, int flags, uint32_t mode);
    int64_t (*pread)(void *self, int fd, void *buf, size_t len, int64_t offset);
    int64_t (*pwrite)(void *self, int fd, const void *buf, size_t len, int64_t offset);
    int64_t (*lseek)(void *self, int fd, int64_t offset, int whence); /* WB_SEEK_*; else -EINVAL */
    int (*stat)(void *self, const char *path, struct wb_stat *out_stat);
    int (*fstat)(void *self, int fd, struct wb_stat *out_stat);
    int (*ftruncate)(void *self, int fd, int64_t size);
    int (*fsync)(void *self, int fd);
    int (*rename)(void *self, const char *from, const char *to);
    int (*mkdir)(void *self, const char *path, uint32_t mode);
    int (*rmdir)(void *self, const char *path);
    /* Removes a name from the file system: a Unix socket leaves its path behind. */
    int (*unlink)(void *self, const char *path);
    /* The next entries of an open directory, without "." and "..", at most out_max of them, in an
     * order of the file system's own: how many; 0 at the end; out_max 0: -EINVAL. lseek to 0 begins
     * again. What is made or removed meanwhile may be told or not. */
    int (*getdents)(void *self, int fd, struct wb_dirent *out, uint32_t out_max);

    /* Bytes from one descriptor to another. sendfile: from a regular file; *offset (NULL: the
     * file's own) moves on by what was moved. splice: one end at least is a pipe, whose offset must
     * be NULL; tee: both are, and the bytes stay in the first. A socket that blocks, or does not,
     * is asked as send and recv would; flags are WB_SPLICE_F_*. SIGPIPE as for write: nothing here
     * suppresses it. */
    int64_t (*sendfile)(void *self, int out_fd, int in_fd, int64_t *offset, size_t len);
    int64_t (*splice)(void *self, int in_fd, int64_t *in_offset, int out_fd, int64_t *out_offset,
        size_t len, uint32_t flags);
    int64_t (*tee)(void *self, int in_fd, int out_fd, size_t len, uint32_t flags);

    /* Any descriptor. write and writev to a stream whose reader is gone raise SIGPIPE on Linux
     * unless the process ignores it: use send or sendmsg with WB_MSG_NOSIGNAL for sockets. */
    int64_t (*read)(void *self, int fd, void *buf, size_t len);
    int64_t (*write)(void *self, int fd, const void *buf, size_t len);
    int64_t (*readv)(void *self, int fd, const struct wb_iovec *iov, int iov_len);
    int64_t (*writev)(void *self, int fd, const struct wb_iovec *iov, int iov_len);
    int (*close)(void *self, int fd);
    int (*dup)(void *self, int fd);
    int (*fcntl)(void *self, int fd, int cmd, int arg);  /* WB_F_*; others: -EINVAL */
    int (*pipe2)(void *self, int out_fds[2], int flags); /* [0] reads, [1] writes */

    /* Readiness. A negative timeout_ns waits for ever; 0 asks the kernel and returns. A wait never
     * returns early: where the kernel counts in milliseconds the timeout is rounded up. */
    int (*epoll_create1)(void *self, int flags);
    int (*epoll_ctl)(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event);
    int (*epoll_pwait2)(
        void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns);
    int (*poll)(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns);
    /* Sets may be NULL; fds_len is the highest descriptor + 1, at most 1024. */
    int (*select)(void *self, int fds_len, struct wb_fd_set *readable, struct wb_fd_set *writable,
        struct wb_fd_set *exceptional, int64_t timeout_ns);
    int (*eventfd)(void *self, uint32_t initial, int flags);
    /* A descriptor that becomes readable when its timer expires; a read fills in a uint64_t, how
     * often it did. `old` may be NULL. */
    int (*timerfd_create)(void *self, int clock, int flags);
    int (*timerfd_settime)(void *self, int fd, int flags, const struct wb_itimerspec *value,
        struct wb_itimerspec *old);
    int (*timerfd_gettime)(void *self, int fd, struct wb_itimerspec *value);
    /* A new descriptor that becomes readable when one of the signals in `mask` (bit n-1 for signal
     * n) is sent to the process; their default action no longer happens. Thread: call it before
     * other threads start. */
    int (*signalfd)(void *self, uint64_t mask, int flags);

    /* Clocks, in nanoseconds; WB_CLOCK_MONOTONIC never goes back. Entropy: fills the buffer whole
     * or fails. */
    uint64_t (*clock_gettime)(void *self, int clock);
    int (*getrandom)(void *self, void *buf, size_t len);

    /* Name resolution: writes at most out_max addresses of the host `name`, each with `port`, in
     * the order in which they are to be tried, and returns how many, at least 1. Numeric addresses
     * are names, too. `family` is WB_AF_INET, WB_AF_INET6 or WB_AF_UNSPEC for both. Blocks until
     * the name server has answered; who must not wait calls it from another thread. Errors:
     * -ENOENT, there is no such name or it has no address of that family; -ETIMEDOUT, no answer,
     * another time perhaps; -EIO, an answer of no use; -EAFNOSUPPORT; -EFAULT for NULL; -EINVAL for
     * out_max 0; -ENOMEM. */
    int (*resolve)(void *self, const char *name, uint16_t port, int family, struct wb_sockaddr *out,
        uint32_t out_max);

    /* Memory, aligned for any object. alloc and resize return NULL when there is none; a failed
     * resize leaves the block as it was. `size` is the size the block was last given; NULL may be
     * freed and may be resized (from size 0). */
    void *(*alloc)(void *self, size_t size);
    void *(*resize)(void *self, void *ptr, size_t old_size, size_t new_size);
    void (*free)(void *self, void *ptr, size_t size);

    /* Threads. A mutex is not recursive. cond_timedwait takes a relative timeout_ns and returns
     * -ETIMEDOUT when it passes; both waits may wake spuriously. */
    int (*thread_create)(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread);
    int (*thread_join)(void *self, uint64_t thread);
    /* Which thread this is: what thread_create gave for it, or a number of its own, never 0. That
     * of a thread that has ended may come again. */
    uint64_t (*thread_self)(void *self);
    int (*mutex_init)(void *self, struct wb_mutex *mutex);
    void (*mutex_destroy)(void *self, struct wb_mutex *mutex);
    void (*mutex_lock)(void *self, struct wb_mutex *mutex);
    void (*mutex_unlock)(void *self, struct wb_mutex *mutex);
    int (*cond_init)(void *self, struct wb_cond *cond);
    void (*cond_destroy)(void *self, struct wb_cond *cond);
    void (*cond_wait)(void *self, struct wb_cond *cond, struct wb_mutex *mutex);
    int (*cond_timedwait)(
        void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns);
    void (*cond_signal)(void *self, struct wb_cond *cond);
    void (*cond_broadcast)(void *self, struct wb_cond *cond);

    /* Optional (NULL on Linux). See enum wb_note. */
    void (*note)(void *self, enum wb_note note, uint64_t a, uint64_t b);

    /* Optional; there if notes are. A number for what notes tell of, which nothing had before: from
     * 1 on, in the order of asking. */
    uint64_t (*number)(void *self);

    /* Optional (NULL on Linux). The caller is about to do an atomic operation on `object` that
     * another thread can see: under simulation, where threads change places at operations of this
     * table only, another one may run first. `object` only tells such points apart in reports; an
     * implementation never reads it, nor lets its address show. Not for what a mutex guards: its
     * operations are such points themselves. */
    void (*interleave)(void *self, const void *object);

    /* Optional; NULL is 0. Not 0: epoll reports an edge-triggered registration again whenever
     * something came after its last report, also if no operation has said would-block since; a
     * report that comes after the end of a stream has RDHUP in it if that was asked for; and a
     * transfer of a TCP stream's that moves fewer bytes than it may has emptied or filled the
     * socket. Asked before the first wait. No emulation of edges says so, no system without RDHUP,
     * and nothing that stands before one and cuts its transfers. */
    int (*epoll_tells_all)(void *self);
};

struct wb_sys {
    const struct wb_sys_ops *ops;
    void *self;
};

/* sys->ops->op(sys->self, ...), shorter: WB_SYS(sys, close, fd). For operations without further
 * arguments there are none, so the argument list is never empty. */
#define WB_SYS(sys, op, ...) ((sys)->ops->op((sys)->self, __VA_ARGS__))

/* WB_SYS needs an argument; thread_self has none. */
static inline uint64_t wb_sys_thread_self(const struct wb_sys *sys) {
    return sys->ops->thread_self(sys->self);
}

static inline int wb_sys_epoll_tells_all(const struct wb_sys *sys) {
    return sys->ops->epoll_tells_all != NULL ? sys->ops->epoll_tells_all(sys->self) : 0;
}

/* Where nobody looks on, what would tell him stays out of the way. */
#if defined(__GNUC__)
#define WB__SYS_RARELY(condition) __builtin_expect(!!(condition), 0)
#else
#define WB__SYS_RARELY(condition) (condition)
#endif

static inline void wb_sys_note(
    const struct wb_sys *sys, enum wb_note note, uint64_t a, uint64_t b) {
    if (WB__SYS_RARELY(sys->ops->note != NULL)) {
        sys->ops->note(sys->self, note, a, b);
    }
}

static inline void wb_sys_interleave(const struct wb_sys *sys, const void *object) {
    if (WB__SYS_RARELY(sys->ops->interleave != NULL)) {
        sys->ops->interleave(sys->self, object);
    }
}

#ifdef __cplusplus
}
#endif

#endif
