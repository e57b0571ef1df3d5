/* From text to scenario: the world around the programs: hosts, links, and what happens when. */
#include "scenario/parser.h"

#include "scenario/words.h"

#include "wb/sys.h"

#include <string.h>

/* ---- host [NAME address=LIST] property=value ... */

static const char *host_word(unsigned n) {
    if (n < WBH__HOST_FIELD_COUNT) {
        return wbh__host_range((enum wbh__host_field)n)->word;
    }
    return n == WBH__HOST_FIELD_COUNT ? "flavour" : NULL;
}

static int parse_flavour(struct wbh__parser *parser, struct wbh__span value) {
    return wbh__span_bits(&parser->lexer, value,
        "flavours, joined by commas: edge-per-transition, no-rdhup, split-reports, emulated-edge",
        wbh__flavour_word, wbh__flavour_bit, &parser->scenario->host.flavour);
}

static int parse_host_number(struct wbh__parser *parser, struct wbh_host *host,
    enum wbh__host_field field, struct wbh__span value) {
    const struct wbh__host_range *range = wbh__host_range(field);
    uint64_t number;
    int status = range->is_time ? wbh__span_time(&parser->lexer, value, range->max, &number)
                                : wbh__span_number(&parser->lexer, value, range->word, range->min,
                                    range->max, &number);
    if (status == 0) {
        wbh__host_set(host, field, number);
    }
    return status;
}

static unsigned find_host_word(struct wbh__span name) {
    unsigned n = 0;
    while (host_word(n) != NULL && !wbh__span_is(name, host_word(n))) {
        n++;
    }
    return n;
}

/* ---- addresses */

/* 10.0.0.1 or 2001:db8::1, joined by commas. */
static int parse_address(
    struct wbh__parser *parser, struct wbh__span span, struct wbh_address *out) {
    char text[WBH__ADDRESS_LEN_MAX + 1];
    if (span.len > 0 && span.len < sizeof text) {
        memcpy(text, span.at, span.len);
        text[span.len] = '\0';
        if (wbh__address_from_text(text, out) == 0) {
            return 0;
        }
    }
    return wbh__fail(&parser->lexer, span,
        "the address of a host, as in 10.0.0.1 or 2001:db8::1, no loopback and no group", NULL);
}

static bool is_taken(const struct wbh_scenario *scenario, const struct wbh_named_host *host,
    const struct wbh_address *address) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        if (wbh__host_has(wbh__host_at((struct wbh_scenario *)scenario, i), address)) {
            return true;
        }
    }
    return wbh__host_has(host, address) || wbh__address_is_outside(address);
}

static int parse_addresses(
    struct wbh__parser *parser, struct wbh_named_host *host, struct wbh__span value) {
    size_t begin = 0;
    for (size_t end = 0; end <= value.len; end++) {
        if (end < value.len && value.at[end] != ',') {
            continue;
        }
        struct wbh__span span = wbh__span_part(value, begin, end - begin);
        struct wbh_address address;
        if (parse_address(parser, span, &address) != 0) {
            return -1;
        }
        if (is_taken(parser->scenario, host, &address)) {
            return wbh__fail(&parser->lexer, span, "an address that no other host has", NULL);
        }
        if (host->address_count == WBH_ADDRESSES_MAX) {
            return wbh__fail(&parser->lexer, span, "at most 4 addresses", NULL);
        }
        host->addresses[host->address_count++] = address;
        begin = end + 1;
    }
    return 0;
}

static const char unnamed_properties[] =
    "fd-limit=, send-buffer=, recv-buffer=, memory=, calls=, time= or flavour=";
static const char named_properties[] = "address=, fd-limit=, send-buffer=, recv-buffer= or memory=";

/* A host's line: the one without a name, or one that has. */
struct host_line {
    struct wbh_named_host *named; /* NULL: it has none */
    uint32_t seen;                /* properties, a bit each */
};

enum { SEEN_ADDRESS = 31 };

static int expect_first(
    struct wbh__parser *parser, struct host_line *line, unsigned n, struct wbh__span name) {
    if ((line->seen >> n & 1u) != 0) {
        return wbh__fail(&parser->lexer, name, "each property once only", NULL);
    }
    line->seen |= 1u << n;
    return 0;
}

