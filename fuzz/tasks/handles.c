/* Spawning, and what handles and wakers are for, beside the model of tasks. */
#include "tasks/world.h"

/* ---- spawning ---- */

static enum wb_status expected_of_spawn(bool is_refused) {
    if (world.is_closed) {
        return WB_ERR_CLOSED;
    }
    if (world.alive >= world.tasks_max) {
        return WB_ERR_LIMIT;
    }
    return is_refused ? WB_ERR_NO_MEMORY : WB_OK;
}

static void drop_refused(struct body *body) {
    world.is_refused = true;
    wb_future_drop(&body->future);
    wb_future_drop(&body->future);
    world.is_refused = false;
}

/* An actor that has ended, and whose handle was given up, is another task from now on. */
void act_spawn(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    struct actor *it = actor_of(number);
    const struct wb_spawn_options options = {
        .priority = step->b % 2 == 0 ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH,
        .is_unconstrained = (step->b & 8) != 0,
    };
    const bool is_detached = (step->b & 6) == 6;
    struct body body;
    if (task_is_alive(number) || it->has_handle) {
        return;
    }
    wb_task_waker_drop(&it->waker);
    actor_make(&body, number);
    const enum wb_status status =
        wb_runtime_spawn(world.runtime, &body.future, &options, is_detached ? NULL : &it->handle);
    CHECK(status == expected_of_spawn(memory_refused()));
    if (status != WB_OK) {
        drop_refused(&body);
        return;
    }
    it->program_len = 0;
    it->is_told_to_end = false;
    task_spawned(number, &options, !is_detached);
}

/* ---- handles ---- */

void act_abort(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    if (actor_of(number)->has_handle) {
        wb_join_handle_abort(&actor_of(number)->handle);
        task_abort(number);
    }
}

static void handle_gone(int actor) {
    struct actor *it = actor_of(actor);
    const int awaiter = it->awaiter;
    it->has_handle = false;
    it->awaiter = -1;
    CHECK(it->place != ENDED || !it->has_output);
    if (awaiter >= 0) {
        task_lost_reference(awaiter);
    }
    task_lost_reference(actor);
}

void handle_cancelled(int actor) {
    if (actor_of(actor)->has_handle) {
        task_abort(actor);
        handle_gone(actor);
    }
}

/* By one of its two names, and a second time, which does nothing. */
static void give_up(int actor, bool cancels) {
    struct wb_join_handle *handle = &actor_of(actor)->handle;
    world.giving_up = actor;
    if (cancels) {
        wb_join_handle_cancel(handle);
        task_abort(actor);
    } else {
        wb_join_handle_detach(handle);
    }
    world.giving_up = -1;
    handle_gone(actor);
    wb_join_handle_cancel(handle);
    wb_join_handle_detach(handle);
    wb_future_drop(&handle->future);
}

void act_give_up(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    if (actor_of(number)->has_handle && actor_of(number)->awaited_by < 0) {
        give_up(number, step->b % 2 == 0);
    }
}

void act_look_at_handle(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    struct actor *it = actor_of(number);
    if (!it->has_handle || it->awaited_by >= 0) {
        return;
    }
    CHECK(wb_join_handle_is_finished(&it->handle) == (it->place == ENDED));
    if (step->b % 2 != 0) {
        return;
    }
    struct wb_future *future = wb_join_handle_take_output(&it->handle);
    CHECK((future != NULL) == (it->place == ENDED && it->has_output));
    if (future != NULL) {
        value_end(WB_FUTURE_OF(future, struct body, future)->output);
        it->has_output = false;
        CHECK(wb_join_handle_take_output(&it->handle) == NULL);
    }
}

/* ---- wakers ---- */

/* Any number of times is one poll; of one that has ended it is none. */
void act_wake(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    struct wb_task_waker *waker = &actor_of(number)->waker;
    if (wb_task_waker_is_empty(waker)) {
        return;
    }
    struct wb_task_waker clone = wb_task_waker_clone(waker);
    for (int i = 0; i <= step->b % 3; i++) {
        wb_task_waker_wake(waker);
    }
    wb_task_waker_fire(&clone);
    task_wake(number);
}

void act_drop_waker(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    struct actor *it = actor_of(number);
    if (wb_task_waker_is_empty(&it->waker)) {
        return;
    }
    if (step->b % 2 == 0) {
        wb_task_waker_fire(&it->waker);
        task_wake(number);
    } else {
        wb_task_waker_drop(&it->waker);
    }
    task_lost_reference(number);
}

void act_end(int actor, const struct step *step) {
    (void)actor;
    const int number = step->a % TASKS;
    struct actor *it = actor_of(number);
    if (!task_is_alive(number) || it->is_told_to_end) {
        return;
    }
    it->is_told_to_end = true;
    it->end_status = step->b % 2 == 0 ? WB_OK : WB_ERR_OS;
    actor_rouse(number);
}

/* ---- from within ---- */

/* What a task must not do is refused. */
void act_nested(int actor, const struct step *step) {
    (void)step;
    if (actor == DIRECTOR) {
        return;
    }
    struct wb_done done;
    wb_done_init(&done, WB_OK);
    CHECK(wb_runtime_block_on(world.runtime, &done.future) == WB_ERR_NESTED);
    CHECK(wb_runtime_shutdown(world.runtime, 0) == WB_ERR_NESTED);
    CHECK(wb_runtime_turn(world.runtime, 0) == (world.is_multi ? WB_ERR_INVALID : WB_ERR_NESTED));
}

/* ---- the end ---- */

void handles_close(void) {
    for (int i = 0; i < TASKS; i++) {
        if (actor_of(i)->has_handle) {
            CHECK(actor_of(i)->awaited_by < 0);
            give_up(i, i % 2 == 0);
        }
        wb_task_waker_drop(&actor_of(i)->waker);
    }
}
