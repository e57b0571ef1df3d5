#include "oracle/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *wbh_grow(void *table, size_t *capacity, size_t needed, size_t element_size) {
    if (needed <= *capacity) {
        return table;
    }
    size_t larger = *capacity == 0 ? 16 : *capacity;
    while (larger < needed) {
        larger *= 2;
    }
    void *grown = realloc(table, larger * element_size);
    if (grown == NULL) {
        abort();
    }
    *capacity = larger;
    return grown;
}

void wbh_queue_append(struct wbh_queue *queue, const void *data, size_t len) {
    if (len == 0) {
        return;
    }
    if (queue->len == 0) {
        queue->head = 0;
    } else if (queue->head + queue->len + len > queue->capacity && queue->head != 0) {
        memmove(queue->bytes, queue->bytes + queue->head, queue->len);
        queue->head = 0;
    }
    queue->bytes = wbh_grow(queue->bytes, &queue->capacity, queue->head + queue->len + len, 1);
    memcpy(queue->bytes + queue->head + queue->len, data, len);
    queue->len += len;
}

void wbh_queue_drop(struct wbh_queue *queue, size_t len) {
    assert(len <= queue->len);
    queue->head += len;
    queue->len -= len;
}

/* ---- connections ---- */

static size_t map_slot(const struct wbh_ledger *ledger, uint32_t subject) {
    return (size_t)(subject * UINT32_C(2654435761) >> 7) & (ledger->conn_map_size - 1);
}

struct wbh_conn *wbh_ledger_conn(struct wbh_ledger *ledger, uint32_t subject) {
    if (subject == WBH_SUBJECT_NONE || ledger->conn_count == 0) {
        return NULL;
    }
    size_t mask = ledger->conn_map_size - 1;
    for (size_t i = map_slot(ledger, subject); ledger->conn_stamps[i] == ledger->stamp;
         i = (i + 1) & mask) {
        struct wbh_conn *conn = &ledger->conns[ledger->conn_map[i] - 1];
        if (conn->subject == subject) {
            return conn;
        }
    }
    return NULL;
}

static void map_insert(struct wbh_ledger *ledger, uint32_t subject, uint32_t index) {
    size_t mask = ledger->conn_map_size - 1;
    size_t i = map_slot(ledger, subject);
    while (ledger->conn_stamps[i] == ledger->stamp) {
        i = (i + 1) & mask;
    }
    ledger->conn_stamps[i] = ledger->stamp;
    ledger->conn_map[i] = index + 1;
}

/* At most half full. */
static void map_make_room(struct wbh_ledger *ledger) {
    if ((ledger->conn_count + 1) * 2 <= ledger->conn_map_size) {
        return;
    }
    size_t size = ledger->conn_map_size == 0 ? 64 : ledger->conn_map_size * 2;
    free(ledger->conn_map);
    free(ledger->conn_stamps);
    ledger->conn_map = calloc(size, sizeof(*ledger->conn_map));
    ledger->conn_stamps = calloc(size, sizeof(*ledger->conn_stamps));
    if (ledger->conn_map == NULL || ledger->conn_stamps == NULL) {
        abort();
    }
    ledger->conn_map_size = size;
    for (size_t i = 0; i < ledger->conn_count; i++) {
        map_insert(ledger, ledger->conns[i].subject, (uint32_t)i);
    }
}

struct wbh_conn *wbh_ledger_conn_make(struct wbh_ledger *ledger, uint32_t subject) {
    struct wbh_conn *known = wbh_ledger_conn(ledger, subject);
    if (known != NULL) {
        return known;
    }
    map_make_room(ledger);
    size_t capacity = ledger->conn_capacity;
    ledger->conns = wbh_grow(
        ledger->conns, &ledger->conn_capacity, ledger->conn_count + 1, sizeof(*ledger->conns));
    if (ledger->conn_capacity != capacity) {
        memset(ledger->conns + capacity, 0,
            (ledger->conn_capacity - capacity) * sizeof(*ledger->conns));
    }
    map_insert(ledger, subject, (uint32_t)ledger->conn_count);
    struct wbh_conn *conn = &ledger->conns[ledger->conn_count++];
    struct wbh_queue owed = conn->owed; /* its memory stays with the place in the table */
    memset(conn, 0, sizeof(*conn));
    conn->subject = subject;
    conn->fd = -1;
    conn->owed.bytes = owed.bytes;
    conn->owed.capacity = owed.capacity;
    return conn;
}

