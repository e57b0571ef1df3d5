/* Cursors over bytes: struct wb_buf reads, struct wb_buf_mut writes, each over storage that may lie
 * in several pieces. Numbers of every width and order, limits and chains are built on either.
 *
 * A cursor is a reference passed by value: what it walks over is borrowed, must stay, and is itself
 * moved forward. Asking for more than there is, or writing more than fits, is a programming error
 * and aborts; check wb_buf_remaining() first or use the try_ form.
 *
 * Thread: a cursor and what it walks over, one thread at a time. Allocates: only where a growable
 * target grows, and wb_buf_copy_to_shared(). */
#ifndef WB_BUF_H
#define WB_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb_byte_order {
    WB_BYTE_ORDER_BIG,
    WB_BYTE_ORDER_LITTLE,
    WB_BYTE_ORDER_NATIVE, /* of the machine this runs on */
};

/* ---- reading: what a kind of storage provides ---- */

struct wb_buf_ops {
    /* REQUIRED. How many bytes are left. */
    size_t (*remaining)(const void *self);
    /* REQUIRED. The next bytes that lie together; not empty while any remain. */
    struct wb_bytes (*chunk)(const void *self);
    /* REQUIRED. Moves forward; `count` is at most what remains. */
    void (*advance)(void *self, size_t count);
    /* Optional. Fills at most `iov_len` (not 0) entries with what chunk() would say one after the
     * other, empty ones left out, and returns how many. Without it: one, chunk(). */
    size_t (*chunks)(const void *self, struct wb_iovec *out_iov, size_t iov_len);
    /* Optional. Takes `count` bytes, at most what remains, out as shared bytes without copying, or
     * returns false and does nothing. */
    bool (*share)(void *self, size_t count, struct wb_bytes_shared *out_shared);
};

struct wb_buf {
    const struct wb_buf_ops *ops;
    void *self;
};

/* Over a view, shared bytes, or the filled part of a growable buffer; each is advanced itself. */
WB_API struct wb_buf wb_buf_from_bytes(struct wb_bytes *bytes);
WB_API struct wb_buf wb_buf_from_shared(struct wb_bytes_shared *shared);
WB_API struct wb_buf wb_buf_from_bytes_mut(struct wb_bytes_mut *mut);

/* ---- reading: what one does with it ---- */

WB_API size_t wb_buf_remaining(struct wb_buf buf);
WB_API bool wb_buf_has_remaining(struct wb_buf buf);

/* The next bytes that lie together: perhaps fewer than remain, but none only if none remain. */
WB_API struct wb_bytes wb_buf_chunk(struct wb_buf buf);

/* Moves forward. Aborts if fewer bytes remain. */
WB_API void wb_buf_advance(struct wb_buf buf, size_t count);

/* The next pieces, in order, ready for writev or sendmsg; returns how many. They need not cover all
 * that remains. The entries are only to be read through. */
WB_API size_t wb_buf_chunks(struct wb_buf buf, struct wb_iovec *out_iov, size_t iov_len);

/* Copies exactly `count` bytes and moves past them. Aborts if fewer remain. */
WB_API void wb_buf_copy_to(struct wb_buf buf, void *out, size_t count);

/* The same, or WB_EOF if fewer remain: nothing is copied or moved. */
WB_API WB_MUST_USE enum wb_status wb_buf_try_copy_to(struct wb_buf buf, void *out, size_t count);

/* Takes exactly `count` bytes out as shared bytes, without copying if the storage is shared and
 * they lie together. Aborts if fewer remain. Errors: WB_ERR_NO_MEMORY; nothing was moved. Allocates
 * from `sys` if it copies. */
WB_API WB_MUST_USE enum wb_status wb_buf_copy_to_shared(
    struct wb_buf buf, const struct wb_sys *sys, size_t count, struct wb_bytes_shared *out_shared);

/* As a reader: copies up to `count` bytes; 0 at the end. */
WB_API size_t wb_buf_read(struct wb_buf buf, void *out, size_t count);

/* As an iterator: the next byte, or false at the end. */
WB_API bool wb_buf_next(struct wb_buf buf, uint8_t *out_byte);

