/* Files of a scenario: what a path may be, and which files cannot be beside each other. */
#ifndef WOULDBLOCK_SCENARIO_FILES_H
#define WOULDBLOCK_SCENARIO_FILES_H

#include "scenario/codec.h"
#include "scenario/parser.h"

/* Absolute, in its plain form (no empty part, no "." or ".."), and not what every host has: /run
 * and /tmp. */
bool wbh__is_file_path(const char *path, size_t len);
/* Whether not both can be: the same path twice, or one where the other has a directory. */
bool wbh__files_clash(const struct wbh_scenario *scenario, const struct wbh_placed_file *a,
    const struct wbh_placed_file *b);

/* file "PATH" [on HOST] CONTENTS; expect file "PATH" [on HOST] CONTENTS. */
int wbh__parse_file(struct wbh__parser *parser, struct wbh__span keyword);
int wbh__parse_expected_file(struct wbh__parser *parser, struct wbh__span keyword);
/* When the hosts are known. */
int wbh__check_files(struct wbh__parser *parser);

int wbh__decode_file(struct wbh_scenario *scenario, struct wbh__reader *reader);
void wbh__fit_files(struct wbh_scenario *scenario);
void wbh__encode_files(struct wbh__writer *writer, const struct wbh_scenario *scenario);

#endif
