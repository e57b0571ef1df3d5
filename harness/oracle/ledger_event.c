/* What each event of the kernel changes in the ledger. */
#include "oracle/ledger.h"

#include <errno.h>

static void file_dies(struct wbh_ledger *ledger, uint32_t file, uint32_t step) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->dead_step = step;
        reg->undrained = false;
    }
}

static struct wbh_last last_of(const struct sim_event *event) {
    return (struct wbh_last){event->step, event->time_ns, event->result, event->a};
}

static bool passes_by(int64_t result) {
    return result == -EAGAIN || result == -EINTR;
}

/* A short message is no sign that it was the last. */
static bool has_messages(struct wbh_ledger *ledger, const struct sim_event *event) {
    const struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    return conn != NULL && (conn->flags & WBH_CONN_MESSAGES) != 0;
}

static bool has_seqpackets(const struct wbh_ledger *ledger, uint32_t file) {
    return file < ledger->file_count && ledger->files[file].seqpackets;
}

static void reader_was_served(struct wbh_ledger *ledger, const struct sim_event *event) {
    bool datagrams = wbh_ledger_has_datagrams(ledger, event->file);
    bool got = datagrams ? event->result >= 0 : event->result > 0;
    bool is_short = event->result > 0 && (uint64_t)event->result < event->a;
    bool drained = event->result == -EAGAIN || (!datagrams && event->result == 0)
                   || (is_short && !datagrams && !has_messages(ledger, event));
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_in = 0;
        if (event->result == -EAGAIN) {
            reg->would_block_since_in = true;
        } else if (got) {
            reg->reads_since_in++;
            reg->bytes_since_in += (uint64_t)event->result;
        }
        if (drained || (event->result < 0 && event->result != -EINTR)) {
            reg->undrained = false;
        }
    }
}

static void writer_was_served(struct wbh_ledger *ledger, const struct sim_event *event) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_out = 0;
    }
}

static void both_were_served(struct wbh_ledger *ledger, uint32_t file) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_in = 0;
        reg->idle_out = 0;
    }
}

static void on_recv(struct wbh_ledger *ledger, const struct sim_event *event) {
    reader_was_served(ledger, event);
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn == NULL || wbh_ledger_has_datagrams(ledger, event->file)
        || (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) != 0) {
        return;
    }
    conn->read = last_of(event);
    conn->file = event->file;
    if (event->result > 0) {
        conn->read_len += (uint64_t)event->result;
    } else if (event->result == 0 && event->a != 0) {
        conn->flags |= WBH_CONN_EOF_READ;
    } else if (event->result < 0 && !passes_by(event->result)) {
        conn->flags |= WBH_CONN_BROKEN;
    }
}

static void on_send(struct wbh_ledger *ledger, const struct sim_event *event) {
    writer_was_served(ledger, event);
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn == NULL || wbh_ledger_has_datagrams(ledger, event->file)) {
        return;
    }
    conn->send = last_of(event);
    if (event->result > 0) {
        conn->sent_len += (uint64_t)event->result;
    } else if (event->result < 0 && !passes_by(event->result)) {
        conn->flags |= WBH_CONN_BROKEN;
    }
}

static void hold(struct wbh_ledger *ledger, uint32_t subject, int fd) {
    struct wbh_conn *conn = wbh_ledger_conn_make(ledger, subject);
    conn->fd = fd;
    if ((conn->flags & WBH_CONN_HELD) == 0) {
        conn->flags |= WBH_CONN_HELD;
        ledger->open_conns++;
        if (ledger->open_conns > ledger->most_conns) {
            ledger->most_conns = ledger->open_conns;
        }
    }
}

static void note_messages(struct wbh_ledger *ledger, uint32_t subject, uint32_t file) {
    if (has_seqpackets(ledger, file)) {
        wbh_ledger_conn_make(ledger, subject)->flags |= WBH_CONN_MESSAGES;
    }
}

static bool is_shortage(int64_t result) {
    return result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS;
}

