/* Bytes that come: one buffer, which grows as it has to, and gives way to a new one where it holds
 * the head of a request that is being answered. */
#include "http/server/conn.h"

#include <string.h>

/* Where the first bytes of a connection without a buffer come, so that idle ones need none. */
enum { SCRATCH_LEN = 1024 };

/* ---- room ---- */

/* Moves what is unread into a buffer of that size. */
static enum wb_status move_to(struct wb__h1_server *self, uint32_t capacity) {
    struct wb__h1_in *in = &self->in;
    uint8_t *ptr = WB_SYS(self->sys, alloc, capacity);
    if (ptr == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    const uint32_t len = in->end - in->begin;
    if (len != 0) {
        memcpy(ptr, in->ptr + in->begin, len);
    }
    if (in->floor != 0) {
        in->pinned = in->ptr;
        in->pinned_capacity = in->capacity;
        in->floor = 0;
    } else if (in->ptr != NULL) {
        WB_SYS(self->sys, free, in->ptr, in->capacity);
    }
    in->ptr = ptr;
    in->capacity = capacity;
    in->begin = 0;
    in->end = len;
    in->was_filled = false; /* so that waiting alone lets it grow no further */
    return WB_OK;
}

static void move_down(struct wb__h1_in *in) {
    memmove(in->ptr + in->floor, in->ptr + in->begin, in->end - in->begin);
    in->end -= in->begin - in->floor;
    in->begin = in->floor;
}

/* A size for `len` bytes and more, and larger than now if they come fast. */
static uint32_t fitting(uint32_t len, uint32_t smaller, uint32_t capacity_max) {
    uint32_t capacity = WB_H1_SERVER_BUF_LEN_MIN;
    while (capacity < capacity_max && (capacity <= len || capacity <= smaller)) {
        capacity *= 2;
    }
    return capacity < capacity_max ? capacity : capacity_max;
}

/* The buffer is full, or should be larger. */
static enum wb_status make_room(struct wb__h1_server *self, const struct wb__h1_reading *reading) {
    struct wb__h1_in *in = &self->in;
    const bool grows = reading->grows && in->was_filled && in->capacity < reading->capacity_max;
    if (in->end < in->capacity && !grows) {
        return WB_OK;
    }
    if (in->begin > in->floor && !grows) {
        move_down(in);
        return WB_OK;
    }
    const uint32_t len = in->end - in->begin;
    const uint32_t capacity = fitting(len, grows ? in->capacity : 0, reading->capacity_max);
    return capacity > len ? move_to(self, capacity) : WB_ERR_LIMIT;
}

/* ---- reading ---- */

/* Without a buffer, and with one only if something comes. */
__attribute__((noinline)) static enum wb_progress read_first(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    uint8_t scratch[SCRATCH_LEN];
    size_t len = 0;
    if (wb_async_poll_read(self->io.read, context, scratch, sizeof scratch, out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        *out_status = move_to(self, WB_H1_SERVER_BUF_LEN_MIN);
    }
    if (*out_status == WB_OK) {
        memcpy(self->in.ptr, scratch, len);
        self->in.end = (uint32_t)len;
        self->in.was_full_read = len == sizeof scratch;
    }
    self->in.is_eof = *out_status == WB_EOF;
    return WB_READY;
}

enum wb_progress wb__h1_read_anyway(struct wb__h1_server *self, struct wb_context *context,
    const struct wb__h1_reading *reading, enum wb_status *out_status) {
    if (self->in.is_eof) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    if (self->in.ptr == NULL) {
        return read_first(self, context, out_status);
    }
    *out_status = make_room(self, reading);
    return *out_status == WB_OK ? wb__h1_read_behind(self, context, out_status) : WB_READY;
}

/* ---- what must stay ---- */

void wb__h1_pin(struct wb__h1_server *self, uint32_t len) {
    self->in.begin += len;
    self->in.floor = self->in.begin;
}

bool wb__h1_keep_lent(struct wb__h1_server *self) {
    struct wb__h1_in *in = &self->in;
    if (in->pinned != NULL && in->end == in->capacity) {
        return false; /* one buffer is put aside already */
    }
    in->floor = in->begin;
    return true;
}

void wb__h1_free_pinned(struct wb__h1_server *self) {
    WB_SYS(self->sys, free, self->in.pinned, self->in.pinned_capacity);
    self->in.pinned = NULL;
}

void wb__h1_in_clean_up(struct wb__h1_server *self) {
    wb__h1_unpin(self);
    WB_SYS(self->sys, free, self->in.ptr, self->in.capacity);
    self->in = (struct wb__h1_in){.is_eof = self->in.is_eof};
}
