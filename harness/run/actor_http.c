/* HTTP messages that peers expect: read by the independent reader, and held against the step. */
#include "run/stage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/http_reference.h"

/* The reader's bounds: those of what may be said at all, since a peer expects what it says. */
static const struct wbh_http_limits limits = {
    .lines_max = WBH_HTTP_LINES_MAX, .method_len_max = WBH_TEXT_MAX, .empty_lines_max = 0};

enum { METHOD_LEN_MAX = 15 };

/* What has come of the message that a step expects. */
struct arrival {
    struct wbh_actor *actor;
    const struct wbh_step *step;
    const char *bytes;
    size_t len;
    struct wbh_http_head head;
    char *content; /* owned */
    size_t content_len;
    struct wbh_http_head trailers;
    size_t total_len;
};

/* ---- what the peer itself has asked for ---- */

void wbh_actor_keep_sent(struct wbh_actor *actor, const void *data, size_t len) {
    if (!actor->expects_responses) {
        return;
    }
    actor->wire = wbh_grow(actor->wire, &actor->wire_capacity, actor->wire_len + len, 1);
    memcpy(actor->wire + actor->wire_len, data, len);
    actor->wire_len += len;
}

/* How long the message at the front is, with content and trailers; 0: it is not all there. */
static size_t request_len(const char *bytes, size_t len, const struct wbh_http_head *head) {
    char *content;
    size_t content_len;
    size_t used;
    struct wbh_http_head trailers;
    enum wbh_http_outcome outcome = wbh_http_read_content(
        head, bytes + head->len, len - head->len, false, &content, &content_len, &used);
    free(content);
    if (outcome != WBH_HTTP_WHOLE) {
        return 0;
    }
    size_t end = head->len + used;
    if (head->content != WBH_HTTP_CHUNKED) {
        return end;
    }
    outcome = wbh_http_read_trailers(bytes + end, len - end, &limits, &trailers);
    return outcome == WBH_HTTP_WHOLE ? end + trailers.len : 0;
}

static bool asks_to_change(const struct wbh_http_head *head) {
    return wbh_http_line_of(head, "upgrade", 0) != NULL
           && wbh_http_lists(head, "connection", "upgrade");
}

/* The request that the next response answers, as far as what was sent can be read: its method, and
 * whether it asks for another protocol. Otherwise it is taken for a GET. */
static void outstanding_request(
    const struct wbh_actor *actor, char out_method[METHOD_LEN_MAX + 1], bool *out_upgrade) {
    const char *bytes = (const char *)actor->wire;
    size_t at = 0;
    strcpy(out_method, "GET");
    *out_upgrade = false;
    for (uint32_t n = 0; at < actor->wire_len; n++) {
        struct wbh_http_head head;
        if (wbh_http_read_request(bytes + at, actor->wire_len - at, &limits, &head)
            != WBH_HTTP_WHOLE) {
            return;
        }
        if (n == actor->response_count) {
            size_t len = head.method.len;
            if (len <= METHOD_LEN_MAX) {
                memcpy(out_method, head.method.bytes, len);
                out_method[len] = '\0';
            }
            *out_upgrade = asks_to_change(&head);
            return;
        }
        size_t len = request_len(bytes + at, actor->wire_len - at, &head);
        if (len == 0) {
            return;
        }
        at += len;
    }
}

/* ---- reading ---- */

static bool is_response(const struct wbh_step *step) {
    return step->kind == WBH_STEP_EXPECT_HTTP_RESPONSE;
}

static enum wbh_http_outcome read_head(struct arrival *arrival) {
    if (!is_response(arrival->step)) {
        return wbh_http_read_request(arrival->bytes, arrival->len, &limits, &arrival->head);
    }
    char method[METHOD_LEN_MAX + 1];
    bool upgrade;
    outstanding_request(arrival->actor, method, &upgrade);
    return wbh_http_read_response(
        arrival->bytes, arrival->len, method, upgrade, &limits, &arrival->head);
}

static enum wbh_http_outcome read_rest(struct arrival *arrival) {
    const struct wbh_http_head *head = &arrival->head;
    bool ended = wbh_actor_end(arrival->actor) == WBH_END_EOF;
    size_t used;
    enum wbh_http_outcome outcome = wbh_http_read_content(head, arrival->bytes + head->len,
        arrival->len - head->len, ended, &arrival->content, &arrival->content_len, &used);
    arrival->trailers.line_count = 0;
    arrival->total_len = head->len + used;
    if (outcome == WBH_HTTP_WHOLE && head->content == WBH_HTTP_CHUNKED) {
        outcome = wbh_http_read_trailers(arrival->bytes + arrival->total_len,
            arrival->len - arrival->total_len, &limits, &arrival->trailers);
        arrival->total_len += arrival->trailers.len;
    }
    return outcome;
}

/* ---- what is wrong ---- */

static bool fail(struct arrival *arrival, const char *saw) {
    wbh_actor_disappointed(arrival->actor, saw);
    return false;
}

