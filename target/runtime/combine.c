/* Combinations of futures that poll their parts with the waker they are given. */
#include "wb/combine.h"

/* A part that takes part: there, and neither over nor dropped. */
static bool is_live(const struct wb_future *part) {
    return part != NULL && part->ops != NULL && part->point < WB__FUTURE_DROPPED;
}

static void drop_parts(struct wb_future *const *parts, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i] != NULL) {
            wb_future_drop(parts[i]);
        }
    }
}

/* ---- all ---- */

static enum wb_status first_failure(const struct wb_all *all) {
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->parts[i] != NULL && wb_status_is_error(all->parts[i]->status)) {
            return all->parts[i]->status;
        }
    }
    return WB_OK;
}

static enum wb_progress all_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_all *all = WB_FUTURE_OF(future, struct wb_all, future);
    const uint32_t first = all->turn;
    uint32_t pending = 0;
    all->turn = all->count == 0 ? 0 : (first + 1) % all->count;
    for (uint32_t n = 0; n < all->count; n++) {
        struct wb_future *part = all->parts[(first + n) % all->count];
        if (!is_live(part)) {
            continue;
        }
        if (wb_future_poll(part, context) == WB_PENDING) {
            pending++;
        } else if (all->stops_at_error && wb_status_is_error(part->status)) {
            return wb_future_end(future, part->status);
        }
    }
    return pending == 0 ? wb_future_end(future, first_failure(all)) : WB_PENDING;
}

static void all_drop(struct wb_future *future) {
    const struct wb_all *all = WB_FUTURE_OF(future, struct wb_all, future);
    drop_parts(all->parts, all->count);
}

static const struct wb_future_ops all_ops = {
    .size = sizeof(struct wb_all),
    .offset = offsetof(struct wb_all, future),
    .poll = all_poll,
    .drop = all_drop,
};

static void all_init(
    struct wb_all *all, struct wb_future *const *parts, uint32_t count, bool stops_at_error) {
    *all = (struct wb_all){.parts = parts, .count = count, .stops_at_error = stops_at_error};
    wb_future_init(&all->future, &all_ops);
}

void wb_all_init(struct wb_all *all, struct wb_future *const *parts, uint32_t count) {
    all_init(all, parts, count, false);
}

void wb_all_try_init(struct wb_all *all, struct wb_future *const *parts, uint32_t count) {
    all_init(all, parts, count, true);
}

/* ---- race ---- */

static enum wb_progress race_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_race *race = WB_FUTURE_OF(future, struct wb_race, future);
    const uint32_t first = race->turn;
    uint32_t live = 0;
    if (race->order == WB_RACE_ROTATING && race->count != 0) {
        race->turn = (first + 1) % race->count;
    }
    for (uint32_t n = 0; n < race->count; n++) {
        const uint32_t i = (first + n) % race->count;
        if (!is_live(race->parts[i])) {
            continue;
        }
        live++;
        if (wb_future_poll(race->parts[i], context) == WB_READY) {
            race->winner = i;
            return wb_future_end(future, race->parts[i]->status);
        }
    }
    return live == 0 ? wb_future_end(future, WB_ERR_CANCELLED) : WB_PENDING;
}

static void race_drop(struct wb_future *future) {
    const struct wb_race *race = WB_FUTURE_OF(future, struct wb_race, future);
    drop_parts(race->parts, race->count);
}

static const struct wb_future_ops race_ops = {
    .size = sizeof(struct wb_race),
    .offset = offsetof(struct wb_race, future),
    .poll = race_poll,
    .drop = race_drop,
};

void wb_race_init(struct wb_race *race, struct wb_future *const *parts, uint32_t count,
    enum wb_race_order order) {
    *race = (struct wb_race){.parts = parts, .count = count, .winner = count, .order = order};
    wb_future_init(&race->future, &race_ops);
}

/* ---- map ---- */

static enum wb_progress map_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_map *map = WB_FUTURE_OF(future, struct wb_map, future);
    if (wb_future_poll(map->inner, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, map->change(map->inner, map->user_data));
}

static void map_drop(struct wb_future *future) {
    wb_future_drop(WB_FUTURE_OF(future, struct wb_map, future)->inner);
}

static const struct wb_future_ops map_ops = {
    .size = sizeof(struct wb_map),
    .offset = offsetof(struct wb_map, future),
    .poll = map_poll,
    .drop = map_drop,
};

void wb_map_init(struct wb_map *map, struct wb_future *inner,
    enum wb_status (*change)(struct wb_future *inner, void *user_data), void *user_data) {
    *map = (struct wb_map){.inner = inner, .change = change, .user_data = user_data};
    wb_future_init(&map->future, &map_ops);
}

/* ---- then ---- */

static enum wb_progress then_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_then *then = WB_FUTURE_OF(future, struct wb_then, future);
    if (then->second == NULL) {
        if (wb_future_poll(then->first, context) == WB_PENDING) {
            return WB_PENDING;
        }
        then->second = then->next(then->first, then->user_data);
        if (then->second == NULL) {
            return wb_future_end(future, then->first->status);
        }
    }
    if (wb_future_poll(then->second, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, then->second->status);
}

static void then_drop(struct wb_future *future) {
    const struct wb_then *then = WB_FUTURE_OF(future, struct wb_then, future);
    wb_future_drop(then->first);
    if (then->second != NULL) {
        wb_future_drop(then->second);
    }
}

static const struct wb_future_ops then_ops = {
    .size = sizeof(struct wb_then),
    .offset = offsetof(struct wb_then, future),
    .poll = then_poll,
    .drop = then_drop,
};

void wb_then_init(struct wb_then *then, struct wb_future *first,
    struct wb_future *(*next)(struct wb_future *first, void *user_data), void *user_data) {
    *then = (struct wb_then){.first = first, .next = next, .user_data = user_data};
    wb_future_init(&then->future, &then_ops);
}
