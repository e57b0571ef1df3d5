/* Mutations of messages of HTTP/1 keep within their room, repeat with their seed, and make what the
 * codec takes often enough, and refuses for every reason that a head can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mutator/messages.h"
#include "mutator/records.h"
#include "wb/h1_body.h"
#include "wb/h1_head.h"

enum { CAPACITY = 512, OPTIONS = 2, FIELDS_MAX = 24 };

const struct messages_format messages_format = {.options = OPTIONS};

/* Stands in for the engine: adds a byte where there is room. */
static size_t add_byte(uint8_t *bytes, size_t len, size_t capacity) {
    if (len < capacity) {
        bytes[len] = (uint8_t)(len * 37);
        return len + 1;
    }
    return len;
}

static const char *const seeds[] = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
enum { SEEDS = sizeof seeds / sizeof seeds[0] };

static size_t plant(uint8_t *bytes, size_t capacity, unsigned number) {
    const char *seed = seeds[number % SEEDS];
    const size_t len = strlen(seed) + OPTIONS < capacity ? strlen(seed) : capacity - OPTIONS;
    memset(bytes, 0, OPTIONS);
    memcpy(bytes + OPTIONS, seed, len);
    return OPTIONS + len;
}

/* A block of exactly the capacity, so that a sanitizer sees a byte too many. */
static void mutations_keep_within_their_room_and_repeat(void **state) {
    (void)state;
    for (size_t capacity = OPTIONS; capacity < 120; capacity += 3) {
        uint8_t *first = malloc(capacity);
        uint8_t *again = malloc(capacity);
        assert_non_null(first);
        assert_non_null(again);
        size_t len = 0;
        for (unsigned seed = 0; seed < 400; seed++) {
            if (seed % 50 == 0) {
                len = plant(first, capacity, seed / 50);
            }
            memcpy(again, first, len);
            size_t again_len = records_mutate(again, len, capacity, seed, add_byte);
            len = records_mutate(first, len, capacity, seed, add_byte);
            assert_true(len <= capacity);
            assert_int_equal(len, again_len);
            assert_memory_equal(first, again, len);
        }
        free(first);
        free(again);
    }
}

static void crossings_keep_within_their_room(void **state) {
    (void)state;
    uint8_t a[CAPACITY];
    uint8_t b[CAPACITY];
    const size_t a_len = plant(a, sizeof a, 1);
    const size_t b_len = plant(b, sizeof b, 2);
    for (size_t capacity = 1; capacity < 200; capacity++) {
        uint8_t *out = malloc(capacity);
        assert_non_null(out);
        assert_true(
            records_cross(a, a_len, b, b_len, out, capacity, (unsigned)capacity) <= capacity);
        free(out);
    }
}

/* What 20,000 mutations of whole messages lead to. */
static void mutations_reach_what_a_head_can_be(void **state) {
    (void)state;
    bool reached[WB_H1_ERROR_COUNT] = {false};
    unsigned taken = 0;
    unsigned chunked = 0;
    enum { ROUNDS = 20000 };
    for (unsigned seed = 0; seed < ROUNDS; seed++) {
        uint8_t bytes[CAPACITY];
        struct wb_http_field fields[FIELDS_MAX];
        struct wb_h1_parser parser;
        size_t len = plant(bytes, sizeof bytes, seed);
        len = records_mutate(bytes, len, sizeof bytes, seed, add_byte);
        len = records_mutate(bytes, len, sizeof bytes, seed + ROUNDS, add_byte);
        wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, FIELDS_MAX);
        const enum wb_status status =
            wb_h1_parse(&parser, wb_bytes_from(bytes + OPTIONS, len - OPTIONS));
        taken += status == WB_OK;
        chunked += status == WB_OK && parser.head.body == WB_H1_BODY_CHUNKED;
        reached[parser.error] = true;
    }
    assert_true(taken > ROUNDS / 10 && chunked > ROUNDS / 100);
    /* What needs more than 512 bytes, or several steps, or is of responses. */
    static const enum wb_h1_error beyond[] = {WB_H1_ERROR_METHOD_TOO_LONG,
        WB_H1_ERROR_TARGET_TOO_LONG, WB_H1_ERROR_STATUS, WB_H1_ERROR_REASON,
        WB_H1_ERROR_EMPTY_LINES, WB_H1_ERROR_TOO_LARGE, WB_H1_ERROR_TOO_MANY_FIELDS};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
        reached[beyond[i]] = true;
    }
    for (int error = 0; error < WB_H1_ERROR_COUNT; error++) {
        if (!reached[error]) {
            fail_msg("never made: %s", wb_h1_error_text((enum wb_h1_error)error));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutations_keep_within_their_room_and_repeat),
        cmocka_unit_test(crossings_keep_within_their_room),
        cmocka_unit_test(mutations_reach_what_a_head_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
