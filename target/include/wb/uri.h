/* URIs as HTTP uses them: absolute ones, what stands in a request line, and authorities.
 *
 * Thread: any. Allocates: nothing; parts are views into the text.
 * Spec: RFC 3986 sections 3 and 6.2, RFC 9110 section 4.2, RFC 9112 section 3.2. */
#ifndef WB_URI_H
#define WB_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WB_URI_LEN_MAX = 65534 };

/* Where on the net something is: `host [":" port]`. */
struct wb_uri_authority {
    struct wb_bytes userinfo; /* without the @; empty: none */
    struct wb_bytes host;     /* a literal of IPv6 with its brackets */
    uint16_t port;            /* 0: none was given */
    bool has_port;            /* one was given, perhaps an empty one ("a:"), for which port is 0 */
};

struct wb_uri {
    struct wb_bytes scheme; /* empty: a path alone, an authority alone, or "*" */
    struct wb_uri_authority authority;
    struct wb_bytes path;  /* "/" where an absolute one has none; "*"; empty beside an authority
                              alone */
    struct wb_bytes query; /* without the ? */
    bool has_query;
};

/* Parses `scheme://authority/path?query#fragment`, `/path?query#fragment` or "*". The fragment is
 * left out. Errors: WB_ERR_PARSE: a byte that may not stand there, no host, a port that is none
 * (1 to 65535), userinfo with an @, half a pair of brackets; WB_ERR_LIMIT: longer than
 * WB_URI_LEN_MAX. *out_uri is written only on success. */
WB_API WB_MUST_USE enum wb_status wb_uri_parse(struct wb_bytes text, struct wb_uri *out_uri);

/* Parses `host[:port]`, as Host and CONNECT have it; no userinfo. The host may be empty in a Host
 * field (RFC 9110 section 7.2), and nowhere else: look at its length. Errors: as above. */
WB_API WB_MUST_USE enum wb_status wb_uri_parse_authority(
    struct wb_bytes text, struct wb_uri_authority *out_authority);

/* The port that a scheme stands for: 80, 443; 0: unknown. */
WB_API uint16_t wb_uri_default_port(struct wb_bytes scheme);

/* Whether both name the same: schemes and hosts without regard to case, a port that is left out
 * taken for the scheme's, an empty path for "/", paths and queries byte by byte. */
WB_API bool wb_uri_equal(const struct wb_uri *a, const struct wb_uri *b);

/* Writes a path for looking up, without "." and ".." (RFC 3986 section 5.2.4) and with escapes of
 * bytes that need none undone (section 6.2.2.2); an escaped slash, percent sign or NUL stays as it
 * is, so that paths of two resources stay two and doing it again changes nothing. `out` has room
 * for path.len bytes and may be where the path lies. Returns the length. A path that leads above
 * the root ends there. Errors: WB_ERR_PARSE: an escape that is none. */
WB_API WB_MUST_USE enum wb_status wb_uri_normalize_path(
    struct wb_bytes path, char *out, size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif
