/* Several threads blocked at once: who is woken (R31-R35). */
#include "sys/contract/support.h"

enum { MS = 1000000, WAITER_COUNT = 4, ATTEMPTS = 4 };

static const int64_t long_ns = INT64_C(10000) * MS;

static bool bump(struct wb_contract_fixture *fx, int fd) {
    const uint64_t one = 1;
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, &one, sizeof(one)), sizeof(one), "eventfd write");
}

/* ---- one that waits, another that acts ---- */

struct actor {
    struct wb_contract_fixture *fx;
    int epfd;
    int fd;
    int result;
};

static void add_ready_descriptor(void *arg) {
    struct actor *actor = arg;
    actor->result = wb__ctl(actor->fx, actor->epfd, WB_EPOLL_CTL_ADD, actor->fd, IN, 'r');
}

static void r31_add_of_a_ready_descriptor_ends_a_blocked_wait(struct wb_contract_fixture *fx) {
    struct wb_epoll_event event = {0};
    uint64_t thread;
    struct actor actor = {.fx = fx, .epfd = wb__epoll(fx), .fd = wb__eventfd(fx, 1)};
    wb__say(fx, "one thread waits, another adds an eventfd of 1");
    CHECK_EQUAL(SYS(thread_create, add_ready_descriptor, &actor, &thread), 0);
    int events_of_the_wait = SYS(epoll_pwait2, actor.epfd, &event, 1, long_ns);
    CHECK_EQUAL(SYS(thread_join, thread), 0);
    CHECK_EQUAL(actor.result, 0);
    CHECK_EQUAL(events_of_the_wait, 1);
    CHECK_EQUAL(event.events, IN);
    CHECK_EQUAL(event.data, 'r');
}

/* Waits while `act` runs in another thread, for 20 ms that must pass whatever it does. */
static void wait_out(struct wb_contract_fixture *fx, struct actor *actor, wb_thread_fn act) {
    struct wb_epoll_event event = {0};
    uint64_t thread;
    const int64_t timeout_ns = INT64_C(20) * MS;
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(SYS(thread_create, act, actor, &thread), 0);
    int events_of_the_wait = SYS(epoll_pwait2, actor->epfd, &event, 1, timeout_ns);
    uint64_t end = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(SYS(thread_join, thread), 0);
    CHECK_EQUAL(actor->result, 0);
    CHECK_EQUAL(events_of_the_wait, 0);
    CHECK(end - begin >= (uint64_t)timeout_ns);
}

static void delete_and_close(void *arg) {
    struct actor *actor = arg;
    actor->result = wb__ctl(actor->fx, actor->epfd, WB_EPOLL_CTL_DEL, actor->fd, 0, 0);
    actor->result |= WB_SYS(actor->fx->sys, close, actor->fd);
}

static void r31_delete_and_close_do_not_end_a_blocked_wait(struct wb_contract_fixture *fx) {
    struct actor actor = {.fx = fx, .epfd = wb__epoll(fx)};
    actor.fd = SYS(eventfd, 0, WB_EFD_NONBLOCK);
    CHECK(wb__add(fx, actor.epfd, actor.fd, IN, 'a'));
    wb__say(fx, "one thread waits for 20 ms, another deletes and closes what it waits for");
    wait_out(fx, &actor, delete_and_close);
}

/* ---- one that closes what another is blocked with ---- */

/* The other is blocked by then, as a rule: where it was not, the case tries again, with more
 * patience. */
struct closer {
    const struct wb_sys *sys;
    int fd;
    int64_t after_ns;
};

static void close_later(void *arg) {
    const struct closer *closer = arg;
    (void)WB_SYS(closer->sys, poll, NULL, 0, closer->after_ns);
    (void)WB_SYS(closer->sys, close, closer->fd);
}

static int wait_on_closed(struct wb_contract_fixture *fx, int64_t after_ns) {
    struct wb_epoll_event event = {0};
    uint64_t thread;
    struct closer closer = {.sys = fx->sys, .fd = SYS(epoll_create1, 0), .after_ns = after_ns};
    int fd = wb__eventfd(fx, 0);
    if (!wb__add(fx, closer.fd, fd, IN, 'a')
        || SYS(thread_create, close_later, &closer, &thread) != 0) {
        return -1;
    }
    int result = SYS(epoll_pwait2, closer.fd, &event, 1, 4 * after_ns);
    return SYS(thread_join, thread) == 0 ? result : -1;
}

