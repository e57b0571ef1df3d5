/* What the connection's task reads, and what it means where the response is. */
#include "http/client/h1.h"

#include <string.h>

/* ---- heads ---- */

void wb__h1c_expect_head(struct wb__h1_client *client) {
    wb_h1_parser_init(&client->shared.parser, WB_H1_RESPONSE, &client->options.head,
        &client->shared.asked, client->fields, client->options.fields_max);
}

static enum wb_http_error_kind kind_of(enum wb_h1_error error) {
    switch ((int)error) {
    case WB_H1_ERROR_TOO_LARGE:
    case WB_H1_ERROR_TOO_MANY_FIELDS:
        return WB_HTTP_ERROR_TOO_LARGE;
    case WB_H1_ERROR_STATUS:
        return WB_HTTP_ERROR_STATUS;
    default:
        return WB_HTTP_ERROR_PARSE;
    }
}

static void refuse_head(struct wb__h1_client *client, struct wb__h1c_after *after) {
    const struct wb_h1_parser *parser = &client->shared.parser;
    wb__h1c_close(client, after, kind_of(parser->error), WB_ERR_PARSE,
        wb_h1_error_text(parser->error), parser->error_at);
}

/* Bytes that cannot become the head of HTTP/1 are the content of HTTP/0.9. */
static bool is_headless(const struct wb__h1_client *client, struct wb_bytes input) {
    static const char name[] = "HTTP/";
    const size_t len = input.len < sizeof name - 1 ? input.len : sizeof name - 1;
    return client->options.allow_http_0_9 && client->shared.interim_count == 0
           && memcmp(input.ptr, name, len) != 0;
}

static void begin_without_head(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    shared->is_http_0_9 = true;
    shared->holds_content = false;
    shared->parser.head = (struct wb_h1_head){.body = WB_H1_BODY_UNTIL_CLOSE};
    shared->reading = WB__H1C_HEAD_READY;
    wb__h1c_wake_user(client, after);
}

/* A final response: 2xx may take what follows as it comes, and nobody else wants it (RFC 9110
 * section 10.1.1); nor does who will close (RFC 9112 section 9.5). What was announced and is not
 * sent leaves the connection of no use. */
static void decide_about_content(struct wb__h1_client *client, unsigned code) {
    struct wb__h1c_shared *shared = &client->shared;
    const bool is_held = shared->holds_content;
    shared->holds_content = false;
    if (code / 100 == 2 || shared->is_sent || !(is_held || !shared->parser.head.keep_alive)) {
        return;
    }
    shared->refuses_content = true;
    shared->left_out_content = shared->left_out_content || is_held;
    shared->keep_alive = false;
}

/* True: there may be another head behind it. */
static bool pass_interim(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->interim_count++ == client->options.interim_max) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_TOO_LARGE, WB_ERR_LIMIT,
            "there are too many interim responses", 0);
        return false;
    }
    if (shared->parser.head.status == 100) {
        shared->holds_content = false;
    }
    if (shared->wants_interim) {
        shared->reading = WB__H1C_HEAD_READY;
        wb__h1c_wake_user(client, after);
        return false;
    }
    wb__h1c_use(client, shared->parser.head.head_len);
    wb__h1c_expect_head(client);
    return true;
}

/* The stream is somebody else's from here on: the task must have written everything. */
static void pass_final(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->parser.head.body == WB_H1_BODY_TUNNEL) {
        if (!shared->is_sent) {
            wb__h1c_close(client, after, WB_HTTP_ERROR_UNEXPECTED_MESSAGE, WB_ERR_PARSE,
                "protocols were switched before the request was complete", 0);
            return;
        }
        shared->life = WB__H1C_SWITCHED;
        after->wakes_readying = true;
        wb__h1c_wake_connection(client, after);
    }
    decide_about_content(client, shared->parser.head.status);
    shared->reading = WB__H1C_HEAD_READY;
    wb__h1c_wake_user(client, after);
}

void wb__h1c_parse_heads(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    for (bool may_be_more = true; may_be_more;) {
        const struct wb_bytes input = wb__h1c_unused(client);
        if (is_headless(client, input)) {
            begin_without_head(client, after);
            return;
        }
        const enum wb_status status = wb_h1_parse(&shared->parser, input);
        if (status == WB_WOULD_BLOCK) {
            return;
        }
        if (status != WB_OK) {
            refuse_head(client, after);
            return;
        }
        const unsigned code = shared->parser.head.status;
        may_be_more = false;
        if (code / 100 == 1 && code != 101) {
            may_be_more = pass_interim(client, after);
        } else {
            pass_final(client, after);
        }
    }
}

/* ---- bytes, by where the response is ---- */

/* There is more of the content, or no more. */
static void tell_reader(struct wb__h1_client *client, struct wb__h1c_after *after) {
    client->shared.wants_data = false;
    if (client->shared.drains) {
        wb__h1c_drain(client, after);
    } else {
        wb__h1c_wake_user(client, after);
    }
}

static void take_bytes(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    switch (shared->reading) {
    case WB__H1C_HEAD:
        if (shared->has_begun) {
            shared->has_response = true;
            wb__h1c_parse_heads(client, after);
            return;
        }
        break; /* what comes before the request was written is not its response */
    case WB__H1C_BODY:
    case WB__H1C_TRAILERS:
        tell_reader(client, after);
        return;
    case WB__H1C_IDLE:
    case WB__H1C_HEAD_READY:
    case WB__H1C_DONE:
        break;
    }
    wb__h1c_close(client, after, WB_HTTP_ERROR_UNEXPECTED_MESSAGE, WB_ERR_PARSE, NULL, 0);
}

