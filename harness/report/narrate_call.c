/* Words for system calls: the call, its object, its result. */
#include "report/narrate_internal.h"

#include <inttypes.h>

#include "report/names.h"

static void add_result(struct wbh_text *out, int64_t result) {
    wbh_text_add(out, " = ");
    if (result < 0) {
        wbh_report_add_errno(out, (int)-result);
    } else {
        wbh_text_format(out, "%" PRId64, result);
    }
}

static uint64_t narrate_transfer(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(out, "%s(", sim_call_name((enum sim_call)event->call));
    wbh_narrate_object(out, narrator, event);
    wbh_text_format(out, ", %" PRIu64 ")", event->a);
    add_result(out, event->result);
    int reads = event->call == SIM_CALL_RECV || event->call == SIM_CALL_READ
                || event->call == SIM_CALL_PREAD;
    if (event->result == 0 && reads && event->a > 0) {
        wbh_text_add(out, ", the end of the stream");
    }
    if (event->result > 0 && event->data != NULL
        && (event->call == SIM_CALL_RECV || event->call == SIM_CALL_SEND)) {
        wbh_text_add(out, " ");
        wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
    }
    return event->result > 0 ? (uint64_t)event->result : 0;
}

/* Of a host or a file. */
static void narrate_name(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(out, "%s(", sim_call_name((enum sim_call)event->call));
    wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
    wbh_text_add(out, ")");
    add_result(out, event->result);
}

static void narrate_accept(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(
        out, "accept(%s %" PRId32 ")", wbh_narrate_fd_word(narrator, event->fd), event->fd);
    if (event->result < 0) {
        add_result(out, event->result);
        return;
    }
    wbh_text_add(out, " = ");
    wbh_report_add_connection(out, narrator->scenario, (uint32_t)event->a);
    wbh_text_format(out, " (fd %" PRId64 ")", event->result);
}

static void narrate_epoll_ctl(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    uint32_t operation = (uint32_t)(event->a & UINT32_MAX);
    const char *word = operation == WB_EPOLL_CTL_ADD   ? "add"
                       : operation == WB_EPOLL_CTL_MOD ? "modify"
                       : operation == WB_EPOLL_CTL_DEL ? "remove"
                                                       : "?";
    wbh_text_format(out, "epoll_ctl(%s ", word);
    wbh_narrate_object(out, narrator, event);
    if (operation != WB_EPOLL_CTL_DEL) {
        wbh_text_add(out, ", ");
        wbh_report_add_events(out, (uint32_t)event->b);
    }
    wbh_text_add(out, ")");
    add_result(out, event->result);
}

static void narrate_close(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "close(");
    wbh_narrate_object(out, narrator, event);
    wbh_text_add(out, ")");
    add_result(out, event->result);
    if (event->result == 0 && event->a == 0) {
        wbh_text_add(out, ", another descriptor of it stays open");
    }
}

static void narrate_shutdown(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    static const char *const words[] = {
        [WB_SHUT_RD] = "read", [WB_SHUT_WR] = "write", [WB_SHUT_RDWR] = "both"};
    wbh_text_add(out, "shutdown(");
    wbh_narrate_object(out, narrator, event);
    wbh_text_format(out, ", %s)", event->a <= WB_SHUT_RDWR ? words[event->a] : "?");
    add_result(out, event->result);
}

static void narrate_pipe(const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "pipe2()");
    if (event->result < 0) {
        add_result(out, event->result);
    } else {
        wbh_text_format(out, " = %d and %d", event->fd, (int)event->a);
    }
}

static void narrate_plain_call(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(out, "%s(", sim_call_name((enum sim_call)event->call));
    if (event->fd >= 0 && event->fd != event->result) {
        wbh_narrate_object(out, narrator, event);
    } else if (event->subject != WBH_SUBJECT_NONE) {
        wbh_report_add_connection(out, narrator->scenario, event->subject);
    } else if (event->call == SIM_CALL_ALLOC) {
        wbh_text_count(out, event->b, "byte");
    }
    wbh_text_add(out, ")");
    if (event->result < 0 || (event->call != SIM_CALL_ALLOC && event->call != SIM_CALL_CLOCK)) {
        add_result(out, event->result);
    }
}

/* "cond_wait(condition 1, mutex 2) -> 0": objects have the numbers of their init, threads theirs.
 */
