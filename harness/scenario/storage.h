/* The memory behind a scenario, and how one is built up: begin, add in order, finish. Adding checks
 * the bounds that memory depends on and nothing else; what makes sense is the parser's and the
 * decoder's question. */
#ifndef WOULDBLOCK_SCENARIO_STORAGE_H
#define WOULDBLOCK_SCENARIO_STORAGE_H

#include "wouldblock/scenario.h"

/* An array that only grows; it keeps its memory from one scenario to the next. */
struct wbh__pool {
    void *items;
    size_t capacity_bytes;
};

struct wbh__storage {
    struct wbh__pool text;   /* char: title, program, options, each with its terminator */
    struct wbh__pool others; /* struct wbh__other, and what is made of them: struct wbh_cast */
    struct wbh__pool cast;
    struct wbh__pool hosts;   /* struct wbh_named_host */
    struct wbh__pool links;   /* struct wbh_link */
    struct wbh__pool moments; /* struct wbh_moment */
    struct wbh__pool files;   /* struct wbh_placed_file */
    struct wbh__pool peers;   /* struct wbh_peer */
    struct wbh__pool steps;   /* struct wbh_step, of all peers, in their order */
    struct wbh__pool parts;   /* struct wbh_part, of all steps, in their order */
    struct wbh__pool faults;  /* struct wbh_decision */
    struct wbh__pool lines;   /* uint32_t, one a fault */
    struct wbh__pool data;    /* uint8_t: literals */
    uint32_t text_len;
    uint32_t step_count;
    uint32_t traffic_len; /* payload bytes so far */
    uint32_t title_offset;
    uint32_t program_offset;
    uint32_t label_offset; /* 0: none given */
    uint32_t option_total; /* of all programs, in their order */
    uint32_t option_offsets[WBH_PROGRAMS_MAX * WBH_OPTIONS_MAX][2];
    struct wbh_option options[WBH_PROGRAMS_MAX * WBH_OPTIONS_MAX];
};

/* A program after the first, while the text that it points into may still move. */
struct wbh__other {
    uint32_t program_offset;
    uint32_t label_offset; /* 0: none given */
    uint32_t line;
    uint32_t host;
    uint32_t option_count;
};

/* Empties the scenario: no title, program "", profile "none", verdict ok, nothing else. Errors: -1,
 * no memory. */
int wbh__begin(struct wbh_scenario *scenario);

/* All of these: 0, or -1 if there is no memory; `len` bytes are copied. Pointers of the scenario
 * into its storage are valid only after finish. */
int wbh__set_title(struct wbh_scenario *scenario, const char *text, size_t len);
int wbh__set_program(struct wbh_scenario *scenario, const char *name, size_t len);
/* What the n-th program is called; not said: as the program. */
int wbh__set_label(struct wbh_scenario *scenario, uint32_t n, const char *label, size_t len);
int wbh__add_program(struct wbh_scenario *scenario, const char *name, size_t len, uint32_t line);
/* To the program named last. */
int wbh__add_option(struct wbh_scenario *scenario, const char *name, size_t name_len,
    const char *value, size_t value_len);
int wbh__add_peer(struct wbh_scenario *scenario, const char *name, size_t len, uint32_t line);
int wbh__add_host(struct wbh_scenario *scenario, const struct wbh_named_host *host);
int wbh__add_link(struct wbh_scenario *scenario, const struct wbh_link *link);
int wbh__add_moment(struct wbh_scenario *scenario, const struct wbh_moment *moment);
int wbh__add_file(struct wbh_scenario *scenario, const struct wbh_placed_file *file);
/* To the peer added last. */
int wbh__add_step(struct wbh_scenario *scenario, const struct wbh_step *step);
/* To the step added last, which must be about an HTTP message. */
int wbh__add_part(struct wbh_scenario *scenario, const struct wbh_part *part);
int wbh__add_fault(struct wbh_scenario *scenario, const struct wbh_decision *fault, uint32_t line);
/* Appends bytes to the literals; a literal is what was appended since data_len was noted. */
int wbh__add_data(struct wbh_scenario *scenario, const void *bytes, size_t len);

void wbh__finish(struct wbh_scenario *scenario);

/* While building: the n-th step of all; an option's name; the peers and faults so far. */
struct wbh_step *wbh__step_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_part *wbh__part_at(struct wbh_scenario *scenario, uint32_t n);
/* The step added last; NULL: there is none. */
struct wbh_step *wbh__last_step(struct wbh_scenario *scenario);
/* Of the program named last. */
const char *wbh__option_name_at(const struct wbh_scenario *scenario, uint32_t n);
uint32_t wbh__option_count(const struct wbh_scenario *scenario);
/* The n-th program so far: what it is called, and where its host is kept. */
const char *wbh__label_at(const struct wbh_scenario *scenario, uint32_t n);
uint32_t *wbh__program_host_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_named_host *wbh__host_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_link *wbh__link_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_moment *wbh__moment_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_placed_file *wbh__file_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_peer *wbh__peer_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh_decision *wbh__fault_at(struct wbh_scenario *scenario, uint32_t n);
struct wbh__storage *wbh__storage_of(const struct wbh_scenario *scenario);

/* Room for `bytes` in a pool, contents kept. -1: no memory, nothing changed. */
int wbh__pool_reserve(struct wbh__pool *pool, size_t bytes);

#endif
