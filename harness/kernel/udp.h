/* UDP: the socket, its datagrams and what travels between them. Shared by udp*.c, multicast.c and
 * datagram.c only. */
#ifndef KERNEL_UDP_H
#define KERNEL_UDP_H

#include "kernel/internal.h"

/* What one datagram can hold: 65535 less the headers that count. */
enum { UDP_LEN_MAX4 = 65507, UDP_LEN_MAX6 = 65527 };

/* A datagram in a socket's queue. */
struct message {
    struct list in_queue;
    struct address from;            /* plain */
    struct sim_datagram *neighbour; /* the world's socket that it is from; NULL: the program's */
    uint32_t sender;                /* serial of the program's file that it is from; 0: none */
    uint32_t charge;                /* what it takes of the receive buffer */
    uint32_t len;
    uint8_t bytes[];
};

/* What the kernel asks about a neighbour's datagrams, counted per point. */
struct udp_ordinals {
    uint32_t recv;
    uint32_t send;
    uint32_t inbound;
    uint32_t outbound;
    uint32_t travelled_in; /* counted only where there are links */
    uint32_t travelled_out;
};

/* A socket over UDP: the program's or, without a file, the world's. Addresses are in the form that
 * the socket shows. */
struct sim_datagram {
    struct sim_kernel *kernel;
    struct sim_file *file;       /* NULL: the world's, or closed */
    uint32_t serial;             /* of the file, for good; 0: the world's */
    struct sim_process *process; /* NULL: the world's */
    bool of_program;
    struct place at;
    uint32_t subject; /* the world's: its own; the program's: of the neighbour it is connected to */
    struct socket_options so;
    struct ip_options ip;

    /* Its names. Who has a port holds it, in in_port. */
    bool bound;
    bool port_given; /* by bind: kept when the connection is dissolved */
    bool address_given;
    bool connected;
    struct address local;
    struct address remote;
    struct address last_remote; /* of IPv6, also after it was dissolved; family 0: there was none */
    struct list in_port;
    struct list memberships;
    uint32_t membership_count4;
    uint32_t membership_count6;

    bool rd_shut;
    bool snd_shut;
    int error; /* pending, positive errno */

    struct list queue; /* of struct message, oldest first */
    uint64_t charged;

    /* A datagram that grows by sends with MSG_MORE; cork_len counts only while is_corked. */
    bool is_corked;
    struct address cork_from; /* where it began */
    struct address cork_to;
    uint8_t *cork; /* UDP_LEN_MAX6 bytes; NULL: none yet */
    uint32_t cork_len;

    /* Faults: what is held back, and what the program knows already. */
    struct hold read_hold;
    struct hold write_hold;
    bool known_readable;
    uint32_t moved_subject; /* of what was received or sent last */

    /* The world's sockets. */
    struct udp_ordinals ordinals;
    uint64_t inbound_clear_ns; /* nothing that keeps its order arrives before */
    uint64_t outbound_clear_ns;
    void (*on_change)(void *user_data, struct sim_datagram *socket);
    void *user_data;
    bool change_scheduled;
};

/* ---- udp.c: the socket without its datagrams ---- */
/* `process`: whose socket it is; NULL: the world's. */
struct sim_datagram *udp_new(struct sim_kernel *kernel, int domain, struct sim_process *process);
uint32_t udp_poll(const struct sim_datagram *socket);
/* Wakes whoever watches, as endpoint_wake() does. */
void udp_wake(struct sim_datagram *socket, uint32_t key);
int udp_take_error(struct sim_datagram *socket);
int udp_bind(struct sim_datagram *socket, const struct wb_sockaddr *addr, uint32_t len);
/* Picks a port unless it has one; -EAGAIN: there is none. */
int udp_autobind(struct sim_datagram *socket);
int udp_connect(struct sim_datagram *socket, const struct wb_sockaddr *addr, uint32_t len);
int udp_shutdown(struct sim_datagram *socket, int how);
void udp_close(struct sim_datagram *socket);
/* Whether this socket may send there; 0 or -errno. *to is given its final form, plain. */
int udp_check_destination(const struct sim_datagram *socket, struct address *to);
/* Whether it is not connected, or to who sent this; connected to port 0 means to any of an address.
 * Dissolved, a socket of IPv6 hears all of IPv4, but of IPv6 still its last peer's address only. */
bool udp_hears(const struct sim_datagram *socket, const struct address *from);
/* The way of a datagram from this socket to there, a plain address, as things are now. */
struct udp_route {
    struct address from;           /* plain */
    int host;                      /* -1: nobody has that address */
    struct sim_datagram *receiver; /* NULL: nobody */
};
struct udp_route udp_route_to(const struct sim_datagram *socket, const struct address *to);
/* Whose a datagram is that comes to that host, addresses plain; NULL: nobody's. */
struct sim_datagram *udp_find(
    struct sim_kernel *kernel, uint32_t host, const struct address *to, const struct address *from);

/* ---- udp_transfer.c: sending and receiving ---- */
int64_t udp_send(struct sim_datagram *socket, const struct wb_msghdr *msg, int flags);
int64_t udp_recv(struct sim_datagram *socket, struct wb_msghdr *msg, int flags);
/* The next datagram that can be read; NULL: none, or it is held back. */
struct message *udp_first(const struct sim_datagram *socket);
void udp_drop_first(struct sim_datagram *socket);

/* ---- udp_deliver.c: from a sender's hands into queues ---- */
void udp_launch(struct sim_datagram *sender, const struct udp_route *route,
    const struct address *to, const uint8_t *bytes, uint32_t len);

/* ---- multicast.c: groups and who is in them ---- */
bool address_is_group(const struct address *address);
/* 255.255.255.255 and that of the loopback network. */
bool address_is_broadcast(const struct address *address);
/* set_other and get_other of struct socket_ops. */
int udp_set_membership(
    struct sim_datagram *socket, int level, int name, const void *value, uint32_t value_len);
void udp_leave_all(struct sim_datagram *socket);
/* Whether a datagram to a group is looped back to this host's sockets. */
bool udp_loops_back(const struct sim_datagram *sender, const struct address *to);

#endif
