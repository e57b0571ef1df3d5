/* Content: chunks and lengths, read at every cut, and written. */
#include "wb/h1_body.h"

#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

#define BYTES(literal) wb_bytes_from(literal, sizeof(literal) - 1)

struct outcome {
    enum wb_status status; /* of the last read */
    enum wb_h1_body_error error;
    enum wb_status end; /* what it means if the bytes end */
    size_t used;
    size_t len;
    char content[256];
};

/* Pieces that end at `cut` and then after `step` bytes each. */
static struct outcome read_cut(
    enum wb_h1_body body, uint64_t length, struct wb_bytes input, size_t cut, size_t step) {
    struct outcome outcome = {.status = WB_WOULD_BLOCK};
    struct wb_h1_body_reader reader;
    wb_h1_body_reader_init(&reader, body, length);
    size_t end = cut;
    for (;;) {
        end = end < input.len ? end : input.len;
        struct wb_bytes piece = wb_bytes_from(input.ptr + outcome.used, end - outcome.used);
        struct wb_bytes data;
        while ((outcome.status = wb_h1_body_read(&reader, &piece, &data)) == WB_OK) {
            assert_true(data.len != 0 && outcome.len + data.len <= sizeof outcome.content);
            memcpy(outcome.content + outcome.len, data.ptr, data.len);
            outcome.len += data.len;
        }
        outcome.used = (size_t)(piece.ptr - input.ptr);
        if (outcome.status != WB_WOULD_BLOCK || end == input.len) {
            break;
        }
        assert_int_equal(piece.len, 0);
        end += step;
    }
    outcome.error = reader.error;
    outcome.end = wb_h1_body_end(&reader);
    return outcome;
}

/* H1S-59: the same at every offset. */
static struct outcome read_every_way(enum wb_h1_body body, uint64_t length, struct wb_bytes input) {
    struct outcome whole = read_cut(body, length, input, input.len, 1);
    for (size_t cut = 0; cut <= input.len; cut++) {
        for (size_t step = 1; step <= input.len + 1; step += input.len != 0 ? input.len : 1) {
            struct outcome other = read_cut(body, length, input, cut, step);
            assert_int_equal(other.status, whole.status);
            assert_int_equal(other.error, whole.error);
            assert_int_equal(other.end, whole.end);
            assert_int_equal(other.used, whole.used);
            assert_int_equal(other.len, whole.len);
            assert_memory_equal(other.content, whole.content, whole.len);
        }
    }
    return whole;
}

static struct outcome chunked(struct wb_bytes input) {
    return read_every_way(WB_H1_BODY_CHUNKED, 0, input);
}

static void assert_content(const struct outcome *outcome, const char *content) {
    assert_int_equal(outcome->len, strlen(content));
    assert_memory_equal(outcome->content, content, outcome->len);
}

/* Complete, with that content, and nothing taken of what follows. */
static void assert_chunks(struct wb_bytes input, const char *content, const char *rest) {
    struct outcome outcome = chunked(input);
    assert_int_equal(outcome.status, WB_EOF);
    assert_int_equal(outcome.end, WB_EOF);
    assert_content(&outcome, content);
    assert_int_equal(input.len - outcome.used, strlen(rest));
}

static void assert_refused(struct wb_bytes input, enum wb_h1_body_error error) {
    struct outcome outcome = chunked(input);
    assert_int_equal(outcome.status, WB_ERR_PARSE);
    assert_string_equal(wb_h1_body_error_text(outcome.error), wb_h1_body_error_text(error));
    assert_int_equal(outcome.end, WB_ERR_UNEXPECTED_EOF);
}

static void h1s_05_chunks_are_put_together(void **state) {
    (void)state;
    assert_chunks(BYTES("1\r\nq\r\n2\r\nwe\r\n2\r\nrt\r\n0\r\n\r\n"), "qwert", "\r\n");
    assert_chunks(BYTES("000\r\n\r\nGET"), "", "\r\nGET"); /* */
    assert_chunks(
        BYTES("A\r\n0123456789\r\n0000a\r\nabcdefghij\r\n0\r\n"), "0123456789abcdefghij", "");
}

