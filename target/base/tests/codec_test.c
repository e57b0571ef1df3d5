/* Messages found in bytes and made of messages, without any stream. */
#include "wb/codec.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)

/* Bytes that came and were not used, as a stream's reader keeps them. */
struct inbox {
    char bytes[64];
    size_t begin;
    size_t end;
};

static void arrive(struct inbox *inbox, const void *bytes, size_t len) {
    assert_true(inbox->end + len <= sizeof(inbox->bytes));
    memcpy(inbox->bytes + inbox->end, bytes, len);
    inbox->end += len;
}

static enum wb_status next(
    struct inbox *inbox, struct wb_decoder *decoder, bool is_end, struct wb_bytes *out_frame) {
    size_t used = 0;
    const struct wb_bytes bytes =
        wb_bytes_from(inbox->bytes + inbox->begin, inbox->end - inbox->begin);
    const enum wb_status status = wb_decoder_decode(decoder, bytes, is_end, &used, out_frame);
    inbox->begin += used;
    return status;
}

static void expect(struct inbox *inbox, struct wb_decoder *decoder, const char *message) {
    struct wb_bytes frame = {0};
    assert_int_equal(next(inbox, decoder, false, &frame), WB_OK);
    assert_true(wb_bytes_equal(frame, B(message)));
}

static void expect_at_end(struct inbox *inbox, struct wb_decoder *decoder, const char *message) {
    struct wb_bytes frame = {0};
    assert_int_equal(next(inbox, decoder, true, &frame), WB_OK);
    assert_true(wb_bytes_equal(frame, B(message)));
}

static void expect_status(
    struct inbox *inbox, struct wb_decoder *decoder, bool is_end, enum wb_status status) {
    struct wb_bytes frame = {0};
    assert_int_equal(next(inbox, decoder, is_end, &frame), status);
}

static size_t left(const struct inbox *inbox) {
    return inbox->end - inbox->begin;
}

/* ---- lengths: decoding ---- */

static struct wb_length_decoder decoder_of(struct wb_length_format format) {
    struct wb_length_decoder decoder;
    wb_length_decoder_init(&decoder, &format);
    return decoder;
}

static void tk_42_a_message_in_one_piece(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_length_decoder decoder = decoder_of((struct wb_length_format){0});
    arrive(&inbox,
        "\0\0\0\x09"
        "abcdefghi",
        13);
    expect(&inbox, &decoder.decoder, "abcdefghi");
    assert_int_equal(left(&inbox), 0);
    expect_status(&inbox, &decoder.decoder, false, WB_WOULD_BLOCK);
    expect_status(&inbox, &decoder.decoder, true, WB_WOULD_BLOCK);
}

static void tk_42_several_messages_in_one_piece_and_empty_ones(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_length_decoder decoder = decoder_of((struct wb_length_format){0});
    arrive(&inbox,
        "\0\0\0\x03"
        "abc"
        "\0\0\0\0"
        "\0\0\0\x01"
        "d",
        16);
    expect(&inbox, &decoder.decoder, "abc");
    expect(&inbox, &decoder.decoder, "");
    expect(&inbox, &decoder.decoder, "d");
    assert_int_equal(left(&inbox), 0);
}

/* read_single_frame_multi_packet_wait, read_incomplete_head, read_incomplete_payload: byte by byte
 */
static void tk_42_a_message_in_pieces_is_waited_for(void **state) {
    (void)state;
    static const char bytes[] = "\0\0\0\x03"
                                "abc";
    struct inbox inbox = {0};
    struct wb_length_decoder decoder = decoder_of((struct wb_length_format){0});
    for (size_t i = 0; i < 6; i++) {
        arrive(&inbox, bytes + i, 1);
        expect_status(&inbox, &decoder.decoder, false, WB_WOULD_BLOCK);
        assert_int_equal(left(&inbox), i + 1); /* so that the end here is an error */
    }
    arrive(&inbox, bytes + 6, 1);
    expect(&inbox, &decoder.decoder, "abc");
}

