/* The tables of the ledger. What events do to them is in ledger_event.c. */
#include "oracle/ledger.h"

#include <assert.h>
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

void wbh_queue_cut(struct wbh_queue *queue, size_t len) {
    assert(len <= queue->len);
    queue->len -= len;
}

/* ---- connections ---- */

static size_t map_slot(const struct wbh_ledger *ledger, uint32_t subject) {
    return (size_t)(subject * UINT32_C(2654435761) >> 7) & (ledger->conn_map_size - 1);
}

struct wbh_conn *wbh_ledger_conn_of_fd(struct wbh_ledger *ledger, int fd) {
    for (size_t i = ledger->conn_count; i-- > 0;) {
        struct wbh_conn *conn = &ledger->conns[i];
        if (conn->fd == fd && (conn->flags & (WBH_CONN_HELD | WBH_CONN_CLOSED)) == WBH_CONN_HELD) {
            return conn;
        }
    }
    return NULL;
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

struct wbh_file *wbh_ledger_file_make(struct wbh_ledger *ledger, uint32_t serial) {
    if (serial >= ledger->file_count) {
        ledger->files = wbh_grow(
            ledger->files, &ledger->file_capacity, (size_t)serial + 1, sizeof(*ledger->files));
        memset(ledger->files + ledger->file_count, 0,
            (serial + 1 - ledger->file_count) * sizeof(*ledger->files));
        ledger->file_count = (size_t)serial + 1;
    }
    return &ledger->files[serial];
}

bool wbh_ledger_is_on_disk(const struct wbh_ledger *ledger, uint32_t file) {
    return file < ledger->file_count && ledger->files[file].on_disk;
}

bool wbh_ledger_has_datagrams(const struct wbh_ledger *ledger, uint32_t file) {
    return file < ledger->file_count && ledger->files[file].datagrams;
}

struct wbh_reg *wbh_ledger_reg(struct wbh_ledger *ledger, uint32_t serial) {
    return serial != 0 && serial < ledger->reg_count ? &ledger->regs[serial] : NULL;
}

struct wbh_reg *wbh_ledger_reg_make(struct wbh_ledger *ledger, uint32_t serial) {
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

/* The first living registration from `link` on. The dead ones before it leave the chain, so that a
 * descriptor that is registered again and again is not walked past all its past. */
static struct wbh_reg *living(struct wbh_ledger *ledger, uint32_t *link) {
    while (*link != 0) {
        struct wbh_reg *reg = &ledger->regs[*link];
        if (reg->dead_step == 0) {
            return reg;
        }
        *link = reg->next_of_file;
    }
    return NULL;
}

struct wbh_reg *wbh_ledger_first_reg(struct wbh_ledger *ledger, uint32_t file) {
    return file != 0 && file < ledger->file_count ? living(ledger, &ledger->files[file].first_reg)
                                                  : NULL;
}

struct wbh_reg *wbh_ledger_next_reg(struct wbh_ledger *ledger, struct wbh_reg *reg) {
    return living(ledger, &reg->next_of_file);
}

void wbh_ledger_begin(struct wbh_ledger *ledger) {
    ledger->conn_count = 0;
    ledger->reg_count = 0;
    ledger->file_count = 0;
    ledger->undrained_count = 0;
    ledger->batch_count = 0;
    ledger->acceptor_file = 0;
    wbh_tasks_begin(&ledger->tasks);
    ledger->open_conns = 0;
    ledger->most_conns = 0;
    ledger->report_fresh = 0;
    ledger->failure = (struct wbh_failure){0};
    ledger->injected_step = 0;
    ledger->injected_errno = 0;
    ledger->accept_failed_step = 0;
    ledger->close_step = 0;
    ledger->signal_step = 0;
    ledger->stopping = false;
    ledger->threads = false;
    ledger->dialled = false;
    ledger->starved = false;
    ledger->name_taken = false;
    ledger->accept_aborted = false;
    ledger->failing = false;
    ledger->stamp++;
    if (ledger->stamp == 0) { /* after 2^32 runs an old stamp could look new */
        memset(ledger->conn_stamps, 0, ledger->conn_map_size * sizeof(*ledger->conn_stamps));
        ledger->stamp = 1;
    }
}

void wbh_ledger_recall_faulted(struct wbh_ledger *ledger, size_t known_count) {
    for (size_t i = 0; i < known_count; i++) {
        const struct wbh_conn *before = &ledger->conns[i]; /* what is made anew comes no later */
        if ((before->flags & WBH_CONN_FAULTED) != 0) {
            wbh_ledger_conn_make(ledger, before->subject)->flags |= WBH_CONN_FAULTED;
        }
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
    wbh_tasks_clean_up(&ledger->tasks);
    memset(ledger, 0, sizeof(*ledger));
}
