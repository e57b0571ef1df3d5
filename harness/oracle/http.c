/* HTTP/1 on the connections of a program that speaks it: a server on those that it accepts, a
 * client on those that it makes. What it sends is read by the reference, which is as strict as RFC
 * 9112 lets a recipient be, and so is what it was sent, as far as the program has read it.
 *
 * Silent behind a tunnel, and where a message that breaks off may have a reason: the connection was
 * reset or a call on it failed, something was refused, the program is told to end, the request
 * itself is not whole, the other end does not read or has finished, or the program only hands on
 * what it gets. */
#include "oracle/http.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "oracle/judge.h"

/* Whoever waits that long for room has been patient. */
static const uint64_t patience_ns = UINT64_C(1000000000);

static struct wbh_talk *talk_of(struct wbh_judge *judge, uint32_t subject) {
    const struct wbh_conn *conn =
        subject != WBH_SUBJECT_NONE ? wbh_ledger_conn(&judge->ledger, subject) : NULL;
    return conn != NULL && conn->talk != 0 ? &judge->talks.items[conn->talk - 1] : NULL;
}

/* ---- findings ---- */

bool wbh_http_object(
    struct wbh_judge *judge, struct wbh_talk *talk, struct wbh_prose *text, struct wbh_prose *why) {
    struct wbh_finding *finding =
        talk->may_be_tunnel ? NULL : wbh_judge_find(judge, &wbh_oracle_http, talk->subject);
    talk->is_over = true;
    if (finding == NULL) {
        return false;
    }
    *text = wbh_finding_text(finding);
    *why = wbh_finding_why(finding);
    wbh_prose_add(text, "on ");
    wbh_prose_connection(text, judge->config.scenario, talk->subject);
    wbh_prose_add(text, " the program ");
    return true;
}

static void show_bytes(struct wbh_prose *why, const struct wbh_flow *flow) {
    wbh_prose_add(why, "sent, from byte %" PRIu64 " of the connection on: ", flow->passed_len);
    wbh_prose_bytes(why, wbh_queue_front(&flow->bytes), flow->bytes.len);
    wbh_prose_add(why, "\n");
}

static void add_asked(struct wbh_prose *prose, const struct wbh_talk *talk) {
    wbh_prose_count(prose, talk->known, "request");
    wbh_prose_add(prose, talk->requests.is_bad ? " and then something that is none" : "");
}

/* ---- what a response may say ---- */

static bool is_interim(const struct wbh_http_head *head) {
    return head->status < 200 && head->status != 101;
}

/* Something that is no whole request has come, and may be refused; to silence only those two
 * can be an answer. */
static bool may_be_unasked(const struct wbh_talk *talk, const struct wbh_http_head *head) {
    const struct wbh_flow *requests = &talk->requests;
    bool is_refusal = head->status >= 400 && !head->stays_open;
    bool is_behind_whole = talk->known == 0 || talk->asked[talk->known - 1].is_whole;
    bool is_begun =
        requests->is_bad || (requests->stage == WBH_FLOW_HEAD && requests->bytes.len != 0);
    return is_refusal && is_behind_whole
           && (is_begun || head->status == 408 || head->status == 503);
}

static const char *unasked(const struct wbh_talk *talk, const struct wbh_http_head *head) {
    if (is_interim(head)) {
        return "before there is a request that it could be for";
    }
    return may_be_unasked(talk, head)
               ? NULL
               : "to no request, and not one that refuses what is none and says close";
}

static const char *wrong_interim(
    struct wbh_talk *talk, const struct wbh_http_head *head, const struct wbh_asked *asked) {
    if (!asked->is_1_1) {
        return "to a request of HTTP/1.0, which knows no interim ones";
    }
    if (head->status != 100) {
        return NULL;
    }
    if (!asked->awaits_continue) {
        return "to a request that does not wait for it";
    }
    if (talk->was_continued) {
        return "to the same request again";
    }
    talk->was_continued = true;
    return NULL;
}

