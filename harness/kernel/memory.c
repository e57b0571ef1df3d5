/* The program's memory: counted, limited, filled with patterns so that nobody can read what was
 * never written, and taken back whole at the end of a run. Under AddressSanitizer each block is one
 * of the host's, with red zones; otherwise it comes from the arena. */
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#define HIDE(block) ASAN_POISON_MEMORY_REGION(block, sizeof(struct memory_block))
#define SHOW(block) ASAN_UNPOISON_MEMORY_REGION(block, sizeof(struct memory_block))
#else
#define HIDE(block) ((void)(block))
#define SHOW(block) ((void)(block))
#endif

enum {
    FRESH_PATTERN = 0xa5,
    FREED_PATTERN = 0xdd,
    FREED_PATTERN_LEN_MAX = 256 /* enough to be noticed */
};

struct memory_block {
    struct list in_process;
    uint64_t serial;
    uint64_t size;
};
_Static_assert(sizeof(struct memory_block) % 16 == 0, "user memory must be aligned");

/* What a program leaves behind is the leak oracle's matter. LeakSanitizer does not look into
 * headers that are hidden, so to it all but the ends of the list would be lost. */
static void *host_alloc(struct sim_kernel *kernel, size_t size) {
#ifdef WITH_ASAN
    (void)kernel;
    __lsan_disable();
    void *block = malloc(size);
    __lsan_enable();
    return block;
#else
    return arena_alloc(&kernel->arena, size);
#endif
}

static void host_free(struct sim_kernel *kernel, void *ptr, size_t size) {
#ifdef WITH_ASAN
    (void)kernel;
    (void)size;
    free(ptr);
#else
    arena_free(&kernel->arena, ptr, size);
#endif
}

/* The list's neighbours are hidden, too. */
static void list_show(struct list *node) {
    SHOW(LIST_ENTRY(node->prev, struct memory_block, in_process));
    SHOW(LIST_ENTRY(node->next, struct memory_block, in_process));
}

static void list_hide(const struct sim_process *process, struct list *prev, struct list *next) {
    if (prev != &process->blocks) {
        HIDE(LIST_ENTRY(prev, struct memory_block, in_process));
    }
    if (next != &process->blocks) {
        HIDE(LIST_ENTRY(next, struct memory_block, in_process));
    }
}

static void block_link(struct sim_process *process, struct memory_block *block) {
    struct list *last = process->blocks.prev;
    if (last != &process->blocks) {
        SHOW(LIST_ENTRY(last, struct memory_block, in_process));
    }
    list_push_tail(&process->blocks, &block->in_process);
    list_hide(process, last, &process->blocks);
}

static void block_unlink(struct sim_process *process, struct memory_block *block) {
    struct list *prev = block->in_process.prev;
    struct list *next = block->in_process.next;
    if (prev != &process->blocks && next != &process->blocks) {
        list_show(&block->in_process);
    } else if (prev != &process->blocks) {
        SHOW(LIST_ENTRY(prev, struct memory_block, in_process));
    } else if (next != &process->blocks) {
        SHOW(LIST_ENTRY(next, struct memory_block, in_process));
    }
    list_remove(&block->in_process);
    list_hide(process, prev, next);
}

void memory_reset(struct sim_process *process) {
#ifdef WITH_ASAN
    struct list *node = process->blocks.next;
    while (node != &process->blocks) {
        struct memory_block *block = LIST_ENTRY(node, struct memory_block, in_process);
        SHOW(block);
        node = node->next;
        free(block);
    }
#endif
    list_init(&process->blocks);
}

uint64_t memory_block_of(struct sim_process *process, const void *object, uint64_t *out_offset) {
    struct list *node = process->blocks.next;
    while (node != &process->blocks) {
        struct memory_block *block = LIST_ENTRY(node, struct memory_block, in_process);
        SHOW(block);
        uint64_t offset = (uint64_t)((uintptr_t)object - (uintptr_t)(block + 1));
        uint64_t serial = offset < block->size ? block->serial : 0;
        node = node->next;
        HIDE(block);
        if (serial != 0) {
            *out_offset = offset;
            return serial;
        }
    }
    return 0;
}

