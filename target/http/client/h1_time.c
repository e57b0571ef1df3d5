/* What a connection waits for that may take only so long, and what becomes of it when that is over.
 * One timer runs for all: for the first of them. */
#include "http/client/h1.h"

/* ---- how long ---- */

static uint64_t or_for_ever(uint64_t timeout_ns) {
    return timeout_ns != 0 ? timeout_ns : UINT64_MAX;
}

/* Defaults do not ask for a runtime. */
static uint64_t timeout_of(
    const struct wb__h1_client *client, enum wb__h1c_limit limit, bool has_runtime) {
    const struct wb_h1_client_options *options = &client->options;
    switch (limit) {
    case WB__H1C_LIMIT_SEND:
        return options->send_timeout_ns != 0 ? options->send_timeout_ns
               : has_runtime                 ? WB_H1_CLIENT_SEND_TIMEOUT_NS
                                             : UINT64_MAX;
    case WB__H1C_LIMIT_CONTINUE:
        return options->continue_timeout_ns != 0 ? options->continue_timeout_ns
               : has_runtime                     ? WB_H1_CLIENT_CONTINUE_TIMEOUT_NS
                                                 : 0;
    case WB__H1C_LIMIT_HEAD:
        return or_for_ever(options->head_timeout_ns);
    case WB__H1C_LIMIT_BODY:
    case WB__H1C_LIMIT_COUNT:
        break;
    }
    return or_for_ever(options->body_timeout_ns);
}

/* ---- what is waited for ---- */

/* A head that is still being written is a matter of the stream. */
static bool is_head_out(const struct wb__h1_client *client) {
    return !client->is_stuck && client->out_at == client->out.len;
}

/* Under the lock. */
static bool is_awaited(const struct wb__h1_client *client, enum wb__h1c_limit limit) {
    const struct wb__h1c_shared *shared = &client->shared;
    switch (limit) {
    case WB__H1C_LIMIT_SEND:
        return client->is_stuck;
    case WB__H1C_LIMIT_CONTINUE:
        return client->is_held_back && shared->holds_content && is_head_out(client);
    case WB__H1C_LIMIT_HEAD:
        return shared->is_sent && (shared->reading == WB__H1C_HEAD || wb__h1c_has_interim(client));
    case WB__H1C_LIMIT_BODY:
    case WB__H1C_LIMIT_COUNT:
        break;
    }
    return shared->wants_data;
}

/* What changes where the time begins anew: with each piece of a content, but not of a head. */
static uint64_t mark_of(const struct wb__h1_client *client, enum wb__h1c_limit limit) {
    switch (limit) {
    case WB__H1C_LIMIT_SEND:
        return client->reads + client->writes;
    case WB__H1C_LIMIT_BODY:
        return client->reads;
    case WB__H1C_LIMIT_CONTINUE:
    case WB__H1C_LIMIT_HEAD:
    case WB__H1C_LIMIT_COUNT:
        break;
    }
    return client->shared.request_count;
}

/* True: its time begins now. Under the lock. */
static bool begins(struct wb__h1_client *client, enum wb__h1c_limit limit) {
    struct wb__h1c_watch *watch = &client->watches[limit];
    const uint64_t mark = mark_of(client, limit);
    if (!is_awaited(client, limit) || timeout_of(client, limit, true) == UINT64_MAX) {
        watch->runs = false;
        return false;
    }
    const bool is_new = !watch->runs || watch->mark != mark;
    watch->runs = true;
    watch->mark = mark;
    return is_new;
}

/* The clock is read when a time begins, not whenever the connection waits. */
static void watch_all(struct wb__h1_client *client, const struct wb_runtime *runtime) {
    bool is_new[WB__H1C_LIMIT_COUNT];
    uint64_t now_ns = 0;
    wb__lock_enter(&client->lock);
    for (enum wb__h1c_limit limit = 0; limit < WB__H1C_LIMIT_COUNT; limit++) {
        is_new[limit] = begins(client, limit);
    }
    wb__lock_leave(&client->lock);
    for (enum wb__h1c_limit limit = 0; limit < WB__H1C_LIMIT_COUNT; limit++) {
        if (is_new[limit]) {
            const uint64_t timeout_ns = timeout_of(client, limit, true);
            now_ns = now_ns != 0 ? now_ns : wb_runtime_now(runtime);
            client->watches[limit].deadline_ns =
                timeout_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + timeout_ns;
        }
    }
}

