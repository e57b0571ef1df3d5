/* Conservation of the byte stream: what a program that echoes or broadcasts writes must be made of
 * what it read, in order, nothing twice, nothing left out. */
#include "oracle/judge.h"

#include <inttypes.h>
#include <string.h>

static struct wbh_finding *object(
    struct wbh_judge *judge, struct wbh_conn *conn, struct wbh_prose *text) {
    conn->flags |= WBH_CONN_DIVERGED;
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_conservation, conn->subject);
    if (finding != NULL) {
        *text = wbh_finding_text(finding);
        wbh_prose_add(text, "on ");
        wbh_prose_connection(text, judge->config.scenario, conn->subject);
        wbh_prose_add(text, " the program ");
    }
    return finding;
}

static size_t common_prefix(const uint8_t *a, const uint8_t *b, size_t len) {
    size_t i = 0;
    while (i < len && a[i] == b[i]) {
        i++;
    }
    return i;
}

/* ---- echo ---- */

static void echo_unequal(
    struct wbh_judge *judge, struct wbh_conn *conn, const struct sim_event *event, size_t equal) {
    struct wbh_prose text;
    struct wbh_finding *finding = object(judge, conn, &text);
    if (finding == NULL) {
        return;
    }
    uint64_t at = conn->sent_len - event->data_len + equal;
    const uint8_t *sent = event->data;
    struct wbh_prose why = wbh_finding_why(finding);
    if (equal < conn->owed.len) {
        wbh_prose_add(&text, "sends other bytes than it read, from byte %" PRIu64 " on", at);
        wbh_prose_add(&why, "sent:     ");
        wbh_prose_bytes(&why, sent + equal, event->data_len - equal);
        wbh_prose_add(&why, "\ndue next: ");
        wbh_prose_bytes(&why, wbh_queue_front(&conn->owed) + equal, conn->owed.len - equal);
        wbh_prose_add(&why,
            "\nA write that takes only a part must be continued behind that part: neither from its "
            "beginning nor from its end.\n");
        return;
    }
    wbh_prose_add(&text, "sends more than it read: byte %" PRIu64 " of only %" PRIu64, at + 1,
        conn->read_len);
    wbh_prose_add(&why, "too much: ");
    wbh_prose_bytes(&why, sent + equal, event->data_len - equal);
    wbh_prose_add(&why, "\n");
}

static void echo_sent(
    struct wbh_judge *judge, struct wbh_conn *conn, const struct sim_event *event) {
    size_t len = event->data_len < conn->owed.len ? event->data_len : conn->owed.len;
    if (len == event->data_len && memcmp(wbh_queue_front(&conn->owed), event->data, len) == 0) {
        wbh_queue_drop(&conn->owed, len);
        return;
    }
    echo_unequal(judge, conn, event, common_prefix(event->data, wbh_queue_front(&conn->owed), len));
}

/* What a program gives up, and says so, is what it read last. */
static void echo_given_up(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_conn *conn = wbh_ledger_conn_of_fd(&judge->ledger, (int)event->b);
    uint64_t len = (uint64_t)event->result;
    if (judge->config.conservation == WBH_CONSERVE_ECHO && conn != NULL
        && (conn->flags & WBH_CONN_DATAGRAMS) == 0) {
        wbh_queue_cut(&conn->owed, len < conn->owed.len ? (size_t)len : conn->owed.len);
    }
}

/* A clean end: the peer ended its side in order, the program saw that and closed, nothing broke on
 * the way. */
