/* Text, model and binary form are one thing: over generated scenarios and every scenario of the
 * project, going there and back changes nothing. */
#include "wouldblock/scenario.h"

#include "generate.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GENERATED = 3000 };

static struct wbh_scenario *parse(const char *text, size_t len, const char *name) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, len, &error);
    if (scenario == NULL) {
        char message[512];
        (void)wbh_parse_error_format(&error, name, message, sizeof message);
        fail_msg("%s", message);
    }
    return scenario;
}

/* print(parse(print(s))) is print(s), and says the same as s. */
static void check_text(const struct wbh_scenario *scenario, const char *name) {
    size_t len;
    char *text = wbh_scenario_print(scenario, &len);
    assert_non_null(text);
    assert_int_equal(strlen(text), len);
    struct wbh_scenario *again = parse(text, len, name);
    assert_true(wbh_scenario_equal(scenario, again));
    size_t again_len;
    char *again_text = wbh_scenario_print(again, &again_len);
    assert_string_equal(text, again_text);
    free(again_text);
    free(text);
    wbh_scenario_destroy(again);
}

/* decode(encode(s)) says the same as s, and its bytes are those of s. */
static void check_bytes(const struct wbh_scenario *scenario) {
    size_t len;
    uint8_t *bytes = wbh_scenario_encode(scenario, &len);
    assert_non_null(bytes);
    struct wbh_scenario *again = wbh_scenario_decode(bytes, len);
    assert_non_null(again);
    assert_true(wbh_scenario_equal(scenario, again));
    size_t again_len;
    uint8_t *again_bytes = wbh_scenario_encode(again, &again_len);
    assert_int_equal(again_len, len);
    assert_memory_equal(again_bytes, bytes, len);
    free(again_bytes);
    free(bytes);
    wbh_scenario_destroy(again);
}

static void check_clone(const struct wbh_scenario *scenario) {
    struct wbh_scenario *clone = wbh_scenario_clone(scenario);
    assert_non_null(clone);
    assert_true(wbh_scenario_equal(scenario, clone));
    wbh_scenario_destroy(clone);
}

static void check_source(const char *text, size_t len, const char *name) {
    struct wbh_scenario *scenario = parse(text, len, name);
    check_text(scenario, name);
    check_bytes(scenario);
    check_clone(scenario);
    wbh_scenario_destroy(scenario);
}

static void fixed_point_generated_texts(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < GENERATED; seed++) {
        size_t len;
        char *text = generate_text(seed, &len);
        char name[32];
        (void)snprintf(name, sizeof name, "generated-%u", (unsigned)seed);
        check_source(text, len, name);
        free(text);
    }
}

/* Different scenarios differ in both forms: equality is not trivially true. */
static void fixed_point_different_scenarios_stay_different(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        size_t len;
        char *text = generate_text(seed, &len);
        struct wbh_scenario *one = parse(text, len, "one");
        free(text);
        text = generate_text(seed + 1000000, &len);
        struct wbh_scenario *other = parse(text, len, "other");
        free(text);
        char *one_text = wbh_scenario_print(one, NULL);
        char *other_text = wbh_scenario_print(other, NULL);
        assert_int_equal(wbh_scenario_equal(one, other), strcmp(one_text, other_text) == 0);
        free(one_text);
        free(other_text);
        wbh_scenario_destroy(one);
        wbh_scenario_destroy(other);
    }
}

/* ---- the project's own scenarios */

static char *read_file(const char *path, size_t *out_len) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    *out_len = fread(text, 1, (size_t)size, file);
    assert_int_equal(*out_len, (size_t)size);
    (void)fclose(file);
    return text;
}

static int is_scenario(const char *name) {
    size_t len = strlen(name);
    return len > 4 && strcmp(name + len - 4, ".scn") == 0;
}

static unsigned check_folder(const char *path) {
    DIR *folder = opendir(path);
    unsigned count = 0;
    if (folder == NULL) {
        return 0; /* not a folder */
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char inner[1024];
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (!is_scenario(entry->d_name)) {
            count += check_folder(inner);
            continue;
        }
        size_t len;
        char *text = read_file(inner, &len);
        check_source(text, len, inner);
        free(text);
        count++;
    }
    (void)closedir(folder);
    return count;
}

static void fixed_point_every_scenario_of_the_project(void **state) {
    (void)state;
    assert_true(check_folder(WB_SCENARIO_FOLDER) >= 60);
}

/* The example that the language is explained by is a scenario. */
static void fixed_point_example_of_the_manual(void **state) {
    (void)state;
    static const char fence[] = "```\n";
    size_t len;
    char *manual = read_file(WB_SCENARIO_FOLDER "/README.md", &len);
    manual[len] = '\0';
    const char *begin = strstr(manual, fence);
    assert_non_null(begin);
    begin += strlen(fence);
    const char *end = strstr(begin, fence);
    assert_non_null(end);
    check_source(begin, (size_t)(end - begin), "README.md");
    free(manual);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_point_generated_texts),
        cmocka_unit_test(fixed_point_different_scenarios_stay_different),
        cmocka_unit_test(fixed_point_every_scenario_of_the_project),
        cmocka_unit_test(fixed_point_example_of_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
