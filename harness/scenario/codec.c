/* The binary form of a scenario, both directions: what fuzzers mutate.
 *
 * Made for mutation. A scenario is a row of records, each a tag (0xc0..0xcf) and a payload that
 * goes on until the next tag; in payloads tags are escaped. So there is no length to get wrong: a
 * byte that changes, comes or goes concerns the record it is in, and what follows reads as before.
 * Bytes before the first tag and records with unknown tags mean nothing.
 *
 *   escape   0xd0 x stands for x ^ 0x80: needed for 0xc0..0xd0
 *   number   lowest byte first, of the width given; bytes missing at the record's end are 0,
 *            and the canonical form leaves zeros at the end out
 *
 *   time     unit (1: ns us ms s, modulo 4), how many (7)
 *
 *   word     one byte: the place in a table, modulo its length; or, if it is a printable
 *            character but a blank, the word's first, up to a 0 or the record's end
 *
 *   bytes    the rest of the record
 *
 *   subject  who (1), which (2): who 0..63 peer, which = connection; 64..127 the program's own
 *            connection number which; 128.. none if even, the listener if odd
 *
 *   c0 program   word                                   ping_pong if missing
 *   c1 option    word name, word value (empty: a flag)  of the program before it; left out if
 *                                                       invalid or given before
 *   c2 host      property (1), value (8)                0: the default; of the named host before
 *                                                       it where that can have it
 *   c3 faults    profile (1), seed (8)
 *   c4 peer      word name, host (1)                    the next free name if taken or invalid
 *   c5 step      kind (1), then by kind:                of the peer before it
 *                  send, expect, pass pipe, pass socket     repeat - 1 (2), bytes
 *                  after            peer (1), steps (2)
 *                  signal           SIGTERM, SIGINT (1, modulo 2), program (1)
 *                  connect, expect refused              program (1)
 *                  read slowly      bytes (4), time
 *                  sleep, expect silence                time
 *                  listen, expect bytes, buffers, expect descriptors     number (4)
 *                  bind udp                             number (4), program (1)
 *                  connect unix, seqpacket, datagram, bind datagram, expect refused unix,
 *                  send to, listen unix, listen seqpacket
 *                                                       word name
 *                  send slowly                          time, repeat - 1 (2), bytes
 *                  http-request, expect http-request    version (1: any 1.0 1.1, modulo 3), word
 *                                                       method, word target
 *                  http-response, expect http-response  version (1), status (2)
 *   c6 fault     point (1), action (1), subject (3; of points without one: program (1), and where
 *                  threads count for themselves thread (2)), ordinal (4),
 *                  then by the action's argument:
 *                  number (4) | time (8) | error's place in its table (1)
 *                  | events, a bit each (1), subject (3)
 *   c7 verdict   verdict (1)                            ok if missing
 *   c8 title     bytes                                  up to a 0
 *   c9 to cd: other programs, named hosts, links, moments; see codec_world.c
 *   ce file      expected at the end (1, odd), host (1), word path, repeat - 1 (2), bytes
 *                                                       left out if invalid or in another's way
 *   cf part      kind (1), then by kind:                of the message of the step before it; left
 *                                                       out if it has none or does not go with it
 *                  header, trailer                      bytes: a line
 *                  no-header                            bytes: a name
 *                  body, chunked                        repeat - 1 (2), bytes
 *                  body-len                             number (4)
 *
 * Every number is brought within its range (by remainder where it is a place in a table), a
 * reference to a peer is taken modulo their count, so that any bytes are a scenario. What cannot be
 * kept within the bounds of a scenario is left out. Tables are append-only. */
#include "scenario/codec.h"
#include "scenario/files.h"
#include "scenario/rules.h"
#include "scenario/words.h"

#include "wb/sys.h"
#include "wouldblock/fault.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words */

static const struct wbh__table programs =
    WBH__TABLE("ping_pong", "multi_echo", "registration", "http_hello", "http_get", "http_files",
        "http_proxy", "udp_echo", "unix_datagram", "chat", "tcp_proxy", "grpc_greeter",
        "ping_pong_client", "multi_echo_client", "unix_datagram_sender", "seqpacket_echo");
static const struct wbh__table option_names =
    WBH__TABLE("trigger", "max-connections", "message", "timeout", "clients", "iterations",
        "interval-ms", "timeout-ms", "framed", "accept-once", "listen", "server", "to", "count");
