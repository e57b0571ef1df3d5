/* Words for events: what waits, the network, the kernel and faults did, and the memory behind it.
 * Calls are in narrate_call.c, peers in narrate_peer.c. */
#include "report/narrate.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wb/status.h"
#include "report/names.h"
#include "report/narrate_internal.h"

/* Beyond these a descriptor or a registration is told by its number alone. */
enum { FDS_MAX = 65536, PLACES_MAX = FDS_MAX * SIM_PROCESSES_MAX, REGISTRATIONS_MAX = 1 << 20 };

/* Each process counts its descriptors for itself. */
static size_t fd_place(const struct wbh_narrator *narrator, int64_t fd) {
    return (size_t)fd * SIM_PROCESSES_MAX + narrator->process;
}

struct wbh_narrator *wbh_narrator_new(const struct wbh_scenario *scenario, size_t excerpt_len) {
    struct wbh_narrator *narrator = calloc(1, sizeof *narrator);
    if (narrator != NULL) {
        narrator->scenario = scenario;
        narrator->excerpt_len = excerpt_len;
    }
    return narrator;
}

void wbh_narrator_destroy(struct wbh_narrator *narrator) {
    if (narrator == NULL) {
        return;
    }
    free(narrator->fd_kinds);
    free(narrator->masks);
    free(narrator);
}

/* Grows an array so that `index` is in it, new elements all zero. NULL: no memory, or beyond the
 * bound; the array is as it was. */
static void *grow(void *array, size_t *count, size_t index, size_t count_max, size_t size) {
    if (index < *count) {
        return array;
    }
    if (index >= count_max) {
        return NULL;
    }
    size_t wanted = (index + 1) * 2;
    char *grown = realloc(array, wanted * size);
    if (grown == NULL) {
        return NULL;
    }
    memset(grown + *count * size, 0, (wanted - *count) * size);
    *count = wanted;
    return grown;
}

static void remember_fd(struct wbh_narrator *narrator, int64_t fd, enum fd_kind kind) {
    if (fd < 0 || fd >= FDS_MAX) {
        return;
    }
    size_t place = fd_place(narrator, fd);
    uint8_t *kinds =
        grow(narrator->fd_kinds, &narrator->fd_kind_count, place, PLACES_MAX, sizeof *kinds);
    if (kinds != NULL) {
        narrator->fd_kinds = kinds;
        kinds[place] = (uint8_t)kind;
    }
}

static void remember_mask(struct wbh_narrator *narrator, uint32_t registration, uint32_t mask) {
    uint32_t *masks = grow(
        narrator->masks, &narrator->mask_count, registration, REGISTRATIONS_MAX, sizeof *masks);
    if (masks != NULL) {
        narrator->masks = masks;
        masks[registration] = mask;
    }
}

/* A call's success may make, change or end a descriptor. */
static void remember_call(struct wbh_narrator *narrator, const struct sim_event *event) {
    static const uint8_t made[SIM_CALL_COUNT] = {
        [SIM_CALL_SOCKET] = FD_SOCKET,
        [SIM_CALL_EPOLL_CREATE] = FD_EPOLL,
        [SIM_CALL_EVENTFD] = FD_EVENTFD,
        [SIM_CALL_SIGNALFD] = FD_SIGNALFD,
        [SIM_CALL_ACCEPT] = FD_SOCKET,
        [SIM_CALL_OPENAT] = FD_FILE,
    };
    if (event->result < 0) {
        return;
    }
    if (made[event->call] != FD_OTHER) {
        remember_fd(narrator, event->result, (enum fd_kind)made[event->call]);
    } else if (event->call == SIM_CALL_TIMERFD && event->result > 0) {
        remember_fd(narrator, event->result, FD_TIMERFD); /* made, neither set nor asked */
    } else if (event->call == SIM_CALL_PIPE) {
        remember_fd(narrator, event->fd, FD_PIPE);
        remember_fd(narrator, (int64_t)event->a, FD_PIPE);
    } else if (event->call == SIM_CALL_LISTEN) {
        remember_fd(narrator, event->fd, FD_LISTENER);
    } else if (event->call == SIM_CALL_CLOSE) {
        remember_fd(narrator, event->fd, FD_OTHER);
    } else if (event->call == SIM_CALL_DUP && event->fd >= 0
               && fd_place(narrator, event->fd) < narrator->fd_kind_count) {
        remember_fd(narrator, event->result,
            (enum fd_kind)narrator->fd_kinds[fd_place(narrator, event->fd)]);
    } else if (event->call == SIM_CALL_EPOLL_CTL && (event->a & UINT32_MAX) != WB_EPOLL_CTL_DEL) {
        remember_mask(narrator, event->registration, (uint32_t)event->b);
    }
}

