/* Aligns two transcripts and judges what differs. */
#include "semantics/comparison.h"

#include <stdlib.h>
#include <string.h>

const char *wbh_case_verdict_name(enum wbh_verdict_of_case verdict) {
    static const char *const names[] = {
        [WBH_CASE_EQUAL] = "equal",
        [WBH_CASE_DIFFERS] = "differs",
        [WBH_CASE_WRONG] = "not-as-stated",
        [WBH_CASE_REAL_ONLY] = "this-kernel-only",
        [WBH_CASE_SIMULATED_ONLY] = "simulated-only",
        [WBH_CASE_NOT_SHOWN] = "not-shown",
    };
    return names[verdict];
}

/* The longest common sequence of steps: lengths[i * width + j] is that of the steps from i and from
 * j on. Transcripts are short: helpers fold what repeats. */
enum { ALIGNED_MAX = 2000 };

struct alignment {
    const struct wbh_transcript *a;
    const struct wbh_transcript *b;
    int a_is_cut; /* it ends where a check failed */
    int b_is_cut;
    unsigned short *lengths; /* NULL: too long, step by step */
    size_t width;
};

static int is_cut(const struct wbh_outcome *outcome) {
    return outcome->kind == WBH_OUTCOME_FAILED || outcome->kind == WBH_OUTCOME_DIED;
}

static int align(
    struct alignment *out, const struct wbh_outcome *simulated, const struct wbh_outcome *real) {
    const struct wbh_transcript *a = &simulated->transcript;
    const struct wbh_transcript *b = &real->transcript;
    *out = (struct alignment){.a = a,
        .b = b,
        .a_is_cut = is_cut(simulated),
        .b_is_cut = is_cut(real),
        .width = b->count + 1};
    if (a->count > ALIGNED_MAX || b->count > ALIGNED_MAX) {
        return 0;
    }
    unsigned short *lengths = calloc((a->count + 1) * out->width, sizeof *lengths);
    if (lengths == NULL) {
        return -1;
    }
    for (size_t i = a->count; i-- > 0;) {
        for (size_t j = b->count; j-- > 0;) {
            unsigned short *cell = &lengths[i * out->width + j];
            if (wbh_shown_step_is_same(&a->steps[i], &b->steps[j])) {
                *cell = (unsigned short)(cell[out->width + 1] + 1);
            } else {
                *cell = cell[out->width] >= cell[1] ? cell[out->width] : cell[1];
            }
        }
    }
    out->lengths = lengths;
    return 0;
}

/* Whether the step of `a` at i stands alone, if it is not the same as that of `b` at j. */
static int comes_first(const struct alignment *alignment, size_t i, size_t j) {
    if (i >= alignment->a->count || j >= alignment->b->count) {
        return i < alignment->a->count;
    }
    if (alignment->lengths == NULL) {
        return 1;
    }
    const unsigned short *cell = &alignment->lengths[i * alignment->width + j];
    return cell[alignment->width] >= cell[1];
}

/* What to say of rows that are not equal. */
enum tolerance { NOTHING_VARIES, MAY_VARY, ONE_KERNEL_ONLY };

static enum wbh_row_mark mark_of(const struct wbh_row *row, enum tolerance tolerance) {
    static const enum wbh_row_mark marks[] = {[NOTHING_VARIES] = WBH_ROW_DIFFERS,
        [MAY_VARY] = WBH_ROW_VARIES,
        [ONE_KERNEL_ONLY] = WBH_ROW_EQUAL};
    if (row->simulated != NULL && row->real != NULL
        && wbh_shown_step_is_equal(row->simulated, row->real)) {
        return WBH_ROW_EQUAL;
    }
    /* Even where amounts vary, a case says exactly what is to be observed. */
    if (tolerance == MAY_VARY && row->simulated != NULL && row->real != NULL
        && row->real->kind != WB_CONTRACT_DONE) {
        return WBH_ROW_DIFFERS;
    }
    return marks[tolerance];
}

static int is_repetition(const struct wbh_shown_step *before, const struct wbh_shown_step *step) {
    if (before == NULL || step == NULL) {
        return before == step;
    }
    return wbh_shown_step_is_equal(before, step);
}

