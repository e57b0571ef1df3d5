/* Several attempts to connect, of which the first to succeed wins. */
#include "runtime/connect_race.h"

#include <string.h>

/* ---- the order of addresses ---- */

/* Those to choose from, each family in its order: the ones that were to be tried, then more. */
struct choice {
    struct wb_addr former[WB_CONNECT_RACE_MAX];
    uint32_t former_count;
    const struct wb_addr *more;
    uint32_t count; /* of both */
    uint32_t at[2]; /* how far they were gone through; [true]: of IPv6 */
};

static bool is_six(const struct wb_addr *addr) {
    return addr->family == WB_AF_INET6;
}

/* The next one of this family; NULL: there is none left. */
static const struct wb_addr *choose(struct choice *choice, bool six) {
    uint32_t *at = &choice->at[six];
    while (*at < choice->count) {
        const uint32_t i = (*at)++;
        const struct wb_addr *addr =
            i < choice->former_count ? &choice->former[i] : &choice->more[i - choice->former_count];
        if (is_six(addr) == six) {
            return addr;
        }
    }
    return NULL;
}

/* By turns one of each family, as long as there are of both; so that those that are left out for
 * want of room are not all of one. */
void wb__connect_race_add(
    struct wb_connect_race *race, const struct wb_addr *addrs, uint32_t count) {
    struct choice choice = {.former_count = race->count - race->begun, .more = addrs};
    choice.count = choice.former_count + count;
    memcpy(choice.former, &race->addrs[race->begun], choice.former_count * sizeof(*addrs));
    bool six =
        race->begun == 0 ? race->family == WB_AF_INET6 : !is_six(&race->addrs[race->begun - 1]);
    for (race->count = race->begun; race->count < WB_CONNECT_RACE_MAX; race->count++) {
        const struct wb_addr *addr = choose(&choice, six);
        if (addr == NULL) {
            addr = choose(&choice, !six);
        }
        if (addr == NULL) {
            return;
        }
        race->addrs[race->count] = *addr;
        six = !is_six(addr);
    }
}

/* ---- failures ---- */

/* How far an attempt got. */
static int rank(enum wb_status status) {
    if (status == WB_ERR_HOST_UNREACHABLE || status == WB_ERR_NET_UNREACHABLE
        || status == WB_ERR_ADDR_NOT_AVAILABLE) {
        return 0;
    }
    if (status == WB_ERR_TIMED_OUT) {
        return 2;
    }
    return wb_status_category(status) == WB_CATEGORY_NETWORK ? 3 : 1;
}

static void note_failure(struct wb_connect_race *self, enum wb_status status) {
    if (self->failure == WB_ERR_NO_ENTRY || rank(status) >= rank(self->failure)) {
        self->failure = status;
    }
}

/* ---- the race ---- */

static void begin_next(struct wb_connect_race *self) {
    wb_connect_init(&self->attempts[self->begun], self->runtime, &self->addrs[self->begun]);
    self->begun++;
    wb_future_drop(&self->pace.future);
    wb_sleep_init(&self->pace, self->runtime, self->attempt_delay_ns);
}

/* Whether one has won; then `winner` says which. */
static bool poll_attempts(struct wb_connect_race *self, struct wb_context *context) {
    for (uint32_t i = 0; i < self->begun; i++) {
        struct wb_future *attempt = &self->attempts[i].future;
        if (wb_future_is_over(attempt) || wb_future_poll(attempt, context) == WB_PENDING) {
            continue;
        }
        if (attempt->status == WB_OK) {
            self->winner = i;
            return true;
        }
        note_failure(self, attempt->status);
    }
    return false;
}

static bool is_any_left(const struct wb_connect_race *self) {
    for (uint32_t i = 0; i < self->begun; i++) {
        if (!wb_future_is_over(&self->attempts[i].future)) {
            return true;
        }
    }
    return false;
}

/* Whether the attempt begun last has had its time. */
static bool is_next_due(struct wb_connect_race *self, struct wb_context *context) {
    return self->begun == 0 || wb_future_is_over(&self->attempts[self->begun - 1].future)
           || wb_future_is_over(&self->pace.future)
           || wb_future_poll(&self->pace.future, context) == WB_READY;
}

static enum wb_progress race_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_connect_race *self = WB_FUTURE_OF(future, struct wb_connect_race, future);
    if (self->runtime == NULL) {
        return wb_future_end(future, WB_ERR_NO_RUNTIME);
    }
    while (!poll_attempts(self, context)) {
        if (self->begun == self->count) {
            return is_any_left(self) || self->is_open ? WB_PENDING
                                                      : wb_future_end(future, self->failure);
        }
        if (!is_next_due(self, context)) {
            return WB_PENDING;
        }
        begin_next(self);
    }
    self->stream = self->attempts[self->winner].stream;
    return wb_future_end(future, WB_OK);
}

static void race_drop(struct wb_future *future) {
    struct wb_connect_race *self = WB_FUTURE_OF(future, struct wb_connect_race, future);
    for (uint32_t i = 0; i < self->begun; i++) {
        wb_future_drop(&self->attempts[i].future);
    }
    wb_future_drop(&self->pace.future);
}

static void race_drop_output(struct wb_future *future) {
    wb_stream_close(&WB_FUTURE_OF(future, struct wb_connect_race, future)->stream);
}

static const struct wb_future_ops race_ops = {
    .size = sizeof(struct wb_connect_race),
    .offset = offsetof(struct wb_connect_race, future),
    .poll = race_poll,
    .drop = race_drop,
    .drop_output = race_drop_output,
};

void wb_connect_race_init(struct wb_connect_race *race, struct wb_runtime *runtime,
    const struct wb_addr *addrs, uint32_t count) {
    memset(race, 0, sizeof(*race));
    race->runtime = runtime;
    race->attempt_delay_ns = WB_CONNECT_ATTEMPT_DELAY_NS;
    race->failure = WB_ERR_NO_ENTRY;
    race->family = count != 0 ? addrs[0].family : WB_AF_INET6;
    wb_future_init(&race->future, &race_ops);
    wb__connect_race_add(race, addrs, count);
}
