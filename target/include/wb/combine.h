/* Futures made of futures. They poll others, which they borrow: those must stay where they are from
 * the first poll on, so a combination is set up by whoever holds its parts in final memory, usually
 * in the poll of the object whose members they all are. What a combination did not bring to its end
 * it drops, at the latest when it is dropped itself.
 *
 * All of them poll their parts with the waker they are polled with: a wake for one part polls every
 * part that is not over. Allocates: nothing. */
#ifndef WB_COMBINE_H
#define WB_COMBINE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- all of them ---- */

/* Over when all are. The status is WB_OK, or that of the first failed one, in the order of the
 * array. */
struct wb_all {
    struct wb_future future;
    struct wb_future *const *parts;
    uint32_t count;
    uint32_t turn; /* where the next poll begins */
    bool stops_at_error;
};

/* `parts`: borrowed, as are the futures it points to. Those that are over already, or were dropped,
 * or are NULL, are not waited for. With count 0 it is over at once. Polls begin
 * with another part each time, so that one that uses up the budget does not starve the rest. */
WB_API void wb_all_init(struct wb_all *all, struct wb_future *const *parts, uint32_t count);

/* The same, but the first failure, in time, ends it; the rest is dropped. */
WB_API void wb_all_try_init(struct wb_all *all, struct wb_future *const *parts, uint32_t count);

/* ---- the first of them ---- */

enum wb_race_order {
    WB_RACE_ROTATING, /* polls begin with another part each time: nobody is preferred */
    WB_RACE_BIASED,   /* always in the order of the array: of several that are ready, the first */
};

/* Over when one is, with its status; the others are dropped. */
struct wb_race {
    struct wb_future future;
    struct wb_future *const *parts;
    uint32_t count;
    uint32_t turn;
    uint32_t winner; /* index of the part that was first, once it is over */
    enum wb_race_order order;
};

/* Parts that are over already, or were dropped, or are NULL, take no part. Without any it is over
 * at once, with WB_ERR_CANCELLED and `count` as the winner. */
WB_API void wb_race_init(
    struct wb_race *race, struct wb_future *const *parts, uint32_t count, enum wb_race_order order);

/* ---- one after the other ---- */

/* Over when `inner` is, with the status that `change` makes of it. */
struct wb_map {
    struct wb_future future;
    struct wb_future *inner;
    enum wb_status (*change)(struct wb_future *inner, void *user_data);
    void *user_data;
};

WB_API void wb_map_init(struct wb_map *map, struct wb_future *inner,
    enum wb_status (*change)(struct wb_future *inner, void *user_data), void *user_data);

/* When `first` is over `next` is asked what comes then: a future in memory of the user's, which is
 * waited for, and whose status is the result; or NULL, to end with the status of the first. */
struct wb_then {
    struct wb_future future;
    struct wb_future *first;
    struct wb_future *second;
    struct wb_future *(*next)(struct wb_future *first, void *user_data);
    void *user_data;
};

WB_API void wb_then_init(struct wb_then *then, struct wb_future *first,
    struct wb_future *(*next)(struct wb_future *first, void *user_data), void *user_data);

/* ---- without a budget ---- */

/* Over when `inner` is, with its status; what `inner` does costs nothing of its task's budget
 * (wb_context_spend()), so it may keep the others from running. For a whole task there is
 * is_unconstrained of struct wb_spawn_options. */
struct wb_unconstrained {
    struct wb_future future;
    struct wb_future *inner;
};

WB_API void wb_unconstrained_init(struct wb_unconstrained *unconstrained, struct wb_future *inner);

#ifdef __cplusplus
}
#endif

#endif
