/* A server that sends messages back, over framed streams: lines, or messages with their length in
 * front (`codec=lengths`). Answers are held back while more is there to be read, and bounded. See
 * streams.h. */
#include "streams.h"

#include <string.h>

#include "wb/async.h"
#include "wb/framed.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/time.h"

enum { FRAMED_PORT = 7106, MESSAGE_LEN_MAX = 100, IN_LEN = 128, OUT_LEN = 512, BOUNDARY = 256 };

#define REST_NS UINT64_C(10000000)

static const struct wb_length_format lengths = {.field_len = 2, .frame_len_max = MESSAGE_LEN_MAX};

/* ---- a connection ---- */

struct peer {
    struct wb_future future;
    struct wb_stream stream;
    struct wb_line_decoder line_decoder;
    struct wb_encoder line_encoder;
    struct wb_length_decoder length_decoder;
    struct wb_length_encoder length_encoder;
    struct wb_framed_reader reader;
    struct wb_framed_writer writer;
    struct wb_bytes message; /* in the reader's buffer until it is put */
    bool has_lengths;
    bool has_begun;
    bool has_message;
    bool is_at_end;
    char in[IN_LEN];
    char out[OUT_LEN];
};

/* Only now is the object where it stays. */
static void begin(struct peer *self) {
    self->has_begun = true;
    wb_line_decoder_init(&self->line_decoder, MESSAGE_LEN_MAX);
    self->line_encoder = wb_line_encoder();
    wb_length_decoder_init(&self->length_decoder, &lengths);
    wb_length_encoder_init(&self->length_encoder, &lengths);
    wb_framed_reader_init(&self->reader, &self->stream.reader.read,
        self->has_lengths ? &self->length_decoder.decoder : &self->line_decoder.decoder, self->in,
        IN_LEN);
    wb_framed_writer_init(&self->writer, &self->stream.writer.write,
        self->has_lengths ? &self->length_encoder.encoder : &self->line_encoder, self->out, OUT_LEN,
        BOUNDARY);
}

/* Until the reader has to wait: then what is held back must go. */
static enum wb_progress read_one(
    struct peer *self, struct wb_context *context, enum wb_status *out_status) {
    if (wb_framed_reader_poll_next(&self->reader, context, out_status, &self->message)
        == WB_PENDING) {
        *out_status = WB_OK;
        (void)!wb_async_poll_flush(&self->writer.out.write, context, out_status);
        return *out_status == WB_OK ? WB_PENDING : WB_READY;
    }
    self->has_message = *out_status == WB_OK;
    self->is_at_end = *out_status == WB_EOF;
    if (*out_status == WB_EOF || *out_status == WB_ERR_LIMIT) { /* a line too long is left out */
        *out_status = WB_OK;
    }
    return WB_READY;
}

static enum wb_progress answer(
    struct peer *self, struct wb_context *context, enum wb_status *out_status) {
    if (wb_framed_writer_poll_ready(&self->writer, context, out_status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        *out_status = wb_framed_writer_put(&self->writer, self->message);
        self->has_message = false;
    }
    return WB_READY;
}

static enum wb_progress peer_poll(struct wb_future *future, struct wb_context *context) {
    struct peer *self = WB_FUTURE_OF(future, struct peer, future);
    enum wb_status status = WB_OK;
    if (!self->has_begun) {
        begin(self);
    }
    while (!self->is_at_end && status == WB_OK) {
        const enum wb_progress progress =
            self->has_message ? answer(self, context, &status) : read_one(self, context, &status);
        if (progress == WB_PENDING) {
            return WB_PENDING;
        }
    }
    if (status == WB_OK
        && wb_async_poll_shutdown(&self->writer.out.write, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void peer_drop(struct wb_future *future) {
    wb_stream_close(&WB_FUTURE_OF(future, struct peer, future)->stream);
}

static const struct wb_future_ops peer_ops = {
    .size = sizeof(struct peer),
    .offset = offsetof(struct peer, future),
    .poll = peer_poll,
    .drop = peer_drop,
};

/* ---- the listener ---- */

struct host {
    struct wb_future future;
    struct wb_listener listener;
    struct wb_accept accept;
    struct wb_sleep rest;
    bool has_lengths;
};

static void welcome(struct host *self, struct wb_context *context) {
    struct peer peer = {.stream = self->accept.stream, .has_lengths = self->has_lengths};
    wb_future_init(&peer.future, &peer_ops);
    if (wb_context_spawn(context, &peer.future, NULL, NULL) != WB_OK) {
        wb_future_drop(&peer.future);
    }
}

static enum wb_progress host_poll(struct wb_future *future, struct wb_context *context) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_accept_init(&self->accept, &self->listener);
        WB_AWAIT(&self->accept.future);
        if (self->accept.future.status == WB_OK) {
            welcome(self, context);
        } else {
            wb_sleep_init(&self->rest, context->runtime, REST_NS);
            WB_AWAIT(&self->rest.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void host_drop(struct wb_future *future) {
    struct host *self = WB_FUTURE_OF(future, struct host, future);
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->rest.future);
    wb_listener_close(&self->listener);
}

static const struct wb_future_ops host_ops = {
    .size = sizeof(struct host),
    .offset = offsetof(struct host, future),
    .poll = host_poll,
    .drop = host_drop,
};

int framed_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    const struct wb_addr addr = wb_addr_v4_loopback(FRAMED_PORT);
    const char *codec = stream_option(argc, argv, "codec");
    struct host host = {.has_lengths = codec != NULL && strcmp(codec, "lengths") == 0};
    wb_future_init(&host.future, &host_ops);
    if (runtime == NULL || wb_listener_bind(&host.listener, runtime, &addr, 0) != WB_OK) {
        return 2;
    }
    return stream_serve(runtime, &host.future);
}
