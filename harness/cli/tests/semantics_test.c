/* The verb semantics beside a kernel with a planted difference: it is shown, and the exit status
 * says so. */
#include "cli/semantics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/command.h"
#include "wb/sys_linux.h"

/* Edge-triggered registrations become level-triggered ones. */
static int edge_is_level(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    (void)self;
    struct wb_epoll_event changed;
    if (event == NULL) {
        return WB_SYS(wb_sys_linux(), epoll_ctl, epfd, op, fd, NULL);
    }
    changed = *event;
    changed.events &= ~WB_EPOLLET;
    return WB_SYS(wb_sys_linux(), epoll_ctl, epfd, op, fd, &changed);
}

/* Runs the verb with the standard output in a file; out_text is what it printed, to be freed. */
static int run_verb(const struct wb_sys *real, int argc, char **argv, char **out_text) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_true(saved >= 0);
    assert_int_equal(dup2(fileno(file), STDOUT_FILENO), STDOUT_FILENO);
    int status = cli_semantics_on(real, argc, argv);
    fflush(stdout);
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    close(saved);
    long len = lseek(fileno(file), 0, SEEK_END);
    assert_true(len >= 0);
    *out_text = calloc(1, (size_t)len + 1);
    assert_non_null(*out_text);
    assert_int_equal(pread(fileno(file), *out_text, (size_t)len, 0), len);
    (void)fclose(file);
    return status;
}

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fail_msg("no '%s' in:\n%s", part, text);
    }
}

static void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part) != NULL) {
        fail_msg("'%s' in:\n%s", part, text);
    }
}

#define RUN(real, out_text, ...)                                                                   \
    run_verb((real), (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)),                      \
        (char *[]){__VA_ARGS__, NULL}, (out_text))

static void equal_kernels_are_shown_and_exit_0(void **state) {
    (void)state;
    char *text = NULL;
    assert_int_equal(RUN(NULL, &text, "semantics", "R71", "R72"), CLI_OK);
    assert_has(text, "R71");
    assert_has(text, "edge, oneshot, edge-oneshot");
    assert_has(text, ", 2 equal, 0 differ, 0 on one kernel only, 0 not covered");
    assert_lacks(text, "DIFFERS");
    free(text);
}

static void planted_difference_is_shown_and_exits_1(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    const struct wb_sys broken = {.ops = &ops};
    char *text = NULL;
    ops.epoll_ctl = edge_is_level;
    assert_int_equal(RUN(&broken, &text, "semantics", "R71", "R20"), CLI_FAILING);
    assert_has(text, "R71   DIFFERS");
    assert_has(text, "R20   equal");
    /* Of the observation, the line of that mode. */
    assert_has(text, "  observe own");
    assert_has(
        text, "!   edge                                          IN                     IN*");
    assert_has(text, "this kernel: reading_cases.c:");
    assert_has(text, ", 1 equal, 1 differ, 0 on one kernel only, 0 not covered");
    free(text);
    assert_int_equal(RUN(&broken, &text, "semantics", "-q", "R71", "R20"), CLI_FAILING);
    assert_has(text, "R71   DIFFERS");
    assert_lacks(text, "R20");
    free(text);
    assert_int_equal(RUN(&broken, &text, "semantics", "--json", "R71"), CLI_FAILING);
    assert_has(text, "\"mark\": \"differs\"");
    assert_has(text, "\"outcome\": \"not-as-stated\"");
    free(text);
}

static int wait_aborts(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    (void)epfd;
    (void)events;
    (void)events_max;
    (void)timeout_ns;
    abort();
}

/* A case that takes its process with it is a difference, and the others are still shown. */
static void case_that_dies_is_a_difference(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    const struct wb_sys broken = {.ops = &ops};
    char *text = NULL;
    ops.epoll_pwait2 = wait_aborts;
    assert_int_equal(RUN(&broken, &text, "semantics", "R70", "R86"), CLI_FAILING);
    assert_has(text, "R70   DIFFERS");
    assert_has(text, "this kernel: the process died of SIGABRT");
    assert_has(text, "R86   equal");
    free(text);
}

static void mode_shows_that_mode_alone(void **state) {
    (void)state;
    char *text = NULL;
    assert_int_equal(RUN(NULL, &text, "semantics", "R72", "--mode", "edge"), CLI_OK);
    assert_has(text, "        edge ");
    assert_lacks(text, "oneshot,");
    assert_lacks(text, "        level");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_kernels_are_shown_and_exit_0),
        cmocka_unit_test(planted_difference_is_shown_and_exits_1),
        cmocka_unit_test(case_that_dies_is_a_difference),
        cmocka_unit_test(mode_shows_that_mode_alone),
    };
    return cmocka_run_group_tests_name("semantics verb", tests, NULL, NULL);
}
