/* Reading HTTP as it comes: heads, contents and trailers of one direction after the other, by the
 * reference. What must not be is http.c's business. */
#include "oracle/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "wb/sys.h"

const struct wbh_http_limits wbh_flow_limits = {
    .lines_max = WBH_HTTP_LINES_MAX, .method_len_max = SIZE_MAX, .empty_lines_max = SIZE_MAX};

/* ---- digests ---- */

static uint64_t digest_byte(uint64_t digest, char byte) {
    return (digest ^ (unsigned char)byte) * WB_NOTE_DIGEST_PRIME;
}

static uint64_t digest_of(uint64_t digest, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        digest = digest_byte(digest, bytes[i]);
    }
    return digest;
}

static uint64_t digest_of_head(const struct wbh_http_head *head) {
    uint64_t digest = digest_of(WB_NOTE_DIGEST_BASIS, head->method.bytes, head->method.len);
    digest = digest_of(digest_byte(digest, ' '), head->target.bytes, head->target.len);
    for (size_t i = 0; i < head->line_count; i++) {
        const struct wbh_http_line *line = &head->lines[i];
        digest = digest_byte(digest, '\n');
        for (size_t k = 0; k < line->name.len; k++) {
            digest = digest_byte(digest, (char)tolower((unsigned char)line->name.bytes[k]));
        }
        digest = digest_byte(digest, ':');
        digest = digest_of(digest, line->value.bytes, line->value.len);
    }
    return digest;
}

/* ---- talks ---- */

static void begin_flow(struct wbh_flow *flow) {
    struct wbh_queue bytes = flow->bytes;
    bytes.head = 0;
    bytes.len = 0;
    struct wbh_queue content = flow->content;
    content.head = 0;
    content.len = 0;
    *flow = (struct wbh_flow){.bytes = bytes, .content = content};
}

struct wbh_talk *wbh_talks_begin(struct wbh_talks *talks, uint32_t subject, bool is_server) {
    size_t capacity = talks->capacity;
    talks->items =
        wbh_grow(talks->items, &talks->capacity, talks->count + 1, sizeof(*talks->items));
    memset(talks->items + capacity, 0, (talks->capacity - capacity) * sizeof(*talks->items));
    struct wbh_talk *talk = &talks->items[talks->count++];
    talks->has_server |= is_server;
    begin_flow(&talk->requests);
    begin_flow(&talk->responses);
    *talk = (struct wbh_talk){
        .subject = subject,
        .is_server = is_server,
        .requests = talk->requests,
        .responses = talk->responses,
        .asked = talk->asked,
        .asked_capacity = talk->asked_capacity,
    };
    talk->requests.is_digested = true; /* services get it, or it is handed on */
    return talk;
}

void wbh_talks_clean_up(struct wbh_talks *talks) {
    for (size_t i = 0; i < talks->capacity; i++) {
        free(talks->items[i].requests.bytes.bytes);
        free(talks->items[i].responses.bytes.bytes);
        free(talks->items[i].requests.content.bytes);
        free(talks->items[i].responses.content.bytes);
        free(talks->items[i].asked);
    }
    for (size_t i = 0; i < talks->relayed_capacity; i++) {
        free(talks->relayed[i].content.bytes);
    }
    free(talks->relayed);
    free(talks->items);
    *talks = (struct wbh_talks){0};
}

/* ---- contents ---- */

static void pass(struct wbh_flow *flow, size_t len) {
    wbh_queue_drop(&flow->bytes, len);
    flow->passed_len += len;
}

static void keep(struct wbh_flow *flow, const void *data, size_t len) {
    if (flow->keeps) {
        wbh_queue_append(&flow->content, data, len);
    }
    if (flow->is_digested) {
        flow->digest = digest_of(flow->digest, data, len);
    }
}

static void pass_content(struct wbh_flow *flow, size_t len) {
    keep(flow, wbh_queue_front(&flow->bytes), len);
    pass(flow, len);
}

void wbh_flow_append(struct wbh_flow *flow, const void *data, size_t len) {
    if (flow->stage == WBH_FLOW_LOST || flow->stage == WBH_FLOW_UNTIL_CLOSE) {
        flow->passed_len += len;
        if (flow->stage == WBH_FLOW_UNTIL_CLOSE) {
            keep(flow, data, len);
        }
    } else if (len != 0) {
        wbh_queue_append(&flow->bytes, data, len);
        flow->fresh_len += len;
    }
}

