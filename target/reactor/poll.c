/* The poll, and the registry's way to the sources. */
#include "wb/poll.h"

#include <assert.h>

#include "reactor/selector.h"

/* ---- registry ---- */

struct wb_registry wb_registry_clone(const struct wb_registry *registry) {
    wb__selector_own(registry->selector);
    return (struct wb_registry){.selector = registry->selector};
}

void wb_registry_clean_up(struct wb_registry *registry) {
    if (registry->selector != NULL) {
        wb__selector_disown(registry->selector);
    }
    *registry = (struct wb_registry){0};
}

enum wb_status wb_registry_register(const struct wb_registry *registry, struct wb_source *source,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    return source->ops->on_register(source, registry, token, interest, trigger);
}

enum wb_status wb_registry_reregister(const struct wb_registry *registry, struct wb_source *source,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    return source->ops->on_reregister(source, registry, token, interest, trigger);
}

enum wb_status wb_registry_deregister(
    const struct wb_registry *registry, struct wb_source *source) {
    assert(source->ops != NULL && "deregistered a source that was closed before");
    return source->ops->on_deregister(source, registry);
}

/* ---- poll ---- */

enum wb_status wb_poll_init(struct wb_poll *poll, const struct wb_sys *sys) {
    return wb_poll_init_backend(poll, sys, WB_BACKEND_EPOLL);
}

enum wb_status wb_poll_init_backend(
    struct wb_poll *poll, const struct wb_sys *sys, enum wb_backend backend) {
    *poll = (struct wb_poll){0};
    return wb__selector_new(sys, backend, &poll->registry.selector);
}

void wb_poll_clean_up(struct wb_poll *poll) {
    wb_registry_clean_up(&poll->registry);
}

enum wb_status wb_poll_wait(struct wb_poll *poll, struct wb_events *events, int64_t timeout_ns) {
    return wb__selector_wait(poll->registry.selector, events, timeout_ns);
}
