/* Who is at the other end of a Unix socket: SO_PEERCRED, SO_PASSCRED and SCM_CREDENTIALS. Both ends
 * are one program here, so that one set of numbers is right. */
#include "sys/contract/unix_support.h"

#include <string.h>

enum { ROOM = 128, OVERFLOW_ID = 65534 };

static bool peer_credentials(struct wb_contract_fixture *fx, int fd, struct wb_ucred *out) {
    uint32_t len = sizeof(*out);
    int result = SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_PEERCRED, out, &len);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "SO_PEERCRED")
           && wb__check_equal(fx, __FILE__, __LINE__, len, sizeof(*out), "its length");
}

static bool own_credentials(struct wb_contract_fixture *fx, struct wb_ucred *out) {
    struct wb__pair pair;
    return wb__unix_pair(fx, STREAM, &pair) && peer_credentials(fx, pair.own, out)
           && wb__check(fx, __FILE__, __LINE__, out->pid > 0, "the number of a process");
}

static bool are_same(const struct wb_ucred *a, const struct wb_ucred *b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void peercred_is_told_of_pairs_and_connections(struct wb_contract_fixture *fx) {
    struct wb_ucred own;
    struct wb_ucred told;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(own_credentials(fx, &own));
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK(peer_credentials(fx, client, &told));
    CHECK(are_same(&told, &own));
    CHECK(peer_credentials(fx, accepted, &told));
    CHECK(are_same(&told, &own));
    CHECK(peer_credentials(fx, listener, &told)); /* who listens is its own peer */
    CHECK(are_same(&told, &own));
}

static void peercred_of_the_unconnected_is_nobodys(struct wb_contract_fixture *fx) {
    const struct wb_ucred nobody = {0, UINT32_MAX, UINT32_MAX};
    struct wb_ucred told;
    int bound = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &bound));
    CHECK(peer_credentials(fx, bound, &told));
    CHECK(are_same(&told, &nobody));
    CHECK(peer_credentials(fx, wb__unix_socket(fx, DGRAM), &told));
    CHECK(are_same(&told, &nobody));
    uint32_t len = 4;
    CHECK_EQUAL(SYS(getsockopt, bound, WB_SOL_SOCKET, WB_SO_PEERCRED, &told, &len), 0);
    CHECK_EQUAL(len, 4);
}

static void passcred_adds_who_sent_a_message(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    struct wb_ucred own;
    CHECK(own_credentials(fx, &own));
    for (size_t i = 0; i < 3; i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED), 0);
        CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED, 5), 0);
        CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED), 1);
        CHECK_EQUAL(wb__get_int(fx, pair.peer, WB_SOL_SOCKET, WB_SO_PASSCRED), 0);
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "hi", 0), 2);
        struct wb__received looked = wb__receive(fx, pair.own, 8, ROOM, WB_MSG_PEEK);
        struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
        CHECK_EQUAL(looked.has_credentials, 1);
        CHECK_EQUAL(received.result, 2);
        CHECK_EQUAL(received.flags, 0);
        CHECK_EQUAL(received.control_len, WB_CMSG_SPACE(sizeof(struct wb_ucred)));
        CHECK(received.has_credentials);
        CHECK(are_same(&received.credentials, &own));
    }
}

static void passcred_comes_before_rights_and_needs_its_own_room(struct wb_contract_fixture *fx) {
    const size_t whole = WB_CMSG_SPACE(sizeof(struct wb_ucred));
    static const struct {
        size_t room;
        size_t told;
        int flags;
        bool whole;
        size_t fds;
    } rows[] = {
        {128, 56, 0, true, 1},
        {32 + 20, 52, 0, true, 1},
        {32 + 16, 32, WB_MSG_CTRUNC, true, 0},
        {28, 28, WB_MSG_CTRUNC, true, 0},
        {20, 20, WB_MSG_CTRUNC, false, 0},
        {15, 0, WB_MSG_CTRUNC, false, 0},
        {0, 0, WB_MSG_CTRUNC, false, 0},
    };
    struct wb__pair pair;
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(whole, 32);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_EQUAL(wb__send_fds(fx, pair.peer, "x", &fd, 1), 1);
        struct wb__received received = wb__receive(fx, pair.own, 8, rows[i].room, 0);
        CHECK_EQUAL(received.control_len, rows[i].told);
        CHECK_EQUAL(received.flags, rows[i].flags);
        CHECK_EQUAL(received.has_credentials, rows[i].whole);
        CHECK_EQUAL(received.fds_len, rows[i].fds);
    }
}

