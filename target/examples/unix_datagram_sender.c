/* unix_datagram_sender: sends messages to unix_datagram and expects each of them back. As many are
 * on their way as the queues take; whether one is sent or received next is up to the socket. */
#include "examples/programs.h"

#include <stdbool.h>
#include <string.h>

#include "wb/poll.h"
#include "wb/unix_datagram.h"

#include "examples/console.h"
#include "examples/datagram_server.h"
#include "examples/options.h"

#define PROGRAM "unix_datagram_sender"

struct message {
    const char *text;
    size_t count;        /* how often it is sent */
    uint64_t timeout_ns; /* until the next step forward */
};

struct sender {
    const struct wb_sys *sys;
    struct wb_unix_addr to;
    struct message message;
    size_t len;
    enum wb_trigger trigger;
    struct wb_poll poll;
    struct wb_events events;
    struct wb_unix_datagram socket;
    uint8_t *answer;
    size_t sent;
    size_t answered;
};

static bool is_done(const struct sender *self) {
    return self->answered == self->message.count;
}

/* ---- steps ---- */

/* WB_OK: another may follow. WB_WOULD_BLOCK: or there is nothing to send. */
static enum wb_status send_one(struct sender *self) {
    if (self->sent == self->message.count) {
        return WB_WOULD_BLOCK;
    }
    enum wb_status status = wb_unix_datagram_send(&self->socket, self->message.text, self->len);
    if (status == WB_OK) {
        self->sent++;
    }
    return status == WB_ERR_INTERRUPTED ? WB_OK : status;
}

/* WB_ERR_PARSE: something else came back. */
static enum wb_status receive_one(struct sender *self) {
    struct wb_datagram datagram;
    enum wb_status status =
        wb_unix_datagram_recv(&self->socket, self->answer, WB__DATAGRAM_LEN_MAX, &datagram);
    if (status != WB_OK) {
        return status == WB_ERR_INTERRUPTED ? WB_OK : status;
    }
    if (datagram.is_truncated || datagram.len != self->len
        || memcmp(self->answer, self->message.text, self->len) != 0
        || self->answered == self->sent) {
        return WB_ERR_PARSE;
    }
    self->answered++;
    return WB_OK;
}

/* Both directions until both would block. */
static enum wb_status take_steps(struct sender *self) {
    enum wb_status sending = WB_OK;
    enum wb_status receiving = WB_OK;
    while (!is_done(self) && (sending == WB_OK || receiving == WB_OK)) {
        sending = send_one(self);
        if (sending != WB_OK && sending != WB_WOULD_BLOCK) {
            return sending;
        }
        receiving = receive_one(self);
        if (receiving != WB_OK && receiving != WB_WOULD_BLOCK) {
            return receiving;
        }
    }
    return WB_OK;
}

/* ---- waiting ---- */

/* Writable is asked for only while there is something to send; an edge that is not wanted does no
 * harm. */
static uint32_t wanted(const struct sender *self) {
    const bool has_more = self->sent < self->message.count;
    return WB_INTEREST_READABLE | (has_more ? WB_INTEREST_WRITABLE : 0u);
}

static enum wb_status watch_again(struct sender *self) {
    if (self->trigger == WB_TRIGGER_EDGE) {
        return WB_OK;
    }
    return wb_registry_reregister(wb_poll_registry(&self->poll),
        wb_unix_datagram_source(&self->socket), 0, wanted(self), self->trigger);
}

static enum wb_status wait(struct sender *self) {
    enum wb_status status =
        wb_poll_wait(&self->poll, &self->events, (int64_t)self->message.timeout_ns);
    if (status == WB_ERR_INTERRUPTED) {
        return WB_OK;
    }
    return status == WB_OK && wb_events_is_empty(&self->events) ? WB_ERR_TIMED_OUT : status;
}

static enum wb_status exchange(struct sender *self) {
    enum wb_status status = WB_OK;
    while (status == WB_OK && !is_done(self)) {
        status = wait(self);
        if (status == WB_OK) {
            status = take_steps(self);
        }
        if (status == WB_OK) {
            status = watch_again(self);
        }
    }
    return status;
}

