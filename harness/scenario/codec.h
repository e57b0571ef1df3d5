/* What the files of the codec share: codec.c has the format's description, codec_world.c the
 * records about programs beside the first, hosts, links and moments, codec_message.c what steps say
 * of HTTP.
 */
#ifndef WOULDBLOCK_SCENARIO_CODEC_H
#define WOULDBLOCK_SCENARIO_CODEC_H

#include "scenario/storage.h"
#include "scenario/wire.h"

/* In the order of the format, which is append-only. */
enum wbh__tag {
    WBH__TAG_PROGRAM = WBH__TAG_FIRST,
    WBH__TAG_OPTION,
    WBH__TAG_HOST,
    WBH__TAG_FAULTS,
    WBH__TAG_PEER,
    WBH__TAG_STEP,
    WBH__TAG_FAULT,
    WBH__TAG_VERDICT,
    WBH__TAG_TITLE,
    WBH__TAG_OTHER,
    WBH__TAG_NAMED,
    WBH__TAG_LINK,
    WBH__TAG_MOMENT,
    WBH__TAG_ROLE,
    WBH__TAG_FILE,
    WBH__TAG_PART,
};

struct wbh__table {
    const char *const *words;
    unsigned count; /* at most 32, so that no place is a printable character */
};

#define WBH__TABLE(...)                                                                            \
    {                                                                                              \
        .words = (const char *const[]){__VA_ARGS__},                                               \
        .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)                 \
    }

/* A word of at most WBH_TEXT_MAX bytes to `out`, which has room for one more; longer ones are cut.
 */
size_t wbh__read_word(
    struct wbh__reader *reader, const struct wbh__table *table, char out[WBH_TEXT_MAX + 1]);
void wbh__write_word(struct wbh__writer *writer, const struct wbh__table *table, const char *word);
uint64_t wbh__read_time(struct wbh__reader *reader);
void wbh__write_time(struct wbh__writer *writer, uint64_t time_ns);
/* Reads literal and repeat; step->repeat stays 0 if the scenario has no room for them. */
int wbh__decode_literal(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step);
const struct wbh__table *wbh__program_words(void);
void wbh__encode_options(struct wbh__writer *writer, const struct wbh_cast *cast);
void wbh__encode_host(struct wbh__writer *writer, const struct wbh_host *host);

/* ---- codec_world.c */

/* 0, or -1: no memory. */
int wbh__decode_other(struct wbh_scenario *scenario, struct wbh__reader *reader);
int wbh__decode_role(struct wbh_scenario *scenario, struct wbh__reader *reader);
int wbh__decode_named_host(struct wbh_scenario *scenario, struct wbh__reader *reader);
int wbh__decode_link(struct wbh_scenario *scenario, struct wbh__reader *reader);
int wbh__decode_moment(struct wbh_scenario *scenario, struct wbh__reader *reader);
/* When all is decoded: references are brought within what there is, names told apart. */
int wbh__fit_world(struct wbh_scenario *scenario);
void wbh__encode_world(struct wbh__writer *writer, const struct wbh_scenario *scenario);

/* ---- codec_message.c */

/* 0, or -1: no memory. Step: the payload behind its kind. */
int wbh__decode_message(
    struct wbh_scenario *scenario, struct wbh__reader *reader, struct wbh_step *step);
int wbh__decode_part(struct wbh_scenario *scenario, struct wbh__reader *reader);
void wbh__encode_message(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step);
/* Records behind that of the step. */
void wbh__encode_parts(
    struct wbh__writer *writer, const struct wbh_scenario *scenario, const struct wbh_step *step);

#endif
