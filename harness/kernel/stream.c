/* Bytes on their way: the queue of one direction, the receiver's window, segments in flight, and
 * what faults hold back. */
#include "kernel/internal.h"

#include <assert.h>
#include <string.h>

enum { CHUNK_BYTES = sizeof(((struct chunk *)0)->bytes) };

/* ---- the queue of bytes ---- */

static struct chunk *chunk_new(struct sim_kernel *kernel) {
    struct chunk *chunk = kernel->chunks_free;
    if (chunk != NULL) {
        kernel->chunks_free = chunk->next;
    } else {
        chunk = arena_alloc(&kernel->arena, sizeof(*chunk));
        if (chunk == NULL) {
            return kernel_alloc(kernel, sizeof(*chunk));
        }
    }
    chunk->next = NULL;
    return chunk;
}

static void chunk_free(struct sim_kernel *kernel, struct chunk *chunk) {
    chunk->next = kernel->chunks_free;
    kernel->chunks_free = chunk;
}

static void stream_extend(struct sim_kernel *kernel, struct stream *stream) {
    struct chunk *chunk = chunk_new(kernel);
    if (stream->tail == NULL) {
        stream->head = chunk;
        stream->head_used = 0;
    } else {
        stream->tail->next = chunk;
    }
    stream->tail = chunk;
    stream->tail_len = 0;
}

void stream_append(
    struct sim_kernel *kernel, struct stream *stream, const uint8_t *bytes, size_t len) {
    while (len != 0) {
        if (stream->tail == NULL || stream->tail_len == CHUNK_BYTES) {
            stream_extend(kernel, stream);
        }
        size_t room = CHUNK_BYTES - stream->tail_len;
        size_t part = len < room ? len : room;
        memcpy(stream->tail->bytes + stream->tail_len, bytes, part);
        stream->tail_len += (uint32_t)part;
        bytes += part;
        len -= part;
    }
}

static size_t chunk_end(const struct stream *stream, const struct chunk *chunk) {
    return chunk == stream->tail ? stream->tail_len : CHUNK_BYTES;
}

void stream_copy(const struct stream *stream, uint8_t *bytes, size_t len) {
    const struct chunk *chunk = stream->head;
    size_t at = stream->head_used;
    while (len != 0) {
        size_t there = chunk_end(stream, chunk) - at;
        size_t part = len < there ? len : there;
        memcpy(bytes, chunk->bytes + at, part);
        bytes += part;
        len -= part;
        chunk = chunk->next;
        at = 0;
    }
}

void stream_drop(struct sim_kernel *kernel, struct stream *stream, size_t len) {
    while (len != 0) {
        struct chunk *chunk = stream->head;
        size_t there = chunk_end(stream, chunk) - stream->head_used;
        size_t part = len < there ? len : there;
        stream->head_used += (uint32_t)part;
        len -= part;
        if (stream->head_used == chunk_end(stream, chunk)) {
            stream->head = chunk->next;
            stream->head_used = 0;
            if (stream->head == NULL) {
                stream->tail = NULL;
                stream->tail_len = 0;
            }
            chunk_free(kernel, chunk);
        }
    }
}

void stream_take(struct sim_kernel *kernel, struct stream *stream, size_t len) {
    stream_drop(kernel, stream, len);
    stream->arrived -= len;
    stream->taken += len;
}

static void stream_clear(struct sim_kernel *kernel, struct stream *stream) {
    stream_drop(kernel, stream, stream->arrived + stream->flying + stream->unsent);
    *stream = (struct stream){0};
}

/* ---- the sender's buffer ---- */

uint64_t endpoint_queued(const struct sim_endpoint *endpoint) {
    return endpoint->out.flying + endpoint->out.unsent;
}

/* How much its peer would take now. */
static uint64_t window_of(const struct sim_endpoint *endpoint) {
    uint64_t used = endpoint->out.arrived + endpoint->out.flying;
    uint64_t size = endpoint->peer->so.recv_buffer_size;
    return used < size ? size - used : 0;
}