static void h1s_56_r_16_sizes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t size;
    } good[] = {{"1\r\n", 1}, {"01\r\n", 1}, {"A\r\n", 10}, {"a\r\n", 10}, {"Ff\r\n", 255},
        {"Ff   \r\n", 255}, {"1;ext\r\n", 1}, {"1;;;  ;\r\n", 1}, {"3   ; x=1\r\n", 3},
        {"7fffffffffffffff\r\n", INT64_MAX}, {"5;q=\"a b\"\r\n", 5}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct wb_h1_body_reader reader;
        struct wb_bytes input = wb_bytes_from_string(good[i].text);
        struct wb_bytes data;
        wb_h1_body_reader_init(&reader, WB_H1_BODY_CHUNKED, 0);
        assert_int_equal(wb_h1_body_read(&reader, &input, &data), WB_WOULD_BLOCK);
        assert_true(reader.left == good[i].size);
    }
    static const char *const bad[] = {"\r\n", "X\r\n", "1X\r\n", "-\r\n", "-1\r\n", "1 A\r\n",
        "1 invalid extension\r\n", "0x5\r\n", "+5\r\n", " 5\r\n", "5 x\r\n", "5_\r\n", "g\r\n",
        ";x\r\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_refused(wb_bytes_from_string(bad[i]), WB_H1_BODY_ERROR_SIZE);
    }
}

static void r_17_h1s_06_a_size_never_wraps(void **state) {
    (void)state;
    static const char *const sizes[] = {"FFFFFFFFFFFFFFFF1\r\n", "10000000000000005\r\n",
        "f0000000000000003\r\nabc", "8000000000000000\r\n", "f000000000000000000000\r\n"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_refused(wb_bytes_from_string(sizes[i]), WB_H1_BODY_ERROR_SIZE_TOO_BIG);
    }
}

