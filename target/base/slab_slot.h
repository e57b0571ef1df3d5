/* A slab's slots, for the files that make up the slab. */
#ifndef BASE_SLAB_SLOT_H
#define BASE_SLAB_SLOT_H

#include "wb/slab.h"

struct wb_slab_slot {
    uint32_t generation;
    uint32_t next; /* index of the next free slot, or one of the two below */
};

/* No index is this large: an index is at most a key, and keys end at WB_SLAB_KEY_END. */
#define WB__SLOT_OCCUPIED UINT32_MAX
#define WB__SLOT_LAST (UINT32_MAX - 1)

static inline void *wb__slab_element(const struct wb_slab *slab, size_t index) {
    return slab->elements + index * slab->element_size;
}

/* 0 is never a generation: a token of all zeroes is nobody's. */
static inline uint32_t wb__slab_generation_after(uint32_t generation) {
    return generation == UINT32_MAX ? 1 : generation + 1;
}

/* Frees an occupied slot: next generation, head of the free list, announced. */
void wb__slab_vacate(struct wb_slab *slab, size_t index);

/* Reallocates to exactly `capacity` slots, not fewer than are touched. Errors: WB_ERR_NO_MEMORY;
 * the slab is unchanged. */
enum wb_status wb__slab_set_capacity(struct wb_slab *slab, size_t capacity);

#endif
