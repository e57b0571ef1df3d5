/* Playing: the world of a scenario is built, its programs run, what is to happen at a time of its
 * own happens. */
#include "run/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((unsigned)SIM_PROCESSES_MAX >= WBH_PROGRAMS_MAX, "each program has a process");
_Static_assert((unsigned)SIM_THREADS_MAX == WBH_THREADS_MAX, "any thread of it may be named");
_Static_assert((unsigned)SIM_HOSTS_MAX > WBH_HOSTS_MAX, "and one host has no name");
_Static_assert((unsigned)SIM_ADDRESSES_MAX >= WBH_ADDRESSES_MAX, "of each host");
_Static_assert((unsigned)SIM_LINKS_MAX >= WBH_LINKS_MAX, "each link is one");
_Static_assert((unsigned)SIM_LINKS_MAX >= WBH_MOMENTS_MAX, "each cut has its moment");
_Static_assert(WBH_END_PEER(0) == SIM_END_SITE(0), "ends are the same numbers here and there");
_Static_assert(WBH_END_ANY == SIM_END_ANY, "and so is everybody else");

struct sim_config wbh_runner_host(const struct wbh_scenario *scenario) {
    const struct wbh_host *host = &scenario->host;
    return (struct sim_config){
        .fd_limit = host->fd_limit,
        .send_buffer_size = host->send_buffer_size,
        .recv_buffer_size = host->recv_buffer_size,
        .memory_max = host->memory_max,
        .calls_max = host->calls_max,
        .time_max_ns = host->time_max_ns,
        .flavour = host->flavour,
        .spares_points = true,
    };
}

void wbh_runner_begin_judging(struct wbh_runner *runner, struct wbh_role *role) {
    const struct wbh_scenario *scenario = runner->stage.scenario;
    const struct wbh_program *program = &role->program;
    const struct wbh_cast cast = wbh_scenario_program(scenario, role->number);
    bool is_alone = runner->role_count == 1;
    struct wbh_judge_config config = {
        .kernel = runner->kernel,
        .process = role->number,
        .label = is_alone ? NULL : cast.label,
        .scenario = scenario,
        .conservation = program->conservation,
        .independent = is_alone && program->independent != 0 && !wbh_connections_compete(scenario),
        .serves = program->port != 0 && program->ends_by_itself == 0,
        .speaks_http = program->speaks_http != 0,
        .must_succeed = program->must_succeed != 0,
        .registers_on_a_guess = program->registers_on_a_guess != 0,
        .budget_is_arbitrary = runner->stage.tolerant,
        .memory_base = program->memory_base,
        .memory_per_connection = program->memory_per_connection,
        .findings = &runner->findings,
    };
    wbh_judge_begin(&role->judge, &config);
}

/* ---- the world ---- */

static void add_host(struct wbh_runner *runner, const struct wbh_named_host *host) {
    struct wb_sockaddr addresses[WBH_ADDRESSES_MAX] = {0};
    for (uint32_t i = 0; i < host->address_count; i++) {
        const struct wbh_address *address = &host->addresses[i];
        addresses[i].family = address->family;
        if (address->family == WB_AF_INET6) {
            memcpy(addresses[i].in6.addr, address->ip, sizeof(addresses[i].in6.addr));
        } else {
            memcpy(addresses[i].in.addr, address->ip, sizeof(addresses[i].in.addr));
        }
    }
    int number = sim_host_add(runner->kernel, host->name, addresses, host->address_count);
    assert(number > 0); /* the scenario keeps to the same rules */
    (void)number;
}

static void crash(struct wbh_runner *runner, uint32_t program) {
    struct wbh_role *role = &runner->roles[program];
    role->is_doomed = sim_process_is_alive(runner->kernel, program);
    sim_process_kill(runner->kernel, program);
}

static void prepare_to_begin_again(struct wbh_runner *runner, uint32_t program) {
    struct wbh_stage *stage = runner->playing;
    stage->draining = false;
    if (stage->panel != NULL) {
        stage->panel->is_out[program] = false;
        wbh_judge_begin_again(&runner->roles[program].judge);
    }
}

