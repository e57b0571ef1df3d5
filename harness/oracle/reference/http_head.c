/* Heads: lines are cut at their ends, words at spaces, and each rule is looked at by itself. */
#include <string.h>

#include "wouldblock/http_reference.h"

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdefABCDEF";

static struct wbh_http_text text_of(const char *bytes, size_t len) {
    return (struct wbh_http_text){bytes, len};
}

static struct wbh_http_text behind(struct wbh_http_text text, size_t len) {
    return text_of(text.bytes + len, text.len - len);
}

static bool is_in(char byte, const char *set) {
    return byte != '\0' && strchr(set, byte) != NULL;
}

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static bool all_in(struct wbh_http_text text, const char *set, const char *more) {
    for (size_t i = 0; i < text.len; i++) {
        if (!is_in(text.bytes[i], set) && !is_in(text.bytes[i], more)) {
            return false;
        }
    }
    return true;
}

static bool all_alphanumeric_or(struct wbh_http_text text, const char *more) {
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.bytes[i];
        if (!is_letter(byte) && !is_digit(byte) && !is_in(byte, more)) {
            return false;
        }
    }
    return true;
}

static bool is_token(struct wbh_http_text text) {
    return text.len != 0 && all_alphanumeric_or(text, "!#$%&'*+-.^_`|~");
}

static bool same(struct wbh_http_text text, const char *word) {
    return text.len == strlen(word) && memcmp(text.bytes, word, text.len) == 0;
}

static char small(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool same_nocase(struct wbh_http_text text, const char *word) {
    if (text.len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (small(text.bytes[i]) != small(word[i])) {
            return false;
        }
    }
    return true;
}

/* Where the byte first is; the length if nowhere. */
static size_t find(struct wbh_http_text text, char byte) {
    size_t at = 0;
    while (at < text.len && text.bytes[at] != byte) {
        at++;
    }
    return at;
}

static struct wbh_http_text trim(struct wbh_http_text text) {
    while (text.len != 0 && is_in(text.bytes[0], " \t")) {
        text = behind(text, 1);
    }
    while (text.len != 0 && is_in(text.bytes[text.len - 1], " \t")) {
        text.len--;
    }
    return text;
}

/* ---- lines ---- */

/* The line at the front, without its end: both CR and LF, and no other control character but HTAB.
 */
static enum wbh_http_outcome cut_line(
    struct wbh_http_text *in_out, struct wbh_http_text *out_line) {
    size_t len = find(*in_out, '\n');
    if (len == in_out->len) {
        return WBH_HTTP_PART;
    }
    if (len == 0 || in_out->bytes[len - 1] != '\r') {
        return WBH_HTTP_BAD;
    }
    *out_line = text_of(in_out->bytes, len - 1);
    for (size_t i = 0; i < out_line->len; i++) {
        unsigned char byte = (unsigned char)out_line->bytes[i];
        if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
            return WBH_HTTP_BAD;
        }
    }
    *in_out = behind(*in_out, len + 1);
    return WBH_HTTP_WHOLE;
}

/* ---- where: hosts, ports, targets ---- */

static bool read_number(struct wbh_http_text text, uint64_t most, uint64_t *out) {
    uint64_t number = 0;
    if (text.len == 0 || !all_in(text, digits, "")) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)(text.bytes[i] - '0');
        if (number > most / 10 || number * 10 > most - digit) {
            return false;
        }
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

/* RFC 3986 section 3.2.2: a literal in brackets, or a name that may be empty. */
static bool is_host(struct wbh_http_text host) {
    if (host.len != 0 && host.bytes[0] == '[') {
        bool is_closed = host.len >= 4 && host.bytes[host.len - 1] == ']';
        return is_closed && all_in(text_of(host.bytes + 1, host.len - 2), hex_digits, ":.");
    }
    for (size_t i = 0; i < host.len; i++) {
        bool is_escape = host.bytes[i] == '%' && host.len - i >= 3
                         && is_in(host.bytes[i + 1], hex_digits)
                         && is_in(host.bytes[i + 2], hex_digits);
        if (!is_escape && !all_alphanumeric_or(text_of(host.bytes + i, 1), "-._~!$&'()*+,;=")) {
            return false;
        }
    }
    return true;
}

