/* What the files of the simulated kernel share: its objects and the calls between its parts.
 * Nothing outside this folder includes it. The rules these objects follow are those of Linux; the
 * names are, too. */
#ifndef KERNEL_INTERNAL_H
#define KERNEL_INTERNAL_H

#include <setjmp.h>
#include <stdbool.h>

#include "kernel/arena.h"
#include "kernel/list.h"
#include "kernel/planted.h"
#include "kernel/process.h"
#include "wouldblock/kernel.h"

/* Wake-up keys, as sk_data_ready and sk_write_space send them; 0 matches every enabled
 * registration. */
#define KEY_READ (WB_EPOLLIN | WB_EPOLLPRI | WB_EPOLLRDNORM | WB_EPOLLRDBAND)
#define KEY_WRITE (WB_EPOLLOUT | WB_EPOLLWRNORM | WB_EPOLLWRBAND)
#define KEY_ERROR WB_EPOLLERR
#define KEY_NONE 0u

#define EVENT_BITS (~(WB_EPOLLET | WB_EPOLLONESHOT | WB_EPOLLEXCLUSIVE | WB_EPOLLWAKEUP))

/* What a fault holds back is there again this much later: longer than a few calls, shorter than any
 * timer. */
enum { HOLD_NS = 50 * 1000 };

enum file_type {
    FILE_CONSOLE,
    FILE_TCP,
    FILE_EPOLL,
    FILE_EVENTFD,
    FILE_SIGNALFD,
    FILE_PIPE,
    FILE_TIMERFD,
    FILE_UDP,
    FILE_UNIX,
    FILE_REGULAR,
    FILE_DIRECTORY,
};

/* What a descriptor may be used for; other directions are EBADF. */
/* NONE: for a file that was opened with both WB_O_WRONLY and WB_O_RDWR. */
enum access { ACCESS_BOTH, ACCESS_READ, ACCESS_WRITE, ACCESS_NONE };

struct sim_file;
struct inode;
struct socket_options;

/* What a kind of socket does beyond what every file does: one system call a slot, arguments that
 * mean the same for all kinds already checked. Every slot is REQUIRED unless it says optional. recv
 * and send try once: -EAGAIN where there is nothing to do, whatever the descriptor's mode, and
 * transfer.c sleeps for those that block. */
struct socket_ops {
    int (*bind)(struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr,
        uint32_t len);
    int (*listen)(struct sim_kernel *kernel, struct sim_file *file, int backlog);
    /* Sleeps if the listener blocks. *out_file is written with a descriptor only. */
    int (*accept)(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
        uint32_t *addr_len, int flags, struct sim_file **out_file);
    /* Sleeps if the socket blocks. */
    int (*connect)(struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr,
        uint32_t len);
    int (*shutdown)(struct sim_kernel *kernel, struct sim_file *file, int how);
    /* getsockname or getpeername. */
    int (*name)(struct sim_kernel *kernel, struct sim_file *file, bool of_peer,
        struct wb_sockaddr *addr, uint32_t *addr_len);
    /* Writes name_len, control_len and flags of the message, too, if the result is >= 0. */
    int64_t (*recv)(
        struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags);
    int64_t (*send)(
        struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags);
    /* What is kept for it at level SOL_SOCKET. */
    struct socket_options *(*options)(struct sim_file *file);
    int (*take_error)(struct sim_file *file); /* SO_ERROR: positive errno, consumed */
    bool (*is_listening)(const struct sim_file *file);
    /* Optional, of streams: whether a blocking call that has moved some bytes waits to move more
     * (of what is readable, `peeked_len` bytes were seen already); and puts back an error that came
     * behind bytes (positive errno). */
    bool (*goes_on)(const struct sim_file *file, bool sending, uint64_t peeked_len);
    void (*put_error)(struct sim_file *file, int error);
    /* Optional: a send that waits for room waits no longer, though poll shows nothing of it. */
    bool (*send_is_over)(const struct sim_file *file);
    /* Optional: SO_SNDBUF, SO_RCVBUF or SO_RCVLOWAT has a new value. */
    void (*option_set)(struct sim_kernel *kernel, struct sim_file *file, int name);
    /* Optional: options of other levels whose values are an int. */
    int (*get_int)(struct sim_file *file, int level, int name, int *out_value);
    int (*set_int)(struct sim_file *file, int level, int name, int value);
    /* Optional: options of any level whose values are none; asked first, -ENOPROTOOPT for the rest.
     */
    int (*get_other)(struct sim_file *file, int level, int name, void *value, uint32_t *value_len);
    int (*set_other)(
        struct sim_file *file, int level, int name, const void *value, uint32_t value_len);
    /* For the events of calls; optional: 0. */
    uint16_t (*port)(const struct sim_file *file, bool of_peer);
    /* The subject of what recv or send moved last, where each message has its own; optional: that
     * of the file. */
    uint32_t (*moved_subject)(const struct sim_file *file);
};

/* What a kind of file does. Every slot is REQUIRED unless it says optional. */
struct file_ops {
    const char *(*what)(const struct sim_file *file); /* as sim_each_descriptor() tells it */
    uint32_t (*poll)(struct sim_kernel *kernel, struct sim_file *file);
    uint32_t (*peek)(struct sim_kernel *kernel, struct sim_file *file); /* optional: as poll */
    /* Of files that are no sockets; optional: -EINVAL. They try once, as recv and send do. */
    int64_t (*read)(struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov,
        size_t iov_len);
    int64_t (*write)(struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov,
        size_t iov_len);
    /* At a place that moves on by what was moved, of files that have places; optional: -ESPIPE. */
    int64_t (*read_at)(struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov,
        size_t iov_len, uint64_t *position);
    int64_t (*write_at)(struct sim_kernel *kernel, struct sim_file *file,
        const struct wb_iovec *iov, size_t iov_len, uint64_t *position);
    /* WB_F_GETPIPE_SZ and WB_F_SETPIPE_SZ; optional: -EBADF. */
    int (*fcntl)(struct sim_kernel *kernel, struct sim_file *file, int cmd, int arg);
    /* The last descriptor is closed; optional. The registrations are gone by then. */
    void (*release)(struct sim_kernel *kernel, struct sim_file *file);
    uint32_t (*subject)(const struct sim_file *file); /* optional: WBH_SUBJECT_NONE */
    /* As whom a wake-up for nothing names it; optional: there is none for this kind. */
    uint32_t (*spurious_subject)(const struct sim_file *file);
    /* A wait has told the program so; optional. Taking it back is no matter of timing any more. */
    void (*note_known)(struct sim_file *file, uint32_t events);
    const struct socket_ops *socket; /* NULL: no socket */
    uint8_t access;                  /* enum access */
    bool raises_sigpipe;             /* a write that finds no reader */
    bool is_stream;                  /* of no socket: a blocking write waits until all is written */
    bool checks_buffers; /* says EFAULT itself, after what comes first; others are not even asked */
    bool is_unwatchable; /* epoll refuses it */
};

