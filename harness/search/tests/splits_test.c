/* Where what peers send can be cut, and that the answers of HTTP servers do not depend on it: each
 * scenario of a folder in each of these ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/search.h"

enum { CUTS_MAX = 20000 };

static const char *folder;
static struct wbh_cut cuts[CUTS_MAX];

static struct wbh_scenario *parse(const char *text, const char *name) {
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &error);
    if (scenario == NULL) {
        char message[512];
        (void)wbh_parse_error_format(&error, name, message, sizeof message);
        fail_msg("%s", message);
    }
    return scenario;
}

static size_t cuts_of(const char *steps) {
    char text[1024];
    (void)snprintf(text, sizeof text, "scenario \"\"\nprogram small_echo\n%s", steps);
    struct wbh_scenario *scenario = parse(text, "text");
    size_t count = wbh_cuts(scenario, cuts, CUTS_MAX);
    assert_int_equal(wbh_cuts(scenario, NULL, 0), count);
    wbh_scenario_destroy(scenario);
    return count;
}

static void assert_cut(size_t n, uint32_t peer, uint32_t connection, uint64_t at) {
    assert_int_equal(cuts[n].subject, WBH_SUBJECT(peer, connection));
    assert_int_equal(cuts[n].at, at);
}

static void cuts_are_behind_each_byte_of_each_connection(void **state) {
    (void)state;
    assert_int_equal(
        cuts_of("peer alice\n  connect\n  send \"ab\"\n  send slowly \"c\" * 2 every 1s\n"
                "  expect \"x\"\n  connect\n  send \"xy\"\n"
                "peer bob\n  listen 1\n  accept\n  send \"123\"\n"),
        7);
    assert_cut(0, 0, 0, 1);
    assert_cut(2, 0, 0, 3);
    assert_cut(3, 0, 1, 1);
    assert_cut(4, 1, 0, 1);
    assert_cut(5, 1, 0, 2);
    assert_int_equal(cuts[6].at, 0); /* everywhere */
}

static void cuts_know_how_long_a_message_is(void **state) {
    (void)state;
    /* GET / HTTP/1.0, two ends of lines */
    assert_int_equal(
        cuts_of("peer alice\n  connect\n  http-request GET / version=1.0 no-header Host\n"), 18);
}

static void cuts_are_of_streams_only(void **state) {
    (void)state;
    assert_int_equal(
        cuts_of(
            "peer alice\n  bind udp\n  send \"abc\"\n  connect seqpacket \"@a\"\n  send \"abc\"\n"
            "  bind datagram\n  send to \"@b\"\n  send \"abc\"\n  expect refused unix \"@c\"\n"
            "  connect unix \"@d\"\n  send \"ab\"\n"),
        2);
    assert_cut(0, 0, 4, 1);
}

static void cuts_far_behind_are_a_few(void **state) {
    (void)state;
    size_t count = cuts_of("peer alice\n  connect\n  send \"0123456789\" * 10000\n");
    assert_in_range(count, WBH_CUTS_WHOLE + 100000 / WBH_CUTS_STRIDE,
        WBH_CUTS_WHOLE + 100000 / WBH_CUTS_STRIDE + WBH_CUTS_LAST);
    assert_cut(count - 2, 0, 0, 99999);
}

/* ---- the scenarios ---- */

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    (void)fclose(file);
    return text;
}

static void run_cut(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    struct wbh_cut cut, const char *name) {
    static struct wbh_cut_source source;
    static struct wbh_result result;
    char error[256] = "";
    wbh_cut_source_init(&source, cut);
    const struct wbh_run_options options = {
        .source = &source.base, .legality_max = WBH_LEGALITY_CONTRACT};
    if (wbh_run(runner, scenario, &options, &result, error, sizeof error) != 0) {
        fail_msg("%s: %s", name, error);
    }
    if (result.verdict != (enum wbh_verdict)scenario->verdict) {
        fail_msg("%s, cut behind byte %llu: %s", name, (unsigned long long)cut.at,
            result.finding_count != 0 ? result.findings[0].text : "");
    }
}

/* Of long ones a few stand for all here. */
static size_t run_all(struct wbh_runner *runner, const char *path) {
    enum { RUNS_MAX = 60 };
    char *text = read_file(path);
    struct wbh_scenario *scenario = parse(text, path);
    size_t count = wbh_cuts(scenario, cuts, CUTS_MAX);
    size_t stride = count / RUNS_MAX + 1;
    size_t runs = 0;
    assert_true(count <= CUTS_MAX);
    for (size_t i = 0; i < count; i += stride) {
        run_cut(runner, scenario, cuts[count - 1 - i], path);
        runs++;
    }
    wbh_scenario_destroy(scenario);
    free(text);
    return runs;
}

static void splits_change_no_answer_of_http_servers(void **state) {
    (void)state;
    struct wbh_runner *runner = wbh_runner_new();
    DIR *entries = opendir(folder);
    size_t runs = 0;
    assert_non_null(runner);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        char path[1024];
        size_t len = strlen(entry->d_name);
        if (len > 4 && strcmp(entry->d_name + len - 4, ".scn") == 0) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            runs += run_all(runner, path);
        }
    }
    (void)closedir(entries);
    wbh_runner_destroy(runner);
    assert_true(runs >= 600);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return EXIT_FAILURE;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_are_behind_each_byte_of_each_connection),
        cmocka_unit_test(cuts_know_how_long_a_message_is),
        cmocka_unit_test(cuts_are_of_streams_only),
        cmocka_unit_test(cuts_far_behind_are_a_few),
        cmocka_unit_test(splits_change_no_answer_of_http_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
