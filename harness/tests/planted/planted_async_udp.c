/* Twins on the runtime that speak UDP: a server that sends every datagram back, and one that is
 * connected to a peer, whom it greets, and sends back what comes from there. Each use of `bug ==`
 * is a bug; without them they are as they should be. */
#include "programs.h"

#include "options.h"
#include "until_stopped.h"
#include "wb/addr.h"
#include "wb/async.h"
#include "wb/poll_evented.h"
#include "wb/time.h"
#include "wb/udp.h"

enum { SERVER_PORT = 6573, OWN_PORT = 6574, PEER_PORT = 6575, ROOM = 256 };
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const uint64_t lull_ns = UINT64_C(5000000);

struct echo {
    struct wb_future future;
    enum planted_bug bug;
    bool is_connected;
    bool has_answered;
    struct wb_udp_socket socket;
    struct wb_poll_evented evented;
    struct wb_ready seen;
    struct wb_sleep lull;
    struct wb_datagram datagram;
    struct wb_addr sender;
    struct wb_addr first;
    enum wb_status status;
    char buf[ROOM];
};

static enum wb_progress receive(struct echo *self, struct wb_context *context) {
    for (;;) {
        if (wb_poll_evented_poll_ready(
                &self->evented, WB_DIRECTION_READ, context, &self->seen, &self->status)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (self->status != WB_OK) {
            return WB_READY;
        }
        self->status =
            wb_udp_socket_recv_from(&self->socket, self->buf, ROOM, &self->datagram, &self->sender);
        bool clears = self->bug == PLANTED_CLEARED_AFTER_ERROR && self->status != WB_OK;
        (void)wb_poll_evented_settle(
            &self->evented, self->seen, clears ? WB_WOULD_BLOCK : self->status);
        if (self->status == WB_OK) {
            return WB_READY;
        }
    }
}

static enum wb_status try_answer(void *user_data) {
    struct echo *self = user_data;
    if (self->is_connected) {
        return wb_udp_socket_send(&self->socket, self->buf, self->datagram.len);
    }
    if (!self->has_answered) {
        self->first = self->sender;
    }
    self->has_answered = true;
    return wb_udp_socket_send_to(&self->socket, self->buf, self->datagram.len,
        self->bug == PLANTED_SENDER_FORGOTTEN ? &self->first : &self->sender);
}

static enum wb_status try_greet(void *user_data) {
    return wb_udp_socket_send(&((struct echo *)user_data)->socket, "hello", 5);
}

static enum wb_progress echo_poll(struct wb_future *future, struct wb_context *context) {
    struct echo *self = WB_FUTURE_OF(future, struct echo, future);
    WB_ASYNC_BEGIN(future, context);
    if (self->is_connected) {
        WB_AWAIT_READY(
            wb_poll_evented_poll_write(&self->evented, context, try_greet, self, &self->status));
        wb_sleep_init(&self->lull, context->runtime, lull_ns);
        WB_AWAIT(&self->lull.future);
    }
    for (;;) {
        WB_AWAIT_READY(receive(self, context));
        if (self->status != WB_OK
            || (self->datagram.len == 0 && self->bug == PLANTED_EMPTY_DATAGRAM_ENDS)) {
            WB_ASYNC_RETURN(self->status);
        }
        WB_AWAIT_READY(
            wb_poll_evented_poll_write(&self->evented, context, try_answer, self, &self->status));
    }
    WB_ASYNC_END(WB_OK);
}

static void echo_drop(struct wb_future *future) {
    struct echo *self = WB_FUTURE_OF(future, struct echo, future);
    wb_future_drop(&self->lull.future);
    wb_poll_evented_clean_up(&self->evented, wb_udp_socket_source(&self->socket));
    wb_udp_socket_close(&self->socket);
}

static const struct wb_future_ops echo_ops = {
    .size = sizeof(struct echo),
    .offset = offsetof(struct echo, future),
    .poll = echo_poll,
    .drop = echo_drop,
};

static enum wb_status open_echo(
    struct echo *self, const struct wb_sys *sys, struct wb_runtime *runtime) {
    const struct wb_addr own = wb_addr_v4_any(self->is_connected ? OWN_PORT : SERVER_PORT);
    const struct wb_addr peer = wb_addr_v4_loopback(PEER_PORT);
    enum wb_status status = wb_udp_socket_bind(&self->socket, sys, &own, NULL);
    if (status == WB_OK && self->is_connected) {
        status = wb_udp_socket_connect(&self->socket, &peer);
    }
    return status != WB_OK
               ? status
               : wb_poll_evented_init(&self->evented, runtime, wb_udp_socket_source(&self->socket));
}

static int run(const struct wb_sys *sys, int argc, char *const argv[], bool is_connected) {
    struct planted_options options;
    if (!planted_options_parse(&options, argc, argv)) {
        return EXIT_USAGE;
    }
    struct echo self = {.bug = options.bug, .is_connected = is_connected};
    struct wb_runtime *runtime = planted_runtime_new(sys, &options);
    wb_future_init(&self.future, &echo_ops);
    if (runtime == NULL || open_echo(&self, sys, runtime) != WB_OK) {
        wb_future_drop(&self.future);
        wb_runtime_destroy(runtime);
        return EXIT_FAILED;
    }
    return planted_run_until_stopped(runtime, &self.future);
}

int planted_async_udp_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(sys, argc, argv, false);
}

int planted_async_greeter_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(sys, argc, argv, true);
}