static int parse_host_property(struct wbh__parser *parser, struct host_line *line) {
    const char *expected = line->named != NULL ? named_properties : unnamed_properties;
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    struct wbh__span name = word;
    struct wbh__span value;
    bool has_value = wbh__split_assignment(word, &name, &value);
    if (line->named != NULL && has_value && wbh__span_is(name, "address")) {
        return expect_first(parser, line, SEEN_ADDRESS, name) != 0
                   ? -1
                   : parse_addresses(parser, line->named, value);
    }
    unsigned n = find_host_word(name);
    if (host_word(n) == NULL) {
        return wbh__fail_word(&parser->lexer, name, expected, host_word);
    }
    if (!has_value) {
        return wbh__fail(&parser->lexer, name, expected, "%s needs a value", host_word(n));
    }
    if (line->named != NULL && !wbh__host_field_is_named(n)) {
        return wbh__fail(&parser->lexer, name, expected,
            "%s is for the whole run: it stands in the host line without a name", host_word(n));
    }
    if (expect_first(parser, line, n, name) != 0) {
        return -1;
    }
    struct wbh_host *host = line->named != NULL ? &line->named->system : &parser->scenario->host;
    return n == WBH__HOST_FIELD_COUNT
               ? parse_flavour(parser, value)
               : parse_host_number(parser, host, (enum wbh__host_field)n, value);
}

static int parse_host_properties(struct wbh__parser *parser, struct host_line *line) {
    do {
        if (parse_host_property(parser, line) != 0) {
            return -1;
        }
    } while (wbh__lexer_peek(&parser->lexer).len > 0);
    return 0;
}

int wbh__check_no_host(struct wbh__parser *parser, struct wbh__span name) {
    for (uint32_t i = 0; i < parser->scenario->host_count; i++) {
        const struct wbh_named_host *host = wbh__host_at(parser->scenario, i);
        if (wbh__span_is(name, host->name)) {
            return wbh__fail(&parser->lexer, name, "a name that no host has",
                "there is a host %s in line %u", host->name, (unsigned)host->line);
        }
    }
    return 0;
}

static int check_host_name(struct wbh__parser *parser, struct wbh__span name) {
    if (wbh__is_reserved_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name, "a name that means nothing yet", NULL);
    }
    for (uint32_t i = 0; i < parser->scenario->peer_count; i++) {
        const struct wbh_peer *peer = wbh__peer_at(parser->scenario, i);
        if (wbh__span_is(name, peer->name)) {
            return wbh__fail(&parser->lexer, name, "a name that no peer has",
                "there is a peer %s in line %u", peer->name, (unsigned)peer->line);
        }
    }
    return wbh__check_no_host(parser, name);
}

static int parse_named_host(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (check_host_name(parser, name) != 0) {
        return -1;
    }
    if (parser->scenario->host_count == WBH_HOSTS_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 15 hosts with names", NULL);
    }
    struct wbh_named_host host = {.line = keyword.line};
    memcpy(host.name, name.at, name.len);
    struct host_line line = {.named = &host};
    if (parse_host_properties(parser, &line) != 0) {
        return -1;
    }
    if (host.address_count == 0) {
        return wbh__fail(&parser->lexer, name, "a host with an address",
            "write host %s address=10.0.0.1", host.name);
    }
    return wbh__add_host(parser->scenario, &host) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

int wbh__parse_host(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh__span first = wbh__lexer_peek(&parser->lexer);
    if (wbh__is_peer_name(first.at, first.len) && host_word(find_host_word(first)) == NULL) {
        return parse_named_host(parser, keyword);
    }
    struct host_line line = {0};
    return wbh__expect_once(parser, keyword, &parser->host_line, "host") != 0
               ? -1
               : parse_host_properties(parser, &line);
}

/* [on HOST], of a program or a peer. */
int wbh__parse_on_host(struct wbh__parser *parser, enum wbh__reference_kind kind, uint32_t item) {
    if (!wbh__span_is(wbh__lexer_peek(&parser->lexer), "on")) {
        return 0;
    }
    (void)wbh__lexer_word(&parser->lexer);
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_peer_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name, "the name of a host", NULL);
    }
    return wbh__add_reference(
        parser, (struct wbh__reference){.kind = kind, .item = item, .name = name});
}

/* ---- link END [END] property=value ... */

static bool is_end_name(struct wbh__span span) {
    return wbh__is_peer_name(span.at, span.len);
}

