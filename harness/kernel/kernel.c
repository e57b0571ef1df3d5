/* The kernel object: its life, a run of the program, the passage of calls and time, and the events
 * it emits. */
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_FD_LIMIT = 1024,
    DEFAULT_FILE_LIMIT = 1000000,
    DEFAULT_CALLS_MAX = 1000000,
    DEFAULT_CALL_COST_NS = 200,
};
#define DEFAULT_MEMORY_MAX (UINT64_C(1) << 30)
#define DEFAULT_TIME_MAX_NS (UINT64_C(3600) * 1000000000)
/* Virtual monotonic time begins here, so that 0 stays "never". */
#define START_NS UINT64_C(1000000)

#ifdef SIM_PLANTED
enum sim_planted sim_planted = SIM_PLANTED_NONE;
#endif

static const char *const call_names[] = {
#define CALL_NAME(name, text) text,
    SIM_CALL_TABLE(CALL_NAME)
#undef CALL_NAME
};

const char *sim_call_name(enum sim_call call) {
    return (unsigned)call < SIM_CALL_COUNT ? call_names[call] : "unknown";
}

struct sim_kernel *sim_kernel_new(void) {
    struct sim_kernel *kernel = calloc(1, sizeof(*kernel));
    if (kernel == NULL) {
        return NULL;
    }
    arena_init(&kernel->arena);
    kernel->sys.self = kernel;
    kernel->ops_alone = sim_ops;
    kernel->ops_alone.interleave = NULL;
    struct sim_config defaults = {0};
    sim_kernel_reset(kernel, &defaults);
    return kernel;
}

void sim_kernel_destroy(struct sim_kernel *kernel) {
    if (kernel == NULL) {
        return;
    }
    process_end_run(kernel);
    process_clean_up(kernel);
    arena_clean_up(&kernel->arena);
    free(kernel->actions);
    free(kernel->slots);
    free(kernel->scratch);
    free(kernel);
}

static void apply_defaults(struct sim_config *config) {
    config->fd_limit = config->fd_limit != 0 ? config->fd_limit : DEFAULT_FD_LIMIT;
    config->file_limit = config->file_limit != 0 ? config->file_limit : DEFAULT_FILE_LIMIT;
    config->memory_max = config->memory_max != 0 ? config->memory_max : DEFAULT_MEMORY_MAX;
    config->calls_max = config->calls_max != 0 ? config->calls_max : DEFAULT_CALLS_MAX;
    config->time_max_ns = config->time_max_ns != 0 ? config->time_max_ns : DEFAULT_TIME_MAX_NS;
    config->call_cost_ns = config->call_cost_ns != 0 ? config->call_cost_ns : DEFAULT_CALL_COST_NS;
}

void sim_kernel_reset(struct sim_kernel *kernel, const struct sim_config *config) {
    process_end_run(kernel);
    arena_reset(&kernel->arena);
    schedule_reset(kernel);
    kernel->config = *config;
    apply_defaults(&kernel->config);
    kernel->sys.ops = config->spares_points ? &kernel->ops_alone : &sim_ops;
    kernel->now_ns = START_NS;
    kernel->hash = UINT64_C(0x9e3779b97f4a7c15);
    kernel->calls = 0;
    kernel->call_cost_ns = kernel->config.call_cost_ns;
    kernel->observe_kinds = 0;
    if (kernel->config.on_event != NULL) {
        kernel->observe_kinds =
            kernel->config.observe_kinds != 0 ? kernel->config.observe_kinds : UINT32_MAX;
    }
    kernel->stop_requested = false;
    kernel->tells_all = false;
    kernel->in_program = false;
    kernel->in_world = false;
    kernel->several = false;
    kernel->takes_turns = false;
    kernel->run_ordinal = 0;
    kernel->file_count = 0;
    kernel->file_serial = 0;
    kernel->registration_serial = 0;
    list_init(&kernel->endpoints);
    list_init(&kernel->listening);
    list_init(&kernel->udp_members);
    kernel->epoch++;
    list_init(&kernel->timers);
    kernel->timer_next_ns = UINT64_MAX;
    list_init(&kernel->unix_sockets);
    list_init(&kernel->unix_abstract);
    kernel->unix_autobind = 0;
    kernel->unix_in_flight = 0;
    kernel->unix_collecting = false;
    kernel->port_next = PORT_FIRST;
    kernel->local_next = 0;
    kernel->chunks_free = NULL;
    kernel->real_offset_ns = 0;
    if (kernel->faults.any) {
        memset(&kernel->faults, 0, sizeof(kernel->faults));
    }
    hosts_reset(kernel);
    links_reset(kernel);
    process_begin_run(kernel);
}

