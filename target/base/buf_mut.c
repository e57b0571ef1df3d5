/* Writing through a cursor, and the cursors over fixed space and growable buffers. */
#include "wb/buf.h"

#include <assert.h>
#include <string.h>

#include "base/byte_order.h"
#include "base/bytes_block.h"

/* ---- generic ---- */

size_t wb_buf_mut_remaining(struct wb_buf_mut buf) {
    return buf.ops->remaining(buf.self);
}

bool wb_buf_mut_has_remaining(struct wb_buf_mut buf) {
    return wb_buf_mut_remaining(buf) > 0;
}

enum wb_status wb_buf_mut_reserve(struct wb_buf_mut buf, size_t count) {
    assert(count <= wb_buf_mut_remaining(buf));
    return buf.ops->reserve == NULL ? WB_OK : buf.ops->reserve(buf.self, count);
}

uint8_t *wb_buf_mut_chunk(struct wb_buf_mut buf, size_t *out_len) {
    return buf.ops->chunk(buf.self, out_len);
}

void wb_buf_mut_advance(struct wb_buf_mut buf, size_t count) {
    size_t chunk_len = 0;
    (void)wb_buf_mut_chunk(buf, &chunk_len);
    assert(count <= chunk_len);
    if (count > 0) {
        buf.ops->advance(buf.self, count);
    }
}

/* The next place for up to `count` bytes, which have been reserved. */
static struct wb_space next_piece(struct wb_buf_mut buf, size_t count) {
    struct wb_space piece = {0};
    piece.ptr = wb_buf_mut_chunk(buf, &piece.len);
    assert(piece.len > 0);
    piece.len = piece.len < count ? piece.len : count;
    return piece;
}

enum wb_status wb_buf_mut_put(struct wb_buf_mut buf, struct wb_bytes bytes) {
    enum wb_status status = wb_buf_mut_reserve(buf, bytes.len);
    if (status != WB_OK) {
        return status;
    }
    while (bytes.len > 0) {
        struct wb_space piece = next_piece(buf, bytes.len);
        memcpy(piece.ptr, bytes.ptr, piece.len);
        wb_buf_mut_advance(buf, piece.len);
        bytes = wb_bytes_slice(bytes, piece.len, bytes.len);
    }
    return WB_OK;
}

enum wb_status wb_buf_mut_put_fill(struct wb_buf_mut buf, uint8_t byte, size_t count) {
    enum wb_status status = wb_buf_mut_reserve(buf, count);
    if (status != WB_OK) {
        return status;
    }
    while (count > 0) {
        struct wb_space piece = next_piece(buf, count);
        memset(piece.ptr, byte, piece.len);
        wb_buf_mut_advance(buf, piece.len);
        count -= piece.len;
    }
    return WB_OK;
}

enum wb_status wb_buf_mut_put_buf(struct wb_buf_mut buf, struct wb_buf from) {
    enum wb_status status = wb_buf_mut_reserve(buf, wb_buf_remaining(from));
    if (status != WB_OK) {
        return status;
    }
    while (wb_buf_has_remaining(from)) {
        struct wb_bytes chunk = wb_buf_chunk(from);
        struct wb_space piece = next_piece(buf, chunk.len);
        memcpy(piece.ptr, chunk.ptr, piece.len);
        wb_buf_mut_advance(buf, piece.len);
        wb_buf_advance(from, piece.len);
    }
    return WB_OK;
}

enum wb_status wb_buf_mut_write(struct wb_buf_mut buf, struct wb_bytes bytes, size_t *out_count) {
    size_t remaining = wb_buf_mut_remaining(buf);
    size_t count = bytes.len < remaining ? bytes.len : remaining;
    enum wb_status status = wb_buf_mut_put(buf, wb_bytes_slice(bytes, 0, count));
    if (status == WB_OK) {
        *out_count = count;
    }
    return status;
}

/* ---- numbers ---- */

static enum wb_status put_number(
    struct wb_buf_mut buf, uint64_t value, size_t width, enum wb_byte_order order) {
    uint8_t raw[8];
    wb__uint_store(raw, value, width, order);
    return wb_buf_mut_put(buf, wb_bytes_from(raw, width));
}

enum wb_status wb_buf_mut_put_uint(
    struct wb_buf_mut buf, uint64_t value, size_t width, enum wb_byte_order order) {
    assert(width >= 1 && width <= 8);
    assert(width == 8 || value >> (8 * width) == 0);
    return put_number(buf, value, width, order);
}

enum wb_status wb_buf_mut_put_int(
    struct wb_buf_mut buf, int64_t value, size_t width, enum wb_byte_order order) {
    assert(width >= 1 && width <= 8);
    assert(wb__sign_extend((uint64_t)value, width) == value);
    return put_number(buf, (uint64_t)value, width, order);
}

enum wb_status wb_buf_mut_put_f32(struct wb_buf_mut buf, float value, enum wb_byte_order order) {
    uint32_t raw;
    memcpy(&raw, &value, sizeof(raw));
    return put_number(buf, raw, sizeof(raw), order);
}

enum wb_status wb_buf_mut_put_f64(struct wb_buf_mut buf, double value, enum wb_byte_order order) {
    uint64_t raw;
    memcpy(&raw, &value, sizeof(raw));
    return put_number(buf, raw, sizeof(raw), order);
}

/* ---- over fixed space ---- */

static size_t space_remaining(const void *self) {
    const struct wb_space *space = self;
    return space->len;
}

static uint8_t *space_chunk(void *self, size_t *out_len) {
    struct wb_space *space = self;
    *out_len = space->len;
    return space->len == 0 ? NULL : space->ptr;
}

static void space_advance(void *self, size_t count) {
    struct wb_space *space = self;
    space->ptr += count;
    space->len -= count;
}

struct wb_buf_mut wb_buf_mut_from_space(struct wb_space *space) {
    static const struct wb_buf_mut_ops ops = {
        .remaining = space_remaining, .chunk = space_chunk, .advance = space_advance};
    return (struct wb_buf_mut){&ops, space};
}

/* ---- over a growable buffer ---- */

static size_t growable_remaining(const void *self) {
    const struct wb_bytes_mut *mut = self;
    return WB__BYTES_SIZE_MAX - mut->len;
}

static uint8_t *growable_chunk(void *self, size_t *out_len) {
    return wb_bytes_mut_spare(self, out_len);
}

static void growable_advance(void *self, size_t count) {
    wb_bytes_mut_commit(self, count);
}

static enum wb_status growable_reserve(void *self, size_t count) {
    return wb_bytes_mut_reserve(self, count);
}

struct wb_buf_mut wb_buf_mut_from_bytes_mut(struct wb_bytes_mut *mut) {
    static const struct wb_buf_mut_ops ops = {.remaining = growable_remaining,
        .chunk = growable_chunk,
        .advance = growable_advance,
        .reserve = growable_reserve};
    return (struct wb_buf_mut){&ops, mut};
}