static void echo_closed(struct wbh_judge *judge, struct wbh_conn *conn) {
    const uint32_t unclean =
        WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED | WBH_CONN_DIVERGED;
    if ((conn->flags & unclean) != 0 || (conn->flags & WBH_CONN_EOF_READ) == 0
        || conn->owed.len == 0 || conn->discarded != 0 || judge->ledger.stopping
        || judge->ledger.starved) {
        return;
    }
    struct wbh_prose text;
    struct wbh_finding *finding = object(judge, conn, &text);
    if (finding == NULL) {
        return;
    }
    wbh_prose_add(&text,
        "closes after a clean end of input although %zu of the %" PRIu64
        " bytes it read were not sent back",
        conn->owed.len, conn->read_len);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "lost: ");
    wbh_prose_bytes(&why, wbh_queue_front(&conn->owed), conn->owed.len);
    wbh_prose_add(&why, "\nIt read the end with call %" PRIu32, conn->read.step);
    if (conn->send.step != 0) {
        wbh_prose_add(&why, " and sent last with call %" PRIu32, conn->send.step);
        if (conn->send.result < 0) {
            wbh_prose_add(&why, " (");
            wbh_prose_errno(&why, (int)-conn->send.result);
            wbh_prose_add(&why, ")");
        } else if ((uint64_t)conn->send.result < conn->send.asked) {
            wbh_prose_add(&why, " (%" PRId64 " of %" PRIu64 " bytes were taken)", conn->send.result,
                conn->send.asked);
        }
    }
    wbh_prose_add(&why, ": output must be flushed before a close.\n");
}

/* ---- broadcast ---- */

static bool is_broadcast(const struct wbh_judge *judge) {
    return judge->config.conservation == WBH_CONSERVE_BROADCAST
           || judge->config.conservation == WBH_CONSERVE_BROADCAST_FRAMES;
}

/* What was read of a frame that is not whole yet waits in `owed`. */
static void frames_read(
    struct wbh_judge *judge, struct wbh_conn *conn, const struct sim_event *event) {
    enum { HEADER_LEN = 8 };
    wbh_queue_append(&conn->owed, event->data, event->data_len);
    while (conn->owed.len >= HEADER_LEN) {
        const uint8_t *frame = wbh_queue_front(&conn->owed);
        uint64_t body_len = 0;
        for (unsigned i = 0; i < HEADER_LEN; i++) {
            body_len = body_len << 8 | frame[i];
        }
        if (body_len > conn->owed.len - HEADER_LEN) {
            return;
        }
        if (body_len != 0) {
            wbh_queue_append(&judge->broadcast, frame, HEADER_LEN + (size_t)body_len);
        }
        wbh_queue_drop(&conn->owed, HEADER_LEN + (size_t)body_len);
    }
}

/* Another place before its acceptance at which all it was sent fits, the last one first. */
static bool log_begins_earlier(const struct wbh_queue *log, struct wbh_conn *conn,
    const uint8_t *data, size_t len, uint64_t sent_before) {
    enum { LOOK_BACK = 65536 };
    uint64_t lowest = conn->log_begin > LOOK_BACK ? conn->log_begin - LOOK_BACK : 0;
    const uint8_t *bytes = log->bytes;
    for (uint64_t begin = conn->log_begin; begin-- > lowest;) {
        if (begin + sent_before + len <= log->len
            && memcmp(bytes + begin + sent_before, data, len) == 0
            && memcmp(bytes + begin, bytes + conn->log_begin, (size_t)sent_before) == 0) {
            conn->log_begin = begin;
            return true;
        }
    }
    return false;
}

static void broadcast_sent(
    struct wbh_judge *judge, struct wbh_conn *conn, const struct sim_event *event) {
    const struct wbh_queue *log = &judge->broadcast;
    uint64_t sent_before = conn->sent_len - event->data_len;
    uint64_t at = conn->log_begin + sent_before;
    uint64_t known = at < log->len ? log->len - at : 0;
    if (event->data_len <= known && memcmp(log->bytes + at, event->data, event->data_len) == 0) {
        return;
    }
    if (log->len != 0 && log_begins_earlier(log, conn, event->data, event->data_len, sent_before)) {
        return;
    }
    struct wbh_prose text;
    struct wbh_finding *finding = object(judge, conn, &text);
    if (finding == NULL) {
        return;
    }
    size_t len = event->data_len < known ? event->data_len : (size_t)known;
    size_t equal = len == 0 ? 0 : common_prefix(event->data, log->bytes + at, len);
    wbh_prose_add(&text,
        "sends something else than what was read from all, in reading order, from byte %" PRIu64
        " on",
        sent_before + equal);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "sent:     ");
    wbh_prose_bytes(&why, (const uint8_t *)event->data + equal, event->data_len - equal);
    if (known > equal) {
        wbh_prose_add(&why, "\ndue next: ");
        wbh_prose_bytes(&why, log->bytes + at + equal, (size_t)known - equal);
    } else {
        wbh_prose_add(
            &why, "\ndue next: nothing, all %zu bytes that were read have been sent", log->len);
    }
    wbh_prose_add(&why, "\n");
}

