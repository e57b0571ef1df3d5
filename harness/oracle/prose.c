/* Sentences of findings, put together in memory of a given size: what does not fit is cut. */
#include "oracle/prose.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "wb/sys.h"
#include "wouldblock/choice.h"

void wbh_prose_init(struct wbh_prose *prose, char *buf, size_t capacity) {
    prose->buf = buf;
    prose->capacity = capacity;
    prose->len = 0;
    buf[0] = '\0';
}

void wbh_prose_add(struct wbh_prose *prose, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(prose->buf + prose->len, prose->capacity - prose->len, format, args);
    va_end(args);
    if (n < 0) {
        return;
    }
    prose->len += (size_t)n;
    if (prose->len >= prose->capacity) {
        prose->len = prose->capacity - 1;
    }
}

void wbh_prose_time(struct wbh_prose *prose, uint64_t time_ns) {
    static const struct {
        uint64_t unit;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (time_ns >= units[i].unit) {
            uint64_t tenths = time_ns / (units[i].unit / 10);
            wbh_prose_add(
                prose, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[i].name);
            return;
        }
    }
    wbh_prose_add(prose, "%" PRIu64 " ns", time_ns);
}

void wbh_prose_events(struct wbh_prose *prose, uint32_t events) {
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {{WB_EPOLLIN, "IN"}, {WB_EPOLLPRI, "PRI"}, {WB_EPOLLOUT, "OUT"},
        {WB_EPOLLRDHUP, "RDHUP"}, {WB_EPOLLHUP, "HUP"}, {WB_EPOLLERR, "ERR"}};
    const char *separator = "";
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        if ((events & bits[i].bit) != 0) {
            wbh_prose_add(prose, "%s%s", separator, bits[i].name);
            separator = "|";
        }
    }
    if (*separator == '\0') {
        wbh_prose_add(prose, "nothing");
    }
}

void wbh_prose_count(struct wbh_prose *prose, uint64_t n, const char *noun) {
    wbh_prose_add(prose, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
}

void wbh_prose_bytes(struct wbh_prose *prose, const void *data, size_t len) {
    enum { SHOWN_MAX = 32 };
    const uint8_t *bytes = data;
    size_t shown = len <= SHOWN_MAX ? len : SHOWN_MAX;
    wbh_prose_add(prose, "\"");
    for (size_t i = 0; i < shown; i++) {
        switch (bytes[i]) {
        case '\n':
            wbh_prose_add(prose, "\\n");
            break;
        case '\r':
            wbh_prose_add(prose, "\\r");
            break;
        case '"':
        case '\\':
            wbh_prose_add(prose, "\\%c", bytes[i]);
            break;
        default:
            if (bytes[i] >= ' ' && bytes[i] < 0x7f) {
                wbh_prose_add(prose, "%c", bytes[i]);
            } else {
                wbh_prose_add(prose, "\\x%02x", bytes[i]);
            }
            break;
        }
    }
    wbh_prose_add(prose, shown < len ? "\"..." : "\"");
}

void wbh_prose_connection(
    struct wbh_prose *prose, const struct wbh_scenario *scenario, uint32_t subject) {
    if (subject == WBH_SUBJECT_NONE) {
        wbh_prose_add(prose, "no connection");
        return;
    }
    if ((subject & WBH_SUBJECT_LOCAL) != 0) {
        uint32_t end = subject & ~WBH_SUBJECT_LOCAL;
        wbh_prose_add(prose, "local%" PRIu32 ".%c", end / 2 + 1, end % 2 == 0 ? 'a' : 'b');
        return;
    }
    uint32_t peer = WBH_SUBJECT_PEER(subject);
    if (scenario != NULL && peer < scenario->peer_count) {
        wbh_prose_add(prose, "%s", scenario->peers[peer].name);
    } else {
        wbh_prose_add(prose, "peer %" PRIu32, peer);
    }
    if (WBH_SUBJECT_INCARNATION(subject) != 0) {
        wbh_prose_add(prose, "#%" PRIu32, WBH_SUBJECT_INCARNATION(subject) + 1);
    }
}

void wbh_prose_errno(struct wbh_prose *prose, int number) {
    static const struct {
        int number;
        const char *name;
    } others[] = {{EAGAIN, "EAGAIN"}, {EBADF, "EBADF"}, {EEXIST, "EEXIST"}, {ENOENT, "ENOENT"},
        {EINVAL, "EINVAL"}, {EFAULT, "EFAULT"}, {ENOTSOCK, "ENOTSOCK"}, {EPERM, "EPERM"},
        {ENOTCONN, "ENOTCONN"}, {EISCONN, "EISCONN"}, {EADDRINUSE, "EADDRINUSE"},
        {EDEADLK, "EDEADLK"}, {EBUSY, "EBUSY"}, {ESRCH, "ESRCH"}};
    const char *name = wbh_errno_name(number);
    for (size_t i = 0; name == NULL && i < sizeof(others) / sizeof(others[0]); i++) {
        name = others[i].number == number ? others[i].name : NULL;
    }
    if (name != NULL) {
        wbh_prose_add(prose, "%s", name);
    } else {
        wbh_prose_add(prose, "errno %d", number);
    }
}
