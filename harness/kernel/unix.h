/* What the files of Unix sockets share. All three types are one object: a queue of messages, each
 * charged to its sender until it is read, and a peer. The rules are those of Linux' net/unix. */
#ifndef KERNEL_UNIX_H
#define KERNEL_UNIX_H

#include "kernel/internal.h"

enum { UNIX_PATH_MAX = 108 };

/* A name as getsockname tells it. Paths have their NUL at the end, and it counts. */
struct unix_address {
    uint32_t len; /* family and path; 0: unbound */
    uint8_t path[UNIX_PATH_MAX + 1];
};

/* Descriptors on their way. They keep their files open. */
enum { UNIX_RIGHTS_MAX = 253 };
struct unix_rights {
    uint32_t count;
    struct sim_file *files[UNIX_RIGHTS_MAX];
};

/* Ancillary data of one call, parsed or to be delivered. */
struct unix_control {
    struct unix_rights *rights; /* NULL: none. Owned */
    bool has_credentials;
    struct wb_ucred credentials;
};

struct unix_message {
    struct list in_queue;
    struct unix_socket *from; /* who is charged, and named as the sender */
    uint32_t truesize;
    uint32_t len;
    uint32_t taken; /* of a stream: bytes already read; all of them: a mark, urgent data was here */
    struct unix_control control;
    uint8_t bytes[];
};

enum unix_state { UNIX_CLOSED, UNIX_CONNECTED, UNIX_LISTENING };

/* Sockets are the kernel's and live until the reset, so that pointers to a peer stay good. */
struct unix_socket {
    struct sim_kernel *kernel;
    struct sim_file *file;       /* NULL: waiting to be accepted, or closed */
    struct sim_process *process; /* whose it is; before it is accepted, whose listener; NULL: a
                                    neighbour's */
    struct sim_unix *neighbour;  /* the neighbour's face of it; NULL: a program's */
    uint32_t host;               /* where its names are looked up */
    struct list in_kernel;       /* kernel.unix_sockets, in order of creation */
    uint32_t subject;
    uint8_t state; /* enum unix_state */
    bool dead;     /* its last descriptor is closed */
    bool accepted; /* the program holds or held a descriptor */
    bool was_connected;
    bool rd_shut;
    bool snd_shut;
    bool end_arrived; /* it was the peer who shut reading here */
    bool end_read;    /* a read returned 0 for it */
    int error;        /* pending, positive errno */
    uint32_t serial;  /* of the program's file, for good; 0: a neighbour's, or not accepted yet */
    struct unix_socket *peer;
    struct unix_address local;
    struct inode *name;      /* where bind made it; NULL: it has no path */
    struct list in_abstract; /* kernel.unix_abstract, if it has an abstract name of its own */
    struct socket_options so;
    bool passes_credentials;
    struct wb_ucred peer_credentials;

    struct list queue; /* messages to be read */
    uint32_t queue_len;
    uint64_t queue_bytes;
    struct unix_message *urgent; /* in the queue: its one byte is out-of-band; NULL: none */
    uint32_t charged;            /* truesize of what it sent and nobody has read */

    /* Datagrams: who wants to know when the queue here has room, the last one first. */
    struct list room_waiters;
    struct list in_room_waiters;
    struct unix_socket *waits_for; /* whose room_waiters it is in */
    bool sleeps_for_receivers;     /* a call on it did, and may still */
    uint32_t sleepers; /* whose calls sleep for room here, a bit a process: they are roused, no
                          registration is woken */

    /* Listening. The bound of the queue; of a datagram socket that of its messages, too. */
    uint32_t backlog;
    struct list pending; /* by in_pending */
    struct list in_pending;
    uint32_t pending_count;

    /* Faults: what is held back. */
    struct hold read_hold;
    struct hold write_hold;
    uint32_t connect_ordinal;
    uint32_t recv_ordinal;
    uint32_t send_ordinal;
    uint64_t received_len;
    uint64_t sent_len;
    uint32_t moved_subject; /* of datagrams: of the last send or recv */

    struct unix_rights *passed; /* a neighbour's: go with its next message; NULL: none. Owned */
    uint64_t rights_received;   /* descriptors that came with what was read, kept or not */

    bool is_reachable; /* as the last search for garbage found it */
};

/* ---- unix_socket.c: a kind of file ---- */
/* Streams are files that raise SIGPIPE, the others are not. */
const struct file_ops *unix_file_ops(int type);
void unix_give_file(struct unix_socket *socket, struct sim_file *file);
int unix_bare_type(int type); /* without flags; one of the three */
/* Of `process`; NULL: a neighbour's. */
struct unix_socket *unix_socket_new(
    struct sim_kernel *kernel, int type, struct sim_process *process);