bool endpoint_writable(const struct sim_endpoint *endpoint) {
    if (endpoint->write_hold.until_ns != 0) {
        return false;
    }
    uint64_t low_water = endpoint->notsent_low_water;
    if (low_water != 0 && 2 * endpoint->out.unsent >= low_water) {
        return false;
    }
    uint64_t queued = endpoint_queued(endpoint);
    /* Linux's rule; its buffers are never so small that the first half could be true alone. */
    return queued + queued / 2 <= endpoint->so.send_buffer_size
           && queued < endpoint->so.send_buffer_size;
}

/* With TCP_NOTSENT_LOWAT: as much as leaves at once, and as much as may wait. */
uint64_t endpoint_send_room(const struct sim_endpoint *endpoint) {
    uint64_t queued = endpoint_queued(endpoint);
    uint64_t size = endpoint->so.send_buffer_size;
    uint64_t room = queued < size ? size - queued : 0;
    uint64_t low_water = endpoint->notsent_low_water;
    if (low_water == 0) {
        return room;
    }
    if (endpoint->out.unsent >= low_water) {
        return 0;
    }
    uint64_t unsent_room = low_water - endpoint->out.unsent + window_of(endpoint);
    return unsent_room < room ? unsent_room : room;
}

/* The edge for OUT comes only if somebody had seen "not writable", and once. */
static void endpoint_space_freed(struct sim_endpoint *endpoint) {
    if (endpoint->dead || endpoint->tcp == TCP_CLOSED) {
        return;
    }
    if (endpoint->file == NULL) {
        endpoint_wake(endpoint, KEY_WRITE);
        return;
    }
    if ((endpoint->nospace || PLANTED(EACH_ACK_IS_SPACE)) && endpoint_writable(endpoint)) {
        endpoint->nospace = false;
        endpoint_wake(endpoint, KEY_WRITE);
    }
}

/* ---- flights ---- */

static void emit_arrival(struct sim_endpoint *to, uint64_t len, uint32_t flags) {
    struct sim_event event = event_begin(to->kernel, SIM_EVENT_ARRIVE);
    event.process = endpoint_process(to);
    event.subject = to->subject;
    event.a = len;
    event.b = flags | (to->of_program ? (uint32_t)SIM_ARRIVE_TO_PROGRAM : 0u);
    event_emit(to->kernel, &event);
}

static void depart(struct sim_endpoint *from, const struct flight *segment, uint64_t delay_ns);

static uint64_t on_its_way_ns(struct sim_endpoint *from, uint64_t len, uint64_t delay_ns);

/* Nobody is there to take the bytes: a receiver that still looks is reset, and so is the sender.
 * The RST goes behind what the receiver's side has under way: bytes that it sent before are not
 * lost. */
static void bounce(struct sim_endpoint *from, struct sim_endpoint *to) {
    endpoint_ground_flights(from);
    if (!to->dead && to->tcp == TCP_ESTABLISHED) {
        endpoint_reset_by_peer(to);
    }
    to->tcp = TCP_CLOSED;
    if (to->flights_tail != NULL || links_any(from->kernel)) {
        const struct flight reset = {.flags = SIM_ARRIVE_RST};
        if (to->flights_tail == NULL || (to->flights_tail->flags & SIM_ARRIVE_RST) == 0) {
            depart(to, &reset, on_its_way_ns(to, 0, 0));
        }
        return;
    }
    if (!from->dead && from->tcp != TCP_CLOSED) {
        emit_arrival(from, 0, SIM_ARRIVE_RST);
    }
    endpoint_reset_by_peer(from);
}

static bool takes_no_data(const struct sim_endpoint *to) {
    return PLANTED(NOBODY_TAKES_BYTES) ? false
                                       : to->dead || (to->tcp == TCP_CLOSED && !to->fin_received)
                                             || (to->fin_sent && to->rd_shut);
}

