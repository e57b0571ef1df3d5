/* Responses that a program has from other servers and hands on, as Via in them says (RFC 9110
 * section 7.6.3): what it says must be what it heard, as an answer to a request like the one that
 * it answers. Likewise requests that it has from its clients. Also which of its own connections may
 * be tunnels.
 *
 * Requests are like each other if method, path and query are the same. Where several are under way
 * any of their answers will do, and of their contents any. */
#include "oracle/http.h"

#include <inttypes.h>
#include <string.h>

#include "oracle/judge.h"

/* ---- what a client hears ---- */

static void begin_relayed(
    struct wbh_talks *talks, struct wbh_talk *talk, const struct wbh_http_head *head) {
    const size_t capacity = talks->relayed_capacity;
    talks->relayed = wbh_grow(talks->relayed, &talks->relayed_capacity, talks->relayed_count + 1,
        sizeof(*talks->relayed));
    memset(talks->relayed + capacity, 0,
        (talks->relayed_capacity - capacity) * sizeof(*talks->relayed));
    struct wbh_relayed *relayed = &talks->relayed[talks->relayed_count++];
    wbh_queue_drop(&relayed->content, relayed->content.len);
    *relayed = (struct wbh_relayed){
        .subject = talk->subject,
        .what = talk->asked[talk->answered].what,
        .status = head->status,
        .is_whole = head->content == WBH_HTTP_TUNNEL,
        .content = relayed->content,
    };
    talk->relayed = talks->relayed_count;
    talk->answered++;
}

/* An interim response is none that could be handed on as an answer. */
static enum wbh_http_outcome hear_head(struct wbh_talks *talks, struct wbh_talk *talk) {
    struct wbh_flow *flow = &talk->responses;
    struct wbh_http_head head;
    if (talk->answered == talk->asked_count) {
        return WBH_HTTP_BAD;
    }
    const struct wbh_asked *asked = &talk->asked[talk->answered];
    const enum wbh_http_outcome outcome =
        wbh_http_read_response((const char *)wbh_queue_front(&flow->bytes), flow->bytes.len,
            asked->method, asked->upgrade, &wbh_flow_limits, &head);
    if (outcome != WBH_HTTP_WHOLE) {
        return outcome;
    }
    talk->relayed = 0;
    if (head.status >= 200 || head.status == 101) {
        begin_relayed(talks, talk, &head);
    }
    flow->keeps = talk->relayed != 0;
    wbh_flow_begin_content(flow, &head);
    return WBH_HTTP_WHOLE;
}

/* Content moves from the flow to what is kept of it. */
static void keep_content(struct wbh_talks *talks, struct wbh_talk *talk, bool is_whole) {
    struct wbh_queue *content = &talk->responses.content;
    if (talk->relayed == 0) {
        return;
    }
    struct wbh_relayed *relayed = &talks->relayed[talk->relayed - 1];
    wbh_queue_append(&relayed->content, wbh_queue_front(content), content->len);
    wbh_queue_drop(content, content->len);
    relayed->is_whole |= is_whole;
}

void wbh_talk_hear_responses(struct wbh_talks *talks, struct wbh_talk *talk, bool ended) {
    struct wbh_flow *flow = &talk->responses;
    enum wbh_http_outcome outcome = WBH_HTTP_WHOLE;
    while (outcome == WBH_HTTP_WHOLE && flow->stage != WBH_FLOW_LOST) {
        if (flow->stage == WBH_FLOW_HEAD) {
            outcome = flow->bytes.len != 0 ? hear_head(talks, talk) : WBH_HTTP_PART;
        }
        if (outcome == WBH_HTTP_WHOLE && flow->stage != WBH_FLOW_LOST) {
            outcome = wbh_flow_skip_content(flow, true);
            keep_content(talks, talk, outcome == WBH_HTTP_WHOLE);
        }
    }
    if (outcome == WBH_HTTP_BAD) {
        talks->is_unsure |= !talk->may_be_tunnel;
        wbh_flow_lose(flow, true);
    }
    if (ended && flow->stage == WBH_FLOW_UNTIL_CLOSE) {
        keep_content(talks, talk, true);
    }
}

/* ---- what is handed on ---- */

bool wbh_http_is_relayed(struct wbh_judge *judge, const struct wbh_http_head *head) {
    return judge->ledger.dialled && !judge->talks.is_unsure
           && wbh_http_line_of(head, "via", 0) != NULL;
}

static bool begins_with(const struct wbh_queue *whole, const uint8_t *bytes, size_t len) {
    return len <= whole->len && memcmp(wbh_queue_front(whole), bytes, len) == 0;
}

static bool answers_the_same(const struct wbh_relayed *relayed, const struct wbh_talk *talk) {
    return talk->answered != 0 && relayed->what == talk->asked[talk->answered - 1].what
           && relayed->status == talk->status;
}

/* Of a server's answers to requests of that kind the last one; NULL: there is none. */
static const struct wbh_relayed *nearest(
    const struct wbh_talks *talks, const struct wbh_talk *talk) {
    for (size_t i = talks->relayed_count; i-- > 0;) {
        if (answers_the_same(&talks->relayed[i], talk)) {
            return &talks->relayed[i];
        }
    }
    return NULL;
}

