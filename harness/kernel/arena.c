/* The bump allocator and its free lists. */
#include "kernel/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SIZE_MIN = 256 * 1024 /* one request's worth of everything fits */
};

static unsigned class_of(size_t size) {
    if (size <= ARENA_FINE_MAX) {
        return size == 0 ? 0 : (unsigned)((size - 1) / ARENA_ALIGNMENT);
    }
    unsigned shift = 64 - (unsigned)__builtin_clzll((unsigned long long)size - 1);
    unsigned index = ARENA_FINE_COUNT - 1 + shift - ARENA_FINE_MAX_SHIFT;
    assert(index < ARENA_CLASS_COUNT);
    return index;
}

static size_t class_size(unsigned index) {
    return index < ARENA_FINE_COUNT ? (size_t)(index + 1) * ARENA_ALIGNMENT
                                    : (size_t)ARENA_FINE_MAX << (index - (ARENA_FINE_COUNT - 1));
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

/* The next block of the arena that has room, or a new one; -1: the host has no memory. */
static int arena_find_room(struct arena *arena, size_t need) {
    while (arena->current == NULL || arena->current->size - arena->used < need) {
        if (arena->current != NULL && arena->current->next != NULL) {
            arena->current = arena->current->next;
            arena->used = sizeof(struct arena_block);
        } else if (arena_grow(arena, need) != 0) {
            return -1;
        }
    }
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
    bool fits = arena->current != NULL && arena->current->size - arena->used >= need;
    if (!fits && arena_find_room(arena, need) != 0) {
        return NULL;
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
