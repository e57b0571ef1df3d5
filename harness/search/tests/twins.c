/* See twins.h. */
#include "twins.h"

#include <stdatomic.h>
#include <string.h>

#include "wb/sys.h"

#define SECOND INT64_C(1000000000)

static bool has_flag(int argc, char *const argv[], const char *flag) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_careless(int argc, char *const argv[]) {
    return has_flag(argc, argv, "--careless");
}

/* ---- late_sleeper: it looks whether there is work, and sleeps; careless, somebody may bring work
 * and ring in between; hasty, it takes any end of its sleep for work ---- */

struct room {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_cond cond;
    bool has_work;
};

static void bring_work(void *arg) {
    struct room *room = arg;
    WB_SYS(room->sys, mutex_lock, &room->mutex);
    room->has_work = true;
    WB_SYS(room->sys, cond_signal, &room->cond);
    WB_SYS(room->sys, mutex_unlock, &room->mutex);
}

/* False: it went on without. */
static bool await_work(struct room *room, bool careless, bool hasty) {
    const struct wb_sys *sys = room->sys;
    bool goes_on = false;
    WB_SYS(sys, mutex_lock, &room->mutex);
    while (!room->has_work && !goes_on) {
        if (careless) {
            WB_SYS(sys, mutex_unlock, &room->mutex);
            WB_SYS(sys, mutex_lock, &room->mutex);
        }
        WB_SYS(sys, cond_wait, &room->cond, &room->mutex);
        goes_on = hasty;
    }
    const bool has_work = room->has_work;
    WB_SYS(sys, mutex_unlock, &room->mutex);
    return has_work;
}

static int late_sleeper_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct room room = {.sys = sys};
    uint64_t thread;
    if (WB_SYS(sys, mutex_init, &room.mutex) != 0 || WB_SYS(sys, cond_init, &room.cond) != 0
        || WB_SYS(sys, thread_create, bring_work, &room, &thread) != 0) {
        return 2;
    }
    const bool has_work =
        await_work(&room, is_careless(argc, argv), has_flag(argc, argv, "--hasty"));
    (void)WB_SYS(sys, thread_join, thread);
    WB_SYS(sys, cond_destroy, &room.cond);
    WB_SYS(sys, mutex_destroy, &room.mutex);
    return has_work ? 0 : 1;
}

/* ---- early_hush: a flag keeps a second ring from being sent while the first is not heard;
 * careless, the flag is taken back after the work was looked for instead of before ---- */

enum { DELIVERIES = 2 };

struct post {
    const struct wb_sys *sys;
    bool careless;
    int bell;
    atomic_bool is_rung;
    atomic_uint letters;
};

static void deliver(void *arg) {
    struct post *post = arg;
    const uint64_t one = 1;
    for (int i = 0; i < DELIVERIES; i++) {
        wb_sys_interleave(post->sys, &post->letters);
        (void)atomic_fetch_add(&post->letters, 1);
        wb_sys_interleave(post->sys, &post->is_rung);
        if (!atomic_exchange(&post->is_rung, true)) {
            (void)WB_SYS(post->sys, write, post->bell, &one, sizeof(one));
        }
    }
}

static void hush(struct post *post) {
    uint64_t counter;
    (void)WB_SYS(post->sys, read, post->bell, &counter, sizeof(counter));
    wb_sys_interleave(post->sys, &post->is_rung);
    atomic_store(&post->is_rung, false);
}

static unsigned take_letters(struct post *post) {
    wb_sys_interleave(post->sys, &post->letters);
    return atomic_exchange(&post->letters, 0);
}

/* False: nobody rang for a second. */
static bool collect_letters(struct post *post) {
    struct wb_pollfd bell = {.fd = post->bell, .events = (int16_t)WB_EPOLLIN};
    unsigned left = DELIVERIES;
    while (left > 0) {
        if (WB_SYS(post->sys, poll, &bell, 1, SECOND) == 0) {
            return false;
        }
        if (!post->careless) {
            hush(post);
        }
        left -= take_letters(post);
        if (post->careless) {
            hush(post);
        }
    }
    return true;
}

static int early_hush_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct post post = {.sys = sys, .careless = is_careless(argc, argv)};
    uint64_t thread;
    atomic_init(&post.is_rung, false);
    atomic_init(&post.letters, 0);
    post.bell = WB_SYS(sys, eventfd, 0, WB_EFD_NONBLOCK);
    if (post.bell < 0 || WB_SYS(sys, thread_create, deliver, &post, &thread) != 0) {
        return 2;
    }
    const bool is_right = collect_letters(&post);
    (void)WB_SYS(sys, thread_join, thread);
    (void)WB_SYS(sys, close, post.bell);
    return is_right ? 0 : 1;
}

/* ---- two bells in one epoll instance ---- */

struct tower {
    const struct wb_sys *sys;
    bool careless;
    int epoll;
    struct wb_mutex mutex;
    int bell;            /* reused_slot: who lives in the slot now, */
    uint32_t generation; /* ... and how many have lived there */
    bool is_answered;
    int bells[2]; /* closed_in_batch; -1: closed */
    bool was_wrong;
};

static int hang_bell(struct tower *tower, uint64_t token) {
    const int bell = WB_SYS(tower->sys, eventfd, 0, WB_EFD_NONBLOCK);
    struct wb_epoll_event event = {.events = WB_EPOLLIN, .data = token};
    if (bell >= 0
        && WB_SYS(tower->sys, epoll_ctl, tower->epoll, WB_EPOLL_CTL_ADD, bell, &event) != 0) {
        return -1;
    }
    return bell;
}

