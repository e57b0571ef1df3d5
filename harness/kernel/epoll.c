/* epoll: registrations, and what puts them on the ready list. Two facts carry most of its
 * behaviour: an edge-triggered entry is queued again by any wake-up that matches its interest, a
 * level-triggered one queues itself again after each report; and in both the mask is evaluated at
 * delivery (epoll_wait.c), never at the wake-up. */
#include "kernel/internal.h"

#include <errno.h>

enum { NESTING_MAX = 5 }; /* a chain of five instances works, the sixth is ELOOP */

void registration_link(struct registration *registration) {
    if (!registration->linked) {
        registration->linked = true;
        registration->epoll->file->process->stirs++;
        registration->epoll->ready_count++;
        list_push_tail(&registration->epoll->ready, &registration->in_ready);
    }
}

void registration_unlink(struct registration *registration) {
    if (registration->linked) {
        registration->linked = false;
        registration->epoll->ready_count--;
        list_remove(&registration->in_ready);
    }
}

static void emit_wake(
    struct sim_kernel *kernel, const struct registration *registration, uint32_t key, bool linked) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_WAKE);
    event.process = (uint8_t)registration->file->process->number;
    event.fd = registration->fd;
    event.registration = registration->serial;
    event.file = registration->file->serial;
    event.subject = file_subject(registration->file);
    event.a = key;
    event.b = linked;
    event_emit(kernel, &event);
}

/* With SIM_FLAVOUR_EDGE_PER_TRANSITION an edge is only a bit that was not ready before. */
static bool is_no_transition(struct sim_kernel *kernel, struct registration *registration) {
    if ((kernel->config.flavour & SIM_FLAVOUR_EDGE_PER_TRANSITION) == 0) {
        return false;
    }
    uint32_t state = file_poll(kernel, registration->file) & registration->mask;
    bool rises = (state & ~registration->level) != 0;
    registration->level = state;
    return (registration->mask & WB_EPOLLET) != 0 && !rises;
}

void epoll_rouse_one(struct epoll *epoll) {
    struct list *node = epoll->sleepers.next;
    uint32_t count = 0;
    for (; node != &epoll->sleepers; node = node->next) {
        count++;
    }
    node = epoll->sleepers.next;
    struct sim_kernel *kernel = LIST_ENTRY(node, struct sim_thread, in_sleepers)->process->kernel;
    for (uint32_t skip = choose_waiter(kernel, count); skip > 0; skip--) {
        node = node->next;
    }
    list_remove(node);
    LIST_ENTRY(node, struct sim_thread, in_sleepers)->woken = true;
}

/* An exclusive registration is enough if it has ended a wait; but of a key for both directions, or
 * for neither of those that it asks for, Linux does not count it. */
static bool is_enough(const struct registration *registration, uint32_t key) {
    uint32_t direction = key & (WB_EPOLLIN | WB_EPOLLOUT);
    return (registration->mask & WB_EPOLLEXCLUSIVE) != 0
           && (direction == 0
               || (direction != (WB_EPOLLIN | WB_EPOLLOUT)
                   && (registration->mask & direction) != 0));
}

bool epoll_wake(struct sim_kernel *kernel, struct registration *registration, uint32_t key) {
    uint32_t bits = registration->mask & EVENT_BITS;
    bool matches = key == 0 || (key & bits) != 0 || PLANTED(KEY_UNFILTERED);
    if (bits == 0 || !matches || (PLANTED(KEYLESS_FOR_READERS) && ((key | bits) & 1u) == 0)) {
        return false;
    }
    if (PLANTED(WOKEN_AGAIN_MOVES)) {
        registration_unlink(registration);
    }
    if (is_no_transition(kernel, registration)) {
        return false;
    }
    bool newly = !registration->linked;
    registration_link(registration);
    emit_wake(kernel, registration, key, newly);
    bool has_roused = epoll_rouse(registration->epoll);
    /* An instance that is itself watched is readable now. Its key is IN alone, without RDNORM. */
    if (!list_is_empty(&registration->epoll->file->waiters)) {
        file_wake(kernel, registration->epoll->file, WB_EPOLLIN);
    }
    return has_roused && is_enough(registration, key);
}