static void on_accept(struct wbh_ledger *ledger, const struct sim_event *event) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_in = 0;
        if (event->result == -EAGAIN) {
            reg->would_block_since_in = true;
        } else if (event->result >= 0) {
            reg->reads_since_in++;
        }
        if (event->result < 0 && event->result != -EINTR) {
            reg->undrained = false; /* nothing more, or a failure that may stop it for a while */
        }
    }
    if (event->result >= 0) {
        hold(ledger, (uint32_t)event->a, (int)event->result);
        note_messages(ledger, (uint32_t)event->a, event->file);
    } else if (is_shortage(event->result) && ledger->injected_step != event->step) {
        ledger->accept_failed_step = event->step;
    }
}

/* A close that leaves a duplicate open leaves the registration, too. */
static void orphan_regs(struct wbh_ledger *ledger, const struct sim_event *event) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        if (reg->fd == event->fd) {
            reg->orphan_step = event->step;
        }
    }
}

static void on_close(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (event->result < 0) {
        return;
    }
    ledger->close_step = event->step;
    if (event->a != 1) {
        orphan_regs(ledger, event);
        return;
    }
    file_dies(ledger, event->file, event->step);
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn != NULL && (conn->flags & (WBH_CONN_HELD | WBH_CONN_CLOSED)) == WBH_CONN_HELD) {
        conn->flags |= WBH_CONN_CLOSED;
        conn->close_step = event->step;
        ledger->open_conns--;
    }
}

static void arm(struct wbh_reg *reg, const struct sim_event *event) {
    reg->mask = (uint32_t)event->b;
    reg->ctl_step = event->step;
    reg->disarmed = false;
    reg->undrained = false;
}

static void on_epoll_ctl(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (event->result < 0) {
        if ((event->result == -ENOMEM || event->result == -ENOSPC)) {
            ledger->starved = true;
        }
        return;
    }
    if (event->registration == 0) {
        return;
    }
    struct wbh_reg *reg = wbh_ledger_reg_make(ledger, event->registration);
    switch ((int)(event->a & UINT32_MAX)) {
    case WB_EPOLL_CTL_ADD: {
        struct wbh_file *file = wbh_ledger_file_make(ledger, event->file);
        reg->fd = event->fd;
        reg->epfd = (int)(event->a >> 32);
        reg->file = event->file;
        reg->subject = event->subject;
        reg->next_of_file = file->first_reg;
        file->first_reg = reg->serial;
        arm(reg, event);
        break;
    }
    case WB_EPOLL_CTL_MOD:
        arm(reg, event);
        break;
    default:
        reg->dead_step = event->step;
        reg->undrained = false;
        break;
    }
}

static void note_special(struct wbh_ledger *ledger, uint32_t file) {
    if (file < ledger->file_count) {
        ledger->files[file].special = true;
    }
}

/* Of an end that is no socket; those are told as if they had been read or written. tee leaves what
 * it copies unread. */
static void on_splice(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (event->b != 0) {
        writer_was_served(ledger, event);
    } else if (event->call != SIM_CALL_TEE) {
        reader_was_served(ledger, event);
    }
    note_special(ledger, event->file);
}

static void note_failure(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (event->result >= 0 || event->result == -EAGAIN || event->result == -EINPROGRESS
        || event->call == SIM_CALL_ALLOC /* fails without an errno */) {
        return;
    }
    ledger->failure = (struct wbh_failure){
        event->step, event->call, event->fd, event->subject, (int)-event->result};
}

static bool is_read(const struct sim_event *event) {
    return event->call == SIM_CALL_RECV || event->call == SIM_CALL_READ
           || event->call == SIM_CALL_ACCEPT;
}

static bool is_written(const struct sim_event *event) {
    return event->call == SIM_CALL_SEND || event->call == SIM_CALL_WRITE
           || event->call == SIM_CALL_CONNECT;
}

/* Which task last had to do with a file, and how much a poll does. */
static void note_touch(struct wbh_ledger *ledger, const struct sim_event *event) {
    struct wbh_tasks *tasks = &ledger->tasks;
    if (event->file == 0 || (!is_read(event) && !is_written(event))) {
        return;
    }
    uint32_t number = wbh_tasks_polled(tasks, event->thread);
    if (number == 0) {
        return;
    }
    struct wbh_touch touch = {
        number, event->step, event->subject, event->fd, event->result, event->call};
    tasks->items[number].touch = touch;
    tasks->threads[event->thread].transfers += event->result >= 0;
    if (is_read(event)) {
        wbh_ledger_file_make(ledger, event->file)->reader = touch;
    }
    if (event->call == SIM_CALL_ACCEPT) {
        ledger->acceptor_file = event->file;
    }
}

