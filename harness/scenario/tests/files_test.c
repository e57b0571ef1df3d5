/* Files of a scenario: all three forms of them, what is taken from elsewhere, and what is wrong. */
#include "wouldblock/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "scenario \"t\"\nprogram p\n"

/* ---- what is taken */

static uint8_t *read_source(void *user_data, const char *name, size_t *out_len) {
    size_t *len = user_data;
    if (strcmp(name, "page.html") != 0) {
        return NULL;
    }
    uint8_t *bytes = malloc(*len + 1);
    assert_non_null(bytes);
    memset(bytes, 'a', *len);
    *out_len = *len;
    return bytes;
}

static struct wbh_scenario *parse_with(const char *text, size_t len, char message[512]) {
    const struct wbh_scenario_source source = {read_source, &len};
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse_with(text, strlen(text), &source, &error);
    message[0] = '\0';
    if (scenario == NULL) {
        (void)wbh_parse_error_format(&error, "t.scn", message, 512);
    }
    return scenario;
}

static struct wbh_scenario *parse(const char *text) {
    char message[512];
    struct wbh_scenario *scenario = parse_with(text, 3, message);
    if (scenario == NULL) {
        fail_msg("%s", message);
    }
    return scenario;
}

static void assert_file(const struct wbh_scenario *scenario, uint32_t n, const char *path,
    uint32_t host, uint32_t is_expected, const char *contents, uint32_t repeat) {
    const struct wbh_placed_file *file = &scenario->files[n];
    assert_int_equal(file->path_len, strlen(path));
    assert_memory_equal(scenario->data + file->path_offset, path, file->path_len);
    assert_int_equal(file->host, host);
    assert_int_equal(file->is_expected, is_expected);
    assert_int_equal(file->data_len, strlen(contents));
    assert_memory_equal(scenario->data + file->data_offset, contents, file->data_len);
    assert_int_equal(file->repeat, repeat);
}

/* ---- what is right */

static const char many[] = HEAD "host far address=10.0.0.1\n"
                                "file \"/srv/a.txt\" \"hello\\n\"\n"
                                "file \"/srv/b.txt\" on far \"x\" * 70\n"
                                "file \"/srv/page.html\" from \"page.html\"\n"
                                "file \"/srv/empty\" \"\"\n"
                                "expect file \"/tmp/out\" on far \"done\"\n"
                                "peer alice\n  send \"q\"\n";

static void files_are_parsed(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(many);
    assert_int_equal(scenario->file_count, 5);
    assert_file(scenario, 0, "/srv/a.txt", 0, 0, "hello\n", 1);
    assert_file(scenario, 1, "/srv/b.txt", 1, 0, "x", 70);
    assert_file(scenario, 2, "/srv/page.html", 0, 0, "aaa", 1);
    assert_file(scenario, 3, "/srv/empty", 0, 0, "", 1);
    assert_file(scenario, 4, "/tmp/out", 1, 1, "done", 1);
    assert_int_equal(scenario->files[4].line, 8);
    assert_int_equal(scenario->peers[0].steps[0].data_len, 1);
    wbh_scenario_destroy(scenario);
}

static void files_are_printed_with_their_contents(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(many);
    size_t len;
    char *text = wbh_scenario_print(scenario, &len);
    assert_non_null(text);
    text = realloc(text, len + 1);
    assert_non_null(text);
    text[len] = '\0';
    assert_non_null(strstr(text, "\nfile \"/srv/b.txt\" on far \"x\" * 70\n"
                                 "file \"/srv/page.html\" \"aaa\"\n"
                                 "file \"/srv/empty\" \"\"\n"
                                 "expect file \"/tmp/out\" on far \"done\"\n"));
    struct wbh_parse_error error;
    struct wbh_scenario *again = wbh_scenario_parse(text, len, &error);
    assert_non_null(again);
    assert_true(wbh_scenario_equal(scenario, again));
    wbh_scenario_destroy(again);
    free(text);
    wbh_scenario_destroy(scenario);
}

