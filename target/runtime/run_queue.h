/* Queues of tasks that are to run. A worker has a local queue for each priority, which others may
 * steal from; all workers share one queue for each priority, where tasks arrive that were woken or
 * spawned by threads that are no workers, or by workers of the other kind.
 *
 * Tasks are linked by their own link, so that no queue allocates and none is ever full: a task is
 * in one queue at most. */
#ifndef WB_RUNTIME_RUN_QUEUE_H
#define WB_RUNTIME_RUN_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/lock.h"
#include "runtime/task_state.h"

/* ---- a list ---- */

/* First in, first out; all zero: empty. Thread: one at a time. */
struct wb__task_list {
    struct wb_task *head;
    struct wb_task *tail;
    uint64_t len;
};

static inline void wb__task_list_push(struct wb__task_list *list, struct wb_task *task) {
    task->link = NULL;
    *(list->head == NULL ? &list->head : &list->tail->link) = task;
    list->tail = task;
    list->len++;
}

static inline struct wb_task *wb__task_list_pop(struct wb__task_list *list) {
    struct wb_task *task = list->head;
    if (task != NULL) {
        list->head = task->link;
        list->len--;
    }
    return task;
}

/* `from` is empty afterwards. */
void wb__task_list_append(struct wb__task_list *list, struct wb__task_list *from);

/* ---- the local queue ---- */

enum { WB__RING_LEN = 256 };

/* Of the only worker of a runtime it is a list, of one among several a ring: the owner puts in at
 * the tail; whoever takes out, the owner or a thief, moves the head with a compare-and-swap. */
struct wb__local_queue {
    struct wb__task_list list;
    _Atomic uint64_t list_len; /* its length, for others */
    _Atomic uint32_t head;
    _Atomic uint32_t tail;
    struct wb_task *_Atomic slots[WB__RING_LEN]; /* anything but from head to tail */
};

static inline struct wb_task *_Atomic *wb__ring_slot(struct wb__local_queue *queue, uint32_t at) {
    return &queue->slots[at % WB__RING_LEN];
}

/* Thread: the owner. False: the ring is full. What was put in is visible to whoever announces after
 * this that it is idle; with `keeps` perhaps only to the owner and to whoever steals, which spares
 * it a barrier. So does a third one: whoever goes idle while there are two finds those. (If both
 * are taken, run and done with at the very moment of this push, one task is missed, which the owner
 * takes next.) */
static inline bool wb__ring_push(struct wb__local_queue *queue, struct wb_task *task, bool keeps) {
    const uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    const uint32_t len = tail - atomic_load_explicit(&queue->head, memory_order_acquire);
    if (len == WB__RING_LEN) {
        return false;
    }
    atomic_store_explicit(wb__ring_slot(queue, tail), task, memory_order_relaxed);
    if (keeps || len >= 2) {
        atomic_store_explicit(&queue->tail, tail + 1, memory_order_release);
    } else {
        atomic_store_explicit(&queue->tail, tail + 1, memory_order_seq_cst);
    }
    return true;
}

/* Moves all of `from`, for which there must be room, into the ring. Thread: the owner. */
void wb__ring_fill(struct wb__local_queue *queue, struct wb__task_list *from);

/* Moves the older half to the end of `to`. Thread: the owner. */
void wb__ring_spill(
    const struct wb_sys *sys, struct wb__local_queue *queue, struct wb__task_list *to);

/* Thread: the owner. NULL: empty. */
static inline struct wb_task *wb__ring_pop(
    const struct wb_sys *sys, struct wb__local_queue *queue) {
    const uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    wb_sys_interleave(sys, queue);
    uint32_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
    while (head != tail) {
        struct wb_task *task =
            atomic_load_explicit(wb__ring_slot(queue, head), memory_order_relaxed);
        if (atomic_compare_exchange_weak_explicit(
                &queue->head, &head, head + 1, memory_order_acq_rel, memory_order_acquire)) {
            return task;
        }
    }
    return NULL;
}

/* Takes the older half of the tasks, at least one if there is one and no more than `max`: returns
 * the oldest and puts the others into `own`, which is empty then. NULL: there was none. Thread: the
 * owner of `own`. */
struct wb_task *wb__ring_steal(const struct wb_sys *sys, struct wb__local_queue *from,
    struct wb__local_queue *own, uint32_t max, uint32_t *out_stolen);

/* How many are in there, at about this time. Thread: any. */
static inline uint32_t wb__ring_len(struct wb__local_queue *queue) {
    const uint32_t head = atomic_load_explicit(&queue->head, memory_order_seq_cst);
    return atomic_load_explicit(&queue->tail, memory_order_seq_cst) - head;
}

/* ---- the shared queue ---- */

/* Tasks arrive on a stack, which takes one compare-and-swap, and are turned round under the lock by
 * whoever takes them. The lowest bit of the stack's head says that workers are idle: who wants to
 * push then must take the way through parking.h. */
#define WB__ARRIVALS_IDLE ((uintptr_t)1)

struct wb__shared_queue {
    atomic_uintptr_t arrivals;
    struct wb__lock lock;
    struct wb__task_list backlog; /* under the lock */
    _Atomic uint64_t backlog_len; /* its length, written under the lock, or more */
};

/* False: workers are idle, and nothing was pushed. Unless `always`. */
bool wb__shared_queue_push(
    const struct wb_sys *sys, struct wb__shared_queue *queue, struct wb_task *task, bool always);

/* Behind everything, without waking anybody. */
void wb__shared_queue_append(struct wb__shared_queue *queue, struct wb__task_list *from);

/* Moves the oldest, at most `max`, to the end of `to`. */
void wb__shared_queue_take(struct wb__shared_queue *queue, uint64_t max, struct wb__task_list *to);

/* Never true while a task is in it, nor while one is moved from the stack to the backlog. */
static inline bool wb__shared_queue_is_empty(struct wb__shared_queue *queue) {
    return (atomic_load_explicit(&queue->arrivals, memory_order_seq_cst) & ~WB__ARRIVALS_IDLE) == 0
           && atomic_load_explicit(&queue->backlog_len, memory_order_seq_cst) == 0;
}

#endif
