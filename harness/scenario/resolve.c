/* What can be checked only when the whole text is read: names of peers, steps waited for, circles,
 * faults given twice. Errors come in the order of the text. */
#include "scenario/parser.h"

#include "scenario/files.h"
#include "scenario/rules.h"
#include "scenario/words.h"

#include <assert.h>
#include <string.h>

int wbh__add_reference(struct wbh__parser *parser, struct wbh__reference reference) {
    size_t count = parser->reference_count + 1;
    if (wbh__pool_reserve(&parser->references, count * sizeof reference) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    ((struct wbh__reference *)parser->references.items)[parser->reference_count++] = reference;
    return 0;
}

static int find_peer(const struct wbh_scenario *scenario, struct wbh__span name) {
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        if (wbh__span_is(name, scenario->peers[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

/* ---- names that nobody has ---- */

static const char *peer_name(void *user_data, unsigned n) {
    const struct wbh_scenario *scenario = user_data;
    return n < scenario->peer_count ? scenario->peers[n].name : NULL;
}

static const char *program_name(void *user_data, unsigned n) {
    struct wbh_scenario *scenario = user_data;
    return n < wbh_scenario_program_count(scenario) ? wbh__label_at(scenario, n) : NULL;
}

static const char *host_name(void *user_data, unsigned n) {
    struct wbh_scenario *scenario = user_data;
    return n < scenario->host_count ? wbh__host_at(scenario, n)->name : NULL;
}

/* Hosts, and then peers. */
static const char *end_name(void *user_data, unsigned n) {
    const struct wbh_scenario *scenario = user_data;
    return n < scenario->host_count ? host_name(user_data, n)
                                    : peer_name(user_data, n - scenario->host_count);
}

/* With the name that was meant as the hint, if one is near; otherwise 1 and nothing reported. */
static int fail_near(struct wbh__parser *parser, struct wbh__span name, const char *expected,
    const char *(*candidate)(void *user_data, unsigned n)) {
    const char *joint = memchr(name.at, '#', name.len); /* a thread of a program */
    size_t len = joint != NULL ? (size_t)(joint - name.at) : name.len;
    const char *nearest = wbh__nearest_name(name.at, len, candidate, parser->scenario);
    return nearest != NULL
               ? wbh__fail(&parser->lexer, name, expected, "did you mean '%s'?", nearest)
               : 1;
}

static int fail_peer(struct wbh__parser *parser, struct wbh__span name) {
    const struct wbh_scenario *scenario = parser->scenario;
    static const char expected[] = "the name of a peer of this scenario";
    if (fail_near(parser, name, expected, peer_name) < 0) {
        return -1;
    }
    char peers[96] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        size_t name_len = strlen(scenario->peers[i].name);
        if (len + name_len + 2 > sizeof peers - 4) {
            memcpy(peers + len, " ...", 5);
            break;
        }
        if (len > 0) {
            peers[len++] = ' ';
        }
        memcpy(peers + len, scenario->peers[i].name, name_len + 1);
        len += name_len;
    }
    return scenario->peer_count > 0
               ? wbh__fail(&parser->lexer, name, expected, "there is %s", peers)
               : wbh__fail(&parser->lexer, name, expected, "this scenario has no peer");
}

static int resolve_after(struct wbh__parser *parser, const struct wbh__reference *reference) {
    struct wbh_scenario *scenario = parser->scenario;
    int peer = find_peer(scenario, reference->name);
    if (peer < 0) {
        return fail_peer(parser, reference->name);
    }
    if ((uint32_t)peer == reference->peer) {
        return wbh__fail(&parser->lexer, reference->name, "the name of another peer",
            "a peer does not wait for itself");
    }
    struct wbh_step *step = wbh__step_at(scenario, reference->item);
    step->peer = (uint32_t)peer;
    uint32_t step_count = scenario->peers[peer].step_count;
    if (step->step > step_count) {
        return wbh__fail(&parser->lexer, reference->number, "a number of steps that the peer has",
            "%s has %u", scenario->peers[peer].name, (unsigned)step_count);
    }
    return 0;
}

static int resolve_subject(struct wbh__parser *parser, const struct wbh__reference *reference) {
    int peer = find_peer(parser->scenario, reference->name);
    if (peer < 0) {
        return fail_peer(parser, reference->name);
    }
    struct wbh_decision *fault = wbh__fault_at(parser->scenario, reference->item);
    uint32_t subject = WBH_SUBJECT(peer, reference->incarnation);
    if (reference->kind == WBH__REFERENCE_SUBJECT) {
        fault->subject = subject;
    } else {
        fault->about = subject;
    }
    return 0;
}

/* ---- programs, hosts, ends */

/* The number of a program by its label; -1: there is none. */
static int find_program(struct wbh_scenario *scenario, struct wbh__span name) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        if (wbh__span_is(name, wbh__label_at(scenario, i))) {
            return (int)i;
        }
    }
    return -1;
}

/* 0: there is none; otherwise as struct wbh_cast.host has it. */
static uint32_t find_host(struct wbh_scenario *scenario, struct wbh__span name) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        if (wbh__span_is(name, wbh__host_at(scenario, i)->name)) {
            return i + 1;
        }
    }
    return 0;
}

