/* Running a case with a recorder, here and there. */
#include "semantics/trial.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "semantics/recorder.h"
#include "sys/linux/contract/host.h"
#include "wb/sys_linux.h"
#include "wouldblock/choice.h"
#include "wouldblock/kernel.h"

void wbh_outcome_clean_up(struct wbh_outcome *outcome) {
    wbh_transcript_clean_up(&outcome->transcript);
    *outcome = (struct wbh_outcome){.kind = WBH_OUTCOME_SKIPPED};
}

/* "reading_cases.c:12: ...", wherever the sources lie. */
static void describe_failure(
    const struct wb_contract_failure *failure, struct wbh_outcome *out_outcome) {
    const char *slash = strrchr(failure->file, '/');
    (void)snprintf(out_outcome->failure, sizeof out_outcome->failure, "%s:%d: %s",
        slash != NULL ? slash + 1 : failure->file, failure->line, failure->text);
}

/* Runs the case with the fixture as it stands. Returns 0 or -1. */
static int run_recorded(struct wb_contract_fixture *fixture, const struct wb_contract_case *one,
    struct wbh_outcome *out_outcome) {
    static const enum wbh_outcome_kind kinds[] = {[WB_CONTRACT_PASSED] = WBH_OUTCOME_PASSED,
        [WB_CONTRACT_FAILED] = WBH_OUTCOME_FAILED,
        [WB_CONTRACT_SKIPPED] = WBH_OUTCOME_SKIPPED};
    struct wbh_recorder *recorder = malloc(sizeof *recorder);
    if (recorder == NULL) {
        return -1;
    }
    wbh_recorder_attach(recorder, fixture, one, &out_outcome->transcript);
    out_outcome->kind = kinds[wb_contract_run(fixture, one)];
    if (out_outcome->kind == WBH_OUTCOME_FAILED) {
        describe_failure(&fixture->failure, out_outcome);
    }
    free(recorder);
    return out_outcome->transcript.failed ? -1 : 0;
}

/* ---- the simulated kernel ---- */

/* Interrupts waits that sleep while it is told to. */
struct interrupter {
    struct wbh_choice_source base;
    int is_on;
};

static struct wbh_choice interrupt_waits(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    const struct interrupter *interrupter = (const struct interrupter *)self;
    struct wbh_choice choice = {.action = WBH_ACTION_PASS};
    if (interrupter->is_on && (point->kernel & WBH_ACTION_BIT(WBH_ACTION_INTERRUPT)) != 0) {
        choice.action = WBH_ACTION_INTERRUPT;
    }
    return choice;
}

static const struct wbh_choice_source_ops interrupter_ops = {.choose = interrupt_waits};

struct job {
    struct sim_kernel *kernel;
    struct interrupter interrupter;
    struct wb_contract_fixture fixture;
    const struct wb_contract_case *one;
    struct wbh_outcome *outcome;
    int result;
};

static void raise_signal(void *user_data, int signo) {
    struct job *job = user_data;
    sim_signal(job->kernel, 0, signo);
}

static void interrupt(void *user_data, int is_on) {
    struct job *job = user_data;
    job->interrupter.is_on = is_on;
}

static int run_job(void *arg) {
    struct job *job = arg;
    job->result = run_recorded(&job->fixture, job->one, job->outcome);
    return 0;
}

const char *wbh_trial_simulated_limits(void) {
    return "it needs addresses that are not mapped";
}

int wbh_trial_simulated(
    const struct wb_contract_case *one, int family, struct wbh_outcome *out_outcome) {
    struct job job = {.kernel = sim_kernel_new(),
        .interrupter = {.base = {.ops = &interrupter_ops}},
        .one = one,
        .outcome = out_outcome};
    *out_outcome = (struct wbh_outcome){.kind = WBH_OUTCOME_SKIPPED};
    if (job.kernel == NULL) {
        return -1;
    }
    struct sim_config config = {.legality_max = WBH_LEGALITY_KERNEL};
    if ((one->flags & WB_CONTRACT_NEEDS_INTERRUPTION) != 0) {
        config.source = &job.interrupter.base;
    }
    sim_kernel_reset(job.kernel, &config);
    job.fixture = (struct wb_contract_fixture){.sys = wb_sim_sys(job.kernel),
        .family = family,
        .skip = WB_CONTRACT_NEEDS_BAD_POINTERS,
        .raise_signal = raise_signal,
        .interrupt = interrupt,
        .user_data = &job};
    int exit_status = -1;
    enum sim_stop stop = sim_kernel_run(job.kernel, run_job, &job, &exit_status);
    if (stop != SIM_STOP_EXITED) {
        out_outcome->kind = WBH_OUTCOME_DIED;
        (void)snprintf(out_outcome->failure, sizeof out_outcome->failure,
            "the run ended under the case: %s", wbh_report_stop_text(stop));
    }
    sim_kernel_destroy(job.kernel);
    return job.result;
}

/* ---- this machine's ---- */

int wbh_trial_real(const struct wb_sys *sys, const struct wb_contract_case *one, int family,
    struct wbh_outcome *out_outcome) {
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(family);
    *out_outcome = (struct wbh_outcome){.kind = WBH_OUTCOME_SKIPPED};
    if (wb_contract_linux_limit_descriptors() != 0) {
        return -1;
    }
    if (sys != NULL) {
        fixture.sys = sys;
    }
    int result = run_recorded(&fixture, one, out_outcome);
    wb_contract_linux_clean_up(); /* the process may end without running what exit() runs */
    return result;
}

int wbh_trial_has_family(int family) {
    const struct wb_sys *sys = wb_sys_linux();
    struct wb_sockaddr in = {.in = {.family = WB_AF_INET, .addr = {127, 0, 0, 1}}};
    struct wb_sockaddr in6 = {.in6 = {.family = WB_AF_INET6, .addr = {[15] = 1}}};
    const struct wb_sockaddr *addr = family == WB_AF_INET6 ? &in6 : &in;
    uint32_t len = family == WB_AF_INET6 ? sizeof in6.in6 : sizeof in.in;
    int fd = WB_SYS(sys, socket, family, WB_SOCK_STREAM, 0);
    if (fd < 0) {
        return 0;
    }
    int result = WB_SYS(sys, bind, fd, addr, len);
    (void)WB_SYS(sys, close, fd);
    return result == 0;
}

/* ---- packing ---- */

struct packed_head {
    uint32_t kind;
    char failure[sizeof((struct wbh_outcome *)0)->failure];
};

void wbh_outcome_pack(const struct wbh_outcome *outcome, struct wbh_text *out) {
    struct packed_head head = {.kind = (uint32_t)outcome->kind};
    memcpy(head.failure, outcome->failure, sizeof head.failure);
    wbh_text_append(out, (const char *)&head, sizeof head);
    wbh_transcript_pack(&outcome->transcript, out);
}

int wbh_outcome_unpack(struct wbh_outcome *outcome, const char *bytes, size_t len) {
    struct packed_head head;
    *outcome = (struct wbh_outcome){.kind = WBH_OUTCOME_DIED};
    if (len < sizeof head) {
        return -1;
    }
    memcpy(&head, bytes, sizeof head);
    outcome->kind = (enum wbh_outcome_kind)head.kind;
    memcpy(outcome->failure, head.failure, sizeof outcome->failure);
    size_t used =
        wbh_transcript_unpack(&outcome->transcript, bytes + sizeof head, len - sizeof head);
    int is_whole = used != 0 && used == len - sizeof head;
    return is_whole && !outcome->transcript.failed ? 0 : -1;
}
