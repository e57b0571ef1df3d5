/* The mutations of records.h as AFL++ wants them: a library that it loads (its custom
 * mutators, 4.04). A third of what it makes are crossings of two inputs. Plain bytes are changed by
 * a few lines here, since the engine offers no function for that; it does its own havoc besides. */
#include <stdlib.h>
#include <string.h>

#include "mutator/records.h"

struct mutator {
    uint32_t seed;
    uint8_t *out;
    size_t capacity;
};

__attribute__((visibility("default"))) void *afl_custom_init(void *afl, unsigned int seed);
__attribute__((visibility("default"))) void afl_custom_deinit(void *data);
__attribute__((visibility("default"))) size_t afl_custom_fuzz(void *data, uint8_t *buf,
    size_t buf_size, uint8_t **out_buf, uint8_t *add_buf, size_t add_buf_size, size_t max_size);

void *afl_custom_init(void *afl, unsigned int seed) {
    (void)afl;
    struct mutator *mutator = calloc(1, sizeof(*mutator));
    if (mutator != NULL) {
        mutator->seed = seed;
    }
    return mutator;
}

void afl_custom_deinit(void *data) {
    struct mutator *mutator = data;
    free(mutator->out);
    free(mutator);
}

static uint32_t next(uint32_t *state) {
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state >> 8;
}

/* Flips a bit, sets a byte, or inserts one. Called by one thread, like all of a custom mutator. */
static size_t mutate_bytes(uint8_t *bytes, size_t len, size_t capacity) {
    static uint32_t state = 1;
    if (len == 0 || (next(&state) % 3 == 0 && len < capacity)) {
        size_t at = len == 0 ? 0 : next(&state) % (len + 1);
        memmove(bytes + at + 1, bytes + at, len - at);
        bytes[at] = (uint8_t)next(&state);
        return len + 1;
    }
    size_t at = next(&state) % len;
    bytes[at] = next(&state) % 2 == 0 ? (uint8_t)next(&state)
                                      : (uint8_t)(bytes[at] ^ (1u << next(&state) % 8));
    return len;
}

static int make_room(struct mutator *mutator, size_t capacity) {
    if (mutator->capacity < capacity) {
        uint8_t *larger = realloc(mutator->out, capacity);
        if (larger == NULL) {
            return -1;
        }
        mutator->out = larger;
        mutator->capacity = capacity;
    }
    return 0;
}

/* 0: nothing was made, the engine goes on without. */
size_t afl_custom_fuzz(void *data, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
    uint8_t *add_buf, size_t add_buf_size, size_t max_size) {
    enum { GROWTH = 4096 };
    struct mutator *mutator = data;
    size_t capacity = buf_size + GROWTH < max_size ? buf_size + GROWTH : max_size;
    *out_buf = buf;
    if (buf_size > capacity || make_room(mutator, capacity) != 0) {
        return 0;
    }
    unsigned seed = mutator->seed++;
    *out_buf = mutator->out;
    if (add_buf != NULL && seed % 3 == 0) {
        return records_cross(buf, buf_size, add_buf, add_buf_size, mutator->out, capacity, seed);
    }
    memcpy(mutator->out, buf, buf_size);
    return records_mutate(mutator->out, buf_size, capacity, seed, mutate_bytes);
}
