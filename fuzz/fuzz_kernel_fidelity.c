/* Property: a sequence of socket, epoll and clock operations does the same on the simulated kernel
 * and on the one this runs on: results, errors, bytes, every event and its order, but for what the
 * table of allowances excuses. Code under test: harness/kernel, as a copy that guides the engine.
 *
 * Input: operations of five bytes, what and up to four arguments, each taken modulo what it chooses
 * from. The simulated side is deterministic; of the real one it is measured that it is. What an
 * input does not need in the other kernel's stead is left out alike on both (objection.h). With
 * WB_FUZZ_TEXT set, operations are printed before they run. */
#include "driver/fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fidelity/compare.h"
#include "fidelity/text.h"
#include "wb/sys_linux.h"

static struct {
    struct sim_kernel *kernel;
    struct fid_side simulated;
    struct fid_side real;
    struct fid_comparison comparison;
    bool shows_text;
} pair;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    int missing[FID_KIND_COUNT];
    (void)argc;
    (void)argv;
    pair.kernel = sim_kernel_new();
    int error = pair.kernel == NULL ? -1 : fid_side_init_real(&pair.real, wb_sys_linux());
    if (error != 0) {
        fprintf(stderr, "the real side: %s\n", error == -1 ? "no memory" : strerror(-error));
        exit(1);
    }
    fid_side_init_sim(&pair.simulated, pair.kernel, wb_sim_sys(pair.kernel));
    pair.comparison.simulated = &pair.simulated;
    pair.comparison.real = &pair.real;
    fid_comparison_limit(&pair.comparison, FID_KINDS_ALL, missing);
    pair.shows_text = getenv("WB_FUZZ_TEXT") != NULL;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fid_ops ops;
    uint32_t whole = FID_STEPS_MAX * FID_OP_BYTES;
    fid_ops_decode(&ops, data, size < whole ? (uint32_t)size : whole);
    if (pair.shows_text) {
        fputs("---- operations ----\n", stderr);
        fid_ops_print(&ops, stderr);
        fputs("---- end ----\n", stderr);
    }
    /* The engine opens descriptors when it likes, for its symbolizer. */
    if (fid_side_renumber(&pair.real) != 0) {
        return 0;
    }
    if (!fid_compare(&pair.comparison, &ops)) {
        fid_difference_print(&pair.comparison, &ops, stderr);
        abort();
    }
    return 0;
}