static const struct wbh__table option_values =
    WBH__TABLE("level", "edge", "oneshot", "edge-oneshot", "", "unix:/run/echo", "unix:@echo");
static const struct wbh__table peer_names = WBH__TABLE("alice", "bob", "carol", "dave", "erin",
    "frank", "grace", "heidi", "ivan", "judy", "kim", "leo", "mallory", "niaj", "olivia", "peggy",
    "quinn", "rupert", "sybil", "trent", "uma", "victor", "walter", "xena", "yves", "zoe");

/* The first is no name: the system's choice for bind, otherwise the next one. */
static const struct wbh__table unix_names =
    WBH__TABLE("", "/run/echo", "@echo", "@wouldblock", "/run/other", "@alice", "@bob");

static bool is_letter(uint8_t byte) {
    return byte > ' ' && byte <= '~';
}

size_t wbh__read_word(
    struct wbh__reader *reader, const struct wbh__table *table, char out[WBH_TEXT_MAX + 1]) {
    uint8_t byte = 0;
    bool is_there = wbh__reader_byte(reader, &byte);
    if (!is_letter(byte)) {
        const char *word = table->words[byte % table->count];
        size_t len = strlen(word);
        memcpy(out, word, len + 1);
        return len;
    }
    size_t len = 0;
    for (; is_there && byte != 0; is_there = wbh__reader_byte(reader, &byte)) {
        if (len < WBH_TEXT_MAX) {
            out[len++] = (char)byte;
        }
    }
    out[len] = '\0';
    return len;
}

void wbh__write_word(struct wbh__writer *writer, const struct wbh__table *table, const char *word) {
    for (unsigned i = 0; i < table->count; i++) {
        if (strcmp(table->words[i], word) == 0) {
            wbh__writer_number(writer, i, 1);
            return;
        }
    }
    wbh__writer_bytes(writer, word, strlen(word));
    wbh__writer_number(writer, 0, 1); /* ends it, if more follows */
}

/* ---- numbers with a meaning */

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max) {
    return value < min ? min : value > max ? max : value;
}

uint64_t wbh__read_time(struct wbh__reader *reader) {
    uint64_t unit_ns = wbh__unit_ns((unsigned)wbh__reader_number(reader, 1) % WBH__UNIT_COUNT);
    uint64_t count = wbh__reader_number(reader, 7);
    return count > WBH_DURATION_MAX_NS / unit_ns ? WBH_DURATION_MAX_NS
                                                 : clamp(count * unit_ns, 1, UINT64_MAX);
}

void wbh__write_time(struct wbh__writer *writer, uint64_t time_ns) {
    unsigned unit = wbh__unit_of(time_ns);
    wbh__writer_number(writer, unit, 1);
    wbh__writer_number(writer, time_ns / wbh__unit_ns(unit), 7);
}

enum { WHO_LOCAL = 64, WHO_NONE = 128, WHO_LISTENER = 129 };

/* The peer may be one that does not exist; see rules.h. */
static uint32_t read_subject(struct wbh__reader *reader) {
    uint32_t who = (uint32_t)wbh__reader_number(reader, 1);
    uint32_t which = (uint32_t)wbh__reader_number(reader, 2);
    if (who < WHO_LOCAL) {
        return WBH_SUBJECT(who, clamp(which, 0, WBH__INCARNATION_MAX - 1));
    }
    if (who < WHO_NONE) {
        return WBH_SUBJECT_LOCAL | which;
    }
    return who % 2 == 0 ? WBH_SUBJECT_NONE : WBH_SUBJECT_LISTENER;
}

static void write_subject(struct wbh__writer *writer, uint32_t subject) {
    uint64_t who = WBH_SUBJECT_PEER(subject);
    uint64_t which = WBH_SUBJECT_INCARNATION(subject);
    if (subject == WBH_SUBJECT_NONE || subject == WBH_SUBJECT_LISTENER) {
        who = subject == WBH_SUBJECT_NONE ? WHO_NONE : WHO_LISTENER;
        which = 0;
    } else if ((subject & WBH_SUBJECT_LOCAL) != 0) {
        who = WHO_LOCAL;
        which = subject & ~WBH_SUBJECT_LOCAL;
    }
    wbh__writer_number(writer, who, 1);
    wbh__writer_number(writer, which, 2);
}

