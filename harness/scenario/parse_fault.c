/* From text to scenario: explicit faults, `fault [SUBJECT.]POINT ORDINAL ACTION [ARGUMENT]`. */
#include "scenario/parser.h"

#include "scenario/words.h"

#include <string.h>

/* ---- connections: alice, alice#2, local1.a, none */

enum subject_use { SUBJECT_OF_POINT, SUBJECT_OF_EVENT };

static const char subject_forms[] = "a connection: a peer's name, alice#2 for its second, "
                                    "local1.a and local1.b for the program's own, or none";

static int parse_local(struct wbh__parser *parser, struct wbh__span word, uint32_t *out) {
    const size_t prefix = strlen("local");
    if (word.len < prefix + 3 || word.at[word.len - 2] != '.'
        || (word.at[word.len - 1] != 'a' && word.at[word.len - 1] != 'b')) {
        return wbh__fail(&parser->lexer, word,
            "local and a number, .a for the end that connects or .b for the one that is accepted",
            NULL);
    }
    uint64_t number;
    if (wbh__span_number(&parser->lexer, wbh__span_part(word, prefix, word.len - prefix - 2),
            "the number of a local connection", 1, WBH__LOCAL_MAX, &number)
        != 0) {
        return -1;
    }
    *out = WBH_SUBJECT_LOCAL | (uint32_t)(2 * (number - 1) + (word.at[word.len - 1] == 'b'));
    return 0;
}

static int parse_peer_subject(struct wbh__parser *parser, struct wbh__span word,
    enum subject_use use, struct wbh__reference *reference) {
    const char *mark = word.len > 0 ? memchr(word.at, '#', word.len) : NULL;
    size_t name_len = mark != NULL ? (size_t)(mark - word.at) : word.len;
    reference->name = wbh__span_part(word, 0, name_len);
    if (!wbh__is_peer_name(word.at, name_len)) {
        return wbh__fail(&parser->lexer, word, subject_forms, NULL);
    }
    uint64_t which = 1;
    if (mark != NULL
        && wbh__span_number(&parser->lexer,
               wbh__span_part(word, name_len + 1, word.len - name_len - 1),
               "which of the peer's connections, for its first the name alone,", 2,
               WBH__INCARNATION_MAX, &which)
               != 0) {
        return -1;
    }
    reference->incarnation = (uint32_t)which - 1;
    reference->kind = use == SUBJECT_OF_POINT ? WBH__REFERENCE_SUBJECT : WBH__REFERENCE_ABOUT;
    reference->item = parser->scenario->fault_count;
    return wbh__add_reference(parser, *reference);
}

/* Peers are resolved later: *out stays NONE and a reference is noted. */
static int parse_subject(
    struct wbh__parser *parser, struct wbh__span word, enum subject_use use, uint32_t *out) {
    *out = WBH_SUBJECT_NONE;
    if (wbh__span_is(word, WBH__NO_CONNECTION)) {
        return 0;
    }
    if (use == SUBJECT_OF_EVENT && wbh__span_is(word, WBH__LISTENER)) {
        *out = WBH_SUBJECT_LISTENER;
        return 0;
    }
    size_t stem = 0;
    while (stem < word.len && word.at[stem] != '.') {
        stem++;
    }
    if (wbh__is_reserved_name(word.at, stem) && !wbh__span_is(word, WBH__LISTENER)) {
        return parse_local(parser, word, out);
    }
    struct wbh__reference reference = {.incarnation = 0};
    return parse_peer_subject(parser, word, use, &reference);
}

/* ---- [SUBJECT.]POINT */

static const char *point_word(unsigned n) {
    return n < WBH_POINT_COUNT ? wbh_point_name((enum wbh_point)n) : NULL;
}