static const char *wrong_framing(const struct wbh_http_head *head, const struct wbh_asked *asked) {
    bool has_length = wbh_http_line_of(head, "content-length", 0) != NULL;
    bool has_coding = wbh_http_line_of(head, "transfer-encoding", 0) != NULL;
    bool connects = asked != NULL && strcmp(asked->method, "CONNECT") == 0 && head->status >= 200
                    && head->status < 300;
    if (has_length && has_coding) {
        return "that is framed twice, by Content-Length and by Transfer-Encoding";
    }
    if (has_coding && asked != NULL && !asked->is_1_1) {
        return "with Transfer-Encoding to a request of HTTP/1.0, which does not know it";
    }
    if ((has_length || has_coding) && (head->status < 200 || head->status == 204 || connects)) {
        return "that says how its content is framed and can have none";
    }
    if (head->status == 205 && head->content == WBH_HTTP_OF_LENGTH && head->content_len != 0) {
        return "that has content and can have none"; /* RFC 9110 section 15.3.6 */
    }
    return NULL;
}

/* Nobody waits for what has come. */
static const char *wrong_final(const struct wbh_http_head *head, const struct wbh_asked *asked) {
    return head->status == 408 && asked->is_whole
               ? "to a request that had come, and that it had read to its end"
               : NULL;
}

/* A clause that says what is wrong; NULL: nothing. */
static const char *wrong(
    struct wbh_talk *talk, const struct wbh_http_head *head, const struct wbh_asked *asked) {
    const char *clause = asked == NULL      ? unasked(talk, head)
                         : is_interim(head) ? wrong_interim(talk, head, asked)
                                            : wrong_final(head, asked);
    return clause != NULL ? clause : wrong_framing(head, asked);
}

static void wrong_head(struct wbh_judge *judge, struct wbh_talk *talk,
    const struct wbh_http_head *head, const char *clause) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "sends a response %u %s", head->status, clause);
        wbh_prose_add(&why, "When it began to, the program had read ");
        add_asked(&why, talk);
        wbh_prose_add(&why, " and had answered %zu.\n", talk->answered);
        show_bytes(&why, &talk->responses);
    }
}

/* ---- reading responses ---- */

static const struct wbh_asked *present_request(const struct wbh_talk *talk) {
    return talk->answered < talk->known ? &talk->asked[talk->answered] : NULL;
}

static const char *method_of(const struct wbh_asked *asked) {
    return asked != NULL ? asked->method : "GET";
}

static void no_response(
    struct wbh_judge *judge, struct wbh_talk *talk, const struct wbh_asked *asked) {
    struct wbh_prose text;
    struct wbh_prose why;
    const struct wbh_flow *flow = &talk->responses;
    size_t at = wbh_http_bad_at((const char *)wbh_queue_front(&flow->bytes), flow->bytes.len,
        method_of(asked), asked != NULL && asked->upgrade, &wbh_flow_limits);
    if (!wbh_http_object(judge, talk, &text, &why)) {
        return;
    }
    wbh_prose_add(
        &text, "sends what is no response, from byte %" PRIu64 " on", flow->passed_len + at);
    if (talk->is_bodiless) {
        wbh_prose_add(&text, ", behind a response %u that has no content", talk->status);
    }
    show_bytes(&why, flow);
}

static void take_head(struct wbh_judge *judge, struct wbh_talk *talk,
    const struct wbh_http_head *head, const struct wbh_asked *asked) {
    talk->status = head->status;
    talk->is_final = !is_interim(head);
    talk->is_bodiless = head->content == WBH_HTTP_NO_CONTENT;
    talk->is_last = talk->is_final && (!head->stays_open || asked == NULL || !asked->stays_open);
    talk->answered += talk->is_final && asked != NULL;
    talk->is_relayed = talk->is_final && wbh_http_is_relayed(judge, head);
    talk->responses.keeps = talk->is_relayed;
    wbh_flow_begin_content(&talk->responses, head);
    if (head->content == WBH_HTTP_TUNNEL) {
        wbh_flow_lose(&talk->requests, false);
        wbh_http_judge_relayed(judge, talk);
    }
}

