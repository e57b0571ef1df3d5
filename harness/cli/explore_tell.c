/* What `explore` says at the end: what was covered, and what failed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/explore.h"
#include "report/report.h"

enum { EXPLORE_FORMAT_VERSION = 1 };

/* ---- for people ---- */

/* "at most 2 faults", "no fault". */
static void add_bound(struct wbh_text *text, uint32_t max, const char *noun) {
    if (max == WBH_UNBOUNDED) {
        wbh_text_format(text, "any number of %ss", noun);
    } else if (max == 0) {
        wbh_text_format(text, "no %s", noun);
    } else {
        wbh_text_add(text, "at most ");
        wbh_text_count(text, max, noun);
    }
}

/* The runs that a level is about. */
static void add_scope(
    struct wbh_text *text, const struct wbh_enumeration *enumeration, uint32_t total_max) {
    const uint32_t faults = enumeration->faults_max;
    const uint32_t preemptions = enumeration->orders ? enumeration->preemptions_max : 0;
    if (faults != 0) {
        add_bound(text, faults < total_max ? faults : total_max, "fault");
        wbh_text_format(text, " (%s)", wbh_legality_name(enumeration->legality_max));
    }
    if (enumeration->orders) {
        wbh_text_add(text, faults != 0 ? " and " : "");
        add_bound(text, preemptions < total_max ? preemptions : total_max, "pre-emption");
    }
    if (faults != 0 && preemptions != 0 && total_max != WBH_UNBOUNDED
        && (preemptions == WBH_UNBOUNDED || total_max < faults + preemptions)) {
        wbh_text_format(text, ", %" PRIu32 " together", total_max);
    }
}

/* "alice#2's bytes cut behind 17"; nothing: it was not cut. */
static void add_cut(struct wbh_text *text, const struct cli_explored *explored) {
    const struct wbh_scenario *scenario = explored->input->scenario;
    const struct cli_exploration *last = explored->last;
    if (last->job.cut == NULL) {
        wbh_text_add(text, "not cut");
    } else if (last->cut.at == 0) {
        wbh_text_add(text, "cut behind every byte");
    } else {
        const uint32_t nth = WBH_SUBJECT_INCARNATION(last->cut.subject);
        wbh_text_format(text, "cut behind byte %" PRIu64 " of %s", last->cut.at,
            scenario->peers[WBH_SUBJECT_PEER(last->cut.subject)].name);
        if (nth != 0) {
            wbh_text_format(text, "#%" PRIu32, nth + 1);
        }
    }
}

/* A level of which no run failed. */
static void add_level(struct wbh_text *text, const struct cli_explored *explored, uint32_t n) {
    const struct cli_level *level = &explored->levels[n];
    if (explored->options->splits) {
        wbh_text_add(text, level->is_complete
                               ? "what peers send in one piece, cut at each place and "
                                 "byte by byte"
                               : "not all covered: of the cuts of what peers send");
    } else {
        wbh_text_add(
            text, level->is_complete ? "every run with " : "not all covered: of the runs with ");
        add_scope(text, &explored->enumeration, level->total_max);
    }
    if (level->is_complete) {
        wbh_text_add(text, ": ");
        wbh_text_count(text, level->runs, "run");
        wbh_text_add(text, ", none failed\n");
    } else if (level->runs == 0) {
        wbh_text_add(text, " none was made\n");
    } else {
        wbh_text_format(text, " the first %" PRIu64 ", none failed\n", level->runs);
    }
}

static void add_notes(struct wbh_text *text, const struct cli_exploration *last) {
    if (last->is_sampled) {
        wbh_text_add(text, "      note: of times, and of numbers above 8, a few stood for all\n");
    }
    if (last->is_cut_short) {
        wbh_text_format(text,
            "      note: some runs had more than %d branches: not all of them were covered\n",
            WBH_BRANCHES_MAX);
    }
}

static void add_failure(struct wbh_text *text, const struct cli_explored *explored) {
    const struct cli_exploration *last = explored->last;
    const struct wbh_finding *finding = last->outcome.finding;
    const uint32_t level = explored->level_count - 1;
    wbh_text_format(text, "FAIL  %s  %s, expected %s%s%s\n", explored->input->path,
        wbh_verdict_name((enum wbh_verdict)last->outcome.verdict),
        wbh_verdict_name((enum wbh_verdict)explored->input->scenario->verdict),
        finding != NULL ? ": " : "", finding != NULL ? finding->text : "");
    wbh_text_format(text, "      in run %" PRIu64 ", ", explored->runs);
    if (explored->options->splits) {
        add_cut(text, explored);
    } else {
        wbh_text_add(text, "with ");
        add_scope(text, &explored->enumeration, explored->levels[level].total_max);
    }
    wbh_text_add(text, "\n");
    if (level != 0) {
        wbh_text_add(text, "      before: ");
        add_level(text, explored, level - 1);
    }
    if (explored->saved_as != NULL) {
        wbh_text_format(text, "      note: %s\n", explored->saved_as);
    }
    if (explored->saved != NULL) {
        wbh_text_format(text, "      replay: wouldblock replay %s%s\n", explored->saved,
            last->job.is_tolerant ? " --tolerant" : "");
    }
}

