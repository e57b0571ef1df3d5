/* Frames out of a stream that is cut anywhere. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/sys_linux.h"

#include "examples/frame.h"

static const uint8_t stream[] = "\0\0\0\0\0\0\0\3abc"
                                "\0\0\0\0\0\0\0\0"
                                "\0\0\0\0\0\0\0\1z"
                                "\0\0\0\0\0\0\0\2yx";
enum { STREAM_LEN = sizeof stream - 1, EMPTY_AT = 11, EMPTY_LEN = 8 };

/* Feeds the piece and appends every frame that comes out. */
static void feed(
    struct wb__frame_reader *reader, struct wb_bytes piece, uint8_t *out, size_t *out_len) {
    for (;;) {
        struct wb_bytes frame;
        enum wb_status status = wb__frame_reader_next(reader, wb_sys_linux(), &piece, &frame);
        if (status == WB_WOULD_BLOCK) {
            assert_int_equal(piece.len, 0);
            return;
        }
        assert_int_equal(status, WB_OK);
        memcpy(out + *out_len, frame.ptr, frame.len);
        *out_len += frame.len;
    }
}

/* P2.17: at every pair of cuts the same frames come out, the empty one left out. */
static void frame_stream_cut_anywhere_gives_the_same_frames(void **state) {
    (void)state;
    uint8_t expected[STREAM_LEN - EMPTY_LEN];
    memcpy(expected, stream, EMPTY_AT);
    memcpy(expected + EMPTY_AT, stream + EMPTY_AT + EMPTY_LEN, sizeof expected - EMPTY_AT);
    const struct wb_bytes all = wb_bytes_from(stream, STREAM_LEN);
    for (size_t first = 0; first <= STREAM_LEN; first++) {
        for (size_t second = first; second <= STREAM_LEN; second++) {
            struct wb__frame_reader reader = {0};
            uint8_t out[STREAM_LEN];
            size_t out_len = 0;
            feed(&reader, wb_bytes_slice(all, 0, first), out, &out_len);
            feed(&reader, wb_bytes_slice(all, first, second), out, &out_len);
            feed(&reader, wb_bytes_slice(all, second, STREAM_LEN), out, &out_len);
            assert_int_equal(out_len, sizeof expected);
            assert_memory_equal(out, expected, sizeof expected);
            assert_int_equal(wb__frame_reader_pending_len(&reader), 0);
            wb__frame_reader_clean_up(&reader, wb_sys_linux());
        }
    }
}

/* T3-16: the limit itself is allowed, one more is not, and no memory is taken for it. */
static void frame_longer_than_the_limit_is_refused(void **state) {
    (void)state;
    struct wb__frame_reader reader = {0};
    struct wb_bytes frame;
    struct wb_bytes input = wb_bytes_from("\0\0\0\0\0\1\0\0", WB__FRAME_HEADER_LEN);
    assert_int_equal(
        wb__frame_reader_next(&reader, wb_sys_linux(), &input, &frame), WB_WOULD_BLOCK);
    assert_int_equal(wb__frame_reader_pending_len(&reader), WB__FRAME_HEADER_LEN);
    wb__frame_reader_clean_up(&reader, wb_sys_linux());
    input = wb_bytes_from("\0\0\0\0\0\1\0\1", WB__FRAME_HEADER_LEN);
    assert_int_equal(wb__frame_reader_next(&reader, wb_sys_linux(), &input, &frame), WB_ERR_LIMIT);
    assert_null(reader.block);
    wb__frame_reader_clean_up(&reader, wb_sys_linux());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_stream_cut_anywhere_gives_the_same_frames),
        cmocka_unit_test(frame_longer_than_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
