/* The scenario: what runs, who torments it, which faults, what must come of it. Text, binary and
 * this model are one thing.
 *
 * Text is for people and files (*.scn), the binary form for fuzzers: it decodes from any byte
 * string. Both directions of both are here; parse(print(s)) and decode(encode(s)) give s again. The
 * grammar is in scenarios/README.md. */
#ifndef WOULDBLOCK_SCENARIO_H
#define WOULDBLOCK_SCENARIO_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "wouldblock/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bounds, so that any input is a scenario of bounded cost. */
enum {
    WBH_PEERS_MAX = 64,
    WBH_STEPS_MAX = 256,   /* per peer */
    WBH_PARTS_MAX = 32,    /* of an HTTP message */
    WBH_FAULTS_MAX = 4096, /* a whole hostile run, written out as a plan */
    WBH_PROGRAMS_MAX = 16,
    WBH_THREADS_MAX = 64,  /* of a program */
    WBH_OPTIONS_MAX = 16,  /* per program */
    WBH_HOSTS_MAX = 15,    /* that have names */
    WBH_ADDRESSES_MAX = 4, /* per host */
    WBH_LINKS_MAX = 64,
    WBH_MOMENTS_MAX = 64,
    WBH_FILES_MAX = 64,
    WBH_PATH_MAX = 255,     /* bytes of a file's path */
    WBH_NAME_MAX = 31,      /* bytes of the name of a peer, a host, or a program in this scenario:
                               [a-z][a-z0-9_]*; "none", "listener" and local<n> are taken */
    WBH_TEXT_MAX = 255,     /* bytes of the title, an option's name or value */
    WBH_DATA_MAX = 65535,   /* bytes of one literal */
    WBH_REPEAT_MAX = 65535, /* how often a literal is repeated */
    WBH_PAYLOAD_MAX = 4194304,  /* literal times repeat */
    WBH_TRAFFIC_MAX = 16777216, /* all payloads of a scenario together */
    WBH_BUFFER_MAX = 16777216,  /* bytes of a socket's buffer */
    WBH_PASSED_MAX = 65536,     /* bytes in a pipe or a socket that a peer passes */
    WBH_DESCRIPTORS_MAX = 253,  /* that go along with one message */
    WBH_UNIX_NAME_MAX = 107,    /* bytes of the name of a Unix socket, an @ included */
};

/* The longest time a scenario can name: ten days, in nanoseconds. */
#define WBH_DURATION_MAX_NS UINT64_C(864000000000000)

/* X(enumerator, word, what the peer does) */
#define WBH_STEP_TABLE(X)                                                                          \
    X(CONNECT, "connect", "opens a connection to the program and waits until it stands")           \
    X(LISTEN, "listen", "listens on a port, for programs that are clients")                        \
    X(ACCEPT, "accept", "waits for the program's connection")                                      \
    X(SEND, "send", "sends bytes; waits while the window is closed")                               \
    X(EXPECT, "expect", "waits until exactly these bytes have come next")                          \
    X(EXPECT_CLOSE, "expect close", "waits for the end of the stream; no byte may come before it") \
    X(EXPECT_RESET, "expect reset", "waits for a reset")                                           \
    X(EXPECT_REFUSED, "expect refused", "connects and must be refused")                            \
    X(EXPECT_SILENCE, "expect silence", "nothing may come for so long")                            \
    X(EXPECT_COUNT, "expect bytes", "waits until so many bytes have come, whatever they are")      \
    X(SLEEP, "sleep", "does nothing for so long")                                                  \
    X(AFTER, "after", "waits until another peer has finished, or has done so many steps")          \
    X(HALF_CLOSE, "half-close", "sends FIN and goes on reading")                                   \
    X(CLOSE, "close", "closes: FIN, or RST if bytes are unread")                                   \
    X(RESET, "reset", "sends RST")                                                                 \
    X(READ_STOP, "read stop", "stops reading: its receive buffer fills")                           \
    X(READ_SLOWLY, "read slowly", "reads at most so many bytes, once every so long")               \
    X(READ_ON, "read on", "reads whatever comes, at once: how each connection begins")             \
    X(BUFFERS, "buffers", "sets its receive buffer's size, before connect")                        \
    X(SIGNAL, "signal", "sends the program SIGTERM or SIGINT")                                     \
    X(BIND_UDP, "bind udp", "speaks UDP from now on: send and expect are one datagram each")       \
    X(CONNECT_UNIX, "connect unix", "connects to a Unix stream socket and waits until it may")     \
    X(CONNECT_SEQPACKET, "connect seqpacket",                                                      \
        "the same with a seqpacket socket: send and expect are one message each")                  \
    X(CONNECT_DATAGRAM, "connect datagram",                                                        \
        "is connected to that Unix socket for datagrams: send and expect are one each")            \
    X(BIND_DATAGRAM, "bind datagram", "has a Unix socket for datagrams from now on, under a name") \
    X(EXPECT_REFUSED_UNIX, "expect refused unix",                                                  \
        "connects to a Unix stream socket and must not be taken")                                  \
    X(SEND_TO, "send to", "sends Unix datagrams to that socket from now on, without a connection") \
    X(LISTEN_UNIX, "listen unix",                                                                  \
        "listens at the name of a Unix stream socket, for programs that are clients")              \
    X(LISTEN_SEQPACKET, "listen seqpacket", "the same with a seqpacket socket")                    \
    X(PASS_PIPE, "pass pipe",                                                                      \
        "sends the reading end of a pipe with these bytes along with what it sends next")          \
    X(PASS_SOCKET, "pass socket", "the same with a Unix stream socket")                            \
    X(EXPECT_DESCRIPTORS, "expect descriptors",                                                    \
        "waits until so many descriptors have come along with the bytes")                          \
    X(SEND_SLOWLY, "send slowly", "sends bytes one at a time, one every so long")                  \
    X(HTTP_REQUEST, "http-request", "sends an HTTP/1 request")                                     \
    X(HTTP_RESPONSE, "http-response", "sends an HTTP/1 response")                                  \
    X(EXPECT_HTTP_REQUEST, "expect http-request",                                                  \
        "waits until such an HTTP/1 request has come next")                                        \
    X(EXPECT_HTTP_RESPONSE, "expect http-response",                                                \
        "waits until such an HTTP/1 response has come next")

