/* The send buffer of Unix sockets (R89, R91, R92, R95, R98, R100, R128): what is charged is not the
 * bytes but the memory that Linux takes for a message, until it is read whole. */
#include "sys/contract/unix_support.h"

enum {
    DEFAULT_BUFFER = 212992,
    SMALL_MESSAGE = 768, /* charged for up to 192 bytes */
    STREAM_PART_MAX = 36544,
    LARGE = 1 << 20,
};

static char large[LARGE];

static int64_t send_bytes(struct wb_contract_fixture *fx, int fd, size_t len) {
    return SYS(send, fd, large, len, WB_MSG_NOSIGNAL);
}

static bool is_writable(struct wb_contract_fixture *fx, int fd) {
    return wb__poll_one(fx, fd, OUT, 0) == OUT;
}

/* A pair whose `own` has a send buffer of that size. */
static bool narrow_pair(
    struct wb_contract_fixture *fx, int type, int size, struct wb__pair *out_pair) {
    return wb__unix_pair(fx, type, out_pair) && wb__set_send_buffer(fx, out_pair->own, size);
}

static void r89_unix_buffer_has_a_default(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF), DEFAULT_BUFFER);
    CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVBUF), DEFAULT_BUFFER);
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF, 1), 0);
    CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF), 4608);
}

/* Small messages: OUT goes when a fourth is charged, EAGAIN comes when all is. */
static void r89_unix_small_messages_fill_the_buffer(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    static const struct {
        int size;
        int writable_until; /* so many messages leave it writable */
        int fit;
    } rows[] = {{4608, 1, 6}, {6144, 1, 8}, {9216, 2, 12}, {40000, 13, 53}};
    for (size_t i = 0; i < 12; i++) {
        struct wb__pair pair;
        CHECK(narrow_pair(fx, types[i % 3], rows[i / 3].size, &pair));
        int sent = 0;
        int writable_until = 0;
        while (send_bytes(fx, pair.own, 1) == 1) {
            sent++;
            writable_until = is_writable(fx, pair.own) ? sent : writable_until;
        }
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EAGAIN);
        CHECK_EQUAL(sent, rows[i / 3].fit);
        CHECK_EQUAL(writable_until, rows[i / 3].writable_until);
        for (; sent > writable_until; sent--) {
            CHECK(!is_writable(fx, pair.own));
            CHECK(wb__recv(fx, pair.peer, 1));
        }
        CHECK(is_writable(fx, pair.own));
        CHECK_EQUAL(wb__close(fx, pair.own), 0);
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    }
}

/* The charge is seen by how many messages leave the socket writable: as many as keep four times
 * their charge, and one byte, below the buffer. */
static int charge_limit(struct wb_contract_fixture *fx, int type, size_t len) {
    struct wb__pair pair;
    int sent = 0;
    if (!wb__unix_pair(fx, type, &pair)) {
        return -1;
    }
    while (is_writable(fx, pair.own) && send_bytes(fx, pair.own, len) == (int64_t)len) {
        sent++;
    }
    (void)wb__close(fx, pair.own);
    (void)wb__close(fx, pair.peer);
    return sent;
}

struct charge {
    size_t len;
    int truesize;
};

static void check_charges(
    struct wb_contract_fixture *fx, int type, const struct charge *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int expected = (DEFAULT_BUFFER / 4 - 1) / rows[i].truesize + 1;
        int actual = charge_limit(fx, type, rows[i].len);
        if (actual != expected) {
            wb__fail(fx, __FILE__, __LINE__, "%zu bytes: %d messages stay writable, expected %d",
                rows[i].len, actual, expected);
            return;
        }
    }
}

static void r89_unix_stream_charges(struct wb_contract_fixture *fx) {
    static const struct charge rows[] = {
        {1, SMALL_MESSAGE},
        {192, SMALL_MESSAGE},
        {193, 1280},
        {704, 1280},
        {705, 2304},
        {1728, 2304},
        {1729, 4352},
        {3776, 4352},
        {3777, 4864}, /* from here on in pages */
        {7872, 8448},
        {7873, 8960},
        {16064, 16640},
        {20000, 20736},
    };
    check_charges(fx, STREAM, rows, sizeof(rows) / sizeof(rows[0]));
}

