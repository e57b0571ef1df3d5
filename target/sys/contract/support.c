/* Checks, tracked descriptors, and TCP connections of the program to itself. */
#include "sys/contract/support.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wb/status.h"

enum { MS = 1000000, CHUNK_MAX = 4096, NARROW_BUFFER = 8192 };

/* ---- telling ---- */

void wb__begin(struct wb_contract_fixture *fx) {
    if (fx->listener != NULL) {
        fx->listener->begin(fx->listener->user_data);
    }
}

void wb__end(struct wb_contract_fixture *fx, const struct wb_contract_step *step) {
    if (fx->listener != NULL) {
        fx->listener->end(fx->listener->user_data, step);
    }
}

void wb__end_untold(struct wb_contract_fixture *fx) {
    wb__end(fx, NULL);
}

void wb__say(struct wb_contract_fixture *fx, const char *text) {
    wb__begin(fx);
    wb__end(fx, &(struct wb_contract_step){.text = text});
}

void wb__name(struct wb_contract_fixture *fx, int fd, const char *name) {
    if (fx->listener != NULL) {
        fx->listener->name(fx->listener->user_data, fd, name);
    }
}

/* ---- checks ---- */

void wb__fail(struct wb_contract_fixture *fx, const char *file, int line, const char *format, ...) {
    struct wb_contract_failure *failure = &fx->failure;
    if (failure->file != NULL) {
        size_t used = strlen(failure->text);
        (void)snprintf(failure->text + used, sizeof(failure->text) - used, ", from line %d", line);
        return;
    }
    failure->file = file;
    failure->line = line;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(failure->text, sizeof(failure->text), format, arguments);
    va_end(arguments);
}

bool wb__check(
    struct wb_contract_fixture *fx, const char *file, int line, bool holds, const char *condition) {
    if (!holds) {
        wb__fail(fx, file, line, "does not hold: %s", condition);
    }
    return holds;
}

static const char *result_name(long long value) {
    return value < 0 ? wb_status_name(wb_status_from_result(value)) : "no error";
}

static void tell_value(struct wb_contract_fixture *fx, long long actual, const char *what) {
    wb__begin(fx);
    wb__end(fx,
        &(struct wb_contract_step){.kind = WB_CONTRACT_CHECKED, .text = what, .result = actual});
}

bool wb__check_equal(struct wb_contract_fixture *fx, const char *file, int line, long long actual,
    long long expected, const char *what) {
    tell_value(fx, actual, what);
    if (actual != expected) {
        wb__fail(fx, file, line, "%s is %lld (%s), expected %lld (%s)", what, actual,
            result_name(actual), expected, result_name(expected));
    }
    return actual == expected;
}

/* ---- descriptors ---- */

int wb__track(struct wb_contract_fixture *fx, int fd) {
    if (fd >= WB_CONTRACT_FD_MAX) {
        wb__fail(fx, __FILE__, __LINE__, "descriptor %d: lower the limit of descriptors", fd);
    } else if (fd >= 0) {
        fx->open_fds[fd / 64] |= UINT64_C(1) << (fd % 64);
    }
    return fd;
}

int wb__close(struct wb_contract_fixture *fx, int fd) {
    if (fd >= 0 && fd < WB_CONTRACT_FD_MAX) {
        fx->open_fds[fd / 64] &= ~(UINT64_C(1) << (fd % 64));
    }
    return SYS(close, fd);
}

int wb__close_by_reset(struct wb_contract_fixture *fx, int fd) {
    struct wb_linger linger = {.onoff = 1, .seconds = 0};
    wb__begin(fx);
    (void)SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, &linger, sizeof(linger));
    int result = wb__close(fx, fd);
    TELL(result, "close({}), by a reset", fd);
    return result;
}

void wb__close_all(struct wb_contract_fixture *fx) {
    for (int word = 0; word < WB_CONTRACT_FD_MAX / 64; word++) {
        for (int bit = 0; fx->open_fds[word] != 0 && bit < 64; bit++) {
            if ((fx->open_fds[word] >> bit) & 1u) {
                (void)wb__close_by_reset(fx, word * 64 + bit);
            }
        }
    }
}

int wb__tcp_socket(struct wb_contract_fixture *fx) {
    return wb__track(fx, SYS(socket, fx->family, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0));
}

int wb__eventfd(struct wb_contract_fixture *fx, uint32_t initial) {
    return wb__track(fx, SYS(eventfd, initial, WB_EFD_NONBLOCK));
}