const char *wbh_narrate_fd_word(const struct wbh_narrator *narrator, int64_t fd) {
    static const char *const words[] = {
        [FD_OTHER] = "fd",
        [FD_SOCKET] = "socket",
        [FD_LISTENER] = "listener",
        [FD_EPOLL] = "epoll",
        [FD_EVENTFD] = "eventfd",
        [FD_SIGNALFD] = "signalfd",
        [FD_TIMERFD] = "timerfd",
        [FD_PIPE] = "pipe",
        [FD_FILE] = "file",
    };
    if (fd < 0 || fd >= FDS_MAX || fd_place(narrator, fd) >= narrator->fd_kind_count) {
        return words[FD_OTHER];
    }
    return words[narrator->fd_kinds[fd_place(narrator, fd)]];
}

/* "alice", "listener 4", "fd 9". */
void wbh_narrate_object(
    struct wbh_text *out, const struct wbh_narrator *narrator, const struct sim_event *event) {
    if (event->subject != WBH_SUBJECT_NONE) {
        wbh_report_add_connection(out, narrator->scenario, event->subject);
    } else {
        wbh_text_format(out, "%s %" PRId32, wbh_narrate_fd_word(narrator, event->fd), event->fd);
    }
}

/* Of several programs each is called by its label. */
static void add_program(const struct wbh_narrator *narrator, uint32_t process, const char *alone,
    struct wbh_text *out) {
    if (wbh_scenario_program_count(narrator->scenario) == 1) {
        wbh_text_add(out, alone);
    } else {
        wbh_report_add_program(out, narrator->scenario, process);
    }
}

static struct wbh_narration narrate_wait(
    struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    narrator->last_waits[event->process][event->thread] = ++narrator->wait_counts[event->process];
    wbh_text_add(out, "begins, ");
    if ((int64_t)event->a < 0) {
        wbh_text_add(out, "without a timeout");
    } else if (event->a == 0) {
        wbh_text_add(out, "only asking");
    } else {
        wbh_text_add(out, "for at most ");
        wbh_text_duration(out, event->a);
    }
    return (struct wbh_narration){.who = WBH_WHO_WAIT};
}

static const char *mode_word(const struct wbh_narrator *narrator, uint32_t registration) {
    uint32_t mask = registration < narrator->mask_count ? narrator->masks[registration] : 0;
    int edge = (mask & WB_EPOLLET) != 0;
    int once = (mask & WB_EPOLLONESHOT) != 0;
    return edge ? (once ? "edge, one-shot" : "edge") : (once ? "one-shot" : "level");
}

static struct wbh_narration narrate_report(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "reports ");
    wbh_narrate_object(out, narrator, event);
    wbh_text_add(out, " ");
    wbh_report_add_readiness(out, (uint32_t)event->a);
    if (event->registration != 0) {
        wbh_text_format(out, " (%s)", mode_word(narrator, event->registration));
    }
    return (struct wbh_narration){.who = WBH_WHO_WAIT};
}

static struct wbh_narration narrate_wake(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "a wake-up (");
    wbh_report_add_events(out, (uint32_t)event->a);
    wbh_text_add(out, ") reaches the registration of ");
    wbh_narrate_object(out, narrator, event);
    wbh_text_add(out, event->b != 0 ? ": queued for a report" : ": not queued");
    return (struct wbh_narration){.who = WBH_WHO_KERNEL, .is_detail = 1};
}

