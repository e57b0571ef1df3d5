/* Fibers on ucontext: the C library knows each machine's registers, and a switch, a microsecond, is
 * made only where programs of a run take turns. Sanitizers are told of each switch, since they
 * keep books on stacks. */
#define _GNU_SOURCE
#include "kernel/fiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef WITH_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* Sixteen times what musl gives a thread; only pages that were touched cost memory. */
enum { STACK_SIZE = 2 * 1024 * 1024 };

struct fiber {
    ucontext_t own;
    ucontext_t host;
    uint8_t *memory; /* a guard page, then the stack */
    size_t guard_size;
    void (*fn)(void *arg);
    void *arg;
#ifdef WITH_ASAN
    void *own_fake_stack;
    void *host_fake_stack;
    const void *host_stack;
    size_t host_stack_size;
#endif
#ifdef WITH_TSAN
    void *tsan_own;
    void *tsan_host;
#endif
};

struct fiber *fiber_new(void) {
    struct fiber *fiber = calloc(1, sizeof(*fiber));
    long page_size = sysconf(_SC_PAGESIZE);
    if (fiber == NULL || page_size <= 0) {
        abort();
    }
    fiber->guard_size = (size_t)page_size;
    fiber->memory = mmap(NULL, fiber->guard_size + STACK_SIZE, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (fiber->memory == MAP_FAILED || mprotect(fiber->memory, fiber->guard_size, PROT_NONE) != 0) {
        abort();
    }
    return fiber;
}

void fiber_destroy(struct fiber *fiber) {
    if (fiber == NULL) {
        return;
    }
#ifdef WITH_TSAN
    if (fiber->tsan_own != NULL) {
        __tsan_destroy_fiber(fiber->tsan_own);
    }
#endif
    munmap(fiber->memory, fiber->guard_size + STACK_SIZE);
    free(fiber);
}

/* ---- what sanitizers must know ---- */

static void tell_start(struct fiber *fiber) {
    (void)fiber;
#ifdef WITH_ASAN
    /* Frames that were abandoned have left their red zones behind. */
    __asan_unpoison_memory_region(fiber->memory + fiber->guard_size, STACK_SIZE);
#endif
#ifdef WITH_TSAN
    if (fiber->tsan_own != NULL) {
        __tsan_destroy_fiber(fiber->tsan_own);
    }
    fiber->tsan_own = __tsan_create_fiber(0);
#endif
}

static void tell_entering(struct fiber *fiber) {
    (void)fiber;
#ifdef WITH_ASAN
    __sanitizer_start_switch_fiber(
        &fiber->host_fake_stack, fiber->memory + fiber->guard_size, STACK_SIZE);
#endif
#ifdef WITH_TSAN
    fiber->tsan_host = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(fiber->tsan_own, 0);
#endif
}

static void tell_entered(struct fiber *fiber, void *own_fake_stack) {
    (void)fiber;
    (void)own_fake_stack;
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(own_fake_stack, &fiber->host_stack, &fiber->host_stack_size);
#endif
}

static void tell_leaving(struct fiber *fiber, bool for_good) {
    (void)fiber;
    (void)for_good;
#ifdef WITH_ASAN
    fiber->own_fake_stack = NULL;
    __sanitizer_start_switch_fiber(
        for_good ? NULL : &fiber->own_fake_stack, fiber->host_stack, fiber->host_stack_size);
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(fiber->tsan_host, 0);
#endif
}

static void tell_left(struct fiber *fiber) {
    (void)fiber;
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(fiber->host_fake_stack, NULL, NULL);
#endif
}

/* ---- switching ---- */

/* makecontext passes ints only. */
static void begin(unsigned high, unsigned low) {
    struct fiber *fiber = (struct fiber *)(uintptr_t)((uint64_t)high << 32 | low);
    tell_entered(fiber, NULL);
    fiber->fn(fiber->arg);
    abort(); /* it must leave */
}

void fiber_start(struct fiber *fiber, void (*fn)(void *arg), void *arg) {
    uint64_t address = (uintptr_t)fiber;
    tell_start(fiber);
    fiber->fn = fn;
    fiber->arg = arg;
    if (getcontext(&fiber->own) != 0) {
        abort();
    }
    fiber->own.uc_stack.ss_sp = fiber->memory + fiber->guard_size;
    fiber->own.uc_stack.ss_size = STACK_SIZE;
    fiber->own.uc_link = NULL;
    makecontext(&fiber->own, (void (*)(void))begin, 2, (unsigned)(address >> 32),
        (unsigned)(address & UINT32_MAX));
}

void fiber_enter(struct fiber *fiber) {
    tell_entering(fiber);
    if (swapcontext(&fiber->host, &fiber->own) != 0) {
        abort();
    }
    tell_left(fiber);
}

void fiber_leave(struct fiber *fiber, bool for_good) {
    tell_leaving(fiber, for_good);
    if (swapcontext(&fiber->own, &fiber->host) != 0) {
        abort();
    }
#ifdef WITH_ASAN
    tell_entered(fiber, fiber->own_fake_stack);
#endif
}