enum wbh_step_kind {
#define WBH_STEP_ENUM(name, word, what) WBH_STEP_##name,
    WBH_STEP_TABLE(WBH_STEP_ENUM)
#undef WBH_STEP_ENUM
        WBH_STEP_KIND_COUNT
};

/* X(enumerator, word, what it says of an HTTP message). Append only. */
#define WBH_PART_TABLE(X)                                                                          \
    X(HEADER, "header", "a line of the head")                                                      \
    X(NO_HEADER, "no-header", "no line of that name, nor one that goes without saying")            \
    X(BODY, "body", "the content")                                                                 \
    X(BODY_LEN, "body-len", "how long the content is")                                             \
    X(CHUNK, "chunked", "the next chunk of the content")                                           \
    X(TRAILER, "trailer", "a line behind chunked content")

enum wbh_part_kind {
#define WBH_PART_ENUM(name, word, what) WBH_PART_##name,
    WBH_PART_TABLE(WBH_PART_ENUM)
#undef WBH_PART_ENUM
        WBH_PART_KIND_COUNT
};

/* A part of an HTTP message that a step sends or expects. */
struct wbh_part {
    uint8_t kind;         /* enum wbh_part_kind */
    uint32_t data_offset; /* HEADER, TRAILER: "Name: value"; NO_HEADER: the name; BODY, CHUNK: a
                             literal, as of steps */
    uint32_t data_len;
    uint32_t repeat; /* BODY, CHUNK: >= 1 */
    uint32_t count;  /* BODY_LEN: bytes */
};

/* Of an HTTP message. */
enum wbh_http_version {
    WBH_HTTP_UNSAID, /* sent: 1.1; expected: either */
    WBH_HTTP_1_0,
    WBH_HTTP_1_1,
    WBH_HTTP_VERSION_COUNT
};

