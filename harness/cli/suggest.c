/* Near words by optimal string alignment. */
#include "cli/suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t cli_word_distance(const char *a, const char *b) {
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > CLI_WORD_MAX || b_len > CLI_WORD_MAX) {
        return SIZE_MAX;
    }
    size_t rows[3][CLI_WORD_MAX + 1];
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above_two = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], above_two[j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

void cli_suggest(struct cli_suggestion *suggestion, const char *candidate) {
    size_t distance = cli_word_distance(suggestion->wanted, candidate);
    size_t bound = strlen(suggestion->wanted) / 3 + 1; /* farther words are other words */
    size_t wanted_len = strlen(suggestion->wanted);
    if (wanted_len >= 3 && strncmp(candidate, suggestion->wanted, wanted_len) == 0) {
        distance = 1; /* the beginning of a word is an abbreviation of it */
    }
    if (distance > bound || distance >= strlen(candidate)) {
        return;
    }
    if (suggestion->best == NULL || distance < suggestion->distance) {
        suggestion->best = candidate;
        suggestion->distance = distance;
    }
}

const char *cli_suggestion_text(
    const struct cli_suggestion *suggestion, char *buf, size_t buf_len) {
    if (suggestion->best == NULL) {
        return "";
    }
    snprintf(buf, buf_len, "; did you mean '%s'?", suggestion->best);
    return buf;
}
