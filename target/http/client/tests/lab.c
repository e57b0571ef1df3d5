/* See lab.h. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

/* ---- the server ---- */

static struct peer *reading_peer(struct wb_async_read *self) {
    return WB_FUTURE_OF(self, struct peer, read);
}

static struct peer *writing_peer(struct wb_async_write *self) {
    return WB_FUTURE_OF(self, struct peer, write);
}

static bool was_asked(const struct peer *peer) {
    return peer->says->after == NULL
           || strstr(peer->written + peer->seen, peer->says->after) != NULL;
}

enum { BEFORE_SAYING, BEFORE_WRITING };

/* Once for each time; ready when it is over. */
static enum wb_progress pause_before(
    struct peer *peer, int what, uint64_t pause_ns, struct wb_context *context) {
    struct wb_sleep *pause = &peer->pauses[what];
    if (pause_ns == 0 || peer->has_paused[what]) {
        return WB_READY;
    }
    if (pause->future.ops == NULL || wb_future_is_over(&pause->future)) {
        wb_sleep_init(pause, context->runtime, pause_ns);
    }
    if (wb_future_poll(&pause->future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    peer->has_paused[what] = true;
    return WB_READY;
}

/* What it has to say is said. */
static bool go_on(struct peer *peer) {
    if (peer->say_at < strlen(peer->says->bytes) || peer->says->then != PEER_GOES_ON) {
        return false;
    }
    peer->says++;
    peer->say_at = 0;
    peer->has_paused[BEFORE_SAYING] = false;
    peer->seen = peer->written_len;
    return true;
}

static enum wb_progress hold(struct peer *peer, struct wb_context *context) {
    peer->may_read = true;
    wb_context_wake(context);
    return WB_PENDING;
}

static enum wb_progress peer_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct peer *peer = reading_peer(self);
    peer->reads++;
    if (peer->says->bytes == NULL || !was_asked(peer)) {
        wb_task_waker_store(&peer->reader, context->waker);
        return WB_PENDING;
    }
    if (!peer->may_read && (peer->reads_slowly || peer->read_len == peer->cut_at)) {
        return hold(peer, context);
    }
    if (pause_before(peer, BEFORE_SAYING, peer->say_pause_ns, context) == WB_PENDING) {
        return WB_PENDING;
    }
    const char *bytes = peer->says->bytes + peer->say_at;
    size_t rest_len = strlen(bytes);
    if (rest_len == 0) {
        *out_status = peer->says->then == PEER_RESETS ? WB_ERR_CONN_RESET : WB_EOF;
        return WB_READY;
    }
    if (peer->cut_at > peer->read_len && peer->cut_at - peer->read_len < rest_len) {
        rest_len = peer->cut_at - peer->read_len;
    }
    *out_len = len < rest_len ? len : rest_len;
    *out_len = peer->reads_slowly ? 1 : *out_len;
    memcpy(buf, bytes, *out_len);
    peer->say_at += *out_len;
    peer->read_len += *out_len;
    peer->may_read = false;
    (void)go_on(peer);
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress peer_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct peer *peer = writing_peer(self);
    peer->writes++;
    if (peer->is_stuck || (peer->stuck_at != 0 && peer->written_len >= peer->stuck_at)
        || pause_before(peer, BEFORE_WRITING, peer->write_pause_ns, context) == WB_PENDING) {
        return WB_PENDING;
    }
    peer->has_paused[BEFORE_WRITING] = false;
    if (peer->stuck_at != 0 && len > peer->stuck_at - peer->written_len) {
        len = peer->stuck_at - peer->written_len;
    }
    if (peer->writes_slowly && !peer->may_write) {
        peer->may_write = true;
        wb_context_wake(context);
        return WB_PENDING;
    }
    peer->may_write = false;
    len = peer->write_max != 0 && len > peer->write_max ? peer->write_max : len;
    len = len < peer->writes_left ? len : peer->writes_left;
    if (len == 0) {
        *out_status = peer->write_status;
        return WB_READY;
    }
    assert_true(peer->written_len + len < PEER_WRITTEN_MAX);
    memcpy(peer->written + peer->written_len, buf, len);
    peer->written_len += len;
    peer->written[peer->written_len] = '\0';
    peer->writes_left -= len;
    *out_status = WB_OK;
    *out_len = len;
    wb_task_waker_wake(&peer->reader);
    return WB_READY;
}

static enum wb_progress peer_poll_flush(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    writing_peer(self)->flushes++;
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress peer_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    if (writing_peer(self)->is_shutdown_stuck) {
        return WB_PENDING;
    }
    writing_peer(self)->shutdowns++;
    *out_status = WB_OK;
    return WB_READY;
}

static void peer_close(void *user_data) {
    ((struct peer *)user_data)->closes++;
}

static void peer_reset(void *user_data) {
    ((struct peer *)user_data)->resets++;
}

static const struct wb_async_read_ops read_ops = {.poll_read = peer_poll_read};
static const struct wb_async_write_ops write_ops = {
    .poll_write = peer_poll_write,
    .poll_flush = peer_poll_flush,
    .poll_shutdown = peer_poll_shutdown,
};

void peer_init(struct peer *peer, const struct say *says) {
    memset(peer, 0, sizeof *peer);
    peer->read.ops = &read_ops;
    peer->write.ops = &write_ops;
    peer->says = says;
    peer->cut_at = SIZE_MAX;
    peer->writes_left = SIZE_MAX;
    peer->write_status = WB_ERR_BROKEN_PIPE;
}

struct wb_http_io peer_io(struct peer *peer) {
    return (struct wb_http_io){{&peer->read, &peer->write}, peer_close, peer, peer_reset};
}

void peer_say(struct peer *peer, const struct say *says) {
    peer->says = says;
    peer->say_at = 0;
    peer->seen = peer->written_len;
    wb_task_waker_wake(&peer->reader);
}

void peer_clean_up(struct peer *peer) {
    wb_future_drop(&peer->pauses[BEFORE_SAYING].future);
    wb_future_drop(&peer->pauses[BEFORE_WRITING].future);
    peer->say_pause_ns = 0;
    peer->write_pause_ns = 0;
    wb_task_waker_drop(&peer->reader);
}

/* ---- tasks ---- */

struct lab lab;

int lab_add(struct wb_future *future) {
    assert_true(lab.count < LAB_TASKS_MAX);
    struct lab_task *task = &lab.tasks[lab.count];
    *task = (struct lab_task){.future = future};
    bell_init(&task->bell);
    wb_task_waker_wake(&task->bell.waker);
    return lab.count++;
}

void lab_remove(const struct wb_future *future) {
    for (int i = 0; i < lab.count; i++) {
        if (lab.tasks[i].future == future) {
            lab.tasks[i].future = NULL;
        }
    }
}

static bool poll_if_woken(struct lab_task *task) {
    const int wakes = atomic_load(&task->bell.wakes);
    if (task->future == NULL || task->heard == wakes) {
        return false;
    }
    struct wb_context context = wb_context_with_waker(&task->bell.waker);
    task->heard = wakes;
    task->polls++;
    lab.polled = task->future;
    const enum wb_progress progress = wb_future_poll(task->future, &context);
    lab.polled = NULL;
    if (progress == WB_READY) {
        task->future = NULL;
    }
    return true;
}

bool lab_run_some(int polls) {
    for (bool any = true; any;) {
        any = false;
        for (int i = 0; i < lab.count; i++) {
            if (polls == 0) {
                return false;
            }
            if (poll_if_woken(&lab.tasks[i])) {
                polls--;
                any = true;
            }
        }
    }
    return true;
}

void lab_run(void) {
    assert_true(lab_run_some(100000));
}

/* ---- an exchange ---- */

static void note_trailers(struct exchange *exchange, struct wb_http_fields trailers) {
    for (size_t i = 0; i < trailers.count; i++) {
        const struct wb_bytes name = wb_http_fields_name(trailers, i);
        const struct wb_bytes value = wb_http_fields_value(trailers, i);
        char *at = exchange->trailers + strlen(exchange->trailers);
        (void)snprintf(at, sizeof exchange->trailers - (size_t)(at - exchange->trailers),
            "%.*s=%.*s;", (int)name.len, (const char *)name.ptr, (int)value.len,
            (const char *)value.ptr);
    }
}

static void note(struct exchange *exchange, const struct wb_http_frame *frame) {
    exchange->frames++;
    if (frame->is_trailers) {
        note_trailers(exchange, frame->trailers);
        return;
    }
    assert_true(exchange->body_len + frame->data.len < BODY_MAX);
    memcpy(exchange->body + exchange->body_len, frame->data.ptr, frame->data.len);
    exchange->body_len += frame->data.len;
}

static enum wb_progress read_all(struct exchange *exchange, struct wb_context *context) {
    struct wb_http_frame frame;
    enum wb_status status = WB_OK;
    while (status == WB_OK) {
        if (wb_http_body_poll_frame(exchange->response.body, context, &status, &frame)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status == WB_OK) {
            note(exchange, &frame);
        }
    }
    exchange->kind = exchange->response.error.kind;
    exchange->detail = exchange->response.error.detail;
    return wb_future_end(&exchange->future, status == WB_EOF ? WB_OK : status);
}

static enum wb_progress exchange_poll(struct wb_future *future, struct wb_context *context) {
    struct exchange *exchange = WB_FUTURE_OF(future, struct exchange, future);
    if (exchange->send.future.ops == NULL) {
        if (exchange->tries) {
            wb_h1_try_send_init(
                &exchange->send, exchange->sender, &exchange->request, &exchange->response);
        } else {
            wb_h1_send_init(
                &exchange->send, exchange->sender, &exchange->request, &exchange->response);
        }
        if (exchange->on_interim != NULL) {
            wb_h1_send_on_interim(&exchange->send, exchange->on_interim, exchange);
        }
    }
    if (!wb_future_is_over(&exchange->send.future)
        && wb_future_poll(&exchange->send.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (exchange->send.future.status != WB_OK || exchange->leaves_body) {
        return wb_future_end(future, exchange->send.future.status);
    }
    return read_all(exchange, context);
}

static void exchange_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct exchange, future)->send.future);
}

