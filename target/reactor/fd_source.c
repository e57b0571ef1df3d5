/* A descriptor as a source: the one place that talks to epoll_ctl, or changes the set for poll(2).
 */
#include "wb/source.h"

#include <errno.h>

#include "wb/poll.h"
#include "reactor/batch.h"
#include "reactor/selector.h"

/* Reported whether asked for or not. */
#define FLAGS_UNASKED (WB_EPOLLERR | WB_EPOLLHUP)

/* Nothing stands for AIO and LIO: epoll does not know them. */
static uint32_t flags_of_interest(uint32_t interest) {
    return (wb_interest_is_readable(interest) ? WB_EPOLLIN | WB_EPOLLRDHUP : 0u)
           | (wb_interest_is_writable(interest) ? WB_EPOLLOUT : 0u)
           | (wb_interest_is_priority(interest) ? WB_EPOLLPRI : 0u);
}

static uint32_t flags_of_trigger(enum wb_trigger trigger) {
    return (wb_trigger_is_edge(trigger) ? WB_EPOLLET : 0u)
           | (wb_trigger_is_oneshot(trigger) ? WB_EPOLLONESHOT : 0u);
}

static enum wb_status control_poll_set(struct wb_fd_source *source, struct wb__poll_set *set,
    int operation, uint64_t token, uint32_t flags) {
    if (operation == WB_EPOLL_CTL_ADD) {
        return wb__poll_set_add(set, source->fd, token, flags, source->is_bell, &source->slot);
    }
    if (operation == WB_EPOLL_CTL_MOD) {
        wb__poll_set_modify(set, source->slot, token, flags);
    } else {
        wb__poll_set_remove(set, source->slot);
    }
    return WB_OK;
}

static enum wb_status control(struct wb_fd_source *source, struct wb_selector *selector,
    int operation, uint64_t token, uint32_t flags) {
    int epfd = wb__selector_fd(selector);
    if (epfd < 0) {
        return WB_ERR_CLOSED;
    }
    if (selector->poll_set != NULL) {
        return control_poll_set(source, selector->poll_set, operation, token, flags);
    }
    struct wb_epoll_event event = {.events = flags, .data = token};
    int result = WB_SYS(source->sys, epoll_ctl, epfd, operation, source->fd, &event);
    if (result >= 0) {
        return WB_OK;
    }
    if (result == -EEXIST) {
        return WB_ERR_ALREADY_REGISTERED;
    }
    return result == -ENOENT ? WB_ERR_NOT_REGISTERED : wb_status_from_result(result);
}

/* Reports still to be handed out in this iteration of the event loop, if there is one. */
static void restrict_batch(const struct wb_fd_source *source, uint32_t keep) {
    struct wb__batch *batch = source->serves_loop ? source->selector->batch : NULL;
    if (batch != NULL && wb__batch_has_more(batch)) {
        wb__batch_restrict(batch, source->token, keep);
    }
}

/* Whether what operations find out arms the registration: an edge that is emulated. */
static bool is_rearmed(const struct wb_selector *selector, enum wb_trigger trigger) {
    return selector->poll_set != NULL && trigger == WB_TRIGGER_EDGE;
}

static enum wb_status fd_register(struct wb_source *base, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct wb_fd_source *source = (struct wb_fd_source *)base;
    if (source->is_registered) {
        return WB_ERR_ALREADY_REGISTERED;
    }
    if (!wb_interest_is_valid(interest)
        || (source->selector != NULL && source->selector != registry->selector)) {
        return WB_ERR_INVALID;
    }
    uint32_t flags = flags_of_interest(interest) | flags_of_trigger(trigger);
    enum wb_status status = control(source, registry->selector, WB_EPOLL_CTL_ADD, token, flags);
    if (status != WB_OK) {
        return status;
    }
    if (source->selector == NULL) {
        wb__selector_acquire(registry->selector);
        source->selector = registry->selector;
    }
    source->token = token;
    source->is_registered = true;
    source->serves_loop = registry->serves_loop;
    if (is_rearmed(source->selector, trigger)) { /* operations that are under way may read it */
        source->is_rearmed = true;
    }
    return WB_OK;
}

static enum wb_status fd_reregister(struct wb_source *base, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct wb_fd_source *source = (struct wb_fd_source *)base;
    if (!source->is_registered || source->selector != registry->selector) {
        return WB_ERR_NOT_REGISTERED;
    }
    if (!wb_interest_is_valid(interest)) {
        return WB_ERR_INVALID;
    }
    uint32_t flags = flags_of_interest(interest);
    enum wb_status status = control(
        source, source->selector, WB_EPOLL_CTL_MOD, token, flags | flags_of_trigger(trigger));
    if (status != WB_OK) {
        return status;
    }
    source->serves_loop = source->serves_loop || registry->serves_loop;
    /* Nothing is lost with what is taken back: a modified source that is ready is reported anew. */
    restrict_batch(source, token == source->token ? flags | FLAGS_UNASKED : 0);
    source->token = token;
    source->is_rearmed = is_rearmed(source->selector, trigger);
    return WB_OK;
}

static enum wb_status fd_deregister(struct wb_source *base, const struct wb_registry *registry) {
    struct wb_fd_source *source = (struct wb_fd_source *)base;
    if (!source->is_registered || source->selector != registry->selector) {
        return WB_ERR_NOT_REGISTERED;
    }
    restrict_batch(source, 0);
    source->is_registered = false;
    source->is_rearmed = false;
    return control(source, source->selector, WB_EPOLL_CTL_DEL, 0, 0);
}

/* Whoever reads until there is no more has gone past urgent data as well. */
void wb__fd_source_arm(struct wb_fd_source *source, uint32_t interest) {
    const uint32_t urgent = wb_interest_is_readable(interest) ? WB_EPOLLPRI : 0u;
    wb__poll_set_arm(
        source->selector->poll_set, source->slot, flags_of_interest(interest) | urgent);
}

void wb__fd_source_arm_after_error(struct wb_fd_source *source) {
    wb__poll_set_error_taken(source->selector->poll_set, source->slot);
}

static const struct wb_source_ops fd_source_ops = {
    .on_register = fd_register,
    .on_reregister = fd_reregister,
    .on_deregister = fd_deregister,
};

void wb_fd_source_init(struct wb_fd_source *source, const struct wb_sys *sys, int fd) {
    *source = (struct wb_fd_source){.source = {&fd_source_ops}, .sys = sys, .fd = fd};
}

void wb_fd_source_clean_up(struct wb_fd_source *source) {
    if (source->selector != NULL) {
        if (source->is_registered) {
            const struct wb_registry registry = {.selector = source->selector};
            /* Whatever the kernel says, the source is gone for us: the descriptor may have been
             * closed behind our back, or the poll be gone. */
            (void)!fd_deregister(&source->source, &registry);
        }
        wb__selector_release(source->selector);
    }
    *source = (struct wb_fd_source){.fd = -1};
}