static void broadcast_idle(void *user_data, const struct sim_connection_info *info) {
    struct wbh_judge *judge = user_data;
    struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, info->subject);
    const uint32_t excused = WBH_CONN_RESET | WBH_CONN_BROKEN | WBH_CONN_FAULTED | WBH_CONN_DIVERGED
                             | WBH_CONN_SHUT_WRITE;
    if (conn == NULL || info->accepted == 0 || info->closed != 0 || (conn->flags & excused) != 0
        || info->error != 0 || (info->state & WB_EPOLLOUT) == 0 || info->unsent_len != 0
        || conn->discarded != 0) {
        return;
    }
    uint64_t due = judge->broadcast.len - conn->log_begin;
    if (conn->sent_len >= due) {
        return;
    }
    struct wbh_prose text;
    struct wbh_finding *finding = object(judge, conn, &text);
    if (finding == NULL) {
        return;
    }
    wbh_prose_add(&text,
        "stands still though this receiver was sent only %" PRIu64 " of %" PRIu64
        " bytes that were read since it was accepted",
        conn->sent_len, due);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "missing: ");
    wbh_prose_bytes(&why, judge->broadcast.bytes + conn->log_begin + conn->sent_len,
        (size_t)(due - conn->sent_len));
    wbh_prose_add(&why, "\n");
    wbh_why_unsent(judge, &why, info);
}

/* ---- datagrams ---- */

/* In `owed` of who sent it: its length, then its bytes. */
static void datagram_received(struct wbh_conn *conn, const struct sim_event *event) {
    uint64_t len = event->data_len;
    wbh_queue_append(&conn->owed, &len, sizeof(len));
    if (len != 0) {
        wbh_queue_append(&conn->owed, event->data, event->data_len);
    }
}

/* The place of an equal one in what is owed; SIZE_MAX: there is none. */
static size_t find_owed(const struct wbh_queue *owed, const struct sim_event *event) {
    const uint8_t *bytes = wbh_queue_front(owed);
    for (size_t at = 0; at < owed->len;) {
        uint64_t len;
        memcpy(&len, bytes + at, sizeof(len));
        if (len == event->data_len
            && (len == 0 || memcmp(bytes + at + sizeof(len), event->data, len) == 0)) {
            return at;
        }
        at += sizeof(len) + (size_t)len;
    }
    return SIZE_MAX;
}

static void take_owed(struct wbh_queue *owed, size_t at, size_t len) {
    uint8_t *bytes = owed->bytes + owed->head;
    memmove(bytes + at, bytes + at + len, owed->len - at - len);
    owed->len -= len;
}

static bool answers(struct wbh_conn *conn, const struct sim_event *event) {
    size_t at = find_owed(&conn->owed, event);
    if (at != SIZE_MAX) {
        take_owed(&conn->owed, at, sizeof(uint64_t) + event->data_len);
    }
    return at != SIZE_MAX;
}

/* The name of a Unix socket that is gone, or its UDP port, may be another's when its datagram is
 * answered. */
static bool answers_one_before(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_ledger *ledger = &judge->ledger;
    bool ports_pass_on = wbh_scenario_udp_ports_pass_on(judge->config.scenario);
    for (size_t i = 0; i < ledger->conn_count; i++) {
        struct wbh_conn *conn = &ledger->conns[i];
        if ((conn->flags & WBH_CONN_DATAGRAMS) != 0 && conn->owed.len != 0
            && (ports_pass_on || sim_unix_was_closed(judge->config.kernel, conn->subject))
            && answers(conn, event)) {
            return true;
        }
    }
    return false;
}

