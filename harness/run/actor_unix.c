/* Peers that speak to Unix sockets: as another process on their host, to whatever names programs of
 * that host have bound. */
#include "run/stage.h"

#include <errno.h>
#include <string.h>

static struct sim_kernel *kernel_of(const struct wbh_actor *actor) {
    return actor->stage->kernel;
}

static const uint8_t *name_of(const struct wbh_actor *actor, const struct wbh_step *step) {
    return step->data_len != 0 ? actor->stage->scenario->data + step->data_offset : NULL;
}

/* Returns its length. A path has a NUL at its end, which counts; an abstract name has one instead
 * of the @; nothing at all is a name of the kernel's choice. */
static uint32_t address_of(
    const struct wbh_actor *actor, const struct wbh_step *step, struct wb_sockaddr *out) {
    const uint8_t *name = name_of(actor, step);
    const uint32_t path_at = offsetof(struct wb_sockaddr_un, path);
    memset(out, 0, sizeof(*out));
    out->family = WB_AF_UNIX;
    if (name == NULL) {
        return path_at;
    }
    memcpy(out->un.path, name, step->data_len);
    if (name[0] != '@') {
        return path_at + step->data_len + 1;
    }
    out->un.path[0] = '\0';
    return path_at + step->data_len;
}

static void note(const struct wbh_actor *actor, const struct wbh_step *step, int result) {
    sim_note_peer(kernel_of(actor), actor->subject, step->kind, (uint64_t)-result,
        name_of(actor, step), step->data_len);
}

/* ---- the socket ---- */

static void be_refused(struct wbh_actor *actor) {
    actor->refused = true;
    wbh_actor_scene(actor)->end = WBH_END_REFUSED;
}

/* Somebody else may have taken the place that there was. */
static void try_again(struct wbh_actor *actor) {
    int result = sim_unix_connect(actor->unix_socket, &actor->target, actor->target_len);
    actor->waits_for_room = result == -EAGAIN;
    if (result == 0) {
        actor->established = true;
    } else if (result != -EAGAIN) {
        be_refused(actor);
    }
}

static void on_change(void *user_data, struct sim_unix *socket) {
    struct wbh_actor *actor = user_data;
    if (socket != actor->unix_socket) {
        return;
    }
    if (actor->waits_for_room) {
        try_again(actor);
    }
    if (wbh_actor_has_messages(actor)) {
        wbh_actor_look_unix(actor);
    } else {
        wbh_actor_look(actor);
    }
    wbh_actor_run(actor);
}

static void use(struct wbh_actor *actor, struct sim_unix *socket, uint32_t program) {
    actor->subject = sim_unix_subject(socket);
    wbh_actor_open_scene(actor, actor->subject, program);
    actor->unix_socket = socket;
    actor->unix_type = sim_unix_type(socket);
    actor->descriptors = 0;
    sim_unix_on_change(socket, on_change, actor);
    /* An answer that found no room is tried again, or given up, when a timer says so. */
    wbh_actor_scene(actor)->datagrams = wbh_actor_has_unix_datagrams(actor);
    wbh_actor_scene(actor)->partial = wbh_actor_has_unix_datagrams(actor);
    actor->target_len = 0;
    actor->correspondent_len = 0;
    actor->keeps_correspondent = false;
    actor->unreachable = false;
    actor->lengths_begin = actor->lengths_end;
}

static void open_socket(struct wbh_actor *actor, int type) {
    wbh_actor_close(actor);
    uint32_t subject = WBH_SUBJECT(actor->index, actor->connections);
    actor->connections++;
    use(actor, sim_unix_new(kernel_of(actor), subject, actor->script->host, type, NULL, NULL),
        WBH_PROGRAM_BY_NAME);
}

void wbh_actor_bind_unix(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wb_sockaddr addr;
    uint32_t addr_len = address_of(actor, step, &addr);
    open_socket(actor, WB_SOCK_DGRAM);
    actor->ordinal = 0;
    int result = sim_unix_bind(actor->unix_socket, &addr, addr_len);
    note(actor, step, result);
    if (result != 0) { /* the name is taken; then what it sends goes nowhere */
        wbh_actor_close(actor);
    }
}