/* Whose moment it is, at points that belong to no connection. */
static uint32_t read_program(struct wbh__reader *reader, enum wbh_point point) {
    uint64_t number = wbh__reader_number(reader, 3);
    if (!wbh_point_is_per_thread(point)) {
        return WBH_SUBJECT_PROGRAM(number % WBH_PROGRAMS_MAX);
    }
    return WBH_SUBJECT_THREAD((number & 0xff) % WBH_PROGRAMS_MAX, (number >> 8) % WBH_THREADS_MAX);
}

static void write_program(struct wbh__writer *writer, uint32_t subject) {
    wbh__writer_number(
        writer, WBH_SUBJECT_PROGRAM_OF(subject) | WBH_SUBJECT_THREAD_OF(subject) << 8, 3);
}

/* ---- head */

const struct wbh__table *wbh__program_words(void) {
    return &programs;
}

static int decode_program(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char name[WBH_TEXT_MAX + 1];
    size_t len = wbh__read_word(reader, &programs, name);
    return wbh__is_program_name(name, len) ? wbh__set_program(scenario, name, len) : 0;
}

static int decode_option(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char name[WBH_TEXT_MAX + 1];
    char value[WBH_TEXT_MAX + 1];
    size_t name_len = wbh__read_word(reader, &option_names, name);
    size_t value_len = wbh__read_word(reader, &option_values, value);
    uint32_t count = wbh__option_count(scenario);
    if (count == WBH_OPTIONS_MAX || !wbh__is_option_name(name, name_len)
        || (value_len != 0 && !wbh__is_option_value(value, value_len))) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(name, wbh__option_name_at(scenario, i)) == 0) {
            return 0;
        }
    }
    return wbh__add_option(scenario, name, name_len, value, value_len);
}

static int decode_host(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    unsigned property = (unsigned)wbh__reader_number(reader, 1) % (WBH__HOST_FIELD_COUNT + 1);
    uint64_t value = wbh__reader_number(reader, 8);
    bool is_named = scenario->host_count > 0 && wbh__host_field_is_named(property);
    struct wbh_host *host =
        is_named ? &wbh__host_at(scenario, scenario->host_count - 1)->system : &scenario->host;
    if (property == WBH__HOST_FIELD_COUNT) {
        host->flavour = (uint32_t)value & wbh__flavours_all();
    } else if (value != 0) {
        const struct wbh__host_range *range = wbh__host_range((enum wbh__host_field)property);
        wbh__host_set(host, (enum wbh__host_field)property, clamp(value, range->min, range->max));
    }
    return 0;
}

static int decode_profile(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    scenario->profile = wbh_profile_nth((size_t)wbh__reader_number(reader, 1))->name;
    scenario->seed = wbh__reader_number(reader, 8);
    return 0;
}

static int decode_verdict(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    scenario->verdict = (uint8_t)(wbh__reader_number(reader, 1) % WBH_VERDICT_COUNT);
    return 0;
}

static int decode_title(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    uint8_t title[WBH_TEXT_MAX];
    size_t len = wbh__reader_rest(reader, title, sizeof title);
    const uint8_t *zero = len > 0 ? memchr(title, 0, len) : NULL;
    return wbh__set_title(
        scenario, (const char *)title, zero != NULL ? (size_t)(zero - title) : len);
}

void wbh__encode_options(struct wbh__writer *writer, const struct wbh_cast *cast) {
    for (uint32_t i = 0; i < cast->option_count; i++) {
        wbh__writer_begin(writer, WBH__TAG_OPTION);
        wbh__write_word(writer, &option_names, cast->options[i].name);
        wbh__write_word(writer, &option_values, cast->options[i].value);
    }
}

void wbh__encode_host(struct wbh__writer *writer, const struct wbh_host *host) {
    for (unsigned n = 0; n <= WBH__HOST_FIELD_COUNT; n++) {
        uint64_t value = n == WBH__HOST_FIELD_COUNT ? host->flavour
                                                    : wbh__host_get(host, (enum wbh__host_field)n);
        if (value != 0) {
            wbh__writer_begin(writer, WBH__TAG_HOST);
            wbh__writer_number(writer, n, 1);
            wbh__writer_number(writer, value, 8);
        }
    }
}

