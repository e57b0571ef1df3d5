/* A survey as one HTML page: contents, legend, a block a rule, a table a case; for reading on a
 * screen and for printing. It loads nothing and runs nothing. */
#include <string.h>

#include "semantics/show.h"

static const char style[] =
    ":root{--ink:#1b1f24;--faint:#59636e;--rule:#d1d9e0;--wash:#f6f8fa;--good:#1a7f37;--bad:#"
    "b3261e;"
    "--badwash:#fff1f0;--warn:#8a5a00;--warnwash:#fff8e1}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:62rem;padding:2rem 1.5rem 4rem;color:var(--ink);background:#fff;"
    "font:16px/1.5 system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .25rem}\n"
    "h2{font-size:1.35rem;margin:3rem 0 .5rem;padding-bottom:.3rem;border-bottom:2px solid "
    "var(--ink)}\n"
    "h3{font-size:1rem;margin:0;font-weight:600}\n"
    "h4{font-size:.85rem;margin:1rem 0 .25rem;font-weight:600}\n"
    "p{margin:.4rem 0}\n"
    "a{color:inherit}\n"
    "code,td,.cell{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans "
    "Mono',monospace}\n"
    "code{font-size:.85em}\n"
    ".faint{color:var(--faint);font-size:.85rem}\n"
    ".summary{font-size:1.05rem;padding:.75rem 1rem;background:var(--wash);border-left:4px solid "
    "var(--good);margin:1.25rem 0}\n"
    ".summary.differs{border-color:var(--bad);background:var(--badwash)}\n"
    ".legend{border-collapse:collapse}\n"
    ".legend td{padding:.15rem 1rem .15rem 0;font-size:.85rem;vertical-align:top}\n"
    ".legend td:first-child{white-space:nowrap}\n"
    ".legend td+td{font-family:inherit}\n"
    "nav ol{list-style:none;padding:0;margin:.5rem 0}\n"
    "nav li{margin:.35rem 0;display:grid;grid-template-columns:19rem 1fr;gap:0 1rem}\n"
    ".chips a{display:inline-block;min-width:2.9rem;text-align:center;margin:0 .15rem "
    ".2rem 0;padding:0 .3rem;border:1px solid var(--rule);border-radius:3px;font-size:.75rem;"
    "text-decoration:none}\n"
    ".chips .equal{color:var(--good)}\n"
    ".chips .one-sided{color:var(--warn)}\n"
    ".chips .not-covered{color:var(--warn);background:var(--warnwash);border-style:dashed}\n"
    ".chips .in-part{border-style:dashed;border-color:var(--warn)}\n"
    ".chips .differs{color:#fff;background:var(--bad);border-color:var(--bad)}\n"
    ".rule{margin:1.5rem 0;padding-left:4.25rem;position:relative}\n"
    ".rule>.name{position:absolute;left:0;top:0;font-weight:700}\n"
    ".status{font-size:.75rem;font-weight:600;margin-left:.4rem;white-space:nowrap}\n"
    ".status.equal{color:var(--good)}\n"
    ".status.one-sided,.status.this-kernel-only,.status.simulated-only{color:var(--warn)}\n"
    ".status.not-covered{color:var(--warn);background:var(--warnwash);padding:.05rem "
    ".4rem;border:1px "
    "dashed var(--warn)}\n"
    ".status.differs,.status.not-as-stated{color:var(--bad)}\n"
    "table.case{border-collapse:collapse;width:100%;font-size:.78rem;table-layout:fixed}\n"
    "table.case th{text-align:left;font-weight:600;font-size:.72rem;color:var(--faint);"
    "border-bottom:1px solid var(--rule);padding:.1rem .5rem .1rem 0}\n"
    "table.case th:first-child{width:54%}\n"
    "table.case td{padding:.1rem .5rem .1rem 0;vertical-align:top;overflow-wrap:anywhere}\n"
    "table.case tr.observed td{background:var(--wash)}\n"
    "table.case tr.observed td:first-child{padding-left:1.2rem;font-family:inherit;color:"
    "var(--faint)}\n"
    "table.case tr.head td{background:var(--wash);padding-top:.25rem}\n"
    "table.case tr.differs td{background:var(--badwash);color:var(--bad);font-weight:600}\n"
    "table.case tr.varies td{font-style:italic}\n"
    "table.case tr.beyond td{color:#8c959f}\n"
    ".failure{color:var(--bad);font-size:.85rem}\n"
    "@page{size:A4;margin:16mm 14mm}\n"
    "@media print{body{max-width:none;padding:0;font-size:9.5pt}h2{break-after:avoid}"
    "table.case,h3,h4{break-inside:avoid}h3,h4{break-after:avoid}a{text-decoration:none}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n"
    "@media (max-width:46rem){nav li{grid-template-columns:1fr}.rule{padding-left:0}.rule>.name{"
    "position:static}}\n";

