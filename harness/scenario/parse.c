/* From text to scenario: the statements. The grammar is in scenarios/README.md. */
#include "scenario/parser.h"

#include "scenario/files.h"
#include "scenario/words.h"

#include "wouldblock/fault.h"

#include <stdlib.h>
#include <string.h>

int wbh__expect_once(
    struct wbh__parser *parser, struct wbh__span keyword, uint32_t *line, const char *what) {
    if (*line != 0) {
        return wbh__fail(&parser->lexer, keyword, "this statement once only",
            "the %s stands in line %u already", what, (unsigned)*line);
    }
    *line = keyword.line;
    return 0;
}

/* ---- scenario "title" */

static int parse_title(struct wbh__parser *parser, struct wbh__span keyword) {
    if (wbh__expect_once(parser, keyword, &parser->scenario_line, "title") != 0) {
        return -1;
    }
    uint8_t title[WBH_TEXT_MAX];
    size_t len;
    struct wbh__span string = wbh__lexer_peek(&parser->lexer);
    if (wbh__lexer_string(&parser->lexer, title, sizeof title,
            "the title in quotes, as in scenario \"a split line is echoed once\"", &len)
        != 0) {
        return -1;
    }
    if (!wbh__is_title((const char *)title, len)) {
        return wbh__fail(&parser->lexer, string, "a title without a NUL", NULL);
    }
    if (wbh__set_title(parser->scenario, (const char *)title, len) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    return 0;
}

/* ---- program NAME option=value flag ... */

bool wbh__split_assignment(
    struct wbh__span span, struct wbh__span *out_name, struct wbh__span *out_value) {
    const char *sign = span.len > 0 ? memchr(span.at, '=', span.len) : NULL;
    if (sign == NULL) {
        return false;
    }
    size_t name_len = (size_t)(sign - span.at);
    *out_name = wbh__span_part(span, 0, name_len);
    *out_value = wbh__span_part(span, name_len + 1, span.len - name_len - 1);
    return true;
}

static int check_option_name(struct wbh__parser *parser, struct wbh__span name) {
    if (!wbh__is_option_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name,
            "an option's name: a small letter, then small letters, digits and '-'",
            name.len > 0 && name.at[0] == '-' ? "options stand here without their dashes" : NULL);
    }
    for (uint32_t i = 0; i < wbh__option_count(parser->scenario); i++) {
        if (wbh__span_is(name, wbh__option_name_at(parser->scenario, i))) {
            return wbh__fail(&parser->lexer, name, "each option once only", NULL);
        }
    }
    return 0;
}

static int parse_option(struct wbh__parser *parser) {
    struct wbh__span word = wbh__lexer_peek(&parser->lexer);
    struct wbh__span name = word;
    struct wbh__span value = wbh__span_part(word, word.len, 0);
    if (wbh__span_is(word, "as") || wbh__span_is(word, "on")) {
        return wbh__fail(&parser->lexer, word, "an option, as in trigger=edge",
            "before all options stand as LABEL, then on HOST");
    }
    if (wbh__lexer_word(&parser->lexer).len == 0) {
        return wbh__fail(&parser->lexer, word,
            "an option as name=value, as in trigger=edge, or a flag by its name", NULL);
    }
    bool is_flag = !wbh__split_assignment(word, &name, &value);
    if (!is_flag && name.len > 0 && !wbh__is_option_value(value.at, value.len)) {
        return wbh__fail(&parser->lexer, value,
            "an option's value: printable characters without blanks, quotes and '#'", NULL);
    }
    if (check_option_name(parser, name) != 0) {
        return -1;
    }
    if (wbh__option_count(parser->scenario) == WBH_OPTIONS_MAX) {
        return wbh__fail(&parser->lexer, word, "at most 16 options", NULL);
    }
    if (wbh__add_option(parser->scenario, name.at, name.len, value.at, value.len) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    return 0;
}

/* The n-th program's label must tell it from those before it. */
static int check_label(
    struct wbh__parser *parser, struct wbh__span program, struct wbh__span place, uint32_t n) {
    const char *label = wbh__label_at(parser->scenario, n);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(label, wbh__label_at(parser->scenario, i)) == 0) {
            return wbh__fail(&parser->lexer, place, "a name no other program has",
                "give it one of its own, as in program %.*s as second", (int)program.len,
                program.at);
        }
    }
    return 0;
}

static int fail_reserved(struct wbh__parser *parser, struct wbh__span name) {
    return wbh__fail(&parser->lexer, name, "a name that means nothing yet",
        "none, listener and local1, local2 ... have a meaning in fault lines");
}