/* Appends the row, or counts it with the one before if that says the same. */
static void put(struct wbh_comparison *comparison, struct wbh_row row, enum wbh_row_mark mark) {
    struct wbh_row *last =
        comparison->row_count > 0 ? &comparison->rows[comparison->row_count - 1] : NULL;
    if (last != NULL && is_repetition(last->simulated, row.simulated)
        && is_repetition(last->real, row.real)) {
        last->count++;
        return;
    }
    row.mark = mark;
    row.count = 1;
    comparison->rows[comparison->row_count++] = row;
}

static void fill_rows(struct wbh_comparison *comparison, const struct alignment *alignment,
    enum tolerance tolerance) {
    const struct wbh_transcript *a = alignment->a;
    const struct wbh_transcript *b = alignment->b;
    size_t i = 0;
    size_t j = 0;
    while (i < a->count || j < b->count) {
        struct wbh_row row = {.count = 1};
        int same =
            i < a->count && j < b->count && wbh_shown_step_is_same(&a->steps[i], &b->steps[j]);
        int first = same || comes_first(alignment, i, j);
        if (first) {
            row.simulated = &a->steps[i++];
        }
        if (same || !first) {
            row.real = &b->steps[j++];
        }
        int is_beyond = (row.simulated == NULL && i == a->count && alignment->a_is_cut)
                        || (row.real == NULL && j == b->count && alignment->b_is_cut);
        put(comparison, row, is_beyond ? WBH_ROW_NOT_REACHED : mark_of(&row, tolerance));
    }
}

static int is_run(const struct wbh_outcome *outcome) {
    return outcome->kind != WBH_OUTCOME_SKIPPED;
}

static enum tolerance tolerance_of(const struct wb_contract_case *one,
    const struct wbh_outcome *simulated, const struct wbh_outcome *real) {
    if (!is_run(simulated) || !is_run(real)) {
        return ONE_KERNEL_ONLY;
    }
    return (one->flags & WB_CONTRACT_TIMING) != 0 ? MAY_VARY : NOTHING_VARIES;
}

static enum wbh_verdict_of_case verdict_of_one(
    const struct wbh_outcome *outcome, enum wbh_verdict_of_case alone) {
    return outcome->kind == WBH_OUTCOME_PASSED ? alone : WBH_CASE_WRONG;
}

static enum wbh_verdict_of_case verdict_of(const struct wbh_comparison *comparison,
    const struct wbh_outcome *simulated, const struct wbh_outcome *real) {
    if (!is_run(simulated) && !is_run(real)) {
        return WBH_CASE_NOT_SHOWN;
    }
    if (!is_run(simulated)) {
        return verdict_of_one(real, WBH_CASE_REAL_ONLY);
    }
    if (!is_run(real)) {
        return verdict_of_one(simulated, WBH_CASE_SIMULATED_ONLY);
    }
    if (simulated->kind != real->kind || strcmp(simulated->failure, real->failure) != 0) {
        return WBH_CASE_DIFFERS;
    }
    for (size_t i = 0; i < comparison->row_count; i++) {
        if (comparison->rows[i].mark == WBH_ROW_DIFFERS
            || comparison->rows[i].mark == WBH_ROW_NOT_REACHED) {
            return WBH_CASE_DIFFERS;
        }
    }
    return real->kind == WBH_OUTCOME_PASSED ? WBH_CASE_EQUAL : WBH_CASE_WRONG;
}

int wbh_comparison_init(struct wbh_comparison *out, const struct wb_contract_case *one,
    const struct wbh_outcome *simulated, const struct wbh_outcome *real) {
    struct alignment alignment;
    size_t rows_max = simulated->transcript.count + real->transcript.count;
    *out = (struct wbh_comparison){.rows = calloc(rows_max + 1, sizeof *out->rows)};
    if (out->rows == NULL || align(&alignment, simulated, real) != 0) {
        wbh_comparison_clean_up(out);
        return -1;
    }
    fill_rows(out, &alignment, tolerance_of(one, simulated, real));
    free(alignment.lengths);
    out->verdict = verdict_of(out, simulated, real);
    return 0;
}

void wbh_comparison_clean_up(struct wbh_comparison *comparison) {
    free(comparison->rows);
    *comparison = (struct wbh_comparison){.rows = NULL};
}
