/* Clocks and entropy. */
#include "sys/linux/ops.h"

#include <assert.h>
#include <sys/random.h>

uint64_t wb__linux_clock_gettime(void *self, int clock) {
    (void)self;
    struct timespec now;
    int result = clock_gettime(clock, &now);
    assert(result == 0 && "WB_CLOCK_REALTIME and WB_CLOCK_MONOTONIC always exist");
    (void)result;
    return (uint64_t)now.tv_sec * WB__NS_PER_S + (uint64_t)now.tv_nsec;
}

int64_t wb__linux_deadline(int64_t timeout_ns) {
    int64_t now = (int64_t)wb__linux_clock_gettime(NULL, WB_CLOCK_MONOTONIC);
    return timeout_ns > INT64_MAX - now ? INT64_MAX : now + timeout_ns;
}

/* Requests of more than 256 bytes may be cut short, also by a signal: the rest is asked for again,
 * since half a key is of no use to anybody. */
int wb__linux_getrandom(void *self, void *buf, size_t len) {
    (void)self;
    uint8_t *next = buf;
    while (len > 0) {
        ssize_t got = getrandom(next, len, 0);
        if (got == -1 && errno == EINTR) {
            continue;
        }
        if (got == -1) {
            return -errno;
        }
        next += got;
        len -= (size_t)got;
    }
    return 0;
}
