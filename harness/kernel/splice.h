/* One call that moves bytes from one descriptor to another, and the ways it can go. */
#ifndef KERNEL_SPLICE_H
#define KERNEL_SPLICE_H

#include "kernel/pipe.h"

/* One call. */
struct move {
    struct sim_kernel *kernel;
    struct sim_thread *thread; /* whose call it is */
    enum sim_call call;
    int in_fd;
    int out_fd;
    struct sim_file *in;  /* NULL: not open */
    struct sim_file *out; /* NULL: not open */
    uint64_t wanted;
    bool nonblocking;               /* as far as pipes go: sockets have their own mode */
    bool more;                      /* a socket is told that more will come */
    uint64_t *in_position;          /* of files that have places */
    uint64_t *out_position;         /* of files that have places */
    uint64_t own_position;          /* where a file is written to that is sent to itself */
    size_t moved_len;               /* bytes in thread.moved that have arrived */
    const struct sim_file *refused; /* who would block, or is broken; NULL: nobody */
    bool in_is_bad;                 /* the descriptor: nobody may read from it ... */
    bool out_is_bad;                /* ... or write to it */
    bool raises_sigpipe;
    bool is_good; /* the arguments were */
};

/* Each says how many bytes were moved, or -errno, and sleeps where an end that blocks would. */

int64_t move_into_pipe(struct move *move, struct pipe *pipe);
int64_t move_out_of_pipe(struct move *move, struct pipe *pipe);
/* splice and, by move->call, tee. */
int64_t move_between_pipes(struct move *move, struct pipe *from, struct pipe *to);
/* sendfile to what is no pipe. */
int64_t move_file(struct move *move);

#endif