static void encode_head(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    wbh__writer_begin(writer, WBH__TAG_PROGRAM);
    wbh__write_word(writer, &programs, scenario->program);
    struct wbh_cast first = wbh_scenario_program(scenario, 0);
    wbh__encode_options(writer, &first);
    wbh__encode_host(writer, &scenario->host);
    uint64_t profile = 0;
    while (strcmp(wbh_profile_nth((size_t)profile)->name, scenario->profile) != 0) {
        profile++;
        assert(profile < wbh_profile_count());
    }
    if (profile != 0 || scenario->seed != 0) {
        wbh__writer_begin(writer, WBH__TAG_FAULTS);
        wbh__writer_number(writer, profile, 1);
        wbh__writer_number(writer, scenario->seed, 8);
    }
}

static void encode_tail(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    if (scenario->verdict != WBH_VERDICT_OK) {
        wbh__writer_begin(writer, WBH__TAG_VERDICT);
        wbh__writer_number(writer, scenario->verdict, 1);
    }
    if (scenario->title[0] != '\0') {
        wbh__writer_begin(writer, WBH__TAG_TITLE);
        wbh__writer_bytes(writer, scenario->title, strlen(scenario->title));
    }
}

/* ---- peers */

static bool is_free_name(struct wbh_scenario *scenario, const char *name, size_t len) {
    if (!wbh__is_peer_name(name, len) || wbh__is_reserved_name(name, len)) {
        return false;
    }
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        const struct wbh_peer *peer = wbh__peer_at(scenario, i);
        if (strncmp(peer->name, name, len) == 0 && peer->name[len] == '\0') {
            return false;
        }
    }
    return true;
}

static int add_peer(struct wbh_scenario *scenario, const char *name, size_t len) {
    char numbered[WBH_NAME_MAX + 1];
    for (unsigned i = 0; !is_free_name(scenario, name, len); i++) {
        if (i < peer_names.count) {
            name = peer_names.words[i];
        } else {
            (void)snprintf(numbered, sizeof numbered, "peer%u", i);
            name = numbered;
        }
        len = strlen(name);
    }
    return wbh__add_peer(scenario, name, len, 0);
}

static int decode_peer(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char name[WBH_TEXT_MAX + 1];
    size_t len = wbh__read_word(reader, &peer_names, name);
    if (scenario->peer_count == WBH_PEERS_MAX) {
        return 0;
    }
    if (add_peer(scenario, name, len) != 0) {
        return -1;
    }
    /* Its host is known when all hosts are. */
    wbh__peer_at(scenario, scenario->peer_count - 1)->host =
        (uint32_t)wbh__reader_number(reader, 1);
    return 0;
}

int wbh__decode_literal(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    uint64_t repeat = clamp(wbh__reader_number(reader, 2) + 1, 1, WBH_REPEAT_MAX);
    size_t room = clamp(reader->end - reader->pos, 1, WBH_DATA_MAX);
    if (wbh__pool_reserve(&storage->data, (size_t)scenario->data_len + room) != 0) {
        return -1;
    }
    uint8_t *bytes = (uint8_t *)storage->data.items + scenario->data_len;
    size_t len = wbh__reader_rest(reader, bytes, room);
    uint64_t left = repeat;
    if (len != 0) {
        repeat = clamp(repeat, 1, WBH_PAYLOAD_MAX / len);
        left = (WBH_TRAFFIC_MAX - storage->traffic_len) / len;
    }
    step->data_offset = scenario->data_len;
    step->data_len = (uint32_t)len;
    step->repeat = (uint32_t)(repeat < left ? repeat : left);
    scenario->data_len += step->repeat > 0 ? (uint32_t)len : 0;
    return 0;
}

static int decode_unix_name(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step) {
    char name[WBH_TEXT_MAX + 1];
    size_t len = wbh__read_word(reader, &unix_names, name);
    if (len == 0 && step->kind != WBH_STEP_BIND_DATAGRAM) {
        len = strlen(unix_names.words[1]);
        memcpy(name, unix_names.words[1], len);
    }
    step->data_offset = scenario->data_len;
    step->data_len = (uint32_t)clamp(len, 0, WBH_UNIX_NAME_MAX);
    assert(step->data_len == 0 || wbh__is_unix_name(name, step->data_len));
    return wbh__add_data(scenario, (const uint8_t *)name, step->data_len);
}

