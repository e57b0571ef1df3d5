/* Property: whatever a program does to a poll, a registry, a waker, a listener and streams, in
 * whatever order, statuses, bytes and every batch of events, in order, are those of the plain model
 * in this file. The model knows TCP only as far as small transfers need it: both ends' queues, FIN,
 * RST, who is woken with which key, and the ready list of epoll. Code under test: target/reactor,
 * on the simulated kernel, whose epoll and TCP are checked along with it.
 *
 * Input: one byte for the room in the container of events, then operations of three bytes: what, on
 * which end, and how. */
#include "driver/fuzz_target.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb/poll.h"
#include "wb/tcp.h"
#include "wb/waker.h"
#include "wouldblock/kernel.h"

enum {
    PAIR_COUNT = 3,
    END_COUNT = 2 * PAIR_COUNT,
    LISTENER = END_COUNT, /* model indices of the other two sources */
    WAKER = END_COUNT + 1,
    SOURCE_COUNT = END_COUNT + 2,
    OPERATIONS_MAX = 400,
    UNREAD_MAX = 4096, /* far below any buffer: the model has no windows */
};

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: the reactor and the model differ: %s\n", __FILE__, __LINE__,   \
                #condition);                                                                       \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- the model ---- */

struct model {
    /* registration */
    bool registered;
    uint64_t token;
    uint32_t mask; /* what epoll would watch for, 0 after a one-shot report */
    enum wb_trigger trigger;
    /* the socket */
    bool open;
    bool reset;   /* CLOSED by RST */
    bool rd_shut; /* own shutdown of reading */
    bool fin_in;  /* the peer's FIN is here */
    bool wr_shut; /* own shutdown of writing, or reset */
    bool fin_out; /* own FIN was sent */
    enum wb_status error;
    uint32_t unread;
    uint8_t next_read; /* bytes count up from 0 in each direction */
    uint8_t next_written;
    uint32_t pending; /* of the listener, or wakes of the waker not yet reported */
};

struct world {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    struct wb_poll poll;
    struct wb_poll other_poll;
    struct wb_events events;
    struct wb_waker waker;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream ends[END_COUNT];
    struct model models[SOURCE_COUNT];
    int ready[SOURCE_COUNT]; /* the ready list, first to last */
    int ready_count;
};

static int peer_of(int i) {
    return i ^ 1;
}

static uint32_t state_of(const struct world *world, int i) {
    const struct model *m = &world->models[i];
    if (i == LISTENER || i == WAKER) {
        return m->pending != 0 ? WB_EPOLLIN : 0;
    }
    bool closed = m->reset || (m->fin_in && m->fin_out);
    bool rd_shut = m->rd_shut || m->fin_in || m->reset;
    uint32_t state = WB_EPOLLOUT;
    state |= m->unread != 0 || rd_shut ? WB_EPOLLIN : 0;
    state |= rd_shut ? WB_EPOLLRDHUP : 0;
    state |= (rd_shut && m->wr_shut) || closed ? WB_EPOLLHUP : 0;
    state |= m->error != WB_OK ? WB_EPOLLERR : 0;
    return state;
}

static int ready_position(const struct world *world, int i) {
    for (int k = 0; k < world->ready_count; k++) {
        if (world->ready[k] == i) {
            return k;
        }
    }
    return -1;
}

static void ready_append(struct world *world, int i) {
    if (ready_position(world, i) < 0) {
        world->ready[world->ready_count++] = i;
    }
}

static void ready_remove(struct world *world, int i) {
    int at = ready_position(world, i);
    if (at >= 0) {
        world->ready_count--;
        memmove(&world->ready[at], &world->ready[at + 1],
            (size_t)(world->ready_count - at) * sizeof(world->ready[0]));
    }
}

/* key 0 matches every registration that is not disarmed */
static void wake(struct world *world, int i, uint32_t key) {
    const struct model *m = &world->models[i];
    if (m->registered && m->mask != 0 && (key == 0 || (key & m->mask) != 0)) {
        ready_append(world, i);
    }
}

