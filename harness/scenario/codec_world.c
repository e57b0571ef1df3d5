/* The binary form of the world around the programs. The words are those of codec.c, and
 *
 *   end      one byte: 0..63 that peer, 64..127 the named host of that number less 64, each modulo
 *            their count; 128.. everybody else
 *   host     one byte: 0 the host without a name, n the n-th that has one, modulo one more than
 *            their count
 *
 *   c9 other     word program, host (1), word label     told apart if taken; none if invalid
 *   ca named     word name, count (1, modulo 5), so many times family (1, odd: IPv6), address (16)
 *   cb link      end, end, latency: time, jitter: time, bandwidth (4), loss (1)
 *   cc moment    kind (1), at: time, then by kind:
 *                  crash, restart     program (1)
 *                  partition, heal    end, end
 *   cd role      host (1), word label                   of the first program
 */
#include "scenario/codec.h"
#include "scenario/rules.h"
#include "scenario/words.h"

#include "wb/sys.h"

#include <stdio.h>
#include <string.h>

static const struct wbh__table labels =
    WBH__TABLE("", "server", "client", "first", "second", "third", "proxy", "backend");
static const struct wbh__table host_names =
    WBH__TABLE("server", "client", "proxy", "backend", "near", "far", "left", "right");

enum { END_HOST = 64, END_ANY = 128 };

/* ---- programs */

static bool is_label(const char *label, size_t len) {
    return wbh__is_peer_name(label, len) && !wbh__is_reserved_name(label, len);
}

int wbh__decode_other(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char name[WBH_TEXT_MAX + 1];
    char label[WBH_TEXT_MAX + 1];
    size_t len = wbh__read_word(reader, wbh__program_words(), name);
    uint32_t host = (uint32_t)wbh__reader_number(reader, 1);
    size_t label_len = wbh__read_word(reader, &labels, label);
    uint32_t n = wbh_scenario_program_count(scenario);
    if (n == WBH_PROGRAMS_MAX || !wbh__is_program_name(name, len)) {
        return 0;
    }
    if (wbh__add_program(scenario, name, len, 0) != 0) {
        return -1;
    }
    *wbh__program_host_at(scenario, n) = host;
    return is_label(label, label_len) ? wbh__set_label(scenario, n, label, label_len) : 0;
}

int wbh__decode_role(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char label[WBH_TEXT_MAX + 1];
    *wbh__program_host_at(scenario, 0) = (uint32_t)wbh__reader_number(reader, 1);
    size_t len = wbh__read_word(reader, &labels, label);
    return is_label(label, len) ? wbh__set_label(scenario, 0, label, len) : 0;
}

static const char *label_of(const struct wbh_cast *cast) {
    return strcmp(cast->label, cast->program) != 0 ? cast->label : "";
}

static void encode_programs(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        if (i == 0 && cast.host == 0 && label_of(&cast)[0] == '\0') {
            continue;
        }
        wbh__writer_begin(writer, i == 0 ? WBH__TAG_ROLE : WBH__TAG_OTHER);
        if (i > 0) {
            wbh__write_word(writer, wbh__program_words(), cast.program);
        }
        wbh__writer_number(writer, cast.host, 1);
        wbh__write_word(writer, &labels, label_of(&cast));
        if (i > 0) {
            wbh__encode_options(writer, &cast);
        }
    }
}

static bool is_label_taken(const struct wbh_scenario *scenario, const char *label, uint32_t self) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        if (i != self && strcmp(label, wbh__label_at(scenario, i)) == 0) {
            return true;
        }
    }
    return false;
}

