/* Connecting by name: two questions, and a race among the answers. */
#include "runtime/connect_race.h"
#include "wb/resolve.h"

enum { SIX, FOUR, QUESTIONS };

/* Whether there was an answer just now; its addresses take part from now on. */
static bool hear(struct wb_connect_name *self, struct wb_context *context, int which) {
    struct wb_resolve *question = &self->questions[which];
    if (wb_future_is_over(&question->future)
        || wb_future_poll(&question->future, context) == WB_PENDING) {
        return false;
    }
    if (question->future.status == WB_OK) {
        wb__connect_race_add(&self->race, question->addrs, question->count);
    }
    return true;
}

static bool is_answered(const struct wb_connect_name *self, int which) {
    return wb_future_is_over(&self->questions[which].future);
}

/* What became of the questions if neither brought an address. */
static enum wb_status why_unknown(const struct wb_connect_name *self) {
    const enum wb_status six = self->questions[SIX].future.status;
    return six != WB_ERR_NO_ENTRY ? six : self->questions[FOUR].future.status;
}

/* Whether attempts may begin: there are addresses, and nobody waits for better ones. */
static bool may_race(struct wb_connect_name *self, struct wb_context *context) {
    self->is_racing = self->is_racing
                      || (self->race.count != 0
                          && (is_answered(self, SIX)
                              || wb_future_poll(&self->patience.future, context) == WB_READY));
    return self->is_racing;
}

static enum wb_progress connect_name_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_connect_name *self = WB_FUTURE_OF(future, struct wb_connect_name, future);
    if (self->race.runtime == NULL) {
        return wb_future_end(future, WB_ERR_NO_RUNTIME);
    }
    (void)hear(self, context, SIX);
    if (hear(self, context, FOUR)) {
        wb_sleep_init(&self->patience, self->race.runtime, self->resolution_delay_ns);
    }
    self->race.is_open = !is_answered(self, SIX) || !is_answered(self, FOUR);
    if (self->race.count == 0 && !self->race.is_open) {
        return wb_future_end(future, why_unknown(self));
    }
    if (!may_race(self, context) || wb_future_poll(&self->race.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    self->stream = self->race.stream;
    return wb_future_end(future, self->race.future.status);
}

static void connect_name_drop(struct wb_future *future) {
    struct wb_connect_name *self = WB_FUTURE_OF(future, struct wb_connect_name, future);
    wb_future_drop(&self->questions[SIX].future);
    wb_future_drop(&self->questions[FOUR].future);
    wb_future_drop(&self->patience.future);
    wb_future_drop(&self->race.future);
}

static void connect_name_drop_output(struct wb_future *future) {
    wb_stream_close(&WB_FUTURE_OF(future, struct wb_connect_name, future)->stream);
}

static const struct wb_future_ops connect_name_ops = {
    .size = sizeof(struct wb_connect_name),
    .offset = offsetof(struct wb_connect_name, future),
    .poll = connect_name_poll,
    .drop = connect_name_drop,
    .drop_output = connect_name_drop_output,
};

void wb_connect_name_init(
    struct wb_connect_name *connect, struct wb_runtime *runtime, const char *name, uint16_t port) {
    connect->stream = (struct wb_stream){0};
    connect->patience = (struct wb_sleep){0};
    connect->resolution_delay_ns = WB_CONNECT_RESOLUTION_DELAY_NS;
    connect->is_racing = false;
    wb_resolve_init(&connect->questions[SIX], runtime, name, port, WB_AF_INET6);
    wb_resolve_init(&connect->questions[FOUR], runtime, name, port, WB_AF_INET);
    wb_connect_race_init(&connect->race, runtime, NULL, 0);
    wb_future_init(&connect->future, &connect_name_ops);
}