static uint32_t mask_of(uint32_t interest) {
    uint32_t mask = WB_EPOLLERR | WB_EPOLLHUP;
    mask |= (interest & WB_INTEREST_READABLE) != 0 ? WB_EPOLLIN | WB_EPOLLRDHUP : 0;
    mask |= (interest & WB_INTEREST_WRITABLE) != 0 ? WB_EPOLLOUT : 0;
    mask |= (interest & WB_INTEREST_PRIORITY) != 0 ? WB_EPOLLPRI : 0;
    return mask;
}

static void model_arm(
    struct world *world, int i, uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct model *m = &world->models[i];
    m->registered = true;
    m->token = token;
    m->mask = mask_of(interest);
    m->trigger = trigger;
    if ((state_of(world, i) & m->mask) != 0) {
        ready_append(world, i);
    }
}

static void model_disarm(struct world *world, int i) {
    world->models[i].registered = false;
    ready_remove(world, i);
}

/* An RST reaches `i`: it sees an error unless it had been reset before or is gone. */
static void model_reset(struct world *world, int i) {
    struct model *m = &world->models[i];
    if (!m->open || m->reset || (m->fin_in && m->fin_out)) {
        return;
    }
    m->error = m->fin_in ? WB_ERR_BROKEN_PIPE : WB_ERR_CONN_RESET;
    m->reset = true;
    m->wr_shut = true;
    wake(world, i, 0);
    wake(world, i, WB_EPOLLERR);
}

static void model_fin(struct world *world, int to) {
    struct model *m = &world->models[to];
    if (m->reset) {
        return;
    }
    m->fin_in = true;
    if (m->open) {
        wake(world, to, 0);
    }
}

static void model_send_fin(struct world *world, int i) {
    struct model *m = &world->models[i];
    if (!m->fin_out && !m->reset) {
        m->fin_out = true;
        model_fin(world, peer_of(i));
    }
}

/* ---- what a batch must be ---- */

struct expected {
    uint64_t token;
    uint32_t flags;
};

static int model_wait(struct world *world, int room, struct expected *out) {
    int batch[SOURCE_COUNT];
    int batch_count = world->ready_count;
    memcpy(batch, world->ready, sizeof(batch));
    world->ready_count = 0;
    int count = 0;
    int at = 0;
    int requeued[SOURCE_COUNT];
    int requeued_count = 0;
    for (; at < batch_count && count < room; at++) {
        struct model *m = &world->models[batch[at]];
        uint32_t flags = state_of(world, batch[at]) & m->mask;
        if (flags == 0) {
            continue;
        }
        out[count].token = m->token;
        out[count].flags = flags;
        count++;
        if (wb_trigger_is_oneshot(m->trigger)) {
            m->mask = 0;
        } else if (m->trigger == WB_TRIGGER_LEVEL) {
            requeued[requeued_count++] = batch[at];
        }
    }
    /* What there was no room for stays at the head. */
    for (; at < batch_count; at++) {
        ready_append(world, batch[at]);
    }
    for (int k = 0; k < requeued_count; k++) {
        ready_append(world, requeued[k]);
    }
    return count;
}

static void op_wait(struct world *world) {
    struct expected expected[SOURCE_COUNT];
    int count = model_wait(world, (int)wb_events_capacity(&world->events), expected);
    CHECK(wb_poll_wait(&world->poll, &world->events, 0) == WB_OK);
    CHECK((int)wb_events_count(&world->events) == count);
    for (int k = 0; k < count; k++) {
        struct wb_event event = wb_events_at(&world->events, (uint32_t)k);
        CHECK(wb_event_token(event) == expected[k].token);
        CHECK(event.flags == expected[k].flags);
        if (event.token % SOURCE_COUNT == WAKER) {
            world->models[WAKER].pending = 0; /* being reported is what drains a waker */
        }
    }
}

/* ---- operations ---- */

static struct wb_source *source_of(struct world *world, int i) {
    return i == LISTENER ? wb_tcp_listener_source(&world->listener)
                         : wb_tcp_stream_source(&world->ends[i]);
}

