/* What a future that waits for another task has in it: a place in a queue, so that neither waiting
 * nor waking allocates. Public only because those futures lie in their user's memory; the fields
 * are private, and under the lock of what is waited for unless it says otherwise. */
#ifndef WB_WAITER_H
#define WB_WAITER_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/task_waker.h"

struct wb__wait_link {
    struct wb__wait_link *prev; /* NULL: in no queue */
    struct wb__wait_link *next;
};

/* First in, first out. A ring with the queue itself in it, so that a waiter can leave without
 * knowing where it is: what has one must not be moved. */
struct wb__wait_queue {
    struct wb__wait_link ends;
};

struct wb__waiter {
    struct wb__wait_link link;
    struct wb_task_waker waker; /* of the latest poll */
    uint32_t wanted;            /* how much, where that means anything */
    bool is_served;             /* it was given what it waits for, and has not been polled since */
    bool is_waiting; /* the future's own: it may be in a queue, or was taken out by somebody */
};

#endif