/* The stream has ended in the midst of a head: why we could not write is the better reason. */
static void end_head(
    struct wb__h1_client *client, struct wb__h1c_after *after, enum wb_status status) {
    const struct wb__h1c_shared *shared = &client->shared;
    if (!shared->has_begun) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_CLOSED, WB_ERR_CLOSED, NULL, 0);
    } else if (shared->is_write_over) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_IO, shared->write_status, NULL, 0);
    } else if (status != WB_EOF) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_IO, status, NULL, 0);
    } else {
        wb__h1c_close_incomplete(client, after);
    }
}

static void take_end(
    struct wb__h1_client *client, struct wb__h1c_after *after, enum wb_status status) {
    struct wb__h1c_shared *shared = &client->shared;
    shared->is_read_over = true;
    switch (shared->reading) {
    case WB__H1C_HEAD:
        end_head(client, after, status);
        return;
    case WB__H1C_BODY:
    case WB__H1C_TRAILERS:
        if (status != WB_EOF) {
            wb__h1c_close(client, after, WB_HTTP_ERROR_IO, status, NULL, 0);
        }
        tell_reader(client, after);
        return;
    case WB__H1C_IDLE:
    case WB__H1C_HEAD_READY:
    case WB__H1C_DONE:
        wb__h1c_close(client, after, WB_HTTP_ERROR_CLOSED, WB_ERR_CLOSED, NULL, 0);
        return;
    }
}

/* ---- reading ---- */

static bool wants_to_read(const struct wb__h1c_shared *shared) {
    if (shared->life != WB__H1C_OPEN || shared->is_read_over) {
        return false;
    }
    switch (shared->reading) {
    case WB__H1C_IDLE:
    case WB__H1C_HEAD:
        return true;
    case WB__H1C_BODY:
    case WB__H1C_TRAILERS:
        return shared->wants_data || shared->drains;
    case WB__H1C_HEAD_READY:
    case WB__H1C_DONE:
        return false;
    }
    return false;
}

/* Twice as much, for heads and trailers that are longer: the parser has an upper limit for them. */
static enum wb_status grow(struct wb__h1_client *client) {
    struct wb__h1c_shared *shared = &client->shared;
    const size_t capacity = shared->in_capacity * 2;
    uint8_t *in = WB_SYS(client->sys, resize, shared->in, shared->in_capacity, capacity);
    if (in == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    shared->in = in;
    shared->in_capacity = capacity;
    return WB_OK;
}

/* Nothing in the buffer is shown to anybody when something is read. */
static enum wb_status make_room(struct wb__h1_client *client) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->in_at == shared->in_end) {
        shared->in_at = 0;
        shared->in_end = 0;
    }
    if (shared->in_end < shared->in_capacity) {
        return WB_OK;
    }
    if (shared->in_at == 0) {
        return grow(client);
    }
    const struct wb_bytes unused = wb__h1c_unused(client);
    memmove(shared->in, unused.ptr, unused.len);
    shared->in_at = 0;
    shared->in_end = unused.len;
    return WB_OK;
}

/* Whether there is something to read, and where to. */
static bool prepare(
    struct wb__h1_client *client, struct wb_context *context, uint8_t **out_at, size_t *out_room) {
    struct wb__h1c_shared *shared = &client->shared;
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    wb__h1c_listen(&after, &shared->connection, context);
    bool wants = wants_to_read(shared);
    if (wants && make_room(client) != WB_OK) {
        wb__h1c_close(client, &after, WB_HTTP_ERROR_IO, WB_ERR_NO_MEMORY, NULL, 0);
        wants = false;
    }
    *out_at = shared->in + shared->in_end;
    *out_room = shared->in_capacity - shared->in_end;
    wb__h1c_leave(client, &after);
    return wants;
}

static void take_in(struct wb__h1_client *client, enum wb_status status, size_t len) {
    struct wb__h1c_shared *shared = &client->shared;
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    if (shared->life == WB__H1C_OPEN && status == WB_OK) {
        shared->in_end += len;
        take_bytes(client, &after);
    } else if (shared->life == WB__H1C_OPEN) {
        take_end(client, &after, status);
    }
    wb__h1c_leave(client, &after);
}

/* There is nothing to read: a request may be written, and nobody waits for what nobody wants. */
static enum wb__h1c_step find_nothing(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    const bool drains = client->shared.drains;
    client->shared.has_looked = true;
    if (drains) {
        wb__h1c_close(client, &after, WB_HTTP_ERROR_CLOSED, WB_ERR_CLOSED, NULL, 0);
    }
    wb__h1c_leave(client, &after);
    return drains ? WB__H1C_MOVED : WB__H1C_WAITS;
}

enum wb__h1c_step wb__h1c_read_step(struct wb__h1_client *client, struct wb_context *context) {
    uint8_t *at;
    size_t room;
    size_t len = 0;
    enum wb_status status = WB_OK;
    if (!prepare(client, context, &at, &room)) {
        return WB__H1C_WAITS;
    }
    if (wb_async_poll_read(client->io.stream.read, context, at, room, &status, &len)
        == WB_PENDING) {
        return find_nothing(client);
    }
    client->reads++;
    take_in(client, status, len);
    return WB__H1C_MOVED;
}