const struct wb_sys *wb_sim_sys(struct sim_kernel *kernel) {
    return &kernel->sys;
}

enum sim_stop sim_kernel_run(
    struct sim_kernel *kernel, int (*program)(void *arg), void *arg, int *out_exit) {
    assert(!kernel->in_program);
    if (setjmp(kernel->leave) != 0) {
        turns_end_alone(kernel);
        kernel->in_program = false;
        kernel->in_world = false;
        return kernel->stop;
    }
    kernel->in_program = true;
    turns_begin_alone(kernel);
    int exit_status = program(arg);
    sim_threads_end(kernel);
    kernel->thread->state = THREAD_NONE;
    kernel->in_program = false;
    *out_exit = exit_status;
    return SIM_STOP_EXITED;
}

/* The program's stack is abandoned where it stands: everything it owned belongs to the kernel,
 * which the next reset takes back. */
_Noreturn void kernel_leave(struct sim_kernel *kernel, enum sim_stop stop) {
    assert(kernel->in_program);
    kernel->stop = stop;
    if (turns_on_fiber(kernel)) {
        turns_leave(kernel);
    }
    longjmp(kernel->leave, 1);
}

void sim_kernel_stop(struct sim_kernel *kernel) {
    kernel->stop_requested = true;
}

uint64_t sim_kernel_now(const struct sim_kernel *kernel) {
    return kernel->now_ns;
}

uint64_t sim_kernel_hash(const struct sim_kernel *kernel) {
    return kernel->hash;
}

uint64_t sim_kernel_calls(const struct sim_kernel *kernel) {
    return kernel->calls;
}

uint64_t sim_kernel_host_bytes(const struct sim_kernel *kernel) {
    uint64_t bytes = kernel->arena.taken;
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        bytes += kernel->processes[i]->fd_capacity * sizeof(struct sim_file *);
    }
    return bytes;
}

const struct sim_fault_counts *sim_faults(const struct sim_kernel *kernel) {
    return &kernel->faults;
}

uint64_t kernel_end_ns(const struct sim_kernel *kernel) {
    uint64_t most_ns = UINT64_MAX - START_NS - 1;
    uint64_t time_ns = kernel->config.time_max_ns;
    return START_NS + (time_ns < most_ns ? time_ns : most_ns);
}

void kernel_leave_if_late(struct sim_kernel *kernel) {
    if (kernel->in_program && kernel->now_ns > kernel_end_ns(kernel)) {
        kernel_leave(kernel, SIM_STOP_TIME);
    }
}

void call_enter(struct sim_kernel *kernel) {
    kernel->calls++;
    kernel->now_ns += kernel->call_cost_ns;
    if (kernel->action_count != 0 && kernel->actions[0].time_ns <= kernel->now_ns) {
        schedule_run_due(kernel);
    }
    if (kernel->timer_next_ns <= kernel->now_ns) {
        timers_run_due(kernel);
    }
    if (!kernel->in_program) {
        return;
    }
    if (kernel->stop_requested) {
        kernel_leave(kernel, SIM_STOP_REQUESTED);
    }
    if (kernel->calls > kernel->config.calls_max) {
        kernel_leave(kernel, SIM_STOP_STEPS);
    }
    kernel_leave_if_late(kernel);
    if (kernel->takes_turns) {
        turns_between_calls(kernel);
    }
}

__extension__ typedef unsigned __int128 wide;

/* Both halves of a product: every bit of either word reaches every bit of the result. */
static uint64_t fold(uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t pair(uint32_t low, uint32_t high) {
    return (uint64_t)low | (uint64_t)high << 32;
}

/* Which word of several it is, the odd constant tells. */
#define ODD_0 UINT64_C(0x9e3779b185ebca87)
#define ODD_1 UINT64_C(0xc2b2ae3d27d4eb4f)
#define ODD_2 UINT64_C(0x165667b19e3779f9)
#define ODD_3 UINT64_C(0x85ebca77c2b2ae63)
#define ODD_4 UINT64_C(0x27d4eb2f165667c5)
#define ODD_5 UINT64_C(0xbf58476d1ce4e5b9)
#define ODD_6 UINT64_C(0x94d049bb133111eb)

static uint64_t mix(uint64_t hash, uint64_t word) {
    return fold(hash ^ ODD_0, word ^ ODD_1);
}

static uint64_t word_at(const uint8_t *bytes) {
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++) {
        word |= (uint64_t)bytes[i] << (8 * i);
    }
    return word;
}