static bool alloc_fault(struct sim_kernel *kernel, size_t size) {
    if (!choice_possible(kernel)) {
        return false;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_ALLOC,
        .subject = process_subject(kernel->current),
        .ordinal = ++kernel->current->ordinal[WBH_POINT_ALLOC],
        .failing = WBH_ACTION_BIT(WBH_ACTION_FAIL),
        .size = size,
    };
    if (choose(kernel, &point).action != WBH_ACTION_FAIL) {
        return false;
    }
    choice_consumed(kernel, point.point, WBH_ACTION_FAIL);
    return true;
}

static struct memory_block *block_new(struct sim_kernel *kernel, size_t size) {
    struct sim_process *process = kernel->current;
    struct sim_memory_info *memory = &process->memory;
    if (size > process->memory_max || memory->live_bytes + size > process->memory_max) {
        return NULL;
    }
    struct memory_block *block = host_alloc(kernel, sizeof(*block) + size);
    if (block == NULL) {
        return NULL;
    }
    block->serial = ++process->memory_serial;
    block->size = size;
    memset(block + 1, FRESH_PATTERN, size);
    block_link(process, block);
    memory->live_bytes += size;
    memory->live_blocks++;
    if (memory->live_bytes > memory->peak_bytes) {
        memory->peak_bytes = memory->live_bytes;
    }
    return block;
}

static void emit_memory(struct sim_kernel *kernel, enum sim_event_kind kind, int64_t result,
    uint64_t serial, uint64_t size) {
    struct sim_event event = event_begin(kernel, kind);
    event.call = kind == SIM_EVENT_CALL ? SIM_CALL_ALLOC : SIM_CALL_NONE;
    event.result = result;
    event.a = serial;
    event.b = size;
    if (kernel->config.hides_allocations && kind == SIM_EVENT_CALL && result == 0) {
        event_emit_hidden(kernel, &event);
    } else {
        event_emit(kernel, &event);
    }
}

void *sys_alloc(void *self, size_t size) {
    struct sim_kernel *kernel = self;
    struct memory_block *block = alloc_fault(kernel, size) ? NULL : block_new(kernel, size);
    emit_memory(
        kernel, SIM_EVENT_CALL, block != NULL ? 0 : -1, block != NULL ? block->serial : 0, size);
    if (block == NULL) {
        return NULL;
    }
    void *user = block + 1;
    HIDE(block);
    return user;
}

static struct memory_block *block_of(void *ptr, size_t size) {
    struct memory_block *block = (struct memory_block *)ptr - 1;
    SHOW(block);
    /* A size that is not the block's own is the program's error: the contract of free and resize.
     */
    assert(block->size == size);
    (void)size;
    return block;
}

void sys_free(void *self, void *ptr, size_t size) {
    struct sim_kernel *kernel = self;
    if (ptr == NULL) {
        return;
    }
    struct memory_block *block = block_of(ptr, size);
    struct sim_process *process = kernel->current;
    process->memory.live_bytes -= block->size;
    process->memory.live_blocks--;
    block_unlink(process, block);
    emit_memory(kernel, SIM_EVENT_FREE, 0, block->serial, block->size);
    memset(ptr, FREED_PATTERN, size < FREED_PATTERN_LEN_MAX ? size : FREED_PATTERN_LEN_MAX);
    block->size = UINT64_MAX; /* a second free of the same block does not match */
    host_free(kernel, block, sizeof(*block) + size);
}

void *sys_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    if (ptr == NULL) {
        return sys_alloc(self, new_size);
    }
    void *moved = sys_alloc(self, new_size);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
    sys_free(self, ptr, old_size);
    return moved;
}

void sim_memory(
    const struct sim_kernel *kernel, unsigned number, struct sim_memory_info *out_info) {
    const struct sim_process *process = process_get(kernel, number);
    *out_info = process->memory;
    out_info->first_live_serial = 0;
    out_info->first_live_bytes = 0;
    if (process->blocks.next != &process->blocks) {
        struct memory_block *block =
            LIST_ENTRY(process->blocks.next, struct memory_block, in_process);
        SHOW(block);
        out_info->first_live_serial = block->serial;
        out_info->first_live_bytes = block->size;
        HIDE(block);
    }
}