static const struct wb_future_ops exchange_ops = {
    .size = sizeof(struct exchange),
    .offset = offsetof(struct exchange, future),
    .poll = exchange_poll,
    .drop = exchange_drop,
};

void exchange_init(struct exchange *exchange, struct wb_h1_sender *sender) {
    memset(exchange, 0, sizeof *exchange);
    wb_future_init(&exchange->future, &exchange_ops);
    exchange->sender = sender;
    wb_http_client_request_init(&exchange->request, &stage.world->sys);
    wb_http_client_response_init(&exchange->response, &stage.world->sys);
}

void exchange_clean_up(struct exchange *exchange) {
    wb_future_drop(&exchange->future);
    wb_http_client_response_clean_up(&exchange->response);
    wb_http_client_request_clean_up(&exchange->request);
}

/* ---- a connection ---- */

struct bench bench;

int bench_setup(void **state) {
    const int result = stage_setup_bare(state);
    lab = (struct lab){.count = 0};
    return result;
}

int bench_teardown(void **state) {
    return stage_teardown(state);
}

static void open_bench(const struct say *says, const struct wb_h1_client_options *options) {
    peer_init(&bench.peer, says);
    const struct wb_http_io io = peer_io(&bench.peer);
    lab = (struct lab){.count = 0};
    assert_ok(wb_h1_handshake(&stage.world->sys, &io, options, &bench.sender, &bench.connection));
    exchange_init(&bench.exchange, &bench.sender);
    exchange_init(&bench.second, &bench.sender);
    assert_ok(wb_http_client_request_get(&bench.exchange.request, "/"));
    assert_ok(wb_http_client_request_add(&bench.exchange.request, "Host", "a"));
    assert_ok(wb_http_client_request_get(&bench.second.request, "/second"));
    assert_ok(wb_http_client_request_add(&bench.second.request, "Host", "a"));
}

