/* Property: in whatever order threads take their turns, wait, are woken, wake for nothing or are
 * refused, small programs on the runtime come to their end, lose no wake, no value and no life, and
 * leave nothing behind. All oracles judge (hang, spin, leak, misuse and the rest), and each program
 * looks at its own accounts (schedules/). Code under test: target/runtime and target/runtime/sync
 * on the simulated kernel, whose threads are fibers.
 *
 * Input: HEAD bytes for the program and its options, then fields, one for each kind of decision,
 * each of entries that name the moment by thread and number: so to change one leaves all others
 * alone. What is found is printed as a scenario. One input in sixteen is run twice: the same must
 * happen again. */
#include "driver/fuzz_target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedules/plays.h"
#include "wouldblock/run.h"

enum {
    HEAD = 4,
    THREADS = 8, /* that an entry can name */
    SWITCHES = 20,
    ROUSES = 4,
    PARKS = 4,
    REFUSALS = 2, /* of threads, and of memory */
    FAULTS = SWITCHES + ROUSES + PARKS + 2 * REFUSALS,
    OPTIONS = 4,
};

/* Tells libFuzzer which decisions were seen. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t
    seen_counters[WBH_POINT_COUNT * WBH_ACTION_COUNT];

static const struct {
    const char *name;
    play_fn fn;
} plays[] = {
    {"messages", play_messages},
    {"answers", play_answers},
    {"permits", play_permits},
    {"news", play_news},
    {"wakes", play_wakes},
    {"arrivals", play_arrivals},
    {"aborts", play_aborts},
    {"jobs", play_jobs},
};

enum { PLAYS = sizeof(plays) / sizeof(plays[0]), PROGRAMS };

/* A run of several programs lets each wait for its own timers; that of one is over when nothing
 * comes from outside. */
static int bystander_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)sys;
    (void)argc;
    (void)argv;
    return 0;
}

static struct {
    struct wbh_runner *runner;
    struct wbh_scenario *scenario;
    struct wbh_program programs[PROGRAMS];
    struct wbh_cast bystander;
    struct wbh_option options[OPTIONS];
    struct wbh_decision faults[FAULTS];
    uint32_t fault_lines[FAULTS];
    uint32_t fault_count;
    struct wbh_result result;
} here;

/* ---- the programs ---- */

static uint32_t number_of(int argc, char *const argv[], const char *name) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return (uint32_t)atoi(argv[i + 1]);
        }
    }
    return 0;
}

static int play_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct play play = {
        .sys = sys,
        .tasks = number_of(argc, argv, "--tasks"),
        .rounds = number_of(argc, argv, "--rounds"),
        .room = number_of(argc, argv, "--room"),
    };
    const uint32_t workers = number_of(argc, argv, "--workers");
    const struct wb_runtime_config config = {
        .flavour = workers == 0 ? WB_RUNTIME_CURRENT_THREAD : WB_RUNTIME_MULTI_THREAD,
        .low_workers = workers,
        .events_capacity = 4,
        .blocking_threads_max = 2,
    };
    if (wb_runtime_new(sys, &config, &play.runtime) != WB_OK) {
        return 2;
    }
    int status = 2;
    for (int i = 0; i < PLAYS; i++) {
        if (strcmp(argv[0], plays[i].name) == 0) {
            status = plays[i].fn(&play);
        }
    }
    wb_runtime_destroy(play.runtime);
    return status == 1 && play.was_refused ? 2 : status;
}

static void set_up(void) {
    static const char *const options[] = {"tasks", "rounds", "room", "workers", NULL};
    for (int i = 0; i < PLAYS; i++) {
        here.programs[i] = (struct wbh_program){
            .name = plays[i].name, .main = play_main, .options = options, .must_succeed = 1};
    }
    here.programs[PLAYS] = (struct wbh_program){.name = "bystander", .main = bystander_main};
    here.bystander = (struct wbh_cast){.program = "bystander", .label = "bystander"};
    wbh_program_register(here.programs, PROGRAMS);
    here.runner = wbh_runner_new();
    here.scenario = wbh_scenario_new();
    if (here.runner == NULL || here.scenario == NULL) {
        abort();
    }
}

/* ---- the input as a scenario ---- */

static void add_fault(enum wbh_point point, enum wbh_action action, uint32_t thread,
    uint32_t ordinal, uint64_t value) {
    const uint32_t subject = wbh_point_is_per_thread(point) && thread != 0
                                 ? WBH_SUBJECT_THREAD(0, thread)
                                 : WBH_SUBJECT_NONE;
    for (uint32_t i = 0; i < here.fault_count; i++) {
        const struct wbh_decision *other = &here.faults[i];
        if (other->point == point && other->subject == subject && other->ordinal == ordinal) {
            return; /* one decision a moment */
        }
    }
    here.faults[here.fault_count++] = (struct wbh_decision){.subject = subject,
        .ordinal = ordinal,
        .point = (uint8_t)point,
        .action = (uint8_t)action,
        .value = value};
}