/* `host[:port]`. The port may be empty, which counts as 0, and is never 0 itself. */
static bool cut_authority(
    struct wbh_http_text text, struct wbh_http_text *out_host, uint64_t *out_port) {
    size_t from = text.len != 0 && text.bytes[0] == '[' ? find(text, ']') : 0;
    size_t colon = from + find(behind(text, from), ':');
    *out_host = text_of(text.bytes, colon);
    *out_port = 0;
    struct wbh_http_text port = behind(text, colon);
    bool is_port =
        port.len <= 1 || (read_number(behind(port, 1), 65535, out_port) && *out_port != 0);
    return is_host(*out_host) && is_port;
}

static bool is_absolute(struct wbh_http_text target) {
    size_t colon = find(target, ':');
    struct wbh_http_text scheme = text_of(target.bytes, colon);
    struct wbh_http_text rest = behind(target, colon);
    if (scheme.len == 0 || !is_letter(scheme.bytes[0]) || !all_alphanumeric_or(scheme, "+-.")
        || rest.len < 3 || memcmp(rest.bytes, "://", 3) != 0) {
        return false;
    }
    rest = behind(rest, 3);
    size_t slash = find(rest, '/');
    size_t question = find(rest, '?');
    struct wbh_http_text host;
    uint64_t port;
    struct wbh_http_text authority = text_of(rest.bytes, slash < question ? slash : question);
    return cut_authority(authority, &host, &port) && host.len != 0;
}

static bool is_target_of(struct wbh_http_text method, struct wbh_http_text target) {
    struct wbh_http_text host;
    uint64_t port;
    for (size_t i = 0; i < target.len; i++) {
        unsigned char byte = (unsigned char)target.bytes[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '#') {
            return false;
        }
    }
    if (same(method, "CONNECT")) {
        return cut_authority(target, &host, &port) && host.len != 0 && port != 0;
    }
    return target.len != 0
           && (target.bytes[0] == '/' || (same(target, "*") && same(method, "OPTIONS"))
               || is_absolute(target));
}

/* ---- start lines ---- */

static bool read_version(struct wbh_http_text text, bool *out_is_1_1) {
    if (text.len != 8 || memcmp(text.bytes, "HTTP/1.", 7) != 0 || !is_digit(text.bytes[7])) {
        return false;
    }
    *out_is_1_1 = text.bytes[7] != '0';
    return true;
}

static bool read_request_line(struct wbh_http_text line, struct wbh_http_head *head) {
    size_t first = find(line, ' ');
    if (first == line.len) {
        return false;
    }
    struct wbh_http_text rest = behind(line, first + 1);
    size_t second = find(rest, ' ');
    if (second == rest.len) {
        return false;
    }
    head->method = text_of(line.bytes, first);
    head->target = text_of(rest.bytes, second);
    return is_token(head->method) && is_target_of(head->method, head->target)
           && read_version(behind(rest, second + 1), &head->is_1_1);
}

static bool read_status_line(struct wbh_http_text line, struct wbh_http_head *head) {
    uint64_t status;
    if (line.len < 12 || !read_version(text_of(line.bytes, 8), &head->is_1_1)
        || line.bytes[8] != ' ' || !read_number(text_of(line.bytes + 9, 3), 999, &status)
        || status < 100) {
        return false;
    }
    head->status = (unsigned)status;
    head->reason = text_of(line.bytes + 12, 0);
    if (line.len == 12) {
        return true;
    }
    head->reason = behind(line, 13);
    return line.bytes[12] == ' ';
}

/* ---- fields ---- */

static bool read_field(struct wbh_http_text line, struct wbh_http_line *out) {
    size_t colon = find(line, ':');
    if (colon == line.len) {
        return false;
    }
    out->name = text_of(line.bytes, colon);
    out->value = trim(behind(line, colon + 1));
    return is_token(out->name);
}

static enum wbh_http_outcome read_fields(struct wbh_http_text *in_out,
    const struct wbh_http_limits *limits, struct wbh_http_head *head) {
    for (;;) {
        struct wbh_http_text line;
        enum wbh_http_outcome outcome = cut_line(in_out, &line);
        if (outcome != WBH_HTTP_WHOLE || line.len == 0) {
            return outcome;
        }
        struct wbh_http_line field;
        if (!read_field(line, &field) || head->line_count == limits->lines_max) {
            return WBH_HTTP_BAD;
        }
        head->lines[head->line_count++] = field;
    }
}

static const struct wbh_http_line *first_of(const struct wbh_http_head *head, const char *name) {
    for (size_t i = 0; i < head->line_count; i++) {
        if (same_nocase(head->lines[i].name, name)) {
            return &head->lines[i];
        }
    }
    return NULL;
}

