/* Registrations and what they report: order in one instance, and all four modes side by side. */
#include "sys/contract/support.h"

#include <stdio.h>
#include <string.h>

enum { EVENTS_MAX = 16 };

/* What EPOLLEXCLUSIVE allows beside itself, of what an interest here may hold. */
#define EXCLUSIVE_INTEREST (IN | OUT)

const uint32_t wb__mode_bits[WB__MODE_COUNT] = {
    [WB__LEVEL] = 0,
    [WB__EDGE] = WB_EPOLLET,
    [WB__ONESHOT] = WB_EPOLLONESHOT,
    [WB__EDGE_ONESHOT] = WB_EPOLLET | WB_EPOLLONESHOT,
};

static const char *const mode_names[WB_CONTRACT_MODE_COUNT] = {
    [WB_CONTRACT_LEVEL] = "level",
    [WB_CONTRACT_EDGE] = "edge",
    [WB_CONTRACT_ONESHOT] = "one-shot",
    [WB_CONTRACT_EDGE_ONESHOT] = "edge+one-shot",
    [WB_CONTRACT_EXCLUSIVE] = "exclusive",
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

static void tell_order(
    struct wb_contract_fixture *fx, int epfd, int events_max, int count, const char *events) {
    char text[64];
    (void)snprintf(text, sizeof(text), "epoll_wait({}), at most %d", events_max);
    wb__end(fx, &(struct wb_contract_step){.kind = WB_CONTRACT_ORDERED,
                    .text = text,
                    .fds = &epfd,
                    .fd_count = 1,
                    .result = count,
                    .events = events});
}

bool wb__check_order(struct wb_contract_fixture *fx, const char *file, int line, int epfd,
    int events_max, const char *expected) {
    struct wb_epoll_event events[EVENTS_MAX];
    char actual[EVENTS_MAX + 1] = {0};
    wb__begin(fx);
    int count = SYS(epoll_pwait2, epfd, events, events_max, 0);
    for (int i = 0; i < count; i++) {
        actual[i] = (char)events[i].data;
    }
    tell_order(fx, epfd, events_max, count, actual);
    if (!wb__check(fx, file, line, count >= 0, "epoll_pwait2 succeeds")) {
        return false;
    }
    if (strcmp(actual, expected) != 0) {
        wb__fail(fx, file, line, "events in order are \"%s\", expected \"%s\"", actual, expected);
        return false;
    }
    return true;
}

/* ---- registrations ---- */

static uint32_t mode_interest(const struct wb__watch *watch, int mode) {
    if (mode == WB_CONTRACT_EXCLUSIVE) {
        return (watch->interest & EXCLUSIVE_INTEREST) | WB_EPOLLEXCLUSIVE;
    }
    uint32_t interest = mode < WB__ONESHOT ? watch->interest : watch->oneshot_interest;
    return interest | wb__mode_bits[mode];
}

static int control_one(
    struct wb_contract_fixture *fx, const struct wb__watch *watch, int op, int mode) {
    return wb__ctl(
        fx, watch->epfd[mode], op, watch->fd, mode_interest(watch, mode), (uint64_t)watch->fd);
}

static bool control(
    struct wb_contract_fixture *fx, const struct wb__watch *watch, int op, int first_mode) {
    for (int mode = first_mode; mode < WB__MODE_COUNT; mode++) {
        int result = control_one(fx, watch, op, mode);
        if (!wb__check_equal(fx, __FILE__, __LINE__, result, 0, "epoll_ctl")) {
            return false;
        }
    }
    return true;
}

/* An instance cannot be registered so: then there is no such registration. */
static bool add_exclusive(struct wb_contract_fixture *fx, struct wb__watch *watch) {
    int *epfd = &watch->epfd[WB_CONTRACT_EXCLUSIVE];
    int result = control_one(fx, watch, WB_EPOLL_CTL_ADD, WB_CONTRACT_EXCLUSIVE);
    if (result == -EINVAL) {
        int closed = wb__close(fx, *epfd);
        *epfd = -1;
        return wb__check_equal(fx, __FILE__, __LINE__, closed, 0, "closing an epoll instance");
    }
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "epoll_ctl");
}

