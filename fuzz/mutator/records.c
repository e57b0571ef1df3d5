/* See records.h. */
#include "mutator/records.h"

#include <stdbool.h>
#include <string.h>

#include "mutator/dice.h"
#include "wouldblock/choice.h"
#include "wouldblock/scenario.h"

enum {
    TAG_FIRST = 0xc0, /* as in codec.c, the order of which is part of the format */
    TAG_OPTION = 0xc1,
    TAG_HOST = 0xc2,
    TAG_FAULTS = 0xc3,
    TAG_PEER = 0xc4,
    TAG_STEP = 0xc5,
    TAG_FAULT = 0xc6,
    TAG_OTHER = 0xc9,
    TAG_NAMED = 0xca,
    TAG_LINK = 0xcb,
    TAG_MOMENT = 0xcc,
    TAG_ROLE = 0xcd,
    TAG_PART = 0xcf,
    TAG_LAST = 0xcf,
    ESCAPE = 0xd0,
    ESCAPE_XOR = 0x80,
    RECORDS_MAX = 1024, /* what comes behind belongs to the last one */
    FRESH_MAX = 48,     /* bytes of a record made here */
};

/* ---- records ---- */

struct span {
    size_t at;
    size_t len; /* with the tag */
};

struct row {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
    struct span records[RECORDS_MAX];
    uint32_t count;
};

static bool is_tag(uint8_t byte) {
    return byte >= TAG_FIRST && byte <= TAG_LAST;
}

static void find_records(struct row *row) {
    row->count = 0;
    for (size_t at = 0; at < row->len && row->count < RECORDS_MAX; at++) {
        if (!is_tag(row->bytes[at])) {
            continue;
        }
        if (row->count != 0) {
            struct span *before = &row->records[row->count - 1];
            before->len = at - before->at;
        }
        row->records[row->count++] = (struct span){at, row->len - at};
    }
}

static uint8_t tag_of(const struct row *row, uint32_t record) {
    return row->bytes[row->records[record].at];
}

/* Replaces old_len bytes at `at`. False and nothing done if there is no room. */
static bool replace(struct row *row, size_t at, size_t old_len, const uint8_t *fresh, size_t len) {
    if (row->len - old_len + len > row->capacity) {
        return false;
    }
    memmove(row->bytes + at + len, row->bytes + at + old_len, row->len - at - old_len);
    if (len != 0) { /* what is deleted is replaced by nothing, not even a pointer */
        memcpy(row->bytes + at, fresh, len);
    }
    row->len = row->len - old_len + len;
    return true;
}

/* The beginning of some record, or the end. */
static size_t pick_gap(const struct row *row, struct dice *dice) {
    uint32_t n = roll(dice, row->count + 1);
    return n < row->count ? row->records[n].at : row->len;
}

/* ---- fresh records ---- */

struct fresh {
    uint8_t bytes[FRESH_MAX];
    size_t len;
};

static void put(struct fresh *fresh, uint32_t byte) {
    uint8_t value = (uint8_t)byte;
    if (fresh->len + 2 > FRESH_MAX) {
        return;
    }
    if (is_tag(value) || value == ESCAPE) {
        fresh->bytes[fresh->len++] = ESCAPE;
        value ^= ESCAPE_XOR;
    }
    fresh->bytes[fresh->len++] = value;
}

static void put_number(struct fresh *fresh, uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; i++) {
        put(fresh, (uint32_t)(value >> 8 * i & 0xff));
    }
}

static void begin(struct fresh *fresh, uint8_t tag) {
    fresh->bytes[0] = tag;
    fresh->len = 1;
}

/* Mostly small, sometimes beside a power of two. */
static uint32_t pick_number(struct dice *dice) {
    if (roll(dice, 2) != 0) {
        return roll(dice, 8);
    }
    return (1u << roll(dice, 18)) + roll(dice, 3) - 1;
}

static void put_time(struct fresh *fresh, struct dice *dice) {
    put(fresh, roll(dice, 3)); /* ns, us, ms */
    put_number(fresh, 1 + roll(dice, 200), 7);
}

/* Words of lines, with and without their end: what line buffers are cut at. */
static void put_payload(struct fresh *fresh, struct dice *dice) {
    static const char *const texts[] = {"a\n", "hello\n", "\n", "x", "tail", "a\nb\n", "\r\n"};
    put_number(fresh, roll(dice, 4) == 0 ? pick_number(dice) : 0, 2);
    const char *text = texts[roll(dice, sizeof(texts) / sizeof(texts[0]))];
    while (*text != '\0') {
        put(fresh, (uint8_t)*text++);
    }
}

