/* Misuse: calls that fail because the program broke their contract, not because of the world. */
#include "oracle/judge.h"

#include <errno.h>

static const char *reproach(enum sim_call call, int number) {
    switch (number) {
    case EBADF:
        return call == SIM_CALL_CLOSE ? "it was closed before, or never open: in a program with "
                                        "threads this closes somebody else's descriptor"
                                      : "the descriptor is not open";
    case EEXIST:
        return "the descriptor is registered with this instance already";
    case ENOENT:
        return "the descriptor is not registered with this instance";
    case EINVAL:
        return "an argument makes no sense for this descriptor";
    case EFAULT:
        return "a pointer that the call needs is missing";
    case ENOTSOCK:
        return "the descriptor is not a socket";
    case EPERM:
        return "the descriptor does not support this";
    case ENOTCONN:
        return "the socket was never connected: look at SO_ERROR after the first writable event";
    case EDESTADDRREQ:
        return "the socket has no peer: it must be connected, or the datagram given an address";
    default:
        return NULL;
    }
}

/* ENOTCONN is the program's fault only where it sent or received too early, ENOENT where it is no
 * matter of a path: those come and go, and some are unlinked just in case. EPERM of a datagram says
 * that its receiver is connected to somebody else, through a Unix socket. */
static bool is_misuse(enum sim_call call, int64_t result) {
    switch (-result) {
    case EBADF:
    case EEXIST:
    case EINVAL:
    case EFAULT:
    case ENOTSOCK:
    case EDESTADDRREQ:
        return true;
    case EPERM:
        return call != SIM_CALL_SEND && call != SIM_CALL_CONNECT;
    case ENOENT:
        return call == SIM_CALL_EPOLL_CTL;
    case ENOTCONN:
        return call == SIM_CALL_RECV || call == SIM_CALL_SEND;
    default:
        return false;
    }
}

/* Who registers on a guess learns from the answer what epoll knows. */
static bool is_answer(const struct wbh_judge *judge, const struct sim_event *event) {
    return judge->config.registers_on_a_guess && event->call == SIM_CALL_EPOLL_CTL
           && (event->result == -EEXIST || event->result == -ENOENT || event->result == -EBADF);
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->result >= 0 || !is_misuse((enum sim_call)event->call, event->result)
        || is_answer(judge, event)) {
        return;
    }
    int number = (int)-event->result;
    if (judge->ledger.injected_step == event->step && judge->ledger.injected_errno == number) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_misuse, event->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "%s", sim_call_name((enum sim_call)event->call));
    if (event->fd >= 0) {
        wbh_prose_add(&text, " of descriptor %d", event->fd);
    }
    wbh_prose_add(&text, " fails with ");
    wbh_prose_errno(&text, number);
    wbh_prose_add(&text, ": %s", reproach((enum sim_call)event->call, number));
    if (event->subject != WBH_SUBJECT_NONE) {
        struct wbh_prose why = wbh_finding_why(finding);
        wbh_prose_add(&why, "It concerns the connection ");
        wbh_prose_connection(&why, judge->config.scenario, event->subject);
        wbh_prose_add(&why, ".\n");
    }
}

const struct wbh_oracle wbh_oracle_misuse = {
    .info = {"misuse", "calls on closed, foreign or unfit descriptors, and double registrations",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_CALL,
    .calls = ~(UINT64_C(1) << SIM_CALL_ALLOC), /* fails without an errno */
    .on_event = on_event,
};
