/* What a sequence is made of: operations with small arguments, each argument one byte. One table
 * says which operations there are, what their arguments mean, and how both are spelled; bytes,
 * text, generator and shrinker read it. What an operation does is in step.h. */
#ifndef FIDELITY_OP_H
#define FIDELITY_OP_H

#include <stdint.h>

/* Descriptors that a sequence can name: the lowest free ones, in order. What the system under test
 * calls them is its own affair (side.h). */
enum { FID_NUMBER_COUNT = 24, FID_NUMBER_BAD = FID_NUMBER_COUNT /* -1, never a descriptor */ };

enum { FID_ARGS_MAX = 4, FID_STEPS_MAX = 256 };

struct fid_op {
    uint8_t code; /* enum fid_code */
    uint8_t arg[FID_ARGS_MAX];
};

/* A sequence. */
struct fid_ops {
    uint32_t count;
    struct fid_op op[FID_STEPS_MAX];
};

/* What descriptors there are. Order is that of --kinds, and of the words of arguments. */
#define FID_KIND_TABLE(X)                                                                          \
    X(TCP4, "tcp4")                                                                                \
    X(TCP6, "tcp6")                                                                                \
    X(UDP4, "udp4")                                                                                \
    X(UDP6, "udp6")                                                                                \
    X(UNIX_STREAM, "unix-stream")                                                                  \
    X(UNIX_DGRAM, "unix-dgram")                                                                    \
    X(UNIX_SEQPACKET, "unix-seqpacket")                                                            \
    X(PIPE, "pipe")                                                                                \
    X(EVENTFD, "eventfd")                                                                          \
    X(TIMERFD, "timerfd")                                                                          \
    X(SIGNALFD, "signalfd")                                                                        \
    X(EPOLL, "epoll")                                                                              \
    X(FILE, "file")                                                                                \
    X(DIRECTORY, "directory")                                                                      \
    X(SELECT, "select")                                                                            \
    X(URGENT, "urgent")

/* The last two are no descriptors but an observer and a manner of sending (MSG_OOB): they can be
 * missing like the others. */
enum fid_kind {
#define FID_KIND_ENUM(name, text) FID_KIND_##name,
    FID_KIND_TABLE(FID_KIND_ENUM)
#undef FID_KIND_ENUM
        FID_KIND_COUNT
};
#define FID_KIND_BIT(kind) (1u << (unsigned)(kind))
#define FID_KINDS_TCP (FID_KIND_BIT(FID_KIND_TCP4) | FID_KIND_BIT(FID_KIND_TCP6))
#define FID_KINDS_UDP (FID_KIND_BIT(FID_KIND_UDP4) | FID_KIND_BIT(FID_KIND_UDP6))
#define FID_KINDS_UNIX                                                                             \
    (FID_KIND_BIT(FID_KIND_UNIX_STREAM) | FID_KIND_BIT(FID_KIND_UNIX_DGRAM)                        \
        | FID_KIND_BIT(FID_KIND_UNIX_SEQPACKET))
#define FID_KINDS_SOCKET (FID_KINDS_TCP | FID_KINDS_UDP | FID_KINDS_UNIX)
#define FID_KINDS_STREAM                                                                           \
    (FID_KINDS_TCP | FID_KIND_BIT(FID_KIND_UNIX_STREAM) | FID_KIND_BIT(FID_KIND_UNIX_SEQPACKET))
#define FID_KINDS_BYTES (FID_KINDS_SOCKET | FID_KIND_BIT(FID_KIND_PIPE))
/* Regular files, directories, and what lies among them: what has a name in the file system. */
#define FID_KINDS_NAMED (FID_KIND_BIT(FID_KIND_FILE) | FID_KIND_BIT(FID_KIND_DIRECTORY))
#define FID_KINDS_MOVED (FID_KINDS_BYTES | FID_KIND_BIT(FID_KIND_FILE))
#define FID_KINDS_ALL (FID_KIND_BIT(FID_KIND_COUNT) - 1)
#define FID_KINDS_FILE                                                                             \
    (FID_KINDS_ALL & ~(FID_KIND_BIT(FID_KIND_SELECT) | FID_KIND_BIT(FID_KIND_URGENT)))

