/* The ring buffer: two cursors over one block, and the mark. */
#include "wb/ring.h"

#include <assert.h>

#include "base/power_of_two.h"

enum wb_status wb_ring_init(struct wb_ring *ring, const struct wb_sys *sys, size_t capacity) {
    *ring = (struct wb_ring){.sys = sys};
    if (capacity == 0) {
        return WB_OK;
    }
    size_t rounded = wb__power_of_two_from(capacity);
    ring->data = rounded == 0 ? NULL : WB_SYS(sys, alloc, rounded);
    if (ring->data == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    ring->capacity = rounded;
    return WB_OK;
}

void wb_ring_clean_up(struct wb_ring *ring) {
    if (ring == NULL) {
        return;
    }
    if (ring->data != NULL) {
        WB_SYS(ring->sys, free, ring->data, ring->capacity);
    }
    *ring = (struct wb_ring){0};
}

size_t wb_ring_capacity(const struct wb_ring *ring) {
    return ring->capacity;
}

size_t wb_ring_len(const struct wb_ring *ring) {
    return ring->len;
}

void wb_ring_clear(struct wb_ring *ring) {
    ring->pos = 0;
    ring->len = 0;
    ring->has_mark = false;
}

/* ---- mark ---- */

void wb_ring_mark(struct wb_ring *ring) {
    ring->mark_pos = ring->pos;
    ring->mark_len = ring->len;
    ring->has_mark = true;
}

bool wb_ring_has_mark(const struct wb_ring *ring) {
    return ring->has_mark;
}

void wb_ring_reset(struct wb_ring *ring) {
    assert(ring->has_mark);
    ring->pos = ring->mark_pos;
    ring->len = ring->mark_len;
    ring->has_mark = false;
}

/* ---- reading ---- */

/* A position in the block; sums of two positions stay far from overflow. */
static size_t wrap(const struct wb_ring *ring, size_t pos) {
    return pos & (ring->capacity - 1);
}

static size_t read_remaining(const void *self) {
    const struct wb_ring *ring = self;
    return ring->len;
}

static struct wb_bytes read_chunk(const void *self) {
    const struct wb_ring *ring = self;
    size_t to_end = ring->capacity - ring->pos;
    if (ring->len == 0) {
        return (struct wb_bytes){0};
    }
    return (struct wb_bytes){ring->data + ring->pos, ring->len < to_end ? ring->len : to_end};
}

static void read_advance(void *self, size_t count) {
    struct wb_ring *ring = self;
    if (count > 0) {
        ring->pos = wrap(ring, ring->pos + count);
        ring->len -= count;
    }
}

static size_t read_chunks(const void *self, struct wb_iovec *out_iov, size_t iov_len) {
    const struct wb_ring *ring = self;
    struct wb_bytes front = read_chunk(self);
    if (front.len == 0) {
        return 0;
    }
    out_iov[0] = (struct wb_iovec){(void *)front.ptr, front.len};
    if (front.len == ring->len || iov_len == 1) {
        return 1;
    }
    out_iov[1] = (struct wb_iovec){ring->data, ring->len - front.len};
    return 2;
}

struct wb_buf wb_buf_from_ring(struct wb_ring *ring) {
    static const struct wb_buf_ops ops = {.remaining = read_remaining,
        .chunk = read_chunk,
        .advance = read_advance,
        .chunks = read_chunks};
    return (struct wb_buf){&ops, ring};
}

/* ---- writing ---- */

static size_t write_remaining(const void *self) {
    const struct wb_ring *ring = self;
    return ring->capacity - ring->len;
}

static uint8_t *write_chunk(void *self, size_t *out_len) {
    struct wb_ring *ring = self;
    size_t room = ring->capacity - ring->len;
    if (room == 0) {
        *out_len = 0;
        return NULL;
    }
    size_t end = wrap(ring, ring->pos + ring->len);
    size_t to_end = ring->capacity - end;
    *out_len = room < to_end ? room : to_end;
    return ring->data + end;
}

static void write_advance(void *self, size_t count) {
    struct wb_ring *ring = self;
    ring->len += count;
    if (ring->has_mark) {
        ring->mark_len += count;
        ring->has_mark = ring->mark_len <= ring->capacity;
    }
}

struct wb_buf_mut wb_buf_mut_from_ring(struct wb_ring *ring) {
    static const struct wb_buf_mut_ops ops = {
        .remaining = write_remaining, .chunk = write_chunk, .advance = write_advance};
    return (struct wb_buf_mut){&ops, ring};
}
