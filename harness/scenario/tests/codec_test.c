/* The binary form: any bytes are a scenario, a byte that changes concerns one record, and a warm
 * scenario is decoded into without allocating. */
#include "wouldblock/scenario.h"

#include "generate.h"
#include "scenario/storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &error);
    assert_non_null(scenario);
    return scenario;
}

static uint8_t *encode_text(const char *text, size_t *out_len) {
    struct wbh_scenario *scenario = parse(text);
    uint8_t *bytes = wbh_scenario_encode(scenario, out_len);
    assert_non_null(bytes);
    wbh_scenario_destroy(scenario);
    return bytes;
}

static void assert_decodes_to(const uint8_t *bytes, size_t len, const char *text) {
    struct wbh_scenario *scenario = wbh_scenario_decode(bytes, len);
    assert_non_null(scenario);
    char *printed = wbh_scenario_print(scenario, NULL);
    assert_string_equal(printed, text);
    free(printed);
    wbh_scenario_destroy(scenario);
}

/* ---- the layout, as documented */

static void codec_small_scenario_has_the_documented_layout(void **state) {
    (void)state;
    static const uint8_t expected[] = {
        0xc0, 1,                                 /* program multi_echo */
        0xc1, 0, 1,                              /* trigger=edge */
        0xc1, 8, 4,                              /* framed */
        0xc3, 2, 7,                              /* hostile seed=7 */
        0xc4,                                    /* peer alice, zeros left out */
        0xc5,                                    /* connect */
        0xc5, 3, 2, 0, 'h', 'i', 0xd0, 0x40,     /* send "hi\xc0" * 3, the last byte escaped */
        0xc5, 10, 2, 5,                          /* sleep 5ms */
        0xc4, 'z', 'z',                          /* peer zz */
        0xc6, 0, 1, 0, 1, 0, 2, 0, 0, 0, 3,      /* alice#2.recv 2 short 3 */
        0xc6, 7, 8, 0, 0, 0, 4, 0, 0, 0, 1, 129, /* wait 4 spurious listener readable */
        0xc7, 2,                                 /* verdict hang */
        0xc8, 't',                               /* scenario "t" */
    };
    size_t len;
    uint8_t *bytes = encode_text("scenario \"t\"\nprogram multi_echo trigger=edge framed\n"
                                 "faults hostile seed=7\n"
                                 "peer alice\n  connect\n  send \"hi\\xc0\" * 3\n  sleep 5ms\n"
                                 "peer zz\n"
                                 "fault alice#2.recv 2 short 3\n"
                                 "fault wait 4 spurious listener readable\nverdict hang\n",
        &len);
    assert_int_equal(len, sizeof expected);
    assert_memory_equal(bytes, expected, len);
    free(bytes);
}

static void codec_nothing_is_the_smallest_scenario(void **state) {
    (void)state;
    static const char text[] = "scenario \"\"\nprogram ping_pong\nfaults none\n\nverdict ok\n";
    assert_decodes_to(NULL, 0, text);
    assert_decodes_to((const uint8_t *)"no tag at all", 13, text);
    assert_decodes_to((const uint8_t *)"\xcf\x01\x02\xcf", 4, text); /* unknown records */
}

/* Names are words of a table, spelt out, or cut; what has none gets the first there is. */
static void codec_unix_names_are_words(void **state) {
    (void)state;
    uint8_t bytes[256] = {0xc5, 21, 2, 0xc5, 22, '/', 'a', ' ', 0xd0, 0x40, 0, 9, 0xc5, 23, 0xc5,
        24, 0xc5, 24, 5, 0xc5, 26, 3, 0xc5, 27, 4, 0xc5, 28, 0, 0xc5, 25, '@'};
    char text[512];
    size_t len = 31;
    memset(bytes + len, 'x', 200);
    (void)snprintf(text, sizeof text,
        "scenario \"\"\nprogram ping_pong\nfaults none\n\npeer alice\n  connect unix \"@echo\"\n"
        "  connect seqpacket \"/a \\xc0\"\n  connect datagram \"/run/echo\"\n  bind datagram\n"
        "  bind datagram \"@alice\"\n  send to \"@wouldblock\"\n  listen unix \"/run/other\"\n"
        "  listen seqpacket \"/run/echo\"\n  expect refused unix "
        "\"@%.*s\"\n\nverdict ok\n",
        WBH_UNIX_NAME_MAX - 1, (const char *)bytes + len);
    assert_decodes_to(bytes, len + 200, text);
}

