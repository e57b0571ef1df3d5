/* The command's streams: messages, output that got there, colours. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

int cli_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("wouldblock: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return CLI_USAGE;
}

int cli_write_stdout(const char *bytes, size_t len) {
    errno = 0;
    if (fwrite(bytes, 1, len, stdout) != len || fflush(stdout) != 0) {
        return cli_error("standard output: %s", strerror(errno));
    }
    return CLI_OK;
}

int cli_wants_colour(int fd) {
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (no_colour != NULL && *no_colour != '\0') {
        return 0;
    }
    return isatty(fd) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}