uint32_t registration_state(struct sim_kernel *kernel, struct registration *registration) {
    return file_poll(kernel, registration->file) & registration->mask & EVENT_BITS;
}

uint32_t registration_peek(struct sim_kernel *kernel, const struct registration *registration) {
    return file_peek(kernel, registration->file) & registration->mask & EVENT_BITS;
}

/* Looking takes entries that are not ready off the list, up to the first that is: they lose their
 * place in the order. */
uint32_t epoll_poll(struct sim_kernel *kernel, struct epoll *epoll) {
    while (!list_is_empty(&epoll->ready)) {
        struct registration *first = LIST_ENTRY(epoll->ready.next, struct registration, in_ready);
        if (registration_state(kernel, first) != 0 || PLANTED(EMPTY_INSTANCE_READY)) {
            return WB_EPOLLIN | WB_EPOLLRDNORM;
        }
        registration_unlink(first);
        first->level = 0;
    }
    return 0;
}

uint32_t epoll_peek(struct sim_kernel *kernel, struct epoll *epoll) {
    for (struct list *node = epoll->ready.next; node != &epoll->ready; node = node->next) {
        if (registration_peek(kernel, LIST_ENTRY(node, struct registration, in_ready)) != 0) {
            return WB_EPOLLIN | WB_EPOLLRDNORM;
        }
    }
    return 0;
}

static void registration_destroy(struct sim_kernel *kernel, struct registration *registration) {
    registration_unlink(registration);
    list_remove(&registration->in_file);
    list_remove(&registration->in_epoll);
    registration->epoll->registration_count--;
    kernel_free(kernel, registration, sizeof(*registration));
}

#ifdef SIM_PLANTED
void epoll_forget_number(struct sim_kernel *kernel, struct sim_file *file, int fd) {
    for (struct list *node = file->waiters.next; node != &file->waiters;) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_file);
        node = node->next;
        if (registration->fd == fd) {
            registration_destroy(kernel, registration);
        }
    }
}
#endif

void epoll_forget_file(struct sim_kernel *kernel, struct sim_file *file) {
    while (!list_is_empty(&file->waiters)) {
        registration_destroy(kernel, LIST_ENTRY(file->waiters.next, struct registration, in_file));
    }
}

void epoll_destroy(struct sim_kernel *kernel, struct epoll *epoll) {
    while (!list_is_empty(&epoll->registrations)) {
        registration_destroy(
            kernel, LIST_ENTRY(epoll->registrations.next, struct registration, in_epoll));
    }
    kernel_free(kernel, epoll, sizeof(*epoll));
}

static struct registration *find(struct epoll *epoll, struct sim_file *file, int fd) {
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_file);
        if (registration->epoll == epoll && (registration->fd == fd || PLANTED(DUP_IS_ONE_ENTRY))) {
            return registration;
        }
    }
    return NULL;
}

/* How many instances hang below `file`, itself included; more than NESTING_MAX stops the count. A
 * cycle through `avoid` is reported as that, too. */
static int depth_below(struct sim_file *file, const struct sim_file *avoid, int depth) {
    if (file == avoid || depth > NESTING_MAX) {
        return NESTING_MAX + 1;
    }
    int deepest = depth;
    struct epoll *epoll = file->epoll;
    for (struct list *node = epoll->registrations.next; node != &epoll->registrations;
         node = node->next) {
        struct sim_file *below = LIST_ENTRY(node, struct registration, in_epoll)->file;
        if (below->type == FILE_EPOLL) {
            int reached = depth_below(below, avoid, depth + 1);
            deepest = reached > deepest ? reached : deepest;
        }
    }
    return deepest;
}

