/* See threads.h. */
#include "threads.h"

#include <stdatomic.h>
#include <string.h>

const char *thread_option(int argc, char *const argv[], const char *name) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

static bool is_careless(int argc, char *const argv[]) {
    return thread_option(argc, argv, "careless") != NULL;
}

bool run_two(const struct wb_sys *sys, wb_thread_fn fn, void *first, void *second) {
    uint64_t threads[2];
    if (WB_SYS(sys, thread_create, fn, first, &threads[0]) != 0) {
        return false;
    }
    bool both = WB_SYS(sys, thread_create, fn, second, &threads[1]) == 0;
    (void)WB_SYS(sys, thread_join, threads[0]);
    if (both) {
        (void)WB_SYS(sys, thread_join, threads[1]);
    }
    return both;
}

/* ---- what two threads share ---- */

struct shared {
    const struct wb_sys *sys;
    bool careless;
    struct wb_mutex mutexes[2];
    struct wb_cond cond;
    int items; /* under the first mutex */
    bool is_ready;
    bool is_served;
    int bell;
    atomic_uint count;
};

static void shared_open(
    struct shared *shared, const struct wb_sys *sys, int argc, char *const argv[]) {
    *shared = (struct shared){.sys = sys, .careless = is_careless(argc, argv), .bell = -1};
    (void)WB_SYS(sys, mutex_init, &shared->mutexes[0]);
    (void)WB_SYS(sys, mutex_init, &shared->mutexes[1]);
    (void)WB_SYS(sys, cond_init, &shared->cond);
    atomic_init(&shared->count, 0);
}

static void shared_close(struct shared *shared) {
    WB_SYS(shared->sys, cond_destroy, &shared->cond);
    WB_SYS(shared->sys, mutex_destroy, &shared->mutexes[1]);
    WB_SYS(shared->sys, mutex_destroy, &shared->mutexes[0]);
}

static void lock(struct shared *shared) {
    WB_SYS(shared->sys, mutex_lock, &shared->mutexes[0]);
}

static void unlock(struct shared *shared) {
    WB_SYS(shared->sys, mutex_unlock, &shared->mutexes[0]);
}

/* ---- check_then_wait: careless, the lock is let go between the look and the sleep ---- */

static void produce(void *arg) {
    struct shared *shared = arg;
    lock(shared);
    shared->items++;
    WB_SYS(shared->sys, cond_signal, &shared->cond);
    unlock(shared);
}

static void consume(struct shared *shared) {
    lock(shared);
    while (shared->items == 0) {
        if (shared->careless) {
            unlock(shared);
            lock(shared);
        }
        WB_SYS(shared->sys, cond_wait, &shared->cond, &shared->mutexes[0]);
    }
    shared->items--;
    unlock(shared);
}

static int check_then_wait_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    uint64_t producer;
    shared_open(&shared, sys, argc, argv);
    int result = WB_SYS(sys, thread_create, produce, &shared, &producer);
    if (result == 0) {
        consume(&shared);
        result = WB_SYS(sys, thread_join, producer);
    }
    shared_close(&shared);
    return result != 0;
}

/* ---- wait_once: it takes any end of its wait for what it waits for ---- */

static void wait_once(void *arg) {
    struct shared *shared = arg;
    lock(shared);
    shared->is_ready = true;
    WB_SYS(shared->sys, cond_signal, &shared->cond);
    if (shared->items == 0) {
        WB_SYS(shared->sys, cond_wait, &shared->cond, &shared->mutexes[0]);
    }
    shared->is_served = shared->items != 0;
    unlock(shared);
}

static int wait_once_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    uint64_t waiter;
    shared_open(&shared, sys, argc, argv);
    if (WB_SYS(sys, thread_create, wait_once, &shared, &waiter) == 0) {
        lock(&shared);
        while (!shared.is_ready) {
            WB_SYS(sys, cond_wait, &shared.cond, &shared.mutexes[0]);
        }
        unlock(&shared);
        produce(&shared);
        (void)WB_SYS(sys, thread_join, waiter);
    }
    shared_close(&shared);
    return !shared.is_served;
}

/* ---- bell: items are announced by an eventfd; careless, it is hushed after they were taken ----
 */

enum { BELL_ITEMS = 2 };

static void ring(void *arg) {
    struct shared *shared = arg;
    const uint64_t one = 1;
    for (int i = 0; i < BELL_ITEMS; i++) {
        lock(shared);
        shared->items++;
        unlock(shared);
        (void)WB_SYS(shared->sys, write, shared->bell, &one, sizeof(one));
    }
}

static void hush(struct shared *shared) {
    uint64_t counter;
    (void)WB_SYS(shared->sys, read, shared->bell, &counter, sizeof(counter));
}

static int take_items(struct shared *shared) {
    lock(shared);
    int taken = shared->items;
    shared->items = 0;
    unlock(shared);
    return taken;
}

/* False: nobody rang for a second. */
static bool answer_bell(struct shared *shared) {
    struct wb_pollfd bell = {.fd = shared->bell, .events = (int16_t)WB_EPOLLIN};
    int left = BELL_ITEMS;
    while (left > 0) {
        if (WB_SYS(shared->sys, poll, &bell, 1, INT64_C(1000000000)) == 0) {
            return false;
        }
        if (!shared->careless) {
            hush(shared);
        }
        left -= take_items(shared);
        if (shared->careless) {
            hush(shared);
        }
    }
    return true;
}

static int bell_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    uint64_t ringer;
    shared_open(&shared, sys, argc, argv);
    shared.bell = WB_SYS(sys, eventfd, 0, WB_EFD_NONBLOCK);
    int result = WB_SYS(sys, thread_create, ring, &shared, &ringer);
    if (result == 0) {
        result = answer_bell(&shared) ? 0 : -1;
        (void)WB_SYS(sys, thread_join, ringer);
    }
    (void)WB_SYS(sys, close, shared.bell);
    shared_close(&shared);
    return result != 0;
}