/* ---- running ---- */

/* A name of the system's choice, so that it can be answered; connected, so that a full queue is
 * reported when there is room. */
static enum wb_status open_all(struct sender *self) {
    const struct wb_unix_addr any = {0};
    self->answer = WB_SYS(self->sys, alloc, WB__DATAGRAM_LEN_MAX);
    if (self->answer == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    enum wb_status status = wb_poll_init(&self->poll, self->sys);
    if (status == WB_OK) {
        status = wb_events_init(&self->events, self->sys, 4);
    }
    if (status == WB_OK) {
        status = wb_unix_datagram_bind(&self->socket, self->sys, &any);
    }
    if (status == WB_OK) {
        status = wb_unix_datagram_connect(&self->socket, &self->to);
    }
    if (status == WB_OK) {
        status = wb_registry_register(wb_poll_registry(&self->poll),
            wb_unix_datagram_source(&self->socket), 0, wanted(self), self->trigger);
    }
    return status;
}

static void close_all(struct sender *self) {
    wb_unix_datagram_close(&self->socket);
    wb_events_clean_up(&self->events);
    wb_poll_clean_up(&self->poll);
    WB_SYS(self->sys, free, self->answer, WB__DATAGRAM_LEN_MAX);
}

static int report(const struct sender *self, enum wb_status status) {
    if (status == WB_ERR_PARSE) {
        wb__print(self->sys, WB__CONSOLE_ERR, "%s: another message came back\n", PROGRAM);
    } else if (status != WB_OK) {
        char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
        wb_unix_addr_format(&self->to, text, sizeof text);
        wb__print_failure(self->sys, PROGRAM, text, status);
    } else {
        wb__print(self->sys, WB__CONSOLE_OUT, "%zu of %zu messages came back, %zu bytes each: %s\n",
            self->answered, self->message.count, self->len, self->message.text);
    }
    return status == WB_OK ? WB__EXIT_OK : WB__EXIT_FAILURE;
}

static int run(struct sender *self) {
    self->len = strlen(self->message.text);
    if (self->len > WB__DATAGRAM_LEN_MAX) {
        wb__print(self->sys, WB__CONSOLE_ERR, "%s: --message: expected at most %d bytes\n", PROGRAM,
            (int)WB__DATAGRAM_LEN_MAX);
        return WB__EXIT_USAGE;
    }
    enum wb_status status = open_all(self);
    if (status == WB_OK) {
        status = exchange(self);
    }
    close_all(self);
    return report(self, status);
}

enum { COUNT_MAX = 1000000, TIMEOUT_DEFAULT_S = 10, TIMEOUT_MAX_S = 3600 };

int wb__unix_datagram_sender_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct sender self = {.sys = sys,
        .to = {.kind = WB_UNIX_ADDR_ABSTRACT, .len = 10, .name = "wouldblock"},
        .message = {.text = "Hello world, this is a message", .count = 1}};
    struct wb__trigger_option trigger = {0};
    size_t timeout_s = TIMEOUT_DEFAULT_S;
    const struct wb__option options[] = {
        {"to", WB__OPTION_UNIX, &self.to, "where unix_datagram listens. @wouldblock", 0, 0},
        {"message", WB__OPTION_TEXT, &self.message.text, "what to send", 0, 0},
        {"count", WB__OPTION_COUNT, &self.message.count, "how often to send it. 1", 1, COUNT_MAX},
        {"timeout", WB__OPTION_COUNT, &timeout_s, "seconds to wait for the next answer. 10", 1,
            TIMEOUT_MAX_S},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of the socket. edge", 0, 0},
    };
    const struct wb__command command = {PROGRAM,
        "Sends Unix datagrams to unix_datagram and expects each of them back.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    self.trigger = wb__trigger_or(trigger, WB_TRIGGER_EDGE);
    self.message.timeout_ns = timeout_s * UINT64_C(1000000000);
    return run(&self);
}
