/* What the cases of Unix sockets are written with, beside support.h: names, pairs, listeners,
 * messages with ancillary data. */
#ifndef WB_SYS_CONTRACT_UNIX_SUPPORT_H
#define WB_SYS_CONTRACT_UNIX_SUPPORT_H

#include "sys/contract/support.h"

#define STREAM WB_SOCK_STREAM
#define DGRAM WB_SOCK_DGRAM
#define SEQPACKET WB_SOCK_SEQPACKET

/* ---- names: each is known by a letter ---- */

/* The address; returns its length. A path is unlinked when the case has ended. */
uint32_t wb__unix_path(struct wb_contract_fixture *fx, char letter, struct wb_sockaddr *out_addr);
uint32_t wb__unix_abstract(
    const struct wb_contract_fixture *fx, char letter, struct wb_sockaddr *out_addr);
/* The path without the NUL that the kernel adds. */
int wb__unix_unlink(struct wb_contract_fixture *fx, char letter);
void wb__unix_unlink_all(struct wb_contract_fixture *fx);

/* ---- sockets: non-blocking, tracked ---- */

int wb__unix_socket(struct wb_contract_fixture *fx, int type);
/* False: recorded. */
bool wb__unix_pair(struct wb_contract_fixture *fx, int type, struct wb__pair *out_pair);
bool wb__unix_bound(struct wb_contract_fixture *fx, int type, char letter, int *out_fd);
bool wb__unix_listener(
    struct wb_contract_fixture *fx, int type, int backlog, char letter, int *out_fd);
int wb__unix_connect(struct wb_contract_fixture *fx, int fd, char letter);
/* A new socket that is connected to the path. */
bool wb__unix_client(struct wb_contract_fixture *fx, int type, char letter, int *out_fd);
int64_t wb__unix_send_to(struct wb_contract_fixture *fx, int fd, char letter);

bool wb__set_blocking(struct wb_contract_fixture *fx, int fd);
bool wb__set_send_buffer(struct wb_contract_fixture *fx, int fd, int size); /* as it is then told */

/* ---- bytes and what comes with them ---- */

int64_t wb__send_text(struct wb_contract_fixture *fx, int fd, const char *text, int flags);
/* Receives up to `len` bytes, at most 64, and compares them. */
bool wb__check_text(struct wb_contract_fixture *fx, const char *file, int line, int fd, size_t len,
    int flags, const char *expected);
#define TEXT(fd, len, flags, expected)                                                             \
    do {                                                                                           \
        if (!wb__check_text(fx, __FILE__, __LINE__, (fd), (len), (flags), (expected))) {           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* A message as recvmsg gives it. */
enum { WB__FDS_MAX = 256 };
struct wb__received {
    int64_t result;
    char bytes[64];
    struct wb_sockaddr name;
    uint32_t name_len;
    size_t control_len;
    int flags;
    int fds[WB__FDS_MAX]; /* of SCM_RIGHTS; tracked */
    size_t fds_len;
    bool has_credentials; /* whole */
    struct wb_ucred credentials;
};
/* Up to `len` bytes, with room for control_len bytes of control messages (at most 2048). */
struct wb__received wb__receive(
    struct wb_contract_fixture *fx, int fd, size_t len, size_t control_len, int flags);
/* A text with descriptors; the result. */
int64_t wb__send_fds(
    struct wb_contract_fixture *fx, int fd, const char *text, const int *fds, size_t fds_len);
/* A text with one control message. */
int64_t wb__send_control(struct wb_contract_fixture *fx, int fd, const char *text, int type,
    const void *payload, size_t payload_len);

#endif
