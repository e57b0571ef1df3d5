/* See client.h. */
#include "examples/client.h"

#include <assert.h>
#include <string.h>

#include "wb/unix_stream.h"

enum { TOKEN_STREAM = 0, EVENTS_CAPACITY = 4, UNWANTED_LEN = 1024 };

/* Between two attempts to get into a full queue. */
#define RETRY_NS UINT64_C(5000000)

/* Whether an operation that returned this is to be tried again, after waiting where it says so. */
static bool must_retry(enum wb_status status) {
    return status == WB_WOULD_BLOCK || status == WB_ERR_INTERRUPTED;
}

static uint64_t now_ns(const struct wb__client *client) {
    return WB_SYS(client->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static uint64_t deadline_ns(const struct wb__client *client) {
    return now_ns(client) + client->timeout_ns;
}

/* Waits until anything is reported. The caller then tries again: a report is only a hint. */
static enum wb_status wait_until(struct wb__client *client, uint64_t deadline) {
    for (;;) {
        uint64_t now = now_ns(client);
        if (now >= deadline) {
            return WB_ERR_TIMED_OUT;
        }
        enum wb_status status =
            wb_poll_wait(&client->poll, &client->events, (int64_t)(deadline - now));
        if (status != WB_OK && status != WB_ERR_INTERRUPTED) {
            return status;
        }
        if (!wb_events_is_empty(&client->events)) {
            return WB_OK;
        }
    }
}

/* Registering again arms a one-shot trigger, and reports what is ready already in every mode: so it
 * does not matter what was reported or missed before. */
static enum wb_status wait_for(struct wb__client *client, uint32_t interest, uint64_t deadline) {
    enum wb_status status = wb_registry_reregister(wb_poll_registry(&client->poll),
        wb_tcp_stream_source(&client->stream), TOKEN_STREAM, interest, client->trigger);
    return status == WB_OK ? wait_until(client, deadline) : status;
}

static enum wb_status finish_connect(struct wb__client *client, uint64_t deadline) {
    enum wb_status status = wb_registry_register(wb_poll_registry(&client->poll),
        wb_tcp_stream_source(&client->stream), TOKEN_STREAM, WB_INTEREST_WRITABLE, client->trigger);
    if (status == WB_OK) {
        status = wait_until(client, deadline);
    }
    while (status == WB_OK) {
        status = wb_tcp_stream_finish_connect(&client->stream);
        if (status != WB_IN_PROGRESS && status != WB_ERR_INTERRUPTED) {
            return status;
        }
        status = wait_for(client, WB_INTEREST_WRITABLE, deadline);
    }
    return status;
}

/* A connection stands at once. No event tells when there is room in the queue of a listener. */
static enum wb_status connect_unix(
    struct wb__client *client, const struct wb_unix_addr *addr, uint64_t deadline) {
    struct wb_unix_stream stream;
    enum wb_status status = wb_unix_stream_connect(&stream, client->sys, addr);
    while (must_retry(status)) {
        uint64_t now = now_ns(client);
        uint64_t retry = now + RETRY_NS < deadline ? now + RETRY_NS : deadline;
        status = wait_until(client, retry);
        if (status != WB_ERR_TIMED_OUT || now >= deadline) {
            return status;
        }
        status = wb_unix_stream_connect(&stream, client->sys, addr);
    }
    if (status != WB_OK) {
        return status;
    }
    wb_tcp_stream_from_fd(&client->stream, client->sys, wb_unix_stream_into_fd(&stream));
    return wb_registry_register(wb_poll_registry(&client->poll),
        wb_tcp_stream_source(&client->stream), TOKEN_STREAM, WB_INTEREST_READABLE, client->trigger);
}

static enum wb_status open_and_connect(struct wb__client *client, const struct wb__address *addr) {
    uint64_t deadline = deadline_ns(client);
    enum wb_status status = wb_poll_init(&client->poll, client->sys);
    if (status != WB_OK) {
        return status;
    }
    status = wb_events_init(&client->events, client->sys, EVENTS_CAPACITY);
    if (status != WB_OK) {
        return status;
    }
    if (addr->is_unix) {
        return connect_unix(client, &addr->unix_addr, deadline);
    }
    status = wb_tcp_stream_connect(&client->stream, client->sys, &addr->tcp);
    if (status != WB_OK) {
        return status;
    }
    return finish_connect(client, deadline);
}

enum wb_status wb__client_connect(struct wb__client *client, const struct wb_sys *sys,
    const struct wb__address *addr, enum wb_trigger trigger, uint64_t timeout_ns) {
    assert(timeout_ns <= INT64_MAX);
    memset(client, 0, sizeof *client);
    client->sys = sys;
    client->trigger = trigger;
    client->timeout_ns = timeout_ns;
    enum wb_status status = open_and_connect(client, addr);
    if (status != WB_OK) {
        wb__client_clean_up(client);
    }
    return status;
}

enum wb_status wb__client_send(struct wb__client *client, struct wb_bytes bytes) {
    uint64_t deadline = deadline_ns(client);
    while (bytes.len > 0) {
        size_t n;
        enum wb_status status = wb_tcp_stream_write(&client->stream, bytes.ptr, bytes.len, &n);
        if (status == WB_OK) {
            bytes = wb_bytes_slice(bytes, n, bytes.len);
            continue;
        }
        if (!must_retry(status)) {
            return status;
        }
        status = wait_for(client, WB_INTEREST_WRITABLE, deadline);
        if (status != WB_OK) {
            return status;
        }
    }
    return WB_OK;
}

enum wb_status wb__client_receive(
    struct wb__client *client, void *buf, size_t len, size_t *out_len) {
    assert(len > 0);
    uint64_t deadline = deadline_ns(client);
    for (;;) {
        enum wb_status status = wb_tcp_stream_read(&client->stream, buf, len, out_len);
        if (!must_retry(status)) {
            return status;
        }
        status = wait_for(client, WB_INTEREST_READABLE, deadline);
        if (status != WB_OK) {
            return status;
        }
    }
}

enum wb_status wb__client_finish(struct wb__client *client) {
    uint8_t unwanted[UNWANTED_LEN];
    uint64_t deadline = deadline_ns(client);
    enum wb_status status = wb_tcp_stream_shutdown(&client->stream, WB_TCP_SHUTDOWN_WRITE);
    while (status == WB_OK && now_ns(client) < deadline) {
        size_t n;
        status = wb_tcp_stream_read(&client->stream, unwanted, sizeof unwanted, &n);
        if (status == WB_EOF) {
            return WB_OK;
        }
        if (must_retry(status)) {
            status = wait_for(client, WB_INTEREST_READABLE, deadline);
        }
    }
    return status == WB_OK ? WB_ERR_TIMED_OUT : status;
}

enum wb_status wb__client_sleep(struct wb__client *client, uint64_t duration_ns) {
    uint64_t deadline = now_ns(client) + duration_ns;
    /* Nothing but the time is of interest. */
    enum wb_status status = wb_registry_deregister(
        wb_poll_registry(&client->poll), wb_tcp_stream_source(&client->stream));
    while (status == WB_OK) {
        status = wait_until(client, deadline);
    }
    if (status != WB_ERR_TIMED_OUT) {
        return status;
    }
    return wb_registry_register(wb_poll_registry(&client->poll),
        wb_tcp_stream_source(&client->stream), TOKEN_STREAM, WB_INTEREST_READABLE, client->trigger);
}

void wb__client_clean_up(struct wb__client *client) {
    wb_tcp_stream_close(&client->stream);
    wb_events_clean_up(&client->events);
    wb_poll_clean_up(&client->poll);
}