static void add_escaped(struct wbh_text *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            wbh_text_add(out, "&lt;");
            break;
        case '>':
            wbh_text_add(out, "&gt;");
            break;
        case '&':
            wbh_text_add(out, "&amp;");
            break;
        case '"':
            wbh_text_add(out, "&quot;");
            break;
        default:
            wbh_text_append(out, text, 1);
        }
    }
}

static void add_element(struct wbh_text *out, const char *tags, const char *text, const char *end) {
    wbh_text_add(out, tags);
    add_escaped(out, text);
    wbh_text_add(out, end);
}

/* ---- tables ---- */

static const char *mark_class(enum wbh_row_mark mark) {
    static const char *const classes[] = {[WBH_ROW_EQUAL] = "",
        [WBH_ROW_VARIES] = " varies",
        [WBH_ROW_DIFFERS] = " differs",
        [WBH_ROW_NOT_REACHED] = " beyond"};
    return classes[mark];
}

static void add_three(
    struct wbh_text *out, const char *first, const char *simulated, const char *real) {
    add_element(out, "<td>", first, "</td>");
    add_element(out, "<td>", simulated, "</td>");
    add_element(out, "<td>", real, "</td></tr>\n");
}

static const char *result_of(const struct wbh_row *row, const struct wbh_shown_step *step) {
    return step == NULL || wbh_row_is_plain(row) ? "" : step->result;
}

static void add_row(
    struct wbh_text *out, const struct wbh_survey *survey, const struct wbh_row *row) {
    const struct wbh_shown_step *step = wbh_row_step(row);
    struct wbh_mode_group groups[WB_CONTRACT_MODE_COUNT];
    struct wbh_text text = {0};
    int is_observed = step->kind == WB_CONTRACT_OBSERVED;
    wbh_text_add(&text, step->text);
    if (row->count > 1) {
        wbh_text_format(&text, " (%u times)", row->count);
    }
    int is_head = is_observed && row->mark == WBH_ROW_DIFFERS;
    wbh_text_format(out, "<tr class=\"%s%s\">", is_observed ? "head" : "",
        mark_class(is_head ? WBH_ROW_EQUAL : row->mark));
    add_three(
        out, wbh_text_string(&text), result_of(row, row->simulated), result_of(row, row->real));
    wbh_text_clean_up(&text);
    size_t count = is_observed ? wbh_show_group_modes(survey, row, groups) : 0;
    for (size_t i = 0; i < count; i++) {
        struct wbh_text modes = {0};
        wbh_show_add_modes(&modes, groups[i].modes, survey->modes);
        int is_equal = is_head && !wbh_mode_group_differs(&groups[i]);
        wbh_text_format(
            out, "<tr class=\"observed%s\">", mark_class(is_equal ? WBH_ROW_EQUAL : row->mark));
        add_three(out, wbh_text_string(&modes), wbh_text_string(&groups[i].simulated),
            wbh_text_string(&groups[i].real));
        wbh_text_clean_up(&modes);
        wbh_mode_group_clean_up(&groups[i]);
    }
}

static void add_failure(
    struct wbh_text *out, const char *where, const struct wbh_outcome *outcome) {
    if (*outcome->failure != '\0') {
        wbh_text_format(out, "<p class=\"failure\">%s: ", where);
        add_element(out, "", outcome->failure, "</p>\n");
    }
}

static const char *remark_of(const struct wbh_case_result *result) {
    if (result->comparison.verdict == WBH_CASE_REAL_ONLY) {
        return "Needs addresses that are not mapped: shown on this kernel only.";
    }
    return (result->one->flags & WB_CONTRACT_TIMING) != 0
               ? "Amounts or moments vary: compared by what the case allows; italics mark what "
                 "varied."
               : NULL;
}