static inline bool access_allows(const struct file_ops *ops, bool writing) {
    return ops->access == ACCESS_BOTH || ops->access == (writing ? ACCESS_WRITE : ACCESS_READ);
}

/* What every kind of socket keeps at level SOL_SOCKET. */
struct socket_options {
    uint8_t domain;
    uint8_t type;
    uint8_t protocol;
    bool reuse_addr;
    bool reuse_port;
    bool keepalive;
    bool oob_inline;
    bool broadcast;
    struct wb_linger linger;
    uint32_t send_buffer_size;
    uint32_t recv_buffer_size;
    uint32_t recv_low_water;
};

/* What sockets over IPv4 and IPv6 keep at those levels. */
struct ip_options {
    int ttl;
    int hops; /* IPv6's own ttl */
    int multicast_ttl;
    int multicast_hops;
    bool multicast_loop;
    bool multicast_loop6;
    bool v6only;
};

/* An open file description. */
struct sim_file {
    const struct file_ops *ops;
    struct sim_process *process; /* whose descriptor it was made for */
    struct list waiters; /* registrations: the last added first, exclusive ones at the end */
    uint32_t serial;
    uint32_t refs;      /* descriptors that refer to it, also those on their way in a message */
    uint32_t in_flight; /* the latter */
    uint8_t type;
    bool nonblocking;
    bool direct : 1;  /* WB_O_DIRECT: of a pipe, what is written stays in packets */
    bool appends : 1; /* WB_O_APPEND: means something to regular files, and sendfile */
    uint8_t holds; /* threads whose call sleeps with it: it stays for them without a descriptor */
    union {
        struct sim_endpoint *endpoint;   /* FILE_TCP */
        struct sim_datagram *datagram;   /* FILE_UDP */
        struct unix_socket *unix_socket; /* FILE_UNIX */
        struct epoll *epoll;
        int console; /* 0, 1 or 2 */
        struct {
            uint64_t count;
            bool semaphore;
        } eventfd;
        struct signal_reader *signal_reader;
        struct pipe *pipe;
        struct timer *timer;
        struct {
            struct inode *inode;
            uint64_t position; /* of a directory: entries from there on were told */
        } regular;             /* FILE_REGULAR, FILE_DIRECTORY */
    };
};

struct epoll {
    struct sim_file *file;
    struct list registrations; /* in order of creation */
    struct list ready;
    uint32_t registration_count;
    uint32_t ready_count;
    struct list sleepers; /* threads that a wait has put to sleep: the last first */
};

struct registration {
    struct list in_file;
    struct list in_epoll;
    struct list in_ready;
    struct epoll *epoll;
    struct sim_file *file;
    int fd;
    uint32_t mask; /* event bits always include ERR and HUP, or are 0 after a one-shot report */
    uint64_t data;
    uint32_t serial;
    uint32_t
        level; /* with SIM_FLAVOUR_EDGE_PER_TRANSITION: bits that were ready when last looked at */
    uint32_t disarmed; /* with SIM_FLAVOUR_EMULATED_EDGE: bits that are not reported for now */
    uint32_t owed;     /* with SIM_FLAVOUR_SPLIT_REPORTS: the half that found no room */
    bool linked;       /* on the ready list */
};

enum { CHUNK_SIZE = 512 };

struct chunk {
    struct chunk *next;
    uint8_t bytes[CHUNK_SIZE - sizeof(struct chunk *)];
};

/* One direction of a connection. The bytes lie in one queue, oldest first: `arrived` of them are in
 * the receiver's buffer, the next `flying` are under way, the last `unsent` wait for the receiver's
 * window. */
struct stream {
    struct chunk *head;
    struct chunk *tail;
    uint32_t head_used; /* bytes of head already taken */
    uint32_t tail_len;  /* bytes of tail that are filled */
    uint64_t taken;     /* bytes that came before head: its place in the stream */
    uint64_t arrived;
    uint64_t flying;
    uint64_t unsent;
};

/* An urgent byte: where it is in the stream, counted from 1, and what it is. */
struct urgent {
    uint64_t place; /* 0: there is none */
    uint8_t byte;
};

struct flight {
    struct flight *next;
    uint64_t arrive_ns;
    uint64_t len;
    struct urgent urgent; /* among these bytes */
    uint32_t flags;       /* SIM_ARRIVE_FIN or SIM_ARRIVE_RST */
    uint8_t decided;      /* enum wbh_action that delayed it, for accounting */
    uint8_t point;
};

enum tcp_state { TCP_CLOSED, TCP_SYN_SENT, TCP_ESTABLISHED, TCP_LISTENING };
/* The socket layer's own view of a connect, which decides what another connect() answers. */
enum connect_state { CONNECT_NONE, CONNECT_STARTED, CONNECT_DONE, CONNECT_GIVEN_UP };

struct address {
    uint16_t family;
    uint16_t port; /* host order */
    uint8_t ip[16];
    uint32_t scope_id;
};