static void on_call(struct wbh_ledger *ledger, const struct sim_event *event) {
    note_failure(ledger, event);
    if (ledger->tasks.count != 0) {
        note_touch(ledger, event);
    }
    switch ((enum sim_call)event->call) {
    case SIM_CALL_RECV:
        on_recv(ledger, event);
        break;
    case SIM_CALL_READ:
        reader_was_served(ledger, event);
        note_special(ledger, event->file);
        break;
    case SIM_CALL_SEND:
        on_send(ledger, event);
        break;
    case SIM_CALL_WRITE:
        writer_was_served(ledger, event);
        note_special(ledger, event->file);
        break;
    case SIM_CALL_ACCEPT:
        on_accept(ledger, event);
        break;
    case SIM_CALL_CONNECT:
        both_were_served(ledger, event->file);
        ledger->dialled = true;
        if (event->subject != WBH_SUBJECT_NONE && !wbh_ledger_has_datagrams(ledger, event->file)) {
            hold(ledger, event->subject, event->fd);
            note_messages(ledger, event->subject, event->file);
        }
        break;
    case SIM_CALL_SHUTDOWN: {
        both_were_served(ledger, event->file);
        struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
        if (conn != NULL && event->a != WB_SHUT_RD
            && !wbh_ledger_has_datagrams(ledger, event->file)) {
            conn->flags |= WBH_CONN_SHUT_WRITE;
        }
        break;
    }
    case SIM_CALL_CLOSE:
        on_close(ledger, event);
        break;
    case SIM_CALL_EPOLL_CTL:
        on_epoll_ctl(ledger, event);
        break;
    case SIM_CALL_GETSOCKOPT:
    case SIM_CALL_GETPEERNAME:
    case SIM_CALL_EPOLL_WAIT: /* of an instance that is watched by another */
        both_were_served(ledger, event->file);
        break;
    case SIM_CALL_ALLOC:
        ledger->starved |= event->result < 0;
        break;
    case SIM_CALL_EPOLL_CREATE:
    case SIM_CALL_EVENTFD:
    case SIM_CALL_SIGNALFD:
    case SIM_CALL_TIMERFD:
        if (event->result >= 0) {
            struct wbh_file *file = wbh_ledger_file_make(ledger, event->file);
            file->special = true;
            file->is_eventfd = event->call == SIM_CALL_EVENTFD;
        }
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_PIPE:
        if (event->result == 0) {
            wbh_ledger_file_make(ledger, event->file)->special = true;
            struct wbh_file *writing_end = wbh_ledger_file_make(ledger, event->file + 1);
            writing_end->special = true;
            writing_end->is_written = true;
        }
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_SOCKET:
        if (event->result >= 0 && (event->b & WB_SOCK_TYPE_MASK) == WB_SOCK_DGRAM) {
            wbh_ledger_file_make(ledger, event->file)->datagrams = true;
        }
        if (event->result >= 0 && (event->b & WB_SOCK_TYPE_MASK) == WB_SOCK_SEQPACKET) {
            wbh_ledger_file_make(ledger, event->file)->seqpackets = true;
        }
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_OPENAT:
        if (event->result >= 0) {
            wbh_ledger_file_make(ledger, event->file)->on_disk = true;
        }
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_SENDFILE:
    case SIM_CALL_SPLICE:
    case SIM_CALL_TEE:
        on_splice(ledger, event);
        break;
    case SIM_CALL_SOCKETPAIR:
    case SIM_CALL_DUP:
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_THREAD:
        ledger->threads = true;
        ledger->starved |= event->result < 0;
        break;
    case SIM_CALL_BIND:
        ledger->name_taken |= event->result == -EADDRINUSE;
        break;
    case SIM_CALL_NONE:
    case SIM_CALL_LISTEN:
    case SIM_CALL_SETSOCKOPT:
    case SIM_CALL_GETSOCKNAME:
    case SIM_CALL_FCNTL:
    case SIM_CALL_POLL:
    case SIM_CALL_SELECT:
    case SIM_CALL_UNLINK:
    case SIM_CALL_CLOCK:
    case SIM_CALL_GETRANDOM:
    case SIM_CALL_RESOLVE:
    case SIM_CALL_PREAD:
    case SIM_CALL_PWRITE:
    case SIM_CALL_LSEEK:
    case SIM_CALL_STAT:
    case SIM_CALL_FSTAT:
    case SIM_CALL_FTRUNCATE:
    case SIM_CALL_FSYNC:
    case SIM_CALL_RENAME:
    case SIM_CALL_MKDIR:
    case SIM_CALL_RMDIR:
    case SIM_CALL_GETDENTS:
    case SIM_CALL_JOIN:
    case SIM_CALL_MUTEX_LOCK:
    case SIM_CALL_MUTEX_UNLOCK:
    case SIM_CALL_MUTEX_DESTROY:
    case SIM_CALL_COND_WAIT:
    case SIM_CALL_COND_SIGNAL:
    case SIM_CALL_COND_BROADCAST:
    case SIM_CALL_COND_DESTROY:
    case SIM_CALL_INTERLEAVE:
    case SIM_CALL_COUNT:
        break;
    }
}