/* Whether somebody has the name is for each datagram to find out. */
void wbh_actor_address_unix(struct wbh_actor *actor, const struct wbh_step *step) {
    if (!wbh_actor_has_unix_datagrams(actor)) {
        open_socket(actor, WB_SOCK_DGRAM);
        actor->ordinal = 0;
    }
    actor->correspondent_len = address_of(actor, step, &actor->correspondent);
    actor->keeps_correspondent = true;
    note(actor, step, 0);
}

static int type_of(const struct wbh_step *step) {
    bool is_seqpacket =
        step->kind == WBH_STEP_CONNECT_SEQPACKET || step->kind == WBH_STEP_LISTEN_SEQPACKET;
    return step->kind == WBH_STEP_CONNECT_DATAGRAM ? WB_SOCK_DGRAM
           : is_seqpacket                          ? WB_SOCK_SEQPACKET
                                                   : WB_SOCK_STREAM;
}

/* A socket for datagrams that it has keeps its name, and what has come. */
void wbh_actor_connect_unix(struct wbh_actor *actor, const struct wbh_step *step) {
    bool keeps_socket =
        step->kind == WBH_STEP_CONNECT_DATAGRAM && wbh_actor_has_unix_datagrams(actor);
    if (!keeps_socket) {
        open_socket(actor, type_of(step));
    }
    actor->established = false;
    actor->refused = false;
    actor->keeps_correspondent = false;
    actor->target_len = address_of(actor, step, &actor->target);
    int result = sim_unix_connect(actor->unix_socket, &actor->target, actor->target_len);
    note(actor, step, result);
    if (result == 0) {
        actor->established = true;
    } else if (result == -EAGAIN && step->kind != WBH_STEP_EXPECT_REFUSED_UNIX) {
        actor->waits_for_room = true;
    } else if (keeps_socket) {
        actor->refused = true;
        actor->target_len = 0;
    } else {
        be_refused(actor);
    }
}

/* ---- listening ---- */

static bool listens_there(
    const struct wbh_actor *other, const struct wbh_actor *actor, const struct wbh_step *step) {
    const struct wbh_step *place = other->unix_place;
    return other->unix_listener != NULL && other->script->host == actor->script->host
           && place->kind == step->kind && place->data_len == step->data_len
           && memcmp(name_of(other, place), name_of(actor, step), step->data_len) == 0;
}

/* Of a peer that listens at the same name of its host already. */
static struct sim_unix *shared_listener(
    const struct wbh_actor *actor, const struct wbh_step *step) {
    const struct wbh_stage *stage = actor->stage;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        if (listens_there(&stage->actors[i], actor, step)) {
            return stage->actors[i].unix_listener;
        }
    }
    return NULL;
}

/* Each waiting connection goes to the actor it was assigned to. */
static void on_incoming(void *user_data, struct sim_unix *listener) {
    struct wbh_stage *stage = user_data;
    struct sim_unix *socket;
    while ((socket = sim_unix_accept(listener)) != NULL) {
        uint32_t peer = WBH_SUBJECT_PEER(sim_unix_subject(socket));
        if (peer < stage->actor_count) {
            wbh_actor_park(&stage->actors[peer], &(struct wbh_parked){.unix_socket = socket});
        }
    }
    wbh_stage_hand_out(stage);
}

static struct sim_unix *open_listener(
    struct wbh_actor *actor, const struct wbh_step *step, int *out_result) {
    enum { BACKLOG = 128 };
    struct wb_sockaddr addr;
    uint32_t addr_len = address_of(actor, step, &addr);
    struct sim_unix *listener = sim_unix_new(kernel_of(actor), WBH_SUBJECT_NONE,
        actor->script->host, type_of(step), on_incoming, actor->stage);
    *out_result = sim_unix_bind(listener, &addr, addr_len);
    if (*out_result == 0) {
        *out_result = sim_unix_listen(listener, BACKLOG);
    }
    return *out_result == 0 ? listener : NULL;
}