static void land_bytes(
    struct sim_endpoint *from, struct sim_endpoint *to, const struct flight *flight) {
    if (takes_no_data(to)) {
        /* The mark is looked at before the bytes are refused. */
        if (flight->urgent.place != 0 && !to->dead && to->tcp == TCP_ESTABLISHED) {
            endpoint_urgent_arrives(to, &flight->urgent);
        }
        bounce(from, to);
        return;
    }
    if (flight->urgent.place != 0) {
        endpoint_urgent_arrives(to, &flight->urgent);
    }
    uint64_t len = flight->len;
    from->out.flying -= len;
    from->out.arrived += len;
    bool shows = to->read_hold.until_ns == 0;
    uint64_t readable = endpoint_readable(to);
    if (shows && (readable >= to->so.recv_low_water || to->fin_received)) {
        endpoint_wake(to, KEY_READ);
    }
    /* What has arrived is acknowledged: room for the sender. */
    endpoint_space_freed(from);
}

static void land(struct sim_endpoint *from, const struct flight *flight) {
    struct sim_endpoint *to = from->peer;
    emit_arrival(to, flight->len, flight->flags);
    if ((flight->flags & SIM_ARRIVE_RST) != 0) {
        endpoint_reset_by_peer(to);
        return;
    }
    if (flight->len != 0) {
        land_bytes(from, to, flight);
    }
    if ((flight->flags & SIM_ARRIVE_FIN) != 0 && to->tcp != TCP_CLOSED) {
        endpoint_fin_arrived(to);
        if (to->fin_sent && from->fin_received) {
            from->tcp = TCP_CLOSED;
            from->bound = from->port_given;
        }
    }
}

/* As a time of arrival: not before the cut heals. */
#define HELD_BY_CUT UINT64_MAX

static void run_flights(void *user_data);

static void schedule_flight(struct sim_endpoint *from) {
    if (from->flights_head != NULL && from->flight_action == 0
        && from->flights_head->arrive_ns != HELD_BY_CUT) {
        from->flight_action =
            sim_schedule(from->kernel, from->flights_head->arrive_ns, run_flights, from);
    }
}

static struct flight *take_flight(struct sim_endpoint *from) {
    struct flight *flight = from->flights_head;
    from->flights_head = flight->next;
    if (from->flights_head == NULL) {
        from->flights_tail = NULL;
    }
    return flight;
}

static void run_flights(void *user_data) {
    struct sim_endpoint *from = user_data;
    struct sim_kernel *kernel = from->kernel;
    from->flight_action = 0;
    while (from->flights_head != NULL && from->flights_head->arrive_ns <= kernel->now_ns) {
        struct flight flight = *from->flights_head;
        kernel_free(kernel, take_flight(from), sizeof(flight));
        if (flight.decided != WBH_ACTION_PASS) {
            choice_consumed(kernel, flight.point, flight.decided);
        }
        land(from, &flight);
    }
    schedule_flight(from);
}

/* Bytes travel in order: a segment arrives no earlier than the one before it. */
static void depart(struct sim_endpoint *from, const struct flight *segment, uint64_t delay_ns) {
    struct sim_kernel *kernel = from->kernel;
    if (from->flights_head == NULL && delay_ns == 0 && from->flight_action == 0) {
        land(from, segment);
        return;
    }
    struct flight *flight = kernel_alloc(kernel, sizeof(*flight));
    *flight = *segment;
    flight->arrive_ns = delay_ns == HELD_BY_CUT ? HELD_BY_CUT : kernel->now_ns + delay_ns;
    if (from->flights_tail != NULL) {
        if (flight->arrive_ns < from->flights_tail->arrive_ns) {
            flight->arrive_ns = from->flights_tail->arrive_ns;
        }
        from->flights_tail->next = flight;
    } else {
        from->flights_head = flight;
    }
    from->flights_tail = flight;
    schedule_flight(from);
}

void endpoint_ground_flights(struct sim_endpoint *endpoint) {
    struct sim_kernel *kernel = endpoint->kernel;
    sim_cancel(kernel, endpoint->flight_action);
    endpoint->flight_action = 0;
    while (endpoint->flights_head != NULL) {
        kernel_free(kernel, take_flight(endpoint), sizeof(struct flight));
    }
    /* The bytes that will not arrive lie behind those that have. Keep only the latter. */
    if (endpoint->out.flying + endpoint->out.unsent == 0) {
        return;
    }
    struct stream kept = {0};
    uint64_t left = endpoint->out.arrived;
    while (left != 0) {
        uint8_t bytes[CHUNK_BYTES];
        size_t part = left < sizeof(bytes) ? (size_t)left : sizeof(bytes);
        stream_copy(&endpoint->out, bytes, part);
        stream_drop(kernel, &endpoint->out, part);
        stream_append(kernel, &kept, bytes, part);
        left -= part;
    }
    kept.arrived = endpoint->out.arrived;
    kept.taken = endpoint->out.taken;
    endpoint->out.arrived = 0;
    stream_clear(kernel, &endpoint->out);
    endpoint->out = kept;
}