/* ---- registrations and files ---- */

static struct wbh_file *file_make(struct wbh_ledger *ledger, uint32_t serial) {
    if (serial >= ledger->file_count) {
        ledger->files = wbh_grow(
            ledger->files, &ledger->file_capacity, (size_t)serial + 1, sizeof(*ledger->files));
        memset(ledger->files + ledger->file_count, 0,
            (serial + 1 - ledger->file_count) * sizeof(*ledger->files));
        ledger->file_count = (size_t)serial + 1;
    }
    return &ledger->files[serial];
}

struct wbh_reg *wbh_ledger_reg(struct wbh_ledger *ledger, uint32_t serial) {
    return serial != 0 && serial < ledger->reg_count ? &ledger->regs[serial] : NULL;
}

static struct wbh_reg *reg_make(struct wbh_ledger *ledger, uint32_t serial) {
    if (serial >= ledger->reg_count) {
        ledger->regs = wbh_grow(
            ledger->regs, &ledger->reg_capacity, (size_t)serial + 1, sizeof(*ledger->regs));
        memset(ledger->regs + ledger->reg_count, 0,
            (serial + 1 - ledger->reg_count) * sizeof(*ledger->regs));
        ledger->reg_count = (size_t)serial + 1;
    }
    struct wbh_reg *reg = &ledger->regs[serial];
    reg->serial = serial;
    return reg;
}

static struct wbh_reg *living(struct wbh_ledger *ledger, uint32_t serial) {
    while (serial != 0) {
        struct wbh_reg *reg = &ledger->regs[serial];
        if (reg->dead_step == 0) {
            return reg;
        }
        serial = reg->next_of_file;
    }
    return NULL;
}

struct wbh_reg *wbh_ledger_first_reg(struct wbh_ledger *ledger, uint32_t file) {
    return file != 0 && file < ledger->file_count ? living(ledger, ledger->files[file].first_reg)
                                                  : NULL;
}

struct wbh_reg *wbh_ledger_next_reg(struct wbh_ledger *ledger, const struct wbh_reg *reg) {
    return living(ledger, reg->next_of_file);
}

static void file_dies(struct wbh_ledger *ledger, uint32_t file, uint32_t step) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->dead_step = step;
        reg->undrained = false;
    }
}

/* ---- events ---- */

static struct wbh_last last_of(const struct sim_event *event) {
    return (struct wbh_last){event->step, event->time_ns, event->result, event->a};
}

static bool passes_by(int64_t result) {
    return result == -EAGAIN || result == -EINTR;
}

