/* See unix_datagram_sender.h. As many messages are on their way as the queues take; whether one is
 * sent or received next is up to the socket. */
#include "examples/unix_datagram_sender.h"

#include <stdbool.h>
#include <string.h>

#include "wb/poll.h"
#include "wb/unix_datagram.h"

#include "examples/console.h"
#include "examples/datagram_server.h"
#include "examples/options.h"

struct sender {
    const struct wb_sys *sys;
    const char *program;
    const struct wb_unix_addr *to;
    const struct wb__unix_message *message;
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
    return self->answered == self->message->count;
}

/* ---- steps ---- */

/* WB_OK: another may follow. WB_WOULD_BLOCK: or there is nothing to send. */
static enum wb_status send_one(struct sender *self) {
    if (self->sent == self->message->count) {
        return WB_WOULD_BLOCK;
    }
    enum wb_status status = wb_unix_datagram_send(&self->socket, self->message->text, self->len);
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
        || memcmp(self->answer, self->message->text, self->len) != 0
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
    const bool has_more = self->sent < self->message->count;
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
        wb_poll_wait(&self->poll, &self->events, (int64_t)self->message->timeout_ns);
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
        status = wb_unix_datagram_connect(&self->socket, self->to);
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
        wb__print(self->sys, WB__CONSOLE_ERR, "%s: another message came back\n", self->program);
    } else if (status != WB_OK) {
        char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
        wb_unix_addr_format(self->to, text, sizeof text);
        wb__print_failure(self->sys, self->program, text, status);
    } else {
        wb__print(self->sys, WB__CONSOLE_OUT, "%zu of %zu messages came back, %zu bytes each: %s\n",
            self->answered, self->message->count, self->len, self->message->text);
    }
    return status == WB_OK ? WB__EXIT_OK : WB__EXIT_FAILURE;
}

int wb__unix_datagram_send(const struct wb_sys *sys, const char *program,
    const struct wb_unix_addr *to, enum wb_trigger trigger,
    const struct wb__unix_message *message) {
    struct sender self = {
        .sys = sys,
        .program = program,
        .to = to,
        .message = message,
        .len = strlen(message->text),
        .trigger = trigger,
    };
    enum wb_status status = open_all(&self);
    if (status == WB_OK) {
        status = exchange(&self);
    }
    close_all(&self);
    return report(&self, status);
}
