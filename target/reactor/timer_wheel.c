/* The hashed timer wheel. */
#include "reactor/timer_wheel.h"

#include <assert.h>
#include <string.h>

#define NIL UINT32_MAX
#define NO_TICK UINT64_MAX
#define GENERATION_END (UINT64_C(1) << (64 - WB__TIMER_INDEX_BITS))

enum { NODES_FIRST = 64, BITS_PER_WORD = 64 };

struct wb__timer_node {
    uint64_t tick;
    uint64_t value;
    uint64_t generation; /* of the timer in this node, or of the next one */
    uint32_t prev;       /* in the slot */
    uint32_t next;       /* in the slot, or in the free list */
    bool is_set;
};

/* A list sorted by tick, and by age within a tick. */
struct wb__timer_slot {
    uint32_t head;
    uint32_t tail;
};

/* ---- life ---- */

void wb__timer_wheel_init(struct wb__timer_wheel *wheel, const struct wb_sys *sys, uint64_t tick_ns,
    uint32_t slot_count, uint32_t capacity_max) {
    assert(tick_ns > 0 && slot_count > 0 && (slot_count & (slot_count - 1)) == 0);
    assert(capacity_max > 0 && capacity_max <= WB__TIMER_CAPACITY_MAX);
    *wheel = (struct wb__timer_wheel){
        .sys = sys,
        .tick_ns = tick_ns,
        .slot_count = slot_count,
        .capacity_max = capacity_max,
        .free_head = NIL,
    };
}

static size_t occupied_words(const struct wb__timer_wheel *wheel) {
    return (wheel->slot_count + BITS_PER_WORD - 1) / BITS_PER_WORD;
}

static size_t slots_size(const struct wb__timer_wheel *wheel) {
    return wheel->slot_count * sizeof(*wheel->slots)
           + occupied_words(wheel) * sizeof(*wheel->occupied);
}

static enum wb_status make_slots(struct wb__timer_wheel *wheel, uint64_t now_ns) {
    wheel->slots = WB_SYS(wheel->sys, alloc, slots_size(wheel));
    if (wheel->slots == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < wheel->slot_count; i++) {
        wheel->slots[i] = (struct wb__timer_slot){.head = NIL, .tail = NIL};
    }
    wheel->occupied = (uint64_t *)(void *)&wheel->slots[wheel->slot_count];
    memset(wheel->occupied, 0, occupied_words(wheel) * sizeof(*wheel->occupied));
    wheel->origin_ns = now_ns;
    return WB_OK;
}

static uint64_t id_of(const struct wb__timer_wheel *wheel, uint32_t index) {
    return wheel->nodes[index].generation << WB__TIMER_INDEX_BITS | index;
}

void wb__timer_wheel_clean_up(struct wb__timer_wheel *wheel) {
    for (uint32_t i = 0; i < wheel->nodes_touched; i++) {
        if (wheel->nodes[i].is_set) {
            wb_sys_note(wheel->sys, WB_NOTE_TIMER_CLEAR, id_of(wheel, i), 0);
        }
    }
    if (wheel->nodes != NULL) {
        WB_SYS(wheel->sys, free, wheel->nodes, wheel->node_capacity * sizeof(*wheel->nodes));
    }
    if (wheel->slots != NULL) {
        WB_SYS(wheel->sys, free, wheel->slots, slots_size(wheel));
    }
    *wheel = (struct wb__timer_wheel){0};
}

/* ---- nodes ---- */