struct host {
    const char *name;                            /* borrowed; NULL: it has none */
    struct address addresses[SIM_ADDRESSES_MAX]; /* beside loopback; port 0 */
    uint32_t address_count;
    struct inode *root;   /* NULL: no path was looked up yet; see vfs.h */
    uint64_t inode_count; /* that were ever made */
};

/* Where a socket is. */
struct place {
    uint32_t host;
    uint32_t site; /* as links see it: the host, or a scripted peer's place of its own */
};

static inline struct place place_of_host(uint32_t host) {
    return (struct place){host, host};
}

/* Two ends of a link or a cut: hosts, or sites; b may be SIM_END_ANY. */
struct ends {
    uint32_t a;
    uint32_t b;
};

struct link {
    struct ends ends;
    struct sim_link properties;
    uint64_t free_ns[2]; /* when the last byte will have left: from a to b, and back */
};

struct hold {
    uint64_t until_ns; /* 0: not held */
    uint64_t action;   /* id of the scheduled release */
};

struct sim_endpoint {
    struct sim_kernel *kernel;
    struct sim_file *file; /* NULL: the world's, waiting to be accepted, or closed by the program */
    struct sim_endpoint *peer;
    struct list in_kernel;       /* kernel.endpoints, in order of creation */
    struct sim_process *process; /* NULL: the world's */
    struct place at;
    uint32_t remote_host; /* of what it connects to */
    uint32_t subject;
    uint8_t tcp; /* enum tcp_state */
    uint8_t connecting;
    bool of_program; /* the program's end, even while it waits to be accepted */
    bool accepted;   /* the program holds or held a descriptor */
    bool dead;       /* closed by its owner */
    bool was_connected;

    /* What is shut. rd_shut is the local shutdown(RD); the FIN counts as well, see
     * endpoint_rd_shut(). */
    bool rd_shut;
    bool snd_shut;
    bool fin_queued;   /* own FIN waits behind unsent bytes */
    bool fin_sent;     /* own FIN is under way or there */
    bool fin_received; /* the peer's FIN arrived */
    bool fin_read;     /* a read returned 0 for it */
    bool closed_first; /* own FIN left before the peer's came: TIME_WAIT is on this side */
    bool nospace;      /* somebody saw "not writable" */
    bool mark_taken;   /* the urgent byte of `mark`, by MSG_OOB */
    bool change_scheduled;
    int error;               /* pending, positive errno */
    uint32_t travel_ordinal; /* segments that took a link from here */
    uint64_t ended_ns;       /* both FINs have arrived; 0: not yet */

    struct stream out; /* bytes from here to the peer */
    struct flight *flights_head;
    struct flight *flights_tail;
    uint64_t flight_action;
    struct urgent urgent_out; /* the last one sent */
    struct urgent mark;       /* the last one received, until a read has passed it */
    uint64_t received_len;
    uint64_t sent_len;

    /* Faults: what is held back, and what the program already knows and may not be taken back by
     * mere timing. */
    struct hold read_hold;  /* nothing to read shows: no byte, no FIN, no pending connection */
    struct hold write_hold; /* no space shows */
    uint64_t known_len;     /* bytes it knows to be there */
    bool known_fin;
    bool known_writable;
    bool known_pending;
    uint32_t recv_ordinal;
    uint32_t send_ordinal;
    uint32_t inbound_ordinal;
    uint32_t outbound_ordinal;

    /* Addresses and options. */
    bool bound;
    bool port_given;    /* by bind: kept when the connection is dissolved */
    bool address_given; /* as port_given; inherited by accepted connections */
    struct address local;
    struct address remote;
    struct socket_options so;
    struct ip_options ip;
    bool nodelay;
    bool cork; /* without effect: what is written leaves at once */
    int16_t keep_idle;
    int16_t keep_interval;
    int16_t keep_count;
    int user_timeout;
    uint32_t notsent_low_water; /* 0: none */
    struct list in_port;        /* the port's bucket, while the port is held */
    struct list in_listening;   /* kernel.listening */

    /* Listening. */
    struct list pending;    /* endpoints that wait to be accepted, by in_pending */
    struct list in_pending; /* of the waiting endpoint */
    struct sim_endpoint *listener;
    uint32_t pending_count;
    int backlog;

    /* Connecting: retransmission of a dropped SYN, or a decided result that has not come yet. */
    uint64_t connect_action;
    uint32_t connect_tries;
    int connect_result;

    /* The world's endpoints. */
    void (*on_change)(void *user_data, struct sim_endpoint *endpoint);
    void *user_data;
};

struct action_slot {
    void (*fn)(void *user_data);
    void *user_data;
    uint32_t generation;
    uint32_t next_free;
    bool live;
};

struct action {
    uint64_t time_ns;
    uint64_t order;
    uint32_t slot;
};

/* Who holds the ports of one hash value. Emptied when first used in a run, so that a reset need not
 * touch them all. */
enum { PORT_BUCKET_COUNT = 1024 };
struct port_bucket {
    struct list holders;
    uint32_t epoch;
};

struct memory_block; /* memory.c */

struct sim_kernel {
    struct sim_config config;
    struct arena arena;
    struct wb_sys sys;
    struct wb_sys_ops ops_alone; /* sim_ops without interleave */

    uint64_t now_ns;
    uint64_t hash;
    uint64_t calls;
    uint32_t call_cost_ns;
    uint32_t observe_kinds;
    bool stop_requested;
    bool tells_all;   /* a program was promised so: RDHUP is never left out of a report */
    bool in_program;  /* calls may end the run by leaving the program's stack */
    bool in_world;    /* actions are being run */
    bool several;     /* sim_kernel_run_all is under way; see turns.c */
    bool takes_turns; /* there is more than one thread, in one program or several */
    bool ending;      /* the host's loop is to end the run */
    uint32_t last_turn;
    uint32_t run_ordinal;
    uint64_t turn_began_ns;
    jmp_buf leave;
    enum sim_stop stop;

    struct action *actions; /* a heap by (time, order) */
    size_t action_count;
    size_t action_capacity;
    struct action_slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    uint32_t slot_free; /* index + 1 */
    uint64_t action_order;

