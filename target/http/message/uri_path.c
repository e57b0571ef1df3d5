/* Paths for looking up: escapes undone where that changes nothing, dots resolved. */
#include "wb/uri.h"

#include <string.h>

#include "http/message/classes.h"

/* The byte behind the percent sign at the front; -1: that is no escape. */
static int unescape(struct wb_bytes text) {
    if (text.len < 3) {
        return -1;
    }
    int high = wb__hex_value(text.ptr[1]);
    int low = wb__hex_value(text.ptr[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* An escaped slash is no border, and a NUL would end a name early for whoever takes it as a string.
 * A percent sign undone would make an escape of what follows: "%2541" is not "%41". */
static bool stays_escaped(int byte) {
    return byte == '/' || byte == '\0' || byte == '%';
}

/* Undoes escapes; out may be where the path lies, since it never gets longer. */
static bool decode(struct wb_bytes path, char *out, size_t *out_len) {
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++) {
        int byte = path.ptr[i];
        if (byte == '%') {
            byte = unescape(wb_bytes_from(path.ptr + i, path.len - i));
            if (byte < 0) {
                return false;
            }
            if (stays_escaped(byte)) {
                out[len++] = (char)path.ptr[i++];
                out[len++] = (char)path.ptr[i++];
                byte = path.ptr[i];
            } else {
                i += 2;
            }
        }
        out[len++] = (char)byte;
    }
    *out_len = len;
    return true;
}

static bool is_segment(const char *text, size_t len, const char *segment) {
    return len == strlen(segment) && memcmp(text, segment, len) == 0;
}

/* Back to before the last slash of what was written. */
static size_t drop_segment(const char *out, size_t len) {
    while (len != 0 && out[len - 1] != '/') {
        len--;
    }
    return len != 0 ? len - 1 : 0;
}

/* Every segment begins with the slash before it. A last "." or ".." leaves a slash. */
static size_t resolve_dots(char *path, size_t path_len) {
    size_t len = 0;
    size_t at = 0;
    while (at < path_len) {
        size_t begin = at + (path[at] == '/');
        size_t end = begin;
        while (end < path_len && path[end] != '/') {
            end++;
        }
        bool is_up = is_segment(path + begin, end - begin, "..");
        if (is_up) {
            len = drop_segment(path, len);
        }
        if (!is_up && !is_segment(path + begin, end - begin, ".")) {
            memmove(path + len, path + at, end - at);
            len += end - at;
        } else if (end == path_len) {
            path[len++] = '/';
        }
        at = end;
    }
    return len;
}

enum wb_status wb_uri_normalize_path(struct wb_bytes path, char *out, size_t *out_len) {
    size_t len;
    if (!decode(path, out, &len)) {
        return WB_ERR_PARSE;
    }
    *out_len = resolve_dots(out, len);
    return WB_OK;
}
