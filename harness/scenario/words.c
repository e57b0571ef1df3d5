/* The words of the language; see words.h. */
#include "scenario/words.h"

#include "wb/sys.h"

#include <assert.h>
#include <string.h>

static bool is_word(const char *candidate, const char *name, size_t len) {
    return strlen(candidate) == len && memcmp(candidate, name, len) == 0;
}

/* ---- steps and verdicts */

const char *wbh_step_word(enum wbh_step_kind kind) {
    static const char *const words[WBH_STEP_KIND_COUNT] = {
#define STEP_WORD(name, word, what) word,
        WBH_STEP_TABLE(STEP_WORD)
#undef STEP_WORD
    };
    assert((unsigned)kind < WBH_STEP_KIND_COUNT);
    return words[kind];
}

const char *wbh_part_word(enum wbh_part_kind kind) {
    static const char *const words[WBH_PART_KIND_COUNT] = {
#define PART_WORD(name, word, what) word,
        WBH_PART_TABLE(PART_WORD)
#undef PART_WORD
    };
    assert((unsigned)kind < WBH_PART_KIND_COUNT);
    return words[kind];
}

bool wbh__step_has_literal(enum wbh_step_kind kind) {
    return kind == WBH_STEP_SEND || kind == WBH_STEP_SEND_SLOWLY || kind == WBH_STEP_EXPECT
           || kind == WBH_STEP_PASS_PIPE || kind == WBH_STEP_PASS_SOCKET;
}

bool wbh__step_has_request(enum wbh_step_kind kind) {
    return kind == WBH_STEP_HTTP_REQUEST || kind == WBH_STEP_EXPECT_HTTP_REQUEST;
}

bool wbh__step_sends_parts(enum wbh_step_kind kind) {
    return kind == WBH_STEP_HTTP_REQUEST || kind == WBH_STEP_HTTP_RESPONSE;
}

bool wbh__step_has_parts(enum wbh_step_kind kind) {
    return wbh__step_has_request(kind) || kind == WBH_STEP_HTTP_RESPONSE
           || kind == WBH_STEP_EXPECT_HTTP_RESPONSE;
}

bool wbh__step_has_name(enum wbh_step_kind kind) {
    return kind == WBH_STEP_CONNECT_UNIX || kind == WBH_STEP_CONNECT_SEQPACKET
           || kind == WBH_STEP_CONNECT_DATAGRAM || kind == WBH_STEP_BIND_DATAGRAM
           || kind == WBH_STEP_EXPECT_REFUSED_UNIX || kind == WBH_STEP_SEND_TO
           || kind == WBH_STEP_LISTEN_UNIX || kind == WBH_STEP_LISTEN_SEQPACKET;
}

bool wbh__step_has_duration(enum wbh_step_kind kind) {
    return kind == WBH_STEP_SLEEP || kind == WBH_STEP_EXPECT_SILENCE || kind == WBH_STEP_READ_SLOWLY
           || kind == WBH_STEP_SEND_SLOWLY;
}

bool wbh__step_count_range(enum wbh_step_kind kind, uint32_t *out_min, uint32_t *out_max) {
    static const uint32_t most[WBH_STEP_KIND_COUNT] = {
        [WBH_STEP_LISTEN] = 65535,
        [WBH_STEP_EXPECT_COUNT] = WBH_TRAFFIC_MAX,
        [WBH_STEP_READ_SLOWLY] = WBH_BUFFER_MAX,
        [WBH_STEP_BUFFERS] = WBH_BUFFER_MAX,
        [WBH_STEP_BIND_UDP] = 65535,
        [WBH_STEP_EXPECT_DESCRIPTORS] = WBH_STEPS_MAX * WBH_DESCRIPTORS_MAX,
    };
    *out_min = kind == WBH_STEP_BIND_UDP ? 0 : 1;
    *out_max = most[kind];
    return most[kind] != 0;
}

const char *wbh_moment_word(enum wbh_moment_kind kind) {
    static const char *const words[WBH_MOMENT_KIND_COUNT] = {
#define MOMENT_WORD(name, word, what) word,
        WBH_MOMENT_TABLE(MOMENT_WORD)
#undef MOMENT_WORD
    };
    assert((unsigned)kind < WBH_MOMENT_KIND_COUNT);
    return words[kind];
}

static const char *const verdicts[WBH_VERDICT_COUNT] = {
#define VERDICT_WORD(name, word, what) word,
    WBH_VERDICT_TABLE(VERDICT_WORD)
#undef VERDICT_WORD
};

const char *wbh_verdict_name(enum wbh_verdict verdict) {
    assert((unsigned)verdict < WBH_VERDICT_COUNT);
    return verdicts[verdict];
}

int wbh_verdict_from_name(const char *name, size_t len) {
    for (int i = 0; i < WBH_VERDICT_COUNT; i++) {
        if (is_word(verdicts[i], name, len)) {
            return i;
        }
    }
    return -1;
}