static void reader_was_served(struct wbh_ledger *ledger, const struct sim_event *event) {
    bool drained = event->result == -EAGAIN || event->result == 0
                   || (event->result > 0 && (uint64_t)event->result < event->a);
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_in = 0;
        if (event->result == -EAGAIN) {
            reg->would_block_since_in = true;
        } else if (event->result > 0) {
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
        if (event->result == -EAGAIN) {
            reg->would_block_since_out = true;
        }
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
    if (conn == NULL || (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) != 0) {
        return;
    }
    conn->read = last_of(event);
    conn->file = event->file;
    if (event->result > 0) {
        conn->read_len += (uint64_t)event->result;
    } else if (event->result == 0 && event->a != 0) {
        conn->flags |= WBH_CONN_EOF_READ;
    } else if (event->result == -EAGAIN) {
        conn->would_block_read_step = event->step;
    } else if (event->result < 0 && !passes_by(event->result)) {
        conn->flags |= WBH_CONN_BROKEN;
    }
}

static void on_send(struct wbh_ledger *ledger, const struct sim_event *event) {
    writer_was_served(ledger, event);
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn == NULL) {
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

static bool is_shortage(int64_t result) {
    return result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS;
}

static void on_accept(struct wbh_ledger *ledger, const struct sim_event *event) {
    for (struct wbh_reg *reg = wbh_ledger_first_reg(ledger, event->file); reg != NULL;
         reg = wbh_ledger_next_reg(ledger, reg)) {
        reg->idle_in = 0;
        reg->undrained = false;
        if (event->result == -EAGAIN) {
            reg->would_block_since_in = true;
        } else if (event->result >= 0) {
            reg->reads_since_in++;
        }
    }
    if (event->result >= 0) {
        hold(ledger, (uint32_t)event->a, (int)event->result);
    } else if (is_shortage(event->result) && ledger->injected_step != event->step) {
        ledger->accept_failed_step = event->step;
    }
}

static void on_close(struct wbh_ledger *ledger, const struct sim_event *event) {
    if (event->result < 0) {
        return;
    }
    ledger->close_step = event->step;
    if (event->a != 1) {
        return;
    }
    file_dies(ledger, event->file, event->step);
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn != NULL && (conn->flags & (WBH_CONN_HELD | WBH_CONN_CLOSED)) == WBH_CONN_HELD) {
        conn->flags |= WBH_CONN_CLOSED;
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
    struct wbh_reg *reg = reg_make(ledger, event->registration);
    switch ((int)(event->a & UINT32_MAX)) {
    case WB_EPOLL_CTL_ADD: {
        struct wbh_file *file = file_make(ledger, event->file);
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

static void on_call(struct wbh_ledger *ledger, const struct sim_event *event) {
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
        if (event->subject != WBH_SUBJECT_NONE) {
            hold(ledger, event->subject, event->fd);
        }
        break;
    case SIM_CALL_LISTEN:
        ledger->listen_step = event->result == 0 ? event->step : ledger->listen_step;
        break;
    case SIM_CALL_SHUTDOWN: {
        both_were_served(ledger, event->file);
        struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
        if (conn != NULL && event->a != WB_SHUT_RD) {
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
        both_were_served(ledger, event->file);
        break;
    case SIM_CALL_ALLOC:
        ledger->starved |= event->result < 0;
        break;
    case SIM_CALL_SOCKET:
    case SIM_CALL_EPOLL_CREATE:
    case SIM_CALL_EVENTFD:
    case SIM_CALL_SIGNALFD:
    case SIM_CALL_DUP:
        ledger->starved |= is_shortage(event->result);
        break;
    case SIM_CALL_THREAD:
        ledger->threads = true;
        break;
    case SIM_CALL_NONE:
    case SIM_CALL_BIND:
    case SIM_CALL_SETSOCKOPT:
    case SIM_CALL_GETSOCKNAME:
    case SIM_CALL_FCNTL:
    case SIM_CALL_EPOLL_WAIT:
    case SIM_CALL_POLL:
    case SIM_CALL_CLOCK:
    case SIM_CALL_GETRANDOM:
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

static void count_idle(struct wbh_reg *reg, uint32_t events) {
    if ((reg->mask & (WB_EPOLLET | WB_EPOLLONESHOT)) != 0) {
        return;
    }
    if ((events & WBH_IN_BITS) != 0) {
        reg->idle_in++;
    } else {
        reg->idle_out++;
    }
}

static void on_report(struct wbh_ledger *ledger, const struct sim_event *event) {
    struct wbh_reg *reg = reg_make(ledger, event->registration);
    uint32_t events = (uint32_t)event->a;
    ledger->report_fresh = events & ~reg->seen;
    reg->seen |= events;
    reg->token = event->b;
    reg->has_token = true;
    reg->report_step = event->step;
    reg->report_time_ns = event->time_ns;
    reg->report_events = events;
    count_idle(reg, events);
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
        reg->would_block_since_out = false;
    }
    ledger->batch = wbh_grow(
        ledger->batch, &ledger->batch_capacity, ledger->batch_count + 1, sizeof(*ledger->batch));
    ledger->batch[ledger->batch_count++] =
        (struct wbh_batch_event){event->registration, event->b, false};
}

static void on_arrive(struct wbh_ledger *ledger, const struct sim_event *event) {
    enum { FIN = 1, RST = 2, TO_PROGRAM = 4 };
    if ((event->b & (FIN | RST)) == 0) {
        return;
    }
    struct wbh_conn *conn = wbh_ledger_conn(ledger, event->subject);
    if (conn == NULL) {
        return;
    }
    if ((event->b & RST) != 0) {
        conn->flags |= WBH_CONN_RESET;
    } else if ((event->b & TO_PROGRAM) != 0) {
        conn->flags |= WBH_CONN_FIN_ARRIVED;
    }
}

static void on_failing_fault(struct wbh_ledger *ledger, const struct wbh_decision *decision) {
    ledger->failing = true;
    switch ((enum wbh_point)decision->point) {
    case WBH_POINT_ALLOC:
    case WBH_POINT_OPEN:
    case WBH_POINT_REGISTER:
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
    case WBH_POINT_COUNT:
        break;
    }
    if (decision->subject != WBH_SUBJECT_NONE) {
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
    for (size_t i = ledger->conn_count; i-- > 0;) {
        struct wbh_conn *conn = &ledger->conns[i];
        if (conn->fd == fd && (conn->flags & (WBH_CONN_HELD | WBH_CONN_CLOSED)) == WBH_CONN_HELD) {
            conn->discarded += len;
            return;
        }
    }
}

uint32_t wbh_ledger_kinds(void) {
    return 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_REPORT
           | 1u << SIM_EVENT_ARRIVE | 1u << SIM_EVENT_PENDING | 1u << SIM_EVENT_FAULT
           | 1u << SIM_EVENT_SIGNAL | 1u << SIM_EVENT_NOTE;
}

void wbh_ledger_on_event(struct wbh_ledger *ledger, const struct sim_event *event) {
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_CALL:
        on_call(ledger, event);
        break;
    case SIM_EVENT_WAIT:
        ledger->waits++;
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
        ledger->stopping = true;
        break;
    case SIM_EVENT_NOTE:
        if (event->a == WB_NOTE_STOPPING) {
            ledger->stopping = true;
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
    case SIM_EVENT_KIND_COUNT:
        break;
    }
}

void wbh_ledger_begin(struct wbh_ledger *ledger) {
    ledger->conn_count = 0;
    ledger->reg_count = 0;
    ledger->file_count = 0;
    ledger->undrained_count = 0;
    ledger->batch_count = 0;
    ledger->waits = 0;
    ledger->open_conns = 0;
    ledger->most_conns = 0;
    ledger->report_fresh = 0;
    ledger->injected_step = 0;
    ledger->injected_errno = 0;
    ledger->accept_failed_step = 0;
    ledger->close_step = 0;
    ledger->signal_step = 0;
    ledger->listen_step = 0;
    ledger->stopping = false;
    ledger->threads = false;
    ledger->starved = false;
    ledger->accept_aborted = false;
    ledger->failing = false;
    ledger->stamp++;
    if (ledger->stamp == 0) { /* after 2^32 runs an old stamp could look new */
        memset(ledger->conn_stamps, 0, ledger->conn_map_size * sizeof(*ledger->conn_stamps));
        ledger->stamp = 1;
    }
}

void wbh_ledger_clean_up(struct wbh_ledger *ledger) {
    for (size_t i = 0; i < ledger->conn_capacity; i++) {
        free(ledger->conns[i].owed.bytes);
    }
    free(ledger->conns);
    free(ledger->conn_map);
    free(ledger->conn_stamps);
    free(ledger->regs);
    free(ledger->files);
    free(ledger->undrained);
    free(ledger->batch);
    memset(ledger, 0, sizeof(*ledger));
}