    struct sim_process *processes[SIM_PROCESSES_MAX]; /* by number; memory stays from run to run */
    uint32_t process_count;                           /* of this run, >= 1 */
    struct sim_process *current;                      /* whose calls are being served */

    struct host hosts[SIM_HOSTS_MAX];
    uint32_t host_count; /* >= 1 */
    struct link links[SIM_LINKS_MAX];
    uint32_t link_count;
    struct ends cuts[SIM_LINKS_MAX];
    uint32_t cut_count;

    uint32_t file_count;
    uint32_t file_serial;
    uint32_t registration_serial;
    struct list endpoints;
    struct list listening;
    struct port_bucket ports[PORT_BUCKET_COUNT];
    struct port_bucket udp_ports[PORT_BUCKET_COUNT];
    struct list udp_members; /* memberships of all sockets, see multicast.c */
    uint32_t epoch;          /* of this run; tells which buckets are of an earlier one */
    struct list timers;
    uint64_t timer_next_ns; /* when the first of them is due; UINT64_MAX: none is running */
    struct list unix_sockets;
    struct list unix_abstract;
    uint32_t unix_autobind;   /* counts the names that the kernel gave */
    uint32_t datagram_sender; /* see sim_datagram_sender() */
    uint32_t unix_in_flight;  /* Unix sockets on their way in a message */
    bool unix_collecting;
    uint16_t port_next;
    uint32_t local_next;

    struct chunk *chunks_free;

    uint64_t real_offset_ns;
    struct sim_fault_counts faults;

    uint8_t *scratch;
    size_t scratch_size;

    struct sim_thread *thread; /* whose calls are being served, of the current process */
    struct sim_thread *chosen; /* has the next turn, whoever else could run; NULL: not decided */
    bool all_looked;           /* since the world acted last, at what nobody told them of */
};

/* ---- kernel.c ---- */
/* Begins a call: counts it, lets time pass and due actions happen; may leave the program for good.
 */
void call_enter(struct sim_kernel *kernel);
/* An event with the time and step filled in; file and subject from the descriptor's file if there
 * is one. */
static inline struct sim_event event_begin(
    const struct sim_kernel *kernel, enum sim_event_kind kind) {
    return (struct sim_event){.time_ns = kernel->now_ns,
        .kind = (uint8_t)kind,
        .process = (uint8_t)kernel->current->number,
        .fd = -1,
        .step = (uint32_t)kernel->calls};
}
void event_emit(struct sim_kernel *kernel, struct sim_event *event);
/* It is part of the run and its hash, and shown to nobody. */
void event_emit_hidden(struct sim_kernel *kernel, struct sim_event *event);
/* Emits SIM_EVENT_CALL. */
int64_t call_return(struct sim_kernel *kernel, enum sim_call call, int fd, struct sim_file *file,
    int64_t result, uint64_t a, uint64_t b);
_Noreturn void kernel_leave(struct sim_kernel *kernel, enum sim_stop stop);
/* Ends the run, if one is under way, when its virtual time is up. */
void kernel_leave_if_late(struct sim_kernel *kernel);
uint64_t kernel_end_ns(const struct sim_kernel *kernel);    /* time_max_ns, as a point in time */
void *kernel_alloc(struct sim_kernel *kernel, size_t size); /* zeroed, from the arena; never NULL */
/* Not cleared: for what is written before it is read. */
void *kernel_alloc_raw(struct sim_kernel *kernel, size_t size);
void kernel_free(struct sim_kernel *kernel, void *ptr, size_t size);

/* ---- schedule.c ---- */
void schedule_reset(struct sim_kernel *kernel);
uint64_t schedule_next_ns(struct sim_kernel *kernel); /* UINT64_MAX: nothing */
void schedule_run_due(struct sim_kernel *kernel);

/* ---- choose.c ---- */
/* Takes away what the run's legality forbids, asks, checks the answer, counts and records. A
 * SPURIOUS answer is recorded by whoever asked, once it is known whom it names. */
struct wbh_choice choose(struct sim_kernel *kernel, struct wbh_choice_point *point);
void choice_consumed(struct sim_kernel *kernel, uint8_t point, uint8_t action);
/* The answer did not fit the moment: the source is told, and it counts. */
void choice_unfit(struct sim_kernel *kernel, const struct wbh_choice_point *point,
    const struct wbh_choice *choice);
/* At a point that is not per connection and has no fault but ERROR: -errno, or 0 to go on. */
int choose_error(struct sim_kernel *kernel, enum wbh_point point);
/* Which of so many threads that wait for the same thing is woken; 0: the one that Linux would. */
uint32_t choose_waiter(struct sim_kernel *kernel, uint32_t count);
static inline bool choice_possible(const struct sim_kernel *kernel) {
    return kernel->config.source != NULL;
}

/* ---- file.c ---- */
struct sim_file *file_new(
    struct sim_kernel *kernel, enum file_type type, const struct file_ops *ops);
/* A new file with a descriptor, or -errno: a fault, a limit. *out_file is written with the former
 * only; `flags` may have WB_O_NONBLOCK. The caller makes what stands behind it. */
int file_open(struct sim_kernel *kernel, enum file_type type, const struct file_ops *ops, int flags,
    struct sim_file **out_file);
int fd_install(struct sim_kernel *kernel,
    struct sim_file *file);             /* lowest number, or -EMFILE; takes a reference */
int fd_room(struct sim_kernel *kernel); /* 0, -EMFILE or -ENFILE */
/* Of the process whose call it is. NULL: not open. */
static inline struct sim_file *fd_get(const struct sim_kernel *kernel, int fd) {
    const struct sim_process *process = kernel->current;
    return fd < 0 || (size_t)fd >= process->fd_capacity ? NULL : process->fds[fd];
}
int fd_close(struct sim_kernel *kernel, int fd, bool *out_last);
/* One reference less; the last one releases it, unless a call sleeps with it. */
void file_unref(struct sim_kernel *kernel, struct sim_file *file);
/* One such call less. */
void file_unhold(struct sim_kernel *kernel, struct sim_file *file);
int fd_of_file(
    const struct sim_process *process, const struct sim_file *file); /* lowest, -1: none */
