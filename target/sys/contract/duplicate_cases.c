/* Several descriptors of one file, one descriptor in several instances, instances in instances
 * (R26-R30). */
#include "sys/contract/support.h"

static bool bump(struct wb_contract_fixture *fx, int fd) {
    const uint64_t one = 1;
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, &one, sizeof(one)), sizeof(one), "eventfd write");
}

static bool reset_counter(struct wb_contract_fixture *fx, int fd) {
    uint64_t value;
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(read, fd, &value, sizeof(value)),
        sizeof(value), "eventfd read");
}

static void r26_descriptor_and_its_duplicate_are_two_entries(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch first;
    struct wb__watch second;
    CHECK(wb__pair(fx, &pair));
    int twin = wb__dup(fx, pair.own);
    CHECK(wb__watch(fx, &first, pair.own, READ, READ));
    CHECK(wb__watch(fx, &second, twin, READ, READ));
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(first, IN, IN, IN);
    OBSERVE(second, IN, IN, IN);
    CHECK(wb__recv(fx, twin, 2));
    OBSERVE(first, NONE, NONE, NONE);
    OBSERVE(second, NONE, NONE, NONE);
}

static void r26_both_entries_in_one_instance_report_and_one_read_clears_both(
    struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int b = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK(wb__add(fx, epfd, b, IN, 'b'));
    CHECK(bump(fx, b));
    ORDER(epfd, 4, "ba");
    CHECK(reset_counter(fx, a));
    ORDER(epfd, 4, "");
}

static void r27_entry_survives_close_while_a_duplicate_is_open(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int b = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK(bump(fx, b));
    ORDER(epfd, 4, "a");
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, a, IN, 'x'), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, a, IN, 'x'), -EBADF);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, b, IN, 'x'), -ENOENT);
    ORDER(epfd, 4, "a");
    CHECK_EQUAL(wb__close(fx, b), 0);
    ORDER(epfd, 4, "");
}

static void r27_ghost_is_addressable_when_its_number_comes_back(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    int b = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK_EQUAL(wb__dup(fx, b), a);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, a, IN, 'x'), -EEXIST);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, a, IN, 'm'), 0);
    ORDER(epfd, 4, "m");
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, a, 0, 0), 0);
    ORDER(epfd, 4, "");
}

static void r28_number_reused_by_another_file_is_a_second_entry(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int twin = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK_EQUAL(wb__eventfd(fx, 0), a);
    CHECK(wb__add(fx, epfd, a, IN, 'b'));
    CHECK(bump(fx, twin));
    CHECK(bump(fx, a));
    ORDER(epfd, 4, "ab");
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, a, 0, 0), 0);
    ORDER(epfd, 4, "a");
}

static void r28_after_a_full_close_the_number_is_free_again(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK_EQUAL(wb__eventfd(fx, 1), a);
    ORDER(epfd, 4, "");
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, a, IN, 'm'), -ENOENT);
    CHECK(wb__add(fx, epfd, a, IN, 'b'));
    ORDER(epfd, 4, "b");
}

static void r29_two_instances_both_report(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch first;
    struct wb__watch second;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &first, pair.own, READ, READ));
    CHECK(wb__watch(fx, &second, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(first, IN, IN, IN);
    OBSERVE(second, IN, IN, IN);
}

static void r29_read_after_the_first_report_silences_the_second_instance(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch first;
    struct wb__watch second;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &first, pair.own, READ, READ));
    CHECK(wb__watch(fx, &second, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(first, IN, IN, IN);
    CHECK(wb__recv(fx, pair.own, 2));
    OBSERVE(second, NONE, NONE, NONE);
}

static void r30_outer_level_instance_follows_the_inner_state(struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    CHECK(wb__add(fx, outer, inner, IN, 'i'));
    ORDER(outer, 4, "");
    CHECK(bump(fx, a));
    ORDER(outer, 4, "i");
    ORDER(inner, 4, "a");
    ORDER(outer, 4, "i");
    CHECK(reset_counter(fx, a));
    ORDER(outer, 4, "");
    ORDER(inner, 4, "");
}

static void r30_outer_edge_instance_reports_each_inner_wake_up(struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int b = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    CHECK(wb__add(fx, inner, b, IN, 'b'));
    CHECK(wb__add(fx, outer, inner, IN | WB_EPOLLET, 'i'));
    CHECK(bump(fx, a));
    ORDER(outer, 4, "i");
    ORDER(outer, 4, "");
    CHECK(bump(fx, b));
    ORDER(outer, 4, "i");
    CHECK(bump(fx, a));
    ORDER(outer, 4, "i");
    ORDER(outer, 4, "");
}

static void r30_inner_wait_does_not_wake_the_outer_edge(struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    CHECK(wb__add(fx, outer, inner, IN | WB_EPOLLET, 'i'));
    CHECK(bump(fx, a));
    ORDER(outer, 4, "i");
    ORDER(inner, 4, "a");
    ORDER(inner, 4, "a");
    ORDER(outer, 4, "");
}

static void r30_inner_instance_whose_events_were_all_taken_is_not_ready(
    struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, inner, a, IN | WB_EPOLLET, 'a'));
    CHECK(wb__add(fx, outer, inner, IN, 'i'));
    CHECK(bump(fx, a));
    ORDER(outer, 4, "i");
    ORDER(inner, 4, "a");
    ORDER(outer, 4, "");
    CHECK_EQUAL(wb__poll_one(fx, inner, IN, 0), 0);
}

