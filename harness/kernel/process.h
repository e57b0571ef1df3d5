/* A process: what belongs to one program of a run and goes with it: descriptors, limits, memory,
 * signals, entropy. What programs share (clock, schedule, network, hash) is the kernel's. */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdbool.h>

#include "kernel/list.h"
#include "kernel/thread.h"
#include "wouldblock/kernel.h"

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

    uint64_t entropy;
    uint32_t ordinal[WBH_POINT_COUNT]; /* of points that are not per connection */
    uint32_t travel_ordinal;           /* datagrams to other programs that took a link */

    int (*program)(void *arg);
    void *arg;
    int exit_status;
    uint8_t acting; /* the number of the thread whose turn it is; 0: none, or the first */
    bool doomed;    /* killed from inside one of its own calls: it dies at that call's begin */
    uint32_t stirs; /* grows when something of its own changes: who waits looks again */

    /* By number; their memory stays from run to run. All from thread_count on are THREAD_NONE. */
    struct sim_thread *threads[SIM_THREADS_MAX];
    uint32_t thread_count;   /* >= 1 */
    uint32_t threads_living; /* neither NONE nor ENDED */
    uint32_t last_thread;    /* whose turn it was last */
    uint64_t thread_id;      /* the last that was given */
    uint64_t waits_at_conds; /* so many have begun */
    uint32_t mutex_serial;   /* the last that was given */
    uint64_t note_number;    /* and of things that notes tell of */
    uint32_t cond_serial;
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

/* Started and not ended; the only one of a run while its program runs. */
static inline bool process_is_alive(const struct sim_process *process) {
    return process->threads[0]->state != THREAD_NONE;
}

/* The subject of keys at points that are not per connection. */
static inline uint32_t process_subject(const struct sim_process *process) {
    return process->number == 0 ? WBH_SUBJECT_NONE : WBH_SUBJECT_PROGRAM(process->number);
}

/* The same where each thread counts for itself. */
static inline uint32_t thread_subject(const struct sim_thread *thread) {
    return thread->number == 0 ? process_subject(thread->process)
                               : WBH_SUBJECT_THREAD(thread->process->number, thread->number);
}

#endif
