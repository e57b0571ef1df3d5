/* The names of choice points, actions and errors, and what can be offered where. No decision is
 * taken here. */
#include "wouldblock/choice.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    int is_per_connection;
} points[WBH_POINT_COUNT] = {
#define POINT_ENTRY(enumerator, text, per_connection, what) {text, per_connection},
    WBH_POINT_TABLE(POINT_ENTRY)
#undef POINT_ENTRY
};

static const struct {
    const char *name;
    enum wbh_argument argument;
} actions[WBH_ACTION_COUNT] = {
#define ACTION_ENTRY(enumerator, text, argument, what) {text, WBH_ARGUMENT_##argument},
    WBH_ACTION_TABLE(ACTION_ENTRY)
#undef ACTION_ENTRY
};

#define BIT(name) WBH_ACTION_BIT(WBH_ACTION_##name)

static const uint32_t point_actions[WBH_POINT_COUNT] = {
    [WBH_POINT_RECV] = BIT(SHORT) | BIT(WOULD_BLOCK) | BIT(RESET) | BIT(ERROR),
    [WBH_POINT_SEND] = BIT(SHORT) | BIT(WOULD_BLOCK) | BIT(RESET) | BIT(ERROR),
    [WBH_POINT_CONNECT] = BIT(DELAY) | BIT(ERROR) | BIT(IMMEDIATE),
    [WBH_POINT_INBOUND] = BIT(DELAY) | BIT(SPLIT) | BIT(DROP) | BIT(DUPLICATE) | BIT(REORDER),
    [WBH_POINT_OUTBOUND] = BIT(DELAY) | BIT(SPLIT) | BIT(DROP) | BIT(DUPLICATE) | BIT(REORDER),
    [WBH_POINT_STEP] = BIT(DELAY),
    [WBH_POINT_ACCEPT] = BIT(WOULD_BLOCK) | BIT(ERROR),
    [WBH_POINT_WAIT] =
        BIT(INTERRUPT) | BIT(SPURIOUS) | BIT(BATCH) | BIT(ORDER) | BIT(SEPARATE) | BIT(NO_RDHUP),
    [WBH_POINT_OPEN] = BIT(ERROR),
    [WBH_POINT_REGISTER] = BIT(ERROR),
    [WBH_POINT_ALLOC] = BIT(FAIL),
    [WBH_POINT_CLOCK] = BIT(JUMP),
    [WBH_POINT_RUN] = BIT(ORDER),
    [WBH_POINT_RESOLVE] = BIT(DELAY) | BIT(ERROR),
    [WBH_POINT_FILE_READ] = BIT(SHORT) | BIT(INTERRUPT) | BIT(ERROR),
    [WBH_POINT_FILE_WRITE] = BIT(SHORT) | BIT(INTERRUPT) | BIT(ERROR),
    [WBH_POINT_SWITCH] = BIT(ORDER),
    [WBH_POINT_ROUSE] = BIT(ORDER),
    [WBH_POINT_PARK] = BIT(WAKE),
    [WBH_POINT_THREAD] = BIT(ERROR),
};

#define AT(point) (1u << WBH_POINT_##point)

/* X(name, points at which it may be injected). Append only: the order is part of the fuzz input's
 * format. EINTR is a name only: no call on a non-blocking descriptor returns it but a wait, and
 * that has an action of its own. */
#define ERRNO_TABLE(X)                                                                             \
    X(ECONNRESET, AT(RECV) | AT(SEND) | AT(CONNECT))                                               \
    X(ECONNREFUSED, AT(RECV) | AT(SEND) | AT(CONNECT)) /* sent or received: datagrams only */      \
    X(ECONNABORTED, AT(ACCEPT))                                                                    \
    X(ETIMEDOUT, AT(RECV) | AT(SEND) | AT(CONNECT) | AT(RESOLVE))                                  \
    X(EHOSTUNREACH, AT(RECV) | AT(SEND) | AT(CONNECT) | AT(ACCEPT))                                \
    X(ENETUNREACH, AT(RECV) | AT(SEND) | AT(CONNECT) | AT(ACCEPT))                                 \
    X(EMFILE, AT(ACCEPT) | AT(OPEN))                                                               \
    X(ENFILE, AT(ACCEPT) | AT(OPEN))                                                               \
    X(ENOBUFS, AT(SEND) | AT(ACCEPT) | AT(OPEN))                                                   \
    X(ENOMEM,                                                                                      \
        AT(RECV) | AT(SEND) | AT(ACCEPT) | AT(OPEN) | AT(REGISTER) | AT(RESOLVE) | AT(THREAD))     \
    X(ENOSPC, AT(REGISTER) | AT(FILE_WRITE))                                                       \
    X(EINTR, 0)                                                                                    \
    X(EPIPE, AT(SEND))                                                                             \
    X(EADDRNOTAVAIL, AT(CONNECT))                                                                  \
    X(ENETDOWN, AT(CONNECT) | AT(ACCEPT))                                                          \
    X(EPROTO, AT(ACCEPT))                                                                          \
    X(EPERM, AT(CONNECT) | AT(ACCEPT))                                                             \
    X(ENOENT, AT(RESOLVE))                                                                         \
    X(EIO, AT(RESOLVE) | AT(FILE_READ) | AT(FILE_WRITE))

