/* The one socket that a peer has at a time: what TCP, UDP and Unix sockets do alike. */
#include "run/stage.h"

#include <errno.h>

int64_t wbh_actor_socket_recv(struct wbh_actor *actor, void *buf, size_t len) {
    return actor->endpoint != NULL ? sim_endpoint_recv(actor->endpoint, buf, len)
                                   : sim_unix_recv(actor->unix_socket, buf, len, NULL, NULL);
}

int64_t wbh_actor_socket_send(struct wbh_actor *actor, const void *data, size_t len) {
    return actor->endpoint != NULL ? sim_endpoint_send(actor->endpoint, data, len)
                                   : sim_unix_send(actor->unix_socket, NULL, 0, data, len);
}

uint32_t wbh_actor_socket_poll(struct wbh_actor *actor) {
    return actor->endpoint != NULL ? sim_endpoint_poll(actor->endpoint)
                                   : sim_unix_poll(actor->unix_socket);
}

int wbh_actor_socket_error(struct wbh_actor *actor) {
    return actor->endpoint != NULL ? sim_endpoint_error(actor->endpoint)
                                   : sim_unix_error(actor->unix_socket);
}

void wbh_actor_socket_shutdown(struct wbh_actor *actor) {
    if (actor->endpoint != NULL) {
        (void)sim_endpoint_shutdown(actor->endpoint, WB_SHUT_WR);
    } else if (actor->unix_socket != NULL) {
        (void)sim_unix_shutdown(actor->unix_socket, WB_SHUT_WR);
    }
}

void wbh_actor_socket_close(struct wbh_actor *actor) {
    if (actor->datagram != NULL) {
        sim_datagram_close(actor->datagram);
    } else if (actor->unix_socket != NULL) {
        sim_unix_close(actor->unix_socket);
    } else if (actor->endpoint != NULL) {
        sim_endpoint_close(actor->endpoint);
    }
    actor->datagram = NULL;
    actor->unix_socket = NULL;
    actor->endpoint = NULL;
    actor->waits_for_room = false;
}
