/* What goes through a slab as a whole: iteration, draining, filling, shrinking, compaction. */
#include "base/slab_slot.h"

#include <assert.h>
#include <string.h>

static bool is_occupied(const struct wb_slab *slab, size_t index) {
    return slab->slots[index].next == WB__SLOT_OCCUPIED;
}

/* Links all free slots anew, lowest first. Returns the last of them, or WB__SLOT_LAST. */
static uint32_t relink_free(struct wb_slab *slab) {
    uint32_t last = WB__SLOT_LAST;
    slab->free_head = WB__SLOT_LAST;
    for (size_t index = slab->touched; index-- > 0;) {
        if (is_occupied(slab, index)) {
            continue;
        }
        if (last == WB__SLOT_LAST) {
            last = (uint32_t)index;
        }
        slab->slots[index].next = slab->free_head;
        slab->free_head = (uint32_t)index;
    }
    return last;
}

/* ---- iteration ---- */

struct wb_slab_iter wb_slab_iter(struct wb_slab *slab) {
    return (struct wb_slab_iter){slab, 0, slab->touched, slab->len};
}

size_t wb_slab_iter_len(const struct wb_slab_iter *iter) {
    return iter->remaining;
}

static void *visit(struct wb_slab_iter *iter, size_t index, size_t *out_key) {
    iter->remaining--;
    if (out_key != NULL) {
        *out_key = iter->slab->first + index;
    }
    return wb__slab_element(iter->slab, index);
}

void *wb_slab_iter_next(struct wb_slab_iter *iter, size_t *out_key) {
    while (iter->front < iter->back) {
        size_t index = iter->front++;
        if (is_occupied(iter->slab, index)) {
            return visit(iter, index, out_key);
        }
    }
    return NULL;
}

void *wb_slab_iter_next_back(struct wb_slab_iter *iter, size_t *out_key) {
    while (iter->front < iter->back) {
        size_t index = --iter->back;
        if (is_occupied(iter->slab, index)) {
            return visit(iter, index, out_key);
        }
    }
    return NULL;
}

static bool drain(
    struct wb_slab_iter *iter, const void *element, size_t key, size_t *out_key, void *out) {
    if (element == NULL) {
        return false;
    }
    if (out_key != NULL) {
        *out_key = key;
    }
    wb_slab_remove(iter->slab, key, out);
    return true;
}

bool wb_slab_drain_next(struct wb_slab_iter *iter, size_t *out_key, void *out_element) {
    size_t key = 0;
    const void *element = wb_slab_iter_next(iter, &key);
    return drain(iter, element, key, out_key, out_element);
}

bool wb_slab_drain_next_back(struct wb_slab_iter *iter, size_t *out_key, void *out_element) {
    size_t key = 0;
    const void *element = wb_slab_iter_next_back(iter, &key);
    return drain(iter, element, key, out_key, out_element);
}

void wb_slab_retain(struct wb_slab *slab, wb_slab_keep_fn keep, void *user_data) {
    for (size_t index = 0; index < slab->touched; index++) {
        if (is_occupied(slab, index)
            && !keep(wb__slab_element(slab, index), slab->first + index, user_data)) {
            wb__slab_vacate(slab, index);
        }
    }
}

void wb_slab_clear(struct wb_slab *slab) {
    for (size_t index = 0; index < slab->touched; index++) {
        if (is_occupied(slab, index)) {
            wb__slab_vacate(slab, index);
        }
    }
    relink_free(slab);
}

/* ---- filling ---- */

static enum wb_status end_of_keys(
    const struct wb_slab *slab, const size_t *keys, size_t count, size_t *out_end) {
    size_t end = slab->touched;
    for (size_t i = 0; i < count; i++) {
        if (keys[i] < slab->first) {
            return WB_ERR_INVALID;
        }
        size_t index = keys[i] - slab->first;
        if (index >= slab->capacity_max) {
            return WB_ERR_FULL;
        }
        end = index < end ? end : index + 1;
    }
    *out_end = end;
    return WB_OK;
}

