/* The alarm rings: each rule of planted.h, broken alone in the simulated kernel, is found by random
 * sequences against the real kernel, and made short. Uses real sockets on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fidelity/generate.h"
#include "fidelity/shrink.h"
#include "kernel/planted.h"
#include "wb/sys_linux.h"

enum { SEQUENCES_MAX = 60000, SHORT_ENOUGH = 16 };

static const struct {
    const char *name;
    const char *what;
} planted[] = {
#define PLANTED_ROW(name, what) {#name, what},
    SIM_PLANTED_TABLE(PLANTED_ROW)
#undef PLANTED_ROW
};

/* Rules that sequences about everything meet once in thousands, and where they show: there they are
 * looked for, as `fidelity --kinds` does. */
static const struct {
    enum sim_planted rule;
    uint32_t kinds;
} at_home[] = {
#define WATCHED FID_KIND_BIT(FID_KIND_EPOLL)
#define MOVED (FID_KINDS_TCP | FID_KIND_BIT(FID_KIND_PIPE))
    {SIM_PLANTED_EXCLUSIVE_FIRST, WATCHED | FID_KIND_BIT(FID_KIND_PIPE)},
    {SIM_PLANTED_NOT_READY_COUNTS, WATCHED | FID_KIND_BIT(FID_KIND_EVENTFD)},
    {SIM_PLANTED_COUNTER_READ_SILENT, WATCHED | FID_KIND_BIT(FID_KIND_EVENTFD)},
    {SIM_PLANTED_ACCEPT_SKIPS_RESET, FID_KINDS_TCP | WATCHED},
    {SIM_PLANTED_APPEND_IGNORED, FID_KIND_BIT(FID_KIND_FILE)},
    {SIM_PLANTED_SPLICE_MERGES, MOVED},
    {SIM_PLANTED_URGENT_BYTE_SPLICED, MOVED | FID_KIND_BIT(FID_KIND_URGENT)},
#undef MOVED
#undef WATCHED
};

static uint32_t home_of(enum sim_planted rule) {
    for (size_t i = 0; i < sizeof at_home / sizeof at_home[0]; i++) {
        if (at_home[i].rule == rule) {
            return at_home[i].kinds;
        }
    }
    return FID_KINDS_ALL;
}

static struct {
    struct sim_kernel *kernel;
    struct fid_side simulated;
    struct fid_side real;
    struct fid_comparison comparison;
} pair;

static unsigned run_until_difference(unsigned sequences_max, struct fid_ops *out_ops) {
    for (unsigned i = 0; i < sequences_max; i++) {
        struct fid_generator generator;
        fid_generator_init(&generator, 1, i, 50, &pair.comparison.limits);
        if (!fid_compare_generated(&pair.comparison, fid_generator_next, &generator, out_ops)) {
            return i + 1;
        }
    }
    return 0;
}

/* Sequences are about these. */
static void limit_to(uint32_t kinds) {
    int missing[FID_KIND_COUNT];
    fid_comparison_limit(&pair.comparison, kinds, missing);
}

static void planted_rule_is_found(void **state) {
    const enum sim_planted *rule = *state;
    struct fid_ops ops;
    sim_planted = *rule;
    limit_to(home_of(*rule));
    unsigned found = run_until_difference(SEQUENCES_MAX, &ops);
    if (found == 0) {
        sim_planted = SIM_PLANTED_NONE;
        fail_msg("not found in %d sequences: %s", SEQUENCES_MAX, planted[*rule].what);
    }
    uint32_t length = ops.count;
    assert_true(fid_shrink(&pair.comparison, &ops) != 0);
    printf("           sequence %u, %u operations made into %u: %s\n", found, length, ops.count,
        planted[*rule].what);
    fid_difference_print(&pair.comparison, &ops, stdout);
    sim_planted = SIM_PLANTED_NONE;
    assert_true(ops.count <= SHORT_ENOUGH);
}

static void nothing_planted_nothing_found(void **state) {
    (void)state;
    struct fid_ops ops;
    sim_planted = SIM_PLANTED_NONE;
    limit_to(FID_KINDS_ALL);
    assert_int_equal(run_until_difference(1000, &ops), 0);
}

static int open_pair(void **state) {
    (void)state;
    pair.kernel = sim_kernel_new();
    if (pair.kernel == NULL || fid_side_init_real(&pair.real, wb_sys_linux()) != 0) {
        return -1;
    }
    fid_side_init_sim(&pair.simulated, pair.kernel, wb_sim_sys(pair.kernel));
    pair.comparison.simulated = &pair.simulated;
    pair.comparison.real = &pair.real;
    return 0;
}

static int close_pair(void **state) {
    (void)state;
    fid_side_clean_up(&pair.real);
    sim_kernel_destroy(pair.kernel);
    return 0;
}

int main(void) {
    enum { COUNT = SIM_PLANTED_COUNT };
    static enum sim_planted rules[COUNT];
    struct CMUnitTest tests[COUNT] = {
        {.name = "nothing_planted_nothing_found", .test_func = nothing_planted_nothing_found}};
    for (int i = 1; i < COUNT; i++) {
        rules[i] = (enum sim_planted)i;
        tests[i].name = planted[i].name;
        tests[i].test_func = planted_rule_is_found;
        tests[i].initial_state = &rules[i];
    }
    return _cmocka_run_group_tests("fidelity_planted", tests, COUNT, open_pair, close_pair);
}