/* A number of `width` bytes, 1 to 8; signed ones are sign-extended. Aborts on another width or if
 * fewer bytes remain. */
WB_API uint64_t wb_buf_get_uint(struct wb_buf buf, size_t width, enum wb_byte_order order);
WB_API int64_t wb_buf_get_int(struct wb_buf buf, size_t width, enum wb_byte_order order);

/* The same, or WB_EOF if fewer bytes remain: nothing is moved. */
WB_API WB_MUST_USE enum wb_status wb_buf_try_get_uint(
    struct wb_buf buf, size_t width, enum wb_byte_order order, uint64_t *out_value);
WB_API WB_MUST_USE enum wb_status wb_buf_try_get_int(
    struct wb_buf buf, size_t width, enum wb_byte_order order, int64_t *out_value);

/* IEEE 754 numbers. */
WB_API float wb_buf_get_f32(struct wb_buf buf, enum wb_byte_order order);
WB_API double wb_buf_get_f64(struct wb_buf buf, enum wb_byte_order order);

/* ---- writing: what a kind of storage provides ---- */

struct wb_buf_mut_ops {
    /* REQUIRED. How many bytes may still be written, growth included. */
    size_t (*remaining)(const void *self);
    /* REQUIRED. Where the next bytes go and how many fit together there, growth not included. The
     * bytes are not initialised. */
    uint8_t *(*chunk)(void *self, size_t *out_len);
    /* REQUIRED. The first `count` bytes of the chunk, at most all, were written. */
    void (*advance)(void *self, size_t count);
    /* Optional. Makes sure that the chunks together hold `count` bytes, at most remaining(), or
     * says WB_ERR_NO_MEMORY. Without it: they always do. */
    enum wb_status (*reserve)(void *self, size_t count);
};

struct wb_buf_mut {
    const struct wb_buf_mut_ops *ops;
    void *self;
};

/* Memory of fixed size that is being filled: ptr moves forward, len shrinks. */
struct wb_space {
    uint8_t *ptr;
    size_t len;
};

WB_API struct wb_buf_mut wb_buf_mut_from_space(struct wb_space *space);

/* Appends, and grows as needed. */
WB_API struct wb_buf_mut wb_buf_mut_from_bytes_mut(struct wb_bytes_mut *mut);

/* ---- writing: what one does with it ---- */

WB_API size_t wb_buf_mut_remaining(struct wb_buf_mut buf);
WB_API bool wb_buf_mut_has_remaining(struct wb_buf_mut buf);

/* Makes room, in chunks perhaps, for `count` more bytes. Aborts if more than remaining. Errors:
 * WB_ERR_NO_MEMORY. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_buf_mut_reserve(struct wb_buf_mut buf, size_t count);

/* Where to write next, for recv and its like; write before reading. Commit with
 * wb_buf_mut_advance(). NULL and 0 if nothing fits without wb_buf_mut_reserve(). */
WB_API uint8_t *wb_buf_mut_chunk(struct wb_buf_mut buf, size_t *out_len);

/* `count` bytes were written to the chunk. Aborts if the chunk is smaller. */
WB_API void wb_buf_mut_advance(struct wb_buf_mut buf, size_t count);

/* All of the functions below write everything or, on WB_ERR_NO_MEMORY, nothing; they abort if more
 * is to be written than remains. Only growable storage runs out of memory. */

WB_API WB_MUST_USE enum wb_status wb_buf_mut_put(struct wb_buf_mut buf, struct wb_bytes bytes);

/* `count` times the same byte. */
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_fill(
    struct wb_buf_mut buf, uint8_t byte, size_t count);

/* All that remains in `from`, which is moved to its end. The two must not share memory. */
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_buf(struct wb_buf_mut buf, struct wb_buf from);

/* A number in `width` bytes, 1 to 8. Aborts on another width, and if `value` does not fit in it. */
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_uint(
    struct wb_buf_mut buf, uint64_t value, size_t width, enum wb_byte_order order);
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_int(
    struct wb_buf_mut buf, int64_t value, size_t width, enum wb_byte_order order);
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_f32(
    struct wb_buf_mut buf, float value, enum wb_byte_order order);
