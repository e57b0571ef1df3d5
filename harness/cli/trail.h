/* The trail of a run that took its process with it: its events, sent to the parent one by one as
 * they happened. */
#ifndef WBH_CLI_TRAIL_H
#define WBH_CLI_TRAIL_H

#include "cli/pool.h"
#include "report/text.h"
#include "wouldblock/run.h"

struct cli_trail {
    struct wbh_trace trace; /* borrows the bytes */
    struct wbh_text bytes;  /* as they were sent */
};

/* Runs the job once more in a process of its own and keeps its trail, however it ends. Returns 0,
 * or -1 when there is none: no process, no memory, or a job that compares several runs. */
int cli_trail_follow(struct cli_trail *trail, const struct cli_job *job, unsigned seconds);
void cli_trail_clean_up(struct cli_trail *trail);

#endif