static void r31_closing_the_instance_does_not_end_a_blocked_wait(struct wb_contract_fixture *fx) {
    int64_t after_ns = INT64_C(5) * MS;
    int events_of_the_wait = -EBADF;
    wb__say(fx, "one thread waits, another closes the instance that it waits on");
    for (int i = 0; i < ATTEMPTS && events_of_the_wait == -EBADF; i++, after_ns *= 4) {
        events_of_the_wait = wait_on_closed(fx, after_ns);
    }
    CHECK_EQUAL(events_of_the_wait, 0);
}

/* Writing 0 to an eventfd wakes whoever waits for IN, and changes nothing. */
static void wake_for_nothing(void *arg) {
    struct actor *actor = arg;
    const uint64_t zero = 0;
    for (int i = 0; i < 100; i++) {
        int64_t result = WB_SYS(actor->fx->sys, write, actor->fd, &zero, sizeof(zero));
        actor->result |= result != (int64_t)sizeof(zero);
    }
}

static void r32_wait_woken_for_nothing_goes_back_to_sleep(struct wb_contract_fixture *fx) {
    struct actor actor = {.fx = fx, .epfd = wb__epoll(fx), .fd = wb__eventfd(fx, 0)};
    CHECK(wb__add(fx, actor.epfd, actor.fd, IN | WB_EPOLLET, 'a'));
    wb__say(fx, "one thread waits for 20 ms, another writes 0 to the eventfd, 100 times");
    wait_out(fx, &actor, wake_for_nothing);
}

/* ---- several that wait ---- */

/* What the waiters share; the counts are read and written under the lock. */
struct crowd {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_cond cond;
    int begun;
    int woken;  /* so many were woken by the event */
    int end_fd; /* readable when all are to end */
};

struct waiter {
    struct crowd *crowd;
    int epfd;
    int is_woken; /* by the event: read after it was joined */
    uint64_t thread;
};

/* Waits once. The event is called 'a', the end 'e'; both may be there. */
static void wait_in_crowd(void *arg) {
    struct waiter *waiter = arg;
    struct crowd *crowd = waiter->crowd;
    struct wb_epoll_event events[2];
    WB_SYS(crowd->sys, mutex_lock, &crowd->mutex);
    crowd->begun++;
    WB_SYS(crowd->sys, cond_broadcast, &crowd->cond);
    WB_SYS(crowd->sys, mutex_unlock, &crowd->mutex);
    int count = WB_SYS(crowd->sys, epoll_pwait2, waiter->epfd, events, 2, long_ns);
    for (int i = 0; i < count; i++) {
        waiter->is_woken |= events[i].data == 'a';
    }
    WB_SYS(crowd->sys, mutex_lock, &crowd->mutex);
    crowd->woken += waiter->is_woken;
    WB_SYS(crowd->sys, mutex_unlock, &crowd->mutex);
}

static bool open_crowd(struct wb_contract_fixture *fx, struct crowd *out) {
    *out = (struct crowd){.sys = fx->sys, .end_fd = wb__eventfd(fx, 0)};
    return SYS(mutex_init, &out->mutex) == 0 && SYS(cond_init, &out->cond) == 0 && out->end_fd >= 0;
}

/* Returns when all have begun, and some time after that: then they wait, as a rule. */
static bool start_waiters(struct wb_contract_fixture *fx, struct crowd *crowd,
    struct waiter *waiters, int count, int64_t settle_ns) {
    for (int i = 0; i < count; i++) {
        waiters[i].crowd = crowd;
        if (SYS(thread_create, wait_in_crowd, &waiters[i], &waiters[i].thread) != 0) {
            return false;
        }
    }
    SYS(mutex_lock, &crowd->mutex);
    while (crowd->begun < count) {
        SYS(cond_wait, &crowd->cond, &crowd->mutex);
    }
    SYS(mutex_unlock, &crowd->mutex);
    return SYS(poll, NULL, 0, settle_ns) == 0;
}

