/* Parses a head in every way: at each level, whole, byte by byte, cut in two at each place, with
 * memory that moves in between; and fails unless all ways give the same. */
#ifndef HTTP_H1_TESTS_EVERY_WAY_H
#define HTTP_H1_TESTS_EVERY_WAY_H

#include "http/h1/levels.h"

enum { EVERY_WAY_FIELDS_MAX = 100 };

struct outcome {
    enum wb_status status;
    enum wb_h1_error error;
    uint32_t error_at;
    struct wb_h1_head head; /* only after WB_OK */
    struct wb_http_field fields[EVERY_WAY_FIELDS_MAX];
};

/* How the parser is to be set up. */
struct way {
    enum wb_h1_kind kind;
    const struct wb_h1_head_options *options;
    const struct wb_h1_asked *asked;
    uint32_t fields_max; /* at most EVERY_WAY_FIELDS_MAX */
};

extern const struct way way_of_requests;

/* What comes of the bytes, in every way. */
struct outcome every_way(const struct way *way, struct wb_bytes input);

/* Of a literal, which may hold NULs. */
#define BYTES(literal) wb_bytes_from(literal, sizeof(literal) - 1)

/* Whether the bytes that the outcome points at are this text. */
bool part_is(struct wb_bytes input, uint32_t at, uint32_t len, const char *text);

#endif
