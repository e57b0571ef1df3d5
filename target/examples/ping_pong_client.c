/* ping_pong_client: sends one line to ping_pong and expects it back, byte for byte. */
#include "examples/programs.h"

#include <string.h>

#include "examples/client.h"
#include "examples/console.h"
#include "examples/options.h"

#define PROGRAM "ping_pong_client"

enum { TIMEOUT_DEFAULT_S = 10, TIMEOUT_MAX_S = 3600, PIECE_LEN = 512 };

/* Receives as many bytes as were sent and compares them as they come. */
static enum wb_status expect(struct wb__client *client, struct wb_bytes bytes, bool *out_same) {
    uint8_t piece[PIECE_LEN];
    *out_same = true;
    while (bytes.len > 0 && *out_same) {
        size_t n;
        size_t want = bytes.len < sizeof piece ? bytes.len : sizeof piece;
        enum wb_status status = wb__client_receive(client, piece, want, &n);
        if (status != WB_OK) {
            return status;
        }
        *out_same = memcmp(piece, bytes.ptr, n) == 0;
        bytes = wb_bytes_slice(bytes, n, bytes.len);
    }
    return WB_OK;
}

static int fail(const struct wb_sys *sys, const char *what, enum wb_status status) {
    wb__print_failure(sys, PROGRAM, what, status);
    return WB__EXIT_FAILURE;
}

/* The message without and then with its newline: the server answers lines, whatever pieces they
 * come in. */
static enum wb_status exchange(struct wb__client *client, struct wb_bytes message, bool *out_same) {
    const struct wb_bytes newline = wb_bytes_from_string("\n");
    enum wb_status status = wb__client_send(client, message);
    if (status == WB_OK) {
        status = wb__client_send(client, newline);
    }
    if (status == WB_OK) {
        status = expect(client, message, out_same);
    }
    if (status == WB_OK && *out_same) {
        status = expect(client, newline, out_same);
    }
    return status;
}

static int talk(const struct wb_sys *sys, struct wb__client *client, const char *message) {
    bool same;
    enum wb_status status = exchange(client, wb_bytes_from_string(message), &same);
    if (status != WB_OK) {
        return fail(sys, status == WB_EOF ? "the server hung up" : "talking", status);
    }
    if (!same) {
        wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": another line came back\n");
        return WB__EXIT_FAILURE;
    }
    wb__print(sys, WB__CONSOLE_OUT, "%s\n", message);
    return WB__EXIT_OK;
}

int wb__ping_pong_client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb__address addr = wb__address_tcp(wb_addr_v4_loopback(6567));
    struct wb__trigger_option trigger = {0};
    const char *message = "Hello world, this is a message";
    size_t timeout_s = TIMEOUT_DEFAULT_S;
    const struct wb__option options[] = {
        {NULL, WB__OPTION_STREAM, &addr, "the server. 127.0.0.1:6567", 0, 0},
        {"message", WB__OPTION_TEXT, &message, "the line to send, without its newline", 0, 0},
        {"timeout", WB__OPTION_COUNT, &timeout_s, "seconds that one step may take. 10", 1,
            TIMEOUT_MAX_S},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of the socket. edge", 0, 0},
    };
    const struct wb__command command = {
        PROGRAM, "Sends a line and expects it back.", options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    struct wb__client client;
    enum wb_status status = wb__client_connect(&client, sys, &addr,
        wb__trigger_or(trigger, WB_TRIGGER_EDGE), timeout_s * UINT64_C(1000000000));
    if (status != WB_OK) {
        return fail(sys, "connecting", status);
    }
    exit_status = talk(sys, &client, message);
    wb__client_clean_up(&client);
    return exit_status;
}
