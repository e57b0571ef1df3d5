/* What peers see: the bytes, ends and errors that come to them, read at once, slowly or not at all.
 */
#include "run/stage.h"

#include <errno.h>

static void read_slowly_now(void *user_data);

void wbh_actor_open_scene(struct wbh_actor *actor, uint32_t subject, uint32_t program) {
    actor->scenes = wbh_grow(
        actor->scenes, &actor->scene_capacity, actor->scene_count + 1, sizeof(*actor->scenes));
    actor->scenes[actor->scene_count++] =
        (struct wbh_scene){.subject = subject, .program = program, .begin = actor->received_len};
    actor->established = false;
    actor->refused = false;
    actor->reset_seen = false;
    actor->reading = WBH_READING_ON;
    actor->consumed = actor->received_len;
    actor->wire_len = 0;
    actor->response_count = 0;
}

static bool is_refusal(int error) {
    return error != ECONNRESET && error != EPIPE;
}

void wbh_actor_saw_error(struct wbh_actor *actor, int error) {
    struct wbh_scene *scene = wbh_actor_scene(actor);
    if (!actor->established && is_refusal(error)) {
        actor->refused = true;
        scene->end = WBH_END_REFUSED;
        return;
    }
    actor->established = true;
    actor->reset_seen = true;
    scene->end = WBH_END_RESET;
}

static void saw_bytes(struct wbh_actor *actor, size_t len) {
    actor->received_len += len;
    wbh_actor_scene(actor)->len += len;
    actor->stage->progress_ns = sim_kernel_now(actor->stage->kernel);
}

/* Reads up to `limit` bytes; false when there is nothing more now, or ever. */
static bool read_some(struct wbh_actor *actor, size_t limit) {
    enum { READ_MAX = 16384 };
    size_t len = limit < READ_MAX ? limit : READ_MAX;
    actor->received =
        wbh_grow(actor->received, &actor->received_capacity, actor->received_len + len, 1);
    int64_t n = wbh_actor_socket_recv(actor, actor->received + actor->received_len, len);
    if (n > 0) {
        saw_bytes(actor, (size_t)n);
        return true;
    }
    if (n == 0) {
        wbh_actor_scene(actor)->end = WBH_END_EOF;
    } else if (n != -EAGAIN) {
        wbh_actor_saw_error(actor, (int)-n);
    }
    return false;
}

static void plan_slow_read(struct wbh_actor *actor) {
    if (actor->slow_scheduled || (wbh_actor_socket_poll(actor) & WB_EPOLLIN) == 0) {
        return;
    }
    actor->slow_scheduled = true;
    sim_schedule(actor->stage->kernel, sim_kernel_now(actor->stage->kernel) + actor->slow_ns,
        read_slowly_now, actor);
}

static void read_slowly_now(void *user_data) {
    struct wbh_actor *actor = user_data;
    actor->slow_scheduled = false;
    if (!wbh_actor_has_stream(actor) || actor->reading != WBH_READING_SLOWLY
        || wbh_actor_scene(actor)->end != WBH_END_OPEN) {
        return;
    }
    if (read_some(actor, actor->slow_len)) {
        plan_slow_read(actor);
    }
    wbh_actor_run(actor);
}

static void check_connected(struct wbh_actor *actor) {
    uint32_t state = wbh_actor_socket_poll(actor);
    if ((state & WB_EPOLLERR) != 0) {
        wbh_actor_saw_error(actor, wbh_actor_socket_error(actor));
    } else if ((state & WB_EPOLLOUT) != 0 && (state & WB_EPOLLHUP) == 0) {
        actor->established = true;
    }
}

static void read_as_told(struct wbh_actor *actor) {
    switch ((enum wbh_reading)actor->reading) {
    case WBH_READING_ON:
        while (read_some(actor, SIZE_MAX)) {
        }
        break;
    case WBH_READING_SLOWLY:
        plan_slow_read(actor);
        break;
    case WBH_READING_STOPPED:
        break;
    }
}

/* Takes in what has changed at the endpoint. */
void wbh_actor_look(struct wbh_actor *actor) {
    if (!wbh_actor_has_stream(actor) || actor->stage->frozen) {
        return;
    }
    if (!actor->established && actor->endpoint != NULL) {
        check_connected(actor);
    }
    const struct wbh_scene *scene = wbh_actor_scene(actor);
    if (actor->established && scene->end == WBH_END_OPEN) {
        read_as_told(actor);
    }
    /* Unread bytes come before the error, unless nobody is going to read them. */
    if (!actor->reset_seen && actor->established
        && (scene->end == WBH_END_EOF || actor->reading == WBH_READING_STOPPED)
        && (wbh_actor_socket_poll(actor) & WB_EPOLLERR) != 0) {
        (void)wbh_actor_socket_error(actor);
        actor->reset_seen = true;
        wbh_actor_scene(actor)->end = WBH_END_RESET;
    }
}

void wbh_actor_on_change(void *user_data, struct sim_endpoint *endpoint) {
    struct wbh_actor *actor = user_data;
    if (endpoint != actor->endpoint) {
        return;
    }
    wbh_actor_look(actor);
    wbh_actor_run(actor);
}