static struct wbh_narration narrate_arrival(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    if ((event->b & SIM_ARRIVE_LOST) != 0) {
        wbh_text_add(out, "a datagram of ");
        wbh_text_count(out, event->a, "byte");
        wbh_text_add(out, " on ");
        wbh_report_add_connection(out, narrator->scenario, event->subject);
        wbh_text_add(out, (event->b & SIM_ARRIVE_LOST_ON_LINK) != 0
                              ? " is lost on its way"
                              : " finds no room in the receive buffer and is lost");
        return (struct wbh_narration){.who = WBH_WHO_NETWORK};
    }
    int is_fin = (event->b & SIM_ARRIVE_FIN) != 0;
    int is_reset = (event->b & SIM_ARRIVE_RST) != 0;
    if (event->a != 0) {
        wbh_text_count(out, event->a, "byte");
    }
    if (is_fin || is_reset) {
        wbh_text_format(out, "%s%s", event->a != 0 ? " and " : "",
            is_reset ? "a reset" : "the end of the stream");
    } else if (event->a == 0) {
        wbh_text_add(out, "nothing");
    }
    int one = event->a == 0 || (event->a == 1 && !is_fin && !is_reset);
    wbh_text_add(out, one ? " reaches " : " reach ");
    if ((event->b & SIM_ARRIVE_TO_PROGRAM) != 0) {
        add_program(narrator, event->process, "the program", out);
        wbh_text_add(out, " on ");
    }
    wbh_report_add_connection(out, narrator->scenario, event->subject);
    return (struct wbh_narration){.who = WBH_WHO_NETWORK, .bytes = event->a};
}

static struct wbh_narration narrate_note(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    struct wbh_narration narration = {.who = WBH_WHO_PROGRAM, .is_detail = 1};
    uint64_t first = event->b;
    uint64_t second = (uint64_t)event->result;
    switch ((enum wb_note)event->a) {
    case WB_NOTE_DISPATCH:
        wbh_text_format(out, "handles token %" PRIu64 ": ", first);
        wbh_report_add_readiness(out, (uint32_t)second);
        break;
    case WB_NOTE_SLOT_INSERT:
        wbh_text_format(out, "takes slot %" PRIu64, second);
        break;
    case WB_NOTE_SLOT_REMOVE:
        wbh_text_format(out, "frees slot %" PRIu64, second);
        break;
    case WB_NOTE_TIMER_SET:
        wbh_text_format(out, "sets timer %" PRIu64, first);
        break;
    case WB_NOTE_TIMER_CLEAR:
        wbh_text_format(out, "clears timer %" PRIu64, first);
        break;
    case WB_NOTE_TIMER_FIRE:
        wbh_text_format(out, "timer %" PRIu64 " fires", first);
        narration.is_detail = 0;
        break;
    case WB_NOTE_DISCARD:
        wbh_text_add(out, "gives up ");
        wbh_text_count(out, second, "byte");
        wbh_text_format(out, " it accepted from %s %" PRIu64,
            wbh_narrate_fd_word(narrator, (int64_t)first), first);
        narration.is_detail = 0;
        break;
    case WB_NOTE_STOPPING:
        wbh_text_add(out, "begins to stop");
        narration.is_detail = 0;
        break;
    case WB_NOTE_TASK_SPAWN:
        wbh_text_format(out, "spawns task %" PRIu64, first);
        break;
    case WB_NOTE_TASK_POLL:
        wbh_text_format(out, "polls task %" PRIu64, first);
        break;
    case WB_NOTE_TASK_WAKE:
        wbh_text_format(out, "wakes task %" PRIu64, first);
        break;
    case WB_NOTE_TASK_WAIT:
        wbh_text_format(out, "task %" PRIu64 " waits", first);
        break;
    case WB_NOTE_TASK_END:
        wbh_text_format(
            out, "task %" PRIu64 " ends: %s", first, wb_status_text((enum wb_status)second));
        break;
    case WB_NOTE_TASK_AGAIN:
        wbh_text_format(out, "task %" PRIu64 " is to be polled again", first);
        break;
    case WB_NOTE_TASK_FORSAKEN:
        wbh_text_format(out, "task %" PRIu64 " waits, and nobody has a waker of it", first);
        break;
    case WB_NOTE_LOCK_AWAIT:
        wbh_text_add(out, first != 0 ? "waits for a lock" : "waits for a lock no longer");
        break;
    case WB_NOTE_REQUEST:
        wbh_text_format(out, "hands a request from %s %" PRIu64 " to its service",
            wbh_narrate_fd_word(narrator, (int64_t)first), first);
        break;
    case WB_NOTE_REQUEST_CONTENT:
        wbh_text_format(out, "has read the content of the request from %s %" PRIu64,
            wbh_narrate_fd_word(narrator, (int64_t)first), first);
        break;
    }
    return narration;
}

