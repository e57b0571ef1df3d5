/* Scenario texts out of a number; see generate.h. */
#include "generate.h"

#include "wouldblock/choice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

struct draft {
    uint64_t state;
    char *text;
    size_t len;
    size_t capacity;
    unsigned peers;
    unsigned steps_of_first;
    unsigned faults;
    unsigned programs; /* after the first */
    unsigned hosts;
};

static void say(struct draft *draft, const char *format, ...) {
    enum { LINE_MAX = 2048 };
    if (draft->capacity - draft->len < LINE_MAX) {
        draft->capacity = draft->capacity * 2 + LINE_MAX;
        draft->text = realloc(draft->text, draft->capacity);
        if (draft->text == NULL) {
            abort();
        }
    }
    va_list args;
    va_start(args, format);
    draft->len += (size_t)vsnprintf(draft->text + draft->len, LINE_MAX, format, args);
    va_end(args);
}

static unsigned below(struct draft *draft, unsigned bound) {
    return (unsigned)random_below(&draft->state, bound);
}

static const char *one_of(struct draft *draft, const char *const *words, unsigned count) {
    return words[below(draft, count)];
}
#define ONE_OF(draft, ...)                                                                         \
    one_of(draft, (const char *const[]){__VA_ARGS__},                                              \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void say_string(struct draft *draft) {
    unsigned len = 1 + below(draft, below(draft, 8) == 0 ? 200 : 12);
    say(draft, "\"");
    for (unsigned i = 0; i < len; i++) {
        if (below(draft, 3) == 0) {
            say(draft, "%s", ONE_OF(draft, "\\n", "\\r", "\\t", "\\0", "\\\\", "\\\"", "#", " "));
        } else {
            say(draft, "\\x%02X", below(draft, 256));
        }
    }
    say(draft, "\"");
}

static void say_time(struct draft *draft) {
    say(draft, "%u%s", 1 + below(draft, below(draft, 2) == 0 ? 9 : 800000),
        ONE_OF(draft, "ns", "us", "ms", "s"));
}

static void say_repeat(struct draft *draft) {
    if (below(draft, 3) == 0) {
        say(draft, " * %u", 1 + below(draft, below(draft, 2) == 0 ? 3 : 1000));
    }
}

static void say_host(struct draft *draft) {
    say(draft, "host");
    say(draft, " fd-limit=%u", 4 + below(draft, 1000));
    if (below(draft, 2) == 0) {
        say(draft, " flavour=%s",
            ONE_OF(draft, "no-rdhup", "edge-per-transition", "edge-per-transition,no-rdhup",
                "split-reports", "no-rdhup,emulated-edge"));
    }
    if (below(draft, 2) == 0) {
        say(draft, " time=");
        say_time(draft);
        say(draft, " calls=%u memory=%" PRIu64, 1 + below(draft, 100000000),
            1 + random_below(&draft->state, UINT64_C(1) << 40));
    }
    if (below(draft, 2) == 0) {
        say(draft, " recv-buffer=%u send-buffer=%u", 1 + below(draft, 16777216),
            1 + below(draft, 65536));
    }
    say(draft, "   # the host\n");
}

/* ---- the world: other programs, named hosts, links, moments */

static void say_on_host(struct draft *draft) {
    if (draft->hosts != 0 && below(draft, 2) == 0) {
        say(draft, " on h%u", below(draft, draft->hosts));
    }
}

/* The others are called program1, program2 ... */
static void say_program_name(struct draft *draft) {
    say(draft, " program%u", 1 + below(draft, draft->programs));
}

static void say_other_program(struct draft *draft, unsigned n) {
    say(draft, "program %s as program%u",
        ONE_OF(draft, "ping_pong", "ping_pong_client", "anything"), n);
    say_on_host(draft);
    say(draft, "%s\n", ONE_OF(draft, "", " server=10.0.0.1:80", " trigger=edge clients=3"));
}

static void say_named_host(struct draft *draft, unsigned n) {
    say(draft, "host h%u address=10.%u.0.%u", n, n, 1 + below(draft, 200));
    if (below(draft, 2) == 0) {
        say(draft, ",fd00::%x", 1 + n);
    }
    if (below(draft, 3) == 0) {
        say(draft, " memory=%u recv-buffer=%u", 1 + below(draft, 100000), 1 + below(draft, 5000));
    }
    say(draft, "\n");
}

static void say_end(struct draft *draft, unsigned n) {
    bool is_host = n < draft->hosts;
    say(draft, is_host ? " h%u" : " peer%u", is_host ? n : n - draft->hosts);
}

/* Two ends that differ, or one. */
static void say_ends(struct draft *draft) {
    unsigned first = below(draft, draft->hosts + draft->peers);
    unsigned second = below(draft, draft->hosts + draft->peers);
    say_end(draft, first);
    if (second != first) {
        say_end(draft, second);
    }
}

/* Its first end is the n-th, the second a later one or none: no two links have the same. */
static void say_link(struct draft *draft, unsigned n) {
    unsigned second = n + below(draft, draft->hosts + draft->peers - n);
    say(draft, "link");
    say_end(draft, n);
    if (second != n) {
        say_end(draft, second);
    }
    say(draft, " latency=");
    say_time(draft);
    if (below(draft, 2) == 0) {
        say(draft, " loss=%u%%", 1 + below(draft, 90));
    }
    if (below(draft, 2) == 0) {
        say(draft, " bandwidth=%u", 100 + below(draft, 1000000));
    }
    if (below(draft, 2) == 0) {
        say(draft, " jitter=");
        say_time(draft);
    }
    say(draft, "\n");
}

static void say_moment(struct draft *draft) {
    bool has_ends = draft->hosts + draft->peers != 0;
    say(draft, "at ");
    say_time(draft);
    if (draft->programs != 0 && below(draft, 2) == 0) {
        say(draft, " %s", ONE_OF(draft, "crash", "restart"));
        say_program_name(draft);
    } else if (has_ends && below(draft, 2) == 0) {
        say(draft, " %s", ONE_OF(draft, "partition", "heal"));
        say_ends(draft);
    } else {
        say(draft, " heal");
    }
    say(draft, "\n");
}

/* Each has a folder of its own, so that none is in another's way. */
static void say_file(struct draft *draft, unsigned number) {
    say(draft, "%s \"/d%u%s\"", ONE_OF(draft, "file", "expect file"), number,
        ONE_OF(draft, "", "/a.txt", "/a b/\\xFFc", "/x/y/z"));
    if (draft->hosts != 0 && below(draft, 2) == 0) {
        say(draft, " on h%u", below(draft, draft->hosts));
    }
    say(draft, " ");
    if (below(draft, 6) == 0) {
        say(draft, "\"\"\n");
        return;
    }
    say_string(draft);
    say_repeat(draft);
    say(draft, "\n");
}

static void say_world(struct draft *draft) {
    for (unsigned i = 0; i < draft->hosts; i++) {
        say_named_host(draft, i);
    }
    unsigned links = below(draft, 4);
    for (unsigned i = 0; i < links && i < draft->hosts + draft->peers; i++) {
        say_link(draft, i);
    }
    for (unsigned i = below(draft, 4); i > 0; i--) {
        say_moment(draft);
    }
    for (unsigned i = below(draft, 4); i > 0; i--) {
        say_file(draft, i);
    }
}

/* ---- HTTP messages */

static void say_line(struct draft *draft, const char *word) {
    say(draft, " %s \"%s\"", word,
        ONE_OF(draft, "Content-Length: 5", "x:", "A:  b\\t", "Host: \\xff#", "!#: \\\\\\\""));
}

static void say_content(struct draft *draft, const char *word) {
    say(draft, " %s", word);
    for (unsigned i = below(draft, 3); word[0] == 'c' && i > 0; i--) {
        say(draft, " ");
        say_string(draft);
    }
    say(draft, " %s", ONE_OF(draft, "\"\"", "\"a\\r\\n\"", "\"0\""));
    say_repeat(draft);
}

/* Lines in any order, and the content once. */
static void say_parts(struct draft *draft, bool is_sent) {
    for (unsigned i = below(draft, 4); i > 0; i--) {
        if (below(draft, 3) == 0) {
            say(draft, "  no-header %s", ONE_OF(draft, "Host", "x#y", "content-length"));
        } else {
            say_line(draft, "header");
        }
    }
    switch (below(draft, 5)) {
    case 0:
        say_content(draft, "body");
        break;
    case 1:
        if (is_sent) {
            say_content(draft, "chunked");
            say_line(draft, "header");
            say_content(draft, "chunked");
            say_line(draft, "trailer");
        } else {
            say(draft, " body-len %u", below(draft, 1000));
            say_line(draft, "trailer");
        }
        break;
    default:
        break;
    }
    if (below(draft, 4) == 0) {
        say_line(draft, "header");
    }
}

static void say_message(struct draft *draft) {
    bool is_sent = below(draft, 2) == 0;
    say(draft, "%s", is_sent ? "" : "expect ");
    if (below(draft, 2) == 0) {
        say(draft, "http-request %s %s", ONE_OF(draft, "GET", "HEAD", "POST", "x#", "A'B"),
            ONE_OF(draft, "/", "*", "/a?b=c#d", "http://a/", "::"));
    } else {
        say(draft, "http-response  %u", 100 + below(draft, 900));
    }
    say(draft, "%s", ONE_OF(draft, "", "", " version=1.0", " version=1.1"));
    say_parts(draft, is_sent);
}

/* ---- steps */

static void say_step(struct draft *draft, unsigned peer) {
    say(draft, "%s", ONE_OF(draft, "  ", "\t", "      "));
    switch (below(draft, 26)) {
    case 18:
    case 19:
    case 20:
        say_message(draft);
        break;
    case 21:
        say(draft, "send  slowly ");
        say_string(draft);
        say_repeat(draft);
        say(draft, " every ");
        say_time(draft);
        break;
    case 0:
        say(draft, "send ");
        say_string(draft);
        say_repeat(draft);
        break;
    case 1:
        say(draft, "expect   ");
        say_string(draft);
        say_repeat(draft);
        break;
    case 2:
        say(draft, "expect silence ");
        say_time(draft);
        break;
    case 3:
        say(draft, "expect bytes %u", 1 + below(draft, 16777216));
        break;
    case 4:
        say(draft, "sleep ");
        say_time(draft);
        break;
    case 5:
        /* Only backwards, so that there is no circle. */
        say(draft, peer == 0 ? "connect" : "after peer%u", below(draft, peer == 0 ? 1 : peer));
        break;
    case 6:
        if (peer == 0) {
            say(draft, "accept");
        } else {
            say(draft, "after peer0 %u", 1 + below(draft, draft->steps_of_first));
        }
        break;
    case 7:
        say(draft, "read slowly %u every ", 1 + below(draft, 16777216));
        say_time(draft);
        break;
    case 8:
        say(draft, "buffers %u", 1 + below(draft, 16777216));
        break;
    case 9:
        say(draft, "listen %u", 1 + below(draft, 65535));
        break;
    case 11:
        say(draft, below(draft, 2) == 0 ? "bind udp" : "bind  udp %u", 1 + below(draft, 65535));
        if (draft->programs != 0) {
            say_program_name(draft);
        }
        break;
    case 14:
        say(draft, "%s%s",
            ONE_OF(draft, "connect unix ", "connect  seqpacket ", "connect datagram",
                "bind datagram", "expect refused unix ", "send  to ", "listen unix ",
                "listen  seqpacket "),
            ONE_OF(draft, "\"/run/echo\"", "\"@echo\"", "\"a b\\xc3\\x01\""));
        break;
    case 15:
        say(draft, "bind datagram");
        break;
    case 16:
        say(draft, "pass %s ", ONE_OF(draft, "pipe", " socket"));
        say_string(draft);
        say_repeat(draft);
        break;
    case 17:
        say(draft, "expect descriptors %u", 1 + below(draft, 64768));
        break;
    case 12:
        say(draft, ONE_OF(draft, "send \"\"", "expect \"\"  * 3"));
        break;
    case 10:
        say(draft, "signal %s", ONE_OF(draft, "SIGTERM", "SIGINT"));
        if (draft->programs != 0) {
            say_program_name(draft);
        }
        break;
    case 13:
        say(draft, "%s", ONE_OF(draft, "connect", "expect refused"));
        if (draft->programs != 0) {
            say_program_name(draft);
        }
        break;
    default:
        say(draft, "%s",
            ONE_OF(draft, "connect", "accept", "expect close", "expect reset", "expect refused",
                "half-close", "close", "reset", "read stop", "read on", "expect  close"));
        break;
    }
    say(draft, "%s\n", ONE_OF(draft, "", "", " # why", "  "));
}

static void say_peer(struct draft *draft, unsigned peer) {
    unsigned count = below(draft, 12);
    if (peer == 0) {
        count++;
        draft->steps_of_first = count;
    }
    say(draft, "\npeer peer%u", peer);
    say_on_host(draft);
    say(draft, "\n");
    for (unsigned i = 0; i < count; i++) {
        say_step(draft, peer);
    }
}

/* ---- faults */

static void say_connection(struct draft *draft) {
    unsigned kind = below(draft, 8);
    if (kind == 0) {
        say(draft, "none");
    } else if (kind == 1 || draft->peers == 0) {
        say(draft, "local%u.%s", 1 + below(draft, 32767), ONE_OF(draft, "a", "b"));
    } else {
        say(draft, "peer%u", below(draft, draft->peers));
        if (kind == 2) {
            say(draft, "#%u", 2 + below(draft, 32766));
        }
    }
}

static unsigned pick_bit(struct draft *draft, uint32_t bits) {
    unsigned bit;
    do {
        bit = below(draft, 32);
    } while ((bits >> bit & 1u) == 0);
    return bit;
}

static void say_argument(struct draft *draft, enum wbh_point point, enum wbh_action action) {
    switch (wbh_action_argument(action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        say(draft, " %u", 1 + below(draft, below(draft, 2) == 0 ? 300 : 4000000000u));
        break;
    case WBH_ARGUMENT_TIME:
        say(draft, " ");
        say_time(draft);
        break;
    case WBH_ARGUMENT_ERRNO:
        say(draft, " %s", wbh_errno_name(wbh_errno_nth(pick_bit(draft, wbh_point_errnos(point)))));
        break;
    case WBH_ARGUMENT_EVENTS:
        say(draft, " ");
        if (below(draft, 4) == 0) {
            say(draft, "listener");
        } else {
            say_connection(draft);
        }
        say(draft, " %s",
            ONE_OF(draft, "readable", "writable", "readable,writable", "writable,readable",
                "read-closed", "hangup,error", "priority"));
        break;
    }
}

/* The ordinal grows, so that no fault is given twice. */
static void say_fault(struct draft *draft) {
    enum wbh_point point = (enum wbh_point)below(draft, WBH_POINT_COUNT);
    enum wbh_action action = (enum wbh_action)pick_bit(draft, wbh_point_actions(point));
    say(draft, "fault ");
    if (wbh_point_is_per_connection(point)) {
        say_connection(draft);
        say(draft, ".");
    } else if (draft->programs != 0 && point != WBH_POINT_RUN && below(draft, 2) == 0) {
        say(draft, "program%u.", 1 + below(draft, draft->programs));
    }
    draft->faults += 1 + below(draft, 200);
    say(draft, "%s %u %s", wbh_point_name(point), draft->faults, wbh_action_name(action));
    say_argument(draft, point, action);
    say(draft, "\n");
}

char *generate_text(uint64_t seed, size_t *out_len) {
    struct draft draft = {.state = seed};
    draft.peers = below(&draft, 5);
    draft.programs = below(&draft, 2) == 0 ? 0 : below(&draft, 4);
    draft.hosts = below(&draft, 2) == 0 ? 0 : below(&draft, 4);
    say(&draft, "# number %" PRIu64 "\n\nscenario ", seed);
    say(&draft, "\"%s\"\n", ONE_OF(&draft, "", "t", "a \\\"quoted\\\" title\\n", "\\xff\\x01"));
    say(&draft, "program %s%s%s%s\n",
        ONE_OF(&draft, "ping_pong", "multi_echo", "registration", "grpc_greeter", "other", "x9_"),
        ONE_OF(&draft, "", " trigger=edge", " trigger=level framed", " accept-once",
            " trigger=sideways x"),
        ONE_OF(&draft, "", " max-connections=2"), ONE_OF(&draft, "", " listen=[::1]:80"));
    for (unsigned i = 1; i <= draft.programs; i++) {
        say_other_program(&draft, i);
    }
    if (below(&draft, 2) == 0) {
        say_host(&draft);
    }
    say_world(&draft);
    if (below(&draft, 2) == 0) {
        say(&draft, "faults %s seed=%" PRIu64 "\r\n",
            ONE_OF(&draft, "none", "gentle", "hostile", "failing"),
            next_random(&draft.state) >> below(&draft, 64));
    }
    for (unsigned peer = 0; peer < draft.peers; peer++) {
        say_peer(&draft, peer);
    }
    for (unsigned faults = below(&draft, 10); faults > 0; faults--) {
        say_fault(&draft);
    }
    if (below(&draft, 2) == 0) {
        say(&draft, "verdict %s",
            ONE_OF(&draft, "ok", "crash", "hang", "spin", "divergence", "protocol", "leak",
                "misuse", "limit"));
    }
    *out_len = draft.len;
    return draft.text;
}
