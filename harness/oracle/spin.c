/* Spins: the program wakes, or calls, again and again and nothing comes of it. The run ends there.
 *
 * Progress is: bytes moved on a connection or of a file, something opened, accepted, connected,
 * shut or closed, event bits that a registration never reported before, and time passing in a wait.
 * A pass that an injected fault explains (a wake-up for nothing, a would-block) does not count.
 * Traffic on eventfds is no progress either, but programs wake themselves often: it falls under the
 * larger bound, on calls. */
#include "oracle/judge.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { IDLE_WAITS_MAX = 64, IDLE_CALLS_MAX = 2000 };

static void progress(struct wbh_judge *judge, uint32_t step) {
    struct wbh_spin_state *spin = &judge->spin;
    if (spin->idle_calls != 0) {
        memset(spin->calls, 0, sizeof(spin->calls));
        spin->idle_calls = 0;
    }
    spin->idle_waits = 0;
    spin->since_step = step;
}

static void begin(struct wbh_judge *judge) {
    memset(&judge->spin, 0, sizeof(judge->spin));
}

static void list_calls(const struct wbh_spin_state *spin, struct wbh_prose *why) {
    wbh_prose_add(
        why, "Calls since call %" PRIu32 ", the last that achieved something:", spin->since_step);
    for (unsigned call = 0; call < SIM_CALL_COUNT; call++) {
        if (spin->calls[call] != 0) {
            wbh_prose_add(
                why, " %s %" PRIu32, sim_call_name((enum sim_call)call), spin->calls[call]);
            if (spin->errors[call] != 0) {
                wbh_prose_add(why, " (the last: ");
                wbh_prose_errno(why, spin->errors[call]);
                wbh_prose_add(why, ")");
            }
        }
    }
    wbh_prose_add(why, ".\n");
}

static void list_last_batch(struct wbh_judge *judge, struct wbh_prose *why) {
    struct wbh_ledger *ledger = &judge->ledger;
    for (size_t i = 0; i < ledger->batch_count && i < 4; i++) {
        const struct wbh_reg *reg = wbh_ledger_reg(ledger, ledger->batch[i].registration);
        wbh_prose_add(why, "The last wait reported ");
        wbh_prose_events(why, reg->report_events);
        wbh_prose_add(why, " of descriptor %d", reg->fd);
        if (reg->subject != WBH_SUBJECT_NONE) {
            wbh_prose_add(why, " (");
            wbh_prose_connection(why, judge->config.scenario, reg->subject);
            wbh_prose_add(why, ")");
        }
        wbh_prose_add(why, ", %s-triggered%s, armed for ",
            (reg->mask & WB_EPOLLET) != 0 ? "edge" : "level",
            (reg->mask & WB_EPOLLONESHOT) != 0 ? " one-shot" : "");
        wbh_prose_events(why, reg->mask);
        wbh_prose_add(why, " by call %" PRIu32 ".\n", reg->ctl_step);
    }
}

static void object(struct wbh_judge *judge) {
    const struct wbh_spin_state *spin = &judge->spin;
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_spin, WBH_SUBJECT_NONE);
    sim_kernel_stop(judge->config.kernel); /* it would only go on like this */
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    if (spin->idle_waits >= IDLE_WAITS_MAX) {
        wbh_prose_add(&text, "%" PRIu32 " waits in a row returned events and nothing came of them",
            spin->idle_waits);
    } else {
        wbh_prose_add(
            &text, "the program made %" PRIu32 " calls and nothing came of them", spin->idle_calls);
    }
    struct wbh_prose why = wbh_finding_why(finding);
    list_calls(spin, &why);
    if (spin->was_fruitless && spin->timeout_ns >= 0) {
        wbh_prose_add(&why, "The last wait had a timeout of ");
        wbh_prose_time(&why, (uint64_t)spin->timeout_ns);
        wbh_prose_add(&why, " and reported nothing.\n");
    }
    list_last_batch(judge, &why);
}

