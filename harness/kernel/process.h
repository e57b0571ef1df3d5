/* A process: what belongs to one program of a run and goes with it: descriptors, limits, memory,
 * signals, entropy. What programs share (clock, schedule, network, hash) is the kernel's. */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdbool.h>

#include "kernel/list.h"
#include "wouldblock/kernel.h"

struct sim_file;
struct fiber;

enum process_state {
    PROCESS_ENDED,    /* or not begun: its number may be started */
    PROCESS_RUNNABLE, /* has not run yet, or gave way inside a call */
    PROCESS_WAITING,  /* in wait_advance() */
    PROCESS_RUNNING,  /* its fiber was entered */
};

struct sim_process {
    struct sim_kernel *kernel;
    uint32_t number;
    uint32_t host;
    uint32_t fd_limit;
    uint64_t memory_max;
    uint32_t send_buffer_size; /* of its new sockets; 0: the default */
    uint32_t recv_buffer_size;

    struct sim_file **fds;
    size_t fd_capacity;
    size_t fd_lowest_free; /* no free number below it */
    size_t fd_highest;     /* all numbers above it are free */
    struct list signalfds;
    uint64_t signals_pending;
    uint64_t signals_blocked; /* some signalfd was once to take them */

    struct list blocks; /* live program memory, oldest first */
    struct sim_memory_info memory;
    uint64_t memory_serial;

    uint8_t *moved; /* bytes of a call between descriptors, see splice.c; stays from run to run */
    size_t moved_size;

    uint64_t entropy;
    uint32_t ordinal[WBH_POINT_COUNT]; /* of points that are not per connection */
    uint32_t travel_ordinal;           /* datagrams to other programs that took a link */

    /* Turns, in a run of several; see turns.c. */
    int (*program)(void *arg);
    void *arg;
    struct fiber *fiber; /* stays from run to run; NULL: none yet */
    uint8_t state;       /* enum process_state */
    bool stirred;        /* something of its own has changed since it began to wait */
    bool doomed;         /* killed from inside one of its own calls: it dies at that call's begin */
    int exit_status;
    uint64_t deadline_ns; /* WAITING */
};

/* The first process of a new run, the only one until others are added; it becomes the current one.
 */
void process_begin_run(struct sim_kernel *kernel);
/* Gives back what the processes of the last run held of the host's memory. */
void process_end_run(struct sim_kernel *kernel);
void process_clean_up(struct sim_kernel *kernel);

/* Closes whatever the process has open, as the kernel does when one ends, and takes back its
 * memory. */
void process_empty(struct sim_process *process);
/* Ready for another life: descriptors 0 to 2 and nothing else. Ordinals and streams go on. */
void process_revive(struct sim_process *process);

/* One of this run, by its number. */
struct sim_process *process_get(const struct sim_kernel *kernel, unsigned number);

/* The subject of keys at points that are not per connection. */
static inline uint32_t process_subject(const struct sim_process *process) {
    return process->number == 0 ? WBH_SUBJECT_NONE : WBH_SUBJECT_PROGRAM(process->number);
}

#endif
