/* Responses, as those who get them have them: one piece of memory for the head. */
#include "http/client/h1.h"

#include <assert.h>
#include <string.h>

void wb_http_client_response_init(
    struct wb_http_client_response *response, const struct wb_sys *sys) {
    *response = (struct wb_http_client_response){.sys = sys};
    wb__response_set_incoming(response, NULL);
}

static void give_back(const struct wb_sys *sys, struct wb__response_memory *memory) {
    if (memory->bytes != NULL) {
        WB_SYS(sys, free, memory->bytes, memory->len);
    }
    *memory = (struct wb__response_memory){NULL, 0};
}

void wb_http_client_response_clean_up(struct wb_http_client_response *response) {
    if (response != NULL) {
        wb_http_body_drop(response->body);
        give_back(response->sys, &response->head);
        give_back(response->sys, &response->trailers);
        wb_http_client_response_init(response, response->sys);
    }
}

void wb__response_begin(struct wb_http_client_response *response) {
    wb_http_body_drop(response->body);
    const struct wb_http_client_response fresh = {
        .sys = response->sys, .head = response->head, .trailers = response->trailers};
    *response = fresh;
    wb__response_set_incoming(response, NULL);
}

static enum wb_status make_room(
    const struct wb_sys *sys, struct wb__response_memory *memory, size_t len) {
    if (memory->len >= len) {
        return WB_OK;
    }
    void *bytes = WB_SYS(sys, alloc, len);
    if (bytes == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    give_back(sys, memory);
    memory->bytes = bytes;
    memory->len = len;
    return WB_OK;
}

/* Folded values become one line (RFC 9112 section 5.2). */
static void unfold(uint8_t *text, const struct wb_http_field *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        wb_h1_field_unfold(text + items[i].value_at, items[i].value_len);
    }
}

/* The fields first, for they must be aligned, and then the bytes that they point into. */
static enum wb_status copy(const struct wb_sys *sys, struct wb__response_memory *memory,
    const struct wb_h1_parser *parser, struct wb_bytes head, struct wb_http_fields *out_fields) {
    const size_t head_len = parser->head.head_len;
    const size_t items_len = parser->head.field_count * sizeof(struct wb_http_field);
    assert(head.len >= head_len);
    const enum wb_status status = make_room(sys, memory, items_len + head_len);
    if (status != WB_OK) {
        return status;
    }
    struct wb_http_field *items = memory->bytes;
    uint8_t *text = (uint8_t *)memory->bytes + items_len;
    if (items_len != 0) {
        memcpy(items, wb_h1_parser_fields(parser, head).items, items_len);
    }
    memcpy(text, head.ptr, head_len);
    if (parser->options.allow_obs_fold) {
        unfold(text, items, parser->head.field_count);
    }
    *out_fields = (struct wb_http_fields){text, items, parser->head.field_count};
    return WB_OK;
}

enum wb_status wb__response_take_head(struct wb_http_client_response *response,
    const struct wb_h1_parser *parser, struct wb_bytes head) {
    const enum wb_status status =
        copy(response->sys, &response->head, parser, head, &response->fields);
    if (status == WB_OK) {
        response->status = parser->head.status;
        response->version = parser->head.version;
        response->reason =
            wb_bytes_from(response->fields.base + parser->head.reason_at, parser->head.reason_len);
    }
    return status;
}

enum wb_status wb__response_take_trailers(struct wb_http_client_response *response,
    const struct wb_h1_parser *parser, struct wb_bytes head, struct wb_http_fields *out_trailers) {
    return copy(response->sys, &response->trailers, parser, head, out_trailers);
}

void wb__response_make_up(struct wb_http_client_response *response) {
    response->status = 200;
    response->version = WB_HTTP_1_0;
    response->is_http_0_9 = true;
}
