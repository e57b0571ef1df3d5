/* Words for what scripted peers do: one sentence a step. */
#include "report/narrate_internal.h"

#include <errno.h>
#include <inttypes.h>

#include "report/names.h"

/* "12 bytes "hello world\n"". */
static void add_bytes(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_count(out, event->data_len, "byte");
    wbh_text_add(out, " ");
    wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
}

static void narrate_after(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "goes on after ");
    if (event->b < narrator->scenario->peer_count) {
        wbh_text_add(out, narrator->scenario->peers[event->b].name);
    } else {
        wbh_text_add(out, "another peer");
    }
}

static void narrate_sleep(const struct sim_event *event, const char *words, struct wbh_text *out) {
    wbh_text_add(out, words);
    wbh_text_duration(out, event->b);
}

/* The event's data is a name of a Unix socket, its number what the attempt came to. */
static void narrate_connect_unix(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    static const char *const kinds[WBH_STEP_KIND_COUNT] = {
        [WBH_STEP_CONNECT_UNIX] = "connects to the Unix socket ",
        [WBH_STEP_CONNECT_SEQPACKET] = "connects to the Unix seqpacket socket ",
        [WBH_STEP_CONNECT_DATAGRAM] = "connects its Unix datagrams to ",
        [WBH_STEP_SEND_TO] = "sends Unix datagrams from now on to ",
        [WBH_STEP_EXPECT_REFUSED_UNIX] = "expects a refusal of the Unix socket ",
    };
    wbh_text_add(out, kinds[event->a]);
    wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
    if (event->b == EAGAIN && event->a != WBH_STEP_EXPECT_REFUSED_UNIX) {
        wbh_text_add(out, ", whose queue is full, and waits for room");
    } else if (event->b != 0) {
        wbh_text_add(out, " and is told ");
        wbh_report_add_errno(out, (int)event->b);
    }
}

static void narrate_bind_datagram(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "has a Unix socket for datagrams");
    if (event->data_len != 0) {
        wbh_text_add(out, " called ");
        wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
    }
    if (event->b != 0) {
        wbh_text_add(out, ", which it cannot have: ");
        wbh_report_add_errno(out, (int)event->b);
    }
}

static void narrate_listen_unix(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, event->a == WBH_STEP_LISTEN_UNIX ? "listens at the Unix socket "
                                                       : "listens at the Unix seqpacket socket ");
    wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
    if (event->b != 0) {
        wbh_text_add(out, ", which it cannot have: ");
        wbh_report_add_errno(out, (int)event->b);
    }
}