static inline uint32_t file_poll(struct sim_kernel *kernel, struct sim_file *file) {
    return file->ops->poll(kernel, file);
}
/* The same as an onlooker sees it: leaves no "no space" mark on a socket, so it brings no edge, and
 * takes no entry off a watched instance's ready list. */
uint32_t file_peek(struct sim_kernel *kernel, struct sim_file *file);
void file_wake(struct sim_kernel *kernel, struct sim_file *file, uint32_t key);
/* The file's state may have lost bits without a wake-up. */
void file_lowered(struct sim_kernel *kernel, struct sim_file *file);
static inline uint32_t file_subject(const struct sim_file *file) {
    return file != NULL && file->ops->subject != NULL ? file->ops->subject(file) : WBH_SUBJECT_NONE;
}

/* -errno of a fault at the creation of a descriptor, or of a limit; 0: go on. */
int open_fault(struct sim_kernel *kernel);

/* ---- epoll.c: registrations, the ready list ---- */
/* On and off the ready list; nothing happens if it is there already, or not there. */
void registration_link(struct registration *registration);
void registration_unlink(struct registration *registration);
/* The bits of its interest that are so now. Marks a full socket as `nospace`. */
uint32_t registration_state(struct sim_kernel *kernel, struct registration *registration);
/* The same as an onlooker sees it: see file_peek(). */
uint32_t registration_peek(struct sim_kernel *kernel, const struct registration *registration);
/* True: nobody further down the file's waiters is to be woken. */
bool epoll_wake(struct sim_kernel *kernel, struct registration *registration, uint32_t key);
/* Ends one of the waits that sleep at the instance; false: there are none. */
void epoll_rouse_one(struct epoll *epoll);
static inline bool epoll_rouse(struct epoll *epoll) {
    if (list_is_empty(&epoll->sleepers)) {
        return false;
    }
    epoll_rouse_one(epoll);
    return true;
}
uint32_t epoll_poll(struct sim_kernel *kernel, struct epoll *epoll);
uint32_t epoll_peek(struct sim_kernel *kernel, struct epoll *epoll); /* without leaving a trace */
#ifdef SIM_PLANTED
void epoll_forget_number(struct sim_kernel *kernel, struct sim_file *file, int fd);
#endif
void epoll_forget_file(struct sim_kernel *kernel, struct sim_file *file);
void epoll_destroy(struct sim_kernel *kernel, struct epoll *epoll);
int sys_epoll_create1(void *self, int flags);
int sys_epoll_ctl(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event);

/* ---- epoll_wait.c: delivery and its faults ---- */
int sys_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns);

/* ---- wait.c ---- */
/* Sleeps until something may have changed: runs the world's next action, or jumps to the deadline.
 * False: the deadline has passed. May leave the program for good. */
bool wait_advance(struct sim_kernel *kernel, uint64_t deadline_ns);
uint64_t wait_deadline(const struct sim_kernel *kernel, int64_t timeout_ns);
/* The host's side of it, when no program of several can run before the deadline. False: nothing
 * will ever happen. */
bool wait_for_world(struct sim_kernel *kernel, uint64_t deadline_ns);

/* ---- turns.c: several threads, of one program or of several ---- */
/* Whether the present call is made on a fiber, not on the host's stack. */
bool turns_on_fiber(const struct sim_kernel *kernel);
/* As wait_advance(), letting the others run. */
bool turns_wait(struct sim_kernel *kernel, uint64_t deadline_ns);
/* Waits for one of the process's threads, which sets thread.woken, or for the deadline: false. What
 * happens to files does not end it. */
bool turns_park(struct sim_kernel *kernel, enum sim_thread_wait waits, uint64_t deadline_ns);
/* At the begin of a call: dies if it was killed, gives way if that is chosen, or if it has had its
 * slice. */
void turns_between_calls(struct sim_kernel *kernel);
/* Ends the whole run from a fiber. */
_Noreturn void turns_leave(struct sim_kernel *kernel);
/* The number of threads has changed. */
void turns_count(struct sim_kernel *kernel);
/* A thread begins, and will run when it has its turn. */
void turns_start(struct sim_thread *thread);
/* A run of one program begins, on the host's stack. */
void turns_begin_alone(struct sim_kernel *kernel);
/* It was left in its midst: its threads stay as they are, for those who inspect them. */
void turns_end_alone(struct sim_kernel *kernel);
/* At once; inside the world's actions, the one whose call they interrupt dies behind them. */
void turns_kill(struct sim_process *process);

/* ---- thread.c; most of it is in thread.h ---- */
/* A call that may sleep keeps its file until thread_let_go(), whoever closes it. False: it need
 * not: nobody else could, there is no file, or the call keeps it already. */
static inline bool thread_hold(struct sim_kernel *kernel, struct sim_file *file) {
    return kernel->takes_turns && thread_hold_one(kernel, file);
}

/* ---- lock.c: mutexes, conditions, atomic operations ---- */
int sys_mutex_init(void *self, struct wb_mutex *mutex);
void sys_mutex_destroy(void *self, struct wb_mutex *mutex);
void sys_mutex_lock(void *self, struct wb_mutex *mutex);
void sys_mutex_unlock(void *self, struct wb_mutex *mutex);
int sys_cond_init(void *self, struct wb_cond *cond);
void sys_cond_destroy(void *self, struct wb_cond *cond);
void sys_cond_wait(void *self, struct wb_cond *cond, struct wb_mutex *mutex);
int sys_cond_timedwait(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns);
void sys_cond_signal(void *self, struct wb_cond *cond);
void sys_cond_broadcast(void *self, struct wb_cond *cond);
void sys_interleave(void *self, const void *object);
/* What a thread that waits for another one waits for. */
void lock_describe(const struct sim_thread *thread, struct sim_thread_info *info);

/* ---- flavour.c ---- */
/* What of a state SIM_FLAVOUR_EMULATED_EDGE lets a wait report; the rest of its rules: bits were
 * reported, a registration is new or was modified, an operation said would-block. */
