/* The simulated kernel: an implementation of struct wb_sys with virtual time, scripted neighbours
 * and keyed faults.
 *
 * One object, no global state; any number at once. A kernel is used by one thread of the host's;
 * those of the programs in it are its own. It owns descriptors, sockets, epoll instances, bytes in
 * flight, a virtual clock and an entropy stream; memory comes from one arena that sim_kernel_reset
 * rewinds. The program under test runs inside sim_kernel_run and sees the kernel as a struct
 * wb_sys; the world outside (peers, timers) acts while the program is inside a call. */
#ifndef WOULDBLOCK_KERNEL_H
#define WOULDBLOCK_KERNEL_H

#include <stdbool.h>

#include "wb/sys.h"
#include "wouldblock/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;
struct sim_endpoint;
struct sim_datagram;
struct sim_unix;

/* Of one run, at most. */
enum {
    SIM_PROCESSES_MAX = 16,
    SIM_HOSTS_MAX = 16,
    SIM_ADDRESSES_MAX = 4, /* of a host */
    SIM_LINKS_MAX = 64,    /* and as many cuts */
    SIM_THREADS_MAX = 64,  /* of a process at a time, the first and those not joined included */
};

/* ---- what is observed ---- */

/* System calls, by the name of their slot in struct wb_sys_ops. */
#define SIM_CALL_TABLE(X)                                                                          \
    X(NONE, "none")                                                                                \
    X(SOCKET, "socket")                                                                            \
    X(BIND, "bind")                                                                                \
    X(LISTEN, "listen")                                                                            \
    X(ACCEPT, "accept")                                                                            \
    X(CONNECT, "connect")                                                                          \
    X(SHUTDOWN, "shutdown")                                                                        \
    X(GETSOCKOPT, "getsockopt")                                                                    \
    X(SETSOCKOPT, "setsockopt")                                                                    \
    X(GETSOCKNAME, "getsockname")                                                                  \
    X(GETPEERNAME, "getpeername")                                                                  \
    X(RECV, "recv")                                                                                \
    X(SEND, "send")                                                                                \
    X(READ, "read")                                                                                \
    X(WRITE, "write")                                                                              \
    X(CLOSE, "close")                                                                              \
    X(DUP, "dup")                                                                                  \
    X(FCNTL, "fcntl")                                                                              \
    X(EPOLL_CREATE, "epoll_create")                                                                \
    X(EPOLL_CTL, "epoll_ctl")                                                                      \
    X(EPOLL_WAIT, "epoll_wait")                                                                    \
    X(POLL, "poll")                                                                                \
    X(EVENTFD, "eventfd")                                                                          \
    X(SIGNALFD, "signalfd")                                                                        \
    X(CLOCK, "clock_gettime")                                                                      \
    X(GETRANDOM, "getrandom")                                                                      \
    X(ALLOC, "alloc")                                                                              \
    X(THREAD, "thread_create")                                                                     \
    X(SELECT, "select")                                                                            \
    X(SOCKETPAIR, "socketpair")                                                                    \
    X(UNLINK, "unlink")                                                                            \
    X(PIPE, "pipe2")                                                                               \
    X(TIMERFD, "timerfd")                                                                          \
    X(RESOLVE, "resolve")                                                                          \
    X(OPENAT, "openat")                                                                            \
    X(PREAD, "pread")                                                                              \
    X(PWRITE, "pwrite")                                                                            \
    X(LSEEK, "lseek")                                                                              \
    X(STAT, "stat")                                                                                \
    X(FSTAT, "fstat")                                                                              \
    X(FTRUNCATE, "ftruncate")                                                                      \
    X(FSYNC, "fsync")                                                                              \
    X(RENAME, "rename")                                                                            \
    X(MKDIR, "mkdir")                                                                              \
    X(RMDIR, "rmdir")                                                                              \
    X(GETDENTS, "getdents")                                                                        \
    X(SENDFILE, "sendfile")                                                                        \
    X(SPLICE, "splice")                                                                            \
    X(TEE, "tee")                                                                                  \
    X(JOIN, "thread_join")                                                                         \
    X(MUTEX_LOCK, "mutex_lock")                                                                    \
    X(MUTEX_UNLOCK, "mutex_unlock")                                                                \
    X(MUTEX_DESTROY, "mutex_destroy")                                                              \
    X(COND_WAIT, "cond_wait")                                                                      \
    X(COND_SIGNAL, "cond_signal")                                                                  \
    X(COND_BROADCAST, "cond_broadcast")                                                            \
    X(COND_DESTROY, "cond_destroy")                                                                \
    X(INTERLEAVE, "interleave")

enum sim_call {
#define SIM_CALL_ENUM(name, text) SIM_CALL_##name,
    SIM_CALL_TABLE(SIM_CALL_ENUM)
#undef SIM_CALL_ENUM
        SIM_CALL_COUNT
};

