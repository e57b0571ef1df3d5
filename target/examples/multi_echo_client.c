/* multi_echo_client: several clients of multi_echo, each in a thread of its own. Every one says a
 * line and prints what it hears, so many times. The first thread only waits for the others to end.
 */
#include "examples/programs.h"

#include <assert.h>
#include <stdio.h>

#include "examples/client.h"
#include "examples/console.h"
#include "examples/options.h"

#define PROGRAM "multi_echo_client"
#define NS_PER_MS UINT64_C(1000000)

enum {
    CLIENTS_DEFAULT = 10,
    CLIENTS_MAX = 1000,
    ITERATIONS_DEFAULT = 10,
    ITERATIONS_MAX = 1000000,
    INTERVAL_DEFAULT_MS = 10,
    TIMEOUT_DEFAULT_MS = 10000,
    TIME_MAX_MS = 3600000,
    RECEIVE_LEN_MAX = 256,
};

struct settings {
    struct wb__address addr;
    struct wb__trigger_option trigger;
    size_t client_count;
    size_t iterations;
    size_t interval_ms;
    size_t timeout_ms;
};

struct speaker {
    const struct wb_sys *sys;
    const struct settings *settings;
    size_t number;
    uint64_t thread;
    bool has_thread;
    enum wb_status status; /* of the whole conversation */
};

static enum wb_status say_and_hear(
    struct speaker *speaker, struct wb__client *client, size_t iteration) {
    char text[48];
    int text_len = snprintf(text, sizeof text, "the answer is %zu", iteration);
    assert(text_len > 0 && (size_t)text_len < sizeof text);
    enum wb_status status = wb__client_send(client, wb_bytes_from(text, (size_t)text_len));
    if (status != WB_OK) {
        return status;
    }
    uint8_t heard[RECEIVE_LEN_MAX];
    size_t heard_len;
    status = wb__client_receive(client, heard, sizeof heard, &heard_len);
    if (status != WB_OK) {
        return status;
    }
    char readable[4 * RECEIVE_LEN_MAX + 1];
    wb_bytes_format(wb_bytes_from(heard, heard_len), readable, sizeof readable);
    wb__print(speaker->sys, WB__CONSOLE_OUT, "thread %zu: %zu bytes read\nthread %zu read = %s\n",
        speaker->number, heard_len, speaker->number, readable);
    return wb__client_sleep(client, speaker->settings->interval_ms * NS_PER_MS);
}

/* The body of a thread. */
static void speak(void *arg) {
    struct speaker *speaker = arg;
    const struct settings *settings = speaker->settings;
    struct wb__client client;
    enum wb_status status = wb__client_connect(&client, speaker->sys, &settings->addr,
        wb__trigger_or(settings->trigger, WB_TRIGGER_EDGE), settings->timeout_ms * NS_PER_MS);
    if (status == WB_OK) {
        for (size_t i = 0; i < settings->iterations && status == WB_OK; i++) {
            status = say_and_hear(speaker, &client, i);
        }
        if (status == WB_OK) {
            status = wb__client_finish(&client);
        }
        wb__client_clean_up(&client);
    }
    speaker->status = status;
}

/* Where there is no thread to be had a client speaks here and now, before the next one. */
static void start(struct speaker *speaker) {
    int result = WB_SYS(speaker->sys, thread_create, speak, speaker, &speaker->thread);
    speaker->has_thread = result >= 0;
    if (!speaker->has_thread) {
        speak(speaker);
    }
}

static int run(const struct wb_sys *sys, const struct settings *settings) {
    size_t size = settings->client_count * sizeof(struct speaker);
    struct speaker *speakers = WB_SYS(sys, alloc, size);
    if (speakers == NULL) {
        wb__print_failure(sys, PROGRAM, "memory at the start", WB_ERR_NO_MEMORY);
        return WB__EXIT_FAILURE;
    }
    for (size_t i = 0; i < settings->client_count; i++) {
        speakers[i] = (struct speaker){.sys = sys, .settings = settings, .number = i};
        start(&speakers[i]);
    }
    int exit_status = WB__EXIT_OK;
    for (size_t i = 0; i < settings->client_count; i++) {
        if (speakers[i].has_thread) {
            int result = WB_SYS(sys, thread_join, speakers[i].thread);
            assert(result >= 0);
        }
        if (speakers[i].status != WB_OK) {
            wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": thread %zu: %s\n", i,
                wb_status_text(speakers[i].status));
            exit_status = WB__EXIT_FAILURE;
        }
    }
    WB_SYS(sys, free, speakers, size);
    return exit_status;
}

int wb__multi_echo_client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct settings settings = {
        .addr = wb__address_tcp(wb_addr_v4_loopback(8000)),
        .client_count = CLIENTS_DEFAULT,
        .iterations = ITERATIONS_DEFAULT,
        .interval_ms = INTERVAL_DEFAULT_MS,
        .timeout_ms = TIMEOUT_DEFAULT_MS,
    };
    const struct wb__option options[] = {
        {NULL, WB__OPTION_STREAM, &settings.addr, "the server. 127.0.0.1:8000", 0, 0},
        {"clients", WB__OPTION_COUNT, &settings.client_count, "how many. 10", 1, CLIENTS_MAX},
        {"iterations", WB__OPTION_COUNT, &settings.iterations,
            "how often each speaks and listens. 10", 1, ITERATIONS_MAX},
        {"interval-ms", WB__OPTION_COUNT, &settings.interval_ms,
            "milliseconds between two of them. 10", 0, TIME_MAX_MS},
        {"timeout-ms", WB__OPTION_COUNT, &settings.timeout_ms,
            "milliseconds that one step may take. 10000", 1, TIME_MAX_MS},
        {"trigger", WB__OPTION_TRIGGER, &settings.trigger, "of the sockets. edge", 0, 0},
    };
    const struct wb__command command = {PROGRAM,
        "Speaks to multi_echo from several threads and prints what each hears.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return run(sys, &settings);
}
