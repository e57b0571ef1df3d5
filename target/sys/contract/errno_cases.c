/* Every call that takes a descriptor, with every kind of descriptor and with arguments that are
 * wrong in every way: one table of what comes of it (errno_rows.h), the same for every
 * implementation. What Linux checks first decides which of several errors is told. */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <stdio.h>
#include <string.h>

/* The columns of the table. Each cell gets a descriptor of its own. */
enum kind {
    CLOSED,
    NEGATIVE,
    HUGE_NUMBER,
    INSTANCE, /* of epoll, with nothing in it */
    COUNTER,  /* an eventfd that is 1 */
    TIMER,    /* not armed */
    SIGNALS,  /* none pending */
    READER,   /* of a pipe with a byte */
    WRITER,   /* of a pipe with a byte */
    FRESH,    /* TCP, neither bound nor connected */
    LISTENER, /* nobody is waiting */
    QUIET,    /* connected, nothing to read */
    LOADED,   /* connected, bytes to read */
    UDP_FRESH,
    UDP_QUIET,  /* connected, nothing to read */
    UDP_LOADED, /* connected, a datagram to read */
    INET_COUNT, /* of the kinds above; those below are Unix sockets */
    UNIX_FRESH = INET_COUNT,
    UNIX_LISTENER, /* nobody is waiting */
    UNIX_QUIET,    /* of a pair, nothing to read */
    UNIX_LOADED,   /* of a pair, bytes to read */
    DGRAM_FRESH,
    DGRAM_QUIET,
    DGRAM_LOADED, /* a message to read */
    SEQPACKET_FRESH,
    SEQPACKET_QUIET,
    SEQPACKET_LOADED, /* a message to read */
    SOCKET_COUNT,
    REGULAR = SOCKET_COUNT, /* seven bytes, for reading and writing */
    READ_ONLY,              /* the same, for reading */
    DIRECTORY,              /* with one file, "x" */
    KIND_COUNT,
};
enum { UNIX_COUNT = SOCKET_COUNT - INET_COUNT, FILE_COUNT = KIND_COUNT - SOCKET_COUNT };

static const char *const kind_names[KIND_COUNT] = {"closed", "negative", "huge", "epoll instance",
    "eventfd", "timerfd", "signalfd", "pipe reader", "pipe writer", "fresh socket", "listener",
    "connected socket", "connected socket with data", "fresh UDP socket", "connected UDP socket",
    "connected UDP socket with data", "fresh Unix stream", "Unix stream listener",
    "connected Unix stream", "connected Unix stream with data", "fresh Unix datagram socket",
    "connected Unix datagram socket", "connected Unix datagram socket with data",
    "fresh Unix seqpacket socket", "connected Unix seqpacket socket",
    "connected Unix seqpacket socket with data", "regular file", "read-only file", "directory"};

static int open_pipe_end(struct wb_contract_fixture *fx, enum kind kind) {
    int fds[2] = {-1, -1};
    if (SYS(pipe2, fds, WB_O_NONBLOCK) != 0) {
        return -1;
    }
    (void)wb__track(fx, fds[0]);
    (void)wb__track(fx, fds[1]);
    return SYS(write, fds[1], "x", 1) == 1 ? fds[kind == WRITER] : -1;
}

static int open_connected(struct wb_contract_fixture *fx, enum kind kind) {
    struct wb__pair pair;
    bool good = wb__pair(fx, &pair) && (kind == QUIET || wb__send(fx, pair.peer, 2));
    return good ? pair.own : -1;
}

static int udp_socket(struct wb_contract_fixture *fx) {
    return wb__track(fx, SYS(socket, fx->family, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0));
}

/* Connected to one that is connected back. */
static int open_udp(struct wb_contract_fixture *fx, enum kind kind) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    int own = udp_socket(fx);
    int peer = udp_socket(fx);
    bool good = SYS(bind, peer, &addr, len) == 0 && SYS(getsockname, peer, &addr, &len) == 0
                && SYS(connect, own, &addr, len) == 0 && SYS(getsockname, own, &addr, &len) == 0
                && SYS(connect, peer, &addr, len) == 0;
    good = good && (kind == UDP_QUIET || SYS(send, peer, "xy", 2, 0) == 2);
    return good ? own : -1;
}

