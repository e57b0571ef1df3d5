/* What the cases are written with: checks that return from the case, descriptors that are closed
 * for it, TCP connections to itself, and registrations in all four modes at once.
 * Every case has one parameter, `fx`, which the macros use. */
#ifndef WB_SYS_CONTRACT_SUPPORT_H
#define WB_SYS_CONTRACT_SUPPORT_H

#include <errno.h>
#include <stdbool.h>

#include "sys/contract/contract.h"

/* ---- the groups, one file each ---- */

struct wb__contract_group {
    const struct wb_contract_case *cases;
    size_t count;
};

#define WB__CONTRACT_GROUPS(X)                                                                     \
    X(descriptor)                                                                                  \
    X(socket)                                                                                      \
    X(option)                                                                                      \
    X(connect)                                                                                     \
    X(listener)                                                                                    \
    X(transfer)                                                                                    \
    X(initial)                                                                                     \
    X(mode)                                                                                        \
    X(misuse)                                                                                      \
    X(errno)                                                                                       \
    X(path)                                                                                        \
    X(file)                                                                                        \
    X(directory)                                                                                   \
    X(sendfile)                                                                                    \
    X(splice)                                                                                      \
    X(splice_socket)                                                                               \
    X(moving)                                                                                      \
    X(splice_wake)                                                                                 \
    X(order)                                                                                       \
    X(wake)                                                                                        \
    X(duplicate)                                                                                   \
    X(waiter)                                                                                      \
    X(blocked)                                                                                     \
    X(reading)                                                                                     \
    X(urgent)                                                                                      \
    X(stream_flag)                                                                                 \
    X(low_water)                                                                                   \
    X(writing)                                                                                     \
    X(half_close)                                                                                  \
    X(ended)                                                                                       \
    X(reset)                                                                                       \
    X(eventfd)                                                                                     \
    X(pipe)                                                                                        \
    X(timerfd)                                                                                     \
    X(poll)                                                                                        \
    X(select)                                                                                      \
    X(messages)                                                                                    \
    X(clock)                                                                                       \
    X(resolve)                                                                                     \
    X(memory)                                                                                      \
    X(thread)                                                                                      \
    X(signal)                                                                                      \
    X(name)                                                                                        \
    X(udp)                                                                                         \
    X(udp_name)                                                                                    \
    X(udp_transfer)                                                                                \
    X(multicast)                                                                                   \
    X(unix_name)                                                                                   \
    X(unix_argument)                                                                               \
    X(unix_stream)                                                                                 \
    X(unix_close)                                                                                  \
    X(unix_listener)                                                                               \
    X(unix_buffer)                                                                                 \
    X(unix_dgram)                                                                                  \
    X(unix_queue)                                                                                  \
    X(unix_seqpacket)                                                                              \
    X(unix_urgent)                                                                                 \
    X(unix_bad_buffer)                                                                             \
    X(unix_rights)                                                                                 \
    X(unix_credentials)

#define WB__CONTRACT_DECLARE(name) extern const struct wb__contract_group wb__contract_##name;
WB__CONTRACT_GROUPS(WB__CONTRACT_DECLARE)
#undef WB__CONTRACT_DECLARE

/* Defines the group from a table `cases` of its file. */
#define WB__CONTRACT_GROUP(name)                                                                   \
    const struct wb__contract_group wb__contract_##name = {cases, sizeof(cases) / sizeof(cases[0])}

