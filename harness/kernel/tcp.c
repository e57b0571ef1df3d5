/* The state machine of a TCP socket: what it shows to poll, what FIN, RST, shutdown and close make
 * of it, and whom they wake with which key. Bytes are in stream.c, the handshake in connect.c. */
#include "kernel/internal.h"

#include <assert.h>
#include <errno.h>

enum { DEFAULT_KEEP_IDLE = 7200, DEFAULT_KEEP_INTERVAL = 75, DEFAULT_KEEP_COUNT = 9 };

struct sim_endpoint *endpoint_new(
    struct sim_kernel *kernel, int domain, struct sim_process *process) {
    struct sim_endpoint *endpoint = kernel_alloc(kernel, sizeof(*endpoint));
    endpoint->kernel = kernel;
    options_init(kernel, &endpoint->so, domain, WB_SOCK_STREAM);
    endpoint->so.protocol = WB_IPPROTO_TCP;
    options_limit(&endpoint->so, process);
    ip_options_init(&endpoint->ip);
    endpoint->process = process;
    endpoint->of_program = process != NULL;
    endpoint->at = place_of_host(process != NULL ? process->host : 0);
    endpoint->tcp = TCP_CLOSED;
    endpoint->keep_idle = DEFAULT_KEEP_IDLE;
    endpoint->keep_interval = DEFAULT_KEEP_INTERVAL;
    endpoint->keep_count = DEFAULT_KEEP_COUNT;
    endpoint->local.family = (uint16_t)domain;
    list_push_tail(&kernel->endpoints, &endpoint->in_kernel);
    list_init(&endpoint->pending);
    list_init(&endpoint->in_pending);
    list_init(&endpoint->in_port);
    list_init(&endpoint->in_listening);
    return endpoint;
}

static bool reads_held(const struct sim_endpoint *endpoint) {
    return endpoint->read_hold.until_ns != 0;
}

static bool endpoint_rd_shut(const struct sim_endpoint *endpoint) {
    return endpoint->rd_shut || (endpoint->fin_received && !reads_held(endpoint));
}

static uint32_t poll_listener(const struct sim_endpoint *endpoint) {
    return endpoint->pending_count != 0 && !reads_held(endpoint) ? WB_EPOLLIN | WB_EPOLLRDNORM : 0;
}

uint32_t endpoint_poll(struct sim_endpoint *endpoint) {
    if (endpoint->tcp == TCP_LISTENING) {
        return poll_listener(endpoint);
    }
    uint32_t state = 0;
    bool rd_shut = endpoint_rd_shut(endpoint);
    bool both = rd_shut && endpoint->snd_shut && !PLANTED(HUP_OF_BOTH_FINS);
    /* While a fault holds back the end that closed it, it stands yet. */
    bool closed = endpoint->tcp == TCP_CLOSED && !reads_held(endpoint) && !PLANTED(HUP_OF_BOTH_FINS)
                  && !(PLANTED(HUP_OF_FRESH) && !endpoint->was_connected);
    if (both || closed) {
        state |= WB_EPOLLHUP;
    }
    if (rd_shut) {
        state |= WB_EPOLLIN | WB_EPOLLRDNORM | WB_EPOLLRDHUP;
        if (PLANTED(RDHUP_OF_SHUTDOWN) && !endpoint->fin_received) {
            state &= ~WB_EPOLLRDHUP;
        }
    }
    if (endpoint->tcp != TCP_SYN_SENT) {
        uint64_t readable = endpoint_readable(endpoint);
        uint64_t target = endpoint->so.recv_low_water + (endpoint_at_hole(endpoint) ? 1u : 0u);
        if (readable != 0 && (readable >= target || PLANTED(LOW_WATER_IGNORED))) {
            state |= WB_EPOLLIN | WB_EPOLLRDNORM;
        }
        if (endpoint_shows_urgent(endpoint)) {
            state |= WB_EPOLLPRI;
        }
        if (endpoint->snd_shut || endpoint_writable(endpoint)) {
            state |= WB_EPOLLOUT | WB_EPOLLWRNORM;
        } else {
            endpoint->nospace = true;
        }
    }
    if (endpoint->error != 0) {
        state |= WB_EPOLLERR;
    }
    return state;
}

uint32_t endpoint_peek(struct sim_endpoint *endpoint) {
    bool nospace = endpoint->nospace;
    uint32_t state = endpoint_poll(endpoint);
    endpoint->nospace = nospace;
    return state;
}

static void run_change(void *user_data) {
    struct sim_endpoint *endpoint = user_data;
    endpoint->change_scheduled = false;
    if (endpoint->on_change != NULL) {
        endpoint->on_change(endpoint->user_data, endpoint);
    }
}

