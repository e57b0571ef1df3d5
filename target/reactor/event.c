/* The container of events, and an event as text. */
#include "wb/event.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum wb_status wb_events_init(
    struct wb_events *events, const struct wb_sys *sys, uint32_t capacity) {
    *events = (struct wb_events){0};
    if (capacity == 0 || capacity > WB_EVENTS_CAPACITY_MAX) {
        return WB_ERR_INVALID;
    }
    events->items = WB_SYS(sys, alloc, capacity * sizeof(*events->items));
    if (events->items == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    events->sys = sys;
    events->capacity = capacity;
    return WB_OK;
}

void wb_events_clean_up(struct wb_events *events) {
    if (events->items != NULL) {
        WB_SYS(events->sys, free, events->items, events->capacity * sizeof(*events->items));
    }
    *events = (struct wb_events){0};
}

struct flag_name {
    bool (*is_set)(struct wb_event event);
    const char *name;
};

static const struct flag_name flag_names[] = {
    {wb_event_is_readable, "readable"},
    {wb_event_is_writable, "writable"},
    {wb_event_is_priority, "priority"},
    {wb_event_is_error, "error"},
    {wb_event_is_read_closed, "read-closed"},
    {wb_event_is_write_closed, "write-closed"},
};

size_t wb_event_format(struct wb_event event, char *out_text, size_t capacity) {
    assert(capacity >= WB_EVENT_TEXT_LEN_MAX);
    size_t len = (size_t)snprintf(out_text, capacity, "token=%" PRIu64, event.token);
    char separator = ' ';
    for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++) {
        if (!flag_names[i].is_set(event)) {
            continue;
        }
        size_t name_len = strlen(flag_names[i].name);
        out_text[len++] = separator;
        memcpy(&out_text[len], flag_names[i].name, name_len + 1);
        len += name_len;
        separator = '|';
    }
    return len;
}
