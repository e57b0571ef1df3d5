/* Prints a timeline for people: columns, colours, repetitions folded. */
#include "report/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CYCLE_MAX = 24,     /* the longest run of lines that is recognised when it repeats */
    CYCLE_LINES_MIN = 6 /* fewer repeated lines are not worth a remark */
};

static const char *const colours[WBH_WHO_COUNT] = {
    [WBH_WHO_PROGRAM] = "",
    [WBH_WHO_WAIT] = "\x1b[36m",
    [WBH_WHO_PEER] = "\x1b[32m",
    [WBH_WHO_NETWORK] = "\x1b[2m",
    [WBH_WHO_KERNEL] = "\x1b[2m",
    [WBH_WHO_FAULT] = "\x1b[33m",
    [WBH_WHO_FINDING] = "\x1b[1;31m",
};

struct printer {
    const struct wbh_timeline *timeline;
    const size_t *lines; /* indices of the entries to print */
    size_t line_count;
    size_t who_width;
    unsigned flags;
    struct wbh_text *out;
};

static void print_line(const struct printer *printer, size_t line) {
    const struct wbh_timeline_entry *entry = &printer->timeline->entries[printer->lines[line]];
    const char *colour = (printer->flags & WBH_PRINT_COLOUR) != 0 ? colours[entry->kind] : "";
    uint64_t us = entry->time_ns / 1000;
    wbh_text_format(printer->out, "%7" PRIu64 ".%03" PRIu64 " ms  %s%-*s  %s%s\n", us / 1000,
        us % 1000, colour, (int)printer->who_width,
        wbh_timeline_string(printer->timeline, entry->who),
        wbh_timeline_string(printer->timeline, entry->text), *colour != '\0' ? "\x1b[0m" : "");
}

static void print_remark(
    const struct printer *printer, const char *format, size_t count, size_t times) {
    wbh_text_repeat(printer->out, ' ', 12);
    wbh_text_add(printer->out, (printer->flags & WBH_PRINT_COLOUR) != 0 ? "\x1b[2m" : "");
    wbh_text_format(printer->out, format, count, times);
    wbh_text_add(printer->out, (printer->flags & WBH_PRINT_COLOUR) != 0 ? "\x1b[0m\n" : "\n");
}

/* Whether two lines say the same at different times. The number of a wait is a time, too. */
static int lines_alike(const struct printer *printer, size_t a, size_t b) {
    const struct wbh_timeline_entry *first = &printer->timeline->entries[printer->lines[a]];
    const struct wbh_timeline_entry *second = &printer->timeline->entries[printer->lines[b]];
    return first->kind == second->kind && first->subject == second->subject
           && first->kind != WBH_WHO_FINDING
           && (first->kind != WBH_WHO_PROGRAM
               || strcmp(wbh_timeline_string(printer->timeline, first->who),
                      wbh_timeline_string(printer->timeline, second->who))
                      == 0)
           && strcmp(wbh_timeline_string(printer->timeline, first->text),
                  wbh_timeline_string(printer->timeline, second->text))
                  == 0;
}

/* How many lines from `line` on are repetitions of the `cycle` lines before it. */
static size_t repeated_lines(const struct printer *printer, size_t line, size_t cycle) {
    size_t count = 0;
    while (line + count < printer->line_count
           && lines_alike(printer, line + count, line + count - cycle)) {
        count++;
    }
    return count - count % cycle;
}

/* Finds the shortest cycle that ends before `line` and goes on from it; 0 if none. */
static size_t find_cycle(const struct printer *printer, size_t line, size_t *out_repeated) {
    for (size_t cycle = 1; cycle <= CYCLE_MAX && cycle <= line; cycle++) {
        size_t repeated = repeated_lines(printer, line, cycle);
        if (repeated >= CYCLE_LINES_MIN) {
            *out_repeated = repeated;
            return cycle;
        }
    }
    return 0;
}

static void print_folded(const struct printer *printer, size_t lines_max) {
    size_t head = lines_max / 4;
    size_t tail = lines_max - head;
    size_t line = 0;
    while (line < printer->line_count) {
        if (lines_max != 0 && line >= head && printer->line_count - line > tail) {
            size_t left_out = printer->line_count - line - tail;
            print_remark(printer, "... %zu lines left out", left_out, 0);
            line += left_out;
            lines_max = 0;
            continue;
        }
        size_t repeated = 0;
        size_t cycle = find_cycle(printer, line, &repeated);
        if (cycle != 0) {
            print_remark(printer,
                cycle == 1 ? "... the last %zu line again, %zu times"
                           : "... the last %zu lines again, %zu times",
                cycle, repeated / cycle);
            line += repeated;
            continue;
        }
        print_line(printer, line++);
    }
}

static size_t select_lines(struct printer *printer, size_t *lines) {
    size_t count = 0;
    for (size_t i = 0; i < printer->timeline->entry_count; i++) {
        const struct wbh_timeline_entry *entry = &printer->timeline->entries[i];
        if (entry->is_detail && (printer->flags & WBH_PRINT_VERBOSE) == 0) {
            continue;
        }
        lines[count++] = i;
        size_t width = strlen(wbh_timeline_string(printer->timeline, entry->who));
        if (width > printer->who_width) {
            printer->who_width = width;
        }
    }
    return count;
}

void wbh_timeline_print(
    const struct wbh_timeline *timeline, unsigned flags, size_t lines_max, struct wbh_text *out) {
    if (timeline->entry_count == 0) {
        return;
    }
    size_t *lines = malloc(timeline->entry_count * sizeof *lines);
    if (lines == NULL) {
        out->failed = 1;
        return;
    }
    struct printer printer = {
        .timeline = timeline, .lines = lines, .who_width = 7, .flags = flags, .out = out};
    printer.line_count = select_lines(&printer, lines);
    if ((flags & WBH_PRINT_VERBOSE) != 0) {
        for (size_t i = 0; i < printer.line_count; i++) {
            print_line(&printer, i);
        }
    } else {
        print_folded(&printer, lines_max);
    }
    free(lines);
}