/* Fits every source but the waker, which registers itself. */
static int pick_source(const struct world *world, uint8_t arg) {
    int i = arg % (END_COUNT + 1);
    return i == LISTENER || world->models[i].open ? i : -1;
}

static int pick_end(const struct world *world, uint8_t arg) {
    int i = arg % END_COUNT;
    return world->models[i].open ? i : -1;
}

/* The token tells the source, and which registration of it. */
static uint64_t token_of(int i, uint8_t arg) {
    return (uint64_t)(arg >> 4) * SOURCE_COUNT + (uint64_t)i;
}

static void op_register(struct world *world, uint8_t arg, uint8_t how) {
    int i = pick_source(world, arg);
    if (i < 0) {
        return;
    }
    uint32_t interest = how & WB_INTEREST_ALL;
    enum wb_trigger trigger = (enum wb_trigger)(how >> 3 & 3);
    bool again = (how & 0x20) != 0;
    bool elsewhere = (how & 0x40) != 0;
    uint64_t token = token_of(i, arg);
    const struct wb_registry *registry =
        wb_poll_registry(elsewhere ? &world->other_poll : &world->poll);
    struct model *m = &world->models[i];
    /* On the second poll a source is tried only when the first one has it: it must be refused. */
    if (elsewhere && !m->registered) {
        return;
    }
    enum wb_status status =
        again ? wb_registry_reregister(registry, source_of(world, i), token, interest, trigger)
              : wb_registry_register(registry, source_of(world, i), token, interest, trigger);
    if (elsewhere) {
        CHECK(wb_status_is_error(status));
    } else if (again != m->registered) {
        CHECK(status == (again ? WB_ERR_NOT_REGISTERED : WB_ERR_ALREADY_REGISTERED)
              || (interest == 0 && status == WB_ERR_INVALID));
    } else if (interest == 0) {
        CHECK(status == WB_ERR_INVALID);
    } else {
        CHECK(status == WB_OK);
        model_arm(world, i, token, interest, trigger);
    }
}

static void op_deregister(struct world *world, uint8_t arg) {
    int i = pick_source(world, arg);
    if (i < 0) {
        return;
    }
    enum wb_status status =
        wb_registry_deregister(wb_poll_registry(&world->poll), source_of(world, i));
    CHECK(status == (world->models[i].registered ? WB_OK : WB_ERR_NOT_REGISTERED));
    model_disarm(world, i);
}

static enum wb_status take_error(struct model *m) {
    enum wb_status error = m->error;
    m->error = WB_OK;
    return error;
}

static void model_write(struct world *world, int i, uint32_t len) {
    struct model *to = &world->models[peer_of(i)];
    if (!to->open || (to->fin_out && to->rd_shut)) {
        /* Nobody reads there: a receiver that is still open is reset first, then the writer. */
        model_reset(world, peer_of(i));
        to->reset = true;
        model_reset(world, i);
        return;
    }
    to->unread += len;
    wake(world, peer_of(i), WB_EPOLLIN | WB_EPOLLPRI);
}

static void op_write(struct world *world, uint8_t arg, uint8_t how) {
    int i = pick_end(world, arg);
    if (i < 0 || world->models[peer_of(i)].unread > UNREAD_MAX) {
        return;
    }
    struct model *m = &world->models[i];
    uint8_t bytes[64];
    size_t len = how % sizeof(bytes);
    for (size_t k = 0; k < len; k++) {
        bytes[k] = (uint8_t)(m->next_written + k);
    }
    size_t written = SIZE_MAX;
    enum wb_status status = wb_tcp_stream_write(&world->ends[i], bytes, len, &written);
    if (m->error != WB_OK) {
        CHECK(status == take_error(m));
    } else if (m->wr_shut) {
        CHECK(status == WB_ERR_BROKEN_PIPE);
    } else {
        CHECK(status == WB_OK && written == len);
        m->next_written = (uint8_t)(m->next_written + len);
        if (len != 0) {
            model_write(world, i, (uint32_t)len);
        }
    }
}

