/* Sending a request: its head goes into the buffer of the connection, and when the head of the
 * response is there it is taken from that. */
#include "http/client/h1.h"
#include "http/h1/title_case.h"

#include <assert.h>

#include "wb/uri.h"

enum stage {
    STAGE_NEW,
    STAGE_SENT,
};

static enum wb_progress fail(struct wb_h1_send *send, enum wb_http_error_kind kind,
    enum wb_status status, const char *detail) {
    send->error = (struct wb_http_error){.kind = kind, .status = status, .detail = detail};
    return wb_future_end(&send->future, status);
}

/* Nothing has happened yet. */
static enum wb_progress refuse(struct wb_h1_send *send, enum wb_http_error_kind kind,
    enum wb_status status, const char *detail) {
    send->is_unsent = true;
    return fail(send, kind, status, detail);
}

/* ---- the request ---- */

static bool has_element(struct wb_bytes list, const char *word) {
    struct wb_bytes element;
    while (wb_http_next_element(&list, &element)) {
        if (wb_http_equal_nocase(element, wb_bytes_from_string(word))) {
            return true;
        }
    }
    return false;
}

static bool has_word(struct wb_http_fields fields, enum wb_http_field_id id, const char *word) {
    bool is_named = false;
    size_t at = wb_http_fields_find_id(fields, id, 0);
    while (at < fields.count && !is_named) {
        is_named = has_element(wb_http_fields_value(fields, at), word);
        at = wb_http_fields_find_id(fields, id, at + 1);
    }
    return is_named;
}

/* HTTP/1.0 cannot (RFC 9110 section 7.8). */
static bool asks_for_upgrade(const struct wb_http_client_request *request) {
    const struct wb_http_fields fields = wb_http_field_list_view(&request->fields);
    return request->version != WB_HTTP_WANTED_1_0
           && has_word(fields, WB_HTTP_FIELD_CONNECTION, "upgrade")
           && wb_http_fields_find_id(fields, WB_HTTP_FIELD_UPGRADE, 0) < fields.count;
}

/* HTTP/1.0 has no interim responses (RFC 9110 section 10.1.1). */
static bool expects_continue(const struct wb_http_client_request *request) {
    return request->version != WB_HTTP_WANTED_1_0
           && has_word(
               wb_http_field_list_view(&request->fields), WB_HTTP_FIELD_EXPECT, "100-continue");
}

/* What CONNECT has is an authority, also where the application gave a URI. */
static struct wb_bytes target_of(const struct wb_h1_send *send, enum wb_http_method method) {
    struct wb_bytes target =
        send->target.len != 0 ? send->target : wb_http_client_request_target(send->request);
    const struct wb_bytes mark = wb_bytes_from_string("://");
    const size_t scheme_len = wb_bytes_find(target, mark);
    if (method == WB_HTTP_CONNECT && scheme_len != target.len) {
        target = wb_bytes_slice(target, scheme_len + mark.len, target.len);
        target.len = wb_bytes_find_byte(target, '/');
    }
    return target;
}

static struct wb_h1_content content_of(const struct wb_http_body *body) {
    const struct wb_http_size_hint hint = wb_http_body_size_hint(body);
    const struct wb_h1_content content = {
        .is_known = hint.has_upper && hint.lower == hint.upper, .len = hint.lower};
    return content;
}

static enum wb_status encode(
    struct wb_h1_send *send, const struct wb_h1_content *content, struct wb_h1_sent *out_sent) {
    struct wb__h1_client *client = send->client;
    struct wb_http_client_request *request = send->request;
    const struct wb_bytes method = wb_http_client_request_method(request);
    const struct wb_h1_request encoded = {.method = method,
        .target = target_of(send, wb_http_method_from(method)),
        .host = send->host,
        .version = request->version == WB_HTTP_WANTED_1_0 ? WB_HTTP_1_0 : WB_HTTP_1_1,
        .fields = wb_http_field_list_view(&request->fields),
        .content = *content,
        .keep_alive = !client->options.closes_after_one};
    const enum wb_status status = wb_h1_encode_request(&encoded, &client->out, out_sent);
    if (status == WB_OK && client->options.title_case) {
        wb__h1_title_case_head(client->out.ptr, client->out.len);
    }
    return status;
}

