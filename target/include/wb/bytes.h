/* Bytes in three kinds of ownership: a borrowed view by value, shared immutable bytes behind a
 * reference count, and a growable buffer with one owner that can be split without copying.
 *
 * Thread: a value is used by one thread at a time; values that share memory may be used and
 * released by different threads at once. Allocates: through the wb_sys given at birth, only in the
 * calls that say so. */
#ifndef WB_BYTES_H
#define WB_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- a view ---- */

/* Somebody else's bytes, which must stay as long as the view is used. `ptr` may be NULL if `len` is
 * 0. */
struct wb_bytes {
    const uint8_t *ptr;
    size_t len;
};

static inline struct wb_bytes wb_bytes_from(const void *ptr, size_t len) {
    struct wb_bytes bytes = {(const uint8_t *)ptr, len};
    return bytes;
}

/* Without the NUL. */
WB_API struct wb_bytes wb_bytes_from_string(const char *string);

/* The bytes from `start` up to, not including, `end`. Aborts unless start <= end <= len. */
WB_API struct wb_bytes wb_bytes_slice(struct wb_bytes bytes, size_t start, size_t end);

WB_API bool wb_bytes_equal(struct wb_bytes a, struct wb_bytes b);
/* Less than, equal to or greater than 0, bytewise; of two where one begins the other the shorter
 * comes first. */
WB_API int wb_bytes_compare(struct wb_bytes a, struct wb_bytes b);
WB_API bool wb_bytes_starts_with(struct wb_bytes bytes, struct wb_bytes prefix);

/* Where the byte, or the sequence, first occurs; `len` of the bytes if it does not. */
WB_API size_t wb_bytes_find_byte(struct wb_bytes bytes, uint8_t byte);
WB_API size_t wb_bytes_find(struct wb_bytes bytes, struct wb_bytes sequence);

/* Writes the bytes for a person to read, and a NUL: \n \r \t \0 \\ \" and \xNN stand for what does
 * not print. What does not fit is left out, never half an escape. Returns the length without the
 * NUL. `capacity` must not be 0. */
WB_API size_t wb_bytes_format(struct wb_bytes bytes, char *out_text, size_t capacity);

/* ---- shared, immutable ---- */

struct wb_bytes_block;

/* One reference to bytes that nobody changes. All zeroes is the empty value, which needs no
 * release. A plain copy of the structure is not a reference: use wb_bytes_shared_acquire(). `ptr`
 * and `len` may be read. Empty results of the functions below hold no reference. */
struct wb_bytes_shared {
    const uint8_t *ptr;
    size_t len;
    struct wb_bytes_block *block; /* NULL: not counted */
};

/* Bytes that outlive everything, as literals do. Nothing is copied, counted or freed. */
WB_API struct wb_bytes_shared wb_bytes_shared_from_static(struct wb_bytes bytes);

/* A copy. Errors: WB_ERR_NO_MEMORY. Allocates, once. */
WB_API WB_MUST_USE enum wb_status wb_bytes_shared_copy(
    const struct wb_sys *sys, struct wb_bytes bytes, struct wb_bytes_shared *out_shared);

/* Takes over memory from `sys` of `size` bytes, the first `len` of them filled, without copying;
 * the last reference gives that pointer and size back to `sys`. Errors: WB_ERR_NO_MEMORY; the
 * memory still belongs to the caller. Allocates, once, a small amount. */
WB_API WB_MUST_USE enum wb_status wb_bytes_shared_adopt(const struct wb_sys *sys, void *ptr,
    size_t len, size_t size, struct wb_bytes_shared *out_shared);

/* Another reference to the same bytes; nothing is copied. */
WB_API struct wb_bytes_shared wb_bytes_shared_acquire(const struct wb_bytes_shared *shared);

/* Gives the reference back and empties the value; the last one frees. NULL and empty are allowed.
 */
WB_API void wb_bytes_shared_release(struct wb_bytes_shared *shared);

/* Valid as long as the reference is held. */
WB_API struct wb_bytes wb_bytes_shared_view(const struct wb_bytes_shared *shared);

/* A reference to a part. Aborts unless start <= end <= len. */
WB_API struct wb_bytes_shared wb_bytes_shared_slice(
    const struct wb_bytes_shared *shared, size_t start, size_t end);

/* A reference to the part that `part`, a view into these very bytes, shows. Aborts if it lies
 * elsewhere, unless it is empty. */
WB_API struct wb_bytes_shared wb_bytes_shared_slice_ref(
    const struct wb_bytes_shared *shared, struct wb_bytes part);

/* Cuts the value in two at `at`: it keeps the rest and the front is returned, or the other way
 * round. Aborts if at > len. */
WB_API struct wb_bytes_shared wb_bytes_shared_split_to(struct wb_bytes_shared *shared, size_t at);
WB_API struct wb_bytes_shared wb_bytes_shared_split_off(struct wb_bytes_shared *shared, size_t at);

/* Drops what is after the first `len` bytes; no effect if there are fewer. 0 gives the reference
 * back. */
WB_API void wb_bytes_shared_truncate(struct wb_bytes_shared *shared, size_t len);

/* Drops the first `count` bytes. Aborts if there are fewer. */
WB_API void wb_bytes_shared_advance(struct wb_bytes_shared *shared, size_t count);

/* Whether no other value holds the memory. False for static bytes and for none. */
WB_API bool wb_bytes_shared_is_unique(const struct wb_bytes_shared *shared);

struct wb_bytes_mut;

