/* The binary form of what peers say, or expect to hear, in HTTP; see codec.c. */
#include "scenario/codec.h"
#include "scenario/rules.h"
#include "scenario/words.h"

#include <assert.h>
#include <string.h>

enum { STATUS_MIN = 100, STATUS_MAX = 999 };

static const struct wbh__table methods = WBH__TABLE(
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "get");
static const struct wbh__table targets = WBH__TABLE(
    "/", "/a", "/b", "*", "/index.html", "/a?b=c", "http://localhost/", "localhost:80", "/../a");

/* ---- what stands before the parts */

static int decode_request(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step) {
    char method[WBH_TEXT_MAX + 1];
    char target[WBH_TEXT_MAX + 1];
    size_t method_len = wbh__read_word(reader, &methods, method);
    size_t target_len = wbh__read_word(reader, &targets, target);
    const char *first = wbh__is_http_method(method, method_len) ? method : methods.words[0];
    const char *second = wbh__is_http_target(target, target_len) ? target : targets.words[0];
    step->data_offset = scenario->data_len;
    step->data_len = (uint32_t)(strlen(first) + 1 + strlen(second));
    step->repeat = 1;
    return wbh__add_data(scenario, first, strlen(first)) != 0
                   || wbh__add_data(scenario, " ", 1) != 0
                   || wbh__add_data(scenario, second, strlen(second)) != 0
               ? -1
               : 0;
}

int wbh__decode_message(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step) {
    step->version = (uint8_t)(wbh__reader_number(reader, 1) % WBH_HTTP_VERSION_COUNT);
    if (wbh__step_has_request((enum wbh_step_kind)step->kind)) {
        return decode_request(scenario, reader, step);
    }
    uint32_t status = (uint32_t)wbh__reader_number(reader, 2);
    step->count = status < STATUS_MIN ? STATUS_MIN : status > STATUS_MAX ? STATUS_MAX : status;
    return 0;
}

static void write_request(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    char words[2 * WBH_TEXT_MAX + 2];
    memcpy(words, scenario->data + step->data_offset, step->data_len);
    words[step->data_len] = '\0';
    char *blank = strchr(words, ' ');
    assert(blank != NULL);
    *blank = '\0';
    wbh__write_word(writer, &methods, words);
    wbh__write_word(writer, &targets, blank + 1);
}

void wbh__encode_message(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    wbh__writer_number(writer, step->version, 1);
    if (wbh__step_has_request((enum wbh_step_kind)step->kind)) {
        write_request(writer, scenario, step);
    } else {
        wbh__writer_number(writer, step->count, 2);
    }
}

/* ---- parts */

/* data_offset, data_len and repeat of a literal; repeat stays 0 if there is no room. */
static int decode_literal(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_part *part) {
    struct wbh_step literal = {0};
    if (wbh__decode_literal(scenario, reader, &literal) != 0) {
        return -1;
    }
    part->data_offset = literal.data_offset;
    part->data_len = literal.data_len;
    part->repeat = literal.repeat;
    return 0;
}

/* A line or a name: bytes that are not repeated. */
static int decode_text(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_part *part) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    size_t room = reader->end - reader->pos;
    room = room < WBH_DATA_MAX ? room : WBH_DATA_MAX;
    if (wbh__pool_reserve(&storage->data, (size_t)scenario->data_len + room + 1) != 0) {
        return -1;
    }
    uint8_t *bytes = (uint8_t *)storage->data.items + scenario->data_len;
    size_t len = wbh__reader_rest(reader, bytes, room);
    bool is_good = part->kind == WBH_PART_NO_HEADER ? wbh__is_http_token((const char *)bytes, len)
                                                    : wbh__is_http_line((const char *)bytes, len);
    if (!is_good || len > WBH_TRAFFIC_MAX - storage->traffic_len) {
        return 0;
    }
    part->data_offset = scenario->data_len;
    part->data_len = (uint32_t)len;
    part->repeat = 1;
    scenario->data_len += (uint32_t)len;
    return 0;
}

static int decode_fields(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_part *part) {
    switch ((enum wbh_part_kind)part->kind) {
    case WBH_PART_BODY:
    case WBH_PART_CHUNK:
        return decode_literal(scenario, reader, part);
    case WBH_PART_HEADER:
    case WBH_PART_NO_HEADER:
    case WBH_PART_TRAILER:
        return decode_text(scenario, reader, part);
    case WBH_PART_BODY_LEN: {
        uint64_t len = wbh__reader_number(reader, 4);
        part->count = len < WBH_TRAFFIC_MAX ? (uint32_t)len : WBH_TRAFFIC_MAX;
        part->repeat = 1;
        return 0;
    }
    case WBH_PART_KIND_COUNT:
        break;
    }
    return 0;
}

int wbh__decode_part(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    struct wbh_part part = {.kind = (uint8_t)(wbh__reader_number(reader, 1) % WBH_PART_KIND_COUNT)};
    const struct wbh_step *step = wbh__last_step(scenario);
    if (step == NULL || !wbh__step_has_parts((enum wbh_step_kind)step->kind)
        || step->part_count == WBH_PARTS_MAX) {
        return 0;
    }
    const struct wbh_part *parts = wbh__storage_of(scenario)->parts.items;
    if (!wbh__part_fits(step->part_count != 0 ? parts + step->part_begin : NULL, step,
            (enum wbh_part_kind)part.kind)) {
        return 0;
    }
    if (decode_fields(scenario, reader, &part) != 0) {
        return -1;
    }
    return part.repeat > 0 ? wbh__add_part(scenario, &part) : 0;
}

void wbh__encode_parts(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    for (uint32_t i = 0; i < step->part_count; i++) {
        const struct wbh_part *part = &scenario->parts[step->part_begin + i];
        wbh__writer_begin(writer, WBH__TAG_PART);
        wbh__writer_number(writer, part->kind, 1);
        if (part->kind == WBH_PART_BODY_LEN) {
            wbh__writer_number(writer, part->count, 4);
            continue;
        }
        if (part->kind == WBH_PART_BODY || part->kind == WBH_PART_CHUNK) {
            wbh__writer_number(writer, part->repeat - 1, 2);
        }
        wbh__writer_bytes(writer, scenario->data + part->data_offset, part->data_len);
    }
}