/* Mostly the first, of several programs any. */
static void put_program(struct fresh *fresh, struct dice *dice) {
    put(fresh, roll(dice, 2) == 0 ? 0 : roll(dice, 4));
}

/* Where clients look for a server, or any, or one of its own (for UDP). */
static void put_port(struct fresh *fresh, struct dice *dice) {
    static const uint32_t ports[] = {6567, 8000, 0, 9000};
    put_number(fresh, ports[roll(dice, sizeof(ports) / sizeof(ports[0]))], 4);
}

/* Of the step's own record; parts come as records of theirs. */
static void put_message(struct fresh *fresh, struct dice *dice, enum wbh_step_kind kind) {
    static const uint32_t statuses[] = {100, 200, 204, 304, 400, 404, 500};
    put(fresh, roll(dice, 4));
    if (kind == WBH_STEP_HTTP_REQUEST || kind == WBH_STEP_EXPECT_HTTP_REQUEST) {
        put(fresh, roll(dice, 10)); /* the places of method and target in their tables */
        put(fresh, roll(dice, 9));
    } else {
        put_number(fresh, statuses[roll(dice, sizeof(statuses) / sizeof(statuses[0]))], 2);
    }
}

/* Lines that frame a message, rightly and wrongly, and some of its content. */
static void make_part(struct fresh *fresh, struct dice *dice) {
    static const char *const lines[] = {"Content-Length: 2", "Content-Length: 0",
        "Transfer-Encoding: chunked", "Connection: close", "Connection: keep-alive",
        "Expect: 100-continue", "Upgrade: x", "A: b", "Host: a"};
    static const char *const names[] = {"Host", "Content-Length", "Transfer-Encoding"};
    enum wbh_part_kind kind = (enum wbh_part_kind)roll(dice, WBH_PART_KIND_COUNT);
    const char *text = NULL;
    begin(fresh, TAG_PART);
    put(fresh, kind);
    if (kind == WBH_PART_HEADER || kind == WBH_PART_TRAILER) {
        text = lines[roll(dice, sizeof(lines) / sizeof(lines[0]))];
    } else if (kind == WBH_PART_NO_HEADER) {
        text = names[roll(dice, sizeof(names) / sizeof(names[0]))];
    } else if (kind == WBH_PART_BODY_LEN) {
        put_number(fresh, pick_number(dice), 4);
    } else {
        put_payload(fresh, dice);
    }
    while (text != NULL && *text != '\0') {
        put(fresh, (uint8_t)*text++);
    }
}

static void make_step(struct fresh *fresh, struct dice *dice) {
    enum wbh_step_kind kind = (enum wbh_step_kind)roll(dice, WBH_STEP_KIND_COUNT);
    if (roll(dice, 3) == 0) {
        kind = roll(dice, 2) == 0 ? WBH_STEP_CONNECT : WBH_STEP_SEND;
    }
    begin(fresh, TAG_STEP);
    put(fresh, kind);
    if (kind == WBH_STEP_SEND || kind == WBH_STEP_EXPECT || kind == WBH_STEP_PASS_PIPE
        || kind == WBH_STEP_PASS_SOCKET) {
        put_payload(fresh, dice);
    } else if (kind == WBH_STEP_SEND_SLOWLY) {
        put_time(fresh, dice);
        put_payload(fresh, dice);
    } else if (kind >= WBH_STEP_HTTP_REQUEST && kind <= WBH_STEP_EXPECT_HTTP_RESPONSE) {
        put_message(fresh, dice, kind);
    } else if (kind == WBH_STEP_AFTER) {
        put(fresh, roll(dice, 4));
        put_number(fresh, roll(dice, 4), 2);
    } else if (kind == WBH_STEP_SLEEP || kind == WBH_STEP_EXPECT_SILENCE) {
        put_time(fresh, dice);
    } else if (kind >= WBH_STEP_CONNECT_UNIX && kind <= WBH_STEP_LISTEN_SEQPACKET) {
        put(fresh, roll(dice, 8)); /* a name's place in its table */
    } else if (kind == WBH_STEP_CONNECT || kind == WBH_STEP_EXPECT_REFUSED) {
        put_program(fresh, dice);
    } else if (kind == WBH_STEP_SIGNAL) {
        put(fresh, roll(dice, 2));
        put_program(fresh, dice);
    } else if (kind == WBH_STEP_LISTEN || kind == WBH_STEP_BIND_UDP) {
        put_port(fresh, dice);
        put_program(fresh, dice);
    } else {
        put_number(fresh, pick_number(dice), 4);
        put_time(fresh, dice);
    }
}

