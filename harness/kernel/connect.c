/* How connections come to be: the handshake, and accept. Everything that Linux finishes inside the
 * call on loopback is finished inside the call here; a non-blocking connect says EINPROGRESS all
 * the same, unless a fault lets it say that it is done. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { SYN_TRIES_MAX = 6 };
#define SYN_RETRY_NS UINT64_C(1000000000) /* doubles with each try */
/* So long a host asks for a neighbour that does not answer. */
#define NO_NEIGHBOUR_NS UINT64_C(3000000000)

/* ---- the handshake ---- */

static void establish(struct sim_endpoint *client, struct sim_endpoint *server) {
    client->peer = server;
    server->peer = client;
    client->tcp = TCP_ESTABLISHED;
    server->tcp = TCP_ESTABLISHED;
    client->was_connected = true;
    server->was_connected = true;
}

/* Connections of the program to itself count up, two numbers each; the world's listener names those
 * to it. */
static void name_client(struct sim_endpoint *client, struct sim_endpoint *listener) {
    struct sim_kernel *kernel = client->kernel;
    if (client->subject != WBH_SUBJECT_NONE) {
        return;
    }
    if (listener->of_program) {
        client->subject = WBH_SUBJECT_LOCAL | kernel->local_next;
        kernel->local_next += 2;
    } else if (kernel->config.on_incoming != NULL) {
        client->subject = kernel->config.on_incoming(kernel->config.user_data, listener);
    }
}

static void name_connection(
    struct sim_endpoint *client, struct sim_endpoint *server, struct sim_endpoint *listener) {
    name_client(client, listener);
    bool local = client->of_program && server->of_program;
    server->subject = local ? client->subject + 1 : client->subject;
}

static void emit_pending(struct sim_endpoint *listener, const struct sim_endpoint *server) {
    struct sim_kernel *kernel = listener->kernel;
    struct sim_event event = event_begin(kernel, SIM_EVENT_PENDING);
    event.process = endpoint_process(listener);
    event.subject = server->subject;
    if (listener->file != NULL) {
        event.file = listener->file->serial;
    }
    event_emit(kernel, &event);
}

static void inherit(struct sim_endpoint *server, const struct sim_endpoint *listener) {
    server->nodelay = listener->nodelay;
    server->cork = listener->cork;
    server->notsent_low_water = listener->notsent_low_water;
    server->so.keepalive = listener->so.keepalive;
    server->keep_idle = listener->keep_idle;
    server->keep_interval = listener->keep_interval;
    server->keep_count = listener->keep_count;
    server->user_timeout = listener->user_timeout;
    server->so.linger = listener->so.linger;
    server->so.oob_inline = listener->so.oob_inline;
    server->so.broadcast = listener->so.broadcast;
    server->so.reuse_addr = listener->so.reuse_addr;
    server->so.reuse_port = listener->so.reuse_port;
    server->ip = listener->ip;
    server->so.recv_low_water = listener->so.recv_low_water;
    server->so.send_buffer_size = listener->so.send_buffer_size;
    server->so.recv_buffer_size = listener->so.recv_buffer_size;
}

/* How far groups are from an accepted connection is what its first segment had left to go. */
static void inherit_hops(struct sim_endpoint *server, const struct sim_endpoint *client) {
    bool is_ipv4 = address_plain(&client->remote).family == WB_AF_INET;
    server->ip.multicast_hops = is_ipv4 ? client->ip.ttl : client->ip.hops;
    if (is_ipv4) {
        server->ip.multicast_ttl = client->ip.ttl;
    }
}

static void connect_later(
    struct sim_endpoint *client, uint64_t delay_ns, void (*then)(void *user_data)) {
    client->connect_action =
        sim_schedule(client->kernel, client->kernel->now_ns + delay_ns, then, client);
}

static void join_pending(struct sim_endpoint *server) {
    struct sim_endpoint *listener = server->listener;
    list_push_tail(&listener->pending, &server->in_pending);
    listener->pending_count++;
    emit_pending(listener, server);
}