uint32_t flavour_armed(
    const struct sim_kernel *kernel, const struct registration *registration, uint32_t state);
void flavour_reported(
    const struct sim_kernel *kernel, struct registration *registration, uint32_t bits);
void flavour_registered(struct registration *registration);
void flavour_would_block(struct sim_kernel *kernel, struct sim_file *file, bool sending);

/* ---- poll.c: poll(2) and select(2) ---- */
int sys_select(void *self, int fds_len, struct wb_fd_set *readable, struct wb_fd_set *writable,
    struct wb_fd_set *exceptional, int64_t timeout_ns);
int sys_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns);

/* ---- host.c ---- */
void hosts_reset(struct sim_kernel *kernel);
/* Whether a socket of the host may be bound to it: any, loopback, or an address of its own. */
bool host_answers(const struct sim_kernel *kernel, uint32_t host, const struct address *address);
/* Whom an address means on host `from`; -1: nobody. */
int host_of(const struct sim_kernel *kernel, uint32_t from, const struct address *to);
/* Its first address of the family; NULL: it has none. */
const struct address *host_address(const struct sim_kernel *kernel, uint32_t host, uint16_t family);
/* Completes the address of a socket that connects; its family is there already. -ENETUNREACH. */
int host_choose_source(struct sim_kernel *kernel, uint32_t host, const struct address *remote,
    struct address *in_out_local);

/* ---- link.c ---- */
void links_reset(struct sim_kernel *kernel);
bool links_any(const struct sim_kernel *kernel); /* or cuts */
bool link_is_cut(const struct sim_kernel *kernel, struct place from, struct place to);
/* How long it takes what departs now. `key` tells it from all else that departs in this run. */
uint64_t link_travel_ns(
    struct sim_kernel *kernel, struct place from, struct place to, uint64_t len, uint64_t key);
/* How a datagram fares that departs now: it comes through after *out_ns, or (false) not at all. */
bool link_carries(struct sim_kernel *kernel, struct place from, struct place to, uint64_t len,
    uint64_t key, uint64_t *out_ns);
/* The same as link_travel_ns() for the next segment of a connection. */
uint64_t endpoint_travel_ns(struct sim_endpoint *from, struct place to, uint64_t len);

/* ---- tcp.c: the state machine ---- */
/* `process`: whose socket it is; NULL: the world's. */
struct sim_endpoint *endpoint_new(
    struct sim_kernel *kernel, int domain, struct sim_process *process);
/* The number of the process that an event on it concerns: its own, or that of the other end. */
static inline uint8_t endpoint_process(const struct sim_endpoint *endpoint) {
    if (endpoint->process == NULL) {
        endpoint = endpoint->peer;
    }
    return endpoint == NULL || endpoint->process == NULL ? 0 : (uint8_t)endpoint->process->number;
}
uint32_t endpoint_poll(struct sim_endpoint *endpoint);
uint32_t endpoint_peek(struct sim_endpoint *endpoint); /* see file_peek() */
/* Bytes that a read would find. */
static inline uint64_t endpoint_readable(const struct sim_endpoint *endpoint) {
    bool is_held = endpoint->read_hold.until_ns != 0;
    return endpoint->peer == NULL || is_held ? 0 : endpoint->peer->out.arrived;
}
/* Wakes whoever watches: registrations of the program's descriptor, or the world's callback. */
void endpoint_wake(struct sim_endpoint *endpoint, uint32_t key);
int endpoint_take_error(struct sim_endpoint *endpoint);
void endpoint_reset_by_peer(struct sim_endpoint *endpoint); /* an RST has arrived */
void endpoint_send_reset(struct sim_endpoint *endpoint);
void endpoint_queue_fin(struct sim_endpoint *endpoint);
void endpoint_end(struct sim_endpoint *endpoint); /* both FINs have arrived */
void endpoint_fin_arrived(struct sim_endpoint *endpoint);
int endpoint_shutdown(struct sim_endpoint *endpoint, int how);
void endpoint_close(struct sim_endpoint *endpoint);
void endpoint_disconnect(struct sim_endpoint *endpoint);
void endpoint_become_reset(struct sim_endpoint *endpoint, int error);

/* ---- stream.c: bytes and segments ---- */
void stream_append(
    struct sim_kernel *kernel, struct stream *stream, const uint8_t *bytes, size_t len);
void stream_copy(const struct stream *stream, uint8_t *bytes, size_t len);
void stream_drop(struct sim_kernel *kernel, struct stream *stream, size_t len);
/* Drops bytes that have arrived: they were read. */
void stream_take(struct sim_kernel *kernel, struct stream *stream, size_t len);
void endpoint_transmit(struct sim_endpoint *endpoint);
void endpoint_launch_reset(struct sim_endpoint *endpoint);
void endpoint_ground_flights(struct sim_endpoint *endpoint); /* forgets what is under way */
void endpoint_resume_flights(struct sim_endpoint *endpoint); /* after they changed hands */
/* Sends what a cut held back, if it can pass now. */
void endpoint_release_flights(struct sim_endpoint *endpoint);
uint64_t endpoint_queued(const struct sim_endpoint *endpoint);
bool endpoint_writable(const struct sim_endpoint *endpoint);
/* How many more bytes a send may queue now. */
uint64_t endpoint_send_room(const struct sim_endpoint *endpoint);
void endpoint_hold_reads(struct sim_endpoint *endpoint);
void endpoint_hold_writes(struct sim_endpoint *endpoint);
void endpoint_release_reads(struct sim_endpoint *endpoint);