static void tk_42_a_message_that_is_too_long_ends_decoding(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_length_decoder decoder =
        decoder_of((struct wb_length_format){.field_len = 2, .frame_len_max = 5});
    arrive(&inbox,
        "\0\x05"
        "abcde"
        "\0\x06"
        "abcdef",
        15);
    expect(&inbox, &decoder.decoder, "abcde");
    expect_status(&inbox, &decoder.decoder, false, WB_ERR_LIMIT);
    expect_status(&inbox, &decoder.decoder, false, WB_ERR_LIMIT);
    assert_int_equal(left(&inbox), 8);
}

static void tk_42_a_new_limit_is_for_the_next_head(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_length_decoder decoder = decoder_of((struct wb_length_format){0});
    arrive(&inbox,
        "\0\0\0\x09"
        "abcd",
        8);
    expect_status(&inbox, &decoder.decoder, false, WB_WOULD_BLOCK);
    wb_length_decoder_set_max(&decoder, 5); /* in flight */
    arrive(&inbox,
        "efghi"
        "\0\0\0\x09"
        "xxxxxxxxx",
        18);
    expect(&inbox, &decoder.decoder, "abcdefghi");
    expect_status(&inbox, &decoder.decoder, false, WB_ERR_LIMIT);
}

/* All that a head may be: something before and behind the number, little-endian, counting itself.
 */