int wb__epoll(struct wb_contract_fixture *fx) {
    return wb__track(fx, SYS(epoll_create1, WB_EPOLL_CLOEXEC));
}

int wb__dup(struct wb_contract_fixture *fx, int fd) {
    return wb__track(fx, SYS(dup, fd));
}

/* ---- TCP to itself ---- */

/* Records which step failed, with its result. */
static bool succeeded(struct wb_contract_fixture *fx, int line, int64_t result, const char *step) {
    if (result < 0) {
        wb__fail(
            fx, __FILE__, line, "%s gives %lld (%s)", step, (long long)result, result_name(result));
    }
    return result >= 0;
}
#define STEP(expression) succeeded(fx, __LINE__, (expression), #expression)

uint32_t wb__loopback(const struct wb_contract_fixture *fx, struct wb_sockaddr *out_addr) {
    memset(out_addr, 0, sizeof(*out_addr));
    if (fx->family == WB_AF_INET6) {
        out_addr->in6.family = WB_AF_INET6;
        out_addr->in6.addr[15] = 1;
        return sizeof(out_addr->in6);
    }
    out_addr->in.family = WB_AF_INET;
    out_addr->in.addr[0] = 127;
    out_addr->in.addr[3] = 1;
    return sizeof(out_addr->in);
}

bool wb__bound(struct wb_contract_fixture *fx, int *out_fd, struct wb_sockaddr *out_addr) {
    uint32_t len = wb__loopback(fx, out_addr);
    *out_fd = wb__tcp_socket(fx);
    return STEP(*out_fd) && STEP(SYS(bind, *out_fd, out_addr, len))
           && STEP(SYS(getsockname, *out_fd, out_addr, &len));
}

bool wb__listener(struct wb_contract_fixture *fx, int backlog, int *out_fd) {
    struct wb_sockaddr addr;
    wb__begin(fx);
    if (!wb__bound(fx, out_fd, &addr)) {
        return false;
    }
    wb__end_untold(fx);
    wb__name(fx, *out_fd, "listener");
    return STEP(SYS(listen, *out_fd, backlog));
}

int wb__connect_to(struct wb_contract_fixture *fx, int fd, int listener) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    wb__begin(fx);
    int result = SYS(getsockname, listener, &addr, &len);
    if (result >= 0) {
        result = SYS(connect, fd, &addr, len);
    }
    TELL(result, "connect({}, {})", fd, listener);
    return result;
}

bool wb__client(struct wb_contract_fixture *fx, int listener, int *out_fd) {
    int on = 1;
    wb__begin(fx);
    *out_fd = wb__tcp_socket(fx);
    if (!STEP(*out_fd)
        || !STEP(SYS(setsockopt, *out_fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &on, sizeof(on)))) {
        return false;
    }
    wb__end_untold(fx);
    wb__name(fx, *out_fd, "client");
    int result = wb__connect_to(fx, *out_fd, listener);
    return result == -EINPROGRESS || STEP(result);
}

bool wb__accept(struct wb_contract_fixture *fx, int listener, int *out_fd) {
    *out_fd = wb__track(fx, SYS(accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK));
    return STEP(*out_fd);
}

static bool pair_of(struct wb_contract_fixture *fx, int listener, struct wb__pair *out_pair) {
    int on = 1;
    return wb__client(fx, listener, &out_pair->own) && wb__accept(fx, listener, &out_pair->peer)
           && STEP(SYS(setsockopt, out_pair->peer, WB_IPPROTO_TCP, WB_TCP_NODELAY, &on, sizeof(on)))
           && STEP(wb__close(fx, listener));
}

static void tell_pair(
    struct wb_contract_fixture *fx, const struct wb__pair *pair, const char *text) {
    wb__name(fx, pair->own, "own");
    wb__name(fx, pair->peer, "peer");
    TELL(0, text, pair->own, pair->peer);
}

bool wb__pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair) {
    int listener = -1;
    wb__begin(fx);
    if (!wb__listener(fx, 1, &listener) || !pair_of(fx, listener, out_pair)) {
        return false;
    }
    tell_pair(fx, out_pair, "{} and {} are connected");
    return true;
}