static void r26_instance_and_its_duplicate_are_one(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int twin = wb__dup(fx, epfd);
    int a = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, epfd, a, IN | WB_EPOLLET, 'a'));
    CHECK_EQUAL(wb__ctl(fx, twin, WB_EPOLL_CTL_ADD, a, IN, 'x'), -EEXIST);
    CHECK(bump(fx, a));
    ORDER(twin, 4, "a");
    ORDER(epfd, 4, "");
    CHECK_EQUAL(wb__close(fx, epfd), 0);
    CHECK(bump(fx, a));
    ORDER(twin, 4, "a");
}

static void r30_closed_inner_instance_leaves_the_outer(struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    CHECK(wb__add(fx, outer, inner, IN, 'i'));
    ORDER(outer, 4, "i");
    CHECK_EQUAL(wb__close(fx, inner), 0);
    ORDER(outer, 4, "");
    CHECK(bump(fx, a));
    ORDER(outer, 4, "");
}

static void r30_ready_descriptor_added_inside_wakes_the_outer_edge(struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, outer, inner, IN | WB_EPOLLET, 'i'));
    ORDER(outer, 4, "");
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    ORDER(outer, 4, "i");
    ORDER(outer, 4, "");
    CHECK(wb__add(fx, inner, wb__eventfd(fx, 0), IN, 'b'));
    ORDER(outer, 4, "");
}

static void r30_modify_inside_wakes_the_outer_edge_if_it_lists_an_entry(
    struct wb_contract_fixture *fx) {
    int outer = wb__epoll(fx);
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, inner, a, IN | WB_EPOLLET, 'a'));
    CHECK(wb__add(fx, outer, inner, IN | WB_EPOLLET, 'i'));
    ORDER(outer, 4, "i");
    CHECK_EQUAL(wb__ctl(fx, inner, WB_EPOLL_CTL_MOD, a, IN | WB_EPOLLET, 'a'), 0);
    ORDER(outer, 4, ""); /* it was listed already */
    ORDER(inner, 4, "a");
    CHECK_EQUAL(wb__ctl(fx, inner, WB_EPOLL_CTL_MOD, a, IN | WB_EPOLLET, 'a'), 0);
    ORDER(outer, 4, "i");
}

static void r30_inner_wake_up_concerns_in_alone(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    int inner = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, inner, a, IN, 'a'));
    int named = wb__epoll(fx);
    int unnamed = wb__epoll(fx);
    CHECK(wb__add(fx, named, inner, IN | WB_EPOLLET, 'i'));
    CHECK(wb__add(fx, unnamed, inner, WB_EPOLLRDNORM | WB_EPOLLET, 'i'));
    ORDER(named, 4, "i");
    ORDER(unnamed, 4, "i");
    CHECK_EQUAL(SYS(write, a, &one, sizeof(one)), sizeof(one));
    ORDER(named, 4, "i");
    ORDER(unnamed, 4, ""); /* the key of an instance has no RDNORM */
}

static void r30_looking_at_an_instance_drops_what_is_not_ready(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    uint64_t value;
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 1), IN, 'b'));
    ORDER(epfd, 4, "ab");
    CHECK_EQUAL(SYS(read, a, &value, sizeof(value)), sizeof(value));
    CHECK_EQUAL(SYS(write, a, &one, sizeof(one)), sizeof(one));
    ORDER(epfd, 4, "ab"); /* nobody looked in between */
    CHECK_EQUAL(SYS(read, a, &value, sizeof(value)), sizeof(value));
    CHECK_EQUAL(wb__poll_one(fx, epfd, IN, 0), IN);
    CHECK_EQUAL(SYS(write, a, &one, sizeof(one)), sizeof(one));
    ORDER(epfd, 4, "ba");
}

static const struct wb_contract_case cases[] = {
    CASE(r26_descriptor_and_its_duplicate_are_two_entries, NETWORK),
    CASE(r26_both_entries_in_one_instance_report_and_one_read_clears_both, 0),
    CASE(r27_entry_survives_close_while_a_duplicate_is_open, 0),
    CASE(r27_ghost_is_addressable_when_its_number_comes_back, 0),
    CASE(r28_number_reused_by_another_file_is_a_second_entry, 0),
    CASE(r28_after_a_full_close_the_number_is_free_again, 0),
    CASE(r29_two_instances_both_report, NETWORK),
    CASE(r29_read_after_the_first_report_silences_the_second_instance, NETWORK),
    CASE(r30_outer_level_instance_follows_the_inner_state, 0),
    CASE(r30_outer_edge_instance_reports_each_inner_wake_up, 0),
    CASE(r30_inner_wait_does_not_wake_the_outer_edge, 0),
    CASE(r30_inner_instance_whose_events_were_all_taken_is_not_ready, 0),
    CASE(r26_instance_and_its_duplicate_are_one, 0),
    CASE(r30_closed_inner_instance_leaves_the_outer, 0),
    CASE(r30_ready_descriptor_added_inside_wakes_the_outer_edge, 0),
    CASE(r30_modify_inside_wakes_the_outer_edge_if_it_lists_an_entry, 0),
    CASE(r30_inner_wake_up_concerns_in_alone, 0),
    CASE(r30_looking_at_an_instance_drops_what_is_not_ready, 0),
};
WB__CONTRACT_GROUP(duplicate);
