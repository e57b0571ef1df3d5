/* One instance: the order of events and what a wait leaves for the next one (R17, R21-R25).
 * Eventfds 'a' to 'e' stand for any file: order does not depend on the kind. */
#include "sys/contract/support.h"

enum { SOURCE_COUNT = 5 };

struct sources {
    int epfd;
    int fd[SOURCE_COUNT];
};

static bool open_sources(struct wb_contract_fixture *fx, struct sources *out, uint32_t mode) {
    out->epfd = wb__epoll(fx);
    for (int i = 0; i < SOURCE_COUNT; i++) {
        out->fd[i] = wb__eventfd(fx, 0);
        if (out->fd[i] < 0 || !wb__add(fx, out->epfd, out->fd[i], IN | mode, (char)('a' + i))) {
            return false;
        }
    }
    return true;
}

/* Writes to the sources named, in that order. */
static bool wake(struct wb_contract_fixture *fx, const struct sources *sources, const char *names) {
    const uint64_t one = 1;
    for (; *names != '\0'; names++) {
        int fd = sources->fd[*names - 'a'];
        if (!wb__check_equal(fx, __FILE__, __LINE__, SYS(write, fd, &one, sizeof(one)), sizeof(one),
                "eventfd write")) {
            return false;
        }
    }
    return true;
}

static bool drain(
    struct wb_contract_fixture *fx, const struct sources *sources, const char *names) {
    uint64_t value;
    for (; *names != '\0'; names++) {
        int fd = sources->fd[*names - 'a'];
        if (!wb__check_equal(fx, __FILE__, __LINE__, SYS(read, fd, &value, sizeof(value)),
                sizeof(value), "eventfd read")) {
            return false;
        }
    }
    return true;
}

static void r21_events_come_in_the_order_of_the_first_wake_up(struct wb_contract_fixture *fx) {
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "dbace"));
        ORDER(sources.epfd, 8, "dbace");
    }
}

static void r21_further_wake_ups_do_not_move_an_entry(struct wb_contract_fixture *fx) {
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "bcabcb"));
        ORDER(sources.epfd, 8, "bca");
    }
}

static void r21_modify_of_a_listed_entry_does_not_move_it(struct wb_contract_fixture *fx) {
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "abc"));
        CHECK_EQUAL(wb__ctl(fx, sources.epfd, WB_EPOLL_CTL_MOD, sources.fd[0],
                        IN | wb__mode_bits[mode], 'A'),
            0);
        ORDER(sources.epfd, 8, "Abc");
    }
}

static void r21_add_and_modify_of_the_ready_queue_like_wake_ups(struct wb_contract_fixture *fx) {
    for (int mode = WB__EDGE; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        int ready = wb__eventfd(fx, 1);
        uint32_t bits = wb__mode_bits[mode];
        CHECK(open_sources(fx, &sources, bits));
        CHECK(wake(fx, &sources, "a"));
        ORDER(sources.epfd, 8, "a");
        CHECK(wake(fx, &sources, "b"));
        CHECK_EQUAL(wb__ctl(fx, sources.epfd, WB_EPOLL_CTL_MOD, sources.fd[0], IN | bits, 'A'), 0);
        CHECK(wb__add(fx, sources.epfd, ready, IN | bits, 'r'));
        CHECK(wake(fx, &sources, "c"));
        ORDER(sources.epfd, 8, "bArc");
    }
}

static void r17_deleted_and_added_entry_moves_to_the_tail(struct wb_contract_fixture *fx) {
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "abc"));
        CHECK_EQUAL(wb__ctl(fx, sources.epfd, WB_EPOLL_CTL_DEL, sources.fd[0], 0, 0), 0);
        CHECK(wb__add(fx, sources.epfd, sources.fd[0], IN | wb__mode_bits[mode], 'A'));
        ORDER(sources.epfd, 8, "bcA");
    }
}

static void r22_drained_level_entry_keeps_its_place(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, 0));
    CHECK(wake(fx, &sources, "a"));
    ORDER(sources.epfd, 8, "a");
    CHECK(drain(fx, &sources, "a"));
    CHECK(wake(fx, &sources, "ba"));
    ORDER(sources.epfd, 8, "ab");
}

static void r22_drained_edge_entry_has_lost_its_place(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, WB_EPOLLET));
    CHECK(wake(fx, &sources, "a"));
    ORDER(sources.epfd, 8, "a");
    CHECK(drain(fx, &sources, "a"));
    CHECK(wake(fx, &sources, "ba"));
    ORDER(sources.epfd, 8, "ba");
}

static void r22_level_entry_found_not_ready_has_lost_its_place(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, 0));
    CHECK(wake(fx, &sources, "a"));
    ORDER(sources.epfd, 8, "a");
    CHECK(drain(fx, &sources, "a"));
    ORDER(sources.epfd, 8, "");
    CHECK(wake(fx, &sources, "ba"));
    ORDER(sources.epfd, 8, "ba");
}