/* server; server#2 for its second thread. Resolved later. */
static int parse_program(struct wbh__parser *parser, struct wbh__span word, enum wbh_point point) {
    struct wbh__reference reference = {
        .kind = WBH__REFERENCE_FAULT_PROGRAM, .item = parser->scenario->fault_count, .name = word};
    const char *mark = word.len > 0 ? memchr(word.at, '#', word.len) : NULL;
    uint64_t which = 1;
    if (mark != NULL && wbh_point_is_per_thread(point)) {
        size_t name_len = (size_t)(mark - word.at);
        reference.name = wbh__span_part(word, 0, name_len);
        if (wbh__span_number(&parser->lexer,
                wbh__span_part(word, name_len + 1, word.len - name_len - 1),
                "which of the program's threads, for its first the name alone,", 2, WBH_THREADS_MAX,
                &which)
            != 0) {
            return -1;
        }
    }
    reference.incarnation = (uint32_t)which - 1;
    return wbh__add_reference(parser, reference);
}

static int parse_moment(
    struct wbh__parser *parser, struct wbh__span moment, struct wbh_decision *fault) {
    size_t begin = moment.len;
    while (begin > 0 && moment.at[begin - 1] != '.') {
        begin--;
    }
    struct wbh__span name = wbh__span_part(moment, begin, moment.len - begin);
    int point = name.len > 0 ? wbh_point_from_name(name.at, name.len) : -1;
    if (point < 0) {
        return wbh__fail_word(&parser->lexer, name.len > 0 ? name : moment,
            "a point: recv, send, connect, inbound, outbound or step of a connection, as in "
            "alice.recv; accept, wait, open, register, alloc, clock, run, resolve, file-read, "
            "file-write, switch, rouse, park or thread",
            point_word);
    }
    fault->point = (uint8_t)point;
    bool has_subject = begin > 0;
    if (!has_subject && wbh_point_is_per_connection((enum wbh_point)point)) {
        return wbh__fail(&parser->lexer, moment, subject_forms, "write alice.%s for peer alice",
            wbh_point_name((enum wbh_point)point));
    }
    if (!has_subject) {
        return 0;
    }
    struct wbh__span subject = wbh__span_part(moment, 0, begin - 1);
    if (wbh_point_is_per_connection((enum wbh_point)point)) {
        return parse_subject(parser, subject, SUBJECT_OF_POINT, &fault->subject);
    }
    if (point == WBH_POINT_RUN) {
        return wbh__fail(&parser->lexer, moment, "the point alone", "run belongs to all programs");
    }
    return parse_program(parser, subject, (enum wbh_point)point);
}

/* ---- ACTION */

static const char *action_word(unsigned n) {
    return n + 1 < WBH_ACTION_COUNT ? wbh_action_name((enum wbh_action)(n + 1)) : NULL;
}

/* "short, would-block, reset, error": what can be decided at a point. */
static void list_actions(enum wbh_point point, char *out, size_t out_len) {
    size_t len = 0;
    out[0] = '\0';
    for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
        if ((wbh_point_actions(point) >> action & 1u) != 0) {
            const char *name = wbh_action_name((enum wbh_action)action);
            const char *joint = len > 0 ? ", " : "";
            if (len + strlen(joint) + strlen(name) + 1 > out_len) {
                return;
            }
            memcpy(out + len, joint, strlen(joint));
            len += strlen(joint);
            memcpy(out + len, name, strlen(name) + 1);
            len += strlen(name);
        }
    }
}

static int parse_action(struct wbh__parser *parser, struct wbh_decision *fault) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    enum wbh_point point = (enum wbh_point)fault->point;
    int action = word.len > 0 ? wbh_action_from_name(word.at, word.len) : -1;
    if (action >= 0 && (wbh_point_actions(point) >> action & 1u) != 0) {
        fault->action = (uint8_t)action;
        return 0;
    }
    char actions[96];
    char expected[128] = "what can happen here: ";
    list_actions(point, actions, sizeof actions);
    memcpy(expected + strlen(expected), actions, strlen(actions) + 1);
    if (action >= 0) {
        return wbh__fail(&parser->lexer, word, expected, "%s cannot happen at %s",
            wbh_action_name((enum wbh_action)action), wbh_point_name(point));
    }
    return wbh__fail_word(&parser->lexer, word, expected, action_word);
}