void bench_open_on_runtime(const struct say *says, const struct wb_h1_client_options *options) {
    open_bench(says, options);
}

void bench_open(const struct say *says, const struct wb_h1_client_options *options) {
    open_bench(says, options);
    (void)lab_add(&bench.connection.future);
}

void bench_close_but_connection(void) {
    exchange_clean_up(&bench.exchange);
    exchange_clean_up(&bench.second);
    wb_h1_sender_drop(&bench.sender);
    peer_clean_up(&bench.peer);
}

void bench_close(void) {
    bench_close_but_connection();
    wb_future_drop(&bench.connection.future);
    lab_remove(&bench.connection.future);
    assert_int_equal(atomic_load(&stage.world->blocks), 0);
}

void bench_exchange(void) {
    (void)lab_add(&bench.exchange.future);
    lab_run();
    assert_true(wb_future_is_over(&bench.exchange.future));
}

/* ---- bodies ---- */

static enum wb_progress show(struct piecewise *piecewise, struct wb_http_frame *out_frame) {
    const char *piece = *piecewise->pieces++;
    if (strcmp(piece, ".") == 0) {
        out_frame->is_trailers = true;
        out_frame->trailers = wb_http_field_list_view(&piecewise->trailers);
    } else {
        out_frame->data = wb_bytes_from_string(piece);
    }
    return WB_READY;
}

