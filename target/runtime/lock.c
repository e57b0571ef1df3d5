/* Locks that are taken: waiting in line, and telling the first who waits.
 *
 * The word is the head of the line, which is the waiting threads' own memory, and two bits: TAKEN,
 * and whether somebody is changing the LINE. Only who has the lock takes a waiter out, only who
 * finds it taken puts itself in; either has LINE meanwhile, so that TAKEN stays as it is. Who is
 * told that the lock is free tries like everybody else, and goes to the end of the line if another
 * was faster. */
#include "runtime/lock.h"

#include "runtime/planted.h"

#define TAKEN WB__LOCK_TAKEN
#define LINE ((uintptr_t)2)
#define HEAD (~(TAKEN | LINE))

enum {
    SPINS = 64,          /* looks at a lock that is taken before one waits in line */
    LINE_SPINS = 64,     /* looks at a line that another changes, in a row */
    GIVE_WAY_NS = 50000, /* then it may have been interrupted in the midst of it */
};

struct waiter {
    struct waiter *next;
    struct waiter *last;  /* of the line, if this is its head */
    struct wb__bell bell; /* rung once each time that it is taken out of the line */
    uint64_t heard;
};

_Static_assert(sizeof(atomic_uintptr_t) == sizeof(uintptr_t), "the word of a lock");
_Static_assert(_Alignof(struct waiter) >= 4, "two bits of a waiter's address");

void wb__lock_give_way(const struct wb_sys *sys) {
    (void)WB_SYS(sys, poll, NULL, 0, GIVE_WAY_NS);
}

static uintptr_t look(struct wb__lock *lock) {
    return atomic_load_explicit(wb__lock_word(lock), memory_order_relaxed);
}

static bool change(struct wb__lock *lock, uintptr_t from, uintptr_t to, memory_order order) {
    return atomic_compare_exchange_strong_explicit(
        wb__lock_word(lock), &from, to, order, memory_order_relaxed);
}

static bool try_enter(struct wb__lock *lock) {
    uintptr_t word = look(lock);
    while ((word & TAKEN) == 0) {
        if (change(lock, word, word | TAKEN, memory_order_acquire)) {
            return true;
        }
        word = look(lock);
    }
    return false;
}

/* Sections are short: who has it will mostly have left it before one is asleep. Not where threads
 * take turns, since then it cannot leave meanwhile. */
static bool spin(struct wb__lock *lock) {
    for (int i = 0; i < SPINS && lock->sys->ops->interleave == NULL; i++) {
        wb__relax();
        const uintptr_t word = look(lock);
        if ((word & HEAD) != 0) {
            return false;
        }
        if ((word & TAKEN) == 0 && try_enter(lock)) {
            return true;
        }
    }
    return false;
}

/* ---- in line ---- */

/* False: it is not taken any more, or another changes the line. No thread has a turn between taking
 * LINE and giving it back where they take turns. */
static bool join_line(struct wb__lock *lock, struct waiter *waiter) {
    const uintptr_t word = look(lock);
    if ((word & (TAKEN | LINE)) != TAKEN
        || !change(lock, word, word | LINE, memory_order_acquire)) {
        return false;
    }
    struct waiter *head = (struct waiter *)(word & HEAD);
    waiter->next = NULL;
    if (head == NULL) {
        head = waiter;
    } else {
        head->last->next = waiter;
    }
    head->last = waiter;
    atomic_store_explicit(wb__lock_word(lock), (uintptr_t)head | TAKEN, memory_order_release);
    return true;
}

static void await(struct waiter *waiter, const struct wb_sys *sys) {
    wb_sys_note(sys, WB_NOTE_LOCK_AWAIT, 1, 0);
    wb__bell_await(&waiter->bell, waiter->heard++, WB_TIMEOUT_INFINITE);
    wb_sys_note(sys, WB_NOTE_LOCK_AWAIT, 0, 0);
}

void wb__lock_enter_taken(struct wb__lock *lock) {
    const struct wb_sys *sys = lock->sys;
    struct waiter waiter = {.heard = 0};
    if (spin(lock)) {
        return;
    }
    const bool can_wait = wb__bell_init(&waiter.bell, sys, false) == WB_OK;
    for (unsigned tries = 1; !try_enter(lock); tries++) {
        if (can_wait && join_line(lock, &waiter)) {
            await(&waiter, sys);
        } else if (!can_wait || tries % LINE_SPINS == 0) {
            wb__lock_give_way(sys);
        } else {
            wb__relax();
        }
    }
    wb__bell_clean_up(&waiter.bell);
}

/* Without a line: leaves it. With one: has the line to itself, and returns its first. */
static struct waiter *leave_or_take_line(struct wb__lock *lock) {
    for (unsigned tries = 1;; tries++) {
        const uintptr_t word = look(lock);
        if ((word & LINE) != 0) {
            if (tries % LINE_SPINS == 0) {
                wb__lock_give_way(lock->sys);
            } else {
                wb__relax();
            }
        } else if ((word & HEAD) == 0) {
            if (change(lock, word, WB__LOCK_FREE, memory_order_release)) {
                return NULL;
            }
        } else if (change(lock, word, word | LINE, memory_order_acquire)) {
            return (struct waiter *)(word & HEAD);
        }
    }
}

void wb__lock_leave_awaited(struct wb__lock *lock) {
    struct waiter *first = leave_or_take_line(lock);
    if (first == NULL) {
        return;
    }
    struct waiter *head = first->next;
    if (head != NULL) {
        head->last = first->last;
    }
    atomic_store_explicit(wb__lock_word(lock), (uintptr_t)head, memory_order_release);
    if (!RUNTIME_PLANTED(UNTOLD_WAITER)) {
        wb__bell_ring(&first->bell); /* it may be gone when this returns */
    }
}