static void restart(struct wbh_runner *runner, uint32_t program) {
    if (!sim_process_is_alive(runner->kernel, program)) {
        prepare_to_begin_again(runner, program);
    }
    sim_process_start(runner->kernel, program);
}

static void play_moment(void *user_data) {
    const struct wbh_cue *cue = user_data;
    const struct wbh_moment *moment = cue->moment;
    struct wbh_runner *runner = cue->runner;
    switch ((enum wbh_moment_kind)moment->kind) {
    case WBH_MOMENT_CRASH:
        crash(runner, moment->a);
        break;
    case WBH_MOMENT_RESTART:
        restart(runner, moment->a);
        break;
    case WBH_MOMENT_PARTITION:
        (void)sim_link_cut(runner->kernel, moment->a, moment->b);
        break;
    case WBH_MOMENT_HEAL:
        sim_link_heal(runner->kernel, moment->a, moment->b);
        break;
    case WBH_MOMENT_KIND_COUNT:
        assert(0 && "a kind of moment");
        break;
    }
    runner->playing->progress_ns = sim_kernel_now(runner->kernel);
}

static void put_file(struct sim_kernel *kernel, const struct wbh_scenario *scenario,
    const struct wbh_placed_file *file) {
    char path[WBH_PATH_MAX + 1];
    size_t len = (size_t)file->data_len * file->repeat;
    uint8_t *bytes = NULL;
    size_t capacity = 0;
    bytes = wbh_grow(bytes, &capacity, len + 1, 1);
    for (uint32_t i = 0; i < file->repeat && file->data_len != 0; i++) {
        memcpy(
            bytes + (size_t)i * file->data_len, scenario->data + file->data_offset, file->data_len);
    }
    memcpy(path, scenario->data + file->path_offset, file->path_len);
    path[file->path_len] = '\0';
    int result = sim_file_put(kernel, file->host, path, bytes, len);
    assert(result == 0); /* the scenario keeps to the same rules */
    (void)result;
    free(bytes);
}

void wbh_runner_build_world(struct wbh_runner *runner, const struct wbh_scenario *scenario) {
    struct sim_kernel *kernel = runner->kernel;
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        add_host(runner, &scenario->hosts[i]);
    }
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        if (!scenario->files[i].is_expected) {
            put_file(kernel, scenario, &scenario->files[i]);
        }
    }
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        const struct wbh_link *link = &scenario->links[i];
        const struct sim_link properties = {
            .latency_ns = link->latency_ns,
            .jitter_ns = link->jitter_ns,
            .bytes_per_second = link->bandwidth,
            .loss_percent = link->loss,
        };
        (void)sim_link_add(kernel, link->a, link->b, &properties);
    }
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        runner->cues[i] = (struct wbh_cue){runner, &scenario->moments[i]};
        uint64_t at_ns = sim_kernel_now(kernel) + scenario->moments[i].at_ns;
        sim_schedule(kernel, at_ns, play_moment, &runner->cues[i]);
    }
}

/* ---- one program ---- */

static int run_role(void *arg) {
    const struct wbh_role *role = arg;
    return role->program.main(wb_sim_sys(role->runner->kernel), role->arguments.count,
        (char *const *)role->arguments.items);
}

static void note_end(struct wbh_runner *runner) {
    runner->calls = sim_kernel_calls(runner->kernel);
    runner->time_ns = sim_kernel_now(runner->kernel);
}

static int play_alone(void *arg) {
    struct wbh_runner *runner = arg;
    struct wbh_stage *stage = runner->playing;
    runner->exit_status = run_role(&runner->roles[0]);
    sim_threads_end(runner->kernel);
    runner->returned = true;
    wbh_refusal_on_exit(&runner->refusal, &runner->roles[0], runner->exit_status);
    wbh_conversation_process_ended(
        &stage->conversation, 0, SIM_PROCESS_EXITED, runner->exit_status);
    note_end(runner);
    /* What is under way still reaches the peers: the world goes on until it stands still. */
    if (!wbh_stage_is_done(stage) && stage->started) {
        stage->draining = true;
        (void)WB_SYS(wb_sim_sys(runner->kernel), poll, NULL, 0, WB_TIMEOUT_INFINITE);
    }
    return runner->exit_status;
}

