/* Names, pairs and messages of Unix sockets. */
#include "sys/contract/unix_support.h"

#include <stdio.h>
#include <string.h>

enum { CONTROL_MAX = 2048, PREFIX_MAX = 40 };

/* ---- names ---- */

static void write_name(const struct wb_contract_fixture *fx, char letter, char *out, size_t size) {
    const char *prefix = fx->unix_prefix != NULL ? fx->unix_prefix(fx->user_data) : "/tmp/";
    (void)snprintf(out, size, "%.*s%c", PREFIX_MAX, prefix, letter);
}

uint32_t wb__unix_path(struct wb_contract_fixture *fx, char letter, struct wb_sockaddr *out_addr) {
    memset(out_addr, 0, sizeof(*out_addr));
    out_addr->family = WB_AF_UNIX;
    write_name(fx, letter, out_addr->un.path, sizeof(out_addr->un.path));
    fx->unix_paths |= 1u << (letter - 'a');
    return (uint32_t)(sizeof(out_addr->family) + strlen(out_addr->un.path) + 1);
}

uint32_t wb__unix_abstract(
    const struct wb_contract_fixture *fx, char letter, struct wb_sockaddr *out_addr) {
    memset(out_addr, 0, sizeof(*out_addr));
    out_addr->family = WB_AF_UNIX;
    write_name(fx, letter, out_addr->un.path + 1, sizeof(out_addr->un.path) - 1);
    return (uint32_t)(sizeof(out_addr->family) + 1 + strlen(out_addr->un.path + 1));
}

int wb__unix_unlink(struct wb_contract_fixture *fx, char letter) {
    char path[PREFIX_MAX + 8];
    write_name(fx, letter, path, sizeof(path));
    return SYS(unlink, path);
}

void wb__unix_unlink_all(struct wb_contract_fixture *fx) {
    for (char letter = 'a'; letter <= 'z'; letter++) {
        if ((fx->unix_paths >> (letter - 'a') & 1u) != 0) {
            (void)wb__unix_unlink(fx, letter);
        }
    }
}

/* ---- sockets ---- */

static bool succeeded(struct wb_contract_fixture *fx, int64_t result, const char *step) {
    return wb__check_equal(fx, __FILE__, __LINE__, result < 0 ? result : 0, 0, step);
}

int wb__unix_socket(struct wb_contract_fixture *fx, int type) {
    return wb__track(fx, SYS(socket, WB_AF_UNIX, type | WB_SOCK_NONBLOCK, 0));
}

bool wb__unix_pair(struct wb_contract_fixture *fx, int type, struct wb__pair *out_pair) {
    static const char *const texts[] = {
        [STREAM] = "{} and {} are a pair of streams",
        [DGRAM] = "{} and {} are a pair of datagram sockets",
        [SEQPACKET] = "{} and {} are a pair of seqpacket sockets",
    };
    int fds[2];
    wb__begin(fx);
    int result = SYS(socketpair, WB_AF_UNIX, type | WB_SOCK_NONBLOCK, 0, fds);
    if (!succeeded(fx, result, "socketpair")) {
        return false;
    }
    out_pair->own = wb__track(fx, fds[0]);
    out_pair->peer = wb__track(fx, fds[1]);
    wb__name(fx, out_pair->own, "own");
    wb__name(fx, out_pair->peer, "peer");
    TELL(0, texts[type], out_pair->own, out_pair->peer);
    return true;
}

bool wb__unix_bound(struct wb_contract_fixture *fx, int type, char letter, int *out_fd) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_path(fx, letter, &addr);
    *out_fd = wb__unix_socket(fx, type);
    return succeeded(fx, *out_fd, "socket")
           && succeeded(fx, SYS(bind, *out_fd, &addr, len), "bind");
}

bool wb__unix_listener(
    struct wb_contract_fixture *fx, int type, int backlog, char letter, int *out_fd) {
    if (!wb__unix_bound(fx, type, letter, out_fd)) {
        return false;
    }
    wb__name(fx, *out_fd, "listener");
    return succeeded(fx, SYS(listen, *out_fd, backlog), "listen");
}

int wb__unix_connect(struct wb_contract_fixture *fx, int fd, char letter) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_path(fx, letter, &addr);
    return SYS(connect, fd, &addr, len);
}

bool wb__unix_client(struct wb_contract_fixture *fx, int type, char letter, int *out_fd) {
    *out_fd = wb__unix_socket(fx, type);
    wb__name(fx, *out_fd, "client");
    return succeeded(fx, *out_fd, "socket")
           && succeeded(fx, wb__unix_connect(fx, *out_fd, letter), "connect");
}

bool wb__set_blocking(struct wb_contract_fixture *fx, int fd) {
    return succeeded(fx, SYS(fcntl, fd, WB_F_SETFL, 0), "fcntl");
}

bool wb__set_send_buffer(struct wb_contract_fixture *fx, int fd, int size) {
    int result = wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF, size / 2);
    int told = wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF);
    return succeeded(fx, result, "setsockopt")
           && wb__check_equal(fx, __FILE__, __LINE__, told, size, "the send buffer");
}