void endpoint_wake(struct sim_endpoint *endpoint, uint32_t key) {
    if (endpoint->file != NULL) {
        file_wake(endpoint->kernel, endpoint->file, key);
    } else if (endpoint->on_change != NULL && !endpoint->change_scheduled) {
        endpoint->change_scheduled = true;
        sim_schedule(endpoint->kernel, endpoint->kernel->now_ns, run_change, endpoint);
    }
}

int endpoint_take_error(struct sim_endpoint *endpoint) {
    int error = endpoint->error;
    endpoint->error = PLANTED(ERROR_STAYS) ? error : 0;
    return error;
}

/* Becomes CLOSED with an error: nothing is under way from here any more; what has arrived stays
 * readable. */
void endpoint_become_reset(struct sim_endpoint *endpoint, int error) {
    endpoint_release_reads(endpoint);
    endpoint->tcp = TCP_CLOSED;
    endpoint->rd_shut = true;
    endpoint->snd_shut = true;
    endpoint->fin_queued = false;
    endpoint->error = error;
    endpoint_release_port(endpoint);
    endpoint_wake(endpoint, KEY_NONE);
    endpoint_wake(endpoint, KEY_ERROR);
}

void endpoint_reset_by_peer(struct sim_endpoint *endpoint) {
    if (endpoint->tcp == TCP_CLOSED || endpoint->dead) {
        endpoint->tcp = TCP_CLOSED;
        return;
    }
    int error = ECONNRESET;
    if (endpoint->tcp == TCP_SYN_SENT) {
        error = ECONNREFUSED;
    } else if (endpoint->fin_received && !endpoint->fin_sent && !PLANTED(RST_IS_ALWAYS_RESET)) {
        error = EPIPE; /* CLOSE_WAIT */
    }
    endpoint_ground_flights(endpoint);
    endpoint_become_reset(endpoint, error);
}

/* Sends RST behind what is under way and is done with the connection. */
void endpoint_send_reset(struct sim_endpoint *endpoint) {
    if (endpoint->tcp == TCP_ESTABLISHED) {
        endpoint_launch_reset(endpoint);
    }
    endpoint->tcp = TCP_CLOSED;
    endpoint->fin_queued = false;
}

static bool both_fins(const struct sim_endpoint *endpoint) {
    return endpoint->fin_sent && endpoint->fin_received;
}

/* Both FINs have arrived. The port stays taken for the time of TIME_WAIT, but the socket has lost
 * it. */
void endpoint_end(struct sim_endpoint *endpoint) {
    endpoint->tcp = TCP_CLOSED;
    endpoint->ended_ns = endpoint->kernel->now_ns;
    endpoint->bound = endpoint->port_given;
}

void endpoint_fin_arrived(struct sim_endpoint *endpoint) {
    endpoint->fin_received = true;
    if (both_fins(endpoint)) {
        endpoint_end(endpoint);
    }
    if (!endpoint->dead && !reads_held(endpoint)) {
        endpoint_wake(endpoint, KEY_NONE);
    }
}

void endpoint_queue_fin(struct sim_endpoint *endpoint) {
    if (endpoint->fin_queued || endpoint->fin_sent || endpoint->tcp != TCP_ESTABLISHED) {
        return;
    }
    endpoint->fin_queued = true;
    endpoint_transmit(endpoint);
}

/* The socket layer takes a shutdown for the end of a connect that is still open: of one that
 * succeeded, or of one that failed, after which only connect(AF_UNSPEC) helps. */
static void shutdown_ends_connect(struct sim_endpoint *endpoint) {
    if (endpoint->connecting != CONNECT_STARTED) {
        return;
    }
    switch ((enum tcp_state)endpoint->tcp) {
    case TCP_ESTABLISHED:
        endpoint->connecting = CONNECT_DONE;
        break;
    case TCP_CLOSED:
        endpoint->connecting = CONNECT_GIVEN_UP;
        break;
    case TCP_SYN_SENT: /* is disconnected: as if there had been none */
    case TCP_LISTENING:
        endpoint->connecting = CONNECT_NONE;
        break;
    }
}

/* As inet_shutdown does: the flags change and watchers wake even where ENOTCONN is returned. */
int endpoint_shutdown(struct sim_endpoint *endpoint, int how) {
    if (how < WB_SHUT_RD || how > WB_SHUT_RDWR) {
        return -EINVAL;
    }
    bool reading = how != WB_SHUT_WR;
    bool writing = how != WB_SHUT_RD;
    int result = 0;
    shutdown_ends_connect(endpoint);
    if (endpoint->tcp == TCP_LISTENING) {
        if (reading) {
            endpoint_disconnect(endpoint);
        }
    } else if (endpoint->tcp == TCP_SYN_SENT) {
        endpoint_disconnect(endpoint);
    } else {
        if (endpoint->tcp == TCP_CLOSED) {
            result = -ENOTCONN;
        }
        endpoint->rd_shut = endpoint->rd_shut || reading;
        endpoint->snd_shut = endpoint->snd_shut || writing;
        if (writing) {
            endpoint_queue_fin(endpoint);
        }
    }
    if (!PLANTED(SHUTDOWN_SILENT)) {
        endpoint_wake(endpoint, KEY_NONE);
    }
    return result;
}

