#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

struct outcome request(struct wb_bytes input) {
    return every_way(&way_of_requests, input);
}

void assert_refused(struct wb_bytes input, enum wb_h1_error error, unsigned response) {
    struct outcome outcome = request(input);
    if (outcome.status != WB_ERR_PARSE || outcome.error != error) {
        char text[512];
        (void)wb_bytes_format(input, text, sizeof text);
        fail_msg("%s: %s, %s at %u instead of: %s", text, wb_status_name(outcome.status),
            wb_h1_error_text(outcome.error), (unsigned)outcome.error_at, wb_h1_error_text(error));
    }
    assert_int_equal(wb_h1_error_response(error), response);
}

/* A request with one more line of fields. */
struct wb_bytes with_field(char *room, size_t room_len, const char *start, struct wb_bytes line) {
    int len = snprintf(room, room_len, "%s\r\nHost: a\r\n", start);
    assert_true((size_t)len + line.len + 4 < room_len);
    memcpy(room + len, line.ptr, line.len);
    memcpy(room + (size_t)len + line.len, "\r\n\r\n", 4);
    return wb_bytes_from(room, (size_t)len + line.len + 4);
}

struct outcome post_with(struct wb_bytes line) {
    char room[1024];
    return request(with_field(room, sizeof room, "POST / HTTP/1.1", line));
}

void refuse_post_with(struct wb_bytes line, enum wb_h1_error error, unsigned response) {
    char room[1024];
    assert_refused(with_field(room, sizeof room, "POST / HTTP/1.1", line), error, response);
}

/* `count` times a byte between two texts. */
struct wb_bytes stretch(const char *before, size_t count, const char *after) {
    size_t before_len = strlen(before);
    size_t after_len = strlen(after);
    char *text = malloc(before_len + count + after_len);
    assert_non_null(text);
    memcpy(text, before, before_len);
    memset(text + before_len, 'a', count);
    memcpy(text + before_len + count, after, after_len);
    return wb_bytes_from(text, before_len + count + after_len);
}

void refuse_stretched(const char *before, size_t count, const char *after, enum wb_h1_error error,
    unsigned response) {
    struct wb_bytes input = stretch(before, count, after);
    assert_refused(input, error, response);
    free((void *)(uintptr_t)input.ptr);
}

void take_stretched(const char *before, size_t count, const char *after) {
    struct wb_bytes input = stretch(before, count, after);
    assert_int_equal(request(input).status, WB_OK);
    free((void *)(uintptr_t)input.ptr);
}
