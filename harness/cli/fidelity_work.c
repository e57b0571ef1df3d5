/* Worker processes of the verb `fidelity`: each compares its share of the sequences; whoever dies
 * is a difference, too. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/fidelity.h"
#include "cli/pool.h"
#include "fidelity/generate.h"
#include "fidelity/shrink.h"
#include "wb/sys_linux.h"

enum {
    DEATHS_MAX = 8,       /* then a worker is given up */
    PROGRESS_MS = 200,    /* on a terminal */
    PROGRESS_QUIET_S = 5, /* otherwise */
    UNIQUE_PER_WORKER_MAX = CLI_FIDELITY_DIFFERENCES_MAX,
};
#define NS_PER_S UINT64_C(1000000000)

/* What a worker says: a head, then three texts with their terminators. */
struct head {
    uint64_t index;
    uint64_t signature;
    uint32_t length;
    int32_t repeats;
    uint32_t text_len[3]; /* story, simulated, real */
    struct fid_ops ops;
};

/* ---- the worker ---- */

struct worker {
    const struct cli_fidelity_options *options;
    struct cli_fidelity_page *page;
    uint64_t first; /* sequence */
    uint64_t deadline_ns;
    uint64_t told[UNIQUE_PER_WORKER_MAX];
    size_t told_count;
    int results;
    struct fid_side simulated;
    struct fid_side real;
    struct fid_comparison comparison;
};

static bool is_told(struct worker *worker, uint64_t signature) {
    for (size_t i = 0; i < worker->told_count; i++) {
        if (worker->told[i] == signature) {
            return true;
        }
    }
    if (worker->told_count < UNIQUE_PER_WORKER_MAX) {
        worker->told[worker->told_count++] = signature;
    }
    return false;
}

static char *text_of_outcome(const struct fid_outcome *outcome) {
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    fid_outcome_print(outcome, out);
    fclose(out);
    return text;
}

static void tell(
    struct worker *worker, struct head *head, const struct fid_difference *difference) {
    char *texts[3] = {NULL, NULL, NULL};
    size_t len = 0;
    FILE *out = open_memstream(&texts[0], &len);
    if (out == NULL) {
        _exit(CLI_USAGE);
    }
    texts[1] = text_of_outcome(&difference->simulated);
    texts[2] = text_of_outcome(&difference->real);
    fid_difference_print(&worker->comparison, &head->ops, out);
    fclose(out);
    for (int i = 0; i < 3; i++) {
        head->text_len[i] = texts[i] == NULL ? 0 : (uint32_t)strlen(texts[i]);
    }
    int status = cli_write_all(worker->results, head, sizeof(*head));
    for (int i = 0; i < 3; i++) {
        status |= cli_write_all(worker->results, texts[i], head->text_len[i]);
        free(texts[i]);
    }
    if (status != 0) {
        _exit(CLI_USAGE); /* the parent is gone */
    }
}

/* The signature of what is left after shrinking is what counts: two ways to one difference are one.
 */
static void take_difference(struct worker *worker) {
    struct fid_comparison *comparison = &worker->comparison;
    struct head head = {.index = worker->page->index,
        .length = comparison->difference.step + 1,
        .ops = worker->page->ops};
    uint64_t rough = fid_difference_signature(comparison, &head.ops);
    const struct fid_difference seen = comparison->difference;
    if (is_told(worker, rough)) {
        return;
    }
    if (worker->options->file_count == 0) {
        head.repeats = fid_shrink(comparison, &head.ops) != 0;
    } else {
        struct fid_tally *tally = comparison->tally;
        comparison->tally = NULL;
        head.repeats = !fid_compare(comparison, &head.ops);
        comparison->tally = tally;
    }
    if (!head.repeats) {
        head.ops = worker->page->ops;
        head.ops.count = head.length;
    }
    head.signature = head.repeats ? fid_difference_signature(comparison, &head.ops) : rough;
    (void)is_told(worker, head.signature);
    tell(worker, &head, head.repeats ? &comparison->difference : &seen);
}