static void r89_unix_datagram_charges(struct wb_contract_fixture *fx) {
    static const struct charge rows[] = {
        {0, SMALL_MESSAGE}, {192, SMALL_MESSAGE}, {193, 1280}, {705, 2304}, {1729, 4352},
        {3777, 8448}, {7872, 8448}, {7873, 16640}, {16064, 16640},
        {16065, 20736}, /* from here on in pages */
    };
    check_charges(fx, DGRAM, rows, sizeof(rows) / sizeof(rows[0]));
    check_charges(fx, SEQPACKET, rows, sizeof(rows) / sizeof(rows[0]));
}

/* The last bytes may go far over the buffer. */
static void unix_large_message_leaves_no_room(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK_EQUAL(send_bytes(fx, pair.own, 200000), 200000);
    CHECK(!is_writable(fx, pair.own));
    CHECK_EQUAL(send_bytes(fx, pair.own, 1), 1); /* 201,728 of 212,992 are charged */
    CHECK_EQUAL(send_bytes(fx, pair.own, 7000), 7000);
    CHECK_EQUAL(send_bytes(fx, pair.own, 2000), 2000);
    CHECK_EQUAL(send_bytes(fx, pair.own, 1), -EAGAIN);
}

/* A stream's write ends with the part that found the buffer full; each part is half a buffer at
 * most. */
static void r92_unix_short_writes_end_with_a_part(struct wb_contract_fixture *fx) {
    static const struct {
        int size;
        int taken;
    } rows[] = {{4608, 4480}, {6144, 6016}, {9216, 9088}, {40000, 39872},
        {DEFAULT_BUFFER, 6 * STREAM_PART_MAX}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, STREAM, &pair));
        CHECK(rows[i].size == DEFAULT_BUFFER || wb__set_send_buffer(fx, pair.own, rows[i].size));
        CHECK_EQUAL(send_bytes(fx, pair.own, LARGE), rows[i].taken);
        CHECK_EQUAL(send_bytes(fx, pair.own, LARGE), -EAGAIN);
        CHECK(wb__drain(fx, pair.peer, (uint64_t)rows[i].taken));
        CHECK_EQUAL(send_bytes(fx, pair.own, LARGE), rows[i].taken);
    }
}

static void r128_unix_datagrams_have_a_largest_size(struct wb_contract_fixture *fx) {
    const int types[] = {DGRAM, SEQPACKET};
    static const int sizes[] = {4608, 9216, 40000};
    for (size_t i = 0; i < 6; i++) {
        struct wb__pair pair;
        size_t most = (size_t)sizes[i / 2] - 32;
        CHECK(narrow_pair(fx, types[i % 2], sizes[i / 2], &pair));
        CHECK_EQUAL(send_bytes(fx, pair.own, most + 1), -EMSGSIZE);
        CHECK_EQUAL(send_bytes(fx, pair.own, most), (int64_t)most);
        CHECK_EQUAL(send_bytes(fx, pair.own, most + 1), -EMSGSIZE); /* full or not */
    }
}

/* Watches OUT of a pair that is writable, the first report taken. */
static bool watched_for_out(struct wb_contract_fixture *fx, int type, int size,
    struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return narrow_pair(fx, type, size, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, OUT, OUT)
           && wb__observe(fx, __FILE__, __LINE__, out_watch, OUT, OUT, OUT)
           && wb__rearm(fx, out_watch)
           && wb__observe(fx, __FILE__, __LINE__, out_watch, OUT, NONE, OUT);
}

static void r95_each_unix_message_read_is_an_out_event(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < 3; i++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_for_out(fx, types[i], 40000, &pair, &watch));
        for (int n = 0; n < 3; n++) {
            CHECK(wb__send(fx, pair.own, 1));
            OBSERVE(watch, OUT, NONE, NONE);
        }
        for (int n = 0; n < 3; n++) {
            CHECK(wb__recv(fx, pair.peer, 1));
            OBSERVE(watch, OUT, OUT, NONE); /* though it was never full */
        }
    }
}

