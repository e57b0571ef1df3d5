/* The counted allocation behind shared and growable bytes. */
#ifndef BASE_BYTES_BLOCK_H
#define BASE_BYTES_BLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/sys.h"

/* Its bytes follow it in the same allocation, or are memory it adopted: which of the two cannot be
 * told from the address, as adopted memory may happen to follow it as well. */
struct wb_bytes_block {
    const struct wb_sys *sys;
    atomic_size_t references;
    uint8_t *data;
    size_t size;
    bool is_adopted;
};

/* No object is larger; so sizes can be added and doubled without overflow. */
#define WB__BYTES_SIZE_MAX (SIZE_MAX / 2 - sizeof(struct wb_bytes_block))

/* One reference to `size` fresh bytes, or NULL. */
struct wb_bytes_block *wb__block_new(const struct wb_sys *sys, size_t size);

/* One reference to memory of the caller's, or NULL. */
struct wb_bytes_block *wb__block_adopt(const struct wb_sys *sys, void *data, size_t size);

/* Of a block with one reference; it may move. NULL: it is as it was. */
struct wb_bytes_block *wb__block_resize(struct wb_bytes_block *block, size_t size);

/* NULL is allowed in the three below; it is not unique. */
void wb__block_acquire(struct wb_bytes_block *block);
void wb__block_release(struct wb_bytes_block *block);
bool wb__block_is_unique(const struct wb_bytes_block *block);

#endif