static void ring(struct tower *tower, int bell) {
    const uint64_t one = 1;
    (void)WB_SYS(tower->sys, write, bell, &one, sizeof(one));
}

static bool answer(struct tower *tower, int bell) {
    uint64_t counter;
    return WB_SYS(tower->sys, read, bell, &counter, sizeof(counter)) == sizeof(counter);
}

static bool tower_open(struct tower *tower, const struct wb_sys *sys, bool careless) {
    *tower = (struct tower){.sys = sys, .careless = careless};
    tower->epoll = WB_SYS(sys, epoll_create1, 0);
    return tower->epoll >= 0 && WB_SYS(sys, mutex_init, &tower->mutex) == 0;
}

static void tower_close(struct tower *tower) {
    WB_SYS(tower->sys, mutex_destroy, &tower->mutex);
    (void)WB_SYS(tower->sys, close, tower->epoll);
}

/* ---- reused_slot: another thread replaces what an event was reported for before the event is
 * dispatched; careless, nobody looks whose event it is ---- */

static void replace_bell(void *arg) {
    struct tower *tower = arg;
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    ring(tower, tower->bell);
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    (void)WB_SYS(tower->sys, close, tower->bell);
    tower->generation++;
    tower->bell = hang_bell(tower, tower->generation);
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    ring(tower, tower->bell);
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
}

static void dispatch_to_slot(struct tower *tower, uint64_t generation) {
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    if (tower->careless || generation == tower->generation) {
        tower->was_wrong |= !answer(tower, tower->bell);
        tower->is_answered = tower->generation == 1;
    }
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
}

static int reused_slot_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct tower tower;
    uint64_t thread;
    if (!tower_open(&tower, sys, is_careless(argc, argv))) {
        return 2;
    }
    tower.bell = hang_bell(&tower, 0);
    if (tower.bell < 0 || WB_SYS(sys, thread_create, replace_bell, &tower, &thread) != 0) {
        return 2;
    }
    while (!tower.is_answered && !tower.was_wrong) {
        struct wb_epoll_event event;
        if (WB_SYS(sys, epoll_pwait2, tower.epoll, &event, 1, WB_TIMEOUT_INFINITE) == 1) {
            dispatch_to_slot(&tower, event.data);
        }
    }
    (void)WB_SYS(sys, thread_join, thread);
    (void)WB_SYS(sys, close, tower.bell);
    tower_close(&tower);
    return tower.was_wrong ? 1 : 0;
}

/* ---- closed_in_batch: whichever of two rings first has the other closed; careless, an event of
 * the same wait for the other one is dispatched still ---- */

static void ring_first(void *arg) {
    struct tower *tower = arg;
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    if (tower->bells[0] >= 0) {
        ring(tower, tower->bells[0]);
    }
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
}

static void close_bell(struct tower *tower, uint64_t which) {
    WB_SYS(tower->sys, mutex_lock, &tower->mutex);
    if (tower->bells[which] >= 0) {
        (void)WB_SYS(tower->sys, close, tower->bells[which]);
        tower->bells[which] = -1;
    }
    WB_SYS(tower->sys, mutex_unlock, &tower->mutex);
}

static void dispatch_batch(struct tower *tower, struct wb_epoll_event *events, int count) {
    for (int i = 0; i < count; i++) {
        const uint64_t which = events[i].data;
        if (tower->bells[which] < 0 && !tower->careless) {
            continue;
        }
        tower->was_wrong |= !answer(tower, tower->bells[which]);
        tower->is_answered = true;
        close_bell(tower, 1 - which);
    }
}

static int closed_in_batch_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct tower tower;
    uint64_t thread;
    if (!tower_open(&tower, sys, is_careless(argc, argv))) {
        return 2;
    }
    tower.bells[0] = hang_bell(&tower, 0);
    tower.bells[1] = hang_bell(&tower, 1);
    if (tower.bells[1] < 0 || WB_SYS(sys, thread_create, ring_first, &tower, &thread) != 0) {
        return 2;
    }
    ring(&tower, tower.bells[1]);
    while (!tower.is_answered) {
        struct wb_epoll_event events[2];
        const int count = WB_SYS(sys, epoll_pwait2, tower.epoll, events, 2, WB_TIMEOUT_INFINITE);
        dispatch_batch(&tower, events, count);
    }
    (void)WB_SYS(sys, thread_join, thread);
    close_bell(&tower, 0);
    close_bell(&tower, 1);
    tower_close(&tower);
    return tower.was_wrong ? 1 : 0;
}

/* ---- the table ---- */

static const struct wbh_flag flags[] = {{.name = "careless"}, {.name = "hasty"}, {0}};

static const struct wbh_program programs[] = {
    {.name = "late_sleeper", .main = late_sleeper_main, .flags = flags, .must_succeed = 1},
    {.name = "early_hush", .main = early_hush_main, .flags = flags, .must_succeed = 1},
    {.name = "reused_slot", .main = reused_slot_main, .flags = flags, .must_succeed = 1},
    {.name = "closed_in_batch", .main = closed_in_batch_main, .flags = flags, .must_succeed = 1},
};

const struct wbh_program *twin_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