bool wb__narrow_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair) {
    int listener = -1;
    int size = NARROW_BUFFER;
    wb__begin(fx);
    /* The accepted socket inherits the listener's buffer. */
    if (!wb__listener(fx, 1, &listener)
        || !STEP(SYS(setsockopt, listener, WB_SOL_SOCKET, WB_SO_RCVBUF, &size, sizeof(size)))
        || !pair_of(fx, listener, out_pair)
        || !STEP(
            SYS(setsockopt, out_pair->own, WB_SOL_SOCKET, WB_SO_SNDBUF, &size, sizeof(size)))) {
        return false;
    }
    tell_pair(fx, out_pair, "{} and {} are connected, buffers narrow");
    return true;
}

bool wb__send(struct wb_contract_fixture *fx, int fd, size_t len) {
    static const char data[CHUNK_MAX];
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(send, fd, data, len, WB_MSG_NOSIGNAL),
        (long long)len, "bytes sent");
}

bool wb__recv(struct wb_contract_fixture *fx, int fd, size_t len) {
    char data[CHUNK_MAX];
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(recv, fd, data, len, 0), (long long)len, "bytes received");
}

int64_t wb__send_result(struct wb_contract_fixture *fx, int fd) {
    return SYS(send, fd, "x", 1, WB_MSG_NOSIGNAL);
}

int64_t wb__recv_result(struct wb_contract_fixture *fx, int fd) {
    char data[16];
    return SYS(recv, fd, data, sizeof(data), 0);
}

int wb__poll_one(struct wb_contract_fixture *fx, int fd, uint32_t events, int64_t timeout_ns) {
    struct wb_pollfd one = {.fd = fd, .events = (int16_t)events};
    int result = SYS(poll, &one, 1, timeout_ns);
    return result <= 0 ? result : one.revents;
}

/* 60 ms: longer than the peer may delay an acknowledgement, which makes room. */
static const int64_t stays_full_ns = INT64_C(60) * MS;

/* What was sent may still make room for more while it travels: full is full when it stays so. */
bool wb__fill(struct wb_contract_fixture *fx, int fd, uint64_t *out_len) {
    static const char data[1024];
    *out_len = 0;
    wb__begin(fx);
    do {
        int64_t sent = 0;
        do {
            *out_len += (uint64_t)sent;
            sent = SYS(send, fd, data, sizeof(data), WB_MSG_NOSIGNAL);
        } while (sent > 0);
        if (!wb__check_equal(fx, __FILE__, __LINE__, sent, -EAGAIN, "the end of filling")) {
            return false;
        }
    } while (wb__poll_one(fx, fd, OUT, stays_full_ns) > 0);
    TELL(-EAGAIN, "send({}) until it is full", fd);
    return true;
}

bool wb__drain(struct wb_contract_fixture *fx, int fd, uint64_t len) {
    char data[CHUNK_MAX];
    wb__begin(fx);
    while (len > 0) {
        size_t wanted = len < sizeof(data) ? (size_t)len : sizeof(data);
        int64_t got = SYS(recv, fd, data, wanted, 0);
        if (got == -EAGAIN && wb__poll_one(fx, fd, IN, INT64_C(5000) * MS) > 0) {
            continue;
        }
        if (got <= 0) {
            wb__fail(fx, __FILE__, __LINE__, "draining gives %lld with %llu bytes to come",
                (long long)got, (unsigned long long)len);
            return false;
        }
        len -= (uint64_t)got;
    }
    TELL(0, "recv({}) of all that was sent", fd);
    return true;
}

bool wb__shutdown(struct wb_contract_fixture *fx, int fd, int how) {
    if (!STEP(SYS(shutdown, fd, how))) {
        return false;
    }
    if (how != WB_SHUT_RD && fx->settle != NULL) {
        fx->settle(fx->user_data, fd);
    }
    return true;
}

int wb__set_int(struct wb_contract_fixture *fx, int fd, int level, int name, int value) {
    return SYS(setsockopt, fd, level, name, &value, sizeof(value));
}

int wb__get_int(struct wb_contract_fixture *fx, int fd, int level, int name) {
    int value = 0;
    uint32_t len = sizeof(value);
    int result = SYS(getsockopt, fd, level, name, &value, &len);
    return result < 0 ? result : value;
}

int wb__socket_error(struct wb_contract_fixture *fx, int fd) {
    int error = -1;
    uint32_t len = sizeof(error);
    int result = SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_ERROR, &error, &len);
    return result < 0 ? result : error;
}

int wb__peer_result(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    return SYS(getpeername, fd, &addr, &len);
}