/* Any of them may be answered first, and one that cannot be sent may be given up. */
static void datagram_sent(
    struct wbh_judge *judge, struct wbh_conn *conn, const struct sim_event *event) {
    if (answers(conn, event) || answers_one_before(judge, event)) {
        return;
    }
    struct wbh_prose text;
    struct wbh_finding *finding = object(judge, conn, &text);
    if (finding != NULL) {
        wbh_prose_add(&text, "sends a datagram that it has not received, or has answered before");
        struct wbh_prose why = wbh_finding_why(finding);
        wbh_prose_add(&why, "sent: ");
        wbh_prose_bytes(&why, event->data, event->data_len);
        wbh_prose_add(&why, "\n");
    }
}

static void on_datagram(struct wbh_judge *judge, const struct sim_event *event) {
    bool peeked = (event->b & WB_MSG_PEEK) != 0;
    if (judge->config.conservation != WBH_CONSERVE_ECHO || event->result < 0 || peeked
        || (event->call != SIM_CALL_RECV && event->call != SIM_CALL_SEND)) {
        return;
    }
    struct wbh_conn *conn = wbh_ledger_conn_make(&judge->ledger, event->subject);
    conn->flags |= WBH_CONN_DATAGRAMS;
    if ((conn->flags & WBH_CONN_DIVERGED) != 0) {
        return;
    }
    if (event->call == SIM_CALL_RECV) {
        datagram_received(conn, event);
    } else {
        datagram_sent(judge, conn, event);
    }
}

/* ---- all ---- */

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    enum wbh_conservation conservation = judge->config.conservation;
    if (event->kind == SIM_EVENT_NOTE) {
        echo_given_up(judge, event); /* DISCARD */
        return;
    }
    if (event->subject != WBH_SUBJECT_NONE
        && wbh_ledger_has_datagrams(&judge->ledger, event->file)) {
        on_datagram(judge, event);
        return;
    }
    if (conservation == WBH_CONSERVE_NOTHING || event->subject == WBH_SUBJECT_NONE) {
        if (is_broadcast(judge) && event->call == SIM_CALL_ACCEPT && event->result >= 0) {
            struct wbh_conn *accepted = wbh_ledger_conn(&judge->ledger, (uint32_t)event->a);
            accepted->log_begin = judge->broadcast.len;
        }
        return;
    }
    struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, event->subject);
    if (conn == NULL || (conn->flags & WBH_CONN_DIVERGED) != 0) {
        return;
    }
    if (conservation == WBH_CONSERVE_BROADCAST_FRAMES && judge->ledger.starved) {
        return; /* a frame for which there was no memory may have become whole here, and not there
                 */
    }
    if (event->call == SIM_CALL_RECV && event->result > 0
        && (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) == 0) {
        if (conservation == WBH_CONSERVE_BROADCAST_FRAMES) {
            frames_read(judge, conn, event);
        } else {
            wbh_queue_append(conservation == WBH_CONSERVE_ECHO ? &conn->owed : &judge->broadcast,
                event->data, event->data_len);
        }
    } else if (event->call == SIM_CALL_SEND && event->result > 0) {
        if (conservation == WBH_CONSERVE_ECHO) {
            echo_sent(judge, conn, event);
        } else {
            broadcast_sent(judge, conn, event);
        }
    } else if (event->call == SIM_CALL_CLOSE && event->a == 1
               && conservation == WBH_CONSERVE_ECHO) {
        echo_closed(judge, conn);
    }
}

static void at_idle(struct wbh_judge *judge, const struct wbh_stillness *stillness) {
    (void)stillness;
    if (is_broadcast(judge) && !judge->ledger.starved) {
        sim_each_connection(judge->config.kernel, judge->config.process, broadcast_idle, judge);
    }
}

const struct wbh_oracle wbh_oracle_conservation = {
    .info = {"conservation",
        "bytes lost, doubled, reordered or made up between reading and writing",
        WBH_VERDICT_DIVERGENCE},
    .kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_NOTE,
    .calls = UINT64_C(1) << SIM_CALL_RECV | UINT64_C(1) << SIM_CALL_SEND
             | UINT64_C(1) << SIM_CALL_CLOSE | UINT64_C(1) << SIM_CALL_ACCEPT,
    .notes = 1u << WB_NOTE_DISCARD,
    .on_event = on_event,
    .at_idle = at_idle,
};
