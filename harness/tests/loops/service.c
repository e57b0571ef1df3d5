#include "service.h"

#include <errno.h>
#include <string.h>

enum loops_order loops_line_take(struct loops_line *line, char byte) {
    static const struct {
        const char *text;
        enum loops_order order;
    } orders[] = {
        {"kick", LOOPS_ORDER_KICK},
        {"hold", LOOPS_ORDER_HOLD},
        {"go", LOOPS_ORDER_GO},
        {"run", LOOPS_ORDER_RUN},
        {"fill", LOOPS_ORDER_FILL},
        {"end", LOOPS_ORDER_END},
        {"dup", LOOPS_ORDER_DUP},
        {"copy", LOOPS_ORDER_COPY},
        {"quiet", LOOPS_ORDER_QUIET},
    };
    if (byte != '\n') {
        if (line->len < sizeof line->text - 1) {
            line->text[line->len++] = byte;
        }
        return LOOPS_ORDER_NONE;
    }
    line->text[line->len] = '\0';
    line->len = 0;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (strcmp(orders[i].text, line->text) == 0) {
            return orders[i].order;
        }
    }
    return LOOPS_ORDER_NONE;
}

int loops_child_start(const struct wb_sys *sys, struct loops_child *child, bool listens) {
    int fds[2];
    int result = WB_SYS(sys, pipe2, fds, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
    if (result != 0) {
        return result;
    }
    *child = (struct loops_child){
        .ours = fds[listens ? 1 : 0], .theirs = fds[listens ? 0 : 1], .listens = listens};
    if (!listens) {
        (void)WB_SYS(sys, write, child->theirs, "ready\n", 6);
    }
    return 0;
}

void loops_child_end(const struct wb_sys *sys, struct loops_child *child) {
    if (child->theirs >= 0) {
        (void)WB_SYS(sys, close, child->theirs);
        child->theirs = -1;
    }
}

bool loops_child_talk(const struct wb_sys *sys, const struct loops_child *child) {
    uint8_t bytes[4096] = {0};
    int64_t n;
    do {
        n = child->listens ? WB_SYS(sys, write, child->ours, bytes, sizeof bytes)
                           : WB_SYS(sys, read, child->ours, bytes, LOOPS_CHUNK);
    } while (n > 0 || n == -EINTR);
    return n != -EAGAIN;
}