/* ---- several ---- */

static bool any_alive(const struct wbh_runner *runner) {
    for (uint32_t i = 0; i < runner->role_count; i++) {
        if (sim_process_is_alive(runner->kernel, i)) {
            return true;
        }
    }
    return false;
}

/* A program that the scenario kills has nothing to answer for. */
static void judge_ended(struct wbh_runner *runner, struct wbh_role *role,
    enum sim_process_change how, int exit_status) {
    const struct wbh_stage *stage = runner->playing;
    bool exited = how == SIM_PROCESS_EXITED;
    struct wbh_ending ending = {
        .stop = exited ? SIM_STOP_EXITED : SIM_STOP_KILLED,
        .exited = exited,
        .exit_status = exit_status,
        .told_to_end = stage->told_to_end || stage->signals_sent,
    };
    if (exited) {
        wbh_refusal_on_exit(&runner->refusal, role, exit_status);
    }
    if (exited || !role->is_doomed) {
        wbh_judge_at_end(&role->judge, &ending);
    }
    stage->panel->is_out[role->number] = true;
    stage->panel->exit_status[role->number] = exit_status;
}

void wbh_runner_process_ended(
    struct wbh_runner *runner, unsigned process, enum sim_process_change how, int exit_status) {
    struct wbh_role *role = &runner->roles[process];
    struct wbh_stage *stage = runner->playing;
    if (stage->panel != NULL) {
        judge_ended(runner, role, how, exit_status);
    }
    role->is_doomed = false;
    wbh_conversation_process_ended(&stage->conversation, process, how, exit_status);
    if (process == 0) {
        runner->exit_status = exit_status;
    }
    note_end(runner);
    stage->draining = stage->started && !any_alive(runner);
}

static void place_role(struct wbh_runner *runner, const struct wbh_scenario *scenario, uint32_t n) {
    uint32_t host = wbh_scenario_program(scenario, n).host;
    if (host == 0) {
        return;
    }
    const struct wbh_host *system = &scenario->hosts[host - 1].system;
    const struct sim_limits limits = {
        .fd_limit = system->fd_limit,
        .memory_max = system->memory_max,
        .send_buffer_size = system->send_buffer_size,
        .recv_buffer_size = system->recv_buffer_size,
    };
    sim_process_place(runner->kernel, n, host);
    sim_process_limit(runner->kernel, n, &limits);
}

static enum sim_stop play_several(struct wbh_runner *runner, const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < runner->role_count; i++) {
        unsigned number = sim_process_add(runner->kernel, run_role, &runner->roles[i]);
        assert(number == i);
        (void)number;
        place_role(runner, scenario, i);
    }
    enum sim_stop stop = sim_kernel_run_all(runner->kernel);
    runner->returned = stop == SIM_STOP_EXITED;
    return stop;
}

/* One that may die and live again needs a stack of its own, too. */
static bool needs_fibers(const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        if (scenario->moments[i].kind == WBH_MOMENT_CRASH
            || scenario->moments[i].kind == WBH_MOMENT_RESTART) {
            return true;
        }
    }
    return wbh_scenario_program_count(scenario) > 1;
}

enum sim_stop wbh_runner_play(struct wbh_runner *runner, struct wbh_stage *stage) {
    int exit_status;
    enum sim_stop stop;
    runner->playing = stage;
    runner->returned = false;
    runner->exit_status = 0;
    if (needs_fibers(stage->scenario)) {
        stop = play_several(runner, stage->scenario);
    } else {
        place_role(runner, stage->scenario, 0);
        stop = sim_kernel_run(runner->kernel, play_alone, runner, &exit_status);
    }
    if (!runner->returned) {
        note_end(runner);
    }
    stage->cut_off = sim_links_cut(runner->kernel) != 0;
    return runner->returned ? SIM_STOP_EXITED : stop;
}