static void add_success(struct wbh_text *text, const struct cli_explored *explored) {
    const uint32_t level = explored->level_count - 1;
    wbh_text_format(text, "%s  %s  ", explored->levels[level].is_complete ? "ok  " : "part",
        explored->input->path);
    add_level(text, explored, level);
    if (!explored->levels[level].is_complete && level != 0) {
        wbh_text_add(text, "      before: ");
        add_level(text, explored, level - 1);
    }
}

int cli_explore_tell(const struct cli_explored *explored) {
    struct wbh_text text = {0};
    if (explored->last->is_found) {
        add_failure(&text, explored);
    } else {
        add_success(&text, explored);
    }
    add_notes(&text, explored->last);
    int status = text.failed ? cli_error("out of memory") : cli_write_stdout(text.bytes, text.len);
    wbh_text_clean_up(&text);
    return status;
}

/* ---- for machines ---- */

static json_t *count_json(uint64_t count) {
    return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

static json_t *bound_json(uint32_t max) {
    return max == WBH_UNBOUNDED ? json_null() : json_integer(max);
}

static json_t *levels_json(const struct cli_explored *explored) {
    json_t *levels = json_array();
    int rc = 0;
    for (uint32_t i = 0; i < explored->level_count; i++) {
        const struct cli_level *level = &explored->levels[i];
        json_t *object = json_object();
        rc |= wbh_report_json_set(object, "total_max", bound_json(level->total_max));
        rc |= wbh_report_json_set(object, "runs", count_json(level->runs));
        rc |= wbh_report_json_set(object, "complete", json_boolean(level->is_complete));
        rc |= json_array_append_new(levels, object);
    }
    if (rc != 0) {
        json_decref(levels);
        return NULL;
    }
    return levels;
}

static int add_failure_json(json_t *document, const struct cli_explored *explored) {
    const struct cli_exploration *last = explored->last;
    const bool is_found = last->is_found;
    int rc = wbh_report_json_set(document, "verdict",
        json_string(wbh_verdict_name((enum wbh_verdict)(
            is_found ? last->outcome.verdict : (uint8_t)explored->input->scenario->verdict))));
    rc |= wbh_report_json_set(document, "as_expected", json_boolean(!is_found));
    rc |= wbh_report_json_set(document, "finding",
        is_found && last->outcome.finding != NULL
            ? wbh_report_finding_json(explored->input->scenario, last->outcome.finding)
            : json_null());
    rc |= wbh_report_json_set(document, "saved",
        explored->saved != NULL ? wbh_report_json_string(explored->saved) : json_null());
    return rc;
}

int cli_explore_print_json(const struct cli_explored *explored) {
    const struct wbh_enumeration *enumeration = &explored->enumeration;
    json_t *document = json_object();
    struct wbh_text text = {0};
    int rc = 0;
    rc |= wbh_report_json_set(document, "format", json_string("wouldblock-explore"));
    rc |= wbh_report_json_set(document, "version", json_integer(EXPLORE_FORMAT_VERSION));
    rc |= wbh_report_json_set(document, "path", wbh_report_json_string(explored->input->path));
    rc |= wbh_report_json_set(document, "faults_max", json_integer(enumeration->faults_max));
    rc |= wbh_report_json_set(
        document, "legality", json_string(wbh_legality_name(enumeration->legality_max)));
    rc |= wbh_report_json_set(document, "orders", json_boolean(enumeration->orders));
    rc |= wbh_report_json_set(document, "preemptions_max",
        enumeration->orders ? bound_json(enumeration->preemptions_max) : json_integer(0));
    rc |= wbh_report_json_set(document, "splits", json_boolean(explored->options->splits));
    rc |= wbh_report_json_set(document, "runs", count_json(explored->runs));
    rc |= wbh_report_json_set(document, "complete",
        json_boolean(
            !explored->last->is_found && explored->levels[explored->level_count - 1].is_complete));
    rc |= wbh_report_json_set(document, "sampled", json_boolean(explored->last->is_sampled));
    rc |= wbh_report_json_set(document, "levels", levels_json(explored));
    rc |= add_failure_json(document, explored);
    if (rc == 0) {
        wbh_report_json_print(document, &text);
    }
    text.failed |= rc != 0;
    json_decref(document);
    int status = text.failed ? cli_error("out of memory") : cli_write_stdout(text.bytes, text.len);
    wbh_text_clean_up(&text);
    return status;
}
