/* Generating, comparing, shrinking, allowing: on two simulated systems, one of which lies. */
#include "fidelity/tests/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fidelity/shrink.h"
#include "fidelity/text.h"

/* ---- generating ---- */

static void generator_same_seed_gives_the_same_sequences(void **state) {
    (void)state;
    struct twins twins;
    twins_init(&twins);
    for (uint64_t index = 0; index < 50; index++) {
        struct fid_ops ops[2];
        for (int i = 0; i < 2; i++) {
            struct fid_generator generator;
            memset(&ops[i], 0, sizeof(ops[i]));
            fid_generator_init(&generator, 7, index, 50, &twins.comparison.limits);
            assert_true(
                fid_compare_generated(&twins.comparison, fid_generator_next, &generator, &ops[i]));
        }
        assert_true(ops[0].count > 10);
        assert_memory_equal(&ops[0], &ops[1], sizeof(ops[0]));
    }
    twins_clean_up(&twins);
}

static void generator_most_operations_find_what_they_need(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    assert_int_equal(run_until_difference(&twins, 3, 500, &ops), 0);
    assert_true(twins.tally.skipped * 100 < twins.tally.steps);
    assert_true(twins.tally.events > 500);
    /* Each operation that there is was tried. */
    for (int code = 0; code < FID_OP_COUNT; code++) {
        uint64_t count = 0;
        for (int kind = 0; kind <= FID_KIND_COUNT; kind++) {
            for (int at = 0; at < FID_STATE_COUNT; at++) {
                count += twins.tally.cells[code][FID_ROLE_SUBJECT][kind][at];
            }
        }
        bool makes_what_is_off =
            (code == FID_OP_TIMERFD
                && (twins.comparison.limits.kinds & FID_KIND_BIT(FID_KIND_TIMERFD)) == 0)
            || (code == FID_OP_SELECT
                && (twins.comparison.limits.kinds & FID_KIND_BIT(FID_KIND_SELECT)) == 0);
        if ((twins.comparison.limits.codes >> code & 1u) != 0 && !makes_what_is_off && count == 0) {
            fail_msg("never tried: %s", fid_op_info((enum fid_code)code)->name);
        }
    }
    twins_clean_up(&twins);
}

/* Any bytes run to their end and leave nothing behind. */
static void compare_random_bytes_do_no_harm(void **state) {
    (void)state;
    struct twins twins;
    uint64_t random = 5;
    twins_init(&twins);
    for (int i = 0; i < 500; i++) {
        uint8_t bytes[60 * FID_OP_BYTES];
        struct fid_ops ops;
        for (size_t k = 0; k < sizeof(bytes); k++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            bytes[k] = (uint8_t)(random >> 56);
        }
        fid_ops_decode(&ops, bytes, sizeof(bytes));
        assert_true(fid_compare(&twins.comparison, &ops));
    }
    twins_clean_up(&twins);
}

/* ---- shrinking ---- */

static int64_t recv_that_forgets_errors(void *self, int fd, void *buf, size_t len, int flags) {
    struct wb_sys sys = *wb_sim_sys(self);
    int64_t result = WB_SYS(&sys, recv, fd, buf, len, flags);
    return result == -ECONNRESET ? -EAGAIN : result;
}

static void shrink_planted_difference_is_found_and_made_short(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    twins.ops.recv = recv_that_forgets_errors;
    unsigned found = run_until_difference(&twins, 1, 3000, &ops);
    assert_true(found != 0);
    uint32_t before = ops.count;
    assert_true(fid_shrink(&twins.comparison, &ops) != 0);
    /* Make a connection, have it reset, read. */
    assert_true(ops.count <= 5);
    assert_true(ops.count <= before);
    assert_int_equal(ops.op[ops.count - 1].code, FID_OP_RECV);
    assert_int_equal(twins.comparison.difference.step, ops.count - 1);
    assert_int_equal(twins.comparison.difference.simulated.fact[0].value, -ECONNRESET);
    assert_int_equal(twins.comparison.difference.real.fact[0].value, -EAGAIN);
    twins_clean_up(&twins);
}

static void shrink_what_does_not_differ_stays(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    ops_of(&ops, "epoll\nclose fd0\n");
    assert_int_equal(fid_shrink(&twins.comparison, &ops), 0);
    assert_int_equal(ops.count, 2);
    twins_clean_up(&twins);
}