static enum wbh_http_outcome read_head(struct wbh_judge *judge, struct wbh_talk *talk) {
    struct wbh_flow *flow = &talk->responses;
    struct wbh_http_head head;
    if (!talk->is_begun) {
        talk->is_begun = true;
        wbh_talk_hear_requests(talk);
        talk->known = talk->asked_count;
    }
    const struct wbh_asked *asked = present_request(talk);
    enum wbh_http_outcome outcome =
        wbh_http_read_response((const char *)wbh_queue_front(&flow->bytes), flow->bytes.len,
            method_of(asked), asked != NULL && asked->upgrade, &wbh_flow_limits, &head);
    if (outcome == WBH_HTTP_BAD) {
        no_response(judge, talk, asked);
    } else if (outcome == WBH_HTTP_WHOLE) {
        const char *clause = wrong(talk, &head, asked);
        if (clause != NULL) {
            wrong_head(judge, talk, &head, clause);
            return WBH_HTTP_BAD;
        }
        take_head(judge, talk, &head, asked);
    }
    return outcome;
}

static void end_response(struct wbh_judge *judge, struct wbh_talk *talk) {
    talk->is_begun = false;
    wbh_http_judge_relayed(judge, talk);
    if (talk->is_final) {
        talk->was_continued = false;
        wbh_talk_release_requests(talk);
        wbh_talk_hear_requests(talk);
        talk->was_early = talk->answered != 0 && !talk->asked[talk->answered - 1].is_whole;
    }
    if (talk->is_last) {
        talk->responses.stage = WBH_FLOW_OVER;
    }
}

static void said_more(struct wbh_judge *judge, struct wbh_talk *talk) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text,
            "sends something behind a response %u that is the last, by what it says itself or by "
            "what the request says",
            talk->status);
        show_bytes(&why, &talk->responses);
    }
}

static void wrong_chunks(struct wbh_judge *judge, struct wbh_talk *talk) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "sends a response %u whose chunks or trailers are none", talk->status);
        show_bytes(&why, &talk->responses);
    }
}

/* Reads on as far as it goes. */
static void read_responses(struct wbh_judge *judge, struct wbh_talk *talk, bool all) {
    struct wbh_flow *flow = &talk->responses;
    while (flow->bytes.len != 0 && !talk->is_over) {
        if (flow->stage == WBH_FLOW_OVER) {
            said_more(judge, talk);
            return;
        }
        if (flow->stage == WBH_FLOW_HEAD && read_head(judge, talk) != WBH_HTTP_WHOLE) {
            return;
        }
        enum wbh_http_outcome outcome = wbh_flow_skip_content(flow, all);
        if (outcome == WBH_HTTP_BAD) {
            wrong_chunks(judge, talk);
            return;
        }
        if (outcome == WBH_HTTP_PART) {
            return;
        }
        end_response(judge, talk);
    }
}

/* ---- requests of a client ---- */

static void no_request(struct wbh_judge *judge, struct wbh_talk *talk) {
    const struct wbh_flow *flow = &talk->requests;
    struct wbh_prose text;
    struct wbh_prose why;
    size_t at = wbh_http_bad_at((const char *)wbh_queue_front(&flow->bytes), flow->bytes.len, NULL,
        false, &wbh_flow_limits);
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(
            &text, "sends what is no request, from byte %" PRIu64 " on", flow->passed_len + at);
        show_bytes(&why, flow);
    }
}

/* Behind a request that says close, or is of HTTP/1.0 and does not say keep-alive, there is no
 * other. */
static bool goes_on_behind_the_last(const struct wbh_talk *talk) {
    size_t count = talk->asked_count;
    if (count > 1 && !talk->asked[count - 2].stays_open) {
        return true;
    }
    return count != 0 && !talk->asked[count - 1].stays_open && talk->requests.stage == WBH_FLOW_HEAD
           && talk->requests.bytes.len != 0;
}

static void read_requests(struct wbh_judge *judge, struct wbh_talk *talk) {
    struct wbh_prose text;
    struct wbh_prose why;
    wbh_talk_hear_requests(talk);
    wbh_http_judge_requests(judge, talk);
    if (talk->is_over) {
        return;
    }
    if (talk->requests.is_bad) {
        no_request(judge, talk);
    } else if (talk->requests.stage == WBH_FLOW_HELD) {
        wbh_flow_lose(&talk->requests, false); /* whatever the answer, it is not seen here */
    } else if (goes_on_behind_the_last(talk) && wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "sends a request behind one that it said was the last");
        show_bytes(&why, &talk->requests);
    }
}

/* ---- what services get ---- */