/* ---- counter: an atomic one; careless, counting up is a load and a store ---- */

enum { COUNTER_ROUNDS = 20 };

static void count_up(void *arg) {
    struct shared *shared = arg;
    for (int i = 0; i < COUNTER_ROUNDS; i++) {
        wb_sys_interleave(shared->sys, &shared->count);
        if (!shared->careless) {
            (void)atomic_fetch_add(&shared->count, 1);
            continue;
        }
        unsigned count = atomic_load(&shared->count);
        wb_sys_interleave(shared->sys, &shared->count);
        atomic_store(&shared->count, count + 1);
    }
}

static int counter_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    shared_open(&shared, sys, argc, argv);
    bool both = run_two(sys, count_up, &shared, &shared);
    unsigned count = atomic_load(&shared.count);
    shared_close(&shared);
    return !both ? 2 : count != 2 * COUNTER_ROUNDS;
}

/* ---- two_locks: careless, one thread takes them the other way round ---- */

struct locker {
    struct shared *shared;
    int first;
};

static void take_both(void *arg) {
    const struct locker *locker = arg;
    struct shared *shared = locker->shared;
    WB_SYS(shared->sys, mutex_lock, &shared->mutexes[locker->first]);
    WB_SYS(shared->sys, mutex_lock, &shared->mutexes[1 - locker->first]);
    WB_SYS(shared->sys, mutex_unlock, &shared->mutexes[1 - locker->first]);
    WB_SYS(shared->sys, mutex_unlock, &shared->mutexes[locker->first]);
}

static int two_locks_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    shared_open(&shared, sys, argc, argv);
    struct locker lockers[2] = {{&shared, 0}, {&shared, shared.careless ? 1 : 0}};
    bool both = run_two(sys, take_both, &lockers[0], &lockers[1]);
    shared_close(&shared);
    return !both;
}

/* ---- misuser ---- */

static void do_nothing(void *arg) {
    (void)arg;
}

static void unlock_it(void *arg) {
    unlock(arg);
}

static void lock_it(void *arg) {
    lock(arg);
}

static void sleep_for_ever(void *arg) {
    struct shared *shared = arg;
    (void)WB_SYS(shared->sys, poll, NULL, 0, WB_TIMEOUT_INFINITE);
}

static void misuse_mutex(struct shared *shared, const char *how) {
    const struct wb_sys *sys = shared->sys;
    lock(shared);
    if (strcmp(how, "lock-twice") == 0) {
        lock(shared);
    } else if (strcmp(how, "destroy-held") == 0) {
        WB_SYS(sys, mutex_destroy, &shared->mutexes[0]);
    } else if (strcmp(how, "unlock-foreign") == 0) {
        uint64_t thread;
        (void)WB_SYS(sys, thread_create, unlock_it, shared, &thread);
        (void)WB_SYS(sys, thread_join, thread);
        lock(shared);
    }
    unlock(shared);
    if (strcmp(how, "use-destroyed") == 0) {
        WB_SYS(sys, mutex_destroy, &shared->mutexes[0]);
        lock(shared);
        unlock(shared);
    } else if (strcmp(how, "wait-unlocked") == 0) {
        (void)WB_SYS(sys, cond_timedwait, &shared->cond, &shared->mutexes[0], 1000);
        unlock(shared);
    }
}

static void misuse_thread(struct shared *shared, const char *how) {
    const struct wb_sys *sys = shared->sys;
    uint64_t thread = 0;
    if (strcmp(how, "leave-running") == 0) {
        (void)WB_SYS(sys, thread_create, sleep_for_ever, shared, &thread);
    } else if (strcmp(how, "end-holding") == 0) {
        (void)WB_SYS(sys, thread_create, lock_it, shared, &thread);
        (void)WB_SYS(sys, thread_join, thread);
        lock(shared);
    } else {
        (void)WB_SYS(sys, thread_create, do_nothing, shared, &thread);
    }
    if (strcmp(how, "join-twice") == 0) {
        (void)WB_SYS(sys, thread_join, thread);
        (void)WB_SYS(sys, thread_join, thread);
    }
}

static int misuser_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct shared shared;
    const char *how = thread_option(argc, argv, "how");
    bool is_thread = strstr(how, "join") != NULL || strcmp(how, "leave-running") == 0
                     || strcmp(how, "end-holding") == 0;
    shared_open(&shared, sys, argc, argv);
    if (is_thread) {
        misuse_thread(&shared, how);
    } else {
        misuse_mutex(&shared, how);
    }
    shared_close(&shared);
    return 0;
}

/* ---- the table ---- */

static const char *const careless[] = {"careless", NULL};
static const char *const how[] = {"how", NULL};
static const char *const backend[] = {"backend", NULL};

static const struct wbh_program programs[] = {
    {.name = "check_then_wait",
        .main = check_then_wait_main,
        .options = careless,
        .must_succeed = 1},
    {.name = "wait_once", .main = wait_once_main, .must_succeed = 1},
    {.name = "bell", .main = bell_main, .options = careless, .must_succeed = 1},
    {.name = "counter", .main = counter_main, .options = careless, .must_succeed = 1},
    {.name = "two_locks", .main = two_locks_main, .options = careless, .must_succeed = 1},
    {.name = "misuser", .main = misuser_main, .options = how},
    {.name = "courier", .main = courier_main, .options = backend, .must_succeed = 1},
    {.name = "receiver", .main = receiver_main, .must_succeed = 1},
    {.name = "wakers", .main = wakers_main, .must_succeed = 1},
};

const struct wbh_program *thread_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