/* Under a name that the kernel finds, so that none is left over. */
static int open_unix_listener(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr = {.family = WB_AF_UNIX};
    int fd = wb__unix_socket(fx, STREAM);
    bool good = SYS(bind, fd, &addr, sizeof(addr.family)) == 0 && SYS(listen, fd, 1) == 0;
    return good ? fd : -1;
}

static int open_unix_pair(struct wb_contract_fixture *fx, int type, bool is_loaded) {
    struct wb__pair pair;
    bool good = wb__unix_pair(fx, type, &pair) && (!is_loaded || wb__send(fx, pair.peer, 2));
    return good ? pair.own : -1;
}

static int open_unix(struct wb_contract_fixture *fx, enum kind kind) {
    int type = kind < DGRAM_FRESH ? STREAM : kind < SEQPACKET_FRESH ? DGRAM : SEQPACKET;
    if (kind == UNIX_LISTENER) {
        return open_unix_listener(fx);
    }
    if (kind == UNIX_FRESH || kind == DGRAM_FRESH || kind == SEQPACKET_FRESH) {
        return wb__unix_socket(fx, type);
    }
    bool is_loaded = kind == UNIX_LOADED || kind == DGRAM_LOADED || kind == SEQPACKET_LOADED;
    return open_unix_pair(fx, type, is_loaded);
}

static int open_file(struct wb_contract_fixture *fx, enum kind kind) {
    bool good = wb__file_write(fx, "x", "seven..");
    int flags = kind == REGULAR ? WB_O_RDWR : WB_O_RDONLY;
    return good ? wb__open(fx, kind == DIRECTORY ? "." : "x", flags) : -1;
}

static int open_kind(struct wb_contract_fixture *fx, enum kind kind) {
    int fd = -1;
    switch (kind) {
    case CLOSED:
        fd = wb__eventfd(fx, 0);
        (void)wb__close(fx, fd);
        return fd;
    case NEGATIVE:
        return -1;
    case HUGE_NUMBER:
        return 1 << 30;
    case INSTANCE:
        return wb__epoll(fx);
    case COUNTER:
        return wb__eventfd(fx, 1);
    case TIMER:
        return wb__track(fx, SYS(timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK));
    case SIGNALS:
        return wb__track(fx, SYS(signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_EFD_NONBLOCK));
    case READER:
    case WRITER:
        return open_pipe_end(fx, kind);
    case FRESH:
        return wb__tcp_socket(fx);
    case LISTENER:
        return wb__listener(fx, 1, &fd) ? fd : -1;
    case QUIET:
    case LOADED:
        return open_connected(fx, kind);
    case UDP_FRESH:
        return udp_socket(fx);
    case UDP_QUIET:
    case UDP_LOADED:
        return open_udp(fx, kind);
    case UNIX_FRESH:
    case UNIX_LISTENER:
    case UNIX_QUIET:
    case UNIX_LOADED:
    case DGRAM_FRESH:
    case DGRAM_QUIET:
    case DGRAM_LOADED:
    case SEQPACKET_FRESH:
    case SEQPACKET_QUIET:
    case SEQPACKET_LOADED:
        return open_unix(fx, kind);
    case REGULAR:
    case READ_ONLY:
    case DIRECTORY:
        return open_file(fx, kind);
    case KIND_COUNT:
        break;
    }
    return -1;
}

/* What the calls point to. */
enum { PARTS = 1025 };
struct arguments {
    struct wb_sockaddr addr;
    struct wb_sockaddr strange;
    uint32_t addr_len;
    uint32_t len;
    uint32_t zero_len;
    uint32_t negative_len;
    char value[128];
    struct wb_iovec good;
    struct wb_iovec endless;
    struct wb_iovec null_part;
    struct wb_iovec parts[PARTS];
    struct wb_msghdr badly_named;
    struct wb_itimerspec timer;
    struct wb_itimerspec bad_timer;
    struct wb_epoll_event event;
    int epfd;
    int other;
    struct wb_stat stat;
    struct wb_dirent entry;
    int64_t place;
    int64_t negative_place;
    int file;             /* regular, with bytes */
    struct wb__pipe full; /* with bytes */
    struct wb__pipe empty;
};

