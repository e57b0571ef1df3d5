/* A slab: elements of one size, each under a small integer key that stays the same for as long as
 * the element lives. Fixed or growable by its options. It holds bytes: it neither constructs nor
 * destroys what they mean.
 *
 * Freed slots are reused last-in first-out; slots never used come after them, in ascending order.
 * Every slot has a generation that changes when its element is removed, so that a key kept too long
 * can be told from its successor: see wb_slab_token().
 *
 * Element pointers hold until the next call that may grow, shrink or compact the slab; keys hold
 * until the element is removed or moved by wb_slab_compact().
 *
 * Thread: none of this is synchronised; one thread at a time. Allocates: through the wb_sys given
 * at init, only in the calls that say so. Announces: every element that comes or goes, with
 * WB_NOTE_SLOT_INSERT and WB_NOTE_SLOT_REMOVE under the label of the options. */
#ifndef WB_SLAB_H
#define WB_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Keys are below this, so that a key and a generation fit in a token. */
#define WB_SLAB_KEY_END (UINT32_MAX - 1)

/* Never a slab's token. */
#define WB_SLAB_TOKEN_NONE UINT64_MAX

struct wb_slab_options {
    size_t element_size; /* sizeof the element; not 0 */
    size_t first;        /* key of the first slot */
    size_t capacity;     /* slots to allocate at init */
    size_t capacity_max; /* slots the slab may grow to; 0: as many as there are keys. Equal to
                            `capacity`: a fixed slab, whose elements never move */
    uint64_t label;      /* how announcements name this slab */
};

struct wb_slab_slot;

/* The fields are the slab's own. */
struct wb_slab {
    const struct wb_sys *sys;
    unsigned char *elements;
    struct wb_slab_slot *slots;
    size_t element_size;
    size_t first;
    size_t capacity;
    size_t capacity_max;
    size_t touched; /* slots that ever held an element; those after it have no state yet */
    size_t len;
    uint32_t free_head;
    uint32_t generation_floor; /* where the generation of an untouched slot starts */
    uint64_t label;
};

/* ---- lifecycle ---- */

/* Errors: WB_ERR_NO_MEMORY; the slab is then as after wb_slab_clean_up(). Aborts if the options ask
 * for keys beyond WB_SLAB_KEY_END or for more capacity than capacity_max. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_slab_init(
    struct wb_slab *slab, const struct wb_sys *sys, const struct wb_slab_options *options);

/* Frees the memory. Elements still there are not announced as removed: what they own is leaked
 * unless the caller saw to it, for instance with wb_slab_retain() or wb_slab_clear(). NULL, a
 * slab of zero bytes, and one cleaned up before are allowed. */
WB_API void wb_slab_clean_up(struct wb_slab *slab);

/* ---- size ---- */

WB_API size_t wb_slab_len(const struct wb_slab *slab);

/* How many elements fit without another allocation. */
WB_API size_t wb_slab_capacity(const struct wb_slab *slab);

/* No further insert can succeed until an element is removed. */
WB_API bool wb_slab_is_full(const struct wb_slab *slab);

/* Makes room for `additional` more elements. Errors: WB_ERR_FULL if capacity_max forbids it,
 * WB_ERR_NO_MEMORY; the slab is unchanged. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_slab_reserve(struct wb_slab *slab, size_t additional);

/* Gives back the memory after the last element, moving none to another key. Does nothing if the
 * system has no memory to move to. Tokens of elements that are gone stay stale. Allocates. */
WB_API void wb_slab_shrink_to_fit(struct wb_slab *slab);

/* ---- coming ---- */

/* Copies element_size bytes from `element` (NULL: zeroes; not in the slab) and tells the key.
 * Errors: WB_ERR_FULL at capacity_max, WB_ERR_NO_MEMORY; nothing was taken from the caller.
 * Allocates, by doubling, when the capacity is used up. */
WB_API WB_MUST_USE enum wb_status wb_slab_insert(
    struct wb_slab *slab, const void *element, size_t *out_key);

/* Fills the zeroed bytes of the element that is about to live under `key`. Any status but WB_OK
 * abandons it. Must not use the slab. */
typedef enum wb_status (*wb_slab_make_fn)(void *element, size_t key, void *user_data);

/* As wb_slab_insert(), but `make` fills the element and is told its key. When there is no room
 * `make` is not called. Errors: also what `make` returns; the slab holds what it held. Calls back:
 * make, once. */
WB_API WB_MUST_USE enum wb_status wb_slab_insert_with(
    struct wb_slab *slab, wb_slab_make_fn make, void *user_data, size_t *out_key);

/* The place of the next element. Abandoning one needs no call. */
struct wb_slab_vacant {
    struct wb_slab *slab;
    size_t key;
    uint64_t token; /* what wb_slab_token() will say */
};

/* Finds, and if need be allocates, the place of the next element. Errors: as wb_slab_insert(). */
WB_API WB_MUST_USE enum wb_status wb_slab_vacant_entry(
    struct wb_slab *slab, struct wb_slab_vacant *out_vacant);

/* Puts the element (NULL: zeroes) in that place and returns its address; cannot fail. The slab must
 * not have changed since wb_slab_vacant_entry(): aborts if the place is another's now. */
WB_API void *wb_slab_vacant_insert(const struct wb_slab_vacant *vacant, const void *element);