static const char *why_invalid(const struct wb_http_client_request *request) {
    return wb_http_client_request_target(request).len == 0
               ? "the request has no target"
               : "the request cannot be sent: target, Host or framing";
}

/* ---- handing it over ---- */

/* The next response is for this one. */
static void expect(struct wb_h1_send *send, const struct wb_h1_sent *sent) {
    struct wb__h1_client *client = send->client;
    struct wb__h1c_shared *shared = &client->shared;
    shared->asked = (struct wb_h1_asked){
        .method = wb_http_method_from(wb_http_client_request_method(send->request)),
        .upgrade = asks_for_upgrade(send->request)};
    shared->reading = WB__H1C_HEAD;
    shared->wants_interim = send->on_interim != NULL;
    shared->wants_data = false;
    shared->drains = false;
    shared->was_asked = false;
    shared->request_count++;
    shared->holds_content = false;
    shared->refuses_content = false;
    shared->has_looked = false;
    shared->has_begun = false;
    shared->is_sent = false;
    shared->has_response = false;
    shared->keep_alive = sent->keep_alive;
    shared->interim_count = 0;
    shared->drained = 0;
    shared->is_http_0_9 = false;
    wb__h1c_expect_head(client);
}

static bool is_sent_with(const struct wb_h1_sent *sent, const struct wb_http_body *body) {
    return body != NULL && sent->body != WB_H1_BODY_NONE;
}

static void set_out(struct wb_h1_send *send, const struct wb_h1_sent *sent) {
    struct wb__h1_client *client = send->client;
    struct wb_http_client_request *request = send->request;
    wb_h1_body_writer_init(&client->outgoing.writer, sent->body, sent->content_length);
    client->outgoing.piece = wb_bytes_from(NULL, 0);
    client->outgoing.needs_suffix = false;
    if (is_sent_with(sent, request->body)) {
        client->outgoing.request = request; /* with the content's lock: else it stays NULL */
        client->shared.holds_content = expects_continue(request);
    }
    client->shared.left_out_content = sent->leaves_out_content && request->body != NULL;
}

/* The request keeps the connection in mind as long as that may have its body. */
static void remember(struct wb_http_client_request *request, struct wb__h1_client *client) {
    if (request->client != client) {
        if (request->client != NULL) {
            wb__h1c_release(request->client);
        }
        request->client = wb__h1c_acquire(client);
    }
}

/* Under both locks. */
static enum wb_status hand_over(struct wb_h1_send *send, struct wb__h1c_after *after) {
    struct wb__h1_client *client = send->client;
    const struct wb_h1_content content = content_of(send->request->body);
    struct wb_h1_sent sent;
    if (client->shared.life != WB__H1C_OPEN || !client->shared.has_sender) {
        return WB_ERR_CLOSED;
    }
    if (client->shared.reading != WB__H1C_IDLE) {
        return WB_WOULD_BLOCK;
    }
    const enum wb_status status = encode(send, &content, &sent);
    if (status == WB_OK) {
        expect(send, &sent);
        set_out(send, &sent);
        wb__h1c_wake_connection(client, after);
    }
    return status;
}

static enum wb_progress wait_or_refuse(
    struct wb_h1_send *send, struct wb_context *context, struct wb__h1c_after *after) {
    struct wb__h1_client *client = send->client;
    if (!send->waits) {
        wb__h1c_leave(client, after);
        return refuse(send, WB_HTTP_ERROR_CANCELLED, WB_ERR_FULL, "another request is under way");
    }
    struct wb_task_waker replaced =
        wb__wait_queue_enter(&client->shared.readying, &send->waiter, context->waker);
    wb__h1c_leave(client, after);
    wb_task_waker_drop(&replaced);
    return WB_PENDING;
}

static enum wb_progress begin_locked(struct wb_h1_send *send, struct wb_context *context) {
    struct wb__h1_client *client = send->client;
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    const enum wb_status status = hand_over(send, &after);
    if (status == WB_WOULD_BLOCK) {
        return wait_or_refuse(send, context, &after);
    }
    struct wb_task_waker waker = wb__waiter_leave(&send->waiter);
    if (status == WB_OK) {
        send->stage = STAGE_SENT;
        wb__h1c_listen(&after, &client->shared.user, context);
    }
    wb__h1c_leave(client, &after);
    wb_task_waker_drop(&waker);
    if (status == WB_ERR_CLOSED) {
        return refuse(send, WB_HTTP_ERROR_CLOSED, status, NULL);
    }
    return status == WB_OK ? WB_PENDING
                           : refuse(send, WB_HTTP_ERROR_USER, status,
                               status == WB_ERR_INVALID ? why_invalid(send->request) : NULL);
}