const char *fid_kind_name(enum fid_kind kind);
/* -1: nothing is called that. */
int fid_kind_from_name(const char *name);

/* What an argument is. Each is chosen from a table of words (op.c), but for FD: fd0, fd1 ... and
 * fd- for FID_NUMBER_BAD. */
enum fid_arg {
    FID_ARG_NONE,
    FID_ARG_FD,
    FID_ARG_SOCKET,   /* kind of a socket */
    FID_ARG_PAIR,     /* kind of a connected pair */
    FID_ARG_LISTENER, /* kind of a listener */
    FID_ARG_BACKLOG,
    FID_ARG_COUNTER,   /* an eventfd's first value, and its mode */
    FID_ARG_SIGNAL,    /* signal number */
    FID_ARG_HOW,       /* shutdown */
    FID_ARG_BIND,      /* address for bind: enum fid_bind */
    FID_ARG_NAME_ROOM, /* room for an address, in bytes */
    FID_ARG_SIZE,      /* bytes to move */
    FID_ARG_SEND_FLAGS,
    FID_ARG_RECV_FLAGS,
    FID_ARG_SHAPE,    /* of an array of buffers: index into fid_shapes */
    FID_ARG_MESSAGES, /* messages in one call */
    FID_ARG_OPTION,   /* enum fid_option */
    FID_ARG_VALUE,    /* for an option */
    FID_ARG_CONTROL,  /* command of fcntl, and its argument << FID_CONTROL_SHIFT */
    FID_ARG_MASK,     /* events */
    FID_ARG_MODE,     /* WB_EPOLLET and its kin */
    FID_ARG_ROOM,     /* events_max of a wait */
    FID_ARG_TIMEOUT,  /* ns */
    FID_ARG_WHEN,     /* a timer's first expiry: enum fid_when */
    FID_ARG_INTERVAL, /* and its period, ns */
    FID_ARG_STRANGE,  /* what is wrong with a call: enum fid_strange */
    FID_ARG_PATH,     /* where in the file system: the word itself, below a directory of its own */
    FID_ARG_ACCESS,   /* WB_O_RDONLY and its like */
    FID_ARG_CREATION, /* the other flags of openat */
    FID_ARG_PLACE,    /* in a file; FID_PLACE_NONE: no offset is given */
    FID_ARG_WHENCE,
    FID_ARG_LENGTH, /* of a file */
    FID_ARG_AMOUNT, /* bytes to move between descriptors */
    FID_ARG_SPLICE, /* flags, and FID_SPLICE_* above them */
    FID_ARG_COUNT
};

