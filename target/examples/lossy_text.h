/* Bytes of anybody's as text for a person: what is not UTF-8 is replaced. */
#ifndef WB_EXAMPLES_LOSSY_TEXT_H
#define WB_EXAMPLES_LOSSY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that a replacement takes: U+FFFD. No text is longer than its bytes so many times. */
enum { WB__REPLACEMENT_LEN = 3 };

/* Writes the text of `bytes`, without a NUL, and returns its length: each byte that begins no
 * well-formed character of UTF-8 becomes U+FFFD. `out` has room for WB__REPLACEMENT_LEN times
 * bytes.len. Spec: RFC 3629. */
size_t wb__lossy_text(struct wb_bytes bytes, char *out);

/* Whether nothing would have to be replaced. */
bool wb__is_text(struct wb_bytes bytes);

#ifdef __cplusplus
}
#endif

#endif
