/* The table of programs. See wb/examples.h. */
#include "wb/examples.h"

#include <string.h>

#include "examples/programs.h"

static const struct wb_example table[] = {
    {"async_udp_echo", "sends every UDP datagram back, on the runtime", wb__async_udp_echo_main},
    {"chat", "tells every line to everybody else", wb__chat_main},
    {"file_copy", "copies a file, all of it or nothing", wb__file_copy_main},
    {"http_echo", "sends the content of every request of HTTP back", wb__http_echo_main},
    {"http_files", "serves the files beneath a directory", wb__http_files_main},
    {"http_get", "gets what URLs name, and prints it", wb__http_get_main},
    {"http_hello", "answers every request of HTTP with the same words", wb__http_hello_main},
    {"http_proxy", "passes requests of HTTP on to servers", wb__http_proxy_main},
    {"multi_echo", "sends what anybody says to everybody", wb__multi_echo_main},
    {"multi_echo_client", "some clients of multi_echo, a thread each", wb__multi_echo_client_main},
    {"ping_pong", "sends every line back", wb__ping_pong_main},
    {"ping_pong_client", "sends a line and expects it back", wb__ping_pong_client_main},
    {"registration", "a listener and a client in one poll", wb__registration_main},
    {"runtime_smoke", "what a runtime does, and whether it is right", wb__runtime_smoke_main},
    {"seqpacket_echo", "sends every Unix seqpacket message back", wb__seqpacket_echo_main},
    {"sequential_echo", "echoes one connection after the other", wb__sequential_echo_main},
    {"server_future", "a server that is a future, and its client", wb__server_future_main},
    {"tcp_proxy", "passes TCP connections on to a server", wb__tcp_proxy_main},
    {"udp_echo", "sends every UDP datagram back", wb__udp_echo_main},
    {"unix_datagram", "sends every Unix datagram back", wb__unix_datagram_main},
    {"unix_datagram_sender", "sends Unix datagrams and expects them back",
        wb__unix_datagram_sender_main},
};

const struct wb_example *wb_examples(size_t *out_count) {
    *out_count = sizeof table / sizeof table[0];
    return table;
}

const struct wb_example *wb_example_find(const char *name) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}
