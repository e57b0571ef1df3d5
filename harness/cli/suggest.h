/* "Did you mean": the known word that is nearest to a mistyped one. */
#ifndef WBH_CLI_SUGGEST_H
#define WBH_CLI_SUGGEST_H

#include <stddef.h>

enum { CLI_WORD_MAX = 64 }; /* longer words have no near neighbours */

/* The edit distance (insertions, deletions, replacements, swaps of neighbours) of two words. Words
 * longer than CLI_WORD_MAX are infinitely far: returns SIZE_MAX. */
size_t cli_word_distance(const char *a, const char *b);

/* Keeps the nearest of the words it is offered. */
struct cli_suggestion {
    const char *wanted;
    const char *best; /* NULL: nothing near enough was offered */
    size_t distance;
};

/* Offers a candidate. Of equally near ones the first stays. */
void cli_suggest(struct cli_suggestion *suggestion, const char *candidate);

/* Formats "; did you mean 'WORD'?", or "" if nothing was near. Returns buf. */
const char *cli_suggestion_text(const struct cli_suggestion *suggestion, char *buf, size_t buf_len);

#endif
