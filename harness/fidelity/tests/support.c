/* Two simulated systems that are compared with each other. */
#include "fidelity/tests/support.h"

#include <string.h>

#include "fidelity/text.h"

void twins_init(struct twins *twins) {
    int missing[FID_KIND_COUNT];
    memset(twins, 0, sizeof(*twins));
    for (int i = 0; i < 2; i++) {
        twins->kernels[i] = sim_kernel_new();
        assert_non_null(twins->kernels[i]);
    }
    twins->sys = *wb_sim_sys(twins->kernels[1]);
    twins->ops = *twins->sys.ops;
    twins->sys.ops = &twins->ops;
    fid_side_init_sim(&twins->sides[0], twins->kernels[0], wb_sim_sys(twins->kernels[0]));
    fid_side_init_sim(&twins->sides[1], twins->kernels[1], &twins->sys);
    twins->comparison.simulated = &twins->sides[0];
    twins->comparison.real = &twins->sides[1];
    twins->comparison.tally = &twins->tally;
    fid_comparison_limit(&twins->comparison, FID_KINDS_ALL, missing);
}

void twins_clean_up(struct twins *twins) {
    for (int i = 0; i < 2; i++) {
        fid_side_clean_up(&twins->sides[i]);
        sim_kernel_destroy(twins->kernels[i]);
    }
}

void ops_of(struct fid_ops *out_ops, const char *text) {
    char error[160] = "";
    if (fid_ops_parse(out_ops, text, strlen(text), error, sizeof(error)) != 0) {
        fail_msg("%s", error);
    }
}

unsigned run_until_difference(
    struct twins *twins, uint64_t seed, unsigned sequences_max, struct fid_ops *out_ops) {
    for (unsigned i = 0; i < sequences_max; i++) {
        struct fid_generator generator;
        fid_generator_init(&generator, seed, i, 50, &twins->comparison.limits);
        if (!fid_compare_generated(&twins->comparison, fid_generator_next, &generator, out_ops)) {
            return i + 1;
        }
    }
    return 0;
}