static void codec_parts_that_do_not_go_with_their_message_are_left_out(void **state) {
    (void)state;
    static const uint8_t bytes[] = {
        0xcf, 0, 'A', ':',             /* a part of nothing */
        0xc4, 0, 0xc5, 0,              /* alice connects, */
        0xcf, 0, 'A', ':',             /* ... which is no message */
        0xc5, 33, 0, 0, 0,             /* GET / */
        0xcf, 3, 1,                    /* what is sent has no length alone */
        0xcf, 5, 'A', ':',             /* a trailer before any chunk */
        0xcf, 0, 'x',                  /* no line */
        0xcf, 0, 'x', ':', '\n',       /* nor this */
        0xcf, 1, 'a', ' ',             /* no name */
        0xcf, 1, 'H', 'o', 's', 't',   /* no-header Host */
        0xcf, 4, 1,                    /* chunked "" * 2 */
        0xcf, 2,                       /* the content was told */
        0xcf, 5, 'A', ':',             /* now the trailer can be */
        0xcf, 4,                       /* and no chunk any more */
        0xc5, 33, 1, 'b', '"', 0, ' ', /* no method, and a place in the table of targets */
        0xc5, 34, 4,                   /* version 4 modulo 3, no status: 100 */
        0xc5, 36, 2, 255, 255,         /* status 65535 */
        0xcf, 4,                       /* what is expected has no chunks */
        0xcf, 9,                       /* kind 9 modulo 6: body-len 0 */
        0xcf, 5, 'A', ':', 'b',        /* trailers are expected of anything */
        0xc5, 32,                      /* send slowly, nothing */
    };
    assert_decodes_to(bytes, sizeof bytes,
        "scenario \"\"\nprogram ping_pong\nfaults none\n\npeer alice\n  connect\n"
        "  http-request GET / no-header Host chunked \"\" * 2 trailer \"A:\"\n"
        "  http-request GET /a?b=c version=1.0\n"
        "  http-response 100 version=1.0\n"
        "  expect http-response 999 version=1.1 body-len 0 trailer \"A:b\"\n"
        "  send slowly \"\" every 1ns\n\nverdict ok\n");
}

static void codec_missing_and_excessive_values_are_brought_within_range(void **state) {
    (void)state;
    static const uint8_t bytes[] = {
        0xc2, 0, 1,                                     /* fd-limit=1: below the least */
        0xc5, 9,                                        /* a step before any peer; expect bytes 0 */
        0xc5, 10, 3, 255, 255, 255, 255, 255, 255, 255, /* sleep beyond all limits */
        0xc5, 3,                                        /* an empty literal */
        0xc5, 1,                                        /* listen 0 */
        0xc5, 0x9c,                          /* kind 156 modulo 37, no time: expect silence 1ns */
        0xc4, 'A',                           /* no name: the next free one */
        0xc4, 'l', 'o', 'c', 'a', 'l', '1',  /* a reserved one */
        0xc4, 1,                             /* bob, who is there already */
        0xc5, 31,                            /* expect descriptors 0 */
        0xc5, 11, 9, 200,                    /* after peer 9, step 200 */
        0xc6, 7, 1, 5,                       /* wait cannot be short: number 1 of what it can be */
        0xc6, 6, 4, 0, 0, 0, 0, 0, 0, 0, 99, /* accept, error 99 modulo 19 */
        0xc6, 0, 1, 7,                       /* of peer 7, of four; short 0 */
        0xc8, 'a', 0, 'b',                   /* a title up to its NUL */
    };
    assert_decodes_to(bytes, sizeof bytes,
        "scenario \"a\"\nprogram ping_pong\nhost fd-limit=4\nfaults none\n"
        "\npeer alice\n  expect bytes 1\n  sleep 864000s\n  send \"\"\n  listen 1\n"
        "  expect silence 1ns\n"
        "\npeer bob\n\npeer carol\n\npeer dave\n  expect descriptors 1\n  after bob\n"
        "\nfault wait 1 spurious alice readable\nfault accept 1 error EHOSTUNREACH\n"
        "fault dave.recv 1 short 1\n"
        "\nverdict ok\n");
}

