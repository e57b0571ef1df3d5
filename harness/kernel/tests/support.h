/* What the kernel's tests share: a kernel with a program inside, a connected pair, a scripted
 * source of choices. */
#ifndef KERNEL_TESTS_SUPPORT_H
#define KERNEL_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wouldblock/kernel.h"

/* Answers one kind of moment with one action; everything else passes. */
struct one_choice {
    struct wbh_choice_source base;
    uint8_t point;
    uint32_t ordinal; /* 0: each time */
    struct wbh_choice answer;
    uint32_t asked;
    uint32_t offered_kernel; /* of the moment that was answered */
    uint32_t offered_contract;
    uint32_t offered_failing;
};
void one_choice_init(struct one_choice *source, uint8_t point, uint32_t ordinal,
    enum wbh_action action, uint64_t value);

/* A connected pair of non-blocking descriptors of the program, and an epoll instance. */
struct pair {
    const struct wb_sys *sys;
    struct wb_sockaddr addr; /* of the listener */
    int listener;
    int client;
    int server;
    int epfd;
};
void pair_open(struct pair *pair, struct sim_kernel *kernel);
/* Only the listener and the instance; and another connection to it, begun. */
void pair_listen(struct pair *pair, struct sim_kernel *kernel);
int pair_connect(const struct pair *pair);

/* One wait; the bits reported for descriptor `fd`, 0 if none. */
uint32_t wait_bits(const struct pair *pair, int fd, int64_t timeout_ns);
void watch(const struct pair *pair, int op, int fd, uint32_t events);

#endif
