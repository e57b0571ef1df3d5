/* How connections come to be: the handshake, and accept. Everything that Linux finishes inside the
 * call on loopback is finished inside the call here; a non-blocking connect says EINPROGRESS all
 * the same, unless a fault lets it say that it is done. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { SYN_TRIES_MAX = 6 };
#define SYN_RETRY_NS UINT64_C(1000000000) /* doubles with each try */

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

static void complete_handshake(struct sim_endpoint *client, struct sim_endpoint *listener) {
    struct sim_kernel *kernel = client->kernel;
    struct sim_endpoint *server = endpoint_new(kernel, listener->so.domain, listener->process);
    inherit(server, listener);
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
    list_push_tail(&listener->pending, &server->in_pending);
    listener->pending_count++;
    emit_pending(listener, server);
    if (PLANTED(LISTENER_FIRST)) {
        endpoint_wake(listener, KEY_READ);
    }
    endpoint_wake(client, KEY_NONE);
    if (listener->read_hold.until_ns == 0) {
        endpoint_wake(listener, KEY_READ);
    }
    if (server->snd_shut) {
        endpoint_queue_fin(server);
    }
}

static void run_connect(void *user_data);

static void retry_later(struct sim_endpoint *client) {
    uint64_t delay_ns = SYN_RETRY_NS << client->connect_tries;
    client->connect_tries++;
    client->connect_action =
        sim_schedule(client->kernel, client->kernel->now_ns + delay_ns, run_connect, client);
}

static bool has_room(const struct sim_endpoint *listener) {
    return listener->pending_count <= (uint32_t)listener->backlog;
}

/* A SYN reaches its destination. */
static void syn_arrives(struct sim_endpoint *client) {
    if (client->connect_result != 0) {
        endpoint_become_reset(client, client->connect_result);
        return;
    }
    struct address to = address_plain(&client->remote);
    struct sim_endpoint *listener = find_listener(client->kernel, &to, client->local.port);
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

static void run_connect(void *user_data) {
    struct sim_endpoint *client = user_data;
    client->connect_action = 0;
    if (client->tcp == TCP_SYN_SENT && !client->dead) {
        syn_arrives(client);
    }
}

/* Whether the handshake, let alone, ends well before the call does. */
static bool would_stand_at_once(struct sim_endpoint *client) {
    struct address to = address_plain(&client->remote);
    struct sim_endpoint *listener = find_listener(client->kernel, &to, client->local.port);
    return listener != NULL && has_room(listener);
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
        point.subject = process_subject(kernel->current);
        point.ordinal = ++kernel->current->ordinal[WBH_POINT_CONNECT];
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
    if (delay_ns != 0) {
        client->connect_action =
            sim_schedule(client->kernel, client->kernel->now_ns + delay_ns, run_connect, client);
        return -EINPROGRESS;
    }
    syn_arrives(client);
    if (fault->action == WBH_ACTION_IMMEDIATE) {
        client->connecting = CONNECT_DONE;
        return 0;
    }
    return -EINPROGRESS;
}

/* The subject must be known before the handshake, since faults are keyed by it. */
static void name_early(struct sim_endpoint *client) {
    struct address to = address_plain(&client->remote);
    struct sim_endpoint *listener = find_listener(client->kernel, &to, client->local.port);
    if (client->of_program && listener != NULL) {
        name_client(client, listener);
    }
}

static int start_connect(struct sim_endpoint *client, const struct address *to) {
    client->remote = *to;
    address_any_to_loopback(&client->remote);
    if (!client->bound) {
        list_remove(&client->in_port);
        client->local.family = client->so.domain;
        client->local.port = port_next(client->kernel);
        client->bound = true;
        endpoint_hold_port(client);
    }
    if (address_is_any(&client->local)) {
        memcpy(client->local.ip, client->remote.ip, sizeof(client->local.ip));
    }
    client->tcp = TCP_SYN_SENT;
    client->error = 0; /* what shutdown() closed stays closed */
    client->connecting = CONNECT_STARTED;
    client->connect_tries = 0;
    client->connect_result = 0;
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
