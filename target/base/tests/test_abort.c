/* Catching SIGABRT. */
#include "test_abort.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

sigjmp_buf test_abort_jump;

static struct sigaction saved_action;
static int saved_stderr = -1;

static void jump_out(int signal_number) {
    (void)signal_number;
    siglongjmp(test_abort_jump, 1);
}

void test_abort_arm(void) {
    struct sigaction action = {.sa_handler = jump_out};
    sigemptyset(&action.sa_mask);
    sigaction(SIGABRT, &action, &saved_action);
    fflush(stderr);
    saved_stderr = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY);
    assert_true(saved_stderr >= 0 && nowhere >= 0);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

void test_abort_disarm(void) {
    fflush(stderr);
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    sigaction(SIGABRT, &saved_action, NULL);
}
