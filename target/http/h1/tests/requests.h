/* Requests in tests: given in every way, with one more field, or with a part that is very long. */
#ifndef HTTP_H1_TESTS_REQUESTS_H
#define HTTP_H1_TESTS_REQUESTS_H

#include "every_way.h"

/* Another request, which may stand behind one. */
#define NEXT "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"

struct outcome request(struct wb_bytes input);

/* It is refused for that, with that response. */
void assert_refused(struct wb_bytes input, enum wb_h1_error error, unsigned response);

/* A request with one more line of fields, in that room. `start` is its first line. */
struct wb_bytes with_field(char *room, size_t room_len, const char *start, struct wb_bytes line);
struct outcome post_with(struct wb_bytes line);
void refuse_post_with(struct wb_bytes line, enum wb_h1_error error, unsigned response);

/* `count` times an a between two texts. Ownership: free() gives it back. */
struct wb_bytes stretch(const char *before, size_t count, const char *after);
void refuse_stretched(
    const char *before, size_t count, const char *after, enum wb_h1_error error, unsigned response);
void take_stretched(const char *before, size_t count, const char *after);

#endif
