/* Names of the trigger modes. */
#include "wb/interest.h"

#include <string.h>

static const char *const trigger_names[] = {
    [WB_TRIGGER_LEVEL] = "level",
    [WB_TRIGGER_EDGE] = "edge",
    [WB_TRIGGER_ONESHOT] = "oneshot",
    [WB_TRIGGER_EDGE_ONESHOT] = "edge-oneshot",
};

enum { TRIGGER_COUNT = sizeof(trigger_names) / sizeof(trigger_names[0]) };

const char *wb_trigger_name(enum wb_trigger trigger) {
    return (unsigned)trigger < TRIGGER_COUNT ? trigger_names[trigger] : "unknown";
}

enum wb_status wb_trigger_from_name(const char *name, enum wb_trigger *out_trigger) {
    for (int i = 0; i < TRIGGER_COUNT; i++) {
        if (strcmp(name, trigger_names[i]) == 0) {
            *out_trigger = (enum wb_trigger)i;
            return WB_OK;
        }
    }
    return WB_ERR_PARSE;
}