/* Notes what it is about to run, so that it is known if it kills the process. */
static bool compare_next(struct worker *worker, uint64_t index) {
    struct cli_fidelity_page *page = worker->page;
    const struct cli_fidelity_options *options = worker->options;
    page->index = index;
    if (options->file_count != 0) {
        page->ops = options->files[index];
        return fid_compare(&worker->comparison, &page->ops);
    }
    struct fid_generator generator;
    fid_generator_init(
        &generator, options->seed, index, (uint32_t)options->steps, &worker->comparison.limits);
    return fid_compare_generated(&worker->comparison, fid_generator_next, &generator, &page->ops);
}

static bool may_go_on(const struct worker *worker, uint64_t index) {
    const struct cli_fidelity_options *options = worker->options;
    if (atomic_load(&worker->page->stop) != 0) {
        return false;
    }
    if (options->file_count != 0) {
        return index < options->file_count;
    }
    if (options->sequences != 0 && index - options->first >= options->sequences) {
        return false;
    }
    return options->seconds == 0 || cli_now_ns() < worker->deadline_ns;
}

static void serve(void *argument, int orders, int results) {
    struct worker *worker = argument;
    (void)orders;
    (void)signal(SIGINT, SIG_IGN); /* of a terminal, which means the parent, too */
    (void)signal(SIGTERM, SIG_DFL);
    struct sim_kernel *kernel = sim_kernel_new();
    int ready = kernel == NULL ? -ENOMEM : 0;
    if (ready == 0) {
        fid_side_init_sim(&worker->simulated, kernel, wb_sim_sys(kernel));
        ready = fid_side_init_real(&worker->real, wb_sys_linux());
    }
    if (ready != 0) {
        fprintf(stderr, "fidelity: the real side: %s\n", strerror(-ready));
        _exit(CLI_USAGE);
    }
    worker->results = results;
    worker->comparison.simulated = &worker->simulated;
    worker->comparison.real = &worker->real;
    worker->comparison.tally = &worker->page->tally;
    fid_comparison_limit(&worker->comparison, worker->options->kinds, worker->page->missing);
    worker->page->limits = worker->comparison.limits;
    for (uint64_t index = worker->first; may_go_on(worker, index);
         index += worker->options->workers) {
        if (!compare_next(worker, index)) {
            take_difference(worker);
        }
    }
    fid_side_clean_up(&worker->real);
    sim_kernel_destroy(kernel);
}

/* ---- the parent ---- */

struct seat {
    struct cli_child child;
    struct worker *worker;
    uint8_t *heard; /* bytes of messages that are not whole yet */
    size_t heard_len;
    size_t heard_capacity;
    unsigned deaths;
    bool is_done;
    uint64_t seen_steps; /* at the last sign of life */
    uint64_t seen_ns;
};

static bool add_difference(
    struct cli_fidelity *fidelity, const struct cli_fidelity_difference *difference) {
    for (size_t i = 0; i < fidelity->difference_count; i++) {
        if (fidelity->differences[i].signature == difference->signature
            && difference->signature != 0 && fidelity->options->file_count == 0) {
            fidelity->repeated_count++;
            return false;
        }
    }
    if (fidelity->difference_count == CLI_FIDELITY_DIFFERENCES_MAX) {
        return false;
    }
    fidelity->differences[fidelity->difference_count++] = *difference;
    return true;
}

static void free_texts(struct cli_fidelity_difference *difference) {
    free(difference->story);
    free(difference->simulated);
    free(difference->real);
}

static char *take_text(const uint8_t **at, uint32_t len) {
    char *text = malloc((size_t)len + 1);
    if (text != NULL) {
        memcpy(text, *at, len);
        text[len] = '\0';
    }
    *at += len;
    return text;
}

