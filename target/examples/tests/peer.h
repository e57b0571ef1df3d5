/* A plain blocking client socket of a test. Every call fails the test instead of returning an
 * error, and none waits longer than ten seconds. */
#ifndef WB_EXAMPLES_TESTS_PEER_H
#define WB_EXAMPLES_TESTS_PEER_H

#include <stddef.h>
#include <stdint.h>

/* Returns the descriptor. */
int peer_connect(uint16_t port);
/* As above, with a small receive buffer, so that it can be filled. */
int peer_connect_small(uint16_t port);

/* To a Unix stream socket: a path, or @ and an abstract name. */
int peer_connect_unix(const char *name);

void peer_send(int fd, const void *data, size_t len);
void peer_say(int fd, const char *text);

/* Exactly these bytes come next. */
void peer_expect(int fd, const void *data, size_t len);
void peer_hear(int fd, const char *text);

/* So many bytes come, whatever they are. */
void peer_read(int fd, char *out_data, size_t len);

/* Nothing has come up to now. */
void peer_expect_nothing(int fd);

/* The end comes next, and no byte before it; closes. */
void peer_expect_end(int fd);

/* The end or a reset comes, after whatever bytes; closes. Returns how many bytes. */
size_t peer_drain(int fd);

void peer_half_close(int fd);
void peer_close(int fd);
/* UDP: a socket that is connected to the server, so that it hears nobody else. Each call is one
 * datagram. */
enum { PEER_DATAGRAM_LEN_MAX = 65507 };
int peer_open_udp(uint16_t port);
void peer_send_datagram(int fd, const void *data, size_t len);
void peer_expect_datagram(int fd, const void *data, size_t len);

/* Closes with a RST. */
void peer_reset(int fd);

#endif
