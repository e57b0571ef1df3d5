/* Delivery: level, edge, one-shot and edge+one-shot; re-arming, wake-ups and masks (R1-R19). */
#include "sys/contract/support.h"

static void r1_mask_is_the_state_at_the_wait_within_the_interest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch in_only;
    struct wb__watch rdhup_only;
    struct wb__watch pri_only;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &in_only, pair.own, IN, IN));
    CHECK(wb__watch(fx, &rdhup_only, pair.own, RDHUP, RDHUP));
    CHECK(wb__watch(fx, &pri_only, pair.own, PRI, PRI));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(in_only, IN, IN, IN);
    OBSERVE(rdhup_only, RDHUP, RDHUP, RDHUP);
    OBSERVE(pri_only, NONE, NONE, NONE);
}

static void r2_ready_and_unchanged_level_repeats_others_report_once(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    OBSERVE(watch, IN, NONE, NONE);
}

static void r3_wake_ups_before_a_wait_are_one_event_and_each_later_one_another(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__recv(fx, pair.own, 3));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r4_disabled_oneshot_is_silent_even_on_reset_until_modified(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    const uint32_t gone = IN | RDHUP | HUP | ERR;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, IN | RDHUP, IN | RDHUP, NONE);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, gone, gone, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, gone, NONE, gone);
}

static void r5_oneshot_and_edge_oneshot_agree_over_a_life(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(watch, IN | OUT, IN | OUT, IN | OUT);
    CHECK(wb__recv(fx, pair.own, 1));
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN | OUT, NONE, IN | OUT);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN | OUT | RDHUP, IN | OUT | RDHUP, IN | OUT | RDHUP);
}

static void r6_add_when_ready_reports(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    OBSERVE(watch, IN, IN, IN);
}

static void r7_modify_while_ready_is_an_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__modify(fx, &watch, READ));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__modify(fx, &watch, ALL));
    OBSERVE(watch, IN | OUT, IN | OUT, IN | OUT);
}

static void r8_modify_twice_is_one_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__modify(fx, &watch, READ));
    CHECK(wb__modify(fx, &watch, READ));
    OBSERVE(watch, IN, IN, IN);
}

static void r9_modify_to_what_is_not_ready_or_to_nothing_is_silent(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__modify(fx, &watch, IN));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__modify(fx, &watch, 0));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r9_mask_zero_still_reports_error_and_hangup(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK(wb__watch(fx, &watch, pair.own, 0, 0));
    OBSERVE(watch, HUP | ERR, HUP | ERR, HUP | ERR);
}

static void r10_error_and_hangup_are_reported_unasked(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, PRI, PRI));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, HUP | ERR, HUP | ERR, HUP | ERR);
}

static void r11_modify_with_a_wake_up_pending_shows_the_new_mask_only(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__modify(fx, &watch, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
}

static void r11_modify_to_a_mask_that_is_not_ready_drops_the_pending_event(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__modify(fx, &watch, RDHUP));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r12_data_read_before_the_wait_is_no_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, IN, IN));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK(wb__recv(fx, pair.own, 3));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r13_data_read_before_the_wait_with_out_interest_is_a_spurious_out(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, IN | OUT, IN | OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK(wb__recv(fx, pair.own, 3));
    OBSERVE(watch, OUT, OUT, OUT);
}

static void r14_data_does_not_wake_out_interest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__send(fx, pair.peer, 3));
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r15_fin_wakes_out_interest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r15_reset_wakes_out_interest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, OUT | HUP | ERR, OUT | HUP | ERR, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT | HUP | ERR, NONE, OUT | HUP | ERR);
}

static void r15_own_shutdown_wakes_out_interest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r16_deleted_while_listed_is_silent(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__delete(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r16_last_close_while_listed_is_silent(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(wb__close(fx, pair.own), 0);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r17_deleted_and_added_while_ready_reports_again(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        uint32_t events = READ | wb__mode_bits[mode];
        uint64_t data = (uint64_t)pair.own;
        CHECK_EQUAL(wb__ctl(fx, watch.epfd[mode], WB_EPOLL_CTL_DEL, pair.own, 0, 0), 0);
        CHECK_EQUAL(wb__ctl(fx, watch.epfd[mode], WB_EPOLL_CTL_ADD, pair.own, events, data), 0);
    }
    OBSERVE(watch, IN, IN, IN);
}

static void r18_wait_that_fails_keeps_the_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    struct wb_epoll_event *unmapped = (struct wb_epoll_event *)(uintptr_t)64;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        CHECK_EQUAL(SYS(epoll_pwait2, watch.epfd[mode], unmapped, 1, 0), -EFAULT);
    }
    OBSERVE(watch, IN, IN, IN);
}

static void r19_state_that_went_and_came_back_is_one_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__recv(fx, pair.own, 1));
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
}

static const struct wb_contract_case cases[] = {
    CASE(r1_mask_is_the_state_at_the_wait_within_the_interest, NETWORK),
    CASE(r2_ready_and_unchanged_level_repeats_others_report_once, NETWORK),
    CASE(r3_wake_ups_before_a_wait_are_one_event_and_each_later_one_another, NETWORK),
    CASE(r4_disabled_oneshot_is_silent_even_on_reset_until_modified, NETWORK),
    CASE(r5_oneshot_and_edge_oneshot_agree_over_a_life, NETWORK),
    CASE(r6_add_when_ready_reports, NETWORK),
    CASE(r7_modify_while_ready_is_an_edge, NETWORK),
    CASE(r8_modify_twice_is_one_event, NETWORK),
    CASE(r9_modify_to_what_is_not_ready_or_to_nothing_is_silent, NETWORK),
    CASE(r9_mask_zero_still_reports_error_and_hangup, NETWORK),
    CASE(r10_error_and_hangup_are_reported_unasked, NETWORK),
    CASE(r11_modify_with_a_wake_up_pending_shows_the_new_mask_only, NETWORK),
    CASE(r11_modify_to_a_mask_that_is_not_ready_drops_the_pending_event, NETWORK),
    CASE(r12_data_read_before_the_wait_is_no_event, NETWORK),
    CASE(r13_data_read_before_the_wait_with_out_interest_is_a_spurious_out, NETWORK),
    CASE(r14_data_does_not_wake_out_interest, NETWORK),
    CASE(r15_fin_wakes_out_interest, NETWORK),
    CASE(r15_reset_wakes_out_interest, NETWORK),
    CASE(r15_own_shutdown_wakes_out_interest, NETWORK),
    CASE(r16_deleted_while_listed_is_silent, NETWORK),
    CASE(r16_last_close_while_listed_is_silent, NETWORK),
    CASE(r17_deleted_and_added_while_ready_reports_again, NETWORK),
    CASE(r18_wait_that_fails_keeps_the_event, NETWORK | WB_CONTRACT_NEEDS_BAD_POINTERS),
    CASE(r19_state_that_went_and_came_back_is_one_event, NETWORK),
};
WB__CONTRACT_GROUP(mode);
