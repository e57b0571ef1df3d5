/* The three ways to look at bytes: one by one, sixteen or thirty-two at a time. All give the same
 * results. */
#ifndef HTTP_H1_LEVELS_H
#define HTTP_H1_LEVELS_H

#include <assert.h>
#include <stdint.h>

#include "wb/h1_head.h"

enum wb__h1_level {
    WB__H1_SCALAR,
    WB__H1_SSE42,
    WB__H1_AVX2,
    WB__H1_LEVEL_COUNT,
};

/* Where a pass over lines stopped. */
enum wb__h1_pass {
    WB__H1_PASS_DONE, /* behind the empty line: head.head_len */
    WB__H1_PASS_MORE, /* the line at line_at is not complete */
    WB__H1_PASS_FAILED,
};

enum wb__h1_stage {
    WB__H1_STAGE_START,
    WB__H1_STAGE_FIELDS,
    WB__H1_STAGE_DONE,
};

typedef enum wb__h1_pass (*wb__h1_lines_fn)(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);

enum wb__h1_pass wb__h1_lines_scalar(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);
enum wb__h1_pass wb__h1_lines_sse42(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);
enum wb__h1_pass wb__h1_lines_avx2(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end);

/* Whether this processor has it. */
bool wb__h1_level_is_there(enum wb__h1_level level);
/* wb_h1_parse() with that one, which must be there. */
enum wb_status wb__h1_parse_at(
    enum wb__h1_level level, struct wb_h1_parser *parser, struct wb_bytes input);

/* ---- meaning.c ---- */
/* What the fields of a whole head say, and whether it can be; false: parser->error. */
bool wb__h1_understand(struct wb_h1_parser *parser, const uint8_t *base);

/* ---- content_length.c ---- */
/* What is wrong with it; WB_H1_ERROR_NONE: nothing. */
enum wb_h1_error wb__h1_parse_length(struct wb_bytes value, uint64_t *out_length);

/* ---- target.c ---- */
/* Which form it has. WB_ERR_PARSE: none that the method may have. WB_ERR_LIMIT: it is longer than
 * WB_URI_LEN_MAX. */
enum wb_status wb__h1_target_form(
    enum wb_http_method method, struct wb_bytes target, enum wb_h1_target_form *out_form);
/* Whether it is `host[:port]`, perhaps empty. */
bool wb__h1_is_host(struct wb_bytes value);

#define WB__H1_BIT(id) (UINT32_C(1) << (id))
static_assert(WB_HTTP_FIELD_COUNT <= 32, "a bit for each name");

/* Fields that say something about the message or the connection; meaning.c looks at no others. */
#define WB__H1_MEANINGFUL                                                                          \
    (WB__H1_BIT(WB_HTTP_FIELD_CONTENT_LENGTH) | WB__H1_BIT(WB_HTTP_FIELD_TRANSFER_ENCODING)        \
        | WB__H1_BIT(WB_HTTP_FIELD_CONNECTION) | WB__H1_BIT(WB_HTTP_FIELD_HOST)                    \
        | WB__H1_BIT(WB_HTTP_FIELD_TE) | WB__H1_BIT(WB_HTTP_FIELD_EXPECT)                          \
        | WB__H1_BIT(WB_HTTP_FIELD_UPGRADE) | WB__H1_BIT(WB_HTTP_FIELD_TRAILER))

static inline bool wb__h1_is_meaningful(uint8_t id) {
    return (WB__H1_MEANINGFUL >> id & 1) != 0;
}

static inline bool wb__h1_fail(struct wb_h1_parser *parser, enum wb_h1_error error, uint32_t at) {
    parser->error = error;
    parser->error_at = at;
    return false;
}

#endif
