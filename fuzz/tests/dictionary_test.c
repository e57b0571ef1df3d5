/* The dictionaries: both engines can read them, and they know every word of the language and every
 * kind of record. Takes their folder as its argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/choice.h"
#include "wouldblock/fault.h"
#include "wouldblock/scenario.h"

enum {
    TOKEN_LEN_MAX = 128, /* AFL++ refuses longer ones */
    TOKENS_MAX = 512,
};

struct dictionary {
    uint8_t tokens[TOKENS_MAX][TOKEN_LEN_MAX];
    size_t lens[TOKENS_MAX];
    size_t count;
};

static const char *folder;
static struct dictionary dictionary;

/* One byte of a token; advances *at. -1: not what both engines take for one. */
static int token_byte(const char **at) {
    const char *text = *at;
    if (text[0] != '\\') {
        *at += 1;
        return isprint((unsigned char)text[0]) ? text[0] : -1;
    }
    if (text[1] == '\\' || text[1] == '"') {
        *at += 2;
        return text[1];
    }
    if (text[1] == 'x' && isxdigit((unsigned char)text[2]) && isxdigit((unsigned char)text[3])) {
        const char digits[] = {text[2], text[3], '\0'};
        *at += 4;
        return (int)strtol(digits, NULL, 16);
    }
    return -1;
}

static void read_token(const char *line) {
    uint8_t *token = dictionary.tokens[dictionary.count];
    size_t len = 0;
    const char *at = line + 1;
    assert_int_equal(line[0], '"');
    while (*at != '"') {
        int byte = token_byte(&at);
        assert_true(byte >= 0 && len < TOKEN_LEN_MAX);
        token[len++] = (uint8_t)byte;
    }
    assert_string_equal(at, "\"\n");
    assert_true(len > 0);
    dictionary.lens[dictionary.count++] = len;
}

static void read_dictionary(const char *name) {
    char path[4096];
    char line[1024];
    assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    dictionary.count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (line[0] != '#' && line[0] != '\n') {
            assert_true(dictionary.count < TOKENS_MAX);
            read_token(line);
        }
    }
    fclose(file);
}

static size_t times_known(const void *token, size_t len) {
    size_t times = 0;
    for (size_t i = 0; i < dictionary.count; i++) {
        times += dictionary.lens[i] == len && memcmp(dictionary.tokens[i], token, len) == 0;
    }
    return times;
}

static void assert_known(const char *word) {
    if (times_known(word, strlen(word)) != 1) {
        print_error("%s\n", word);
    }
    assert_int_equal(times_known(word, strlen(word)), 1);
}

static void assert_record(uint8_t tag, uint8_t kind) {
    const uint8_t token[] = {tag, kind};
    assert_int_equal(times_known(token, sizeof(token)), 1);
}

static void parse_dictionary_knows_every_word(void **state) {
    (void)state;
    read_dictionary("fuzz_scenario_parse.dict");
    for (int kind = 0; kind < WBH_STEP_KIND_COUNT; kind++) {
        assert_known(wbh_step_word((enum wbh_step_kind)kind));
    }
    for (int kind = 0; kind < WBH_PART_KIND_COUNT; kind++) {
        assert_known(wbh_part_word((enum wbh_part_kind)kind));
    }
    for (int verdict = 0; verdict < WBH_VERDICT_COUNT; verdict++) {
        assert_known(wbh_verdict_name((enum wbh_verdict)verdict));
    }
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        assert_known(wbh_point_name((enum wbh_point)point));
    }
    for (int action = 0; action < WBH_ACTION_COUNT; action++) {
        assert_known(wbh_action_name((enum wbh_action)action));
    }
    for (int kind = 0; kind < WBH_MOMENT_KIND_COUNT; kind++) {
        assert_known(wbh_moment_word((enum wbh_moment_kind)kind));
    }
    for (size_t i = 0; i < wbh_profile_count(); i++) {
        assert_known(wbh_profile_nth(i)->name);
    }
    for (unsigned i = 0; wbh_errno_index(wbh_errno_nth(i)) == (int)i; i++) {
        assert_known(wbh_errno_name(wbh_errno_nth(i)));
    }
}

/* The tags of steps and faults are the format's, as harness/scenario/codec.c describes it. */
static void echo_dictionary_knows_every_record(void **state) {
    (void)state;
    read_dictionary("fuzz_scenario_echo.dict");
    for (int kind = 0; kind < WBH_STEP_KIND_COUNT; kind++) {
        assert_record(0xc5, (uint8_t)kind);
    }
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        assert_record(0xc6, (uint8_t)point);
    }
    for (int kind = 0; kind < WBH_MOMENT_KIND_COUNT; kind++) {
        const uint8_t token[] = {0xcc, (uint8_t)kind, 0x02};
        assert_int_equal(times_known(token, sizeof(token)), 1);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return EXIT_FAILURE;
    }
    folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_dictionary_knows_every_word),
        cmocka_unit_test(echo_dictionary_knows_every_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