static void prepare(struct wb_contract_fixture *fx, struct arguments *args) {
    memset(args, 0, sizeof(*args));
    args->addr_len = wb__loopback(fx, &args->addr);
    args->strange.family = 99;
    args->len = 16;
    args->negative_len = UINT32_MAX;
    args->value[0] = 1;
    args->good = (struct wb_iovec){args->value, 8};
    args->endless = (struct wb_iovec){args->value, SIZE_MAX};
    args->null_part = (struct wb_iovec){NULL, 128};
    for (int i = 0; i < PARTS; i++) {
        args->parts[i] = (struct wb_iovec){args->value, 0};
    }
    args->badly_named = (struct wb_msghdr){
        .name = &args->addr, .name_len = UINT32_MAX, .iov = &args->good, .iov_len = 1};
    args->timer.value.sec = 1000;
    args->bad_timer.value.nsec = -1;
    args->epfd = wb__epoll(fx);
    args->other = wb__eventfd(fx, 0);
}

/* What only calls between descriptors need. */
static void prepare_ends(struct wb_contract_fixture *fx, struct arguments *args) {
    (void)wb__file_write(fx, "file", "regular");
    args->file = wb__open(fx, "file", WB_O_RDWR);
    (void)wb__pipe(fx, &args->empty);
    (void)wb__pipe(fx, &args->full);
    (void)SYS(write, args->full.writer, "bytes", 5);
    args->negative_place = -1;
}

static int64_t message(struct wb_contract_fixture *fx, int fd, bool sending, struct wb_msghdr msg) {
    return sending ? SYS(sendmsg, fd, &msg, WB_MSG_NOSIGNAL) : SYS(recvmsg, fd, &msg, 0);
}

static int64_t set_int(struct wb_contract_fixture *fx, int fd, int name, int value) {
    return SYS(setsockopt, fd, WB_IPPROTO_TCP, name, &value, sizeof(value));
}

static int64_t opened(struct wb_contract_fixture *fx, int fd) {
    return wb__track(fx, fd) < 0 ? fd : 0;
}

/* ---- the table ---- */

enum result {
    AFNOSUPPORT = -EAFNOSUPPORT,
    AGAIN = -EAGAIN,
    BADF = -EBADF,
    DESTADDRREQ = -EDESTADDRREQ,
    FAULT = -EFAULT,
    INVAL = -EINVAL,
    ISCONN = -EISCONN,
    MSGSIZE = -EMSGSIZE,
    ISDIR = -EISDIR,
    NOENT = -ENOENT,
    NOPROTOOPT = -ENOPROTOOPT,
    NOTCONN = -ENOTCONN,
    NOTDIR = -ENOTDIR,
    NOTSOCK = -ENOTSOCK,
    OPNOTSUPP = -EOPNOTSUPP,
    PERM = -EPERM,
    PIPE = -EPIPE,
    SPIPE = -ESPIPE,
    PIPE_LEN = 65536,
    FOREIGN = INT32_MIN,
};

#define ROW(group, name, call, ...)                                                                \
    static int64_t name(struct wb_contract_fixture *fx, int fd, struct arguments *args) {          \
        (void)args;                                                                                \
        return (call);                                                                             \
    }
#include "sys/contract/errno_rows.h"
#undef ROW

enum group { SOCKETS, OPTIONS, BYTES, DESCRIPTORS, READINESS, FILES, SPLICES };

struct row {
    enum group group;
    const char *name;
    int64_t (*call)(struct wb_contract_fixture *fx, int fd, struct arguments *args);
    int of_file[FILE_COUNT];
    int expected[INET_COUNT];
    int of_unix[UNIX_COUNT];
};

#define OF_EACH(...)                                                                               \
    { BADF, BADF, BADF, __VA_ARGS__ }
#define EACH(r) r, r, r, r, r, r, r, r, r, r, r, r, r
#define OF_EVERY_SOCKET(r) OF_SOCKETS(r, r, r, r, r, r, r), OF_EVERY_UNIX(r)
#define OF_UNIX(...)                                                                               \
    { __VA_ARGS__ }
