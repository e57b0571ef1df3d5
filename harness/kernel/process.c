/* Processes: their birth and what they leave behind. How they take turns is in turns.c. */
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Process objects and their tables are the host's memory and stay from run to run. */
static struct sim_process *process_at(struct sim_kernel *kernel, uint32_t number) {
    struct sim_process *process = kernel->processes[number];
    if (process == NULL) {
        process = calloc(1, sizeof(*process));
        if (process == NULL) {
            abort();
        }
        process->kernel = kernel;
        process->number = number;
        list_init(&process->blocks);
        kernel->processes[number] = process;
        threads_init(process);
    }
    return process;
}

/* The tables of descriptors and signals, empty. */
static void process_clear(struct sim_process *process) {
    if (process->fds != NULL) {
        memset(process->fds, 0, (process->fd_highest + 1) * sizeof(struct sim_file *));
    }
    process->fd_lowest_free = 0;
    process->fd_highest = 0;
    list_init(&process->signalfds);
    process->signals_pending = 0;
    process->signals_blocked = 0;
    memset(&process->memory, 0, sizeof(process->memory));
}

static void process_reset(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    process_clear(process);
    process->host = 0;
    process->fd_limit = kernel->config.fd_limit;
    process->memory_max = kernel->config.memory_max;
    process->send_buffer_size = kernel->config.send_buffer_size;
    process->recv_buffer_size = kernel->config.recv_buffer_size;
    process->memory_serial = 0;
    process->program = NULL;
    process->doomed = false;
    process->stirs = 0;
    threads_reset(process);
    /* Streams of their own, so that one program's draws change nothing for another. */
    process->entropy = kernel->config.entropy_seed + process->number * UINT64_C(0xd1342543de82ef95);
    memset(process->ordinal, 0, sizeof(process->ordinal));
    process->travel_ordinal = 0;
}

static void process_open_console(struct sim_process *process) {
    struct sim_process *before = process->kernel->current;
    process->kernel->current = process;
    console_open(process->kernel);
    process->kernel->current = before;
}

struct sim_process *process_get(const struct sim_kernel *kernel, unsigned number) {
    assert(number < kernel->process_count);
    return kernel->processes[number];
}

void process_begin_run(struct sim_kernel *kernel) {
    kernel->process_count = 1;
    kernel->current = process_at(kernel, 0);
    kernel->thread = kernel->current->threads[0];
    process_reset(kernel->current);
    console_open(kernel);
}

unsigned sim_process_add(struct sim_kernel *kernel, int (*program)(void *arg), void *arg) {
    struct sim_process *process = kernel->processes[0];
    if (process->program != NULL) {
        assert(kernel->process_count < SIM_PROCESSES_MAX);
        process = process_at(kernel, kernel->process_count++);
        process_reset(process);
        process_open_console(process);
    }
    process->program = program;
    process->arg = arg;
    return process->number;
}

void sim_process_limit(
    struct sim_kernel *kernel, unsigned number, const struct sim_limits *limits) {
    struct sim_process *process = process_get(kernel, number);
    process->fd_limit = limits->fd_limit != 0 ? limits->fd_limit : process->fd_limit;
    process->memory_max = limits->memory_max != 0 ? limits->memory_max : process->memory_max;
    if (limits->send_buffer_size != 0) {
        process->send_buffer_size = limits->send_buffer_size;
    }
    if (limits->recv_buffer_size != 0) {
        process->recv_buffer_size = limits->recv_buffer_size;
    }
}

void process_empty(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    struct sim_process *before = kernel->current;
    kernel->current = process;
    for (size_t fd = 0; fd <= process->fd_highest && fd < process->fd_capacity; fd++) {
        bool last;
        (void)fd_close(kernel, (int)fd, &last);
    }
    kernel->current = before;
    signalfds_leave(process);
    memory_reset(process);
}

void process_revive(struct sim_process *process) {
    process_clear(process);
    process_open_console(process);
}

void process_end_run(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        memory_reset(kernel->processes[i]);
    }
}

void process_clean_up(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < SIM_PROCESSES_MAX && kernel->processes[i] != NULL; i++) {
        threads_clean_up(kernel->processes[i]);
        free(kernel->processes[i]->fds);
        free(kernel->processes[i]);
    }
}
