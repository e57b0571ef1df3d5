/* A sequence on both sides at once, step by step, until they differ. */
#include "fidelity/compare.h"

#include <string.h>

#include "fidelity/step.h"
#include "fidelity/text.h"

void fid_tally_add(struct fid_tally *tally, const struct fid_tally *more) {
    tally->sequences += more->sequences;
    tally->steps += more->steps;
    tally->skipped += more->skipped;
    tally->events += more->events;
    tally->coincidences += more->coincidences;
    for (int i = 0; i < FID_ALLOWANCE_COUNT; i++) {
        tally->allowed[i] += more->allowed[i];
    }
    uint32_t *cells = &tally->cells[0][0][0][0];
    const uint32_t *more_cells = &more->cells[0][0][0][0];
    for (size_t i = 0; i < sizeof(tally->cells) / sizeof(*cells); i++) {
        cells[i] += more_cells[i];
    }
}

void fid_comparison_limit(
    struct fid_comparison *comparison, uint32_t wanted, int out_missing[FID_KIND_COUNT]) {
    int simulated[FID_KIND_COUNT];
    int real[FID_KIND_COUNT];
    fid_side_probe(comparison->simulated, simulated);
    fid_side_probe(comparison->real, real);
    comparison->limits.kinds = wanted;
    comparison->limits.codes =
        fid_side_codes(comparison->simulated) & fid_side_codes(comparison->real);
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        out_missing[kind] = 0;
        if ((wanted >> kind & 1u) != 0 && (simulated[kind] != 0 || real[kind] != 0)) {
            comparison->limits.kinds &= ~(1u << kind);
            out_missing[kind] = simulated[kind] != 0 ? simulated[kind] : -real[kind];
        }
    }
}

/* ---- one step ---- */

static void count_role(struct fid_comparison *comparison, const struct fid_op *op,
    enum fid_role role, const struct fid_file *file) {
    int kind = file == NULL ? FID_KIND_COUNT : file->kind;
    enum fid_state state = fid_file_state(&comparison->world, file);
    comparison->tally->cells[op->code][role][kind][state]++;
}

static void count_cell(struct fid_comparison *comparison, const struct fid_op *op) {
    const struct fid_world *world = &comparison->world;
    int subject = fid_op_info((enum fid_code)op->code)->subject;
    count_role(comparison, op, FID_ROLE_SUBJECT,
        subject < 0 ? NULL : fid_world_file(world, op->arg[subject]));
    if (fid_op_other_kinds((enum fid_code)op->code) != 0) {
        count_role(comparison, op, FID_ROLE_OTHER, fid_world_file(world, op->arg[1]));
    }
}

static void count_step(
    struct fid_comparison *comparison, const struct fid_op *op, const struct fid_outcome *outcome) {
    comparison->tally->steps++;
    const struct fid_fact *result = fid_fact_find(outcome, "");
    if (op->code == FID_OP_EPOLL_WAIT && result != NULL && result->value > 0) {
        comparison->tally->events += (uint64_t)result->value;
    }
}

static bool facts_agree(struct fid_comparison *comparison, const struct fid_op *op,
    const struct fid_fact *one, const struct fid_fact *other) {
    if (one->form != other->form || strcmp(one->label, other->label) != 0) {
        return false;
    }
    if (one->value == other->value) {
        return true;
    }
    int row = fid_allowance_find(&comparison->world, op, one, other);
    if (row >= 0 && comparison->tally != NULL) {
        comparison->tally->allowed[row]++;
    }
    return row >= 0;
}

static bool outcomes_agree(struct fid_comparison *comparison, const struct fid_op *op) {
    const struct fid_outcome *one = &comparison->difference.simulated;
    const struct fid_outcome *other = &comparison->difference.real;
    uint32_t both = one->count < other->count ? one->count : other->count;
    for (uint32_t i = 0; i < both; i++) {
        if (!facts_agree(comparison, op, &one->fact[i], &other->fact[i])) {
            comparison->difference.fact = i;
            return false;
        }
    }
    comparison->difference.fact = both;
    return one->count == other->count;
}