static void r95_unix_part_of_a_message_and_a_look_are_no_out_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    char bytes[8];
    CHECK(watched_for_out(fx, STREAM, 40000, &pair, &watch));
    CHECK(wb__send(fx, pair.own, 4));
    CHECK_EQUAL(SYS(recv, pair.peer, bytes, sizeof(bytes), WB_MSG_PEEK), 4);
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK(wb__recv(fx, pair.peer, 3));
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK(wb__recv(fx, pair.peer, 1));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r95_full_unix_buffer_wakes_from_a_fourth_on(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    int sent = 0;
    CHECK(watched_for_out(fx, STREAM, 40000, &pair, &watch));
    while (send_bytes(fx, pair.own, 1) == 1) {
        sent++;
    }
    CHECK_EQUAL(sent, 53);
    OBSERVE(watch, NONE, NONE, NONE);
    for (; sent > 14; sent--) {
        CHECK(wb__recv(fx, pair.peer, 1));
    }
    OBSERVE(watch, NONE, NONE, NONE);
    for (; sent > 0; sent--) {
        CHECK(wb__recv(fx, pair.peer, 1));
        OBSERVE(watch, OUT, OUT, NONE);
    }
}

/* The wake-up comes while the message is still half there: at the very border the state is already
 * so and nobody is told. */
static void r89_unix_border_is_seen_and_not_told(struct wb_contract_fixture *fx) {
    const int size = 4 * 2 * SMALL_MESSAGE + 4; /* one message less, and one reference, fit */
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_for_out(fx, STREAM, size, &pair, &watch));
    for (int i = 0; i < 3; i++) {
        CHECK(wb__send(fx, pair.own, 1));
    }
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, pair.peer, 1));
    CHECK(is_writable(fx, pair.own));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__recv(fx, pair.peer, 1));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r98_full_unix_socket_reports_only_its_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t filled = 0;
    CHECK(narrow_pair(fx, STREAM, 9216, &pair));
    CHECK(wb__fill(fx, pair.own, &filled));
    CHECK(wb__watch(fx, &watch, pair.own, IN | OUT, IN | OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK(wb__drain(fx, pair.peer, filled));
    OBSERVE(watch, IN | OUT, IN | OUT, NONE);
}

static void r100_setting_the_unix_send_buffer_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t filled = 0;
    CHECK(watched_for_out(fx, STREAM, 9216, &pair, &watch));
    CHECK(wb__set_send_buffer(fx, pair.own, 9216));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
    CHECK(wb__fill(fx, pair.own, &filled));
    CHECK(wb__set_send_buffer(fx, pair.own, 18432));
    OBSERVE(watch, NONE, NONE, NONE); /* it could take more, and yet is not writable */
    CHECK(wb__send(fx, pair.own, 1));
    CHECK(wb__set_send_buffer(fx, pair.own, 80000));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r91_writable_unix_sockets_take_a_message(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < 3; i++) {
        struct wb__pair pair;
        CHECK(narrow_pair(fx, types[i], 9216, &pair));
        for (int n = 0; n < 40; n++) {
            bool writable = is_writable(fx, pair.own);
            size_t len = (size_t)(1 + n * 137 % 3000);
            int64_t sent = send_bytes(fx, pair.own, len);
            CHECK(!writable || sent > 0);
            if (sent == -EAGAIN) {
                CHECK(SYS(recv, pair.peer, large, sizeof(large), 0) > 0);
            }
        }
    }
}

static const struct wb_contract_case cases[] = {
    CASE(r89_unix_buffer_has_a_default, 0),
    CASE(r89_unix_small_messages_fill_the_buffer, 0),
    CASE(r89_unix_stream_charges, 0),
    CASE(r89_unix_datagram_charges, 0),
    CASE(unix_large_message_leaves_no_room, 0),
    CASE(r92_unix_short_writes_end_with_a_part, 0),
    CASE(r128_unix_datagrams_have_a_largest_size, 0),
    CASE(r95_each_unix_message_read_is_an_out_event, 0),
    CASE(r95_unix_part_of_a_message_and_a_look_are_no_out_event, 0),
    CASE(r95_full_unix_buffer_wakes_from_a_fourth_on, 0),
    CASE(r89_unix_border_is_seen_and_not_told, 0),
    CASE(r98_full_unix_socket_reports_only_its_data, 0),
    CASE(r100_setting_the_unix_send_buffer_is_an_event, 0),
    CASE(r91_writable_unix_sockets_take_a_message, 0),
};
WB__CONTRACT_GROUP(unix_buffer);
