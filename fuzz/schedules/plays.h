/* The programs of fuzz_runtime_threads: small ones, each about one thing that threads do to one
 * another, which look for themselves whether all was right. */
#ifndef FUZZ_SCHEDULES_PLAYS_H
#define FUZZ_SCHEDULES_PLAYS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "wb/runtime.h"
#include "wb/value.h"

#define MS UINT64_C(1000000)

/* What the options --tasks, --rounds and --room say. */
struct play {
    const struct wb_sys *sys;
    struct wb_runtime *runtime;
    uint32_t tasks;   /* 1 to PLAY_TASKS_MAX */
    uint32_t rounds;  /* 1 to PLAY_ROUNDS_MAX */
    uint32_t room;    /* 0 to PLAY_ROOM_MAX: what there is of whatever is scarce */
    bool was_refused; /* memory, when it wanted to block */
};

enum { PLAY_TASKS_MAX = 3, PLAY_ROUNDS_MAX = 3, PLAY_ROOM_MAX = 3 };

/* 0: all was right; 1: it was not; 2: the system refused something. */
typedef int (*play_fn)(struct play *play);

int play_messages(struct play *play); /* senders that give up, one receiver */
int play_answers(struct play *play);  /* an answer of another thread, and who wants it no more */
int play_permits(struct play *play);  /* a semaphore, and who waits for so long only */
int play_news(struct play *play);     /* another thread publishes, tasks watch */
int play_wakes(struct play *play);    /* another thread wakes, to the end and past it */
int play_arrivals(struct play *play); /* another thread spawns, while the runtime ends */
int play_aborts(struct play *play);   /* who is aborted may have come to an end before */
int play_jobs(struct play *play);     /* the blocking pool */

/* Values, each of which has one end. */
struct account {
    atomic_uint made;
    atomic_uint received;
    atomic_uint returned;
    atomic_uint dropped;
};

/* Whether it ends so. What was refused memory has been dropped, and says nothing. */
static inline bool ends_with(struct play *play, struct wb_future *future, enum wb_status expected) {
    const enum wb_status status = wb_runtime_block_on(play->runtime, future);
    play->was_refused = play->was_refused || status == WB_ERR_NO_MEMORY;
    return status == expected || status == WB_ERR_NO_MEMORY;
}

static inline bool account_is_even(struct account *account) {
    return atomic_load(&account->made)
           == atomic_load(&account->received) + atomic_load(&account->returned)
                  + atomic_load(&account->dropped);
}

void account_add(const struct wb_sys *sys, atomic_uint *figure);
struct wb_value_type account_type(struct account *account); /* of values that are a uint32_t */

#endif
