/* What programs that measure several servers in turn have in common. */
#define _GNU_SOURCE
#include "referee.h"

#include <assert.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void referee_pin_to(size_t processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)sched_setaffinity(0, sizeof set, &set); /* where there is but one, so be it */
}

size_t referee_raise_descriptor_limit(void) {
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

static size_t common_divisor(size_t a, size_t b) {
    return b == 0 ? a : common_divisor(b, a % b);
}

size_t referee_turn(size_t count, size_t round, size_t i) {
    if (count == 1) {
        return 0;
    }
    size_t stride = round % (count - 1) + 1;
    while (common_divisor(stride, count) != 1) {
        stride = stride % (count - 1) + 1;
    }
    return (i * stride + round) % count;
}

/* Whether the process sleeps: the word behind its name, which is in parentheses. */
static bool is_asleep(const char *pid) {
    char path[64];
    char text[256];
    (void)snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    const char *line = file != NULL ? fgets(text, sizeof text, file) : NULL;
    assert(line != NULL);
    (void)fclose(file);
    const char *name_end = strrchr(line, ')');
    return name_end != NULL && name_end[2] == 'S';
}

void referee_await_sleep(const char *pid) {
    const struct timespec moment = {.tv_nsec = 20000};
    while (!is_asleep(pid)) {
        (void)nanosleep(&moment, NULL);
    }
}