/* The number of the process that an event on it concerns: its own, or that of the other end. */
static inline uint8_t unix_process(const struct unix_socket *socket) {
    if (socket->process == NULL) {
        socket = socket->peer;
    }
    return socket == NULL || socket->process == NULL ? 0 : (uint8_t)socket->process->number;
}
static inline bool unix_is_datagram(const struct unix_socket *socket) {
    return socket->so.type == WB_SOCK_DGRAM;
}
static inline bool unix_sleeps(const struct sim_file *file, int flags) {
    return !file->nonblocking && (flags & WB_MSG_DONTWAIT) == 0;
}
void unix_wake(struct unix_socket *socket, uint32_t key);
/* What a read says that found nothing: 0 at the end of input, or -EAGAIN. */
int unix_end_or_again(struct unix_socket *socket);
int unix_take_error(struct unix_socket *socket);
/* Names its end for faults and events. */
void unix_name_subject(struct unix_socket *socket);
/* What close does; `is_embryo`: it waited to be accepted. */
void unix_close(struct unix_socket *socket, bool is_embryo);

/* ---- unix_name.c: paths, abstract names, finding who has one ---- */
int unix_bind(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr, uint32_t len);
/* A name of its own unless it has one. */
int unix_autobind(struct unix_socket *socket);
void unix_release_name(struct unix_socket *socket);
/* Who answers to an address on the host of `from` and is of its type: 0 and *out_found, or -errno.
 */
int unix_find(const struct unix_socket *from, const struct wb_sockaddr *addr, uint32_t len,
    struct unix_socket **out_found);
/* -errno if nobody could have such an address. */
int unix_check_address(const struct wb_sockaddr *addr, uint32_t len);
void unix_store_address(
    const struct unix_socket *socket, struct wb_sockaddr *out, uint32_t *in_out_len);
int unix_getname(struct sim_kernel *kernel, struct sim_file *file, bool of_peer,
    struct wb_sockaddr *addr, uint32_t *addr_len);
/* As the sender of a message: nothing if it is unbound. */
void unix_store_sender(const struct unix_socket *socket, struct wb_msghdr *msg);

/* ---- unix_connect.c: listen, connect, accept ---- */
/* Of streams and seqpackets, once. -EAGAIN: the queue is full; a socket that blocks then waits for
 * room there. */
int unix_connect_once(struct unix_socket *client, const struct wb_sockaddr *addr, uint32_t len);
int unix_connect_datagram(struct unix_socket *socket, const struct wb_sockaddr *addr, uint32_t len);
/* The oldest connection that waits at a listener, no longer waiting; NULL: there is none. */
struct unix_socket *unix_take_pending(struct unix_socket *listener);
int unix_listen(struct sim_kernel *kernel, struct sim_file *file, int backlog);
int unix_accept(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
    uint32_t *addr_len, int flags, struct sim_file **out_file);
int unix_connect(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr, uint32_t len);

/* ---- unix_message.c: messages and what they cost ---- */
/* What Linux charges for a message of so many bytes; a stream's come in parts, see
 * unix_part_len(). */
uint32_t unix_truesize(const struct unix_socket *socket, uint32_t len);
/* The length of the first part of a stream's write of `len` bytes. */
uint32_t unix_part_len(const struct unix_socket *socket, uint64_t len);
bool unix_writable(const struct unix_socket *socket);
/* Wakes the sender if there is room; a message of his was just given back, or was not sent. */
void unix_room_made(struct unix_socket *sender);
/* 0, or why a message may not even be made: the pending error, -EPIPE, -EAGAIN. */
int unix_check_room(struct unix_socket *sender);
/* Whether bytes offset.. of an iov lie where nothing can. Only what is moved is looked at. */
bool unix_part_is_bad(const struct wb_iovec *iov, size_t iov_len, uint64_t offset, uint32_t len);
/* Bytes offset.. of an iov, charged to the sender. Takes control's rights over. NULL: they lie
 * where nothing can, and the message that was made for them is given back. */
struct unix_message *unix_message_new(struct unix_socket *sender, const struct wb_iovec *iov,
    size_t iov_len, uint64_t offset, uint32_t len, struct unix_control *control);
/* Its bytes are others' pages: it is charged for their length and an empty head. */
void unix_message_is_pages(struct unix_message *message);
/* Puts it into the queue and wakes the receiver. */
void unix_deliver(struct unix_message *message, struct unix_socket *to);
/* Takes it out of the receiver's queue and frees it: may wake the sender. */
void unix_message_drop(struct unix_message *message, struct unix_socket *receiver);
void unix_message_free(struct sim_kernel *kernel, struct unix_message *message);
struct unix_message *unix_first(const struct unix_socket *socket);
struct unix_message *unix_after(
    const struct unix_socket *socket, const struct unix_message *message);
