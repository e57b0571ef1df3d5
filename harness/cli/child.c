/* Starts, watches and buries child processes. */
#include "cli/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

uint64_t cli_now_ns(void) {
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(rc == 0);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int cli_write_all(int fd, const void *bytes, size_t len) {
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }
    return 0;
}

int cli_read_all(int fd, void *bytes, size_t len) {
    char *at = bytes;
    while (len > 0) {
        ssize_t got = read(fd, at, len);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return -1;
        }
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
    return 0;
}

/* What the handler knows: nothing can be handed to it. Written before the timer starts. */
static struct {
    const struct wbh_runner *runner;
    unsigned seconds;
    uint64_t calls; /* at the last tick */
    unsigned ticks; /* since then */
} watch;

static void on_tick(int number) {
    (void)number;
    uint64_t calls = wbh_runner_calls(watch.runner);
    watch.ticks = calls == watch.calls ? watch.ticks + 1 : 0;
    watch.calls = calls;
    if (watch.ticks >= watch.seconds) {
        _exit(CLI_STATUS_SPINNING);
    }
}

void cli_child_watch(const struct wbh_runner *runner, unsigned seconds) {
    watch.runner = runner;
    watch.seconds = seconds;
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPROF, &action, NULL);
    struct itimerval every_second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    setitimer(ITIMER_PROF, &every_second, NULL);
}

void cli_child_unwatch(void) {
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {.tv_sec = 0}}, NULL);
}

/* A file without a name. */
static int open_console(void) {
    const char *folder = getenv("TMPDIR");
    char path[512];
    int len = snprintf(path, sizeof path, "%s/wouldblock.XXXXXX",
        folder != NULL && *folder != '\0' ? folder : "/tmp");
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkstemp(path);
    if (fd >= 0) {
        unlink(path);
    }
    return fd;
}

static void close_all(const int *fds, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

static void become_child(const struct cli_child *child, const int *close_fds, size_t count) {
    close_all(close_fds, count);
    dup2(child->console, STDOUT_FILENO);
    dup2(child->console, STDERR_FILENO);
    close(child->console);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    signal(SIGPIPE, SIG_IGN); /* a parent that is gone: writing fails, and the child exits */
}

int cli_child_start(struct cli_child *child, void (*body)(void *argument, int orders, int results),
    void *argument, const int *close_fds, size_t close_fd_count) {
    int fds[4] = {-1, -1, -1, -1};
    *child = (struct cli_child){.to = -1, .from = -1, .console = open_console()};
    pid_t pid = -1;
    if (child->console >= 0 && pipe(fds) == 0 && pipe(fds + 2) == 0) {
        fflush(stdout);
        fflush(stderr);
        pid = fork();
    }
    if (pid < 0) {
        cli_error("no process could be started: %s", strerror(errno));
        close_all(fds, 4);
        cli_child_clean_up(child);
        return -1;
    }
    if (pid == 0) {
        close(fds[1]);
        close(fds[2]);
        become_child(child, close_fds, close_fd_count);
        body(argument, fds[0], fds[3]);
        _exit(0);
    }
    close(fds[0]);
    close(fds[3]);
    fcntl(fds[2], F_SETFL, O_NONBLOCK);
    child->pid = pid;
    child->to = fds[1];
    child->from = fds[2];
    return 0;
}

int cli_child_end(struct cli_child *child, int kill_it) {
    int status = 0;
    if (child->to >= 0) {
        close(child->to);
        child->to = -1;
    }
    if (child->pid != 0) {
        if (kill_it) {
            kill(child->pid, SIGKILL);
        }
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
        }
        child->pid = 0;
    }
    if (child->from >= 0) {
        close(child->from);
        child->from = -1;
    }
    return status;
}

void cli_child_clean_up(struct cli_child *child) {
    cli_child_end(child, 1);
    if (child->console >= 0) {
        close(child->console);
    }
    *child = (struct cli_child){.to = -1, .from = -1, .console = -1};
}

/* Collects what the child writes until it ends or stalls. */
static int collect(struct cli_child *child, unsigned seconds, struct wbh_text *out) {
    char bytes[65536];
    for (;;) {
        struct pollfd watched = {.fd = child->from, .events = POLLIN};
        int ready = poll(&watched, 1, (int)seconds * CLI_PATIENCE * 1000);
        if (ready == 0) {
            return -1;
        }
        ssize_t got = ready < 0 ? -1 : read(child->from, bytes, sizeof bytes);
        if (got == 0) {
            return 0;
        }
        if (got > 0) {
            wbh_text_append(out, bytes, (size_t)got);
        }
    }
}

enum cli_isolated cli_isolate(void (*body)(void *argument, int orders, int results), void *argument,
    unsigned seconds, struct wbh_text *out_results, struct wbh_finding *out_finding) {
    struct cli_child child;
    if (cli_child_start(&child, body, argument, NULL, 0) != 0) {
        return CLI_ISOLATED_UNABLE;
    }
    enum cli_isolated isolated = CLI_ISOLATED_DONE;
    int stalled = collect(&child, seconds, out_results);
    int status = cli_child_end(&child, stalled);
    if (stalled) {
        cli_describe_spin(seconds * CLI_PATIENCE, out_finding);
        isolated = CLI_ISOLATED_DIED;
    } else if (status != 0) {
        cli_child_describe_death(&child, status, seconds, out_finding);
        isolated = CLI_ISOLATED_DIED;
    }
    cli_child_clean_up(&child);
    return isolated;
}