/* Numbers that were made by an operation that goes are moved. */
static void shrink_unneeded_descriptors_go(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    struct fid_ops expected;
    twins_init(&twins);
    twins.ops.recv = recv_that_forgets_errors;
    ops_of(&ops, "eventfd 3\nepoll\npair tcp4\nsend fd2 1 -\nepoll-add fd1 fd0 IN level\n"
                 "close fd3\nrecv fd2 64 -\npoll-all\n");
    ops_of(&expected, "pair tcp4\nsend fd0 1 -\nclose fd1\nrecv fd0 1 -\n");
    assert_true(fid_shrink(&twins.comparison, &ops) != 0);
    assert_int_equal(ops.count, expected.count);
    assert_memory_equal(ops.op, expected.op, ops.count * sizeof(ops.op[0]));
    twins_clean_up(&twins);
}

/* ---- telling ---- */

static void difference_is_told_step_by_step(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    char *text = NULL;
    size_t len = 0;
    twins_init(&twins);
    twins.ops.recv = recv_that_forgets_errors;
    ops_of(&ops, "pair tcp4\nsend fd0 1 -\nclose fd1\nrecv fd0 1 -\n");
    assert_false(fid_compare(&twins.comparison, &ops));
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    fid_difference_print(&twins.comparison, &ops, out);
    fclose(out);
    assert_non_null(strstr(text, "1  pair tcp4"));
    assert_non_null(strstr(text, ">   4  recv fd0 1 -"));
    assert_non_null(strstr(text, "simulated: ECONNRESET"));
    assert_non_null(strstr(text, "real:      EAGAIN"));
    free(text);
    twins_clean_up(&twins);
}

/* ---- leaving out ---- */

static uint64_t left_out(const char *text) {
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    ops_of(&ops, text);
    assert_true(fid_compare(&twins.comparison, &ops));
    uint64_t skipped = twins.tally.skipped;
    twins_clean_up(&twins);
    return skipped;
}

static void objection_bad_memory_at_an_urgent_byte_is_about_what_is_behind_it(void **state) {
    (void)state;
    assert_int_equal(left_out("pair tcp4\nsend fd0 1 OOB\nrecvmsg fd1 null -\n"), 0);
    assert_int_equal(left_out("pair tcp4\nsend fd0 5 -\nrecvmsg fd1 null -\n"), 0);
    assert_int_equal(left_out("pair tcp4\nsend fd0 1 OOB\nsend fd0 1 -\nrecvmsg fd1 null -\n"), 1);
    assert_int_equal(left_out("pair tcp4\nsend fd0 1 OOB\nsend fd0 2 -\nrecv fd1 1 -\n"
                              "readv fd1 null\n"),
        0);
    assert_int_equal(left_out("listener tcp4 3\nsocket tcp4\nconnect fd1 fd0\nsend fd1 1 OOB\n"
                              "send fd1 1 -\naccept fd0\nstrange fd2 recv-null\n"),
        1);
    assert_int_equal(left_out("pair unix-stream\nsend fd0 1 -\nrecvmsg fd1 null -\n"), 1);
}

static void objection_what_a_file_has_lent_is_not_changed_until_it_is_read(void **state) {
    (void)state;
#define LEND "open a rw CREAT\nwrite fd0 5\npair pipe\nsendfile fd2 fd0 5 0\n"
    assert_int_equal(left_out(LEND "pwrite fd0 1 0\n"), 1);
    assert_int_equal(left_out(LEND "ftruncate fd0 3\n"), 1);
    assert_int_equal(left_out(LEND "open a rw CREAT\nwrite fd3 1\n"), 1);
    assert_int_equal(left_out(LEND "open a rw TRUNC\n"), 1);
    assert_int_equal(left_out(LEND "open a rw CREAT\nflood fd3\n"), 1);
    assert_int_equal(left_out(LEND "pwrite fd0 1 5\n"), 0); /* behind it */
    assert_int_equal(left_out(LEND "read fd1 64\npwrite fd0 1 0\n"), 0);
#undef LEND
    assert_int_equal(left_out("open a rw CREAT\nwrite fd0 5\npwrite fd0 1 0\n"), 0);
}

static void objection_slots_that_a_socket_fills_are_emptied_together(void **state) {
    (void)state;
#define FILL "pair tcp4\npair pipe\nsend fd0 5 -\nsplice fd1 fd3 5 -\n"
    assert_int_equal(left_out(FILL "splice fd2 fd0 3 -\n"), 1);
    assert_int_equal(left_out(FILL "flood fd3\n"), 1);
    assert_int_equal(left_out(FILL "splice fd2 fd0 5 -\n"), 0);
    assert_int_equal(left_out(FILL "read fd2 3\nread fd2 64\nflood fd3\n"), 0);
#undef FILL
    assert_int_equal(left_out("pair unix-stream\npair pipe\nwrite fd3 5\nsplice fd2 fd0 3 -\n"), 0);
}