static void encode_unix_name(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    char name[WBH_UNIX_NAME_MAX + 1];
    if (step->data_len != 0) {
        memcpy(name, scenario->data + step->data_offset, step->data_len);
    }
    name[step->data_len] = '\0';
    wbh__write_word(writer, &unix_names, name);
}

static void decode_arguments(struct wbh__reader *reader, struct wbh_step *step) {
    enum wbh_step_kind kind = (enum wbh_step_kind)step->kind;
    uint32_t least;
    uint32_t most;
    if (kind == WBH_STEP_AFTER) {
        step->peer = (uint32_t)wbh__reader_number(reader, 1);
        step->step = (uint32_t)wbh__reader_number(reader, 2);
    } else if (kind == WBH_STEP_SIGNAL) {
        step->count = wbh__reader_number(reader, 1) % 2 == 0 ? WB_SIGTERM : WB_SIGINT;
        step->program = (uint32_t)wbh__reader_number(reader, 1);
    } else if (kind == WBH_STEP_CONNECT || kind == WBH_STEP_EXPECT_REFUSED) {
        step->program = (uint32_t)wbh__reader_number(reader, 1);
    } else if (wbh__step_count_range(kind, &least, &most)) {
        step->count = (uint32_t)clamp(wbh__reader_number(reader, 4), least, most);
    }
    if (kind == WBH_STEP_BIND_UDP) {
        step->program = (uint32_t)wbh__reader_number(reader, 1);
    }
    if (wbh__step_has_duration(kind)) {
        step->duration_ns = wbh__read_time(reader);
    }
}

static int decode_step(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    if (scenario->peer_count == 0
        && add_peer(scenario, peer_names.words[0], strlen(peer_names.words[0])) != 0) {
        return -1;
    }
    if (wbh__peer_at(scenario, scenario->peer_count - 1)->step_count == WBH_STEPS_MAX) {
        return 0;
    }
    struct wbh_step step = {.kind = (uint8_t)(wbh__reader_number(reader, 1) % WBH_STEP_KIND_COUNT)};
    if (step.kind == WBH_STEP_SEND_SLOWLY) {
        step.duration_ns = wbh__read_time(reader);
    }
    if (wbh__step_has_literal((enum wbh_step_kind)step.kind)) {
        if (wbh__decode_literal(scenario, reader, &step) != 0) {
            return -1;
        }
        return step.repeat > 0 ? wbh__add_step(scenario, &step) : 0;
    }
    if (wbh__step_has_parts((enum wbh_step_kind)step.kind)) {
        if (wbh__decode_message(scenario, reader, &step) != 0) {
            return -1;
        }
    } else if (!wbh__step_has_name((enum wbh_step_kind)step.kind)) {
        decode_arguments(reader, &step);
    } else if (decode_unix_name(scenario, reader, &step) != 0) {
        return -1;
    }
    return wbh__add_step(scenario, &step);
}

static void encode_step(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    enum wbh_step_kind kind = (enum wbh_step_kind)step->kind;
    uint32_t least;
    uint32_t most;
    wbh__writer_begin(writer, WBH__TAG_STEP);
    wbh__writer_number(writer, step->kind, 1);
    if (wbh__step_has_literal(kind)) {
        if (kind == WBH_STEP_SEND_SLOWLY) {
            wbh__write_time(writer, step->duration_ns);
        }
        wbh__writer_number(writer, step->repeat - 1, 2);
        wbh__writer_bytes(writer, scenario->data + step->data_offset, step->data_len);
        return;
    }
    if (wbh__step_has_parts(kind)) {
        wbh__encode_message(writer, scenario, step);
    } else if (wbh__step_has_name(kind)) {
        encode_unix_name(writer, scenario, step);
    } else if (kind == WBH_STEP_AFTER) {
        wbh__writer_number(writer, step->peer, 1);
        wbh__writer_number(writer, step->step, 2);
    } else if (kind == WBH_STEP_SIGNAL) {
        wbh__writer_number(writer, step->count == WB_SIGINT, 1);
        wbh__writer_number(writer, step->program, 1);
    } else if (kind == WBH_STEP_CONNECT || kind == WBH_STEP_EXPECT_REFUSED) {
        wbh__writer_number(writer, step->program, 1);
    } else if (wbh__step_count_range(kind, &least, &most)) {
        wbh__writer_number(writer, step->count, 4);
    }
    if (kind == WBH_STEP_BIND_UDP) {
        wbh__writer_number(writer, step->program, 1);
    }
    if (wbh__step_has_duration(kind)) {
        wbh__write_time(writer, step->duration_ns);
    }
}

