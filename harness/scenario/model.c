/* Whole scenarios: copies, comparison, exchange of the faults. */
#include "scenario/rules.h"
#include "scenario/storage.h"
#include "scenario/words.h"

#include <assert.h>
#include <string.h>

struct wbh_cast wbh_scenario_program(const struct wbh_scenario *scenario, uint32_t n) {
    assert(n <= scenario->other_count);
    if (n > 0) {
        return scenario->others[n - 1];
    }
    return (struct wbh_cast){
        .program = scenario->program,
        .label = scenario->label != NULL ? scenario->label : scenario->program,
        .line = scenario->program_line,
        .host = scenario->program_host,
        .options = scenario->options,
        .option_count = scenario->option_count,
    };
}

bool wbh_scenario_udp_ports_pass_on(const struct wbh_scenario *scenario) {
    enum { EPHEMERAL_FIRST = 32768, WORD_BITS = 64 };
    uint64_t asked_for[EPHEMERAL_FIRST / WORD_BITS] = {0};
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        const struct wbh_peer *peer = &scenario->peers[p];
        for (uint32_t k = 0; k < peer->step_count; k++) {
            uint32_t port = peer->steps[k].count;
            if (peer->steps[k].kind != WBH_STEP_BIND_UDP || port == 0) {
                continue;
            }
            uint64_t bit = UINT64_C(1) << port % WORD_BITS;
            if (port >= EPHEMERAL_FIRST || (asked_for[port / WORD_BITS] & bit) != 0) {
                return true;
            }
            asked_for[port / WORD_BITS] |= bit;
        }
    }
    return false;
}

static void keep_unnamed_hosts_files(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        if (scenario->files[i].host == 0) {
            scenario->files[kept++] = scenario->files[i];
        }
    }
    scenario->file_count = kept;
}

void wbh_scenario_make_plain(struct wbh_scenario *scenario) {
    scenario->other_count = 0;
    scenario->host_count = 0;
    scenario->link_count = 0;
    scenario->moment_count = 0;
    scenario->program_host = 0;
    scenario->label = NULL;
    keep_unnamed_hosts_files(scenario);
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        struct wbh_peer *peer = &scenario->peers[p];
        peer->host = 0;
        for (uint32_t s = 0; s < peer->step_count; s++) {
            peer->steps[s].program = 0;
        }
    }
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        wbh__fault_normalise(&scenario->faults[i], scenario);
    }
}

/* ---- copies */

/* Of the program named last. */
static int copy_options(struct wbh_scenario *to, const struct wbh_cast *cast) {
    for (uint32_t i = 0; i < cast->option_count; i++) {
        const struct wbh_option *option = &cast->options[i];
        if (wbh__add_option(
                to, option->name, strlen(option->name), option->value, strlen(option->value))
            != 0) {
            return -1;
        }
    }
    return 0;
}

static int copy_programs(struct wbh_scenario *to, const struct wbh_scenario *from) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(from); i++) {
        struct wbh_cast cast = wbh_scenario_program(from, i);
        size_t len = strlen(cast.program);
        int status = i == 0 ? wbh__set_program(to, cast.program, len)
                            : wbh__add_program(to, cast.program, len, cast.line);
        if (status == 0 && strcmp(cast.label, cast.program) != 0) {
            status = wbh__set_label(to, i, cast.label, strlen(cast.label));
        }
        if (status != 0 || copy_options(to, &cast) != 0) {
            return -1;
        }
        *wbh__program_host_at(to, i) = cast.host;
    }
    return 0;
}

static int copy_world(struct wbh_scenario *to, const struct wbh_scenario *from) {
    int status = 0;
    for (uint32_t i = 0; i < from->host_count && status == 0; i++) {
        status = wbh__add_host(to, &from->hosts[i]);
    }
    for (uint32_t i = 0; i < from->link_count && status == 0; i++) {
        status = wbh__add_link(to, &from->links[i]);
    }
    for (uint32_t i = 0; i < from->moment_count && status == 0; i++) {
        status = wbh__add_moment(to, &from->moments[i]);
    }
    for (uint32_t i = 0; i < from->file_count && status == 0; i++) {
        status = wbh__add_file(to, &from->files[i]);
    }
    return status;
}

