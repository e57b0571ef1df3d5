/* What the files of the parser share: parse.c has the statements, parse_step.c what peers do,
 * parse_fault.c the decisions, resolve.c what can only be checked when all is known. */
#ifndef WOULDBLOCK_SCENARIO_PARSER_H
#define WOULDBLOCK_SCENARIO_PARSER_H

#include "scenario/lexer.h"
#include "scenario/storage.h"

/* A place where the text names a peer, who may be introduced further down; or names a moment. */
struct wbh__reference {
    enum {
        WBH__REFERENCE_AFTER,   /* item: the step among all; name: the other peer */
        WBH__REFERENCE_SUBJECT, /* item: the fault; name: the peer whose connection it is */
        WBH__REFERENCE_ABOUT,   /* the same, of a spurious event */
        WBH__REFERENCE_MOMENT,  /* item: the fault; name: subject, point: for duplicates */
    } kind;
    uint32_t item;
    struct wbh__span name;
    struct wbh__span number; /* AFTER: how many steps; len 0 if not given */
    uint32_t incarnation;    /* SUBJECT, ABOUT */
    uint32_t peer;           /* AFTER: whose step it is ... */
    uint32_t step;           /* ... and which of its steps */
};

struct wbh__parser {
    struct wbh__lexer lexer;
    struct wbh_scenario *scenario;
    struct wbh__pool references; /* struct wbh__reference */
    uint32_t reference_count;
    uint32_t scenario_line; /* where each of these stood; 0: not yet */
    uint32_t host_line;
    uint32_t profile_line;
    uint32_t verdict_line;
    bool in_peer; /* indented lines belong to a peer */
};

/* All: 0, or -1 with the error reported. */
int wbh__parse_step(struct wbh__parser *parser);
int wbh__parse_fault(struct wbh__parser *parser);
int wbh__resolve(struct wbh__parser *parser);
int wbh__add_reference(struct wbh__parser *parser, struct wbh__reference reference);

#endif