/* What the service got is not what was sent. */
static void wrong_request(struct wbh_judge *judge, struct wbh_talk *talk, const char *clause) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "%s", clause);
        wbh_prose_add(&why, "It had read ");
        wbh_prose_count(&why, talk->asked_count, "request");
        wbh_prose_add(&why, "; this is number %zu that its service gets.\n", talk->handed);
    }
}

/* The next one is handed over: so the one before has not changed the protocol. */
static void handed(struct wbh_judge *judge, struct wbh_talk *talk, uint64_t digest) {
    wbh_talk_hear_requests(talk);
    if (talk->handed == talk->asked_count) {
        wbh_talk_release_requests(talk);
        wbh_talk_hear_requests(talk);
    }
    const size_t index = talk->handed++;
    if (index >= talk->asked_count) {
        wrong_request(judge, talk,
            talk->requests.is_bad ? "hands its service a request, and what was sent is none"
                                  : "hands its service a request that nobody has sent");
    } else if (talk->asked[index].digest != digest) {
        wrong_request(judge, talk,
            "hands its service a request that is not the one that was sent: method, target or "
            "fields are others");
    }
}

static void content_shown(struct wbh_judge *judge, struct wbh_talk *talk, uint64_t digest) {
    wbh_talk_hear_requests(talk);
    if (talk->handed == 0 || talk->handed > talk->asked_count
        || (talk->requests.stage == WBH_FLOW_LOST && !talk->requests.is_bad)) {
        return; /* it was objected to, is not spoken of, or the answer was a tunnel */
    }
    const struct wbh_asked *asked = &talk->asked[talk->handed - 1];
    if (!asked->is_whole) {
        wrong_request(judge, talk, "takes the content of a request for whole that is not");
    } else if (asked->content_digest != digest) {
        wrong_request(
            judge, talk, "shows its service the content of a request, and it is not what was sent");
    }
}

static void on_note(struct wbh_judge *judge, const struct sim_event *event) {
    const struct wbh_conn *conn = wbh_ledger_conn_of_fd(&judge->ledger, (int)event->b);
    struct wbh_talk *talk = conn != NULL ? talk_of(judge, conn->subject) : NULL;
    if (talk == NULL || talk->is_over || !talk->is_server) {
        return;
    }
    if (event->a == WB_NOTE_REQUEST) {
        handed(judge, talk, (uint64_t)event->result);
    } else {
        content_shown(judge, talk, (uint64_t)event->result);
    }
}

/* ---- ends ---- */

static bool waited_for_room(struct wbh_judge *judge, const struct wbh_conn *conn) {
    const struct wbh_last *send = &conn->send;
    bool was_full =
        send->result == -EAGAIN || (send->result >= 0 && (uint64_t)send->result < send->asked);
    return send->step != 0 && was_full
           && sim_kernel_now(judge->config.kernel) - send->time_ns >= patience_ns;
}

/* A client that has finished may have gone, and a server may then give up what it has not all at
 * hand. Who goes on behind the end goes on to the end. */
static bool gave_up_at_the_end(const struct wbh_conn *conn) {
    return (conn->flags & WBH_CONN_EOF_READ) != 0 && conn->send.step < conn->read.step;
}

static bool may_break_off(
    struct wbh_judge *judge, const struct wbh_talk *talk, const struct wbh_conn *conn) {
    const uint32_t broken = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED;
    if ((conn->flags & broken) != 0 || judge->ledger.starved || judge->ledger.stopping
        || waited_for_room(judge, conn)) {
        return true;
    }
    if (!talk->is_server) { /* the server may have answered, or gone; or it is for somebody else */
        return conn->read_len != 0 || (conn->flags & WBH_CONN_EOF_READ) != 0
               || judge->config.serves;
    }
    return judge->ledger.dialled || talk->answered == 0 || !talk->asked[talk->answered - 1].is_whole
           || gave_up_at_the_end(conn);
}

static bool is_within(const struct wbh_flow *flow) {
    switch ((enum wbh_flow_stage)flow->stage) {
    case WBH_FLOW_HEAD:
        return flow->bytes.len != 0;
    case WBH_FLOW_LENGTH:
    case WBH_FLOW_CHUNKS:
    case WBH_FLOW_TRAILERS:
        return true;
    case WBH_FLOW_UNTIL_CLOSE:
    case WBH_FLOW_HELD:
    case WBH_FLOW_OVER:
    case WBH_FLOW_LOST:
        break;
    }
    return false;
}

