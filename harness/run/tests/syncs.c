/* See syncs.h. */
#include "syncs.h"

#include <assert.h>
#include <string.h>

#include "judged.h"
#include "work.h"
#include "wouldblock/run.h"

enum { PROGRAMS_MAX = 32 };

static struct wbh_program programs[PROGRAMS_MAX];

static bool is_multi(int argc, char *const argv[]) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--flavour") == 0 && strcmp(argv[i + 1], "multi") == 0) {
            return true;
        }
    }
    return false;
}

/* argv[0] says which work. */
static int work_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    const struct wb_runtime_config config = {
        .flavour = is_multi(argc, argv) ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD,
        .low_workers = 2};
    struct wb_runtime *runtime;
    if (wb_runtime_new(sys, &config, &runtime) != WB_OK) {
        return 2;
    }
    bool is_right = false;
    for (size_t i = 0; i < work_count; i++) {
        if (strcmp(argv[0], work_all[i].name) == 0) {
            is_right = work_all[i].run(runtime);
        }
    }
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

void syncs_register(void) {
    static const char *const options[] = {"flavour", NULL};
    assert(work_count <= PROGRAMS_MAX);
    for (size_t i = 0; i < work_count; i++) {
        programs[i] = (struct wbh_program){
            .name = work_all[i].name, .main = work_main, .options = options, .must_succeed = 1};
    }
    wbh_program_register(programs, work_count);
}

bool syncs_are_well(const char *text, uint64_t seed) {
    const struct wbh_run_options options = {
        .flags = WBH_RUN_RECORD, .seed = &seed, .profile = seed % 2 == 0 ? "gentle" : "hostile"};
    judge_text(text, &options);
    return judged.verdict == WBH_VERDICT_OK && judged.stop == SIM_STOP_EXITED
           && judged.exit_status == 0;
}