enum fid_bind { FID_BIND_LOOPBACK, FID_BIND_ANY, FID_BIND_FAMILY, FID_BIND_SHORT, FID_BIND_FAR };
enum fid_when { FID_WHEN_NEVER, FID_WHEN_PAST, FID_WHEN_SOON, FID_WHEN_LATER };
enum fid_option {
    FID_OPTION_ERROR,
    FID_OPTION_TYPE,
    FID_OPTION_LOWAT,
    FID_OPTION_SNDBUF,
    FID_OPTION_RCVBUF,
    FID_OPTION_LINGER,
    FID_OPTION_ACCEPTCONN,
    FID_OPTION_DOMAIN,
    FID_OPTION_PROTOCOL,
    FID_OPTION_REUSEADDR,
    FID_OPTION_OOBINLINE,
    FID_OPTION_BROADCAST,
    FID_OPTION_KEEPALIVE,
    FID_OPTION_NODELAY,
    FID_OPTION_TTL,
    FID_OPTION_V6ONLY,
    FID_OPTION_UNKNOWN,
    FID_OPTION_REUSEPORT,
    FID_OPTION_KEEPIDLE,
    FID_OPTION_KEEPINTVL,
    FID_OPTION_KEEPCNT,
    FID_OPTION_USER_TIMEOUT,
    FID_OPTION_NOTSENT_LOWAT,
    FID_OPTION_CORK,
    FID_OPTION_HOPS,
    FID_OPTION_MULTICAST_TTL,
    FID_OPTION_MULTICAST_LOOP,
    FID_OPTION_PASSCRED,
    FID_OPTION_COUNT
};
/* Arguments that a system has to refuse, or to take for what they are. */
enum fid_strange {
    FID_STRANGE_RECV_NULL,
    FID_STRANGE_SEND_NULL,
    FID_STRANGE_CTL_UNKNOWN,
    FID_STRANGE_ADD_NULL,
    FID_STRANGE_DEL_NULL,
    FID_STRANGE_WAIT_NULL,
    FID_STRANGE_CONNECT_SHORT,
    FID_STRANGE_CONNECT_FAMILY,
    FID_STRANGE_CONNECT_NULL,
    FID_STRANGE_OPTION_SHORT,
    FID_STRANGE_OPTION_NULL,
    FID_STRANGE_GETOPTION_SHORT,
    FID_STRANGE_GETOPTION_NULL,
    FID_STRANGE_NAME_NULL,
    FID_STRANGE_NAME_NEGATIVE,
    FID_STRANGE_ACCEPT_FLAGS,
    FID_STRANGE_READV_NEGATIVE,
    FID_STRANGE_COUNT
};
enum { FID_CONTROL_SHIFT = 16 };
#define FID_PLACE_NONE INT64_MIN
/* Of FID_ARG_SPLICE: WB_SPLICE_F_* below, then which end is given an offset, and which one. */
enum {
    FID_SPLICE_FLAGS = 0xff,
    FID_SPLICE_IN = 0x100,
    FID_SPLICE_OUT = 0x200,
    FID_SPLICE_NEGATIVE = 0x400, /* -1 */
    FID_SPLICE_PLACE_SHIFT = 16,
};

/* X(CODE, "name", kinds that its subject is meant for, subject, arguments ...): `subject` is the
 * argument that is the descriptor in question, -1 if there is none. Bytes of corpora name
 * operations by their place: append, do not insert. */