static uint64_t mix_bytes(uint64_t hash, const void *data, size_t len) {
    const uint8_t *bytes = data;
    for (; len >= 32; bytes += 32, len -= 32) {
        hash = mix(hash, fold(word_at(bytes) ^ ODD_2, word_at(bytes + 8) ^ ODD_3)
                             + fold(word_at(bytes + 16) ^ ODD_4, word_at(bytes + 24) ^ ODD_5));
    }
    for (; len >= 8; bytes += 8, len -= 8) {
        hash = mix(hash, word_at(bytes));
    }
    uint64_t rest = len;
    for (unsigned i = 0; i < len; i++) {
        rest = rest << 8 | bytes[i];
    }
    return mix(hash, rest);
}

static uint64_t mix_decision(uint64_t hash, const struct wbh_decision *decision) {
    hash = mix(hash, (uint64_t)decision->subject | (uint64_t)decision->ordinal << 32);
    hash = mix(hash, (uint64_t)decision->point | (uint64_t)decision->action << 8
                         | (uint64_t)decision->about << 32);
    return mix(hash, decision->value);
}

/* Apart, so that events without either, which most are, save no registers for it. */
__attribute__((noinline)) static uint64_t mix_attachments(
    uint64_t hash, const struct sim_event *event) {
    if (event->data_len != 0) {
        hash = mix_bytes(hash, event->data, event->data_len);
    }
    return event->decision != NULL ? mix_decision(hash, event->decision) : hash;
}

static void hash_event(struct sim_kernel *kernel, const struct sim_event *event) {
    /* Fields one by one: to read two that were just written as one word would wait for memory. */
    uint64_t what = event->kind | (uint64_t)event->call << 8 | (uint64_t)event->process << 16
                    | pair(0, (uint32_t)event->fd);
    if (kernel->takes_turns) {
        what |= (uint64_t)event->thread << 24;
    }
    uint64_t who = pair(event->subject, event->file);
    uint64_t when = pair(event->registration, event->step);
    /* Only the last product waits for the one before it. */
    uint64_t share = fold(what ^ ODD_1, event->time_ns ^ ODD_2) + fold(who ^ ODD_3, when ^ ODD_4)
                     + fold(event->a ^ ODD_5, event->b ^ ODD_6);
    uint64_t hash = mix(kernel->hash + share, (uint64_t)event->result);
    if (event->data_len != 0 || event->decision != NULL) {
        hash = mix_attachments(hash, event);
    }
    kernel->hash = hash;
}

static inline void take_down(struct sim_kernel *kernel, struct sim_event *event) {
    if (kernel->takes_turns) {
        event->thread = kernel->current->acting;
    }
    if (event->kind != SIM_EVENT_UNFIT) { /* nothing came of it, and a plan of the run lacks it */
        hash_event(kernel, event);
    }
}

void event_emit_hidden(struct sim_kernel *kernel, struct sim_event *event) {
    take_down(kernel, event);
}

void event_emit(struct sim_kernel *kernel, struct sim_event *event) {
    take_down(kernel, event);
    if ((kernel->observe_kinds >> event->kind & 1u) != 0) {
        kernel->config.on_event(kernel->config.user_data, event);
    }
}

int64_t call_return(struct sim_kernel *kernel, enum sim_call call, int fd, struct sim_file *file,
    int64_t result, uint64_t a, uint64_t b) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    event.call = (uint8_t)call;
    event.fd = fd;
    event.result = result;
    event.a = a;
    event.b = b;
    if (file != NULL) {
        event.file = file->serial;
        event.subject = file_subject(file);
    }
    event_emit(kernel, &event);
    return result;
}

void *kernel_alloc_raw(struct sim_kernel *kernel, size_t size) {
    void *ptr = arena_alloc(&kernel->arena, size);
    if (ptr == NULL) {
        /* The host is out of memory: no verdict about the program could be honest. */
        abort();
    }
    return ptr;
}

void *kernel_alloc(struct sim_kernel *kernel, size_t size) {
    return memset(kernel_alloc_raw(kernel, size), 0, size);
}

void kernel_free(struct sim_kernel *kernel, void *ptr, size_t size) {
    arena_free(&kernel->arena, ptr, size);
}

void sim_note_peer(struct sim_kernel *kernel, uint32_t subject, uint64_t a, uint64_t b,
    const void *data, size_t data_len) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_PEER);
    event.subject = subject;
    event.a = a;
    event.b = b;
    event.data = data;
    event.data_len = data_len;
    event_emit(kernel, &event);
}
