/* Reads and writes whole files. */
#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

static uint8_t *read_stream(FILE *stream, const char *path, size_t *out_len) {
    size_t capacity = 1 << 14;
    size_t len = 0;
    uint8_t *bytes = malloc(capacity);
    while (bytes != NULL) {
        len += fread(bytes + len, 1, capacity - 1 - len, stream);
        if (ferror(stream)) {
            cli_error("%s: cannot be read: %s", path, strerror(errno));
            free(bytes);
            return NULL;
        }
        if (len < capacity - 1) {
            bytes[len] = '\0';
            *out_len = len;
            return bytes;
        }
        if (len > CLI_FILE_LEN_MAX) {
            cli_error("%s: is larger than %d MiB: not a scenario", path, CLI_FILE_LEN_MAX >> 20);
            free(bytes);
            return NULL;
        }
        capacity *= 2;
        uint8_t *grown = realloc(bytes, capacity);
        if (grown == NULL) {
            free(bytes);
        }
        bytes = grown;
    }
    cli_error("%s: out of memory", path);
    return NULL;
}

uint8_t *cli_read_file(const char *path, size_t *out_len) {
    if (strcmp(path, "-") == 0) {
        return read_stream(stdin, "standard input", out_len);
    }
    struct stat info;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        cli_error("%s: is a folder, expected a file", path);
        return NULL;
    }
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        cli_error("%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    uint8_t *bytes = read_stream(stream, path, out_len);
    fclose(stream);
    return bytes;
}

/* Writes all bytes and closes the descriptor in any case. Returns 0 or -1 with errno set. */
static int write_and_close(int fd, const char *bytes, size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t written = write(fd, bytes + done, len - done);
        if (written < 0 && errno != EINTR) {
            int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return close(fd);
}

/* The mode a new file gets: mkstemp's is too private for a result. */
static mode_t file_mode(void) {
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

int cli_write_file(const char *path, const void *bytes, size_t len) {
    if (strcmp(path, "-") == 0) {
        return cli_write_stdout(bytes, len);
    }
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
        FILE *device = fopen(path, "wb"); /* a device or a pipe cannot be replaced */
        int failed = device == NULL || fwrite(bytes, 1, len, device) != len;
        failed |= device != NULL && fclose(device) != 0;
        return failed ? cli_error("%s: cannot be written: %s", path, strerror(errno)) : CLI_OK;
    }
    size_t path_len = strlen(path);
    char *temporary = malloc(path_len + sizeof ".XXXXXX");
    if (temporary == NULL) {
        return cli_error("%s: out of memory", path);
    }
    memcpy(temporary, path, path_len);
    memcpy(temporary + path_len, ".XXXXXX", sizeof ".XXXXXX");
    int status = CLI_OK;
    int fd = mkstemp(temporary);
    if (fd < 0) {
        status = cli_error("%s: cannot be written: %s", path, strerror(errno));
    } else if (fchmod(fd, file_mode()) != 0 || write_and_close(fd, bytes, len) != 0
               || rename(temporary, path) != 0) {
        status = cli_error("%s: cannot be written: %s", path, strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return status;
}

int cli_make_directory(const char *path) {
    char *partial = strdup(path);
    if (partial == NULL) {
        cli_error("%s: out of memory", path);
        return -1;
    }
    int rc = 0;
    for (char *at = partial + 1; rc == 0 && *partial != '\0'; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        char separator = *at;
        *at = '\0';
        if (mkdir(partial, 0777) != 0 && errno != EEXIST) {
            cli_error("%s: the folder cannot be made: %s", partial, strerror(errno));
            rc = -1;
        }
        *at = separator;
        if (separator == '\0') {
            break;
        }
    }
    free(partial);
    struct stat info;
    if (rc == 0 && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))) {
        cli_error("%s: is not a folder", path);
        rc = -1;
    }
    return rc;
}

int cli_make_writable_directory(const char *path) {
    if (cli_make_directory(path) != 0) {
        return -1;
    }
    size_t size = strlen(path) + sizeof "/.XXXXXX";
    char *trial = malloc(size);
    if (trial == NULL) {
        cli_error("%s: out of memory", path);
        return -1;
    }
    snprintf(trial, size, "%s/.XXXXXX", path);
    int fd = mkstemp(trial);
    if (fd < 0) {
        cli_error("%s: no file can be made there: %s", path, strerror(errno));
    } else {
        close(fd);
        unlink(trial);
    }
    free(trial);
    return fd < 0 ? -1 : 0;
}
