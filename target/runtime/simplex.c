/* A pipe in memory, one way. */
#include <assert.h>

#include "runtime/byte_way.h"
#include "wb/io.h"

enum { ENDS = 2 };

struct wb__simplex {
    const struct wb_sys *sys;
    _Atomic uint32_t ends;
    struct wb__byte_way way;
};

/* ---- reading and writing ---- */

static struct wb__byte_way *into(struct wb_async_write *write) {
    return &((struct wb_simplex_writer *)(void *)((char *)write
                                                  - offsetof(struct wb_simplex_writer, write)))
                ->shared->way;
}

static enum wb_progress simplex_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_simplex_reader *reader =
        (struct wb_simplex_reader *)(void *)((char *)self
                                             - offsetof(struct wb_simplex_reader, read));
    return wb__byte_way_poll_read(&reader->shared->way, context, buf, len, out_status, out_len);
}

static enum wb_progress simplex_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    return wb__byte_way_poll_write(into(self), context, buf, len, out_status, out_len);
}

static enum wb_progress simplex_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    wb__byte_way_end(into(self));
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops simplex_read_ops = {.poll_read = simplex_poll_read};
static const struct wb_async_write_ops simplex_write_ops = {
    .poll_write = simplex_poll_write,
    .poll_shutdown = simplex_poll_shutdown,
};

/* ---- life ---- */

static size_t simplex_size(size_t capacity) {
    return sizeof(struct wb__simplex) + capacity;
}

enum wb_status wb_simplex_new(const struct wb_sys *sys, size_t capacity,
    struct wb_simplex_reader *out_reader, struct wb_simplex_writer *out_writer) {
    assert(capacity != 0 && capacity < SIZE_MAX / 2);
    struct wb__simplex *shared = WB_SYS(sys, alloc, simplex_size(capacity));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__simplex){.sys = sys, .ends = ENDS};
    wb__byte_way_init(&shared->way, sys, (unsigned char *)(shared + 1), capacity);
    *out_reader = (struct wb_simplex_reader){{&simplex_read_ops}, shared};
    *out_writer = (struct wb_simplex_writer){{&simplex_write_ops}, shared};
    return WB_OK;
}

static void leave_simplex(struct wb__simplex *shared) {
    if (wb__byte_way_leave(shared->sys, &shared->ends)) {
        const size_t size = simplex_size(shared->way.capacity);
        wb__byte_way_clean_up(&shared->way);
        WB_SYS(shared->sys, free, shared, size);
    }
}

void wb_simplex_reader_close(struct wb_simplex_reader *reader) {
    struct wb__simplex *shared = reader->shared;
    if (shared != NULL) {
        reader->shared = NULL;
        wb__byte_way_drop_reader(&shared->way);
        leave_simplex(shared);
    }
}

void wb_simplex_writer_close(struct wb_simplex_writer *writer) {
    struct wb__simplex *shared = writer->shared;
    if (shared != NULL) {
        writer->shared = NULL;
        wb__byte_way_drop_writer(&shared->way);
        leave_simplex(shared);
    }
}