static enum wb_progress piecewise_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct piecewise *piecewise = WB_FUTURE_OF(body, struct piecewise, body);
    piecewise->polls++;
    *out_status = WB_OK;
    if (*piecewise->pieces == NULL) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    if (strcmp(*piecewise->pieces, "!") == 0) {
        *out_status = WB_ERR_CANCELLED;
        return WB_READY;
    }
    if (strcmp(*piecewise->pieces, "-") != 0) {
        return show(piecewise, out_frame);
    }
    if (piecewise->waits) {
        wb_task_waker_store(&piecewise->waker, context->waker);
    } else {
        piecewise->pieces++;
        wb_context_wake(context);
    }
    return WB_PENDING;
}

static struct wb_http_size_hint piecewise_size_hint(const struct wb_http_body *body) {
    const struct piecewise *piecewise = (const void *)body;
    struct wb_http_size_hint hint = {.has_upper = piecewise->is_len_known};
    for (size_t i = 0; piecewise->is_len_known && piecewise->pieces[i] != NULL; i++) {
        hint.lower += strlen(piecewise->pieces[i]);
    }
    hint.upper = hint.lower;
    return hint;
}

static void piecewise_drop(struct wb_http_body *body) {
    struct piecewise *piecewise = WB_FUTURE_OF(body, struct piecewise, body);
    piecewise->drops++;
    wb_task_waker_drop(&piecewise->waker);
    wb_http_field_list_clean_up(&piecewise->trailers);
}

static const struct wb_http_body_ops piecewise_ops = {
    .poll_frame = piecewise_poll_frame,
    .size_hint = piecewise_size_hint,
    .drop = piecewise_drop,
};

void piecewise_init(struct piecewise *piecewise, const char *const *pieces) {
    _Static_assert(offsetof(struct piecewise, body) == 0, "found by its body");
    *piecewise = (struct piecewise){.pieces = pieces};
    wb_http_body_init(&piecewise->body, &piecewise_ops);
    wb_http_field_list_init(&piecewise->trailers, &stage.world->sys, 0, 0);
}

void piecewise_wake(struct piecewise *piecewise) {
    piecewise->pieces++; /* the "-" that it waited at */
    wb_task_waker_wake(&piecewise->waker);
}