void endpoint_resume_flights(struct sim_endpoint *endpoint) {
    schedule_flight(endpoint);
}

void endpoint_release_flights(struct sim_endpoint *from) {
    uint64_t not_before_ns = 0;
    if (from->flights_head == NULL || from->peer == NULL
        || link_is_cut(from->kernel, from->at, from->peer->at)) {
        return;
    }
    for (struct flight *flight = from->flights_head; flight != NULL; flight = flight->next) {
        if (flight->arrive_ns == HELD_BY_CUT) {
            flight->arrive_ns =
                from->kernel->now_ns + endpoint_travel_ns(from, from->peer->at, flight->len);
        }
        if (flight->arrive_ns < not_before_ns) {
            flight->arrive_ns = not_before_ns;
        }
        not_before_ns = flight->arrive_ns;
    }
    schedule_flight(from);
}

static struct wbh_choice choose_segment(
    struct sim_endpoint *from, uint64_t len, struct wbh_choice_point *point) {
    struct sim_endpoint *to = from->peer;
    struct wbh_choice pass = {0};
    if (!choice_possible(from->kernel)) {
        return pass;
    }
    point->point = to->of_program ? WBH_POINT_INBOUND : WBH_POINT_OUTBOUND;
    point->subject = to->of_program ? to->subject : from->subject;
    point->ordinal = to->of_program ? ++to->inbound_ordinal : ++from->outbound_ordinal;
    point->kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY);
    if (len >= 2) {
        point->kernel |= WBH_ACTION_BIT(WBH_ACTION_SPLIT);
    }
    point->size = len;
    return choose(from->kernel, point);
}

/* What the way itself adds to a delay. */
static uint64_t on_its_way_ns(struct sim_endpoint *from, uint64_t len, uint64_t delay_ns) {
    if (!links_any(from->kernel)) {
        return delay_ns;
    }
    if (link_is_cut(from->kernel, from->at, from->peer->at)) {
        return HELD_BY_CUT;
    }
    return delay_ns + endpoint_travel_ns(from, from->peer->at, len);
}

/* `start`: the place of its first byte in all that this end ever sent. */
static void launch_one(struct sim_endpoint *from, uint64_t start, uint64_t len, uint32_t flags) {
    struct wbh_choice_point point = {0};
    struct wbh_choice choice = choose_segment(from, len, &point);
    if (choice.action == WBH_ACTION_SPLIT) {
        const struct flight first = {.len = choice.value,
            .point = point.point,
            .urgent = urgent_within(from, start, choice.value)};
        const struct flight second = {.len = len - choice.value,
            .flags = flags,
            .point = point.point,
            .decided = (uint8_t)choice.action,
            .urgent = urgent_within(from, start + choice.value, len - choice.value)};
        depart(from, &first, on_its_way_ns(from, first.len, 0));
        /* The first part may have drawn an RST. */
        if (from->out.flying >= second.len) {
            depart(from, &second, on_its_way_ns(from, second.len, HOLD_NS));
        }
        return;
    }
    const struct flight whole = {.len = len,
        .flags = flags,
        .point = point.point,
        .decided = (uint8_t)choice.action,
        .urgent = urgent_within(from, start, len)};
    uint64_t delay_ns = choice.action == WBH_ACTION_DELAY ? choice.value : 0;
    depart(from, &whole, on_its_way_ns(from, len, delay_ns));
}

/* Within a host everything that may leave does so in one segment; a link takes what fits. */
static void launch(struct sim_endpoint *from, uint64_t len, uint32_t flags) {
    enum { SEGMENT_LEN_MAX = 1460 };
    uint64_t start = from->out.taken + from->out.arrived + from->out.flying - len;
    while (links_any(from->kernel) && len > SEGMENT_LEN_MAX) {
        launch_one(from, start, SEGMENT_LEN_MAX, 0);
        start += SEGMENT_LEN_MAX;
        len -= SEGMENT_LEN_MAX;
        if (from->out.flying < len) {
            return; /* it drew an RST */
        }
    }
    launch_one(from, start, len, flags);
}