static void list_undrained(struct wbh_ledger *ledger, struct wbh_reg *reg) {
    reg->undrained = true;
    if (reg->in_undrained) {
        return;
    }
    ledger->undrained = wbh_grow(ledger->undrained, &ledger->undrained_capacity,
        ledger->undrained_count + 1, sizeof(*ledger->undrained));
    ledger->undrained[ledger->undrained_count++] = reg->serial;
    reg->in_undrained = true;
}

/* What is only written to answers an error by a write. */
static void count_idle(struct wbh_ledger *ledger, struct wbh_reg *reg, uint32_t events) {
    if ((reg->mask & (WB_EPOLLET | WB_EPOLLONESHOT)) != 0) {
        return;
    }
    if ((events & WBH_IN_BITS) != 0 && !wbh_ledger_is_written(ledger, reg->file)) {
        reg->idle_in++;
    } else {
        reg->idle_out++;
    }
}

static void on_report(struct wbh_ledger *ledger, const struct sim_event *event) {
    struct wbh_reg *reg = wbh_ledger_reg_make(ledger, event->registration);
    uint32_t events = (uint32_t)event->a;
    ledger->report_fresh = events & ~reg->seen;
    reg->seen |= events;
    reg->token = event->b;
    reg->has_token = true;
    reg->report_step = event->step;
    reg->report_events = events;
    count_idle(ledger, reg, events);
    if ((reg->mask & WB_EPOLLONESHOT) != 0) {
        reg->disarmed = true;
    }
    if ((events & WBH_IN_BITS) != 0) {
        reg->in_report_step = event->step;
        reg->in_report_time_ns = event->time_ns;
        reg->reads_since_in = 0;
        reg->bytes_since_in = 0;
        reg->would_block_since_in = false;
        if ((reg->mask & (WB_EPOLLET | WB_EPOLLONESHOT)) != 0) {
            list_undrained(ledger, reg);
        }
    }
    if ((events & WB_EPOLLOUT) != 0) {
        reg->out_report_step = event->step;
    }
    ledger->batch = wbh_grow(
        ledger->batch, &ledger->batch_capacity, ledger->batch_count + 1, sizeof(*ledger->batch));
    ledger->batch[ledger->batch_count++] =
        (struct wbh_batch_event){event->registration, event->b, false};
}

static void on_arrive(struct wbh_ledger *ledger, const struct sim_event *event) {
    /* Whether there is room for a datagram is a matter of timing, and whether a link carries it is
     * the scenario's: its loss is nobody's fault. */
    if ((event->b & SIM_ARRIVE_LOST) != 0) {
        ledger->failing = true;
        if (event->subject != WBH_SUBJECT_NONE) {
            wbh_ledger_conn_make(ledger, event->subject)->flags |= WBH_CONN_FAULTED;
        }
        return;
    }
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn != NULL && (event->b & SIM_ARRIVE_RST) != 0) {
        conn->flags |= WBH_CONN_RESET;
    }
}