const char *sim_call_name(enum sim_call call);

/* recvmsg and readv of a socket count as RECV, sendmsg and writev of a socket as SEND, whatever
 * slot was used; READ and WRITE are for other descriptors. A socket that sendfile or splice moves
 * bytes to or from counts as if they had been sent or received. */
enum sim_event_kind {
    SIM_EVENT_CALL,   /* a call returned: call, fd, result, and by call (see below) */
    SIM_EVENT_WAIT,   /* a wait begins: fd = epfd, a = timeout_ns as int64_t, b = events_max */
    SIM_EVENT_REPORT, /* a wait reported an event: fd = registered fd, registration, a = events, b =
                         data (token) */
    SIM_EVENT_WAKE, /* a registration was woken, or found ready by ADD or MOD: registration, fd, a =
                       key (0: no key; ADD and MOD: what is ready), b = 1 if it was not on the ready
                       list before */
    SIM_EVENT_ARRIVE,  /* something reached an endpoint: a = bytes, b = SIM_ARRIVE_* */
    SIM_EVENT_RELEASE, /* what a fault held back is there now: a = enum wbh_point that held it */
    SIM_EVENT_PENDING, /* a connection is ready to be accepted: subject, file = the listener's (0:
                          one of the world's) */
    SIM_EVENT_FAULT,   /* a decision other than PASS was taken: decision */
    SIM_EVENT_UNFIT,   /* a source answered what the moment does not allow: decision */
    SIM_EVENT_JUMP,    /* the clock jumps to the next event: a = by how many ns, from time_ns */
    SIM_EVENT_SIGNAL,  /* a signal was sent to the program: a = number */
    SIM_EVENT_NOTE,    /* the program annotated: a = enum wb_note, b and result = its arguments */
    SIM_EVENT_PEER,    /* a scripted peer acted: a = the emitter's code, b = its argument; data =
                          bytes, if any */
    SIM_EVENT_FREE,    /* memory was freed: a = serial number of the block, b = bytes */
    SIM_EVENT_PROCESS, /* a program of several: a = enum sim_process_change, result = exit status */
    SIM_EVENT_LINK,    /* a link was cut (a = 1) or heals (a = 0): b = one end | other end << 32 */
    SIM_EVENT_WATCH,  /* a poll or select without a deadline finds nothing ready and sleeps, looking
                         at an epoll instance: fd = that, a = -1 as int64_t, b = 1 if at a timerfd,
                         too */
    SIM_EVENT_THREAD, /* a thread has ended: a = enum sim_thread_change, b = its number, result = 1
                         if it still ran */
    SIM_EVENT_KIND_COUNT
};

enum sim_thread_change {
    SIM_THREAD_RETURNED, /* its function has, and it waits to be joined */
    SIM_THREAD_LEFT,     /* its program has ended, and nobody had joined it */
};

enum sim_process_change {
    SIM_PROCESS_STARTED, /* again; the first time goes without saying */
    SIM_PROCESS_EXITED,  /* it returned */
    SIM_PROCESS_KILLED,  /* by sim_process_kill or a signal */
    SIM_PROCESS_SPARED,  /* it was to be killed, and had ended already */
    SIM_PROCESS_GOES_ON, /* it was to begin again, and has not ended */
};

/* Bits of SIM_EVENT_ARRIVE. */
enum {
    SIM_ARRIVE_FIN = 1,
    SIM_ARRIVE_RST = 2,
    SIM_ARRIVE_TO_PROGRAM = 4,    /* the program's end was reached; otherwise the world's */
    SIM_ARRIVE_LOST = 8,          /* a datagram that its receiver has no room for: it is gone */
    SIM_ARRIVE_LOST_ON_LINK = 16, /* beside LOST: on its way, or the link was cut */
};

