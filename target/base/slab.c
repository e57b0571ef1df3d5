/* The slab's slots: how keys become addresses, the free list, coming and going. Traversal and
 * maintenance are in slab_walk.c.
 *
 * Elements and slots lie in two arrays of `capacity` entries. Slots below `touched` have a
 * generation and are either occupied or linked into the free list; later ones are raw memory. */
#include "base/slab_slot.h"

#include <assert.h>
#include <string.h>

/* Growth starts here: fewer slots would be reallocated at once. */
enum { CAPACITY_MIN = 4 };

/* As many slots as the options and the keys allow, and as both arrays can be counted in bytes. */
static size_t capacity_limit(const struct wb_slab_options *options) {
    size_t keys = WB_SLAB_KEY_END - options->first;
    size_t largest = options->element_size > sizeof(struct wb_slab_slot)
                         ? options->element_size
                         : sizeof(struct wb_slab_slot);
    size_t addressable = SIZE_MAX / largest;
    size_t limit = keys < addressable ? keys : addressable;
    assert(options->capacity_max <= keys);
    return options->capacity_max != 0 && options->capacity_max < limit ? options->capacity_max
                                                                       : limit;
}

enum wb_status wb_slab_init(
    struct wb_slab *slab, const struct wb_sys *sys, const struct wb_slab_options *options) {
    assert(options->element_size != 0);
    assert(options->first < WB_SLAB_KEY_END);
    *slab = (struct wb_slab){
        .sys = sys,
        .element_size = options->element_size,
        .first = options->first,
        .capacity_max = capacity_limit(options),
        .free_head = WB__SLOT_LAST,
        .generation_floor = 1,
        .label = options->label,
    };
    assert(options->capacity <= slab->capacity_max);
    enum wb_status status = wb__slab_set_capacity(slab, options->capacity);
    if (status != WB_OK) {
        *slab = (struct wb_slab){0};
    }
    return status;
}

static void release_memory(struct wb_slab *slab) {
    WB_SYS(slab->sys, free, slab->elements, slab->capacity * slab->element_size);
    WB_SYS(slab->sys, free, slab->slots, slab->capacity * sizeof(*slab->slots));
    slab->elements = NULL;
    slab->slots = NULL;
    slab->capacity = 0;
}

void wb_slab_clean_up(struct wb_slab *slab) {
    if (slab == NULL) {
        return;
    }
    if (slab->capacity != 0) {
        release_memory(slab);
    }
    *slab = (struct wb_slab){0};
}

/* The slots are allocated anew and the elements resized, in this order, so that the only step that
 * cannot be taken back is the last one that can fail. */