static struct wbh_narration narrate_signal(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    const char *name = event->a == WB_SIGTERM ? "SIGTERM" : event->a == WB_SIGINT ? "SIGINT" : NULL;
    if (name != NULL) {
        wbh_text_format(out, "%s reaches ", name);
    } else {
        wbh_text_format(out, "signal %" PRIu64 " reaches ", event->a);
    }
    add_program(narrator, event->process, "the program", out);
    return (struct wbh_narration){.who = WBH_WHO_KERNEL};
}

static struct wbh_narration narrate_release(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_text_add(out, "what a fault");
    if (event->a < WBH_POINT_COUNT) {
        wbh_text_format(out, " at %s", wbh_point_name((enum wbh_point)event->a));
    }
    wbh_text_add(out, " held back is there now");
    if (event->subject != WBH_SUBJECT_NONE) {
        wbh_text_add(out, ": ");
        wbh_report_add_connection(out, narrator->scenario, event->subject);
    }
    return (struct wbh_narration){.who = WBH_WHO_NETWORK};
}

static struct wbh_narration narrate_pending(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_report_add_connection(out, narrator->scenario, event->subject);
    wbh_text_add(out, "'s connection waits to be accepted");
    return (struct wbh_narration){.who = WBH_WHO_NETWORK};
}

static struct wbh_narration narrate_unfit(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_report_add_decision(out, narrator->scenario, event->decision);
    wbh_text_add(out, "  [did not fit the moment: nothing happened]");
    return (struct wbh_narration){.who = WBH_WHO_FAULT};
}

static struct wbh_narration narrate_fault(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    wbh_report_add_decision(out, narrator->scenario, event->decision);
    wbh_text_format(out, "  [%s]", wbh_legality_name((enum wbh_legality)event->decision->legality));
    return (struct wbh_narration){.who = WBH_WHO_FAULT};
}

static struct wbh_narration narrate_link(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    uint32_t a = (uint32_t)event->b;
    if (a == WBH_END_ANY) {
        wbh_text_add(out, "all links heal");
    } else {
        wbh_text_add(out, event->a != 0 ? "the link between " : "the link heals between ");
        wbh_report_add_end(out, narrator->scenario, a);
        wbh_text_add(out, " and ");
        wbh_report_add_end(out, narrator->scenario, (uint32_t)(event->b >> 32));
        wbh_text_add(out, event->a != 0 ? " is cut" : "");
    }
    return (struct wbh_narration){.who = WBH_WHO_NETWORK};
}

static struct wbh_narration narrate_process(const struct sim_event *event, struct wbh_text *out) {
    switch ((enum sim_process_change)event->a) {
    case SIM_PROCESS_STARTED:
        wbh_text_add(out, "begins anew");
        break;
    case SIM_PROCESS_EXITED:
        wbh_text_format(out, "ends with status %" PRId64, event->result);
        break;
    case SIM_PROCESS_KILLED:
        wbh_text_add(out, "is killed; its descriptors are closed");
        break;
    case SIM_PROCESS_SPARED:
        wbh_text_add(out, "was to be killed, and has ended already");
        break;
    case SIM_PROCESS_GOES_ON:
        wbh_text_add(out, "was to begin anew, and goes on since it has not ended");
        break;
    }
    return (struct wbh_narration){.who = WBH_WHO_PROGRAM};
}

static struct wbh_narration narrate_thread(const struct sim_event *event, struct wbh_text *out) {
    wbh_text_format(out, "thread %" PRIu64 " %s", event->b + 1,
        event->a == SIM_THREAD_RETURNED ? "ends"
        : event->result != 0            ? "ends with the program, and was never joined"
                                        : "was never joined");
    return (struct wbh_narration){.who = WBH_WHO_PROGRAM};
}

