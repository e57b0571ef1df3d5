/* The load of a server of HTTP/1.1. */
#define _GNU_SOURCE
#include "load_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { EVENTS_MAX = 256, RECEIVED_MAX = 8192, CONNECT_TRIES = 2000, WAIT_MS = 10000 };

#define PLAIN_REQUEST "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
#define LAST_REQUEST "GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
#define LONG_REQUEST                                                                               \
    "GET /hello HTTP/1.1\r\n"                                                                      \
    "Host: 127.0.0.1\r\n"                                                                          \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0\r\n"       \
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;"     \
    "q=0.8\r\n"                                                                                    \
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"                                                 \
    "Accept-Encoding: gzip, deflate, br\r\n"                                                       \
    "Referer: http://127.0.0.1/an/earlier/page?with=a&query=string\r\n"                            \
    "Upgrade-Insecure-Requests: 1\r\n"                                                             \
    "Sec-Fetch-Dest: document\r\n"                                                                 \
    "Sec-Fetch-Mode: navigate\r\n"                                                                 \
    "Sec-Fetch-Site: same-origin\r\n"                                                              \
    "Cookie: session=4f1f7a3b6c0d4e5f8a9b0c1d2e3f4a5b; theme=light; consent=necessary; "           \
    "visited=2026-11-29T08%3A15%3A30Z; basket=17%2C23%2C42; ab=variant-b-of-the-front; "           \
    "last=%2Fan%2Fearlier%2Fpage; flags=00000011110000111100000; x=y\r\n"                          \
    "\r\n"
_Static_assert(sizeof LONG_REQUEST - 1 == 700, "as long as is said");

struct load_http_connection {
    int fd;
    int awaited; /* responses */
    uint32_t len;
    bool is_last; /* the server ends it: it has said so, or was asked to */
    char received[RECEIVED_MAX];
};

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "load_http: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static _Noreturn void refuse(const char *what, const struct load_http_connection *connection) {
    (void)fprintf(stderr, "load_http: %s; received: %.*s\n", what, (int)connection->len,
        connection->received);
    exit(EXIT_FAILURE);
}

/* ---- connections ---- */

static void set_option(int fd, int level, int name, const void *value, socklen_t len) {
    if (setsockopt(fd, level, name, value, len) != 0) {
        fail("setsockopt");
    }
}

static int connect_to(uint16_t port) {
    const struct sockaddr_in addr = {.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const struct timespec moment = {.tv_nsec = 5000000};
    const struct linger resets = {.l_onoff = 1};
    const int on = 1;
    for (int i = 0; i < CONNECT_TRIES; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof addr) == 0) {
            set_option(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            set_option(fd, SOL_SOCKET, SO_LINGER, &resets, sizeof resets);
            return fd;
        }
        if (fd < 0 || errno != ECONNREFUSED) {
            fail("connect");
        }
        (void)close(fd);
        (void)nanosleep(&moment, NULL);
    }
    fail("nobody listens");
}

static void make_connection(struct load_http *load, struct load_http_connection *connection) {
    connection->fd = connect_to(load->port);
    connection->len = 0;
    connection->is_last = false;
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = connection}};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) {
        fail("epoll_ctl");
    }
}

static void make_batch(struct load_http *load) {
    const struct load_http_manner *manner = &load->manner;
    const char *one = manner->is_single ? LAST_REQUEST
                      : manner->is_long ? LONG_REQUEST
                                        : PLAIN_REQUEST;
    const size_t len = strlen(one);
    load->batch_len = (size_t)manner->depth * len;
    load->batch = malloc(load->batch_len);
    if (load->batch == NULL) {
        fail("memory");
    }
    for (int i = 0; i < manner->depth; i++) {
        memcpy(load->batch + (size_t)i * len, one, len);
    }
}

void load_http_open(struct load_http *load, uint16_t port, const struct load_http_manner *manner) {
    *load = (struct load_http){.manner = *manner, .port = port};
    load->connections = calloc((size_t)manner->connections, sizeof *load->connections);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    make_batch(load);
    if (load->connections == NULL || load->epoll < 0) {
        fail("memory");
    }
    for (int i = 0; i < manner->connections; i++) {
        make_connection(load, &load->connections[i]);
    }
}

void load_http_close(struct load_http *load) {
    for (int i = 0; i < load->manner.connections; i++) {
        if (load->connections[i].fd >= 0) {
            (void)close(load->connections[i].fd);
        }
    }
    (void)close(load->epoll);
    free(load->connections);
    free(load->batch);
}

/* ---- requests ---- */

static void send_batch(struct load_http *load, struct load_http_connection *connection) {
    if (connection->fd < 0) {
        make_connection(load, connection);
    }
    if (send(connection->fd, load->batch, load->batch_len, MSG_NOSIGNAL)
        != (ssize_t)load->batch_len) {
        fail("send");
    }
    connection->awaited = load->manner.depth;
    load->sent += (uint64_t)load->manner.depth;
}