static void files_are_encoded_and_cloned(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(many);
    size_t len;
    uint8_t *bytes = wbh_scenario_encode(scenario, &len);
    assert_non_null(bytes);
    struct wbh_scenario *again = wbh_scenario_decode(bytes, len);
    struct wbh_scenario *copy = wbh_scenario_clone(scenario);
    assert_true(wbh_scenario_equal(scenario, again));
    assert_true(wbh_scenario_equal(scenario, copy));
    copy->files[0].is_expected = 1;
    assert_false(wbh_scenario_equal(scenario, copy));
    copy->files[0] = scenario->files[0];
    copy->data[copy->files[4].data_offset] ^= 1;
    assert_false(wbh_scenario_equal(scenario, copy));
    wbh_scenario_make_plain(again);
    assert_int_equal(again->file_count, 3);
    assert_file(again, 2, "/srv/empty", 0, 0, "", 1);
    free(bytes);
    wbh_scenario_destroy(scenario);
    wbh_scenario_destroy(again);
    wbh_scenario_destroy(copy);
}

/* The same path twice, one below the other, paths that are none: the first stays, or nothing. */
static void files_in_bytes_are_brought_within_the_rules(void **state) {
    (void)state;
    static const uint8_t bytes[] = {0xce, 0, 0, '/', 'a', 0, 0, 0, 'x', /* */
        0xce, 0, 0, '/', 'a', 0, 0, 0, 'y',                             /* taken */
        0xce, 0, 0, '/', 'a', '/', 'b', 0,                              /* below a file */
        0xce, 1, 7, '/', 'a', '/', 'b', 0,                              /* expected: elsewhere */
        0xce, 0, 0, '/', 'a', '/', '.', '.', 0,                         /* no path */
        0xce, 0, 0, '/', 't', 'm', 'p', 0,                              /* a directory */
        0xce, 0, 0, '/', 's', 'r', 'v', 0,                              /* a directory */
        0xce, 0, 0, 4};                                                 /* /tmp/out, empty */
    struct wbh_scenario *scenario = wbh_scenario_decode(bytes, sizeof bytes);
    assert_non_null(scenario);
    assert_int_equal(scenario->file_count, 3);
    assert_file(scenario, 0, "/a", 0, 0, "x", 1);
    assert_file(scenario, 1, "/a/b", 0, 1, "", 1);
    assert_file(scenario, 2, "/tmp/out", 0, 0, "", 1);
    wbh_scenario_destroy(scenario);
}

/* ---- what is wrong */

static void files_are_refused_with_place_and_reason(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {HEAD "file \"/tmp\" \"x\"\n",
            "t.scn:3:6: found '\"/tmp\"', expected the path of a file in quotes, as in "
            "\"/srv/index.html\" (it begins with / and has no empty part, no . and no ..; /run, "
            "/srv and /tmp are directories)"},
        {HEAD "file \"/srv\" \"x\"\n",
            "t.scn:3:6: found '\"/srv\"', expected the path of a file in quotes, as in "
            "\"/srv/index.html\" (it begins with / and has no empty part, no . and no ..; /run, "
            "/srv and /tmp are directories)"},
        {HEAD "file \"a.txt\" \"x\"\n",
            "t.scn:3:6: found '\"a.txt\"', expected the path of a file in quotes, as in "
            "\"/srv/index.html\" (it begins with / and has no empty part, no . and no ..; /run, "
            "/srv and /tmp are directories)"},
        {HEAD "file /a \"x\"\n",
            "t.scn:3:6: found '/a', expected the path of a file in quotes, as in "
            "\"/srv/index.html\""},
        {HEAD "file \"/a\"\n",
            "t.scn:3:10: found the end of the line, expected contents: bytes in quotes, as in "
            "\"hello\\n\", or from \"LOCAL FILE\""},
        {HEAD "file \"/a\" form \"page.html\"\n",
            "t.scn:3:11: found 'form', expected contents: bytes in quotes, as in \"hello\\n\", or "
            "from \"LOCAL FILE\""},
        {HEAD "file \"/a\" from \"none.html\"\n",
            "t.scn:3:16: found '\"none.html\"', expected a file that can be read (it is looked for "
            "beside the scenario)"},
        {HEAD "file \"/a\" on mars \"x\"\n",
            "t.scn:3:14: found 'mars', expected the name of a host of this scenario (write host "
            "NAME address=10.0.0.1 to have one)"},
        {HEAD "file \"/a\" \"x\"\nfile \"/a\" \"y\"\n",
            "t.scn:4:6: found '\"/a\"', expected a path of its own (line 3 has a file there, or a "
            "directory)"},
        {HEAD "file \"/a/b\" \"x\"\nfile \"/a\" \"y\"\n",
            "t.scn:4:6: found '\"/a\"', expected a path of its own (line 3 has a file there, or a "
            "directory)"},
        {HEAD "expect fiel \"/a\" \"x\"\n",
            "t.scn:3:8: found 'fiel', expected what is to be when the run has ended: expect file "
            "\"/tmp/out\" \"done\\n\" (did you mean 'file'?)"},
        {HEAD "expect \"x\"\n",
            "t.scn:3:8: found '\"x\"', expected what is to be when the run has ended: expect file "
            "\"/tmp/out\" \"done\\n\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[512];
        struct wbh_scenario *scenario = parse_with(cases[i].text, 3, message);
        assert_null(scenario);
        assert_string_equal(message, cases[i].message);
    }
}

