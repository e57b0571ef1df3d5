/* Findings about processes that died or had to be ended. */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child.h"

static const char *signal_name(int number) {
    static const struct {
        int number;
        const char *name;
    } names[] = {{SIGABRT, "SIGABRT"}, {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},
        {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"}, {SIGKILL, "SIGKILL"}, {SIGALRM, "SIGALRM"},
        {SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}, {SIGPIPE, "SIGPIPE"}, {SIGXCPU, "SIGXCPU"},
        {SIGSYS, "SIGSYS"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == number) {
            return names[i].name;
        }
    }
    return "a signal";
}

/* Copies a console's text without what differs from run to run: sanitizers' ==PID== and addresses.
 * Other control characters than line feeds become blanks. */
static void copy_stable(const char *from, char *to, size_t to_len) {
    size_t len = 0;
    while (*from != '\0' && len + 4 < to_len) {
        size_t digits = strncmp(from, "==", 2) == 0 ? strspn(from + 2, "0123456789") : 0;
        if (digits != 0 && strncmp(from + 2 + digits, "==", 2) == 0) {
            from += digits + 4;
            continue;
        }
        size_t hex = strncmp(from, "0x", 2) == 0 ? strspn(from + 2, "0123456789abcdef") : 0;
        if (hex >= 5) {
            memcpy(to + len, "0x..", 4);
            len += 4;
            from += hex + 2;
            continue;
        }
        to[len++] = (char)(*from == '\n' || isprint((unsigned char)*from) ? *from : ' ');
        from++;
    }
    to[len] = '\0';
}

static void read_console(const struct cli_child *child, char *buf, size_t buf_len) {
    char raw[4096];
    ssize_t len = pread(child->console, raw, sizeof raw - 1, 0);
    raw[len > 0 ? len : 0] = '\0';
    copy_stable(raw, buf, buf_len);
    size_t end = strlen(buf);
    while (end > 0 && isspace((unsigned char)buf[end - 1])) {
        buf[--end] = '\0';
    }
}

/* The line that says most: the first that is neither empty nor a rule. */
static const char *telling_line(const char *console, size_t *out_len) {
    while (*console != '\0') {
        size_t len = strcspn(console, "\n");
        if (strspn(console, "=- ") < len) {
            *out_len = len;
            return console;
        }
        console += len;
        console += *console == '\n';
    }
    *out_len = 0;
    return console;
}

void cli_child_describe_death(const struct cli_child *child, int wait_status, unsigned seconds,
    struct wbh_finding *out_finding) {
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == CLI_STATUS_SPINNING) {
        cli_describe_spin(seconds, out_finding);
        return;
    }
    *out_finding = (struct wbh_finding){.verdict = WBH_VERDICT_CRASH, .oracle = "process"};
    read_console(child, out_finding->why, sizeof out_finding->why);
    size_t line_len = 0;
    const char *line = telling_line(out_finding->why, &line_len);
    int shown = line_len > 300 ? 300 : (int)line_len;
    const char *colon = shown > 0 ? ": " : "";
    if (WIFSIGNALED(wait_status)) {
        snprintf(out_finding->text, sizeof out_finding->text,
            "the process died of %s (signal %d)%s%.*s", signal_name(WTERMSIG(wait_status)),
            WTERMSIG(wait_status), colon, shown, line);
    } else {
        snprintf(out_finding->text, sizeof out_finding->text,
            "the process ended itself with status %d%s%.*s", WEXITSTATUS(wait_status), colon, shown,
            line);
    }
}

void cli_describe_spin(unsigned seconds, struct wbh_finding *out_finding) {
    *out_finding = (struct wbh_finding){.verdict = WBH_VERDICT_SPIN, .oracle = "watchdog"};
    snprintf(out_finding->text, sizeof out_finding->text,
        "no system call for %u s: the program loops without asking the kernel", seconds);
}
