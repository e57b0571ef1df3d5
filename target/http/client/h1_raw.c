/* The stream of a connection that is no longer one of HTTP: what was read ahead comes first. */
#include "http/client/h1.h"

#include <string.h>

static struct wb__h1_client *behind_reader(struct wb_async_read *self) {
    return WB_FUTURE_OF(self, struct wb_h1_raw, read)->client;
}

static struct wb_async_write *writer_behind(struct wb_async_write *self) {
    return WB_FUTURE_OF(self, struct wb_h1_raw, write)->client->io.stream.write;
}

static enum wb_progress raw_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb__h1_client *client = behind_reader(self);
    const struct wb_bytes ahead = wb__h1c_unused(client);
    if (ahead.len == 0) {
        return wb_async_poll_read(client->io.stream.read, context, buf, len, out_status, out_len);
    }
    *out_len = len < ahead.len ? len : ahead.len;
    memcpy(buf, ahead.ptr, *out_len);
    wb__h1c_use(client, *out_len);
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress raw_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    return wb_async_poll_write(writer_behind(self), context, buf, len, out_status, out_len);
}

static enum wb_progress raw_poll_writev(struct wb_async_write *self, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    return wb_async_poll_writev(writer_behind(self), context, iov, iov_len, out_status, out_len);
}

static enum wb_progress raw_poll_flush(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    return wb_async_poll_flush(writer_behind(self), context, out_status);
}

static enum wb_progress raw_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    return wb_async_poll_shutdown(writer_behind(self), context, out_status);
}

static const struct wb_async_read_ops read_ops = {.poll_read = raw_poll_read};
static const struct wb_async_write_ops write_ops = {
    .poll_write = raw_poll_write,
    .poll_writev = raw_poll_writev,
    .poll_flush = raw_poll_flush,
    .poll_shutdown = raw_poll_shutdown,
};

void wb__h1c_raw_init(struct wb_h1_raw *raw, struct wb__h1_client *client) {
    *raw = (struct wb_h1_raw){{&read_ops}, {&write_ops}, wb__h1c_acquire(client)};
}

enum wb_status wb_http_client_response_take_raw(
    struct wb_http_client_response *response, struct wb_h1_raw *out_raw) {
    struct wb__h1_client *client = response->incoming.client;
    if (client == NULL) {
        return WB_ERR_INVALID;
    }
    wb__lock_enter(&client->lock);
    const bool is_there = client->shared.life == WB__H1C_SWITCHED;
    if (is_there) {
        client->shared.life = WB__H1C_TAKEN;
    }
    wb__lock_leave(&client->lock);
    if (is_there) {
        wb__h1c_raw_init(out_raw, client);
    }
    return is_there ? WB_OK : WB_ERR_INVALID;
}

struct wb_bytes wb_h1_raw_ahead(const struct wb_h1_raw *raw) {
    return wb__h1c_unused(raw->client);
}

static void end(struct wb_h1_raw *raw, void (*end_io)(struct wb_http_io *io)) {
    struct wb__h1_client *client = raw->client;
    raw->client = NULL;
    if (client != NULL) {
        end_io(&client->io);
        wb__h1c_release(client);
    }
}

void wb_h1_raw_close(struct wb_h1_raw *raw) {
    end(raw, wb_http_io_close);
}

void wb_h1_raw_reset(struct wb_h1_raw *raw) {
    end(raw, wb_http_io_reset);
}
