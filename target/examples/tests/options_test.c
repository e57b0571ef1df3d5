/* Command lines: what is taken, what is refused and with which exit status. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/sys_linux.h"

#include "examples/options.h"

struct values {
    struct wb_addr listen;
    struct wb_addr operand;
    struct wb_unix_addr socket;
    struct wb__trigger_option trigger;
    size_t count;
    bool flag;
    const char *text;
    struct wb__texts texts;
    struct wb__address where;
};

static char output[4096];
static size_t output_len;

static int64_t write_caught(void *self, int fd, const void *buf, size_t len) {
    (void)self;
    (void)fd;
    assert_true(output_len + len < sizeof output);
    memcpy(output + output_len, buf, len);
    output_len += len;
    output[output_len] = '\0';
    return (int64_t)len;
}

static bool parse(struct values *values, const char *const *arguments, int *out_exit) {
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    ops.write = write_caught;
    const struct wb_sys sys = {&ops, wb_sys_linux()->self};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &values->listen, "where", 0, 0},
        {NULL, WB__OPTION_ADDR, &values->operand, "whom", 0, 0},
        {"where", WB__OPTION_STREAM, &values->where, "where", 0, 0},
        {"socket", WB__OPTION_UNIX, &values->socket, "which", 0, 0},
        {"trigger", WB__OPTION_TRIGGER, &values->trigger, "how", 0, 0},
        {"count", WB__OPTION_COUNT, &values->count, "how many", 2, 300},
        {"flag", WB__OPTION_FLAG, &values->flag, "whether", 0, 0},
        {"text", WB__OPTION_TEXT, &values->text, "what", 0, 0},
        {"texts", WB__OPTION_TEXTS, &values->texts, "what all", 0, 0},
    };
    const struct wb__command command = {
        "program", "Does things.", options, sizeof options / sizeof options[0]};
    char copies[8][32];
    char *argv[8];
    int argc = 0;
    argv[argc++] = copies[0];
    for (; *arguments != NULL; arguments++) {
        argv[argc] = copies[argc];
        strncpy(copies[argc], *arguments, sizeof copies[argc] - 1);
        copies[argc][sizeof copies[argc] - 1] = '\0';
        argc++;
    }
    output_len = 0;
    output[0] = '\0';
    /* A text value points into the arguments, which end with this function. */
    bool go_on = wb__command_parse(&command, &sys, argc, argv, out_exit);
    if (values->text != NULL) {
        assert_string_equal(values->text, "a b");
    }
    return go_on;
}

static void options_all_kinds_are_read(void **state) {
    (void)state;
    struct values values = {0};
    int exit_status = -1;
    const char *const apart[] = {
        "--listen", "[::1]:80", "--trigger", "edge", "--count", "300", "--flag", NULL};
    assert_true(parse(&values, apart, &exit_status));
    assert_int_equal(values.listen.port, 80);
    assert_true(values.trigger.is_given);
    assert_int_equal(wb__trigger_or(values.trigger, WB_TRIGGER_LEVEL), WB_TRIGGER_EDGE);
    assert_int_equal(values.count, 300);
    assert_true(values.flag);
    const char *const joined[] = {"--count=2", "localhost:7", "--text=a b", NULL};
    assert_true(parse(&values, joined, &exit_status));
    assert_int_equal(values.count, 2);
    assert_true(wb_addr_is_loopback(&values.operand));
    assert_int_equal(values.operand.port, 7);
    const char *const path[] = {"--socket", "/run/s", NULL};
    assert_true(parse(&values, path, &exit_status));
    assert_int_equal(values.socket.kind, WB_UNIX_ADDR_PATH);
    assert_string_equal(values.socket.name, "/run/s");
    const char *const tcp[] = {"--where", "localhost:8", NULL};
    assert_true(parse(&values, tcp, &exit_status));
    assert_false(values.where.is_unix);
    assert_int_equal(values.where.tcp.port, 8);
    const char *const unix_path[] = {"--where=unix:/run/s", NULL};
    assert_true(parse(&values, unix_path, &exit_status));
    assert_true(values.where.is_unix);
    assert_int_equal(values.where.unix_addr.kind, WB_UNIX_ADDR_PATH);
    assert_string_equal(values.where.unix_addr.name, "/run/s");
    char text[WB__ADDRESS_TEXT_LEN_MAX];
    assert_int_equal(wb__address_format(&values.where, text, sizeof text), 11);
    assert_string_equal(text, "unix:/run/s");
    assert_int_equal(wb__address_format(&values.where, text, 5), 0);
    assert_string_equal(text, "");
    const char *const unix_abstract[] = {"--where=unix:@s", NULL};
    assert_true(parse(&values, unix_abstract, &exit_status));
    assert_int_equal(values.where.unix_addr.kind, WB_UNIX_ADDR_ABSTRACT);
    const char *const abstract[] = {"--socket=@s", NULL};
    assert_true(parse(&values, abstract, &exit_status));
    assert_int_equal(values.socket.kind, WB_UNIX_ADDR_ABSTRACT);
    assert_int_equal(exit_status, -1);
}

