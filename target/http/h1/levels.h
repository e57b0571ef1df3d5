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

/* What came of a line, or of several. */
enum wb__h1_pass {
    WB__H1_PASS_ON,    /* the next one begins at line_at, and may be of any kind */
    WB__H1_PASS_PLAIN, /* the head has ended and is understood */
    WB__H1_PASS_DONE,  /* the head has ended */
    WB__H1_PASS_MORE,  /* it is not complete */
    WB__H1_PASS_FAILED,
};

enum wb__h1_stage {
    WB__H1_STAGE_START,
    WB__H1_STAGE_FIELDS,
    WB__H1_STAGE_DONE,
};

/* wb_h1_parse() of a head that is neither done nor wrong so far, from line_at on; all of `len`
 * bytes, at least one, are looked at. */
typedef enum wb_status (*wb__h1_lines_fn)(
    struct wb_h1_parser *parser, const uint8_t *base, size_t len);

enum wb_status wb__h1_lines_scalar(struct wb_h1_parser *parser, const uint8_t *base, size_t len);
enum wb_status wb__h1_lines_sse42(struct wb_h1_parser *parser, const uint8_t *base, size_t len);
enum wb_status wb__h1_lines_avx2(struct wb_h1_parser *parser, const uint8_t *base, size_t len);

/* What is said when there is no line to go on with. */
enum wb_status wb__h1_end_pass(
    struct wb_h1_parser *parser, struct wb_bytes view, enum wb__h1_pass pass);

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

/* Of a field that was taken, and that is meaningful. */
static inline void wb__h1_note_meaningful(
    struct wb_h1_parser *parser, const struct wb_http_field *field) {
    parser->meaningful++;
    if (field->id == WB_HTTP_FIELD_HOST) {
        parser->host = field;
    }
}

/* Whether the fields say nothing but where a request goes, which they do once, and perhaps, in that
 * word alone, that the connection be kept: so most are, and plain if the host is surely one. */
static inline bool wb__h1_has_host_alone(const struct wb_h1_parser *parser) {
    return parser->meaningful == 1 && parser->host != NULL;
}

static inline bool wb__h1_fail(struct wb_h1_parser *parser, enum wb_h1_error error, uint32_t at) {
    parser->error = error;
    parser->error_at = at;
    return false;
}

/* Behind the empty line. */
static inline void wb__h1_end_lines(struct wb_h1_parser *parser, uint32_t at) {
    parser->stage = WB__H1_STAGE_DONE;
    parser->searched = parser->head.head_len = at;
}

#endif
