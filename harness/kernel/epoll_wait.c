/* epoll's waits: what stands on the ready list is looked at, and what is so is reported; the faults
 * that reorder, cut, split, thin out or invent such reports. How entries come onto the list is in
 * epoll.c. */
#include "kernel/internal.h"

#include <errno.h>

/* What this wait's faults do to it. */
struct delivery {
    struct wb_epoll_event *events;
    int count;
    int max;
    bool separate;
    bool no_rdhup;
    struct registration *spurious;
    uint32_t spurious_bits;
};

static void put_event(struct sim_kernel *kernel, struct delivery *delivery,
    struct registration *registration, uint32_t bits) {
    struct wb_epoll_event *slot = &delivery->events[delivery->count++];
    slot->events = bits;
    slot->data = registration->data;
    struct sim_event event = event_begin(kernel, SIM_EVENT_REPORT);
    event.fd = registration->fd;
    event.registration = registration->serial;
    event.file = registration->file->serial;
    event.subject = file_subject(registration->file);
    event.a = bits;
    event.b = registration->data;
    event_emit(kernel, &event);
}

static bool always_splits(const struct sim_kernel *kernel) {
    return (kernel->config.flavour & SIM_FLAVOUR_SPLIT_REPORTS) != 0;
}

/* Two events, one after the other; where there is room for one only, the other comes with a later
 * wait. */
static void put_halves(struct sim_kernel *kernel, struct delivery *delivery,
    struct registration *registration, uint32_t bits) {
    put_event(kernel, delivery, registration, bits & ~(uint32_t)WB_EPOLLOUT);
    if (delivery->count < delivery->max) {
        put_event(kernel, delivery, registration, WB_EPOLLOUT);
    } else {
        registration->owed = WB_EPOLLOUT;
    }
}

static void report(struct sim_kernel *kernel, struct delivery *delivery,
    struct registration *registration, uint32_t state) {
    struct sim_file *file = registration->file;
    if (file->ops->note_known != NULL) {
        file->ops->note_known(file, state);
    }
    uint32_t bits = state;
    if (registration == delivery->spurious) {
        bits |= delivery->spurious_bits;
        delivery->spurious = NULL;
    }
    const uint32_t both = WB_EPOLLIN | WB_EPOLLOUT;
    if (registration->owed != 0) {
        put_event(kernel, delivery, registration, state & registration->owed);
        registration->owed = 0;
    } else if ((bits & both) == both && always_splits(kernel)) {
        put_halves(kernel, delivery, registration, bits);
    } else if (delivery->separate && (bits & both) == both
               && delivery->count + 2 <= delivery->max) {
        put_event(kernel, delivery, registration, bits & ~(uint32_t)WB_EPOLLOUT);
        put_event(kernel, delivery, registration, WB_EPOLLOUT);
        choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_SEPARATE);
    } else {
        put_event(kernel, delivery, registration, bits);
    }
    flavour_reported(kernel, registration, bits);
    if ((registration->mask & WB_EPOLLONESHOT) != 0 && !PLANTED(ONESHOT_STAYS)) {
        uint32_t kept = PLANTED(ONESHOT_HEARS_HUP) ? WB_EPOLLERR | WB_EPOLLHUP : 0;
        registration->mask &= ~EVENT_BITS | kept;
    }
}

static uint32_t visible_state(
    struct sim_kernel *kernel, const struct delivery *delivery, struct registration *registration) {
    uint32_t state = flavour_armed(kernel, registration, registration_state(kernel, registration));
    if ((state & registration->owed) == 0) {
        registration->owed = 0;
    }
    uint32_t rest = state & ~WB_EPOLLRDHUP;
    if (rest == state) {
        return state;
    }
    if ((kernel->config.flavour & SIM_FLAVOUR_NO_RDHUP) != 0) {
        return rest;
    }
    /* Where RDHUP is the only news, one missing report would be the last of it. */
    if (delivery->no_rdhup && rest != 0) {
        choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_NO_RDHUP);
        return rest;
    }
    return state;
}

