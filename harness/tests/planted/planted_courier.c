/* A server that answers late: what a guest says is given to a courier, a task that sleeps a while
 * and then delivers it to the place that the guest had. A place may have another guest by then, so
 * a courier knows the guest by a number that no other has. Each use of `has` is a bug; without them
 * it is as it should be. */
#include "programs.h"

#include <string.h>

#include "options.h"
#include "until_stopped.h"
#include "wb/addr.h"
#include "wb/async.h"
#include "wb/poll_evented.h"
#include "wb/tcp.h"
#include "wb/time.h"

enum { PORT = 6576, PLACES = 8, PIECE = 64, EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const uint64_t way_ns = UINT64_C(2000000);

struct house;

struct guest {
    struct wb_future future;
    struct house *house;
    struct wb_tcp_stream tcp;
    struct wb_poll_evented evented;
    unsigned place; /* PLACES: none yet */
    uint64_t number;
    uint64_t asked;    /* couriers that were sent, */
    uint64_t answered; /* ... and have come back, in order */
    struct wb_task_waker for_couriers;
    enum wb_status status;
    size_t len;
    char buf[PIECE];
};

struct courier {
    struct wb_future future;
    struct house *house;
    struct wb_sleep way;
    unsigned place;
    uint64_t number; /* of the guest */
    uint64_t turn;
    size_t delivered;
    size_t len;
    char bytes[PIECE];
};

struct house {
    struct wb_future future;
    const struct wb_sys *sys;
    struct planted_options options;
    struct wb_tcp_listener tcp;
    struct wb_poll_evented evented;
    struct wb_tcp_stream accepted;
    struct guest *places[PLACES]; /* NULL: free */
    uint64_t guests;
    enum wb_status status;
};

static bool has(const struct house *house, enum planted_bug bug) {
    return house->options.bug == bug;
}

/* ---- couriers ---- */

/* NULL: it has gone. */
static struct guest *receiver_of(const struct courier *self) {
    struct guest *guest = self->house->places[self->place];
    bool is_the_same = guest != NULL && guest->number == self->number;
    return is_the_same || has(self->house, PLANTED_PLACE_ANSWERED) ? guest : NULL;
}

/* False: there is no room now, or another courier comes first. */
static bool deliver(struct courier *self, struct guest *guest) {
    size_t len = 0;
    if (guest->answered < self->turn && guest->number == self->number) {
        return false;
    }
    enum wb_status status = wb_tcp_stream_write(
        &guest->tcp, self->bytes + self->delivered, self->len - self->delivered, &len);
    self->delivered += status == WB_OK ? len : 0;
    if (self->delivered != self->len && !wb_status_is_error(status)) {
        return false;
    }
    guest->answered++;
    wb_task_waker_wake(&guest->for_couriers);
    return true;
}

static enum wb_progress courier_poll(struct wb_future *future, struct wb_context *context) {
    struct courier *self = WB_FUTURE_OF(future, struct courier, future);
    struct guest *guest;
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_sleep_init(&self->way, context->runtime, way_ns);
        WB_AWAIT(&self->way.future);
        guest = receiver_of(self);
        if (guest == NULL || deliver(self, guest)) {
            WB_ASYNC_RETURN(WB_OK);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void courier_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct courier, future)->way.future);
}

static const struct wb_future_ops courier_ops = {
    .size = sizeof(struct courier),
    .offset = offsetof(struct courier, future),
    .poll = courier_poll,
    .drop = courier_drop,
};

static void send_courier(struct guest *guest, struct wb_context *context) {
    struct courier courier = {.house = guest->house,
        .place = guest->place,
        .number = guest->number,
        .turn = guest->asked,
        .len = guest->len};
    memcpy(courier.bytes, guest->buf, guest->len);
    wb_future_init(&courier.future, &courier_ops);
    if (wb_context_spawn(context, &courier.future, NULL, NULL) == WB_OK) {
        guest->asked++;
    }
}

/* ---- guests ---- */

static bool sit_down(struct guest *self) {
    struct house *house = self->house;
    unsigned place = 0;
    while (place < PLACES && house->places[place] != NULL) {
        place++;
    }
    self->place = place;
    self->number = ++house->guests;
    if (place < PLACES) {
        house->places[place] = self;
    }
    return place < PLACES;
}