static struct wbh_prose begin(char *buf, size_t len) {
    struct wbh_prose prose;
    wbh_prose_init(&prose, buf, len);
    return prose;
}

enum { SAW_LEN = 200 };

static void fail_head(struct arrival *arrival) {
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    char method[METHOD_LEN_MAX + 1];
    bool upgrade;
    outstanding_request(arrival->actor, method, &upgrade);
    size_t at = wbh_http_bad_at(
        arrival->bytes, arrival->len, is_response(arrival->step) ? method : NULL, upgrade, &limits);
    size_t shown = at < 8 ? 0 : at - 8;
    wbh_prose_add(&prose, "what came is none, from byte %zu on: ", at);
    wbh_prose_add(&prose, shown != 0 ? "... " : "");
    wbh_prose_bytes(&prose, arrival->bytes + shown, arrival->len - shown);
    (void)fail(arrival, saw);
}

static void fail_rest(struct arrival *arrival) {
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    wbh_prose_add(&prose, "what came behind its head is no %s: ",
        arrival->content == NULL ? "content in chunks" : "trailer");
    wbh_prose_bytes(&prose, arrival->bytes + arrival->head.len, arrival->len - arrival->head.len);
    (void)fail(arrival, saw);
}

/* ---- against the step ---- */

static struct wbh_http_text text_of_part(
    const struct arrival *arrival, const struct wbh_part *part) {
    return (struct wbh_http_text){
        (const char *)arrival->actor->stage->scenario->data + part->data_offset, part->data_len};
}

