/* Heads of HTTP/1 messages, from bytes: the start line, the fields, and what they say about the
 * content and the connection. Sans I/O: bytes are given as they come, in any pieces.
 *
 * Strict against request smuggling: whatever two readers might understand differently is refused,
 * unless an option below says otherwise. What is found does not depend on how the bytes were cut
 * into pieces: the first byte that offends decides.
 *
 * Thread: a parser is used by one thread at a time. Allocates: nothing.
 * Spec: RFC 9112 sections 2 to 7 and 9.3, RFC 9110 sections 5, 7 and 10.1. */
#ifndef WB_H1_HEAD_H
#define WB_H1_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/http.h"
#include "wb/http_fields.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What can be wrong. X(enumerator, response status that a server gives, text). */
#define WB_H1_ERROR_TABLE(X)                                                                       \
    X(WB_H1_ERROR_NONE, 0, "nothing is wrong")                                                     \
    X(WB_H1_ERROR_METHOD, 400, "the method is not a token")                                        \
    X(WB_H1_ERROR_METHOD_TOO_LONG, 501, "the method is too long")                                  \
    X(WB_H1_ERROR_TARGET, 400, "the target has a byte that may not stand there")                   \
    X(WB_H1_ERROR_TARGET_TOO_LONG, 414, "the target is too long")                                  \
    X(WB_H1_ERROR_TARGET_FORM, 400, "the target does not fit the method")                          \
    X(WB_H1_ERROR_VERSION, 400, "the version is not HTTP/1")                                       \
    X(WB_H1_ERROR_VERSION_NOT_SUPPORTED, 505, "the version is another than HTTP/1")                \
    X(WB_H1_ERROR_STATUS, 400, "the status is not three digits from 100 on")                       \
    X(WB_H1_ERROR_REASON, 400, "the reason has a byte that may not stand there")                   \
    X(WB_H1_ERROR_START_LINE, 400, "the start line does not end where it should")                  \
    X(WB_H1_ERROR_EMPTY_LINES, 400, "too many empty lines before the start line")                  \
    X(WB_H1_ERROR_BARE_CR, 400, "a carriage return without a line feed")                           \
    X(WB_H1_ERROR_BARE_LF, 400, "a line feed without a carriage return")                           \
    X(WB_H1_ERROR_FIELD_NAME, 400, "a field's name is not a token")                                \
    X(WB_H1_ERROR_SPACE_BEFORE_COLON, 400, "a blank between a field's name and its colon")         \
    X(WB_H1_ERROR_FIELD_VALUE, 400, "a field's value has a byte that may not stand there")         \
    X(WB_H1_ERROR_FOLD, 400, "a line that begins with a blank")                                    \
    X(WB_H1_ERROR_TOO_LARGE, 431, "the head is too large")                                         \
    X(WB_H1_ERROR_TOO_MANY_FIELDS, 431, "there are too many fields")                               \
    X(WB_H1_ERROR_CONTENT_LENGTH, 400, "Content-Length is not one number")                         \
    X(WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG, 413, "Content-Length is beyond any content")             \
    X(WB_H1_ERROR_TRANSFER_ENCODING, 400, "Transfer-Encoding does not end with chunked, once")     \
    X(WB_H1_ERROR_TRANSFER_CODING, 501, "Transfer-Encoding has a coding besides chunked")          \
    X(WB_H1_ERROR_BOTH_LENGTHS, 400, "Content-Length and Transfer-Encoding together")              \
    X(WB_H1_ERROR_CHUNKED_1_0, 400, "Transfer-Encoding in HTTP/1.0")                               \
    X(WB_H1_ERROR_HOST_MISSING, 400, "there is no Host")                                           \
    X(WB_H1_ERROR_HOST_TWICE, 400, "there is more than one Host")                                  \
    X(WB_H1_ERROR_HOST, 400, "Host is not host:port")

enum wb_h1_error {
#define WB_H1_ERROR_ENUM(name, status, text) name,
    WB_H1_ERROR_TABLE(WB_H1_ERROR_ENUM)
#undef WB_H1_ERROR_ENUM
        WB_H1_ERROR_COUNT
};

WB_API const char *wb_h1_error_text(enum wb_h1_error error);
/* The status of the response that tells the client; 0 for WB_H1_ERROR_NONE. */
WB_API unsigned wb_h1_error_response(enum wb_h1_error error);

/* Limits, 0 for the default, and what to put up with. */
struct wb_h1_head_options {
    uint32_t head_len_max;           /* bytes up to the empty line's end: WB_H1_HEAD_LEN_MAX */
    uint32_t target_len_max;         /* bytes: WB_H1_TARGET_LEN_MAX */
    bool allow_bare_lf;              /* lines may end with a line feed alone, all of them */
    bool allow_missing_host;         /* also of HTTP/1.1 */
    bool allow_space_before_colon;   /* of responses: blanks there are left out */
    bool allow_obs_fold;             /* of responses: see wb_h1_field_unfold() */
    bool allow_spaces_in_start_line; /* several blanks where one should be */
    bool ignore_bad_fields;          /* lines with a name that is no token are skipped, unless they
                                        have control characters */
};

