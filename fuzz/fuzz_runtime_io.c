/* Property: whatever is said over a stream comes, byte for byte and in order, and then the end,
 * once nothing is left, and again whenever it is asked for; however it is written and read (at
 * once, exactly, up to a byte, by lines, in parts and chains, ahead, given up and begun again),
 * over TCP, a pair of Unix sockets or a pipe in memory, and over a relay of two of them, which
 * passes on the end of one direction while the other goes on. Nobody waits for ever, reading and
 * writing allocates nothing, memory that is refused is a status, and nothing is left. Faults are
 * those of the profile `hostile`, chosen by the input. Code under test: target/runtime on the
 * simulated kernel.
 *
 * With the flag `rough` an end may be closed while the other still talks: then what comes is a part
 * of what was said, and failures are allowed, but no more than that.
 *
 * Input: HEAD bytes for wires, flags and sizes; a field for each kind of fault (choices/fields.h);
 * then rows of four bytes: who, what, and how. */
#include "driver/fuzz_target.h"

#include "choices/fields.h"
#include "streams/talk.h"
#include "wb/combine.h"
#include "wouldblock/kernel.h"

enum {
    HEAD = 7,
    ROW = 4,
    SPEAKERS = 4, /* writer and reader of each way */
    HANDLES = SPEAKERS + 2,
    CALL_COST_NS = 50,
    MOMENTS_MAX = 64,
    CAPACITY_MAX = 64,
    SCALE_WIDE = 24,
};

#define PATIENCE_NS (UINT64_C(600000) * MS)

