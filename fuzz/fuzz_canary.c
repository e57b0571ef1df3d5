/* The canary must die: if a campaign does not find its three bugs within seconds, or a sanitizer
 * build does not report them, the alarm is broken and no silence of another target means anything.
 * Code under test: none. Not part of any corpus.
 *
 *   "wb!a"  aborts: what a failed assertion looks like
 *   "wb!o"  reads behind a heap block: AddressSanitizer
 *   "wb!u"  overflows a signed addition: UndefinedBehaviorSanitizer */
#include "driver/fuzz_target.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static volatile int sink;

static void read_behind_block(const uint8_t *data, size_t size) {
    volatile size_t behind = size;
    uint8_t *copy = malloc(size);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, data, size);
    sink = copy[behind];
    free(copy);
}

static void overflow_sum(int step) {
    volatile int most = INT_MAX;
    sink = most + step;
}

/* Byte by byte, so that an engine is rewarded for each. */
static int is_magic(const uint8_t *data, size_t size) {
    if (size < 4 || data[0] != 'w') {
        return 0;
    }
    if (data[1] != 'b') {
        return 0;
    }
    return data[2] == '!';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!is_magic(data, size)) {
        return 0;
    }
    switch (data[3]) {
    case 'a':
        abort();
    case 'o':
        read_behind_block(data, size);
        break;
    case 'u':
        overflow_sum(data[3]);
        break;
    default:
        break;
    }
    return 0;
}