WB_API WB_MUST_USE enum wb_status wb_buf_mut_put_f64(
    struct wb_buf_mut buf, double value, enum wb_byte_order order);

/* As a writer: as much of `bytes` as fits; tells how much. Errors: WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_buf_mut_write(
    struct wb_buf_mut buf, struct wb_bytes bytes, size_t *out_count);

/* ---- limits and chains ---- */

/* At most `limit` bytes of `inner`; limit counts down. It may be changed between calls, and may be
 * more than there is. */
struct wb_take {
    struct wb_buf inner;
    size_t limit;
};

struct wb_limit {
    struct wb_buf_mut inner;
    size_t limit;
};

/* First the one, then the other. Together they remain at most SIZE_MAX. */
struct wb_chain {
    struct wb_buf first;
    struct wb_buf last;
};

struct wb_chain_mut {
    struct wb_buf_mut first;
    struct wb_buf_mut last;
};

WB_API struct wb_buf wb_buf_from_take(struct wb_take *take);
WB_API struct wb_buf_mut wb_buf_mut_from_limit(struct wb_limit *limit);
WB_API struct wb_buf wb_buf_from_chain(struct wb_chain *chain);
WB_API struct wb_buf_mut wb_buf_mut_from_chain(struct wb_chain_mut *chain);

/* ---- numbers by name ---- */

/* For each width 8 to 64: wb_buf_get_u16_be(buf), wb_buf_get_i16_be(buf),
 * wb_buf_try_get_u16_be(buf, &value), wb_buf_mut_put_u16_be(buf, value), wb_buf_mut_put_i16_be(buf,
 * value), and the same with _le and _ne. */
#define WB_BUF_NUMBER(bits, suffix, order)                                                         \
    static inline uint##bits##_t wb_buf_get_u##bits##suffix(struct wb_buf buf) {                   \
        return (uint##bits##_t)wb_buf_get_uint(buf, (bits) / 8, order);                            \
    }                                                                                              \
    static inline int##bits##_t wb_buf_get_i##bits##suffix(struct wb_buf buf) {                    \
        return (int##bits##_t)wb_buf_get_int(buf, (bits) / 8, order);                              \
    }                                                                                              \
    static inline WB_MUST_USE enum wb_status wb_buf_try_get_u##bits##suffix(                       \
        struct wb_buf buf, uint##bits##_t *out_value) {                                            \
        uint64_t value = 0;                                                                        \
        enum wb_status status = wb_buf_try_get_uint(buf, (bits) / 8, order, &value);               \
        if (status == WB_OK) {                                                                     \
            *out_value = (uint##bits##_t)value;                                                    \
        }                                                                                          \
        return status;                                                                             \
    }                                                                                              \
    static inline WB_MUST_USE enum wb_status wb_buf_mut_put_u##bits##suffix(                       \
        struct wb_buf_mut buf, uint##bits##_t value) {                                             \
        return wb_buf_mut_put_uint(buf, value, (bits) / 8, order);                                 \
    }                                                                                              \
    static inline WB_MUST_USE enum wb_status wb_buf_mut_put_i##bits##suffix(                       \
        struct wb_buf_mut buf, int##bits##_t value) {                                              \
        return wb_buf_mut_put_int(buf, value, (bits) / 8, order);                                  \
    }
#define WB_BUF_NUMBERS(bits)                                                                       \
    WB_BUF_NUMBER(bits, _be, WB_BYTE_ORDER_BIG)                                                    \
    WB_BUF_NUMBER(bits, _le, WB_BYTE_ORDER_LITTLE)                                                 \
    WB_BUF_NUMBER(bits, _ne, WB_BYTE_ORDER_NATIVE)

WB_BUF_NUMBER(8, , WB_BYTE_ORDER_BIG)
WB_BUF_NUMBERS(16)
WB_BUF_NUMBERS(32)
WB_BUF_NUMBERS(64)

#undef WB_BUF_NUMBERS
#undef WB_BUF_NUMBER

#ifdef __cplusplus
}
#endif

#endif
