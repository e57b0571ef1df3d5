/* Wires: TCP over loopback, a pair of Unix sockets, a pipe in memory. */
#include "streams/talk.h"

#include "wb/combine.h"

struct talk talk;

/* ---- ends ---- */

static void stream_end(struct end *end, enum wire_kind kind, const struct wb_stream *stream) {
    end->kind = kind;
    end->stream = *stream;
    end->read = &end->stream.reader.read;
    end->write = &end->stream.writer.write;
}

static void duplex_end(struct end *end) {
    end->kind = WIRE_DUPLEX;
    end->read = &end->duplex.read;
    end->write = &end->duplex.write;
}

static void end_close(struct end *end) {
    if (end->read == NULL && end->write == NULL) {
        return;
    }
    end->read = NULL;
    end->write = NULL;
    if (end->kind == WIRE_DUPLEX) {
        wb_duplex_close(&end->duplex);
        wb_duplex_close(&end->duplex);
    } else {
        wb_stream_close(&end->stream);
    }
}

void end_use(struct end *end) {
    end->users++;
}

void end_leave(struct end *end, bool reads, bool writes) {
    end->users--;
    if (end->is_split && end->kind != WIRE_DUPLEX) {
        if (reads) {
            wb_read_half_close(&end->stream.reader);
        }
        if (writes) {
            wb_write_half_close(&end->stream.writer);
        }
    }
    if (end->users == 0) {
        end_close(end);
    }
}

void wires_close(void) {
    for (uint32_t i = 0; i < ENDS; i++) {
        end_close(&talk.ends[i]);
    }
}

/* ---- making them ---- */

static enum wb_status make_duplex(struct end *first, struct end *second, size_t capacity) {
    const enum wb_status status =
        wb_duplex_new(wb_runtime_sys(talk.runtime), capacity, &first->duplex, &second->duplex);
    if (status == WB_OK) {
        duplex_end(first);
        duplex_end(second);
    }
    return status;
}

static enum wb_status adopt_unix(struct end *end, struct wb_unix_stream *socket) {
    struct wb_stream stream;
    const enum wb_status status = wb_stream_from_unix(&stream, talk.runtime, socket);
    if (status == WB_OK) {
        stream_end(end, WIRE_UNIX, &stream);
    }
    return status;
}

static enum wb_status make_unix(struct end *first, struct end *second) {
    struct wb_unix_stream sockets[2];
    enum wb_status status =
        wb_unix_stream_pair(wb_runtime_sys(talk.runtime), &sockets[0], &sockets[1]);
    if (status != WB_OK) {
        return status;
    }
    status = adopt_unix(first, &sockets[0]);
    const enum wb_status other = adopt_unix(second, &sockets[1]);
    return status != WB_OK ? status : other;
}

/* One connects, the other accepts, both on this thread. */
static enum wb_status meet(struct wb_listener *listener, const struct wb_addr *addr,
    struct end *first, struct end *second) {
    struct wb_connect connect;
    struct wb_accept accept;
    struct wb_all all;
    struct wb_future *parts[] = {&accept.future, &connect.future};
    wb_accept_init(&accept, listener);
    wb_connect_init(&connect, talk.runtime, addr);
    wb_all_try_init(&all, parts, 2);
    const enum wb_status status = wb_runtime_block_on(talk.runtime, &all.future);
    if (wb_future_is_over(&connect.future) && connect.future.status == WB_OK) {
        stream_end(first, WIRE_TCP, &connect.stream);
    }
    if (wb_future_is_over(&accept.future) && accept.future.status == WB_OK) {
        stream_end(second, WIRE_TCP, &accept.stream);
    }
    return status;
}

static enum wb_status make_tcp(struct end *first, struct end *second, uint16_t port) {
    const struct wb_addr addr = wb_addr_v4_loopback(port);
    struct wb_listener listener = {0};
    enum wb_status status = wb_listener_bind(&listener, talk.runtime, &addr, 0);
    if (status == WB_OK) {
        status = meet(&listener, &addr, first, second);
        wb_listener_close(&listener);
    }
    return status;
}

static enum wb_status make_wire(
    enum wire_kind kind, struct end *first, struct end *second, size_t capacity) {
    enum { PORT = 7300 };
    if (kind == WIRE_DUPLEX) {
        return make_duplex(first, second, capacity);
    }
    return kind == WIRE_UNIX ? make_unix(first, second)
                             : make_tcp(first, second, (uint16_t)(PORT + (first - talk.ends)));
}

enum wb_status wires_make(const enum wire_kind kinds[2], uint32_t wire_count, size_t capacity) {
    enum wb_status status = WB_OK;
    for (uint32_t i = 0; i < wire_count && status == WB_OK; i++) {
        status = make_wire(kinds[i], &talk.ends[2 * i], &talk.ends[2 * i + 1], capacity);
    }
    talk.end_count = 2 * wire_count;
    return status;
}
