/* async_udp_echo: sends every datagram back to who sent it, on the runtime: a datagram and its
 * sender are one await, and so is the answer. udp_echo does the same by hand. */
#include "examples/programs.h"

#include <string.h>

#include "examples/console.h"
#include "examples/options.h"
#include "examples/stop.h"
#include "wb/async.h"
#include "wb/combine.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define PROGRAM "async_udp_echo"
#define STOPPED "stopped"

/* How long it rests when memory has run out. */
#define REST_NS UINT64_C(20000000)

enum { DATAGRAM_LEN_MAX = 65536 };

struct async_udp_echo {
    char subject[WB_ADDR_TEXT_LEN_MAX]; /* what a failure would be about now */
    const struct wb_sys *sys;
    struct wb_runtime *runtime;
    struct wb__stop stop;
    struct wb_datagram_socket socket;
    struct wb_future serving;
    struct wb_recv recv;
    struct wb_send send;
    struct wb_sleep rest;
    unsigned char *datagram; /* DATAGRAM_LEN_MAX bytes */
};

/* ---- serving ---- */

/* One that can't be sent now is given up: the next one is as important. */
static void tell_unsent(const struct async_udp_echo *self) {
    if (self->send.future.status != WB_OK) {
        const int fd = wb_udp_socket_fd(wb_datagram_socket_udp(&self->socket));
        wb_sys_note(self->sys, WB_NOTE_DISCARD, (uint64_t)fd, self->send.len);
    }
}

/* What the network has to say of earlier datagrams concerns none of the next ones. */
static bool is_short_of_memory(enum wb_status status) {
    return status != WB_OK && wb_status_category(status) != WB_CATEGORY_NETWORK;
}

static enum wb_progress serving_poll(struct wb_future *future, struct wb_context *context) {
    struct async_udp_echo *self = WB_FUTURE_OF(future, struct async_udp_echo, serving);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_recv_init(&self->recv, &self->socket, self->datagram, DATAGRAM_LEN_MAX);
        WB_AWAIT(&self->recv.future);
        if (self->recv.future.status == WB_OK) {
            wb_send_to_init(&self->send, &self->socket, self->datagram, self->recv.datagram.len,
                &self->recv.sender);
            WB_AWAIT(&self->send.future);
            tell_unsent(self);
        } else if (is_short_of_memory(self->recv.future.status)) {
            wb_sleep_init(&self->rest, context->runtime, REST_NS);
            WB_AWAIT(&self->rest.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void serving_drop(struct wb_future *future) {
    struct async_udp_echo *self = WB_FUTURE_OF(future, struct async_udp_echo, serving);
    wb_future_drop(&self->recv.future);
    wb_future_drop(&self->send.future);
    wb_future_drop(&self->rest.future);
}

static const struct wb_future_ops serving_ops = {
    .size = sizeof(struct async_udp_echo),
    .offset = offsetof(struct async_udp_echo, serving),
    .poll = serving_poll,
    .drop = serving_drop,
};

/* ---- life ---- */

static enum wb_status bind_and_tell(struct async_udp_echo *self, const struct wb_addr *listen) {
    struct wb_udp_socket udp;
    struct wb_addr addr;
    char text[WB_ADDR_TEXT_LEN_MAX];
    wb_addr_format(listen, self->subject, sizeof self->subject);
    enum wb_status status = wb_udp_socket_bind(&udp, self->sys, listen, NULL);
    if (status != WB_OK) {
        return status;
    }
    status = wb_datagram_socket_from_udp(&self->socket, self->runtime, &udp);
    if (status != WB_OK) {
        return status;
    }
    status = wb_udp_socket_local_addr(wb_datagram_socket_udp(&self->socket), &addr);
    if (status == WB_OK) {
        wb_addr_format(&addr, text, sizeof text);
        wb__print(self->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    }
    return status;
}

static enum wb_status open_echo(struct async_udp_echo *self, const struct wb_addr *listen) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    enum wb_status status = wb__stop_prepare(&self->stop, self->sys);
    if (status != WB_OK) {
        return status;
    }
    self->datagram = WB_SYS(self->sys, alloc, DATAGRAM_LEN_MAX);
    if (self->datagram == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    status = wb_runtime_new(self->sys, &config, &self->runtime);
    if (status != WB_OK) {
        return status;
    }
    status = wb__stop_begin(&self->stop, self->runtime);
    return status == WB_OK ? bind_and_tell(self, listen) : status;
}

static enum wb_status serve(struct async_udp_echo *self) {
    struct wb_future *parts[] = {&self->stop.future, &self->serving};
    struct wb_race race;
    wb_future_init(&self->serving, &serving_ops);
    wb_race_init(&race, parts, 2, WB_RACE_BIASED);
    return wb_runtime_block_on(self->runtime, &race.future);
}

static void close_echo(struct async_udp_echo *self) {
    wb_datagram_socket_close(&self->socket);
    wb__stop_close(&self->stop);
    wb_runtime_destroy(self->runtime);
    WB_SYS(self->sys, free, self->datagram, DATAGRAM_LEN_MAX);
}

int wb__async_udp_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct async_udp_echo self = {.subject = STOPPED, .sys = sys};
    struct wb_addr listen = wb_addr_v4_loopback(7008);
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &listen, "where to receive; port 0 picks one. 127.0.0.1:7008",
            0, 0},
    };
    const struct wb__command command = {PROGRAM, "Sends every UDP datagram back, on the runtime.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    enum wb_status status = open_echo(&self, &listen);
    if (status == WB_OK) {
        memcpy(self.subject, STOPPED, sizeof STOPPED);
        status = serve(&self);
    }
    close_echo(&self);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, self.subject, status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}