/* Entries of two bytes: which moment (0: none), and of which thread, with what. */
static const uint8_t *add_field(const uint8_t *at, const uint8_t *end, unsigned count,
    enum wbh_point point, enum wbh_action action) {
    for (unsigned i = 0; i < count && end - at >= 2; i++, at += 2) {
        if (at[0] != 0) {
            add_fault(point, action, at[1] % THREADS, at[0],
                action == WBH_ACTION_ORDER ? 1 + at[1] / THREADS % 3u : 0);
        }
    }
    return at;
}

static uint64_t refusal_of_thread(void) {
    return (uint64_t)wbh_errno_nth((unsigned)__builtin_ctz(wbh_point_errnos(WBH_POINT_THREAD)));
}

static void add_refusals(const uint8_t *at, const uint8_t *end) {
    for (unsigned i = 0; i < REFUSALS && end - at >= 2; i++, at += 2) {
        if (at[0] != 0) {
            add_fault(WBH_POINT_THREAD, WBH_ACTION_ERROR, 0, at[0], refusal_of_thread());
        }
        if (at[1] != 0) {
            add_fault(WBH_POINT_ALLOC, WBH_ACTION_FAIL, 0, at[1], 0);
        }
    }
}

static void set_option(uint32_t at, const char *name, uint32_t value) {
    static const char *const digits[] = {"0", "1", "2", "3"};
    here.options[at] = (struct wbh_option){name, digits[value]};
}

static void decode(const uint8_t *data, size_t size) {
    const uint8_t *end = data + size;
    const uint8_t *at = data + HEAD;
    struct wbh_scenario *scenario = here.scenario;
    scenario->title = "a schedule";
    scenario->program = plays[data[0] % PLAYS].name;
    scenario->label = scenario->program;
    set_option(0, "tasks", 1 + data[1] % PLAY_TASKS_MAX);
    set_option(1, "rounds", 1 + data[2] % PLAY_ROUNDS_MAX);
    set_option(2, "room", data[2] / 16u % (PLAY_ROOM_MAX + 1));
    set_option(3, "workers", data[3] % 3);
    here.fault_count = 0;
    at = add_field(at, end, SWITCHES, WBH_POINT_SWITCH, WBH_ACTION_ORDER);
    at = add_field(at, end, ROUSES, WBH_POINT_ROUSE, WBH_ACTION_ORDER);
    at = add_field(at, end, PARKS, WBH_POINT_PARK, WBH_ACTION_WAKE);
    add_refusals(at, end);
    scenario->options = here.options;
    scenario->option_count = OPTIONS;
    scenario->others = &here.bystander;
    scenario->other_count = 1;
    scenario->faults = here.faults;
    scenario->fault_lines = here.fault_lines;
    scenario->fault_count = here.fault_count;
    scenario->profile = "none"; /* of what is not listed */
}

/* ---- running it ---- */

static void die(void) {
    size_t len = 0;
    char *text = wbh_scenario_print(here.scenario, &len);
    fprintf(stderr, "verdict  %s, %s, exit status %d\n",
        wbh_verdict_name((enum wbh_verdict)here.result.verdict),
        here.result.exit_status < 0 ? "waits for ever" : "ended", here.result.exit_status);
    for (uint32_t i = 0; i < here.result.finding_count; i++) {
        fprintf(stderr, "  %s\n%s    (oracle %s)\n", here.result.findings[i].text,
            here.result.findings[i].why, here.result.findings[i].oracle);
    }
    if (text != NULL) {
        fprintf(stderr, "---- scenario ----\n%.*s---- end ----\n", (int)len, text);
    }
    abort();
}

static void run(void) {
    static const struct wbh_run_options options = {.flags = WBH_RUN_NO_DIVERGENCE};
    char error[256];
    memset(&here.result, 0, sizeof(here.result));
    if (wbh_run(here.runner, here.scenario, &options, &here.result, error, sizeof(error)) != 0) {
        fprintf(stderr, "not runnable: %s\n", error);
        die();
    }
    /* Who waits for ever is killed when nothing can happen any more, and has no exit status; and
     * what is wrong is wrong, whatever was refused. */
    if (here.result.verdict != WBH_VERDICT_OK || here.result.stop != SIM_STOP_EXITED
        || (here.result.exit_status != 0 && here.result.exit_status != 2)) {
        die();
    }
}

static void count_seen(void) {
    for (unsigned point = 0; point < WBH_POINT_COUNT && here.result.faults.any; point++) {
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            const uint64_t n = here.result.faults.consumed[point][action];
            seen_counters[point * WBH_ACTION_COUNT + action] =
                n < UINT8_MAX ? (uint8_t)n : UINT8_MAX;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (here.runner == NULL) {
        set_up();
    }
    if (size < HEAD) {
        return 0;
    }
    decode(data, size);
    run();
    count_seen();
    if (size % 16 == 15) {
        const uint64_t hash = here.result.hash;
        run();
        if (here.result.hash != hash) {
            fprintf(stderr, "not deterministic\n");
            die();
        }
    }
    return 0;
}
