/* From scenario to text: the one way in which this program would have written it. */
#include "scenario/storage.h"
#include "scenario/words.h"

#include "wb/sys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows; once memory is out it swallows everything. */
struct text {
    char *bytes;
    size_t len;
    size_t capacity;
    bool is_broken;
};

static char *room_for(struct text *text, size_t len) {
    if (text->is_broken) {
        return NULL;
    }
    if (len > text->capacity - text->len) {
        size_t capacity = text->capacity == 0 ? 1024 : text->capacity;
        while (capacity - text->len < len) {
            capacity *= 2;
        }
        char *bytes = realloc(text->bytes, capacity);
        if (bytes == NULL) {
            text->is_broken = true;
            return NULL;
        }
        text->bytes = bytes;
        text->capacity = capacity;
    }
    return text->bytes + text->len;
}

static void put(struct text *text, const char *bytes, size_t len) {
    char *at = room_for(text, len);
    if (at != NULL) {
        memcpy(at, bytes, len);
        text->len += len;
    }
}

static void put_word(struct text *text, const char *word) {
    put(text, word, strlen(word));
}

static void put_number(struct text *text, uint64_t number) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    put(text, digits, (size_t)len);
}

static void put_time(struct text *text, uint64_t time_ns) {
    unsigned unit = wbh__unit_of(time_ns);
    put_number(text, time_ns / wbh__unit_ns(unit));
    put_word(text, wbh__unit_word(unit));
}

static void put_byte(struct text *text, uint8_t byte) {
    static const char hex[] = "0123456789abcdef";
    switch (byte) {
    case '\n':
        put(text, "\\n", 2);
        break;
    case '\r':
        put(text, "\\r", 2);
        break;
    case '\t':
        put(text, "\\t", 2);
        break;
    case '\0':
        put(text, "\\0", 2);
        break;
    case '\\':
        put(text, "\\\\", 2);
        break;
    case '"':
        put(text, "\\\"", 2);
        break;
    default:
        if (byte >= ' ' && byte <= '~') {
            put(text, (const char[]){(char)byte}, 1);
        } else {
            put(text, (const char[]){'\\', 'x', hex[byte >> 4], hex[byte & 15]}, 4);
        }
        break;
    }
}

static void put_string(struct text *text, const uint8_t *bytes, size_t len) {
    put(text, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        put_byte(text, bytes[i]);
    }
    put(text, "\"", 1);
}

/* The words of a set of bits, joined by commas. */
static void put_bits(struct text *text, uint32_t bits, const char *(*word)(unsigned n),
    uint32_t (*bit)(unsigned n)) {
    const char *joint = "";
    for (unsigned n = 0; word(n) != NULL; n++) {
        if ((bits & bit(n)) != 0) {
            put_word(text, joint);
            put_word(text, word(n));
            joint = ",";
        }
    }
}

/* ---- statements */

static void put_on_host(struct text *text, const struct wbh_scenario *scenario, uint32_t host) {
    if (host != 0) {
        put_word(text, " on ");
        put_word(text, scenario->hosts[host - 1].name);
    }
}

static void put_program(struct text *text, const struct wbh_scenario *scenario, uint32_t n) {
    struct wbh_cast cast = wbh_scenario_program(scenario, n);
    put_word(text, "program ");
    put_word(text, cast.program);
    if (strcmp(cast.label, cast.program) != 0) {
        put_word(text, " as ");
        put_word(text, cast.label);
    }
    put_on_host(text, scenario, cast.host);
    for (uint32_t i = 0; i < cast.option_count; i++) {
        put(text, " ", 1);
        put_word(text, cast.options[i].name);
        if (cast.options[i].value[0] != '\0') {
            put(text, "=", 1);
            put_word(text, cast.options[i].value);
        }
    }
    put(text, "\n", 1);
}

static void put_head(struct text *text, const struct wbh_scenario *scenario) {
    put_word(text, "scenario ");
    put_string(text, (const uint8_t *)scenario->title, strlen(scenario->title));
    put(text, "\n", 1);
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        put_program(text, scenario, i);
    }
}

