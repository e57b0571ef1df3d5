/* Name resolution on the blocking pool. */
#include "wb/resolve.h"

#include <string.h>

#include "runtime/errand.h"

/* ---- the question ---- */

struct wb__resolution {
    struct wb__errand errand;
    int family;
    int result; /* of the seam */
    uint16_t port;
    char name[WB_RESOLVE_NAME_LEN_MAX + 1];
    struct wb_sockaddr addrs[WB_RESOLVE_MAX];
};

static enum wb_status ask(struct wb__errand *errand) {
    struct wb__resolution *it = (struct wb__resolution *)errand;
    it->result =
        WB_SYS(errand->sys, resolve, it->name, it->port, it->family, it->addrs, WB_RESOLVE_MAX);
    return wb_status_from_result(it->result);
}

static enum wb_status begin(struct wb_resolve *self) {
    if (self->runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const size_t name_len = strlen(self->name);
    if (name_len > WB_RESOLVE_NAME_LEN_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__resolution *it =
        wb__errand_new(wb_runtime_sys(self->runtime), sizeof(*it), ask, NULL);
    if (it == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    it->family = self->family;
    it->port = self->port;
    memcpy(it->name, self->name, name_len + 1);
    self->resolution = it;
    return wb__errand_send(&it->errand, self->runtime, &self->handle);
}

/* ---- the future ---- */

static enum wb_status take_answer(struct wb_resolve *self) {
    const struct wb__resolution *it = self->resolution;
    for (int i = 0; i < it->result; i++) {
        const uint32_t len = it->addrs[i].family == WB_AF_INET ? (uint32_t)sizeof(it->addrs[i].in)
                                                               : (uint32_t)sizeof(it->addrs[i].in6);
        if (wb_addr_from_sockaddr(&it->addrs[i], len, &self->addrs[self->count]) == WB_OK) {
            self->count++;
        }
    }
    return self->count != 0 ? WB_OK : WB_ERR_NO_ENTRY;
}

static enum wb_progress resolve_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_resolve *self = WB_FUTURE_OF(future, struct wb_resolve, future);
    if (self->resolution == NULL) {
        const enum wb_status status = begin(self);
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
    }
    if (wb_future_poll(&self->handle.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    const enum wb_status status = self->handle.future.status;
    return wb_future_end(future, status == WB_OK ? take_answer(self) : status);
}

static void resolve_drop(struct wb_future *future) {
    struct wb_resolve *self = WB_FUTURE_OF(future, struct wb_resolve, future);
    wb_join_handle_cancel(&self->handle);
    if (self->resolution != NULL) {
        wb__errand_release(&self->resolution->errand);
        self->resolution = NULL;
    }
}

static const struct wb_future_ops resolve_ops = {
    .size = sizeof(struct wb_resolve),
    .offset = offsetof(struct wb_resolve, future),
    .poll = resolve_poll,
    .drop = resolve_drop,
};

void wb_resolve_init(struct wb_resolve *resolve, struct wb_runtime *runtime, const char *name,
    uint16_t port, int family) {
    *resolve =
        (struct wb_resolve){.runtime = runtime, .name = name, .port = port, .family = family};
    wb_future_init(&resolve->future, &resolve_ops);
}
