/* What a program says and hears in HTTP/1 on one connection, as the independent reader understands
 * it. */
#ifndef ORACLE_HTTP_H
#define ORACLE_HTTP_H

#include "oracle/ledger.h"
#include "wouldblock/http_reference.h"

/* The reader's bounds are wide: a server may refuse what it reads. */
extern const struct wbh_http_limits wbh_flow_limits;

enum wbh_flow_stage {
    WBH_FLOW_HEAD,
    WBH_FLOW_LENGTH,
    WBH_FLOW_CHUNKS,
    WBH_FLOW_TRAILERS,
    WBH_FLOW_UNTIL_CLOSE,
    WBH_FLOW_HELD, /* behind a request that may change the protocol, until it is answered */
    WBH_FLOW_OVER, /* the last message has been: nothing may follow */
    WBH_FLOW_LOST, /* what follows cannot be told from what it is not: a tunnel, or no HTTP */
};

/* One direction. */
struct wbh_flow {
    struct wbh_queue bytes; /* not understood yet */
    uint64_t passed_len;    /* understood */
    uint64_t left;          /* LENGTH */
    size_t fresh_len;       /* CHUNKS: bytes that came since it was last looked at */
    uint8_t stage;          /* enum wbh_flow_stage */
    bool is_bad;            /* LOST: it is no HTTP, or its content is not what its head says */
    bool is_digested;       /* what follows is wanted: */
    uint64_t digest;        /* ... of the content that is passed, as notes have it */
};

/* What is to be known of a request whose head is whole. */
struct wbh_asked {
    char method[8]; /* "" for longer ones */
    bool is_1_1;
    bool awaits_continue;
    bool upgrade;
    bool stays_open;
    bool is_whole;   /* with its content */
    uint64_t digest; /* of the head and of the content, as in WB_NOTE_REQUEST */
    uint64_t content_digest;
};

struct wbh_talk {
    uint32_t subject;
    bool is_server;
    bool is_over; /* an objection was made: nothing more is said of it */
    struct wbh_flow requests;
    struct wbh_flow responses;
    struct wbh_asked *asked;
    size_t asked_count;
    size_t asked_capacity;
    uint64_t heard_ns;  /* when something of the requests was last read */
    size_t handed;      /* requests that the program's service has got */
    size_t answered;    /* final responses whose head is whole */
    size_t known;       /* asked_count when the response under way began */
    bool is_begun;      /* a response is under way: */
    bool is_final;      /* ... it is no interim one, */
    bool is_last;       /* ... nothing may come behind it */
    bool was_continued; /* 100 was said to the next request */
    unsigned status;    /* of the last response whose head is whole */
    bool is_bodiless;   /* ... which has no content whatever its head says */
};

/* All of a run. Memory is kept from run to run. */
struct wbh_talks {
    struct wbh_talk *items; /* wbh_conn.talk is a number in it, from 1 */
    size_t count;
    size_t capacity;
};

/* A further one. Pointers stay valid until the next one begins. */
struct wbh_talk *wbh_talks_begin(struct wbh_talks *talks, uint32_t subject, bool is_server);
void wbh_talks_clean_up(struct wbh_talks *talks);

void wbh_flow_append(struct wbh_flow *flow, const void *data, size_t len);
/* Behind a head: how its content is read. */
void wbh_flow_begin_content(struct wbh_flow *flow, const struct wbh_http_head *head);
/* Goes on in the content, as far as it has come; `all`: with every means, since no more comes.
 * WHOLE: the flow is at a head again. */
enum wbh_http_outcome wbh_flow_skip_content(struct wbh_flow *flow, bool all);
/* Nothing of it is looked at any more; what is not understood yet stays, to be shown. */
void wbh_flow_lose(struct wbh_flow *flow, bool is_bad);

/* Takes in all requests that have come: asked, asked_count and what is whole of them. */
void wbh_talk_hear_requests(struct wbh_talk *talk);
/* A request that could have changed the protocol did not: HTTP goes on behind it. */
void wbh_talk_release_requests(struct wbh_talk *talk);

#endif
