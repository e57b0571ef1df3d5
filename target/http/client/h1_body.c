/* The content of the response, as its user reads it: decoded where it lies in the buffer. */
#include "http/client/h1.h"

/* ---- decoding, under the lock ---- */

static void use_all_but(struct wb__h1_client *client, size_t rest_len) {
    client->shared.in_at = client->shared.in_end - rest_len;
}

enum wb_status wb__h1c_next_data(
    struct wb__h1_client *client, struct wb__h1c_after *after, struct wb_bytes *out_data) {
    struct wb_h1_body_reader *reader = &client->shared.reader;
    struct wb_bytes input = wb__h1c_unused(client);
    const size_t len = input.len;
    const enum wb_status status = wb_h1_body_read(reader, &input, out_data);
    use_all_but(client, input.len);
    if (status == WB_ERR_PARSE) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_PARSE, status,
            wb_h1_body_error_text(reader->error), len - input.len);
    } else if (status == WB_EOF && reader->body == WB_H1_BODY_CHUNKED) {
        wb_h1_parser_init(&client->shared.parser, WB_H1_TRAILERS,
            &(struct wb_h1_head_options){.head_len_max = WB_H1_TRAILERS_LEN_MAX}, NULL,
            client->fields, client->options.fields_max);
        client->shared.reading = WB__H1C_TRAILERS;
    }
    return status;
}

enum wb_status wb__h1c_next_trailers(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb_h1_parser *parser = &client->shared.parser;
    const enum wb_status status = wb_h1_parse(parser, wb__h1c_unused(client));
    if (status == WB_ERR_PARSE) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_PARSE, status, wb_h1_error_text(parser->error),
            parser->error_at);
    }
    return status;
}

static void be_done(struct wb__h1_client *client, struct wb__h1c_after *after) {
    client->shared.reading = WB__H1C_DONE;
    client->shared.drains = false;
    wb__h1c_settle(client, after);
}

/* ---- nobody reads on ---- */

static enum wb_status throw_data_away(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb_bytes data;
    enum wb_status status = WB_OK;
    while (client->shared.reading != WB__H1C_TRAILERS && status == WB_OK) {
        status = wb__h1c_next_data(client, after, &data);
        const uint32_t room = client->options.drain_len_max - client->shared.drained;
        if (status == WB_OK && data.len > room) {
            return WB_ERR_LIMIT;
        }
        client->shared.drained += status == WB_OK ? (uint32_t)data.len : 0;
    }
    return status;
}

static enum wb_status throw_away(struct wb__h1_client *client, struct wb__h1c_after *after) {
    const enum wb_status status = throw_data_away(client, after);
    if (client->shared.reading != WB__H1C_TRAILERS) {
        return status;
    }
    const enum wb_status trailers = wb__h1c_next_trailers(client, after);
    if (trailers == WB_OK) {
        wb__h1c_use(client, client->shared.parser.head.head_len);
    }
    return trailers == WB_OK ? WB_EOF : trailers;
}

/* Whether the connection could be used again if the rest were gone. */
static bool is_worthwhile(const struct wb__h1_client *client) {
    uint64_t left;
    const bool is_known = wb_h1_body_left(&client->shared.reader, &left);
    const bool is_endless = client->shared.reader.body == WB_H1_BODY_UNTIL_CLOSE;
    return client->shared.keep_alive && client->shared.has_sender && !is_endless
           && !(is_known && left > client->options.drain_len_max);
}

void wb__h1c_drain(struct wb__h1_client *client, struct wb__h1c_after *after) {
    const enum wb_status status =
        is_worthwhile(client) ? throw_away(client, after) : WB_ERR_CANCELLED;
    if (status == WB_EOF) {
        be_done(client, after);
    } else if (status == WB_WOULD_BLOCK && !client->shared.is_read_over) {
        client->shared.drains = true;
        wb__h1c_wake_connection(client, after);
    } else {
        wb__h1c_close(client, after, WB_HTTP_ERROR_CANCELLED, WB_ERR_CANCELLED, NULL, 0);
    }
}

/* ---- the body ---- */

static struct wb__h1c_incoming *incoming_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct wb__h1c_incoming, body);
}

static struct wb_http_client_response *response_of(struct wb__h1c_incoming *incoming) {
    return WB_FUTURE_OF(incoming, struct wb_http_client_response, incoming);
}

static const struct wb__h1c_incoming *incoming_of_const(const struct wb_http_body *body) {
    const void *at = (const char *)body - offsetof(struct wb__h1c_incoming, body);
    return at;
}

static bool is_tunnel(const struct wb__h1_client *client) {
    return client->shared.reading == WB__H1C_HEAD_READY;
}

static enum wb_status show_trailers(struct wb__h1c_incoming *incoming, struct wb__h1c_after *after,
    struct wb_http_frame *out_frame) {
    struct wb__h1_client *client = incoming->client;
    const struct wb_h1_parser *parser = &client->shared.parser;
    enum wb_status status = wb__h1c_next_trailers(client, after);
    if (status != WB_OK) {
        return status;
    }
    if (parser->head.field_count == 0) {
        status = WB_EOF;
    } else {
        status = wb__response_take_trailers(
            response_of(incoming), parser, wb__h1c_unused(client), &out_frame->trailers);
        out_frame->is_trailers = true;
    }
    if (status == WB_ERR_NO_MEMORY) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_IO, status, NULL, 0);
        return status;
    }
    wb__h1c_use(client, parser->head.head_len);
    be_done(client, after);
    return status;
}

