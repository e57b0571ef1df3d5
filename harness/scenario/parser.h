/* What the files of the parser share: parse.c has the statements, parse_step.c what peers do,
 * parse_message.c what they say in HTTP, parse_contents.c bytes, parse_fault.c the decisions,
 * parse_world.c hosts, links and moments, resolve.c what can only be checked when all is known. */
#ifndef WOULDBLOCK_SCENARIO_PARSER_H
#define WOULDBLOCK_SCENARIO_PARSER_H

#include "scenario/lexer.h"
#include "scenario/storage.h"

/* A place where the text names a peer, a program or a host, which may be introduced further down;
 * or a moment. */
enum wbh__reference_kind {
    WBH__REFERENCE_AFTER,           /* item: the step among all; name: the other peer */
    WBH__REFERENCE_SUBJECT,         /* item: the fault; name: the peer whose connection it is */
    WBH__REFERENCE_ABOUT,           /* the same, of a spurious event */
    WBH__REFERENCE_MOMENT,          /* item: the fault; name: subject, point: for duplicates */
    WBH__REFERENCE_FAULT_PROGRAM,   /* item: the fault; name: the program whose moment it is */
    WBH__REFERENCE_STEP_PROGRAM,    /* item: the step among all; name: a program */
    WBH__REFERENCE_MOMENT_PROGRAM,  /* item: the moment; name: a program */
    WBH__REFERENCE_HOST_OF_PROGRAM, /* item: the program; name: a host */
    WBH__REFERENCE_HOST_OF_PEER,    /* item: the peer; name: a host */
    WBH__REFERENCE_LINK_END,        /* item: the link; name: a host or a peer */
    WBH__REFERENCE_MOMENT_END,      /* item: the moment; name: a host or a peer */
    WBH__REFERENCE_HOST_OF_FILE,    /* item: the file; name: a host */
    WBH__REFERENCE_FILE,            /* item: the file; name: its path, for clashes */
};

struct wbh__reference {
    enum wbh__reference_kind kind;
    uint32_t item;
    struct wbh__span name;
    struct wbh__span number; /* AFTER: how many steps; len 0 if not given */
    uint32_t incarnation;    /* SUBJECT, ABOUT; FAULT_PROGRAM: the thread */
    uint32_t peer;           /* AFTER: whose step it is ... */
    uint32_t step;           /* ... and which of its steps; ENDs: 0 the first, 1 the second */
};

struct wbh__parser {
    struct wbh__lexer lexer;
    struct wbh_scenario *scenario;
    const struct wbh_scenario_source *source; /* NULL: there is none */
    struct wbh__pool references;              /* struct wbh__reference */
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
int wbh__parse_host(struct wbh__parser *parser, struct wbh__span keyword);
int wbh__parse_link(struct wbh__parser *parser, struct wbh__span keyword);
int wbh__parse_moment(struct wbh__parser *parser, struct wbh__span keyword);
/* Contents: a string and how often it is repeated, or what is taken from a local file: data_offset,
 * data_len and repeat of the step. `goes_on`: something else may follow. */
int wbh__parse_contents(struct wbh__parser *parser, struct wbh_step *step, bool goes_on);
/* Whether contents come next. */
bool wbh__is_contents(struct wbh__parser *parser);
int wbh__parse_number(
    struct wbh__parser *parser, const char *what, uint64_t min, uint64_t max, uint32_t *out);
/* Of a step about an HTTP message: what stands before its parts; these, when the step is added. */
int wbh__parse_message(struct wbh__parser *parser, struct wbh_step *step);
int wbh__parse_parts(struct wbh__parser *parser);
/* What peek shows of a string goes on to the line's end: only as far as was taken. */
struct wbh__span wbh__taken(const struct wbh__parser *parser, struct wbh__span string);
/* [on HOST] */
int wbh__parse_on_host(struct wbh__parser *parser, enum wbh__reference_kind kind, uint32_t item);
/* The name of a program of the scenario. */
int wbh__parse_program_name(
    struct wbh__parser *parser, enum wbh__reference_kind kind, uint32_t item);
int wbh__check_no_host(struct wbh__parser *parser, struct wbh__span name);
/* Reports a second statement of a kind that stands once only. */
int wbh__expect_once(
    struct wbh__parser *parser, struct wbh__span keyword, uint32_t *line, const char *what);
/* Splits NAME=VALUE; false if there is no '='. */
bool wbh__split_assignment(
    struct wbh__span span, struct wbh__span *out_name, struct wbh__span *out_value);
int wbh__resolve(struct wbh__parser *parser);
int wbh__add_reference(struct wbh__parser *parser, struct wbh__reference reference);

#endif