static void add_case(
    struct wbh_text *out, const struct wbh_survey *survey, const struct wbh_case_result *result) {
    const struct wbh_comparison *comparison = &result->comparison;
    const char *remark = remark_of(result);
    if (comparison->verdict == WBH_CASE_NOT_SHOWN) {
        return;
    }
    wbh_text_add(out, "<h4>");
    wbh_show_add_case_name(out, result->one);
    wbh_text_format(out, "<span class=\"status %s\">%s</span></h4>\n",
        wbh_case_verdict_name(comparison->verdict), wbh_show_verdict(comparison->verdict));
    if (remark != NULL) {
        wbh_text_format(out, "<p class=\"faint\">%s</p>\n", remark);
    }
    wbh_text_add(out, "<table class=\"case\"><thead><tr><th>step</th><th>simulated</th>"
                      "<th>this kernel</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < comparison->row_count; i++) {
        add_row(out, survey, &comparison->rows[i]);
    }
    wbh_text_add(out, "</tbody></table>\n");
    add_failure(out, "simulated", &result->simulated);
    add_failure(out, "this kernel", &result->real);
}

/* ---- rules ---- */

static void add_rule(
    struct wbh_text *out, const struct wbh_survey *survey, const struct wbh_rule_result *result) {
    char name[16];
    wbh_rule_name(result->rule, name, sizeof name);
    wbh_text_format(
        out, "<section class=\"rule\" id=\"%s\"><span class=\"name\">%s</span>\n<h3>", name, name);
    add_escaped(out, result->rule->sentence);
    wbh_text_format(out, "<span class=\"status %s\">%s</span></h3>\n",
        wbh_rule_status_name(result->status), wbh_show_status(result->status));
    if (result->rule->limits != NULL) {
        add_element(out, "<p class=\"faint\">Not looked at: ", result->rule->limits, ".</p>\n");
    }
    if (result->missing_kinds != 0) {
        wbh_text_add(out, "<p><span class=\"status not-covered\">NOT COVERED for: ");
        wbh_show_add_kinds(out, result->missing_kinds);
        wbh_text_add(out, "</span></p>\n");
    }
    for (size_t i = 0; i < result->case_count; i++) {
        add_case(out, survey, &result->cases[i]);
    }
    wbh_text_add(out, "</section>\n");
}

static void add_rules(struct wbh_text *out, const struct wbh_survey *survey) {
    int section = -1;
    for (size_t i = 0; i < survey->rule_count; i++) {
        const struct wbh_rule_result *result = &survey->rules[i];
        if (!result->is_wanted) {
            continue;
        }
        if (section != (int)result->rule->section) {
            section = (int)result->rule->section;
            wbh_text_format(out, "<h2 id=\"s%d\">%d. %s</h2>\n", section + 1, section + 1,
                wbh_rule_section_title(result->rule->section));
        }
        add_rule(out, survey, result);
    }
}

/* ---- what comes before them ---- */

static void add_chips(
    struct wbh_text *out, const struct wbh_survey *survey, enum wbh_rule_section section) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        const struct wbh_rule_result *result = &survey->rules[i];
        char name[16];
        if (result->is_wanted && result->rule->section == section) {
            wbh_rule_name(result->rule, name, sizeof name);
            wbh_text_format(out, "<a class=\"%s%s\" href=\"#%s\" title=\"",
                wbh_rule_status_name(result->status), result->missing_kinds != 0 ? " in-part" : "",
                name);
            add_escaped(out, result->rule->sentence);
            wbh_text_format(out, "\">%s</a>", name);
        }
    }
}

static int has_wanted(const struct wbh_survey *survey, enum wbh_rule_section section) {
    for (size_t i = 0; i < survey->rule_count; i++) {
        if (survey->rules[i].is_wanted && survey->rules[i].rule->section == section) {
            return 1;
        }
    }
    return 0;
}