/* ---- ARGUMENT */

static const char *errno_word(unsigned n) {
    return n == 0 || wbh_errno_nth(n) != wbh_errno_nth(0) ? wbh_errno_name(wbh_errno_nth(n)) : NULL;
}

static int parse_errno(struct wbh__parser *parser, struct wbh_decision *fault) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    enum wbh_point point = (enum wbh_point)fault->point;
    int number = word.len > 0 ? wbh_errno_from_name(word.at, word.len) : 0;
    if (number == 0) {
        return wbh__fail_word(
            &parser->lexer, word, "the name of an error, as in ECONNRESET", errno_word);
    }
    if ((wbh_point_errnos(point) >> wbh_errno_index(number) & 1u) == 0) {
        return wbh__fail(&parser->lexer, word, "an error that this call can have",
            "%s does not fail with %s", wbh_point_name(point), wbh_errno_name(number));
    }
    fault->value = (uint64_t)number;
    return 0;
}

static int parse_events(struct wbh__parser *parser, struct wbh_decision *fault) {
    uint32_t bits = 0;
    int status = wbh__span_bits(&parser->lexer, wbh__lexer_take(&parser->lexer),
        "events, joined by commas: readable, writable, read-closed, hangup, error, priority",
        wbh__event_word, wbh__event_bit, &bits);
    fault->value = bits;
    return status;
}

static int parse_spurious(struct wbh__parser *parser, struct wbh_decision *fault) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    if (word.len == 0 || *word.at == '"') {
        return wbh__fail(&parser->lexer, word,
            "whose event and which, as in spurious alice readable or spurious listener readable",
            NULL);
    }
    return parse_subject(parser, word, SUBJECT_OF_EVENT, &fault->about) != 0
               ? -1
               : parse_events(parser, fault);
}

static int parse_argument(struct wbh__parser *parser, struct wbh_decision *fault) {
    switch (wbh_action_argument((enum wbh_action)fault->action)) {
    case WBH_ARGUMENT_NONE:
        return 0;
    case WBH_ARGUMENT_COUNT:
        return wbh__span_number(&parser->lexer, wbh__lexer_take(&parser->lexer), "a number", 1,
            UINT32_MAX, &fault->value);
    case WBH_ARGUMENT_TIME:
        return wbh__span_time(
            &parser->lexer, wbh__lexer_take(&parser->lexer), WBH_DURATION_MAX_NS, &fault->value);
    case WBH_ARGUMENT_ERRNO:
        return parse_errno(parser, fault);
    case WBH_ARGUMENT_EVENTS:
        return parse_spurious(parser, fault);
    }
    return 0;
}

/* ---- the line */

int wbh__parse_fault(struct wbh__parser *parser) {
    struct wbh_decision fault = {.subject = WBH_SUBJECT_NONE};
    struct wbh__span moment = wbh__lexer_take(&parser->lexer);
    if (parse_moment(parser, moment, &fault) != 0) {
        return -1;
    }
    uint64_t ordinal;
    if (wbh__span_number(
            &parser->lexer, wbh__lexer_take(&parser->lexer), "which time,", 1, UINT32_MAX, &ordinal)
        != 0) {
        return -1;
    }
    fault.ordinal = (uint32_t)ordinal;
    if (parse_action(parser, &fault) != 0 || parse_argument(parser, &fault) != 0) {
        return -1;
    }
    if (parser->scenario->fault_count == WBH_FAULTS_MAX) {
        return wbh__fail(&parser->lexer, moment, "at most 4096 faults", NULL);
    }
    const struct wbh__reference reference = {
        .kind = WBH__REFERENCE_MOMENT, .item = parser->scenario->fault_count, .name = moment};
    if (wbh__add_reference(parser, reference) != 0) {
        return -1;
    }
    return wbh__add_fault(parser->scenario, &fault, moment.line) == 0
               ? 0
               : wbh__fail_memory(&parser->lexer);
}
