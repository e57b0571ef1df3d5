/* Pairs of the kinds of streams, and bytes through them. */
#include "sys/contract/stream_support.h"

#include "sys/contract/unix_support.h"

enum { CHUNK_MAX = 4096 };

static bool pipe_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair) {
    int fds[2] = {-1, -1};
    int result = SYS(pipe2, fds, WB_O_NONBLOCK | WB_O_CLOEXEC);
    if (!wb__check_equal(fx, __FILE__, __LINE__, result, 0, "pipe2")) {
        return false;
    }
    out_pair->own = wb__track(fx, fds[0]);
    out_pair->peer = wb__track(fx, fds[1]);
    return true;
}

bool wb__stream_pair(struct wb_contract_fixture *fx, int kind, struct wb__pair *out_pair) {
    switch ((enum wb__stream)kind) {
    case WB__TCP:
        return wb__pair(fx, out_pair);
    case WB__UNIX_STREAM:
        return wb__unix_pair(fx, STREAM, out_pair);
    case WB__PIPE:
        return pipe_pair(fx, out_pair);
    case WB__STREAM_COUNT:
        break;
    }
    return false;
}

bool wb__write(struct wb_contract_fixture *fx, int fd, size_t len) {
    static const char data[CHUNK_MAX];
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, data, len), (long long)len, "bytes written");
}

bool wb__read(struct wb_contract_fixture *fx, int fd, size_t len) {
    char data[CHUNK_MAX];
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(read, fd, data, len), (long long)len, "bytes read");
}

int64_t wb__read_result(struct wb_contract_fixture *fx, int fd) {
    char data[16];
    return SYS(read, fd, data, sizeof(data));
}
