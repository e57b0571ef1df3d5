/* What the tests of synchronisation stand on: counted memory, a few wakers that count, polling by
 * hand with one of them, and values that count how often they were dropped. */
#ifndef SYNC_TESTS_DESK_H
#define SYNC_TESTS_DESK_H

#include "stage.h"

#include "wb/value.h"

enum { BELLS = 40 };

struct desk {
    const struct wb_sys *sys;
    struct bell bells[BELLS];
    int heard[BELLS]; /* wakes that desk_woken() told of */
    atomic_int drops; /* of values */
    int last_dropped;
};

extern struct desk desk;

/* cmocka fixtures. The teardown fails if memory or a waker is left. */
int desk_setup(void **state);
int desk_teardown(void **state);

#define DESK(test)                                                                                 \
    { #test, test, desk_setup, desk_teardown, NULL }

/* Polls with the waker of this number. */
enum wb_progress desk_poll(struct wb_future *future, int bell);

/* How often it was woken since the last time that was asked. */
int desk_woken(int bell);

#define assert_pending(future, bell) assert_int_equal(desk_poll(future, bell), WB_PENDING)
#define assert_over(future, bell, result)                                                          \
    do {                                                                                           \
        assert_int_equal(desk_poll(future, bell), WB_READY);                                       \
        assert_status((future)->status, result);                                                   \
    } while (0)

/* Values that are an int. */
extern const struct wb_value_type desk_int;

#endif
