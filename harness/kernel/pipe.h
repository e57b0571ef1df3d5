/* A pipe as splice sees it: a ring of slots, each one page of bytes. */
#ifndef KERNEL_PIPE_H
#define KERNEL_PIPE_H

#include "kernel/internal.h"

enum { PIPE_PAGE_LEN = 4096 };

struct pipe_slot {
    uint8_t *page; /* NULL: free */
    uint32_t offset;
    uint32_t len;
    bool is_packet;  /* read as one, and nothing is merged into it */
    bool is_spliced; /* nothing is merged into it: the page is somebody else's, on Linux */
};

struct pipe {
    struct sim_file *reader; /* NULL: closed */
    struct sim_file *writer; /* NULL: closed */
    struct pipe_slot *slots;
    uint32_t slot_count; /* a power of two */
    uint32_t tail;       /* counts on; the slot is the remainder */
    uint32_t used;
};

static inline bool pipe_is_full(const struct pipe *pipe) {
    return pipe->used == pipe->slot_count;
}

/* The reading end of a pipe that nobody writes to any more, with these bytes in it, as many as a
 * pipe has room for. Without a descriptor or a reference. */
struct sim_file *pipe_filled(struct sim_kernel *kernel, const uint8_t *bytes, size_t len);

/* NULL: the file is no end of a pipe. */
struct pipe *pipe_behind(const struct sim_file *file);

/* None of these wakes anybody. */

/* Up to `len` bytes of the first `slots_max` slots, which stay there: how many. */
size_t pipe_copy(const struct pipe *pipe, uint32_t slots_max, uint8_t *bytes, size_t len);
/* Takes so many bytes out, which are there: how many slots became free. */
uint32_t pipe_drop(struct sim_kernel *kernel, struct pipe *pipe, size_t len);
/* A slot of its own for these bytes, of which there must be one, and at most a page of bytes. */
void pipe_add(struct sim_kernel *kernel, struct pipe *pipe, const uint8_t *bytes, size_t len);
/* The first slot of `from` becomes the last one of `to`, which has one free: its length. */
size_t pipe_move_slot(struct pipe *from, struct pipe *to);
/* Up to `len` bytes of slot number n of `from` go to a slot of `to`: how many. */
size_t pipe_copy_slot(
    struct sim_kernel *kernel, const struct pipe *from, uint32_t n, struct pipe *to, size_t len);

#endif