/* One thing that happened. All of it enters the trace hash, the bytes behind `data` and the
 * decision's fields included.
 *
 * CALL: result is what the call returned, fd its descriptor (of calls that create one, the new one;
 * negative if they failed); file and subject are those of fd. By call, what is not named being 0:
 *   SOCKET        a = domain, b = type with its flags
 *   BIND, LISTEN  a = the local port (0: it failed); LISTEN: b = backlog as given
 *   ACCEPT        fd = the listener, result = the new descriptor, a = its subject, b = flags
 *   CONNECT       a = the remote port
 *   SHUTDOWN      a = how
 *   SOCKETPAIR    fd = the first descriptor, a = domain << 32 | type with its flags, b = the second
 *   GETSOCKOPT, SETSOCKOPT  a = level << 32 | name
 *   RECV, SEND, READ, WRITE  a = bytes asked for, b = flags, data = the bytes moved (none with
 *                 WB_MSG_TRUNC)
 *   CLOSE         a = 1 if it was the last descriptor of its file
 *   FCNTL         a = command, b = argument
 *   EPOLL_CTL     fd = the target, a = operation | epfd << 32, b = events as given, registration
 *   EPOLL_WAIT    fd = epfd, a = timeout_ns as int64_t, b = events_max
 *   POLL          a = number of entries, b = timeout_ns as int64_t
 *   EVENTFD       a = initial count, b = flags
 *   SIGNALFD      a = mask, b = flags
 *   PIPE          fd = the reading end, result = 0, a = the writing end, whose file has the next
 *                 serial number, b = flags
 *   TIMERFD       timerfd_create: a = which clock, b = flags; timerfd_settime: result = 0, a = when
 *                 it expires by that clock (0: disarmed), b = flags; timerfd_gettime: result = 0
 *   CLOCK         a = which clock, b = what it said
 *   GETRANDOM     a = bytes
 *   RESOLVE       a = family, b = port, data = the name
 *   OPENAT        a = flags, data = the path
 *   PREAD, PWRITE a = bytes asked for, b = offset, data = the bytes moved
 *   LSEEK         a = offset, b = whence
 *   FTRUNCATE     a = size
 *   STAT, UNLINK, RENAME, MKDIR, RMDIR  data = the path, of RENAME the old one
 *   GETDENTS      a = entries asked for
 *   SENDFILE, SPLICE, TEE  two events with one result, first of the end that bytes come from (b =
 *                 0), then of the other (b = 1); a = bytes asked for. That of a socket is a RECV or
 *                 SEND with what was moved as its data. Where a call would block, only of the end
 *                 that has nothing to give, or no room
 *   THREAD, JOIN  a = the number of the other thread (0: there is none)
 *   MUTEX_*, COND_*  a = which mutex or condition of the program, in the order of their init;
 *                 COND_WAIT: b = the mutex. Only in a program of several threads, or where the call
 *                 is wrong: then the result is what a checking implementation would return, and
 *                 another event follows if the call goes on
 *   INTERLEAVE    a = serial number of the block of memory that the object lies in (0: none), b =
 *                 which byte of it. Only in a program of several threads
 *   ALLOC         result = 0, or -1 (no errno) when there is none; a = serial number of the block
 *                 (0: none), b = bytes. A resize is an ALLOC and, if it succeeds, a FREE. */
struct sim_event {
    uint64_t time_ns;
    uint8_t kind;          /* enum sim_event_kind */
    uint8_t call;          /* enum sim_call; SIM_CALL_NONE outside calls */
    uint8_t process;       /* whose call or descriptor it is; 0 where it is nobody's */
    uint8_t thread;        /* which thread's call it happened in, within its process: 0 for the
                              first, and where it is the world's doing */
    int32_t fd;            /* -1 if none */
    uint32_t subject;      /* connection, or WBH_SUBJECT_NONE */
    uint32_t file;         /* serial number of the open file description behind fd; 0 if none */
    uint32_t registration; /* serial number of the epoll registration; 0 if none */
    uint32_t step;         /* number of the current call, from 1 */
    int64_t result;
    uint64_t a;
    uint64_t b;
    const void *data; /* valid during the callback only */
    size_t data_len;
    const struct wbh_decision *decision; /* FAULT and UNFIT; valid during the callback only */
};

/* ---- life ---- */

/* Why sim_kernel_run or sim_kernel_run_all came back. */
enum sim_stop {
    SIM_STOP_EXITED,    /* the program returned */
    SIM_STOP_QUIESCENT, /* nothing can ever happen again and on_idle had nothing to add */
    SIM_STOP_STEPS,     /* calls_max was reached */
    SIM_STOP_TIME,      /* time_max_ns was reached */
    SIM_STOP_KILLED,    /* a signal with its default action */
    SIM_STOP_REQUESTED, /* sim_kernel_stop() */
};