static void tk_42_heads_of_every_kind(void **state) {
    (void)state;
    struct inbox inbox = {0};
    const struct wb_length_format formats[] = {
        {.field_len = 1},
        {.field_len = 2, .order = WB_BYTE_ORDER_LITTLE},
        {.field_len = 8},
        {.field_offset = 1, .field_len = 1, .tail_len = 2},
        {.field_len = 2, .adjustment = -2},
        {.field_len = 1, .adjustment = 1},
        {.field_len = 2, .adjustment = -2, .kept = 2},
        {.field_offset = 1, .field_len = 1, .tail_len = 1, .kept = 1},
    };
    static const struct {
        const char *bytes;
        size_t len;
        const char *message;
        size_t message_len;
    } cases[] = {
        {"\x02"
         "ab",
            3, "ab", 2},
        {"\x02\0"
         "ab",
            4, "ab", 2},
        {"\0\0\0\0\0\0\0\x02"
         "ab",
            10, "ab", 2},
        {"?\x02??"
         "ab",
            6, "ab", 2},
        {"\0\x04"
         "ab",
            4, "ab", 2},
        {"\x01"
         "ab",
            3, "ab", 2},
        {"\0\x04"
         "ab",
            4,
            "\0\x04"
            "ab",
            4},
        {"?\x02!"
         "ab",
            5, "!ab", 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wb_length_decoder decoder = decoder_of(formats[i]);
        struct wb_bytes frame = {0};
        inbox = (struct inbox){0};
        arrive(&inbox, cases[i].bytes, cases[i].len);
        assert_int_equal(next(&inbox, &decoder.decoder, false, &frame), WB_OK);
        assert_int_equal(frame.len, cases[i].message_len);
        assert_memory_equal(frame.ptr, cases[i].message, frame.len);
        assert_int_equal(left(&inbox), 0);
    }
}

static void tk_42_numbers_that_cannot_be(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_length_decoder counts_itself =
        decoder_of((struct wb_length_format){.field_len = 2, .adjustment = -2});
    struct wb_length_decoder wide = decoder_of((struct wb_length_format){
        .field_len = 8, .adjustment = INT64_MAX, .kept = 8, .frame_len_max = SIZE_MAX});
    arrive(&inbox, "\0\x01", 2);
    expect_status(&inbox, &counts_itself.decoder, false, WB_ERR_PARSE);
    inbox = (struct inbox){0};
    arrive(&inbox, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    expect_status(&inbox, &wide.decoder, false, WB_ERR_LIMIT);
    const struct wb_length_format too_wide = {.field_len = 9};
    const struct wb_length_format keeps_more = {.field_len = 1, .kept = 2};
    assert_aborts(wb_length_decoder_init(&wide, &too_wide));
    assert_aborts(wb_length_decoder_init(&wide, &keeps_more));
}

static void tk_42_a_buffer_of_the_format_holds_its_longest_message(void **state) {
    (void)state;
    const struct wb_length_format format = {
        .field_offset = 1, .field_len = 2, .tail_len = 1, .kept = 1, .frame_len_max = 10};
    const struct wb_length_format keeps_all = {.field_len = 2, .kept = 2, .frame_len_max = 10};
    assert_int_equal(wb_length_format_buffer_len(&format), 13);
    assert_int_equal(wb_length_format_buffer_len(&keeps_all), 10);
}

/* ---- lengths: encoding ---- */

static void tk_42_what_is_encoded_is_decoded(void **state) {
    (void)state;
    const struct wb_length_format formats[] = {
        {.field_len = 3},
        {.field_offset = 2, .field_len = 4, .tail_len = 1, .order = WB_BYTE_ORDER_LITTLE},
        {.field_len = 2, .adjustment = -2},
        {.field_len = 2, .adjustment = 3},
    };
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct inbox inbox = {0};
        struct wb_length_encoder encoder;
        struct wb_length_decoder decoder = decoder_of(formats[i]);
        size_t len = sizeof(inbox.bytes);
        wb_length_encoder_init(&encoder, &formats[i]);
        assert_int_equal(wb_encoder_encode(&encoder.encoder, B("hello"), inbox.bytes, &len), WB_OK);
        inbox.end = len;
        expect(&inbox, &decoder.decoder, "hello");
        assert_int_equal(left(&inbox), 0);
    }
}

static void tk_42_bytes_on_the_wire(void **state) {
    (void)state;
    const struct wb_length_format format = {.field_offset = 1, .field_len = 2, .adjustment = -3};
    struct wb_length_encoder encoder;
    char wire[8];
    size_t len = sizeof(wire);
    memset(wire, 'x', sizeof(wire));
    wb_length_encoder_init(&encoder, &format);
    assert_int_equal(wb_encoder_encode(&encoder.encoder, B("abc"), wire, &len), WB_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(wire,
        "\0\0\x06"
        "abcxx",
        8);
}

static void tk_42_encode_overflow(void **state) {
    (void)state;
    static const char much[300];
    const struct wb_length_format format = {.field_len = 1};
    const struct wb_length_format limited = {.frame_len_max = 5};
    const struct wb_length_format counts_itself = {.field_len = 1, .adjustment = -1};
    const struct wb_length_format adds = {.field_len = 1, .adjustment = 3};
    struct wb_length_encoder encoder;
    char wire[400];
    size_t len = sizeof(wire);
    wb_length_encoder_init(&encoder, &format);
    assert_int_equal(
        wb_encoder_encode(&encoder.encoder, wb_bytes_from(much, 256), wire, &len), WB_ERR_LIMIT);
    assert_int_equal(
        wb_encoder_encode(&encoder.encoder, wb_bytes_from(much, 255), wire, &len), WB_OK);
    wb_length_encoder_init(&encoder, &limited);
    len = sizeof(wire);
    assert_int_equal(wb_encoder_encode(&encoder.encoder, B("abcdef"), wire, &len), WB_ERR_LIMIT);
    wb_length_encoder_init(&encoder, &counts_itself);
    assert_int_equal(
        wb_encoder_encode(&encoder.encoder, wb_bytes_from(much, 255), wire, &len), WB_ERR_LIMIT);
    wb_length_encoder_init(&encoder, &adds); /* none has fewer than three bytes */
    assert_int_equal(wb_encoder_encode(&encoder.encoder, B("ab"), wire, &len), WB_ERR_LIMIT);
    const struct wb_length_format keeps = {.field_len = 1, .kept = 1};
    assert_aborts(wb_length_encoder_init(&encoder, &keeps));
}

static void tk_42_without_room_it_is_said_how_much_it_takes(void **state) {
    (void)state;
    const struct wb_length_format format = {0};
    struct wb_length_encoder encoder;
    struct wb_encoder lines = wb_line_encoder();
    char wire[8] = "xxxxxxx";
    size_t len = 6;
    wb_length_encoder_init(&encoder, &format);
    assert_int_equal(wb_encoder_encode(&encoder.encoder, B("abc"), wire, &len), WB_ERR_FULL);
    assert_int_equal(len, 7);
    len = 3;
    assert_int_equal(wb_encoder_encode(&lines, B("abc"), wire, &len), WB_ERR_FULL);
    assert_int_equal(len, 4);
    assert_string_equal(wire, "xxxxxxx");
}

/* ---- lines ---- */

static struct wb_line_decoder lines_of(size_t line_len_max) {
    struct wb_line_decoder decoder;
    wb_line_decoder_init(&decoder, line_len_max);
    return decoder;
}

static void tk_43_lines_decoder(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(60);
    arrive(&inbox, "line 1\nline 2\r\nline 3\n\r\n\r", 25);
    expect(&inbox, &lines.decoder, "line 1");
    expect(&inbox, &lines.decoder, "line 2");
    expect(&inbox, &lines.decoder, "line 3");
    expect(&inbox, &lines.decoder, "");
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "k", 1);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    expect_at_end(&inbox, &lines.decoder, "\rk");
    expect_status(&inbox, &lines.decoder, true, WB_WOULD_BLOCK);
    arrive(&inbox, "\r", 1); /* a lone one is nothing */
    expect_status(&inbox, &lines.decoder, true, WB_WOULD_BLOCK);
    assert_int_equal(left(&inbox), 0);
}

static void tc_06_the_last_line_needs_no_end(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(10);
    arrive(&inbox, "last\r", 5);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    expect_at_end(&inbox, &lines.decoder, "last");
    assert_int_equal(left(&inbox), 0);
}

static void tk_43_lines_decoder_max_length(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(6);
    arrive(&inbox, "line 1 is too long\nline 2\nline 3\r\nline 4\n\r\n\r\n", 45);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    expect(&inbox, &lines.decoder, "line 2");
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT); /* its "\r" is one too many */
    expect(&inbox, &lines.decoder, "line 4");
    expect(&inbox, &lines.decoder, "");
    expect(&inbox, &lines.decoder, "");
    expect_status(&inbox, &lines.decoder, true, WB_WOULD_BLOCK);
}

