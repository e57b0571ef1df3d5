/* What the twins that are servers share: a listener, a loop over epoll, an orderly end on SIGTERM.
 * Written against struct wb_sys itself, since most of the planted bugs live below a reactor. */
#ifndef PLANTED_SERVER_H
#define PLANTED_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "slots.h"
#include "wb/sys.h"

struct planted_server;

struct planted_callbacks {
    /* Optional: makes the listener, instead of planted_listen(). A descriptor or -errno. */
    int (*listen)(struct planted_server *server);
    /* Ownership: the descriptor passes to the callee. */
    void (*accepted)(struct planted_server *server, int fd);
    /* An event of a connection, or of one that is gone. */
    void (*ready)(struct planted_server *server, uint64_t token, uint32_t events);
    /* Optional: retired slots have been given back. */
    void (*end_of_pass)(struct planted_server *server);
    void (*close_all)(struct planted_server *server);
};

/* The first member of a twin's own structure. The fields are to be read. */
struct planted_server {
    const struct wb_sys *sys;
    const struct planted_callbacks *callbacks;
    struct planted_options options;
    struct planted_slots slots;
    int epfd;
    int listener;
    int signals;
    int exit_status;
    uint64_t resume_ns; /* when accepting goes on; 0: it is not resting */
    bool is_stopping;
};

static inline bool planted_has(const struct planted_server *server, enum planted_bug bug) {
    return server->options.bug == bug;
}

/* epoll_ctl of the server's instance. 0 or -errno. */
int planted_control(struct planted_server *server, int op, int fd, uint32_t mask, uint64_t token);

/* Registers a connection for `wanted`, unless it is armed for just that and stays so. 0 or -errno.
 */
int planted_arm(
    struct planted_server *server, uint32_t slot, int fd, uint32_t wanted, uint32_t *armed);

/* For those that have a loop of their own: a listener, a descriptor of signals, whether a signal
 * that means the end has come. The first two: a descriptor or -errno. */
int planted_listen(const struct wb_sys *sys, uint16_t port);
int planted_signals(const struct wb_sys *sys);
bool planted_signal_taken(const struct wb_sys *sys, int signals);

/* Serves until told to end. Returns the exit status: 0, 1 for a failure, 2 for bad arguments. */
int planted_serve(struct planted_server *server, const struct wb_sys *sys,
    const struct planted_callbacks *callbacks, uint16_t port, int argc, char *const argv[]);

#endif