void wbh_flow_lose(struct wbh_flow *flow, bool is_bad) {
    flow->stage = WBH_FLOW_LOST;
    flow->is_bad = is_bad;
}

void wbh_flow_begin_content(struct wbh_flow *flow, const struct wbh_http_head *head) {
    pass(flow, head->len);
    wbh_queue_drop(&flow->content, flow->content.len);
    flow->fresh_len = flow->bytes.len;
    flow->digest = WB_NOTE_DIGEST_BASIS;
    switch (head->content) {
    case WBH_HTTP_NO_CONTENT:
        flow->stage = WBH_FLOW_LENGTH;
        flow->left = 0;
        break;
    case WBH_HTTP_OF_LENGTH:
        flow->stage = WBH_FLOW_LENGTH;
        flow->left = head->content_len;
        break;
    case WBH_HTTP_CHUNKED:
        flow->stage = WBH_FLOW_CHUNKS;
        break;
    case WBH_HTTP_UNTIL_CLOSE:
        flow->stage = WBH_FLOW_UNTIL_CLOSE;
        pass_content(flow, flow->bytes.len);
        break;
    case WBH_HTTP_TUNNEL:
        wbh_flow_lose(flow, false);
        break;
    }
}

/* Whether the last chunk may be among the bytes that have come since they were last looked at: its
 * line ends like this. */
