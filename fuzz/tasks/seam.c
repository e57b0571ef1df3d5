/* The seam as the runtime under test sees it: the simulated kernel's, but that memory can be
 * refused at a chosen moment and that timers tell the model what they do; and values, counted. */
#include "tasks/world.h"

struct world world;

/* ---- timers ---- */

static struct timer *timer_by_id(uint64_t id) {
    for (int i = 0; i < ACTORS; i++) {
        if (world.actors[i].timer.is_set && world.actors[i].timer.id == id) {
            return &world.actors[i].timer;
        }
    }
    return NULL;
}

/* Timers fire when they are due, not before, by tick and then in the order of their setting. */
static void check_fire(const struct timer *timer) {
    const uint64_t now_ns = sim_kernel_now(world.kernel);
    const uint64_t since_ns = timer->at_ns > world.driven_ns ? timer->at_ns : world.driven_ns;
    CHECK(now_ns >= timer->at_ns);
    CHECK(now_ns - since_ns < TICK_NS);
    for (int i = 0; i < ACTORS; i++) {
        const struct timer *other = &world.actors[i].timer;
        const bool is_before = other->at_ns < timer->at_ns
                               || (other->at_ns == timer->at_ns && other->serial < timer->serial);
        CHECK(!other->is_set || other == timer || !is_before);
    }
}

static void on_fire(uint64_t id) {
    struct timer *timer = timer_by_id(id);
    CHECK(timer != NULL);
    check_fire(timer);
    timer->is_set = false;
    for (int i = 0; i < ACTORS; i++) {
        if (&world.actors[i].timer == timer) {
            task_wake(i);
        }
    }
}

static void on_set(uint64_t id, uint64_t at_ns) {
    CHECK(!world.is_timer_news);
    world.is_timer_news = true;
    world.timer_news =
        (struct timer){.is_set = true, .id = id, .at_ns = at_ns, .serial = ++world.timer_serial};
}

static void on_clear(uint64_t id) {
    struct timer *timer = timer_by_id(id);
    CHECK(timer != NULL);
    timer->is_set = false;
}

static void note(void *self, enum wb_note what, uint64_t a, uint64_t b) {
    (void)self;
    if (what == WB_NOTE_TIMER_SET) {
        on_set(a, b);
    } else if (what == WB_NOTE_TIMER_FIRE) {
        on_fire(a);
    } else if (what == WB_NOTE_TIMER_CLEAR) {
        on_clear(a);
    }
}

/* A timer stands for the first tick that is not before its deadline. */
bool timer_take_news(struct timer *timer, uint64_t deadline_ns) {
    if (!world.is_timer_news) {
        return false;
    }
    world.is_timer_news = false;
    *timer = world.timer_news;
    timer->deadline_ns = deadline_ns;
    CHECK(timer->at_ns >= deadline_ns && timer->at_ns - deadline_ns < TICK_NS);
    return true;
}

/* ---- memory ---- */

static void *alloc(void *self, size_t size) {
    if (world.fail_in != 0 && --world.fail_in == 0) {
        world.has_failed = true;
        return NULL;
    }
    return wb_sim_sys(world.kernel)->ops->alloc(self, size);
}

bool memory_refused(void) {
    const bool has_failed = world.has_failed;
    world.has_failed = false;
    return has_failed;
}

void seam_open(void) {
    const struct wb_sys *sys = wb_sim_sys(world.kernel);
    world.ops = *sys->ops;
    world.ops.note = note;
    world.ops.alloc = alloc;
    world.sys = (struct wb_sys){&world.ops, sys->self};
}

/* ---- values ---- */

uint32_t value_new(void) {
    CHECK(world.value_count + 1 < VALUES_MAX);
    world.values[++world.value_count] = 1;
    return world.value_count;
}

void value_end(uint32_t value) {
    CHECK(value != 0 && value <= world.value_count && world.values[value] != 0);
    world.values[value]--;
}

static void on_value_drop(void *value, void *user_data) {
    (void)user_data;
    const uint32_t id = *(const uint32_t *)value;
    value_end(id);
    CHECK(world.dropped_count < QUEUE_LEN);
    world.dropped[world.dropped_count++] = id;
}

static enum wb_status on_value_copy(void *to, const void *from, void *user_data) {
    (void)user_data;
    const uint32_t id = *(const uint32_t *)from;
    CHECK(id != 0 && id <= world.value_count && world.values[id] != 0);
    world.values[id]++;
    *(uint32_t *)to = id;
    return WB_OK;
}

const struct wb_value_type value_type = {
    .size = sizeof(uint32_t), .drop = on_value_drop, .copy = on_value_copy};

void value_dropped(uint32_t value) {
    CHECK(world.dropped_count != 0 && world.dropped[0] == value);
    world.dropped_count--;
    memmove(&world.dropped[0], &world.dropped[1], world.dropped_count * sizeof(world.dropped[0]));
}

void seam_check(void) {
    CHECK(world.dropped_count == 0);
    CHECK(!world.is_timer_news);
    CHECK(!world.has_failed);
}