/* connect(AF_UNSPEC) and shutdown of what is not yet connected: back to a fresh socket, with the
 * error a watcher sees. */
void endpoint_disconnect(struct sim_endpoint *endpoint) {
    struct sim_kernel *kernel = endpoint->kernel;
    bool was_closed = endpoint->tcp == TCP_CLOSED;
    if (endpoint->tcp == TCP_LISTENING) {
        listener_reset_pending(endpoint);
    } else if (endpoint->tcp == TCP_ESTABLISHED) {
        endpoint_launch_reset(endpoint);
        endpoint->error = ECONNRESET;
    } else if (endpoint->tcp == TCP_SYN_SENT) {
        endpoint->error = ECONNRESET;
    }
    sim_cancel(kernel, endpoint->connect_action);
    endpoint->connect_action = 0;
    endpoint_release_reads(endpoint);
    endpoint_stop_listening(endpoint);
    endpoint->tcp = TCP_CLOSED;
    endpoint->rd_shut = false;
    endpoint->snd_shut = false;
    endpoint->fin_queued = false;
    endpoint->fin_sent = false;
    endpoint->fin_received = false;
    endpoint->fin_read = false;
    endpoint->closed_first = false;
    endpoint->ended_ns = 0;
    if (endpoint->peer != NULL) {
        /* The old connection's other end keeps what it was sent; this end begins anew. */
        struct sim_endpoint *ghost = endpoint_new(kernel, endpoint->so.domain, endpoint->process);
        ghost->at = endpoint->at;
        ghost->dead = true;
        ghost->accepted = true;
        ghost->subject = endpoint->subject;
        ghost->out = endpoint->out;
        ghost->flights_head = endpoint->flights_head;
        ghost->flights_tail = endpoint->flights_tail;
        ghost->peer = endpoint->peer;
        ghost->peer->peer = ghost;
        ghost->tcp = TCP_CLOSED;
        sim_cancel(kernel, endpoint->flight_action);
        endpoint->peer = NULL;
        endpoint->out = (struct stream){0};
        endpoint->urgent_out = (struct urgent){0};
        endpoint->mark = (struct urgent){0};
        endpoint->flights_head = NULL;
        endpoint->flights_tail = NULL;
        endpoint->flight_action = 0;
        endpoint_resume_flights(ghost); /* the RST, if it takes its time */
    }
    if (!was_closed) {
        endpoint_release_port(endpoint);
    }
    endpoint_forget_address(endpoint);
    if (endpoint->of_program) {
        endpoint->subject = WBH_SUBJECT_NONE;
    }
    endpoint_wake(endpoint, KEY_ERROR);
}

/* The owner gives up its last reference. Unread bytes, or linger 0: RST; otherwise FIN after what
 * is unsent. */
void endpoint_close(struct sim_endpoint *endpoint) {
    assert(!endpoint->dead);
    endpoint->dead = true;
    endpoint->on_change = NULL;
    sim_cancel(endpoint->kernel, endpoint->connect_action);
    sim_cancel(endpoint->kernel, endpoint->write_hold.action);
    endpoint->write_hold = (struct hold){0};
    endpoint_stop_listening(endpoint);
    if (endpoint->tcp == TCP_LISTENING) {
        listener_reset_pending(endpoint);
        endpoint->tcp = TCP_CLOSED;
        return;
    }
    bool unread = endpoint->peer != NULL && endpoint->peer->out.arrived != 0;
    bool abort_now = endpoint->so.linger.onoff != 0 && endpoint->so.linger.seconds == 0;
    sim_cancel(endpoint->kernel, endpoint->read_hold.action);
    endpoint->read_hold = (struct hold){0};
    if (endpoint->tcp == TCP_SYN_SENT) {
        endpoint->tcp = TCP_CLOSED;
        return;
    }
    if (unread) {
        stream_drop(endpoint->kernel, &endpoint->peer->out, endpoint->peer->out.arrived);
        endpoint->peer->out.arrived = 0;
    }
    if (endpoint->tcp != TCP_ESTABLISHED) {
        return;
    }
    if ((unread && !PLANTED(UNREAD_CLOSE_ENDS)) || abort_now) {
        endpoint_send_reset(endpoint);
    } else {
        endpoint_queue_fin(endpoint);
    }
}