/* Lets those go that were not woken, and counts those that were. */
static bool end_waiters(
    struct wb_contract_fixture *fx, struct crowd *crowd, struct waiter *waiters, int count) {
    bool all = bump(fx, crowd->end_fd);
    for (int i = 0; i < count; i++) {
        all = SYS(thread_join, waiters[i].thread) == 0 && all;
    }
    SYS(cond_destroy, &crowd->cond);
    SYS(mutex_destroy, &crowd->mutex);
    return all;
}

/* All wait on one instance for one eventfd: how many are woken by one write. A thread that comes
 * late finds the state, or finds it taken: the number is the same. */
static int woken_of_one_instance(struct wb_contract_fixture *fx, uint32_t mode) {
    struct crowd crowd;
    struct waiter waiters[WAITER_COUNT] = {{0}};
    const int64_t settle_ns = INT64_C(10) * MS;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    for (int i = 0; i < WAITER_COUNT; i++) {
        waiters[i].epfd = epfd;
    }
    bool is_done = open_crowd(fx, &crowd) && wb__add(fx, epfd, fd, IN | mode, 'a')
                   && wb__add(fx, epfd, crowd.end_fd, IN, 'e')
                   && start_waiters(fx, &crowd, waiters, WAITER_COUNT, settle_ns) && bump(fx, fd)
                   && SYS(poll, NULL, 0, settle_ns) == 0
                   && end_waiters(fx, &crowd, waiters, WAITER_COUNT);
    return is_done ? crowd.woken : -1;
}

static void r33_level_wakes_all_that_wait_on_one_instance(struct wb_contract_fixture *fx) {
    wb__say(fx, "four threads wait on one instance, one event comes: level");
    int threads_woken = woken_of_one_instance(fx, 0);
    CHECK_EQUAL(threads_woken, WAITER_COUNT);
}

static void r33_edge_and_oneshot_wake_exactly_one(struct wb_contract_fixture *fx) {
    wb__say(fx, "four threads wait on one instance, one event comes: edge, one-shot, both");
    for (int mode = WB__EDGE; mode < WB__MODE_COUNT; mode++) {
        int threads_woken = woken_of_one_instance(fx, wb__mode_bits[mode]);
        CHECK_EQUAL(threads_woken, 1);
    }
}

/* ---- an instance each ---- */

/* One eventfd in an instance each, added in their order. */
struct lineup {
    int fd;
    uint32_t events[WAITER_COUNT];
    int first_blocked; /* nobody waits on those before it */
};

/* Which instances had the event, as bits: whoever waits on one is woken; on the others it is there
 * to be taken. Whether they have come to wait is a matter of time, which is longer each attempt. */
static int reached(struct wb_contract_fixture *fx, struct lineup *lineup, int64_t settle_ns) {
    struct crowd crowd;
    struct waiter waiters[WAITER_COUNT] = {{0}};
    int first = lineup->first_blocked;
    int bits = 0;
    lineup->fd = wb__eventfd(fx, 0);
    if (!open_crowd(fx, &crowd)) {
        return -1;
    }
    for (int i = 0; i < WAITER_COUNT; i++) {
        waiters[i].epfd = wb__epoll(fx);
        if (!wb__add(fx, waiters[i].epfd, lineup->fd, lineup->events[i], 'a')
            || !wb__add(fx, waiters[i].epfd, crowd.end_fd, IN, 'e')) {
            return -1;
        }
    }
    if (!start_waiters(fx, &crowd, waiters + first, WAITER_COUNT - first, settle_ns)
        || !bump(fx, lineup->fd) || SYS(poll, NULL, 0, settle_ns) != 0) {
        return -1;
    }
    for (int i = 0; i < first; i++) {
        struct wb_epoll_event event = {0};
        int count = SYS(epoll_pwait2, waiters[i].epfd, &event, 1, 0);
        waiters[i].is_woken = count == 1 && event.data == 'a';
    }
    bool is_done = end_waiters(fx, &crowd, waiters + first, WAITER_COUNT - first);
    for (int i = 0; i < WAITER_COUNT; i++) {
        bits |= waiters[i].is_woken << i;
    }
    return is_done ? bits : -1;
}