static const struct field fields[] = {
    {WBH_POINT_RECV, 8, MOMENTS_MAX},
    {WBH_POINT_SEND, 8, MOMENTS_MAX},
    {WBH_POINT_WAIT, 8, MOMENTS_MAX},
    {WBH_POINT_INBOUND, 4, MOMENTS_MAX},
    {WBH_POINT_OUTBOUND, 4, MOMENTS_MAX},
    {WBH_POINT_CONNECT, 2, 4},
    {WBH_POINT_ACCEPT, 2, 4},
    {WBH_POINT_REGISTER, 2, 4},
    {WBH_POINT_OPEN, 8, 8},
    {WBH_POINT_ALLOC, 12, 12},
    {WBH_POINT_SWITCH, 8, MOMENTS_MAX},
    {WBH_POINT_ROUSE, 2, MOMENTS_MAX},
    {WBH_POINT_PARK, 2, MOMENTS_MAX},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static struct {
    struct sim_kernel *kernel;
    struct wb_sys_ops ops;
    struct wb_sys sys;
    uint64_t allocations;
    const uint8_t *head;
    struct step steps[SPEAKERS][STEPS_MAX];
    uint32_t step_counts[SPEAKERS];
    struct wb_join_handle handles[HANDLES];
    uint32_t handle_count;
} here;

/* ---- memory, counted ---- */

static void *count_alloc(void *self, size_t size) {
    here.allocations++;
    return wb_sim_sys(here.kernel)->ops->alloc(self, size);
}

static void seam_open(void) {
    const struct wb_sys *sys = wb_sim_sys(here.kernel);
    here.ops = *sys->ops;
    here.ops.alloc = count_alloc;
    here.ops.note = NULL; /* nobody listens */
    here.sys = (struct wb_sys){&here.ops, sys->self};
    here.allocations = 0;
}

/* ---- what the head says ---- */

static bool has_flag(unsigned bit) {
    return (here.head[2] >> bit & 1u) != 0;
}

static bool is_relayed(void) {
    return here.head[0] / WIRE_KINDS % 3 != 0;
}

static bool may_fail(void) {
    return has_flag(5) && has_flag(6);
}

static void prepare_talk(void) {
    memset(&talk, 0, sizeof(talk));
    const enum wire_kind kinds[] = {(enum wire_kind)(here.head[0] % WIRE_KINDS),
        (enum wire_kind)(here.head[0] / 16 % WIRE_KINDS)};
    const bool is_narrow = kinds[0] == WIRE_DUPLEX || (is_relayed() && kinds[1] == WIRE_DUPLEX);
    talk.relay_len = 1 + here.head[3] * (is_narrow ? 1u : 8u);
    talk.scale = is_narrow || (is_relayed() && talk.relay_len < 64) ? 1 : SCALE_WIDE;
    talk.is_rough = has_flag(4);
    for (uint32_t i = 0; i < ENDS; i++) {
        talk.ends[i].is_split = has_flag(i);
    }
}

/* ---- one talk ---- */

static enum wb_status make_wires(void) {
    const enum wire_kind kinds[] = {(enum wire_kind)(here.head[0] % WIRE_KINDS),
        (enum wire_kind)(here.head[0] / 16 % WIRE_KINDS)};
    return wires_make(kinds, is_relayed() ? 2 : 1, 1u + here.head[1] % CAPACITY_MAX);
}

static void keep_handle(enum wb_status *status, enum wb_status spawned) {
    *status = spawned;
    here.handle_count += spawned == WB_OK ? 1 : 0;
}

static enum wb_status spawn_talk(struct end *near, struct end *far) {
    struct end *const writes[] = {near, far};
    struct end *const reads[] = {far, near};
    enum wb_status status = WB_OK;
    here.handle_count = 0;
    for (int way = 0; way < WAYS && status == WB_OK; way++) {
        const size_t ahead = here.head[4 + way];
        keep_handle(&status, writer_spawn(way, writes[way], here.steps[2 * way],
                                 here.step_counts[2 * way], &here.handles[here.handle_count]));
        if (status == WB_OK) {
            keep_handle(&status,
                reader_spawn(way, reads[way], here.steps[2 * way + 1],
                    here.step_counts[2 * way + 1], ahead, &here.handles[here.handle_count]));
        }
    }
    if (status == WB_OK && is_relayed()) {
        uint32_t count = 0;
        status = relay_spawn(has_flag(0), &here.handles[here.handle_count], &count);
        here.handle_count += count;
    }
    return status;
}

/* Who is spawned first may have left before the others are there, and must not be the last user. */
static enum wb_status spawn_all(void) {
    struct end *near = &talk.ends[0];
    struct end *far = &talk.ends[talk.end_count - 1];
    end_use(near);
    end_use(far);
    const enum wb_status status = spawn_talk(near, far);
    talk.is_rough |= status != WB_OK; /* who is there already finds that others are not */
    end_leave(near, false, false);
    end_leave(far, false, false);
    return status;
}

/* All come to their end, in time. */
static void run_all(void) {
    struct wb_future *parts[HANDLES];
    struct wb_all all;
    struct wb_with_timeout timeout;
    for (uint32_t i = 0; i < here.handle_count; i++) {
        parts[i] = &here.handles[i].future;
    }
    wb_all_init(&all, parts, here.handle_count);
    wb_with_timeout_init(&timeout, talk.runtime, &all.future, PATIENCE_NS);
    const uint64_t before = here.allocations;
    const enum wb_status status = wb_runtime_block_on(talk.runtime, &timeout.future);
    CHECK(here.allocations - before == 1); /* that of block_on itself */
    if (status == WB_ERR_NO_MEMORY) {
        CHECK(may_fail());
        return;
    }
    CHECK(status == WB_OK); /* else somebody waits for ever */
    for (int way = 0; way < WAYS && !talk.is_rough; way++) {
        CHECK(talk.ways[way].read == talk.ways[way].written);
    }
}

static void end_handles(void) {
    for (uint32_t i = 0; i < here.handle_count; i++) {
        wb_join_handle_detach(&here.handles[i]);
    }
    here.handle_count = 0;
}

static void run_talk(void) {
    enum wb_status status = WB_OK;
    for (int way = 0; way < WAYS && status == WB_OK; way++) {
        status = wb_notify_init(&talk.ways[way].seen, &here.sys);
    }
    if (status == WB_OK) {
        status = make_wires();
    }
    if (status == WB_OK) {
        status = spawn_all();
    }
    CHECK(status == WB_OK || may_fail());
    if (status == WB_OK) {
        run_all();
    }
}

static int run_program(void *arg) {
    const struct wb_runtime_config config = {
        .flavour = has_flag(7) ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD,
        .events_capacity = 1u + here.head[6] % 8u,
    };
    (void)arg;
    const enum wb_status status = wb_runtime_new(&here.sys, &config, &talk.runtime);
    CHECK(status == WB_OK || may_fail());
    if (status != WB_OK) {
        return 0;
    }
    run_talk();
    end_handles();
    CHECK(wb_runtime_shutdown(talk.runtime, 0) == WB_OK || may_fail());
    wb_runtime_destroy(talk.runtime);
    wires_close();
    for (int way = 0; way < WAYS; way++) {
        wb_notify_clean_up(&talk.ways[way].seen);
    }
    return 0;
}

/* ---- one input ---- */

static void visit_descriptor(void *user_data, int fd, const char *what, uint32_t subject) {
    (void)user_data;
    (void)subject;
    fprintf(stderr, "descriptor %d (%s) was left open\n", fd, what);
    abort();
}

static int run_input(void *arg) {
    struct sim_memory_info memory;
    (void)run_program(arg);
    sim_each_descriptor(here.kernel, 0, visit_descriptor, NULL);
    sim_memory(here.kernel, 0, &memory);
    CHECK(memory.live_blocks == 0);
    return 0;
}

static void read_rows(const uint8_t *data, size_t size) {
    memset(here.step_counts, 0, sizeof(here.step_counts));
    for (size_t at = 0; at + ROW <= size; at += ROW) {
        const uint32_t who = data[at] % SPEAKERS;
        if (here.step_counts[who] < STEPS_MAX) {
            here.steps[who][here.step_counts[who]++] =
                (struct step){data[at + 1], data[at + 2], data[at + 3]};
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const size_t body = HEAD + fields_len(fields, FIELD_COUNT);
    struct fields_source source;
    int exit_status = -1;
    if (here.kernel == NULL) {
        here.kernel = sim_kernel_new();
        CHECK(here.kernel != NULL);
    }
    if (size < body) {
        return 0;
    }
    here.head = data;
    prepare_talk();
    read_rows(data + body, size - body);
    const uint32_t failing =
        may_fail() ? 1u << WBH_POINT_ALLOC | 1u << WBH_POINT_OPEN | 1u << WBH_POINT_REGISTER : 0;
    fields_source_init(&source, fields, FIELD_COUNT, data + HEAD, failing);
    const struct sim_config config = {
        .source = &source.base,
        .legality_max = WBH_LEGALITY_FAILING,
        .fd_limit = 32,
        .send_buffer_size = 512u << (data[6] >> 3 & 3),
        .recv_buffer_size = 512u << (data[6] >> 5 & 3),
        .call_cost_ns = CALL_COST_NS,
    };
    sim_kernel_reset(here.kernel, &config);
    seam_open();
    CHECK(sim_kernel_run(here.kernel, run_input, NULL, &exit_status) == SIM_STOP_EXITED);
    return 0;
}