/* The properties of a host, each behind a blank. */
static void put_properties(struct text *text, const struct wbh_host *host) {
    for (unsigned n = 0; n < WBH__HOST_FIELD_COUNT; n++) {
        const struct wbh__host_range *range = wbh__host_range((enum wbh__host_field)n);
        uint64_t value = wbh__host_get(host, (enum wbh__host_field)n);
        if (value == 0) {
            continue;
        }
        put(text, " ", 1);
        put_word(text, range->word);
        put(text, "=", 1);
        if (range->is_time) {
            put_time(text, value);
        } else {
            put_number(text, value);
        }
    }
    if (host->flavour != 0) {
        put_word(text, " flavour=");
        put_bits(text, host->flavour, wbh__flavour_word, wbh__flavour_bit);
    }
}

static bool is_default(const struct wbh_host *host) {
    static const struct wbh_host none;
    for (unsigned n = 0; n < WBH__HOST_FIELD_COUNT; n++) {
        if (wbh__host_get(host, (enum wbh__host_field)n)
            != wbh__host_get(&none, (enum wbh__host_field)n)) {
            return false;
        }
    }
    return host->flavour == 0;
}

static void put_named_host(struct text *text, const struct wbh_named_host *host) {
    put_word(text, "host ");
    put_word(text, host->name);
    put_word(text, " address=");
    for (uint32_t i = 0; i < host->address_count; i++) {
        char address[WBH__ADDRESS_LEN_MAX + 1];
        wbh__address_to_text(&host->addresses[i], address);
        put_word(text, i == 0 ? "" : ",");
        put_word(text, address);
    }
    put_properties(text, &host->system);
    put(text, "\n", 1);
}

static void put_hosts(struct text *text, const struct wbh_scenario *scenario) {
    if (!is_default(&scenario->host)) {
        put_word(text, "host");
        put_properties(text, &scenario->host);
        put(text, "\n", 1);
    }
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        put_named_host(text, &scenario->hosts[i]);
    }
}

/* ---- links and moments */

/* Behind a blank; nothing for "everybody". */
static void put_end(struct text *text, const struct wbh_scenario *scenario, uint32_t end) {
    if (end == WBH_END_ANY) {
        return;
    }
    put(text, " ", 1);
    put_word(text, end >= WBH_END_PEER(0) ? scenario->peers[end - WBH_END_PEER(0)].name
                                          : scenario->hosts[end - 1].name);
}

static void put_link(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_link *link) {
    put_word(text, "link");
    put_end(text, scenario, link->a);
    put_end(text, scenario, link->b);
    if (link->latency_ns != 0) {
        put_word(text, " latency=");
        put_time(text, link->latency_ns);
    }
    if (link->jitter_ns != 0) {
        put_word(text, " jitter=");
        put_time(text, link->jitter_ns);
    }
    if (link->bandwidth != 0) {
        put_word(text, " bandwidth=");
        put_number(text, link->bandwidth);
    }
    if (link->loss != 0) {
        put_word(text, " loss=");
        put_number(text, link->loss);
        put(text, "%", 1);
    }
    put(text, "\n", 1);
}

static void put_moment(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_moment *moment) {
    put_word(text, "at ");
    put_time(text, moment->at_ns);
    put(text, " ", 1);
    put_word(text, wbh_moment_word((enum wbh_moment_kind)moment->kind));
    if (moment->kind == WBH_MOMENT_CRASH || moment->kind == WBH_MOMENT_RESTART) {
        put(text, " ", 1);
        put_word(text, wbh_scenario_program(scenario, moment->a).label);
    } else {
        put_end(text, scenario, moment->a);
        put_end(text, scenario, moment->b);
    }
    put(text, "\n", 1);
}

static void put_world(struct text *text, const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        put_link(text, scenario, &scenario->links[i]);
    }
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        put_moment(text, scenario, &scenario->moments[i]);
    }
}

static void put_literal(struct text *text, const struct wbh_scenario *scenario, uint32_t offset,
    uint32_t len, uint32_t repeat) {
    put_string(text, scenario->data + offset, len);
    if (repeat != 1) {
        put_word(text, " * ");
        put_number(text, repeat);
    }
}

static void put_files(struct text *text, const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        const struct wbh_placed_file *file = &scenario->files[i];
        put_word(text, file->is_expected ? "expect file " : "file ");
        put_string(text, scenario->data + file->path_offset, file->path_len);
        put_on_host(text, scenario, file->host);
        put(text, " ", 1);
        put_literal(text, scenario, file->data_offset, file->data_len, file->repeat);
        put(text, "\n", 1);
    }
}