static void narrate_thread_call(const struct sim_event *event, struct wbh_text *out) {
    enum sim_call call = (enum sim_call)event->call;
    wbh_text_format(out, "%s(", sim_call_name(call));
    if (call == SIM_CALL_THREAD || call == SIM_CALL_JOIN) {
        if (event->a != 0) {
            wbh_text_format(out, "thread %" PRIu64, event->a + 1);
        }
    } else if (call == SIM_CALL_MUTEX_LOCK || call == SIM_CALL_MUTEX_UNLOCK
               || call == SIM_CALL_MUTEX_DESTROY) {
        wbh_text_format(out, "mutex %" PRIu64, event->a);
    } else {
        wbh_text_format(out, "condition %" PRIu64, event->a);
    }
    if (event->b != 0) {
        wbh_text_format(out, ", mutex %" PRIu64, event->b);
    }
    wbh_text_add(out, ")");
    add_result(out, event->result);
}

/* Blocks of memory are numbered in the order in which they were allocated. */
static void narrate_interleave(const struct sim_event *event, struct wbh_text *out) {
    if (event->a == 0) {
        wbh_text_add(out, "is about to do an atomic operation");
    } else {
        wbh_text_format(out,
            "is about to do an atomic operation in block %" PRIu64 ", byte %" PRIu64, event->a,
            event->b);
    }
}

/* Calls that say nothing about the network unless they fail. */
static int call_is_detail(const struct sim_event *event) {
    switch ((enum sim_call)event->call) {
    case SIM_CALL_CLOCK:
    case SIM_CALL_GETRANDOM:
    case SIM_CALL_ALLOC:
    case SIM_CALL_GETSOCKOPT:
    case SIM_CALL_SETSOCKOPT:
    case SIM_CALL_GETSOCKNAME:
    case SIM_CALL_GETPEERNAME:
    case SIM_CALL_FCNTL:
    case SIM_CALL_LSEEK:
    case SIM_CALL_FSTAT:
    case SIM_CALL_MUTEX_LOCK:
    case SIM_CALL_MUTEX_UNLOCK:
    case SIM_CALL_INTERLEAVE:
        return event->result >= 0;
    case SIM_CALL_SENDFILE:
    case SIM_CALL_SPLICE:
    case SIM_CALL_TEE:
        return event->b == 0 && event->result >= 0; /* the other end is told, too */
    case SIM_CALL_WRITE:
        return event->fd == 1 || event->fd == 2; /* the console: see narrate_console */
    case SIM_CALL_NONE:
    case SIM_CALL_SOCKET:
    case SIM_CALL_BIND:
    case SIM_CALL_LISTEN:
    case SIM_CALL_ACCEPT:
    case SIM_CALL_CONNECT:
    case SIM_CALL_SHUTDOWN:
    case SIM_CALL_RECV:
    case SIM_CALL_SEND:
    case SIM_CALL_READ:
    case SIM_CALL_CLOSE:
    case SIM_CALL_DUP:
    case SIM_CALL_EPOLL_CREATE:
    case SIM_CALL_EPOLL_CTL:
    case SIM_CALL_EPOLL_WAIT:
    case SIM_CALL_POLL:
    case SIM_CALL_SELECT:
    case SIM_CALL_SOCKETPAIR:
    case SIM_CALL_UNLINK:
    case SIM_CALL_PIPE:
    case SIM_CALL_TIMERFD:
    case SIM_CALL_RESOLVE:
    case SIM_CALL_EVENTFD:
    case SIM_CALL_SIGNALFD:
    case SIM_CALL_THREAD:
    case SIM_CALL_OPENAT:
    case SIM_CALL_PREAD:
    case SIM_CALL_PWRITE:
    case SIM_CALL_STAT:
    case SIM_CALL_FTRUNCATE:
    case SIM_CALL_FSYNC:
    case SIM_CALL_RENAME:
    case SIM_CALL_MKDIR:
    case SIM_CALL_RMDIR:
    case SIM_CALL_GETDENTS:
    case SIM_CALL_JOIN:
    case SIM_CALL_MUTEX_DESTROY:
    case SIM_CALL_COND_WAIT:
    case SIM_CALL_COND_SIGNAL:
    case SIM_CALL_COND_BROADCAST:
    case SIM_CALL_COND_DESTROY:
    case SIM_CALL_COUNT:
        return 0;
    }
    return 0;
}

