/* file_copy on real files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

static char folder[] = "/tmp/wb-file-copy-XXXXXX";

static const char *path_of(const char *name, char *out_path, size_t capacity) {
    (void)snprintf(out_path, capacity, "%s/%s", folder, name);
    return out_path;
}

static int copy(const char *from, const char *to) {
    const char *const arguments[] = {"--from", from, "--to", to, NULL};
    return program_run("file_copy", arguments, NULL);
}

static void a_file_is_copied_whole(void **state) {
    (void)state;
    static char bytes[100000];
    static char got[sizeof bytes + 1];
    char from[64];
    char to[64];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 7 + i / 256);
    }
    FILE *file = fopen(path_of("in", from, sizeof from), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(copy(from, path_of("out", to, sizeof to)), 0);
    assert_string_equal(program_output(), "100000 bytes\n");
    file = fopen(to, "rb");
    assert_non_null(file);
    assert_int_equal(fread(got, 1, sizeof got, file), sizeof bytes);
    assert_int_equal(fclose(file), 0);
    assert_memory_equal(got, bytes, sizeof bytes);
    assert_int_equal(remove(from), 0);
    assert_int_equal(remove(to), 0);
}

/* Of two paths the message names the one that is wrong. */
static void a_failure_names_its_path(void **state) {
    (void)state;
    char expected[128];
    char from[64];
    char to[64];
    path_of("missing", from, sizeof from);
    assert_int_equal(copy(from, path_of("out", to, sizeof to)), 1);
    (void)snprintf(expected, sizeof expected, "file_copy: %s: no such entry\n", from);
    assert_string_equal(program_output(), expected);
    assert_int_not_equal(access(to, F_OK), 0);

    assert_int_equal(copy("/dev/null", path_of("missing/out", to, sizeof to)), 1);
    (void)snprintf(expected, sizeof expected, "file_copy: %s.part: no such entry\n", to);
    assert_string_equal(program_output(), expected);

    assert_int_equal(copy(folder, path_of("out", to, sizeof to)), 1);
    (void)snprintf(expected, sizeof expected, "file_copy: %s to %s: is a directory\n", folder, to);
    assert_string_equal(program_output(), expected);
    assert_int_equal(rmdir(folder), 0); /* nothing is left of what failed */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_copied_whole),
        cmocka_unit_test(a_failure_names_its_path),
    };
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
