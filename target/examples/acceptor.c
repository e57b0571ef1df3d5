/* See acceptor.h. */
#include "examples/acceptor.h"

#include <assert.h>
#include <string.h>

#include "wb/unix_seqpacket.h"

#include "examples/console.h"
#include "examples/stale_path.h"

/* Connections taken for one event of an edge-triggered listener before others get their turn. */
enum { ACCEPTS_MAX = 32 };

/* A rest after running out of descriptors or memory: doubles as long as nothing is accepted. */
#define REST_FIRST_NS UINT64_C(10000000)
#define REST_LONGEST_NS UINT64_C(80000000)

static const struct wb_sys *sys_of(const struct wb__acceptor *acceptor) {
    return wb_event_loop_sys(acceptor->loop);
}

static bool is_unix(const struct wb__acceptor *acceptor) {
    return acceptor->options.listen.is_unix;
}

static struct wb_source *source_of(struct wb__acceptor *acceptor) {
    return is_unix(acceptor) ? wb_unix_listener_source(&acceptor->unix_listener)
                             : wb_tcp_listener_source(&acceptor->tcp_listener);
}

static enum wb_status watch(struct wb__acceptor *acceptor) {
    return wb_event_loop_register(acceptor->loop, source_of(acceptor), acceptor->options.token,
        WB_INTEREST_READABLE, acceptor->options.trigger);
}

/* Reports the listener again if connections are still waiting. */
static enum wb_status watch_again(struct wb__acceptor *acceptor) {
    return wb_event_loop_reregister(acceptor->loop, source_of(acceptor), acceptor->options.token,
        WB_INTEREST_READABLE, acceptor->options.trigger);
}

static void rest(struct wb__acceptor *acceptor) {
    enum wb_status status = wb_event_loop_timeout(
        acceptor->loop, acceptor->rest_ns, acceptor->options.timeout_value, &acceptor->retry);
    /* The room for one timer was made sure of at init. */
    assert(status == WB_OK);
    acceptor->is_resting = true;
    acceptor->rest_ns *= 2;
    if (acceptor->rest_ns > REST_LONGEST_NS) {
        acceptor->rest_ns = REST_LONGEST_NS;
    }
}

/* Nothing is watched during a rest: with a level trigger the waiting connection would wake the loop
 * at once and for ever. Registering afresh reports it in every mode; an edge alone would not come.
 */
static void stop_and_rest(struct wb__acceptor *acceptor, const char *what, enum wb_status reason) {
    if (acceptor->rest_ns == REST_FIRST_NS) {
        wb__print_failure(sys_of(acceptor), acceptor->options.program, what, reason);
    }
    enum wb_status status = wb_event_loop_deregister(acceptor->loop, source_of(acceptor));
    assert(status == WB_OK);
    rest(acceptor);
}

/* A timer set once and cleared leaves its memory behind, so that resting can never fail. */
static enum wb_status reserve_timer(struct wb__acceptor *acceptor) {
    struct wb_timeout timeout;
    enum wb_status status =
        wb_event_loop_timeout(acceptor->loop, 0, acceptor->options.timeout_value, &timeout);
    if (status == WB_OK) {
        bool cleared = wb_event_loop_clear_timeout(acceptor->loop, timeout);
        assert(cleared);
    }
    return status;
}

/* ---- where it listens ---- */

/* What accepts is the same for both types. */
static enum wb_status bind_seqpacket(struct wb__acceptor *acceptor) {
    const struct wb_sys *sys = sys_of(acceptor);
    struct wb_unix_seqpacket_listener listener;
    enum wb_status status = wb_unix_seqpacket_listener_bind(
        &listener, sys, &acceptor->options.listen.unix_addr, acceptor->options.backlog);
    if (status == WB_OK) {
        int fd = wb_unix_seqpacket_listener_into_fd(&listener);
        wb_unix_listener_from_fd(&acceptor->unix_listener, sys, fd);
    }
    return status;
}

static enum wb_status bind_unix_once(struct wb__acceptor *acceptor) {
    const struct wb__acceptor_options *options = &acceptor->options;
    return options->is_seqpacket ? bind_seqpacket(acceptor)
                                 : wb_unix_listener_bind(&acceptor->unix_listener, sys_of(acceptor),
                                     &options->listen.unix_addr, options->backlog);
}

static enum wb_status bind_unix(struct wb__acceptor *acceptor) {
    const struct wb__acceptor_options *options = &acceptor->options;
    enum wb_status status = bind_unix_once(acceptor);
    enum wb__unix_type type = options->is_seqpacket ? WB__UNIX_SEQPACKET : WB__UNIX_STREAM;
    bool is_free = status == WB_ERR_ADDR_IN_USE
                   && wb__stale_path_remove(sys_of(acceptor), &options->listen.unix_addr, type);
    return is_free ? bind_unix_once(acceptor) : status;
}

static enum wb_status begin_to_listen(struct wb__acceptor *acceptor) {
    const struct wb__acceptor_options *options = &acceptor->options;
    enum wb_status status = is_unix(acceptor)
                                ? bind_unix(acceptor)
                                : wb_tcp_listener_bind(&acceptor->tcp_listener, sys_of(acceptor),
                                    &options->listen.tcp, options->backlog);
    acceptor->is_bound = status == WB_OK;
    return status;
}

