/* What will happen when: a heap of actions by virtual time, those of the same time in the order
 * they were scheduled. */
#include "kernel/internal.h"

#include <assert.h>
#include <stdlib.h>

static bool comes_before(const struct action *a, const struct action *b) {
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->order < b->order);
}

static void sift_up(struct action *actions, size_t i) {
    struct action moved = actions[i];
    while (i > 0 && comes_before(&moved, &actions[(i - 1) / 2])) {
        actions[i] = actions[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    actions[i] = moved;
}

static void sift_down(struct action *actions, size_t count, size_t i) {
    struct action moved = actions[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && comes_before(&actions[child + 1], &actions[child])) {
            child++;
        }
        if (!comes_before(&actions[child], &moved)) {
            break;
        }
        actions[i] = actions[child];
        i = child;
    }
    actions[i] = moved;
}

/* Both tables are the host's memory and stay from run to run. */
static void *grow(void *table, size_t *capacity, size_t element_size) {
    size_t larger = *capacity == 0 ? 64 : *capacity * 2;
    void *grown = realloc(table, larger * element_size);
    if (grown == NULL) {
        abort();
    }
    *capacity = larger;
    return grown;
}

static uint32_t slot_take(struct sim_kernel *kernel) {
    if (kernel->slot_free != 0) {
        uint32_t index = kernel->slot_free - 1;
        kernel->slot_free = kernel->slots[index].next_free;
        return index;
    }
    if (kernel->slot_count == kernel->slot_capacity) {
        kernel->slots = grow(kernel->slots, &kernel->slot_capacity, sizeof(*kernel->slots));
    }
    uint32_t index = (uint32_t)kernel->slot_count++;
    kernel->slots[index].generation = 0;
    return index;
}

static void slot_give_back(struct sim_kernel *kernel, uint32_t index) {
    struct action_slot *slot = &kernel->slots[index];
    slot->live = false;
    slot->generation++;
    slot->next_free = kernel->slot_free;
    kernel->slot_free = index + 1;
}

void schedule_reset(struct sim_kernel *kernel) {
    kernel->action_count = 0;
    kernel->slot_count = 0;
    kernel->slot_free = 0;
    kernel->action_order = 0;
}

uint64_t sim_schedule(
    struct sim_kernel *kernel, uint64_t at_ns, void (*fn)(void *user_data), void *user_data) {
    uint32_t index = slot_take(kernel);
    struct action_slot *slot = &kernel->slots[index];
    slot->fn = fn;
    slot->user_data = user_data;
    slot->live = true;
    if (kernel->action_count == kernel->action_capacity) {
        kernel->actions = grow(kernel->actions, &kernel->action_capacity, sizeof(*kernel->actions));
    }
    size_t i = kernel->action_count++;
    kernel->actions[i].time_ns = at_ns > kernel->now_ns ? at_ns : kernel->now_ns;
    kernel->actions[i].order = ++kernel->action_order;
    kernel->actions[i].slot = index;
    sift_up(kernel->actions, i);
    return (uint64_t)slot->generation << 32 | (index + 1);
}

void sim_cancel(struct sim_kernel *kernel, uint64_t id) {
    uint32_t index = (uint32_t)id - 1;
    if ((uint32_t)id == 0 || index >= kernel->slot_count) {
        return;
    }
    struct action_slot *slot = &kernel->slots[index];
    if (slot->live && slot->generation == (uint32_t)(id >> 32)) {
        /* The heap's entry stays until it comes to the top; the slot goes with it. */
        slot->live = false;
        slot->fn = NULL;
    }
}

static struct action pop(struct sim_kernel *kernel) {
    struct action top = kernel->actions[0];
    kernel->action_count--;
    if (kernel->action_count != 0) {
        kernel->actions[0] = kernel->actions[kernel->action_count];
        sift_down(kernel->actions, kernel->action_count, 0);
    }
    return top;
}

uint64_t schedule_next_ns(struct sim_kernel *kernel) {
    while (kernel->action_count != 0) {
        const struct action *top = &kernel->actions[0];
        if (kernel->slots[top->slot].live) {
            return top->time_ns;
        }
        slot_give_back(kernel, pop(kernel).slot);
    }
    return UINT64_MAX;
}

void schedule_run_due(struct sim_kernel *kernel) {
    if (kernel->in_world) {
        return;
    }
    kernel->in_world = true;
    while (schedule_next_ns(kernel) <= kernel->now_ns) {
        struct action due = pop(kernel);
        struct action_slot slot = kernel->slots[due.slot];
        slot_give_back(kernel, due.slot);
        slot.fn(slot.user_data);
    }
    kernel->in_world = false;
}