/* One end or two: names of hosts and peers. What they are is known at the end of the text. */
static int parse_ends(struct wbh__parser *parser, enum wbh__reference_kind kind, uint32_t item) {
    for (uint32_t which = 0; which < 2; which++) {
        struct wbh__span name = wbh__lexer_peek(&parser->lexer);
        if (which == 1 && (name.len == 0 || !is_end_name(name))) {
            return 0;
        }
        (void)wbh__lexer_word(&parser->lexer);
        if (name.len == 0 || !is_end_name(name)) {
            return wbh__fail(&parser->lexer, name, "the name of a host or a peer", NULL);
        }
        struct wbh__reference reference = {.kind = kind, .item = item, .name = name, .step = which};
        if (wbh__add_reference(parser, reference) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char link_properties[] = "latency=, jitter=, bandwidth= or loss=";

static int parse_link_value(
    struct wbh__parser *parser, unsigned n, struct wbh__span value, struct wbh_link *link) {
    uint64_t number;
    if (n == WBH__LINK_latency || n == WBH__LINK_jitter) {
        return wbh__span_time(&parser->lexer, value, WBH_DURATION_MAX_NS,
            n == WBH__LINK_latency ? &link->latency_ns : &link->jitter_ns);
    }
    if (n == WBH__LINK_bandwidth) {
        return wbh__span_number(&parser->lexer, value, "bytes a second", WBH__BANDWIDTH_MIN,
            WBH__BANDWIDTH_MAX, &link->bandwidth);
    }
    bool has_sign = value.len > 0 && value.at[value.len - 1] == '%';
    struct wbh__span digits = wbh__span_part(value, 0, has_sign ? value.len - 1 : 0);
    if (!has_sign) {
        return wbh__fail(&parser->lexer, value, "a percentage, as in 5%", NULL);
    }
    if (wbh__span_number(&parser->lexer, digits, "a percentage", 1, WBH__LOSS_MAX, &number) != 0) {
        return -1;
    }
    link->loss = (uint32_t)number;
    return 0;
}

static int parse_link_property(struct wbh__parser *parser, struct wbh_link *link, uint32_t *seen) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    struct wbh__span name = word;
    struct wbh__span value;
    bool has_value = wbh__split_assignment(word, &name, &value);
    unsigned n = 0;
    while (wbh__link_word(n) != NULL && !wbh__span_is(name, wbh__link_word(n))) {
        n++;
    }
    if (wbh__link_word(n) == NULL) {
        return wbh__fail_word(&parser->lexer, name, link_properties, wbh__link_word);
    }
    if (!has_value) {
        return wbh__fail(
            &parser->lexer, name, link_properties, "%s needs a value", wbh__link_word(n));
    }
    if ((*seen >> n & 1u) != 0) {
        return wbh__fail(&parser->lexer, name, "each property once only", NULL);
    }
    *seen |= 1u << n;
    return parse_link_value(parser, n, value, link);
}

int wbh__parse_link(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh_scenario *scenario = parser->scenario;
    if (scenario->link_count == WBH_LINKS_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 64 links", NULL);
    }
    struct wbh_link link = {.b = WBH_END_ANY, .line = keyword.line};
    uint32_t seen = 0;
    if (parse_ends(parser, WBH__REFERENCE_LINK_END, scenario->link_count) != 0) {
        return -1;
    }
    do {
        if (parse_link_property(parser, &link, &seen) != 0) {
            return -1;
        }
    } while (wbh__lexer_peek(&parser->lexer).len > 0);
    return wbh__add_link(scenario, &link) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

/* ---- at TIME crash PROGRAM | restart PROGRAM | partition END [END] | heal [END [END]] */

static const char *moment_word(unsigned n) {
    return n < WBH_MOMENT_KIND_COUNT ? wbh_moment_word((enum wbh_moment_kind)n) : NULL;
}

static int parse_moment_kind(struct wbh__parser *parser, struct wbh_moment *moment) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    for (unsigned n = 0; n < WBH_MOMENT_KIND_COUNT; n++) {
        if (wbh__span_is(word, moment_word(n))) {
            moment->kind = (uint8_t)n;
            return 0;
        }
    }
    return wbh__fail_word(
        &parser->lexer, word, "what happens: crash, restart, partition or heal", moment_word);
}

static int parse_moment_object(struct wbh__parser *parser, struct wbh_moment *moment) {
    uint32_t item = parser->scenario->moment_count;
    if (moment->kind == WBH_MOMENT_CRASH || moment->kind == WBH_MOMENT_RESTART) {
        moment->b = 0;
        return wbh__parse_program_name(parser, WBH__REFERENCE_MOMENT_PROGRAM, item);
    }
    moment->a = WBH_END_ANY;
    moment->b = WBH_END_ANY;
    if (moment->kind == WBH_MOMENT_HEAL && wbh__lexer_peek(&parser->lexer).len == 0) {
        return 0;
    }
    return parse_ends(parser, WBH__REFERENCE_MOMENT_END, item);
}

int wbh__parse_program_name(
    struct wbh__parser *parser, enum wbh__reference_kind kind, uint32_t item) {
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_program_name(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name, "the name of a program of this scenario", NULL);
    }
    return wbh__add_reference(
        parser, (struct wbh__reference){.kind = kind, .item = item, .name = name});
}

int wbh__parse_moment(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh_scenario *scenario = parser->scenario;
    if (scenario->moment_count == WBH_MOMENTS_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 64 such lines", NULL);
    }
    struct wbh_moment moment = {.line = keyword.line};
    struct wbh__span time = wbh__lexer_take(&parser->lexer);
    if (wbh__span_time(&parser->lexer, time, WBH_DURATION_MAX_NS, &moment.at_ns) != 0
        || parse_moment_kind(parser, &moment) != 0 || parse_moment_object(parser, &moment) != 0) {
        return -1;
    }
    return wbh__add_moment(scenario, &moment) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}