static size_t count_of(const struct wbh_http_head *head, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < head->line_count; i++) {
        count += same_nocase(head->lines[i].name, name);
    }
    return count;
}

/* Calls for each element of a list, over all fields of the name; false: one was refused. The lists
 * that are looked at here are of tokens: every comma separates. */
static bool each_element(const struct wbh_http_head *head, const char *name,
    bool (*element)(void *user_data, struct wbh_http_text text), void *user_data) {
    for (size_t i = 0; i < head->line_count; i++) {
        if (!same_nocase(head->lines[i].name, name)) {
            continue;
        }
        struct wbh_http_text value = head->lines[i].value;
        for (;;) {
            size_t len = find(value, ',');
            if (!element(user_data, trim(text_of(value.bytes, len)))) {
                return false;
            }
            if (len == value.len) {
                break;
            }
            value = behind(value, len + 1);
        }
    }
    return true;
}

/* ---- what fields say ---- */

struct codings {
    bool any;
    bool others;
    bool chunked; /* the last one */
};

/* Chunked may come once, and nothing behind it. */
static bool hear_coding(void *user_data, struct wbh_http_text text) {
    struct codings *codings = user_data;
    if (!is_token(text) || codings->chunked) {
        return false;
    }
    codings->any = true;
    codings->chunked = same_nocase(text, "chunked");
    codings->others = codings->others || !codings->chunked;
    return true;
}

struct wishes {
    bool close;
    bool keep_alive;
};

static bool hear_wish(void *user_data, struct wbh_http_text text) {
    struct wishes *wishes = user_data;
    wishes->close = wishes->close || same_nocase(text, "close");
    wishes->keep_alive = wishes->keep_alive || same_nocase(text, "keep-alive");
    return true;
}

static bool stays_open(const struct wbh_http_head *head) {
    struct wishes wishes = {false, false};
    (void)each_element(head, "connection", hear_wish, &wishes);
    bool has_end = head->content != WBH_HTTP_UNTIL_CLOSE && head->content != WBH_HTTP_TUNNEL;
    return has_end && !wishes.close && (head->is_1_1 || wishes.keep_alive);
}

/* One number, or none. */
static bool read_length(const struct wbh_http_head *head, bool *out_any, uint64_t *out_len) {
    const struct wbh_http_line *line = first_of(head, "content-length");
    *out_any = line != NULL;
    *out_len = 0;
    return line == NULL
           || (count_of(head, "content-length") == 1
               && read_number(line->value, INT64_MAX, out_len));
}

static bool understand_request(struct wbh_http_head *head) {
    struct codings codings = {false, false, false};
    bool has_length;
    const struct wbh_http_line *host = first_of(head, "host");
    struct wbh_http_text name;
    uint64_t port;
    if (!read_length(head, &has_length, &head->content_len)
        || !each_element(head, "transfer-encoding", hear_coding, &codings)) {
        return false;
    }
    if (host == NULL ? head->is_1_1
                     : count_of(head, "host") != 1 || !cut_authority(host->value, &name, &port)) {
        return false;
    }
    if (codings.any && (has_length || !head->is_1_1 || !codings.chunked || codings.others)) {
        return false;
    }
    head->content = codings.any              ? WBH_HTTP_CHUNKED
                    : head->content_len != 0 ? WBH_HTTP_OF_LENGTH
                                             : WBH_HTTP_NO_CONTENT;
    head->stays_open = stays_open(head);
    return true;
}

/* RFC 9112 section 6.3, rule by rule. */
static bool understand_response(struct wbh_http_head *head, const char *method, bool upgrade) {
    struct codings codings = {false, false, false};
    bool has_length;
    unsigned status = head->status;
    bool connected = strcmp(method, "CONNECT") == 0 && status >= 200 && status < 300;
    if (!read_length(head, &has_length, &head->content_len)
        || !each_element(head, "transfer-encoding", hear_coding, &codings)
        || (status == 101 && !upgrade)) {
        return false;
    }
    if (connected || status == 101) {
        head->content = WBH_HTTP_TUNNEL;
    } else if (codings.any && !head->is_1_1) {
        return false;
    } else if (strcmp(method, "HEAD") == 0 || status < 200 || status == 204 || status == 304) {
        head->content = WBH_HTTP_NO_CONTENT;
    } else if (codings.any) {
        head->content = codings.chunked ? WBH_HTTP_CHUNKED : WBH_HTTP_UNTIL_CLOSE;
    } else if (has_length) {
        head->content = head->content_len != 0 ? WBH_HTTP_OF_LENGTH : WBH_HTTP_NO_CONTENT;
    } else {
        head->content = WBH_HTTP_UNTIL_CLOSE;
    }
    head->stays_open = stays_open(head) && !(codings.any && has_length);
    return true;
}