/* ---- bounds */

static void repeat_record(
    uint8_t *bytes, size_t *len, const uint8_t *record, size_t record_len, unsigned times) {
    for (unsigned i = 0; i < times; i++) {
        memcpy(bytes + *len, record, record_len);
        *len += record_len;
    }
}

static void codec_too_many_of_a_kind_are_left_out(void **state) {
    (void)state;
    enum { TIMES = 5000 };
    uint8_t *bytes = malloc((size_t)TIMES * 16);
    assert_non_null(bytes);
    size_t len = 0;
    repeat_record(bytes, &len, (const uint8_t[]){0xc4}, 1, 100);
    repeat_record(bytes, &len, (const uint8_t[]){0xc5, 13}, 2, 300);
    for (unsigned i = 0; i < TIMES; i++) {
        const uint8_t fault[] = {0xc6, 7, 11, 0, 0, 0, (uint8_t)(i & 0x7f), (uint8_t)(i >> 7)};
        repeat_record(bytes, &len, fault, sizeof fault, 1);
    }
    struct wbh_scenario *scenario = wbh_scenario_decode(bytes, len);
    assert_int_equal(scenario->peer_count, WBH_PEERS_MAX);
    assert_int_equal(scenario->peers[WBH_PEERS_MAX - 1].step_count, WBH_STEPS_MAX);
    /* Ordinal 0 counts as 1, so one of the first 4096 is a double. */
    assert_int_equal(scenario->fault_count, WBH_FAULTS_MAX - 1);
    free(bytes);
    wbh_scenario_destroy(scenario);
}

static void codec_payload_is_bounded(void **state) {
    (void)state;
    enum { SENDS = 20 };
    static uint8_t bytes[SENDS * 200];
    size_t len = 0;
    for (unsigned i = 0; i < SENDS; i++) {
        const uint8_t head[] = {0xc5, 3, 0xff, 0xff};
        repeat_record(bytes, &len, head, sizeof head, 1);
        repeat_record(bytes, &len, (const uint8_t *)"x", 1, 100);
    }
    struct wbh_scenario *scenario = wbh_scenario_decode(bytes, len);
    uint64_t traffic = 0;
    for (uint32_t i = 0; i < scenario->peers[0].step_count; i++) {
        const struct wbh_step *step = &scenario->peers[0].steps[i];
        assert_in_range((uint64_t)step->data_len * step->repeat, 1, WBH_PAYLOAD_MAX);
        traffic += (uint64_t)step->data_len * step->repeat;
    }
    assert_in_range(traffic, WBH_TRAFFIC_MAX - 100, WBH_TRAFFIC_MAX);
    wbh_scenario_destroy(scenario);
}

static void codec_circle_of_waiting_peers_is_broken(void **state) {
    (void)state;
    static const uint8_t bytes[] = {
        0xc4, 0, 0xc5, 11, 1, 0xc4, 1, 0xc5, 11, 2, 0xc4, 2, 0xc5, 11, 0};
    assert_decodes_to(bytes, sizeof bytes,
        "scenario \"\"\nprogram ping_pong\nfaults none\n"
        "\npeer alice\n  sleep 1ms\n\npeer bob\n  after carol\n\npeer carol\n  after alice\n"
        "\nverdict ok\n");
}

static void codec_peer_alone_waits_for_nobody(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0xc5, 11, 1};
    assert_decodes_to(bytes, sizeof bytes,
        "scenario \"\"\nprogram ping_pong\nfaults none\n\npeer alice\n  sleep 1ms\n\nverdict ok\n");
}

/* ---- any bytes */

