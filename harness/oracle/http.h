/* What a program says and hears in HTTP/1 on one connection, as the independent reader understands
 * it. */
#ifndef ORACLE_HTTP_H
#define ORACLE_HTTP_H

#include "oracle/ledger.h"
#include "oracle/prose.h"
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
    struct wbh_queue bytes;   /* not understood yet */
    uint64_t passed_len;      /* understood */
    uint64_t left;            /* LENGTH */
    size_t fresh_len;         /* CHUNKS: bytes that came since it was last looked at */
    bool keeps;               /* its content: */
    struct wbh_queue content; /* ... of the present message, as far as it is understood */
    uint8_t stage;            /* enum wbh_flow_stage */
    bool is_bad;              /* LOST: it is no HTTP, or its content is not what its head says */
    bool is_digested;         /* its content: */
    uint64_t digest;          /* ... of the present message, as notes have it */
};

/* What is to be known of a request whose head is whole. */
struct wbh_asked {
    char method[8]; /* "" for longer ones */
    uint64_t what;  /* stands for method, path and query: those of a request that is handed on */
    bool is_1_1;
    bool awaits_continue;
    bool upgrade;
    bool stays_open;
    bool is_whole;   /* with its content */
    bool is_relayed; /* it is from somebody else, as Via in it says */
    uint64_t digest; /* of the head and of the content, as in WB_NOTE_REQUEST */
    uint64_t content_digest;
};

struct wbh_talk {
    uint32_t subject;
    bool is_server;
    bool is_over;       /* an objection was made: nothing more is said of it */
    bool may_be_tunnel; /* of a client: no objection is made */
    struct wbh_flow requests;
    struct wbh_flow responses;
    struct wbh_asked *asked;
    size_t asked_count;
    size_t asked_capacity;
    uint64_t heard_ns;  /* when something of the requests was last read */
    size_t handed;      /* requests that the program's service has got; of a client: of which it was
                           looked for whose they are */
    size_t answered;    /* final responses whose head is whole */
    size_t known;       /* asked_count when the response under way began */
    bool is_begun;      /* a response is under way: */
    bool is_final;      /* ... it is no interim one, */
    bool is_last;       /* ... nothing may come behind it */
    bool was_continued; /* 100 was said to the next request */
    bool was_early;     /* the last response was whole before its request was */
    unsigned status;    /* of the last response whose head is whole */
    bool is_bodiless;   /* ... which has no content whatever its head says */
    bool is_relayed;    /* ... which the program has from another server, as it says itself */
    size_t relayed;     /* of a client: the response that comes, a number in wbh_talks.relayed, from
                           1; 0: none */
};

/* A response that a client heard. */
struct wbh_relayed {
    uint32_t subject; /* where */
    uint64_t what;    /* it answers */
    unsigned status;
    bool is_whole;
    struct wbh_queue content; /* as far as it was read, and is understood */
};

/* All of a run. Memory is kept from run to run. */
struct wbh_talks {
    struct wbh_talk *items; /* wbh_conn.talk is a number in it, from 1 */
    size_t count;
    size_t capacity;
    struct wbh_relayed *relayed; /* of programs that are servers and clients */
    size_t relayed_count;
    size_t relayed_capacity;
    bool has_server; /* one of them at least is a server's */
    bool is_unsure;  /* something that a client heard is not understood */
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
/* Takes in the responses that a client has heard; `ended`: no more come. */
void wbh_talk_hear_responses(struct wbh_talks *talks, struct wbh_talk *talk, bool ended);

/* ---- what a program hands on ---- */

struct wbh_judge;

/* The beginning of an objection, "on alice the program "; false: there is no room, or it was
 * objected to before. */
bool wbh_http_object(
    struct wbh_judge *judge, struct wbh_talk *talk, struct wbh_prose *text, struct wbh_prose *why);

/* The requests that a client has sent whole, and that say themselves that they were handed on:
 * somebody has sent the program each of them so. */
void wbh_http_judge_requests(struct wbh_judge *judge, struct wbh_talk *talk);
/* Whether a head says itself that it was handed on, by somebody who is a client, too. */
bool wbh_http_is_relayed(struct wbh_judge *judge, const struct wbh_http_head *head);
/* The present response was said to its end: a server gave it so, to a request like the one it
 * answers. */
void wbh_http_judge_relayed(struct wbh_judge *judge, struct wbh_talk *talk);
/* It breaks off, and not for a reason of its own connection: the server's answer did, too. */
void wbh_http_judge_relayed_part(struct wbh_judge *judge, struct wbh_talk *talk);
/* A connection is made while a CONNECT waits for its answer: it may be what comes of that. */
bool wbh_http_may_be_tunnel(struct wbh_judge *judge);

/* A request that could have changed the protocol did not: HTTP goes on behind it. */
void wbh_talk_release_requests(struct wbh_talk *talk);

#endif
