/* Threads, mutexes, conditions, and calls that one thread sleeps in and another ends. */
#include "sys/contract/file_support.h"
#include "sys/contract/udp_support.h"
#include "sys/contract/unix_support.h"

#include <errno.h>
#include <string.h>

enum { MS = 1000000, THREAD_COUNT = 4, ROUNDS = 5000 };

/* What the threads of a case share; everything below the lock is read and written under it. */
struct shared {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_cond cond;
    uint64_t counter;
    int waiting;
    int released;
};

static bool open_shared(struct wb_contract_fixture *fx, struct shared *out) {
    *out = (struct shared){.sys = fx->sys};
    return SYS(mutex_init, &out->mutex) == 0 && SYS(cond_init, &out->cond) == 0;
}

static void close_shared(struct shared *shared) {
    WB_SYS(shared->sys, cond_destroy, &shared->cond);
    WB_SYS(shared->sys, mutex_destroy, &shared->mutex);
}

static void lock(struct shared *shared) {
    WB_SYS(shared->sys, mutex_lock, &shared->mutex);
}

static void unlock(struct shared *shared) {
    WB_SYS(shared->sys, mutex_unlock, &shared->mutex);
}

static bool start_threads(
    struct wb_contract_fixture *fx, wb_thread_fn fn, void *arg, uint64_t *threads, int count) {
    for (int i = 0; i < count; i++) {
        if (SYS(thread_create, fn, arg, &threads[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool join_threads(struct wb_contract_fixture *fx, const uint64_t *threads, int count) {
    bool all = true;
    for (int i = 0; i < count; i++) {
        all = SYS(thread_join, threads[i]) == 0 && all;
    }
    return all;
}

static void set_to_one(void *arg) {
    *(int *)arg = 1;
}

static void thread_runs_and_is_joined(struct wb_contract_fixture *fx) {
    uint64_t thread;
    int value = 0;
    CHECK_EQUAL(SYS(thread_create, set_to_one, &value, &thread), 0);
    CHECK_EQUAL(SYS(thread_join, thread), 0);
    CHECK_EQUAL(value, 1);
}

static void count_up(void *arg) {
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS; i++) {
        lock(shared);
        shared->counter = shared->counter + 1;
        unlock(shared);
    }
}

static void mutex_keeps_others_out(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t threads[THREAD_COUNT];
    CHECK(open_shared(fx, &shared));
    CHECK(start_threads(fx, count_up, &shared, threads, THREAD_COUNT));
    CHECK(join_threads(fx, threads, THREAD_COUNT));
    CHECK_EQUAL(shared.counter, THREAD_COUNT * ROUNDS);
    close_shared(&shared);
}

/* Waits until released; tells before that it waits. */
static void wait_for_release(void *arg) {
    struct shared *shared = arg;
    lock(shared);
    shared->waiting++;
    WB_SYS(shared->sys, cond_broadcast, &shared->cond);
    while (shared->released == 0) {
        WB_SYS(shared->sys, cond_wait, &shared->cond, &shared->mutex);
    }
    shared->released--;
    shared->counter++;
    unlock(shared);
}

static void await_waiting(struct shared *shared, int count) {
    while (shared->waiting < count) {
        WB_SYS(shared->sys, cond_wait, &shared->cond, &shared->mutex);
    }
}

static void cond_signal_wakes_the_one_that_waits(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t thread;
    CHECK(open_shared(fx, &shared));
    CHECK(start_threads(fx, wait_for_release, &shared, &thread, 1));
    lock(&shared);
    await_waiting(&shared, 1);
    shared.released = 1;
    SYS(cond_signal, &shared.cond);
    unlock(&shared);
    CHECK(join_threads(fx, &thread, 1));
    CHECK_EQUAL(shared.counter, 1);
    close_shared(&shared);
}

static void cond_broadcast_wakes_all(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t threads[THREAD_COUNT];
    CHECK(open_shared(fx, &shared));
    CHECK(start_threads(fx, wait_for_release, &shared, threads, THREAD_COUNT));
    lock(&shared);
    await_waiting(&shared, THREAD_COUNT);
    shared.released = THREAD_COUNT;
    SYS(cond_broadcast, &shared.cond);
    unlock(&shared);
    CHECK(join_threads(fx, threads, THREAD_COUNT));
    CHECK_EQUAL(shared.counter, THREAD_COUNT);
    close_shared(&shared);
}

/* Those who were woken have yet to lock the mutex; of the condition they need nothing more. */
static void cond_is_destroyed_once_all_are_woken(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t threads[THREAD_COUNT];
    CHECK(open_shared(fx, &shared));
    CHECK(start_threads(fx, wait_for_release, &shared, threads, THREAD_COUNT));
    lock(&shared);
    await_waiting(&shared, THREAD_COUNT);
    shared.released = THREAD_COUNT;
    SYS(cond_broadcast, &shared.cond);
    SYS(cond_destroy, &shared.cond);
    memset(&shared.cond, 0xa5, sizeof(shared.cond));
    unlock(&shared);
    CHECK(join_threads(fx, threads, THREAD_COUNT));
    CHECK_EQUAL(shared.counter, THREAD_COUNT);
    SYS(mutex_destroy, &shared.mutex);
}

static void cond_timedwait_does_not_time_out_early(struct wb_contract_fixture *fx) {
    static const int64_t timeouts_ns[] = {0, 1, 1000000, 5000001};
    struct shared shared;
    CHECK(open_shared(fx, &shared));
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        int result = 0;
        uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
        lock(&shared);
        while (result == 0) { /* it may wake spuriously */
            result = SYS(cond_timedwait, &shared.cond, &shared.mutex, timeouts_ns[i]);
        }
        unlock(&shared);
        uint64_t end = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
        CHECK_EQUAL(result, -ETIMEDOUT);
        CHECK(end - begin >= (uint64_t)timeouts_ns[i]);
    }
    close_shared(&shared);
}

static void wait_with_timeouts_for_release(void *arg) {
    static const int64_t timeouts_ns[] = {WB_TIMEOUT_INFINITE, INT64_MAX, INT64_C(60000) * MS};
    struct shared *shared = arg;
    lock(shared);
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        shared->waiting++;
        WB_SYS(shared->sys, cond_broadcast, &shared->cond);
        while (shared->released == 0) {
            int result =
                WB_SYS(shared->sys, cond_timedwait, &shared->cond, &shared->mutex, timeouts_ns[i]);
            shared->counter += result == 0 ? 0u : 1u;
        }
        shared->released = 0;
    }
    unlock(shared);
}

static void cond_timedwait_is_woken_whatever_the_timeout(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t thread;
    CHECK(open_shared(fx, &shared));
    CHECK(start_threads(fx, wait_with_timeouts_for_release, &shared, &thread, 1));
    for (int round = 1; round <= 3; round++) {
        lock(&shared);
        await_waiting(&shared, round);
        shared.released = 1;
        SYS(cond_broadcast, &shared.cond);
        unlock(&shared);
    }
    CHECK(join_threads(fx, &thread, 1));
    CHECK_EQUAL(shared.counter, 0);
    close_shared(&shared);
}

static void thread_self_is_never_zero_and_stays(struct wb_contract_fixture *fx) {
    const uint64_t self = wb_sys_thread_self(fx->sys);
    CHECK(self != 0);
    CHECK_EQUAL(wb_sys_thread_self(fx->sys), self);
}

/* What two threads, at the same time, are told of themselves. */
struct identity {
    struct shared *shared;
    uint64_t self;
};

static void tell_identity_and_wait(void *arg) {
    struct identity *identity = arg;
    identity->self = wb_sys_thread_self(identity->shared->sys);
    wait_for_release(identity->shared);
}

static void thread_self_is_what_create_gave(struct wb_contract_fixture *fx) {
    struct shared shared;
    uint64_t threads[2];
    CHECK(open_shared(fx, &shared));
    struct identity identities[2] = {{&shared, 0}, {&shared, 0}};
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(SYS(thread_create, tell_identity_and_wait, &identities[i], &threads[i]), 0);
    }
    lock(&shared);
    await_waiting(&shared, 2);
    shared.released = 2;
    SYS(cond_broadcast, &shared.cond);
    unlock(&shared);
    CHECK(join_threads(fx, threads, 2));
    CHECK_EQUAL(identities[0].self, threads[0]);
    CHECK_EQUAL(identities[1].self, threads[1]);
    CHECK(threads[0] != threads[1]);
    CHECK(threads[0] != wb_sys_thread_self(fx->sys));
    close_shared(&shared);
}

/* ---- shutdown under a call that sleeps ---- */

struct sleeper {
    const struct wb_sys *sys;
    int fd;
    int64_t result;
};

static void accept_one(void *arg) {
    struct sleeper *sleeper = arg;
    sleeper->result = WB_SYS(sleeper->sys, accept4, sleeper->fd, NULL, NULL, 0);
}

static void receive_one(void *arg) {
    struct sleeper *sleeper = arg;
    char byte;
    sleeper->result = WB_SYS(sleeper->sys, recv, sleeper->fd, &byte, 1, 0);
}

static bool ends_with(struct wb_contract_fixture *fx, wb_thread_fn fn, int fd, int64_t expected) {
    struct sleeper sleeper = {.sys = fx->sys, .fd = fd, .result = 1};
    uint64_t thread;
    bool runs = wb__set_blocking(fx, fd) && SYS(thread_create, fn, &sleeper, &thread) == 0;
    if (!wb__check_equal(fx, __FILE__, __LINE__, runs, true, "a thread sleeps")) {
        return false;
    }
    (void)SYS(poll, NULL, 0, 20 * MS);
    int result = SYS(shutdown, fd, WB_SHUT_RD);
    (void)SYS(thread_join, thread);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "shutdown")
           && wb__check_equal(fx, __FILE__, __LINE__, sleeper.result, expected, "what slept");
}

