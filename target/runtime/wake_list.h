/* Wakers that are taken under a lock and fired without it: a wake may drop what the lock is part
 * of. */
#ifndef WB_RUNTIME_WAKE_LIST_H
#define WB_RUNTIME_WAKE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/task_waker.h"

enum { WB__WAKE_LIST_MAX = 32 };

struct wb__wake_list {
    uint32_t count;
    struct wb_task_waker wakers[WB__WAKE_LIST_MAX];
};

/* Moves the waker into the list, unless it is full. */
static inline bool wb__wake_list_take(struct wb__wake_list *list, struct wb_task_waker *waker) {
    if (wb_task_waker_is_empty(waker)) {
        return true;
    }
    if (list->count == WB__WAKE_LIST_MAX) {
        return false;
    }
    list->wakers[list->count++] = *waker;
    *waker = (struct wb_task_waker){0};
    return true;
}

static inline void wb__wake_list_fire(struct wb__wake_list *list) {
    const uint32_t count = list->count;
    list->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct wb_task_waker waker = list->wakers[i];
        wb_task_waker_fire(&waker);
    }
}

#endif
