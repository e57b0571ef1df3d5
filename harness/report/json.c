/* The report of one run as JSON. A building step that fails leaves out a key; the document is then
 * given up as a whole, so nothing half-written gets out. */
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"

enum { REPORT_FORMAT_VERSION = 1 };

json_t *wbh_report_json_string(const char *string) {
    json_t *value = json_string(string);
    if (value != NULL) {
        return value;
    }
    struct wbh_text escaped = {0};
    for (const char *at = string; *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80) {
            wbh_text_escape(&escaped, at, 1, 1);
        } else {
            wbh_text_append(&escaped, at, 1);
        }
    }
    value = escaped.failed ? NULL : json_string(wbh_text_string(&escaped));
    wbh_text_clean_up(&escaped);
    return value;
}

int wbh_report_json_set(json_t *object, const char *key, json_t *value) {
    return value == NULL ? -1 : json_object_set_new(object, key, value);
}

void wbh_report_json_print(json_t *document, struct wbh_text *out) {
    char *dump = json_dumps(document, JSON_INDENT(2));
    if (dump == NULL) {
        out->failed = 1;
        return;
    }
    wbh_text_add(out, dump);
    wbh_text_add(out, "\n");
    free(dump);
}

/* The document that was being built; NULL, and all of it gone, if a step failed. */
static json_t *whole_or_none(json_t *value, int rc) {
    if (rc != 0) {
        json_decref(value);
        return NULL;
    }
    return value;
}

/* JSON integers are signed here; what is larger than a run can be is clipped. */
static json_t *json_count(uint64_t count) {
    return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

static json_t *json_hash(uint64_t hash) {
    return json_sprintf("%016" PRIx64, hash);
}

/* Takes over the text. */
static json_t *json_text(struct wbh_text *text) {
    json_t *value = text->failed ? NULL : wbh_report_json_string(wbh_text_string(text));
    wbh_text_clean_up(text);
    return value;
}

static json_t *json_connection(const struct wbh_scenario *scenario, uint32_t subject) {
    if (subject == WBH_SUBJECT_NONE) {
        return json_null();
    }
    struct wbh_text text = {0};
    wbh_report_add_connection(&text, scenario, subject);
    return json_text(&text);
}

static json_t *json_decision(
    const struct wbh_scenario *scenario, const struct wbh_decision *decision) {
    struct wbh_text text = {0};
    wbh_report_add_decision(&text, scenario, decision);
    return json_text(&text);
}

json_t *wbh_report_finding_json(
    const struct wbh_scenario *scenario, const struct wbh_finding *finding) {
    json_t *object = json_object();
    int rc = 0;
    rc |= wbh_report_json_set(
        object, "verdict", json_string(wbh_verdict_name((enum wbh_verdict)finding->verdict)));
    rc |= wbh_report_json_set(object, "oracle", wbh_report_json_string(finding->oracle));
    rc |= wbh_report_json_set(object, "text", wbh_report_json_string(finding->text));
    rc |= wbh_report_json_set(object, "why", wbh_report_json_string(finding->why));
    rc |= wbh_report_json_set(object, "time_ns", json_count(finding->time_ns));
    rc |= wbh_report_json_set(object, "call", json_integer(finding->step));
    rc |= wbh_report_json_set(object, "connection", json_connection(scenario, finding->subject));
    return whole_or_none(object, rc);
}

static json_t *json_findings(const struct wbh_report *report) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < report->result->finding_count; i++) {
        json_t *finding = wbh_report_finding_json(report->scenario, &report->result->findings[i]);
        if (finding == NULL || json_array_append_new(array, finding) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* All of several, by number. */
static json_t *json_programs(const struct wbh_scenario *scenario) {
    json_t *array = json_array();
    int rc = 0;
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        json_t *object = json_object();
        rc |= wbh_report_json_set(object, "program", wbh_report_json_string(cast.program));
        rc |= wbh_report_json_set(object, "label", wbh_report_json_string(cast.label));
        if (cast.host != 0) {
            rc |= wbh_report_json_set(
                object, "host", wbh_report_json_string(scenario->hosts[cast.host - 1].name));
        }
        rc |= json_array_append_new(array, object);
    }
    return whole_or_none(array, rc);
}

static json_t *json_scenario(const struct wbh_report *report) {
    const struct wbh_scenario *scenario = report->scenario;
    json_t *options = json_object();
    json_t *object = json_object();
    int rc = 0;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        rc |= wbh_report_json_set(
            options, scenario->options[i].name, wbh_report_json_string(scenario->options[i].value));
    }
    if (report->trigger != NULL) {
        rc |= wbh_report_json_set(options, "trigger", wbh_report_json_string(report->trigger));
    }
    rc |= wbh_report_json_set(object, "path", wbh_report_json_string(report->path));
    rc |= wbh_report_json_set(
        object, "title", wbh_report_json_string(scenario->title != NULL ? scenario->title : ""));
    rc |= wbh_report_json_set(object, "program", wbh_report_json_string(scenario->program));
    rc |= wbh_report_json_set(object, "options", options);
    if (scenario->other_count != 0) {
        rc |= wbh_report_json_set(object, "programs", json_programs(scenario));
    }
    rc |= wbh_report_json_set(object, "profile",
        wbh_report_json_string(scenario->profile != NULL ? scenario->profile : "none"));
    rc |= wbh_report_json_set(object, "seed", json_sprintf("%" PRIu64, report->seed));
    return whole_or_none(object, rc);
}