static int depth_above(struct sim_file *file, int depth) {
    if (depth > NESTING_MAX) {
        return depth;
    }
    int highest = depth;
    for (struct list *node = file->waiters.next; node != &file->waiters; node = node->next) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_file);
        int reached = depth_above(registration->epoll->file, depth + 1);
        highest = reached > highest ? reached : highest;
    }
    return highest;
}

static bool would_loop(struct sim_file *outer, struct sim_file *inner) {
    int below = depth_below(inner, outer, 1);
    if (below > NESTING_MAX) {
        return true;
    }
    return below + depth_above(outer, 1) > NESTING_MAX;
}

static bool exclusive_allowed(uint32_t events) {
    const uint32_t allowed = WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLERR | WB_EPOLLHUP | WB_EPOLLET
                             | WB_EPOLLWAKEUP | WB_EPOLLEXCLUSIVE;
    return (events & ~allowed) == 0;
}

static struct registration *registration_new(struct sim_kernel *kernel, struct epoll *epoll,
    struct sim_file *file, int fd, const struct wb_epoll_event *event) {
    struct registration *registration = kernel_alloc(kernel, sizeof(*registration));
    registration->epoll = epoll;
    registration->file = file;
    registration->fd = fd;
    registration->mask = event->events | (PLANTED(IMPLIED_BITS) ? 0 : WB_EPOLLERR | WB_EPOLLHUP);
    registration->data = event->data;
    registration->serial = ++kernel->registration_serial;
    list_init(&registration->in_ready);
    bool last = (event->events & WB_EPOLLEXCLUSIVE) != 0 && !PLANTED(EXCLUSIVE_FIRST);
    if (last || PLANTED(FIRST_WAITER_FIRST)) {
        list_push_tail(&file->waiters, &registration->in_file);
    } else {
        list_push_head(&file->waiters, &registration->in_file);
    }
    list_push_tail(&epoll->registrations, &registration->in_epoll);
    epoll->registration_count++;
    return registration;
}

/* ADD and MOD look at the state: ready means queued, as if by an edge. */
static void look_now(struct sim_kernel *kernel, struct registration *registration) {
    uint32_t state = registration_state(kernel, registration);
    registration->level = state;
    flavour_registered(registration);
    if (state == 0) {
        return;
    }
    bool newly = !registration->linked;
    registration_link(registration);
    emit_wake(kernel, registration, state, newly);
    if (newly) {
        (void)epoll_rouse(registration->epoll);
    }
    if (newly && !list_is_empty(&registration->epoll->file->waiters)) {
        file_wake(kernel, registration->epoll->file, WB_EPOLLIN);
    }
}

static int ctl_add(struct sim_kernel *kernel, struct sim_file *instance, struct sim_file *file,
    int fd, const struct wb_epoll_event *event, uint32_t *out_registration) {
    if ((event->events & WB_EPOLLEXCLUSIVE) != 0
        && (file->type == FILE_EPOLL || !exclusive_allowed(event->events))) {
        return -EINVAL;
    }
    if (file->type == FILE_EPOLL && would_loop(instance, file)) {
        return -ELOOP;
    }
    struct registration *registration = find(instance->epoll, file, fd);
    if (registration != NULL) {
        *out_registration = registration->serial;
        return -EEXIST;
    }
    int fault = choose_error(kernel, WBH_POINT_REGISTER);
    if (fault != 0) {
        return fault;
    }
    registration = registration_new(kernel, instance->epoll, file, fd, event);
    *out_registration = registration->serial;
    if (!PLANTED(ADD_NO_EDGE)) {
        look_now(kernel, registration);
    }
    return 0;
}

static int ctl_mod(struct sim_kernel *kernel, struct registration *registration,
    const struct wb_epoll_event *event) {
    if ((registration->mask & WB_EPOLLEXCLUSIVE) != 0) {
        return -EINVAL;
    }
    registration->mask = event->events | WB_EPOLLERR | WB_EPOLLHUP;
    registration->data = event->data;
    if (!PLANTED(MOD_NO_EDGE)) {
        look_now(kernel, registration);
    }
    return 0;
}