/* EPOLL_CTL_MOD is not allowed. */
static bool modify_exclusive(struct wb_contract_fixture *fx, struct wb__watch *watch) {
    if (watch->epfd[WB_CONTRACT_EXCLUSIVE] < 0) {
        return true;
    }
    int result = control_one(fx, watch, WB_EPOLL_CTL_DEL, WB_CONTRACT_EXCLUSIVE);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "epoll_ctl")
           && add_exclusive(fx, watch);
}

static void append_bits(char *text, size_t size, uint32_t events) {
    static const struct {
        uint32_t bit;
        const char *name;
    } bits[] = {{IN, "IN"}, {OUT, "OUT"}, {PRI, "PRI"}, {RDHUP, "RDHUP"}, {HUP, "HUP"},
        {ERR, "ERR"}, {WB_EPOLLRDNORM, "RDNORM"}, {WB_EPOLLRDBAND, "RDBAND"},
        {WB_EPOLLWRNORM, "WRNORM"}, {WB_EPOLLWRBAND, "WRBAND"}};
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

static void tell_registration(
    struct wb_contract_fixture *fx, const struct wb__watch *watch, const char *verb) {
    char interest[96];
    char oneshot[96];
    char text[256];
    append_bits(interest, sizeof(interest), watch->interest);
    append_bits(oneshot, sizeof(oneshot), watch->oneshot_interest);
    if (watch->interest == watch->oneshot_interest) {
        (void)snprintf(text, sizeof(text), "%s {} for %s", verb, interest);
    } else {
        (void)snprintf(
            text, sizeof(text), "%s {} for %s; one-shot for %s", verb, interest, oneshot);
    }
    TELL(0, text, watch->fd);
}

bool wb__watch(struct wb_contract_fixture *fx, struct wb__watch *out_watch, int fd,
    uint32_t interest, uint32_t oneshot_interest) {
    *out_watch =
        (struct wb__watch){.fd = fd, .interest = interest, .oneshot_interest = oneshot_interest};
    wb__begin(fx);
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        out_watch->epfd[mode] = wb__epoll(fx);
        if (!wb__check(fx, __FILE__, __LINE__, out_watch->epfd[mode] >= 0, "epoll_create1")) {
            return false;
        }
    }
    if (!control(fx, out_watch, WB_EPOLL_CTL_ADD, WB__LEVEL) || !add_exclusive(fx, out_watch)) {
        return false;
    }
    tell_registration(fx, out_watch, "register");
    return true;
}

bool wb__modify(struct wb_contract_fixture *fx, struct wb__watch *watch, uint32_t interest) {
    watch->interest = interest;
    watch->oneshot_interest = interest;
    wb__begin(fx);
    if (!control(fx, watch, WB_EPOLL_CTL_MOD, WB__LEVEL) || !modify_exclusive(fx, watch)) {
        return false;
    }
    tell_registration(fx, watch, "modify");
    return true;
}

bool wb__rearm(struct wb_contract_fixture *fx, struct wb__watch *watch) {
    wb__begin(fx);
    if (!control(fx, watch, WB_EPOLL_CTL_MOD, WB__ONESHOT)) {
        return false;
    }
    TELL(0, "re-arm {} where it is one-shot", watch->fd);
    return true;
}

bool wb__delete(struct wb_contract_fixture *fx, struct wb__watch *watch) {
    wb__begin(fx);
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        int result = watch->epfd[mode] < 0 ? 0 : control_one(fx, watch, WB_EPOLL_CTL_DEL, mode);
        if (!wb__check_equal(fx, __FILE__, __LINE__, result, 0, "epoll_ctl")) {
            return false;
        }
    }
    TELL(0, "delete {} everywhere", watch->fd);
    return true;
}

/* ---- observations ---- */

/* One wait in one mode, as it came out. */
struct wait {
    int count;
    uint32_t mask; /* 0 if none */
    uint64_t data;
};

struct observation {
    struct wait waits[WB_CONTRACT_MODE_COUNT][WB_CONTRACT_WAITS];
};

