/* The report of one run as text: what came of it, why, which faults it took, how it went. */
#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include "report/names.h"

static void add_colour(struct wbh_text *out, unsigned flags, const char *colour) {
    if ((flags & WBH_PRINT_COLOUR) != 0) {
        wbh_text_add(out, colour);
    }
}

static void add_heading(struct wbh_text *out, unsigned flags, const char *heading) {
    add_colour(out, flags, "\x1b[1m");
    wbh_text_add(out, heading);
    add_colour(out, flags, "\x1b[0m");
    wbh_text_add(out, "\n");
}

static void add_time(struct wbh_text *out, uint64_t time_ns) {
    uint64_t us = time_ns / 1000;
    wbh_text_format(out, "%" PRIu64 ".%03" PRIu64 " ms", us / 1000, us % 1000);
}

static void print_verdict(const struct wbh_report *report, unsigned flags, struct wbh_text *out) {
    const struct wbh_result *result = report->result;
    enum wbh_verdict expected = (enum wbh_verdict)report->scenario->verdict;
    int is_expected = result->verdict == expected;
    wbh_text_add(out, "verdict  ");
    add_colour(out, flags, is_expected ? "\x1b[1;32m" : "\x1b[1;31m");
    wbh_text_add(out, wbh_verdict_name(result->verdict));
    add_colour(out, flags, "\x1b[0m");
    if (is_expected) {
        wbh_text_add(out, ", as expected\n");
    } else {
        wbh_text_format(out, ", expected %s\n", wbh_verdict_name(expected));
    }
    if (report->is_dead) {
        wbh_text_add(out, "run      ended with its process: no hash, no counts\n");
        return;
    }
    wbh_text_format(out, "run      %s after ", wbh_report_stop_text(result->stop));
    wbh_text_count(out, result->calls, "system call");
    wbh_text_add(out, " and ");
    add_time(out, result->time_ns);
    wbh_text_add(out, " of virtual time");
    if (result->stop == SIM_STOP_EXITED) {
        wbh_text_format(out, ", status %d", result->exit_status);
    }
    wbh_text_format(out, "\nhash     %016" PRIx64 "\n", result->hash);
}

/* Several lines, each behind an indentation. */
static void add_indented(struct wbh_text *out, const char *lines) {
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        if (len != 0) {
            wbh_text_add(out, "    ");
            wbh_text_append(out, lines, len);
        }
        wbh_text_add(out, "\n");
        lines += len;
        lines += *lines == '\n';
    }
}

static void add_finding(
    struct wbh_text *out, const struct wbh_report *report, const struct wbh_finding *finding) {
    wbh_text_format(
        out, "  %s: %s\n", wbh_verdict_name((enum wbh_verdict)finding->verdict), finding->text);
    add_indented(out, finding->why);
    if (report->is_dead) {
        return;
    }
    wbh_text_format(out, "    (oracle %s, at ", finding->oracle);
    add_time(out, finding->time_ns);
    wbh_text_format(out, ", call %" PRIu32, finding->step);
    if (finding->subject != WBH_SUBJECT_NONE) {
        wbh_text_add(out, ", connection ");
        wbh_report_add_connection(out, report->scenario, finding->subject);
    }
    wbh_text_add(out, ")\n");
}

static void print_diagnosis(const struct wbh_report *report, unsigned flags, struct wbh_text *out) {
    const struct wbh_result *result = report->result;
    if (result->finding_count == 0) {
        return;
    }
    add_heading(out, flags, "diagnosis");
    for (uint32_t i = 0; i < result->finding_count; i++) {
        add_finding(out, report, &result->findings[i]);
    }
    if (result->faults.highest_legality_injected != WBH_LEGALITY_FAILING && report->trace != NULL
        && report->trace->decision_count != 0) {
        wbh_text_format(out, "    All faults of this run were transparent (at most %s).\n",
            wbh_legality_name((enum wbh_legality)result->highest_legality));
    }
}

static int was_injected(const struct sim_fault_counts *faults) {
    for (size_t point = 0; point < WBH_POINT_COUNT; point++) {
        for (size_t action = 0; action < WBH_ACTION_COUNT; action++) {
            if (faults->injected[point][action] != 0) {
                return 1;
            }
        }
    }
    return 0;
}