/* All zero means the defaults, which are Linux's where Linux has one. */
struct sim_config {
    struct wbh_choice_source *source; /* NULL: benign. Borrowed */
    enum wbh_legality
        legality_max; /* decisions beyond it are not offered. Default KERNEL: set it! */
    uint64_t entropy_seed;
    uint32_t fd_limit;         /* RLIMIT_NOFILE of each process; 0: 1024 */
    uint32_t file_limit;       /* system-wide; 0: 1,000,000 */
    uint32_t send_buffer_size; /* bytes; 0: 87,040, datagrams and Unix sockets 212,992 */
    uint32_t recv_buffer_size; /* bytes; 0: 131,072, datagrams and Unix sockets 212,992 */
    uint64_t memory_max;       /* bytes of a process's memory before alloc fails; 0: 1 GiB */
    uint64_t calls_max;        /* 0: 1,000,000 */
    uint64_t time_max_ns;      /* virtual, from the start of the run; 0: 1 hour */
    uint32_t call_cost_ns;     /* virtual time each call takes; 0: 200 */
    uint32_t flavour;          /* SIM_FLAVOUR_* bits; 0: exactly Linux */
    uint32_t observe_kinds;    /* bit per enum sim_event_kind that on_event wants; 0: all */
    bool hides_allocations;    /* ... but no allocation that succeeds */
    /* As long as each process has one thread, when it would do nothing, the table of the seam lacks
     * `interleave`. For programs that make no copy of the table. */
    bool spares_points;
    void (*on_event)(void *user_data, const struct sim_event *event);
    /* The program waits, nothing is ready and the world has nothing to do before `deadline_ns`
     * (absolute; UINT64_MAX: the wait has no timeout). Return 1 after having made something happen
     * (a signal, a scheduled action), 2 to let the clock jump to the deadline (without one: as 0),
     * 0 to end the run (SIM_STOP_QUIESCENT). NULL: 2. */
    int (*on_idle)(void *user_data, uint64_t deadline_ns);
    /* The program connects to a scripted listener: returns the new connection's subject. NULL:
     * WBH_SUBJECT_NONE. */
    uint32_t (*on_incoming)(void *user_data, struct sim_endpoint *listener);
    /* The same of a scripted listener with a Unix name. */
    uint32_t (*on_incoming_unix)(void *user_data, struct sim_unix *listener);
    /* The program wrote to descriptor 1 or 2. */
    void (*on_console)(void *user_data, int fd, const void *data, size_t len);
    /* In a run of several: a program has ended; what it left is still there and is taken back
     * next. Must not act on the kernel. */
    void (*on_process_end)(
        void *user_data, unsigned process, enum sim_process_change how, int exit_status);
    void *user_data;
};

enum {
    SIM_FLAVOUR_EDGE_PER_TRANSITION =
        1,                    /* an edge only when the state changes from not ready to ready */
    SIM_FLAVOUR_NO_RDHUP = 2, /* RDHUP is never reported */
    /* IN and OUT of one file always come as two events, IN with all else first; Linux merges what
     * it reports of a registration, always. */
    SIM_FLAVOUR_SPLIT_REPORTS = 4,
    /* As an edge is emulated with poll(2): what an edge-triggered registration of a socket or a
     * pipe has reported of a direction, it reports again only after an operation said EAGAIN there
     * (or connect EINPROGRESS), or after EPOLL_CTL_MOD, whatever comes in between. */
    SIM_FLAVOUR_EMULATED_EDGE = 8,
};

/* NULL if the host has no memory. sim_kernel_reset begins a new run: all objects of the last one
 * are gone, virtual time is back at its start, serial numbers begin again. Cost is proportional to
 * what the last run used. */
struct sim_kernel *sim_kernel_new(void);
void sim_kernel_destroy(struct sim_kernel *kernel);
void sim_kernel_reset(struct sim_kernel *kernel, const struct sim_config *config);

/* The kernel as seen by a program: valid as long as the kernel. */
const struct wb_sys *wb_sim_sys(struct sim_kernel *kernel);

/* Runs the program to its end, or until the run ends under it: then its stack is abandoned where it
 * stands (it is inside a call) and its descriptors and memory stay until the next reset. *out_exit
 * is written with SIM_STOP_EXITED only. Threads that the program starts have stacks of their own
 * and take turns with it where they make calls; they end when it returns. */
enum sim_stop sim_kernel_run(
    struct sim_kernel *kernel, int (*program)(void *arg), void *arg, int *out_exit);

/* From inside sim_kernel_run: the program is over though its function has not returned. Its other
 * threads end with it. */
void sim_threads_end(struct sim_kernel *kernel);

/* ---- several programs in one run ---- */

/* Adds a program and returns the number of its process; the first is number 0. Before
 * sim_kernel_run_all, at most SIM_PROCESSES_MAX. Ownership: `arg` is borrowed for the run. */
unsigned sim_process_add(struct sim_kernel *kernel, int (*program)(void *arg), void *arg);

/* What a process has for its own, instead of what struct sim_config says; 0: as it says. Before the
 * run. */
struct sim_limits {
    uint32_t fd_limit;
    uint64_t memory_max;
    uint32_t send_buffer_size; /* of its new sockets; Unix ones have at least 4608 */
    uint32_t recv_buffer_size;
};
void sim_process_limit(
    struct sim_kernel *kernel, unsigned process, const struct sim_limits *limits);

/* Runs all that were added to their ends, or until the run ends under them. Each has a process of
 * its own (descriptors, memory, signals, limits) and a stack of its own; all make their calls
 * through the one wb_sim_sys(kernel). One runs at a time: they take turns where one waits or ends,
 * or has kept the others waiting for long. Returns SIM_STOP_EXITED when all have ended, killed or
 * not, and the world stands still; otherwise as sim_kernel_run. */
enum sim_stop sim_kernel_run_all(struct sim_kernel *kernel);