static void touch_until(struct wb_slab *slab, size_t end) {
    for (; slab->touched < end; slab->touched++) {
        slab->slots[slab->touched] = (struct wb_slab_slot){slab->generation_floor, WB__SLOT_LAST};
    }
}

enum wb_status wb_slab_fill(
    struct wb_slab *slab, const size_t *keys, const void *elements, size_t count) {
    assert(slab->len == 0);
    size_t end = 0;
    enum wb_status status = end_of_keys(slab, keys, count, &end);
    if (status == WB_OK && end > slab->capacity) {
        status = wb__slab_set_capacity(slab, end);
    }
    if (status != WB_OK) {
        return status;
    }
    touch_until(slab, end);
    const unsigned char *from = elements;
    for (size_t i = 0; i < count; i++) {
        size_t index = keys[i] - slab->first;
        memcpy(wb__slab_element(slab, index), from + i * slab->element_size, slab->element_size);
        if (!is_occupied(slab, index)) {
            slab->slots[index].next = WB__SLOT_OCCUPIED;
            slab->len++;
            wb_sys_note(slab->sys, WB_NOTE_SLOT_INSERT, slab->label, keys[i]);
        }
    }
    relink_free(slab);
    return WB_OK;
}

/* ---- shrinking ---- */

/* Forgets the free slots after the last element. Their generations must not start over when the
 * slab grows again, or old tokens would come to life: the floor rises above all of them. */
static void forget_tail(struct wb_slab *slab) {
    while (slab->touched > 0 && !is_occupied(slab, slab->touched - 1)) {
        slab->touched--;
        uint32_t generation = slab->slots[slab->touched].generation;
        if (generation > slab->generation_floor) {
            slab->generation_floor = generation;
        }
    }
}

void wb_slab_shrink_to_fit(struct wb_slab *slab) {
    size_t touched = slab->touched;
    forget_tail(slab);
    if (slab->touched != touched) {
        relink_free(slab);
    }
    enum wb_status status = wb__slab_set_capacity(slab, slab->touched);
    (void)status; /* too little memory to move to: the larger block serves as well */
}

/* ---- compaction ---- */

static void move_element(struct wb_slab *slab, size_t from, size_t to) {
    memcpy(wb__slab_element(slab, to), wb__slab_element(slab, from), slab->element_size);
    struct wb_slab_slot *source = &slab->slots[from];
    source->generation = wb__slab_generation_after(source->generation);
    source->next = WB__SLOT_LAST;
    slab->free_head = slab->slots[to].next;
    slab->slots[to].next = WB__SLOT_OCCUPIED;
    wb_sys_note(slab->sys, WB_NOTE_SLOT_REMOVE, slab->label, slab->first + from);
    wb_sys_note(slab->sys, WB_NOTE_SLOT_INSERT, slab->label, slab->first + to);
}

/* The free list is kept whole at every call of `rekey`: its head is the lowest hole, and a slot
 * that was moved from joins at its end. */
void wb_slab_compact(struct wb_slab *slab, wb_slab_rekey_fn rekey, void *user_data) {
    uint32_t last_free = relink_free(slab);
    for (size_t from = slab->touched; from-- > slab->len;) {
        if (!is_occupied(slab, from)) {
            continue;
        }
        size_t to = slab->free_head;
        if (!rekey(wb__slab_element(slab, from), slab->first + from, slab->first + to, user_data)) {
            break;
        }
        move_element(slab, from, to);
        if (slab->free_head == WB__SLOT_LAST) {
            slab->free_head = (uint32_t)from;
        } else {
            slab->slots[last_free].next = (uint32_t)from;
        }
        last_free = (uint32_t)from;
    }
    relink_free(slab);
    wb_slab_shrink_to_fit(slab);
}
