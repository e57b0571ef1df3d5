/* Processes: their birth and what they leave behind. How they take turns is in fiber.c. */
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
    }
    return process;
}

static void process_reset(struct sim_process *process) {
    struct sim_kernel *kernel = process->kernel;
    if (process->fds != NULL) {
        memset(process->fds, 0, (process->fd_highest + 1) * sizeof(struct sim_file *));
    }
    process->fd_limit = kernel->config.fd_limit;
    process->memory_max = kernel->config.memory_max;
    process->fd_lowest_free = 0;
    process->fd_highest = 0;
    list_init(&process->signalfds);
    process->signals_pending = 0;
    memset(&process->memory, 0, sizeof(process->memory));
    process->memory_serial = 0;
    /* Streams of their own, so that one program's draws change nothing for another. */
    process->entropy = kernel->config.entropy_seed + process->number * UINT64_C(0xd1342543de82ef95);
    memset(process->ordinal, 0, sizeof(process->ordinal));
}

struct sim_process *process_get(const struct sim_kernel *kernel, unsigned number) {
    assert(number < kernel->process_count);
    return kernel->processes[number];
}

void process_begin_run(struct sim_kernel *kernel) {
    kernel->process_count = 1;
    kernel->current = process_at(kernel, 0);
    process_reset(kernel->current);
    console_open(kernel);
}

void process_end_run(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        memory_reset(kernel->processes[i]);
    }
}

void process_clean_up(struct sim_kernel *kernel) {
    for (uint32_t i = 0; i < SIM_PROCESSES_MAX && kernel->processes[i] != NULL; i++) {
        free(kernel->processes[i]->fds);
        free(kernel->processes[i]);
    }
}