static void tell_reached(struct wb_contract_fixture *fx, int bits) {
    char numbers[WAITER_COUNT + 1] = {0};
    int count = 0;
    for (int i = 0; i < WAITER_COUNT; i++) {
        if (bits > 0 && ((bits >> i) & 1) != 0) {
            numbers[count++] = (char)('1' + i);
        }
    }
    wb__begin(fx);
    wb__end(fx, &(struct wb_contract_step){.kind = WB_CONTRACT_ORDERED,
                    .text = "one event comes: the instances that it reaches",
                    .result = count,
                    .events = numbers});
}

static bool reaches(struct wb_contract_fixture *fx, struct lineup *lineup, int expected_bits) {
    int64_t settle_ns = INT64_C(10) * MS;
    int bits = -1;
    for (int i = 0; i < ATTEMPTS && bits != expected_bits; i++) {
        bits = reached(fx, lineup, settle_ns);
        settle_ns *= 4;
    }
    tell_reached(fx, bits);
    return wb__check_equal(
        fx, __FILE__, __LINE__, bits, expected_bits, "the set of instances reached, as bits");
}

enum { FIRST = 1, SECOND = 2, THIRD = 4, FOURTH = 8 };

#define EXCLUSIVE (IN | WB_EPOLLEXCLUSIVE)

static void r34_exclusive_wakes_the_first_added_alone(struct wb_contract_fixture *fx) {
    for (int mode = WB__LEVEL; mode <= WB__EDGE; mode++) {
        const uint32_t bits = EXCLUSIVE | wb__mode_bits[mode];
        struct lineup lineup = {.events = {bits, bits, bits, bits}};
        wb__say(fx, mode == WB__LEVEL ? "four threads wait exclusively, an instance each: level"
                                      : "four threads wait exclusively, an instance each: edge");
        CHECK(reaches(fx, &lineup, FIRST));
    }
}

static void r34_those_that_are_not_exclusive_are_woken_as_well(struct wb_contract_fixture *fx) {
    struct lineup lineup = {.events = {EXCLUSIVE, EXCLUSIVE, IN, IN}};
    wb__say(fx, "four threads wait, an instance each, the first two exclusively");
    CHECK(reaches(fx, &lineup, FIRST | THIRD | FOURTH));
}

static void r35_exclusive_passes_over_instances_without_waiters(struct wb_contract_fixture *fx) {
    struct lineup lineup = {
        .events = {EXCLUSIVE, EXCLUSIVE, EXCLUSIVE, EXCLUSIVE}, .first_blocked = 2};
    wb__say(fx, "four instances, exclusive; threads wait on the third and the fourth");
    CHECK(reaches(fx, &lineup, FIRST | SECOND | THIRD));
}

static void r35_exclusive_reaches_all_when_nobody_waits(struct wb_contract_fixture *fx) {
    int epfd[WAITER_COUNT];
    int fd = wb__eventfd(fx, 0);
    for (int i = 0; i < WAITER_COUNT; i++) {
        epfd[i] = wb__epoll(fx);
        CHECK(wb__add(fx, epfd[i], fd, EXCLUSIVE, 'a'));
    }
    CHECK(bump(fx, fd));
    for (int i = 0; i < WAITER_COUNT; i++) {
        ORDER(epfd[i], 4, "a");
    }
}

static const struct wb_contract_case cases[] = {
    CASE(r31_add_of_a_ready_descriptor_ends_a_blocked_wait, WB_CONTRACT_NEEDS_THREADS),
    CASE(r31_delete_and_close_do_not_end_a_blocked_wait, WB_CONTRACT_NEEDS_THREADS),
    CASE(r31_closing_the_instance_does_not_end_a_blocked_wait,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(r32_wait_woken_for_nothing_goes_back_to_sleep, WB_CONTRACT_NEEDS_THREADS),
    CASE(r33_level_wakes_all_that_wait_on_one_instance, WB_CONTRACT_NEEDS_THREADS),
    CASE(r33_edge_and_oneshot_wake_exactly_one, WB_CONTRACT_NEEDS_THREADS),
    CASE(r34_exclusive_wakes_the_first_added_alone, WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(r34_those_that_are_not_exclusive_are_woken_as_well,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(r35_exclusive_passes_over_instances_without_waiters,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(r35_exclusive_reaches_all_when_nobody_waits, 0),
};
WB__CONTRACT_GROUP(waiter);
