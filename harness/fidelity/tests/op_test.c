/* Sequences as bytes and as text: any bytes are one, both forms are fixed points, mistakes in text
 * are found where they are. */
#include "fidelity/tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fidelity/text.h"

static uint64_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *state >> 33;
}

static void random_ops(struct fid_ops *ops, uint64_t *state) {
    uint8_t bytes[FID_STEPS_MAX * FID_OP_BYTES + 64];
    uint32_t len = (uint32_t)(next_random(state) % sizeof(bytes));
    for (uint32_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)next_random(state);
    }
    fid_ops_decode(ops, bytes, len);
}

static void assert_same(const struct fid_ops *one, const struct fid_ops *other) {
    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->op, other->op, one->count * sizeof(one->op[0]));
}

static void bytes_any_are_a_sequence_and_a_fixed_point(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        struct fid_ops ops;
        struct fid_ops again;
        uint8_t bytes[FID_STEPS_MAX * FID_OP_BYTES];
        random_ops(&ops, &seed);
        uint32_t len = fid_ops_encode(&ops, bytes);
        assert_int_equal(len, ops.count * FID_OP_BYTES);
        fid_ops_decode(&again, bytes, len);
        assert_same(&ops, &again);
        for (uint32_t k = 0; k < ops.count; k++) {
            const struct fid_op_info *info = fid_op_info((enum fid_code)ops.op[k].code);
            for (unsigned a = 0; a < FID_ARGS_MAX; a++) {
                assert_true(ops.op[k].arg[a] < fid_arg_count((enum fid_arg)info->arg[a]));
            }
        }
    }
}

static void bytes_one_changed_changes_one_thing(void **state) {
    (void)state;
    uint8_t bytes[3 * FID_OP_BYTES] = {0};
    struct fid_ops before;
    struct fid_ops after;
    fid_ops_decode(&before, bytes, sizeof(bytes));
    for (unsigned at = 0; at < sizeof(bytes); at++) {
        bytes[at] ^= 1;
        fid_ops_decode(&after, bytes, sizeof(bytes));
        bytes[at] ^= 1;
        for (uint32_t k = 0; k < before.count; k++) {
            if (k != at / FID_OP_BYTES) {
                assert_memory_equal(&before.op[k], &after.op[k], sizeof(before.op[k]));
            }
        }
    }
}

static void text_printed_and_parsed_is_the_same(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 500; i++) {
        struct fid_ops ops;
        struct fid_ops again;
        char error[160] = "";
        char *text = NULL;
        size_t len = 0;
        random_ops(&ops, &seed);
        FILE *out = open_memstream(&text, &len);
        assert_non_null(out);
        fid_ops_print(&ops, out);
        fclose(out);
        assert_int_equal(fid_ops_parse(&again, text, len, error, sizeof(error)), 0);
        assert_same(&ops, &again);
        free(text);
    }
}

static void text_comments_and_blanks_are_nothing(void **state) {
    (void)state;
    struct fid_ops ops;
    ops_of(&ops, "# why\n\n  epoll # an instance\n\tclose  fd0\r\n");
    assert_int_equal(ops.count, 2);
    assert_int_equal(ops.op[0].code, FID_OP_EPOLL);
    assert_int_equal(ops.op[1].code, FID_OP_CLOSE);
}

static void text_mistakes_have_a_line_and_say_what_was_expected(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } mistakes[] = {
        {"epoll\npour fd0\n", "2: expected an operation, found 'pour'"},
        {"close\n", "1: expected a descriptor (fd0, fd1 ... or fd-), found the end of the line"},
        {"close fd99", "1: expected a descriptor (fd0, fd1 ... or fd-), found 'fd99'"},
        {"epoll 3", "1: expected the end of the line, found '3'"},
        {"\n\nshutdown fd1 both", "3: expected a direction, found 'both'"},
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct fid_ops ops;
        char error[160] = "";
        assert_int_equal(
            fid_ops_parse(&ops, mistakes[i].text, strlen(mistakes[i].text), error, sizeof(error)),
            -1);
        assert_string_equal(error, mistakes[i].error);
    }
}

static void text_too_long_is_refused(void **state) {
    (void)state;
    struct fid_ops ops;
    char error[160] = "";
    char text[(FID_STEPS_MAX + 1) * 6 + 1] = "";
    for (int i = 0; i <= FID_STEPS_MAX; i++) {
        strcat(text, "epoll\n");
    }
    assert_int_equal(fid_ops_parse(&ops, text, strlen(text), error, sizeof(error)), -1);
    assert_string_equal(error, "257: expected at most 256 operations, found more");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_any_are_a_sequence_and_a_fixed_point),
        cmocka_unit_test(bytes_one_changed_changes_one_thing),
        cmocka_unit_test(text_printed_and_parsed_is_the_same),
        cmocka_unit_test(text_comments_and_blanks_are_nothing),
        cmocka_unit_test(text_mistakes_have_a_line_and_say_what_was_expected),
        cmocka_unit_test(text_too_long_is_refused),
    };
    return cmocka_run_group_tests_name("fidelity_op", tests, NULL, NULL);
}