/* While sim_kernel_run_all runs, from the world's side. kill: as SIGKILL does it; its descriptors
 * are closed, so that its peers see FIN or RST; start: again from the beginning, after it has
 * ended. Where that does not fit an event says so, and nothing else happens. */
void sim_process_kill(struct sim_kernel *kernel, unsigned process);
void sim_process_start(struct sim_kernel *kernel, unsigned process);
bool sim_process_is_alive(const struct sim_kernel *kernel, unsigned process);

/* Ends the run at the program's next call or wait. */
void sim_kernel_stop(struct sim_kernel *kernel);

/* ---- the world's side ---- */

uint64_t sim_kernel_now(const struct sim_kernel *kernel);
uint64_t sim_kernel_hash(const struct sim_kernel *kernel); /* over all events so far */
uint64_t sim_kernel_calls(
    const struct sim_kernel *kernel); /* system calls made by the program so far */
/* Host memory that this run's objects took so far, in bytes: what was given back and used again
 * counts once. Includes the program's memory but under AddressSanitizer, where each block is the
 * host's own. */
uint64_t sim_kernel_host_bytes(const struct sim_kernel *kernel);

/* Calls fn(user_data) at virtual time at_ns (or at once in the world's next turn if that has
 * passed). Actions at the same time happen in the order in which they were scheduled. The id is
 * never 0. cancel of a past id does nothing. */
uint64_t sim_schedule(
    struct sim_kernel *kernel, uint64_t at_ns, void (*fn)(void *user_data), void *user_data);
void sim_cancel(struct sim_kernel *kernel, uint64_t id);

/* ---- hosts and links ---- */

/* A run begins with host 0, on which every program and neighbour is unless it is placed elsewhere.
 * As long as it is alone it answers to every address; beside others to 192.0.2.1 and 2001:db8::1.
 * Each host has its own loopback and its own ports.
 * Returns the number of the new host, or -errno: EINVAL for "any", loopback or another family,
 * EADDRINUSE for an address that somebody has, ENOSPC for too many. Programs resolve `name` to
 * these addresses; NULL: they cannot. Ownership: it is borrowed for the run. Before the run. */
int sim_host_add(struct sim_kernel *kernel, const char *name, const struct wb_sockaddr *addresses,
    unsigned address_count);
/* Before the program has made a socket. */
void sim_process_place(struct sim_kernel *kernel, unsigned process, unsigned host);

/* An end of a link: a host's number, or the place of a neighbour that has one of its own. */
#define SIM_END_ANY UINT32_MAX
#define SIM_END_SITE(n) ((unsigned)SIM_HOSTS_MAX + (unsigned)(n))
/* `site`: the host's number or SIM_END_SITE(n). Before connecting or listening; what a listener
 * accepts is where it is. */
void sim_endpoint_place(struct sim_endpoint *endpoint, unsigned host, unsigned site);

/* What it is to send something over a link, in either direction. All 0: as within a host. */
struct sim_link {
    uint64_t latency_ns;
    uint64_t jitter_ns;        /* so much more, at most; segments of a connection stay in order,
                                  datagrams do not */
    uint64_t bytes_per_second; /* of all that takes it, in each direction; 0: no bound */
    uint32_t loss_percent;     /* below 100: segments that TCP must send again, and so come late;
                                  datagrams are gone */
};

/* Between a and b, or between a and everybody else (b is SIM_END_ANY); for two sockets the first
 * link that names both ends counts, otherwise the first that names one. -1: there are too many.
 * Before the run. */
int sim_link_add(struct sim_kernel *kernel, unsigned a, unsigned b, const struct sim_link *link);
/* Segments that depart from now on wait for the link to heal; a connection attempt repeats its SYN;
 * datagrams are lost. What is on its way arrives. Ends as above. -1: there are too many cuts. */
int sim_link_cut(struct sim_kernel *kernel, unsigned a, unsigned b);
/* Takes back that cut; with a = SIM_END_ANY all of them. */
void sim_link_heal(struct sim_kernel *kernel, unsigned a, unsigned b);
unsigned sim_links_cut(const struct sim_kernel *kernel); /* cuts now */

/* ---- files ---- */

/* Each host has a file system of its own, empty but for /run, /srv and /tmp. Before a run, or from
 * the world's side while it goes on; at no cost and without a fault. Paths are absolute, or begin
 * at the root all the same. put: makes a file with these contents, or gives one that is there new
 * ones, and the directories that lead to it. 0, or -errno: EISDIR, ENOTDIR, EEXIST for a Unix
 * socket, EFBIG above 1 GiB, what a bad path deserves. `data` is copied. */
int sim_file_put(
    struct sim_kernel *kernel, unsigned host, const char *path, const void *data, size_t len);
