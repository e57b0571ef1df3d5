/* The timeline: a trace told as a story, one line for each thing that happened.
 *
 * Built once from a run's trace, then printed for people or written as JSON. It holds its own
 * strings: the trace may go. */
#ifndef WBH_REPORT_TIMELINE_H
#define WBH_REPORT_TIMELINE_H

#include "report/text.h"
#include "wouldblock/run.h"

enum wbh_who {
    WBH_WHO_PROGRAM,
    WBH_WHO_WAIT,
    WBH_WHO_PEER,
    WBH_WHO_NETWORK,
    WBH_WHO_KERNEL,
    WBH_WHO_FAULT,
    WBH_WHO_FINDING,
    WBH_WHO_COUNT
};

struct wbh_timeline_entry {
    uint64_t time_ns;
    uint64_t bytes; /* that were moved; 0 if that is not the point */
    size_t who;     /* offset of a string in `strings` */
    size_t text;    /* offset of a string in `strings` */
    uint32_t step;  /* number of the system call; 0: none yet */
    uint32_t subject;
    uint8_t kind;      /* enum wbh_who */
    uint8_t event;     /* enum sim_event_kind; SIM_EVENT_KIND_COUNT for findings */
    uint8_t call;      /* enum sim_call */
    uint8_t is_detail; /* clock reads, allocations and the like: for --verbose */
};

/* All zero is an empty timeline. */
struct wbh_timeline {
    struct wbh_timeline_entry *entries;
    size_t entry_count;
    size_t entry_capacity;
    struct wbh_text strings; /* NUL-separated */
    size_t excerpt_len;      /* how many bytes of data a line shows */
};

enum { WBH_EXCERPT_LEN = 40 };

/* Tells the trace, with the result's findings at their times. Returns 0, or -1 when there is no
 * memory; the timeline must be cleaned up in both cases. */
int wbh_timeline_build(struct wbh_timeline *timeline, const struct wbh_scenario *scenario,
    const struct wbh_trace *trace, const struct wbh_result *result);
void wbh_timeline_clean_up(struct wbh_timeline *timeline);

static inline const char *wbh_timeline_string(const struct wbh_timeline *timeline, size_t offset) {
    return timeline->strings.bytes + offset;
}

enum {
    WBH_PRINT_COLOUR = 1,
    WBH_PRINT_VERBOSE = 2, /* every entry, nothing folded or left out */
};

/* Prints the lines, repetitions folded into one remark and, past `lines_max` (0: no bound), the
 * middle left out with a remark; both remarks tell how many lines they stand for. */
void wbh_timeline_print(
    const struct wbh_timeline *timeline, unsigned flags, size_t lines_max, struct wbh_text *out);

const char *wbh_who_name(enum wbh_who who);

#endif