static void explain(
    struct wbh_prose *why, const struct wbh_judge *judge, const struct wbh_talk *talk) {
    const struct wbh_queue *said = &talk->responses.content;
    const struct wbh_relayed *relayed = nearest(&judge->talks, talk);
    size_t same = 0;
    wbh_prose_add(
        why, "Via in it says that it was handed on, with %zu bytes of content. ", said->len);
    if (relayed == NULL) {
        wbh_prose_add(why,
            "The program has heard no response %u to a request with this method, path and query.\n",
            talk->status);
        return;
    }
    while (same < said->len && same < relayed->content.len
           && wbh_queue_front(said)[same] == wbh_queue_front(&relayed->content)[same]) {
        same++;
    }
    wbh_prose_add(why, "The last response %u to such a request came on ", talk->status);
    wbh_prose_connection(why, judge->config.scenario, relayed->subject);
    wbh_prose_add(why, " and has %zu bytes%s; both are the same up to byte %zu.\n",
        relayed->content.len, relayed->is_whole ? "" : ", and is not whole", same);
}

static void object(struct wbh_judge *judge, struct wbh_talk *talk, const char *clause) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "hands on a response %u %s", talk->status, clause);
        explain(&why, judge, talk);
    }
}

static bool was_cut(struct wbh_judge *judge, const struct wbh_relayed *relayed) {
    const uint32_t broken = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED;
    const struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, relayed->subject);
    return !relayed->is_whole || conn == NULL || (conn->flags & broken) != 0;
}

/* Reset Content can have none; what a server sends of it nobody has to hand on. */
static bool has_said_the_same(const struct wbh_relayed *relayed, const struct wbh_talk *talk) {
    const struct wbh_queue *said = &talk->responses.content;
    if (talk->status == 205 && said->len == 0) {
        return true;
    }
    return relayed->content.len == said->len
           && begins_with(&relayed->content, wbh_queue_front(said), said->len);
}

void wbh_http_judge_relayed(struct wbh_judge *judge, struct wbh_talk *talk) {
    if (!talk->is_relayed || talk->is_over || judge->talks.is_unsure) {
        return;
    }
    talk->is_relayed = false;
    for (size_t i = 0; i < judge->talks.relayed_count; i++) {
        const struct wbh_relayed *relayed = &judge->talks.relayed[i];
        if (answers_the_same(relayed, talk) && relayed->is_whole
            && has_said_the_same(relayed, talk)) {
            return;
        }
    }
    object(judge, talk, "that no server gave it, as an answer to such a request, in this way");
}

/* Chunks are understood when the last one has come: of those of a part nothing is compared. */
static bool is_part_of(const struct wbh_relayed *relayed, const struct wbh_talk *talk) {
    const struct wbh_queue *said = &talk->responses.content;
    return begins_with(&relayed->content, wbh_queue_front(said), said->len);
}

void wbh_http_judge_relayed_part(struct wbh_judge *judge, struct wbh_talk *talk) {
    bool is_like_one = false;
    for (size_t i = 0; i < judge->talks.relayed_count; i++) {
        const struct wbh_relayed *relayed = &judge->talks.relayed[i];
        if (answers_the_same(relayed, talk) && is_part_of(relayed, talk)) {
            if (was_cut(judge, relayed)) {
                return;
            }
            is_like_one = true;
        }
    }
    if (!judge->talks.is_unsure) {
        object(judge, talk,
            is_like_one ? "and breaks off, though it has heard all of it"
                        : "that no server gave it, as an answer to such a request, in this way");
    }
}

/* ---- requests ---- */

static bool was_asked(const struct wbh_talk *client, const struct wbh_asked *asked) {
    for (size_t i = 0; i < client->asked_count; i++) {
        const struct wbh_asked *it = &client->asked[i];
        if (it->is_whole && it->what == asked->what
            && it->content_digest == asked->content_digest) {
            return true;
        }
    }
    return false;
}

/* Also if what somebody has sent is not understood: then it may be among that. */
static bool is_somebodys(struct wbh_talks *talks, const struct wbh_asked *asked) {
    for (size_t i = 0; i < talks->count; i++) {
        struct wbh_talk *talk = &talks->items[i];
        if (!talk->is_server) {
            continue;
        }
        wbh_talk_hear_requests(talk);
        if (talk->requests.is_bad || was_asked(talk, asked)) {
            return true;
        }
    }
    return !talks->has_server;
}

static void object_to_request(
    struct wbh_judge *judge, struct wbh_talk *talk, const struct wbh_asked *asked) {
    struct wbh_prose text;
    struct wbh_prose why;
    if (wbh_http_object(judge, talk, &text, &why)) {
        wbh_prose_add(&text, "hands on a request that nobody has sent it so");
        wbh_prose_add(&why,
            "Via in it says that it was handed on. No client has sent a whole request %s with this "
            "path, query and content.\n",
            asked->method);
    }
}

void wbh_http_judge_requests(struct wbh_judge *judge, struct wbh_talk *talk) {
    while (talk->handed < talk->asked_count && talk->asked[talk->handed].is_whole) {
        const struct wbh_asked *asked = &talk->asked[talk->handed++];
        if (asked->is_relayed && !is_somebodys(&judge->talks, asked)) {
            object_to_request(judge, talk, asked);
            return;
        }
    }
}

/* ---- tunnels ---- */

bool wbh_http_may_be_tunnel(struct wbh_judge *judge) {
    struct wbh_talks *talks = &judge->talks;
    for (size_t i = 0; i < talks->count && talks->has_server; i++) {
        struct wbh_talk *talk = &talks->items[i];
        if (talk->is_server && !talk->is_over) {
            wbh_talk_hear_requests(talk);
            if (talk->answered < talk->asked_count
                && strcmp(talk->asked[talk->asked_count - 1].method, "CONNECT") == 0) {
                return true;
            }
        }
    }
    return false;
}
