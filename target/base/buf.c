/* Reading through a cursor, and the cursors over contiguous bytes. */
#include "wb/buf.h"

#include <assert.h>
#include <string.h>

#include "base/byte_order.h"

/* ---- generic ---- */

size_t wb_buf_remaining(struct wb_buf buf) {
    return buf.ops->remaining(buf.self);
}

bool wb_buf_has_remaining(struct wb_buf buf) {
    return wb_buf_remaining(buf) > 0;
}

struct wb_bytes wb_buf_chunk(struct wb_buf buf) {
    return buf.ops->chunk(buf.self);
}

void wb_buf_advance(struct wb_buf buf, size_t count) {
    assert(count <= wb_buf_remaining(buf));
    buf.ops->advance(buf.self, count);
}

size_t wb_buf_chunks(struct wb_buf buf, struct wb_iovec *out_iov, size_t iov_len) {
    if (iov_len == 0) {
        return 0;
    }
    if (buf.ops->chunks != NULL) {
        return buf.ops->chunks(buf.self, out_iov, iov_len);
    }
    struct wb_bytes chunk = wb_buf_chunk(buf);
    if (chunk.len == 0) {
        return 0;
    }
    out_iov[0] = (struct wb_iovec){(void *)chunk.ptr, chunk.len};
    return 1;
}

void wb_buf_copy_to(struct wb_buf buf, void *out, size_t count) {
    assert(count <= wb_buf_remaining(buf));
    uint8_t *to = out;
    while (count > 0) {
        struct wb_bytes chunk = wb_buf_chunk(buf);
        size_t piece = chunk.len < count ? chunk.len : count;
        assert(piece > 0);
        memcpy(to, chunk.ptr, piece);
        wb_buf_advance(buf, piece);
        to += piece;
        count -= piece;
    }
}

enum wb_status wb_buf_try_copy_to(struct wb_buf buf, void *out, size_t count) {
    if (count > wb_buf_remaining(buf)) {
        return WB_EOF;
    }
    wb_buf_copy_to(buf, out, count);
    return WB_OK;
}

enum wb_status wb_buf_copy_to_shared(
    struct wb_buf buf, const struct wb_sys *sys, size_t count, struct wb_bytes_shared *out_shared) {
    assert(count <= wb_buf_remaining(buf));
    if (buf.ops->share != NULL && buf.ops->share(buf.self, count, out_shared)) {
        return WB_OK;
    }
    struct wb_bytes_mut copy;
    enum wb_status status = wb_bytes_mut_with_capacity(sys, count, &copy);
    if (status != WB_OK) {
        return status;
    }
    if (count > 0) {
        wb_buf_copy_to(buf, copy.ptr, count);
        wb_bytes_mut_commit(&copy, count);
    }
    *out_shared = wb_bytes_mut_freeze(&copy);
    return WB_OK;
}

size_t wb_buf_read(struct wb_buf buf, void *out, size_t count) {
    size_t remaining = wb_buf_remaining(buf);
    size_t piece = count < remaining ? count : remaining;
    wb_buf_copy_to(buf, out, piece);
    return piece;
}

bool wb_buf_next(struct wb_buf buf, uint8_t *out_byte) {
    return wb_buf_read(buf, out_byte, 1) == 1;
}

/* ---- numbers ---- */

uint64_t wb_buf_get_uint(struct wb_buf buf, size_t width, enum wb_byte_order order) {
    uint8_t raw[8];
    assert(width >= 1 && width <= sizeof(raw));
    wb_buf_copy_to(buf, raw, width);
    return wb__uint_load(raw, width, order);
}

int64_t wb_buf_get_int(struct wb_buf buf, size_t width, enum wb_byte_order order) {
    uint64_t value = wb_buf_get_uint(buf, width, order);
    return wb__sign_extend(value, width);
}

enum wb_status wb_buf_try_get_uint(
    struct wb_buf buf, size_t width, enum wb_byte_order order, uint64_t *out_value) {
    if (width > wb_buf_remaining(buf)) {
        assert(width <= sizeof(*out_value));
        return WB_EOF;
    }
    *out_value = wb_buf_get_uint(buf, width, order);
    return WB_OK;
}

enum wb_status wb_buf_try_get_int(
    struct wb_buf buf, size_t width, enum wb_byte_order order, int64_t *out_value) {
    uint64_t value = 0;
    enum wb_status status = wb_buf_try_get_uint(buf, width, order, &value);
    if (status == WB_OK) {
        *out_value = wb__sign_extend(value, width);
    }
    return status;
}

float wb_buf_get_f32(struct wb_buf buf, enum wb_byte_order order) {
    uint32_t raw = (uint32_t)wb_buf_get_uint(buf, sizeof(raw), order);
    float value;
    memcpy(&value, &raw, sizeof(value));
    return value;
}

double wb_buf_get_f64(struct wb_buf buf, enum wb_byte_order order) {
    uint64_t raw = wb_buf_get_uint(buf, sizeof(raw), order);
    double value;
    memcpy(&value, &raw, sizeof(value));
    return value;
}

/* ---- over a view ---- */

static size_t view_remaining(const void *self) {
    const struct wb_bytes *bytes = self;
    return bytes->len;
}

static struct wb_bytes view_chunk(const void *self) {
    const struct wb_bytes *bytes = self;
    return *bytes;
}

static void view_advance(void *self, size_t count) {
    struct wb_bytes *bytes = self;
    *bytes = wb_bytes_slice(*bytes, count, bytes->len);
}

struct wb_buf wb_buf_from_bytes(struct wb_bytes *bytes) {
    static const struct wb_buf_ops ops = {
        .remaining = view_remaining, .chunk = view_chunk, .advance = view_advance};
    return (struct wb_buf){&ops, bytes};
}

/* ---- over shared bytes ---- */

static size_t shared_remaining(const void *self) {
    const struct wb_bytes_shared *shared = self;
    return shared->len;
}

static struct wb_bytes shared_chunk(const void *self) {
    return wb_bytes_shared_view(self);
}

static void shared_advance(void *self, size_t count) {
    wb_bytes_shared_advance(self, count);
}

static bool shared_share(void *self, size_t count, struct wb_bytes_shared *out_shared) {
    *out_shared = wb_bytes_shared_split_to(self, count);
    return true;
}

struct wb_buf wb_buf_from_shared(struct wb_bytes_shared *shared) {
    static const struct wb_buf_ops ops = {.remaining = shared_remaining,
        .chunk = shared_chunk,
        .advance = shared_advance,
        .share = shared_share};
    return (struct wb_buf){&ops, shared};
}

/* ---- over what a growable buffer holds ---- */

static size_t growable_remaining(const void *self) {
    const struct wb_bytes_mut *mut = self;
    return mut->len;
}

static struct wb_bytes growable_chunk(const void *self) {
    return wb_bytes_mut_view(self);
}

static void growable_advance(void *self, size_t count) {
    wb_bytes_mut_advance(self, count);
}

static bool growable_share(void *self, size_t count, struct wb_bytes_shared *out_shared) {
    struct wb_bytes_mut front = wb_bytes_mut_split_to(self, count);
    *out_shared = wb_bytes_mut_freeze(&front);
    return true;
}

struct wb_buf wb_buf_from_bytes_mut(struct wb_bytes_mut *mut) {
    static const struct wb_buf_ops ops = {.remaining = growable_remaining,
        .chunk = growable_chunk,
        .advance = growable_advance,
        .share = growable_share};
    return (struct wb_buf){&ops, mut};
}