/* len bytes from `skip` behind what is taken, to byte `offset` of the iov. */
void unix_copy_out(const struct unix_message *message, uint32_t skip, const struct wb_iovec *iov,
    size_t iov_len, uint64_t offset, uint32_t len);

/* ---- unix_stream.c, unix_datagram.c: send and recv ---- */
int64_t unix_stream_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags);
/* How long what one read comes to is, piece by piece: a piece is of one message and at most
 * `part_max` long. How many pieces, at most parts_max. */
uint32_t unix_stream_parts(
    struct unix_socket *socket, uint32_t *parts, uint32_t parts_max, uint32_t part_max);
int64_t unix_stream_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags);
/* Pages that are handed over, as splice and sendfile do: in one message, and charged less. */
int64_t unix_stream_splice(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags);
int64_t unix_datagram_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags);
int64_t unix_datagram_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags);
/* Whether the receiver's queue is what keeps a connected sender from writing; `to_wait`: and then
 * it will be woken when that changes. */
bool unix_peer_is_full(struct unix_socket *sender, bool to_wait);
/* Everybody who waits for room at `socket` is told. */
void unix_tell_room(struct unix_socket *socket, uint32_t key);
/* A call that blocks waits for room there: to be said before each wait. */
void unix_wait_asleep(struct unix_socket *sender, struct unix_socket *for_whom);
/* No longer waits for room there, if it did. */
void unix_stop_waiting(struct unix_socket *sender, const struct unix_socket *for_whom);
/* A datagram socket has another peer, or none, from now on. */
void unix_datagram_reconnect(struct unix_socket *socket, struct unix_socket *peer);

/* ---- unix_control.c: ancillary data ---- */
struct wb_ucred unix_credentials_of(const struct sim_process *process);
/* Of whoever holds it. A neighbour is a process of its own. */
struct wb_ucred unix_credentials(const struct unix_socket *socket);
/* Parses what a sender passes along: 0 with *out to be freed or handed on, or -errno. */
int unix_control_load(
    struct sim_kernel *kernel, const struct wb_msghdr *msg, struct unix_control *out);
/* A copy that keeps the files open, too. */
struct unix_rights *unix_rights_copy(struct sim_kernel *kernel, const struct unix_rights *rights);
void unix_control_free(struct sim_kernel *kernel, struct unix_control *control);
/* Writes control, control_len and flags of the message; the rights become descriptors, those that
 * do not fit are closed. */
void unix_control_store(
    struct unix_socket *receiver, struct wb_msghdr *msg, struct unix_control *control, int flags);
/* The same for a read that found no message. */
void unix_tell_nothing(struct wb_msghdr *msg, int flags);

/* ---- unix_neighbour.c: sockets of the world ---- */
/* Gives the world a face of a socket that no process has. */
struct sim_unix *unix_make_neighbour(struct unix_socket *socket);
/* Calls back, as a scheduled action, whoever is behind a socket of the world's. */
void unix_tell_neighbour(struct sim_unix *neighbour);

struct unix_socket *unix_of_neighbour(const struct sim_unix *neighbour);

/* ---- unix_passed.c: descriptors that neighbours pass ---- */
/* Adds copies of what a neighbour wants to pass to what a message bears. */
void unix_pass_along(struct unix_socket *socket, struct unix_control *control);
/* A message has them, or nobody ever will. */
void unix_passed(struct unix_socket *socket);

/* ---- unix_fault.c ---- */
/* Whose matter a datagram from or for `other` is: the neighbour's that `other` belongs to,
 * otherwise the socket's own. `other` may be NULL. */
struct unix_socket *unix_matter_of(struct unix_socket *socket, struct unix_socket *other);
/* The faults that a call may meet. True: it is decided, *out_result is the answer. `other`: who
 * gets the datagram; NULL: not known, or no datagram. */
bool unix_recv_fault(struct unix_socket *socket, uint64_t *in_out_len, int64_t *out_result);
bool unix_send_fault(struct unix_socket *socket, struct unix_socket *other, uint64_t *in_out_len,
    int64_t *out_result);
bool unix_accept_fault(struct unix_socket *listener, int *out_result);
void unix_hold_reads(struct unix_socket *socket);
void unix_hold_writes(struct unix_socket *socket);
void unix_release_reads(struct unix_socket *socket);
/* -errno for a connect that is about to succeed, or 0. */
int unix_connect_fault(struct unix_socket *client);
static inline bool unix_reads_held(const struct unix_socket *socket) {
    return socket->read_hold.until_ns != 0;
}
static inline bool unix_writes_held(const struct unix_socket *socket) {
    return socket->write_hold.until_ns != 0;
}

#endif
