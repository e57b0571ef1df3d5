/* Words as bytes, for those who write them. */
#ifndef HTTP_MESSAGE_WORDS_H
#define HTTP_MESSAGE_WORDS_H

#include "wb/bytes.h"

/* As wb_http_reason(). */
struct wb_bytes wb__http_reason(unsigned status);

#endif
