/* A system of which only memory works, and always does. */
#include "http1/memory.h"

#include <stdlib.h>

static void *allocate(void *self, size_t size) {
    (void)self;
    return malloc(size != 0 ? size : 1);
}

static void *resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    (void)self;
    (void)old_size;
    return realloc(ptr, new_size != 0 ? new_size : 1);
}

static void release(void *self, void *ptr, size_t size) {
    (void)self;
    (void)size;
    free(ptr);
}

const struct wb_sys *memory_alone(void) {
    static const struct wb_sys_ops ops = {.alloc = allocate, .resize = resize, .free = release};
    static const struct wb_sys sys = {.ops = &ops};
    return &sys;
}
