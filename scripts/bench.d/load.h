/* The load of an echo server: connections that each send a line of 64 bytes, wait for it to come
 * back and send the next. Aborts the program when the server does not do its part. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdint.h>

struct load {
    int epoll;
    int *fds;
    int count;
};

/* Connects `count` times to 127.0.0.1. */
void load_open(struct load *load, uint16_t port, int count);
void load_close(struct load *load);

/* Lines go round until `until_ns` (as bench_now_ns) or `trips_max` have been sent, then the last of
 * them come home. Returns the round trips. */
uint64_t load_run(const struct load *load, uint64_t until_ns, uint64_t trips_max);

#endif
