/* What two runs must have in common in the datagrams between programs.
 *
 * What an independent program says to another from one socket to one socket depends on what it
 * heard there, and it comes in order; so one after the other they must be the same in both runs, as
 * far as both go: how far is a matter of time. Left out is what time may change besides: datagrams
 * that could be lost or overtake each other, programs that gave up an answer, and those that opened
 * another number of sockets, for they began anew. */
#include "run/compare.h"

#include <inttypes.h>
#include <string.h>

bool wbh_gave_up_datagrams(const struct wbh_comparison *of, uint32_t program) {
    return of->reference->correspondence.gave_up[program]
           || of->stage->correspondence.gave_up[program];
}

static bool repeats_itself(const struct wbh_comparison *of, uint32_t program) {
    return of->repeats[program] && !wbh_gave_up_datagrams(of, program)
           && of->reference->correspondence.post_counts[program]
                  == of->stage->correspondence.post_counts[program];
}

static bool is_same_letter(const struct wbh_line *a, const struct wbh_line *b, size_t i) {
    const struct wbh_letter *there = &a->letters[i];
    const struct wbh_letter *here = &b->letters[i];
    return there->len == here->len
           && (here->len == 0
               || memcmp(a->bytes + there->begin, b->bytes + here->begin, here->len) == 0);
}

/* The first that differs; letter_count of `line`: none does, as far as both go. */
static size_t first_difference(const struct wbh_line *reference, const struct wbh_line *line) {
    size_t common =
        reference->letter_count < line->letter_count ? reference->letter_count : line->letter_count;
    for (size_t i = 0; i < common; i++) {
        if (!is_same_letter(reference, line, i)) {
            return i;
        }
    }
    return line->letter_count;
}

struct difference {
    const struct wbh_line *reference;
    const struct wbh_line *line; /* NULL: there is none */
    size_t number;
};

/* Of several the first comes first: the others may come of it. */
static struct difference find_difference(const struct wbh_comparison *of) {
    const struct wbh_correspondence *correspondence = &of->stage->correspondence;
    struct difference first = {.line = NULL};
    for (size_t i = 0; i < correspondence->line_count; i++) {
        const struct wbh_line *line = &correspondence->lines[i];
        const struct wbh_line *reference =
            wbh_correspondence_line(&of->reference->correspondence, line);
        if (reference == NULL || !repeats_itself(of, line->speaker.process)
            || !repeats_itself(of, line->hearer.process)) {
            continue;
        }
        size_t number = first_difference(reference, line);
        if (number < line->letter_count
            && (first.line == NULL
                || line->letters[number].step < first.line->letters[first.number].step)) {
            first = (struct difference){reference, line, number};
        }
    }
    return first;
}

static void add_letter(struct wbh_prose *prose, const struct wbh_line *line, size_t number) {
    const struct wbh_letter *letter = &line->letters[number];
    if (letter->len == 0) {
        wbh_prose_add(prose, "an empty one");
    } else {
        wbh_prose_bytes(prose, line->bytes + letter->begin, letter->len);
    }
}

void wbh_compare_datagrams(const struct wbh_comparison *of) {
    if (!of->stage->correspondence.is_kept || !of->keeps_datagrams) {
        return;
    }
    const struct difference difference = find_difference(of);
    const struct wbh_line *line = difference.line;
    if (line == NULL) {
        return;
    }
    char text[320];
    struct wbh_prose prose;
    wbh_prose_init(&prose, text, sizeof(text));
    wbh_prose_add(&prose, "datagram %zu from %s is ", difference.number + 1,
        wbh_scenario_program(of->stage->scenario, line->speaker.process).label);
    add_letter(&prose, line, difference.number);
    wbh_prose_add(&prose, " instead of ");
    add_letter(&prose, difference.reference, difference.number);
    const struct wbh_letter *letter = &line->letters[difference.number];
    const struct wbh_heard heard = {
        .label = wbh_scenario_program(of->stage->scenario, line->hearer.process).label,
        .subject = line->subject,
        .step = letter->step,
        .time_ns = letter->time_ns,
    };
    wbh_judge_diverged_at(&of->runner->roles[line->speaker.process].judge, of->oracle, &heard,
        of->reference_name, text);
}
