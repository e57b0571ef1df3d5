/* The life of a connection, and its sender. */
#include "http/client/h1.h"

#include <assert.h>

enum { OUT_LEN = 1024 };

/* ---- life ---- */

static size_t fields_size(const struct wb__h1_client *client) {
    return client->options.fields_max * sizeof(struct wb_http_field);
}

static void destroy(struct wb__h1_client *client) {
    const struct wb_sys *sys = client->sys;
    wb_http_io_close(&client->io);
    wb_task_waker_drop(&client->shared.connection);
    wb_task_waker_drop(&client->shared.user);
    wb_task_waker_drop(&client->outgoing.waiting);
    wb_bytes_mut_release(&client->out);
    wb__lock_clean_up(&client->lock);
    wb__lock_clean_up(&client->outgoing.lock);
    if (client->shared.in != NULL) {
        WB_SYS(sys, free, client->shared.in, client->shared.in_capacity);
    }
    if (client->fields != NULL) {
        WB_SYS(sys, free, client->fields, fields_size(client));
    }
    void (*const on_destroy)(void *user_data) = client->on_destroy;
    void *user_data = client->user_data;
    WB_SYS(sys, free, client, sizeof(*client));
    if (on_destroy != NULL) {
        on_destroy(user_data);
    }
}

struct wb__h1_client *wb__h1c_acquire(struct wb__h1_client *client) {
    wb_sys_interleave(client->sys, &client->references);
    atomic_fetch_add_explicit(&client->references, 1, memory_order_relaxed);
    return client;
}

void wb__h1c_release(struct wb__h1_client *client) {
    wb_sys_interleave(client->sys, &client->references);
    if (atomic_fetch_sub_explicit(&client->references, 1, memory_order_acq_rel) == 1) {
        destroy(client);
    }
}

static uint32_t or_default(uint32_t number, uint32_t otherwise) {
    return number != 0 ? number : otherwise;
}

static void settle_options(struct wb_h1_client_options *options) {
    options->fields_max = or_default(options->fields_max, WB_H1_CLIENT_FIELDS_MAX);
    options->buffer_len = or_default(options->buffer_len, WB_H1_CLIENT_BUFFER_LEN);
    if (options->buffer_len < WB_H1_CLIENT_BUFFER_LEN_MIN) {
        options->buffer_len = WB_H1_CLIENT_BUFFER_LEN_MIN;
    }
    options->interim_max = or_default(options->interim_max, WB_H1_CLIENT_INTERIM_MAX);
    options->drain_len_max = or_default(options->drain_len_max, WB_H1_CLIENT_DRAIN_LEN_MAX);
    options->head.head_len_max = or_default(options->head.head_len_max, WB_H1_HEAD_LEN_MAX);
}

static enum wb_status set_up(struct wb__h1_client *client) {
    client->fields = WB_SYS(client->sys, alloc, fields_size(client));
    client->shared.in_capacity = client->options.buffer_len;
    client->shared.in = WB_SYS(client->sys, alloc, client->shared.in_capacity);
    if (client->fields == NULL || client->shared.in == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    wb__lock_init(&client->lock, client->sys);
    wb__lock_init(&client->outgoing.lock, client->sys);
    return wb_bytes_mut_with_capacity(client->sys, OUT_LEN, &client->out);
}

static enum wb_status make(const struct wb_sys *sys, const struct wb_h1_client_options *options,
    struct wb__h1_client **out_client) {
    struct wb__h1_client *client = WB_SYS(sys, alloc, sizeof(*client));
    if (client == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *client = (struct wb__h1_client){.sys = sys, .out = wb_bytes_mut_new(sys)};
    if (options != NULL) {
        client->options = *options;
    }
    settle_options(&client->options);
    client->shared.has_sender = true;
    client->shared.is_sent = true;
    wb__wait_queue_init(&client->shared.readying);
    atomic_init(&client->references, 2);
    const enum wb_status status = set_up(client);
    if (status != WB_OK) {
        destroy(client);
        return status;
    }
    *out_client = client;
    return WB_OK;
}

enum wb_status wb_h1_handshake(const struct wb_sys *sys, const struct wb_http_io *io,
    const struct wb_h1_client_options *options, struct wb_h1_sender *out_sender,
    struct wb_h1_connection *out_connection) {
    struct wb__h1_client *client;
    out_sender->client = NULL;
    const enum wb_status status = make(sys, options, &client);
    if (status == WB_OK) {
        client->io = *io;
        out_sender->client = client;
        wb__h1c_connection_init(out_connection, client);
    }
    return status;
}

/* ---- the lock ---- */

void wb__h1c_enter(struct wb__h1_client *client, struct wb__h1c_after *after) {
    wb__wakes_init(&after->wakes);
    after->replaced = (struct wb_task_waker){0};
    after->wakes_readying = false;
    after->is_ready = false;
    wb__lock_enter(&client->lock);
}

void wb__h1c_leave(struct wb__h1_client *client, struct wb__h1c_after *after) {
    if (after->wakes_readying) {
        wb__wait_queue_wake_all(&client->shared.readying, &client->lock);
    } else {
        wb__lock_leave(&client->lock);
    }
    if (after->is_ready && client->on_ready != NULL) {
        client->on_ready(client->user_data); /* before the connection's task finds it idle */
    }
    (void)wb__wakes_fire(&after->wakes);
    wb_task_waker_drop(&after->replaced);
}

static void take_waker(struct wb__h1c_after *after, struct wb_task_waker *slot) {
    if (!wb_task_waker_is_empty(slot)) {
        assert(after->wakes.count < WB__WAKES_MAX);
        after->wakes.wakers[after->wakes.count++] = *slot;
        *slot = (struct wb_task_waker){0};
    }
}

void wb__h1c_wake_connection(struct wb__h1_client *client, struct wb__h1c_after *after) {
    take_waker(after, &client->shared.connection);
}

void wb__h1c_wake_user(struct wb__h1_client *client, struct wb__h1c_after *after) {
    take_waker(after, &client->shared.user);
}

void wb__h1c_listen(
    struct wb__h1c_after *after, struct wb_task_waker *slot, const struct wb_context *context) {
    if (!wb_task_waker_will_wake(slot, context->waker)) {
        assert(wb_task_waker_is_empty(&after->replaced));
        after->replaced = *slot;
        *slot = wb_task_waker_clone(context->waker);
    }
}

/* ---- what comes to its end ---- */

void wb__h1c_close(struct wb__h1_client *client, struct wb__h1c_after *after,
    enum wb_http_error_kind kind, enum wb_status status, const char *detail, uint64_t at) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->life != WB__H1C_OPEN) {
        return;
    }
    shared->life = WB__H1C_CLOSED;
    shared->is_unsent = shared->reading == WB__H1C_HEAD && !shared->has_begun && !shared->was_asked;
    shared->error =
        (struct wb_http_error){.kind = kind, .status = status, .detail = detail, .at = at};
    after->wakes_readying = true;
    wb__h1c_wake_connection(client, after);
    wb__h1c_wake_user(client, after);
}

