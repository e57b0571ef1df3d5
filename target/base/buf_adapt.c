/* Cursors made of cursors: limits and chains. */
#include "wb/buf.h"

#include <assert.h>

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- take: reading up to a limit ---- */

static size_t take_remaining(const void *self) {
    const struct wb_take *take = self;
    return least(take->limit, wb_buf_remaining(take->inner));
}

static struct wb_bytes take_chunk(const void *self) {
    const struct wb_take *take = self;
    struct wb_bytes chunk = wb_buf_chunk(take->inner);
    return wb_bytes_slice(chunk, 0, least(take->limit, chunk.len));
}

static void take_advance(void *self, size_t count) {
    struct wb_take *take = self;
    wb_buf_advance(take->inner, count);
    take->limit -= count;
}

static size_t take_chunks(const void *self, struct wb_iovec *out_iov, size_t iov_len) {
    const struct wb_take *take = self;
    size_t inner_count = wb_buf_chunks(take->inner, out_iov, iov_len);
    size_t left = take->limit;
    size_t count = 0;
    while (count < inner_count && left > 0) {
        out_iov[count].len = least(out_iov[count].len, left);
        left -= out_iov[count].len;
        count++;
    }
    return count;
}

static bool take_share(void *self, size_t count, struct wb_bytes_shared *out_shared) {
    struct wb_take *take = self;
    if (take->inner.ops->share == NULL
        || !take->inner.ops->share(take->inner.self, count, out_shared)) {
        return false;
    }
    take->limit -= count;
    return true;
}

struct wb_buf wb_buf_from_take(struct wb_take *take) {
    static const struct wb_buf_ops ops = {.remaining = take_remaining,
        .chunk = take_chunk,
        .advance = take_advance,
        .chunks = take_chunks,
        .share = take_share};
    return (struct wb_buf){&ops, take};
}

/* ---- limit: writing up to a limit ---- */

static size_t limit_remaining(const void *self) {
    const struct wb_limit *limit = self;
    return least(limit->limit, wb_buf_mut_remaining(limit->inner));
}

static uint8_t *limit_chunk(void *self, size_t *out_len) {
    const struct wb_limit *limit = self;
    size_t len = 0;
    uint8_t *chunk = wb_buf_mut_chunk(limit->inner, &len);
    *out_len = least(limit->limit, len);
    return *out_len == 0 ? NULL : chunk;
}

static void limit_advance(void *self, size_t count) {
    struct wb_limit *limit = self;
    wb_buf_mut_advance(limit->inner, count);
    limit->limit -= count;
}

static enum wb_status limit_reserve(void *self, size_t count) {
    const struct wb_limit *limit = self;
    return wb_buf_mut_reserve(limit->inner, count);
}

struct wb_buf_mut wb_buf_mut_from_limit(struct wb_limit *limit) {
    static const struct wb_buf_mut_ops ops = {.remaining = limit_remaining,
        .chunk = limit_chunk,
        .advance = limit_advance,
        .reserve = limit_reserve};
    return (struct wb_buf_mut){&ops, limit};
}

/* ---- chain: reading one after the other ---- */

static size_t sum_or_max(size_t a, size_t b) {
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

static size_t chain_remaining(const void *self) {
    const struct wb_chain *chain = self;
    return sum_or_max(wb_buf_remaining(chain->first), wb_buf_remaining(chain->last));
}

static struct wb_bytes chain_chunk(const void *self) {
    const struct wb_chain *chain = self;
    return wb_buf_chunk(wb_buf_has_remaining(chain->first) ? chain->first : chain->last);
}

static void chain_advance(void *self, size_t count) {
    const struct wb_chain *chain = self;
    size_t piece = least(count, wb_buf_remaining(chain->first));
    wb_buf_advance(chain->first, piece);
    wb_buf_advance(chain->last, count - piece);
}

static size_t pieces_len(const struct wb_iovec *iov, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += iov[i].len;
    }
    return len;
}

/* The pieces of the last follow only if those of the first are all of it: order matters more than
 * filling the array. */
static size_t chain_chunks(const void *self, struct wb_iovec *out_iov, size_t iov_len) {
    const struct wb_chain *chain = self;
    size_t count = wb_buf_chunks(chain->first, out_iov, iov_len);
    if (pieces_len(out_iov, count) < wb_buf_remaining(chain->first)) {
        return count;
    }
    return count + wb_buf_chunks(chain->last, out_iov + count, iov_len - count);
}

static bool share_from(struct wb_buf buf, size_t count, struct wb_bytes_shared *out_shared) {
    return buf.ops->share != NULL && buf.ops->share(buf.self, count, out_shared);
}

static bool chain_share(void *self, size_t count, struct wb_bytes_shared *out_shared) {
    const struct wb_chain *chain = self;
    size_t first_len = wb_buf_remaining(chain->first);
    if (count <= first_len) {
        return share_from(chain->first, count, out_shared);
    }
    return first_len == 0 && share_from(chain->last, count, out_shared);
}

struct wb_buf wb_buf_from_chain(struct wb_chain *chain) {
    static const struct wb_buf_ops ops = {.remaining = chain_remaining,
        .chunk = chain_chunk,
        .advance = chain_advance,
        .chunks = chain_chunks,
        .share = chain_share};
    return (struct wb_buf){&ops, chain};
}

/* ---- chain: writing one after the other ---- */

static size_t chain_mut_remaining(const void *self) {
    const struct wb_chain_mut *chain = self;
    return sum_or_max(wb_buf_mut_remaining(chain->first), wb_buf_mut_remaining(chain->last));
}

static struct wb_buf_mut chain_mut_current(const struct wb_chain_mut *chain) {
    return wb_buf_mut_has_remaining(chain->first) ? chain->first : chain->last;
}

static uint8_t *chain_mut_chunk(void *self, size_t *out_len) {
    return wb_buf_mut_chunk(chain_mut_current(self), out_len);
}

static void chain_mut_advance(void *self, size_t count) {
    wb_buf_mut_advance(chain_mut_current(self), count);
}

static enum wb_status chain_mut_reserve(void *self, size_t count) {
    const struct wb_chain_mut *chain = self;
    size_t piece = least(count, wb_buf_mut_remaining(chain->first));
    enum wb_status status = wb_buf_mut_reserve(chain->first, piece);
    return status == WB_OK ? wb_buf_mut_reserve(chain->last, count - piece) : status;
}

struct wb_buf_mut wb_buf_mut_from_chain(struct wb_chain_mut *chain) {
    static const struct wb_buf_mut_ops ops = {.remaining = chain_mut_remaining,
        .chunk = chain_mut_chunk,
        .advance = chain_mut_advance,
        .reserve = chain_mut_reserve};
    return (struct wb_buf_mut){&ops, chain};
}