static void op_read(struct world *world, uint8_t arg, uint8_t how) {
    int i = pick_end(world, arg);
    if (i < 0) {
        return;
    }
    struct model *m = &world->models[i];
    uint8_t bytes[256];
    size_t room = how;
    size_t len = SIZE_MAX;
    bool peek = (arg & 0x80) != 0;
    enum wb_status status = peek ? wb_tcp_stream_peek(&world->ends[i], bytes, room, &len)
                                 : wb_tcp_stream_read(&world->ends[i], bytes, room, &len);
    if (room == 0) {
        CHECK(status == WB_OK && len == 0);
        return;
    }
    if (m->unread != 0) {
        CHECK(status == WB_OK && len == (room < m->unread ? room : m->unread));
        for (size_t k = 0; k < len; k++) {
            CHECK(bytes[k] == (uint8_t)(m->next_read + k));
        }
        if (!peek) {
            m->unread -= (uint32_t)len;
            m->next_read = (uint8_t)(m->next_read + len);
        }
    } else if (m->fin_in) {
        CHECK(status == WB_EOF); /* wins over a later error */
    } else if (m->error != WB_OK) {
        CHECK(status == take_error(m));
    } else if (m->rd_shut || m->reset) {
        CHECK(status == WB_EOF);
    } else {
        CHECK(status == WB_WOULD_BLOCK);
    }
}

static void op_shutdown(struct world *world, uint8_t arg, uint8_t how) {
    int i = pick_end(world, arg);
    if (i < 0) {
        return;
    }
    struct model *m = &world->models[i];
    bool connected = !m->reset && !(m->fin_in && m->fin_out);
    enum wb_tcp_shutdown which = (enum wb_tcp_shutdown)(how % 3);
    enum wb_status status = wb_tcp_stream_shutdown(&world->ends[i], which);
    CHECK(status == (connected ? WB_OK : WB_ERR_NOT_CONNECTED));
    m->rd_shut = m->rd_shut || which != WB_TCP_SHUTDOWN_WRITE;
    if (which != WB_TCP_SHUTDOWN_READ) {
        m->wr_shut = true;
        if (connected) {
            model_send_fin(world, i);
        }
    }
    wake(world, i, 0); /* always, even when it was refused */
}

static void op_close(struct world *world, uint8_t arg, uint8_t how) {
    int i = pick_end(world, arg);
    if (i < 0) {
        return;
    }
    struct model *m = &world->models[i];
    bool abort_it = (how & 1) != 0;
    if (abort_it) {
        CHECK(wb_tcp_stream_set_linger(&world->ends[i], 0) == WB_OK);
    }
    wb_tcp_stream_close(&world->ends[i]);
    model_disarm(world, i);
    bool connected = !m->reset && !(m->fin_in && m->fin_out);
    m->open = false;
    if (connected && (m->unread != 0 || abort_it)) {
        m->reset = true;
        model_reset(world, peer_of(i));
    } else if (connected) {
        model_send_fin(world, i);
    }
}

/* A new pair: the client's end is even, the accepted one odd. */
static void op_connect(struct world *world, uint8_t arg) {
    int client = (arg % PAIR_COUNT) * 2;
    int server = peer_of(client);
    if (world->models[client].open || world->models[server].open) {
        return;
    }
    struct wb_tcp_stream *streams = world->ends;
    CHECK(wb_tcp_stream_connect(&streams[client], world->sys, &world->addr) == WB_OK);
    world->models[LISTENER].pending++;
    wake(world, LISTENER, WB_EPOLLIN | WB_EPOLLPRI);
    if ((arg & 0x40) != 0) {
        op_wait(world); /* while it is pending */
    }
    CHECK(wb_tcp_stream_finish_connect(&streams[client]) == WB_OK);
    CHECK(wb_tcp_listener_accept(&world->listener, &streams[server], NULL) == WB_OK);
    world->models[LISTENER].pending--;
    struct wb_tcp_stream none;
    CHECK(wb_tcp_listener_accept(&world->listener, &none, NULL) == WB_WOULD_BLOCK);
    memset(&world->models[client], 0, sizeof(world->models[client]));
    memset(&world->models[server], 0, sizeof(world->models[server]));
    world->models[client].open = true;
    world->models[server].open = true;
}