static void thread_accept_ends_when_the_listener_is_shut(struct wb_contract_fixture *fx) {
    int listener;
    CHECK(wb__listener(fx, 1, &listener));
    CHECK(ends_with(fx, accept_one, listener, -EINVAL));
    CHECK(wb__unix_bound(fx, WB_SOCK_STREAM, 'a', &listener));
    CHECK_EQUAL(SYS(listen, listener, 1), 0);
    CHECK(ends_with(fx, accept_one, listener, -EINVAL));
}

static void thread_recv_ends_when_the_socket_is_shut(struct wb_contract_fixture *fx) {
    static const int types[] = {WB_SOCK_STREAM, WB_SOCK_DGRAM, WB_SOCK_SEQPACKET};
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(ends_with(fx, receive_one, pair.own, 0));
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(ends_with(fx, receive_one, pair.own, 0));
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK(ends_with(fx, receive_one, pair.own, 0));
    }
}

/* ---- close under a call that sleeps ---- */

struct closer {
    const struct wb_sys *sys;
    int fd;
    int wake_fd; /* what wakes the sleeper writes here */
    int64_t delay_ns;
};

static void close_then_wake(void *arg) {
    const struct closer *closer = arg;
    (void)WB_SYS(closer->sys, poll, NULL, 0, closer->delay_ns);
    (void)WB_SYS(closer->sys, close, closer->fd);
    (void)WB_SYS(closer->sys, poll, NULL, 0, closer->delay_ns);
    (void)WB_SYS(closer->sys, write, closer->wake_fd, "w", 1);
}

