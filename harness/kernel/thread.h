/* A thread of a process: where it runs and what it waits for. Each has a fiber of its own, but the
 * one that a run of one program begins with, which runs on the stack of whoever called. Whose turn
 * it is decides turns.c; how threads begin and end is in thread.c. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include <stdbool.h>

#include "kernel/list.h"
#include "wouldblock/kernel.h"

struct sim_file;
struct unix_rights;
struct fiber;

enum thread_state {
    THREAD_NONE,     /* its number is free; of a process's first thread: the process has ended */
    THREAD_RUNNABLE, /* has not run yet, or gave way inside a call */
    THREAD_WAITING,  /* in wait_advance() or turns_park() */
    THREAD_RUNNING,  /* it is its turn */
    THREAD_ENDED,    /* nobody has joined it yet */
};

struct sim_thread {
    struct sim_process *process;
    uint32_t number;     /* within its process; 0: the first, whose return ends the process */
    uint64_t id;         /* as thread_create gave it out: no other of the process ever has it */
    struct fiber *fiber; /* stays from run to run; NULL: none yet */
    bool on_host;        /* runs on the host's stack instead */
    wb_thread_fn fn;     /* of all but the first */
    void *arg;
    uint8_t *moved; /* bytes of a call between descriptors, see splice.c; stays from run to run */
    size_t moved_size;
    uint32_t switch_ordinal; /* of the points that are counted per thread */
    uint32_t park_ordinal;

    uint8_t state;            /* enum thread_state */
    uint8_t waits;            /* WAITING: enum sim_thread_wait */
    bool woken;               /* ... and what it waits for has come */
    bool hears_instance_only; /* ... at an instance, which wakes those it means */
    uint32_t stirs_seen;      /* ... of its process's, when it began */
    uint64_t deadline_ns;     /* ... UINT64_MAX: none */
    uint64_t wait_order;      /* ... at a condition: who came before */
    const void *awaited;      /* ... the mutex or condition: compared, never looked into */
    uint32_t awaited_serial;  /* ... its number, */
    uint64_t owner;           /* ... and the id of who holds the mutex; 0: nobody */
    struct wb_mutex *mutex;   /* ... at a condition: to be taken again */
    const struct sim_thread *joins;
    struct list in_sleepers; /* epoll.sleepers */

    /* Files that its present call needs, whoever closes them meanwhile. */
    struct sim_file *held;
    struct sim_file **held_list; /* entries may be NULL */
    size_t held_len;
    /* Of a message that it sleeps with: the call's, unless the process is killed. */
    struct unix_rights *rights;
};

/* The first thread of a new process. */
void threads_init(struct sim_process *process);
/* A new life of a process, with its first thread alone, which has not begun. */
void threads_reset(struct sim_process *process);
void threads_clean_up(struct sim_process *process);
/* All but the first are gone, wherever they stand; what they held is let go. `told`: those that
 * nobody joined are told of. */
void threads_abandon(struct sim_process *process, bool told);
/* Its function has returned. */
void thread_end(struct sim_thread *thread);

/* What thread_hold() of internal.h does where there is more than one thread. */
bool thread_hold_one(struct sim_kernel *kernel, struct sim_file *file);
/* Room for `len` files, all NULL, that thread_hold_listed() fills; NULL in a process of one thread.
 */
struct sim_file **thread_hold_many(struct sim_kernel *kernel, size_t len);
void thread_hold_listed(struct sim_kernel *kernel, size_t at, struct sim_file *file);
void thread_let_go(struct sim_kernel *kernel);

int sys_thread_create(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread);
int sys_thread_join(void *self, uint64_t thread);
uint64_t sys_thread_self(void *self);

#endif
