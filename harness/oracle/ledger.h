/* What is known of a run so far, kept once for all oracles: connections, open files, registrations,
 * taken from the kernel's events. It judges nothing.
 *
 * Serial numbers begin at 1 in each run, so that tables indexed by them need no clearing: an entry
 * is initialised when its number first appears. Tables grow and are kept from run to run. */
#ifndef ORACLE_LEDGER_H
#define ORACLE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oracle/tasks.h"
#include "wouldblock/kernel.h"

/* Bytes in order: appended at the end, taken from the front. */
struct wbh_queue {
    uint8_t *bytes;
    size_t capacity;
    size_t head;
    size_t len;
};

void wbh_queue_append(struct wbh_queue *queue, const void *data, size_t len);
static inline const uint8_t *wbh_queue_front(const struct wbh_queue *queue) {
    static const uint8_t nothing[1];
    return queue->bytes != NULL ? queue->bytes + queue->head : nothing;
}
void wbh_queue_drop(struct wbh_queue *queue, size_t len);
/* The same at the other end. */
void wbh_queue_cut(struct wbh_queue *queue, size_t len);

/* The last of a kind of call on something. */
struct wbh_last {
    uint32_t step; /* 0: none yet */
    uint64_t time_ns;
    int64_t result;
    uint64_t asked;
};

enum {
    WBH_CONN_PENDING = 1,      /* it waited, or waits, to be accepted */
    WBH_CONN_HELD = 2,         /* the program has or had a descriptor of it */
    WBH_CONN_CLOSED = 4,       /* ... and closed the last one */
    WBH_CONN_EOF_READ = 8,     /* a read returned 0 */
    WBH_CONN_RESET = 16,       /* an RST reached either end */
    WBH_CONN_BROKEN = 32,      /* a send or a receive failed with anything but EAGAIN or EINTR */
    WBH_CONN_SHUT_WRITE = 64,  /* the program shut its sending side */
    WBH_CONN_FAULTED = 128,    /* a fault of legality FAILING hit it, or its datagrams are lost */
    WBH_CONN_DIVERGED = 256,   /* conservation has objected already */
    WBH_CONN_MESSAGES = 512,   /* a short read of it is no sign that it was the last */
    WBH_CONN_DATAGRAMS = 1024, /* it is none: what it owes are datagrams */
};

struct wbh_conn {
    uint32_t subject;
    uint32_t flags;
    int fd;
    uint32_t file;
    uint64_t read_len;
    uint64_t sent_len;
    uint64_t discarded;
    struct wbh_last read;
    struct wbh_last send;
    uint32_t close_step;   /* of the close of its last descriptor; 0: none yet */
    uint32_t talk;         /* number of what is said on it in HTTP; 0: none is */
    uint64_t log_begin;    /* BROADCAST: where in the log what it is sent begins */
    struct wbh_queue owed; /* ECHO: read and not yet sent */
};

struct wbh_reg {
    uint32_t serial;
    uint32_t subject;
    uint32_t file;
    uint32_t next_of_file; /* serial; 0: none */
    int fd;
    int epfd;
    uint32_t mask;        /* as the program set it last */
    uint32_t seen;        /* event bits ever reported */
    uint32_t ctl_step;    /* of the last ADD or MOD, */
    uint32_t dead_step;   /* of what ended it; 0: alive */
    uint32_t orphan_step; /* of the close of its descriptor, which a duplicate survived; 0: none */
    bool disarmed;        /* one-shot, reported since it was last armed */
    bool undrained;       /* edge or one-shot, reported readable, and since then not read, or
                             accepted from, to its end */
    bool in_undrained;    /* listed in wbh_ledger.undrained */
    bool has_token;
    uint64_t token;
    uint32_t report_step; /* of the last report; 0: none */
    uint32_t report_events;
    uint32_t in_report_step; /* of the last report with IN, RDHUP, HUP or ERR */
    uint64_t in_report_time_ns;
    uint32_t reads_since_in; /* successful reads since, and their bytes */
    uint64_t bytes_since_in;
    bool would_block_since_in;
    uint32_t out_report_step;
    uint32_t idle_in; /* reports in a row of one direction alone, without a matching call */
    uint32_t idle_out;
};

struct wbh_file {
    uint32_t first_reg;      /* serial; 0: none */
    struct wbh_touch reader; /* of whoever read or accepted last, if that was a task */
    bool is_eventfd;
    bool special;    /* read or written other than as a socket: an eventfd, a signalfd */
    bool is_written; /* ... and never read: the writing end of a pipe */
    bool on_disk;    /* a regular file or a directory */
    bool datagrams;  /* a socket whose messages keep their borders and may be empty */
    bool seqpackets; /* likewise, but of connections */
};

