/* Hangs of threads: some wait for each other in a circle, or all of them wait for another one to
 * wake them. What the world does cannot help them, only threads wake threads. */
#include "oracle/judge.h"

struct crew {
    struct sim_thread_info threads[SIM_THREADS_MAX]; /* by number; waits READY: it is none */
    unsigned living;
    unsigned stuck; /* so many wait for another thread, without a deadline */
};

static bool is_stuck(const struct sim_thread_info *info) {
    bool waits_for_another = info->waits == SIM_THREAD_AT_MUTEX || info->waits == SIM_THREAD_AT_COND
                             || info->waits == SIM_THREAD_AT_JOIN;
    return waits_for_another && info->has_deadline == 0;
}

static void see_thread(void *user_data, const struct sim_thread_info *info) {
    struct crew *crew = user_data;
    crew->threads[info->thread] = *info;
    crew->living += info->waits != SIM_THREAD_GONE;
    crew->stuck += is_stuck(info);
}

static struct crew muster(struct wbh_judge *judge) {
    struct crew crew = {0};
    sim_each_thread(judge->config.kernel, judge->config.process, see_thread, &crew);
    return crew;
}

/* ---- who can never go on ---- */

/* Whether following who waits for whom from this thread leads back to one that was passed, or to a
 * mutex whose holder has ended. */
static bool is_in_vain(const struct crew *crew, unsigned thread) {
    for (unsigned steps = 0; steps <= SIM_THREADS_MAX; steps++) {
        const struct sim_thread_info *info = &crew->threads[thread];
        if (!is_stuck(info)) {
            return false;
        }
        if (info->holder_is_gone != 0) {
            return true;
        }
        if (info->holder < 0) {
            return false; /* a condition, or a mutex that is free by now */
        }
        thread = (unsigned)info->holder;
    }
    return true;
}

/* The threads to speak of, as bits; 0: none hangs. */
static uint64_t hanging(const struct crew *crew) {
    uint64_t set = 0;
    if (crew->stuck == 0) {
        return 0;
    }
    bool all = crew->stuck == crew->living;
    for (unsigned i = 0; i < SIM_THREADS_MAX; i++) {
        if (is_stuck(&crew->threads[i]) && (all || is_in_vain(crew, i))) {
            set |= UINT64_C(1) << i;
        }
    }
    return set;
}
_Static_assert(SIM_THREADS_MAX <= 64, "a bit each");

/* ---- words ---- */

static void tell_thread(const struct crew *crew, unsigned number, struct wbh_prose *why) {
    const struct sim_thread_info *info = &crew->threads[number];
    wbh_prose_add(why, "Thread %u ", number + 1);
    if (info->waits == SIM_THREAD_AT_COND) {
        wbh_prose_add(why, "waits for condition %u, and nobody is left to signal it.\n",
            (unsigned)info->object);
    } else if (info->waits == SIM_THREAD_AT_JOIN) {
        wbh_prose_add(why, "waits for the end of thread %d.\n", info->holder + 1);
    } else if (info->holder_is_gone != 0) {
        wbh_prose_add(why, "waits for mutex %u, which a thread that has ended never unlocked.\n",
            (unsigned)info->object);
    } else if (info->holder == (int)number) {
        wbh_prose_add(
            why, "waits for mutex %u, which it has locked itself.\n", (unsigned)info->object);
    } else {
        wbh_prose_add(why, "waits for mutex %u, which thread %d has locked.\n",
            (unsigned)info->object, info->holder + 1);
    }
}

/* "thread 1", "threads 1 and 2", "threads 1, 2 and 3". */
static void tell_names(uint64_t set, struct wbh_prose *text) {
    int left = __builtin_popcountll(set);
    wbh_prose_add(text, left > 1 ? "threads " : "thread ");
    for (unsigned i = 0; i < SIM_THREADS_MAX; i++) {
        if ((set >> i & 1u) != 0) {
            left--;
            wbh_prose_add(text, "%u%s", i + 1, left > 1 ? ", " : left == 1 ? " and " : "");
        }
    }
}

void wbh_why_threads(struct wbh_judge *judge, struct wbh_prose *why) {
    struct crew crew = muster(judge);
    uint64_t set = hanging(&crew);
    for (unsigned i = 0; i < SIM_THREADS_MAX; i++) {
        if ((set >> i & 1u) != 0) {
            tell_thread(&crew, i, why);
        }
    }
}

void wbh_hang_threads(struct wbh_judge *judge) {
    struct crew crew = muster(judge);
    uint64_t set = hanging(&crew);
    if (set == 0) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_hang, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    tell_names(set, &text);
    bool is_one = (set & (set - 1)) == 0;
    wbh_prose_add(&text, is_one ? " waits for what only a thread could give, and none will"
                                : " wait for each other for ever");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_why_threads(judge, &why);
}