/* ---- responses ---- */

/* The value of a field of the head, up to the end of its line; NULL if there is none. */
static const char *field_of(const char *head, const char *end, const char *name) {
    const size_t name_len = strlen(name);
    for (const char *line = head; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        if (feed == NULL) {
            return NULL;
        }
        line = feed + 1;
        if ((size_t)(end - line) > name_len && strncasecmp(line, name, name_len) == 0
            && line[name_len] == ':') {
            return line + name_len + 1;
        }
    }
    return NULL;
}

static bool is_close(const char *value) {
    while (value != NULL && *value == ' ') {
        value++;
    }
    return value != NULL && strncasecmp(value, "close", 5) == 0;
}

/* The length of the response that `received` begins with, 0 while it is not whole. */
static uint32_t check_response(struct load_http_connection *connection, uint32_t at) {
    static const char status[] = "HTTP/1.1 200 ";
    const char *head = connection->received + at;
    const uint32_t len = connection->len - at;
    const char *blank = memmem(head, len, "\r\n\r\n", 4);
    if (blank == NULL) {
        return 0;
    }
    const char *content = blank + 4;
    const char *length = field_of(head, blank + 2, "Content-Length");
    if (memcmp(head, status, sizeof status - 1) != 0 || length == NULL) {
        refuse("no response of the kind", connection);
    }
    const unsigned long content_len = strtoul(length, NULL, 10);
    if (content_len != sizeof LOAD_HTTP_WORDS - 1) {
        refuse("other words", connection);
    }
    if (len < (uint32_t)(content - head) + content_len) {
        return 0;
    }
    if (memcmp(content, LOAD_HTTP_WORDS, content_len) != 0) {
        refuse("other words", connection);
    }
    connection->is_last |= is_close(field_of(head, blank + 2, "Connection"));
    return (uint32_t)(content - head) + (uint32_t)content_len;
}

/* False: the server has ended the connection. */
static bool receive(struct load_http_connection *connection) {
    /* One byte stays free: what is looked for in the text must find an end. */
    const size_t room = RECEIVED_MAX - 1 - connection->len;
    ssize_t n =
        room == 0 ? -1 : recv(connection->fd, connection->received + connection->len, room, 0);
    if (n < 0) {
        fail("recv");
    }
    connection->len += (uint32_t)n;
    connection->received[connection->len] = '\0';
    return n > 0;
}

static void take_responses(struct load_http *load, struct load_http_connection *connection) {
    uint32_t at = 0;
    uint32_t len;
    while ((len = check_response(connection, at)) != 0) {
        at += len;
        if (connection->awaited-- == 0) {
            refuse("more responses than requests", connection);
        }
        load->answered++;
    }
    connection->len -= at;
    memmove(connection->received, connection->received + at, connection->len);
}

/* What is ready on a connection. True: another batch may be sent on it. */
static bool serve(struct load_http *load, struct load_http_connection *connection) {
    const bool was_last = connection->is_last;
    const bool is_open = receive(connection);
    take_responses(load, connection);
    /* Not every server says again what it was asked for. */
    connection->is_last |= load->manner.is_single && connection->awaited == 0;
    load->ending += connection->is_last && !was_last;
    if (is_open) {
        return connection->awaited == 0 && !connection->is_last;
    }
    if (connection->awaited > 0 || connection->len > 0) {
        refuse("the connection ended before its response", connection);
    }
    load->ending -= connection->is_last;
    (void)close(connection->fd);
    connection->fd = -1; /* another one is made when there is something to send */
    return true;
}

uint64_t load_http_run(struct load_http *load, uint64_t until_ns, uint64_t requests_max) {
    struct epoll_event events[EVENTS_MAX];
    const uint64_t before = load->answered;
    const uint64_t sent_max =
        requests_max < UINT64_MAX - load->sent ? load->sent + requests_max : UINT64_MAX;
    for (int i = 0; i < load->manner.connections && load->sent < sent_max; i++) {
        send_batch(load, &load->connections[i]);
    }
    while (load->answered < load->sent || load->ending > 0) {
        int count = epoll_wait(load->epoll, events, EVENTS_MAX, WAIT_MS);
        if (count <= 0 && errno != EINTR) {
            errno = count == 0 ? ETIMEDOUT : errno;
            fail("epoll_wait");
        }
        const uint64_t now_ns = bench_now_ns();
        for (int i = 0; i < count; i++) {
            struct load_http_connection *connection = events[i].data.ptr;
            if (serve(load, connection) && now_ns < until_ns && load->sent < sent_max) {
                send_batch(load, connection);
            }
        }
    }
    return load->answered - before;
}