static void collect(struct sim_kernel *kernel, struct epoll *epoll, struct delivery *delivery) {
    struct list batch;
    list_init(&batch);
    list_splice_head(&batch, &epoll->ready);
    while (!list_is_empty(&batch) && delivery->count < delivery->max) {
        struct registration *registration = LIST_ENTRY(batch.next, struct registration, in_ready);
        registration_unlink(registration);
        uint32_t state = visible_state(kernel, delivery, registration);
        if (state == 0) {
            registration->level = 0;
            delivery->max -= PLANTED(NOT_READY_COUNTS);
            continue;
        }
        report(kernel, delivery, registration, state);
        uint32_t mode = registration->mask & (WB_EPOLLET | WB_EPOLLONESHOT);
        bool again = (mode == 0 && !PLANTED(LEVEL_DROPPED)) || registration->owed != 0;
        if (again || (mode == WB_EPOLLET && PLANTED(EDGE_REPEATS))) {
            registration_link(registration);
        }
        if (PLANTED(LEVEL_TO_HEAD) && registration->linked) {
            list_remove(&registration->in_ready);
            list_push_head(&epoll->ready, &registration->in_ready);
        }
    }
    while (PLANTED(REST_TO_TAIL) && !list_is_empty(&batch)) {
        struct list *rest = batch.next;
        list_remove(rest);
        list_push_tail(&epoll->ready, rest);
    }
    list_splice_head(&epoll->ready, &batch);
    if (!list_is_empty(&epoll->ready)) {
        (void)epoll_rouse(epoll); /* the next may have what is left, or level-triggered again */
    }
}

static void collect_spurious(struct sim_kernel *kernel, struct delivery *delivery) {
    struct registration *registration = delivery->spurious;
    if (registration == NULL || delivery->count >= delivery->max) {
        return;
    }
    delivery->spurious = NULL;
    put_event(kernel, delivery, registration, delivery->spurious_bits);
    if ((registration->mask & WB_EPOLLONESHOT) != 0) {
        registration_unlink(registration);
        registration->mask &= ~EVENT_BITS;
    }
}

static bool may_be_spurious(const struct registration *registration) {
    return registration->file->ops->spurious_subject != NULL
           && (registration->mask & (WB_EPOLLIN | WB_EPOLLOUT)) != 0;
}

static uint32_t spurious_subject(const struct registration *registration) {
    return registration->file->ops->spurious_subject(registration->file);
}

static uint32_t count_spurious(struct epoll *epoll) {
    uint32_t count = 0;
    for (struct list *node = epoll->registrations.next; node != &epoll->registrations;
         node = node->next) {
        count += may_be_spurious(LIST_ENTRY(node, struct registration, in_epoll));
    }
    return count;
}

/* The registration that a choice names, by subject or by number; NULL if there is none. */
static struct registration *find_spurious(
    struct epoll *epoll, const struct wbh_choice *choice, uint32_t candidates) {
    uint32_t wanted = candidates != 0 ? choice->pick % candidates : 0;
    for (struct list *node = epoll->registrations.next; node != &epoll->registrations;
         node = node->next) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_epoll);
        if (!may_be_spurious(registration)) {
            continue;
        }
        if (choice->subject != WBH_SUBJECT_NONE ? spurious_subject(registration) == choice->subject
                                                : wanted-- == 0) {
            return registration;
        }
    }
    return NULL;
}

static void emit_spurious(struct sim_kernel *kernel, enum sim_event_kind kind, uint32_t ordinal,
    uint32_t about, uint32_t bits) {
    struct wbh_decision decision = {
        .ordinal = ordinal,
        .point = WBH_POINT_WAIT,
        .subject = process_subject(kernel->current),
        .action = WBH_ACTION_SPURIOUS,
        .legality = WBH_LEGALITY_CONTRACT,
        .about = about,
        .value = bits,
    };
    struct sim_event event = event_begin(kernel, kind);
    event.subject = about;
    event.decision = &decision;
    event_emit(kernel, &event);
}