/* WB__H1C_LIMIT_COUNT: nothing is waited for. */
static enum wb__h1c_limit first_of(const struct wb__h1_client *client) {
    enum wb__h1c_limit first = WB__H1C_LIMIT_COUNT;
    for (enum wb__h1c_limit limit = 0; limit < WB__H1C_LIMIT_COUNT; limit++) {
        const struct wb__h1c_watch *watch = &client->watches[limit];
        const bool is_earlier =
            first == WB__H1C_LIMIT_COUNT || watch->deadline_ns < client->watches[first].deadline_ns;
        if (watch->runs && is_earlier) {
            first = limit;
        }
    }
    return first;
}

/* ---- when it is over ---- */

static void end_limit(struct wb__h1_client *client, enum wb__h1c_limit limit) {
    static const char *const details[WB__H1C_LIMIT_COUNT] = {
        [WB__H1C_LIMIT_SEND] = "the server took no more of the request",
        [WB__H1C_LIMIT_HEAD] = "the head of the response did not come",
        [WB__H1C_LIMIT_BODY] = "the content of the response did not go on"};
    struct wb__h1c_watch *watch = &client->watches[limit];
    struct wb__h1c_after after;
    watch->runs = false;
    wb__h1c_enter(client, &after);
    if (!is_awaited(client, limit) || watch->mark != mark_of(client, limit)) {
        /* it came meanwhile, and the connection may be at another request already */
    } else if (limit == WB__H1C_LIMIT_CONTINUE) {
        client->shared.holds_content = false;
    } else {
        wb__h1c_close(client, &after, WB_HTTP_ERROR_TIMEOUT, WB_ERR_TIMED_OUT, details[limit], 0);
    }
    wb__h1c_leave(client, &after);
}

/* Nobody keeps the time. */
static enum wb__h1c_step go_without(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    enum wb__h1c_step step = WB__H1C_WAITS;
    wb__h1c_enter(client, &after);
    for (enum wb__h1c_limit limit = 0; limit < WB__H1C_LIMIT_COUNT; limit++) {
        const uint64_t timeout_ns = timeout_of(client, limit, false);
        if (!is_awaited(client, limit) || timeout_ns == UINT64_MAX) {
            continue;
        }
        if (timeout_ns != 0) {
            wb__h1c_close(client, &after, WB_HTTP_ERROR_USER, WB_ERR_NO_RUNTIME, NULL, 0);
        }
        client->shared.holds_content = false;
        step = WB__H1C_MOVED;
    }
    wb__h1c_leave(client, &after);
    return step;
}

/* ---- the timer ---- */

/* One that would fire earlier is left to do so: to move it costs more than to look once. */
static enum wb_progress sleep_until(
    struct wb__h1_client *client, struct wb_context *context, uint64_t deadline_ns) {
    if (!client->is_timing) {
        wb_sleep_init_until(&client->patience, context->runtime, deadline_ns);
        client->is_timing = true;
    } else if (wb_sleep_deadline(&client->patience) > deadline_ns) {
        wb_sleep_reset(&client->patience, deadline_ns);
    }
    if (wb_future_poll(&client->patience.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    client->is_timing = false;
    return WB_READY;
}

enum wb__h1c_step wb__h1c_keep_time(struct wb__h1_client *client, struct wb_context *context) {
    if (context->runtime == NULL) {
        return go_without(client);
    }
    watch_all(client, context->runtime);
    for (;;) {
        const enum wb__h1c_limit first = first_of(client);
        if (first == WB__H1C_LIMIT_COUNT) {
            return WB__H1C_WAITS;
        }
        const uint64_t deadline_ns = client->watches[first].deadline_ns;
        if (sleep_until(client, context, deadline_ns) == WB_PENDING) {
            return WB__H1C_WAITS;
        }
        if (wb_sleep_deadline(&client->patience) >= deadline_ns) {
            end_limit(client, first);
            return WB__H1C_MOVED;
        }
    }
}

void wb__h1c_stop_time(struct wb__h1_client *client) {
    if (client->is_timing) {
        client->is_timing = false;
        wb_future_drop(&client->patience.future);
    }
}