/* Peers share a listener as they do over TCP. Where somebody else has the name, accepting will wait
 * in vain. */
void wbh_actor_listen_unix(struct wbh_actor *actor, const struct wbh_step *step) {
    int result = 0;
    struct sim_unix *listener = shared_listener(actor, step);
    if (listener == NULL) {
        listener = open_listener(actor, step, &result);
    }
    if (listener != NULL) {
        actor->unix_listener = listener;
        actor->unix_place = step;
        actor->listener = NULL;
    }
    note(actor, step, result);
}

void wbh_actor_take_unix(struct wbh_actor *actor, const struct wbh_parked *connection) {
    use(actor, connection->unix_socket, WBH_PROGRAM_THAT_CALLED);
}

/* ---- descriptors ---- */

void wbh_actor_pass(struct wbh_actor *actor, const struct wbh_step *step) {
    uint64_t total = wbh_step_total(step);
    size_t len = total < WBH_PASSED_MAX ? (size_t)total : WBH_PASSED_MAX;
    if (actor->unix_socket == NULL) {
        return;
    }
    const uint8_t *bytes = wbh_actor_lay_out(actor, step, len);
    int result = step->kind == WBH_STEP_PASS_PIPE
                     ? sim_unix_pass_pipe(actor->unix_socket, bytes, len)
                     : sim_unix_pass_socket(actor->unix_socket, bytes, len);
    if (result == 0) {
        sim_note_peer(kernel_of(actor), actor->subject, step->kind, 0, bytes, len);
    }
}

/* ---- messages ---- */

/* Datagrams go to whom it was told to send to, or is connected to, or to where the last one came
 * from. */
bool wbh_actor_send_unix(struct wbh_actor *actor, const uint8_t *bytes, size_t len) {
    bool is_named =
        actor->keeps_correspondent || (actor->target_len == 0 && actor->correspondent_len != 0);
    int64_t n = sim_unix_send(actor->unix_socket, is_named ? &actor->correspondent : NULL,
        actor->correspondent_len, bytes, len);
    if (n == -ECONNREFUSED || n == -ENOENT) {
        actor->unreachable = true;
        wbh_actor_scene(actor)->unreached = true;
    }
    return n != -EAGAIN;
}

/* Reads one message; false when there is nothing more now, or ever. */
static bool read_message(struct wbh_actor *actor) {
    if (actor->unix_type == WB_SOCK_SEQPACKET && sim_unix_is_at_end(actor->unix_socket)) {
        int error = sim_unix_error(actor->unix_socket);
        if (error != 0) {
            wbh_actor_saw_error(actor, error);
        } else {
            wbh_actor_scene(actor)->end = WBH_END_EOF;
        }
        return false;
    }
    struct wb_sockaddr from;
    uint32_t from_len;
    actor->received = wbh_grow(
        actor->received, &actor->received_capacity, actor->received_len + WBH_UNIX_MESSAGE_MAX, 1);
    int64_t n = sim_unix_recv(actor->unix_socket, actor->received + actor->received_len,
        WBH_UNIX_MESSAGE_MAX, &from, &from_len);
    if (n < 0) {
        if (n != -EAGAIN && actor->unix_type == WB_SOCK_SEQPACKET) {
            wbh_actor_saw_error(actor, (int)-n);
        }
        return n != -EAGAIN && actor->unix_type == WB_SOCK_DGRAM;
    }
    if (from_len != 0 && !actor->keeps_correspondent) {
        actor->correspondent = from;
        actor->correspondent_len = from_len;
    }
    wbh_actor_keep_message(
        actor, n < WBH_UNIX_MESSAGE_MAX ? (size_t)n : (size_t)WBH_UNIX_MESSAGE_MAX);
    return true;
}

void wbh_actor_look_unix(struct wbh_actor *actor) {
    while (!actor->stage->frozen && actor->unix_socket != NULL
           && actor->reading != WBH_READING_STOPPED
           && (actor->unix_type == WB_SOCK_DGRAM || actor->established)
           && wbh_actor_scene(actor)->end == WBH_END_OPEN) {
        if (!read_message(actor)) {
            break;
        }
    }
}