static void on_failing_fault(struct wbh_ledger *ledger, const struct wbh_decision *decision) {
    ledger->failing = true;
    switch ((enum wbh_point)decision->point) {
    case WBH_POINT_ALLOC:
    case WBH_POINT_OPEN:
    case WBH_POINT_REGISTER:
    case WBH_POINT_RESOLVE: /* whom it does not find it cannot serve */
    case WBH_POINT_FILE_READ:
    case WBH_POINT_FILE_WRITE:
    case WBH_POINT_THREAD:
        ledger->starved = true;
        break;
    case WBH_POINT_ACCEPT:
        ledger->accept_aborted |= decision->value == ECONNABORTED;
        break;
    case WBH_POINT_RECV:
    case WBH_POINT_SEND:
    case WBH_POINT_CONNECT:
    case WBH_POINT_INBOUND:
    case WBH_POINT_OUTBOUND:
    case WBH_POINT_STEP:
    case WBH_POINT_WAIT:
    case WBH_POINT_CLOCK:
    case WBH_POINT_RUN:
    case WBH_POINT_SWITCH:
    case WBH_POINT_ROUSE:
    case WBH_POINT_PARK:
    case WBH_POINT_COUNT:
        break;
    }
    if (wbh_point_is_per_connection((enum wbh_point)decision->point)
        && decision->subject != WBH_SUBJECT_NONE) {
        wbh_ledger_conn_make(ledger, decision->subject)->flags |= WBH_CONN_FAULTED;
    }
}

static void on_fault(struct wbh_ledger *ledger, const struct sim_event *event) {
    const struct wbh_decision *decision = event->decision;
    if (decision->action == WBH_ACTION_ERROR) {
        ledger->injected_step = event->step;
        ledger->injected_errno = (int)decision->value;
    }
    if (decision->legality == WBH_LEGALITY_FAILING) {
        on_failing_fault(ledger, decision);
    }
}

static void on_discard(struct wbh_ledger *ledger, int fd, uint64_t len) {
    struct wbh_conn *conn = wbh_ledger_conn_of_fd(ledger, fd);
    if (conn != NULL) {
        conn->discarded += len;
    }
}

uint32_t wbh_ledger_kinds(void) {
    return 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_REPORT
           | 1u << SIM_EVENT_ARRIVE | 1u << SIM_EVENT_PENDING | 1u << SIM_EVENT_FAULT
           | 1u << SIM_EVENT_SIGNAL | 1u << SIM_EVENT_NOTE;
}

static void begin_stopping(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (!ledger->stopping) {
        ledger->stopping_ns = event->time_ns;
    }
    ledger->stopping = true;
}

void wbh_ledger_on_event(struct wbh_ledger *ledger, const struct sim_event *event) {
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_CALL:
        on_call(ledger, event);
        break;
    case SIM_EVENT_WAIT:
        ledger->batch_count = 0;
        break;
    case SIM_EVENT_REPORT:
        on_report(ledger, event);
        break;
    case SIM_EVENT_ARRIVE:
        on_arrive(ledger, event);
        break;
    case SIM_EVENT_PENDING: {
        struct wbh_conn *conn = wbh_ledger_conn_make(ledger, event->subject);
        conn->flags |= WBH_CONN_PENDING;
        break;
    }
    case SIM_EVENT_FAULT:
        on_fault(ledger, event);
        break;
    case SIM_EVENT_SIGNAL:
        ledger->signal_step = event->step;
        begin_stopping(ledger, event);
        break;
    case SIM_EVENT_NOTE:
        wbh_tasks_on_note(&ledger->tasks, event);
        if (event->a == WB_NOTE_STOPPING) {
            begin_stopping(ledger, event);
        } else if (event->a == WB_NOTE_DISCARD) {
            on_discard(ledger, (int)event->b, (uint64_t)event->result);
        }
        break;
    case SIM_EVENT_WAKE:
    case SIM_EVENT_RELEASE:
    case SIM_EVENT_UNFIT:
    case SIM_EVENT_JUMP:
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
