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
    SETTINGS_MAX = 32,
};

struct quarry {
    struct cli_input input;
    struct cli_input in_setting[SETTINGS_MAX]; /* the healthy twin's, each with its flavour */
    char path[PATH_LEN];
    size_t first_job;
    size_t job_count;
};

struct hunt {
    const struct planted_suite *suite;
    struct quarry *quarries; /* suite->count of them */
    struct cli_job *jobs;
    size_t job_count;
    struct planted_found *found;
    int is_healthy;
};

static int load_input(struct cli_input *input, const char *path) {
    return cli_input_load(input, path, CLI_FORM_TEXT) == 0 && cli_input_check(input, 0) == 0 ? 0
                                                                                             : -1;
}

void planted_file_name(const struct planted_case *of, char *out, size_t out_len) {
    (void)snprintf(out, out_len, "%s", of->name);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '-' ? '_' : *at;
    }
}

static int load(struct quarry *quarry, const struct planted_case *of, const char *folder) {
    char name[PATH_LEN / 2];
    planted_file_name(of, name, sizeof name);
    int len = snprintf(quarry->path, sizeof quarry->path, "%s/%s.scn", folder, name);
    if (len < 0 || (size_t)len >= sizeof quarry->path) {
        return -1;
    }
    return load_input(&quarry->input, quarry->path);
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

/* ---- what is to be run ---- */

static int must_bear(const struct hunt *hunt, size_t i, const struct planted_setting *setting) {
    return hunt->suite->must_bear == NULL || hunt->suite->must_bear(i, setting);
}

/* The healthy twin of each setting has a scenario of its own, for flavours are part of it. */
static int load_settings(struct hunt *hunt, size_t i) {
    for (size_t k = 0; k < hunt->suite->setting_count; k++) {
        const struct planted_setting *setting = &hunt->suite->settings[k];
        struct cli_input *input = &hunt->quarries[i].in_setting[k];
        if (!must_bear(hunt, i, setting)) {
            continue;
        }
        if (load_input(input, hunt->quarries[i].path) != 0) {
            return -1;
        }
        cure(input->scenario);
        input->scenario->host.flavour |= setting->flavour;
    }
    return 0;
}

/* A healthy twin is innocent of whatever a correct program must not notice, too. */
static void plan_hostility(struct hunt *hunt, size_t i) {
    for (size_t k = 0; k < hunt->suite->setting_count; k++) {
        const struct planted_setting *setting = &hunt->suite->settings[k];
        struct cli_job job = {.input = &hunt->quarries[i].in_setting[k],
            .trigger = setting->trigger,
            .profile = "none"};
        if (!must_bear(hunt, i, setting)) {
            continue;
        }
        add_job(hunt, &job);
        job.profile = "hostile";
        for (job.seed = 1; job.seed <= hunt->suite->hostile_seeds; job.seed++) {
            add_job(hunt, &job);
        }
    }
}

static void plan(struct hunt *hunt) {
    hunt->job_count = 0;
    for (size_t i = 0; i < hunt->suite->count; i++) {
        const struct planted_case *of = hunt->suite->nth(i);
        struct quarry *quarry = &hunt->quarries[i];
        quarry->first_job = hunt->job_count;
        uint32_t seeds = of->seeds == 0 ? 1 : of->seeds;
        for (uint32_t k = 0; k < seeds; k++) {
            add_job(hunt, &(struct cli_job){
                              .input = &quarry->input,
                              .trigger = of->compares_triggers ? "all" : NULL,
                              .seed = of->seeds == 0 ? quarry->input.scenario->seed : k + 1,
                          });
        }
        if (hunt->is_healthy) {
            plan_hostility(hunt, i);
        }
        quarry->job_count = hunt->job_count - quarry->first_job;
    }
}

/* ---- what came of it ---- */

static size_t case_of(const struct hunt *hunt, size_t job) {
    size_t i = 0;
    while (job >= hunt->quarries[i].first_job + hunt->quarries[i].job_count) {
        i++;
    }
    return i;
}

/* Outcomes come in any order: the lowest seed stays. 1: this one does. */
static int keep(
    struct wbh_finding **kept, uint64_t *kept_seed, struct wbh_finding *finding, uint64_t seed) {
    if (*kept != NULL && seed >= *kept_seed) {
        free(finding);
        return 0;
    }
    free(*kept);
    *kept = finding;
    *kept_seed = seed;
    return 1;
}

static void on_outcome(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    (void)fired;
    (void)fired_len;
    struct hunt *hunt = user_data;
    struct planted_found *found = &hunt->found[case_of(hunt, job)];
    const struct cli_job *of = &hunt->jobs[job];
    if (hunt->is_healthy && of->profile == NULL) {
        found->unfired += outcome->planned_unfired;
    }
    if (outcome->finding == NULL) {
        return;
    }
    if (!hunt->is_healthy) {
        (void)keep(&found->finding, &found->seed, outcome->finding, of->seed);
    } else if (keep(&found->blamed, &found->blamed_seed, outcome->finding, of->seed)) {
        found->blamed_setting =
            (struct planted_setting){of->trigger, of->input->scenario->host.flavour};
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
    size_t count = hunt->suite->count;
    for (size_t i = 0; i < count; i++) {
        if (load(&hunt->quarries[i], hunt->suite->nth(i), folder) != 0
            || load_settings(hunt, i) != 0) {
            return -1;
        }
        hunt->found[i].expected =
            wbh_verdict_name((enum wbh_verdict)hunt->quarries[i].input.scenario->verdict);
    }
    plan(hunt);
    if (go(hunt) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        cure(hunt->quarries[i].input.scenario);
    }
    hunt->is_healthy = 1;
    plan(hunt);
    return go(hunt);
}

static void clean_up(struct quarry *quarry) {
    cli_input_clean_up(&quarry->input);
    for (size_t k = 0; k < SETTINGS_MAX; k++) {
        cli_input_clean_up(&quarry->in_setting[k]);
    }
}

int planted_hunt(
    const struct planted_suite *suite, const char *folder, struct planted_found *out_found) {
    size_t jobs_max = 0;
    for (size_t i = 0; i < suite->count; i++) {
        jobs_max += suite->nth(i)->seeds + 1 + suite->setting_count * (suite->hostile_seeds + 1);
    }
    struct hunt hunt = {
        .suite = suite,
        .quarries = calloc(suite->count, sizeof *hunt.quarries),
        .jobs = calloc(jobs_max, sizeof *hunt.jobs),
        .found = out_found,
    };
    memset(out_found, 0, suite->count * sizeof *out_found);
    int result = -1;
    if (hunt.quarries != NULL && hunt.jobs != NULL && suite->setting_count <= SETTINGS_MAX) {
        result = hunt_all(&hunt, folder);
        for (size_t i = 0; i < suite->count; i++) {
            clean_up(&hunt.quarries[i]);
        }
    }
    free(hunt.quarries);
    free(hunt.jobs);
    return result;
}

void planted_found_clean_up(struct planted_found *found, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(found[i].finding);
        free(found[i].blamed);
    }
}
