/* See shared.h. */
#include "http/server/shared.h"

enum wb_status wb__http_shared_new(const struct wb_sys *sys,
    const struct wb_http_server_options *options, struct wb__http_shared **out_shared) {
    struct wb__http_shared *shared = WB_SYS(sys, alloc, sizeof(*shared));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__http_shared){
        .sys = sys,
        .references = 1,
        .h1 = options->h1,
        .on_error = options->on_error,
        .user_data = options->user_data,
    };
    wb__lock_init(&shared->lock, sys);
    *out_shared = shared;
    return WB_OK;
}

/* Who holds the last reference is alone. */
void wb__http_shared_release(struct wb__http_shared *shared) {
    wb__lock_enter(&shared->lock);
    const bool is_last = --shared->references == 0;
    wb__lock_leave(&shared->lock);
    if (is_last) {
        wb_task_waker_drop(&shared->server);
        wb__lock_clean_up(&shared->lock);
        WB_SYS(shared->sys, free, shared, sizeof(*shared));
    }
}

/* ---- connections ---- */

void wb__http_count_in(struct wb__http_shared *shared) {
    wb__lock_enter(&shared->lock);
    shared->references++;
    shared->figures.connections_now++;
    shared->figures.connections++;
    wb__lock_leave(&shared->lock);
}

/* Wakers may be woken under a lock: that runs nothing. */
void wb__http_count_out(struct wb__http_shared *shared) {
    wb__lock_enter(&shared->lock);
    shared->figures.connections_now--;
    shared->ended++;
    if (shared->server_awaits_end) {
        wb_task_waker_wake(&shared->server);
    }
    wb__lock_leave(&shared->lock);
    wb__http_shared_release(shared);
}

void wb__http_join(struct wb__http_shared *shared, struct wb__http_member *member,
    const struct wb_task_waker *waker) {
    member->waker = wb_task_waker_clone(waker);
    member->prev = NULL;
    wb__lock_enter(&shared->lock);
    member->next = shared->members;
    if (member->next != NULL) {
        member->next->prev = member;
    }
    shared->members = member;
    wb__lock_leave(&shared->lock);
}

static uint64_t requests_of(struct wb__http_member *member) {
    return atomic_load_explicit(&member->requests, memory_order_relaxed);
}

void wb__http_leave(struct wb__http_shared *shared, struct wb__http_member *member) {
    wb__lock_enter(&shared->lock);
    *(member->prev != NULL ? &member->prev->next : &shared->members) = member->next;
    if (member->next != NULL) {
        member->next->prev = member->prev;
    }
    shared->figures.requests += requests_of(member);
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&member->waker);
}

/* ---- the server ---- */

struct wb__http_counts wb__http_attend(
    struct wb__http_shared *shared, const struct wb_task_waker *waker, bool awaits_end) {
    struct wb_task_waker replaced = wb_task_waker_clone(waker);
    wb__lock_enter(&shared->lock);
    const struct wb_task_waker next = replaced;
    replaced = shared->server;
    shared->server = next;
    shared->server_awaits_end = awaits_end;
    const struct wb__http_counts counts = {shared->ended, shared->figures.connections_now};
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&replaced);
    return counts;
}

void wb__http_advance(struct wb__http_shared *shared, enum wb__http_phase phase) {
    wb__lock_enter(&shared->lock);
    if (wb__http_phase_of(shared) < phase) {
        wb_sys_interleave(shared->sys, &shared->phase);
        atomic_store_explicit(&shared->phase, phase, memory_order_release);
        for (struct wb__http_member *it = shared->members; it != NULL; it = it->next) {
            wb_task_waker_wake(&it->waker);
        }
        wb_task_waker_wake(&shared->server);
    }
    wb__lock_leave(&shared->lock);
}

/* ---- figures ---- */

void wb__http_count_refusal(struct wb__http_shared *shared) {
    wb__lock_enter(&shared->lock);
    shared->figures.refusals++;
    wb__lock_leave(&shared->lock);
}

void wb__http_figures(struct wb__http_shared *shared, struct wb_http_server_figures *out_figures) {
    wb__lock_enter(&shared->lock);
    *out_figures = shared->figures;
    for (struct wb__http_member *it = shared->members; it != NULL; it = it->next) {
        out_figures->requests += requests_of(it);
    }
    wb__lock_leave(&shared->lock);
}

void wb__http_report(struct wb__http_shared *shared, const struct wb_http_connection *connection,
    const struct wb_http_error *error) {
    wb__lock_enter(&shared->lock);
    shared->figures.errors++;
    wb__lock_leave(&shared->lock);
    if (shared->on_error != NULL) {
        shared->on_error(connection, error, shared->user_data);
    }
}