static json_t *json_planned(const struct wbh_report *report) {
    const struct wbh_scenario *scenario = report->scenario;
    json_t *array = json_array();
    int rc = 0;
    for (uint32_t i = 0; i < scenario->fault_count && i < WBH_FAULTS_MAX; i++) {
        json_t *object = json_object();
        rc |= wbh_report_json_set(object, "fault", json_decision(scenario, &scenario->faults[i]));
        rc |= wbh_report_json_set(object, "line",
            json_integer(scenario->fault_lines != NULL ? scenario->fault_lines[i] : 0));
        rc |= wbh_report_json_set(
            object, "fired", json_boolean(report->result->planned_fired[i] == WBH_PLANNED_FIRED));
        rc |= json_array_append_new(array, object);
    }
    return whole_or_none(array, rc);
}

static json_t *json_counts(const struct sim_fault_counts *faults) {
    json_t *array = json_array();
    int rc = 0;
    for (size_t point = 0; point < WBH_POINT_COUNT; point++) {
        for (size_t action = 0; action < WBH_ACTION_COUNT; action++) {
            if (faults->offered[point][action] == 0 && faults->injected[point][action] == 0) {
                continue;
            }
            json_t *object = json_object();
            rc |= wbh_report_json_set(
                object, "point", json_string(wbh_point_name((enum wbh_point)point)));
            rc |= wbh_report_json_set(
                object, "action", json_string(wbh_action_name((enum wbh_action)action)));
            rc |=
                wbh_report_json_set(object, "offered", json_count(faults->offered[point][action]));
            rc |= wbh_report_json_set(
                object, "injected", json_count(faults->injected[point][action]));
            rc |= wbh_report_json_set(
                object, "consumed", json_count(faults->consumed[point][action]));
            rc |= json_array_append_new(array, object);
        }
    }
    return whole_or_none(array, rc);
}

static json_t *json_decisions(const struct wbh_report *report) {
    json_t *array = json_array();
    int rc = 0;
    for (size_t i = 0; i < report->trace->decision_count; i++) {
        const struct wbh_decision *decision = &report->trace->decisions[i];
        json_t *object = json_object();
        rc |= wbh_report_json_set(object, "fault", json_decision(report->scenario, decision));
        rc |= wbh_report_json_set(object, "legality",
            json_string(wbh_legality_name((enum wbh_legality)decision->legality)));
        rc |= json_array_append_new(array, object);
    }
    return whole_or_none(array, rc);
}