/* 0, or -errno; the world's times are the real-time clock's of the run. */
int sim_file_stat(
    struct sim_kernel *kernel, unsigned host, const char *path, struct wb_stat *out_stat);
/* Up to `len` bytes from `offset` on: how many, 0 at the end, or -errno. Until the reset. */
int64_t sim_file_read(struct sim_kernel *kernel, unsigned host, const char *path, uint64_t offset,
    void *buf, size_t len);

/* Sends a signal to a program: it is pending if a signalfd was ever made for it, otherwise its
 * default action ends the run. */
void sim_signal(struct sim_kernel *kernel, unsigned process, int signo);

/* Asks the source about a moment that belongs to the world (WBH_POINT_STEP), with the same
 * accounting as the kernel's own. */
struct wbh_choice sim_choose(struct sim_kernel *kernel, struct wbh_choice_point *point);

/* Emits SIM_EVENT_PEER. */
void sim_note_peer(struct sim_kernel *kernel, uint32_t subject, uint64_t a, uint64_t b,
    const void *data, size_t data_len);

/* A neighbour's TCP socket: no descriptor, no faults on its calls, no cost. `family` is WB_AF_INET
 * or WB_AF_INET6. on_change (may be NULL) is called, as a scheduled action, never from inside
 * another call, after its state may have changed. Ownership: endpoints are the kernel's and live
 * until the reset; close and reset end the connection, and calling them again does nothing. */
struct sim_endpoint *sim_endpoint_new(struct sim_kernel *kernel, uint32_t subject, int family,
    void (*on_change)(void *user_data, struct sim_endpoint *endpoint), void *user_data);
/* In bytes; -EINVAL if one is 0. Before connecting or listening. */
int sim_endpoint_set_buffers(struct sim_endpoint *endpoint, uint32_t send_size, uint32_t recv_size);
/* 0 when the connection stands, -EINPROGRESS, or the error, which is thereby consumed. */
int sim_endpoint_connect(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr);
int sim_endpoint_listen(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr, int backlog);
/* The next pending connection, or NULL. The callback of the listener is used for it until set. */
struct sim_endpoint *sim_endpoint_accept(struct sim_endpoint *listener);
void sim_endpoint_on_change(struct sim_endpoint *endpoint,
    void (*on_change)(void *user_data, struct sim_endpoint *endpoint), void *user_data);
/* As send/recv with WB_MSG_NOSIGNAL on a non-blocking socket. */
int64_t sim_endpoint_send(struct sim_endpoint *endpoint, const void *data, size_t len);
int64_t sim_endpoint_recv(struct sim_endpoint *endpoint, void *buf, size_t len);
int sim_endpoint_shutdown(struct sim_endpoint *endpoint, int how);
void sim_endpoint_close(struct sim_endpoint *endpoint); /* FIN, or RST if unread bytes are left */
void sim_endpoint_reset(struct sim_endpoint *endpoint); /* RST */
uint32_t sim_endpoint_poll(struct sim_endpoint *endpoint); /* WB_EPOLL* state */
int sim_endpoint_error(struct sim_endpoint *endpoint);     /* SO_ERROR, consumed; errno >= 0 */
uint32_t sim_endpoint_subject(const struct sim_endpoint *endpoint);

/* A neighbour's UDP socket: no descriptor, no faults on its calls, no cost. `family` is WB_AF_INET
 * or WB_AF_INET6. What it sends to a program and what a program sends to it passes the points
 * INBOUND and OUTBOUND, keyed by its subject, and then the link between them. on_change (may be
 * NULL) is called as an endpoint's is, after something has come. Ownership: the kernel's, until the
 * reset. */
struct sim_datagram *sim_datagram_new(struct sim_kernel *kernel, uint32_t subject, int family,
    void (*on_change)(void *user_data, struct sim_datagram *socket), void *user_data);
/* As sim_endpoint_place(), before it is bound. */
void sim_datagram_place(struct sim_datagram *socket, unsigned host, unsigned site);
/* Once, before anything is sent; port 0: one of its own. 0, or -errno as of a program's bind. */
int sim_datagram_bind(struct sim_datagram *socket, const struct wb_sockaddr *addr);
void sim_datagram_address(const struct sim_datagram *socket, struct wb_sockaddr *out_addr);
/* In bytes, as SO_RCVBUF counts them; -EINVAL if 0. */
int sim_datagram_set_buffer(struct sim_datagram *socket, uint32_t recv_size);
/* One datagram: its length, or -errno: EMSGSIZE, EBADF after the close, what the address deserves.
 * Whether it arrives is another matter. `data` may be NULL if len is 0. */
int64_t sim_datagram_send_to(
    struct sim_datagram *socket, const struct wb_sockaddr *addr, const void *data, size_t len);
/* The next datagram: its full length, of which at most `len` bytes were copied; its sender goes to
 * *out_addr unless that is NULL. -EAGAIN: none; -ECONNREFUSED, once: one that was sent found nobody
 * at its address. */
