/* See peer.h. */
#include "peer.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMEOUT_S = 10, SMALL_BUFFER = 4096, PIECE_LEN = 65536 };

static int connect_with(uint16_t port, int receive_buffer) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), 0);
    int on = 1;
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    if (receive_buffer > 0) {
        assert_int_equal(
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer), 0);
    }
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

int peer_connect(uint16_t port) {
    return connect_with(port, 0);
}

int peer_connect_small(uint16_t port) {
    return connect_with(port, SMALL_BUFFER);
}

int peer_connect_unix(const char *name) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout), 0);
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    assert_in_range(len, 1, sizeof addr.sun_path - 1);
    memcpy(addr.sun_path, name, len);
    if (name[0] == '@') {
        addr.sun_path[0] = '\0';
    }
    socklen_t addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, addr_len), 0);
    return fd;
}

void peer_send(int fd, const void *data, size_t len) {
    const char *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        assert_true(n > 0);
        at += n;
        len -= (size_t)n;
    }
}

void peer_say(int fd, const char *text) {
    peer_send(fd, text, strlen(text));
}

void peer_expect(int fd, const void *data, size_t len) {
    static char piece[PIECE_LEN];
    const char *at = data;
    while (len > 0) {
        ssize_t n = recv(fd, piece, len < sizeof piece ? len : sizeof piece, 0);
        assert_true(n > 0);
        assert_memory_equal(piece, at, (size_t)n);
        at += n;
        len -= (size_t)n;
    }
}

void peer_hear(int fd, const char *text) {
    peer_expect(fd, text, strlen(text));
}

void peer_read(int fd, char *out_data, size_t len) {
    while (len > 0) {
        ssize_t n = recv(fd, out_data, len, 0);
        assert_true(n > 0);
        out_data += n;
        len -= (size_t)n;
    }
}

void peer_expect_nothing(int fd) {
    char byte;
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    assert_true(errno == EAGAIN);
}

void peer_expect_end(int fd) {
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    peer_close(fd);
}

size_t peer_drain(int fd) {
    static char piece[PIECE_LEN];
    size_t len = 0;
    for (;;) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n <= 0) {
            assert_true(n == 0 || errno == ECONNRESET);
            peer_close(fd);
            return len;
        }
        len += (size_t)n;
    }
}

void peer_half_close(int fd) {
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
}

void peer_close(int fd) {
    assert_int_equal(close(fd), 0);
}

void peer_reset(int fd) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    peer_close(fd);
}

int peer_open_udp(uint16_t port) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

void peer_send_datagram(int fd, const void *data, size_t len) {
    assert_int_equal(send(fd, data, len, 0), len);
}

void peer_expect_datagram(int fd, const void *data, size_t len) {
    static char buf[PEER_DATAGRAM_LEN_MAX + 1];
    assert_int_equal(recv(fd, buf, sizeof buf, 0), len);
    assert_memory_equal(buf, data, len);
}
