/* A message of HTTP/1 parsed in several ways that must come to the same. */
#ifndef FUZZ_HTTP1_EVERY_WAY_H
#define FUZZ_HTTP1_EVERY_WAY_H

#include <stdio.h>
#include <stdlib.h>

#include "http/h1/levels.h"
#include "wb/h1_body.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "verdict  %s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

enum { FIELDS_MAX = 24, INPUT_LEN_MAX = 8192 };

/* How a message is parsed. */
struct setting {
    enum wb_h1_kind kind;
    struct wb_h1_head_options options;
    struct wb_h1_asked asked;
    size_t cut; /* where the bytes are cut in two */
};

struct message {
    enum wb_status status;
    struct wb_h1_parser parser;
    struct wb_http_field fields[FIELDS_MAX];
};

/* The options that a byte stands for. Some limits are small, so that they are met. */
struct wb_h1_head_options options_of(uint8_t byte);

/* The head, found the same by all ways to look at bytes, cut or whole or byte by byte. */
void parse_every_way(const struct setting *setting, struct wb_bytes input, struct message *out);

/* The content behind it, found the same whole, cut, and byte by byte. */
void read_every_way(
    const struct setting *setting, struct wb_bytes input, const struct message *message);

/* Whether both have the same fields in the same order, those that frame aside. */
void check_same_fields(struct wb_http_fields a, struct wb_http_fields b);

/* The same of a request whose content is framed so: if it has none, `b` is without Expect fields
 * that say 100-continue. */
void check_request_fields(struct wb_http_fields a, struct wb_http_fields b, enum wb_h1_body body);

#endif