static int parse_label(struct wbh__parser *parser, uint32_t n) {
    struct wbh__span label = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_peer_name(label.at, label.len)) {
        return wbh__fail(&parser->lexer, label,
            "a name for the program: a small letter, then small letters, digits and '_', at most "
            "31 in all",
            NULL);
    }
    if (wbh__is_reserved_name(label.at, label.len)) {
        return fail_reserved(parser, label);
    }
    return wbh__set_label(parser->scenario, n, label.at, label.len) == 0
               ? 0
               : wbh__fail_memory(&parser->lexer);
}

/* [as LABEL] [on HOST] */
static int parse_role(struct wbh__parser *parser, struct wbh__span program, uint32_t n) {
    struct wbh__span name = program;
    if (wbh__span_is(wbh__lexer_peek(&parser->lexer), "as")) {
        (void)wbh__lexer_word(&parser->lexer);
        name = wbh__lexer_peek(&parser->lexer);
        if (parse_label(parser, n) != 0) {
            return -1;
        }
    }
    if (check_label(parser, program, name, n) != 0) {
        return -1;
    }
    return wbh__parse_on_host(parser, WBH__REFERENCE_HOST_OF_PROGRAM, n);
}

static int add_program(
    struct wbh__parser *parser, struct wbh__span keyword, struct wbh__span name) {
    struct wbh_scenario *scenario = parser->scenario;
    if (scenario->program_line == 0) {
        scenario->program_line = keyword.line;
        return wbh__set_program(scenario, name.at, name.len);
    }
    return wbh__add_program(scenario, name.at, name.len, keyword.line);
}

