/* The world of fuzz_runtime_tasks: a runtime on a simulated kernel, tasks that do as they are told
 * (actor.c), the things that they share, and beside each a plain model of what must have become of
 * it. Who does something to the real one does the same to the model, and compares. */
#ifndef FUZZ_RUNTIME_WORLD_H
#define FUZZ_RUNTIME_WORLD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb/async_mutex.h"
#include "wb/async_rwlock.h"
#include "wb/barrier.h"
#include "wb/broadcast.h"
#include "wb/cancellation.h"
#include "wb/mpsc.h"
#include "wb/notify.h"
#include "wb/oneshot.h"
#include "wb/runtime.h"
#include "wb/semaphore.h"
#include "wb/time.h"
#include "wb/watch.h"
#include "wouldblock/kernel.h"

enum {
    TASKS = 6,
    ROOT = TASKS, /* what block_on blocks on */
    ACTORS,
    DIRECTOR = ACTORS, /* the main program, which is no task */
    PROGRAM_LEN = 8,
    QUEUE_LEN = 64, /* of any queue of the model */
    VALUES_MAX = 1024,
};

#define MS UINT64_C(1000000)
#define TICK_NS MS

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: the runtime and the model differ: %s\n", __FILE__, __LINE__,   \
                #condition);                                                                       \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- what actors do ---- */

/* One row of the input. */
struct step {
    uint8_t what; /* index of a deed */
    uint8_t who;
    uint8_t a; /* which thing */
    uint8_t b; /* how */
};

struct outcome {
    enum wb_progress progress;
    enum wb_status status;
};

static inline struct outcome pending(void) {
    return (struct outcome){WB_PENDING, WB_OK};
}

static inline struct outcome over(enum wb_status status) {
    return (struct outcome){WB_READY, status};
}

/* Something to await. Each function is called for the actor that does it. */
struct await_ops {
    /* Makes the future, and its model; NULL: that would be a mistake now. */
    struct wb_future *(*begin)(int actor, const struct step *step);
    /* What the poll that was just done must have come to. */
    struct outcome (*poll)(int actor);
    /* It is over: looks at what it brought. True: it is to be begun again. NULL: nothing. */
    bool (*finish)(int actor, enum wb_status status);
    /* It was given up before. */
    void (*drop)(int actor);
};

/* Something that is done at once; DIRECTOR may do it, too. */
typedef void (*act_fn)(int actor, const struct step *step);

struct deed {
    const char *name;
    act_fn act; /* one of the two */
    const struct await_ops *await;
    bool may_be_wrapped; /* in a timeout, or to last until a cancellation */
};

/* fuzz_runtime_tasks.c */
const struct deed *deed_of(const struct step *step);

/* ---- the model of waiting ---- */

struct line;

/* A future that may stand in a line. */
struct wait {
    int actor;
    struct line *line; /* NULL: in none */
    bool is_waiting;   /* it was pending, and in a line */
    bool is_served;
    uint32_t wanted;
    uint64_t round;
};

struct line {
    struct wait *waits[QUEUE_LEN];
    uint32_t count;
};

void line_enter(struct line *line, struct wait *wait);
void line_leave(struct wait *wait);  /* if it is in one */
void line_serve(struct line *line);  /* the first, which is woken */
void line_wake(struct line *line);   /* all */
void wait_settle(struct wait *wait); /* it is over, or given up */

/* What a poll costs; false: the budget is used up, and the poll is pending. */
bool wait_pays(const struct wait *wait);

/* A poll that waits in a line for something to be so. */
struct outcome wait_for(struct wait *wait, struct line *line, bool is_so);

/* ---- the model of time ---- */

struct timer {
    bool is_set;
    uint64_t id;
    uint64_t serial; /* in the order of setting */
    uint64_t at_ns;
    uint64_t deadline_ns;
};

/* ---- actors ---- */

enum place {
    NOWHERE, /* there is no such task */
    IDLE,    /* it waits */
    QUEUED,
    POLLED,  /* now */
    LEAVING, /* its last poll is over, it will be dropped */
    ENDED,
};

enum wrap { WRAP_NONE, WRAP_TIMEOUT, WRAP_UNTIL };

