/* The nearest known word. */
#include "cli/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distance_counts_each_kind_of_edit(void **state) {
    (void)state;
    assert_int_equal(cli_word_distance("replay", "replay"), 0);
    assert_int_equal(cli_word_distance("rplay", "replay"), 1);
    assert_int_equal(cli_word_distance("reeplay", "replay"), 1);
    assert_int_equal(cli_word_distance("rexlay", "replay"), 1);
    assert_int_equal(cli_word_distance("relpay", "replay"), 1);
    assert_int_equal(cli_word_distance("", "run"), 3);
    assert_int_equal(cli_word_distance("kitten", "sitting"), 3);
}

static void distance_of_overlong_words_is_infinite(void **state) {
    (void)state;
    char word[CLI_WORD_MAX + 2];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_true(cli_word_distance(word, "x") == SIZE_MAX);
    word[CLI_WORD_MAX] = '\0';
    assert_int_equal(cli_word_distance(word, word), 0);
}

static const char *nearest(const char *wanted) {
    struct cli_suggestion suggestion = {.wanted = wanted};
    static const char *const words[] = {"run", "replay", "explain", "encode", "list"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        cli_suggest(&suggestion, words[i]);
    }
    return suggestion.best;
}

static void suggestion_is_near_or_nothing(void **state) {
    (void)state;
    assert_string_equal(nearest("rn"), "run");
    assert_string_equal(nearest("relpay"), "replay");
    assert_string_equal(nearest("expl"), "explain");
    assert_string_equal(nearest("lst"), "list");
    assert_null(nearest("banana"));
    assert_null(nearest("x"));
    assert_null(nearest(""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_each_kind_of_edit),
        cmocka_unit_test(distance_of_overlong_words_is_infinite),
        cmocka_unit_test(suggestion_is_near_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