int64_t sim_datagram_recv_from(
    struct sim_datagram *socket, void *buf, size_t len, struct wb_sockaddr *out_addr);
/* Gives the address up; again does nothing. */
void sim_datagram_close(struct sim_datagram *socket);

/* A neighbour's Unix socket: no descriptor, no faults on its calls, no cost. `type` is a
 * WB_SOCK_STREAM, _SEQPACKET or _DGRAM. It is a process of its own on `host`, finds the names that
 * programs of that host have bound, and has the credentials of such a process. on_change (may be
 * NULL) is called as an endpoint's is: something has come, has ended or failed, or there is room
 * where a call found none. Ownership: the kernel's, until the reset. */
struct sim_unix *sim_unix_new(struct sim_kernel *kernel, uint32_t subject, unsigned host, int type,
    void (*on_change)(void *user_data, struct sim_unix *socket), void *user_data);
void sim_unix_on_change(struct sim_unix *socket,
    void (*on_change)(void *user_data, struct sim_unix *socket), void *user_data);
/* As a program's bind: a path, an abstract name, or of the kernel's choice. */
int sim_unix_bind(struct sim_unix *socket, const struct wb_sockaddr *addr, uint32_t addr_len);
/* Of streams and seqpackets with a name: programs of its host may connect, other neighbours are
 * refused. on_change tells of each that waits. As a program's listen. */
int sim_unix_listen(struct sim_unix *socket, int backlog);
/* The connection that waits longest, of the subject that on_incoming_unix gave it, without
 * on_change; NULL: none. */
struct sim_unix *sim_unix_accept(struct sim_unix *listener);
/* 0: the connection stands; -EAGAIN: as many wait there as the listener allows; or what connect
 * says. Of datagrams: whom it sends to from now on. */
int sim_unix_connect(struct sim_unix *socket, const struct wb_sockaddr *addr, uint32_t addr_len);
/* As a non-blocking sendto with WB_MSG_NOSIGNAL; `addr` NULL: to whom it is connected. A message is
 * taken whole or not at all. */
int64_t sim_unix_send(struct sim_unix *socket, const struct wb_sockaddr *addr, uint32_t addr_len,
    const void *data, size_t len);
/* Bytes of a stream, or the next message: its full length, of which at most `len` bytes were
 * copied. -EAGAIN: none. What sim_unix_is_at_end() tells is 0 here, and so is an empty message. Its
 * sender goes to *out_addr unless that is NULL, with length 0 if it has no name. */
int64_t sim_unix_recv(struct sim_unix *socket, void *buf, size_t len, struct wb_sockaddr *out_addr,
    uint32_t *out_addr_len);
/* Goes with the next bytes or message that are sent, as SCM_RIGHTS: a descriptor that a program may
 * read these bytes from and then the end, for nobody has the other end any more. The reading end of
 * a pipe (at most 65536 bytes are kept), or a Unix stream socket. It blocks, unless it is told
 * otherwise. 0, or -EINVAL: 253 go already; -EBADF: closed. `data` may be NULL if len is 0. */
int sim_unix_pass_pipe(struct sim_unix *socket, const void *data, size_t len);
int sim_unix_pass_socket(struct sim_unix *socket, const void *data, size_t len);
/* How many descriptors came with what was received so far. They are closed as they come. */
uint64_t sim_unix_descriptors(const struct sim_unix *socket);
bool sim_unix_is_at_end(const struct sim_unix *socket);
int sim_unix_shutdown(struct sim_unix *socket, int how);
void sim_unix_close(struct sim_unix *socket);    /* again does nothing */
uint32_t sim_unix_poll(struct sim_unix *socket); /* WB_EPOLL* state */
int sim_unix_error(struct sim_unix *socket);     /* SO_ERROR, consumed; errno >= 0 */
uint32_t sim_unix_subject(const struct sim_unix *socket);
int sim_unix_type(const struct sim_unix *socket); /* as given to sim_unix_new() */
/* Whether a neighbour had a socket of that subject and has none any more: its name may be
 * another's. */
bool sim_unix_was_closed(const struct sim_kernel *kernel, uint32_t subject);

/* ---- inspection, for oracles and reports ---- */

/* While on_event is told of a call that received a datagram, or a message of a seqpacket: the file
 * (as struct sim_event.file) of the program's socket that sent it; 0: a neighbour's. */
uint32_t sim_datagram_sender(const struct sim_kernel *kernel);