/* What lies in the memory of the task. */
struct body {
    struct wb_future future;
    int actor;
    uint32_t output;
    uint32_t received;
    union {
        struct wb_sleep sleep;
        struct wb_interval interval;
        struct wb_yield yield;
        struct wb_acquire acquire;
        struct wb_async_lock lock;
        struct wb_async_read_lock read;
        struct wb_async_write_lock write;
        struct wb_notified notified;
        struct wb_barrier_wait barrier;
        struct wb_mpsc_send send;
        struct wb_mpsc_reserve reserve;
        struct wb_mpsc_receive receive;
        struct wb_mpsc_closed mpsc_closed;
        struct wb_oneshot_receive oneshot;
        struct wb_oneshot_closed oneshot_closed;
        struct wb_broadcast_receive broadcast;
        struct wb_watch_changed changed;
        struct wb_watch_closed watch_closed;
        struct wb_cancelled cancelled;
    } u;
    struct wb_with_timeout timeout;
    struct wb_until_cancelled until;
};

struct actor {
    /* its task, as the model sees it */
    enum place place;
    uint8_t priority;
    bool is_unconstrained;
    bool is_woken;     /* while it is polled */
    bool is_cancelled; /* not to be polled any more */
    bool has_handle;
    bool is_handle_over;
    bool has_result;
    bool has_output;
    enum wb_status result;
    int awaited_by; /* whose await the handle is in, or -1 */
    int awaiter;    /* whose waker is in the task, or -1 */
    uint32_t budget;
    uint32_t polls;
    uint32_t lives; /* how many tasks it has been */
    /* what it is told to do */
    struct step program[PROGRAM_LEN];
    uint32_t program_len;
    bool is_told_to_end;
    enum wb_status end_status;
    bool is_idle; /* it waits to be told */
    /* what it does */
    const struct await_ops *await; /* NULL: nothing */
    struct wb_future *awaited;     /* with what it is wrapped in */
    bool is_inner_over;
    enum wb_status last_status;
    struct step step;
    struct wait inner;
    struct wait cancel;
    struct timer timer;
    enum wrap wrap;
    int token;     /* of WRAP_UNTIL and of awaiting cancellation */
    int target;    /* whatever `inner` is about */
    uint32_t left; /* repetitions */
    uint64_t period_ns;
    uint64_t due_ns;
    uint32_t value;
    /* the real ones */
    struct body *body;
    struct wb_join_handle handle;
    struct wb_task_waker waker; /* kept to tell it that there is something to do */
};

/* ---- the world ---- */

struct run_queue {
    int actors[QUEUE_LEN];
    uint32_t count;
};

struct world {
    struct sim_kernel *kernel;
    struct wb_sys_ops ops;
    struct wb_sys sys;
    struct wb_runtime *runtime;
    bool is_multi;
    struct actor actors[ACTORS];
    struct run_queue
        queues[2]; /* by priority; in several threads' runtime only their content counts */
    int current;   /* who is polled, or DIRECTOR */
    uint32_t tasks_max;
    uint32_t alive;
    uint64_t spawned;
    uint64_t ended;
    bool is_closed;        /* shutdown began */
    bool is_shutting_down; /* and goes on */
    bool has_cancelled;    /* it has begun to cancel */
    uint64_t drain_until_ns;
    int giving_up;      /* whose handle is being given up, or -1 */
    bool is_refused;    /* a future that was no task is being dropped */
    uint64_t driven_ns; /* since when somebody drives the runtime */
    /* time */
    uint64_t timer_serial;
    bool is_timer_news; /* a timer was set, and the model has not taken note */
    struct timer timer_news;
    /* memory */
    uint32_t fail_in; /* the how-manieth allocation fails; 0: none */
    bool has_failed;
    /* values: how many of each there are, and which were dropped and not yet expected */
    uint8_t values[VALUES_MAX];
    uint32_t value_count;
    uint32_t dropped[QUEUE_LEN];
    uint32_t dropped_count;
};

extern struct world world;

