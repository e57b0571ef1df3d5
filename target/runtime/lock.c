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
    struct waiter *last; /* of the line, if this is its head */
    struct wb__monitor monitor;
    struct wb__signal told;
    bool is_waiting; /* under the monitor */
};

_Static_assert(sizeof(atomic_uintptr_t) == sizeof(uintptr_t), "the word of a lock");
_Static_assert(_Alignof(struct waiter) >= 4, "two bits of a waiter's address");

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void give_way(const struct wb_sys *sys) {
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
        relax();
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

static bool open_waiter(struct waiter *waiter, const struct wb_sys *sys) {
    *waiter = (struct waiter){0};
    if (wb__monitor_init(&waiter->monitor, sys) != WB_OK) {
        return false;
    }
    if (wb__signal_init(&waiter->told, sys) != WB_OK) {
        wb__monitor_clean_up(&waiter->monitor);
        return false;
    }
    return true;
}

static void close_waiter(struct waiter *waiter) {
    wb__signal_clean_up(&waiter->told);
    wb__monitor_clean_up(&waiter->monitor);
}

/* False: it is not taken any more, or another changes the line. No thread has a turn between taking
 * LINE and giving it back where they take turns. */
static bool join_line(struct wb__lock *lock, struct waiter *waiter) {
    const uintptr_t word = look(lock);
    if ((word & (TAKEN | LINE)) != TAKEN
        || !change(lock, word, word | LINE, memory_order_acquire)) {
        return false;
    }
    struct waiter *head = (struct waiter *)(word & HEAD);
    waiter->is_waiting = true;
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

static void await(struct waiter *waiter) {
    wb__monitor_enter(&waiter->monitor);
    while (waiter->is_waiting) {
        wb_sys_note(waiter->told.sys, WB_NOTE_LOCK_AWAIT, 0, 0);
        wb__signal_await(&waiter->told, &waiter->monitor);
    }
    wb__monitor_leave(&waiter->monitor);
}

/* The waiter may be gone as soon as the monitor has been left. */
static void tell(struct waiter *waiter) {
    wb__monitor_enter(&waiter->monitor);
    waiter->is_waiting = false;
    wb__signal_send(&waiter->told);
    wb__monitor_leave(&waiter->monitor);
}

void wb__lock_enter_taken(struct wb__lock *lock) {
    const struct wb_sys *sys = lock->sys;
    struct waiter waiter;
    if (spin(lock)) {
        return;
    }
    const bool can_wait = open_waiter(&waiter, sys);
    for (unsigned tries = 1; !try_enter(lock); tries++) {
        if (can_wait && join_line(lock, &waiter)) {
            await(&waiter);
        } else if (!can_wait || tries % LINE_SPINS == 0) {
            give_way(sys);
        } else {
            relax();
        }
    }
    if (can_wait) {
        close_waiter(&waiter);
    }
}

/* Without a line: leaves it. With one: has the line to itself, and returns its first. */
static struct waiter *leave_or_take_line(struct wb__lock *lock) {
    for (unsigned tries = 1;; tries++) {
        const uintptr_t word = look(lock);
        if ((word & LINE) != 0) {
            if (tries % LINE_SPINS == 0) {
                give_way(lock->sys);
            } else {
                relax();
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
        tell(first);
    }
}
