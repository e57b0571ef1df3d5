/* What a case did on one kernel and what came of it, step by step. */
#ifndef WBH_SEMANTICS_TRANSCRIPT_H
#define WBH_SEMANTICS_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "report/text.h"
#include "sys/contract/contract.h"

struct wbh_shown_step {
    enum wb_contract_step_kind kind;
    char *text;   /* "send(own, 5)"; descriptors by what they are to the case, never by number */
    char *result; /* "5", "EAGAIN", "d b a", "-"; "" of an observation */
    uint32_t modes;
    uint32_t masks[WB_CONTRACT_MODE_COUNT][WB_CONTRACT_WAITS];
};

/* All zero is an empty one. Running out of memory is remembered in `failed`, and nothing is
 * appended from then on. */
struct wbh_transcript {
    struct wbh_shown_step *steps;
    size_t count;
    size_t capacity;
    uint32_t kinds; /* of descriptors that the case has made: WBH_KIND_* bits */
    int failed;
};

void wbh_transcript_clean_up(struct wbh_transcript *transcript);

/* Appends a step with copies of both strings. NULL if there is no memory. Valid until the next. */
struct wbh_shown_step *wbh_transcript_add(struct wbh_transcript *transcript,
    enum wb_contract_step_kind kind, const char *text, const char *result);

/* Whether two steps say that the same was done; and that the same came of it. */
int wbh_shown_step_is_same(const struct wbh_shown_step *a, const struct wbh_shown_step *b);
int wbh_shown_step_is_equal(const struct wbh_shown_step *a, const struct wbh_shown_step *b);

/* "IN|OUT*": the same at every wait; "IN": at the first one only; "-": nothing; otherwise all
 * three, separated by blanks. Appends "none" for a mode without a registration. */
void wbh_shown_step_add_cell(
    struct wbh_text *text, const struct wbh_shown_step *step, unsigned mode);

/* "level", ..., "exclusive": as options and JSON spell it. */
const char *wbh_mode_name(unsigned mode);

/* For handing a transcript to another process of the same program: bytes, and back. Unpacking
 * appends and returns how many bytes it took, 0 if they are not whole. */
void wbh_transcript_pack(const struct wbh_transcript *transcript, struct wbh_text *out);
size_t wbh_transcript_unpack(struct wbh_transcript *transcript, const char *bytes, size_t len);

#endif