/* Who waits for its turn does not ask for the content's lock: whoever has the turn may use it.
 * False: there is nobody to wait for. */
static bool is_queued(
    struct wb_h1_send *send, struct wb_context *context, enum wb_progress *out_progress) {
    struct wb__h1_client *client = send->client;
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    if (client->shared.life != WB__H1C_OPEN || client->shared.reading == WB__H1C_IDLE) {
        wb__h1c_leave(client, &after);
        return false;
    }
    *out_progress = wait_or_refuse(send, context, &after);
    return true;
}

static enum wb_progress begin_with_content(struct wb_h1_send *send, struct wb_context *context) {
    struct wb__h1_client *client = send->client;
    struct wb_http_client_request *request = send->request;
    enum wb_progress progress;
    if (request->client != NULL && !wb__h1c_is_done_with(request->client, request, context)) {
        return refuse(send, WB_HTTP_ERROR_USER, WB_ERR_INVALID, "the content is still being sent");
    }
    if (is_queued(send, context, &progress)) {
        return progress;
    }
    wb__lock_enter(&client->outgoing.lock);
    progress = begin_locked(send, context);
    const bool has_content = client->outgoing.request == request;
    wb__lock_leave(&client->outgoing.lock);
    if (send->stage == STAGE_SENT && has_content) {
        remember(request, client);
    } else if (send->stage == STAGE_SENT) {
        wb_http_body_drop(request->body);
    }
    return progress;
}

static enum wb_progress begin(struct wb_h1_send *send, struct wb_context *context) {
    if (send->request->version == WB_HTTP_WANTED_0_9) {
        return refuse(send, WB_HTTP_ERROR_USER, WB_ERR_NOT_SUPPORTED, "no request of HTTP/0.9");
    }
    return send->request->body == NULL ? begin_locked(send, context)
                                       : begin_with_content(send, context);
}

/* ---- the response ---- */

/* The interim head stays where it is: nobody reads before it was used. */
static void show_interim(struct wb_h1_send *send, struct wb__h1c_after *after) {
    struct wb__h1_client *client = send->client;
    const struct wb_h1_parser *parser = &client->shared.parser;
    const struct wb_bytes head = wb__h1c_unused(client);
    const struct wb_http_interim interim = {.status = parser->head.status,
        .reason = wb_bytes_from(head.ptr + parser->head.reason_at, parser->head.reason_len),
        .fields = wb_h1_parser_fields(parser, head)};
    wb__h1c_leave(client, after);
    send->on_interim(&interim, send->user_data);
    wb__h1c_enter(client, after);
    wb__h1c_use(client, parser->head.head_len);
    wb__h1c_expect_head(client);
    client->shared.reading = WB__H1C_HEAD;
    if (client->shared.life != WB__H1C_OPEN) {
        return; /* it was closed meanwhile: what was read ahead is nobody's any more */
    }
    wb__h1c_parse_heads(client, after);
    wb__h1c_wake_connection(client, after);
}

/* What follows the head is read from now on. */
static void begin_content(struct wb_h1_send *send, struct wb__h1c_after *after) {
    struct wb__h1_client *client = send->client;
    struct wb__h1c_shared *shared = &client->shared;
    const struct wb_h1_head *head = &shared->parser.head;
    wb__h1c_use(client, head->head_len);
    shared->keep_alive = shared->keep_alive && head->keep_alive;
    if (head->body == WB_H1_BODY_NONE) {
        shared->reading = WB__H1C_DONE;
        wb__h1c_settle(client, after);
        return;
    }
    if (head->body != WB_H1_BODY_TUNNEL) {
        shared->reading = WB__H1C_BODY;
        wb_h1_body_reader_init(&shared->reader, head->body, head->content_length);
    }
    wb__response_set_incoming(send->response, wb__h1c_acquire(client));
}