static bool is_achievement(const struct wbh_ledger *ledger, const struct sim_event *event) {
    switch ((enum sim_call)event->call) {
    case SIM_CALL_RECV:
    case SIM_CALL_SEND:
        return event->result > 0
               || (event->result == 0 && wbh_ledger_has_datagrams(ledger, event->file));
    case SIM_CALL_ACCEPT:
    case SIM_CALL_SHUTDOWN:
    case SIM_CALL_CLOSE:
    case SIM_CALL_SOCKET:
    case SIM_CALL_BIND:
    case SIM_CALL_LISTEN:
    case SIM_CALL_EPOLL_CREATE:
    case SIM_CALL_EVENTFD:
    case SIM_CALL_SIGNALFD:
    case SIM_CALL_SOCKETPAIR:
    case SIM_CALL_PIPE:
    case SIM_CALL_UNLINK:
    case SIM_CALL_DUP:
    case SIM_CALL_RESOLVE:
    case SIM_CALL_OPENAT:
    case SIM_CALL_FTRUNCATE:
    case SIM_CALL_FSYNC:
    case SIM_CALL_RENAME:
    case SIM_CALL_MKDIR:
    case SIM_CALL_RMDIR:
    case SIM_CALL_THREAD:
    case SIM_CALL_JOIN:
    case SIM_CALL_COND_WAIT: /* unless its time was up */
    case SIM_CALL_COND_SIGNAL:
    case SIM_CALL_COND_BROADCAST:
        return event->result >= 0;
    case SIM_CALL_READ:
    case SIM_CALL_WRITE:
    case SIM_CALL_PREAD:
    case SIM_CALL_PWRITE:
    case SIM_CALL_GETDENTS:
    case SIM_CALL_SENDFILE:
    case SIM_CALL_SPLICE:
        return event->result > 0 && wbh_ledger_is_on_disk(ledger, event->file);
    case SIM_CALL_CONNECT:
        return event->result == 0 || event->result == -EINPROGRESS;
    case SIM_CALL_NONE:
    case SIM_CALL_LSEEK:
    case SIM_CALL_STAT:
    case SIM_CALL_FSTAT:
    case SIM_CALL_TEE:
    case SIM_CALL_GETSOCKOPT:
    case SIM_CALL_SETSOCKOPT:
    case SIM_CALL_GETSOCKNAME:
    case SIM_CALL_GETPEERNAME:
    case SIM_CALL_FCNTL:
    case SIM_CALL_EPOLL_CTL:
    case SIM_CALL_EPOLL_WAIT:
    case SIM_CALL_POLL:
    case SIM_CALL_SELECT:
    case SIM_CALL_TIMERFD: /* set again and again, it moves nothing */
    case SIM_CALL_CLOCK:
    case SIM_CALL_GETRANDOM:
    case SIM_CALL_ALLOC:
    case SIM_CALL_MUTEX_LOCK:
    case SIM_CALL_MUTEX_UNLOCK:
    case SIM_CALL_MUTEX_DESTROY:
    case SIM_CALL_COND_DESTROY:
    case SIM_CALL_INTERLEAVE:
    case SIM_CALL_COUNT:
        break;
    }
    return false;
}

/* Whether the last wait reported nothing but the program's own wake-ups. */
static bool woke_itself(const struct wbh_ledger *ledger) {
    for (size_t i = 0; i < ledger->batch_count; i++) {
        uint32_t file = ledger->regs[ledger->batch[i].registration].file;
        if (file >= ledger->file_count || !ledger->files[file].special) {
            return false;
        }
    }
    return true;
}

static void on_wait_returned(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_spin_state *spin = &judge->spin;
    spin->timeout_ns = (int64_t)(event->call == SIM_CALL_EPOLL_WAIT ? event->a : event->b);
    spin->was_fruitless = event->result == 0;
    if (event->result > 0 && !spin->excused && !woke_itself(&judge->ledger)) {
        spin->idle_waits++;
    }
    spin->excused = false;
    if (spin->idle_waits == IDLE_WAITS_MAX) {
        object(judge);
    }
}