/* encode(decode(x)) is a fixed point, and what x decodes to can be said in text. */
static void check_any(struct wbh_scenario *warm, const uint8_t *bytes, size_t len, int with_text) {
    assert_int_equal(wbh_scenario_decode_into(warm, bytes, len), 0);
    size_t once_len;
    uint8_t *once = wbh_scenario_encode(warm, &once_len);
    struct wbh_scenario *again = wbh_scenario_decode(once, once_len);
    assert_true(wbh_scenario_equal(warm, again));
    size_t twice_len;
    uint8_t *twice = wbh_scenario_encode(again, &twice_len);
    assert_int_equal(twice_len, once_len);
    assert_memory_equal(twice, once, once_len);
    if (with_text) {
        char *text = wbh_scenario_print(warm, NULL);
        struct wbh_scenario *parsed = parse(text);
        assert_true(wbh_scenario_equal(warm, parsed));
        wbh_scenario_destroy(parsed);
        free(text);
    }
    free(once);
    free(twice);
    wbh_scenario_destroy(again);
}

static void codec_random_bytes_are_a_scenario(void **state) {
    (void)state;
    enum { ROUNDS = 100000, LEN_MAX = 160 };
    struct wbh_scenario *warm = wbh_scenario_new();
    uint64_t random = 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t bytes[LEN_MAX];
        size_t len = (size_t)random_below(&random, LEN_MAX);
        for (size_t i = 0; i < len; i++) {
            uint64_t number = next_random(&random);
            /* Every other round has tags about as often as a scenario has. */
            bytes[i] = round % 2 == 0 || (number >> 8) % 5 != 0 ? (uint8_t)number
                                                                : (uint8_t)(0xc0 + number % 9);
        }
        check_any(warm, bytes, len, round % 8 < 2);
    }
    wbh_scenario_destroy(warm);
}

static void codec_mutated_scenarios_are_scenarios(void **state) {
    (void)state;
    enum { ROUNDS = 300, MUTATIONS = 40 };
    struct wbh_scenario *warm = wbh_scenario_new();
    uint64_t random = 2;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        size_t len;
        char *text = generate_text(seed, &len);
        uint8_t *bytes = encode_text(text, &len);
        for (unsigned i = 0; i < MUTATIONS && len > 1; i++) {
            bytes[random_below(&random, len)] = (uint8_t)next_random(&random);
            if (i % 4 == 0) {
                size_t at = (size_t)random_below(&random, len);
                memmove(bytes + at, bytes + at + 1, len - at - 1);
                len--;
            }
            check_any(warm, bytes, len, 1);
        }
        free(bytes);
        free(text);
    }
    wbh_scenario_destroy(warm);
}

/* ---- one byte concerns one record */

enum { STEPS = 24 };

static struct wbh_scenario *steps_of_all_kinds(void) {
    return parse(
        "scenario \"t\"\nprogram p\npeer alice\n  connect\n  send \"GET / HTTP/1.1\\r\\n\"\n"
        "  expect \"hello\" * 300\n  expect silence 3ms\n  expect bytes 5000\n"
        "  sleep 1234567ns\n  half-close\n  expect close\n  close\npeer bob\n"
        "  buffers 70000\n  connect\n  read slowly 300 every 7us\n  read stop\n"
        "  read on\n  expect reset\n  signal SIGINT\n  reset\n  expect refused\n"
        "  listen 8080\n  accept\n  send \"\\xff\\xc3\\xa9\\0\"\n  expect \"x\"\n"
        "  send \"last\" * 2\n  close\n");
}

static unsigned flatten(const struct wbh_scenario *scenario, const struct wbh_step **out) {
    unsigned count = 0;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            out[count++] = &scenario->peers[p].steps[s];
        }
    }
    return count;
}

static int same_step(const struct wbh_scenario *a, const struct wbh_step *one,
    const struct wbh_scenario *b, const struct wbh_step *other) {
    return one->kind == other->kind && one->repeat == other->repeat && one->count == other->count
           && one->duration_ns == other->duration_ns && one->data_len == other->data_len
           && (one->data_len == 0
               || memcmp(a->data + one->data_offset, b->data + other->data_offset, one->data_len)
                      == 0);
}

/* How many steps of `a` are neither in the common beginning nor in the common end. */
static unsigned changed_steps(const struct wbh_scenario *a, const struct wbh_scenario *b) {
    const struct wbh_step *ours[STEPS + 4];
    const struct wbh_step *theirs[STEPS + 4];
    unsigned our_count = flatten(a, ours);
    unsigned their_count = flatten(b, theirs);
    unsigned least = our_count < their_count ? our_count : their_count;
    unsigned front = 0;
    while (front < least && same_step(a, ours[front], b, theirs[front])) {
        front++;
    }
    unsigned back = 0;
    while (back < least - front
           && same_step(a, ours[our_count - 1 - back], b, theirs[their_count - 1 - back])) {
        back++;
    }
    return our_count - front - back;
}

