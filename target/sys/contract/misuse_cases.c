/* What epoll refuses: misuse of epoll_ctl and epoll_pwait2 (R20) and of EPOLLEXCLUSIVE (R36). Files
 * that cannot be watched are in file_cases.c. */
#include "sys/contract/support.h"

static void r20_add_twice_gives_eexist(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN | OUT, 2), -EEXIST);
    ORDER(epfd, 4, ""); /* the interest is still the first one */
}

static void r20_modify_and_delete_of_the_unregistered_give_enoent(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, fd, IN, 1), -ENOENT);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, fd, IN, 1), -ENOENT);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, fd, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, fd, IN, 1), -ENOENT);
}

static void r20_bad_descriptors_give_ebadf(struct wb_contract_fixture *fx) {
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN, 1), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, fd, IN, 1), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, fd, IN, 1), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, -1, IN, 1), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, fd, WB_EPOLL_CTL_ADD, epfd, IN, 1), -EBADF);
    CHECK_EQUAL(SYS(epoll_pwait2, fd, &event, 1, 0), -EBADF);
    CHECK_EQUAL(SYS(epoll_pwait2, -1, &event, 1, 0), -EBADF);
}

static void r20_wrong_kinds_of_descriptor_give_einval(struct wb_contract_fixture *fx) {
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, epfd, IN, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, fd, WB_EPOLL_CTL_ADD, epfd, IN, 1), -EINVAL);
    CHECK_EQUAL(SYS(epoll_pwait2, fd, &event, 1, 0), -EINVAL);
}

static void r20_unknown_operation_gives_einval(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, 0, fd, IN, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, epfd, 4, fd, IN, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, epfd, -1, fd, IN, 1), -EINVAL);
}

static void r20_events_max_below_one_gives_einval(struct wb_contract_fixture *fx) {
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, 0, 0), -EINVAL);
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, -1, 0), -EINVAL);
}

static void r20_null_event_is_a_fault_except_for_delete(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(SYS(epoll_ctl, epfd, WB_EPOLL_CTL_ADD, fd, NULL), -EFAULT);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN, 1), 0);
    CHECK_EQUAL(SYS(epoll_ctl, epfd, WB_EPOLL_CTL_MOD, fd, NULL), -EFAULT);
    CHECK_EQUAL(SYS(epoll_ctl, epfd, WB_EPOLL_CTL_DEL, fd, NULL), 0);
}

static void r20_instances_in_a_loop_give_eloop(struct wb_contract_fixture *fx) {
    int a = wb__epoll(fx);
    int b = wb__epoll(fx);
    int c = wb__epoll(fx);
    CHECK_EQUAL(wb__ctl(fx, a, WB_EPOLL_CTL_ADD, b, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, b, WB_EPOLL_CTL_ADD, a, IN, 1), -ELOOP);
    CHECK_EQUAL(wb__ctl(fx, b, WB_EPOLL_CTL_ADD, c, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, c, WB_EPOLL_CTL_ADD, a, IN, 1), -ELOOP);
    CHECK_EQUAL(wb__ctl(fx, a, WB_EPOLL_CTL_ADD, c, IN, 1), 0); /* twice the same is no loop */
}

static void r20_chain_of_five_instances_works_and_a_sixth_gives_eloop(
    struct wb_contract_fixture *fx) {
    enum { DEPTH = 5 };
    int fd = wb__eventfd(fx, 1);
    int outermost = fd;
    for (int i = 0; i < DEPTH; i++) {
        int epfd = wb__epoll(fx);
        CHECK(wb__add(fx, epfd, outermost, IN, 'n'));
        outermost = epfd;
    }
    ORDER(outermost, 4, "n");
    CHECK_EQUAL(wb__ctl(fx, wb__epoll(fx), WB_EPOLL_CTL_ADD, outermost, IN, 1), -ELOOP);
}

static void r20_unknown_flags_of_epoll_create1_give_einval(struct wb_contract_fixture *fx) {
    CHECK_EQUAL(wb__track(fx, SYS(epoll_create1, 1)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(epoll_create1, WB_SOCK_NONBLOCK)), -EINVAL);
    CHECK(wb__track(fx, SYS(epoll_create1, 0)) >= 0);
}

static void r36_exclusive_allows_in_out_error_hangup_and_edge(struct wb_contract_fixture *fx) {
    const uint32_t allowed[] = {
        0, IN, OUT, IN | OUT, ERR, HUP, IN | WB_EPOLLET, OUT | ERR | HUP | WB_EPOLLET};
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, WB_EPOLLEXCLUSIVE | allowed[i], 1), 0);
        CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, fd, 0, 0), 0);
    }
}

static void r36_exclusive_refuses_other_bits(struct wb_contract_fixture *fx) {
    const uint32_t refused[] = {RDHUP, PRI, WB_EPOLLRDNORM, WB_EPOLLONESHOT, IN | RDHUP};
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        CHECK_EQUAL(
            wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, WB_EPOLLEXCLUSIVE | refused[i], 1), -EINVAL);
    }
}

static void r36_exclusive_cannot_be_modified_nor_set_later_nor_nested(
    struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int exclusive = wb__eventfd(fx, 0);
    int shared = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, exclusive, IN | WB_EPOLLEXCLUSIVE, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, exclusive, IN, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, shared, IN, 1), 0);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, shared, IN | WB_EPOLLEXCLUSIVE, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, inner, IN | WB_EPOLLEXCLUSIVE, 1), -EINVAL);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, exclusive, 0, 0), 0);
}

static void r18_null_array_is_bad_only_with_an_event(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    struct wb_epoll_event *none = NULL;
    uint64_t one = 1;
    CHECK(wb__add(fx, epfd, fd, IN | WB_EPOLLET, 'a'));
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, none, 1, 0), 0);
    CHECK_EQUAL(SYS(write, fd, &one, sizeof(one)), (int64_t)sizeof(one));
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, none, 1, 0), -EFAULT);
    ORDER(epfd, 1, "a");
}

static const struct wb_contract_case cases[] = {
    CASE(r20_add_twice_gives_eexist, 0),
    CASE(r20_modify_and_delete_of_the_unregistered_give_enoent, 0),
    CASE(r20_bad_descriptors_give_ebadf, 0),
    CASE(r20_wrong_kinds_of_descriptor_give_einval, 0),
    CASE(r20_unknown_operation_gives_einval, 0),
    CASE(r20_events_max_below_one_gives_einval, 0),
    CASE(r20_null_event_is_a_fault_except_for_delete, 0),
    CASE(r20_instances_in_a_loop_give_eloop, 0),
    CASE(r20_chain_of_five_instances_works_and_a_sixth_gives_eloop, 0),
    CASE(r20_unknown_flags_of_epoll_create1_give_einval, 0),
    CASE(r36_exclusive_allows_in_out_error_hangup_and_edge, 0),
    CASE(r36_exclusive_refuses_other_bits, 0),
    CASE(r36_exclusive_cannot_be_modified_nor_set_later_nor_nested, 0),
    CASE(r18_null_array_is_bad_only_with_an_event, 0),
};
WB__CONTRACT_GROUP(misuse);