static int parse_program(struct wbh__parser *parser, struct wbh__span keyword) {
    uint32_t n =
        parser->scenario->program_line == 0 ? 0 : wbh_scenario_program_count(parser->scenario);
    if (n == WBH_PROGRAMS_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 16 programs", NULL);
    }
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_program_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name,
            "the name of a program: a small letter, then small letters, digits and '_'", NULL);
    }
    if (add_program(parser, keyword, name) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    if (parse_role(parser, name, n) != 0) {
        return -1;
    }
    while (wbh__lexer_peek(&parser->lexer).len > 0) {
        if (parse_option(parser) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- faults PROFILE seed=N */

static const char *profile_word(unsigned n) {
    return n < wbh_profile_count() ? wbh_profile_nth(n)->name : NULL;
}

static int parse_profile(struct wbh__parser *parser, struct wbh__span keyword) {
    if (wbh__expect_once(parser, keyword, &parser->profile_line, "profile") != 0) {
        return -1;
    }
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    const struct wbh_profile *profile =
        word.len > 0 ? wbh_profile_from_name(word.at, word.len) : NULL;
    if (profile == NULL) {
        return wbh__fail_word(
            &parser->lexer, word, "a profile: none, gentle, hostile or failing", profile_word);
    }
    parser->scenario->profile = profile->name;
    struct wbh__span seed = wbh__lexer_word(&parser->lexer);
    if (seed.len == 0) {
        return 0;
    }
    struct wbh__span name;
    struct wbh__span value;
    if (!wbh__split_assignment(seed, &name, &value) || !wbh__span_is(name, "seed")) {
        return wbh__fail(&parser->lexer, seed, "seed=NUMBER or the end of the line", NULL);
    }
    return wbh__span_number(
        &parser->lexer, value, "a seed", 0, UINT64_MAX, &parser->scenario->seed);
}

/* ---- peer NAME */

static int check_peer_name(struct wbh__parser *parser, struct wbh__span name) {
    if (!wbh__is_peer_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name,
            "a peer's name: a small letter, then small letters, digits and '_', at most 31 in all",
            NULL);
    }
    if (wbh__is_reserved_name(name.at, name.len)) {
        return fail_reserved(parser, name);
    }
    for (uint32_t i = 0; i < parser->scenario->peer_count; i++) {
        const struct wbh_peer *peer = wbh__peer_at(parser->scenario, i);
        if (wbh__span_is(name, peer->name)) {
            return wbh__fail(&parser->lexer, name, "a name no other peer has",
                "there is a peer %s in line %u", peer->name, (unsigned)peer->line);
        }
    }
    return wbh__check_no_host(parser, name);
}

static int parse_peer(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (check_peer_name(parser, name) != 0) {
        return -1;
    }
    if (parser->scenario->peer_count == WBH_PEERS_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 64 peers", NULL);
    }
    if (wbh__add_peer(parser->scenario, name.at, name.len, keyword.line) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    parser->in_peer = true;
    return wbh__parse_on_host(
        parser, WBH__REFERENCE_HOST_OF_PEER, parser->scenario->peer_count - 1);
}

/* ---- verdict WORD */

static const char *verdict_word(unsigned n) {
    return n < WBH_VERDICT_COUNT ? wbh_verdict_name((enum wbh_verdict)n) : NULL;
}

static int parse_verdict(struct wbh__parser *parser, struct wbh__span keyword) {
    if (wbh__expect_once(parser, keyword, &parser->verdict_line, "verdict") != 0) {
        return -1;
    }
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    int verdict = word.len > 0 ? wbh_verdict_from_name(word.at, word.len) : -1;
    if (verdict < 0) {
        return wbh__fail_word(&parser->lexer, word,
            "a verdict: ok, crash, hang, spin, divergence, protocol, leak, misuse or limit",
            verdict_word);
    }
    parser->scenario->verdict = (uint8_t)verdict;
    return 0;
}

/* ---- lines */

static int parse_fault_line(struct wbh__parser *parser, struct wbh__span keyword) {
    (void)keyword;
    return wbh__parse_fault(parser);
}

static const struct {
    const char *word;
    int (*parse)(struct wbh__parser *parser, struct wbh__span keyword);
} statements[] = {
    {"scenario", parse_title},
    {"program", parse_program},
    {"host", wbh__parse_host},
    {"link", wbh__parse_link},
    {"at", wbh__parse_moment},
    {"file", wbh__parse_file},
    {"expect", wbh__parse_expected_file},
    {"faults", parse_profile},
    {"peer", parse_peer},
    {"fault", parse_fault_line},
    {"verdict", parse_verdict},
};

enum { STATEMENT_COUNT = sizeof statements / sizeof statements[0] };

static const char *statement_word(unsigned n) {
    return n < STATEMENT_COUNT ? statements[n].word : NULL;
}

static int parse_statement(struct wbh__parser *parser) {
    struct wbh__span keyword = wbh__lexer_take(&parser->lexer);
    if (parser->scenario_line == 0 && !wbh__span_is(keyword, "scenario")) {
        return wbh__fail(
            &parser->lexer, keyword, "scenario \"title\" as the first statement", NULL);
    }
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if (wbh__span_is(keyword, statements[i].word)) {
            parser->in_peer = false;
            return statements[i].parse(parser, keyword);
        }
    }
    return wbh__fail_word(&parser->lexer, keyword,
        "a statement: program, host, link, at, file, expect, faults, peer, fault or verdict",
        statement_word);
}

static int parse_line(struct wbh__parser *parser) {
    if (!wbh__lexer_is_indented(&parser->lexer)) {
        return parse_statement(parser);
    }
    if (!parser->in_peer) {
        return wbh__fail(&parser->lexer, wbh__lexer_peek(&parser->lexer),
            "a statement, in the first column", "only the steps of a peer are indented");
    }
    return wbh__parse_step(parser);
}

static int parse_all(struct wbh__parser *parser) {
    while (wbh__lexer_next_line(&parser->lexer)) {
        if (parse_line(parser) != 0 || wbh__lexer_end_line(&parser->lexer) != 0) {
            return -1;
        }
    }
    if (parser->scenario_line == 0) {
        return wbh__fail(
            &parser->lexer, wbh__lexer_eof(&parser->lexer), "scenario \"title\"", NULL);
    }
    if (parser->scenario->program_line == 0) {
        return wbh__fail(&parser->lexer, wbh__lexer_eof(&parser->lexer),
            "a line that says which program runs: program NAME", NULL);
    }
    return wbh__resolve(parser);
}

struct wbh_scenario *wbh_scenario_parse(
    const char *text, size_t len, struct wbh_parse_error *error) {
    return wbh_scenario_parse_with(text, len, NULL, error);
}

struct wbh_scenario *wbh_scenario_parse_with(const char *text, size_t len,
    const struct wbh_scenario_source *source, struct wbh_parse_error *error) {
    struct wbh__parser parser = {.source = source};
    wbh__lexer_init(&parser.lexer, text, len, error);
    parser.scenario = wbh_scenario_new();
    if (parser.scenario == NULL || wbh__begin(parser.scenario) != 0) {
        (void)wbh__fail_memory(&parser.lexer);
        wbh_scenario_destroy(parser.scenario);
        return NULL;
    }
    int status = parse_all(&parser);
    free(parser.references.items);
    if (status != 0) {
        wbh_scenario_destroy(parser.scenario);
        return NULL;
    }
    return parser.scenario;
}