/* Makes the bytes writable if the value is unique, and empties it; otherwise changes nothing and
 * returns false. */
WB_API WB_MUST_USE bool wb_bytes_shared_try_into_mut(
    struct wb_bytes_shared *shared, struct wb_bytes_mut *out_mut);

/* ---- growable ---- */

/* A buffer with one owner. Its parts, once split, share the allocation but never a byte; the last
 * of them frees it. Read `ptr` and `len` freely, change the fields through the functions only. */
struct wb_bytes_mut {
    uint8_t *ptr;
    size_t len;
    size_t
        capacity; /* bytes from ptr on that are this part's; those after len are not initialised */
    struct wb_bytes_block *block;
    const struct wb_sys *sys;
};

/* An empty buffer. Cannot fail, allocates nothing. */
WB_API struct wb_bytes_mut wb_bytes_mut_new(const struct wb_sys *sys);

/* With room for `capacity` bytes. Errors: WB_ERR_NO_MEMORY. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_bytes_mut_with_capacity(
    const struct wb_sys *sys, size_t capacity, struct wb_bytes_mut *out_mut);

/* Gives the part up and leaves an empty buffer. NULL is allowed. */
WB_API void wb_bytes_mut_release(struct wb_bytes_mut *mut);

WB_API struct wb_bytes wb_bytes_mut_view(const struct wb_bytes_mut *mut);

/* Private: wb_bytes_mut_reserve() where there is no room. */
WB_API WB_MUST_USE enum wb_status wb__bytes_mut_grow(struct wb_bytes_mut *mut, size_t additional);

/* Makes room for `additional` more bytes: with what the allocation has left behind them, by moving
 * the bytes to its front if at least as many were dropped there, by resizing it, or by a new one if
 * parts of this one live on elsewhere. Errors: WB_ERR_NO_MEMORY; unchanged. Aborts if the length
 * would pass half the address space. Allocates. */
static inline WB_MUST_USE enum wb_status wb_bytes_mut_reserve(
    struct wb_bytes_mut *mut, size_t additional) {
    return mut->capacity - mut->len >= additional ? WB_OK : wb__bytes_mut_grow(mut, additional);
}

/* The first two of those ways only; false if they do not suffice. */
WB_API WB_MUST_USE bool wb_bytes_mut_try_reclaim(struct wb_bytes_mut *mut, size_t additional);

/* Appends. `bytes` must not lie in this buffer. Errors: WB_ERR_NO_MEMORY; unchanged. Allocates. */
static inline WB_MUST_USE enum wb_status wb_bytes_mut_extend(
    struct wb_bytes_mut *mut, struct wb_bytes bytes) {
    const enum wb_status status = wb_bytes_mut_reserve(mut, bytes.len);
    if (status == WB_OK && bytes.len != 0) {
        memcpy(mut->ptr + mut->len, bytes.ptr, bytes.len);
        mut->len += bytes.len;
    }
    return status;
}

/* Appends a copy of its own bytes from `start` up to `end`. Aborts unless start <= end <= len.
 * Errors: WB_ERR_NO_MEMORY; unchanged. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_bytes_mut_extend_from_within(
    struct wb_bytes_mut *mut, size_t start, size_t end);

/* Cuts to `len`, or fills up to it with `fill`. Errors: WB_ERR_NO_MEMORY; unchanged. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_bytes_mut_resize(
    struct wb_bytes_mut *mut, size_t len, uint8_t fill);

/* Where the next bytes go, and how many fit: write there, then commit. NULL if none fit. */
static inline uint8_t *wb_bytes_mut_spare(struct wb_bytes_mut *mut, size_t *out_len) {
    *out_len = mut->capacity - mut->len;
    return *out_len == 0 ? NULL : mut->ptr + mut->len;
}

/* The first `count` spare bytes were written. Aborts if there are fewer. */
static inline void wb_bytes_mut_commit(struct wb_bytes_mut *mut, size_t count) {
    assert(count <= mut->capacity - mut->len);
    mut->len += count;
}

/* Drops what is after the first `len` bytes; keeps the capacity. No effect if there are fewer. */
static inline void wb_bytes_mut_truncate(struct wb_bytes_mut *mut, size_t len) {
    mut->len = len < mut->len ? len : mut->len;
}

/* Drops the first `count` bytes, and their room. Aborts if there are fewer. */
WB_API void wb_bytes_mut_advance(struct wb_bytes_mut *mut, size_t count);

/* Takes all bytes out and leaves an empty buffer with the room that is left. */
WB_API struct wb_bytes_mut wb_bytes_mut_split(struct wb_bytes_mut *mut);

/* Takes the first `at` bytes out. Aborts if at > len. */
WB_API struct wb_bytes_mut wb_bytes_mut_split_to(struct wb_bytes_mut *mut, size_t at);

/* Takes out what is from `at` on, bytes and spare room. Aborts if at > capacity. */
WB_API struct wb_bytes_mut wb_bytes_mut_split_off(struct wb_bytes_mut *mut, size_t at);

/* Appends `other` and empties it: without copying if it was split from just behind this buffer's
 * bytes or if this buffer is empty. Errors: WB_ERR_NO_MEMORY; both unchanged. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_bytes_mut_unsplit(
    struct wb_bytes_mut *mut, struct wb_bytes_mut *other);

/* Ends writing: the bytes become shared, without copying, and the buffer empty. The spare room is
 * given up. */
WB_API struct wb_bytes_shared wb_bytes_mut_freeze(struct wb_bytes_mut *mut);

#ifdef __cplusplus
}
#endif

#endif
