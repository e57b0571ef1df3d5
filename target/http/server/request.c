/* A parsed head as services see it. */
#include "http/server/conn.h"

#include <string.h>

static struct wb_bytes part(struct wb_bytes bytes, size_t start, size_t end) {
    return wb_bytes_from(bytes.ptr + start, end - start);
}

/* Path and query of the target from `start` on. */
static void show_path(struct wb_http_request *request, size_t start) {
    const struct wb_bytes target = request->target;
    const uint8_t *const from = target.ptr + start;
    const size_t len = target.len - start;
    const uint8_t *const mark = memchr(from, '?', len);
    if (mark == NULL) {
        request->path = wb_bytes_from(from, len);
        return;
    }
    request->path = wb_bytes_from(from, (size_t)(mark - from));
    request->has_query = true;
    request->query = part(target, (size_t)(mark - target.ptr) + 1, target.len);
}

/* scheme://authority/path?query; whatever stands in Host means nothing beside it (RFC 9112 section
 * 3.2.2). The parser has seen to it that there is all of it but the path. */
static void show_absolute(struct wb_http_request *request) {
    const struct wb_bytes target = request->target;
    const size_t scheme_end = wb_bytes_find(target, wb_bytes_from("://", 3));
    const size_t start = scheme_end + 3;
    size_t end = start;
    while (end < target.len && target.ptr[end] != '/' && target.ptr[end] != '?') {
        end++;
    }
    request->scheme = part(target, 0, scheme_end);
    request->authority = part(target, start, end);
    show_path(request, end);
    if (request->path.len == 0) {
        request->path = wb_bytes_from("/", 1);
    }
}

static struct wb_bytes host_of(struct wb_http_fields fields) {
    for (size_t i = 0; i < fields.count; i++) {
        const struct wb_http_field *field = &fields.items[i];
        if (field->id == WB_HTTP_FIELD_HOST) {
            return wb_bytes_from(fields.base + field->value_at, field->value_len);
        }
    }
    return wb_bytes_from(NULL, 0);
}

static void show_origin(struct wb_http_request *request) {
    request->authority = host_of(request->fields);
    show_path(request, 0);
}

/* Apart, since nearly all are of the first form. */
__attribute__((noinline)) static void show_target(
    struct wb_http_request *request, enum wb_h1_target_form form) {
    switch (form) {
    case WB_H1_TARGET_ORIGIN:
        show_origin(request);
        break;
    case WB_H1_TARGET_ABSOLUTE:
        show_absolute(request);
        break;
    case WB_H1_TARGET_AUTHORITY:
        request->authority = request->target;
        request->path = wb_bytes_from(NULL, 0);
        break;
    case WB_H1_TARGET_ASTERISK:
        request->authority = host_of(request->fields);
        request->path = request->target;
        break;
    }
}

void wb__h1_show_request(struct wb__h1_server *self, struct wb_bytes head_bytes) {
    const struct wb_h1_head *head = &self->parser.head;
    struct wb_http_request *request = &self->request;
    const bool is_1_1 = head->version == WB_HTTP_1_1;
    request->method = head->method;
    request->version = head->version;
    request->method_name = wb_bytes_from(head_bytes.ptr + head->method_at, head->method_len);
    request->target = wb_bytes_from(head_bytes.ptr + head->target_at, head->target_len);
    request->scheme = request->query = wb_bytes_from(NULL, 0);
    request->has_query = false;
    request->wants_upgrade = head->wants_upgrade;
    request->takes_trailers = head->takes_trailers && is_1_1;
    request->fields = (struct wb_http_fields){head_bytes.ptr, self->fields, head->field_count};
    request->body = &self->incoming.body;
    request->connection = &self->connection;
    request->send_interim = is_1_1 ? wb__h1_send_interim : NULL;
    request->takes_interim = is_1_1 ? wb__h1_takes_interim : NULL;
    if (head->target_form == WB_H1_TARGET_ORIGIN) {
        show_origin(request);
    } else {
        show_target(request, head->target_form);
    }
}