static json_t *json_faults(const struct wbh_report *report) {
    json_t *object = json_object();
    int rc = 0;
    rc |= wbh_report_json_set(object, "counts", json_counts(&report->result->faults));
    rc |= wbh_report_json_set(object, "unfit", json_count(report->result->faults.unfit));
    rc |= wbh_report_json_set(object, "highest_legality",
        json_string(wbh_legality_name((enum wbh_legality)report->result->highest_legality)));
    rc |= wbh_report_json_set(object, "planned", json_planned(report));
    rc |= wbh_report_json_set(
        object, "planned_unfired", json_integer(report->result->planned_unfired));
    if (report->trace != NULL) {
        rc |= wbh_report_json_set(object, "decisions", json_decisions(report));
    }
    return whole_or_none(object, rc);
}

static json_t *json_entry(const struct wbh_scenario *scenario, const struct wbh_timeline *timeline,
    const struct wbh_timeline_entry *entry) {
    json_t *object = json_object();
    int rc = 0;
    rc |= wbh_report_json_set(object, "time_ns", json_count(entry->time_ns));
    rc |= wbh_report_json_set(object, "call", json_integer(entry->step));
    rc |= wbh_report_json_set(object, "kind", json_string(wbh_who_name((enum wbh_who)entry->kind)));
    rc |= wbh_report_json_set(
        object, "who", wbh_report_json_string(wbh_timeline_string(timeline, entry->who)));
    rc |= wbh_report_json_set(
        object, "text", wbh_report_json_string(wbh_timeline_string(timeline, entry->text)));
    rc |= wbh_report_json_set(object, "connection", json_connection(scenario, entry->subject));
    rc |= wbh_report_json_set(object, "bytes", json_count(entry->bytes));
    rc |= wbh_report_json_set(object, "detail", json_boolean(entry->is_detail));
    return whole_or_none(object, rc);
}

static json_t *json_timeline(const struct wbh_report *report) {
    struct wbh_timeline timeline = {0};
    json_t *array = json_array();
    int rc = wbh_timeline_build(&timeline, report->scenario, report->trace, report->result);
    for (size_t i = 0; rc == 0 && i < timeline.entry_count; i++) {
        json_t *entry = json_entry(report->scenario, &timeline, &timeline.entries[i]);
        rc = entry == NULL ? -1 : json_array_append_new(array, entry);
    }
    wbh_timeline_clean_up(&timeline);
    return whole_or_none(array, rc);
}

static json_t *json_verdict(enum wbh_verdict verdict) {
    return json_string(wbh_verdict_name(verdict));
}

json_t *wbh_report_json(const struct wbh_report *report) {
    const struct wbh_result *result = report->result;
    enum wbh_verdict expected = (enum wbh_verdict)report->scenario->verdict;
    json_t *document = json_object();
    int rc = 0;
    rc |= wbh_report_json_set(document, "format", json_string("wouldblock-report"));
    rc |= wbh_report_json_set(document, "version", json_integer(REPORT_FORMAT_VERSION));
    rc |= wbh_report_json_set(document, "scenario", json_scenario(report));
    rc |= wbh_report_json_set(document, "verdict", json_verdict(result->verdict));
    rc |= wbh_report_json_set(document, "expected", json_verdict(expected));
    rc |= wbh_report_json_set(document, "as_expected", json_boolean(result->verdict == expected));
    rc |= wbh_report_json_set(document, "stop", json_string(wbh_report_stop_name(result->stop)));
    rc |= wbh_report_json_set(document, "exit_status",
        result->stop == SIM_STOP_EXITED ? json_integer(result->exit_status) : json_null());
    rc |= wbh_report_json_set(
        document, "hash", report->is_dead ? json_null() : json_hash(result->hash));
    rc |= wbh_report_json_set(document, "calls", json_count(result->calls));
    rc |= wbh_report_json_set(document, "time_ns", json_count(result->time_ns));
    rc |= wbh_report_json_set(document, "findings", json_findings(report));
    rc |= wbh_report_json_set(document, "faults", json_faults(report));
    if (report->trace != NULL) {
        rc |= wbh_report_json_set(document, "timeline", json_timeline(report));
    }
    return whole_or_none(document, rc);
}