static enum wb_status try_read(void *user_data) {
    struct guest *self = user_data;
    return wb_tcp_stream_read(&self->tcp, self->buf, PIECE, &self->len);
}

/* Who ends in order is owed answers; who resets is gone. */
static enum wb_progress await_couriers(struct guest *self, const struct wb_context *context) {
    if (self->answered != self->asked) {
        wb_task_waker_store(&self->for_couriers, context->waker);
        return WB_PENDING;
    }
    return WB_READY;
}

static enum wb_progress guest_poll(struct wb_future *future, struct wb_context *context) {
    struct guest *self = WB_FUTURE_OF(future, struct guest, future);
    WB_ASYNC_BEGIN(future, context);
    self->status = sit_down(self) ? wb_poll_evented_init(
                       &self->evented, context->runtime, wb_tcp_stream_source(&self->tcp))
                                  : WB_ERR_LIMIT;
    while (self->status == WB_OK) {
        WB_AWAIT_READY(
            wb_poll_evented_poll_read(&self->evented, context, try_read, self, &self->status));
        if (self->status == WB_OK) {
            send_courier(self, context);
        }
    }
    WB_AWAIT_READY(self->status == WB_EOF ? await_couriers(self, context) : WB_READY);
    WB_ASYNC_END(WB_OK);
}

static void guest_drop(struct wb_future *future) {
    struct guest *self = WB_FUTURE_OF(future, struct guest, future);
    if (self->place < PLACES) {
        self->house->places[self->place] = NULL;
    }
    wb_task_waker_drop(&self->for_couriers);
    wb_poll_evented_clean_up(&self->evented, wb_tcp_stream_source(&self->tcp));
    wb_tcp_stream_close(&self->tcp);
}

static const struct wb_future_ops guest_ops = {
    .size = sizeof(struct guest),
    .offset = offsetof(struct guest, future),
    .poll = guest_poll,
    .drop = guest_drop,
};

/* ---- the house ---- */

static enum wb_status try_accept(void *user_data) {
    struct house *self = user_data;
    return wb_tcp_listener_accept(&self->tcp, &self->accepted, NULL);
}

static void welcome(struct house *self, struct wb_context *context) {
    struct guest guest = {.house = self, .tcp = self->accepted, .place = PLACES};
    wb_future_init(&guest.future, &guest_ops);
    if (wb_context_spawn(context, &guest.future, NULL, NULL) != WB_OK) {
        wb_future_drop(&guest.future);
    }
}

static enum wb_progress house_poll(struct wb_future *future, struct wb_context *context) {
    struct house *self = WB_FUTURE_OF(future, struct house, future);
    while (wb_poll_evented_poll_read(&self->evented, context, try_accept, self, &self->status)
           == WB_READY) {
        if (self->status == WB_OK) {
            welcome(self, context);
        } else if (self->status != WB_ERR_CONN_ABORTED) {
            return wb_future_end(future, self->status);
        }
    }
    return WB_PENDING;
}

static void house_drop(struct wb_future *future) {
    struct house *self = WB_FUTURE_OF(future, struct house, future);
    wb_poll_evented_clean_up(&self->evented, wb_tcp_listener_source(&self->tcp));
    wb_tcp_listener_close(&self->tcp);
}

static const struct wb_future_ops house_ops = {
    .size = sizeof(struct house),
    .offset = offsetof(struct house, future),
    .poll = house_poll,
    .drop = house_drop,
};

int planted_courier_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct house self = {.sys = sys};
    const struct wb_addr addr = wb_addr_v4_any(PORT);
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    struct wb_runtime *runtime = planted_runtime_new(sys, &self.options);
    wb_future_init(&self.future, &house_ops);
    if (runtime == NULL || wb_tcp_listener_bind(&self.tcp, sys, &addr, 0) != WB_OK
        || wb_poll_evented_init(&self.evented, runtime, wb_tcp_listener_source(&self.tcp))
               != WB_OK) {
        wb_future_drop(&self.future);
        wb_runtime_destroy(runtime);
        return EXIT_FAILED;
    }
    return planted_run_until_stopped(runtime, &self.future);
}