static void announce_pending(struct sim_endpoint *listener) {
    if (listener->read_hold.until_ns == 0) {
        endpoint_wake(listener, KEY_READ);
    }
}

/* The client's acknowledgement has come over a link: only now can the connection be accepted. */
static void run_last_ack(void *user_data) {
    struct sim_endpoint *server = user_data;
    struct sim_endpoint *listener = server->listener;
    server->connect_action = 0;
    if (listener->tcp == TCP_LISTENING) {
        join_pending(server);
        announce_pending(listener);
    } else {
        server->listener = NULL;
        endpoint_drop_unaccepted(server);
    }
}

/* While the link is cut the server repeats what the client is to acknowledge, as a SYN is repeated;
 * then it forgets the connection. */
static void send_last_ack(void *user_data) {
    enum { ANSWER_TRIES_MAX = 5 };
    struct sim_endpoint *server = user_data;
    struct sim_endpoint *client = server->peer;
    server->connect_action = 0;
    if (!link_is_cut(server->kernel, client->at, server->at)) {
        connect_later(server, endpoint_travel_ns(client, server->at, 0), run_last_ack);
    } else if (server->connect_tries > ANSWER_TRIES_MAX) {
        server->listener = NULL;
        endpoint_drop_unaccepted(server);
    } else {
        connect_later(server, SYN_RETRY_NS << server->connect_tries++, send_last_ack);
    }
}

/* The client's first segment that comes through acknowledges the handshake, too. */
void endpoint_release_handshake(struct sim_endpoint *server) {
    if (server->listener != NULL && server->connect_action != 0 && server->connect_tries != 0) {
        sim_cancel(server->kernel, server->connect_action);
        send_last_ack(server);
    }
}

static void complete_handshake(struct sim_endpoint *client, struct sim_endpoint *listener) {
    struct sim_kernel *kernel = client->kernel;
    struct sim_endpoint *server = endpoint_new(kernel, listener->so.domain, listener->process);
    server->at = listener->at;
    inherit(server, listener);
    inherit_hops(server, client);
    struct address client_address = address_plain(&client->local);
    struct address server_address = address_plain(&client->remote);
    server->local = address_shown_to(&server_address, listener->so.domain);
    server->remote = address_shown_to(&client_address, listener->so.domain);
    server->bound = true;
    server->address_given = listener->address_given;
    server->rd_shut = listener->rd_shut; /* by a shutdown before listen */
    server->snd_shut = listener->snd_shut;
    endpoint_hold_port(server);
    name_connection(client, server, listener);
    establish(client, server);
    server->listener = listener;
    bool is_linked = links_any(kernel);
    if (is_linked) {
        send_last_ack(server);
    } else {
        join_pending(server);
    }
    if (PLANTED(LISTENER_FIRST) && !is_linked) {
        endpoint_wake(listener, KEY_READ);
    }
    endpoint_wake(client, KEY_NONE);
    if (!is_linked) {
        announce_pending(listener);
    }
    if (server->snd_shut) {
        endpoint_queue_fin(server);
    }
}

static void run_connect(void *user_data);

static void retry_later(struct sim_endpoint *client) {
    connect_later(client, SYN_RETRY_NS << client->connect_tries, run_connect);
    client->connect_tries++;
}

static bool has_room(const struct sim_endpoint *listener) {
    return listener->pending_count <= (uint32_t)listener->backlog;
}

static struct sim_endpoint *listener_of(const struct sim_endpoint *client) {
    struct address to = address_plain(&client->remote);
    return find_listener(client->kernel, client->remote_host, &to, client->local.port);
}

/* The answer to a SYN. */
static void syn_is_answered(struct sim_endpoint *client) {
    struct sim_endpoint *listener = listener_of(client);
    if (listener == NULL) {
        endpoint_become_reset(client, ECONNREFUSED);
        return;
    }
    if (!has_room(listener)) {
        if (client->connect_tries >= SYN_TRIES_MAX) {
            endpoint_become_reset(client, ETIMEDOUT);
        } else {
            retry_later(client);
        }
        return;
    }
    complete_handshake(client, listener);
}

