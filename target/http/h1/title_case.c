/* See title_case.h. */
#include "http/h1/title_case.h"

#include "wb/bytes.h"

static uint8_t *find_next_line(uint8_t *at, const uint8_t *end) {
    const size_t len = (size_t)(end - at);
    const size_t line_len = wb_bytes_find_byte(wb_bytes_from(at, len), '\n');
    return at + (line_len < len ? line_len + 1 : len);
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

void wb__h1_title_case(uint8_t *lines, size_t len) {
    const uint8_t *end = lines + len;
    for (uint8_t *line = lines; line < end; line = find_next_line(line, end)) {
        change_name(line, end);
    }
}

void wb__h1_title_case_head(uint8_t *head, size_t len) {
    uint8_t *fields = find_next_line(head, head + len);
    wb__h1_title_case(fields, len - (size_t)(fields - head));
}
