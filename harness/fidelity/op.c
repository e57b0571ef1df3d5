/* The table of operations and of the words of their arguments; sequences as bytes. */
#include "fidelity/op.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wb/sys.h"

static const char *const kind_names[] = {
#define KIND_NAME(name, text) text,
    FID_KIND_TABLE(KIND_NAME)
#undef KIND_NAME
};

const char *fid_kind_name(enum fid_kind kind) {
    return kind_names[kind];
}

int fid_kind_from_name(const char *name) {
    for (int i = 0; i < FID_KIND_COUNT; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static const struct fid_op_info infos[] = {
#define OP_INFO(code, name, kinds, subject, a, b, c, d)                                            \
    {name, kinds, subject, {FID_ARG_##a, FID_ARG_##b, FID_ARG_##c, FID_ARG_##d}},
    FID_OP_TABLE(OP_INFO)
#undef OP_INFO
};

const struct fid_op_info *fid_op_info(enum fid_code code) {
    assert((unsigned)code < FID_OP_COUNT);
    return &infos[code];
}

uint32_t fid_op_other_kinds(enum fid_code code) {
    switch ((int)code) {
    case FID_OP_SENDFILE:
    case FID_OP_SPLICE:
        return FID_KINDS_MOVED;
    case FID_OP_TEE:
        return FID_KIND_BIT(FID_KIND_PIPE);
    default:
        return 0;
    }
}

static int is_word(const char *word, const char *name, unsigned len) {
    return strlen(word) == len && memcmp(word, name, len) == 0;
}

int fid_op_from_name(const char *name, unsigned len) {
    for (int i = 0; i < FID_OP_COUNT; i++) {
        if (is_word(infos[i].name, name, len)) {
            return i;
        }
    }
    return -1;
}

/* ---- the words of arguments ---- */

struct word {
    const char *name;
    int64_t value;
};

static const struct word sockets[] = {
    {"tcp4", FID_KIND_TCP4},
    {"tcp6", FID_KIND_TCP6},
    {"udp4", FID_KIND_UDP4},
    {"udp6", FID_KIND_UDP6},
    {"unix-stream", FID_KIND_UNIX_STREAM},
    {"unix-dgram", FID_KIND_UNIX_DGRAM},
    {"unix-seqpacket", FID_KIND_UNIX_SEQPACKET},
};
static const struct word pairs[] = {
    {"tcp4", FID_KIND_TCP4},
    {"tcp6", FID_KIND_TCP6},
    {"udp4", FID_KIND_UDP4},
    {"udp6", FID_KIND_UDP6},
    {"unix-stream", FID_KIND_UNIX_STREAM},
    {"unix-dgram", FID_KIND_UNIX_DGRAM},
    {"unix-seqpacket", FID_KIND_UNIX_SEQPACKET},
    {"pipe", FID_KIND_PIPE},
};
static const struct word listeners[] = {
    {"tcp4", FID_KIND_TCP4},
    {"tcp6", FID_KIND_TCP6},
    {"unix-stream", FID_KIND_UNIX_STREAM},
    {"unix-seqpacket", FID_KIND_UNIX_SEQPACKET},
};
static const struct word backlogs[] = {{"0", 0}, {"1", 1}, {"3", 3}, {"16", 16}};
/* The value, and WB_EFD_SEMAPHORE above it. */
static const struct word counters[] = {
    {"0", 0}, {"1", 1}, {"3", 3}, {"semaphore-0", 0x100}, {"semaphore-3", 0x103}};
enum { SIGNAL_USR1 = 10, SIGNAL_USR2 = 12 };
static const struct word signal_words[] = {{"SIGUSR1", SIGNAL_USR1}, {"SIGUSR2", SIGNAL_USR2}};
static const struct word hows[] = {
    {"rd", WB_SHUT_RD}, {"wr", WB_SHUT_WR}, {"rdwr", WB_SHUT_RDWR}, {"3", 3}};
static const struct word binds[] = {{"loopback", FID_BIND_LOOPBACK}, {"any", FID_BIND_ANY},
    {"other-family", FID_BIND_FAMILY}, {"short", FID_BIND_SHORT}, {"far", FID_BIND_FAR}};
static const struct word name_rooms[] = {{"full", 128}, {"0", 0}, {"2", 2}, {"7", 7}};
static const struct word sizes[] = {{"1", 1}, {"0", 0}, {"2", 2}, {"3", 3}, {"5", 5}, {"8", 8},
    {"16", 16}, {"64", 64}, {"300", 300}, {"4096", 4096}};
static const struct word send_flags[] = {{"-", 0}, {"DONTWAIT", WB_MSG_DONTWAIT},
    {"OOB", WB_MSG_OOB}, {"EOR", WB_MSG_EOR}, {"PEEK", WB_MSG_PEEK}, {"MORE", WB_MSG_MORE}};
static const struct word recv_flags[] = {{"-", 0}, {"PEEK", WB_MSG_PEEK}, {"TRUNC", WB_MSG_TRUNC},
    {"PEEK|TRUNC", WB_MSG_PEEK | WB_MSG_TRUNC}, {"DONTWAIT", WB_MSG_DONTWAIT},
    {"WAITALL|DONTWAIT", WB_MSG_WAITALL | WB_MSG_DONTWAIT}, {"OOB", WB_MSG_OOB},
    {"OOB|PEEK", WB_MSG_OOB | WB_MSG_PEEK}, {"CMSG_CLOEXEC", WB_MSG_CMSG_CLOEXEC},
    {"WAITFORONE", WB_MSG_WAITFORONE}};
const int fid_shapes[][FID_SHAPE_PARTS_MAX + 1] = {
    {1, -1},
    {3, 2, -1},
    {0, 4, -1},
    {4, 0, -1},
    {0, 0, -1},
    {-1},
    {1, 1, 1, 1, -1},
    {-1}, /* FID_SHAPE_MANY */
    {3, -1},
};
static const struct word shapes[] = {{"1", 0}, {"3+2", 1}, {"0+4", 2}, {"4+0", 3}, {"0+0", 4},
    {"none", 5}, {"1+1+1+1", 6}, {"many", FID_SHAPE_MANY}, {"null", FID_SHAPE_NULL}};
static const struct word messages[] = {{"1", 1}, {"2", 2}, {"3", 3}, {"0", 0}};
static const struct word options[] = {
    {"ERROR", FID_OPTION_ERROR},
    {"TYPE", FID_OPTION_TYPE},
    {"RCVLOWAT", FID_OPTION_LOWAT},
    {"SNDBUF", FID_OPTION_SNDBUF},
    {"RCVBUF", FID_OPTION_RCVBUF},
    {"LINGER", FID_OPTION_LINGER},
    {"ACCEPTCONN", FID_OPTION_ACCEPTCONN},
    {"DOMAIN", FID_OPTION_DOMAIN},
    {"PROTOCOL", FID_OPTION_PROTOCOL},
    {"REUSEADDR", FID_OPTION_REUSEADDR},
    {"OOBINLINE", FID_OPTION_OOBINLINE},
    {"BROADCAST", FID_OPTION_BROADCAST},
    {"KEEPALIVE", FID_OPTION_KEEPALIVE},
    {"NODELAY", FID_OPTION_NODELAY},
    {"TTL", FID_OPTION_TTL},
    {"V6ONLY", FID_OPTION_V6ONLY},
    {"UNKNOWN", FID_OPTION_UNKNOWN},
    {"REUSEPORT", FID_OPTION_REUSEPORT},
    {"KEEPIDLE", FID_OPTION_KEEPIDLE},
    {"KEEPINTVL", FID_OPTION_KEEPINTVL},
    {"KEEPCNT", FID_OPTION_KEEPCNT},
    {"USER_TIMEOUT", FID_OPTION_USER_TIMEOUT},
    {"NOTSENT_LOWAT", FID_OPTION_NOTSENT_LOWAT},
    {"CORK", FID_OPTION_CORK},
    {"HOPS", FID_OPTION_HOPS},
    {"MULTICAST_TTL", FID_OPTION_MULTICAST_TTL},
    {"MULTICAST_LOOP", FID_OPTION_MULTICAST_LOOP},
    {"PASSCRED", FID_OPTION_PASSCRED},
};
static const struct word values[] = {
    {"0", 0}, {"1", 1}, {"2", 2}, {"5", 5}, {"-1", -1}, {"70000", 70000}, {"1000000", 1000000}};
#define CONTROL(command, argument) ((command) | (int64_t)(argument) << FID_CONTROL_SHIFT)
static const struct word controls[] = {{"GETFL", WB_F_GETFL}, {"GETPIPE_SZ", WB_F_GETPIPE_SZ},
    {"77", 77}, {"SETPIPE_SZ=4096", CONTROL(WB_F_SETPIPE_SZ, 4096)},
    {"SETPIPE_SZ=10000", CONTROL(WB_F_SETPIPE_SZ, 10000)},
    {"SETPIPE_SZ=100000", CONTROL(WB_F_SETPIPE_SZ, 100000)},
    {"SETFL=NONBLOCK", CONTROL(WB_F_SETFL, WB_O_NONBLOCK)},
    {"SETFL=NONBLOCK|APPEND", CONTROL(WB_F_SETFL, WB_O_NONBLOCK | WB_O_APPEND)}};
static const struct word masks[] = {
    {"IN", WB_EPOLLIN},
    {"OUT", WB_EPOLLOUT},
    {"IN|OUT", WB_EPOLLIN | WB_EPOLLOUT},
    {"IN|RDHUP", WB_EPOLLIN | WB_EPOLLRDHUP},
    {"IN|OUT|RDHUP", WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP},
    {"IN|OUT|RDHUP|PRI", WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP | WB_EPOLLPRI},
    {"PRI", WB_EPOLLPRI},
    {"RDHUP", WB_EPOLLRDHUP},
    {"OUT|RDHUP", WB_EPOLLOUT | WB_EPOLLRDHUP},
    {"IN|PRI", WB_EPOLLIN | WB_EPOLLPRI},
    {"0", 0},
    {"ERR", WB_EPOLLERR},
    {"HUP", WB_EPOLLHUP},
    {"RDNORM", WB_EPOLLRDNORM},
    {"WRNORM", WB_EPOLLWRNORM},
    {"RDNORM|RDBAND|WRNORM|WRBAND",
        WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLWRNORM | WB_EPOLLWRBAND},
    {"all", WB_EPOLLIN | WB_EPOLLPRI | WB_EPOLLOUT | WB_EPOLLRDNORM | WB_EPOLLRDBAND
                | WB_EPOLLWRNORM | WB_EPOLLWRBAND | WB_EPOLLRDHUP},
};
static const struct word modes[] = {
    {"level", 0},
    {"edge", WB_EPOLLET},
    {"oneshot", WB_EPOLLONESHOT},
    {"edge-oneshot", WB_EPOLLET | WB_EPOLLONESHOT},
    {"exclusive", WB_EPOLLEXCLUSIVE},
    {"edge-exclusive", WB_EPOLLET | WB_EPOLLEXCLUSIVE},
    {"wakeup", WB_EPOLLWAKEUP},
    {"exclusive-oneshot", WB_EPOLLEXCLUSIVE | WB_EPOLLONESHOT},
};
static const struct word rooms[] = {
    {"8", 8}, {"1", 1}, {"2", 2}, {"3", 3}, {"24", 24}, {"0", 0}, {"-1", -1}};
static const struct word timeouts[] = {{"0", 0}, {"20us", 20000}};
static const struct word whens[] = {{"never", FID_WHEN_NEVER}, {"past", FID_WHEN_PAST},
    {"soon", FID_WHEN_SOON}, {"later", FID_WHEN_LATER}};
static const struct word intervals[] = {{"once", 0}, {"hourly", INT64_C(3600000000000)}};
static const struct word stranges[] = {
    {"recv-null", FID_STRANGE_RECV_NULL},
    {"send-null", FID_STRANGE_SEND_NULL},
    {"ctl-unknown", FID_STRANGE_CTL_UNKNOWN},
    {"add-null", FID_STRANGE_ADD_NULL},
    {"del-null", FID_STRANGE_DEL_NULL},
    {"wait-null", FID_STRANGE_WAIT_NULL},
    {"connect-short", FID_STRANGE_CONNECT_SHORT},
    {"connect-family", FID_STRANGE_CONNECT_FAMILY},
    {"connect-null", FID_STRANGE_CONNECT_NULL},
    {"option-short", FID_STRANGE_OPTION_SHORT},
    {"option-null", FID_STRANGE_OPTION_NULL},
    {"getoption-short", FID_STRANGE_GETOPTION_SHORT},
    {"getoption-null", FID_STRANGE_GETOPTION_NULL},
    {"name-null", FID_STRANGE_NAME_NULL},
    {"name-negative", FID_STRANGE_NAME_NEGATIVE},
    {"accept-flags", FID_STRANGE_ACCEPT_FLAGS},
    {"readv-negative", FID_STRANGE_READV_NEGATIVE},
};
/* All of them lie below a directory of the sequence's own; the last ones lead nowhere or around. */
static const struct word paths[] = {{"a", 0}, {"b", 0}, {"dir/a", 0}, {"dir", 0}, {"dir/b", 0},
    {"a/", 0}, {".", 0}, {"dir/..", 0}, {"dir/", 0}, {"missing/a", 0}, {"a/b", 0}, {"dir/dir", 0}};
static const struct word accesses[] = {
    {"rw", WB_O_RDWR}, {"r", WB_O_RDONLY}, {"w", WB_O_WRONLY}, {"3", WB_O_WRONLY | WB_O_RDWR}};
static const struct word creations[] = {
    {"CREAT", WB_O_CREAT}, {"-", 0}, {"CREAT|APPEND", WB_O_CREAT | WB_O_APPEND},
    {"CREAT|TRUNC", WB_O_CREAT | WB_O_TRUNC}, {"CREAT|EXCL", WB_O_CREAT | WB_O_EXCL},
    {"APPEND", WB_O_APPEND}, {"TRUNC", WB_O_TRUNC}, {"DIRECTORY", WB_O_DIRECTORY},
    {"NOFOLLOW|NONBLOCK", WB_O_NOFOLLOW | WB_O_NONBLOCK},
    {"CREAT|DIRECTORY", WB_O_CREAT | WB_O_DIRECTORY}, {"TRUNC|APPEND", WB_O_TRUNC | WB_O_APPEND},
    {"EXCL", WB_O_EXCL}, {"unknown", 04}, /* never a flag */
};
static const struct word places[] = {{"-", FID_PLACE_NONE}, {"0", 0}, {"1", 1}, {"5", 5},
    {"100", 100}, {"4096", 4096}, {"5000", 5000}, {"-1", -1}, {"last", INT64_MAX}};
static const struct word whences[] = {
    {"SET", WB_SEEK_SET}, {"CUR", WB_SEEK_CUR}, {"END", WB_SEEK_END}, {"3", 3}};
static const struct word lengths[] = {
    {"0", 0}, {"3", 3}, {"100", 100}, {"4096", 4096}, {"5000", 5000}, {"70000", 70000}, {"-1", -1}};
static const struct word amounts[] = {{"1", 1}, {"0", 0}, {"3", 3}, {"5", 5}, {"64", 64},
    {"300", 300}, {"4096", 4096}, {"5000", 5000}, {"70000", 70000}, {"most", INT64_MAX}};
#define SPLICE_PLACE(end, place) ((end) | (int64_t)(place) << FID_SPLICE_PLACE_SHIFT)
static const struct word splices[] = {
    {"-", 0},
    {"NONBLOCK", WB_SPLICE_F_NONBLOCK},
    {"MORE", WB_SPLICE_F_MORE},
    {"MOVE|NONBLOCK|MORE", WB_SPLICE_F_MOVE | WB_SPLICE_F_NONBLOCK | WB_SPLICE_F_MORE},
    {"in@0", SPLICE_PLACE(FID_SPLICE_IN, 0)},
    {"in@5", SPLICE_PLACE(FID_SPLICE_IN, 5)},
    {"in@5000", SPLICE_PLACE(FID_SPLICE_IN, 5000)},
    {"in@-1", FID_SPLICE_IN | FID_SPLICE_NEGATIVE},
    {"out@0", SPLICE_PLACE(FID_SPLICE_OUT, 0)},
    {"out@100", SPLICE_PLACE(FID_SPLICE_OUT, 100)},
    {"out@-1", FID_SPLICE_OUT | FID_SPLICE_NEGATIVE},
    {"in@1,out@1", SPLICE_PLACE(FID_SPLICE_IN | FID_SPLICE_OUT, 1)},
    {"unknown", 0x40},
};

static const struct {
    const char *what;
    const struct word *words;
    unsigned count;
} args[FID_ARG_COUNT] = {
#define WORDS(table) (table), sizeof(table) / sizeof((table)[0])
    [FID_ARG_NONE] = {"nothing", NULL, 1},
    [FID_ARG_FD] = {"a descriptor (fd0, fd1 ... or fd-)", NULL, FID_NUMBER_COUNT + 1},
    [FID_ARG_SOCKET] = {"a kind of socket", WORDS(sockets)},
    [FID_ARG_PAIR] = {"a kind of pair", WORDS(pairs)},
    [FID_ARG_LISTENER] = {"a kind of listener", WORDS(listeners)},
    [FID_ARG_BACKLOG] = {"a backlog", WORDS(backlogs)},
    [FID_ARG_COUNTER] = {"a counter", WORDS(counters)},
    [FID_ARG_SIGNAL] = {"a signal", WORDS(signal_words)},
    [FID_ARG_HOW] = {"a direction", WORDS(hows)},
    [FID_ARG_BIND] = {"an address", WORDS(binds)},
    [FID_ARG_NAME_ROOM] = {"room for an address", WORDS(name_rooms)},
    [FID_ARG_SIZE] = {"a size", WORDS(sizes)},
    [FID_ARG_SEND_FLAGS] = {"flags of a send", WORDS(send_flags)},
    [FID_ARG_RECV_FLAGS] = {"flags of a receive", WORDS(recv_flags)},
    [FID_ARG_SHAPE] = {"lengths of buffers", WORDS(shapes)},
    [FID_ARG_MESSAGES] = {"a number of messages", WORDS(messages)},
    [FID_ARG_OPTION] = {"an option", WORDS(options)},
    [FID_ARG_VALUE] = {"a value", WORDS(values)},
    [FID_ARG_CONTROL] = {"a command of fcntl", WORDS(controls)},
    [FID_ARG_MASK] = {"events", WORDS(masks)},
    [FID_ARG_MODE] = {"a mode", WORDS(modes)},
    [FID_ARG_ROOM] = {"room for events", WORDS(rooms)},
    [FID_ARG_TIMEOUT] = {"a timeout", WORDS(timeouts)},
    [FID_ARG_WHEN] = {"a time", WORDS(whens)},
    [FID_ARG_INTERVAL] = {"a period", WORDS(intervals)},
    [FID_ARG_STRANGE] = {"a mistake", WORDS(stranges)},
    [FID_ARG_PATH] = {"a path", WORDS(paths)},
    [FID_ARG_ACCESS] = {"an access mode", WORDS(accesses)},
    [FID_ARG_CREATION] = {"flags of an open", WORDS(creations)},
    [FID_ARG_PLACE] = {"a place in a file", WORDS(places)},
    [FID_ARG_WHENCE] = {"where a place counts from", WORDS(whences)},
    [FID_ARG_LENGTH] = {"the length of a file", WORDS(lengths)},
    [FID_ARG_AMOUNT] = {"an amount", WORDS(amounts)},
    [FID_ARG_SPLICE] = {"how to splice", WORDS(splices)},
#undef WORDS
};

unsigned fid_arg_count(enum fid_arg arg) {
    return args[arg].count;
}

int64_t fid_arg_value(enum fid_arg arg, uint8_t index) {
    return args[arg].words == NULL ? index : args[arg].words[index].value;
}

const char *fid_arg_name(enum fid_arg arg, uint8_t index) {
    static _Thread_local char name[16];
    if (arg == FID_ARG_NONE) {
        return "";
    }
    if (args[arg].words != NULL) {
        return args[arg].words[index].name;
    }
    if (index == FID_NUMBER_BAD) {
        return "fd-";
    }
    snprintf(name, sizeof(name), "fd%u", index);
    return name;
}

int fid_arg_from_name(enum fid_arg arg, const char *name, unsigned len) {
    for (unsigned i = 0; i < args[arg].count; i++) {
        if (is_word(fid_arg_name(arg, (uint8_t)i), name, len)) {
            return (int)i;
        }
    }
    return -1;
}

const char *fid_arg_what(enum fid_arg arg) {
    return args[arg].what;
}

/* ---- bytes ---- */

void fid_ops_decode(struct fid_ops *ops, const uint8_t *bytes, uint32_t len) {
    ops->count = 0;
    for (; len >= FID_OP_BYTES && ops->count < FID_STEPS_MAX;
         bytes += FID_OP_BYTES, len -= FID_OP_BYTES) {
        struct fid_op *op = &ops->op[ops->count++];
        op->code = bytes[0] % FID_OP_COUNT;
        for (unsigned i = 0; i < FID_ARGS_MAX; i++) {
            enum fid_arg arg = (enum fid_arg)infos[op->code].arg[i];
            op->arg[i] = (uint8_t)(bytes[1 + i] % args[arg].count);
        }
    }
}

uint32_t fid_ops_encode(const struct fid_ops *ops, uint8_t *bytes) {
    for (uint32_t i = 0; i < ops->count; i++) {
        bytes[i * FID_OP_BYTES] = ops->op[i].code;
        memcpy(bytes + (size_t)i * FID_OP_BYTES + 1, ops->op[i].arg, FID_ARGS_MAX);
    }
    return ops->count * FID_OP_BYTES;
}