static int fit_labels(struct wbh_scenario *scenario) {
    for (uint32_t i = 1; i < wbh_scenario_program_count(scenario); i++) {
        char label[WBH_NAME_MAX + 1];
        if (!is_label_taken(scenario, wbh__label_at(scenario, i), i)) {
            continue;
        }
        unsigned number = i + 1;
        do {
            (void)snprintf(label, sizeof label, "program%u", number++);
        } while (is_label_taken(scenario, label, i));
        if (wbh__set_label(scenario, i, label, strlen(label)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- hosts */

/* Whether no host but `self` has it; UINT32_MAX: none at all. */
static bool is_host_name_free(struct wbh_scenario *scenario, const char *name, uint32_t self) {
    size_t len = strlen(name);
    if (!wbh__is_peer_name(name, len) || wbh__is_reserved_name(name, len)
        || wbh__is_host_property(name)) {
        return false;
    }
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        if (i != self && strcmp(wbh__host_at(scenario, i)->name, name) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_address_taken(struct wbh_scenario *scenario, const struct wbh_named_host *host,
    const struct wbh_address *address) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        if (wbh__host_has(wbh__host_at(scenario, i), address)) {
            return true;
        }
    }
    return wbh__host_has(host, address) || wbh__address_is_outside(address);
}

static void read_address(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_named_host *host) {
    struct wbh_address address = {.family = WB_AF_INET};
    size_t len = 4;
    if (wbh__reader_number(reader, 1) % 2 == 1) {
        address.family = WB_AF_INET6;
        len = sizeof address.ip;
    }
    for (size_t i = 0; i < len; i++) {
        address.ip[i] = (uint8_t)wbh__reader_number(reader, 1);
    }
    if (wbh__address_is_usable(&address) && !is_address_taken(scenario, host, &address)) {
        host->addresses[host->address_count++] = address;
    }
}

static void give_address(struct wbh_scenario *scenario, struct wbh_named_host *host) {
    struct wbh_address address = {.family = WB_AF_INET, .ip = {10, 0, 0, 1}};
    while (is_address_taken(scenario, host, &address)) {
        address.ip[3]++; /* there are fewer hosts than that */
    }
    host->addresses[host->address_count++] = address;
}

int wbh__decode_named_host(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char name[WBH_TEXT_MAX + 1];
    struct wbh_named_host host = {.line = 0};
    (void)wbh__read_word(reader, &host_names, name);
    if (scenario->host_count == WBH_HOSTS_MAX) {
        return 0;
    }
    for (unsigned i = 1; !is_host_name_free(scenario, name, UINT32_MAX); i++) {
        (void)snprintf(name, sizeof name, "host%u", i);
    }
    memcpy(host.name, name, strlen(name));
    for (unsigned left = (unsigned)wbh__reader_number(reader, 1) % (WBH_ADDRESSES_MAX + 1);
         left > 0; left--) {
        read_address(scenario, reader, &host);
    }
    if (host.address_count == 0) {
        give_address(scenario, &host);
    }
    return wbh__add_host(scenario, &host);
}

static void encode_named_host(struct wbh__writer *writer, const struct wbh_named_host *host) {
    wbh__writer_begin(writer, WBH__TAG_NAMED);
    wbh__write_word(writer, &host_names, host->name);
    wbh__writer_number(writer, host->address_count, 1);
    for (uint32_t i = 0; i < host->address_count; i++) {
        const struct wbh_address *address = &host->addresses[i];
        bool is_v6 = address->family == WB_AF_INET6;
        wbh__writer_number(writer, is_v6, 1);
        for (size_t k = 0; k < (is_v6 ? sizeof address->ip : 4); k++) {
            wbh__writer_number(writer, address->ip[k], 1);
        }
    }
    wbh__encode_host(writer, &host->system);
}

static bool is_peer(const struct wbh_scenario *scenario, const char *name) {
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        if (strcmp(scenario->peers[p].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Where a peer has a host's name the peer keeps it. */
static void fit_host_names(struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        struct wbh_named_host *host = wbh__host_at(scenario, i);
        unsigned number = 1;
        while (is_peer(scenario, host->name) || !is_host_name_free(scenario, host->name, i)) {
            (void)snprintf(host->name, sizeof host->name, "host%u", number++);
        }
    }
}

/* As time, of which 0 means none. */
static uint64_t read_optional_time(struct wbh__reader *reader) {
    uint64_t unit_ns = wbh__unit_ns((unsigned)wbh__reader_number(reader, 1) % WBH__UNIT_COUNT);
    uint64_t count = wbh__reader_number(reader, 7);
    return count > WBH_DURATION_MAX_NS / unit_ns ? WBH_DURATION_MAX_NS : count * unit_ns;
}

static void write_optional_time(struct wbh__writer *writer, uint64_t time_ns) {
    if (time_ns == 0) {
        wbh__writer_number(writer, 0, 8);
    } else {
        wbh__write_time(writer, time_ns);
    }
}

/* ---- links and moments */

int wbh__decode_link(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    struct wbh_link link = {.line = 0};
    link.a = (uint32_t)wbh__reader_number(reader, 1);
    link.b = (uint32_t)wbh__reader_number(reader, 1);
    link.latency_ns = read_optional_time(reader);
    link.jitter_ns = read_optional_time(reader);
    link.bandwidth = wbh__reader_number(reader, 4);
    link.loss = (uint32_t)wbh__reader_number(reader, 1) % (WBH__LOSS_MAX + 1);
    if (link.bandwidth > WBH__BANDWIDTH_MAX) {
        link.bandwidth = WBH__BANDWIDTH_MAX;
    } else if (link.bandwidth != 0 && link.bandwidth < WBH__BANDWIDTH_MIN) {
        link.bandwidth = WBH__BANDWIDTH_MIN;
    }
    return scenario->link_count < WBH_LINKS_MAX ? wbh__add_link(scenario, &link) : 0;
}

int wbh__decode_moment(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    struct wbh_moment moment = {.line = 0};
    moment.kind = (uint8_t)(wbh__reader_number(reader, 1) % WBH_MOMENT_KIND_COUNT);
    moment.at_ns = wbh__read_time(reader);
    moment.a = (uint32_t)wbh__reader_number(reader, 1);
    moment.b = (uint32_t)wbh__reader_number(reader, 1);
    return scenario->moment_count < WBH_MOMENTS_MAX ? wbh__add_moment(scenario, &moment) : 0;
}

static void write_end(struct wbh__writer *writer, uint32_t end) {
    uint32_t byte = end == WBH_END_ANY       ? END_ANY
                    : end >= WBH_END_PEER(0) ? end - WBH_END_PEER(0)
                                             : END_HOST + end - 1;
    wbh__writer_number(writer, byte, 1);
}

static void encode_link(struct wbh__writer *writer, const struct wbh_link *link) {
    wbh__writer_begin(writer, WBH__TAG_LINK);
    write_end(writer, link->a);
    write_end(writer, link->b);
    write_optional_time(writer, link->latency_ns);
    write_optional_time(writer, link->jitter_ns);
    wbh__writer_number(writer, link->bandwidth, 4);
    wbh__writer_number(writer, link->loss, 1);
}

static bool is_about_program(const struct wbh_moment *moment) {
    return moment->kind == WBH_MOMENT_CRASH || moment->kind == WBH_MOMENT_RESTART;
}

static void encode_moment(struct wbh__writer *writer, const struct wbh_moment *moment) {
    wbh__writer_begin(writer, WBH__TAG_MOMENT);
    wbh__writer_number(writer, moment->kind, 1);
    wbh__write_time(writer, moment->at_ns);
    if (is_about_program(moment)) {
        wbh__writer_number(writer, moment->a, 1);
    } else {
        write_end(writer, moment->a);
        write_end(writer, moment->b);
    }
}

/* WBH_END_ANY, too, where there is nobody. */
static uint32_t fit_end(const struct wbh_scenario *scenario, uint32_t byte) {
    if (byte >= END_ANY || scenario->host_count + scenario->peer_count == 0) {
        return WBH_END_ANY;
    }
    bool is_host = scenario->peer_count == 0 || (byte >= END_HOST && scenario->host_count != 0);
    byte %= END_HOST;
    return is_host ? byte % scenario->host_count + 1 : WBH_END_PEER(byte % scenario->peer_count);
}

/* False: there is no first end. */
static bool fit_ends(const struct wbh_scenario *scenario, uint32_t *a, uint32_t *b) {
    *a = fit_end(scenario, *a);
    *b = fit_end(scenario, *b);
    if (*a == *b) {
        *b = WBH_END_ANY;
    }
    return *a != WBH_END_ANY;
}

static bool is_among_links(
    struct wbh_scenario *scenario, uint32_t count, const struct wbh_link *link) {
    for (uint32_t i = 0; i < count; i++) {
        if (wbh__link_same_ends(wbh__link_at(scenario, i), link)) {
            return true;
        }
    }
    return false;
}

static void fit_links(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        struct wbh_link link = *wbh__link_at(scenario, i);
        bool is_good = fit_ends(scenario, &link.a, &link.b)
                       && (link.latency_ns | link.jitter_ns | link.bandwidth | link.loss) != 0;
        if (is_good && !is_among_links(scenario, kept, &link)) {
            *wbh__link_at(scenario, kept++) = link;
        }
    }
    scenario->link_count = kept;
}

static void fit_moments(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        struct wbh_moment moment = *wbh__moment_at(scenario, i);
        if (is_about_program(&moment)) {
            moment.a %= wbh_scenario_program_count(scenario);
            moment.b = 0;
        } else if (!fit_ends(scenario, &moment.a, &moment.b)) {
            if (moment.kind == WBH_MOMENT_PARTITION) {
                continue;
            }
            moment.b = WBH_END_ANY;
        }
        *wbh__moment_at(scenario, kept++) = moment;
    }
    scenario->moment_count = kept;
}

/* ---- together */

static void fit_places(struct wbh_scenario *scenario) {
    uint32_t program_count = wbh_scenario_program_count(scenario);
    for (uint32_t i = 0; i < program_count; i++) {
        *wbh__program_host_at(scenario, i) %= scenario->host_count + 1;
    }
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        struct wbh_peer *peer = &scenario->peers[p];
        peer->host %= scenario->host_count + 1;
        for (uint32_t s = 0; s < peer->step_count; s++) {
            peer->steps[s].program %= program_count;
        }
    }
}

int wbh__fit_world(struct wbh_scenario *scenario) {
    if (fit_labels(scenario) != 0) {
        return -1;
    }
    fit_host_names(scenario);
    fit_places(scenario);
    fit_links(scenario);
    fit_moments(scenario);
    wbh__finish(scenario); /* labels may have moved the text, and programs have their hosts now */
    return 0;
}

void wbh__encode_world(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    encode_programs(writer, scenario);
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        encode_named_host(writer, &scenario->hosts[i]);
    }
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        encode_link(writer, &scenario->links[i]);
    }
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        encode_moment(writer, &scenario->moments[i]);
    }
}