static const struct {
    const char *name;
    int number;
    uint32_t points;
} errors[] = {
#define ERRNO_ENTRY(name, points) {#name, name, points},
    ERRNO_TABLE(ERRNO_ENTRY)
#undef ERRNO_ENTRY
};

enum { ERROR_COUNT = sizeof errors / sizeof errors[0] };
_Static_assert(ERROR_COUNT <= 32, "wbh_point_errnos() has a bit for each");

static int name_is(const char *candidate, const char *name, size_t len) {
    return strlen(candidate) == len && memcmp(candidate, name, len) == 0;
}

const char *wbh_point_name(enum wbh_point point) {
    assert((unsigned)point < WBH_POINT_COUNT);
    return points[point].name;
}

const char *wbh_action_name(enum wbh_action action) {
    assert((unsigned)action < WBH_ACTION_COUNT);
    return actions[action].name;
}

const char *wbh_legality_name(enum wbh_legality legality) {
    static const char *const names[] = {
        [WBH_LEGALITY_KERNEL] = "kernel",
        [WBH_LEGALITY_CONTRACT] = "contract",
        [WBH_LEGALITY_FAILING] = "failing",
    };
    assert((size_t)legality < sizeof names / sizeof names[0]);
    return names[legality];
}

enum wbh_argument wbh_action_argument(enum wbh_action action) {
    assert((unsigned)action < WBH_ACTION_COUNT);
    return actions[action].argument;
}

int wbh_point_is_per_connection(enum wbh_point point) {
    assert((unsigned)point < WBH_POINT_COUNT);
    return points[point].is_per_connection;
}

int wbh_point_is_per_thread(enum wbh_point point) {
    return point == WBH_POINT_SWITCH || point == WBH_POINT_PARK;
}

uint32_t wbh_point_actions(enum wbh_point point) {
    assert((unsigned)point < WBH_POINT_COUNT);
    return point_actions[point];
}

int wbh_point_from_name(const char *name, size_t len) {
    for (int i = 0; i < WBH_POINT_COUNT; i++) {
        if (name_is(points[i].name, name, len)) {
            return i;
        }
    }
    return -1;
}

int wbh_action_from_name(const char *name, size_t len) {
    for (int i = 0; i < WBH_ACTION_COUNT; i++) {
        if (name_is(actions[i].name, name, len)) {
            return i;
        }
    }
    return -1;
}

int wbh_errno_from_name(const char *name, size_t len) {
    for (int i = 0; i < ERROR_COUNT; i++) {
        if (name_is(errors[i].name, name, len)) {
            return errors[i].number;
        }
    }
    return 0;
}

const char *wbh_errno_name(int number) {
    int index = wbh_errno_index(number);
    return index < 0 ? NULL : errors[index].name;
}

int wbh_errno_nth(unsigned n) {
    return errors[n % ERROR_COUNT].number;
}

int wbh_errno_index(int number) {
    for (int i = 0; i < ERROR_COUNT; i++) {
        if (errors[i].number == number) {
            return i;
        }
    }
    return -1;
}

uint32_t wbh_point_errnos(enum wbh_point point) {
    assert((unsigned)point < WBH_POINT_COUNT);
    uint32_t set = 0;
    for (int i = 0; i < ERROR_COUNT; i++) {
        if ((errors[i].points & (1u << (unsigned)point)) != 0) {
            set |= 1u << (unsigned)i;
        }
    }
    return set;
}