static void add_contents(struct wbh_text *out, const struct wbh_survey *survey) {
    wbh_text_add(out, "<nav><h2>Contents</h2>\n<ol>\n");
    for (int section = 0; section < WBH_SECTION_COUNT; section++) {
        if (!has_wanted(survey, (enum wbh_rule_section)section)) {
            continue;
        }
        wbh_text_format(out, "<li><a href=\"#s%d\">%d. %s</a><span class=\"chips\">", section + 1,
            section + 1, wbh_rule_section_title((enum wbh_rule_section)section));
        add_chips(out, survey, (enum wbh_rule_section)section);
        wbh_text_add(out, "</span></li>\n");
    }
    wbh_text_add(out, "</ol></nav>\n");
}

static void add_spurious(struct wbh_text *out) {
    wbh_text_add(out, "<h2 id=\"spurious\">Events that nothing stands behind</h2>\n"
                      "<table class=\"legend\"><tbody>\n");
    for (size_t i = 0; i < wbh_spurious_count(); i++) {
        const struct wbh_spurious *spurious = wbh_spurious_nth(i);
        wbh_text_format(out, "<tr><td>S%u</td><td>", spurious->number);
        add_escaped(out, spurious->sentence);
        for (const char *at = spurious->rules; *at != '\0';) {
            int len = (int)strcspn(at, " ");
            wbh_text_format(out, " <a href=\"#%.*s\">%.*s</a>", len, at, len, at);
            at += len;
            at += *at == ' ';
        }
        wbh_text_add(out, "</td></tr>\n");
    }
    wbh_text_add(out, "</tbody></table>\n");
}

static const char legend[] =
    "<h2>How to read it</h2>\n"
    "<p>Each rule is a sentence and the cases that show it. A case runs the same system calls on "
    "the simulated kernel and on this one; descriptors are named by what they are to the case. An "
    "observation waits three times, without blocking, on one registration a mode.</p>\n"
    "<table class=\"legend\"><tbody>\n"
    "<tr><td>IN*</td><td>every wait reports IN, until the state changes</td></tr>\n"
    "<tr><td>IN</td><td>the first wait reports IN, the next ones nothing</td></tr>\n"
    "<tr><td>-</td><td>no wait reports anything</td></tr>\n"
    "<tr><td>a c b</td><td>one wait on an instance: the entries it reports, in order</td></tr>\n"
    "<tr><td>level, edge</td><td>the modes: level, EPOLLET, EPOLLONESHOT, both, and level with "
    "EPOLLEXCLUSIVE, which leaves only IN and OUT to ask for</td></tr>\n"
    "<tr><td>register</td><td>in one instance a mode, for the events named</td></tr>\n"
    "<tr><td>colours</td><td>a red row differs; a grey one was not reached on the other kernel, "
    "where a check had failed</td></tr>\n"
    "<tr><td>R1</td><td class=\"chips\"><a class=\"equal\">equal</a> both kernels did the same, "
    "as the rule says; <a class=\"differs\">differs</a> they did not; <a class=\"one-sided\">one "
    "kernel</a> only one of them can run it; <a class=\"not-covered\">not covered</a> no case "
    "shows it yet; <a class=\"equal in-part\">dashed</a> not yet shown for every kind of "
    "descriptor that it is about</td></tr>\n"
    "</tbody></table>\n";

void wbh_show_html(const struct wbh_survey *survey, struct wbh_text *out) {
    int differs = wbh_survey_count(survey, WBH_RULE_DIFFERS) > 0;
    wbh_text_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light\">\n"
                      "<title>Semantics of readiness</title>\n<style>\n");
    wbh_text_add(out, style);
    wbh_text_add(out, "</style></head><body>\n<h1>Semantics of readiness</h1>\n"
                      "<p class=\"faint\">The simulated kernel beside ");
    add_escaped(out, survey->kernel);
    wbh_text_format(out, ", %s.</p>\n", survey->family == WB_AF_INET6 ? "IPv6" : "IPv4");
    wbh_text_format(out, "<p class=\"summary%s\">", differs ? " differs" : "");
    wbh_show_summary(survey, out);
    wbh_text_add(out, "</p>\n");
    add_contents(out, survey);
    wbh_text_add(out, legend);
    add_rules(out, survey);
    if (wbh_survey_wanted(survey) == survey->rule_count) {
        add_spurious(out);
    }
    wbh_text_add(out, "</body></html>\n");
}