/* What a program's other threads do says whose doing it is. */
static void add_thread(const struct sim_event *event, struct wbh_text *out) {
    bool is_own = event->kind == SIM_EVENT_CALL || event->kind == SIM_EVENT_WAIT
                  || event->kind == SIM_EVENT_NOTE || event->kind == SIM_EVENT_FREE;
    if (is_own && event->thread != 0) {
        wbh_text_format(out, "[thread %u] ", event->thread + 1u);
    }
}

struct wbh_narration wbh_narrate(
    struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    narrator->process = event->process;
    add_thread(event, out);
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_CALL: {
        struct wbh_narration narration = wbh_narrate_call(narrator, event, out);
        remember_call(narrator, event);
        return narration;
    }
    case SIM_EVENT_WAIT:
        return narrate_wait(narrator, event, out);
    case SIM_EVENT_REPORT:
        return narrate_report(narrator, event, out);
    case SIM_EVENT_WAKE:
        return narrate_wake(narrator, event, out);
    case SIM_EVENT_ARRIVE:
        return narrate_arrival(narrator, event, out);
    case SIM_EVENT_RELEASE:
        return narrate_release(narrator, event, out);
    case SIM_EVENT_PENDING:
        return narrate_pending(narrator, event, out);
    case SIM_EVENT_FAULT:
        return narrate_fault(narrator, event, out);
    case SIM_EVENT_UNFIT:
        return narrate_unfit(narrator, event, out);
    case SIM_EVENT_JUMP:
        wbh_text_add(out, "nothing happens for ");
        wbh_text_duration(out, event->a);
        return (struct wbh_narration){.who = WBH_WHO_KERNEL, .is_detail = 1};
    case SIM_EVENT_SIGNAL:
        return narrate_signal(narrator, event, out);
    case SIM_EVENT_NOTE:
        return narrate_note(narrator, event, out);
    case SIM_EVENT_PEER:
        return wbh_narrate_peer(narrator, event, out);
    case SIM_EVENT_FREE:
        wbh_text_add(out, "frees ");
        wbh_text_count(out, event->b, "byte");
        return (struct wbh_narration){.who = WBH_WHO_PROGRAM, .is_detail = 1};
    case SIM_EVENT_LINK:
        return narrate_link(narrator, event, out);
    case SIM_EVENT_WATCH:
        wbh_text_format(out, "sleeps in poll or select on epoll %d", (int)event->fd);
        return (struct wbh_narration){.who = WBH_WHO_PROGRAM};
    case SIM_EVENT_PROCESS:
        return narrate_process(event, out);
    case SIM_EVENT_THREAD:
        return narrate_thread(event, out);
    case SIM_EVENT_KIND_COUNT:
        break;
    }
    assert(0 && "an event of no kind");
    return (struct wbh_narration){.who = WBH_WHO_KERNEL};
}

static void add_wait(
    const struct wbh_narrator *narrator, const struct sim_event *event, struct wbh_text *out) {
    if (wbh_scenario_program_count(narrator->scenario) > 1) {
        wbh_report_add_program(out, narrator->scenario, event->process);
        wbh_text_add(out, " ");
    }
    wbh_text_format(out, "wait #%" PRIu64, narrator->last_waits[event->process][event->thread]);
}

void wbh_narrate_who(const struct wbh_narrator *narrator, const struct sim_event *event,
    enum wbh_who who, struct wbh_text *out) {
    switch (who) {
    case WBH_WHO_WAIT:
        add_wait(narrator, event, out);
        break;
    case WBH_WHO_PEER:
        wbh_report_add_connection(out, narrator->scenario, event->subject);
        break;
    case WBH_WHO_FAULT:
        wbh_text_add(out, "FAULT");
        break;
    case WBH_WHO_FINDING:
        wbh_text_add(out, "FINDING");
        break;
    case WBH_WHO_PROGRAM:
        add_program(narrator, event->process, wbh_who_name(who), out);
        break;
    case WBH_WHO_NETWORK:
    case WBH_WHO_KERNEL:
    case WBH_WHO_COUNT:
        wbh_text_add(out, wbh_who_name(who));
        break;
    }
}