void endpoint_launch_reset(struct sim_endpoint *endpoint) {
    struct sim_endpoint *peer = endpoint->peer;
    if (peer == NULL) {
        return;
    }
    /* What has not left yet never will. What is under way arrives first. */
    if (endpoint->flights_head == NULL) {
        endpoint_ground_flights(endpoint);
    }
    launch(endpoint, 0, SIM_ARRIVE_RST);
}

void endpoint_transmit(struct sim_endpoint *endpoint) {
    struct sim_endpoint *to = endpoint->peer;
    if (to == NULL || endpoint->tcp != TCP_ESTABLISHED) {
        return;
    }
    struct stream *stream = &endpoint->out;
    uint64_t window = window_of(endpoint);
    /* A dead receiver has no window to close: the bytes draw its RST. */
    uint64_t len = to->dead || stream->unsent < window ? stream->unsent : window;
    if (len != 0) {
        stream->unsent -= len;
        stream->flying += len;
        launch(endpoint, len, 0);
    }
    if (stream->unsent == 0 && endpoint->fin_queued && endpoint->tcp == TCP_ESTABLISHED) {
        endpoint->fin_queued = false;
        endpoint->fin_sent = true;
        endpoint->closed_first = !endpoint->fin_received;
        if (endpoint->fin_received) {
            endpoint_end(endpoint);
        }
        launch(endpoint, 0, SIM_ARRIVE_FIN);
    }
}

/* ---- what faults hold back ---- */

static void emit_release(struct sim_endpoint *endpoint, enum wbh_point point) {
    struct sim_event event = event_begin(endpoint->kernel, SIM_EVENT_RELEASE);
    event.process = endpoint_process(endpoint);
    event.subject = endpoint->subject;
    event.a = point;
    event_emit(endpoint->kernel, &event);
}

void endpoint_release_reads(struct sim_endpoint *endpoint) {
    if (endpoint->read_hold.until_ns != 0) {
        sim_cancel(endpoint->kernel, endpoint->read_hold.action);
        endpoint->read_hold = (struct hold){0};
    }
}

static void release_reads(void *user_data) {
    struct sim_endpoint *endpoint = user_data;
    endpoint->read_hold = (struct hold){0};
    bool listening = endpoint->tcp == TCP_LISTENING;
    emit_release(endpoint, listening ? WBH_POINT_ACCEPT : WBH_POINT_RECV);
    if (endpoint->fin_received) {
        endpoint_wake(endpoint, KEY_NONE);
    } else if (listening ? endpoint->pending_count != 0
                         : endpoint_readable(endpoint) >= endpoint->so.recv_low_water) {
        endpoint_wake(endpoint, KEY_READ);
    }
}

void endpoint_hold_reads(struct sim_endpoint *endpoint) {
    struct sim_kernel *kernel = endpoint->kernel;
    endpoint->read_hold.until_ns = kernel->now_ns + HOLD_NS;
    endpoint->read_hold.action =
        sim_schedule(kernel, endpoint->read_hold.until_ns, release_reads, endpoint);
    file_lowered(kernel, endpoint->file);
}

static void release_writes(void *user_data) {
    struct sim_endpoint *endpoint = user_data;
    endpoint->write_hold = (struct hold){0};
    emit_release(endpoint, WBH_POINT_SEND);
    endpoint_space_freed(endpoint);
}

void endpoint_hold_writes(struct sim_endpoint *endpoint) {
    struct sim_kernel *kernel = endpoint->kernel;
    endpoint->nospace = true;
    if (endpoint->write_hold.until_ns != 0) {
        return;
    }
    endpoint->write_hold.until_ns = kernel->now_ns + HOLD_NS;
    endpoint->write_hold.action =
        sim_schedule(kernel, endpoint->write_hold.until_ns, release_writes, endpoint);
    file_lowered(kernel, endpoint->file);
}