/* What came of a call that was to sleep while a descriptor of its was closed. */
enum slept {
    SLEPT_ON,   /* until it was woken, and then found nothing under the number */
    SLEPT_NONE, /* it found that at once: the close came before it, or ended its sleep */
    SLEPT_OTHERWISE
};

enum { ENOUGH_MS = 20 * 1000 };

static enum slept poll_while_closed(struct wb_contract_fixture *fx, int fd, int wake_fd) {
    enum { NVAL = 0x20 };
    struct wb_pollfd entries[2] = {
        {.fd = fd, .events = (int16_t)WB_EPOLLIN}, {.fd = wake_fd, .events = (int16_t)WB_EPOLLIN}};
    int result = SYS(poll, entries, 2, ENOUGH_MS * (int64_t)MS);
    if (entries[0].revents != NVAL) {
        return SLEPT_OTHERWISE;
    }
    return result == 2 && entries[1].revents == (int16_t)WB_EPOLLIN ? SLEPT_ON
           : result == 1                                            ? SLEPT_NONE
                                                                    : SLEPT_OTHERWISE;
}

static void add_to_set(struct wb_fd_set *set, int fd) {
    set->bits[fd / 64] |= UINT64_C(1) << (fd % 64);
}

/* Of select what is not open is in every set. */
static enum slept select_while_closed(struct wb_contract_fixture *fx, int fd, int wake_fd) {
    struct wb_fd_set sets[3] = {0};
    add_to_set(&sets[0], fd);
    add_to_set(&sets[0], wake_fd);
    add_to_set(&sets[2], fd);
    int highest = fd > wake_fd ? fd : wake_fd;
    int result = SYS(select, highest + 1, &sets[0], &sets[1], &sets[2], ENOUGH_MS * (int64_t)MS);
    return result == 3 ? SLEPT_ON : result == -EBADF ? SLEPT_NONE : SLEPT_OTHERWISE;
}