/* "ping_pong#2.accept": there is no such thing as its second thread's accept. */
static bool names_a_thread_in_vain(
    struct wbh__parser *parser, const struct wbh__reference *reference) {
    return reference->kind == WBH__REFERENCE_FAULT_PROGRAM
           && memchr(reference->name.at, '#', reference->name.len) != NULL
           && !wbh_point_is_per_thread(
               (enum wbh_point)wbh__fault_at(parser->scenario, reference->item)->point);
}

static bool is_kind_of_unix_socket(struct wbh__span word) {
    return wbh__span_is(word, "unix") || wbh__span_is(word, "seqpacket")
           || wbh__span_is(word, "datagram");
}

static int fail_program(struct wbh__parser *parser, const struct wbh__reference *reference) {
    static const char expected[] = "the name of a program of this scenario";
    const struct wbh__span name = reference->name;
    if (reference->kind == WBH__REFERENCE_STEP_PROGRAM && is_kind_of_unix_socket(name)) {
        return wbh__fail(&parser->lexer, name, expected, "a Unix socket's name follows in quotes");
    }
    bool is_fault = reference->kind == WBH__REFERENCE_FAULT_PROGRAM;
    const char *point = is_fault ? wbh_point_name(
                            (enum wbh_point)wbh__fault_at(parser->scenario, reference->item)->point)
                                 : NULL;
    if (names_a_thread_in_vain(parser, reference)) {
        return wbh__fail(
            &parser->lexer, name, expected, "%s counts for all its threads together", point);
    }
    if (fail_near(parser, name, expected, program_name) < 0) {
        return -1;
    }
    return is_fault
               ? wbh__fail(&parser->lexer, name, expected, "%s belongs to no connection", point)
               : wbh__fail(&parser->lexer, name, expected, "the first is %s",
                   wbh__label_at(parser->scenario, 0));
}

static int resolve_program(struct wbh__parser *parser, const struct wbh__reference *reference) {
    struct wbh_scenario *scenario = parser->scenario;
    int found = find_program(scenario, reference->name);
    if (found < 0) {
        return fail_program(parser, reference);
    }
    uint32_t program = (uint32_t)found;
    if (reference->kind == WBH__REFERENCE_STEP_PROGRAM) {
        wbh__step_at(scenario, reference->item)->program = program;
    } else if (reference->kind == WBH__REFERENCE_MOMENT_PROGRAM) {
        wbh__moment_at(scenario, reference->item)->a = program;
    } else {
        uint32_t thread = reference->incarnation;
        wbh__fault_at(scenario, reference->item)->subject =
            program == 0 && thread == 0 ? WBH_SUBJECT_NONE : WBH_SUBJECT_THREAD(program, thread);
    }
    return 0;
}

static int resolve_host(struct wbh__parser *parser, const struct wbh__reference *reference) {
    struct wbh_scenario *scenario = parser->scenario;
    uint32_t host = find_host(scenario, reference->name);
    static const char expected[] = "the name of a host of this scenario";
    if (host == 0) {
        return fail_near(parser, reference->name, expected, host_name) < 0
                   ? -1
                   : wbh__fail(&parser->lexer, reference->name, expected,
                       "write host NAME address=10.0.0.1 to have one");
    }
    if (reference->kind == WBH__REFERENCE_HOST_OF_PEER) {
        wbh__peer_at(scenario, reference->item)->host = host;
    } else if (reference->kind == WBH__REFERENCE_HOST_OF_FILE) {
        wbh__file_at(scenario, reference->item)->host = host;
    } else {
        *wbh__program_host_at(scenario, reference->item) = host;
    }
    return 0;
}