static void options_that_may_come_often_are_kept_in_order(void **state) {
    (void)state;
    struct values values = {.texts = {.count = 0}};
    int exit_status = -1;
    const char *const twice[] = {"--texts", "one", "--texts=two", NULL};
    assert_true(parse(&values, twice, &exit_status));
    assert_int_equal(values.texts.count, 2);
    values.texts.count = WB__TEXTS_MAX;
    const char *const once_more[] = {"--texts", "one", NULL};
    assert_false(parse(&values, once_more, &exit_status));
    assert_int_equal(exit_status, 2);
    assert_non_null(strstr(output, "at most 16 times"));
}

static void options_left_out_keep_their_defaults(void **state) {
    (void)state;
    struct values values = {.count = 17};
    int exit_status;
    const char *const none[] = {NULL};
    assert_true(parse(&values, none, &exit_status));
    assert_int_equal(values.count, 17);
    assert_int_equal(
        wb__trigger_or(values.trigger, WB_TRIGGER_EDGE_ONESHOT), WB_TRIGGER_EDGE_ONESHOT);
}

static void options_bad_arguments_exit_with_2_and_say_why(void **state) {
    (void)state;
    static const char *const bad[][3] = {
        {"--count", "1", "from 2 to 300"},
        {"--count", "301", "from 2 to 300"},
        {"--count", "99999999999999999999", "from 2 to 300"},
        {"--count", "", "from 2 to 300"},
        {"--count", "2x", "from 2 to 300"},
        {"--listen", "localhost", "HOST:PORT"},
        {"--listen", "localhost:65536", "HOST:PORT"},
        {"--socket", "", "PATH|@NAME of 1 to 107 bytes"},
        {"--trigger", "sideways", "level|edge"},
        {"--flag=yes", NULL, "no value"},
        {"--unknown", NULL, "unknown option"},
        {"--coun", "2", "unknown option"},
        {"--count", NULL, "missing"},
        {"nonsense", NULL, "HOST:PORT"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct values values = {0};
        int exit_status = -1;
        const char *const arguments[] = {bad[i][0], bad[i][1], NULL};
        assert_false(parse(&values, arguments, &exit_status));
        assert_int_equal(exit_status, WB__EXIT_USAGE);
        assert_non_null(strstr(output, bad[i][2]));
    }
}

static void options_help_exits_with_0_and_names_all(void **state) {
    (void)state;
    struct values values = {0};
    int exit_status = -1;
    const char *const arguments[] = {"--help", NULL};
    assert_false(parse(&values, arguments, &exit_status));
    assert_int_equal(exit_status, WB__EXIT_OK);
    static const char *const names[] = {"--listen HOST:PORT", "--socket PATH|@NAME", "--trigger",
        "--count N", "--flag", "--text TEXT", "--help"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_non_null(strstr(output, names[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_all_kinds_are_read),
        cmocka_unit_test(options_that_may_come_often_are_kept_in_order),
        cmocka_unit_test(options_left_out_keep_their_defaults),
        cmocka_unit_test(options_bad_arguments_exit_with_2_and_say_why),
        cmocka_unit_test(options_help_exits_with_0_and_names_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
