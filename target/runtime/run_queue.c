/* Lists, rings and the shared queue. */
#include "runtime/run_queue.h"

#include <assert.h>

/* ---- list ---- */

void wb__task_list_append(struct wb__task_list *list, struct wb__task_list *from) {
    if (from->head == NULL) {
        return;
    }
    *(list->head == NULL ? &list->head : &list->tail->link) = from->head;
    list->tail = from->tail;
    list->len += from->len;
    *from = (struct wb__task_list){0};
}

/* ---- ring ---- */

void wb__ring_fill(struct wb__local_queue *queue, struct wb__task_list *from) {
    uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    assert(from->len
           <= WB__RING_LEN - (tail - atomic_load_explicit(&queue->head, memory_order_acquire)));
    for (struct wb_task *task = NULL; (task = wb__task_list_pop(from)) != NULL; tail++) {
        atomic_store_explicit(wb__ring_slot(queue, tail), task, memory_order_relaxed);
    }
    atomic_store_explicit(&queue->tail, tail, memory_order_seq_cst);
}

/* Only the owner puts tasks into slots, so what it has claimed stands there until it has read it.
 */
void wb__ring_spill(
    const struct wb_sys *sys, struct wb__local_queue *queue, struct wb__task_list *to) {
    const uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    uint32_t count;
    wb_sys_interleave(sys, queue);
    uint32_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
    do {
        count = (tail - head) / 2;
    } while (!atomic_compare_exchange_weak_explicit(
        &queue->head, &head, head + count, memory_order_acq_rel, memory_order_acquire));
    for (uint32_t i = 0; i < count; i++) {
        wb__task_list_push(
            to, atomic_load_explicit(wb__ring_slot(queue, head + i), memory_order_relaxed));
    }
}

/* The slots are read before they are claimed: the owner cannot have put other tasks there as long
 * as the head stands still, and if it moved the claim fails. */
struct wb_task *wb__ring_steal(const struct wb_sys *sys, struct wb__local_queue *from,
    struct wb__local_queue *own, uint32_t max, uint32_t *out_stolen) {
    const uint32_t own_tail = atomic_load_explicit(&own->tail, memory_order_relaxed);
    wb_sys_interleave(sys, from);
    uint32_t head = atomic_load_explicit(&from->head, memory_order_acquire);
    for (;;) {
        const uint32_t len = atomic_load_explicit(&from->tail, memory_order_acquire) - head;
        if (len == 0 || len > WB__RING_LEN) { /* more: the head was outdated */
            return NULL;
        }
        const uint32_t half = len - len / 2;
        const uint32_t count = half < max ? half : max;
        struct wb_task *oldest =
            atomic_load_explicit(wb__ring_slot(from, head), memory_order_relaxed);
        for (uint32_t i = 1; i < count; i++) {
            struct wb_task *task =
                atomic_load_explicit(wb__ring_slot(from, head + i), memory_order_relaxed);
            atomic_store_explicit(wb__ring_slot(own, own_tail + i - 1), task, memory_order_relaxed);
        }
        if (atomic_compare_exchange_strong_explicit(
                &from->head, &head, head + count, memory_order_acq_rel, memory_order_acquire)) {
            atomic_store_explicit(&own->tail, own_tail + count - 1, memory_order_seq_cst);
            *out_stolen = count;
            return oldest;
        }
    }
}

/* ---- shared ---- */

bool wb__shared_queue_push(
    const struct wb_sys *sys, struct wb__shared_queue *queue, struct wb_task *task, bool always) {
    wb_sys_interleave(sys, queue);
    uintptr_t head = atomic_load_explicit(&queue->arrivals, memory_order_relaxed);
    for (;;) {
        const uintptr_t idle = head & WB__ARRIVALS_IDLE;
        if (idle != 0 && !always) {
            return false;
        }
        task->link = (struct wb_task *)(head & ~WB__ARRIVALS_IDLE);
        if (atomic_compare_exchange_weak_explicit(&queue->arrivals, &head, (uintptr_t)task | idle,
                memory_order_acq_rel, memory_order_relaxed)) {
            return true;
        }
    }
}

/* Takes the stack and turns it round. Under the lock. Who asks without the lock whether the queue
 * is empty looks at the stack before the length; so that says "some" before they leave the stack.
 */
static void collect(struct wb__shared_queue *queue) {
    atomic_store_explicit(&queue->backlog_len, queue->backlog.len + 1, memory_order_relaxed);
    const uintptr_t head =
        atomic_fetch_and_explicit(&queue->arrivals, WB__ARRIVALS_IDLE, memory_order_acq_rel);
    struct wb_task *task = (struct wb_task *)(head & ~WB__ARRIVALS_IDLE);
    struct wb__task_list turned = {.tail = task};
    while (task != NULL) {
        struct wb_task *older = task->link;
        task->link = turned.head;
        turned.head = task;
        turned.len++;
        task = older;
    }
    wb__task_list_append(&queue->backlog, &turned);
}

static void tell_len(struct wb__shared_queue *queue) {
    atomic_store_explicit(&queue->backlog_len, queue->backlog.len, memory_order_seq_cst);
}

void wb__shared_queue_append(struct wb__shared_queue *queue, struct wb__task_list *from) {
    wb__lock_enter(&queue->lock);
    collect(queue);
    wb__task_list_append(&queue->backlog, from);
    wb_sys_interleave(queue->lock.sys, queue);
    tell_len(queue);
    wb__lock_leave(&queue->lock);
}

void wb__shared_queue_take(struct wb__shared_queue *queue, uint64_t max, struct wb__task_list *to) {
    wb__lock_enter(&queue->lock);
    collect(queue);
    if (queue->backlog.len <= max) {
        wb__task_list_append(to, &queue->backlog);
    } else {
        while (max-- != 0) {
            wb__task_list_push(to, wb__task_list_pop(&queue->backlog));
        }
    }
    tell_len(queue);
    wb__lock_leave(&queue->lock);
}