#define OF_EVERY_UNIX(r) OF_UNIX(r, r, r, r, r, r, r, r, r, r)
#define OF_FILES(...)                                                                              \
    { __VA_ARGS__ }
#define OF_EVERY_FILE(r) OF_FILES(r, r, r)
#define OF_ALL(result) OF_EVERY_FILE(result), OF_EACH(EACH(result)), OF_EVERY_UNIX(result)
#define OF_ANY(result)                                                                             \
    OF_EVERY_FILE(result), {result, result, result, EACH(result)}, OF_EVERY_UNIX(result)
#define OF_SOCKETS(...)                                                                            \
    OF_EVERY_FILE(NOTSOCK),                                                                        \
        OF_EACH(NOTSOCK, NOTSOCK, NOTSOCK, NOTSOCK, NOTSOCK, NOTSOCK, __VA_ARGS__)

static const struct row rows[] = {
#define ROW(group, name, call, ...) {group, #name, name, __VA_ARGS__},
#include "sys/contract/errno_rows.h"
#undef ROW
};

static int foreign_level(const struct wb_contract_fixture *fx) {
    return fx->family == WB_AF_INET ? -EOPNOTSUPP : -ENOPROTOOPT;
}

static int expected_of(
    const struct wb_contract_fixture *fx, const struct row *row, enum kind kind) {
    if (kind >= SOCKET_COUNT) {
        return row->of_file[kind - SOCKET_COUNT];
    }
    if (kind >= INET_COUNT) {
        return row->of_unix[kind - INET_COUNT];
    }
    return row->expected[kind] == FOREIGN ? foreign_level(fx) : row->expected[kind];
}

/* SIGPIPE is blocked first, so that a write to what is not connected only tells its error. */
static int block_sigpipe(struct wb_contract_fixture *fx) {
    enum { SIGPIPE_NUMBER = 13 };
    return wb__track(fx, SYS(signalfd, UINT64_C(1) << (SIGPIPE_NUMBER - 1), WB_EFD_NONBLOCK));
}

static bool check_cell(struct wb_contract_fixture *fx, const struct row *row, enum kind kind) {
    static struct arguments args;
    char what[96];
    struct wb_signalfd_siginfo raised;
    wb__begin(fx); /* hundreds of them: only what differs is told */
    int sigpipe = block_sigpipe(fx);
    prepare(fx, &args);
    if (row->group == SPLICES) {
        prepare_ends(fx, &args);
    }
    int fd = open_kind(fx, kind);
    int64_t result = row->call(fx, fd, &args);
    int expected = expected_of(fx, row, kind);
    (void)snprintf(what, sizeof(what), "%s of a %s", row->name, kind_names[kind]);
    bool holds = wb__check_equal(fx, __FILE__, __LINE__, result, expected, what);
    (void)SYS(read, sigpipe, &raised, sizeof(raised)); /* leaves none to other cases */
    wb__close_all(fx);
    wb__end_untold(fx);
    return holds;
}

static void check_group(struct wb_contract_fixture *fx, enum group group) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int kind = 0; rows[i].group == group && kind < KIND_COUNT; kind++) {
            CHECK(check_cell(fx, &rows[i], (enum kind)kind));
        }
    }
}

static void errno_of_calls_on_sockets(struct wb_contract_fixture *fx) {
    check_group(fx, SOCKETS);
}

static void errno_of_options(struct wb_contract_fixture *fx) {
    check_group(fx, OPTIONS);
}

static void errno_of_calls_that_move_bytes(struct wb_contract_fixture *fx) {
    check_group(fx, BYTES);
}

static void errno_of_calls_on_any_descriptor(struct wb_contract_fixture *fx) {
    check_group(fx, DESCRIPTORS);
}

static void errno_of_readiness_and_timers(struct wb_contract_fixture *fx) {
    check_group(fx, READINESS);
}

static void errno_of_calls_on_files(struct wb_contract_fixture *fx) {
    check_group(fx, FILES);
}

static void errno_of_calls_between_descriptors(struct wb_contract_fixture *fx) {
    check_group(fx, SPLICES);
}

