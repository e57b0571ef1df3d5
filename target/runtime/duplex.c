/* A pipe in memory, both ways: one allocation for the ways and who holds them. */
#include <assert.h>

#include "runtime/byte_way.h"
#include "wb/io.h"

enum { SIDES = 2 };

struct wb__duplex {
    const struct wb_sys *sys;
    _Atomic uint32_t ends;
    struct wb__byte_way ways[SIDES]; /* by who writes */
};

/* ---- reading and writing ---- */

static enum wb_progress duplex_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_duplex *end =
        (struct wb_duplex *)(void *)((char *)self - offsetof(struct wb_duplex, read));
    return wb__byte_way_poll_read(
        &end->shared->ways[1 - end->side], context, buf, len, out_status, out_len);
}

static struct wb__byte_way *out_of(struct wb_async_write *write) {
    const struct wb_duplex *end =
        (struct wb_duplex *)(void *)((char *)write - offsetof(struct wb_duplex, write));
    return &end->shared->ways[end->side];
}

static enum wb_progress duplex_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    return wb__byte_way_poll_write(out_of(self), context, buf, len, out_status, out_len);
}

static enum wb_progress duplex_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    wb__byte_way_end(out_of(self));
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops duplex_read_ops = {.poll_read = duplex_poll_read};
static const struct wb_async_write_ops duplex_write_ops = {
    .poll_write = duplex_poll_write,
    .poll_shutdown = duplex_poll_shutdown,
};

/* ---- life ---- */

static size_t duplex_size(size_t capacity) {
    return sizeof(struct wb__duplex) + SIDES * capacity;
}

static struct wb_duplex end_of(struct wb__duplex *shared, uint32_t side) {
    return (struct wb_duplex){{&duplex_read_ops}, {&duplex_write_ops}, shared, side};
}

static void free_duplex(struct wb__duplex *shared, size_t capacity) {
    wb__byte_way_clean_up(&shared->ways[0]);
    wb__byte_way_clean_up(&shared->ways[1]);
    WB_SYS(shared->sys, free, shared, duplex_size(capacity));
}

enum wb_status wb_duplex_new(const struct wb_sys *sys, size_t capacity, struct wb_duplex *out_first,
    struct wb_duplex *out_second) {
    assert(capacity != 0 && capacity < SIZE_MAX / 4);
    struct wb__duplex *shared = WB_SYS(sys, alloc, duplex_size(capacity));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__duplex){.sys = sys, .ends = SIDES};
    unsigned char *bytes = (unsigned char *)(shared + 1);
    wb__byte_way_init(&shared->ways[0], sys, bytes, capacity);
    wb__byte_way_init(&shared->ways[1], sys, bytes + capacity, capacity);
    *out_first = end_of(shared, 0);
    *out_second = end_of(shared, 1);
    return WB_OK;
}

void wb_duplex_close(struct wb_duplex *duplex) {
    struct wb__duplex *shared = duplex->shared;
    if (shared == NULL) {
        return;
    }
    duplex->shared = NULL;
    wb__byte_way_drop_writer(&shared->ways[duplex->side]);
    wb__byte_way_drop_reader(&shared->ways[1 - duplex->side]);
    if (wb__byte_way_leave(shared->sys, &shared->ends)) {
        free_duplex(shared, shared->ways[0].capacity);
    }
}