static void breaks_off(struct wbh_judge *judge, struct wbh_talk *talk) {
    const struct wbh_flow *flow = talk->is_server ? &talk->responses : &talk->requests;
    struct wbh_prose text;
    struct wbh_prose why;
    if (!wbh_http_object(judge, talk, &text, &why)) {
        return;
    }
    wbh_prose_add(
        &text, "ends its side in the middle of a %s: ", talk->is_server ? "response" : "request");
    if (flow->stage == WBH_FLOW_LENGTH) {
        wbh_prose_count(&text, flow->left, "byte");
        wbh_prose_add(&text, " of its content are missing");
    } else {
        wbh_prose_add(&text,
            flow->stage == WBH_FLOW_HEAD ? "its head is not whole" : "its last chunk is missing");
    }
    if (flow->stage == WBH_FLOW_HEAD && talk->is_bodiless) {
        wbh_prose_add(&text, ", or none, behind a response %u that has no content", talk->status);
    }
    wbh_prose_add(&why, "It has sent %" PRIu64 " bytes on this connection.\n",
        flow->passed_len + flow->bytes.len);
}

/* Requests behind one that was the last do not count. */
static bool is_still_asked(const struct wbh_talk *talk) {
    for (size_t i = 0; i < talk->answered; i++) {
        if (!talk->asked[i].stays_open) {
            return false;
        }
    }
    return talk->answered < talk->asked_count && talk->asked[talk->answered].is_whole;
}

/* A client that has finished may have gone, so that nobody would hear the answer; and who is told
 * to end may give one up. Both excuse only who may still be at it. */
static bool may_give_up(
    struct wbh_judge *judge, const struct wbh_talk *talk, const struct wbh_conn *conn) {
    const uint64_t patient_until_ns = talk->heard_ns + patience_ns;
    return ((conn->flags & WBH_CONN_EOF_READ) != 0 && conn->read.time_ns < patient_until_ns)
           || (judge->ledger.stopping && judge->ledger.stopping_ns < patient_until_ns);
}

/* RFC 9112 section 9.3: who has answered a request before all of it came may close rather than read
 * the rest, and so what came behind the rest. */
static bool may_be_silent(
    struct wbh_judge *judge, const struct wbh_talk *talk, const struct wbh_conn *conn) {
    const uint32_t broken = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED;
    return talk->is_begun || talk->was_early || talk->responses.stage != WBH_FLOW_HEAD
           || (conn->flags & broken) != 0 || judge->ledger.starved || judge->ledger.dialled
           || waited_for_room(judge, conn) || may_give_up(judge, talk, conn);
}

static void leaves_unanswered(struct wbh_judge *judge, struct wbh_talk *talk) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "ends its side and has not answered a request that it has read whole");
        wbh_prose_add(&why, "It had read ");
        wbh_prose_count(&why, talk->asked_count, "request");
        wbh_prose_add(&why, " and answered %zu.\n", talk->answered);
    }
}

/* Of what is handed on the end may say that it was all, and a break why: the other server's. */
static void relayed_ended(
    struct wbh_judge *judge, struct wbh_talk *talk, const struct wbh_conn *conn) {
    const uint32_t broken = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED;
    if (!talk->is_relayed || (conn->flags & broken) != 0 || judge->ledger.starved
        || judge->ledger.stopping || waited_for_room(judge, conn)) {
        return;
    }
    if (talk->responses.stage == WBH_FLOW_UNTIL_CLOSE) {
        wbh_http_judge_relayed(judge, talk);
    } else if (is_within(&talk->responses) && talk->responses.stage != WBH_FLOW_HEAD
               && (conn->flags & WBH_CONN_EOF_READ) == 0) {
        wbh_http_judge_relayed_part(judge, talk);
    }
}

static void ended(struct wbh_judge *judge, struct wbh_talk *talk, const struct wbh_conn *conn) {
    if (talk->is_over) {
        return;
    }
    if (talk->is_server) {
        wbh_talk_hear_requests(talk);
        read_responses(judge, talk, true);
    }
    const struct wbh_flow *flow = talk->is_server ? &talk->responses : &talk->requests;
    if (!talk->is_over && talk->is_server) {
        relayed_ended(judge, talk, conn);
    }
    if (!talk->is_over && is_within(flow) && !may_break_off(judge, talk, conn)) {
        breaks_off(judge, talk);
    }
    if (!talk->is_over && talk->is_server && is_still_asked(talk)
        && !may_be_silent(judge, talk, conn)) {
        leaves_unanswered(judge, talk);
    }
    talk->is_over = true;
}

