/* What the parts of the verb `fidelity` share: options, the workers' shared memory, differences. */
#ifndef WBH_CLI_FIDELITY_H
#define WBH_CLI_FIDELITY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "fidelity/compare.h"

enum { CLI_FIDELITY_DIFFERENCES_MAX = 20, CLI_FIDELITY_STEPS_MAX = 160 };

struct cli_fidelity_options {
    uint64_t seconds;   /* 0: not bounded by time */
    uint64_t sequences; /* 0: not bounded by number */
    uint64_t first;     /* number of the first sequence */
    uint64_t steps;
    uint64_t seed;
    unsigned workers;
    uint32_t kinds; /* wanted, FID_KIND_BIT */
    const char *kind_list;
    const char *save; /* NULL: nothing is saved */
    int as_json;
    int coverage;
    int shows_progress; /* on a terminal */
    /* Sequences given as files; then nothing is generated. */
    const struct fid_ops *files;
    char **paths;
    size_t file_count;
};

/* One worker's page, shared with the parent: where it is, and what it has seen. A worker that dies
 * leaves here what it died of. */
struct cli_fidelity_page {
    uint64_t index; /* of the sequence that runs, or of the file */
    struct fid_ops ops;
    struct fid_tally tally;
    int missing[FID_KIND_COUNT]; /* as fid_comparison_limit() */
    struct fid_limits limits;
    _Atomic uint32_t stop; /* written by the parent */
};

/* A difference, in words. Ownership: the texts are free()d by whoever holds it. */
struct cli_fidelity_difference {
    uint64_t index;     /* of the sequence */
    uint64_t signature; /* 0: the worker died */
    uint32_t length;    /* operations before it was shrunk */
    int repeats;
    struct fid_ops ops;
    char *story;
    char *simulated;
    char *real;
    char *path; /* where it was saved; NULL: nowhere */
};

struct cli_fidelity {
    const struct cli_fidelity_options *options;
    struct cli_fidelity_page *pages; /* one a worker */
    struct fid_tally tally;          /* the sum, in the end */
    struct cli_fidelity_difference differences[CLI_FIDELITY_DIFFERENCES_MAX];
    size_t difference_count;
    uint64_t repeated_count; /* differences that were like one above */
    uint64_t start_ns;
    uint64_t end_ns;
};

/* fidelity_work.c: the workers and whoever waits for them. Returns CLI_OK, or CLI_USAGE after a
 * message. */
int cli_fidelity_work(struct cli_fidelity *fidelity);
/* fidelity_tell.c */
void cli_fidelity_progress(const struct cli_fidelity *fidelity);
int cli_fidelity_tell(const struct cli_fidelity *fidelity);
int cli_fidelity_tell_json(const struct cli_fidelity *fidelity);

#endif
