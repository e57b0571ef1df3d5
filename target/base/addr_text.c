/* The text of addresses, both ways. */
#include "wb/addr.h"

#include "wb/unix_addr.h"

#include <assert.h>
#include <string.h>

enum { GROUP_COUNT = 8 };

/* ---- reading ---- */

/* What is left to read; a failed read leaves it anywhere. Not NULL, even if empty. */
struct text {
    const char *at;
    const char *end;
};

static struct text text_of(const char *text, size_t len) {
    static const char nothing[] = "";
    return len == 0 ? (struct text){nothing, nothing} : (struct text){text, text + len};
}

static bool take(struct text *text, char c) {
    if (text->at == text->end || *text->at != c) {
        return false;
    }
    text->at++;
    return true;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static bool next_is_digit(const struct text *text, int base) {
    if (text->at == text->end) {
        return false;
    }
    int value = digit_value(*text->at);
    return value >= 0 && value < base;
}

/* 0 .. max, no leading zeroes: "010" means 8 to some readers and 10 to others. */
static bool take_decimal(struct text *text, uint64_t max, uint64_t *out) {
    if (!next_is_digit(text, 10)) {
        return false;
    }
    const char *start = text->at;
    uint64_t value = 0;
    while (next_is_digit(text, 10)) {
        value = value * 10 + (uint64_t)digit_value(*text->at++);
        if (value > max) {
            return false;
        }
    }
    *out = value;
    return *start != '0' || text->at - start == 1;
}

static bool take_v4(struct text *text, uint8_t *out_ip) {
    for (int i = 0; i < 4; i++) {
        uint64_t part;
        if ((i > 0 && !take(text, '.')) || !take_decimal(text, UINT8_MAX, &part)) {
            return false;
        }
        out_ip[i] = (uint8_t)part;
    }
    return true;
}

/* One to four digits; the next byte is known to be one. A fifth is left for the caller to trip on.
 */
static void take_group(struct text *text, uint8_t *out_pair) {
    unsigned value = 0;
    for (int digits = 0; digits < 4 && next_is_digit(text, 16); digits++) {
        value = value << 4 | (unsigned)digit_value(*text->at++);
    }
    out_pair[0] = (uint8_t)(value >> 8);
    out_pair[1] = (uint8_t)value;
}

/* Groups with a colon between them, at most `max`, the last two of the address perhaps written as
 * IPv4. `is_tail`: these groups end the address, however few they are. Stops in front of a "::".
 * Returns how many were read, or -1. */
static int take_groups(struct text *text, int max, bool is_tail, uint8_t *out_ip) {
    int count = 0;
    while (count < max && next_is_digit(text, 16)) {
        struct text dotted = *text;
        bool may_be_dotted = is_tail ? count + 2 <= max : count + 2 == max;
        if (may_be_dotted && take_v4(&dotted, out_ip + (ptrdiff_t)2 * count)) {
            *text = dotted;
            return count + 2;
        }
        take_group(text, out_ip + (ptrdiff_t)2 * count);
        count++;
        bool more = text->end - text->at >= 2 && text->at[0] == ':' && text->at[1] != ':';
        if (!more) {
            return count;
        }
        text->at++;
        if (!next_is_digit(text, 16)) {
            return -1;
        }
    }
    return count;
}

static bool take_gap(struct text *text) {
    if (text->end - text->at < 2 || text->at[0] != ':' || text->at[1] != ':') {
        return false;
    }
    text->at += 2;
    return true;
}

static bool take_v6(struct text *text, uint8_t *out_ip) {
    memset(out_ip, 0, 16);
    int before = take_groups(text, GROUP_COUNT, false, out_ip);
    if (before < 0 || before == GROUP_COUNT) {
        return before == GROUP_COUNT;
    }
    if (!take_gap(text)) {
        return false;
    }
    uint8_t tail[16] = {0};
    int after = take_groups(text, GROUP_COUNT - 1 - before, true, tail);
    if (after < 0) {
        return false;
    }
    memcpy(out_ip + (ptrdiff_t)2 * (GROUP_COUNT - after), tail, 2 * (size_t)after);
    return true;
}

static bool take_v6_zone(struct text *text, struct wb_addr *out_addr) {
    uint64_t zone = 0;
    if (!take_v6(text, out_addr->ip)) {
        return false;
    }
    if (take(text, '%') && (!take_decimal(text, UINT32_MAX, &zone) || zone == 0)) {
        return false;
    }
    out_addr->family = WB_AF_INET6;
    out_addr->scope_id = (uint32_t)zone;
    return true;
}

static bool take_v4_addr(struct text *text, struct wb_addr *out_addr) {
    out_addr->family = WB_AF_INET;
    return take_v4(text, out_addr->ip);
}

static bool take_host(struct text *text, struct wb_addr *out_addr) {
    if (take(text, '[')) {
        return take_v6_zone(text, out_addr) && take(text, ']');
    }
    return take_v4_addr(text, out_addr);
}

enum wb_status wb_addr_parse_n(const char *text, size_t len, struct wb_addr *out_addr) {
    struct text rest = text_of(text, len);
    struct wb_addr addr = {0};
    uint64_t port;
    if (!take_host(&rest, &addr) || !take(&rest, ':') || !take_decimal(&rest, UINT16_MAX, &port)
        || rest.at != rest.end) {
        return WB_ERR_PARSE;
    }
    addr.port = (uint16_t)port;
    *out_addr = addr;
    return WB_OK;
}

enum wb_status wb_addr_parse(const char *text, struct wb_addr *out_addr) {
    return wb_addr_parse_n(text, strlen(text), out_addr);
}

enum wb_status wb_addr_parse_ip(
    const char *text, size_t len, uint16_t port, struct wb_addr *out_addr) {
    struct text rest = text_of(text, len);
    struct wb_addr addr = {.port = port};
    bool is_v6 = len > 0 && memchr(text, ':', len) != NULL;
    bool is_good = is_v6 ? take_v6_zone(&rest, &addr) : take_v4_addr(&rest, &addr);
    if (!is_good || rest.at != rest.end) {
        return WB_ERR_PARSE;
    }
    *out_addr = addr;
    return WB_OK;
}

/* ---- writing ---- */

/* The callers' buffers are larger than any address. */
struct out {
    char *text;
    size_t capacity;
    size_t len;
};

static void put_char(struct out *out, char c) {
    assert(out->len + 1 < out->capacity);
    out->text[out->len++] = c;
    out->text[out->len] = '\0';
}

static void put_string(struct out *out, const char *string) {
    while (*string != '\0') {
        put_char(out, *string++);
    }
}

static void put_number(struct out *out, uint32_t value, uint32_t base) {
    char digits[16];
    char *first = digits + sizeof(digits) - 1;
    *first = '\0';
    do {
        *--first = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put_string(out, first);
}

static void put_v4(struct out *out, const uint8_t *ip) {
    for (int i = 0; i < 4; i++) {
        if (i > 0) {
            put_char(out, '.');
        }
        put_number(out, ip[i], 10);
    }
}

static unsigned group_at(const uint8_t *ip, int index) {
    const uint8_t *pair = ip + (ptrdiff_t)2 * index;
    return (unsigned)pair[0] << 8 | pair[1];
}

/* The run of zero groups to write as "::": the longest of at least two, the first of equals (RFC
 * 5952 section 4.2). */
static void find_gap(const uint8_t *ip, int *out_start, int *out_count) {
    *out_start = GROUP_COUNT;
    *out_count = 1;
    for (int start = 0; start < GROUP_COUNT; start++) {
        int count = 0;
        while (start + count < GROUP_COUNT && group_at(ip, start + count) == 0) {
            count++;
        }
        if (count > *out_count) {
            *out_start = start;
            *out_count = count;
        }
    }
}

static bool is_v4_mapped(const uint8_t *ip) {
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, prefix, sizeof(prefix)) == 0;
}

static void put_v6(struct out *out, const uint8_t *ip) {
    if (is_v4_mapped(ip)) {
        put_string(out, "::ffff:");
        put_v4(out, ip + 12);
        return;
    }
    int gap_start;
    int gap_count;
    find_gap(ip, &gap_start, &gap_count);
    for (int i = 0; i < GROUP_COUNT; i++) {
        if (i == gap_start) {
            put_string(out, "::");
            i += gap_count - 1;
            continue;
        }
        if (i > 0 && i != gap_start + gap_count) {
            put_char(out, ':');
        }
        put_number(out, group_at(ip, i), 16);
    }
}

static void put_ip(struct out *out, const struct wb_addr *addr) {
    if (addr->family == WB_AF_INET) {
        put_v4(out, addr->ip);
        return;
    }
    put_v6(out, addr->ip);
    if (addr->scope_id != 0) {
        put_char(out, '%');
        put_number(out, addr->scope_id, 10);
    }
}

static struct out out_to(char *text, size_t capacity) {
    assert(capacity >= WB_ADDR_TEXT_LEN_MAX);
    text[0] = '\0';
    return (struct out){text, capacity, 0};
}

size_t wb_addr_format_ip(const struct wb_addr *addr, char *out_text, size_t capacity) {
    struct out out = out_to(out_text, capacity);
    put_ip(&out, addr);
    return out.len;
}

size_t wb_addr_format(const struct wb_addr *addr, char *out_text, size_t capacity) {
    struct out out = out_to(out_text, capacity);
    bool is_v6 = addr->family != WB_AF_INET;
    if (is_v6) {
        put_char(&out, '[');
    }
    put_ip(&out, addr);
    if (is_v6) {
        put_char(&out, ']');
    }
    put_char(&out, ':');
    put_number(&out, addr->port, 10);
    return out.len;
}

size_t wb_addr_format_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, char *out_text, size_t capacity) {
    struct wb_addr addr;
    if (wb_addr_from_sockaddr(sockaddr, len, &addr) == WB_OK) {
        return wb_addr_format(&addr, out_text, capacity);
    }
    struct wb_unix_addr unix_addr;
    struct out out = out_to(out_text, capacity);
    uint32_t family = len >= sizeof(sockaddr->family) ? sockaddr->family : WB_AF_UNSPEC;
    if (family == WB_AF_UNIX && wb_unix_addr_from_sockaddr(sockaddr, len, &unix_addr) == WB_OK) {
        put_string(&out, "unix:");
        out.len += wb_unix_addr_format(&unix_addr, out.text + out.len, capacity - out.len);
    } else {
        put_string(&out, "family:");
        put_number(&out, family, 10);
    }
    return out.len;
}
