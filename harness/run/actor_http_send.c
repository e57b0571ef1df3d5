/* HTTP messages that peers send: written out once for a step. */
#include "run/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/http_reference.h"
#include "wouldblock/run.h"

struct message {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
    const struct wbh_scenario *scenario;
    const struct wbh_step *step;
};

static void put(struct message *message, const void *bytes, size_t len) {
    message->bytes = wbh_grow(message->bytes, &message->capacity, message->len + len + 1, 1);
    if (len != 0) {
        memcpy(message->bytes + message->len, bytes, len);
    }
    message->len += len;
}

static void put_text(struct message *message, const char *text) {
    put(message, text, strlen(text));
}

static void put_contents(struct message *message, const struct wbh_part *part) {
    for (uint32_t i = 0; i < part->repeat; i++) {
        put(message, message->scenario->data + part->data_offset, part->data_len);
    }
}

static const struct wbh_part *part_at(const struct message *message, uint32_t n) {
    return &message->scenario->parts[message->step->part_begin + n];
}

static const struct wbh_part *find(const struct message *message, enum wbh_part_kind kind) {
    for (uint32_t i = 0; i < message->step->part_count; i++) {
        if (part_at(message, i)->kind == kind) {
            return part_at(message, i);
        }
    }
    return NULL;
}

static void put_lines(struct message *message, enum wbh_part_kind kind) {
    for (uint32_t i = 0; i < message->step->part_count; i++) {
        if (part_at(message, i)->kind == kind) {
            put_contents(message, part_at(message, i));
            put_text(message, "\r\n");
        }
    }
}

/* Whether the script says something of lines of that name: itself, or that there is none. */
static bool is_told(const struct message *message, const char *name) {
    for (uint32_t i = 0; i < message->step->part_count; i++) {
        const struct wbh_part *part = part_at(message, i);
        struct wbh_http_text line = {
            (const char *)message->scenario->data + part->data_offset, part->data_len};
        if (part->kind == WBH_PART_HEADER || part->kind == WBH_PART_NO_HEADER) {
            const char *colon = memchr(line.bytes, ':', line.len);
            line.len = colon != NULL ? (size_t)(colon - line.bytes) : line.len;
            if (wbh_http_same_name(line, name)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- the head ---- */

static const char *version_of(const struct wbh_step *step) {
    return step->version == WBH_HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

static void put_first_line(struct message *message) {
    const struct wbh_step *step = message->step;
    if (step->kind == WBH_STEP_HTTP_REQUEST) {
        put(message, message->scenario->data + step->data_offset, step->data_len);
        put_text(message, " ");
        put_text(message, version_of(step));
    } else {
        char status[8];
        put_text(message, version_of(step));
        (void)snprintf(status, sizeof(status), " %u ", (unsigned)step->count % 1000);
        put_text(message, status);
    }
    put_text(message, "\r\n");
}

/* A response says how long it is even if it is empty, unless it is of those that have no content;
 * a request that has none says nothing. */
static bool has_length(const struct message *message, const struct wbh_part *body) {
    const struct wbh_step *step = message->step;
    bool is_bodiless = step->count < 200 || step->count == 204 || step->count == 304;
    return body != NULL || (step->kind == WBH_STEP_HTTP_RESPONSE && !is_bodiless);
}

/* How long the content is, unless the script says it, rightly or wrongly. */
static void put_framing(struct message *message) {
    const struct wbh_part *body = find(message, WBH_PART_BODY);
    bool is_chunked = find(message, WBH_PART_CHUNK) != NULL;
    const char *name = is_chunked ? "Transfer-Encoding" : "Content-Length";
    if (is_told(message, name)
        || is_told(message, is_chunked ? "Content-Length" : "Transfer-Encoding")) {
        return;
    }
    if (is_chunked) {
        put_text(message, "Transfer-Encoding: chunked\r\n");
    } else if (has_length(message, body)) {
        char line[64];
        unsigned long long len =
            body != NULL ? (unsigned long long)body->data_len * body->repeat : 0;
        (void)snprintf(line, sizeof(line), "Content-Length: %llu\r\n", len);
        put_text(message, line);
    }
}

/* ---- the content ---- */

static void put_chunk(struct message *message, const struct wbh_part *part) {
    char size[32];
    unsigned long long len = (unsigned long long)part->data_len * part->repeat;
    if (len == 0) {
        return; /* that would be the last one */
    }
    (void)snprintf(size, sizeof(size), "%llx\r\n", len);
    put_text(message, size);
    put_contents(message, part);
    put_text(message, "\r\n");
}

static void put_content(struct message *message) {
    bool is_chunked = false;
    for (uint32_t i = 0; i < message->step->part_count; i++) {
        const struct wbh_part *part = part_at(message, i);
        if (part->kind == WBH_PART_BODY) {
            put_contents(message, part);
        } else if (part->kind == WBH_PART_CHUNK) {
            is_chunked = true;
            put_chunk(message, part);
        }
    }
    if (is_chunked) {
        put_text(message, "0\r\n");
        put_lines(message, WBH_PART_TRAILER);
        put_text(message, "\r\n");
    }
}

static void write_out(struct message *message) {
    put_first_line(message);
    if (message->step->kind == WBH_STEP_HTTP_REQUEST && !is_told(message, "Host")) {
        put_text(message, "Host: localhost\r\n");
    }
    put_lines(message, WBH_PART_HEADER);
    put_framing(message);
    put_text(message, "\r\n");
    put_content(message);
}

void wbh_actor_lay_out_message(struct wbh_actor *actor, const struct wbh_step *step) {
    struct message message = {.bytes = actor->pattern,
        .capacity = actor->pattern_capacity,
        .scenario = actor->stage->scenario,
        .step = step};
    write_out(&message);
    actor->pattern = message.bytes;
    actor->pattern_capacity = message.capacity;
    actor->pattern_len = message.len;
    actor->pattern_step = step;
}

uint64_t wbh_step_sent_len(const struct wbh_scenario *scenario, const struct wbh_step *step) {
    if (step->kind == WBH_STEP_SEND || step->kind == WBH_STEP_SEND_SLOWLY) {
        return wbh_step_total(step);
    }
    if (!wbh_step_is_message(step)) {
        return 0;
    }
    struct message message = {.scenario = scenario, .step = step};
    write_out(&message);
    free(message.bytes);
    return message.len;
}
