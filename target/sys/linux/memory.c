/* Memory: the C library's. A size of 0 is made 1, so that NULL only ever means that there is none.
 */
#include "sys/linux/ops.h"

#include <stdlib.h>

static size_t at_least_one(size_t size) {
    return size == 0 ? 1 : size;
}

void *wb__linux_alloc(void *self, size_t size) {
    (void)self;
    return malloc(at_least_one(size));
}

void *wb__linux_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    (void)self;
    (void)old_size;
    return realloc(ptr, at_least_one(new_size));
}

void wb__linux_free(void *self, void *ptr, size_t size) {
    (void)self;
    (void)size;
    free(ptr);
}
