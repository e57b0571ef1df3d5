/* The connection as a future: reads and writes in turn until both have to wait, and ends what is
 * left at the end. */
#include "http/client/h1.h"

#include <assert.h>

/* ---- the end ---- */

static struct wb__h1_client *client_of(struct wb_future *future) {
    return WB_FUTURE_OF(future, struct wb_h1_connection, future)->client;
}

static enum wb__h1c_life life_of(struct wb__h1_client *client) {
    wb__lock_enter(&client->lock);
    const enum wb__h1c_life life = client->shared.life;
    wb__lock_leave(&client->lock);
    return life;
}

/* Nobody did anything wrong. */
static bool is_peace(const struct wb__h1_client *client) {
    const enum wb_http_error_kind kind = client->shared.error.kind;
    return kind == WB_HTTP_ERROR_CLOSED || kind == WB_HTTP_ERROR_CANCELLED;
}

/* A stream that cannot say what it has to is as one that takes nothing more of a request. */
static enum wb_progress shut_down(
    struct wb__h1_client *client, struct wb_context *context, enum wb_status *out_status) {
    if (client->shared.error.kind != WB_HTTP_ERROR_CLOSED || client->is_kept
        || wb_async_poll_shutdown(client->io.stream.write, context, out_status) == WB_READY) {
        return WB_READY;
    }
    client->is_stuck = true;
    if (wb__h1c_keep_time(client, context) == WB__H1C_WAITS) {
        return WB_PENDING;
    }
    *out_status = WB_ERR_TIMED_OUT;
    return WB_READY;
}

static enum wb_progress say_good_bye(
    struct wb_h1_connection *connection, struct wb_context *context) {
    struct wb__h1_client *client = connection->client;
    enum wb_status status = WB_OK;
    if (shut_down(client, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (!client->is_kept) {
        wb_http_io_close(&client->io);
    }
    if (!is_peace(client)) {
        connection->error = client->shared.error;
    } else if (wb_status_is_error(status) && !client->shared.is_read_over) {
        connection->error =
            (struct wb_http_error){.kind = WB_HTTP_ERROR_SHUTDOWN, .status = status};
    }
    return wb_future_end(&connection->future, connection->error.status);
}

/* Nobody changes anything any more once it is closed. */
static enum wb_progress end(struct wb_h1_connection *connection, struct wb_context *context) {
    struct wb__h1_client *client = connection->client;
    wb__h1c_drop_content(client);
    if (life_of(client) != WB__H1C_CLOSED) {
        return wb_future_end(&connection->future, WB_OK);
    }
    return say_good_bye(connection, context);
}

/* ---- the future ---- */

static bool move(struct wb__h1_client *client, struct wb_context *context) {
    const enum wb__h1c_step read = wb__h1c_read_step(client, context);
    const enum wb__h1c_step written = wb__h1c_write_step(client, context);
    return read == WB__H1C_MOVED || written == WB__H1C_MOVED;
}

static enum wb_progress connection_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_h1_connection *connection = WB_FUTURE_OF(future, struct wb_h1_connection, future);
    struct wb__h1_client *client = connection->client;
    while (life_of(client) == WB__H1C_OPEN) {
        if (!move(client, context) && wb__h1c_keep_time(client, context) == WB__H1C_WAITS) {
            return WB_PENDING;
        }
        if (wb_context_spend(context) == WB_PENDING) {
            return WB_PENDING;
        }
    }
    return end(connection, context);
}

/* What is under way was not brought to its end. */
static void give_up(struct wb__h1_client *client) {
    struct wb__h1c_after after;
    wb__h1c_enter(client, &after);
    wb__h1c_close_incomplete(client, &after);
    wb__h1c_leave(client, &after);
    wb__h1c_drop_content(client);
    if (life_of(client) == WB__H1C_CLOSED && !client->is_kept) {
        wb_http_io_close(&client->io);
    }
}

static void forget(struct wb_h1_connection *connection) {
    struct wb__h1_client *client = connection->client;
    connection->client = NULL;
    if (client != NULL) {
        wb__h1c_release(client);
    }
}

static void connection_drop(struct wb_future *future) {
    struct wb__h1_client *client = client_of(future);
    if (!wb_future_is_over(future)) {
        give_up(client);
    }
    wb__h1c_stop_time(client);
    if (!client->is_kept) {
        forget(WB_FUTURE_OF(future, struct wb_h1_connection, future));
    }
}

static const struct wb_future_ops connection_ops = {
    .size = sizeof(struct wb_h1_connection),
    .offset = offsetof(struct wb_h1_connection, future),
    .poll = connection_poll,
    .drop = connection_drop,
};

void wb__h1c_connection_init(struct wb_h1_connection *connection, struct wb__h1_client *client) {
    *connection = (struct wb_h1_connection){.client = client};
    wb_future_init(&connection->future, &connection_ops);
}

/* ---- the stream behind it ---- */

void wb_h1_connection_keep_stream(struct wb_h1_connection *connection) {
    connection->client->is_kept = true;
}

void wb_h1_connection_drop(struct wb_h1_connection *connection) {
    struct wb__h1_client *client = connection->client;
    if (client == NULL) {
        return;
    }
    client->is_kept = true;
    wb_future_drop(&connection->future);
    if (life_of(client) == WB__H1C_CLOSED) {
        wb_http_io_close(&client->io);
    }
    forget(connection);
}

enum wb_status wb_h1_connection_into_raw(
    struct wb_h1_connection *connection, struct wb_h1_raw *out_raw) {
    struct wb__h1_client *client = connection->client;
    enum wb_status status = WB_ERR_CLOSED;
    if (client == NULL) {
        return WB_ERR_CLOSED;
    }
    client->is_kept = true;
    wb_future_drop(&connection->future);
    wb__lock_enter(&client->lock);
    if (client->shared.life == WB__H1C_CLOSED && client->io.stream.read != NULL) {
        client->shared.life = WB__H1C_TAKEN;
        status = WB_OK;
    }
    wb__lock_leave(&client->lock);
    if (status == WB_OK) {
        wb__h1c_raw_init(out_raw, client);
    }
    forget(connection);
    return status;
}