/* What was sent before anybody asked says nothing of its sender, and is read apart. */
static void passcred_set_late_finds_messages_of_nobody(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_ucred own;
    CHECK(own_credentials(fx, &own));
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "early", 0), 5);
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "late", 0), 4);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "later", 0), 5);
    struct wb__received received = wb__receive(fx, pair.own, 32, ROOM, 0);
    CHECK_EQUAL(received.result, 5);
    CHECK_EQUAL(received.credentials.pid, 0);
    CHECK_EQUAL(received.credentials.uid, OVERFLOW_ID);
    CHECK_EQUAL(received.credentials.gid, OVERFLOW_ID);
    received = wb__receive(fx, pair.own, 32, ROOM, 0);
    CHECK_EQUAL(received.result, 9); /* of one sender, and glued */
    CHECK(are_same(&received.credentials, &own));
}

static void passcred_of_the_sender_counts_too(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_ucred own;
    CHECK(own_credentials(fx, &own));
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.peer, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "hi", 0), 2);
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    struct wb__received received = wb__receive(fx, pair.own, 32, ROOM, 0);
    CHECK(are_same(&received.credentials, &own));
}

/* Nobody could have asked before the connection was accepted. */
static void passcred_after_accept_is_early_enough(struct wb_contract_fixture *fx) {
    struct wb_ucred own;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(own_credentials(fx, &own));
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK_EQUAL(wb__send_text(fx, client, "hi", 0), 2);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__set_int(fx, accepted, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    struct wb__received received = wb__receive(fx, accepted, 32, ROOM, 0);
    CHECK(are_same(&received.credentials, &own));
}

static void passcred_is_inherited_from_the_listener(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK_EQUAL(wb__set_int(fx, listener, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__get_int(fx, accepted, WB_SOL_SOCKET, WB_SO_PASSCRED), 1);
}

/* So that whoever is told who sent it can answer. */
static void passcred_gives_the_sender_a_name(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    int receiver = -1;
    int sender = wb__unix_socket(fx, DGRAM);
    CHECK(wb__unix_bound(fx, DGRAM, 'a', &receiver));
    CHECK_EQUAL(wb__set_int(fx, sender, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    CHECK_EQUAL(SYS(getsockname, sender, &addr, &len), 0);
    CHECK_EQUAL(len, 2);
    CHECK_EQUAL(wb__unix_send_to(fx, sender, 'a'), 1);
    struct wb__received received = wb__receive(fx, receiver, 8, 0, 0);
    CHECK_EQUAL(received.result, 1);
    CHECK_EQUAL(received.name_len, 8);
    len = sizeof(addr);
    CHECK_EQUAL(SYS(getsockname, sender, &addr, &len), 0);
    CHECK_EQUAL(len, 8);
}

static void credentials_may_be_given_by_the_sender(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_ucred own;
    CHECK(own_credentials(fx, &own));
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_control(fx, pair.peer, "hi", WB_SCM_CREDENTIALS, &own, sizeof(own)), 2);
    struct wb__received received = wb__receive(fx, pair.own, 1, ROOM, 0);
    CHECK_EQUAL(received.control_len, 0); /* nobody asks */
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_PASSCRED, 1), 0);
    received = wb__receive(fx, pair.own, 1, ROOM, 0);
    CHECK(are_same(&received.credentials, &own));
    CHECK_EQUAL(
        wb__send_control(fx, pair.peer, "hi", WB_SCM_CREDENTIALS, &own, sizeof(own) - 4), -EINVAL);
}

static const struct wb_contract_case cases[] = {
    CASE(peercred_is_told_of_pairs_and_connections, 0),
    CASE(peercred_of_the_unconnected_is_nobodys, 0),
    CASE(passcred_adds_who_sent_a_message, 0),
    CASE(passcred_comes_before_rights_and_needs_its_own_room, 0),
    CASE(passcred_set_late_finds_messages_of_nobody, 0),
    CASE(passcred_of_the_sender_counts_too, 0),
    CASE(passcred_after_accept_is_early_enough, 0),
    CASE(passcred_is_inherited_from_the_listener, 0),
    CASE(passcred_gives_the_sender_a_name, 0),
    CASE(credentials_may_be_given_by_the_sender, 0),
};
WB__CONTRACT_GROUP(unix_credentials);