static void choose_spurious(
    struct sim_kernel *kernel, struct epoll *epoll, uint32_t ordinal, struct delivery *delivery) {
    uint32_t candidates = count_spurious(epoll);
    if (candidates == 0) {
        return;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_WAIT,
        .subject = process_subject(kernel->current),
        .ordinal = ordinal,
        .contract = WBH_ACTION_BIT(WBH_ACTION_SPURIOUS),
        .size = candidates,
        .spurious_candidates = candidates,
    };
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action != WBH_ACTION_SPURIOUS) {
        return;
    }
    struct registration *registration = find_spurious(epoll, &choice, candidates);
    const uint32_t possible = WB_EPOLLIN | WB_EPOLLOUT;
    uint32_t bits = 0;
    if (registration != NULL) {
        uint32_t wanted = (uint32_t)choice.value & possible;
        bits = wanted & registration->mask;
        /* A choice that names nobody in particular takes what its registration has. */
        if (bits == 0 && choice.subject == WBH_SUBJECT_NONE) {
            bits = registration->mask & possible;
        }
    }
    if (bits == 0) {
        kernel->faults.injected[WBH_POINT_WAIT][WBH_ACTION_SPURIOUS]--;
        choice_unfit(kernel, &point, &choice);
        emit_spurious(kernel, SIM_EVENT_UNFIT, ordinal, choice.subject, (uint32_t)choice.value);
        return;
    }
    emit_spurious(kernel, SIM_EVENT_FAULT, ordinal, spurious_subject(registration), bits);
    choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_SPURIOUS);
    delivery->spurious = registration;
    delivery->spurious_bits = bits;
}

static struct wbh_choice choose_wait(struct sim_kernel *kernel, uint32_t ordinal, uint64_t size,
    uint32_t kernel_actions, uint32_t contract_actions) {
    struct wbh_choice_point point = {
        .point = WBH_POINT_WAIT,
        .subject = process_subject(kernel->current),
        .ordinal = ordinal,
        .kernel = kernel_actions,
        .contract = contract_actions,
        .size = size,
    };
    return choose(kernel, &point);
}

static void rotate(struct epoll *epoll, uint64_t by) {
    while (by-- != 0) {
        struct list *first = epoll->ready.next;
        list_remove(first);
        list_push_tail(&epoll->ready, first);
    }
}

/* What stands on the ready list and would be reported. */
struct survey {
    uint32_t ready;
    bool both_ways; /* one of them is IN and OUT */
    bool rdhup;
};

static struct survey survey_ready(struct sim_kernel *kernel, struct epoll *epoll) {
    struct survey survey = {0};
    for (struct list *node = epoll->ready.next; node != &epoll->ready; node = node->next) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_ready);
        uint32_t state = registration_peek(kernel, registration);
        const uint32_t both = WB_EPOLLIN | WB_EPOLLOUT;
        survey.ready += state != 0;
        survey.both_ways = survey.both_ways || (state & both) == both;
        survey.rdhup =
            survey.rdhup || ((state & WB_EPOLLRDHUP) != 0 && (state & ~WB_EPOLLRDHUP) != 0);
    }
    return survey;
}

static void choose_order(
    struct sim_kernel *kernel, struct epoll *epoll, uint32_t ordinal, struct delivery *delivery) {
    uint32_t ready = epoll->ready_count;
    struct wbh_choice order =
        choose_wait(kernel, ordinal, ready, WBH_ACTION_BIT(WBH_ACTION_ORDER), 0);
    if (order.action == WBH_ACTION_ORDER) {
        rotate(epoll, order.value);
        choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_ORDER);
    }
    struct wbh_choice batch =
        choose_wait(kernel, ordinal, ready, WBH_ACTION_BIT(WBH_ACTION_BATCH), 0);
    if (batch.action == WBH_ACTION_BATCH && (uint64_t)delivery->max > batch.value) {
        delivery->max = (int)batch.value;
        choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_BATCH);
    }
}

/* Faults of a wait that is about to report something; false if there is nothing yet. */
static bool choose_delivery(
    struct sim_kernel *kernel, struct epoll *epoll, uint32_t ordinal, struct delivery *delivery) {
    struct survey survey = survey_ready(kernel, epoll);
    if (survey.ready >= 2) {
        choose_order(kernel, epoll, ordinal, delivery);
    }
    if (survey.both_ways && !always_splits(kernel)) {
        struct wbh_choice separate =
            choose_wait(kernel, ordinal, survey.ready, 0, WBH_ACTION_BIT(WBH_ACTION_SEPARATE));
        delivery->separate = separate.action == WBH_ACTION_SEPARATE;
    }
    if (survey.rdhup && !kernel->tells_all) {
        struct wbh_choice no_rdhup =
            choose_wait(kernel, ordinal, survey.ready, 0, WBH_ACTION_BIT(WBH_ACTION_NO_RDHUP));
        delivery->no_rdhup = no_rdhup.action == WBH_ACTION_NO_RDHUP;
    }
    return survey.ready != 0;
}

/* The thread that came last is woken first. Among several of a process it sleeps until the instance
 * means it. */