void wb__h1c_close_incomplete(struct wb__h1_client *client, struct wb__h1c_after *after) {
    wb__h1c_close(client, after, WB_HTTP_ERROR_INCOMPLETE_MESSAGE, WB_ERR_UNEXPECTED_EOF, NULL, 0);
}

static void be_ready(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    shared->reading = WB__H1C_IDLE;
    shared->in_at = 0;
    shared->in_end = 0;
    after->wakes_readying = true;
    after->is_ready = true;
    wb__h1c_wake_connection(client, after); /* which looks whether the peer ends it */
}

void wb__h1c_settle(struct wb__h1_client *client, struct wb__h1c_after *after) {
    struct wb__h1c_shared *shared = &client->shared;
    if (shared->life != WB__H1C_OPEN || shared->reading != WB__H1C_DONE) {
        return;
    }
    const bool goes_on = shared->keep_alive && !shared->is_read_over && !shared->is_write_over;
    if (wb__h1c_unused(client).len != 0) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_UNEXPECTED_MESSAGE, WB_ERR_PARSE, NULL, 0);
    } else if (!goes_on || (shared->is_sent && !shared->has_sender)) {
        wb__h1c_close(client, after, WB_HTTP_ERROR_CLOSED, WB_ERR_CLOSED, NULL, 0);
    } else if (shared->is_sent) {
        be_ready(client, after);
    }
}

/* ---- the sender ---- */

void wb__h1c_retire(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    client->shared.has_sender = false;
    if (client->shared.reading == WB__H1C_IDLE) {
        wb__h1c_close(client, &after, WB_HTTP_ERROR_CLOSED, WB_ERR_CLOSED, NULL, 0);
    }
    wb__h1c_leave(client, &after);
}

void wb__h1c_stir(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    wb__h1c_wake_connection(client, &after);
    wb__h1c_leave(client, &after);
}

void wb_h1_sender_drop(struct wb_h1_sender *sender) {
    struct wb__h1_client *client = sender->client;
    sender->client = NULL;
    if (client != NULL) {
        wb__h1c_retire(client);
        wb__h1c_release(client);
    }
}

static bool is_open(const struct wb__h1_client *client) {
    return client->shared.life == WB__H1C_OPEN;
}

bool wb_h1_sender_is_ready(const struct wb_h1_sender *sender) {
    struct wb__h1_client *client = sender->client;
    wb__lock_enter(&client->lock);
    const bool is_ready = is_open(client) && client->shared.reading == WB__H1C_IDLE;
    wb__lock_leave(&client->lock);
    return is_ready;
}

bool wb_h1_sender_is_closed(const struct wb_h1_sender *sender) {
    struct wb__h1_client *client = sender->client;
    wb__lock_enter(&client->lock);
    const bool is_closed = !is_open(client);
    wb__lock_leave(&client->lock);
    return is_closed;
}

static enum wb_progress ready_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_h1_ready *ready = WB_FUTURE_OF(future, struct wb_h1_ready, future);
    struct wb__h1_client *client = ready->client;
    wb__lock_enter(&client->lock);
    const enum wb_status status = !is_open(client)                         ? WB_ERR_CLOSED
                                  : client->shared.reading == WB__H1C_IDLE ? WB_OK
                                                                           : WB_WOULD_BLOCK;
    return wb__waiter_conclude(
        future, context, &ready->waiter, &client->shared.readying, &client->lock, status);
}

static void ready_drop(struct wb_future *future) {
    struct wb_h1_ready *ready = WB_FUTURE_OF(future, struct wb_h1_ready, future);
    wb__waiter_give_up(&ready->waiter, &ready->client->lock);
    wb__h1c_release(ready->client);
}

static const struct wb_future_ops ready_ops = {
    .size = sizeof(struct wb_h1_ready),
    .offset = offsetof(struct wb_h1_ready, future),
    .poll = ready_poll,
    .drop = ready_drop,
};

void wb_h1_ready_init(struct wb_h1_ready *ready, const struct wb_h1_sender *sender) {
    assert(sender->client != NULL);
    *ready = (struct wb_h1_ready){.client = wb__h1c_acquire(sender->client)};
    wb_future_init(&ready->future, &ready_ops);
}