/* One of the actions that its point can offer. */
static uint8_t pick_action(struct dice *dice, enum wbh_point point) {
    uint32_t offered = wbh_point_actions(point);
    uint8_t action = (uint8_t)roll(dice, WBH_ACTION_COUNT);
    for (unsigned i = 0; i < WBH_ACTION_COUNT; i++) {
        if ((offered & WBH_ACTION_BIT(action)) != 0) {
            break;
        }
        action = (uint8_t)((action + 1) % WBH_ACTION_COUNT);
    }
    return action;
}

/* The listener, an end of a connection between programs, or a peer. */
static void put_subject(struct fresh *fresh, struct dice *dice) {
    if (roll(dice, 6) == 0) {
        put(fresh, 64);
        put_number(fresh, roll(dice, 6), 2);
        return;
    }
    put(fresh, roll(dice, 8) == 0 ? 129 : roll(dice, 4));
    put_number(fresh, roll(dice, 4) == 0 ? roll(dice, 3) : 0, 2);
}

static void make_fault(struct fresh *fresh, struct dice *dice) {
    enum wbh_point point = (enum wbh_point)roll(dice, WBH_POINT_COUNT);
    uint8_t action = pick_action(dice, point);
    begin(fresh, TAG_FAULT);
    put(fresh, point);
    put(fresh, action);
    if (wbh_point_is_per_connection(point)) {
        put_subject(fresh, dice);
    } else {
        put_program(fresh, dice);
        put_number(fresh, 0, 2);
    }
    put_number(fresh, 1 + roll(dice, 12), 4);
    switch (wbh_action_argument((enum wbh_action)action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        put_number(fresh, 1 + roll(dice, 6), 4);
        break;
    case WBH_ARGUMENT_TIME:
        put_time(fresh, dice);
        break;
    case WBH_ARGUMENT_ERRNO:
        put(fresh, roll(dice, 32));
        break;
    case WBH_ARGUMENT_EVENTS:
        put(fresh, roll(dice, 64));
        put_subject(fresh, dice);
        break;
    }
}

/* ---- several programs, hosts, links, moments ---- */

static void put_word(struct fresh *fresh, const char *word) {
    while (*word != '\0') {
        put(fresh, (uint8_t)*word++);
    }
    put(fresh, 0);
}

/* The host without a name, or one that has one. */
static void put_host(struct fresh *fresh, struct dice *dice) {
    put(fresh, roll(dice, 4));
}

static const char *pick_program(struct dice *dice) {
    static const char *const programs[] = {"ping_pong", "multi_echo", "udp_echo", "unix_datagram",
        "ping_pong_client", "multi_echo_client", "unix_datagram_sender"};
    return programs[roll(dice, sizeof(programs) / sizeof(programs[0]))];
}

/* Peers and hosts, a few of each, and everybody else. */
static void put_end(struct fresh *fresh, struct dice *dice) {
    static const uint8_t firsts[] = {0, 64, 128};
    put(fresh, firsts[roll(dice, sizeof(firsts))] + roll(dice, 3));
}

static void put_optional_time(struct fresh *fresh, struct dice *dice) {
    if (roll(dice, 2) == 0) {
        put_number(fresh, 0, 8);
    } else {
        put_time(fresh, dice);
    }
}

static void make_link(struct fresh *fresh, struct dice *dice) {
    begin(fresh, TAG_LINK);
    put_end(fresh, dice);
    put_end(fresh, dice);
    put_optional_time(fresh, dice);
    put_optional_time(fresh, dice);
    put_number(fresh, roll(dice, 3) == 0 ? 1000u << roll(dice, 8) : 0, 4);
    put(fresh, roll(dice, 3) == 0 ? roll(dice, 60) : 0);
}

static void make_moment(struct fresh *fresh, struct dice *dice) {
    uint32_t kind = roll(dice, WBH_MOMENT_KIND_COUNT);
    begin(fresh, TAG_MOMENT);
    put(fresh, kind);
    put_time(fresh, dice);
    if (kind == WBH_MOMENT_CRASH || kind == WBH_MOMENT_RESTART) {
        put_program(fresh, dice);
    } else {
        put_end(fresh, dice);
        put_end(fresh, dice);
    }
}

/* Whom a client asks for, or how much it does. */
static void make_client_option(struct fresh *fresh, struct dice *dice) {
    static const char *const names[] = {
        "server", "to", "count", "clients", "iterations", "interval-ms", "timeout", "timeout-ms"};
    const char digit[] = {(char)('1' + roll(dice, 9)), '\0'};
    begin(fresh, TAG_OPTION);
    put_word(fresh, names[roll(dice, sizeof(names) / sizeof(names[0]))]);
    put_word(fresh, digit);
}

static void make_world(struct fresh *fresh, struct dice *dice) {
    switch (roll(dice, 8)) {
    case 0:
    case 1:
        begin(fresh, TAG_OTHER);
        put_word(fresh, pick_program(dice));
        put_host(fresh, dice);
        break;
    case 2:
        begin(fresh, TAG_NAMED);
        put(fresh, roll(dice, 8));
        break;
    case 3:
        begin(fresh, TAG_ROLE);
        put_host(fresh, dice);
        break;
    case 4:
        make_client_option(fresh, dice);
        break;
    case 5:
        make_link(fresh, dice);
        break;
    default:
        make_moment(fresh, dice);
        break;
    }
}

static void make_record(struct fresh *fresh, struct dice *dice) {
    switch (roll(dice, 15)) {
    case 0:
        begin(fresh, TAG_PEER);
        put(fresh, roll(dice, 26));
        put_host(fresh, dice);
        break;
    case 1:
        begin(fresh, TAG_OPTION);
        put(fresh, 0); /* trigger */
        put(fresh, roll(dice, 4));
        break;
    case 2:
        begin(fresh, TAG_HOST);
        put(fresh, roll(dice, 8));
        put_number(fresh, pick_number(dice), 8);
        break;
    case 3:
        begin(fresh, TAG_FAULTS);
        put(fresh, roll(dice, 4));
        put_number(fresh, roll(dice, 1000), 8);
        break;
    case 4:
    case 5:
    case 6:
        make_fault(fresh, dice);
        break;
    case 7:
        make_world(fresh, dice);
        break;
    case 8:
        make_part(fresh, dice);
        break;
    default:
        make_step(fresh, dice);
        break;
    }
}

/* ---- mutations; each returns whether it changed something ---- */

static bool insert_fresh(struct row *row, struct dice *dice) {
    struct fresh fresh;
    make_record(&fresh, dice);
    return replace(row, pick_gap(row, dice), 0, fresh.bytes, fresh.len);
}

static bool replace_by_fresh(struct row *row, struct dice *dice) {
    if (row->count == 0) {
        return false;
    }
    struct fresh fresh;
    struct span record = row->records[roll(dice, row->count)];
    make_record(&fresh, dice);
    return replace(row, record.at, record.len, fresh.bytes, fresh.len);
}

/* A few neighbouring records. */
static struct span pick_run(const struct row *row, struct dice *dice) {
    uint32_t first = roll(dice, row->count);
    uint32_t most = row->count - first;
    uint32_t count = 1 + (roll(dice, 3) == 0 ? roll(dice, most) : 0);
    const struct span *last = &row->records[first + count - 1];
    return (struct span){row->records[first].at, last->at + last->len - row->records[first].at};
}

static bool delete_run(struct row *row, struct dice *dice) {
    if (row->count < 2) {
        return false;
    }
    struct span run = pick_run(row, dice);
    return replace(row, run.at, run.len, NULL, 0);
}

static bool duplicate_run(struct row *row, struct dice *dice) {
    uint8_t copy[1024];
    if (row->count == 0) {
        return false;
    }
    struct span run = pick_run(row, dice);
    if (run.len > sizeof(copy)) {
        return false;
    }
    memcpy(copy, row->bytes + run.at, run.len);
    return replace(row, pick_gap(row, dice), 0, copy, run.len);
}

static bool move_record(struct row *row, struct dice *dice) {
    uint8_t copy[1024];
    if (row->count < 2) {
        return false;
    }
    struct span run = pick_run(row, dice);
    if (run.len > sizeof(copy) || run.len == row->len) {
        return false;
    }
    memcpy(copy, row->bytes + run.at, run.len);
    replace(row, run.at, run.len, NULL, 0);
    find_records(row);
    return replace(row, pick_gap(row, dice), 0, copy, run.len);
}

/* One step up or down, or anything, in one byte of a payload. */
static bool change_field(struct row *row, struct dice *dice) {
    if (row->count == 0) {
        return false;
    }
    struct span record = row->records[roll(dice, row->count)];
    if (record.len < 2) {
        return false;
    }
    uint8_t *byte = &row->bytes[record.at + 1 + roll(dice, (uint32_t)record.len - 1)];
    uint8_t value = (uint8_t)roll(dice, 256);
    if (roll(dice, 2) == 0) {
        value = (uint8_t)(*byte + (roll(dice, 2) == 0 ? 1 : -1));
    }
    if (*byte == ESCAPE || is_tag(value) || value == ESCAPE) {
        return false; /* the records are to stay as they are */
    }
    *byte = value;
    return true;
}

static bool change_payload(
    struct row *row, struct dice *dice, records_mutate_bytes_fn mutate_bytes) {
    if (row->count == 0) {
        return false;
    }
    uint8_t payload[512];
    struct span record = row->records[roll(dice, row->count)];
    if (record.len < 2 || record.len - 1 > sizeof(payload) / 2) {
        return false;
    }
    memcpy(payload, row->bytes + record.at + 1, record.len - 1);
    size_t len = mutate_bytes(payload, record.len - 1, sizeof(payload));
    return replace(row, record.at + 1, record.len - 1, payload, len);
}

/* The ordinal of a fault is its place among moments of its kind: the next one, or the one before.
 */
static bool shift_fault(struct row *row, struct dice *dice) {
    enum { ORDINAL_AT = 6 }; /* behind tag, point, action, subject, if none of them is escaped */
    for (unsigned tries = 0; tries < 8 && row->count != 0; tries++) {
        uint32_t n = roll(dice, row->count);
        uint8_t *bytes = row->bytes + row->records[n].at;
        if (tag_of(row, n) == TAG_FAULT && row->records[n].len > ORDINAL_AT
            && memchr(bytes, ESCAPE, row->records[n].len) == NULL && bytes[ORDINAL_AT] < 0x7f) {
            bytes[ORDINAL_AT] = (uint8_t)(bytes[ORDINAL_AT] + 1 + (roll(dice, 2) == 0 ? 0 : -2));
            return !is_tag(bytes[ORDINAL_AT]);
        }
    }
    return false;
}

static bool mutate_once(struct row *row, struct dice *dice, records_mutate_bytes_fn mutate_bytes) {
    switch (roll(dice, 10)) {
    case 0:
    case 1:
    case 2:
        return insert_fresh(row, dice);
    case 3:
        return replace_by_fresh(row, dice);
    case 4:
        return delete_run(row, dice);
    case 5:
        return duplicate_run(row, dice);
    case 6:
        return move_record(row, dice);
    case 7:
        return change_payload(row, dice, mutate_bytes);
    case 8:
        return shift_fault(row, dice);
    default:
        return change_field(row, dice);
    }
}

/* ---- what engines call ---- */

size_t records_mutate(uint8_t *bytes, size_t len, size_t capacity, unsigned seed,
    records_mutate_bytes_fn mutate_bytes) {
    struct dice dice = {seed};
    struct row row = {.bytes = bytes, .len = len, .capacity = capacity};
    if (roll(&dice, 8) == 0 && len != 0) {
        return mutate_bytes(bytes, len, capacity);
    }
    unsigned wanted = 1 + roll(&dice, 3);
    for (unsigned done = 0, tries = 0; done < wanted && tries < 16; tries++) {
        find_records(&row);
        done += mutate_once(&row, &dice, mutate_bytes);
    }
    return row.len;
}

static size_t append(
    const struct row *from, struct span span, uint8_t *out, size_t len, size_t capacity) {
    if (span.len > capacity - len) {
        return len;
    }
    memcpy(out + len, from->bytes + span.at, span.len);
    return len + span.len;
}

size_t records_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
    size_t capacity, unsigned seed) {
    /* Only read; the rows of mutations are written to. */
    struct row first = {.bytes = (uint8_t *)(uintptr_t)a, .len = a_len};
    struct row second = {.bytes = (uint8_t *)(uintptr_t)b, .len = b_len};
    struct dice dice = {seed};
    find_records(&first);
    find_records(&second);
    /* The records of one, and somewhere between them a run of the other: peers with their steps, or
     * steps for somebody else's peer. */
    size_t len = 0;
    uint32_t at = roll(&dice, first.count + 1);
    for (uint32_t i = 0; i <= first.count; i++) {
        if (i == at && second.count != 0) {
            len = append(&second, pick_run(&second, &dice), out, len, capacity);
        }
        if (i < first.count) {
            len = append(&first, first.records[i], out, len, capacity);
        }
    }
    return len;
}