static enum slept sleep_while_closed(
    struct wb_contract_fixture *fx, bool selects, int64_t delay_ns) {
    int fds[2];
    uint64_t thread;
    struct wb__pipe wake;
    if (!wb__pipe(fx, &wake) || SYS(pipe2, fds, 0) != 0) {
        return SLEPT_OTHERWISE;
    }
    struct closer closer = {fx->sys, fds[0], wake.writer, delay_ns};
    if (SYS(thread_create, close_then_wake, &closer, &thread) != 0) {
        return SLEPT_OTHERWISE;
    }
    enum slept slept = selects ? select_while_closed(fx, fds[0], wake.reader)
                               : poll_while_closed(fx, fds[0], wake.reader);
    bool is_joined = SYS(thread_join, thread) == 0;
    return SYS(close, fds[1]) == 0 && is_joined ? slept : SLEPT_OTHERWISE;
}

/* It ends no sleep, but whoever wakes finds nothing under the number. Nothing says that a thread
 * sleeps already: one that was kept from it until after the close is tried again, with more time.
 */
static void thread_poll_looks_up_numbers_when_it_wakes(struct wb_contract_fixture *fx) {
    enum { DELAY_MAX_MS = 1280 };
    for (int selects = 0; selects < 2; selects++) {
        enum slept slept = SLEPT_NONE;
        for (int64_t ms = 20; slept == SLEPT_NONE && ms <= DELAY_MAX_MS; ms *= 2) {
            slept = sleep_while_closed(fx, selects != 0, ms * MS);
        }
        CHECK_EQUAL(slept, SLEPT_ON);
    }
}

static const struct wb_contract_case cases[] = {
    CASE(thread_runs_and_is_joined, WB_CONTRACT_NEEDS_THREADS),
    CASE(thread_self_is_never_zero_and_stays, 0),
    CASE(thread_self_is_what_create_gave, WB_CONTRACT_NEEDS_THREADS),
    CASE(mutex_keeps_others_out, WB_CONTRACT_NEEDS_THREADS),
    CASE(cond_signal_wakes_the_one_that_waits, WB_CONTRACT_NEEDS_THREADS),
    CASE(cond_broadcast_wakes_all, WB_CONTRACT_NEEDS_THREADS),
    CASE(cond_is_destroyed_once_all_are_woken, WB_CONTRACT_NEEDS_THREADS),
    CASE(cond_timedwait_does_not_time_out_early, WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(cond_timedwait_is_woken_whatever_the_timeout, WB_CONTRACT_NEEDS_THREADS),
    CASE(thread_accept_ends_when_the_listener_is_shut,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_NETWORK),
    CASE(
        thread_poll_looks_up_numbers_when_it_wakes, WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(thread_recv_ends_when_the_socket_is_shut, WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_NETWORK),
};
WB__CONTRACT_GROUP(thread);