/* Fills an empty slab with `count` elements under keys of the caller's choice, in any order; of two
 * under one key the later wins. Keys left out are free, lowest first. Errors: WB_ERR_INVALID for a
 * key below `first`, WB_ERR_FULL for one beyond capacity_max, WB_ERR_NO_MEMORY; the slab is still
 * empty. Aborts if it was not. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_slab_fill(
    struct wb_slab *slab, const size_t *keys, const void *elements, size_t count);

/* ---- looking ---- */

/* NULL for a key below `first`, beyond the last slot, or whose element was removed. */
WB_API void *wb_slab_get(const struct wb_slab *slab, size_t key);

/* As wb_slab_get(), but aborts instead of returning NULL. */
WB_API void *wb_slab_at(const struct wb_slab *slab, size_t key);

WB_API bool wb_slab_contains(const struct wb_slab *slab, size_t key);

/* The addresses of `count` different elements at once. Errors: WB_ERR_NO_ENTRY if one is absent,
 * WB_ERR_INVALID if a key occurs twice. Time grows with the square of `count`. */
WB_API WB_MUST_USE enum wb_status wb_slab_get_disjoint(
    const struct wb_slab *slab, const size_t *keys, size_t count, void **out_elements);

/* ---- generations ---- */

/* The generation of the element under the key, or of the next one there if there is none now. Never
 * 0; it repeats after 2^32 - 1 removals from one slot. Aborts if the slab can never have the key.
 */
WB_API uint32_t wb_slab_generation(const struct wb_slab *slab, size_t key);

/* Generation (upper half) and key (lower half) of an element. Aborts if there is none. */
WB_API uint64_t wb_slab_token(const struct wb_slab *slab, size_t key);

/* NULL if the token's element is gone, even if another took its key; any value may be asked. */
WB_API void *wb_slab_from_token(const struct wb_slab *slab, uint64_t token);

static inline size_t wb_slab_token_key(uint64_t token) {
    return (size_t)(token & UINT32_MAX);
}

static inline uint32_t wb_slab_token_generation(uint64_t token) {
    return (uint32_t)(token >> 32);
}

/* ---- changing and going ---- */

/* Copies the old element to `out_old` (NULL: not wanted) and `element` over it. Key, generation and
 * length stay. Errors: WB_ERR_NO_ENTRY. */
WB_API WB_MUST_USE enum wb_status wb_slab_replace(
    struct wb_slab *slab, size_t key, const void *element, void *out_old);

/* Frees the slot; the element's bytes go to `out_element` unless that is NULL. Aborts if the
 * element is not there: for keys the caller knows to be in use. */
WB_API void wb_slab_remove(struct wb_slab *slab, size_t key, void *out_element);

/* The same, but for an element that is not there, WB_ERR_NO_ENTRY: nothing changes, however often
 * it is removed. */
WB_API WB_MUST_USE enum wb_status wb_slab_try_remove(
    struct wb_slab *slab, size_t key, void *out_element);

/* Removes every element; key `first` is the next to be used. Keeps the memory. */
WB_API void wb_slab_clear(struct wb_slab *slab);

/* Whether the element stays. It may be changed; the slab must not be used. */
typedef bool (*wb_slab_keep_fn)(void *element, size_t key, void *user_data);

/* Removes the elements that `keep` returns false for. Calls back: keep, once for each element, in
 * key order. */
WB_API void wb_slab_retain(struct wb_slab *slab, wb_slab_keep_fn keep, void *user_data);

/* Asks the owner to know the element by `to` instead of `from` from now on; the element moves after
 * the call returns true. wb_slab_generation(slab, to) is its new generation. Must not change the
 * slab. */
typedef bool (*wb_slab_rekey_fn)(void *element, size_t from, size_t to, void *user_data);

/* Moves the elements with the highest keys into the lowest free slots until there are no holes,
 * then shrinks. A move is announced as a removal and an insertion. If `rekey` refuses, that element
 * and all others stay where they are, and the call ends. Calls back: rekey, once for each move.
 * Allocates. */
WB_API void wb_slab_compact(struct wb_slab *slab, wb_slab_rekey_fn rekey, void *user_data);

/* ---- going through all ---- */

/* Visits elements in key order from both ends at once, each exactly once. While it is in use only
 * elements it has visited may be removed, and none inserted. */
struct wb_slab_iter {
    struct wb_slab *slab;
    size_t front; /* slots not yet looked at: front .. back - 1 */
    size_t back;
    size_t remaining;
};

WB_API struct wb_slab_iter wb_slab_iter(struct wb_slab *slab);

/* How many elements are still to come, from either end. */
WB_API size_t wb_slab_iter_len(const struct wb_slab_iter *iter);

/* The address of the next element, from the lowest or the highest key; NULL when all were visited.
 * out_key may be NULL. */
WB_API void *wb_slab_iter_next(struct wb_slab_iter *iter, size_t *out_key);
WB_API void *wb_slab_iter_next_back(struct wb_slab_iter *iter, size_t *out_key);

/* As those, but the element is removed, its bytes copied to out_element; false when there is none
 * left. out_key and out_element may be NULL. A drain that ends early leaves the rest in place. */
WB_API bool wb_slab_drain_next(struct wb_slab_iter *iter, size_t *out_key, void *out_element);
WB_API bool wb_slab_drain_next_back(struct wb_slab_iter *iter, size_t *out_key, void *out_element);

#ifdef __cplusplus
}
#endif

#endif