/* One whole message, if there is one; the length of it, or 0. */
static size_t take_message(struct cli_fidelity *fidelity, const uint8_t *bytes, size_t len) {
    struct head head;
    if (len < sizeof(head)) {
        return 0;
    }
    memcpy(&head, bytes, sizeof(head));
    size_t whole = sizeof(head) + head.text_len[0] + (size_t)head.text_len[1] + head.text_len[2];
    if (len < whole) {
        return 0;
    }
    const uint8_t *at = bytes + sizeof(head);
    struct cli_fidelity_difference difference = {.index = head.index,
        .signature = head.signature,
        .length = head.length,
        .repeats = head.repeats,
        .ops = head.ops};
    difference.story = take_text(&at, head.text_len[0]);
    difference.simulated = take_text(&at, head.text_len[1]);
    difference.real = take_text(&at, head.text_len[2]);
    if (!add_difference(fidelity, &difference)) {
        free_texts(&difference);
    }
    return whole;
}

static void take_messages(struct cli_fidelity *fidelity, struct seat *seat) {
    size_t at = 0;
    size_t len;
    while ((len = take_message(fidelity, seat->heard + at, seat->heard_len - at)) != 0) {
        at += len;
    }
    memmove(seat->heard, seat->heard + at, seat->heard_len - at);
    seat->heard_len -= at;
}

