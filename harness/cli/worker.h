/* The child's side of the pool, and what passes between the two: both are the same program, so
 * structures travel as they are. */
#ifndef WBH_CLI_WORKER_H
#define WBH_CLI_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "cli/pool.h"

/* An order: these jobs, in this order, one message each. */
struct cli_range {
    size_t first;
    size_t count;
};

enum { CLI_ORACLE_NAME_LEN = 32 };

/* A message: the head, then which explicit faults fired, then the finding, if there is one. */
struct cli_message_head {
    struct cli_outcome outcome; /* its finding is not set */
    uint32_t fired_len;         /* bytes; at most WBH_FAULTS_MAX */
    uint32_t has_finding;
};

struct cli_message_finding {
    char oracle[CLI_ORACLE_NAME_LEN];
    struct wbh_finding finding; /* its oracle is not set */
};

enum {
    CLI_MESSAGE_LEN_MAX =
        sizeof(struct cli_message_head) + WBH_FAULTS_MAX + sizeof(struct cli_message_finding),
};

static inline size_t cli_message_len(const struct cli_message_head *head) {
    return sizeof *head + head->fired_len
           + (head->has_finding ? sizeof(struct cli_message_finding) : 0);
}

/* Serves orders until they end. */
void cli_worker_serve(const struct cli_job *jobs, int orders, int results, unsigned seconds);

/* The oracle's own copy of its name, for as long as the process lives. "" if there is none of that
 * name. */
const char *cli_oracle_name(const char *name);

#endif