struct wbh_narration wbh_narrate_peer(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    struct wbh_narration narration = {.who = WBH_WHO_PEER};
    if (event->a >= WBH_STEP_KIND_COUNT) {
        wbh_text_format(out, "does %" PRIu64 " (%" PRIu64 ")", event->a, event->b);
        return narration;
    }
    switch ((enum wbh_step_kind)event->a) {
    case WBH_STEP_CONNECT:
        wbh_text_add(out, "connects");
        break;
    case WBH_STEP_LISTEN:
        wbh_text_format(out, "listens on port %" PRIu64, event->b);
        break;
    case WBH_STEP_ACCEPT:
        wbh_text_add(out, "accepts the program's connection");
        break;
    case WBH_STEP_SEND:
        wbh_text_add(out, "sends ");
        add_bytes(narrator, event, out);
        narration.bytes = event->data_len;
        break;
    case WBH_STEP_SEND_SLOWLY:
        wbh_text_add(out, "sends, slowly, ");
        add_bytes(narrator, event, out);
        narration.bytes = event->data_len;
        break;
    case WBH_STEP_HTTP_REQUEST:
    case WBH_STEP_HTTP_RESPONSE:
        wbh_text_add(out, event->a == WBH_STEP_HTTP_REQUEST ? "sends an HTTP request, "
                                                            : "sends an HTTP response, ");
        add_bytes(narrator, event, out);
        narration.bytes = event->data_len;
        break;
    case WBH_STEP_EXPECT_HTTP_REQUEST:
    case WBH_STEP_EXPECT_HTTP_RESPONSE:
        wbh_text_add(out, event->a == WBH_STEP_EXPECT_HTTP_REQUEST ? "has got an HTTP request, "
                                                                   : "has got an HTTP response, ");
        add_bytes(narrator, event, out);
        wbh_text_add(out, ", as expected");
        narration.bytes = event->data_len;
        break;
    case WBH_STEP_EXPECT:
        wbh_text_add(out, "has got ");
        add_bytes(narrator, event, out);
        wbh_text_add(out, ", as expected");
        narration.bytes = event->data_len;
        break;
    case WBH_STEP_EXPECT_CLOSE:
        wbh_text_add(out, "sees the end of the stream, as expected");
        break;
    case WBH_STEP_EXPECT_RESET:
        wbh_text_add(out, "sees a reset, as expected");
        break;
    case WBH_STEP_EXPECT_REFUSED:
        wbh_text_add(out, "tries to connect and expects a refusal");
        break;
    case WBH_STEP_EXPECT_SILENCE:
        narrate_sleep(event, "has heard nothing for ", out);
        break;
    case WBH_STEP_EXPECT_COUNT:
        wbh_text_add(out, "has got ");
        wbh_text_count(out, event->b, "byte");
        wbh_text_add(out, ", as expected");
        break;
    case WBH_STEP_SLEEP:
        narrate_sleep(event, "has slept for ", out);
        break;
    case WBH_STEP_AFTER:
        narrate_after(narrator, event, out);
        break;
    case WBH_STEP_HALF_CLOSE:
        wbh_text_add(out, "closes its sending side");
        break;
    case WBH_STEP_CLOSE:
        wbh_text_add(out, "closes");
        break;
    case WBH_STEP_RESET:
        wbh_text_add(out, "resets the connection");
        break;
    case WBH_STEP_READ_STOP:
        wbh_text_add(out, "stops reading");
        break;
    case WBH_STEP_READ_SLOWLY:
        wbh_text_add(out, "reads slowly, ");
        wbh_text_count(out, event->b, "byte");
        wbh_text_add(out, " at a time");
        break;
    case WBH_STEP_READ_ON:
        wbh_text_add(out, "reads whatever comes");
        break;
    case WBH_STEP_BUFFERS:
        wbh_text_add(out, "makes its receive buffer ");
        wbh_text_count(out, event->b, "byte");
        wbh_text_add(out, " large");
        break;
    case WBH_STEP_SIGNAL:
        wbh_text_add(out, "sends the program a signal");
        break;
    case WBH_STEP_CONNECT_UNIX:
    case WBH_STEP_CONNECT_SEQPACKET:
    case WBH_STEP_CONNECT_DATAGRAM:
    case WBH_STEP_EXPECT_REFUSED_UNIX:
    case WBH_STEP_SEND_TO:
        narrate_connect_unix(narrator, event, out);
        break;
    case WBH_STEP_LISTEN_UNIX:
    case WBH_STEP_LISTEN_SEQPACKET:
        narrate_listen_unix(narrator, event, out);
        break;
    case WBH_STEP_PASS_PIPE:
    case WBH_STEP_PASS_SOCKET:
        wbh_text_format(out, "passes along with what it sends next a %s with ",
            event->a == WBH_STEP_PASS_PIPE ? "pipe" : "socket");
        add_bytes(narrator, event, out);
        break;
    case WBH_STEP_EXPECT_DESCRIPTORS:
        wbh_text_add(out, "has got ");
        wbh_text_count(out, event->b, "descriptor");
        wbh_text_add(out, ", as expected");
        break;
    case WBH_STEP_BIND_DATAGRAM:
        narrate_bind_datagram(narrator, event, out);
        break;
    case WBH_STEP_BIND_UDP:
        wbh_text_format(out, "speaks UDP from port %" PRIu64, event->b);
        break;
    case WBH_STEP_KIND_COUNT:
        break;
    }
    return narration;
}