static void narrate_console(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(out, "prints to %s ", event->fd == 1 ? "stdout" : "stderr");
    wbh_text_excerpt(out, event->data, event->data_len, narrator->excerpt_len);
}

struct wbh_narration wbh_narrate_call(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    struct wbh_narration narration = {.who = WBH_WHO_PROGRAM, .is_detail = call_is_detail(event)};
    switch ((enum sim_call)event->call) {
    case SIM_CALL_WRITE:
        if (narration.is_detail && event->result > 0 && event->data != NULL) {
            narrate_console(narrator, event, out);
            narration.is_detail = 0;
            break;
        }
        narration.bytes = narrate_transfer(narrator, event, out);
        break;
    case SIM_CALL_RECV:
    case SIM_CALL_SEND:
    case SIM_CALL_READ:
    case SIM_CALL_PREAD:
    case SIM_CALL_PWRITE:
    case SIM_CALL_SENDFILE:
    case SIM_CALL_SPLICE:
    case SIM_CALL_TEE:
        narration.bytes = narrate_transfer(narrator, event, out);
        break;
    case SIM_CALL_ACCEPT:
        narrate_accept(narrator, event, out);
        break;
    case SIM_CALL_EPOLL_CTL:
        narrate_epoll_ctl(narrator, event, out);
        break;
    case SIM_CALL_EPOLL_WAIT:
    case SIM_CALL_POLL:
    case SIM_CALL_SELECT:
        narration.who = WBH_WHO_WAIT;
        narration.is_detail = event->result > 0; /* each event was told */
        if (event->result < 0) {
            wbh_text_add(out, "fails with ");
            wbh_report_add_errno(out, (int)-event->result);
        } else if (event->result == 0) {
            wbh_text_add(out, "returns without an event");
        } else {
            wbh_text_add(out, "returns ");
            wbh_text_count(out, (uint64_t)event->result, "event");
        }
        break;
    case SIM_CALL_CLOSE:
        narrate_close(narrator, event, out);
        break;
    case SIM_CALL_PIPE:
        narrate_pipe(event, out);
        break;
    case SIM_CALL_SHUTDOWN:
        narrate_shutdown(narrator, event, out);
        break;
    case SIM_CALL_RESOLVE:
    case SIM_CALL_OPENAT:
    case SIM_CALL_STAT:
    case SIM_CALL_RENAME:
    case SIM_CALL_MKDIR:
    case SIM_CALL_RMDIR:
    case SIM_CALL_UNLINK:
        narrate_name(narrator, event, out);
        break;
    case SIM_CALL_THREAD:
    case SIM_CALL_JOIN:
    case SIM_CALL_MUTEX_LOCK:
    case SIM_CALL_MUTEX_UNLOCK:
    case SIM_CALL_MUTEX_DESTROY:
    case SIM_CALL_COND_WAIT:
    case SIM_CALL_COND_SIGNAL:
    case SIM_CALL_COND_BROADCAST:
    case SIM_CALL_COND_DESTROY:
        narrate_thread_call(event, out);
        break;
    case SIM_CALL_INTERLEAVE:
        narrate_interleave(event, out);
        break;
    case SIM_CALL_NONE:
    case SIM_CALL_SOCKET:
    case SIM_CALL_BIND:
    case SIM_CALL_LISTEN:
    case SIM_CALL_CONNECT:
    case SIM_CALL_GETSOCKOPT:
    case SIM_CALL_SETSOCKOPT:
    case SIM_CALL_GETSOCKNAME:
    case SIM_CALL_GETPEERNAME:
    case SIM_CALL_DUP:
    case SIM_CALL_FCNTL:
    case SIM_CALL_EPOLL_CREATE:
    case SIM_CALL_EVENTFD:
    case SIM_CALL_SIGNALFD:
    case SIM_CALL_SOCKETPAIR:
    case SIM_CALL_TIMERFD:
    case SIM_CALL_CLOCK:
    case SIM_CALL_GETRANDOM:
    case SIM_CALL_ALLOC:
    case SIM_CALL_LSEEK:
    case SIM_CALL_FSTAT:
    case SIM_CALL_FTRUNCATE:
    case SIM_CALL_FSYNC:
    case SIM_CALL_GETDENTS:
    case SIM_CALL_COUNT:
        narrate_plain_call(narrator, event, out);
        break;
    }
    return narration;
}