static void r_18_r_19_lines_end_with_both(void **state) {
    (void)state;
    assert_refused(BYTES("3\r\nabcXX\r\n0\r\n\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("3\r\nabc\n0\r\n\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("3\nabc\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("5\r\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("F\rF\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("5;a\rb\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("5;a\nb\r\n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("5 \n"), WB_H1_BODY_ERROR_LINE_END);
    assert_refused(BYTES("5;\x01\r\n"), WB_H1_BODY_ERROR_EXTENSION);
    assert_refused(BYTES("5;\0\r\n"), WB_H1_BODY_ERROR_EXTENSION);
}

static void r_20_extensions_are_passed_over(void **state) {
    (void)state;
    assert_chunks(BYTES("5;ext=1;q=\"a b\"\r\nhello\r\n0;x\r\n\r\n"), "hello", "\r\n");
}

/* `count` bytes between two texts. */
static struct wb_bytes stretch(const char *before, char byte, size_t count, const char *after) {
    size_t before_len = strlen(before);
    size_t after_len = strlen(after);
    char *text = malloc(before_len + count + after_len);
    assert_non_null(text);
    memcpy(text, before, before_len);
    memset(text + before_len, byte, count);
    memcpy(text + before_len + count, after, after_len);
    return wb_bytes_from(text, before_len + count + after_len);
}

static enum wb_h1_body_error read_stretched(
    const char *before, char byte, size_t count, const char *after) {
    struct wb_bytes input = stretch(before, byte, count, after);
    struct outcome outcome = read_cut(WB_H1_BODY_CHUNKED, 0, input, input.len, 1);
    free((void *)(uintptr_t)input.ptr);
    return outcome.error;
}

static void h1s_57_extensions_are_bounded_over_the_message(void **state) {
    (void)state;
    enum { MAX = WB_H1_EXTENSIONS_LEN_MAX };
    assert_int_equal(read_stretched("1;", 'x', MAX, "\r\n"), WB_H1_BODY_ERROR_NONE);
    assert_int_equal(
        read_stretched("1;", 'x', MAX + 1, "\r\n"), WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
    assert_int_equal(
        read_stretched("1;y\r\na\r\n1;", 'x', MAX, "\r\n"), WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
    assert_int_equal(
        read_stretched("1", ' ', MAX + 1, "\r\n"), WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
    assert_int_equal(
        read_stretched("0", '0', MAX + 1, "\r\n"), WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
    assert_int_equal(read_stretched("0", '0', MAX, "1\r\n"), WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
}

static void r_22_h1s_58_an_end_in_between_is_no_end(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("5\r\nhello\r\n0\r\n");
    for (size_t len = 0; len < input.len; len++) {
        struct outcome outcome = chunked(wb_bytes_from(input.ptr, len));
        assert_int_equal(outcome.status, WB_WOULD_BLOCK);
        assert_int_equal(outcome.end, WB_ERR_UNEXPECTED_EOF);
    }
    assert_refused(BYTES("5\r\nhello\r\n\r\n"), WB_H1_BODY_ERROR_SIZE); /* H1S-08 */
}

static void h1s_02_h1s_07_a_length_is_exact(void **state) {
    (void)state;
    struct outcome outcome = read_every_way(WB_H1_BODY_LENGTH, 5, BYTES("helloGET"));
    assert_int_equal(outcome.status, WB_EOF);
    assert_content(&outcome, "hello");
    assert_int_equal(outcome.used, 5);
    outcome = read_every_way(WB_H1_BODY_LENGTH, 10, BYTES("hello"));
    assert_int_equal(outcome.status, WB_WOULD_BLOCK);
    assert_int_equal(outcome.end, WB_ERR_UNEXPECTED_EOF);
    outcome = read_every_way(WB_H1_BODY_LENGTH, 0, BYTES("hello"));
    assert_true(outcome.status == WB_EOF && outcome.used == 0);
}

static void h1_until_close_all_is_content(void **state) {
    (void)state;
    struct outcome outcome = read_every_way(WB_H1_BODY_UNTIL_CLOSE, 0, BYTES("0\r\n\r\n"));
    assert_int_equal(outcome.status, WB_WOULD_BLOCK);
    assert_int_equal(outcome.end, WB_EOF);
    assert_content(&outcome, "0\r\n\r\n");
    outcome = read_every_way(WB_H1_BODY_NONE, 0, BYTES("GET"));
    assert_true(outcome.status == WB_EOF && outcome.used == 0);
    outcome = read_every_way(WB_H1_BODY_TUNNEL, 0, BYTES("x"));
    assert_true(outcome.status == WB_EOF && outcome.used == 0);
}

static void h1c_25_what_is_left_is_known_of_a_length(void **state) {
    (void)state;
    struct wb_h1_body_reader reader;
    struct wb_bytes input = BYTES("he");
    struct wb_bytes data;
    uint64_t left;
    wb_h1_body_reader_init(&reader, WB_H1_BODY_LENGTH, 5);
    assert_int_equal(wb_h1_body_read(&reader, &input, &data), WB_OK);
    assert_true(wb_h1_body_left(&reader, &left) && left == 3);
    wb_h1_body_reader_init(&reader, WB_H1_BODY_CHUNKED, 0);
    assert_false(wb_h1_body_left(&reader, &left));
    wb_h1_body_reader_init(&reader, WB_H1_BODY_UNTIL_CLOSE, 0);
    assert_false(wb_h1_body_left(&reader, &left));
    wb_h1_body_reader_init(&reader, WB_H1_BODY_NONE, 0);
    assert_true(wb_h1_body_left(&reader, &left) && left == 0);
}

/* ---- writing ---- */

static void assert_frame(
    const struct wb_h1_frame *frame, const char *prefix, size_t data_len, size_t suffix_len) {
    assert_int_equal(frame->prefix_len, strlen(prefix));
    assert_memory_equal(frame->prefix, prefix, frame->prefix_len);
    assert_int_equal(frame->data_len, data_len);
    assert_int_equal(frame->suffix_len, suffix_len);
}

static void h1s_61_chunks_are_framed(void **state) {
    (void)state;
    struct wb_h1_body_writer writer;
    struct wb_h1_frame frame;
    struct wb_bytes tail;
    wb_h1_body_writer_init(&writer, WB_H1_BODY_CHUNKED, 0);
    assert_int_equal(wb_h1_body_frame(&writer, 11, &frame), WB_OK);
    assert_frame(&frame, "b\r\n", 11, 2);
    assert_int_equal(wb_h1_body_frame(&writer, 4096, &frame), WB_OK);
    assert_frame(&frame, "1000\r\n", 4096, 2);
    assert_int_equal(wb_h1_body_frame(&writer, SIZE_MAX, &frame), WB_OK);
    assert_frame(&frame, "ffffffffffffffff\r\n", SIZE_MAX, 2);
    /* R-86, H1S-62: nothing is framed as nothing, not as the end. */
    assert_int_equal(wb_h1_body_frame(&writer, 0, &frame), WB_OK);
    assert_frame(&frame, "", 0, 0);
    assert_int_equal(wb_h1_body_finish(&writer, false, &tail), WB_OK);
    assert_true(wb_bytes_equal(tail, BYTES("0\r\n\r\n")));
    assert_int_equal(wb_h1_body_finish(&writer, false, &tail), WB_OK);
    assert_int_equal(tail.len, 0);
    assert_int_equal(wb_h1_body_frame(&writer, 1, &frame), WB_ERR_CLOSED);
    wb_h1_body_writer_init(&writer, WB_H1_BODY_CHUNKED, 0);
    assert_int_equal(wb_h1_body_finish(&writer, true, &tail), WB_OK);
    assert_true(wb_bytes_equal(tail, BYTES("0\r\n")));
}

static void r_84_more_than_the_length_is_cut_and_less_is_no_end(void **state) {
    (void)state;
    struct wb_h1_body_writer writer;
    struct wb_h1_frame frame;
    struct wb_bytes tail;
    wb_h1_body_writer_init(&writer, WB_H1_BODY_LENGTH, 5);
    assert_int_equal(wb_h1_body_frame(&writer, 3, &frame), WB_OK);
    assert_frame(&frame, "", 3, 0);
    assert_int_equal(wb_h1_body_finish(&writer, false, &tail), WB_ERR_UNEXPECTED_EOF);
    assert_int_equal(wb_h1_body_frame(&writer, 3, &frame), WB_ERR_LIMIT);
    assert_frame(&frame, "", 2, 0);
    assert_int_equal(wb_h1_body_frame(&writer, 1, &frame), WB_ERR_LIMIT);
    assert_frame(&frame, "", 0, 0);
    assert_int_equal(wb_h1_body_finish(&writer, false, &tail), WB_OK);
    assert_int_equal(tail.len, 0);
}

static void r_82_without_content_nothing_goes_out(void **state) {
    (void)state;
    struct wb_h1_body_writer writer;
    struct wb_h1_frame frame;
    struct wb_bytes tail;
    wb_h1_body_writer_init(&writer, WB_H1_BODY_NONE, 5);
    assert_int_equal(wb_h1_body_frame(&writer, 5, &frame), WB_OK);
    assert_frame(&frame, "", 0, 0);
    assert_int_equal(wb_h1_body_finish(&writer, false, &tail), WB_OK);
    assert_int_equal(tail.len, 0);
    wb_h1_body_writer_init(&writer, WB_H1_BODY_UNTIL_CLOSE, 0);
    assert_int_equal(wb_h1_body_frame(&writer, 5, &frame), WB_OK);
    assert_frame(&frame, "", 5, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1s_05_chunks_are_put_together),
        cmocka_unit_test(h1s_56_r_16_sizes),
        cmocka_unit_test(r_17_h1s_06_a_size_never_wraps),
        cmocka_unit_test(r_18_r_19_lines_end_with_both),
        cmocka_unit_test(r_20_extensions_are_passed_over),
        cmocka_unit_test(h1s_57_extensions_are_bounded_over_the_message),
        cmocka_unit_test(r_22_h1s_58_an_end_in_between_is_no_end),
        cmocka_unit_test(h1s_02_h1s_07_a_length_is_exact),
        cmocka_unit_test(h1_until_close_all_is_content),
        cmocka_unit_test(h1c_25_what_is_left_is_known_of_a_length),
        cmocka_unit_test(h1s_61_chunks_are_framed),
        cmocka_unit_test(r_84_more_than_the_length_is_cut_and_less_is_no_end),
        cmocka_unit_test(r_82_without_content_nothing_goes_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
