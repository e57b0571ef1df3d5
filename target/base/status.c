/* The status table's three columns and the way in from errno. */
#include "wb/status.h"

#include <errno.h>

struct status_row {
    const char *name;
    const char *text;
    enum wb_status_category category;
    int number;
};

static const struct status_row rows[] = {
#define STATUS_ROW(name, category, number, text)                                                   \
    [name] = {#name, text, WB_CATEGORY_##category, number},
    WB_STATUS_TABLE(STATUS_ROW)
#undef STATUS_ROW
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

enum wb_status wb_status_from_result(long long result) {
    if (result >= 0) {
        return WB_OK;
    }
    for (int i = 0; i < ROW_COUNT; i++) {
        if (rows[i].number != 0 && rows[i].number == -result) {
            return (enum wb_status)i;
        }
    }
    return WB_ERR_OS;
}

const char *wb_status_name(enum wb_status status) {
    return (unsigned)status < ROW_COUNT ? rows[status].name : "WB_STATUS_UNKNOWN";
}

const char *wb_status_text(enum wb_status status) {
    return (unsigned)status < ROW_COUNT ? rows[status].text : "unknown status";
}

enum wb_status_category wb_status_category(enum wb_status status) {
    return (unsigned)status < ROW_COUNT ? rows[status].category : WB_CATEGORY_SYSTEM;
}