static void wait_in_all_modes(
    struct wb_contract_fixture *fx, const struct wb__watch *watch, struct observation *out) {
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        for (int i = 0; i < WB_CONTRACT_WAITS; i++) {
            struct wb_epoll_event events[2];
            struct wait *wait = &out->waits[mode][i];
            int epfd = watch->epfd[mode];
            wait->count = epfd < 0 ? 0 : SYS(epoll_pwait2, epfd, events, 2, 0);
            wait->mask = wait->count > 0 ? events[0].events : 0;
            wait->data = wait->count > 0 ? events[0].data : 0;
        }
    }
}

static void tell_observation(struct wb_contract_fixture *fx, const struct wb__watch *watch,
    const struct observation *seen, const char *text) {
    struct wb_contract_step step = {
        .kind = WB_CONTRACT_OBSERVED, .text = text, .fds = &watch->fd, .fd_count = 1};
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        step.modes |= watch->epfd[mode] < 0 ? 0u : 1u << mode;
        for (int i = 0; i < WB_CONTRACT_WAITS; i++) {
            step.masks[mode][i] = seen->waits[mode][i].mask;
        }
    }
    wb__end(fx, &step);
}

static bool is_as_expected(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, int mode, int i, const struct wait *wait, uint32_t expected) {
    bool is_right = wait->count == (expected != 0) && wait->mask == expected;
    if (wait->count > 0 && wait->data != (uint64_t)watch->fd) {
        is_right = false;
    }
    if (!is_right) {
        char got[64];
        char wanted[64];
        append_bits(got, sizeof(got), wait->mask);
        append_bits(wanted, sizeof(wanted), expected);
        wb__fail(fx, file, line, "%s, wait %d gives %d events: %s (0x%x), expected %s",
            mode_names[mode], i + 1, wait->count, got, (unsigned)wait->mask, wanted);
    }
    return is_right;
}

static uint32_t exclusive_mask(const struct wb__watch *watch, uint32_t level) {
    uint32_t reportable = (watch->interest & EXCLUSIVE_INTEREST) | HUP | ERR;
    return watch->epfd[WB_CONTRACT_EXCLUSIVE] < 0 ? 0 : level & reportable;
}

static bool observe(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, const uint32_t *expected, const char *text) {
    struct observation seen;
    wb__begin(fx);
    wait_in_all_modes(fx, watch, &seen);
    tell_observation(fx, watch, &seen, text);
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        bool repeats = mode == WB_CONTRACT_LEVEL || mode == WB_CONTRACT_EXCLUSIVE;
        for (int i = 0; i < WB_CONTRACT_WAITS; i++) {
            uint32_t mask = i == 0 || repeats ? expected[mode] : 0;
            if (!is_as_expected(fx, file, line, watch, mode, i, &seen.waits[mode][i], mask)) {
                return false;
            }
        }
    }
    return true;
}

bool wb__observe(struct wb_contract_fixture *fx, const char *file, int line,
    const struct wb__watch *watch, uint32_t level, uint32_t edge, uint32_t oneshot) {
    const uint32_t expected[WB_CONTRACT_MODE_COUNT] = {
        level, edge, oneshot, oneshot, exclusive_mask(watch, level)};
    char text[128];
    if (watch->interest == ALL || watch->interest == READ) {
        (void)snprintf(text, sizeof(text), "observe {}");
    } else { /* perhaps one of several on one descriptor */
        char interest[96];
        append_bits(interest, sizeof(interest), watch->interest);
        (void)snprintf(text, sizeof(text), "observe {} for %s", interest);
    }
    return observe(fx, file, line, watch, expected, text);
}

bool wb__check_state(
    struct wb_contract_fixture *fx, const char *file, int line, int fd, uint32_t expected) {
    struct wb__watch watch;
    wb__begin(fx);
    if (!wb__watch(fx, &watch, fd, ALL, ALL)) {
        return false;
    }
    wb__end_untold(fx);
    const uint32_t masks[WB_CONTRACT_MODE_COUNT] = {
        expected, expected, expected, expected, exclusive_mask(&watch, expected)};
    if (!observe(fx, file, line, &watch, masks, "register {} anew and observe it")) {
        return false;
    }
    wb__begin(fx);
    for (int mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        int result = watch.epfd[mode] < 0 ? 0 : wb__close(fx, watch.epfd[mode]);
        if (!wb__check_equal(fx, file, line, result, 0, "closing an epoll instance")) {
            return false;
        }
    }
    wb__end_untold(fx);
    return true;
}
