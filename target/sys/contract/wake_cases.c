/* Who is woken first when one operation wakes several: seen as the order of events in one instance,
 * where `o` is the own end, `p` the peer's, in edge mode, everything of interest. */
#include "sys/contract/support.h"

#include <string.h>

#define EVERYTHING (ALL | WB_EPOLLET)

/* Both ends in one instance, their first events taken. */
static bool ends_in_one_instance(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, int *out_epfd) {
    *out_epfd = wb__epoll(fx);
    return wb__pair(fx, out_pair) && wb__add(fx, *out_epfd, out_pair->own, EVERYTHING, 'o')
           && wb__add(fx, *out_epfd, out_pair->peer, EVERYTHING, 'p')
           && wb__check_order(fx, __FILE__, __LINE__, *out_epfd, 4, "op");
}

static void wake_by_shutdown_of_writing_reaches_the_peer_first(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    ORDER(epfd, 4, "po");
    ORDER(epfd, 4, "");
}

static void wake_by_shutdown_of_reading_reaches_the_own_end_only(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
    ORDER(epfd, 4, "o");
}

static void wake_by_the_second_shutdown_reaches_both(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    ORDER(epfd, 4, "po");
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    ORDER(epfd, 4, "op");
}

static void wake_by_data_reaches_the_receiver_only(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__send(fx, pair.own, 1));
    ORDER(epfd, 4, "p");
    CHECK(wb__recv(fx, pair.peer, 1));
    ORDER(epfd, 4, "");
}

static void wake_by_data_for_what_was_shut_down_reaches_the_receiver_first(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RDWR));
    ORDER(epfd, 4, "po");
    CHECK(wb__send(fx, pair.peer, 1));
    ORDER(epfd, 4, "op");
}

static void wake_by_dissolving_reaches_the_peer_first(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr nowhere;
    int epfd = -1;
    memset(&nowhere, 0, sizeof(nowhere));
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK_EQUAL(SYS(connect, pair.own, &nowhere, sizeof(nowhere.in)), 0);
    ORDER(epfd, 4, "po");
}

static void wake_of_duplicates_by_an_end_is_last_added_first(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__add(fx, epfd, wb__dup(fx, pair.own), EVERYTHING, 'q'));
    ORDER(epfd, 4, "q");
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    ORDER(epfd, 4, "qo");
}

static void wake_of_duplicates_passes_by_those_without_the_interest(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = wb__epoll(fx);
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__add(fx, epfd, pair.own, IN | WB_EPOLLET, 'i'));
    CHECK(wb__add(fx, epfd, wb__dup(fx, pair.own), OUT | WB_EPOLLET, 'w'));
    CHECK(wb__add(fx, epfd, wb__dup(fx, pair.own), RDHUP | WB_EPOLLET, 'r'));
    ORDER(epfd, 4, "w");
    CHECK(wb__send(fx, pair.peer, 1));
    ORDER(epfd, 4, "i");
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    ORDER(epfd, 4, "rwi");
}

static void wake_by_closing_a_listener_resets_in_order_of_arrival(struct wb_contract_fixture *fx) {
    enum { CLIENT_COUNT = 3 };
    int epfd = wb__epoll(fx);
    int listener = -1;
    CHECK(wb__listener(fx, 8, &listener));
    for (int i = 0; i < CLIENT_COUNT; i++) {
        int client = -1;
        CHECK(wb__client(fx, listener, &client));
        CHECK(wb__add(fx, epfd, client, EVERYTHING, (char)('1' + i)));
    }
    ORDER(epfd, 4, "123");
    CHECK_EQUAL(wb__close(fx, listener), 0);
    ORDER(epfd, 4, "123");
}

static const struct wb_contract_case cases[] = {
    CASE(wake_by_shutdown_of_writing_reaches_the_peer_first, NETWORK),
    CASE(wake_by_shutdown_of_reading_reaches_the_own_end_only, NETWORK),
    CASE(wake_by_the_second_shutdown_reaches_both, NETWORK),
    CASE(wake_by_data_reaches_the_receiver_only, NETWORK),
    CASE(wake_by_data_for_what_was_shut_down_reaches_the_receiver_first, NETWORK),
    CASE(wake_by_dissolving_reaches_the_peer_first, NETWORK),
    CASE(wake_of_duplicates_by_an_end_is_last_added_first, NETWORK),
    CASE(wake_of_duplicates_passes_by_those_without_the_interest, NETWORK),
    CASE(wake_by_closing_a_listener_resets_in_order_of_arrival, NETWORK),
};
WB__CONTRACT_GROUP(wake);