static int copy_step(
    struct wbh_scenario *to, const struct wbh_scenario *from, const struct wbh_step *step) {
    struct wbh_step bare = *step;
    bare.part_begin = 0;
    bare.part_count = 0;
    if (wbh__add_step(to, &bare) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < step->part_count; i++) {
        if (wbh__add_part(to, &from->parts[step->part_begin + i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int copy_peers(struct wbh_scenario *to, const struct wbh_scenario *from) {
    for (uint32_t p = 0; p < from->peer_count; p++) {
        const struct wbh_peer *peer = &from->peers[p];
        if (wbh__add_peer(to, peer->name, strlen(peer->name), peer->line) != 0) {
            return -1;
        }
        wbh__peer_at(to, p)->host = peer->host;
        for (uint32_t s = 0; s < peer->step_count; s++) {
            if (copy_step(to, from, &peer->steps[s]) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static int copy_into(struct wbh_scenario *to, const struct wbh_scenario *from) {
    if (wbh__begin(to) != 0 || wbh__set_title(to, from->title, strlen(from->title)) != 0
        || copy_programs(to, from) != 0 || copy_world(to, from) != 0 || copy_peers(to, from) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < from->fault_count; i++) {
        if (wbh__add_fault(to, &from->faults[i], from->fault_lines[i]) != 0) {
            return -1;
        }
    }
    if (wbh__add_data(to, from->data, from->data_len) != 0) {
        return -1;
    }
    to->program_line = from->program_line;
    to->host = from->host;
    to->profile = from->profile;
    to->seed = from->seed;
    to->verdict = from->verdict;
    wbh__finish(to);
    return 0;
}

struct wbh_scenario *wbh_scenario_clone(const struct wbh_scenario *scenario) {
    struct wbh_scenario *copy = wbh_scenario_new();
    if (copy != NULL && copy_into(copy, scenario) != 0) {
        wbh_scenario_destroy(copy);
        return NULL;
    }
    return copy;
}

/* ---- comparison */

static int equal_hosts(const struct wbh_host *a, const struct wbh_host *b) {
    for (unsigned field = 0; field < WBH__HOST_FIELD_COUNT; field++) {
        enum wbh__host_field f = (enum wbh__host_field)field;
        if (wbh__host_get(a, f) != wbh__host_get(b, f)) {
            return 0;
        }
    }
    return a->flavour == b->flavour;
}

static int equal_bytes(const struct wbh_scenario *a, uint32_t a_offset,
    const struct wbh_scenario *b, uint32_t b_offset, uint32_t len) {
    return len == 0 || memcmp(a->data + a_offset, b->data + b_offset, len) == 0;
}

static int equal_parts(const struct wbh_scenario *a, const struct wbh_step *step,
    const struct wbh_scenario *b, const struct wbh_step *other) {
    for (uint32_t i = 0; i < step->part_count; i++) {
        const struct wbh_part *one = &a->parts[step->part_begin + i];
        const struct wbh_part *two = &b->parts[other->part_begin + i];
        if (one->kind != two->kind || one->data_len != two->data_len || one->repeat != two->repeat
            || one->count != two->count
            || !equal_bytes(a, one->data_offset, b, two->data_offset, one->data_len)) {
            return 0;
        }
    }
    return 1;
}

static int equal_steps(const struct wbh_scenario *a, const struct wbh_step *step,
    const struct wbh_scenario *b, const struct wbh_step *other) {
    if (step->kind != other->kind || step->data_len != other->data_len
        || step->repeat != other->repeat || step->peer != other->peer || step->step != other->step
        || step->program != other->program || step->count != other->count
        || step->duration_ns != other->duration_ns || step->version != other->version
        || step->part_count != other->part_count) {
        return 0;
    }
    return equal_bytes(a, step->data_offset, b, other->data_offset, step->data_len)
           && equal_parts(a, step, b, other);
}

static int equal_peers(const struct wbh_scenario *a, const struct wbh_scenario *b, uint32_t p) {
    const struct wbh_peer *peer = &a->peers[p];
    const struct wbh_peer *other = &b->peers[p];
    if (strcmp(peer->name, other->name) != 0 || peer->host != other->host
        || peer->step_count != other->step_count) {
        return 0;
    }
    for (uint32_t s = 0; s < peer->step_count; s++) {
        if (!equal_steps(a, &peer->steps[s], b, &other->steps[s])) {
            return 0;
        }
    }
    return 1;
}

static int equal_faults(const struct wbh_decision *a, const struct wbh_decision *b) {
    return wbh__fault_same_key(a, b) && a->about == b->about && a->value == b->value;
}

static int equal_cast(const struct wbh_cast *a, const struct wbh_cast *b) {
    if (strcmp(a->program, b->program) != 0 || strcmp(a->label, b->label) != 0 || a->host != b->host
        || a->option_count != b->option_count) {
        return 0;
    }
    for (uint32_t i = 0; i < a->option_count; i++) {
        if (strcmp(a->options[i].name, b->options[i].name) != 0
            || strcmp(a->options[i].value, b->options[i].value) != 0) {
            return 0;
        }
    }
    return 1;
}

static int equal_named_hosts(const struct wbh_named_host *a, const struct wbh_named_host *b) {
    if (strcmp(a->name, b->name) != 0 || a->address_count != b->address_count
        || !equal_hosts(&a->system, &b->system)) {
        return 0;
    }
    for (uint32_t i = 0; i < a->address_count; i++) {
        if (a->addresses[i].family != b->addresses[i].family
            || memcmp(a->addresses[i].ip, b->addresses[i].ip, sizeof a->addresses[i].ip) != 0) {
            return 0;
        }
    }
    return 1;
}

static int equal_links(const struct wbh_link *a, const struct wbh_link *b) {
    return a->a == b->a && a->b == b->b && a->latency_ns == b->latency_ns
           && a->jitter_ns == b->jitter_ns && a->bandwidth == b->bandwidth && a->loss == b->loss;
}

static int equal_moments(const struct wbh_moment *a, const struct wbh_moment *b) {
    return a->at_ns == b->at_ns && a->kind == b->kind && a->a == b->a && a->b == b->b;
}

static int equal_files(const struct wbh_scenario *a, const struct wbh_scenario *b) {
    for (uint32_t i = 0; i < a->file_count; i++) {
        const struct wbh_placed_file *file = &a->files[i];
        const struct wbh_placed_file *other = &b->files[i];
        if (file->host != other->host || file->is_expected != other->is_expected
            || file->path_len != other->path_len || file->data_len != other->data_len
            || file->repeat != other->repeat
            || !equal_bytes(a, file->path_offset, b, other->path_offset, file->path_len)
            || !equal_bytes(a, file->data_offset, b, other->data_offset, file->data_len)) {
            return 0;
        }
    }
    return 1;
}

static int equal_world(const struct wbh_scenario *a, const struct wbh_scenario *b) {
    if (a->host_count != b->host_count || a->link_count != b->link_count
        || a->moment_count != b->moment_count || a->file_count != b->file_count
        || !equal_files(a, b)) {
        return 0;
    }
    for (uint32_t i = 0; i < a->host_count; i++) {
        if (!equal_named_hosts(&a->hosts[i], &b->hosts[i])) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < a->link_count; i++) {
        if (!equal_links(&a->links[i], &b->links[i])) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < a->moment_count; i++) {
        if (!equal_moments(&a->moments[i], &b->moments[i])) {
            return 0;
        }
    }
    return 1;
}

static int equal_heads(const struct wbh_scenario *a, const struct wbh_scenario *b) {
    if (strcmp(a->title, b->title) != 0 || strcmp(a->profile, b->profile) != 0 || a->seed != b->seed
        || a->verdict != b->verdict || a->other_count != b->other_count) {
        return 0;
    }
    for (uint32_t i = 0; i < wbh_scenario_program_count(a); i++) {
        struct wbh_cast one = wbh_scenario_program(a, i);
        struct wbh_cast other = wbh_scenario_program(b, i);
        if (!equal_cast(&one, &other)) {
            return 0;
        }
    }
    return equal_world(a, b) && equal_hosts(&a->host, &b->host);
}

int wbh_scenario_equal(const struct wbh_scenario *a, const struct wbh_scenario *b) {
    if (!equal_heads(a, b) || a->peer_count != b->peer_count || a->fault_count != b->fault_count) {
        return 0;
    }
    for (uint32_t p = 0; p < a->peer_count; p++) {
        if (!equal_peers(a, b, p)) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < a->fault_count; i++) {
        if (!equal_faults(&a->faults[i], &b->faults[i])) {
            return 0;
        }
    }
    return 1;
}

/* ---- plans */

int wbh_scenario_set_plan(
    struct wbh_scenario *scenario, const struct wbh_decision *decisions, size_t decision_count) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    if (decision_count > WBH_FAULTS_MAX) {
        return -1;
    }
    /* When the decisions are the scenario's own they move along with the pool. */
    int is_own = decision_count > 0 && decisions == scenario->faults;
    if (wbh__pool_reserve(&storage->faults, decision_count * sizeof *decisions) != 0
        || wbh__pool_reserve(&storage->lines, decision_count * sizeof(uint32_t)) != 0) {
        wbh__finish(scenario);
        return -1;
    }
    wbh__finish(scenario);
    decisions = is_own ? scenario->faults : decisions;

    for (size_t i = 0; i < decision_count; i++) {
        struct wbh_decision fault = decisions[i];
        wbh__fault_normalise(&fault, scenario);
        scenario->faults[i] = fault;
        scenario->fault_lines[i] = 0;
    }
    scenario->fault_count = (uint32_t)decision_count;
    wbh__faults_drop_doubles(scenario);
    scenario->profile = "none";
    scenario->seed = 0;
    return 0;
}