/* A connection as the program's end sees it. */
struct sim_connection_info {
    uint32_t subject;
    int fd;                   /* lowest descriptor of it, -1: not accepted yet or closed */
    int accepted;             /* the program holds or held it */
    int closed;               /* the program closed its last descriptor */
    uint32_t state;           /* WB_EPOLL* bits it shows now */
    uint64_t unread_len;      /* bytes that have arrived and were not read */
    int fin_unread;           /* the end has arrived and was not read */
    int error;                /* pending error, as errno */
    uint64_t unsent_len;      /* bytes written and not yet received by the peer's end */
    uint64_t peer_unread_len; /* bytes received by the peer's end and not read by it */
    uint64_t in_flight_len;   /* bytes under way to the program, and bytes a fault holds back */
    uint64_t received_len;    /* total the program has read */
    uint64_t sent_len;        /* total the program has written */
};

/* An open socket of the program for datagrams, over UDP or Unix. */
struct sim_datagram_info {
    int fd;           /* lowest descriptor of it */
    uint32_t file;    /* serial number of its open file description */
    uint32_t subject; /* of the neighbour whose datagram is next, or it is connected to; of Unix
                         sockets otherwise its own */
    uint32_t unread_count; /* datagrams that can be read now, */
    uint64_t unread_len;   /* ... and their bytes */
    uint32_t state;        /* WB_EPOLL* bits it shows now */
    int error;             /* pending error, as errno */
};

/* A registration of a descriptor with an epoll instance. */
struct sim_registration_info {
    uint32_t registration;
    uint32_t subject;
    int epfd;
    int fd;
    uint32_t mask;  /* the interest, with its mode bits; 0 events after a one-shot report */
    uint64_t data;  /* token */
    uint32_t state; /* WB_EPOLL* bits of the file now */
    int queued;     /* on the ready list */
    int ticking;    /* of a timerfd whose timer runs: time alone will make it ready */
    int connecting; /* of a TCP socket whose connection is being made */
};

/* What a thread does. */
enum sim_thread_wait {
    SIM_THREAD_READY,    /* it runs, or could, or is the only one */
    SIM_THREAD_IN_CALL,  /* it waits for a descriptor, or for time to pass */
    SIM_THREAD_AT_MUTEX, /* until it is free */
    SIM_THREAD_AT_COND,  /* until it is signalled */
    SIM_THREAD_AT_JOIN,  /* until another thread ends */
    SIM_THREAD_GONE,     /* it has ended and was not joined */
};

struct sim_thread_info {
    unsigned thread; /* its number: 0 the first */
    enum sim_thread_wait waits;
    int has_deadline;   /* the wait has one */
    uint32_t object;    /* AT_MUTEX, AT_COND: which of the program's, in the order of their init */
    int holder;         /* AT_MUTEX: the thread that has locked it; AT_JOIN: the one that is joined;
                           -1: none */
    int holder_is_gone; /* AT_MUTEX: who locked it has ended */
};

struct sim_memory_info {
    uint64_t live_bytes;
    uint64_t live_blocks;
    uint64_t peak_bytes;
    uint64_t first_live_serial; /* of the oldest block still there; 0: none */
    uint64_t first_live_bytes;
};

/* Each calls visit for each. None of them changes what the program sees; visit must not act on the
 * kernel. `process` is the number of a process of this run; a run of one program has number 0. */

/* The program's ends of connections that stand or stood, in order of creation: TCP's, then those of
 * Unix streams and seqpackets. */
void sim_each_connection(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_connection_info *info), void *user_data);
/* By number. */
void sim_each_datagram(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_datagram_info *info), void *user_data);
/* By the number of their instance's descriptor, then in order of creation. */
void sim_each_registration(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_registration_info *info), void *user_data);
/* The descriptors above 2 that the program has open, by number; `what` is "tcp socket", "tcp
 * listener", "udp socket", "unix stream socket", "unix datagram socket", "unix seqpacket socket",
 * "unix listener", "epoll instance", "eventfd", "signalfd", "timerfd", "pipe reader", "pipe
 * writer", "regular file" or "directory". */
void sim_each_descriptor(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, int fd, const char *what, uint32_t subject), void *user_data);
/* By number. A run of one program must be under way, or the program alive. */
void sim_each_thread(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_thread_info *info), void *user_data);
void sim_memory(
    const struct sim_kernel *kernel, unsigned process, struct sim_memory_info *out_info);

/* How often each (point, action) was offered, and how often it was decided. */
struct sim_fault_counts {
    uint64_t offered[WBH_POINT_COUNT][WBH_ACTION_COUNT];
    uint64_t injected[WBH_POINT_COUNT][WBH_ACTION_COUNT];
    uint64_t consumed[WBH_POINT_COUNT][WBH_ACTION_COUNT]; /* the program saw its effect */
    uint64_t unfit;                                       /* answers the moment did not allow */
    uint32_t highest_legality_injected; /* enum wbh_legality; meaningful if anything was injected */
    bool any;                           /* something was offered; otherwise all of this is 0 */
};
const struct sim_fault_counts *sim_faults(const struct sim_kernel *kernel);

#ifdef __cplusplus
}
#endif

#endif
