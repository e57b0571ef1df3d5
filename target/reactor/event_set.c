/* Sets of readiness as interest and as text. */
#include "wb/event_set.h"

#include <assert.h>
#include <string.h>

enum wb_status wb_event_set_interest(uint32_t set, uint32_t *out_interest) {
    uint32_t interest = 0;
    if ((set & (WB_EVENT_SET_READABLE | WB_EVENT_SET_HUP)) != 0) {
        interest |= WB_INTEREST_READABLE;
    }
    if ((set & WB_EVENT_SET_WRITABLE) != 0) {
        interest |= WB_INTEREST_WRITABLE;
    }
    if (interest == 0) {
        return WB_ERR_INVALID;
    }
    *out_interest = interest;
    return WB_OK;
}

size_t wb_event_set_format(uint32_t set, char *out_text, size_t capacity) {
    static const char *const names[] = {"Readable", "Writable", "Error", "Hup"};
    assert(capacity >= WB_EVENT_SET_TEXT_LEN_MAX);
    size_t len = 0;
    out_text[0] = '\0';
    for (uint32_t bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++) {
        if ((set & (UINT32_C(1) << bit)) == 0) {
            continue;
        }
        const char *separator = len == 0 ? "" : " | ";
        size_t separator_len = strlen(separator);
        memcpy(&out_text[len], separator, separator_len);
        len += separator_len;
        size_t name_len = strlen(names[bit]);
        memcpy(&out_text[len], names[bit], name_len + 1);
        len += name_len;
    }
    return len;
}
