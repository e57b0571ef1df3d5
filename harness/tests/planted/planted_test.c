/* The proof that the harness finds bugs: see proof.h.
 *
 *   planted_test FOLDER            FOLDER holds README.md and scenarios/
 *   planted_test --table FOLDER    prints the README's table as it is measured now
 *
 * Conformance: T0-02 to T0-18, T1-01 to T1-17, T2-01 to T2-10, T3-01 to T3-16, T4-01 to T4-05, but
 * for those that README.md says are elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proof.h"

static const struct planted_case *nth(size_t i) {
    return &planted_cases[i];
}

static void every_oracle_rings(void **state) {
    (void)state;
    for (size_t n = 0; wbh_oracle_nth(n) != NULL; n++) {
        size_t i = 0;
        while (i < planted_case_count
               && strcmp(planted_cases[i].oracle, wbh_oracle_nth(n)->name) != 0) {
            i++;
        }
        if (i == planted_case_count) {
            fail_msg("nothing is planted for the oracle %s", wbh_oracle_nth(n)->name);
        }
    }
}

static void print_table(struct wbh_text *out, const struct planted_found *found) {
    wbh_text_add(out, "| bug | class | what it is | verdict | scenario | seeds it took |\n");
    wbh_text_add(out, "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < planted_case_count; i++) {
        const struct planted_case *of = &planted_cases[i];
        char file[64];
        char seeds[32] = "not found";
        planted_file_name(of, file, sizeof file);
        if (found[i].finding != NULL) {
            (void)snprintf(seeds, sizeof seeds, "%llu of %u",
                of->seeds == 0 ? 1 : (unsigned long long)found[i].seed,
                of->seeds == 0 ? 1 : of->seeds);
        }
        wbh_text_format(out, "| `%s` | %s | %s | %s by %s | [%s.scn](scenarios/%s.scn) | %s |\n",
            of->name, of->classes, of->what, of->verdict, of->oracle, file, file, seeds);
    }
}

int main(int argc, char *argv[]) {
    static const struct planted_setting as_it_says = {NULL, 0};
    const struct planted_suite suite = {
        .name = "planted",
        .nth = nth,
        .count = planted_case_count,
        .first = PLANTED_NONE + 1,
        .past = PLANTED_LOOPS_FIRST,
        .settings = &as_it_says,
        .setting_count = 1,
        .hostile_seeds = 10,
    };
    const struct planted_proof proof = {.suite = &suite,
        .check_name = "every_oracle_rings",
        .check = every_oracle_rings,
        .print_table = print_table};
    return planted_proof_main(&proof, argc, argv);
}
