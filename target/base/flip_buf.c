/* The flip buffer: its two states, and a cursor for each. */
#include "wb/flip_buf.h"

#include <assert.h>

#include "base/power_of_two.h"

enum wb_status wb_flip_buf_init(
    struct wb_flip_buf *flip, const struct wb_sys *sys, size_t capacity) {
    *flip = (struct wb_flip_buf){.sys = sys};
    if (capacity == 0) {
        return WB_OK;
    }
    size_t rounded = wb__power_of_two_from(capacity);
    flip->data = rounded == 0 ? NULL : WB_SYS(sys, alloc, rounded);
    if (flip->data == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    flip->capacity = rounded;
    flip->limit = rounded;
    return WB_OK;
}

void wb_flip_buf_clean_up(struct wb_flip_buf *flip) {
    if (flip == NULL) {
        return;
    }
    if (flip->data != NULL) {
        WB_SYS(flip->sys, free, flip->data, flip->capacity);
    }
    *flip = (struct wb_flip_buf){0};
}

size_t wb_flip_buf_capacity(const struct wb_flip_buf *flip) {
    return flip->capacity;
}

bool wb_flip_buf_is_reading(const struct wb_flip_buf *flip) {
    return flip->is_reading;
}

/* ---- states ---- */

static void enter(struct wb_flip_buf *flip, bool is_reading, size_t pos, size_t limit) {
    assert(flip->is_reading != is_reading);
    flip->is_reading = is_reading;
    flip->pos = pos;
    flip->limit = limit;
    flip->has_mark = false;
}

void wb_flip_buf_flip(struct wb_flip_buf *flip) {
    enter(flip, true, 0, flip->pos);
}

void wb_flip_buf_clear(struct wb_flip_buf *flip) {
    enter(flip, false, 0, flip->capacity);
}

void wb_flip_buf_resume(struct wb_flip_buf *flip) {
    enter(flip, false, flip->limit, flip->capacity);
}

void wb_flip_buf_mark(struct wb_flip_buf *flip) {
    assert(flip->is_reading);
    flip->mark = flip->pos;
    flip->has_mark = true;
}

void wb_flip_buf_reset(struct wb_flip_buf *flip) {
    assert(flip->is_reading && flip->has_mark);
    flip->pos = flip->mark;
    flip->has_mark = false;
}

/* ---- cursors ---- */

static size_t read_remaining(const void *self) {
    const struct wb_flip_buf *flip = self;
    assert(flip->is_reading);
    return flip->limit - flip->pos;
}

static struct wb_bytes read_chunk(const void *self) {
    const struct wb_flip_buf *flip = self;
    size_t len = read_remaining(self);
    return len == 0 ? (struct wb_bytes){0} : (struct wb_bytes){flip->data + flip->pos, len};
}

static void read_advance(void *self, size_t count) {
    struct wb_flip_buf *flip = self;
    flip->pos += count;
}

struct wb_buf wb_buf_from_flip(struct wb_flip_buf *flip) {
    static const struct wb_buf_ops ops = {
        .remaining = read_remaining, .chunk = read_chunk, .advance = read_advance};
    assert(flip->is_reading);
    return (struct wb_buf){&ops, flip};
}

static size_t write_remaining(const void *self) {
    const struct wb_flip_buf *flip = self;
    assert(!flip->is_reading);
    return flip->limit - flip->pos;
}

static uint8_t *write_chunk(void *self, size_t *out_len) {
    struct wb_flip_buf *flip = self;
    *out_len = write_remaining(self);
    return *out_len == 0 ? NULL : flip->data + flip->pos;
}

static void write_advance(void *self, size_t count) {
    struct wb_flip_buf *flip = self;
    flip->pos += count;
}

struct wb_buf_mut wb_buf_mut_from_flip(struct wb_flip_buf *flip) {
    static const struct wb_buf_mut_ops ops = {
        .remaining = write_remaining, .chunk = write_chunk, .advance = write_advance};
    assert(!flip->is_reading);
    return (struct wb_buf_mut){&ops, flip};
}
