/* See unix_clients.h. */
#include "unix_clients.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/run.h"

enum { EXIT_AS_EXPECTED, EXIT_NOT_ANSWERED, EXIT_NOT_CONNECTED = 3 };

struct caller {
    const struct wb_sys *sys;
    int type;
    int count;
    const char *name; /* abstract; NULL: the path */
};

static bool say(const struct caller *caller, int fd, const char *text) {
    struct wb_iovec iov = {.base = (char *)(uintptr_t)text, .len = strlen(text)};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    return WB_SYS(caller->sys, sendmsg, fd, &msg, WB_MSG_NOSIGNAL) == (int64_t)iov.len;
}

static int64_t hear(const struct caller *caller, int fd, char *buf, size_t len) {
    struct wb_iovec iov = {buf, len};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    return WB_SYS(caller->sys, recvmsg, fd, &msg, 0);
}

static int talk(const struct caller *caller, int fd) {
    char heard[16];
    bool is_answered = say(caller, fd, "one\n") && say(caller, fd, "two\n")
                       && hear(caller, fd, heard, sizeof heard) == 2 && memcmp(heard, "ok", 2) == 0
                       && hear(caller, fd, heard, sizeof heard) == 0;
    return is_answered ? EXIT_AS_EXPECTED : EXIT_NOT_ANSWERED;
}

static uint32_t address_of(const struct caller *caller, struct wb_sockaddr *out) {
    static const char path[] = "/run/there";
    const uint32_t path_at = offsetof(struct wb_sockaddr_un, path);
    memset(out, 0, sizeof(*out));
    out->family = WB_AF_UNIX;
    if (caller->name == NULL) {
        memcpy(out->un.path, path, sizeof path);
        return path_at + sizeof path;
    }
    memcpy(out->un.path + 1, caller->name, strlen(caller->name));
    return path_at + 1 + (uint32_t)strlen(caller->name);
}

static int call_once(const struct caller *caller) {
    struct wb_sockaddr addr;
    uint32_t addr_len = address_of(caller, &addr);
    int fd = WB_SYS(caller->sys, socket, WB_AF_UNIX, caller->type, 0);
    if (fd < 0) {
        return EXIT_NOT_CONNECTED;
    }
    int status = WB_SYS(caller->sys, connect, fd, &addr, addr_len) == 0 ? talk(caller, fd)
                                                                        : EXIT_NOT_CONNECTED;
    (void)WB_SYS(caller->sys, close, fd);
    return status;
}

static int caller_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct caller caller = {.sys = sys, .type = WB_SOCK_STREAM, .count = 1};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--count") == 0) {
            caller.count = atoi(argv[i + 1]);
        } else if (strcmp(argv[i], "--name") == 0) {
            caller.name = argv[i + 1];
        } else if (strcmp(argv[i + 1], "seqpacket") == 0) {
            caller.type = WB_SOCK_SEQPACKET;
        }
    }
    int status = EXIT_AS_EXPECTED;
    for (int i = 0; i < caller.count && status == EXIT_AS_EXPECTED; i++) {
        status = call_once(&caller);
    }
    return status;
}

void unix_clients_register(void) {
    static const char *const options[] = {"type", "count", "name", NULL};
    static const struct wbh_program programs[] = {{
        .name = "small_caller",
        .summary = "says two things to a Unix socket and expects an answer",
        .main = caller_main,
        .options = options,
        .independent = 1,
        .must_succeed = 1,
    }};
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
}