/* ---- events ---- */

static void begin_talk(struct wbh_judge *judge, uint32_t subject, bool is_server) {
    struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, subject);
    if (conn != NULL && conn->talk == 0
        && (conn->flags & (WBH_CONN_MESSAGES | WBH_CONN_DATAGRAMS)) == 0) {
        const bool may_be_tunnel = !is_server && wbh_http_may_be_tunnel(judge);
        wbh_talks_begin(&judge->talks, subject, is_server)->may_be_tunnel = may_be_tunnel;
        conn->talk = (uint32_t)judge->talks.count;
    }
}

static void sent(struct wbh_judge *judge, struct wbh_talk *talk, const struct sim_event *event) {
    if (talk->is_server) {
        wbh_flow_append(&talk->responses, event->data, event->data_len);
        read_responses(judge, talk, false);
    } else {
        wbh_flow_append(&talk->requests, event->data, event->data_len);
        read_requests(judge, talk);
    }
}

/* What a client hears matters only if it may be handed on. */
static void heard(struct wbh_judge *judge, struct wbh_talk *talk, const struct sim_event *event) {
    if (!judge->talks.has_server || (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) != 0) {
        return;
    }
    wbh_flow_append(&talk->responses, event->data, event->result > 0 ? event->data_len : 0);
    wbh_talk_hear_responses(&judge->talks, talk, event->result == 0);
}

static void on_call(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->call == SIM_CALL_ACCEPT) {
        if (event->result >= 0) {
            begin_talk(judge, (uint32_t)event->a, true);
        }
        return;
    }
    if (event->call == SIM_CALL_CONNECT && event->subject != WBH_SUBJECT_NONE) {
        begin_talk(judge, event->subject, false);
        return;
    }
    struct wbh_talk *talk = talk_of(judge, event->subject);
    if (talk == NULL || event->result < 0) {
        return;
    }
    if (event->call == SIM_CALL_RECV && !talk->is_server) {
        heard(judge, talk, event); /* also by a client that has said all it will */
        return;
    }
    if (talk->is_over) {
        return;
    }
    bool is_in_stream = event->result > 0 && (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) == 0;
    if (event->call == SIM_CALL_RECV && is_in_stream) {
        wbh_flow_append(&talk->requests, event->data, event->data_len);
        talk->heard_ns = event->time_ns;
    } else if (event->call == SIM_CALL_SEND && is_in_stream) {
        sent(judge, talk, event);
    } else if (event->call == SIM_CALL_CLOSE
                   ? event->a == 1
                   : event->call == SIM_CALL_SHUTDOWN && event->a != WB_SHUT_RD) {
        ended(judge, talk, wbh_ledger_conn(&judge->ledger, event->subject));
    }
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (!judge->config.speaks_http) {
        return;
    }
    if (event->kind == SIM_EVENT_NOTE) {
        on_note(judge, event);
    } else {
        on_call(judge, event);
    }
}

static void begin(struct wbh_judge *judge) {
    judge->talks.count = 0;
    judge->talks.relayed_count = 0;
    judge->talks.has_server = false;
    judge->talks.is_unsure = false;
}

const struct wbh_oracle wbh_oracle_http = {
    .info = {"http",
        "what a program that speaks HTTP/1 sends and is none, answers that nobody asked for, "
        "framing that is not what the message says, requests that are not those that were sent",
        WBH_VERDICT_PROTOCOL},
    .kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_NOTE,
    .calls = UINT64_C(1) << SIM_CALL_RECV | UINT64_C(1) << SIM_CALL_SEND
             | UINT64_C(1) << SIM_CALL_ACCEPT | UINT64_C(1) << SIM_CALL_CONNECT
             | UINT64_C(1) << SIM_CALL_CLOSE | UINT64_C(1) << SIM_CALL_SHUTDOWN,
    .notes = 1u << WB_NOTE_REQUEST | 1u << WB_NOTE_REQUEST_CONTENT,
    .begin = begin,
    .on_event = on_event,
};
