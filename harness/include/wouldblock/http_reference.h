/* HTTP/1 messages, read plainly: what an independent reader makes of the bytes. Written from RFC
 * 9110 and RFC 9112 for being right at a glance, not for speed, and sharing no code with what it is
 * held against. It is as strict as the stack's codec is by default.
 *
 * Thread: any. Allocates: with malloc, content only. */
#ifndef WOULDBLOCK_HTTP_REFERENCE_H
#define WOULDBLOCK_HTTP_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wbh_http_outcome {
    WBH_HTTP_WHOLE,
    WBH_HTTP_PART, /* it may become a message yet */
    WBH_HTTP_BAD,
};

/* Bytes of the message. */
struct wbh_http_text {
    const char *bytes;
    size_t len;
};

struct wbh_http_line {
    struct wbh_http_text name;
    struct wbh_http_text value;
};

enum { WBH_HTTP_LINES_MAX = 256 };

struct wbh_http_limits {
    size_t lines_max; /* at most WBH_HTTP_LINES_MAX */
    size_t method_len_max;
    size_t empty_lines_max; /* before a request */
};

enum wbh_http_content {
    WBH_HTTP_NO_CONTENT,
    WBH_HTTP_OF_LENGTH,
    WBH_HTTP_CHUNKED,
    WBH_HTTP_UNTIL_CLOSE,
    WBH_HTTP_TUNNEL,
};

struct wbh_http_head {
    size_t len; /* with the empty line */
    bool is_1_1;
    struct wbh_http_text method;
    struct wbh_http_text target;
    unsigned status;
    struct wbh_http_text reason;
    struct wbh_http_line lines[WBH_HTTP_LINES_MAX];
    size_t line_count;
    enum wbh_http_content content;
    uint64_t content_len; /* with WBH_HTTP_OF_LENGTH */
    bool stays_open;
};

/* The head at the front of the bytes. */
enum wbh_http_outcome wbh_http_read_request(const char *bytes, size_t len,
    const struct wbh_http_limits *limits, struct wbh_http_head *out_head);

/* The same of a response to a request of that method; `upgrade`: it asked for one. */
enum wbh_http_outcome wbh_http_read_response(const char *bytes, size_t len, const char *method,
    bool upgrade, const struct wbh_http_limits *limits, struct wbh_http_head *out_head);

/* Of bytes that are no request, or with a method no response to one: the first byte with which they
 * could not become one any more. At most the first 4096 are looked at. */
size_t wbh_http_bad_at(const char *bytes, size_t len, const char *method, bool upgrade,
    const struct wbh_http_limits *limits);

/* The trailers at the front of the bytes, which begin behind chunked content: `lines`, `line_count`
 * and `len`, the empty line included; of the rest of the head nothing. */
enum wbh_http_outcome wbh_http_read_trailers(const char *bytes, size_t len,
    const struct wbh_http_limits *limits, struct wbh_http_head *out_head);

/* Whether a name is this one, whatever its letters' case. */
bool wbh_http_same_name(struct wbh_http_text text, const char *name);
/* The n-th line of that name, whatever its letters' case, counted from 0. NULL: there is none. */
const struct wbh_http_line *wbh_http_line_of(
    const struct wbh_http_head *head, const char *name, size_t n);
/* Whether an element of the lists in lines of that name is this one, whatever its letters' case. */
bool wbh_http_lists(const struct wbh_http_head *head, const char *name, const char *element);

/* The content at the front of the bytes, which begin behind the head; of chunked content without
 * the trailers. *out_content is the caller's to free, and NULL unless the outcome is
 * WBH_HTTP_WHOLE. `ended`: no more bytes come. */
enum wbh_http_outcome wbh_http_read_content(const struct wbh_http_head *head, const char *bytes,
    size_t len, bool ended, char **out_content, size_t *out_content_len, size_t *out_used);

/* Chunked content at the front of the bytes, as far as it has come: at most `len` bytes are written
 * to `out`, and their number returned. *out_used: so much was looked at, up to trailers, the end of
 * the bytes or where they are no chunks; *out_is_whole: the last chunk was among them. */
size_t wbh_http_chunks_so_far(
    const char *bytes, size_t len, char *out, size_t *out_used, bool *out_is_whole);

#ifdef __cplusplus
}
#endif

#endif