static void put_profile(struct text *text, const struct wbh_scenario *scenario) {
    put_word(text, "faults ");
    put_word(text, scenario->profile);
    if (scenario->seed != 0) {
        put_word(text, " seed=");
        put_number(text, scenario->seed);
    }
    put(text, "\n", 1);
}

/* ---- peers */

/* Behind a blank; the first goes without saying. */
static void put_which_program(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    if (step->program != 0) {
        put(text, " ", 1);
        put_word(text, wbh_scenario_program(scenario, step->program).label);
    }
}

static void put_part(struct text *text, const struct wbh_scenario *scenario,
    const struct wbh_part *part, const struct wbh_part *before) {
    bool is_further_chunk =
        part->kind == WBH_PART_CHUNK && before != NULL && before->kind == WBH_PART_CHUNK;
    if (!is_further_chunk) {
        put(text, " ", 1);
        put_word(text, wbh_part_word((enum wbh_part_kind)part->kind));
    }
    put(text, " ", 1);
    if (part->kind == WBH_PART_BODY_LEN) {
        put_number(text, part->count);
    } else if (part->kind == WBH_PART_NO_HEADER) {
        put(text, (const char *)scenario->data + part->data_offset, part->data_len);
    } else {
        put_literal(text, scenario, part->data_offset, part->data_len, part->repeat);
    }
}

static void put_message(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    const struct wbh_part *before = NULL;
    put(text, " ", 1);
    if (wbh__step_has_request((enum wbh_step_kind)step->kind)) {
        put(text, (const char *)scenario->data + step->data_offset, step->data_len);
    } else {
        put_number(text, step->count);
    }
    if (step->version != WBH_HTTP_UNSAID) {
        put_word(text, step->version == WBH_HTTP_1_0 ? " version=1.0" : " version=1.1");
    }
    for (uint32_t i = 0; i < step->part_count; i++) {
        const struct wbh_part *part = &scenario->parts[step->part_begin + i];
        put_part(text, scenario, part, before);
        before = part;
    }
}

static void put_arguments(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    switch ((enum wbh_step_kind)step->kind) {
    case WBH_STEP_SEND:
    case WBH_STEP_EXPECT:
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
        put(text, " ", 1);
        put_literal(text, scenario, step->data_offset, step->data_len, step->repeat);
        break;
    case WBH_STEP_SEND_SLOWLY:
        put(text, " ", 1);
        put_literal(text, scenario, step->data_offset, step->data_len, step->repeat);
        put_word(text, " every ");
        put_time(text, step->duration_ns);
        break;
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        put_message(text, scenario, step);
        break;
    case WBH_STEP_SLEEP:
    case WBH_STEP_EXPECT_SILENCE:
        put(text, " ", 1);
        put_time(text, step->duration_ns);
        break;
    case WBH_STEP_AFTER:
        put(text, " ", 1);
        put_word(text, scenario->peers[step->peer].name);
        if (step->step != 0) {
            put(text, " ", 1);
            put_number(text, step->step);
        }
        break;
    case WBH_STEP_READ_SLOWLY:
        put(text, " ", 1);
        put_number(text, step->count);
        put_word(text, " every ");
        put_time(text, step->duration_ns);
        break;
    case WBH_STEP_SIGNAL:
        put_word(text, step->count == WB_SIGINT ? " SIGINT" : " SIGTERM");
        put_which_program(text, scenario, step);
        break;
    case WBH_STEP_LISTEN:
    case WBH_STEP_EXPECT_COUNT:
    case WBH_STEP_EXPECT_DESCRIPTORS:
    case WBH_STEP_BUFFERS:
        put(text, " ", 1);
        put_number(text, step->count);
        break;
    case WBH_STEP_BIND_UDP:
        if (step->count != 0) {
            put(text, " ", 1);
            put_number(text, step->count);
        }
        put_which_program(text, scenario, step);
        break;
    case WBH_STEP_CONNECT:
    case WBH_STEP_EXPECT_REFUSED:
        put_which_program(text, scenario, step);
        break;
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_BIND_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
    case WBH_STEP_SEND_TO:
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
        if (step->data_len != 0) {
            put(text, " ", 1);
            put_string(text, scenario->data + step->data_offset, step->data_len);
        }
        break;
    case WBH_STEP_ACCEPT:
    case WBH_STEP_EXPECT_CLOSE:
    case WBH_STEP_EXPECT_RESET:
    case WBH_STEP_HALF_CLOSE:
    case WBH_STEP_CLOSE:
    case WBH_STEP_RESET:
    case WBH_STEP_READ_STOP:
    case WBH_STEP_READ_ON:
    case WBH_STEP_KIND_COUNT:
        break;
    }
}

