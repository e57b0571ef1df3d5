/* Registrations and what they report: order in one instance, and all four modes side by side. */
#include "sys/tests/support.h"

#include <stdio.h>
#include <string.h>

enum { EVENTS_MAX = 16, WAITS = 3 };

const uint32_t wb__mode_bits[WB__MODE_COUNT] = {
    [WB__LEVEL] = 0,
    [WB__EDGE] = WB_EPOLLET,
    [WB__ONESHOT] = WB_EPOLLONESHOT,
    [WB__EDGE_ONESHOT] = WB_EPOLLET | WB_EPOLLONESHOT,
};

static const char *const mode_names[WB__MODE_COUNT] = {
    [WB__LEVEL] = "level",
    [WB__EDGE] = "edge",
    [WB__ONESHOT] = "one-shot",
    [WB__EDGE_ONESHOT] = "edge+one-shot",
};

int wb__ctl(
    struct wb_contract_fixture *fx, int epfd, int op, int fd, uint32_t events, uint64_t data) {
    struct wb_epoll_event event = {.events = events, .data = data};
    return SYS(epoll_ctl, epfd, op, fd, &event);
}

bool wb__add(struct wb_contract_fixture *fx, int epfd, int fd, uint32_t events, char data) {
    int result = wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, events, (uint64_t)data);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "EPOLL_CTL_ADD");
}

bool wb__check_order(struct wb_contract_fixture *fx, const char *file, int line, int epfd,
    int events_max, const char *expected) {
    struct wb_epoll_event events[EVENTS_MAX];
    char actual[EVENTS_MAX + 1] = {0};
    int count = SYS(epoll_pwait2, epfd, events, events_max, 0);
    if (!wb__check(fx, file, line, count >= 0, "epoll_pwait2 succeeds")) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        actual[i] = (char)events[i].data;
    }
    if (strcmp(actual, expected) != 0) {
        wb__fail(fx, file, line, "events in order are \"%s\", expected \"%s\"", actual, expected);
        return false;
    }
    return true;
}

static uint32_t mode_interest(const struct wb__watch *watch, int mode) {
    uint32_t interest = mode < WB__ONESHOT ? watch->interest : watch->oneshot_interest;
    return interest | wb__mode_bits[mode];
}

static bool control(
    struct wb_contract_fixture *fx, const struct wb__watch *watch, int op, int first_mode) {
    for (int mode = first_mode; mode < WB__MODE_COUNT; mode++) {
        int result = wb__ctl(
            fx, watch->epfd[mode], op, watch->fd, mode_interest(watch, mode), (uint64_t)watch->fd);
        if (!wb__check_equal(fx, __FILE__, __LINE__, result, 0, "epoll_ctl")) {
            return false;
        }
    }
    return true;
}

bool wb__watch(struct wb_contract_fixture *fx, struct wb__watch *out_watch, int fd,
    uint32_t interest, uint32_t oneshot_interest) {
    *out_watch =
        (struct wb__watch){.fd = fd, .interest = interest, .oneshot_interest = oneshot_interest};
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        out_watch->epfd[mode] = wb__epoll(fx);
        if (!wb__check(fx, __FILE__, __LINE__, out_watch->epfd[mode] >= 0, "epoll_create1")) {
            return false;
        }
    }
    return control(fx, out_watch, WB_EPOLL_CTL_ADD, WB__LEVEL);
}

bool wb__modify(struct wb_contract_fixture *fx, struct wb__watch *watch, uint32_t interest) {
    watch->interest = interest;
    watch->oneshot_interest = interest;
    return control(fx, watch, WB_EPOLL_CTL_MOD, WB__LEVEL);
}

bool wb__rearm(struct wb_contract_fixture *fx, struct wb__watch *watch) {
    return control(fx, watch, WB_EPOLL_CTL_MOD, WB__ONESHOT);
}

static void append_bits(char *text, size_t size, uint32_t events) {
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {
        {IN, "IN"}, {OUT, "OUT"}, {PRI, "PRI"}, {RDHUP, "RDHUP"}, {HUP, "HUP"}, {ERR, "ERR"}};
    text[0] = '\0';
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        if (events & bits[i].bit) {
            size_t used = strlen(text);
            (void)snprintf(text + used, size - used, "%s%s", used > 0 ? "|" : "", bits[i].name);
        }
    }
    if (events == 0) {
        (void)snprintf(text, size, "nothing");
    }
}

/* One wait in one mode: the mask reported, 0 if none. */
static bool observe_once(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, int mode, int wait, uint32_t expected) {
    struct wb_epoll_event events[2];
    int count = SYS(epoll_pwait2, watch->epfd[mode], events, 2, 0);
    uint32_t actual = count > 0 ? events[0].events : 0;
    bool is_right = count == (expected != 0) && actual == expected;
    if (count > 0 && events[0].data != (uint64_t)watch->fd) {
        is_right = false;
    }
    if (!is_right) {
        char got[64];
        char wanted[64];
        append_bits(got, sizeof(got), actual);
        append_bits(wanted, sizeof(wanted), expected);
        wb__fail(fx, file, line, "%s, wait %d gives %d events: %s (0x%x), expected %s",
            mode_names[mode], wait + 1, count, got, (unsigned)actual, wanted);
    }
    return is_right;
}

bool wb__observe(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, uint32_t level, uint32_t edge, uint32_t oneshot) {
    const uint32_t expected[WB__MODE_COUNT] = {level, edge, oneshot, oneshot};
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        for (int wait = 0; wait < WAITS; wait++) {
            uint32_t mask = wait == 0 || mode == WB__LEVEL ? expected[mode] : 0;
            if (!observe_once(fx, file, line, watch, mode, wait, mask)) {
                return false;
            }
        }
    }
    return true;
}

bool wb__check_state(
    struct wb_contract_fixture *fx, const char *file, int line, int fd, uint32_t expected) {
    struct wb__watch watch;
    if (!wb__watch(fx, &watch, fd, ALL, ALL)
        || !wb__observe(fx, file, line, &watch, expected, expected, expected)) {
        return false;
    }
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        if (!wb__check_equal(
                fx, file, line, wb__close(fx, watch.epfd[mode]), 0, "closing an epoll instance")) {
            return false;
        }
    }
    return true;
}