static void run_answer(void *user_data) {
    struct sim_endpoint *client = user_data;
    client->connect_action = 0;
    if (client->tcp == TCP_SYN_SENT && !client->dead) {
        syn_is_answered(client);
    }
}

/* Over a link the answer comes a round trip later: whether anybody listens is looked up then. */
static void send_syn(struct sim_endpoint *client) {
    struct sim_kernel *kernel = client->kernel;
    if (!links_any(kernel)) {
        syn_is_answered(client);
        return;
    }
    const struct sim_endpoint *listener = listener_of(client);
    struct place to = listener != NULL ? listener->at : place_of_host(client->remote_host);
    if (!link_is_cut(kernel, client->at, to)) {
        uint64_t there_ns = endpoint_travel_ns(client, to, 0);
        connect_later(client, there_ns + endpoint_travel_ns(client, to, 0), run_answer);
    } else if (client->connect_tries > SYN_TRIES_MAX) {
        endpoint_become_reset(client, ETIMEDOUT);
    } else {
        retry_later(client);
    }
}

static void run_connect(void *user_data) {
    struct sim_endpoint *client = user_data;
    client->connect_action = 0;
    if (client->tcp != TCP_SYN_SENT || client->dead) {
        return;
    }
    if (client->connect_result != 0) {
        endpoint_become_reset(client, client->connect_result);
    } else {
        send_syn(client);
    }
}

/* Whether the handshake, let alone, ends well before the call does. */
static bool would_stand_at_once(struct sim_endpoint *client) {
    const struct sim_endpoint *listener = listener_of(client);
    return listener != NULL && has_room(listener) && !links_any(client->kernel)
           && client->connect_result == 0;
}

/* What a fault makes of a handshake. */
static struct wbh_choice connect_fault(struct sim_endpoint *client) {
    struct sim_kernel *kernel = client->kernel;
    if (!choice_possible(kernel)) {
        return (struct wbh_choice){.action = WBH_ACTION_PASS};
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_CONNECT,
        .subject = client->subject,
        .ordinal = 1,
        .kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY),
    };
    if (client->subject == WBH_SUBJECT_NONE) {
        point.ordinal = ++kernel->processes[0]->ordinal[WBH_POINT_CONNECT];
    }
    if (client->of_program) {
        point.failing = WBH_ACTION_BIT(WBH_ACTION_ERROR);
        if (client->file->nonblocking && would_stand_at_once(client)) {
            point.contract = WBH_ACTION_BIT(WBH_ACTION_IMMEDIATE);
        }
    }
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action != WBH_ACTION_PASS) {
        choice_consumed(kernel, point.point, choice.action);
    }
    return choice;
}

/* Sends the SYN; returns what connect() says. An error comes as the answer to the SYN. */
static int begin_handshake(struct sim_endpoint *client, const struct wbh_choice *fault) {
    uint64_t delay_ns = 0;
    if (fault->action == WBH_ACTION_ERROR) {
        client->connect_result = (int)fault->value;
        delay_ns = HOLD_NS;
    } else if (fault->action == WBH_ACTION_DELAY) {
        delay_ns = fault->value;
    }
    if (delay_ns == 0 && client->connect_result != 0) {
        delay_ns = NO_NEIGHBOUR_NS;
    }
    if (delay_ns != 0) {
        connect_later(client, delay_ns, run_connect);
        return -EINPROGRESS;
    }
    send_syn(client);
    if (fault->action == WBH_ACTION_IMMEDIATE) {
        client->connecting = CONNECT_DONE;
        return 0;
    }
    return -EINPROGRESS;
}

/* The subject must be known before the handshake, since faults are keyed by it. */
static void name_early(struct sim_endpoint *client) {
    struct sim_endpoint *listener = listener_of(client);
    if (client->of_program && listener != NULL) {
        name_client(client, listener);
    }
}

/* Which host that is, and as whom this one goes there. -ENETUNREACH. */
static int find_way(
    struct sim_endpoint *client, const struct address *remote, struct address *out_source) {
    struct sim_kernel *kernel = client->kernel;
    int host = kernel->host_count == 1 ? 0 : host_of(kernel, client->at.host, remote);
    client->connect_result = host < 0 ? EHOSTUNREACH : 0;
    client->remote_host = host < 0 ? client->at.host : (uint32_t)host;
    *out_source = client->local;
    out_source->family = client->so.domain;
    return address_is_any(&client->local)
               ? host_choose_source(kernel, client->at.host, remote, out_source)
               : 0;
}