/* A call that failed with anything but EAGAIN or EINPROGRESS. */
struct wbh_failure {
    uint32_t step; /* 0: none did */
    uint8_t call;  /* enum sim_call */
    int fd;        /* -1: none */
    uint32_t subject;
    int error; /* errno */
};

/* An event of the batch that the last wait returned. */
struct wbh_batch_event {
    uint32_t registration;
    uint64_t token;
    bool dispatched;
};

struct wbh_ledger {
    struct wbh_conn *conns; /* in order of appearance */
    size_t conn_count;
    size_t conn_capacity;
    uint32_t *conn_map; /* hash of subject -> index + 1, stamped */
    uint32_t *conn_stamps;
    size_t conn_map_size; /* a power of two */
    uint32_t stamp;

    struct wbh_reg *regs; /* by serial */
    size_t reg_count;     /* serials below it are initialised */
    size_t reg_capacity;
    struct wbh_file *files; /* by serial */
    size_t file_count;
    size_t file_capacity;

    uint32_t *undrained; /* serials of registrations; see wbh_reg.in_undrained */
    size_t undrained_count;
    size_t undrained_capacity;

    struct wbh_tasks tasks;
    uint32_t acceptor_file; /* the last that a task accepted from; 0: none */

    struct wbh_batch_event *batch;
    size_t batch_count;
    size_t batch_capacity;

    uint32_t open_conns; /* held and not closed now, and the most at once */
    uint32_t most_conns;
    uint32_t report_fresh; /* bits of the current REPORT never seen on that registration before */
    struct wbh_failure failure;  /* of the last call that failed */
    uint32_t injected_step;      /* call whose error was injected, */
    int injected_errno;          /* ... with this errno */
    uint32_t accept_failed_step; /* last accept that failed for want of resources without a fault */
    uint32_t close_step;
    uint32_t signal_step;
    bool stopping;        /* WB_NOTE_STOPPING, or a signal was sent */
    uint64_t stopping_ns; /* since when */
    bool threads;         /* the program made a thread */
    bool dialled;         /* the program tried to connect */
    bool starved; /* memory, descriptors or registrations were refused: it may give up anything */
    bool name_taken;     /* a bind found somebody else at its address */
    bool accept_aborted; /* a fault dropped a connection that waited to be accepted */
    bool failing;        /* any fault of legality FAILING, or a datagram lost in a full queue or
                            on a link */
};

void wbh_ledger_begin(struct wbh_ledger *ledger);
/* After begin: of the `known_count` connections that were known before, those that a fault has hit
 * are known as such again. */
void wbh_ledger_recall_faulted(struct wbh_ledger *ledger, size_t known_count);
void wbh_ledger_clean_up(struct wbh_ledger *ledger);
/* Kinds it must be shown, as bits of enum sim_event_kind. */
uint32_t wbh_ledger_kinds(void);
void wbh_ledger_on_event(struct wbh_ledger *ledger, const struct sim_event *event);

/* NULL: never heard of it. */
struct wbh_conn *wbh_ledger_conn(struct wbh_ledger *ledger, uint32_t subject);
/* The one that the program holds under that number; NULL: none. */
struct wbh_conn *wbh_ledger_conn_of_fd(struct wbh_ledger *ledger, int fd);
struct wbh_reg *wbh_ledger_reg(struct wbh_ledger *ledger, uint32_t serial);
/* Makes the connection known. Pointers stay valid until the next one is made. */
struct wbh_conn *wbh_ledger_conn_make(struct wbh_ledger *ledger, uint32_t subject);

/* The living registrations of a file: for (r = first(..); r != NULL; r = next(..)). */
struct wbh_reg *wbh_ledger_first_reg(struct wbh_ledger *ledger, uint32_t file);
struct wbh_reg *wbh_ledger_next_reg(struct wbh_ledger *ledger, struct wbh_reg *reg);

/* Make a file, a registration, known by its serial number. */
struct wbh_file *wbh_ledger_file_make(struct wbh_ledger *ledger, uint32_t serial);
struct wbh_reg *wbh_ledger_reg_make(struct wbh_ledger *ledger, uint32_t serial);

bool wbh_ledger_has_datagrams(const struct wbh_ledger *ledger, uint32_t file);
/* The writing end of a pipe. */
static inline bool wbh_ledger_is_written(const struct wbh_ledger *ledger, uint32_t file) {
    return file < ledger->file_count && ledger->files[file].is_written;
}
bool wbh_ledger_is_on_disk(const struct wbh_ledger *ledger, uint32_t file);

/* realloc for tables that must not fail: the host's want of memory is no verdict. */
void *wbh_grow(void *table, size_t *capacity, size_t needed, size_t element_size);

#define WBH_IN_BITS (WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLHUP | WB_EPOLLERR)

#endif