/* True: there is more to come. */
static bool hear(struct cli_fidelity *fidelity, struct seat *seat) {
    enum { PIECE = 65536 };
    if (seat->heard_capacity - seat->heard_len < PIECE) {
        size_t capacity = seat->heard_capacity * 2 + 2 * PIECE;
        uint8_t *larger = realloc(seat->heard, capacity);
        if (larger == NULL) {
            return false;
        }
        seat->heard = larger;
        seat->heard_capacity = capacity;
    }
    ssize_t got = read(seat->child.from, seat->heard + seat->heard_len, PIECE);
    if (got > 0) {
        seat->heard_len += (size_t)got;
        take_messages(fidelity, seat);
    }
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* A death, or a worker that had to be ended, is told like a difference, with the sequence that did
 * it. */
static void take_death(struct cli_fidelity *fidelity, struct seat *seat, int wait_status) {
    struct wbh_finding finding = {0};
    struct cli_fidelity_page *page = seat->worker->page;
    cli_child_describe_death(&seat->child, wait_status, 0, &finding);
    struct cli_fidelity_difference difference = {
        .index = page->index, .length = page->ops.count, .repeats = 1, .ops = page->ops};
    difference.story = strdup(finding.text);
    difference.simulated = strdup("the process died");
    difference.real = strdup("not asked");
    if (!add_difference(fidelity, &difference)) {
        free_texts(&difference);
    }
}

static int start(struct seat *seat, const struct seat *seats, size_t seat_count) {
    int others[2 * CLI_WORKERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < seat_count; i++) {
        if (&seats[i] != seat && seats[i].child.pid != 0) {
            others[count++] = seats[i].child.to;
            others[count++] = seats[i].child.from;
        }
    }
    seat->seen_ns = cli_now_ns();
    return cli_child_start(&seat->child, serve, seat->worker, others, count);
}

/* The worker has ended, or has to. */
static void bury(struct cli_fidelity *fidelity, struct seat *seat, const struct seat *seats,
    size_t seat_count, int kill_it) {
    int status = cli_child_end(&seat->child, kill_it);
    bool died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    seat->is_done = true;
    if (died) {
        take_death(fidelity, seat, status);
    }
    cli_child_clean_up(&seat->child);
    if (died && !kill_it && ++seat->deaths < DEATHS_MAX) {
        seat->heard_len = 0;
        seat->worker->first = seat->worker->page->index + fidelity->options->workers;
        seat->is_done = start(seat, seats, seat_count) != 0;
    }
}

static bool is_stuck(struct seat *seat, uint64_t now_ns) {
    uint64_t steps = seat->worker->page->tally.steps;
    if (steps != seat->seen_steps) {
        seat->seen_steps = steps;
        seat->seen_ns = now_ns;
    }
    return now_ns - seat->seen_ns > CLI_PATIENCE * NS_PER_S * 4;
}

static void ask_to_stop(struct seat *seats, size_t count) {
    for (size_t i = 0; i < count; i++) {
        atomic_store(&seats[i].worker->page->stop, 1);
    }
}

static void show_progress(const struct cli_fidelity *fidelity, uint64_t *in_out_last_ns) {
    uint64_t now_ns = cli_now_ns();
    uint64_t every_ns = fidelity->options->shows_progress ? PROGRESS_MS * UINT64_C(1000000)
                                                          : PROGRESS_QUIET_S * NS_PER_S;
    if (now_ns - *in_out_last_ns >= every_ns) {
        *in_out_last_ns = now_ns;
        cli_fidelity_progress(fidelity);
    }
}

/* Who interrupts a long search wants to know what it has found. A second time ends it at once. */
static volatile sig_atomic_t is_interrupted;

static void note_interrupt(int signal_number) {
    (void)signal_number;
    is_interrupted = 1;
}

static void listen_for_interrupts(void) {
    struct sigaction action = {.sa_flags = (int)SA_RESETHAND};
    action.sa_handler = note_interrupt;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* Until all have ended. */
static void attend(struct cli_fidelity *fidelity, struct seat *seats, size_t count) {
    struct pollfd fds[CLI_WORKERS_MAX];
    uint64_t last_ns = fidelity->start_ns;
    for (;;) {
        size_t waiting[CLI_WORKERS_MAX];
        nfds_t open = 0;
        for (size_t i = 0; i < count; i++) {
            if (!seats[i].is_done) {
                waiting[open] = i;
                fds[open++] = (struct pollfd){.fd = seats[i].child.from, .events = POLLIN};
            }
        }
        if (open == 0) {
            return;
        }
        (void)poll(fds, open, PROGRESS_MS);
        for (nfds_t i = 0; i < open; i++) {
            struct seat *seat = &seats[waiting[i]];
            if (fds[i].revents != 0 && !hear(fidelity, seat)) {
                bury(fidelity, seat, seats, count, 0);
            } else if (is_stuck(seat, cli_now_ns())) {
                bury(fidelity, seat, seats, count, 1);
            }
        }
        if (is_interrupted || fidelity->difference_count == CLI_FIDELITY_DIFFERENCES_MAX) {
            ask_to_stop(seats, count);
        }
        show_progress(fidelity, &last_ns);
    }
}

static int compare_differences(const void *one, const void *other) {
    uint64_t a = ((const struct cli_fidelity_difference *)one)->index;
    uint64_t b = ((const struct cli_fidelity_difference *)other)->index;
    return a < b ? -1 : a > b;
}

static void finish(struct cli_fidelity *fidelity, struct seat *seats, size_t count) {
    fidelity->end_ns = cli_now_ns();
    for (size_t i = 0; i < count; i++) {
        fid_tally_add(&fidelity->tally, &fidelity->pages[i].tally);
        free(seats[i].heard);
        free(seats[i].worker);
    }
    qsort(fidelity->differences, fidelity->difference_count, sizeof(fidelity->differences[0]),
        compare_differences);
}

int cli_fidelity_work(struct cli_fidelity *fidelity) {
    const struct cli_fidelity_options *options = fidelity->options;
    size_t count = options->workers;
    struct seat *seats = calloc(count, sizeof(*seats));
    int status = seats == NULL ? cli_error("fidelity: out of memory") : CLI_OK;
    fidelity->start_ns = cli_now_ns();
    size_t started = 0;
    for (; status == CLI_OK && started < count; started++) {
        struct worker *worker = calloc(1, sizeof(*worker));
        if (worker == NULL) {
            status = cli_error("fidelity: out of memory");
            break;
        }
        *worker = (struct worker){.options = options,
            .page = &fidelity->pages[started],
            .first = options->first + started,
            .deadline_ns = fidelity->start_ns + options->seconds * NS_PER_S};
        seats[started].worker = worker;
        if (start(&seats[started], seats, started) != 0) {
            free(worker);
            status = CLI_USAGE;
            break;
        }
    }
    if (status != CLI_OK) {
        ask_to_stop(seats, started);
    }
    listen_for_interrupts();
    attend(fidelity, seats, started);
    finish(fidelity, seats, started);
    free(seats);
    return status;
}
