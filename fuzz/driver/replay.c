/* The replay driver: gives files to a fuzz target, without any fuzzing engine. It is how a finding
 * is looked at, how a corpus becomes an ordinary test, and how the speed of a target is measured.
 * It looks for nothing by itself.
 *
 * Folders are walked to any depth, files run in the order of their names, so that two replays do
 * the same. When an input kills the process, its name is the last thing printed. */
#define _POSIX_C_SOURCE 200809L

#include "driver/fuzz_target.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    INPUT_LEN_MAX = 16 * 1024 * 1024, /* engines stop at 1 MiB; more is a wrong file */
    DEPTH_MAX = 16,
    PATH_LEN_MAX = 4096,
};

struct options {
    uint64_t repeat;
    bool verbose;
    bool smoke;
    bool if_present;
};

struct totals {
    uint64_t inputs;
    uint64_t executions;
    uint64_t bytes;
    uint64_t elapsed_ns;
};

/* Read by the handlers below. */
static char current_input[PATH_LEN_MAX];

/* Weak, since only a build with a target that has it, or with a sanitizer, defines them. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

/* Asked by a sanitizer's runtime, where there is one: an abort is reported with its stack too. The
 * environment (ASAN_OPTIONS and so on) overrides it. */
#define DEFAULT_OPTIONS __attribute__((used, visibility("default")))
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__ubsan_default_options(void);

DEFAULT_OPTIONS const char *__asan_default_options(void) {
    return "handle_abort=1:dedup_token_length=3:allocator_may_return_null=1";
}

DEFAULT_OPTIONS const char *__tsan_default_options(void) {
    return "handle_abort=1";
}

DEFAULT_OPTIONS const char *__ubsan_default_options(void) {
    return "print_stacktrace=1";
}

static void name_culprit(void) {
    static const char intro[] = "\nreplay: died while running ";
    if (current_input[0] == '\0') {
        return;
    }
    if (write(STDERR_FILENO, intro, sizeof(intro) - 1) < 0
        || write(STDERR_FILENO, current_input, strlen(current_input)) < 0
        || write(STDERR_FILENO, "\n", 1) < 0) {
        return; /* nothing is left to be told it with */
    }
}

static void on_fatal_signal(int number) {
    name_culprit();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_for_death(void) {
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(name_culprit); /* the signals are the sanitizer's */
        return;
    }
    for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
        signal(fatal[i], on_fatal_signal);
    }
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Each run gets the bytes in a block of exactly their size, so that a read past the end is seen. */
static void run_input(const char *name, const uint8_t *bytes, size_t len,
    const struct options *options, struct totals *totals) {
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    if (copy == NULL) {
        fprintf(stderr, "replay: out of memory\n");
        exit(EXIT_FAILURE);
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    snprintf(current_input, sizeof(current_input), "%s", name);
    if (options->verbose) {
        printf("running %s (%zu bytes)\n", name, len);
        fflush(stdout);
    }
    uint64_t start_ns = now_ns();
    for (uint64_t i = 0; i < options->repeat; i++) {
        LLVMFuzzerTestOneInput(copy, len);
    }
    totals->elapsed_ns += now_ns() - start_ns;
    totals->inputs++;
    totals->executions += options->repeat;
    totals->bytes += len;
    current_input[0] = '\0';
    free(copy);
}

/* Inputs every target must bear, so that a replay without a corpus still runs something. */
static void run_smoke(const struct options *options, struct totals *totals) {
    uint8_t block[1024] = {0};
    run_input("(empty)", block, 0, options, totals);
    run_input("(one zero byte)", block, 1, options, totals);
    run_input("(1024 zero bytes)", block, sizeof(block), options, totals);
    memset(block, 0xff, sizeof(block));
    run_input("(1024 bytes of 0xff)", block, sizeof(block), options, totals);
    for (size_t i = 0; i < sizeof(block); i++) {
        block[i] = (uint8_t)(i * 167 + 13);
    }
    run_input("(1024 mixed bytes)", block, sizeof(block), options, totals);
}

static int run_file(const char *path, const struct options *options, struct totals *totals) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    size_t capacity = 64 * 1024;
    size_t len = 0;
    uint8_t *bytes = malloc(capacity);
    while (bytes != NULL) {
        len += fread(bytes + len, 1, capacity - len, file);
        if (len < capacity || capacity >= INPUT_LEN_MAX) {
            break;
        }
        capacity *= 2;
        uint8_t *larger = realloc(bytes, capacity);
        if (larger == NULL) {
            free(bytes);
        }
        bytes = larger;
    }
    int failed = ferror(file);
    fclose(file);
    if (bytes == NULL || failed != 0 || len >= INPUT_LEN_MAX) {
        fprintf(
            stderr, "replay: %s: cannot be read or is larger than %d bytes\n", path, INPUT_LEN_MAX);
        free(bytes);
        return EXIT_USAGE;
    }
    run_input(path, bytes, len, options, totals);
    free(bytes);
    return EXIT_SUCCESS;
}