/* ---- for whoever asks ---- */

bool wbh_http_same_name(struct wbh_http_text text, const char *name) {
    return same_nocase(text, name);
}

const struct wbh_http_line *wbh_http_line_of(
    const struct wbh_http_head *head, const char *name, size_t n) {
    for (size_t i = 0; i < head->line_count; i++) {
        if (same_nocase(head->lines[i].name, name) && n-- == 0) {
            return &head->lines[i];
        }
    }
    return NULL;
}

struct sought {
    const char *element;
    bool is_found;
};

static bool hear_element(void *user_data, struct wbh_http_text text) {
    struct sought *sought = user_data;
    sought->is_found = sought->is_found || same_nocase(text, sought->element);
    return true;
}

bool wbh_http_lists(const struct wbh_http_head *head, const char *name, const char *element) {
    struct sought sought = {element, false};
    (void)each_element(head, name, hear_element, &sought);
    return sought.is_found;
}

/* ---- heads ---- */

static void begin(struct wbh_http_head *head) {
    head->is_1_1 = false;
    head->method = head->target = head->reason = text_of("", 0);
    head->status = 0;
    head->line_count = 0;
    head->content = WBH_HTTP_NO_CONTENT;
    head->content_len = 0;
    head->stays_open = false;
}

enum wbh_http_outcome wbh_http_read_request(const char *bytes, size_t len,
    const struct wbh_http_limits *limits, struct wbh_http_head *out_head) {
    struct wbh_http_text rest = text_of(bytes, len);
    struct wbh_http_text line;
    enum wbh_http_outcome outcome;
    size_t empty_lines = 0;
    begin(out_head);
    while ((outcome = cut_line(&rest, &line)) == WBH_HTTP_WHOLE && line.len == 0) {
        if (++empty_lines > limits->empty_lines_max) {
            return WBH_HTTP_BAD;
        }
    }
    if (outcome != WBH_HTTP_WHOLE) {
        return outcome;
    }
    if (!read_request_line(line, out_head) || out_head->method.len > limits->method_len_max) {
        return WBH_HTTP_BAD;
    }
    outcome = read_fields(&rest, limits, out_head);
    out_head->len = len - rest.len;
    return outcome == WBH_HTTP_WHOLE && !understand_request(out_head) ? WBH_HTTP_BAD : outcome;
}

enum wbh_http_outcome wbh_http_read_response(const char *bytes, size_t len, const char *method,
    bool upgrade, const struct wbh_http_limits *limits, struct wbh_http_head *out_head) {
    struct wbh_http_text rest = text_of(bytes, len);
    struct wbh_http_text line;
    begin(out_head);
    enum wbh_http_outcome outcome = cut_line(&rest, &line);
    if (outcome != WBH_HTTP_WHOLE) {
        return outcome;
    }
    if (!read_status_line(line, out_head)) {
        return WBH_HTTP_BAD;
    }
    outcome = read_fields(&rest, limits, out_head);
    out_head->len = len - rest.len;
    bool is_bad = outcome == WBH_HTTP_WHOLE && !understand_response(out_head, method, upgrade);
    return is_bad ? WBH_HTTP_BAD : outcome;
}

enum wbh_http_outcome wbh_http_read_trailers(const char *bytes, size_t len,
    const struct wbh_http_limits *limits, struct wbh_http_head *out_head) {
    struct wbh_http_text rest = text_of(bytes, len);
    begin(out_head);
    enum wbh_http_outcome outcome = read_fields(&rest, limits, out_head);
    out_head->len = len - rest.len;
    return outcome;
}

size_t wbh_http_bad_at(const char *bytes, size_t len, const char *method, bool upgrade,
    const struct wbh_http_limits *limits) {
    enum { LOOKED_AT_MAX = 4096 };
    struct wbh_http_head head;
    enum wbh_http_outcome outcome = WBH_HTTP_PART;
    size_t at = 0;
    while (at < len && at < LOOKED_AT_MAX && outcome != WBH_HTTP_BAD) {
        at++;
        outcome = method == NULL
                      ? wbh_http_read_request(bytes, at, limits, &head)
                      : wbh_http_read_response(bytes, at, method, upgrade, limits, &head);
    }
    return at != 0 ? at - 1 : 0;
}
