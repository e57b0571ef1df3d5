/* The queue of a Unix datagram socket bounds who is not its peer (R124, R125): many to one. */
#include "sys/contract/unix_support.h"

/* Systems differ in the length of a queue (net.unix.max_dgram_qlen): up to so many fillers, each
 * well below its own buffer, fill it. */
enum { QUEUE_MIN = 11, FILLERS_MAX = 64, MESSAGES_PER_FILLER = 16 };

/* A receiver at 'a' whose queue is full, filled by others; one of them, if out_filler is not NULL.
 */
static bool full_receiver(struct wb_contract_fixture *fx, int *out_receiver, int *out_filler) {
    int64_t result = 1;
    int sent = 0;
    int filler = -1;
    if (!wb__unix_bound(fx, DGRAM, 'a', out_receiver)) {
        return false;
    }
    for (int i = 0; i < FILLERS_MAX && result == 1; i++) {
        filler = wb__unix_socket(fx, DGRAM);
        for (int n = 0; n < MESSAGES_PER_FILLER && result == 1; n++) {
            result = wb__unix_send_to(fx, filler, 'a');
            sent += result == 1;
        }
    }
    if (out_filler != NULL) {
        *out_filler = filler;
    }
    return wb__check_equal(fx, __FILE__, __LINE__, result, -EAGAIN, "the queue's bound")
           && wb__check(fx, __FILE__, __LINE__, sent >= QUEUE_MIN, "the queue holds some");
}

static bool connected_sender(struct wb_contract_fixture *fx, int *out_sender) {
    *out_sender = wb__unix_socket(fx, DGRAM);
    return wb__check_equal(
        fx, __FILE__, __LINE__, wb__unix_connect(fx, *out_sender, 'a'), 0, "connect");
}

static void r124_connected_sender_sees_the_full_queue(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(wb__recv(fx, receiver, 1));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
    CHECK(wb__rearm(fx, &watch));
    CHECK(wb__send(fx, sender, 1));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__send_result(fx, sender), -EAGAIN);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__send(fx, sender, 1));
    CHECK_EQUAL(wb__send_result(fx, sender), -EAGAIN);
}

/* Who was never seen not to be writable, and did not try, does not wait. */
static void r124_sender_that_nobody_looked_at_is_not_woken(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int filler = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, &filler));
    CHECK(wb__recv(fx, receiver, 1));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__unix_send_to(fx, filler, 'a'), 1);
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, NONE, NONE); /* full and not full went by unseen */
}

static void r124_each_read_wakes_only_who_waits(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, NONE, NONE); /* the messages were another's */
}

/* The look wakes, too, and finds the queue as full as before. */
static void r124_looking_at_a_message_makes_no_room(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    CHECK_EQUAL(SYS(recv, receiver, (char[4]){0}, 4, WB_MSG_PEEK), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, OUT, OUT);
}

static void r124_waiting_senders_are_woken_last_first(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int receiver = -1;
    int senders[3];
    CHECK(full_receiver(fx, &receiver, NULL));
    for (int i = 0; i < 3; i++) {
        CHECK(connected_sender(fx, &senders[i]));
        CHECK(wb__add(fx, epfd, senders[i], OUT | WB_EPOLLET, "abc"[i]));
    }
    ORDER(epfd, 4, "");
    CHECK(wb__recv(fx, receiver, 1));
    ORDER(epfd, 4, "cba");
}

static void r125_unconnected_sender_seems_writable_and_spins(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = wb__unix_socket(fx, DGRAM);
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(wb__unix_send_to(fx, sender, 'a'), -EAGAIN);
        OBSERVE(watch, OUT, OUT, NONE);
    }
    CHECK(wb__recv(fx, receiver, 1));
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK_EQUAL(wb__unix_send_to(fx, sender, 'a'), 1);
}

/* Two that are each other's peers are bounded by their buffers alone. */
static void unix_peers_of_each_other_know_no_queue(struct wb_contract_fixture *fx) {
    const int types[] = {DGRAM, SEQPACKET};
    for (size_t i = 0; i < 2; i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        for (int n = 0; n < 3 * QUEUE_MIN; n++) {
            CHECK(wb__send(fx, pair.own, 1));
        }
        STATE(pair.own, OUT);
    }
}

static void r126_closing_a_full_receiver_wakes_who_waits(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, ALL, ALL));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__close(fx, receiver), 0);
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__send_result(fx, sender), -ECONNREFUSED);
    CHECK_EQUAL(wb__send_result(fx, sender), -ENOTCONN);
}

static void unix_sender_that_leaves_a_full_receiver_is_writable(struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody = {.family = WB_AF_UNSPEC};
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(connect, sender, &nobody, 2), 0);
    OBSERVE(watch, OUT, OUT, OUT);
}

/* Shutdown of the receiver is an error that sending finds out: nobody is woken. */
static void r127_sender_is_not_told_of_a_shut_receiver(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int receiver = -1;
    int sender = -1;
    CHECK(full_receiver(fx, &receiver, NULL));
    CHECK(connected_sender(fx, &sender));
    CHECK(wb__watch(fx, &watch, sender, OUT, OUT));
    CHECK_EQUAL(SYS(shutdown, receiver, WB_SHUT_RD), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__send_result(fx, sender), -EPIPE);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, receiver, 1)); /* what is queued stays */
    OBSERVE(watch, OUT, OUT, OUT);
}

static const struct wb_contract_case cases[] = {
    CASE(r124_connected_sender_sees_the_full_queue, 0),
    CASE(r124_sender_that_nobody_looked_at_is_not_woken, 0),
    CASE(r124_each_read_wakes_only_who_waits, 0),
    CASE(r124_looking_at_a_message_makes_no_room, 0),
    CASE(r124_waiting_senders_are_woken_last_first, 0),
    CASE(r125_unconnected_sender_seems_writable_and_spins, 0),
    CASE(unix_peers_of_each_other_know_no_queue, 0),
    CASE(r126_closing_a_full_receiver_wakes_who_waits, 0),
    CASE(unix_sender_that_leaves_a_full_receiver_is_writable, 0),
    CASE(r127_sender_is_not_told_of_a_shut_receiver, 0),
};
WB__CONTRACT_GROUP(unix_queue);