static int without_hidden(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that follows the locale */
}

static int run_path(
    const char *path, const struct options *options, struct totals *totals, int depth);

static int run_folder(
    const char *path, const struct options *options, struct totals *totals, int depth) {
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, without_hidden, by_bytes);
    if (count < 0 || depth >= DEPTH_MAX) {
        fprintf(stderr, "replay: %s: %s\n", path,
            count < 0 ? strerror(errno) : "folders are nested too deeply");
        return EXIT_USAGE;
    }
    int status = EXIT_SUCCESS;
    for (int i = 0; i < count; i++) {
        char inner[PATH_LEN_MAX];
        int len = snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        if (len < 0 || (size_t)len >= sizeof(inner)) {
            fprintf(stderr, "replay: %s: the name is too long\n", path);
            status = EXIT_USAGE;
        } else {
            int inner_status = run_path(inner, options, totals, depth + 1);
            status = inner_status != EXIT_SUCCESS ? inner_status : status;
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int run_path(
    const char *path, const struct options *options, struct totals *totals, int depth) {
    struct stat about;
    if (stat(path, &about) != 0) {
        if (errno == ENOENT && options->if_present) {
            printf("replay: %s: there is none\n", path);
            return EXIT_SUCCESS;
        }
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return EXIT_USAGE;
    }
    return S_ISDIR(about.st_mode) ? run_folder(path, options, totals, depth)
                                  : run_file(path, options, totals);
}

static void print_usage(FILE *out, const char *program) {
    fprintf(out,
        "usage: %s [--repeat N] [--smoke] [--if-present] [--verbose] FILE-OR-FOLDER...\n"
        "Runs each file through the fuzz target. Exit status: 0 all ran, 2 bad usage or input;\n"
        "an input that finds something ends the process as a crash does.\n"
        "  --repeat N     run each input N times and print the speed\n"
        "  --smoke        first run a few built-in inputs: empty, zeros, ones, mixed\n"
        "  --if-present   a path that does not exist is not an error\n"
        "  --verbose      name each input before it runs\n",
        program);
}

static bool parse_count(const char *text, uint64_t *out_count) {
    char *end = NULL;
    errno = 0;
    unsigned long long count = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || count == 0 || text[0] == '-') {
        return false;
    }
    *out_count = count;
    return true;
}

/* Returns the index of the first path, 0 when help was asked for, -1 on an error. */
static int parse_options(int argc, char **argv, struct options *options) {
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return 0;
        } else if (strcmp(argv[i], "--smoke") == 0) {
            options->smoke = true;
        } else if (strcmp(argv[i], "--if-present") == 0) {
            options->if_present = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            options->verbose = true;
        } else if (strcmp(argv[i], "--repeat") == 0 && i + 1 < argc) {
            if (!parse_count(argv[++i], &options->repeat)) {
                return -1;
            }
        } else {
            return -1;
        }
    }
    return i < argc || options->smoke ? i : -1;
}

static void print_totals(const struct options *options, const struct totals *totals) {
    printf("replayed %" PRIu64 " inputs, %" PRIu64 " bytes: nothing found\n", totals->inputs,
        totals->bytes);
    if (options->repeat > 1) {
        double seconds = (double)totals->elapsed_ns / 1e9;
        printf("%" PRIu64 " executions in %.3f s: %.0f exec/s\n", totals->executions, seconds,
            seconds > 0 ? (double)totals->executions / seconds : 0.0);
    }
}

int main(int argc, char **argv) {
    struct options options = {.repeat = 1};
    struct totals totals = {0};
    int first = parse_options(argc, argv, &options);
    if (first <= 0) {
        print_usage(first == 0 ? stdout : stderr, argv[0]);
        return first == 0 ? EXIT_SUCCESS : EXIT_USAGE;
    }
    watch_for_death();
    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    int status = EXIT_SUCCESS;
    if (options.smoke) {
        run_smoke(&options, &totals);
    }
    for (int i = first; i < argc; i++) {
        int path_status = run_path(argv[i], &options, &totals, 0);
        status = path_status != EXIT_SUCCESS ? path_status : status;
    }
    if (totals.inputs == 0 && status == EXIT_SUCCESS && !options.if_present) {
        fprintf(stderr, "replay: no input in what was given\n");
        status = EXIT_USAGE;
    }
    if (status == EXIT_SUCCESS) {
        print_totals(&options, &totals);
    }
    return status;
}