static void tk_43_lines_decoder_max_length_underrun(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(6);
    arrive(&inbox, "line ", 5);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "too l", 5);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    arrive(&inbox, "ong\n", 4);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "line 2", 6);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "\n", 1);
    expect(&inbox, &lines.decoder, "line 2");
}

static void tk_43_lines_decoder_max_length_bursts(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(10);
    arrive(&inbox, "line ", 5);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "too l", 5);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "ong\n", 4);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
}

static void tk_43_lines_decoder_max_length_big_burst(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(10);
    arrive(&inbox, "line ", 5);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "too long!\n", 10);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    assert_int_equal(left(&inbox), 0);
}

static void tk_43_lines_decoder_discard_repeat(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(1);
    arrive(&inbox, "aa\n", 3);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "a", 1);
    expect_status(&inbox, &lines.decoder, false, WB_WOULD_BLOCK);
    arrive(&inbox, "bbbb\nc\n", 7);
    expect_status(&inbox, &lines.decoder, false, WB_ERR_LIMIT);
    expect(&inbox, &lines.decoder, "c");
}

/* What is passed over at the end says nothing of what comes after it. */
static void tk_43_the_end_ends_passing_over(void **state) {
    (void)state;
    struct inbox inbox = {0};
    struct wb_line_decoder lines = lines_of(1);
    arrive(&inbox, "aaaa", 4);
    expect_status(&inbox, &lines.decoder, true, WB_ERR_LIMIT);
    expect_status(&inbox, &lines.decoder, true, WB_WOULD_BLOCK);
    assert_int_equal(left(&inbox), 0);
    arrive(&inbox, "b\n", 2);
    expect(&inbox, &lines.decoder, "b");
}