static void r23_level_goes_round_when_events_max_is_small(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, 0));
    CHECK(wake(fx, &sources, "abcde"));
    ORDER(sources.epfd, 2, "ab");
    ORDER(sources.epfd, 2, "cd");
    ORDER(sources.epfd, 2, "ea");
    ORDER(sources.epfd, 2, "bc");
    ORDER(sources.epfd, 2, "de");
    ORDER(sources.epfd, 2, "ab");
}

static void r23_edge_and_oneshot_continue_when_events_max_is_small(struct wb_contract_fixture *fx) {
    for (int mode = WB__EDGE; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "abcde"));
        ORDER(sources.epfd, 2, "ab");
        ORDER(sources.epfd, 2, "cd");
        ORDER(sources.epfd, 2, "e");
        ORDER(sources.epfd, 2, "");
    }
}

static void r23_events_max_of_one_loses_nothing(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, WB_EPOLLET));
    CHECK(wake(fx, &sources, "cab"));
    ORDER(sources.epfd, 1, "c");
    ORDER(sources.epfd, 1, "a");
    ORDER(sources.epfd, 1, "b");
    ORDER(sources.epfd, 1, "");
}

static void r23_new_arrivals_queue_behind_the_undelivered_in_level(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, 0));
    CHECK(wake(fx, &sources, "abcd"));
    ORDER(sources.epfd, 2, "ab");
    CHECK(wake(fx, &sources, "ea"));
    ORDER(sources.epfd, 2, "cd");
    ORDER(sources.epfd, 2, "ab");
    ORDER(sources.epfd, 2, "ec");
    ORDER(sources.epfd, 2, "da");
    ORDER(sources.epfd, 2, "be");
}

static void r23_new_arrivals_queue_behind_the_undelivered_in_edge(struct wb_contract_fixture *fx) {
    struct sources sources;
    CHECK(open_sources(fx, &sources, WB_EPOLLET));
    CHECK(wake(fx, &sources, "abcd"));
    ORDER(sources.epfd, 2, "ab");
    CHECK(wake(fx, &sources, "ea"));
    ORDER(sources.epfd, 2, "cd");
    ORDER(sources.epfd, 2, "ea");
    ORDER(sources.epfd, 2, "");
}

static void r24_entries_that_are_not_ready_do_not_count(struct wb_contract_fixture *fx) {
    for (int mode = 0; mode < WB__MODE_COUNT; mode++) {
        struct sources sources;
        CHECK(open_sources(fx, &sources, wb__mode_bits[mode]));
        CHECK(wake(fx, &sources, "abcd"));
        CHECK(drain(fx, &sources, "ac"));
        ORDER(sources.epfd, 2, "bd");
    }
}

static void r25_entries_of_one_file_wake_last_added_first(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int d = wb__dup(fx, a);
    int e = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN | WB_EPOLLET, 'a'));
    CHECK(wb__add(fx, epfd, d, IN | WB_EPOLLET, 'd'));
    CHECK(wb__add(fx, epfd, e, IN | WB_EPOLLET, 'e'));
    CHECK_EQUAL(SYS(write, a, &one, sizeof(one)), sizeof(one));
    ORDER(epfd, 8, "eda");
}

static void r25_exclusive_entries_wake_after_all_others_in_order(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    int epfd = wb__epoll(fx);
    int a = wb__eventfd(fx, 0);
    int b = wb__dup(fx, a);
    int c = wb__dup(fx, a);
    int d = wb__dup(fx, a);
    CHECK(wb__add(fx, epfd, a, IN, 'a'));
    CHECK(wb__add(fx, epfd, b, IN | WB_EPOLLEXCLUSIVE, 'b'));
    CHECK(wb__add(fx, epfd, c, IN | WB_EPOLLEXCLUSIVE, 'c'));
    CHECK(wb__add(fx, epfd, d, IN, 'd'));
    CHECK_EQUAL(SYS(write, a, &one, sizeof(one)), sizeof(one));
    ORDER(epfd, 8, "dabc");
}

static const struct wb_contract_case cases[] = {
    CASE(r17_deleted_and_added_entry_moves_to_the_tail, 0),
    CASE(r21_events_come_in_the_order_of_the_first_wake_up, 0),
    CASE(r21_further_wake_ups_do_not_move_an_entry, 0),
    CASE(r21_modify_of_a_listed_entry_does_not_move_it, 0),
    CASE(r21_add_and_modify_of_the_ready_queue_like_wake_ups, 0),
    CASE(r22_drained_level_entry_keeps_its_place, 0),
    CASE(r22_drained_edge_entry_has_lost_its_place, 0),
    CASE(r22_level_entry_found_not_ready_has_lost_its_place, 0),
    CASE(r23_level_goes_round_when_events_max_is_small, 0),
    CASE(r23_edge_and_oneshot_continue_when_events_max_is_small, 0),
    CASE(r23_events_max_of_one_loses_nothing, 0),
    CASE(r23_new_arrivals_queue_behind_the_undelivered_in_level, 0),
    CASE(r23_new_arrivals_queue_behind_the_undelivered_in_edge, 0),
    CASE(r24_entries_that_are_not_ready_do_not_count, 0),
    CASE(r25_entries_of_one_file_wake_last_added_first, 0),
    CASE(r25_exclusive_entries_wake_after_all_others_in_order, 0),
};
WB__CONTRACT_GROUP(order);
