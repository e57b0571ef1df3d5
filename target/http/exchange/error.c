/* What went wrong, in words. */
#include "wb/http_error.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const char *wb_http_error_text(enum wb_http_error_kind kind) {
    static const char *const texts[] = {
#define TEXT(name, text) text,
        WB_HTTP_ERROR_TABLE(TEXT)
#undef TEXT
    };
    assert(kind < WB_HTTP_ERROR_COUNT);
    return texts[kind];
}

/* Appends as far as there is room. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
static size_t
append(char *text, size_t capacity, size_t len, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int added = vsnprintf(text + len, capacity - len, format, arguments);
    va_end(arguments);
    assert(added >= 0);
    return (size_t)added < capacity - len ? len + (size_t)added : capacity - 1;
}

size_t wb_http_error_format(const struct wb_http_error *error, char *out_text, size_t capacity) {
    assert(capacity > 0);
    size_t len = append(out_text, capacity, 0, "%s", wb_http_error_text(error->kind));
    if (error->detail != NULL) {
        len = append(out_text, capacity, len, ": %s", error->detail);
    } else if (wb_status_is_error(error->status) && error->kind != WB_HTTP_ERROR_PARSE) {
        len = append(out_text, capacity, len, ": %s", wb_status_text(error->status));
    }
    if (error->kind == WB_HTTP_ERROR_PARSE) {
        len = append(out_text, capacity, len, ", at byte %" PRIu64, error->at);
    }
    return len;
}
