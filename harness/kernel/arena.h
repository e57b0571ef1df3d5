/* Memory of one run: bump allocation from blocks that are kept from run to run, and free lists by
 * size. Nothing is returned to the host before the arena is destroyed; a reset makes all of it
 * available again in constant time. */
#ifndef KERNEL_ARENA_H
#define KERNEL_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* Classes of sizes: multiples of 16 bytes up to ARENA_FINE_MAX, powers of two beyond, to 2 GiB. */
enum {
    ARENA_ALIGNMENT = 16,
    ARENA_FINE_MAX = 1024,
    ARENA_FINE_COUNT = ARENA_FINE_MAX / ARENA_ALIGNMENT,
    ARENA_FINE_MAX_SHIFT = 10,
    ARENA_CLASS_COUNT = ARENA_FINE_COUNT + 31 - ARENA_FINE_MAX_SHIFT,
};

struct arena_block {
    struct arena_block *next;
    size_t size;
};

struct arena {
    struct arena_block *first;
    struct arena_block *current;
    size_t used;  /* of current */
    size_t taken; /* bytes handed out since the reset, those given back included */
    void *free_lists[ARENA_CLASS_COUNT];
};

void arena_init(struct arena *arena);
void arena_clean_up(struct arena *arena);
void arena_reset(struct arena *arena);

/* `size` bytes aligned to 16, not initialised; NULL if the host has none. */
void *arena_alloc(struct arena *arena, size_t size);

/* Gives a block of arena_alloc(size) back for the next allocation of its class. */
void arena_free(struct arena *arena, void *ptr, size_t size);

#endif