struct wbh_step {
    uint8_t kind;         /* enum wbh_step_kind */
    uint8_t version;      /* HTTP_..., EXPECT_HTTP_...: enum wbh_http_version */
    uint32_t line;        /* in the text it came from; 0: none */
    uint32_t data_offset; /* SEND, SEND_SLOWLY, EXPECT, PASS_PIPE, _SOCKET: literal in struct
                             wbh_scenario.data; HTTP_REQUEST, EXPECT_HTTP_REQUEST: method, a blank
                             and the target; CONNECT_UNIX, _SEQPACKET, _DATAGRAM, BIND_DATAGRAM,
                             EXPECT_REFUSED_UNIX, SEND_TO, LISTEN_UNIX, _SEQPACKET: name of a Unix
                             socket, a path or @ and an abstract name */
    uint32_t data_len;    /* 0: an empty datagram; BIND_DATAGRAM: a name of the system's choice */
    uint32_t repeat;      /* SEND, SEND_SLOWLY, EXPECT, PASS_PIPE, _SOCKET: >= 1 */
    uint32_t peer;        /* AFTER: index of the other peer */
    uint32_t step;        /* AFTER: so many of its steps done, >= 1; 0: all of them */
    uint32_t program; /* CONNECT, EXPECT_REFUSED, SIGNAL, BIND_UDP: number of the program meant */
    uint32_t count;   /* EXPECT_COUNT, READ_SLOWLY: bytes; LISTEN: port; BUFFERS: bytes; SIGNAL:
                         number; BIND_UDP: port, 0: any; EXPECT_DESCRIPTORS: how many;
                         HTTP_RESPONSE, EXPECT_HTTP_RESPONSE: status */
    uint64_t duration_ns; /* SLEEP, EXPECT_SILENCE, READ_SLOWLY, SEND_SLOWLY */
    uint32_t part_begin;  /* HTTP_..., EXPECT_HTTP_...: its parts are these of the scenario's */
    uint32_t part_count;
};

struct wbh_peer {
    char name[WBH_NAME_MAX + 1];
    uint32_t line;
    uint32_t host; /* where it is: 0 the host without a name, n hosts[n - 1] */
    struct wbh_step *steps;
    uint32_t step_count;
};

struct wbh_option {
    const char *name;  /* without dashes: "trigger" */
    const char *value; /* "edge"; "" for a flag, which has none */
};

/* X(enumerator, word, legal meaning) */
#define WBH_VERDICT_TABLE(X)                                                                       \
    X(OK, "ok", "nothing to object to")                                                            \
    X(CRASH, "crash", "the program aborted, was killed or broke memory")                           \
    X(HANG, "hang", "somebody waits for something that is there")                                  \
    X(SPIN, "spin", "the program wakes again and again without progress")                          \
    X(DIVERGENCE, "divergence", "bytes differ from what they must be, or from the fault-free run") \
    X(PROTOCOL, "protocol", "a peer was answered wrongly")                                         \
    X(LEAK, "leak", "descriptors, memory, slots or timers were left over")                         \
    X(MISUSE, "misuse", "the program broke the contract of a call")                                \
    X(LIMIT, "limit", "a bound on memory, calls or virtual time was passed")

enum wbh_verdict {
#define WBH_VERDICT_ENUM(name, word, what) WBH_VERDICT_##name,
    WBH_VERDICT_TABLE(WBH_VERDICT_ENUM)
#undef WBH_VERDICT_ENUM
        WBH_VERDICT_COUNT
};

const char *wbh_verdict_name(enum wbh_verdict verdict);
int wbh_verdict_from_name(const char *name, size_t len); /* -1: none */
const char *wbh_step_word(enum wbh_step_kind kind);
const char *wbh_part_word(enum wbh_part_kind kind);

/* What the system under a program is like. 0: the kernel's default. */
struct wbh_host {
    uint32_t fd_limit;
    uint32_t send_buffer_size;
    uint32_t recv_buffer_size;
    uint32_t flavour;    /* SIM_FLAVOUR_* */
    uint64_t memory_max; /* bytes; allocations beyond it fail */
    uint64_t calls_max;
    uint64_t time_max_ns;
};

/* X(word, what the readiness interface is like). In the order of the bits SIM_FLAVOUR_*; append
 * only. */
#define WBH_FLAVOUR_TABLE(X)                                                                       \
    X("edge-per-transition", "an edge comes only when a state changes from not ready to ready")    \
    X("no-rdhup", "RDHUP is never reported")                                                       \
    X("split-reports", "readable and writable of one source always come as two events")            \
    X("emulated-edge", "an edge comes again only after an operation has said would-block")

/* X(field of struct wbh_host, word, least, most, is a time, what it is). `flavour` is not one of
 * them. */