static void errno_of_close_and_dup(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        int fd = open_kind(fx, (enum kind)kind);
        int expected = kind <= HUGE_NUMBER ? -EBADF : 0;
        int twin = wb__dup(fx, fd);
        CHECK_EQUAL(twin < 0 ? twin : 0, expected);
        CHECK_EQUAL(wb__close(fx, fd), expected);
    }
}

static void errno_of_an_option_level_that_nobody_knows(struct wb_contract_fixture *fx) {
    static const int levels[] = {999, -1};
    int expected = foreign_level(fx);
    int fd = wb__tcp_socket(fx);
    for (int i = 0; i < 2; i++) {
        int value = 1;
        uint32_t len = sizeof(value);
        CHECK_EQUAL(SYS(getsockopt, fd, levels[i], 1, &value, &len), expected);
        CHECK_EQUAL(SYS(setsockopt, fd, levels[i], 1, &value, len), -ENOPROTOOPT);
    }
}

static void errno_of_calls_without_a_descriptor(struct wb_contract_fixture *fx) {
    int fds[2];
    char byte;
    CHECK_EQUAL(wb__track(fx, SYS(eventfd, 0, 2)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(eventfd, 0, -1)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(epoll_create1, -1)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(timerfd_create, -1, 0)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(timerfd_create, WB_CLOCK_REALTIME, -1)), -EINVAL);
    CHECK_EQUAL(SYS(pipe2, fds, 2), -EINVAL);
    CHECK_EQUAL(SYS(pipe2, NULL, WB_O_NONBLOCK), -EFAULT);
    CHECK_EQUAL(SYS(getrandom, NULL, 8), -EFAULT);
    CHECK_EQUAL(SYS(getrandom, NULL, 0), 0);
    CHECK_EQUAL(SYS(getrandom, &byte, 1), 0);
    CHECK_EQUAL(SYS(poll, NULL, 1, 0), -EFAULT);
    CHECK_EQUAL(SYS(select, -1, NULL, NULL, NULL, 0), -EINVAL);
}

/* A bad buffer is found with the datagram in hand, or with the buffer that was meant for it. */
static void errno_of_a_bad_buffer_has_its_price_with_datagrams(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    char data[4];
    int fd = open_udp(fx, UDP_LOADED);
    CHECK(fd >= 0);
    CHECK_EQUAL(SYS(recv, fd, NULL, 8, WB_MSG_PEEK), -EFAULT);
    CHECK_EQUAL(SYS(recv, fd, NULL, 8, 0), -EFAULT);
    CHECK_EQUAL(SYS(recv, fd, data, sizeof(data), 0), -EAGAIN);
    CHECK(wb__watch(fx, &watch, fd, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(send, fd, NULL, 8, 0), -EFAULT);
    OBSERVE(watch, OUT, OUT, NONE);
}

/* Waiting for nothing: with an event it is EFAULT, and the event is kept. */
static void errno_of_a_wait_with_nowhere_to_put_events(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 1), IN | WB_EPOLLET, 'a'));
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, NULL, 1, WB_TIMEOUT_INFINITE), -EFAULT);
    ORDER(epfd, 4, "a");
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, NULL, 1, 0), 0);
}

enum { NEEDS = WB_CONTRACT_NETWORK | WB_CONTRACT_NEEDS_SIGNALS };

static const struct wb_contract_case cases[] = {
    CASE(errno_of_calls_on_sockets, NEEDS),
    CASE(errno_of_options, NEEDS),
    CASE(errno_of_calls_that_move_bytes, NEEDS),
    CASE(errno_of_calls_on_any_descriptor, NEEDS),
    CASE(errno_of_readiness_and_timers, NEEDS),
    CASE(errno_of_calls_on_files, NEEDS),
    CASE(errno_of_calls_between_descriptors, NEEDS),
    CASE(errno_of_close_and_dup, NEEDS),
    CASE(errno_of_an_option_level_that_nobody_knows, NETWORK),
    CASE(errno_of_calls_without_a_descriptor, 0),
    CASE(errno_of_a_bad_buffer_has_its_price_with_datagrams, NETWORK),
    CASE(errno_of_a_wait_with_nowhere_to_put_events, 0),
};
WB__CONTRACT_GROUP(errno);
