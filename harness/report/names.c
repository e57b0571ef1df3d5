/* Names for people: the tables and the grammar of fault lines as reports print them. */
#include "report/names.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

void wbh_report_add_connection(
    struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t subject) {
    if (subject == WBH_SUBJECT_NONE) {
        return;
    }
    if (subject == WBH_SUBJECT_LISTENER) {
        wbh_text_add(text, "listener");
        return;
    }
    if ((subject & WBH_SUBJECT_LOCAL) != 0) {
        uint32_t end = subject & ~WBH_SUBJECT_LOCAL;
        wbh_text_format(text, "local%" PRIu32 ".%c", end / 2 + 1, end % 2 == 0 ? 'a' : 'b');
        return;
    }
    uint32_t peer = WBH_SUBJECT_PEER(subject);
    if (peer < scenario->peer_count) {
        wbh_text_add(text, scenario->peers[peer].name);
    } else {
        wbh_text_format(text, "peer%" PRIu32, peer);
    }
    if (WBH_SUBJECT_INCARNATION(subject) != 0) {
        wbh_text_format(text, "#%" PRIu32, WBH_SUBJECT_INCARNATION(subject) + 1);
    }
}

struct bit_name {
    uint32_t bit;
    const char *name;
    const char *readiness; /* NULL: says nothing about readiness */
};

static const struct bit_name event_bits[] = {
    {WB_EPOLLIN, "IN", "readable"},
    {WB_EPOLLOUT, "OUT", "writable"},
    {WB_EPOLLPRI, "PRI", "priority"},
    {WB_EPOLLRDHUP, "RDHUP", "read-closed"},
    {WB_EPOLLHUP, "HUP", "hangup"},
    {WB_EPOLLERR, "ERR", "error"},
    {WB_EPOLLRDNORM, "RDNORM", NULL},
    {WB_EPOLLRDBAND, "RDBAND", NULL},
    {WB_EPOLLWRNORM, "WRNORM", NULL},
    {WB_EPOLLWRBAND, "WRBAND", NULL},
    {WB_EPOLLET, "ET", NULL},
    {WB_EPOLLONESHOT, "ONESHOT", NULL},
    {WB_EPOLLEXCLUSIVE, "EXCLUSIVE", NULL},
    {WB_EPOLLWAKEUP, "WAKEUP", NULL},
};

enum { EVENT_BIT_COUNT = sizeof event_bits / sizeof event_bits[0] };

void wbh_report_add_events(struct wbh_text *text, uint32_t events) {
    const char *separator = "";
    for (size_t i = 0; i < EVENT_BIT_COUNT; i++) {
        if ((events & event_bits[i].bit) != 0) {
            wbh_text_format(text, "%s%s", separator, event_bits[i].name);
            separator = "|";
            events &= ~event_bits[i].bit;
        }
    }
    if (events != 0 || *separator == '\0') {
        wbh_text_format(text, events == 0 ? "%s%" PRIx32 : "%s0x%" PRIx32, separator, events);
    }
}

/* The words of fault lines, joined. */
static void add_readiness(struct wbh_text *text, uint32_t events, const char *joint) {
    const char *separator = "";
    for (size_t i = 0; i < EVENT_BIT_COUNT; i++) {
        if ((events & event_bits[i].bit) != 0 && event_bits[i].readiness != NULL) {
            wbh_text_format(text, "%s%s", separator, event_bits[i].readiness);
            separator = joint;
        }
    }
    if (*separator == '\0') {
        wbh_report_add_events(text, events);
    }
}

void wbh_report_add_readiness(struct wbh_text *text, uint32_t events) {
    add_readiness(text, events, ", ");
}

/* What calls of a network stack return; what faults inject is a part of it. */
static const struct {
    int number;
    const char *name;
} errors[] = {
#define NAMED(name)                                                                                \
    { name, #name }
    NAMED(EAGAIN),
    NAMED(EINPROGRESS),
    NAMED(EINTR),
    NAMED(ECONNRESET),
    NAMED(ECONNREFUSED),
    NAMED(ECONNABORTED),
    NAMED(EPIPE),
    NAMED(ENOTCONN),
    NAMED(EISCONN),
    NAMED(EALREADY),
    NAMED(ETIMEDOUT),
    NAMED(EHOSTUNREACH),
    NAMED(ENETUNREACH),
    NAMED(ENETDOWN),
    NAMED(EADDRINUSE),
    NAMED(EADDRNOTAVAIL),
    NAMED(EDESTADDRREQ),
    NAMED(EAFNOSUPPORT),
    NAMED(EPROTONOSUPPORT),
    NAMED(EPROTO),
    NAMED(EMSGSIZE),
    NAMED(EMFILE),
    NAMED(ENFILE),
    NAMED(ENOMEM),
    NAMED(ENOBUFS),
    NAMED(ENOSPC),
    NAMED(EBADF),
    NAMED(EFAULT),
    NAMED(EINVAL),
    NAMED(EOPNOTSUPP),
    NAMED(ENOPROTOOPT),
    NAMED(ENOSYS),
    NAMED(ENOTSOCK),
    NAMED(EPERM),
    NAMED(EACCES),
    NAMED(ENOENT),
    NAMED(ELOOP),
    NAMED(EEXIST),
    NAMED(EDEADLK),
    NAMED(EBUSY),
    NAMED(ESRCH),
#undef NAMED
};

void wbh_report_add_errno(struct wbh_text *text, int number) {
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].number == number) {
            wbh_text_add(text, errors[i].name);
            return;
        }
    }
    wbh_text_format(text, "errno %d", number);
}