/* ---- sets of bits */

/* Append only: the order is part of the fuzz input's format. */
static const struct {
    const char *word;
    uint32_t bit;
} events[] = {
    {"readable", WB_EPOLLIN},
    {"writable", WB_EPOLLOUT},
    {"read-closed", WB_EPOLLRDHUP},
    {"hangup", WB_EPOLLHUP},
    {"error", WB_EPOLLERR},
    {"priority", WB_EPOLLPRI},
};

const char *wbh__event_word(unsigned n) {
    return n < sizeof events / sizeof events[0] ? events[n].word : NULL;
}

uint32_t wbh__event_bit(unsigned n) {
    return n < sizeof events / sizeof events[0] ? events[n].bit : 0;
}

uint32_t wbh__events_all(void) {
    uint32_t all = 0;
    for (unsigned n = 0; wbh__event_word(n) != NULL; n++) {
        all |= wbh__event_bit(n);
    }
    return all;
}

/* In the order of SIM_FLAVOUR_* in wouldblock/kernel.h, whose bits these are. */
static const char *const flavours[] = {
#define FLAVOUR_WORD(word, what) word,
    WBH_FLAVOUR_TABLE(FLAVOUR_WORD)
#undef FLAVOUR_WORD
};

const char *wbh__flavour_word(unsigned n) {
    return n < sizeof flavours / sizeof flavours[0] ? flavours[n] : NULL;
}

uint32_t wbh__flavour_bit(unsigned n) {
    return wbh__flavour_word(n) != NULL ? 1u << n : 0;
}

uint32_t wbh__flavours_all(void) {
    return (1u << (sizeof flavours / sizeof flavours[0])) - 1u;
}

/* ---- the host */

const struct wbh__host_range *wbh__host_range(enum wbh__host_field field) {
    static const struct wbh__host_range ranges[WBH__HOST_FIELD_COUNT] = {
#define HOST_RANGE(name, word, least, most, is_time, what) {word, least, most, is_time},
        WBH_HOST_TABLE(HOST_RANGE)
#undef HOST_RANGE
    };
    assert((unsigned)field < WBH__HOST_FIELD_COUNT);
    return &ranges[field];
}

uint64_t wbh__host_get(const struct wbh_host *host, enum wbh__host_field field) {
    switch (field) {
#define HOST_GET(name, word, least, most, is_time, what)                                           \
    case WBH__HOST_##name:                                                                         \
        return host->name;
        WBH_HOST_TABLE(HOST_GET)
#undef HOST_GET
    case WBH__HOST_FIELD_COUNT:
        break;
    }
    assert(0 && "a field of the table");
    return 0;
}

void wbh__host_set(struct wbh_host *host, enum wbh__host_field field, uint64_t value) {
    const struct wbh__host_range *range = wbh__host_range(field);
    assert(value >= range->min && value <= range->max);
    switch (field) {
    case WBH__HOST_fd_limit:
        host->fd_limit = (uint32_t)value;
        break;
    case WBH__HOST_send_buffer_size:
        host->send_buffer_size = (uint32_t)value;
        break;
    case WBH__HOST_recv_buffer_size:
        host->recv_buffer_size = (uint32_t)value;
        break;
    case WBH__HOST_memory_max:
        host->memory_max = value;
        break;
    case WBH__HOST_calls_max:
        host->calls_max = value;
        break;
    case WBH__HOST_time_max_ns:
        host->time_max_ns = value;
        break;
    case WBH__HOST_FIELD_COUNT:
        assert(0 && "a field of the table");
        break;
    }
}

/* ---- time */

static const struct {
    const char *word;
    uint64_t ns;
} units[WBH__UNIT_COUNT] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};

const char *wbh__unit_word(unsigned unit) {
    return unit < WBH__UNIT_COUNT ? units[unit].word : NULL;
}

uint64_t wbh__unit_ns(unsigned unit) {
    assert(unit < WBH__UNIT_COUNT);
    return units[unit].ns;
}

unsigned wbh__unit_of(uint64_t time_ns) {
    unsigned unit = WBH__UNIT_COUNT - 1;
    while (time_ns % units[unit].ns != 0) {
        unit--;
    }
    return unit;
}

/* ---- names */

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_name(const char *name, size_t len, size_t len_max, char joiner) {
    if (len == 0 || len > len_max || !is_lower(name[0])) {
        return false;
    }
    for (size_t i = 1; i < len; i++) {
        if (!is_lower(name[i]) && !is_digit(name[i]) && name[i] != joiner) {
            return false;
        }
    }
    return true;
}

bool wbh__is_peer_name(const char *name, size_t len) {
    return is_name(name, len, WBH_NAME_MAX, '_');
}