static void files_taken_must_be_small_and_there(void **state) {
    (void)state;
    static const char text[] = HEAD "file \"/a\" from \"page.html\"\n";
    char message[512];
    assert_null(parse_with(text, WBH_DATA_MAX + 1, message));
    assert_string_equal(
        message, "t.scn:3:16: found '\"page.html\"', expected a file of at most 65535 bytes");
    struct wbh_scenario *scenario = parse_with(text, WBH_DATA_MAX, message);
    assert_non_null(scenario);
    wbh_scenario_destroy(scenario);
    struct wbh_parse_error error;
    assert_null(wbh_scenario_parse(text, strlen(text), &error));
    assert_int_equal(error.line, 3);
    assert_int_equal(error.column, 16);
    assert_string_equal(error.expected, "the contents themselves, in quotes");
}

/* Wherever bytes can stand; what is printed has them, not the name. */
static void files_are_taken_by_steps_and_parts_of_messages(void **state) {
    (void)state;
    struct wbh_scenario *scenario =
        parse("scenario \"t\"\nprogram p\npeer alice\n  connect\n  send from \"page.html\"\n"
              "  expect from \"page.html\"\n  send slowly from \"page.html\" every 1s\n"
              "  http-response 200 header \"A: b\" body from \"page.html\" header \"C: d\"\n"
              "  http-request PUT / chunked \"x\" from \"page.html\" trailer \"A: b\"\n"
              "  expect http-response 200 body from \"page.html\"\n");
    char *text = wbh_scenario_print(scenario, NULL);
    assert_non_null(
        strstr(text, "  send \"aaa\"\n  expect \"aaa\"\n  send slowly \"aaa\" every 1s\n"
                     "  http-response 200 header \"A: b\" body \"aaa\" header \"C: d\"\n"
                     "  http-request PUT / chunked \"x\" \"aaa\" trailer \"A: b\"\n"
                     "  expect http-response 200 body \"aaa\"\n"));
    free(text);
    wbh_scenario_destroy(scenario);
    char message[512];
    assert_null(parse_with(
        "scenario \"t\"\nprogram p\npeer alice\n  connect\n  send from \"x\"\n", 3, message));
    assert_string_equal(message,
        "t.scn:5:13: found '\"x\"', expected a file that can be read (it is looked for beside the "
        "scenario)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_taken_by_steps_and_parts_of_messages),
        cmocka_unit_test(files_are_parsed),
        cmocka_unit_test(files_are_printed_with_their_contents),
        cmocka_unit_test(files_are_encoded_and_cloned),
        cmocka_unit_test(files_in_bytes_are_brought_within_the_rules),
        cmocka_unit_test(files_are_refused_with_place_and_reason),
        cmocka_unit_test(files_taken_must_be_small_and_there),
    };
    return cmocka_run_group_tests_name("scenario_files", tests, NULL, NULL);
}