static void on_call(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_spin_state *spin = &judge->spin;
    if (spin->slept) {
        progress(judge, event->step);
        spin->slept = false;
    }
    if (is_achievement(&judge->ledger, event)) {
        progress(judge, event->step);
        return;
    }
    spin->calls[event->call]++;
    spin->errors[event->call] = event->result < 0 ? (int)-event->result : 0;
    spin->idle_calls++;
    if (event->call == SIM_CALL_EPOLL_WAIT || event->call == SIM_CALL_POLL
        || event->call == SIM_CALL_SELECT) {
        on_wait_returned(judge, event);
    }
    if (spin->idle_calls == IDLE_CALLS_MAX) {
        object(judge);
    }
}

/* Reports come before the return of their wait. */
static void on_report(struct wbh_judge *judge, const struct sim_event *event) {
    if (judge->ledger.report_fresh != 0) {
        progress(judge, event->step);
    }
}

static void on_fault(struct wbh_judge *judge, const struct wbh_decision *decision) {
    switch ((enum wbh_action)decision->action) {
    case WBH_ACTION_SPURIOUS:
    case WBH_ACTION_WOULD_BLOCK:
    case WBH_ACTION_INTERRUPT:
    case WBH_ACTION_WAKE:
        judge->spin.excused = true;
        break;
    case WBH_ACTION_PASS:
    case WBH_ACTION_SHORT:
    case WBH_ACTION_RESET:
    case WBH_ACTION_ERROR:
    case WBH_ACTION_DELAY:
    case WBH_ACTION_SPLIT:
    case WBH_ACTION_BATCH:
    case WBH_ACTION_ORDER:
    case WBH_ACTION_SEPARATE:
    case WBH_ACTION_NO_RDHUP:
    case WBH_ACTION_FAIL:
    case WBH_ACTION_JUMP:
    case WBH_ACTION_IMMEDIATE:
    case WBH_ACTION_DROP:
    case WBH_ACTION_DUPLICATE:
    case WBH_ACTION_REORDER:
    case WBH_ACTION_COUNT:
        break;
    }
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_CALL:
        on_call(judge, event);
        break;
    case SIM_EVENT_REPORT:
        on_report(judge, event);
        break;
    case SIM_EVENT_FAULT:
        on_fault(judge, event->decision);
        break;
    case SIM_EVENT_JUMP:
        judge->spin.slept = true;
        break;
    case SIM_EVENT_RELEASE: /* it slept for a fault: no more than a would-block that is over */
        judge->spin.slept = false;
        break;
    case SIM_EVENT_WAIT:
    case SIM_EVENT_WAKE:
    case SIM_EVENT_ARRIVE:
    case SIM_EVENT_PENDING:
    case SIM_EVENT_UNFIT:
    case SIM_EVENT_SIGNAL:
    case SIM_EVENT_NOTE:
    case SIM_EVENT_PEER:
    case SIM_EVENT_FREE:
    case SIM_EVENT_PROCESS:
    case SIM_EVENT_LINK:
    case SIM_EVENT_WATCH:
    case SIM_EVENT_THREAD:
    case SIM_EVENT_KIND_COUNT:
        break;
    }
}

const struct wbh_oracle wbh_oracle_spin = {
    .info = {"spin", "wake-ups and calls again and again without progress", WBH_VERDICT_SPIN},
    .kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_REPORT | 1u << SIM_EVENT_FAULT
             | 1u << SIM_EVENT_JUMP | 1u << SIM_EVENT_RELEASE,
    .calls = ~(UINT64_C(1) << SIM_CALL_ALLOC), /* setting up may take any number of them */
    .begin = begin,
    .on_event = on_event,
};