static void tk_43_line_encoder(void **state) {
    (void)state;
    struct wb_encoder lines = wb_line_encoder();
    char wire[8];
    size_t len = sizeof(wire);
    assert_int_equal(wb_encoder_encode(&lines, B("abc"), wire, &len), WB_OK);
    assert_int_equal(len, 4);
    assert_memory_equal(wire, "abc\n", 4);
    assert_int_equal(wb_encoder_encode(&lines, wb_bytes_from(NULL, 0), wire, &len), WB_OK);
    assert_int_equal(len, 1);
    assert_int_equal(wb_encoder_encode(&lines, B("a\nb"), wire, &len), WB_ERR_INVALID);
}

/* ---- decoders that are wrong ---- */

static enum wb_status use_too_much(struct wb_decoder *self, struct wb_bytes bytes, bool is_end,
    size_t *out_used, struct wb_bytes *out_frame) {
    (void)self, (void)is_end, (void)out_frame;
    *out_used = bytes.len + 1;
    return WB_WOULD_BLOCK;
}

static enum wb_status make_of_nothing(struct wb_decoder *self, struct wb_bytes bytes, bool is_end,
    size_t *out_used, struct wb_bytes *out_frame) {
    (void)self, (void)is_end, (void)out_used;
    *out_frame = bytes;
    return WB_OK;
}

static void tk_44_a_decoder_that_lies_is_caught(void **state) {
    (void)state;
    static const struct wb_decoder_ops greedy_ops = {.decode = use_too_much};
    static const struct wb_decoder_ops endless_ops = {.decode = make_of_nothing};
    struct wb_decoder greedy = {&greedy_ops};
    struct wb_decoder endless = {&endless_ops};
    size_t used = 0;
    struct wb_bytes frame;
    assert_aborts((void)!wb_decoder_decode(&greedy, B("a"), false, &used, &frame));
    assert_aborts((void)!wb_decoder_decode(&endless, B("a"), false, &used, &frame));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tk_42_a_message_in_one_piece),
        cmocka_unit_test(tk_42_several_messages_in_one_piece_and_empty_ones),
        cmocka_unit_test(tk_42_a_message_in_pieces_is_waited_for),
        cmocka_unit_test(tk_42_a_message_that_is_too_long_ends_decoding),
        cmocka_unit_test(tk_42_a_new_limit_is_for_the_next_head),
        cmocka_unit_test(tk_42_heads_of_every_kind),
        cmocka_unit_test(tk_42_numbers_that_cannot_be),
        cmocka_unit_test(tk_42_a_buffer_of_the_format_holds_its_longest_message),
        cmocka_unit_test(tk_42_what_is_encoded_is_decoded),
        cmocka_unit_test(tk_42_bytes_on_the_wire),
        cmocka_unit_test(tk_42_encode_overflow),
        cmocka_unit_test(tk_42_without_room_it_is_said_how_much_it_takes),
        cmocka_unit_test(tk_43_lines_decoder),
        cmocka_unit_test(tc_06_the_last_line_needs_no_end),
        cmocka_unit_test(tk_43_lines_decoder_max_length),
        cmocka_unit_test(tk_43_lines_decoder_max_length_underrun),
        cmocka_unit_test(tk_43_lines_decoder_max_length_bursts),
        cmocka_unit_test(tk_43_lines_decoder_max_length_big_burst),
        cmocka_unit_test(tk_43_lines_decoder_discard_repeat),
        cmocka_unit_test(tk_43_the_end_ends_passing_over),
        cmocka_unit_test(tk_43_line_encoder),
        cmocka_unit_test(tk_44_a_decoder_that_lies_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
