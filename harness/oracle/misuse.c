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
    case EDEADLK:
        return call == SIM_CALL_MUTEX_LOCK
                   ? "the thread has locked it already, and waits for itself"
                   : "the two threads would wait for each other";
    case EBUSY:
        return "it is locked, or others wait for it";
    case ESRCH:
        return "there is no such thread, or it was joined before";
    default:
        return NULL;
    }
}

/* What is wrong with a mutex or a condition; NULL: the call is about neither. */
static const char *lock_reproach(enum sim_call call, int number) {
    bool is_lock = call == SIM_CALL_MUTEX_LOCK || call == SIM_CALL_MUTEX_UNLOCK
                   || call == SIM_CALL_MUTEX_DESTROY || call == SIM_CALL_COND_WAIT
                   || call == SIM_CALL_COND_SIGNAL || call == SIM_CALL_COND_BROADCAST
                   || call == SIM_CALL_COND_DESTROY;
    if (is_lock && number == EINVAL) {
        return "it was never initialised, or destroyed";
    }
    return is_lock && number == EPERM ? "the thread does not hold the mutex" : NULL;
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
    case EDEADLK:
    case EBUSY:
    case ESRCH:
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

/* Whose doing it was where there are several threads, and of which mutex or condition. */
static void tell_object(const struct sim_event *event, struct wbh_prose *text) {
    if (lock_reproach((enum sim_call)event->call, EINVAL) != NULL) {
        bool is_cond = event->call == SIM_CALL_COND_WAIT || event->call == SIM_CALL_COND_SIGNAL
                       || event->call == SIM_CALL_COND_BROADCAST
                       || event->call == SIM_CALL_COND_DESTROY;
        wbh_prose_add(text, " (%s %u of the program, in thread %u)",
            is_cond ? "condition" : "mutex", (unsigned)event->a, event->thread + 1u);
    } else if (event->thread != 0) {
        wbh_prose_add(text, " (in thread %u)", event->thread + 1u);
    }
}

static void on_thread(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->a != SIM_THREAD_LEFT) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_misuse, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "thread %u was never joined%s", (unsigned)event->b + 1,
        event->result != 0 ? ": it ends where it stands, with the program" : "");
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    if (event->kind == SIM_EVENT_THREAD) {
        on_thread(judge, event);
        return;
    }
    if (!is_misuse((enum sim_call)event->call, event->result) || is_answer(judge, event)) {
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
    const char *of_lock = lock_reproach((enum sim_call)event->call, number);
    wbh_prose_add(
        &text, ": %s", of_lock != NULL ? of_lock : reproach((enum sim_call)event->call, number));
    tell_object(event, &text);
    if (event->subject != WBH_SUBJECT_NONE) {
        struct wbh_prose why = wbh_finding_why(finding);
        wbh_prose_add(&why, "It concerns the connection ");
        wbh_prose_connection(&why, judge->config.scenario, event->subject);
        wbh_prose_add(&why, ".\n");
    }
}

const struct wbh_oracle wbh_oracle_misuse = {
    .info = {"misuse",
        "calls on closed, foreign or unfit descriptors, double registrations, mutexes misused, "
        "threads never joined",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_THREAD,
    .calls = ~(UINT64_C(1) << SIM_CALL_ALLOC), /* fails without an errno */
    .failures = true,
    .on_event = on_event,
};