static struct fid_made made_by(const struct fid_outcome *outcome) {
    struct fid_made made = {FID_NUMBER_BAD, 0};
    for (uint32_t i = 0; i < outcome->count && i < 2; i++) {
        const struct fid_fact *fact = &outcome->fact[i];
        if (fact->form == FID_FORM_NUMBER && fact->value >= 0 && fact->value < FID_NUMBER_COUNT) {
            made.first = made.count == 0 ? (uint8_t)fact->value : made.first;
            made.count++;
        }
    }
    return made;
}

static bool names_differ(const struct fid_comparison *comparison) {
    return comparison->simulated->name_count != comparison->real->name_count;
}

/* One has given out an address that it had given out before, the other a new one. */
static void compare_names(struct fid_comparison *comparison) {
    static const char label[] = "addresses given out so far";
    if (names_differ(comparison)) {
        fid_fact_add(&comparison->difference.simulated, label, FID_FORM_VALUE,
            comparison->simulated->name_count);
        fid_fact_add(
            &comparison->difference.real, label, FID_FORM_VALUE, comparison->real->name_count);
    }
}

/* True: both did the same. */
static bool compare_step(struct fid_comparison *comparison, uint32_t at, const struct fid_op *op) {
    struct fid_difference *difference = &comparison->difference;
    comparison->made[at] = (struct fid_made){FID_NUMBER_BAD, 0};
    difference->step = at;
    if (fid_objection(&comparison->world, &comparison->limits, op) != NULL) {
        if (comparison->tally != NULL) {
            comparison->tally->skipped++;
        }
        return true;
    }
    fid_step(comparison->simulated, &comparison->world, at + 1, op, &difference->simulated);
    fid_step(comparison->real, &comparison->world, at + 1, op, &difference->real);
    if (comparison->tally != NULL) {
        count_cell(comparison, op);
        count_step(comparison, op, &difference->simulated);
    }
    if (op->code != FID_OP_POLL_ALL) {
        comparison->made[at] = made_by(&difference->simulated);
    }
    compare_names(comparison);
    bool agree = outcomes_agree(comparison, op);
    fid_world_note(&comparison->world, op, &difference->simulated);
    return agree;
}

/* ---- sequences ---- */

/* Two connections may have been given one port: that does not happen twice. */
static bool try_again(struct fid_comparison *comparison, const struct fid_ops *ops) {
    comparison->is_second_time = true;
    bool agree = fid_compare(comparison, ops);
    comparison->is_second_time = false;
    if (comparison->tally != NULL) {
        comparison->tally->coincidences += agree;
    }
    return agree;
}

bool fid_compare_generated(
    struct fid_comparison *comparison, fid_next_fn next, void *user_data, struct fid_ops *out_ops) {
    bool agree = true;
    out_ops->count = 0;
    fid_world_init(&comparison->world);
    fid_side_begin(comparison->simulated);
    fid_side_begin(comparison->real);
    while (agree && out_ops->count < FID_STEPS_MAX) {
        struct fid_op *op = &out_ops->op[out_ops->count];
        if (!next(user_data, &comparison->world, &comparison->limits, op)) {
            break;
        }
        agree = compare_step(comparison, out_ops->count++, op);
    }
    fid_side_end(comparison->simulated, &comparison->world);
    fid_side_end(comparison->real, &comparison->world);
    if (!agree && names_differ(comparison) && !comparison->is_second_time) {
        return try_again(comparison, out_ops);
    }
    if (comparison->tally != NULL) {
        comparison->tally->sequences++;
    }
    return agree;
}

struct reading {
    const struct fid_ops *ops;
    uint32_t at;
};