static void encode_peers(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        const struct wbh_peer *peer = &scenario->peers[p];
        wbh__writer_begin(writer, WBH__TAG_PEER);
        wbh__write_word(writer, &peer_names, peer->name);
        wbh__writer_number(writer, peer->host, 1);
        for (uint32_t s = 0; s < peer->step_count; s++) {
            encode_step(writer, scenario, &peer->steps[s]);
            wbh__encode_parts(writer, scenario, &peer->steps[s]);
        }
    }
}

/* ---- faults */

static int decode_fault(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    if (scenario->fault_count == WBH_FAULTS_MAX) {
        return 0;
    }
    struct wbh_decision fault = {
        .point = (uint8_t)(wbh__reader_number(reader, 1) % WBH_POINT_COUNT)};
    fault.action = wbh__fault_fit_action(
        (enum wbh_point)fault.point, (uint8_t)(wbh__reader_number(reader, 1) % WBH_ACTION_COUNT));
    fault.subject = wbh_point_is_per_connection((enum wbh_point)fault.point)
                        ? read_subject(reader)
                        : read_program(reader, (enum wbh_point)fault.point);
    fault.ordinal = (uint32_t)wbh__reader_number(reader, 4);
    switch (wbh_action_argument((enum wbh_action)fault.action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        fault.value = wbh__reader_number(reader, 4);
        break;
    case WBH_ARGUMENT_TIME:
        fault.value = wbh__read_time(reader);
        break;
    case WBH_ARGUMENT_ERRNO:
        fault.value = (uint64_t)wbh_errno_nth((unsigned)wbh__reader_number(reader, 1));
        break;
    case WBH_ARGUMENT_EVENTS: {
        uint64_t bits = wbh__reader_number(reader, 1);
        for (unsigned n = 0; wbh__event_word(n) != NULL; n++) {
            fault.value |= (bits >> n & 1u) != 0 ? wbh__event_bit(n) : 0;
        }
        fault.about = read_subject(reader);
        break;
    }
    }
    return wbh__add_fault(scenario, &fault, 0);
}

static void encode_fault(struct wbh__writer *writer, const struct wbh_decision *fault) {
    wbh__writer_begin(writer, WBH__TAG_FAULT);
    wbh__writer_number(writer, fault->point, 1);
    wbh__writer_number(writer, fault->action, 1);
    if (wbh_point_is_per_connection((enum wbh_point)fault->point)) {
        write_subject(writer, fault->subject);
    } else {
        write_program(writer, fault->subject);
    }
    wbh__writer_number(writer, fault->ordinal, 4);
    switch (wbh_action_argument((enum wbh_action)fault->action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        wbh__writer_number(writer, fault->value, 4);
        break;
    case WBH_ARGUMENT_TIME:
        wbh__write_time(writer, fault->value);
        break;
    case WBH_ARGUMENT_ERRNO:
        wbh__writer_number(writer, (uint64_t)wbh_errno_index((int)fault->value), 1);
        break;
    case WBH_ARGUMENT_EVENTS: {
        uint64_t bits = 0;
        for (unsigned n = 0; wbh__event_word(n) != NULL; n++) {
            bits |= (fault->value & wbh__event_bit(n)) != 0 ? UINT64_C(1) << n : 0;
        }
        wbh__writer_number(writer, bits, 1);
        write_subject(writer, fault->about);
        break;
    }
    }
}

/* ---- all together */

static int decode_record(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    static int (*const decoders[])(struct wbh_scenario * scenario, struct wbh__reader * reader) = {
        [WBH__TAG_PROGRAM - WBH__TAG_FIRST] = decode_program,
        [WBH__TAG_OPTION - WBH__TAG_FIRST] = decode_option,
        [WBH__TAG_HOST - WBH__TAG_FIRST] = decode_host,
        [WBH__TAG_FAULTS - WBH__TAG_FIRST] = decode_profile,
        [WBH__TAG_PEER - WBH__TAG_FIRST] = decode_peer,
        [WBH__TAG_STEP - WBH__TAG_FIRST] = decode_step,
        [WBH__TAG_FAULT - WBH__TAG_FIRST] = decode_fault,
        [WBH__TAG_VERDICT - WBH__TAG_FIRST] = decode_verdict,
        [WBH__TAG_TITLE - WBH__TAG_FIRST] = decode_title,
        [WBH__TAG_OTHER - WBH__TAG_FIRST] = wbh__decode_other,
        [WBH__TAG_NAMED - WBH__TAG_FIRST] = wbh__decode_named_host,
        [WBH__TAG_LINK - WBH__TAG_FIRST] = wbh__decode_link,
        [WBH__TAG_MOMENT - WBH__TAG_FIRST] = wbh__decode_moment,
        [WBH__TAG_ROLE - WBH__TAG_FIRST] = wbh__decode_role,
        [WBH__TAG_FILE - WBH__TAG_FIRST] = wbh__decode_file,
        [WBH__TAG_PART - WBH__TAG_FIRST] = wbh__decode_part,
    };
    size_t index = (size_t)(reader->tag - WBH__TAG_FIRST);
    return index < sizeof decoders / sizeof decoders[0] ? decoders[index](scenario, reader) : 0;
}

/* A step that cannot wait for anybody still takes its turn, so that the others keep their number.
 */
static void make_sleep(struct wbh_step *step) {
    *step = (struct wbh_step){.kind = WBH_STEP_SLEEP, .duration_ns = 1000000};
}

static void fit_after(struct wbh_scenario *scenario, uint32_t self, struct wbh_step *step) {
    if (scenario->peer_count < 2) {
        make_sleep(step);
        return;
    }
    step->peer %= scenario->peer_count;
    if (step->peer == self) {
        step->peer = (self + 1) % scenario->peer_count;
    }
    step->step %= scenario->peers[step->peer].step_count + 1;
}

static void fit_peers(struct wbh_scenario *scenario) {
    bool has_after = false;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_AFTER) {
                has_after = true;
                fit_after(scenario, p, step);
            }
        }
    }
    uint32_t done[WBH_PEERS_MAX] = {0};
    uint32_t peer;
    uint32_t step;
    while (has_after && wbh__find_circle(scenario, done, &peer, &step)) {
        make_sleep(&scenario->peers[peer].steps[step]);
    }
}