enum wb_status wb__slab_set_capacity(struct wb_slab *slab, size_t capacity) {
    assert(capacity >= slab->touched);
    if (capacity == slab->capacity) {
        return WB_OK;
    }
    if (capacity == 0) {
        release_memory(slab);
        return WB_OK;
    }
    struct wb_slab_slot *slots = WB_SYS(slab->sys, alloc, capacity * sizeof(*slots));
    if (slots == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    unsigned char *elements = WB_SYS(slab->sys, resize, slab->elements,
        slab->capacity * slab->element_size, capacity * slab->element_size);
    if (elements == NULL) {
        WB_SYS(slab->sys, free, slots, capacity * sizeof(*slots));
        return WB_ERR_NO_MEMORY;
    }
    if (slab->slots != NULL) {
        memcpy(slots, slab->slots, slab->touched * sizeof(*slots));
        WB_SYS(slab->sys, free, slab->slots, slab->capacity * sizeof(*slots));
    }
    slab->elements = elements;
    slab->slots = slots;
    slab->capacity = capacity;
    return WB_OK;
}

static enum wb_status grow(struct wb_slab *slab) {
    if (slab->capacity >= slab->capacity_max) {
        return WB_ERR_FULL;
    }
    size_t doubled = slab->capacity < CAPACITY_MIN / 2 ? CAPACITY_MIN : slab->capacity * 2;
    doubled = doubled < slab->capacity_max ? doubled : slab->capacity_max;
    return wb__slab_set_capacity(slab, doubled);
}

size_t wb_slab_len(const struct wb_slab *slab) {
    return slab->len;
}

size_t wb_slab_capacity(const struct wb_slab *slab) {
    return slab->capacity;
}

bool wb_slab_is_full(const struct wb_slab *slab) {
    return slab->len == slab->capacity_max;
}

enum wb_status wb_slab_reserve(struct wb_slab *slab, size_t additional) {
    if (additional > slab->capacity_max - slab->len) {
        return WB_ERR_FULL;
    }
    size_t needed = slab->len + additional;
    return needed <= slab->capacity ? WB_OK : wb__slab_set_capacity(slab, needed);
}

/* ---- looking ---- */

/* Whether the key is in use, and where. */
static bool find(const struct wb_slab *slab, size_t key, size_t *out_index) {
    if (key < slab->first || key - slab->first >= slab->touched) {
        return false;
    }
    size_t index = key - slab->first;
    if (slab->slots[index].next != WB__SLOT_OCCUPIED) {
        return false;
    }
    *out_index = index;
    return true;
}

void *wb_slab_get(const struct wb_slab *slab, size_t key) {
    size_t index;
    return find(slab, key, &index) ? wb__slab_element(slab, index) : NULL;
}

void *wb_slab_at(const struct wb_slab *slab, size_t key) {
    void *element = wb_slab_get(slab, key);
    assert(element != NULL);
    return element;
}

bool wb_slab_contains(const struct wb_slab *slab, size_t key) {
    return wb_slab_get(slab, key) != NULL;
}

enum wb_status wb_slab_get_disjoint(
    const struct wb_slab *slab, const size_t *keys, size_t count, void **out_elements) {
    for (size_t i = 0; i < count; i++) {
        if (!wb_slab_contains(slab, keys[i])) {
            return WB_ERR_NO_ENTRY;
        }
        for (size_t j = 0; j < i; j++) {
            if (keys[j] == keys[i]) {
                return WB_ERR_INVALID;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        out_elements[i] = wb_slab_get(slab, keys[i]);
    }
    return WB_OK;
}

/* ---- generations ---- */

uint32_t wb_slab_generation(const struct wb_slab *slab, size_t key) {
    assert(key >= slab->first && key - slab->first < slab->capacity_max);
    size_t index = key - slab->first;
    return index < slab->touched ? slab->slots[index].generation : slab->generation_floor;
}

static uint64_t token_of(const struct wb_slab *slab, size_t key) {
    return (uint64_t)wb_slab_generation(slab, key) << 32 | (uint32_t)key;
}

uint64_t wb_slab_token(const struct wb_slab *slab, size_t key) {
    assert(wb_slab_contains(slab, key));
    return token_of(slab, key);
}

void *wb_slab_from_token(const struct wb_slab *slab, uint64_t token) {
    size_t index;
    if (!find(slab, wb_slab_token_key(token), &index)
        || slab->slots[index].generation != wb_slab_token_generation(token)) {
        return NULL;
    }
    return wb__slab_element(slab, index);
}

/* ---- coming ---- */

/* The index the next element gets; its memory is there. */
static enum wb_status next_index(struct wb_slab *slab, size_t *out_index) {
    if (slab->free_head != WB__SLOT_LAST) {
        *out_index = slab->free_head;
        return WB_OK;
    }
    if (slab->touched == slab->capacity) {
        enum wb_status status = grow(slab);
        if (status != WB_OK) {
            return status;
        }
    }
    *out_index = slab->touched;
    return WB_OK;
}

/* `index` is what next_index() said. */
static void occupy(struct wb_slab *slab, size_t index) {
    struct wb_slab_slot *slot = &slab->slots[index];
    if (index == slab->touched) {
        slot->generation = slab->generation_floor;
        slab->touched++;
    } else {
        slab->free_head = slot->next;
    }
    slot->next = WB__SLOT_OCCUPIED;
    slab->len++;
    wb_sys_note(slab->sys, WB_NOTE_SLOT_INSERT, slab->label, slab->first + index);
}

static void fill(struct wb_slab *slab, size_t index, const void *element) {
    if (element != NULL) {
        memcpy(wb__slab_element(slab, index), element, slab->element_size);
    } else {
        memset(wb__slab_element(slab, index), 0, slab->element_size);
    }
}

enum wb_status wb_slab_insert(struct wb_slab *slab, const void *element, size_t *out_key) {
    size_t index;
    enum wb_status status = next_index(slab, &index);
    if (status != WB_OK) {
        return status;
    }
    fill(slab, index, element);
    occupy(slab, index);
    *out_key = slab->first + index;
    return WB_OK;
}

enum wb_status wb_slab_insert_with(
    struct wb_slab *slab, wb_slab_make_fn make, void *user_data, size_t *out_key) {
    size_t index;
    enum wb_status status = next_index(slab, &index);
    if (status != WB_OK) {
        return status;
    }
    fill(slab, index, NULL);
    status = make(wb__slab_element(slab, index), slab->first + index, user_data);
    if (status != WB_OK) {
        return status;
    }
    occupy(slab, index);
    *out_key = slab->first + index;
    return WB_OK;
}

enum wb_status wb_slab_vacant_entry(struct wb_slab *slab, struct wb_slab_vacant *out_vacant) {
    size_t index;
    enum wb_status status = next_index(slab, &index);
    if (status != WB_OK) {
        return status;
    }
    size_t key = slab->first + index;
    *out_vacant = (struct wb_slab_vacant){slab, key, token_of(slab, key)};
    return WB_OK;
}

void *wb_slab_vacant_insert(const struct wb_slab_vacant *vacant, const void *element) {
    struct wb_slab *slab = vacant->slab;
    size_t index = 0;
    enum wb_status status = next_index(slab, &index);
    assert(status == WB_OK && slab->first + index == vacant->key
           && token_of(slab, vacant->key) == vacant->token);
    (void)status;
    fill(slab, index, element);
    occupy(slab, index);
    return wb__slab_element(slab, index);
}

/* ---- changing and going ---- */

enum wb_status wb_slab_replace(
    struct wb_slab *slab, size_t key, const void *element, void *out_old) {
    void *place = wb_slab_get(slab, key);
    if (place == NULL) {
        return WB_ERR_NO_ENTRY;
    }
    if (out_old != NULL) {
        memcpy(out_old, place, slab->element_size);
    }
    memcpy(place, element, slab->element_size);
    return WB_OK;
}

void wb__slab_vacate(struct wb_slab *slab, size_t index) {
    struct wb_slab_slot *slot = &slab->slots[index];
    slot->generation = wb__slab_generation_after(slot->generation);
    slot->next = slab->free_head;
    slab->free_head = (uint32_t)index;
    slab->len--;
    wb_sys_note(slab->sys, WB_NOTE_SLOT_REMOVE, slab->label, slab->first + index);
}

enum wb_status wb_slab_try_remove(struct wb_slab *slab, size_t key, void *out_element) {
    size_t index;
    if (!find(slab, key, &index)) {
        return WB_ERR_NO_ENTRY;
    }
    if (out_element != NULL) {
        memcpy(out_element, wb__slab_element(slab, index), slab->element_size);
    }
    wb__slab_vacate(slab, index);
    return WB_OK;
}

void wb_slab_remove(struct wb_slab *slab, size_t key, void *out_element) {
    enum wb_status status = wb_slab_try_remove(slab, key, out_element);
    assert(status == WB_OK);
    (void)status;
}
