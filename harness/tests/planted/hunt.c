/* See hunt.h. The work is done by the command's own pool: a bug that kills its process is a result
 * there like any other. */
#include "hunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/input.h"
#include "cli/pool.h"

enum {
    PATH_LEN = 512,
    BUG_SECONDS = 3, /* without a call, and a program loops: of what has a bug */
    HEALTHY_SECONDS = 60,
    HOSTILE_SEEDS = 10, /* over each scenario of a healthy twin, besides its own conditions */
};

struct quarry {
    struct cli_input input;
    char path[PATH_LEN];
    size_t first_job;
    size_t job_count;
};

struct hunt {
    struct quarry *quarries; /* planted_case_count of them */
    struct cli_job *jobs;
    size_t job_count;
    struct planted_found *found;
    int is_healthy;
};

static int load(struct quarry *quarry, const struct planted_case *of, const char *folder) {
    int len = snprintf(quarry->path, sizeof quarry->path, "%s/%s.scn", folder, of->name);
    if (len < 0 || (size_t)len >= sizeof quarry->path) {
        return -1;
    }
    for (char *at = quarry->path + strlen(folder); *at != '\0'; at++) {
        *at = *at == '-' ? '_' : *at;
    }
    return cli_input_load(&quarry->input, quarry->path, CLI_FORM_TEXT) == 0
                   && cli_input_check(&quarry->input, 0) == 0
               ? 0
               : -1;
}

/* The scenario's twin without the bug, which must come out well. */
static void cure(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        if (strcmp(scenario->options[i].name, "bug") != 0) {
            scenario->options[kept++] = scenario->options[i];
        }
    }
    scenario->option_count = kept;
    scenario->verdict = WBH_VERDICT_OK;
}

static void add_job(struct hunt *hunt, const struct cli_job *job) {
    hunt->jobs[hunt->job_count++] = *job;
}

/* A healthy twin is innocent of whatever a correct program must not notice, too. */
static void plan_hostility(struct hunt *hunt, struct quarry *quarry) {
    for (uint32_t seed = 1; seed <= HOSTILE_SEEDS; seed++) {
        add_job(
            hunt, &(struct cli_job){.input = &quarry->input, .profile = "hostile", .seed = seed});
    }
    quarry->job_count += HOSTILE_SEEDS;
}

static void plan(struct hunt *hunt) {
    hunt->job_count = 0;
    for (size_t i = 0; i < planted_case_count; i++) {
        const struct planted_case *of = &planted_cases[i];
        struct quarry *quarry = &hunt->quarries[i];
        quarry->first_job = hunt->job_count;
        quarry->job_count = of->seeds == 0 ? 1 : of->seeds;
        for (uint32_t k = 0; k < quarry->job_count; k++) {
            add_job(hunt, &(struct cli_job){
                              .input = &quarry->input,
                              .trigger = of->compares_triggers ? "all" : NULL,
                              .seed = of->seeds == 0 ? quarry->input.scenario->seed : k + 1,
                          });
        }
        if (hunt->is_healthy) {
            plan_hostility(hunt, quarry);
        }
    }
}

static size_t case_of(const struct hunt *hunt, size_t job) {
    size_t i = 0;
    while (job >= hunt->quarries[i].first_job + hunt->quarries[i].job_count) {
        i++;
    }
    return i;
}

/* Outcomes come in any order: the lowest seed stays. */
static void keep(
    struct wbh_finding **kept, uint64_t *kept_seed, struct wbh_finding *finding, uint64_t seed) {
    if (*kept == NULL || seed < *kept_seed) {
        free(*kept);
        *kept = finding;
        *kept_seed = seed;
    } else {
        free(finding);
    }
}

static void on_outcome(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    (void)fired;
    (void)fired_len;
    struct hunt *hunt = user_data;
    struct planted_found *found = &hunt->found[case_of(hunt, job)];
    uint64_t seed = hunt->jobs[job].seed;
    if (hunt->is_healthy && hunt->jobs[job].profile == NULL) {
        found->unfired += outcome->planned_unfired;
    }
    if (outcome->finding == NULL) {
        return;
    }
    if (hunt->is_healthy) {
        keep(&found->blamed, &found->blamed_seed, outcome->finding, seed);
    } else {
        keep(&found->finding, &found->seed, outcome->finding, seed);
    }
}

static int go(struct hunt *hunt) {
    const struct cli_pool_options options = {
        .workers = cli_processor_count(),
        .seconds = hunt->is_healthy ? HEALTHY_SECONDS : BUG_SECONDS,
        .on_outcome = on_outcome,
        .user_data = hunt,
    };
    return cli_pool_run(hunt->jobs, hunt->job_count, &options);
}

static int hunt_all(struct hunt *hunt, const char *folder) {
    for (size_t i = 0; i < planted_case_count; i++) {
        if (load(&hunt->quarries[i], &planted_cases[i], folder) != 0) {
            return -1;
        }
        hunt->found[i].expected =
            wbh_verdict_name((enum wbh_verdict)hunt->quarries[i].input.scenario->verdict);
    }
    plan(hunt);
    if (go(hunt) != 0) {
        return -1;
    }
    for (size_t i = 0; i < planted_case_count; i++) {
        cure(hunt->quarries[i].input.scenario);
    }
    hunt->is_healthy = 1;
    plan(hunt);
    return go(hunt);
}

int planted_hunt(const char *folder, struct planted_found *out_found) {
    size_t jobs_max = 0;
    for (size_t i = 0; i < planted_case_count; i++) {
        jobs_max += planted_cases[i].seeds + 1 + HOSTILE_SEEDS;
    }
    struct hunt hunt = {
        .quarries = calloc(planted_case_count, sizeof *hunt.quarries),
        .jobs = calloc(jobs_max, sizeof *hunt.jobs),
        .found = out_found,
    };
    memset(out_found, 0, planted_case_count * sizeof *out_found);
    int result = -1;
    if (hunt.quarries != NULL && hunt.jobs != NULL) {
        result = hunt_all(&hunt, folder);
        for (size_t i = 0; i < planted_case_count; i++) {
            cli_input_clean_up(&hunt.quarries[i].input);
        }
    }
    free(hunt.quarries);
    free(hunt.jobs);
    return result;
}

void planted_found_clean_up(struct planted_found *found) {
    for (size_t i = 0; i < planted_case_count; i++) {
        free(found[i].finding);
        free(found[i].blamed);
    }
}