static void put_peer(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_peer *peer) {
    put_word(text, "\npeer ");
    put_word(text, peer->name);
    put_on_host(text, scenario, peer->host);
    put(text, "\n", 1);
    for (uint32_t i = 0; i < peer->step_count; i++) {
        put(text, "  ", 2);
        put_word(text, wbh_step_word((enum wbh_step_kind)peer->steps[i].kind));
        put_arguments(text, scenario, &peer->steps[i]);
        put(text, "\n", 1);
    }
}

/* ---- faults */

static void put_subject(struct text *text, const struct wbh_scenario *scenario, uint32_t subject) {
    if (subject == WBH_SUBJECT_NONE) {
        put_word(text, WBH__NO_CONNECTION);
    } else if (subject == WBH_SUBJECT_LISTENER) {
        put_word(text, WBH__LISTENER);
    } else if ((subject & WBH_SUBJECT_LOCAL) != 0) {
        uint32_t end = subject & ~WBH_SUBJECT_LOCAL;
        put_word(text, "local");
        put_number(text, end / 2 + 1);
        put_word(text, end % 2 == 0 ? ".a" : ".b");
    } else {
        put_word(text, scenario->peers[WBH_SUBJECT_PEER(subject)].name);
        if (WBH_SUBJECT_INCARNATION(subject) != 0) {
            put(text, "#", 1);
            put_number(text, WBH_SUBJECT_INCARNATION(subject) + 1);
        }
    }
}

static void put_fault_argument(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_decision *fault) {
    enum wbh_argument argument = wbh_action_argument((enum wbh_action)fault->action);
    if (argument == WBH_ARGUMENT_NONE) {
        return;
    }
    put(text, " ", 1);
    if (argument == WBH_ARGUMENT_TIME) {
        put_time(text, fault->value);
    } else if (argument == WBH_ARGUMENT_ERRNO) {
        put_word(text, wbh_errno_name((int)fault->value));
    } else if (argument == WBH_ARGUMENT_EVENTS) {
        put_subject(text, scenario, fault->about);
        put(text, " ", 1);
        put_bits(text, (uint32_t)fault->value, wbh__event_word, wbh__event_bit);
    } else {
        put_number(text, fault->value);
    }
}

static void put_fault(
    struct text *text, const struct wbh_scenario *scenario, const struct wbh_decision *fault) {
    put_word(text, "fault ");
    if (wbh_point_is_per_connection((enum wbh_point)fault->point)) {
        put_subject(text, scenario, fault->subject);
        put(text, ".", 1);
    } else if (fault->subject != WBH_SUBJECT_NONE) {
        uint32_t program = WBH_SUBJECT_PROGRAM_OF(fault->subject);
        put_word(text, wbh_scenario_program(scenario, program).label);
        if (WBH_SUBJECT_THREAD_OF(fault->subject) != 0) {
            put(text, "#", 1);
            put_number(text, WBH_SUBJECT_THREAD_OF(fault->subject) + 1);
        }
        put(text, ".", 1);
    }
    put_word(text, wbh_point_name((enum wbh_point)fault->point));
    put(text, " ", 1);
    put_number(text, fault->ordinal);
    put(text, " ", 1);
    put_word(text, wbh_action_name((enum wbh_action)fault->action));
    put_fault_argument(text, scenario, fault);
    put(text, "\n", 1);
}

char *wbh_scenario_print(const struct wbh_scenario *scenario, size_t *out_len) {
    struct text text = {0};
    put_head(&text, scenario);
    put_hosts(&text, scenario);
    put_world(&text, scenario);
    put_files(&text, scenario);
    put_profile(&text, scenario);
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        put_peer(&text, scenario, &scenario->peers[i]);
    }
    put_word(&text, scenario->fault_count > 0 ? "\n" : "");
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        put_fault(&text, scenario, &scenario->faults[i]);
    }
    put_word(&text, "\nverdict ");
    put_word(&text, wbh_verdict_name((enum wbh_verdict)scenario->verdict));
    put(&text, "\n", 2); /* and the terminator, which is not counted */
    if (text.is_broken) {
        free(text.bytes);
        return NULL;
    }
    if (out_len != NULL) {
        *out_len = text.len - 1;
    }
    return text.bytes;
}
