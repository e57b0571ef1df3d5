/* See unix_takers.h. */
#include "unix_takers.h"

#include <stdbool.h>
#include <string.h>

#include "wb/poll.h"
#include "wb/termination.h"
#include "wb/unix_stream.h"
#include "wouldblock/run.h"

enum { TOKEN_LISTENER, TOKEN_SIGNAL, TOKEN_FIRST, CONNECTIONS_MAX = 4, DESCRIPTORS_MAX = 4 };

struct taker {
    const struct wb_sys *sys;
    const char *style;
    struct wb_poll poll;
    struct wb_events events;
    struct wb_unix_listener listener;
    struct wb_termination termination;
    struct wb_unix_stream streams[CONNECTIONS_MAX];
    bool is_open[CONNECTIONS_MAX];
};

static bool is_style(const struct taker *taker, const char *style) {
    return strcmp(taker->style, style) == 0;
}

/* ---- descriptors ---- */

/* What it holds is there at once, and its end behind it. */
static void answer(struct taker *taker, struct wb_unix_stream *stream, int fd) {
    char bytes[256];
    size_t sent;
    int64_t len;
    while ((len = WB_SYS(taker->sys, read, fd, bytes, sizeof bytes)) > 0) {
        if (wb_unix_stream_write(stream, bytes, (size_t)len, &sent) != WB_OK) {
            return;
        }
    }
}

static void take(struct taker *taker, struct wb_unix_stream *stream, int fd) {
    if (!is_style(taker, "unread")) {
        answer(taker, stream, fd);
    }
    if (!is_style(taker, "unread") && !is_style(taker, "unclosed")) {
        (void)WB_SYS(taker->sys, close, fd);
    }
    if (is_style(taker, "twice")) {
        (void)WB_SYS(taker->sys, close, fd);
    }
}

static void give(struct taker *taker, struct wb_unix_stream *stream) {
    int ends[2];
    size_t sent;
    if (WB_SYS(taker->sys, pipe2, ends, 0) != 0) {
        return;
    }
    (void)!(wb_unix_stream_send_fds(stream, "!", 1, ends, 1, &sent) == WB_OK);
    (void)WB_SYS(taker->sys, close, ends[0]);
    (void)WB_SYS(taker->sys, close, ends[1]);
}

/* ---- connections ---- */

/* WB_OK: there may be more. */
static enum wb_status hear(struct taker *taker, struct wb_unix_stream *stream) {
    char bytes[16];
    int received[DESCRIPTORS_MAX];
    struct wb_unix_fds fds = {.fds = received, .capacity = DESCRIPTORS_MAX};
    size_t len;
    size_t sent;
    enum wb_status status = is_style(taker, "deaf")
                                ? wb_unix_stream_read(stream, bytes, sizeof bytes, &len)
                                : wb_unix_stream_recv_fds(stream, bytes, sizeof bytes, &len, &fds);
    if (status != WB_OK) {
        return status;
    }
    for (size_t i = 0; i < fds.count; i++) {
        take(taker, stream, received[i]);
    }
    if (is_style(taker, "gives")) {
        give(taker, stream);
    } else if (fds.count == 0) {
        (void)!(wb_unix_stream_write(stream, "-", 1, &sent) == WB_OK);
    }
    return WB_OK;
}

static void serve(struct taker *taker, size_t i) {
    enum wb_status status;
    do {
        status = hear(taker, &taker->streams[i]);
    } while (status == WB_OK || status == WB_ERR_INTERRUPTED);
    if (status != WB_WOULD_BLOCK) {
        wb_unix_stream_close(&taker->streams[i]);
        taker->is_open[i] = false;
    }
}

static void accept_all(struct taker *taker) {
    struct wb_unix_stream stream;
    while (wb_unix_listener_accept(&taker->listener, &stream, NULL) == WB_OK) {
        size_t i = 0;
        while (i < CONNECTIONS_MAX && taker->is_open[i]) {
            i++;
        }
        if (i == CONNECTIONS_MAX) {
            wb_unix_stream_close(&stream);
            continue;
        }
        taker->streams[i] = stream;
        taker->is_open[i] = true;
        (void)!(wb_registry_register(wb_poll_registry(&taker->poll),
                    wb_unix_stream_source(&taker->streams[i]), TOKEN_FIRST + i,
                    WB_INTEREST_READABLE, WB_TRIGGER_EDGE)
                == WB_OK);
    }
}

/* ---- the program ---- */

static bool open_all(struct taker *taker) {
    struct wb_unix_addr addr;
    return wb_unix_addr_parse("@taker", &addr) == WB_OK
           && wb_poll_init(&taker->poll, taker->sys) == WB_OK
           && wb_events_init(&taker->events, taker->sys, 8) == WB_OK
           && wb_termination_init(&taker->termination, taker->sys) == WB_OK
           && wb_unix_listener_bind(&taker->listener, taker->sys, &addr, 4) == WB_OK
           && wb_registry_register(wb_poll_registry(&taker->poll),
                  wb_unix_listener_source(&taker->listener), TOKEN_LISTENER, WB_INTEREST_READABLE,
                  WB_TRIGGER_EDGE)
                  == WB_OK
           && wb_registry_register(wb_poll_registry(&taker->poll),
                  wb_termination_source(&taker->termination), TOKEN_SIGNAL, WB_INTEREST_READABLE,
                  WB_TRIGGER_LEVEL)
                  == WB_OK;
}

/* False: it is to end. */
static bool dispatch(struct taker *taker, uint64_t token) {
    int signo;
    if (token == TOKEN_LISTENER) {
        accept_all(taker);
    } else if (token == TOKEN_SIGNAL) {
        return wb_termination_take(&taker->termination, &signo) != WB_OK;
    } else if (taker->is_open[token - TOKEN_FIRST]) {
        serve(taker, token - TOKEN_FIRST);
    }
    return true;
}

static void loop(struct taker *taker) {
    bool goes_on = true;
    while (goes_on) {
        if (wb_poll_wait(&taker->poll, &taker->events, -1) != WB_OK) {
            continue;
        }
        for (uint32_t i = 0; i < wb_events_count(&taker->events) && goes_on; i++) {
            goes_on = dispatch(taker, wb_events_at(&taker->events, i).token);
        }
    }
}

static int taker_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct taker taker = {.sys = sys, .style = argc == 3 ? argv[2] : "correct"};
    bool is_open = open_all(&taker);
    if (is_open) {
        loop(&taker);
    }
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (taker.is_open[i]) {
            wb_unix_stream_close(&taker.streams[i]);
        }
    }
    wb_unix_listener_close(&taker.listener);
    wb_termination_clean_up(&taker.termination);
    wb_events_clean_up(&taker.events);
    wb_poll_clean_up(&taker.poll);
    return is_open ? 0 : 1;
}

void unix_takers_register(void) {
    static const char *const options[] = {"style", NULL};
    static const struct wbh_program programs[] = {{
        .name = "small_taker",
        .summary = "sends back what is in the descriptors that it is passed",
        .main = taker_main,
        .options = options,
        .independent = 1,
    }};
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
