/* Files of a scenario: from text, from bytes and back. */
#include "scenario/files.h"

#include "scenario/storage.h"
#include "scenario/words.h"

#include "wb/sys.h"

#include <stdlib.h>
#include <string.h>

/* ---- what can be */

static bool is_part(const char *part, size_t len) {
    bool is_dots = (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.');
    return len != 0 && len <= WB_NAME_MAX && !is_dots;
}

static bool is_path(const char *path, size_t len, const char *other) {
    return strlen(other) == len && memcmp(path, other, len) == 0;
}

/* What each host begins with: see sim_file_put(). */
static bool is_directory(const char *path, size_t len) {
    return is_path(path, len, "/run") || is_path(path, len, "/srv") || is_path(path, len, "/tmp");
}

bool wbh__is_file_path(const char *path, size_t len) {
    if (len < 2 || len > WBH_PATH_MAX || path[0] != '/' || memchr(path, '\0', len) != NULL) {
        return false;
    }
    size_t begin = 1;
    for (size_t end = 1; end <= len; end++) {
        if (end < len && path[end] != '/') {
            continue;
        }
        if (!is_part(path + begin, end - begin)) {
            return false;
        }
        begin = end + 1;
    }
    return !is_directory(path, len);
}

/* Whether `shorter` is `longer`, or a directory that it lies in. */
static bool leads_to(
    const uint8_t *shorter, size_t shorter_len, const uint8_t *longer, size_t len) {
    return shorter_len <= len && memcmp(shorter, longer, shorter_len) == 0
           && (shorter_len == len || longer[shorter_len] == '/');
}

bool wbh__files_clash(const struct wbh_scenario *scenario, const struct wbh_placed_file *a,
    const struct wbh_placed_file *b) {
    const uint8_t *a_path = scenario->data + a->path_offset;
    const uint8_t *b_path = scenario->data + b->path_offset;
    return a->host == b->host && a->is_expected == b->is_expected
           && (leads_to(a_path, a->path_len, b_path, b->path_len)
               || leads_to(b_path, b->path_len, a_path, a->path_len));
}

/* ---- from text */

static int parse_path(struct wbh__parser *parser, struct wbh_placed_file *file) {
    uint8_t path[WBH_PATH_MAX];
    size_t len;
    struct wbh__span string = wbh__lexer_peek(&parser->lexer);
    static const char expected[] = "the path of a file in quotes, as in \"/srv/index.html\"";
    if (wbh__lexer_string(&parser->lexer, path, sizeof path, expected, &len) != 0) {
        return -1;
    }
    string = wbh__taken(parser, string);
    if (!wbh__is_file_path((const char *)path, len)) {
        return wbh__fail(&parser->lexer, string, expected,
            "it begins with / and has no empty part, no . and no ..; /run, /srv and /tmp are "
            "directories");
    }
    file->path_offset = parser->scenario->data_len;
    file->path_len = (uint32_t)len;
    return wbh__add_data(parser->scenario, path, len) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

static int parse_contents(struct wbh__parser *parser, struct wbh_placed_file *file) {
    if (!wbh__is_contents(parser)) {
        return wbh__fail(&parser->lexer, wbh__lexer_peek(&parser->lexer),
            "contents: bytes in quotes, as in \"hello\\n\", or from \"LOCAL FILE\"", NULL);
    }
    struct wbh_step step = {0};
    if (wbh__parse_contents(parser, &step, false) != 0) {
        return -1;
    }
    file->data_offset = step.data_offset;
    file->data_len = step.data_len;
    file->repeat = step.repeat;
    return 0;
}

static int parse_any(struct wbh__parser *parser, struct wbh__span keyword, bool is_expected) {
    struct wbh_scenario *scenario = parser->scenario;
    struct wbh_placed_file file = {.line = keyword.line, .is_expected = is_expected};
    if (scenario->file_count == WBH_FILES_MAX) {
        return wbh__fail(&parser->lexer, keyword, "at most 64 files", NULL);
    }
    struct wbh__span path = wbh__lexer_peek(&parser->lexer);
    struct wbh__reference reference = {.kind = WBH__REFERENCE_FILE, .item = scenario->file_count};
    if (parse_path(parser, &file) != 0) {
        return -1;
    }
    reference.name = wbh__taken(parser, path);
    if (wbh__add_reference(parser, reference) != 0
        || wbh__parse_on_host(parser, WBH__REFERENCE_HOST_OF_FILE, scenario->file_count) != 0
        || parse_contents(parser, &file) != 0) {
        return -1;
    }
    return wbh__add_file(scenario, &file) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

int wbh__parse_file(struct wbh__parser *parser, struct wbh__span keyword) {
    return parse_any(parser, keyword, false);
}

static const char *file_word(unsigned n) {
    return n == 0 ? "file" : NULL;
}

int wbh__parse_expected_file(struct wbh__parser *parser, struct wbh__span keyword) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    if (!wbh__span_is(word, "file")) {
        return wbh__fail_word(&parser->lexer, word,
            "what is to be when the run has ended: expect file \"/tmp/out\" \"done\\n\"",
            file_word);
    }
    return parse_any(parser, keyword, true);
}

static int check_file(struct wbh__parser *parser, const struct wbh__reference *reference) {
    const struct wbh_placed_file *files = parser->scenario->files;
    for (uint32_t i = 0; i < reference->item; i++) {
        if (wbh__files_clash(parser->scenario, &files[i], &files[reference->item])) {
            return wbh__fail(&parser->lexer, reference->name, "a path of its own",
                "line %u has a file there, or a directory", (unsigned)files[i].line);
        }
    }
    return 0;
}

int wbh__check_files(struct wbh__parser *parser) {
    const struct wbh__reference *references = parser->references.items;
    for (uint32_t i = 0; i < parser->reference_count; i++) {
        if (references[i].kind == WBH__REFERENCE_FILE && check_file(parser, &references[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- bytes */

static const struct wbh__table paths =
    WBH__TABLE("/srv/index.html", "/srv/a.txt", "/etc/server.pem", "/etc/server.key", "/tmp/out");

int wbh__decode_file(struct wbh_scenario *scenario, struct wbh__reader *reader) {
    char path[WBH_TEXT_MAX + 1];
    struct wbh_placed_file file = {.is_expected = (uint32_t)wbh__reader_number(reader, 1) % 2};
    file.host = (uint32_t)wbh__reader_number(reader, 1);
    size_t len = wbh__read_word(reader, &paths, path);
    if (scenario->file_count == WBH_FILES_MAX || !wbh__is_file_path(path, len)) {
        return 0;
    }
    file.path_offset = scenario->data_len;
    file.path_len = (uint32_t)len;
    if (wbh__add_data(scenario, path, len) != 0) {
        return -1;
    }
    struct wbh_step step = {0};
    if (wbh__decode_literal(scenario, reader, &step) != 0) {
        return -1;
    }
    file.data_offset = step.data_offset;
    file.data_len = step.data_len;
    file.repeat = step.repeat;
    return file.repeat > 0 ? wbh__add_file(scenario, &file) : 0;
}

/* Of two that cannot be beside each other the first stays. */
void wbh__fit_files(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        struct wbh_placed_file *file = wbh__file_at(scenario, i);
        bool clashes = false;
        file->host %= scenario->host_count + 1;
        for (uint32_t k = 0; k < kept && !clashes; k++) {
            clashes = wbh__files_clash(scenario, wbh__file_at(scenario, k), file);
        }
        if (!clashes) {
            *wbh__file_at(scenario, kept++) = *file;
        }
    }
    scenario->file_count = kept;
}

void wbh__encode_files(struct wbh__writer *writer, const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        const struct wbh_placed_file *file = &scenario->files[i];
        char path[WBH_PATH_MAX + 1];
        memcpy(path, scenario->data + file->path_offset, file->path_len);
        path[file->path_len] = '\0';
        wbh__writer_begin(writer, WBH__TAG_FILE);
        wbh__writer_number(writer, file->is_expected, 1);
        wbh__writer_number(writer, file->host, 1);
        wbh__write_word(writer, &paths, path);
        wbh__writer_number(writer, file->repeat - 1, 2);
        wbh__writer_bytes(writer, scenario->data + file->data_offset, file->data_len);
    }
}