/* ---- urgent.c: out-of-band data ---- */
/* The last byte that was queued is urgent. */
void endpoint_mark_urgent(struct sim_endpoint *endpoint);
/* The urgent byte among `len` bytes from `start` on; none if that was sent before or after. */
struct urgent urgent_within(const struct sim_endpoint *from, uint64_t start, uint64_t len);
/* An urgent byte is about to be queued for reading. */
void endpoint_urgent_arrives(struct sim_endpoint *to, const struct urgent *urgent);
/* Whether reading has come to the mark; to one whose byte reads skip. */
bool endpoint_at_mark(const struct sim_endpoint *endpoint);
bool endpoint_at_hole(const struct sim_endpoint *endpoint);
/* How much of what is readable one read gives at most: it stops before the mark. */
uint64_t endpoint_before_mark(const struct sim_endpoint *endpoint, uint64_t readable);
bool endpoint_shows_urgent(const struct sim_endpoint *endpoint); /* EPOLLPRI */
void endpoint_pass_mark(struct sim_endpoint *endpoint);          /* after a read */
/* recv with MSG_OOB. */
int64_t endpoint_recv_urgent(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags);

/* ---- tcp_transfer.c: send and recv ---- */
/* iov of any shape; flags as in the system call. */
int64_t endpoint_send(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags);
int64_t endpoint_recv(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags);
/* What a read says that found nothing: 0 at the end, the pending error, -ENOTCONN, -EAGAIN. */
int64_t endpoint_recv_nothing(struct sim_endpoint *endpoint);

/* ---- tcp_socket.c: TCP as a kind of file ---- */
extern const struct file_ops tcp_file_ops;
int tcp_open(struct sim_kernel *kernel, int domain, int flags, struct sim_file **out_file);

/* ---- udp_socket.c: UDP as a kind of file; its parts are in udp.h ---- */
int udp_open(struct sim_kernel *kernel, int domain, int flags, struct sim_file **out_file);

/* ---- unix_socket.c, unix_connect.c, unix_name.c: Unix sockets; their parts are in unix.h ---- */
int unix_open(struct sim_kernel *kernel, int domain, int type, struct sim_file **out_file);
/* Two that are each other's peers, without descriptors yet. */
void unix_pair(struct sim_kernel *kernel, int type, struct sim_file *out_files[2]);
/* To be called when the last descriptor of a file goes that is still on its way in a message, and
 * when a Unix socket is closed: some may now be open only in each other's queues. */
void unix_collect_garbage(struct sim_kernel *kernel);
/* sim_each_connection() for streams and seqpackets. */
void unix_each_connection(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_connection_info *info), void *user_data);

/* Of sim_each_datagram(), all but its descriptor; false: it is another type of socket. */
bool unix_describe_datagrams(struct sim_file *file, struct sim_datagram_info *info);

/* ---- transfer.c: the system calls that move bytes ---- */
uint64_t iov_total(const struct wb_iovec *iov, size_t iov_len);
/* Whether one of the parts has a length and no address. */
bool iov_is_bad(const struct wb_iovec *iov, size_t iov_len);
/* Copies `len` bytes, at most iov_total(), between the parts and one buffer. */
void iov_scatter(const struct wb_iovec *iov, size_t iov_len, const void *bytes, size_t len);
void iov_gather(const struct wb_iovec *iov, size_t iov_len, void *bytes, size_t len);
/* Sleeps until the file is ready, or there is no use in waiting. */
void file_wait(struct sim_kernel *kernel, struct sim_file *file, bool sending);
/* Host memory of at least that size, valid until the next call of it. */
uint8_t *scratch(struct sim_kernel *kernel, size_t size);
enum { SIGPIPE_NUMBER = 13 };
int sys_recvmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
int sys_sendmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags);
int64_t sys_recv(void *self, int fd, void *buf, size_t len, int flags);
int64_t sys_send(void *self, int fd, const void *buf, size_t len, int flags);
int64_t sys_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags);
int64_t sys_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags);
int64_t sys_read(void *self, int fd, void *buf, size_t len);
int64_t sys_write(void *self, int fd, const void *buf, size_t len);
int64_t sys_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len);
int64_t sys_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len);

/* ---- address.c ---- */
enum { ADDRESS_IN6_LEN_MIN = 24 }; /* without the scope, as old programs pass it */
/* The form of an address that was given as a system call's argument: -EFAULT, -EINVAL, or 0 with
 * *out written. A family that is neither of IPv4 and IPv6 comes with no more than its number. */
int address_load(const struct wb_sockaddr *addr, uint32_t len, struct address *out);
/* As the kernel gives addresses out: cut to *in_out_len, which becomes the full length. */
void address_store(const struct address *address, struct wb_sockaddr *out, uint32_t *in_out_len);
bool address_is_any(const struct address *address);
/* Whether this host answers to it: any, 127.0.0.0/8 and ::1. */
bool address_is_local(const struct address *address);
struct address address_plain_of6(const struct address *address);
/* IPv4 in its own form, whatever socket it came through. */
static inline struct address address_plain(const struct address *address) {
    return address->family == WB_AF_INET6 ? address_plain_of6(address) : *address;
}
/* An IPv4 address as a socket of the given family shows it. */
struct address address_shown_to(const struct address *address, uint16_t family);
/* Connecting to "any" means this host. */
void address_any_to_loopback(struct address *address);
/* Whether one datagram or connection could be meant for both; the ports included. */
bool addresses_clash(
    const struct address *a, bool a_is_v6only, const struct address *b, bool b_is_v6only);

/* ---- bind.c: ports and listeners ---- */
enum { PORT_FIRST = 32768 }; /* of the ephemeral range */
int endpoint_bind(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr, uint32_t len);
int endpoint_listen(struct sim_endpoint *endpoint, int backlog);
void endpoint_hold_port(struct sim_endpoint *endpoint);
/* Gives up a port that connect picked. */
void endpoint_release_port(struct sim_endpoint *endpoint);
/* What bind did not ask for. The port is still shown. */
void endpoint_forget_address(struct sim_endpoint *endpoint);
void endpoint_stop_listening(struct sim_endpoint *endpoint);
/* Who listens at a plain address of a host; NULL: nobody. Of several that share a port by
 * SO_REUSEPORT, the client's port decides. */
struct sim_endpoint *find_listener(
    struct sim_kernel *kernel, uint32_t host, const struct address *address, uint16_t client_port);
