/* The model of tasks: who is woken is polled, once, in order; who is cancelled is dropped; who
 * nobody could wake any more is cancelled. And the lines in which futures wait. */
#include "tasks/world.h"

/* ---- queues ---- */

static void enqueue(int actor) {
    struct run_queue *queue = &world.queues[actor_of(actor)->priority];
    CHECK(queue->count < QUEUE_LEN);
    queue->actors[queue->count++] = actor;
    actor_of(actor)->place = QUEUED;
}

static uint32_t position(const struct run_queue *queue, int actor) {
    uint32_t at = 0;
    while (at < queue->count && queue->actors[at] != actor) {
        at++;
    }
    return at;
}

/* One thread takes them in order. Several take them in any; and at the end they are dropped in any.
 */
static void dequeue(int actor) {
    struct run_queue *queue = &world.queues[actor_of(actor)->priority];
    const uint32_t at = position(queue, actor);
    CHECK(at < queue->count);
    CHECK(at == 0 || world.is_multi || world.has_cancelled || world.is_refused);
    queue->count--;
    memmove(
        &queue->actors[at], &queue->actors[at + 1], (queue->count - at) * sizeof(queue->actors[0]));
}

/* ---- tasks ---- */

bool task_is_alive(int actor) {
    const enum place place = actor_of(actor)->place;
    return place != NOWHERE && place != ENDED;
}

/* With several threads, what a thread blocks on is not one of the runtime's. */
static bool counts_as_task(int actor) {
    return actor != ROOT || !world.is_multi;
}

void task_spawned(int actor, const struct wb_spawn_options *options, bool has_handle) {
    struct actor *it = actor_of(actor);
    it->priority = (uint8_t)options->priority;
    it->is_unconstrained = options->is_unconstrained;
    it->has_handle = has_handle;
    it->is_handle_over = false;
    it->has_result = false;
    it->is_woken = false;
    it->is_cancelled = false;
    it->awaited_by = -1;
    it->awaiter = -1;
    it->is_idle = false;
    it->await = NULL;
    it->body = NULL;
    it->timer = (struct timer){0};
    it->lives++;
    if (counts_as_task(actor)) {
        world.alive++;
        world.spawned++;
    }
    enqueue(actor);
}

void task_wake(int actor) {
    struct actor *it = actor_of(actor);
    if (!task_is_alive(actor) || it->is_cancelled) {
        return;
    }
    if (it->place == IDLE) {
        enqueue(actor);
    } else {
        it->is_woken = it->is_woken || it->place == POLLED;
    }
}

void task_abort(int actor) {
    struct actor *it = actor_of(actor);
    if (!task_is_alive(actor) || it->is_cancelled) {
        return;
    }
    it->is_cancelled = true;
    if (it->place == IDLE) {
        enqueue(actor);
    }
}

void task_polled(int actor) {
    struct actor *it = actor_of(actor);
    CHECK(it->place == QUEUED && !it->is_cancelled && !world.has_cancelled);
    dequeue(actor);
    it->place = POLLED;
    it->is_woken = false;
    it->budget = WB_CONTEXT_BUDGET;
    it->polls++;
}

/* Whether a waker or a handle of it exists. */
static bool is_referred_to(int actor) {
    const struct actor *it = actor_of(actor);
    bool is = it->has_handle || it->inner.line != NULL || it->cancel.line != NULL
              || it->timer.is_set || !wb_task_waker_is_empty(&it->waker);
    for (int i = 0; i < ACTORS; i++) {
        is = is || (task_is_alive(i) && actor_of(i)->awaiter == actor);
    }
    return is;
}

void task_paused(int actor) {
    struct actor *it = actor_of(actor);
    if (it->is_cancelled) {
        it->place = LEAVING;
    } else if (it->is_woken) {
        enqueue(actor);
    } else {
        it->place = is_referred_to(actor) ? IDLE : LEAVING;
    }
}

void task_lost_reference(int actor) {
    if (actor_of(actor)->place == IDLE && !is_referred_to(actor)) {
        task_abort(actor);
    }
}

/* At the end of the runtime those that have not ended are cancelled, after the time to drain. */
static void check_cancelled_by_shutdown(void) {
    CHECK(world.is_shutting_down);
    CHECK(sim_kernel_now(world.kernel) >= world.drain_until_ns);
    world.has_cancelled = true;
}

void task_leaves(int actor) {
    struct actor *it = actor_of(actor);
    CHECK(task_is_alive(actor));
    CHECK(it->place != POLLED);
    if (it->place != LEAVING && !it->is_cancelled && !world.is_refused) {
        check_cancelled_by_shutdown();
    }
    if (it->place == QUEUED) {
        dequeue(actor);
    } else if (it->place == IDLE) {
        CHECK(world.has_cancelled);
    }
    it->place = LEAVING;
}

void task_ended(int actor, bool has_result, enum wb_status status) {
    struct actor *it = actor_of(actor);
    const int awaiter = it->awaiter;
    it->has_result = has_result;
    it->result = has_result ? status : WB_ERR_CANCELLED;
    it->place = ENDED;
    it->body = NULL;
    it->awaiter = -1;
    if (counts_as_task(actor)) {
        world.alive--;
        world.spawned -= world.is_refused ? 1 : 0;
        world.ended += world.is_refused ? 0 : 1;
    }
    if (awaiter >= 0) {
        task_wake(awaiter);
    }
}

/* ---- lines ---- */

void line_enter(struct line *line, struct wait *wait) {
    wait->is_waiting = true;
    if (wait->line == NULL) {
        CHECK(line->count < QUEUE_LEN);
        line->waits[line->count++] = wait;
        wait->line = line;
        wait->is_served = false;
    }
}

void line_leave(struct wait *wait) {
    struct line *line = wait->line;
    if (line == NULL) {
        return;
    }
    uint32_t at = 0;
    while (line->waits[at] != wait) {
        at++;
    }
    line->count--;
    memmove(&line->waits[at], &line->waits[at + 1], (line->count - at) * sizeof(line->waits[0]));
    wait->line = NULL;
}

void line_serve(struct line *line) {
    struct wait *first = line->waits[0];
    line_leave(first);
    first->is_served = true;
    task_wake(first->actor);
}

void line_wake(struct line *line) {
    while (line->count != 0) {
        struct wait *first = line->waits[0];
        line_leave(first);
        task_wake(first->actor);
    }
}

void wait_settle(struct wait *wait) {
    line_leave(wait);
    wait->is_waiting = false;
    wait->is_served = false;
}

bool wait_pays(const struct wait *wait) {
    struct actor *it = actor_of(wait->actor);
    if (wait->is_waiting || it->is_unconstrained) {
        return true;
    }
    if (it->budget == 0) {
        it->is_woken = true;
        return false;
    }
    it->budget--;
    return true;
}

struct outcome wait_for(struct wait *wait, struct line *line, bool is_so) {
    if (!wait_pays(wait)) {
        return pending();
    }
    if (!is_so) {
        line_enter(line, wait);
        return pending();
    }
    wait_settle(wait);
    return over(WB_OK);
}
