/* What the programs of a run read of each other: for each of their connections the bytes and the
 * end, at both ends. Kept where there are several programs, so that two runs of one scenario can be
 * compared; what peers saw the stage keeps.
 *
 * Who runs first numbers the connections, so that their subjects are no names that two runs have in
 * common: a connection is known by who made it and its how-manieth it was.
 *
 * Memory is kept from run to run. Sockets of datagrams are in correspondence.h. */
#ifndef RUN_CONVERSATION_H
#define RUN_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wouldblock/kernel.h"

/* A socket that a program connected. */
struct wbh_dial {
    uint8_t process;
    uint32_t ordinal; /* among those of its process, from 0 */
    uint32_t subject; /* WBH_SUBJECT_NONE: it never reached anybody */
};

/* Where a call of the program ended: what came up to there had come by then. */
struct wbh_mark {
    size_t len;
    uint32_t step;
    uint64_t time_ns;
};

/* What came in at one end of a connection between programs. */
struct wbh_ear {
    uint32_t stamp; /* of the run that it is of; another one's is silence */
    bool is_held;   /* a program has that end: */
    uint8_t process;
    uint8_t end; /* enum wbh_conn_end: OPEN, EOF or RESET */
    uint8_t *bytes;
    size_t len;
    size_t capacity;
    struct wbh_mark *marks;
    size_t mark_count;
    size_t mark_capacity;
};

struct wbh_conversation {
    bool is_kept;
    bool is_closed; /* the run is being ended: what happens now does not count */
    uint32_t stamp;
    struct wbh_dial *dials; /* in order */
    size_t dial_count;
    size_t dial_capacity;
    uint32_t *files; /* by serial: 0 nothing, 1 datagrams, otherwise dial + 2 */
    size_t file_count;
    size_t file_capacity;
    struct wbh_ear *ears; /* by number of the end: the subject without WBH_SUBJECT_LOCAL */
    size_t ear_count;     /* ever used */
    size_t ear_capacity;
    uint32_t dial_counts[SIM_PROCESSES_MAX];
    /* Ended untold, killed or with a status other than 0: it may have left things unsaid. Known of
     * one program, too. */
    bool gave_up[SIM_PROCESSES_MAX];
};

void wbh_conversation_clean_up(struct wbh_conversation *conversation);
/* Begins a run. If not `is_kept` no connection is written down. */
void wbh_conversation_begin(struct wbh_conversation *conversation, bool is_kept);
/* Must see CALL events. */
void wbh_conversation_on_event(
    struct wbh_conversation *conversation, const struct sim_event *event);
void wbh_conversation_process_ended(struct wbh_conversation *conversation, unsigned process,
    enum sim_process_change how, int exit_status);

/* The connection that a program made; NULL: nobody's. */
const struct wbh_dial *wbh_conversation_dial(
    const struct wbh_conversation *conversation, uint32_t subject);
/* NULL: no program has heard anything there. */
const struct wbh_ear *wbh_conversation_ear(
    const struct wbh_conversation *conversation, uint32_t subject);

#endif