/* The next number of the ephemeral range, taken or not. */
uint16_t port_next(struct sim_kernel *kernel);
enum { PORT_COUNT = 60999 - PORT_FIRST + 1 };
/* Who holds a port, and others of the same hash value. */
struct list *port_holders(struct sim_kernel *kernel, struct port_bucket *buckets, uint16_t port);

/* ---- connect.c: the handshake, accepting ---- */
int endpoint_connect(struct sim_endpoint *endpoint, const struct wb_sockaddr *addr, uint32_t len);
/* The oldest connection that waits to be accepted; NULL: none. */
struct sim_endpoint *endpoint_accept(struct sim_endpoint *listener);
/* A cut has healed that may have kept a connection from being accepted. */
void endpoint_release_handshake(struct sim_endpoint *server);
/* Gives up, by RST, what endpoint_accept() returned. */
void endpoint_drop_unaccepted(struct sim_endpoint *server);
void listener_reset_pending(struct sim_endpoint *listener);

/* ---- socket.c: the system calls on sockets that move no bytes ---- */
/* The file of a descriptor that must be a socket: *out_error becomes 0, -EBADF or -ENOTSOCK. The
 * file is returned with -ENOTSOCK, too, for the event of the call. */
struct sim_file *socket_file(struct sim_kernel *kernel, int fd, int *out_error);
int sys_socket(void *self, int domain, int type, int protocol);
int sys_socketpair(void *self, int domain, int type, int protocol, int out_fds[2]);
int sys_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
int sys_listen(void *self, int fd, int backlog);
int sys_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags);
int sys_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len);
int sys_shutdown(void *self, int fd, int how);
int sys_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);
int sys_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len);

/* ---- options.c ---- */
/* The defaults of a new socket. */
void options_init(
    const struct sim_kernel *kernel, struct socket_options *options, int domain, int type);
/* The buffers that the process's sockets are to have; NULL: of the world's socket. */
void options_limit(struct socket_options *options, const struct sim_process *process);
void ip_options_init(struct ip_options *options);
/* get_int and set_int of struct socket_ops for the levels of IPv4 and IPv6. */
int ip_option_get(const struct ip_options *ip, const struct socket_options *so, int level, int name,
    int *out_value);
int ip_option_set(struct ip_options *ip, const struct socket_options *so, bool bound, int level,
    int name, int value);
int sys_getsockopt(void *self, int fd, int level, int name, void *value, uint32_t *value_len);
int sys_setsockopt(void *self, int fd, int level, int name, const void *value, uint32_t value_len);

/* ---- eventfd.c ---- */
int sys_eventfd(void *self, uint32_t initial, int flags);

/* ---- signalfd.c ---- */
/* It was received by `process`, whose signals it tells of from now on. */
void signalfd_change_hands(struct sim_file *file, struct sim_process *process);
/* The process has ended: those of its signalfds that are open elsewhere tell of nobody's signals
 * until they are received. */
void signalfds_leave(struct sim_process *process);
int sys_signalfd(void *self, uint64_t mask, int flags);

/* ---- pipe.c ---- */
int sys_pipe2(void *self, int out_fds[2], int flags);

/* ---- file_calls.c, path_calls.c, splice.c: files; their parts are in vfs.h ---- */
int64_t sys_pread(void *self, int fd, void *buf, size_t len, int64_t offset);
int64_t sys_pwrite(void *self, int fd, const void *buf, size_t len, int64_t offset);
int64_t sys_lseek(void *self, int fd, int64_t offset, int whence);
int sys_fstat(void *self, int fd, struct wb_stat *out_stat);
int sys_ftruncate(void *self, int fd, int64_t size);
int sys_fsync(void *self, int fd);
int sys_getdents(void *self, int fd, struct wb_dirent *out, uint32_t out_max);
int sys_openat(void *self, int dir_fd, const char *path, int flags, uint32_t mode);
int sys_stat(void *self, const char *path, struct wb_stat *out_stat);
int sys_rename(void *self, const char *from, const char *to);
int sys_mkdir(void *self, const char *path, uint32_t mode);
int sys_rmdir(void *self, const char *path);
int sys_unlink(void *self, const char *path);
int64_t sys_sendfile(void *self, int out_fd, int in_fd, int64_t *offset, size_t len);
int64_t sys_splice(void *self, int in_fd, int64_t *in_offset, int out_fd, int64_t *out_offset,
    size_t len, uint32_t flags);
int64_t sys_tee(void *self, int in_fd, int out_fd, size_t len, uint32_t flags);

/* ---- timerfd.c ---- */
int sys_timerfd_create(void *self, int clock, int flags);
int sys_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old);
int sys_timerfd_gettime(void *self, int fd, struct wb_itimerspec *value);
/* Of a FILE_TIMERFD: an expiry lies ahead of which it will tell by itself. */
bool timer_runs(const struct sim_file *file);
/* Lets those expire whose time has come. */
void timers_run_due(struct sim_kernel *kernel);
/* real_offset_ns has changed. */
void timers_real_jumped(struct sim_kernel *kernel);

/* ---- console.c: descriptors 0, 1 and 2 ---- */
/* Of the current process. */
void console_open(struct sim_kernel *kernel);

/* ---- resolve.c ---- */
int sys_resolve(void *self, const char *name, uint16_t port, int family, struct wb_sockaddr *out,
    uint32_t out_max);

/* ---- clock.c: clocks, entropy ---- */
uint64_t real_now(const struct sim_kernel *kernel); /* WB_CLOCK_REALTIME, without a call */
uint64_t sys_clock_gettime(void *self, int clock);
int sys_getrandom(void *self, void *buf, size_t len);

/* ---- memory.c ---- */
void memory_reset(struct sim_process *process);
/* The serial number of the live block that the object lies in, and how far; 0: in none. It tells
 * objects apart without their addresses. */
uint64_t memory_block_of(struct sim_process *process, const void *object, uint64_t *out_offset);
void *sys_alloc(void *self, size_t size);
void *sys_resize(void *self, void *ptr, size_t old_size, size_t new_size);
void sys_free(void *self, void *ptr, size_t size);

/* ---- sys.c ---- */
extern const struct wb_sys_ops sim_ops;

#endif