int wbh_scenario_decode_into(struct wbh_scenario *scenario, const uint8_t *bytes, size_t len) {
    struct wbh__reader reader;
    wbh__reader_init(&reader, bytes, len);
    int status = wbh__begin(scenario);
    if (status == 0) {
        status = wbh__set_program(scenario, programs.words[0], strlen(programs.words[0]));
    }
    while (status == 0 && wbh__reader_next(&reader)) {
        status = decode_record(scenario, &reader);
    }
    if (status != 0) {
        (void)wbh__begin(scenario); /* an empty one, since half a one is none */
        wbh__finish(scenario);
        return -1;
    }
    wbh__finish(scenario);
    if (wbh__fit_world(scenario) != 0) {
        (void)wbh__begin(scenario);
        wbh__finish(scenario);
        return -1;
    }
    wbh__fit_files(scenario);
    fit_peers(scenario);
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        wbh__fault_normalise(&scenario->faults[i], scenario);
    }
    if (scenario->fault_count > 1) {
        wbh__faults_drop_doubles(scenario);
    }
    return 0;
}

struct wbh_scenario *wbh_scenario_decode(const uint8_t *bytes, size_t len) {
    struct wbh_scenario *scenario = wbh_scenario_new();
    if (scenario != NULL && wbh_scenario_decode_into(scenario, bytes, len) != 0) {
        wbh_scenario_destroy(scenario);
        return NULL;
    }
    return scenario;
}

uint8_t *wbh_scenario_encode(const struct wbh_scenario *scenario, size_t *out_len) {
    struct wbh__writer writer = {0};
    encode_head(&writer, scenario);
    wbh__encode_world(&writer, scenario);
    wbh__encode_files(&writer, scenario);
    encode_peers(&writer, scenario);
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        encode_fault(&writer, &scenario->faults[i]);
    }
    encode_tail(&writer, scenario);
    if (writer.is_broken) {
        free(writer.bytes);
        return NULL;
    }
    *out_len = writer.len;
    return writer.bytes;
}
