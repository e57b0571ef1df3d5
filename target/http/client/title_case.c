/* Names of fields as some old servers want them. */
#include "http/client/h1.h"

static uint8_t *find_line_end(uint8_t *at, const uint8_t *end) {
    while (at < end && *at != '\n') {
        at++;
    }
    return at < end ? at + 1 : at;
}

static void change_name(uint8_t *at, const uint8_t *end) {
    bool is_first = true;
    for (; at < end && *at != ':' && *at != '\r'; at++) {
        if (is_first && *at >= 'a' && *at <= 'z') {
            *at = (uint8_t)(*at - 'a' + 'A');
        }
        is_first = *at == '-';
    }
}

void wb__h1c_title_case(uint8_t *names, size_t len) {
    const uint8_t *end = names + len;
    for (uint8_t *line = names; line < end; line = find_line_end(line, end)) {
        change_name(line, end);
    }
}
