/* What two runs must have in common where HTTP is spoken: what is said, not how it travels. Chunks
 * may have other borders, and an interim response may be left out where it has become needless. */
#include <string.h>
#include <strings.h>

#include "run/compare.h"
#include "run/internal.h"
#include "wouldblock/http_reference.h"

static const struct wbh_http_limits limits = {
    .lines_max = WBH_HTTP_LINES_MAX, .method_len_max = SIZE_MAX, .empty_lines_max = SIZE_MAX};

/* Bytes that are read, and what is written of them, which is never more. */
struct plain {
    const char *bytes;
    size_t len;
    size_t at;
    char *out;
    size_t out_len;
    bool may_hear_end; /* the server, of its client, before it has answered: in one of the runs */
    bool goes_until_close;
};

static void keep(struct plain *plain, size_t len) {
    memcpy(plain->out + plain->out_len, plain->bytes + plain->at, len);
    plain->out_len += len;
    plain->at += len;
}

/* Of the next line, as much as stands before `end`, which lies behind. */
static size_t line_len(const struct plain *plain, size_t end) {
    const char *line = plain->bytes + plain->at;
    const char *last = memchr(line, '\n', end - plain->at);
    return last != NULL ? (size_t)(last + 1 - line) : end - plain->at;
}

static bool stands_next(const struct plain *plain, const char *text) {
    size_t len = strlen(text);
    return plain->len - plain->at >= len && memcmp(plain->bytes + plain->at, text, len) == 0;
}

/* Up to the empty line, as far as they came. */
static void keep_trailers(struct plain *plain) {
    bool is_more = plain->at < plain->len;
    while (is_more) {
        const size_t len = line_len(plain, plain->len);
        keep(plain, len);
        is_more = plain->at < plain->len && len > 2;
    }
}

/* To whom a response is, is not known here: one to HEAD is told by another that follows at once. */
static void keep_content(struct plain *plain, const struct wbh_http_head *head) {
    size_t left = plain->len - plain->at;
    if (stands_next(plain, "HTTP/1.")) {
        return;
    }
    if (head->content == WBH_HTTP_OF_LENGTH) {
        keep(plain, left < head->content_len ? left : (size_t)head->content_len);
    } else if (head->content == WBH_HTTP_CHUNKED) {
        size_t used;
        bool is_whole;
        plain->out_len += wbh_http_chunks_so_far(
            plain->bytes + plain->at, left, plain->out + plain->out_len, &used, &is_whole);
        plain->at = is_whole ? plain->at + used : plain->len;
        keep_trailers(plain);
    } else if (head->content == WBH_HTTP_UNTIL_CLOSE) {
        plain->goes_until_close = true;
        keep(plain, left);
    }
}

/* Whether it is that line, or as much of it as came. */
static bool tells_close(const char *line, size_t len) {
    static const char close[] = "connection: close\r\n";
    return len <= sizeof(close) - 1 && strncasecmp(line, close, len) == 0;
}

/* Whether a server has heard that its client has finished when it answers is a matter of time, and
 * who has heard it says close. A client may even finish after the end of all answers in one run,
 * and in the other before the first. */
static void keep_head(struct plain *plain, size_t len) {
    const size_t end = plain->at + len;
    while (plain->at < end) {
        const size_t one = line_len(plain, end);
        if (plain->may_hear_end && tells_close(plain->bytes + plain->at, one)) {
            plain->at += one;
        } else {
            keep(plain, one);
        }
    }
}

/* What is cut off within a head. The beginning of an interim one goes as well. */
static bool take_rest(struct plain *plain) {
    if (stands_next(plain, "HTTP/1.1 1") || stands_next(plain, "HTTP/1.0 1")) {
        plain->at = plain->len;
    } else if (stands_next(plain, "HTTP/1.")) {
        keep_head(plain, plain->len - plain->at);
    }
    return false;
}

/* False: what follows is left as it is. */
static bool take_response(struct plain *plain) {
    struct wbh_http_head head;
    if (wbh_http_read_response(
            plain->bytes + plain->at, plain->len - plain->at, "GET", true, &limits, &head)
        != WBH_HTTP_WHOLE) {
        return take_rest(plain);
    }
    if (head.status == 101) {
        return false;
    }
    if (head.status < 200) {
        plain->at += head.len;
        return true;
    }
    keep_head(plain, head.len);
    keep_content(plain, &head);
    return true;
}

/* For a client that has finished a server may give up what it has not all at hand: then a part has
 * come, and when the client finished decides which. */
static bool may_be_given_up(const struct plain *plain, const struct wbh_seen *seen) {
    return seen->half_closed
           && (seen->end == WBH_END_RESET
               || (seen->end == WBH_END_EOF && !plain->goes_until_close));
}

static void speak_plainly(
    struct wbh_runner *runner, unsigned which, struct wbh_seen *seen, bool may_hear_end) {
    struct wbh_plain *buffer = &runner->plain[which];
    buffer->bytes = wbh_grow(buffer->bytes, &buffer->capacity, seen->len + 1, 1);
    struct plain plain = {.bytes = (const char *)seen->bytes,
        .len = seen->len,
        .out = buffer->bytes,
        .may_hear_end = may_hear_end};
    while (plain.at < plain.len && take_response(&plain)) {
    }
    keep(&plain, plain.len - plain.at);
    seen->bytes = (const uint8_t *)buffer->bytes;
    seen->len = plain.out_len;
    seen->partial = seen->partial || may_be_given_up(&plain, seen);
}

void wbh_compare_plainly(
    struct wbh_runner *runner, struct wbh_seen *expected, struct wbh_seen *seen) {
    const bool may_hear_end = expected->half_closed || seen->half_closed;
    speak_plainly(runner, 0, expected, may_hear_end);
    speak_plainly(runner, 1, seen, may_hear_end);
}