static bool same_text(struct wbh_http_text a, struct wbh_http_text b) {
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static bool check_first_line(struct arrival *arrival) {
    const struct wbh_step *step = arrival->step;
    const struct wbh_http_head *head = &arrival->head;
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    if (is_response(step)) {
        wbh_prose_add(&prose, "its status is %u", head->status);
        return head->status == step->count || fail(arrival, saw);
    }
    const char *words = (const char *)arrival->actor->stage->scenario->data + step->data_offset;
    size_t method_len = (size_t)((const char *)memchr(words, ' ', step->data_len) - words);
    struct wbh_http_text method = {words, method_len};
    struct wbh_http_text target = {words + method_len + 1, step->data_len - method_len - 1};
    wbh_prose_add(&prose, "its method is ");
    if (!same_text(head->method, method)) {
        wbh_prose_bytes(&prose, head->method.bytes, head->method.len);
        return fail(arrival, saw);
    }
    prose = begin(saw, sizeof(saw));
    wbh_prose_add(&prose, "its target is ");
    wbh_prose_bytes(&prose, head->target.bytes, head->target.len);
    return same_text(head->target, target) || fail(arrival, saw);
}

static bool check_version(struct arrival *arrival) {
    enum wbh_http_version version = (enum wbh_http_version)arrival->step->version;
    bool is_1_1 = arrival->head.is_1_1;
    return version == WBH_HTTP_UNSAID || is_1_1 == (version == WBH_HTTP_1_1)
           || fail(arrival, is_1_1 ? "its version is 1.1" : "its version is 1.0");
}

/* A name as the reader's functions want it. */
static void name_of(struct wbh_http_text line, char out[WBH_TEXT_MAX + 1], size_t *out_behind) {
    const char *colon = memchr(line.bytes, ':', line.len);
    size_t len = colon != NULL ? (size_t)(colon - line.bytes) : line.len;
    memcpy(out, line.bytes, len);
    out[len] = '\0';
    *out_behind = len + (colon != NULL);
}

static struct wbh_http_text trimmed(struct wbh_http_text text) {
    while (text.len != 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) {
        text.bytes++;
        text.len--;
    }
    while (text.len != 0 && (text.bytes[text.len - 1] == ' ' || text.bytes[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

static bool check_line(struct arrival *arrival, const struct wbh_http_head *lines,
    const struct wbh_part *part, const char *noun) {
    char name[WBH_TEXT_MAX + 1];
    size_t behind;
    struct wbh_http_text line = text_of_part(arrival, part);
    name_of(line, name, &behind);
    struct wbh_http_text value =
        trimmed((struct wbh_http_text){line.bytes + behind, line.len - behind});
    const struct wbh_http_line *found;
    for (size_t n = 0; (found = wbh_http_line_of(lines, name, n)) != NULL; n++) {
        if (same_text(found->value, value)) {
            return true;
        }
    }
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    found = wbh_http_line_of(lines, name, 0);
    wbh_prose_add(&prose, "it has no %s ", noun);
    wbh_prose_bytes(&prose, line.bytes, line.len);
    if (found != NULL) {
        wbh_prose_add(&prose, ", of that name ");
        wbh_prose_bytes(&prose, found->value.bytes, found->value.len);
    }
    return fail(arrival, saw);
}

static bool check_absence(struct arrival *arrival, const struct wbh_part *part) {
    char name[WBH_TEXT_MAX + 1];
    size_t behind;
    name_of(text_of_part(arrival, part), name, &behind);
    const struct wbh_http_line *found = wbh_http_line_of(&arrival->head, name, 0);
    if (found == NULL) {
        return true;
    }
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    wbh_prose_add(&prose, "it has a line of the name %s: ", name);
    wbh_prose_bytes(&prose, found->value.bytes, found->value.len);
    return fail(arrival, saw);
}

static bool check_len(struct arrival *arrival, uint64_t len) {
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    wbh_prose_add(&prose, "its content has ");
    wbh_prose_count(&prose, arrival->content_len, "byte");
    wbh_prose_add(&prose, " instead of %" PRIu64, len);
    return arrival->content_len == len || fail(arrival, saw);
}

static bool check_body(struct arrival *arrival, const struct wbh_part *part) {
    uint64_t len = (uint64_t)part->data_len * part->repeat;
    size_t common = arrival->content_len < len ? arrival->content_len : (size_t)len;
    struct wbh_step literal = {
        .data_offset = part->data_offset, .data_len = part->data_len, .repeat = part->repeat};
    size_t equal = common == 0 ? 0
                               : wbh_actor_equal_to_literal(arrival->actor->stage, &literal, 0,
                                   (const uint8_t *)arrival->content, common);
    if (equal == common) {
        return check_len(arrival, len);
    }
    char saw[SAW_LEN];
    struct wbh_prose prose = begin(saw, sizeof(saw));
    wbh_prose_add(&prose, "from byte %zu on its content is ", equal);
    wbh_prose_bytes(&prose, arrival->content + equal, arrival->content_len - equal);
    return fail(arrival, saw);
}

static bool check_part(struct arrival *arrival, const struct wbh_part *part, bool has_rest) {
    switch ((enum wbh_part_kind)part->kind) {
    case WBH_PART_HEADER:
        return has_rest || check_line(arrival, &arrival->head, part, "line");
    case WBH_PART_NO_HEADER:
        return has_rest || check_absence(arrival, part);
    case WBH_PART_TRAILER:
        return !has_rest || check_line(arrival, &arrival->trailers, part, "trailer");
    case WBH_PART_BODY:
        return !has_rest || check_body(arrival, part);
    case WBH_PART_BODY_LEN:
        return !has_rest || check_len(arrival, part->count);
    case WBH_PART_CHUNK:
    case WBH_PART_KIND_COUNT:
        break;
    }
    return true;
}

static bool check_parts(struct arrival *arrival, bool has_rest) {
    for (uint32_t i = 0; i < arrival->step->part_count; i++) {
        const struct wbh_part *parts = arrival->actor->stage->scenario->parts;
        if (!check_part(arrival, &parts[arrival->step->part_begin + i], has_rest)) {
            return false;
        }
    }
    return true;
}

/* ---- all of it ---- */

static enum wbh_arrival arrive(struct arrival *arrival) {
    if (arrival->len == 0) {
        return WBH_ARRIVAL_NONE; /* nor need it be known then what was asked for */
    }
    bool is_judged = !arrival->actor->stage->tolerant;
    enum wbh_http_outcome outcome = read_head(arrival);
    if (outcome == WBH_HTTP_BAD) {
        fail_head(arrival);
        return WBH_ARRIVAL_WRONG;
    }
    if (outcome == WBH_HTTP_PART) {
        return WBH_ARRIVAL_NONE;
    }
    if (is_judged
        && (!check_first_line(arrival) || !check_version(arrival)
            || !check_parts(arrival, false))) {
        return WBH_ARRIVAL_WRONG;
    }
    outcome = read_rest(arrival);
    if (outcome == WBH_HTTP_BAD) {
        fail_rest(arrival);
        return WBH_ARRIVAL_WRONG;
    }
    if (outcome == WBH_HTTP_PART) {
        return WBH_ARRIVAL_NONE;
    }
    return !is_judged || check_parts(arrival, true) ? WBH_ARRIVAL_WHOLE : WBH_ARRIVAL_WRONG;
}

enum wbh_arrival wbh_actor_message_arrived(
    struct wbh_actor *actor, const struct wbh_step *step, size_t *out_len) {
    struct arrival arrival; /* its heads are large, and filled in by whoever reads them */
    arrival.actor = actor;
    arrival.step = step;
    arrival.bytes = (const char *)actor->received + actor->consumed;
    arrival.len = actor->received_len - actor->consumed;
    arrival.content = NULL;
    enum wbh_arrival result = arrive(&arrival);
    if (result == WBH_ARRIVAL_WHOLE) {
        *out_len = arrival.total_len;
        actor->response_count += is_response(step) && arrival.head.status >= 200;
    }
    free(arrival.content);
    return result;
}

/* ---- words ---- */

void wbh_actor_waits_http(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wbh_prose *prose) {
    if (is_response(step)) {
        wbh_prose_add(prose, "expects a response %" PRIu32, step->count);
    } else {
        wbh_prose_add(prose, "expects a request ");
        wbh_prose_bytes(prose, actor->stage->scenario->data + step->data_offset, step->data_len);
    }
    wbh_prose_add(prose, " and got ");
    wbh_prose_count(prose, actor->received_len - actor->consumed, "byte");
}