bool wbh__is_reserved_name(const char *name, size_t len) {
    static const char local[] = "local";
    const size_t local_len = sizeof local - 1;
    if (is_word(WBH__NO_CONNECTION, name, len) || is_word(WBH__LISTENER, name, len)) {
        return true;
    }
    if (len <= local_len || memcmp(name, local, local_len) != 0) {
        return false;
    }
    for (size_t i = local_len; i < len; i++) {
        if (!is_digit(name[i])) {
            return false;
        }
    }
    return true;
}

bool wbh__is_program_name(const char *name, size_t len) {
    return is_name(name, len, WBH_TEXT_MAX, '_');
}

/* What follows a program's name is said by these words; a flag cannot have them. */
bool wbh__is_option_name(const char *name, size_t len) {
    return !is_word("as", name, len) && !is_word("on", name, len)
           && is_name(name, len, WBH_TEXT_MAX, '-');
}

bool wbh__is_option_value(const char *value, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (value[i] <= ' ' || value[i] > '~' || value[i] == '#' || value[i] == '"') {
            return false;
        }
    }
    return len > 0 && len <= WBH_TEXT_MAX;
}

bool wbh__is_unix_name(const char *name, size_t len) {
    return len > 0 && len <= WBH_UNIX_NAME_MAX && name[0] > ' ' && name[0] <= '~'
           && memchr(name, '\0', len) == NULL;
}

bool wbh__is_http_token(const char *token, size_t len) {
    static const char marks[] = "!#$%&'*+-.^_`|~";
    if (len == 0 || len > WBH_TEXT_MAX || token[0] == '#') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_letter = is_lower(token[i]) || (token[i] >= 'A' && token[i] <= 'Z');
        if (!is_letter && !is_digit(token[i])
            && memchr(marks, token[i], sizeof marks - 1) == NULL) {
            return false;
        }
    }
    return true;
}

bool wbh__is_message_word(const char *word, size_t len) {
    static const char version[] = "version=";
    for (unsigned kind = 0; kind < WBH_PART_KIND_COUNT; kind++) {
        if (is_word(wbh_part_word((enum wbh_part_kind)kind), word, len)) {
            return true;
        }
    }
    return len >= sizeof version - 1 && memcmp(word, version, sizeof version - 1) == 0;
}

bool wbh__is_http_method(const char *method, size_t len) {
    return wbh__is_http_token(method, len) && !wbh__is_message_word(method, len);
}

bool wbh__is_http_target(const char *target, size_t len) {
    if (len == 0 || len > WBH_TEXT_MAX || target[0] == '#' || wbh__is_message_word(target, len)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (target[i] <= ' ' || target[i] > '~' || target[i] == '"') {
            return false;
        }
    }
    return true;
}

bool wbh__is_http_line(const char *line, size_t len) {
    const char *colon = len > 0 ? memchr(line, ':', len) : NULL;
    if (colon == NULL || !wbh__is_http_token(line, (size_t)(colon - line))) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)line[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

bool wbh__is_title(const char *title, size_t len) {
    return len <= WBH_TEXT_MAX && (len == 0 || memchr(title, '\0', len) == NULL);
}

/* ---- suggestions */

enum { NEAREST_LEN_MAX = 24 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Edit distance with insertion, deletion, substitution and exchange of neighbours. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    unsigned rows[3][NEAREST_LEN_MAX + 1];
    unsigned *before = rows[0];
    unsigned *above = rows[1];
    unsigned *row = rows[2];
    for (size_t j = 0; j <= b_len; j++) {
        before[j] = 0;
        above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned substituted = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(substituted, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

/* Of a word that has nothing in common with a candidate none is near. */
const char *wbh__nearest_name(const char *word, size_t len,
    const char *(*candidate)(void *user_data, unsigned n), void *user_data) {
    if (len == 0 || len > NEAREST_LEN_MAX) {
        return NULL;
    }
    const char *nearest = NULL;
    unsigned nearest_distance = len <= 3 ? 2 : 3; /* must be below this */
    nearest_distance = least(nearest_distance, (unsigned)len);
    const char *name;
    for (unsigned n = 0; (name = candidate(user_data, n)) != NULL; n++) {
        size_t name_len = strlen(name);
        if (name_len > NEAREST_LEN_MAX) {
            continue;
        }
        unsigned d = distance(word, len, name, name_len);
        if (d < nearest_distance) {
            nearest_distance = d;
            nearest = name;
        }
    }
    return nearest;
}

struct word_table {
    const char *(*word)(unsigned n);
};

static const char *word_of_table(void *user_data, unsigned n) {
    const struct word_table *table = user_data;
    return table->word(n);
}

const char *wbh__nearest(const char *word, size_t len, const char *(*candidate)(unsigned n)) {
    struct word_table table = {candidate};
    return wbh__nearest_name(word, len, word_of_table, &table);
}