static void add_counts(struct wbh_text *out, const struct sim_fault_counts *faults) {
    if (!was_injected(faults)) {
        wbh_text_add(out, "  none was injected\n");
        return;
    }
    wbh_text_format(out, "  %-24s %9s %9s %9s\n", "where, what", "offered", "injected", "consumed");
    for (size_t point = 0; point < WBH_POINT_COUNT; point++) {
        for (size_t action = 0; action < WBH_ACTION_COUNT; action++) {
            if (faults->injected[point][action] == 0) {
                continue;
            }
            wbh_text_format(out, "  %-10s %-13s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
                wbh_point_name((enum wbh_point)point), wbh_action_name((enum wbh_action)action),
                faults->offered[point][action], faults->injected[point][action],
                faults->consumed[point][action]);
        }
    }
}

/* What was asked for and did not happen: whoever wrote it believes in a moment that never came, or
 * was another. */
static void add_unfired(struct wbh_text *out, const struct wbh_report *report, unsigned flags) {
    const struct wbh_scenario *scenario = report->scenario;
    for (uint32_t i = 0; i < scenario->fault_count && i < WBH_FAULTS_MAX; i++) {
        const uint8_t fate = report->result->planned_fired[i];
        if (fate == WBH_PLANNED_FIRED) {
            continue;
        }
        add_colour(out, flags, "\x1b[1;33m");
        wbh_text_add(
            out, fate == WBH_PLANNED_UNFIT ? "  DID NOT FIT: fault " : "  NEVER FIRED: fault ");
        wbh_report_add_decision(out, scenario, &scenario->faults[i]);
        add_colour(out, flags, "\x1b[0m");
        if (scenario->fault_lines != NULL && scenario->fault_lines[i] != 0) {
            wbh_text_format(out, "  (%s:%" PRIu32 ")", report->path, scenario->fault_lines[i]);
        }
        wbh_text_add(out, "\n");
    }
}

static void print_faults(const struct wbh_report *report, unsigned flags, struct wbh_text *out) {
    const struct wbh_result *result = report->result;
    add_heading(out, flags, "faults");
    add_counts(out, &result->faults);
    if (result->faults.unfit != 0) {
        wbh_text_format(
            out, "  %" PRIu64 " did not fit the moment and did nothing\n", result->faults.unfit);
    }
    if (result->planned_unfired != 0) {
        add_unfired(out, report, flags);
    }
}

static void print_timeline(const struct wbh_report *report, unsigned flags, struct wbh_text *out) {
    struct wbh_timeline timeline = {0};
    add_heading(out, flags, "timeline");
    if (wbh_timeline_build(&timeline, report->scenario, report->trace, report->result) == 0) {
        wbh_timeline_print(&timeline, flags, WBH_REPORT_LINES_MAX, out);
    } else {
        out->failed = 1;
    }
    wbh_timeline_clean_up(&timeline);
}

/* "ping_pong on far, ping_pong_client as client on near" */
static void add_programs(struct wbh_text *out, const struct wbh_scenario *scenario) {
    wbh_text_add(out, "program  ");
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        wbh_text_format(out, "%s%s", i == 0 ? "" : ", ", cast.program);
        if (strcmp(cast.label, cast.program) != 0) {
            wbh_text_format(out, " as %s", cast.label);
        }
        if (cast.host != 0) {
            wbh_text_format(out, " on %s", scenario->hosts[cast.host - 1].name);
        }
    }
}

void wbh_report_print(const struct wbh_report *report, unsigned flags, struct wbh_text *out) {
    const struct wbh_scenario *scenario = report->scenario;
    wbh_text_format(out, "scenario %s\n", report->path);
    if (scenario->title != NULL && *scenario->title != '\0') {
        wbh_text_add(out, "title    ");
        wbh_text_escape(out, scenario->title, strlen(scenario->title), SIZE_MAX);
        wbh_text_add(out, "\n");
    }
    add_programs(out, scenario);
    if (report->trigger != NULL) {
        wbh_text_format(out, " trigger=%s", report->trigger);
    }
    wbh_text_format(out, ", seed %" PRIu64 "\n", report->seed);
    print_verdict(report, flags, out);
    wbh_text_add(out, "\n");
    if (report->result->finding_count != 0) {
        print_diagnosis(report, flags, out);
        wbh_text_add(out, "\n");
    }
    if (!report->is_dead) {
        print_faults(report, flags, out);
    }
    if (report->trace != NULL) {
        wbh_text_add(out, "\n");
        print_timeline(report, flags, out);
    }
}
