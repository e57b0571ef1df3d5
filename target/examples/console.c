/* See console.h. */
#include "examples/console.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A terminal that takes nothing for so many attempts is given up. */
enum { ATTEMPTS_MAX = 64 };

static void write_all(const struct wb_sys *sys, int fd, const char *text, size_t len) {
    size_t done = 0;
    for (int attempt = 0; done < len && attempt < ATTEMPTS_MAX; attempt++) {
        int64_t n = WB_SYS(sys, write, fd, text + done, len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (wb_status_from_result(n) != WB_ERR_INTERRUPTED) {
            return;
        }
    }
}

static bool ends_a_line(const char *format) {
    size_t len = strlen(format);
    return len > 0 && format[len - 1] == '\n';
}

void wb__print(const struct wb_sys *sys, int fd, const char *format, ...) {
    char text[WB__CONSOLE_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        return;
    }
    size_t written = (size_t)len;
    if (written >= sizeof text) {
        written = sizeof text - 1;
        if (ends_a_line(format)) {
            text[written - 1] = '\n';
        }
    }
    write_all(sys, fd, text, written);
}

void wb__print_bytes(const struct wb_sys *sys, int fd, struct wb_bytes bytes) {
    write_all(sys, fd, (const char *)bytes.ptr, bytes.len);
}

void wb__print_failure(
    const struct wb_sys *sys, const char *program, const char *what, enum wb_status status) {
    wb__print(sys, WB__CONSOLE_ERR, "%s: %s: %s\n", program, what, wb_status_text(status));
}
