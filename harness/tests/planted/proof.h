/* The proof as a test: each case of a suite is found with the right verdict by the right oracle, in
 * words that lead to it, and the same program without its bug is found innocent. */
#ifndef PLANTED_PROOF_H
#define PLANTED_PROOF_H

#include "hunt.h"
#include "report/text.h"

struct planted_proof {
    const struct planted_suite *suite;
    /* A case of the test besides those of the suite, as cmocka has them; NULL: none. */
    const char *check_name;
    void (*check)(void **state);
    /* The table of the folder's README.md. */
    void (*print_table)(struct wbh_text *out, const struct planted_found *found);
};

/* main of `TEST [--table] FOLDER`: FOLDER holds README.md and scenarios/; with --table the table is
 * printed as it is measured now, and nothing is tested. */
int planted_proof_main(const struct planted_proof *proof, int argc, char *argv[]);

#endif