static void op_wake(struct world *world) {
    CHECK(wb_waker_wake(&world->waker) == WB_OK);
    world->models[WAKER].pending = 1;
    wake(world, WAKER, WB_EPOLLIN);
}

static void op_take_error(struct world *world, uint8_t arg) {
    int i = pick_end(world, arg);
    if (i < 0) {
        return;
    }
    enum wb_status error = WB_ERR_OS;
    CHECK(wb_tcp_stream_take_error(&world->ends[i], &error) == WB_OK);
    CHECK(error == take_error(&world->models[i]));
}

/* ---- one input ---- */

static void world_open(struct world *world, uint8_t room) {
    struct sim_config config = {.fd_limit = 64};
    sim_kernel_reset(world->kernel, &config);
    world->sys = wb_sim_sys(world->kernel);
    memset(world->models, 0, sizeof(world->models));
    memset(world->ends, 0, sizeof(world->ends));
    world->ready_count = 0;
    CHECK(wb_poll_init(&world->poll, world->sys) == WB_OK);
    CHECK(wb_poll_init(&world->other_poll, world->sys) == WB_OK);
    CHECK(wb_events_init(&world->events, world->sys, 1u + room % 8u) == WB_OK);
    CHECK(wb_addr_parse("127.0.0.1:7000", &world->addr) == WB_OK);
    CHECK(wb_tcp_listener_bind(&world->listener, world->sys, &world->addr, 0) == WB_OK);
    CHECK(wb_waker_init(&world->waker, wb_poll_registry(&world->poll), WAKER) == WB_OK);
    model_arm(world, WAKER, WAKER, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
}

static void visit_descriptor(void *user_data, int fd, const char *what, uint32_t subject) {
    (void)user_data;
    (void)subject;
    fprintf(stderr, "descriptor %d (%s) was left open\n", fd, what);
    abort();
}

static void world_close(struct world *world) {
    for (int i = 0; i < END_COUNT; i++) {
        wb_tcp_stream_close(&world->ends[i]);
    }
    wb_tcp_listener_close(&world->listener);
    wb_waker_clean_up(&world->waker);
    wb_events_clean_up(&world->events);
    wb_poll_clean_up(&world->other_poll);
    wb_poll_clean_up(&world->poll);
    sim_each_descriptor(world->kernel, 0, visit_descriptor, NULL);
    struct sim_memory_info memory;
    sim_memory(world->kernel, 0, &memory);
    CHECK(memory.live_blocks == 0);
}

static void run_operation(struct world *world, uint8_t what, uint8_t arg, uint8_t how) {
    switch (what % 11) {
    case 0:
    case 1:
        op_wait(world);
        break;
    case 2:
        op_register(world, arg, how);
        break;
    case 3:
        op_register(world, arg, how | 0x20);
        break;
    case 4:
        op_deregister(world, arg);
        break;
    case 5:
        op_write(world, arg, how);
        break;
    case 6:
        op_read(world, arg, how);
        break;
    case 7:
        op_shutdown(world, arg, how);
        break;
    case 8:
        op_close(world, arg, how);
        break;
    case 9:
        op_connect(world, arg);
        break;
    default:
        if ((how & 1) != 0) {
            op_wake(world);
        } else {
            op_take_error(world, arg);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct world world;
    if (world.kernel == NULL) {
        world.kernel = sim_kernel_new();
        CHECK(world.kernel != NULL);
    }
    if (size == 0) {
        return 0;
    }
    world_open(&world, data[0]);
    size_t at = 1;
    for (int count = 0; at + 3 <= size && count < OPERATIONS_MAX; at += 3, count++) {
        run_operation(&world, data[at], data[at + 1], data[at + 2]);
    }
    op_wait(&world);
    world_close(&world);
    return 0;
}