static int start_connect(struct sim_endpoint *client, const struct address *to) {
    struct address remote = *to;
    address_any_to_loopback(&remote);
    struct address source;
    int error = find_way(client, &remote, &source);
    if (error != 0) {
        return error;
    }
    client->remote = remote;
    if (!client->bound) {
        list_remove(&client->in_port);
        client->local.family = client->so.domain;
        client->local.port = port_next(client->kernel);
        client->bound = true;
        endpoint_hold_port(client);
    }
    memcpy(client->local.ip, source.ip, sizeof(client->local.ip));
    client->tcp = TCP_SYN_SENT;
    client->error = 0; /* what shutdown() closed stays closed */
    client->connecting = CONNECT_STARTED;
    client->connect_tries = 0;
    name_early(client);
    struct wbh_choice fault = connect_fault(client);
    return begin_handshake(client, &fault);
}

int endpoint_connect(struct sim_endpoint *client, const struct wb_sockaddr *addr, uint32_t len) {
    if (len < sizeof(addr->family)) {
        return -EINVAL;
    }
    if (addr->family == WB_AF_UNSPEC) {
        endpoint_disconnect(client);
        client->connecting = CONNECT_NONE;
        return 0;
    }
    if (client->connecting == CONNECT_DONE) {
        return -EISCONN;
    }
    if (client->connecting == CONNECT_GIVEN_UP) {
        return -EINVAL;
    }
    bool is_taken = client->tcp == TCP_LISTENING || client->tcp == TCP_ESTABLISHED;
    if (client->connecting == CONNECT_NONE && is_taken) {
        return -EISCONN;
    }
    if (client->connecting == CONNECT_NONE) {
        struct address to;
        int result = address_load(addr, len, &to);
        if (result != 0) {
            return result;
        }
        if (to.family != client->so.domain) {
            /* A short address is first of all short. */
            uint32_t min = client->so.domain == WB_AF_INET6 ? (uint32_t)ADDRESS_IN6_LEN_MIN
                                                            : sizeof(struct wb_sockaddr_in);
            return len < min ? -EINVAL : -EAFNOSUPPORT;
        }
        bool is_mapped = address_plain(&to).family != to.family;
        return is_mapped && client->ip.v6only ? -ENETUNREACH : start_connect(client, &to);
    }
    if (client->tcp == TCP_SYN_SENT) {
        return -EALREADY;
    }
    if (client->tcp == TCP_CLOSED && !(client->fin_sent && client->fin_received)) {
        int error = endpoint_take_error(client);
        endpoint_disconnect(client);
        client->connecting = CONNECT_NONE;
        return error != 0 ? -error : -ECONNABORTED;
    }
    client->connecting = CONNECT_DONE;
    return 0;
}

/* ---- accepting ---- */

struct sim_endpoint *endpoint_accept(struct sim_endpoint *listener) {
    if (listener->pending_count == 0) {
        return NULL;
    }
    struct sim_endpoint *server =
        LIST_ENTRY(listener->pending.next, struct sim_endpoint, in_pending);
    list_remove(&server->in_pending);
    listener->pending_count--;
    if (PLANTED(ACCEPT_SKIPS_RESET) && server->error != 0 && listener->pending_count != 0) {
        return endpoint_accept(listener);
    }
    server->listener = NULL;
    server->connecting = CONNECT_DONE;
    return server;
}

void endpoint_drop_unaccepted(struct sim_endpoint *server) {
    server->dead = true;
    endpoint_send_reset(server);
}

void listener_reset_pending(struct sim_endpoint *listener) {
    for (;;) {
        struct sim_endpoint *server = endpoint_accept(listener);
        if (server == NULL) {
            break;
        }
        endpoint_drop_unaccepted(server);
    }
    endpoint_release_reads(listener);
}