enum {
    WB_H1_HEAD_LEN_MAX = 417792,
    WB_H1_TARGET_LEN_MAX = 65534,
    WB_H1_METHOD_LEN_MAX = 32,
    WB_H1_EMPTY_LINES_MAX = 8,
};

/* How the content that follows a head is delimited (RFC 9112 section 6.3). */
enum wb_h1_body {
    WB_H1_BODY_NONE,
    WB_H1_BODY_LENGTH,
    WB_H1_BODY_CHUNKED,
    WB_H1_BODY_UNTIL_CLOSE, /* responses only */
    WB_H1_BODY_TUNNEL,      /* what follows is no longer HTTP/1: 101, or 2xx to CONNECT */
};

/* Which form a request's target has (RFC 9112 section 3.2). */
enum wb_h1_target_form {
    WB_H1_TARGET_ORIGIN,    /* /path?query */
    WB_H1_TARGET_ABSOLUTE,  /* scheme://authority/path: its authority goes before Host */
    WB_H1_TARGET_AUTHORITY, /* host:port, of CONNECT */
    WB_H1_TARGET_ASTERISK,  /* *, of OPTIONS */
};

/* A head that was parsed. What is given as "at" counts from the first byte that the parser was
 * given, and stays right when the bytes are moved. */
struct wb_h1_head {
    uint32_t head_len; /* bytes of it, the empty line included; content begins there */
    uint32_t field_count;
    enum wb_http_version version;

    /* Of requests. */
    enum wb_http_method method;
    enum wb_h1_target_form target_form;
    uint32_t method_at;
    uint32_t method_len;
    uint32_t target_at;
    uint32_t target_len;

    /* Of responses. */
    uint16_t status;
    uint32_t reason_at;
    uint32_t reason_len;

    /* What the fields say. */
    enum wb_h1_body body;
    uint64_t content_length; /* with WB_H1_BODY_LENGTH; of a response without content (to HEAD, 304)
                                what it would have had, if has_content_length */
    bool has_content_length;
    bool keep_alive;      /* the connection may be used for another message afterwards */
    bool says_keep_alive; /* there is "Connection: keep-alive" */
    bool expects_continue;
    bool expects_else;  /* an expectation that nobody knows: 417 */
    bool wants_upgrade; /* Upgrade, named by Connection, in HTTP/1.1 */
    bool has_trailer_field;
    bool takes_trailers; /* "TE: trailers", named by Connection or not */
};

enum wb_h1_kind {
    WB_H1_REQUEST,
    WB_H1_RESPONSE,
    WB_H1_TRAILERS, /* of a chunked message: fields alone */
};

/* What a response answers; it decides where the response ends. */
struct wb_h1_asked {
    enum wb_http_method method;
    bool upgrade; /* an upgrade was asked for: without, 101 is an error */
};

/* All private but `head`, `error` and `error_at`. */
struct wb_h1_parser {
    struct wb_h1_head head; /* complete when wb_h1_parse() has said WB_OK */
    enum wb_h1_error error; /* after WB_ERR_PARSE */
    uint32_t error_at;      /* the byte that offends; of what concerns the whole head, its length */
    uint32_t line_at;
    uint32_t searched;
    uint32_t meaningful;
    uint8_t kind;
    uint8_t stage;
    uint8_t empty_lines;
    bool last_is_skipped;
    const struct wb_http_field *host;
    /* Down to here zero in the beginning. */
    struct wb_h1_head_options options;
    struct wb_http_field *fields;
    uint32_t fields_max;
    struct wb_h1_asked asked; /* of responses alone */
};

/* Ready for a message. `fields`, room for `fields_max` of them, is borrowed as long as the parser
 * is used; 0 means that none is allowed. `asked` is needed for responses and else NULL. `options`
 * NULL: the defaults. */
WB_API void wb_h1_parser_init(struct wb_h1_parser *parser, enum wb_h1_kind kind,
    const struct wb_h1_head_options *options, const struct wb_h1_asked *asked,
    struct wb_http_field *fields, uint32_t fields_max);

/* Looks at a message from its first byte on: `input` holds all bytes of it that have come so far,
 * those of earlier calls included, wherever they lie now, and may go on behind the head. The cost
 * of a call is that of the bytes that are new.
 * WB_OK: the head is complete. WB_WOULD_BLOCK: it is not; come back with more bytes.
 * WB_ERR_PARSE: it is no message; `error` says why, and the parser is of no more use. If the bytes
 * end here, no byte at all is a clean end and anything else an incomplete message: see
 * wb_h1_parser_has_begun(). */
WB_API WB_MUST_USE enum wb_status wb_h1_parse(struct wb_h1_parser *parser, struct wb_bytes input);

/* Whether something of a message is there, empty lines before it aside. */
WB_API bool wb_h1_parser_has_begun(const struct wb_h1_parser *parser, struct wb_bytes input);

/* The fields of a parsed head. `input` as given to wb_h1_parse(), or the head's bytes elsewhere. */
WB_API struct wb_http_fields wb_h1_parser_fields(
    const struct wb_h1_parser *parser, struct wb_bytes input);

/* Replaces the line ends of a folded value (allow_obs_fold) by blanks, in place. */
WB_API void wb_h1_field_unfold(uint8_t *value, size_t value_len);

#ifdef __cplusplus
}
#endif

#endif