/* A row of that table: the case's name is its function's. */
#define CASE(function, case_flags)                                                                 \
    { #function, (case_flags), function }
#define NETWORK WB_CONTRACT_NETWORK

/* ---- event masks, as the rules write them ---- */

#define NONE 0u
#define IN WB_EPOLLIN
#define OUT WB_EPOLLOUT
#define PRI WB_EPOLLPRI
#define RDHUP WB_EPOLLRDHUP
#define HUP WB_EPOLLHUP
#define ERR WB_EPOLLERR
#define ALL (IN | OUT | RDHUP | PRI)
#define READ (IN | RDHUP | PRI) /* ALL without OUT: a writable socket does not hide the rest */

/* ---- checks ---- */

/* Records a failure unless one is recorded already: then only notes that it passed through here. */
void wb__fail(struct wb_contract_fixture *fx, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool wb__check(
    struct wb_contract_fixture *fx, const char *file, int line, bool holds, const char *condition);
bool wb__check_equal(struct wb_contract_fixture *fx, const char *file, int line, long long actual,
    long long expected, const char *what);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!wb__check(fx, __FILE__, __LINE__, (condition), #condition)) {                         \
            return;                                                                                \
        }                                                                                          \
    } while (0)
#define CHECK_EQUAL(actual, expected)                                                              \
    do {                                                                                           \
        if (!wb__check_equal(                                                                      \
                fx, __FILE__, __LINE__, (long long)(actual), (long long)(expected), #actual)) {    \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* ---- telling whoever listens: what lies between begin and end is one step ---- */

void wb__begin(struct wb_contract_fixture *fx);
void wb__end(struct wb_contract_fixture *fx, const struct wb_contract_step *step);
void wb__end_untold(struct wb_contract_fixture *fx);
/* A step that is nothing but said: what other threads do. */
void wb__say(struct wb_contract_fixture *fx, const char *text);
/* Ends a step of kind WB_CONTRACT_DONE. */
#define TELL(step_result, step_text, ...)                                                          \
    wb__end(fx, &(struct wb_contract_step){.text = (step_text),                                    \
                    .result = (step_result),                                                       \
                    .fds = (const int[]){__VA_ARGS__},                                             \
                    .fd_count = sizeof((const int[]){__VA_ARGS__}) / sizeof(int)})
void wb__name(struct wb_contract_fixture *fx, int fd, const char *name);

/* An operation of the system under test. */
#define SYS(op, ...) WB_SYS(fx->sys, op, __VA_ARGS__)

/* ---- descriptors ---- */

/* Notes a new descriptor, to be closed when the case ends; negative results pass through. */
int wb__track(struct wb_contract_fixture *fx, int fd);
int wb__close(struct wb_contract_fixture *fx, int fd);
/* A TCP socket is reset, anything else is just closed. */
int wb__close_by_reset(struct wb_contract_fixture *fx, int fd);
/* All that are tracked, by reset: closing would leave ports in TIME_WAIT. */
void wb__close_all(struct wb_contract_fixture *fx);

/* The next descriptor of its kind, non-blocking, tracked. */
int wb__tcp_socket(struct wb_contract_fixture *fx);
int wb__eventfd(struct wb_contract_fixture *fx, uint32_t initial);
int wb__epoll(struct wb_contract_fixture *fx);
int wb__dup(struct wb_contract_fixture *fx, int fd);

/* ---- TCP to itself, over the loopback address of the fixture's family. False: recorded ---- */

/* The loopback address; returns its length. */
uint32_t wb__loopback(const struct wb_contract_fixture *fx, struct wb_sockaddr *out_addr);
/* A socket bound to a port of its own; where. */
bool wb__bound(struct wb_contract_fixture *fx, int *out_fd, struct wb_sockaddr *out_addr);
bool wb__listener(struct wb_contract_fixture *fx, int backlog, int *out_fd);
/* Connects to the address that `listener` has. The connection may still be refused. */
int wb__connect_to(struct wb_contract_fixture *fx, int fd, int listener);
bool wb__client(struct wb_contract_fixture *fx, int listener, int *out_fd);
bool wb__accept(struct wb_contract_fixture *fx, int listener, int *out_fd);

/* Two connected sockets without a delay on small writes: `own` connected, `peer` was accepted. */
struct wb__pair {
    int own;
    int peer;
};
bool wb__pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair);
/* The same with buffers that soon are full, for sending from own to peer. */
bool wb__narrow_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair);

/* Moves exactly so many bytes (at most 4096) in one call. */
bool wb__send(struct wb_contract_fixture *fx, int fd, size_t len);
bool wb__recv(struct wb_contract_fixture *fx, int fd, size_t len);
/* Results of one small call, as they are. */
int64_t wb__send_result(struct wb_contract_fixture *fx, int fd);
int64_t wb__recv_result(struct wb_contract_fixture *fx, int fd);
/* Sends until nothing more fits; receives so many bytes, waiting for them. */
bool wb__fill(struct wb_contract_fixture *fx, int fd, uint64_t *out_len);
bool wb__drain(struct wb_contract_fixture *fx, int fd, uint64_t len);
/* poll(2) for one descriptor: the events, or a negative result. */
int wb__poll_one(struct wb_contract_fixture *fx, int fd, uint32_t events, int64_t timeout_ns);

bool wb__shutdown(struct wb_contract_fixture *fx, int fd, int how); /* and settled */
/* An option whose value is an int: setsockopt's result; the value, or -errno. */
int wb__set_int(struct wb_contract_fixture *fx, int fd, int level, int name, int value);
int wb__get_int(struct wb_contract_fixture *fx, int fd, int level, int name);
/* The pending error, which is thereby consumed; as errno, 0 if none. */
int wb__socket_error(struct wb_contract_fixture *fx, int fd);
/* getpeername's result. */
int wb__peer_result(struct wb_contract_fixture *fx, int fd);

/* ---- epoll ---- */

int wb__ctl(
    struct wb_contract_fixture *fx, int epfd, int op, int fd, uint32_t events, uint64_t data);
bool wb__add(struct wb_contract_fixture *fx, int epfd, int fd, uint32_t events, char data);

/* Takes the events of one wait that does not block, as the characters they were added with, in
 * order. */
bool wb__check_order(struct wb_contract_fixture *fx, const char *file, int line, int epfd,
    int events_max, const char *expected);
#define ORDER(epfd, events_max, expected)                                                          \
    do {                                                                                           \
        if (!wb__check_order(fx, __FILE__, __LINE__, (epfd), (events_max), (expected))) {          \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* The modes that a case may go through by itself. */
enum wb__mode {
    WB__LEVEL = WB_CONTRACT_LEVEL,
    WB__EDGE = WB_CONTRACT_EDGE,
    WB__ONESHOT = WB_CONTRACT_ONESHOT,
    WB__EDGE_ONESHOT = WB_CONTRACT_EDGE_ONESHOT,
    WB__MODE_COUNT,
};
extern const uint32_t wb__mode_bits[WB__MODE_COUNT];

/* A descriptor registered in an instance for each mode. Without one for WB_CONTRACT_EXCLUSIVE (-1)
 * if it refuses that, as an instance does. */
struct wb__watch {
    int fd;
    uint32_t interest;         /* of level, edge and, without what it refuses, exclusive */
    uint32_t oneshot_interest; /* of the one-shot modes */
    int epfd[WB_CONTRACT_MODE_COUNT];
};
bool wb__watch(struct wb_contract_fixture *fx, struct wb__watch *out_watch, int fd,
    uint32_t interest, uint32_t oneshot_interest);
/* EPOLL_CTL_MOD of all but the exclusive one, which is deleted and added; or of the one-shot
 * registrations alone, with their interest. */
bool wb__modify(struct wb_contract_fixture *fx, struct wb__watch *watch, uint32_t interest);
bool wb__rearm(struct wb_contract_fixture *fx, struct wb__watch *watch);
bool wb__delete(struct wb_contract_fixture *fx, struct wb__watch *watch); /* from all */

/* Waits three times in each mode, without blocking. Level must report its mask each time, edge and
 * one-shot theirs the first time only; NONE is no report. Both one-shot modes must agree, and
 * exclusive with level as far as its interest goes. */
bool wb__observe(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, uint32_t level, uint32_t edge, uint32_t oneshot);
#define OBSERVE(watch, level, edge, oneshot)                                                       \
    do {                                                                                           \
        if (!wb__observe(fx, __FILE__, __LINE__, &(watch), (level), (edge), (oneshot))) {          \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* What a descriptor shows when it is added with all bits: one fresh watch, observed once. */
bool wb__check_state(
    struct wb_contract_fixture *fx, const char *file, int line, int fd, uint32_t expected);
#define STATE(fd, expected)                                                                        \
    do {                                                                                           \
        if (!wb__check_state(fx, __FILE__, __LINE__, (fd), (expected))) {                          \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#endif
