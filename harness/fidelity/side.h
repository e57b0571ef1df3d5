/* One of the two systems that a sequence runs on: a struct wb_sys with what makes its answers
 * comparable. Descriptors become numbers: the n-th lowest free one at the start of a sequence is
 * number n, so that numbers are reused alike. Addresses become names in the order in which they
 * were given out. */
#ifndef FIDELITY_SIDE_H
#define FIDELITY_SIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "fidelity/world.h"
#include "wb/sys.h"
#include "wouldblock/kernel.h"

enum { FID_NAMES_MAX = 96, FID_PATH_MAX = 96 };

struct fid_name {
    uint16_t len;
    uint8_t id;
    uint8_t bytes[30]; /* family and port, or a Unix socket's name */
};

struct fid_side {
    const struct wb_sys *sys;
    struct sim_kernel *kernel; /* NULL: a real system, which is cleaned up and not reset */
    uint32_t process;          /* part of the names of Unix sockets */
    int fds[FID_NUMBER_COUNT];
    int listener[2]; /* for pairs over IPv4 and IPv6; -1: none */
    struct wb_sockaddr listener_addr[2];
    struct fid_name names[FID_NAMES_MAX];
    unsigned name_count;
    uint32_t bound_count; /* Unix names given out, over all sequences */
    uint32_t pair_count;
    bool has_files;           /* the directory of the sequence is there */
    char files[FID_PATH_MAX]; /* its path */
};

/* A simulated system. `kernel` and `sys` are borrowed; sys may wrap wb_sim_sys(kernel). */
void fid_side_init_sim(struct fid_side *side, struct sim_kernel *kernel, const struct wb_sys *sys);
/* The real one. Signals that sequences raise are blocked in this thread from now on, SIGPIPE is
 * ignored, what it makes is writable by its owner only. No descriptor of the process may be opened
 * or closed by anybody else from now on, but see fid_side_renumber(). Returns 0, or -errno. */
int fid_side_init_real(struct fid_side *side, const struct wb_sys *sys);
/* Looks again which descriptors of the process are free, between two sequences: for where others
 * open and close some. Returns 0, or -errno. */
int fid_side_renumber(struct fid_side *side);
void fid_side_clean_up(struct fid_side *side);

/* 0, or -errno for each kind that it has not. */
void fid_side_probe(const struct fid_side *side, int out_errors[FID_KIND_COUNT]);
/* Operations whose calls are there, 1 << enum fid_code. */
uint64_t fid_side_codes(const struct fid_side *side);

/* Before and after a sequence. At the end of it the real one closes what is open, by RST where
 * there is a connection. */
void fid_side_begin(struct fid_side *side);
void fid_side_end(struct fid_side *side, const struct fid_world *world);

/* The descriptor behind a number, and back: FID_NUMBER_COUNT for one that has none. */
int fid_side_fd(const struct fid_side *side, uint8_t number);
int64_t fid_side_number(const struct fid_side *side, int fd);

/* An address as a fact: family << 16 | class << 8 | id. A name that nobody gave out has id 0. */
int64_t fid_side_name(
    const struct fid_side *side, const struct wb_sockaddr *addr, uint32_t addr_len);
/* The local address of fd may just have been given out: if it is new, it gets the next id. */
void fid_side_learn(struct fid_side *side, int fd);
/* An address that nobody else has, for bind. Returns its length. */
uint32_t fid_side_fresh_address(
    struct fid_side *side, enum fid_kind kind, struct wb_sockaddr *out_addr);
/* The path of a name of the sequence's, in a directory that is made when it is first asked for and
 * gone after the sequence: on a real system a new one, in $TMPDIR or /tmp. */
void fid_side_path(struct fid_side *side, const char *name, char out_path[FID_PATH_MAX]);
/* Of a real system. */
void fid_side_remove_files(struct fid_side *side);
/* Loopback, of the family of an Internet kind. */
void fid_side_loopback(enum fid_kind kind, uint16_t port, struct wb_sockaddr *out_addr);
static inline uint32_t fid_addr_len(const struct wb_sockaddr *addr) {
    return addr->family == WB_AF_INET6 ? sizeof(addr->in6) : sizeof(addr->in);
}

/* Waits until the FIN of a TCP connection was acknowledged, if there is one (T1): its sender is
 * woken by that, some time later otherwise. `peer` is hurried by reading its end; -1: it must not
 * be, since an urgent byte may stand before that, or there is none. */
void fid_side_settle(const struct fid_side *side, int fd, int peer);
/* Sends the process a signal. */
void fid_side_raise(const struct fid_side *side, int signal);

#endif