static int ctl(struct sim_kernel *kernel, int epfd, int op, int fd,
    const struct wb_epoll_event *event, uint32_t *out_registration) {
    struct sim_file *instance = fd_get(kernel, epfd);
    struct sim_file *file = fd_get(kernel, fd);
    if (op != WB_EPOLL_CTL_DEL && event == NULL) {
        return -EFAULT;
    }
    if (instance == NULL || file == NULL) {
        return -EBADF;
    }
    if (file->ops->is_unwatchable && !PLANTED(FILE_IS_WATCHED)) {
        return -EPERM;
    }
    if (instance == file || instance->type != FILE_EPOLL) {
        return -EINVAL;
    }
    if (op == WB_EPOLL_CTL_MOD && (event->events & WB_EPOLLEXCLUSIVE) != 0) {
        return -EINVAL;
    }
    if (op == WB_EPOLL_CTL_ADD) {
        return ctl_add(kernel, instance, file, fd, event, out_registration);
    }
    if (op != WB_EPOLL_CTL_MOD && op != WB_EPOLL_CTL_DEL) {
        return -EINVAL;
    }
    struct registration *registration = find(instance->epoll, file, fd);
    if (registration == NULL) {
        return -ENOENT;
    }
    *out_registration = registration->serial;
    if (op == WB_EPOLL_CTL_MOD) {
        return ctl_mod(kernel, registration, event);
    }
    registration_destroy(kernel, registration);
    return 0;
}

int sys_epoll_ctl(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    uint32_t registration = 0;
    int result = ctl(kernel, epfd, op, fd, event, &registration);
    struct sim_event done = event_begin(kernel, SIM_EVENT_CALL);
    done.call = SIM_CALL_EPOLL_CTL;
    done.fd = fd;
    done.result = result;
    done.registration = registration;
    done.a = (uint64_t)(uint32_t)op | (uint64_t)(uint32_t)epfd << 32;
    done.b = event != NULL ? event->events : 0;
    struct sim_file *file = fd_get(kernel, fd);
    if (file != NULL) {
        done.file = file->serial;
        done.subject = file_subject(file);
    }
    event_emit(kernel, &done);
    return result;
}

static const char *epoll_what(const struct sim_file *file) {
    (void)file;
    return "epoll instance";
}

static uint32_t epoll_file_poll(struct sim_kernel *kernel, struct sim_file *file) {
    return epoll_poll(kernel, file->epoll);
}

static uint32_t epoll_file_peek(struct sim_kernel *kernel, struct sim_file *file) {
    return epoll_peek(kernel, file->epoll);
}

static void epoll_release(struct sim_kernel *kernel, struct sim_file *file) {
    epoll_destroy(kernel, file->epoll);
}

static const struct file_ops epoll_file_ops = {
    .what = epoll_what,
    .poll = epoll_file_poll,
    .peek = epoll_file_peek,
    .release = epoll_release,
};

int sys_epoll_create1(void *self, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    if ((flags & ~WB_EPOLL_CLOEXEC) != 0) {
        return (int)call_return(kernel, SIM_CALL_EPOLL_CREATE, -1, NULL, -EINVAL, 0, 0);
    }
    struct sim_file *file = NULL;
    int fd = file_open(kernel, FILE_EPOLL, &epoll_file_ops, 0, &file);
    if (fd >= 0) {
        file->epoll = kernel_alloc(kernel, sizeof(*file->epoll));
        file->epoll->file = file;
        list_init(&file->epoll->registrations);
        list_init(&file->epoll->ready);
        list_init(&file->epoll->sleepers);
    }
    return (int)call_return(kernel, SIM_CALL_EPOLL_CREATE, fd, file, fd, 0, 0);
}
