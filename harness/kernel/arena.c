/* The bump allocator and its free lists. */
#include "kernel/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLASS_SHIFT_MIN = 4,        /* the smallest block: 16 bytes, the alignment */
    BLOCK_SIZE_MIN = 256 * 1024 /* one request's worth of everything fits */
};

static unsigned class_of(size_t size) {
    if (size <= (size_t)1 << CLASS_SHIFT_MIN) {
        return 0;
    }
    unsigned shift = 64 - (unsigned)__builtin_clzll((unsigned long long)size - 1);
    assert(shift - CLASS_SHIFT_MIN < ARENA_CLASS_COUNT);
    return shift - CLASS_SHIFT_MIN;
}

static size_t class_size(unsigned class_index) {
    return (size_t)1 << (class_index + CLASS_SHIFT_MIN);
}

void arena_init(struct arena *arena) {
    memset(arena, 0, sizeof(*arena));
}

void arena_clean_up(struct arena *arena) {
    struct arena_block *block = arena->first;
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    memset(arena, 0, sizeof(*arena));
}

void arena_reset(struct arena *arena) {
    arena->current = arena->first;
    arena->used = sizeof(struct arena_block);
    arena->taken = 0;
    memset(arena->free_lists, 0, sizeof(arena->free_lists));
}

/* The header counts as used, rounded to the alignment. */
_Static_assert(sizeof(struct arena_block) % 16 == 0, "blocks must begin aligned");

static int arena_grow(struct arena *arena, size_t need) {
    size_t size = BLOCK_SIZE_MIN;
    while (size < need + sizeof(struct arena_block)) {
        size *= 2;
    }
    struct arena_block *block = malloc(size);
    if (block == NULL) {
        return -1;
    }
    block->size = size;
    if (arena->current != NULL) {
        block->next = arena->current->next;
        arena->current->next = block;
    } else {
        block->next = NULL;
        arena->first = block;
    }
    arena->current = block;
    arena->used = sizeof(struct arena_block);
    return 0;
}

void *arena_alloc(struct arena *arena, size_t size) {
    unsigned class_index = class_of(size);
    void *ptr = arena->free_lists[class_index];
    if (ptr != NULL) {
        memcpy(&arena->free_lists[class_index], ptr, sizeof(void *));
        return ptr;
    }
    size_t need = class_size(class_index);
    while (arena->current == NULL || arena->current->size - arena->used < need) {
        if (arena->current != NULL && arena->current->next != NULL) {
            arena->current = arena->current->next;
            arena->used = sizeof(struct arena_block);
            continue;
        }
        if (arena_grow(arena, need) != 0) {
            return NULL;
        }
    }
    ptr = (char *)arena->current + arena->used;
    arena->used += need;
    arena->taken += need;
    return ptr;
}

void arena_free(struct arena *arena, void *ptr, size_t size) {
    unsigned class_index = class_of(size);
    memcpy(ptr, &arena->free_lists[class_index], sizeof(void *));
    arena->free_lists[class_index] = ptr;
}
