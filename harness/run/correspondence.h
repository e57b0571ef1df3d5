/* What the programs of a run say by datagrams: to each other, message by message, and which of them
 * a peer hears that uses the names of Unix sockets. Kept where there are several programs, so that
 * two runs of one scenario can be compared. Connections are in conversation.h.
 *
 * A socket is known by whose it is and its how-manieth for datagrams, for timing decides its number
 * and its name.
 *
 * Memory is kept from run to run. */
#ifndef RUN_CORRESPONDENCE_H
#define RUN_CORRESPONDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wouldblock/kernel.h"

/* A socket for datagrams. */
struct wbh_post {
    uint8_t process;
    uint32_t ordinal; /* among those of its process, from 0 */
};

/* One that came. */
struct wbh_letter {
    size_t begin; /* in wbh_line.bytes */
    size_t len;
    uint32_t step; /* of the call that received it */
    uint64_t time_ns;
};

/* What one socket has heard of another. */
struct wbh_line {
    struct wbh_post speaker;
    struct wbh_post hearer;
    uint32_t subject; /* of the hearer's socket, for reports; may be WBH_SUBJECT_NONE */
    uint8_t *bytes;
    size_t len;
    size_t capacity;
    struct wbh_letter *letters; /* in order */
    size_t letter_count;
    size_t letter_capacity;
};

/* Whom a peer hears on one of its sockets. */
struct wbh_voice {
    uint32_t subject;
    uint8_t process;
    bool is_several;
};

struct wbh_correspondence {
    bool is_kept;
    struct wbh_post *posts; /* in order */
    size_t post_count;
    size_t post_capacity;
    uint32_t *files; /* by serial: 0 none of these, otherwise its post + 1 */
    size_t file_count;
    size_t file_capacity;
    struct wbh_line *lines;
    size_t line_count;
    size_t line_capacity;
    struct wbh_voice *voices;
    size_t voice_count;
    size_t voice_capacity;
    uint32_t post_counts[SIM_PROCESSES_MAX];
    bool gave_up[SIM_PROCESSES_MAX]; /* it said so of something that it had read */
};

void wbh_correspondence_clean_up(struct wbh_correspondence *correspondence);
/* Begins a run. If not `is_kept` nothing is written down. */
void wbh_correspondence_begin(struct wbh_correspondence *correspondence, bool is_kept);
/* Must see CALL and NOTE events, as they happen: the kernel is asked who sent what came. */
void wbh_correspondence_on_event(struct wbh_correspondence *correspondence,
    const struct sim_kernel *kernel, const struct sim_event *event);

/* The only program that a peer hears under that subject; false: none, or several. */
bool wbh_correspondence_voice(
    const struct wbh_correspondence *correspondence, uint32_t subject, uint32_t *out_process);
/* The same two sockets in another run; NULL: they have not spoken there. */
const struct wbh_line *wbh_correspondence_line(
    const struct wbh_correspondence *correspondence, const struct wbh_line *like);

#endif