static enum wb_status grow(struct wb__timer_wheel *wheel) {
    if (wheel->node_capacity == wheel->capacity_max) {
        return WB_ERR_FULL;
    }
    uint32_t capacity = wheel->node_capacity == 0 ? NODES_FIRST : wheel->node_capacity * 2;
    if (capacity > wheel->capacity_max) {
        capacity = wheel->capacity_max;
    }
    struct wb__timer_node *nodes = WB_SYS(wheel->sys, resize, wheel->nodes,
        wheel->node_capacity * sizeof(*nodes), capacity * sizeof(*nodes));
    if (nodes == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    wheel->nodes = nodes;
    wheel->node_capacity = capacity;
    return WB_OK;
}

static enum wb_status acquire_node(struct wb__timer_wheel *wheel, uint32_t *out_index) {
    if (wheel->free_head != NIL) {
        *out_index = wheel->free_head;
        wheel->free_head = wheel->nodes[wheel->free_head].next;
        return WB_OK;
    }
    if (wheel->nodes_touched == wheel->node_capacity) {
        enum wb_status status = grow(wheel);
        if (status != WB_OK) {
            return status;
        }
    }
    *out_index = wheel->nodes_touched++;
    wheel->nodes[*out_index].generation = 1;
    return WB_OK;
}

static void release_node(struct wb__timer_wheel *wheel, uint32_t index) {
    struct wb__timer_node *node = &wheel->nodes[index];
    node->is_set = false;
    node->generation++;
    if (node->generation == GENERATION_END) {
        node->generation = 1;
    }
    node->next = wheel->free_head;
    wheel->free_head = index;
}

/* ---- slots ---- */

static struct wb__timer_slot *slot_of(struct wb__timer_wheel *wheel, uint64_t tick) {
    return &wheel->slots[tick & (wheel->slot_count - 1)];
}

static void mark_slot(struct wb__timer_wheel *wheel, uint64_t tick, bool is_occupied) {
    uint64_t index = tick & (wheel->slot_count - 1);
    uint64_t bit = UINT64_C(1) << (index % BITS_PER_WORD);
    uint64_t *word = &wheel->occupied[index / BITS_PER_WORD];
    *word = is_occupied ? *word | bit : *word & ~bit;
}

/* Behind all that are not later. Most timers are set for later than those that wait, so that the
 * search, which begins at the end, is short. */
static void link_node(struct wb__timer_wheel *wheel, uint32_t index) {
    struct wb__timer_node *node = &wheel->nodes[index];
    struct wb__timer_slot *slot = slot_of(wheel, node->tick);
    uint32_t prev = slot->tail;
    while (prev != NIL && wheel->nodes[prev].tick > node->tick) {
        prev = wheel->nodes[prev].prev;
    }
    node->prev = prev;
    node->next = prev == NIL ? slot->head : wheel->nodes[prev].next;
    *(node->prev == NIL ? &slot->head : &wheel->nodes[node->prev].next) = index;
    *(node->next == NIL ? &slot->tail : &wheel->nodes[node->next].prev) = index;
    mark_slot(wheel, node->tick, true);
    if (wheel->count == 0 || (wheel->next_is_known && node->tick < wheel->next_tick)) {
        wheel->next_tick = node->tick;
        wheel->next_is_known = true;
    }
    wheel->count++;
}

static void unlink_node(struct wb__timer_wheel *wheel, uint32_t index) {
    struct wb__timer_node *node = &wheel->nodes[index];
    struct wb__timer_slot *slot = slot_of(wheel, node->tick);
    *(node->prev == NIL ? &slot->head : &wheel->nodes[node->prev].next) = node->next;
    *(node->next == NIL ? &slot->tail : &wheel->nodes[node->next].prev) = node->prev;
    if (slot->head == NIL) {
        mark_slot(wheel, node->tick, false);
    }
    if (node->tick == wheel->next_tick) {
        wheel->next_is_known =
            slot->head != NIL && wheel->nodes[slot->head].tick == wheel->next_tick;
    }
    wheel->count--;
}

/* The earliest tick of all timers: walks the occupied slots from the present one, and is done when
 * one holds a timer of this turn, since every slot after it can only hold later ones. */
static uint64_t find_next_tick(struct wb__timer_wheel *wheel) {
    uint64_t best = NO_TICK;
    for (uint64_t ahead = 1; ahead <= wheel->slot_count; ahead++) {
        uint64_t tick = wheel->done_tick + ahead;
        uint64_t index = tick & (wheel->slot_count - 1);
        uint64_t word = wheel->occupied[index / BITS_PER_WORD];
        if (word == 0) {
            ahead += BITS_PER_WORD - 1 - index % BITS_PER_WORD;
            continue;
        }
        if ((word >> (index % BITS_PER_WORD) & 1) == 0) {
            continue;
        }
        uint64_t slot_min = wheel->nodes[wheel->slots[index].head].tick;
        best = slot_min < best ? slot_min : best;
        if (slot_min == tick) {
            break;
        }
    }
    return best;
}

static uint64_t next_tick(struct wb__timer_wheel *wheel) {
    assert(wheel->count != 0);
    if (!wheel->next_is_known) {
        wheel->next_tick = find_next_tick(wheel);
        wheel->next_is_known = true;
    }
    return wheel->next_tick;
}

/* ---- time ---- */

static uint64_t tick_at(const struct wb__timer_wheel *wheel, uint64_t now_ns) {
    assert(now_ns >= wheel->origin_ns);
    return (now_ns - wheel->origin_ns) / wheel->tick_ns;
}

static uint64_t deadline_of(const struct wb__timer_wheel *wheel, uint64_t tick) {
    return wheel->origin_ns + tick * wheel->tick_ns;
}

/* The first tick that is not before now_ns + delay_ns, and at least one ahead; never so late that
 * its time would not fit. */
static uint64_t due_tick(const struct wb__timer_wheel *wheel, uint64_t now_ns, uint64_t delay_ns) {
    uint64_t until_ns = now_ns - wheel->origin_ns;
    until_ns = delay_ns > UINT64_MAX - until_ns ? UINT64_MAX : until_ns + delay_ns;
    uint64_t tick = until_ns / wheel->tick_ns + (until_ns % wheel->tick_ns != 0);
    uint64_t earliest = tick_at(wheel, now_ns) + 1;
    uint64_t latest = (UINT64_MAX - wheel->origin_ns) / wheel->tick_ns;
    if (latest == NO_TICK) {
        latest--;
    }
    tick = tick < earliest ? earliest : tick;
    return tick > latest ? latest : tick;
}

uint64_t wb__timer_wheel_deadline(struct wb__timer_wheel *wheel) {
    return deadline_of(wheel, next_tick(wheel));
}

/* ---- timers ---- */

enum wb_status wb__timer_wheel_set(struct wb__timer_wheel *wheel, uint64_t now_ns,
    uint64_t delay_ns, uint64_t value, uint64_t *out_id) {
    if (wheel->slots == NULL) {
        enum wb_status status = make_slots(wheel, now_ns);
        if (status != WB_OK) {
            return status;
        }
    }
    uint32_t index = NIL;
    enum wb_status status = acquire_node(wheel, &index);
    if (status != WB_OK) {
        return status;
    }
    uint64_t now_tick = tick_at(wheel, now_ns);
    if (wheel->count == 0 && now_tick > wheel->done_tick) {
        wheel->done_tick = now_tick;
    }
    struct wb__timer_node *node = &wheel->nodes[index];
    node->tick = due_tick(wheel, now_ns, delay_ns);
    node->value = value;
    node->is_set = true;
    link_node(wheel, index);
    *out_id = id_of(wheel, index);
    wb_sys_note(wheel->sys, WB_NOTE_TIMER_SET, *out_id, deadline_of(wheel, node->tick));
    return WB_OK;
}

bool wb__timer_wheel_clear(struct wb__timer_wheel *wheel, uint64_t id) {
    uint32_t index = (uint32_t)(id & (WB__TIMER_CAPACITY_MAX - 1));
    if (index >= wheel->nodes_touched || !wheel->nodes[index].is_set || id_of(wheel, index) != id) {
        return false;
    }
    unlink_node(wheel, index);
    release_node(wheel, index);
    wb_sys_note(wheel->sys, WB_NOTE_TIMER_CLEAR, id, 0);
    return true;
}

bool wb__timer_wheel_fire(struct wb__timer_wheel *wheel, uint64_t now_ns, uint64_t *out_value) {
    if (wheel->slots == NULL) {
        return false;
    }
    uint64_t now_tick = tick_at(wheel, now_ns);
    if (wheel->count == 0 || next_tick(wheel) > now_tick) {
        wheel->done_tick = now_tick > wheel->done_tick ? now_tick : wheel->done_tick;
        return false;
    }
    uint64_t tick = next_tick(wheel);
    wheel->done_tick = tick - 1;
    uint32_t index = slot_of(wheel, tick)->head;
    uint64_t id = id_of(wheel, index);
    *out_value = wheel->nodes[index].value;
    unlink_node(wheel, index);
    release_node(wheel, index);
    wb_sys_note(wheel->sys, WB_NOTE_TIMER_FIRE, id, deadline_of(wheel, tick));
    return true;
}