static bool may_be_last(const struct wbh_flow *flow) {
    static const char end[] = "0\r\n";
    enum { END_LEN = sizeof(end) - 1 };
    size_t seen = flow->bytes.len - flow->fresh_len;
    size_t from = seen < END_LEN - 1 ? 0 : seen - (END_LEN - 1);
    for (size_t at = from; at + END_LEN <= flow->bytes.len; at++) {
        if (memcmp(wbh_queue_front(&flow->bytes) + at, end, END_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* The reader takes chunks all together, so it is asked only where it may have an answer. */
static enum wbh_http_outcome skip_chunks(struct wbh_flow *flow, bool all) {
    static const struct wbh_http_head chunked = {.content = WBH_HTTP_CHUNKED};
    if (!all && !may_be_last(flow)) {
        flow->fresh_len = 0;
        return WBH_HTTP_PART;
    }
    char *content;
    size_t content_len;
    size_t used;
    enum wbh_http_outcome outcome =
        wbh_http_read_content(&chunked, (const char *)wbh_queue_front(&flow->bytes),
            flow->bytes.len, false, &content, &content_len, &used);
    keep(flow, content, content_len);
    free(content);
    flow->fresh_len = 0;
    if (outcome == WBH_HTTP_WHOLE) {
        pass(flow, used);
        flow->stage = WBH_FLOW_TRAILERS;
    }
    return outcome;
}

static enum wbh_http_outcome skip_trailers(struct wbh_flow *flow) {
    struct wbh_http_head trailers;
    enum wbh_http_outcome outcome = wbh_http_read_trailers(
        (const char *)wbh_queue_front(&flow->bytes), flow->bytes.len, &wbh_flow_limits, &trailers);
    if (outcome == WBH_HTTP_WHOLE) {
        pass(flow, trailers.len);
        flow->stage = WBH_FLOW_HEAD;
    }
    return outcome;
}

static enum wbh_http_outcome skip_length(struct wbh_flow *flow) {
    size_t len = flow->bytes.len < flow->left ? flow->bytes.len : (size_t)flow->left;
    pass_content(flow, len);
    flow->left -= len;
    if (flow->left != 0) {
        return WBH_HTTP_PART;
    }
    flow->stage = WBH_FLOW_HEAD;
    return WBH_HTTP_WHOLE;
}

enum wbh_http_outcome wbh_flow_skip_content(struct wbh_flow *flow, bool all) {
    enum wbh_http_outcome outcome = WBH_HTTP_PART;
    if (flow->stage == WBH_FLOW_LENGTH) {
        return skip_length(flow);
    }
    if (flow->stage == WBH_FLOW_CHUNKS) {
        outcome = skip_chunks(flow, all);
    }
    return flow->stage == WBH_FLOW_TRAILERS ? skip_trailers(flow) : outcome;
}

/* ---- requests ---- */

/* The path with its query, also behind "scheme://host"; without one, and of a server as a whole,
 * "/". */
static struct wbh_http_text path_of(struct wbh_http_text target) {
    static const char mark[] = "://";
    for (size_t i = 0; i + sizeof mark - 1 < target.len && target.bytes[0] != '/'; i++) {
        if (memcmp(target.bytes + i, mark, sizeof mark - 1) == 0) {
            size_t at = i + sizeof mark - 1;
            while (at < target.len && target.bytes[at] != '/' && target.bytes[at] != '?') {
                at++;
            }
            target = (struct wbh_http_text){target.bytes + at, target.len - at};
            break;
        }
    }
    return target.len == 0 || (target.len == 1 && target.bytes[0] == '*')
               ? (struct wbh_http_text){"/", 1}
               : target;
}

static uint64_t what_is_asked(const struct wbh_http_head *head) {
    const struct wbh_http_text path = path_of(head->target);
    uint64_t hash = digest_of(WB_NOTE_DIGEST_BASIS, head->method.bytes, head->method.len);
    hash = digest_of(hash, path.bytes[0] == '/' ? " " : " /", path.bytes[0] == '/' ? 1 : 2);
    return digest_of(hash, path.bytes, path.len);
}

static struct wbh_asked asked_of(const struct wbh_http_head *head) {
    struct wbh_asked asked = {
        .is_1_1 = head->is_1_1,
        .awaits_continue = head->is_1_1 && head->content != WBH_HTTP_NO_CONTENT
                           && wbh_http_lists(head, "expect", "100-continue"),
        .upgrade = head->is_1_1 && wbh_http_line_of(head, "upgrade", 0) != NULL
                   && wbh_http_lists(head, "connection", "upgrade"),
        .stays_open = head->stays_open,
        .is_relayed = wbh_http_line_of(head, "via", 0) != NULL,
        .digest = digest_of_head(head),
        .what = what_is_asked(head),
    };
    if (head->method.len < sizeof(asked.method)) {
        memcpy(asked.method, head->method.bytes, head->method.len);
    }
    return asked;
}

static bool may_change_protocol(const struct wbh_asked *asked) {
    return asked->upgrade || strcmp(asked->method, "CONNECT") == 0;
}

static enum wbh_http_outcome hear_head(struct wbh_talk *talk) {
    struct wbh_flow *flow = &talk->requests;
    struct wbh_http_head head;
    enum wbh_http_outcome outcome = wbh_http_read_request(
        (const char *)wbh_queue_front(&flow->bytes), flow->bytes.len, &wbh_flow_limits, &head);
    if (outcome != WBH_HTTP_WHOLE) {
        return outcome;
    }
    talk->asked =
        wbh_grow(talk->asked, &talk->asked_capacity, talk->asked_count + 1, sizeof(*talk->asked));
    talk->asked[talk->asked_count++] = asked_of(&head);
    wbh_flow_begin_content(flow, &head);
    return WBH_HTTP_WHOLE;
}

static void end_request(struct wbh_talk *talk) {
    struct wbh_asked *asked = &talk->asked[talk->asked_count - 1];
    asked->is_whole = true;
    asked->content_digest = talk->requests.digest;
    if (may_change_protocol(asked) && talk->answered < talk->asked_count) {
        talk->requests.stage = WBH_FLOW_HELD;
    }
}

void wbh_talk_hear_requests(struct wbh_talk *talk) {
    struct wbh_flow *flow = &talk->requests;
    for (;;) {
        enum wbh_http_outcome outcome = WBH_HTTP_PART;
        if (flow->stage == WBH_FLOW_HEAD && flow->bytes.len != 0) {
            outcome = hear_head(talk);
        }
        if (outcome != WBH_HTTP_BAD && flow->stage != WBH_FLOW_HEAD) {
            outcome = wbh_flow_skip_content(flow, true);
            if (outcome == WBH_HTTP_WHOLE) {
                end_request(talk);
            }
        }
        if (outcome == WBH_HTTP_BAD) {
            wbh_flow_lose(flow, true);
        }
        if (outcome != WBH_HTTP_WHOLE) {
            return;
        }
    }
}

void wbh_talk_release_requests(struct wbh_talk *talk) {
    if (talk->requests.stage == WBH_FLOW_HELD) {
        talk->requests.stage = WBH_FLOW_HEAD;
    }
}