/* " alice readable,writable": a connection, or none, and what is reported of it. */
static void add_spurious(struct wbh_text *text, const struct wbh_scenario *scenario,
    const struct wbh_decision *decision) {
    wbh_text_add(text, decision->about == WBH_SUBJECT_NONE ? " none" : " ");
    wbh_report_add_connection(text, scenario, decision->about);
    wbh_text_add(text, " ");
    add_readiness(text, (uint32_t)decision->value, ",");
}

static void add_argument(struct wbh_text *text, const struct wbh_scenario *scenario,
    const struct wbh_decision *decision) {
    switch (wbh_action_argument((enum wbh_action)decision->action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        wbh_text_format(text, " %" PRIu64, decision->value);
        break;
    case WBH_ARGUMENT_TIME:
        wbh_text_add(text, " ");
        wbh_text_duration(text, decision->value);
        break;
    case WBH_ARGUMENT_ERRNO:
        wbh_text_add(text, " ");
        wbh_report_add_errno(text, (int)decision->value);
        break;
    case WBH_ARGUMENT_EVENTS:
        add_spurious(text, scenario, decision);
        break;
    }
}

void wbh_report_add_program(
    struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t number) {
    if (number < wbh_scenario_program_count(scenario)) {
        wbh_text_add(text, wbh_scenario_program(scenario, number).label);
    } else {
        wbh_text_format(text, "program%" PRIu32, number);
    }
}

void wbh_report_add_end(struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t end) {
    uint32_t peer = end - WBH_END_PEER(0);
    if (end == WBH_END_ANY) {
        wbh_text_add(text, "everybody else");
    } else if (end < WBH_END_PEER(0) && end - 1 < scenario->host_count) {
        wbh_text_add(text, scenario->hosts[end - 1].name);
    } else if (end >= WBH_END_PEER(0) && peer < scenario->peer_count) {
        wbh_text_add(text, scenario->peers[peer].name);
    } else {
        wbh_text_format(text, "end %" PRIu32, end);
    }
}

void wbh_report_add_decision(struct wbh_text *text, const struct wbh_scenario *scenario,
    const struct wbh_decision *decision) {
    if (wbh_point_is_per_connection((enum wbh_point)decision->point)) {
        wbh_text_add(text, decision->subject == WBH_SUBJECT_NONE ? "none" : "");
        wbh_report_add_connection(text, scenario, decision->subject);
        wbh_text_add(text, ".");
    } else if (decision->subject != WBH_SUBJECT_NONE) {
        wbh_report_add_program(text, scenario, WBH_SUBJECT_PROGRAM_OF(decision->subject));
        if (WBH_SUBJECT_THREAD_OF(decision->subject) != 0) {
            wbh_text_format(text, "#%" PRIu32, WBH_SUBJECT_THREAD_OF(decision->subject) + 1);
        }
        wbh_text_add(text, ".");
    }
    wbh_text_format(text, "%s %" PRIu32 " %s", wbh_point_name((enum wbh_point)decision->point),
        decision->ordinal, wbh_action_name((enum wbh_action)decision->action));
    add_argument(text, scenario, decision);
}

static const struct {
    const char *name;
    const char *text;
} stops[] = {
    [SIM_STOP_EXITED] = {"exited", "the program exited"},
    [SIM_STOP_QUIESCENT] = {"quiescent", "nothing could happen any more"},
    [SIM_STOP_STEPS] = {"calls", "the bound on system calls was reached"},
    [SIM_STOP_TIME] = {"time", "the bound on virtual time was reached"},
    [SIM_STOP_KILLED] = {"killed", "a signal killed the program"},
    [SIM_STOP_REQUESTED] = {"requested", "the run was ended"},
};

const char *wbh_report_stop_text(enum sim_stop stop) {
    assert((size_t)stop < sizeof stops / sizeof stops[0]);
    return stops[stop].text;
}

const char *wbh_report_stop_name(enum sim_stop stop) {
    assert((size_t)stop < sizeof stops / sizeof stops[0]);
    return stops[stop].name;
}
