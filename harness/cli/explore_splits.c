/* `explore --splits`: a scenario with what its peers send cut at each place, on several processes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explore.h"

/* Jobs in their order: the run that is not cut, then one a cut. */
struct splits {
    struct cli_exploration *exploration;
    struct wbh_cut *cuts;
    struct cli_job *jobs;
    struct cli_outcome *outcomes;
    size_t job_count;
    size_t done_count;
};

static void on_outcome(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    struct splits *splits = user_data;
    (void)fired;
    (void)fired_len;
    splits->outcomes[job] = *outcome;
    splits->done_count++;
    if (splits->exploration->on_progress != NULL) {
        splits->exploration->on_progress(splits->exploration->user_data, splits->done_count);
    }
}

static int plan(struct splits *splits) {
    struct cli_exploration *exploration = splits->exploration;
    const struct wbh_scenario *scenario = exploration->job.input->scenario;
    size_t cut_count = wbh_cuts(scenario, NULL, 0);
    size_t wanted = cut_count + 1;
    splits->job_count = wanted < exploration->runs_max ? wanted : (size_t)exploration->runs_max;
    exploration->is_complete = splits->job_count == wanted;
    splits->cuts = calloc(cut_count, sizeof *splits->cuts);
    splits->jobs = calloc(splits->job_count, sizeof *splits->jobs);
    splits->outcomes = calloc(splits->job_count, sizeof *splits->outcomes);
    if (splits->cuts == NULL || splits->jobs == NULL || splits->outcomes == NULL) {
        return cli_error("explore: no memory for %zu runs", splits->job_count);
    }
    (void)wbh_cuts(scenario, splits->cuts, cut_count);
    for (size_t i = 0; i < splits->job_count; i++) {
        splits->jobs[i] = exploration->job;
        splits->jobs[i].profile = "none";
        splits->jobs[i].cut = i == 0 ? NULL : &splits->cuts[i - 1];
    }
    return CLI_OK;
}

/* What is told is the first run that failed, in the order of the jobs, however many ran at once. */
static void find_failure(struct splits *splits) {
    struct cli_exploration *exploration = splits->exploration;
    const uint8_t expected = exploration->job.input->scenario->verdict;
    exploration->runs = splits->job_count;
    for (size_t i = 0; i < splits->job_count; i++) {
        struct cli_outcome *outcome = &splits->outcomes[i];
        if (outcome->is_unrunnable) {
            const char *why = outcome->finding != NULL ? outcome->finding->text : "";
            strncpy(exploration->error, why, sizeof exploration->error - 1);
            return;
        }
        if (outcome->verdict != expected) {
            exploration->is_found = true;
            exploration->is_complete = false;
            exploration->runs = i + 1;
            exploration->outcome = *outcome;
            exploration->job.profile = splits->jobs[i].profile;
            if (splits->jobs[i].cut != NULL) {
                exploration->cut = *splits->jobs[i].cut;
                exploration->job.cut = &exploration->cut;
            }
            outcome->finding = NULL; /* handed over */
            return;
        }
    }
}

static void clean_up(struct splits *splits) {
    for (size_t i = 0; splits->outcomes != NULL && i < splits->job_count; i++) {
        free(splits->outcomes[i].finding);
    }
    free(splits->outcomes);
    free(splits->jobs);
    free(splits->cuts);
}

int cli_explore_splits(struct cli_exploration *exploration) {
    struct splits splits = {.exploration = exploration};
    int status = plan(&splits);
    if (status == CLI_OK) {
        const struct cli_pool_options options = {.workers = exploration->workers,
            .seconds = exploration->seconds,
            .on_outcome = on_outcome,
            .user_data = &splits};
        status = cli_pool_run(splits.jobs, splits.job_count, &options) == 0 ? CLI_OK : CLI_USAGE;
    }
    if (status == CLI_OK) {
        find_failure(&splits);
    }
    clean_up(&splits);
    return status;
}
