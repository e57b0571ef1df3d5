/* Names of fields as Content-Length. */
#include "http/server/conn.h"

void wb__h1_title_case(uint8_t *head, size_t len, bool begins_with_name) {
    bool in_name = begins_with_name;
    bool at_word = begins_with_name;
    for (size_t i = 0; i < len; i++) {
        if (head[i] == '\n') {
            in_name = at_word = true;
        } else if (in_name) {
            const bool is_small = head[i] >= 'a' && head[i] <= 'z';
            head[i] = (uint8_t)(at_word && is_small ? head[i] - ('a' - 'A') : head[i]);
            at_word = head[i] == '-';
            in_name = head[i] != ':';
        }
    }
}