#define WBH_HOST_TABLE(X)                                                                          \
    X(fd_limit, "fd-limit", 4, 1048576, 0, "descriptors of a program")                             \
    X(send_buffer_size, "send-buffer", 1, WBH_BUFFER_MAX, 0, "bytes of its sockets' send buffers") \
    X(recv_buffer_size, "recv-buffer", 1, WBH_BUFFER_MAX, 0,                                       \
        "bytes of its sockets' receive buffers")                                                   \
    X(memory_max, "memory", 1, UINT64_C(1) << 40, 0, "bytes before allocations fail")              \
    X(calls_max, "calls", 1, 100000000, 0, "system calls before the run is ended")                 \
    X(time_max_ns, "time", 1, WBH_DURATION_MAX_NS, 1, "virtual time before the run is ended")

/* A program of the scenario, and what it is called there. */
struct wbh_cast {
    const char *program; /* a name; whether it exists is the runner's question */
    const char *label;   /* what other lines call it: a name of its own, or the program's */
    uint32_t line;
    uint32_t host; /* as of peers */
    const struct wbh_option *options;
    uint32_t option_count;
};

struct wbh_address {
    uint16_t family; /* WB_AF_INET or WB_AF_INET6 */
    uint8_t ip[16];
};

struct wbh_named_host {
    char name[WBH_NAME_MAX + 1];
    uint32_t line;
    struct wbh_address addresses[WBH_ADDRESSES_MAX];
    uint32_t address_count;
    struct wbh_host system; /* its limits of descriptors, memory and buffers */
};

/* An end of a link or a partition: n a named host, hosts[n - 1]; WBH_END_PEER(p) a peer. */
#define WBH_END_ANY UINT32_MAX
#define WBH_END_PEER(p) (16u + (uint32_t)(p))

/* X(word, what it is). In the order in which they are written. */
#define WBH_LINK_TABLE(X)                                                                          \
    X(latency, "the time one way")                                                                 \
    X(jitter, "what is added to it at most")                                                       \
    X(bandwidth, "bytes a second of all connections together")                                     \
    X(loss, "percent of segments that come late, and of datagrams that are gone")

struct wbh_link {
    uint32_t a;
    uint32_t b; /* WBH_END_ANY: everybody else */
    uint32_t line;
    uint64_t latency_ns;
    uint64_t jitter_ns;
    uint64_t bandwidth; /* bytes a second; 0: no bound */
    uint32_t loss;      /* percent */
};

/* X(enumerator, word, what happens then). Append only. */
#define WBH_MOMENT_TABLE(X)                                                                        \
    X(CRASH, "crash", "a program is killed")                                                       \
    X(RESTART, "restart", "a program that has ended begins again")                                 \
    X(PARTITION, "partition", "a link is cut")                                                     \
    X(HEAL, "heal", "a cut link is whole again")

enum wbh_moment_kind {
#define WBH_MOMENT_ENUM(name, word, what) WBH_MOMENT_##name,
    WBH_MOMENT_TABLE(WBH_MOMENT_ENUM)
#undef WBH_MOMENT_ENUM
        WBH_MOMENT_KIND_COUNT
};

const char *wbh_moment_word(enum wbh_moment_kind kind);

/* Something that the world does at a time of its own. */
struct wbh_moment {
    uint64_t at_ns; /* since the run began */
    uint32_t line;
    uint8_t kind; /* enum wbh_moment_kind */
    uint32_t a;   /* CRASH, RESTART: number of the program; PARTITION, HEAL: an end; HEAL:
                     WBH_END_ANY: all links */
    uint32_t b;   /* PARTITION, HEAL: the other end */
};

/* A file that is there before the run begins, or must be there when it has ended. */
struct wbh_placed_file {
    uint32_t line;
    uint32_t host; /* as of peers */
    uint32_t is_expected;
    uint32_t path_offset; /* in struct wbh_scenario.data */
    uint32_t path_len;
    uint32_t data_offset; /* contents: a literal, as of steps */
    uint32_t data_len;
    uint32_t repeat; /* >= 1 */
};

struct wbh_scenario {
    const char *title;
    const char *program; /* the first program: its name; whether it exists is the runner's question
                          */
    uint32_t program_line;
    struct wbh_option *options; /* the first program's */
    uint32_t option_count;
    const char *label; /* see struct wbh_cast; NULL: as the program */
    uint32_t program_host;
    struct wbh_cast *others; /* the programs after the first */
    uint32_t other_count;
    struct wbh_host host; /* of the host without a name, and bounds of the whole run */
    struct wbh_named_host *hosts;
    uint32_t host_count;
    struct wbh_link *links;
    uint32_t link_count;
    struct wbh_moment *moments;
    uint32_t moment_count;
    struct wbh_placed_file *files;
    uint32_t file_count;
    const char *profile; /* "none", "gentle", "hostile", "failing" */
    uint64_t seed;
    struct wbh_peer *peers;
    uint32_t peer_count;
    struct wbh_part *parts; /* of all steps */
    uint32_t part_count;
    struct wbh_decision *faults; /* explicit; subject holds WBH_SUBJECT() of peer and incarnation */
    uint32_t *fault_lines;
    uint32_t fault_count;
    uint8_t verdict; /* enum wbh_verdict expected */
    uint8_t *data;   /* all literals */
    uint32_t data_len;
    void *storage; /* owned */
};