static bool read_next(void *user_data, const struct fid_world *world,
    const struct fid_limits *limits, struct fid_op *out_op) {
    struct reading *reading = user_data;
    (void)world;
    (void)limits;
    if (reading->at == reading->ops->count) {
        return false;
    }
    *out_op = reading->ops->op[reading->at++];
    return true;
}

bool fid_compare(struct fid_comparison *comparison, const struct fid_ops *ops) {
    struct fid_ops ran;
    struct reading reading = {.ops = ops};
    return fid_compare_generated(comparison, read_next, &reading, &ran);
}

/* ---- telling it ---- */

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    return hash ^ hash >> 32;
}

static uint64_t mix_fact(uint64_t hash, const struct fid_outcome *outcome, uint32_t at) {
    if (at >= outcome->count) {
        return mix(hash, 1);
    }
    /* Which descriptor or step it was says nothing about what went wrong. */
    const struct fid_fact *fact = &outcome->fact[at];
    bool names = fact->form == FID_FORM_NUMBER || fact->form == FID_FORM_STEP
                 || fact->form == FID_FORM_BYTES || fact->form == FID_FORM_NAME;
    hash = mix(hash, fact->form);
    return mix(hash, names && fact->value >= 0 ? 0 : (uint64_t)fact->value);
}

uint64_t fid_difference_signature(
    const struct fid_comparison *comparison, const struct fid_ops *ops) {
    const struct fid_difference *difference = &comparison->difference;
    const struct fid_op *op = &ops->op[difference->step];
    int subject = fid_op_info((enum fid_code)op->code)->subject;
    const struct fid_file *file =
        subject < 0 ? NULL : fid_world_file(&comparison->world, op->arg[subject]);
    uint64_t hash = mix(UINT64_C(0x9e3779b97f4a7c15), op->code);
    hash = mix(hash, file == NULL ? FID_KIND_COUNT : file->kind);
    hash = mix_fact(hash, &difference->simulated, difference->fact);
    return mix_fact(hash, &difference->real, difference->fact);
}

/* Prints each step while the sequence runs once more. */
struct telling {
    const struct fid_ops *ops;
    uint32_t at;
    const struct fid_comparison *comparison;
    FILE *out;
};

static void tell_last(struct telling *telling) {
    if (telling->at == 0) {
        return;
    }
    const struct fid_difference *difference = &telling->comparison->difference;
    char line[FID_LINE_MAX];
    fid_op_format(&telling->ops->op[telling->at - 1], line);
    fprintf(telling->out, "  %3u  %-44s ", telling->at, line);
    fid_outcome_print(&difference->simulated, telling->out);
    fputc('\n', telling->out);
}

static bool tell_next(void *user_data, const struct fid_world *world,
    const struct fid_limits *limits, struct fid_op *out_op) {
    struct telling *telling = user_data;
    tell_last(telling);
    if (telling->at == telling->ops->count) {
        return false;
    }
    *out_op = telling->ops->op[telling->at++];
    const char *objection = fid_objection(world, limits, out_op);
    if (objection != NULL) {
        fprintf(telling->out, "       (left out: %s)\n", objection);
    }
    return true;
}

void fid_difference_print(struct fid_comparison *comparison, const struct fid_ops *ops, FILE *out) {
    struct fid_tally *tally = comparison->tally;
    struct telling telling = {.ops = ops, .comparison = comparison, .out = out};
    struct fid_ops ran;
    comparison->tally = NULL;
    bool agree = fid_compare_generated(comparison, tell_next, &telling, &ran);
    comparison->tally = tally;
    if (agree) {
        fputs("  no difference this time: it does not repeat\n", out);
        return;
    }
    char line[FID_LINE_MAX];
    fid_op_format(&ops->op[comparison->difference.step], line);
    fprintf(out, "> %3u  %s\n", comparison->difference.step + 1, line);
    fputs("         simulated: ", out);
    fid_outcome_print(&comparison->difference.simulated, out);
    fputs("\n         real:      ", out);
    fid_outcome_print(&comparison->difference.real, out);
    fputc('\n', out);
}
