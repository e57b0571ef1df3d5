/* What an echo server answers at a time: a line, a line with a capital, a frame. Looks at bytes;
 * not at sockets. */
#ifndef PLANTED_UNIT_H
#define PLANTED_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

enum {
    PLANTED_PREFIX_LEN = 8, /* of a frame: the length of its body, big-endian */
    PLANTED_FRAME_LEN_MAX = 65536,
    PLANTED_LINE_LEN_MAX = 1048576,
};

/* The length of the whole unit with which the bytes begin, as far as they tell: 0 if they do not.
 * SIZE_MAX: it is longer than allowed. */
size_t planted_unit_len(const struct planted_options *options, const uint8_t *bytes, size_t len);

/* Turns the letters that begin lines into capitals. `inout_at_start` tells from one piece of the
 * stream to the next whether it begins a line. */
void planted_capitalise(uint8_t *bytes, size_t len, bool *inout_at_start);

#endif