static void codec_one_byte_concerns_at_most_one_step_and_its_neighbour(void **state) {
    (void)state;
    struct wbh_scenario *original = steps_of_all_kinds();
    struct wbh_scenario *mutated = wbh_scenario_new();
    size_t len;
    uint8_t *bytes = wbh_scenario_encode(original, &len);
    uint8_t *other = malloc(len + 1);
    assert_non_null(other);
    for (size_t at = 0; at < len; at++) {
        /* Left out: a tag that goes joins its record to the one before it. */
        memcpy(other, bytes, at);
        memcpy(other + at, bytes + at + 1, len - at - 1);
        assert_int_equal(wbh_scenario_decode_into(mutated, other, len - 1), 0);
        assert_in_range(changed_steps(original, mutated), 0, 2);
        for (unsigned value = 0; value < 256; value++) {
            /* Put in: a tag divides a record. */
            other[at] = (uint8_t)value;
            memcpy(other + at + 1, bytes + at, len - at);
            assert_int_equal(wbh_scenario_decode_into(mutated, other, len + 1), 0);
            assert_in_range(changed_steps(original, mutated), 0, 1);
            /* Replaced. */
            memcpy(other + at + 1, bytes + at + 1, len - at - 1);
            assert_int_equal(wbh_scenario_decode_into(mutated, other, len), 0);
            assert_in_range(changed_steps(original, mutated), 0, 2);
        }
    }
    free(other);
    free(bytes);
    wbh_scenario_destroy(original);
    wbh_scenario_destroy(mutated);
}

/* ---- memory */

static void codec_warm_scenario_is_not_allocated_for(void **state) {
    (void)state;
    struct wbh_scenario *original = steps_of_all_kinds();
    struct wbh_scenario *warm = wbh_scenario_new();
    size_t len;
    uint8_t *bytes = wbh_scenario_encode(original, &len);
    assert_int_equal(wbh_scenario_decode_into(warm, bytes, len), 0);
    const struct wbh__storage before = *wbh__storage_of(warm);
    for (size_t part = 0; part <= len; part++) {
        assert_int_equal(wbh_scenario_decode_into(warm, bytes, part), 0);
    }
    const struct wbh__storage *after = wbh__storage_of(warm);
    assert_int_equal(after->text.capacity_bytes, before.text.capacity_bytes);
    assert_int_equal(after->peers.capacity_bytes, before.peers.capacity_bytes);
    assert_int_equal(after->steps.capacity_bytes, before.steps.capacity_bytes);
    assert_int_equal(after->faults.capacity_bytes, before.faults.capacity_bytes);
    assert_int_equal(after->data.capacity_bytes, before.data.capacity_bytes);
    assert_true(wbh_scenario_equal(warm, original));
    free(bytes);
    wbh_scenario_destroy(original);
    wbh_scenario_destroy(warm);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codec_small_scenario_has_the_documented_layout),
        cmocka_unit_test(codec_nothing_is_the_smallest_scenario),
        cmocka_unit_test(codec_unix_names_are_words),
        cmocka_unit_test(codec_parts_that_do_not_go_with_their_message_are_left_out),
        cmocka_unit_test(codec_missing_and_excessive_values_are_brought_within_range),
        cmocka_unit_test(codec_too_many_of_a_kind_are_left_out),
        cmocka_unit_test(codec_payload_is_bounded),
        cmocka_unit_test(codec_circle_of_waiting_peers_is_broken),
        cmocka_unit_test(codec_peer_alone_waits_for_nobody),
        cmocka_unit_test(codec_random_bytes_are_a_scenario),
        cmocka_unit_test(codec_mutated_scenarios_are_scenarios),
        cmocka_unit_test(codec_one_byte_concerns_at_most_one_step_and_its_neighbour),
        cmocka_unit_test(codec_warm_scenario_is_not_allocated_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
