/* Sends events through a pipe and makes a trace of them again. Both ends are the same program, so
 * structures travel as they are; pointers in them are set anew. */
#include "cli/trail.h"

#include <stdlib.h>
#include <string.h>

#include "cli/child.h"

/* An event, then its decision if it has one, then its bytes. */
struct footprint {
    struct sim_event event;
    uint32_t has_decision;
};

static size_t footprint_len(const struct footprint *footprint) {
    return sizeof *footprint + (footprint->has_decision ? sizeof(struct wbh_decision) : 0)
           + footprint->event.data_len;
}

static void send_event(void *user_data, const struct sim_event *event) {
    const int *results = user_data;
    struct footprint footprint;
    memset(&footprint, 0, sizeof footprint);
    footprint.event = *event;
    footprint.has_decision = event->decision != NULL;
    (void)cli_write_all(*results, &footprint, sizeof footprint);
    if (event->decision != NULL) {
        (void)cli_write_all(*results, event->decision, sizeof *event->decision);
    }
    (void)cli_write_all(*results, event->data, event->data_len);
}

struct following {
    const struct cli_job *job;
    unsigned seconds;
};

static void follow_body(void *argument, int orders, int results) {
    (void)orders;
    const struct following *following = argument;
    struct wbh_runner *runner = wbh_runner_new();
    struct wbh_result *result = calloc(1, sizeof *result);
    char error[256];
    if (runner != NULL && result != NULL) {
        cli_child_watch(runner, following->seconds);
        (void)cli_job_run_watched(
            runner, following->job, send_event, &results, result, error, sizeof error);
    }
}

/* Counts the whole footprints (the last one may be cut off), and fills the trace unless it is NULL.
 */
static size_t walk(const struct wbh_text *bytes, struct wbh_trace *trace) {
    size_t count = 0;
    size_t unfit_count = 0;
    struct footprint footprint;
    for (size_t at = 0; bytes->len - at >= sizeof footprint; count++) {
        memcpy(&footprint, bytes->bytes + at, sizeof footprint);
        if (bytes->len - at < footprint_len(&footprint)) {
            break;
        }
        size_t rest = at + sizeof footprint;
        if (trace != NULL) {
            struct sim_event *event = &trace->events[count];
            *event = footprint.event;
            event->decision = NULL;
            if (footprint.has_decision) {
                /* What was not taken is kept behind the list of what was. */
                struct wbh_decision *decision =
                    event->kind == SIM_EVENT_FAULT
                        ? &trace->decisions[trace->decision_count++]
                        : &trace->decisions[trace->event_count - ++unfit_count];
                memcpy(decision, bytes->bytes + rest, sizeof *decision);
                event->decision = decision;
                rest += sizeof *decision;
            }
            event->data = event->data_len != 0 ? bytes->bytes + rest : NULL;
        }
        at += footprint_len(&footprint);
    }
    return count;
}

int cli_trail_follow(struct cli_trail *trail, const struct cli_job *job, unsigned seconds) {
    *trail = (struct cli_trail){0};
    if (cli_job_compares(job)) {
        return -1;
    }
    struct wbh_finding finding;
    struct following following = {.job = job, .seconds = seconds};
    if (cli_isolate(follow_body, &following, seconds, &trail->bytes, &finding)
            == CLI_ISOLATED_UNABLE
        || trail->bytes.failed) {
        return -1;
    }
    size_t count = walk(&trail->bytes, NULL);
    trail->trace.events = calloc(count + 1, sizeof *trail->trace.events);
    trail->trace.decisions = calloc(count + 1, sizeof *trail->trace.decisions);
    if (trail->trace.events == NULL || trail->trace.decisions == NULL) {
        return -1;
    }
    trail->trace.event_count = count;
    (void)walk(&trail->bytes, &trail->trace);
    return 0;
}

void cli_trail_clean_up(struct cli_trail *trail) {
    free(trail->trace.events);
    free(trail->trace.decisions);
    wbh_text_clean_up(&trail->bytes);
    *trail = (struct cli_trail){0};
}