static int resolve_end(struct wbh__parser *parser, const struct wbh__reference *reference) {
    struct wbh_scenario *scenario = parser->scenario;
    uint32_t end = find_host(scenario, reference->name);
    int peer = end != 0 ? -1 : find_peer(scenario, reference->name);
    static const char expected[] = "the name of a host or a peer of this scenario";
    if (end == 0 && peer < 0) {
        return fail_near(parser, reference->name, expected, end_name) < 0
                   ? -1
                   : wbh__fail(&parser->lexer, reference->name, expected, NULL);
    }
    end = end != 0 ? end : WBH_END_PEER(peer);
    bool is_link = reference->kind == WBH__REFERENCE_LINK_END;
    uint32_t *a = is_link ? &wbh__link_at(scenario, reference->item)->a
                          : &wbh__moment_at(scenario, reference->item)->a;
    uint32_t *b = is_link ? &wbh__link_at(scenario, reference->item)->b
                          : &wbh__moment_at(scenario, reference->item)->b;
    if (reference->step == 1 && *a == end) {
        return wbh__fail(&parser->lexer, reference->name, "another end", NULL);
    }
    *(reference->step == 0 ? a : b) = end;
    return 0;
}

/* Comes after the fault's own references, so its subject is known. */
static int check_moment(struct wbh__parser *parser, const struct wbh__reference *reference) {
    const struct wbh_scenario *scenario = parser->scenario;
    const struct wbh_decision *fault = &scenario->faults[reference->item];
    for (uint32_t i = 0; i < reference->item; i++) {
        if (wbh__fault_same_key(&scenario->faults[i], fault)) {
            return wbh__fail(&parser->lexer, reference->name, "each fault once only",
                "line %u decides the same at the same moment", (unsigned)scenario->fault_lines[i]);
        }
    }
    return 0;
}

static int resolve_one(struct wbh__parser *parser, const struct wbh__reference *reference) {
    switch (reference->kind) {
    case WBH__REFERENCE_AFTER:
        return resolve_after(parser, reference);
    case WBH__REFERENCE_SUBJECT:
    case WBH__REFERENCE_ABOUT:
        return resolve_subject(parser, reference);
    case WBH__REFERENCE_MOMENT:
        return check_moment(parser, reference);
    case WBH__REFERENCE_FAULT_PROGRAM:
    case WBH__REFERENCE_STEP_PROGRAM:
    case WBH__REFERENCE_MOMENT_PROGRAM:
        return resolve_program(parser, reference);
    case WBH__REFERENCE_HOST_OF_PROGRAM:
    case WBH__REFERENCE_HOST_OF_PEER:
    case WBH__REFERENCE_HOST_OF_FILE:
        return resolve_host(parser, reference);
    case WBH__REFERENCE_FILE:
        return 0;
    case WBH__REFERENCE_LINK_END:
    case WBH__REFERENCE_MOMENT_END:
        return resolve_end(parser, reference);
    }
    return 0;
}

/* Comes after all ends, so each link's are known. */
static int check_link(struct wbh__parser *parser, const struct wbh__reference *reference) {
    const struct wbh_link *links = parser->scenario->links;
    for (uint32_t i = 0; i < reference->item; i++) {
        if (wbh__link_same_ends(&links[i], &links[reference->item])) {
            return wbh__fail(&parser->lexer, reference->name, "each link once only",
                "line %u is about the same ends", (unsigned)links[i].line);
        }
    }
    return 0;
}

static int check_links(struct wbh__parser *parser) {
    const struct wbh__reference *references = parser->references.items;
    for (uint32_t i = 0; i < parser->reference_count; i++) {
        if (references[i].kind == WBH__REFERENCE_LINK_END && references[i].step == 0
            && check_link(parser, &references[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int check_circle(struct wbh__parser *parser) {
    uint32_t done[WBH_PEERS_MAX] = {0};
    uint32_t peer;
    uint32_t step;
    if (!wbh__find_circle(parser->scenario, done, &peer, &step)) {
        return 0;
    }
    const struct wbh__reference *references = parser->references.items;
    for (uint32_t i = 0; i < parser->reference_count; i++) {
        if (references[i].kind == WBH__REFERENCE_AFTER && references[i].peer == peer
            && references[i].step == step) {
            return wbh__fail(&parser->lexer, references[i].name, "a peer that can get that far",
                "the two wait for each other, directly or through others");
        }
    }
    assert(0 && "only an after step can be in a circle");
    return -1;
}

int wbh__resolve(struct wbh__parser *parser) {
    wbh__finish(parser->scenario);
    const struct wbh__reference *references = parser->references.items;
    for (uint32_t i = 0; i < parser->reference_count; i++) {
        if (resolve_one(parser, &references[i]) != 0) {
            return -1;
        }
    }
    wbh__finish(parser->scenario); /* again: programs have their hosts now */
    return check_links(parser) == 0 && wbh__check_files(parser) == 0 ? check_circle(parser) : -1;
}
