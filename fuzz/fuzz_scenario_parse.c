/* Property: text, binary form and model of a scenario are one thing.
 *   any text    is either a scenario, or refused with a place inside it, what was found there, what
 *               was expected, and a message that fits any buffer it is given
 *   a scenario  printed and parsed again is equal, and printed again the same text; encoded and
 *               decoded again is equal, and encoded again the same bytes; so is its copy
 *   any bytes   read as the binary form are a scenario, of which the same holds
 * Code under test: harness/scenario. */
#include "driver/fuzz_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wouldblock/scenario.h"

enum { TEXT_LEN_MAX = 65536 }; /* of an input: the rest would only cost time */

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "verdict  %s:%d: broken: %s\n", __FILE__, __LINE__, #condition);       \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- errors ---- */

/* Lines end with \n; the end of the text is a place, too. */
static void check_place(const struct wbh_parse_error *error, const char *text, size_t len) {
    const char *line = text;
    const char *end = text + len;
    CHECK(error->line >= 1 && error->column >= 1);
    for (uint32_t i = 1; i < error->line; i++) {
        const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
        CHECK(newline != NULL);
        line = newline + 1;
    }
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    size_t line_len = (size_t)((newline != NULL ? newline : end) - line);
    CHECK(error->column <= line_len + 1);
}

static void check_words(const struct wbh_parse_error *error) {
    CHECK(memchr(error->found, '\0', sizeof(error->found)) != NULL && error->found[0] != '\0');
    CHECK(memchr(error->expected, '\0', sizeof(error->expected)) != NULL);
    CHECK(error->expected[0] != '\0');
    CHECK(memchr(error->hint, '\0', sizeof(error->hint)) != NULL);
}

/* As snprintf: the length it wants, a terminator within what it has, the same text as far as it
 * goes, and not a byte behind. */
static void check_format(const struct wbh_parse_error *error) {
    char whole[1024];
    char part[65];
    int len = wbh_parse_error_format(error, "file.scn", whole, sizeof(whole));
    CHECK(len > 0 && (size_t)len < sizeof(whole) && strlen(whole) == (size_t)len);
    for (size_t room = 0; room < sizeof(part); room += 1 + room / 4) {
        memset(part, 0x5a, sizeof(part));
        CHECK(wbh_parse_error_format(error, "file.scn", part, room) == len);
        CHECK(part[room] == 0x5a);
        size_t kept = room == 0 ? 0 : room - 1 < (size_t)len ? room - 1 : (size_t)len;
        CHECK(memcmp(part, whole, kept) == 0 && (room == 0 || part[kept] == '\0'));
    }
}

/* ---- fixed points ---- */

static void check_text(const struct wbh_scenario *scenario) {
    size_t len;
    size_t again_len;
    char *text = wbh_scenario_print(scenario, &len);
    CHECK(text != NULL);
    struct wbh_parse_error error;
    struct wbh_scenario *parsed = wbh_scenario_parse(text, len, &error);
    if (parsed == NULL) {
        char message[1024];
        (void)wbh_parse_error_format(&error, "printed", message, sizeof(message));
        fprintf(stderr, "%s\n%.*s\n", message, (int)len, text);
    }
    CHECK(parsed != NULL);
    CHECK(wbh_scenario_equal(scenario, parsed));
    char *again = wbh_scenario_print(parsed, &again_len);
    CHECK(again != NULL && again_len == len && memcmp(again, text, len) == 0);
    free(again);
    free(text);
    wbh_scenario_destroy(parsed);
}

static void check_bytes(const struct wbh_scenario *scenario) {
    size_t len;
    size_t again_len;
    uint8_t *bytes = wbh_scenario_encode(scenario, &len);
    CHECK(bytes != NULL);
    struct wbh_scenario *decoded = wbh_scenario_decode(bytes, len);
    CHECK(decoded != NULL);
    CHECK(wbh_scenario_equal(scenario, decoded));
    uint8_t *again = wbh_scenario_encode(decoded, &again_len);
    CHECK(again != NULL && again_len == len && memcmp(again, bytes, len) == 0);
    free(again);
    free(bytes);
    wbh_scenario_destroy(decoded);
}

static void check_scenario(const struct wbh_scenario *scenario) {
    check_text(scenario);
    check_bytes(scenario);
    struct wbh_scenario *copy = wbh_scenario_clone(scenario);
    CHECK(copy != NULL && wbh_scenario_equal(scenario, copy));
    wbh_scenario_destroy(copy);
}

static void try_text(const uint8_t *data, size_t size) {
    struct wbh_parse_error error;
    memset(&error, 0x5a, sizeof(error));
    struct wbh_scenario *scenario = wbh_scenario_parse((const char *)data, size, &error);
    if (scenario == NULL) {
        check_place(&error, (const char *)data, size);
        check_words(&error);
        check_format(&error);
        return;
    }
    check_scenario(scenario);
    wbh_scenario_destroy(scenario);
}

static void try_bytes(const uint8_t *data, size_t size) {
    static struct wbh_scenario *reused;
    struct wbh_scenario *scenario = wbh_scenario_decode(data, size);
    CHECK(scenario != NULL);
    check_scenario(scenario);
    if (reused == NULL) {
        reused = wbh_scenario_new();
    }
    CHECK(reused != NULL && wbh_scenario_decode_into(reused, data, size) == 0);
    CHECK(wbh_scenario_equal(scenario, reused));
    wbh_scenario_destroy(scenario);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size <= TEXT_LEN_MAX) {
        try_text(data, size);
        try_bytes(data, size);
    }
    return 0;
}