/* The programs of a scenario, the first being number 0. Borrowed from the scenario. */
static inline uint32_t wbh_scenario_program_count(const struct wbh_scenario *scenario) {
    return scenario->other_count + 1;
}
struct wbh_cast wbh_scenario_program(const struct wbh_scenario *scenario, uint32_t n);

/* Whether a UDP port may be first one peer's socket's and then another's: peers ask for it more
 * than once, or for one that the kernel gives to whoever asks for none. Then timing decides whose
 * answers come to whom. */
bool wbh_scenario_udp_ports_pass_on(const struct wbh_scenario *scenario);
/* Takes away all that is about other programs, hosts, links and moments, files on other hosts
 * included. */
void wbh_scenario_make_plain(struct wbh_scenario *scenario);

/* Where and why a text is not a scenario. */
struct wbh_parse_error {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in bytes */
    char found[64];
    char expected[256];
    char hint[192]; /* "" or a sentence */
};

/* Parses a text. On failure returns NULL and fills the error. Ownership: free with
 * wbh_scenario_destroy. */
struct wbh_scenario *wbh_scenario_parse(
    const char *text, size_t len, struct wbh_parse_error *error);

/* Where a text finds what it takes `from "FILE"`: its bytes, by the name as written; malloc'ed, and
 * freed by the parser. NULL: it cannot be read; whoever knows why may have said so. The scenario
 * keeps the bytes, not the name. */
struct wbh_scenario_source {
    uint8_t *(*read)(void *user_data, const char *name, size_t *out_len);
    void *user_data;
};
/* The same for a text that may do so. `source` may be NULL: there is nothing to take. */
struct wbh_scenario *wbh_scenario_parse_with(const char *text, size_t len,
    const struct wbh_scenario_source *source, struct wbh_parse_error *error);

/* Formats "file:line:column: found ..., expected ...". Returns as snprintf. */
int wbh_parse_error_format(
    const struct wbh_parse_error *error, const char *file, char *buf, size_t buf_len);

/* The canonical text. Ownership: free() the result. NULL: out of memory. */
char *wbh_scenario_print(const struct wbh_scenario *scenario, size_t *out_len);

/* Any bytes become a scenario; NULL only when the host has no memory. Ownership:
 * wbh_scenario_destroy. */
struct wbh_scenario *wbh_scenario_decode(const uint8_t *bytes, size_t len);

/* Decodes into a scenario that is used again and again without allocating once it is warm: for
 * fuzzing. new: NULL if the host has no memory. decode_into: 0, or -1 if it has none; the scenario
 * is then an empty one. Ownership: wbh_scenario_destroy. */
struct wbh_scenario *wbh_scenario_new(void);
int wbh_scenario_decode_into(struct wbh_scenario *scenario, const uint8_t *bytes, size_t len);

/* The canonical bytes. Ownership: free() the result. */
uint8_t *wbh_scenario_encode(const struct wbh_scenario *scenario, size_t *out_len);

/* Deep copy; NULL: out of memory. */
struct wbh_scenario *wbh_scenario_clone(const struct wbh_scenario *scenario);

/* Whether the two say the same (lines of origin aside). */
int wbh_scenario_equal(const struct wbh_scenario *a, const struct wbh_scenario *b);

/* Replaces all explicit faults, the profile (with "none") and the seed (with 0): a run written out
 * as a plan. What a scenario cannot say is brought within its bounds; of two decisions with the
 * same key and action the first stays. 0, or -1 and nothing changed (no memory, or more than
 * WBH_FAULTS_MAX). `decisions` may be scenario->faults. */
int wbh_scenario_set_plan(
    struct wbh_scenario *scenario, const struct wbh_decision *decisions, size_t decision_count);

/* NULL is allowed. */
void wbh_scenario_destroy(struct wbh_scenario *scenario);

#ifdef __cplusplus
}
#endif

#endif