static enum wb_status take_head(struct wb_h1_send *send, struct wb__h1c_after *after) {
    struct wb__h1_client *client = send->client;
    struct wb_http_client_response *response = send->response;
    if (client->shared.is_http_0_9) {
        wb__response_make_up(response);
    } else {
        const enum wb_status status =
            wb__response_take_head(response, &client->shared.parser, wb__h1c_unused(client));
        if (status != WB_OK) {
            wb__h1c_close(client, after, WB_HTTP_ERROR_IO, status, NULL, 0);
            return status;
        }
    }
    response->left_out_content = client->shared.left_out_content;
    begin_content(send, after);
    return WB_OK;
}

/* The final response, or the end of the connection; WB_WOULD_BLOCK: neither is there. */
static enum wb_status take_what_came(
    struct wb_h1_send *send, struct wb_context *context, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &send->client->shared;
    send->has_response_begun = shared->has_response;
    if (shared->reading == WB__H1C_HEAD_READY) {
        const enum wb_status status = take_head(send, after);
        send->error = (struct wb_http_error){
            .kind = status == WB_OK ? WB_HTTP_ERROR_NONE : WB_HTTP_ERROR_IO, .status = status};
        return status;
    }
    if (shared->life != WB__H1C_OPEN) {
        send->error = shared->error;
        send->is_unsent = shared->is_unsent;
        return shared->error.status;
    }
    wb__h1c_listen(after, &shared->user, context);
    return WB_WOULD_BLOCK;
}

/* One interim response a poll: who has no room for more of them leaves them here. */
static enum wb_progress receive(struct wb_h1_send *send, struct wb_context *context) {
    struct wb__h1_client *client = send->client;
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    if (wb__h1c_has_interim(client)) {
        show_interim(send, &after);
    }
    const bool is_more_to_show = wb__h1c_has_interim(client);
    const enum wb_status status =
        is_more_to_show ? WB_WOULD_BLOCK : take_what_came(send, context, &after);
    wb__h1c_leave(client, &after);
    if (is_more_to_show) {
        wb_context_wake(context);
    }
    return status == WB_WOULD_BLOCK ? WB_PENDING : wb_future_end(&send->future, status);
}

/* ---- the future ---- */

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_h1_send *send = WB_FUTURE_OF(future, struct wb_h1_send, future);
    if (send->stage == STAGE_SENT) {
        return receive(send, context);
    }
    wb__response_begin(send->response);
    return begin(send, context);
}

/* Nobody waits for the response any more: what is under way is not worth going on with. */
static void abandon(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    wb__h1c_close(client, &after, WB_HTTP_ERROR_CANCELLED, WB_ERR_CANCELLED, NULL, 0);
    wb__h1c_leave(client, &after);
}

static bool has_ended_well(const struct wb_future *future) {
    return wb_future_is_over(future) && future->status == WB_OK;
}

static void send_drop(struct wb_future *future) {
    struct wb_h1_send *send = WB_FUTURE_OF(future, struct wb_h1_send, future);
    struct wb__h1_client *client = send->client;
    wb__waiter_give_up(&send->waiter, &client->lock);
    if (send->stage == STAGE_SENT && !has_ended_well(future)) {
        abandon(client);
        wb__h1c_drop_content(client);
    }
    wb__h1c_release(client);
}

static const struct wb_future_ops send_ops = {
    .size = sizeof(struct wb_h1_send),
    .offset = offsetof(struct wb_h1_send, future),
    .poll = send_poll,
    .drop = send_drop,
};

void wb_h1_send_init(struct wb_h1_send *send, const struct wb_h1_sender *sender,
    struct wb_http_client_request *request, struct wb_http_client_response *response) {
    assert(sender->client != NULL);
    *send = (struct wb_h1_send){.client = wb__h1c_acquire(sender->client),
        .request = request,
        .response = response,
        .waits = true};
    wb_future_init(&send->future, &send_ops);
}

void wb_h1_try_send_init(struct wb_h1_send *send, const struct wb_h1_sender *sender,
    struct wb_http_client_request *request, struct wb_http_client_response *response) {
    wb_h1_send_init(send, sender, request, response);
    send->waits = false;
}

void wb_h1_send_set_target(struct wb_h1_send *send, struct wb_bytes target, struct wb_bytes host) {
    send->target = target;
    send->host = host;
}

void wb_h1_send_on_interim(
    struct wb_h1_send *send, wb_http_interim_fn on_interim, void *user_data) {
    send->on_interim = on_interim;
    send->user_data = user_data;
}