#define FID_OP_TABLE(X)                                                                            \
    X(SOCKET, "socket", 0, -1, SOCKET, NONE, NONE, NONE)                                           \
    X(PAIR, "pair", 0, -1, PAIR, NONE, NONE, NONE)                                                 \
    X(LISTENER, "listener", 0, -1, LISTENER, BACKLOG, NONE, NONE)                                  \
    X(EVENTFD, "eventfd", 0, -1, COUNTER, NONE, NONE, NONE)                                        \
    X(TIMERFD, "timerfd", 0, -1, NONE, NONE, NONE, NONE)                                           \
    X(SIGNALFD, "signalfd", 0, -1, SIGNAL, NONE, NONE, NONE)                                       \
    X(EPOLL, "epoll", 0, -1, NONE, NONE, NONE, NONE)                                               \
    X(DUP, "dup", FID_KINDS_FILE, 0, FD, NONE, NONE, NONE)                                         \
    X(CLOSE, "close", FID_KINDS_FILE, 0, FD, NONE, NONE, NONE)                                     \
    X(ACCEPT, "accept", FID_KINDS_STREAM, 0, FD, NONE, NONE, NONE)                                 \
    X(CONNECT, "connect", FID_KINDS_SOCKET, 0, FD, FD, NONE, NONE)                                 \
    X(CONNECT_REFUSED, "connect-refused", FID_KINDS_SOCKET, 0, FD, NONE, NONE, NONE)               \
    X(DISCONNECT, "disconnect", FID_KINDS_SOCKET, 0, FD, NONE, NONE, NONE)                         \
    X(BIND, "bind", FID_KINDS_SOCKET, 0, FD, BIND, NONE, NONE)                                     \
    X(LISTEN, "listen", FID_KINDS_STREAM, 0, FD, BACKLOG, NONE, NONE)                              \
    X(SHUTDOWN, "shutdown", FID_KINDS_SOCKET, 0, FD, HOW, NONE, NONE)                              \
    X(SEND, "send", FID_KINDS_SOCKET, 0, FD, SIZE, SEND_FLAGS, NONE)                               \
    X(RECV, "recv", FID_KINDS_SOCKET, 0, FD, SIZE, RECV_FLAGS, NONE)                               \
    X(WRITE, "write", FID_KINDS_FILE, 0, FD, SIZE, NONE, NONE)                                     \
    X(READ, "read", FID_KINDS_FILE, 0, FD, SIZE, NONE, NONE)                                       \
    X(WRITEV, "writev", FID_KINDS_MOVED, 0, FD, SHAPE, NONE, NONE)                                 \
    X(READV, "readv", FID_KINDS_MOVED, 0, FD, SHAPE, NONE, NONE)                                   \
    X(SENDMSG, "sendmsg", FID_KINDS_SOCKET, 0, FD, SHAPE, SEND_FLAGS, NONE)                        \
    X(RECVMSG, "recvmsg", FID_KINDS_SOCKET, 0, FD, SHAPE, RECV_FLAGS, NONE)                        \
    X(SENDTO, "sendto", FID_KINDS_SOCKET, 0, FD, FD, SIZE, NONE)                                   \
    X(SENDMMSG, "sendmmsg", FID_KINDS_SOCKET, 0, FD, MESSAGES, SIZE, NONE)                         \
    X(RECVMMSG, "recvmmsg", FID_KINDS_SOCKET, 0, FD, MESSAGES, SIZE, RECV_FLAGS)                   \
    X(FLOOD, "flood", FID_KINDS_BYTES, 0, FD, NONE, NONE, NONE)                                    \
    X(SETSOCKOPT, "setsockopt", FID_KINDS_SOCKET, 0, FD, OPTION, VALUE, NONE)                      \
    X(GETSOCKOPT, "getsockopt", FID_KINDS_SOCKET, 0, FD, OPTION, NONE, NONE)                       \
    X(GETSOCKNAME, "getsockname", FID_KINDS_SOCKET, 0, FD, NAME_ROOM, NONE, NONE)                  \
    X(GETPEERNAME, "getpeername", FID_KINDS_SOCKET, 0, FD, NAME_ROOM, NONE, NONE)                  \
    X(FCNTL, "fcntl", FID_KINDS_FILE, 0, FD, CONTROL, NONE, NONE)                                  \
    X(EPOLL_ADD, "epoll-add", FID_KINDS_FILE, 1, FD, FD, MASK, MODE)                               \
    X(EPOLL_MOD, "epoll-mod", FID_KINDS_FILE, 1, FD, FD, MASK, MODE)                               \
    X(EPOLL_DEL, "epoll-del", FID_KINDS_FILE, 1, FD, FD, NONE, NONE)                               \
    X(EPOLL_WAIT, "epoll-wait", FID_KIND_BIT(FID_KIND_EPOLL), 0, FD, ROOM, TIMEOUT, NONE)          \
    X(POLL, "poll", FID_KINDS_FILE, 0, FD, MASK, NONE, NONE)                                       \
    X(POLL_ALL, "poll-all", 0, -1, NONE, NONE, NONE, NONE)                                         \
    X(SELECT, "select", FID_KINDS_FILE, 0, FD, NONE, NONE, NONE)                                   \
    X(CLOCK, "clock", 0, -1, NONE, NONE, NONE, NONE)                                               \
    X(SETTIME, "settime", FID_KIND_BIT(FID_KIND_TIMERFD), 0, FD, WHEN, INTERVAL, NONE)             \
    X(GETTIME, "gettime", FID_KIND_BIT(FID_KIND_TIMERFD), 0, FD, NONE, NONE, NONE)                 \
    X(RAISE, "raise", 0, -1, SIGNAL, NONE, NONE, NONE)                                             \
    X(STRANGE, "strange", FID_KINDS_FILE, 0, FD, STRANGE, NONE, NONE)                              \
    X(OPEN, "open", 0, -1, PATH, ACCESS, CREATION, NONE)                                           \
    X(OPENAT, "openat", FID_KINDS_NAMED, 0, FD, PATH, ACCESS, CREATION)                            \
    X(PREAD, "pread", FID_KINDS_FILE, 0, FD, SIZE, PLACE, NONE)                                    \
    X(PWRITE, "pwrite", FID_KINDS_FILE, 0, FD, SIZE, PLACE, NONE)                                  \
    X(LSEEK, "lseek", FID_KINDS_FILE, 0, FD, PLACE, WHENCE, NONE)                                  \
    X(FTRUNCATE, "ftruncate", FID_KINDS_FILE, 0, FD, LENGTH, NONE, NONE)                           \
    X(FSYNC, "fsync", FID_KINDS_FILE, 0, FD, NONE, NONE, NONE)                                     \
    X(FSTAT, "fstat", FID_KINDS_FILE, 0, FD, NONE, NONE, NONE)                                     \
    X(STAT, "stat", 0, -1, PATH, NONE, NONE, NONE)                                                 \
    X(RENAME, "rename", 0, -1, PATH, PATH, NONE, NONE)                                             \
    X(UNLINK, "unlink", 0, -1, PATH, NONE, NONE, NONE)                                             \
    X(MKDIR, "mkdir", 0, -1, PATH, NONE, NONE, NONE)                                               \
    X(RMDIR, "rmdir", 0, -1, PATH, NONE, NONE, NONE)                                               \
    X(GETDENTS, "getdents", FID_KINDS_NAMED, 0, FD, NONE, NONE, NONE)                              \
    X(SENDFILE, "sendfile", FID_KINDS_MOVED, 0, FD, FD, AMOUNT, PLACE)                             \
    X(SPLICE, "splice", FID_KINDS_MOVED, 0, FD, FD, AMOUNT, SPLICE)                                \
    X(TEE, "tee", FID_KIND_BIT(FID_KIND_PIPE), 0, FD, FD, AMOUNT, SPLICE)