/* ---- bytes ---- */

int64_t wb__send_text(struct wb_contract_fixture *fx, int fd, const char *text, int flags) {
    return SYS(send, fd, text, strlen(text), flags | WB_MSG_NOSIGNAL);
}

bool wb__check_text(struct wb_contract_fixture *fx, const char *file, int line, int fd, size_t len,
    int flags, const char *expected) {
    char bytes[65] = {0};
    int64_t result = SYS(recv, fd, bytes, len, flags);
    if (!wb__check_equal(fx, file, line, result, (long long)strlen(expected), "bytes received")) {
        return false;
    }
    if (strcmp(bytes, expected) != 0) {
        wb__fail(fx, file, line, "received \"%s\", expected \"%s\"", bytes, expected);
        return false;
    }
    return true;
}

int64_t wb__unix_send_to(struct wb_contract_fixture *fx, int fd, char letter) {
    struct wb_sockaddr addr;
    struct wb_iovec iov = {(char[]){'x'}, 1};
    struct wb_msghdr msg = {.name = &addr, .iov = &iov, .iov_len = 1};
    msg.name_len = wb__unix_path(fx, letter, &addr);
    return SYS(sendmsg, fd, &msg, WB_MSG_NOSIGNAL);
}

/* ---- ancillary data ---- */

static void take_descriptors(struct wb_contract_fixture *fx, struct wb__received *received,
    const uint8_t *bytes, size_t len) {
    for (size_t at = 0; at + sizeof(int) <= len && received->fds_len < WB__FDS_MAX;
         at += sizeof(int)) {
        int *fd = &received->fds[received->fds_len++];
        memcpy(fd, bytes + at, sizeof(*fd));
        wb__track(fx, *fd);
    }
}

static void take_control(
    struct wb_contract_fixture *fx, struct wb__received *received, const uint8_t *control) {
    struct wb_cmsghdr header;
    for (size_t at = 0; at + sizeof(header) <= received->control_len;
         at += WB_CMSG_ALIGN(header.len)) {
        memcpy(&header, control + at, sizeof(header));
        const uint8_t *payload = control + at + sizeof(header);
        size_t payload_len = header.len - sizeof(header);
        if (header.level == WB_SOL_SOCKET && header.type == WB_SCM_RIGHTS) {
            take_descriptors(fx, received, payload, payload_len);
        } else if (header.level == WB_SOL_SOCKET && header.type == WB_SCM_CREDENTIALS
                   && payload_len == sizeof(received->credentials)) {
            received->has_credentials = true;
            memcpy(&received->credentials, payload, payload_len);
        }
        if (header.len < sizeof(header)) {
            wb__fail(fx, __FILE__, __LINE__, "a control message is shorter than its header");
            return;
        }
    }
}

struct wb__received wb__receive(
    struct wb_contract_fixture *fx, int fd, size_t len, size_t control_len, int flags) {
    struct wb__received received = {.result = 0};
    union {
        struct wb_cmsghdr align;
        uint8_t bytes[CONTROL_MAX];
    } control = {.bytes = {0}};
    struct wb_iovec iov = {received.bytes, len};
    struct wb_msghdr msg = {.name = &received.name,
        .name_len = sizeof(received.name),
        .iov = &iov,
        .iov_len = 1,
        .control = control_len != 0 ? control.bytes : NULL,
        .control_len = control_len};
    received.result = SYS(recvmsg, fd, &msg, flags);
    received.name_len = msg.name_len;
    received.control_len = msg.control_len;
    received.flags = msg.flags;
    if (received.result >= 0) {
        take_control(fx, &received, control.bytes);
    }
    return received;
}

int64_t wb__send_control(struct wb_contract_fixture *fx, int fd, const char *text, int type,
    const void *payload, size_t payload_len) {
    union {
        struct wb_cmsghdr header;
        uint8_t bytes[CONTROL_MAX];
    } control = {.bytes = {0}};
    char bytes[64];
    struct wb_iovec iov = {bytes, strlen(text)};
    struct wb_msghdr msg = {.iov = &iov,
        .iov_len = 1,
        .control = control.bytes,
        .control_len = WB_CMSG_SPACE(payload_len)};
    memcpy(bytes, text, strlen(text));
    control.header =
        (struct wb_cmsghdr){.len = WB_CMSG_LEN(payload_len), .level = WB_SOL_SOCKET, .type = type};
    if (payload_len != 0) {
        memcpy(control.bytes + sizeof(control.header), payload, payload_len);
    }
    return SYS(sendmsg, fd, &msg, WB_MSG_NOSIGNAL);
}

int64_t wb__send_fds(
    struct wb_contract_fixture *fx, int fd, const char *text, const int *fds, size_t fds_len) {
    return wb__send_control(fx, fd, text, WB_SCM_RIGHTS, fds, fds_len * sizeof(*fds));
}