/* seam.c: memory, time and values, watched */
void seam_open(void);
extern const struct wb_value_type value_type;
uint32_t value_new(void);           /* one more; 0 is none */
void value_end(uint32_t value);     /* whoever has it ends it */
void value_dropped(uint32_t value); /* the library must have dropped it, in this order */
void seam_check(void);              /* nothing has happened that nobody expected */
/* Whether memory was refused since the last time that was asked. */
bool memory_refused(void);
bool timer_take_news(struct timer *timer, uint64_t deadline_ns); /* it was set */

/* tasks.c: the model of tasks */
void task_spawned(int actor, const struct wb_spawn_options *options, bool has_handle);
void task_wake(int actor);
void task_abort(int actor);
void task_polled(int actor);
void task_paused(int actor); /* after a pending poll */
void task_leaves(int actor); /* its future is about to be dropped */
void task_ended(int actor, bool has_result, enum wb_status status);
void task_lost_reference(int actor);
bool task_is_alive(int actor);

/* actor.c */
extern const struct wb_future_ops actor_ops;
void actor_tell(int actor, const struct step *step);
void actor_rouse(int actor); /* if it waits to be told */
void actor_make(struct body *body, int actor);

/* permits.c */
void permits_open(void);
void permits_close(void);
extern const struct await_ops await_acquire, await_lock, await_read, await_write, await_notified,
    await_barrier, await_burst;
void act_release(int actor, const struct step *step);
void act_try_acquire(int actor, const struct step *step);
void act_close_semaphore(int actor, const struct step *step);
void act_unlock(int actor, const struct step *step);
void act_try_lock(int actor, const struct step *step);
void act_downgrade(int actor, const struct step *step);
void act_notify(int actor, const struct step *step);

/* messages.c */
void messages_open(void);
void messages_close(void);
extern const struct await_ops await_send, await_reserve, await_receive, await_mpsc_closed;
void act_try_send(int actor, const struct step *step);
void act_permit(int actor, const struct step *step);
void act_try_receive(int actor, const struct step *step);
void act_receiver_end(int actor, const struct step *step);
void act_sender_end(int actor, const struct step *step);
void act_mpsc_new(int actor, const struct step *step);

/* answers.c */
void single_open(void);
void single_close(void);
extern const struct await_ops await_oneshot, await_oneshot_closed;
void act_oneshot_send(int actor, const struct step *step);
void act_oneshot_receive(int actor, const struct step *step);
void act_oneshot_end(int actor, const struct step *step);
void act_oneshot_new(int actor, const struct step *step);

/* publishing.c */
void publishing_open(void);
void publishing_close(void);
extern const struct await_ops await_broadcast, await_changed, await_watch_closed;
void act_broadcast_send(int actor, const struct step *step);
void act_broadcast_receive(int actor, const struct step *step);
void act_broadcast_end(int actor, const struct step *step);
void act_broadcast_subscribe(int actor, const struct step *step);
void act_watch_send(int actor, const struct step *step);
void act_watch_look(int actor, const struct step *step);
void act_watch_end(int actor, const struct step *step);
void act_watch_subscribe(int actor, const struct step *step);

/* signals.c: cancellation, time, yielding, other tasks' ends */
void signals_open(void);
void signals_close(void);
extern const struct await_ops await_sleep, await_interval, await_yield, await_cancelled, await_join;
const struct wb_cancellation *token_of(int token); /* NULL: none */
void cancelled_begin(int actor, int token);
struct outcome cancelled_poll(int actor);
void cancelled_drop(int actor);
struct outcome timer_poll(int actor, uint64_t deadline_ns);
void act_cancel(int actor, const struct step *step);
void act_renew_token(int actor, const struct step *step);
void act_reset_sleep(int actor, const struct step *step);

/* handles.c: spawning, and what handles and wakers are for */
void act_spawn(int actor, const struct step *step);
void act_abort(int actor, const struct step *step);
void act_give_up(int actor, const struct step *step);
void act_look_at_handle(int actor, const struct step *step);
void act_wake(int actor, const struct step *step);
void act_drop_waker(int actor, const struct step *step);
void act_end(int actor, const struct step *step);
void act_nested(int actor, const struct step *step);
void handle_cancelled(int actor); /* the model, after the real one */
void handles_close(void);

static inline struct actor *actor_of(int actor) {
    return &world.actors[actor];
}

#endif