enum fid_code {
#define FID_OP_ENUM(code, name, kinds, subject, a, b, c, d) FID_OP_##code,
    FID_OP_TABLE(FID_OP_ENUM)
#undef FID_OP_ENUM
        FID_OP_COUNT
};

struct fid_op_info {
    const char *name;
    uint32_t kinds; /* FID_KIND_BIT */
    int subject;
    uint8_t arg[FID_ARGS_MAX]; /* enum fid_arg */
};
const struct fid_op_info *fid_op_info(enum fid_code code);
/* Of an operation between two descriptors, the kinds that the second one is meant to be, argument 1
 * always; 0: there is none. */
uint32_t fid_op_other_kinds(enum fid_code code);
/* -1: nothing is called that. */
int fid_op_from_name(const char *name, unsigned len);

/* How many values an argument has, and what one of them means or is called. `value` of FD is the
 * number itself. The name is valid until the next call. */
unsigned fid_arg_count(enum fid_arg arg);
int64_t fid_arg_value(enum fid_arg arg, uint8_t index);
const char *fid_arg_name(enum fid_arg arg, uint8_t index);
int fid_arg_from_name(enum fid_arg arg, const char *name, unsigned len); /* -1: none */
/* What one would call the argument in a message: "a descriptor", "a mask" ... */
const char *fid_arg_what(enum fid_arg arg);

/* Lengths of buffers; ends with -1. SHAPE_MANY has more of them than a call takes, SHAPE_NULL a
 * buffer that is none. */
enum { FID_SHAPE_PARTS_MAX = 4, FID_SHAPE_MANY = 7, FID_SHAPE_NULL = 8 };
extern const int fid_shapes[][FID_SHAPE_PARTS_MAX + 1];

/* ---- bytes: one operation is FID_OP_BYTES of them, so that one changed byte changes one thing
 * ---- */

enum { FID_OP_BYTES = 1 + FID_ARGS_MAX };

/* Any bytes are a sequence: each is taken modulo what it chooses from; a last operation that is cut
 * short is left out, and so is what lies beyond FID_STEPS_MAX. */
void fid_ops_decode(struct fid_ops *ops, const uint8_t *bytes, uint32_t len);
/* The canonical form; `bytes` has room for ops->count * FID_OP_BYTES. Returns the length. */
uint32_t fid_ops_encode(const struct fid_ops *ops, uint8_t *bytes);

#endif