/* All that was read comes before what ended the reading. */
static enum wb_status end_of_bytes(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->life != WB__H1C_OPEN) {
        return shared->error.status;
    }
    if (!shared->is_read_over) {
        return WB_WOULD_BLOCK;
    }
    if (shared->reading == WB__H1C_BODY && wb_h1_body_end(&shared->reader) == WB_EOF) {
        be_done(client, after);
        return WB_EOF;
    }
    wb__h1c_close_incomplete(client, after);
    return WB_ERR_UNEXPECTED_EOF;
}

static enum wb_status next_frame(struct wb__h1c_incoming *incoming, struct wb__h1c_after *after,
    struct wb_http_frame *out_frame) {
    struct wb__h1_client *client = incoming->client;
    enum wb_status status = WB_WOULD_BLOCK;
    if (is_tunnel(client)) {
        return WB_EOF;
    }
    if (client->shared.life == WB__H1C_TAKEN) {
        return client->shared.error.status; /* what was read is the stream's new owner's */
    }
    if (client->shared.reading == WB__H1C_BODY) {
        status = wb__h1c_next_data(client, after, &out_frame->data);
        if (status == WB_EOF && client->shared.reading == WB__H1C_BODY) {
            be_done(client, after);
            return WB_EOF;
        }
    }
    if (client->shared.reading == WB__H1C_TRAILERS) {
        status = show_trailers(incoming, after, out_frame);
    }
    return status == WB_WOULD_BLOCK ? end_of_bytes(client, after) : status;
}

static void detach(struct wb__h1c_incoming *incoming) {
    struct wb__h1_client *client = incoming->client;
    incoming->client = NULL;
    wb__h1c_release(client);
}

static enum wb_progress incoming_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb__h1c_incoming *incoming = incoming_of(body);
    struct wb__h1_client *client = incoming->client;
    struct wb__h1c_after after;
    if (client == NULL) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__h1c_enter(client, &after);
    const enum wb_status status = next_frame(incoming, &after, out_frame);
    const bool is_data = status == WB_OK && !out_frame->is_trailers;
    const bool stays = is_data || is_tunnel(client);
    if (status == WB_WOULD_BLOCK) {
        client->shared.wants_data = true;
        wb__h1c_listen(&after, &client->shared.user, context);
        wb__h1c_wake_connection(client, &after);
    } else if (wb_status_is_error(status)) {
        response_of(incoming)->error = client->shared.error;
    }
    wb__h1c_leave(client, &after);
    if (status == WB_WOULD_BLOCK) {
        return WB_PENDING;
    }
    if (!stays) {
        detach(incoming);
    }
    *out_status = status;
    return WB_READY;
}

static bool incoming_is_end(const struct wb_http_body *body) {
    struct wb__h1_client *client = incoming_of_const(body)->client;
    uint64_t left = 1;
    if (client == NULL) {
        return true;
    }
    wb__lock_enter(&client->lock);
    const bool is_end = is_tunnel(client)
                        || (client->shared.reading == WB__H1C_BODY
                            && wb_h1_body_left(&client->shared.reader, &left) && left == 0);
    wb__lock_leave(&client->lock);
    return is_end;
}

static struct wb_http_size_hint incoming_size_hint(const struct wb_http_body *body) {
    struct wb__h1_client *client = incoming_of_const(body)->client;
    struct wb_http_size_hint hint = {.has_upper = client == NULL};
    uint64_t left;
    if (client == NULL) {
        return hint;
    }
    wb__lock_enter(&client->lock);
    if (client->shared.reading == WB__H1C_BODY && wb_h1_body_left(&client->shared.reader, &left)
        && client->shared.reader.body == WB_H1_BODY_LENGTH) {
        hint = (struct wb_http_size_hint){.lower = left, .upper = left, .has_upper = true};
    }
    wb__lock_leave(&client->lock);
    return hint;
}

static void incoming_drop(struct wb_http_body *body) {
    struct wb__h1c_incoming *incoming = incoming_of(body);
    struct wb__h1_client *client = incoming->client;
    struct wb_http_io io = {0};
    struct wb__h1c_after after;
    if (client == NULL) {
        return;
    }
    wb__h1c_enter(client, &after);
    if (client->shared.life == WB__H1C_SWITCHED) {
        client->shared.life = WB__H1C_TAKEN;
        io = client->io;
        client->io = (struct wb_http_io){0};
    } else if (client->shared.life == WB__H1C_OPEN) {
        wb__h1c_drain(client, &after);
    }
    const bool is_over = client->shared.life != WB__H1C_OPEN;
    wb__h1c_leave(client, &after);
    wb_http_io_close(&io);
    if (is_over) {
        wb__h1c_drop_content(client);
    }
    detach(incoming);
}

static const struct wb_http_body_ops incoming_ops = {
    .poll_frame = incoming_poll_frame,
    .is_end = incoming_is_end,
    .size_hint = incoming_size_hint,
    .drop = incoming_drop,
};

void wb__response_set_incoming(
    struct wb_http_client_response *response, struct wb__h1_client *client) {
    wb_http_body_init(&response->incoming.body, &incoming_ops);
    response->incoming.client = client;
    response->body = &response->incoming.body;
}