static void objection_more_is_held_back_by_tcp_alone(void **state) {
    (void)state;
    assert_int_equal(left_out("pair tcp4\npair pipe\nwrite fd3 5\nsplice fd2 fd0 5 MORE\n"), 1);
    assert_int_equal(left_out("pair udp4\npair pipe\nwrite fd3 5\nsplice fd2 fd0 5 MORE\n"), 0);
}

static void objection_datagrams_of_pieces_are_lost(void **state) {
    (void)state;
#define FILE_OF_PAGES "open a rw CREAT\npair udp4\npwrite fd0 4096 1\n"
    assert_int_equal(left_out(FILE_OF_PAGES "sendfile fd1 fd0 4096 5\n"), 1);
    assert_int_equal(left_out(FILE_OF_PAGES "sendfile fd1 fd0 4096 1\n"), 0);
    assert_int_equal(left_out(FILE_OF_PAGES "pair unix-stream\nsendfile fd3 fd0 4096 5\n"), 0);
#undef FILE_OF_PAGES
    assert_int_equal(
        left_out("open a rw CREAT\npair udp4\nwrite fd0 64\nsendfile fd1 fd0 4096 5\n"), 0);
}

/* ---- allowing ---- */

static int size_of_buffer; /* what the second system says */

static int getsockopt_with_other_buffers(
    void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    struct wb_sys sys = *wb_sim_sys(self);
    int result = WB_SYS(&sys, getsockopt, fd, level, name, value, value_len);
    bool is_size = name == WB_SO_SNDBUF || name == WB_SO_RCVBUF;
    if (result == 0 && level == WB_SOL_SOCKET && is_size) {
        memcpy(value, &size_of_buffer, sizeof(size_of_buffer));
    }
    return result;
}

static void allowance_is_used_counted_and_no_wider(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    twins.ops.getsockopt = getsockopt_with_other_buffers;
    ops_of(&ops, "pair tcp4\ngetsockopt fd0 SNDBUF\ngetsockopt fd1 RCVBUF\n");
    size_of_buffer = 12345;
    assert_true(fid_compare(&twins.comparison, &ops));
    assert_int_equal(twins.tally.allowed[0], 2);
    size_of_buffer = 0; /* not in the set */
    assert_false(fid_compare(&twins.comparison, &ops));
    assert_int_equal(twins.comparison.difference.step, 1);
    twins_clean_up(&twins);
}

static int poll_that_says_more(
    void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    struct wb_sys sys = *wb_sim_sys(self);
    int result = WB_SYS(&sys, poll, fds, fds_len, timeout_ns);
    fds[0].revents = (int16_t)((uint16_t)fds[0].revents | WB_EPOLLPRI);
    return result;
}

static void allowance_none_for_anything_else(void **state) {
    (void)state;
    struct twins twins;
    struct fid_ops ops;
    twins_init(&twins);
    twins.ops.poll = poll_that_says_more;
    ops_of(&ops, "eventfd 0\npoll fd0 IN\n");
    assert_false(fid_compare(&twins.comparison, &ops));
    for (int i = 0; i < FID_ALLOWANCE_COUNT; i++) {
        assert_int_equal(twins.tally.allowed[i], 0);
        assert_non_null(fid_allowances[i].reason);
        assert_int_equal(fid_allowances[i].rule[0], 'T');
    }
    twins_clean_up(&twins);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_same_seed_gives_the_same_sequences),
        cmocka_unit_test(generator_most_operations_find_what_they_need),
        cmocka_unit_test(compare_random_bytes_do_no_harm),
        cmocka_unit_test(shrink_planted_difference_is_found_and_made_short),
        cmocka_unit_test(shrink_what_does_not_differ_stays),
        cmocka_unit_test(shrink_unneeded_descriptors_go),
        cmocka_unit_test(difference_is_told_step_by_step),
        cmocka_unit_test(objection_bad_memory_at_an_urgent_byte_is_about_what_is_behind_it),
        cmocka_unit_test(objection_what_a_file_has_lent_is_not_changed_until_it_is_read),
        cmocka_unit_test(objection_slots_that_a_socket_fills_are_emptied_together),
        cmocka_unit_test(objection_more_is_held_back_by_tcp_alone),
        cmocka_unit_test(objection_datagrams_of_pieces_are_lost),
        cmocka_unit_test(allowance_is_used_counted_and_no_wider),
        cmocka_unit_test(allowance_none_for_anything_else),
    };
    return cmocka_run_group_tests_name("fidelity_compare", tests, NULL, NULL);
}