static bool sleep_at(struct sim_kernel *kernel, struct epoll *epoll, uint64_t deadline_ns) {
    struct sim_thread *thread = kernel->thread;
    thread->hears_instance_only = thread->process->threads_living > 1;
    list_push_head(&epoll->sleepers, &thread->in_sleepers);
    bool came = wait_advance(kernel, deadline_ns);
    list_remove(&thread->in_sleepers);
    thread->hears_instance_only = false;
    return came;
}

static int wait_for_events(
    struct sim_kernel *kernel, struct epoll *epoll, struct delivery *delivery, int64_t timeout_ns) {
    uint32_t ordinal = ++kernel->current->ordinal[WBH_POINT_WAIT];
    if (choice_possible(kernel)) {
        /* On Linux ready events go before signals, and a wait that does not sleep is not
         * interrupted. */
        bool sleeps = timeout_ns != 0 && survey_ready(kernel, epoll).ready == 0;
        uint32_t interrupt = WBH_ACTION_BIT(WBH_ACTION_INTERRUPT);
        struct wbh_choice choice =
            choose_wait(kernel, ordinal, 0, sleeps ? interrupt : 0, sleeps ? 0 : interrupt);
        if (choice.action == WBH_ACTION_INTERRUPT) {
            choice_consumed(kernel, WBH_POINT_WAIT, WBH_ACTION_INTERRUPT);
            return -EINTR;
        }
        choose_spurious(kernel, epoll, ordinal, delivery);
    }
    uint64_t deadline_ns = wait_deadline(kernel, timeout_ns);
    bool chosen = !choice_possible(kernel);
    for (;;) {
        if (!chosen && epoll->ready_count != 0) {
            chosen = choose_delivery(kernel, epoll, ordinal, delivery);
        }
        collect(kernel, epoll, delivery);
        collect_spurious(kernel, delivery);
        if (delivery->count != 0 || timeout_ns == 0) {
            return delivery->count;
        }
        if (!sleep_at(kernel, epoll, deadline_ns)) {
            collect(kernel, epoll, delivery);
            return delivery->count;
        }
    }
}

/* With nowhere to put it an event is an error, and stays on the list. */
static int wait_in_vain(struct sim_kernel *kernel, struct epoll *epoll, int64_t timeout_ns) {
    uint64_t deadline_ns = wait_deadline(kernel, timeout_ns);
    while (epoll_poll(kernel, epoll) == 0) {
        if (timeout_ns == 0 || !sleep_at(kernel, epoll, deadline_ns)) {
            return epoll_poll(kernel, epoll) == 0 ? 0 : -EFAULT;
        }
    }
    return -EFAULT;
}

static int pwait(struct sim_kernel *kernel, int epfd, struct wb_epoll_event *events, int events_max,
    int64_t timeout_ns) {
    struct sim_file *file = fd_get(kernel, epfd);
    if (file == NULL) {
        return -EBADF;
    }
    const int events_most = (int)(INT32_MAX / sizeof(*events));
    if (events_max <= 0 || events_max > events_most || file->type != FILE_EPOLL) {
        return -EINVAL;
    }
    if (events == NULL) {
        return wait_in_vain(kernel, file->epoll, timeout_ns);
    }
    struct delivery delivery = {.events = events, .max = events_max};
    return wait_for_events(kernel, file->epoll, &delivery, timeout_ns);
}

/* Among several threads the instance stays until the wait has ended, whoever closes it. */
static __attribute__((noinline)) int pwait_holding(struct sim_kernel *kernel, int epfd,
    struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    bool holds = thread_hold(kernel, fd_get(kernel, epfd));
    int result = pwait(kernel, epfd, events, events_max, timeout_ns);
    if (holds) {
        thread_let_go(kernel);
    }
    return result;
}

int sys_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_event begin = event_begin(kernel, SIM_EVENT_WAIT);
    begin.fd = epfd;
    begin.a = (uint64_t)timeout_ns;
    begin.b = (uint64_t)(int64_t)events_max;
    event_emit(kernel, &begin);
    int result = kernel->takes_turns ? pwait_holding(kernel, epfd, events, events_max, timeout_ns)
                                     : pwait(kernel, epfd, events, events_max, timeout_ns);
    return (int)call_return(kernel, SIM_CALL_EPOLL_WAIT, epfd, fd_get(kernel, epfd), result,
        (uint64_t)timeout_ns, (uint64_t)(int64_t)events_max);
}