static void stop_listening(struct wb__acceptor *acceptor) {
    wb_tcp_listener_close(&acceptor->tcp_listener);
    wb_unix_listener_close(&acceptor->unix_listener);
    if (!acceptor->is_bound || !is_unix(acceptor)) {
        return;
    }
    enum wb_status status =
        wb_unix_addr_unlink(&acceptor->options.listen.unix_addr, sys_of(acceptor));
    if (status != WB_OK) {
        wb__print_failure(sys_of(acceptor), acceptor->options.program, "removing the path", status);
    }
}

/* ---- life ---- */

enum wb_status wb__acceptor_init(struct wb__acceptor *acceptor, struct wb_event_loop *loop,
    const struct wb__acceptor_options *options) {
    memset(acceptor, 0, sizeof *acceptor);
    acceptor->options = *options;
    acceptor->loop = loop;
    acceptor->rest_ns = REST_FIRST_NS;
    enum wb_status status = begin_to_listen(acceptor);
    if (status != WB_OK) {
        return status;
    }
    status = reserve_timer(acceptor);
    if (status == WB_OK) {
        status = watch(acceptor);
    }
    if (status != WB_OK) {
        wb__acceptor_clean_up(acceptor);
    }
    return status;
}

void wb__acceptor_clean_up(struct wb__acceptor *acceptor) {
    if (acceptor->is_resting) {
        (void)wb_event_loop_clear_timeout(acceptor->loop, acceptor->retry);
        acceptor->is_resting = false;
    }
    stop_listening(acceptor);
    acceptor->is_bound = false;
}

enum wb_status wb__acceptor_local_addr(
    const struct wb__acceptor *acceptor, struct wb__address *out_addr) {
    out_addr->is_unix = is_unix(acceptor);
    return is_unix(acceptor)
               ? wb_unix_listener_local_addr(&acceptor->unix_listener, &out_addr->unix_addr)
               : wb_tcp_listener_local_addr(&acceptor->tcp_listener, &out_addr->tcp);
}

/* ---- accepting ---- */

static enum wb_status accept_unix(struct wb__acceptor *acceptor, struct wb_tcp_stream *out_stream,
    struct wb_unix_addr *out_peer) {
    struct wb_unix_stream stream;
    enum wb_status status = wb_unix_listener_accept(&acceptor->unix_listener, &stream, out_peer);
    if (status == WB_OK) {
        wb_tcp_stream_from_fd(out_stream, sys_of(acceptor), wb_unix_stream_into_fd(&stream));
    }
    return status;
}

/* An echo that waits for more to come is late. Without the option it works all the same. */
static enum wb_status accept_tcp(
    struct wb__acceptor *acceptor, struct wb_tcp_stream *out_stream, struct wb_addr *out_peer) {
    enum wb_status status = wb_tcp_listener_accept(&acceptor->tcp_listener, out_stream, out_peer);
    if (status == WB_OK) {
        enum wb_status ignored = wb_tcp_stream_set_nodelay(out_stream, true);
        (void)ignored;
    }
    return status;
}

/* Takes one connection. Returns false when there is no point in trying again now. */
static bool accept_one(struct wb__acceptor *acceptor) {
    struct wb_tcp_stream stream;
    struct wb__address peer = {.is_unix = is_unix(acceptor)};
    enum wb_status status = peer.is_unix ? accept_unix(acceptor, &stream, &peer.unix_addr)
                                         : accept_tcp(acceptor, &stream, &peer.tcp);
    if (status == WB_OK) {
        acceptor->rest_ns = REST_FIRST_NS;
        acceptor->options.accepted(stream, &peer, acceptor->options.user_data);
        return true;
    }
    if (status == WB_WOULD_BLOCK) {
        return false;
    }
    if (status == WB_ERR_INTERRUPTED || wb_status_category(status) == WB_CATEGORY_NETWORK) {
        return true;
    }
    stop_and_rest(acceptor, "accept", status);
    return false;
}

void wb__acceptor_ready(struct wb__acceptor *acceptor) {
    if (acceptor->is_resting) {
        return;
    }
    enum wb_trigger trigger = acceptor->options.trigger;
    int accepts_max = trigger == WB_TRIGGER_EDGE ? ACCEPTS_MAX : 1;
    bool more = true;
    for (int i = 0; i < accepts_max && more; i++) {
        more = accept_one(acceptor);
    }
    if (acceptor->is_resting) {
        return;
    }
    if (wb_trigger_is_oneshot(trigger) || (trigger == WB_TRIGGER_EDGE && more)) {
        enum wb_status status = watch_again(acceptor);
        if (status != WB_OK) {
            stop_and_rest(acceptor, "watching the listener", status);
        }
    }
}

void wb__acceptor_timeout(struct wb__acceptor *acceptor) {
    if (!acceptor->is_resting) {
        return;
    }
    acceptor->is_resting = false;
    if (watch(acceptor) != WB_OK) {
        rest(acceptor);
    }
}
