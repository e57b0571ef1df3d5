/* Shared pieces of the kernel's tests. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

static struct wbh_choice one_choice_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    struct one_choice *source = (struct one_choice *)self;
    static const struct wbh_choice pass;
    uint32_t offered = point->kernel | point->contract | point->failing;
    if (point->point != source->point || (source->ordinal != 0 && point->ordinal != source->ordinal)
        || (offered & WBH_ACTION_BIT(source->answer.action)) == 0) {
        return pass;
    }
    source->asked++;
    source->offered_kernel = point->kernel;
    source->offered_contract = point->contract;
    source->offered_failing = point->failing;
    return source->answer;
}

static const struct wbh_choice_source_ops one_choice_ops = {.choose = one_choice_choose};

void one_choice_init(struct one_choice *source, uint8_t point, uint32_t ordinal,
    enum wbh_action action, uint64_t value) {
    memset(source, 0, sizeof(*source));
    source->base.ops = &one_choice_ops;
    source->point = point;
    source->ordinal = ordinal;
    source->answer.action = (uint8_t)action;
    source->answer.value = value;
}

enum { STREAM = WB_SOCK_STREAM | WB_SOCK_NONBLOCK };

void pair_listen(struct pair *pair, struct sim_kernel *kernel) {
    memset(pair, 0, sizeof(*pair));
    const struct wb_sys *sys = wb_sim_sys(kernel);
    pair->sys = sys;
    pair->addr.in.family = WB_AF_INET;
    pair->addr.in.addr[0] = 127;
    pair->addr.in.addr[3] = 1;
    uint32_t len = sizeof(pair->addr.in);
    pair->listener = WB_SYS(sys, socket, WB_AF_INET, STREAM, 0);
    assert_true(pair->listener >= 0);
    assert_int_equal(WB_SYS(sys, bind, pair->listener, &pair->addr, len), 0);
    assert_int_equal(WB_SYS(sys, listen, pair->listener, 16), 0);
    assert_int_equal(WB_SYS(sys, getsockname, pair->listener, &pair->addr, &len), 0);
    pair->epfd = WB_SYS(sys, epoll_create1, 0);
    assert_true(pair->epfd >= 0);
}

int pair_connect(const struct pair *pair) {
    int fd = WB_SYS(pair->sys, socket, WB_AF_INET, STREAM, 0);
    assert_true(fd >= 0);
    uint32_t len = sizeof(pair->addr.in);
    assert_int_equal(WB_SYS(pair->sys, connect, fd, &pair->addr, len), -EINPROGRESS);
    return fd;
}

void pair_open(struct pair *pair, struct sim_kernel *kernel) {
    pair_listen(pair, kernel);
    pair->client = pair_connect(pair);
    pair->server = WB_SYS(pair->sys, accept4, pair->listener, NULL, NULL, WB_SOCK_NONBLOCK);
    assert_true(pair->server >= 0);
}

uint32_t wait_bits(const struct pair *pair, int fd, int64_t timeout_ns) {
    struct wb_epoll_event events[16];
    int count = WB_SYS(pair->sys, epoll_pwait2, pair->epfd, events, 16, timeout_ns);
    assert_true(count >= 0);
    uint32_t bits = 0;
    for (int i = 0; i < count; i++) {
        if (events[i].data == (uint64_t)fd) {
            bits |= events[i].events;
        }
    }
    return bits;
}

void watch(const struct pair *pair, int op, int fd, uint32_t events) {
    struct wb_epoll_event event = {.events = events, .data = (uint64_t)fd};
    assert_int_equal(WB_SYS(pair->sys, epoll_ctl, pair->epfd, op, fd, &event), 0);
}
