/* Sequences as text: printer and parser. */
#include "fidelity/text.h"

#include <string.h>

void fid_op_format(const struct fid_op *op, char line[FID_LINE_MAX]) {
    const struct fid_op_info *info = fid_op_info((enum fid_code)op->code);
    size_t len = (size_t)snprintf(line, FID_LINE_MAX, "%s", info->name);
    for (unsigned i = 0; i < FID_ARGS_MAX && info->arg[i] != FID_ARG_NONE; i++) {
        len += (size_t)snprintf(line + len, FID_LINE_MAX - len, " %s",
            fid_arg_name((enum fid_arg)info->arg[i], op->arg[i]));
    }
}

void fid_ops_print(const struct fid_ops *ops, FILE *out) {
    for (uint32_t i = 0; i < ops->count; i++) {
        char line[FID_LINE_MAX];
        fid_op_format(&ops->op[i], line);
        fprintf(out, "%s\n", line);
    }
}

/* A line that is being taken apart. */
struct line {
    const char *at;
    const char *end;
    unsigned number;
    char *error;
    size_t error_len;
};

static int complain(const struct line *line, const char *expected, const char *word, unsigned len) {
    if (len == 0) {
        snprintf(line->error, line->error_len, "%u: expected %s, found the end of the line",
            line->number, expected);
    } else {
        snprintf(line->error, line->error_len, "%u: expected %s, found '%.*s'", line->number,
            expected, len > 40 ? 40 : (int)len, word);
    }
    return -1;
}

/* The next word; its length is 0 at the end of the line. */
static const char *next_word(struct line *line, unsigned *out_len) {
    while (line->at < line->end && strchr(" \t\r", *line->at) != NULL) {
        line->at++;
    }
    const char *word = line->at;
    while (line->at < line->end && strchr(" \t\r", *line->at) == NULL) {
        line->at++;
    }
    *out_len = (unsigned)(line->at - word);
    return word;
}

static int parse_args(struct line *line, struct fid_op *op) {
    const struct fid_op_info *info = fid_op_info((enum fid_code)op->code);
    unsigned len;
    for (unsigned i = 0; i < FID_ARGS_MAX && info->arg[i] != FID_ARG_NONE; i++) {
        enum fid_arg arg = (enum fid_arg)info->arg[i];
        const char *word = next_word(line, &len);
        int index = len == 0 ? -1 : fid_arg_from_name(arg, word, len);
        if (index < 0) {
            return complain(line, fid_arg_what(arg), word, len);
        }
        op->arg[i] = (uint8_t)index;
    }
    const char *rest = next_word(line, &len);
    return len == 0 ? 0 : complain(line, "the end of the line", rest, len);
}

static int parse_line(struct line *line, struct fid_ops *ops) {
    unsigned len;
    const char *word = next_word(line, &len);
    if (len == 0) {
        return 0;
    }
    int code = fid_op_from_name(word, len);
    if (code < 0) {
        return complain(line, "an operation", word, len);
    }
    if (ops->count == FID_STEPS_MAX) {
        snprintf(line->error, line->error_len, "%u: expected at most %d operations, found more",
            line->number, FID_STEPS_MAX);
        return -1;
    }
    struct fid_op *op = &ops->op[ops->count++];
    memset(op, 0, sizeof(*op));
    op->code = (uint8_t)code;
    return parse_args(line, op);
}

int fid_ops_parse(
    struct fid_ops *out_ops, const char *text, size_t len, char *error, size_t error_len) {
    struct line line = {.number = 0, .error = error, .error_len = error_len};
    const char *end = text + len;
    out_ops->count = 0;
    while (text < end) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        const char *next = feed == NULL ? end : feed + 1;
        const char *stop = feed == NULL ? end : feed;
        const char *comment = memchr(text, '#', (size_t)(stop - text));
        line.number++;
        line.at = text;
        line.end = comment == NULL ? stop : comment;
        if (parse_line(&line, out_ops) != 0) {
            return -1;
        }
        text = next;
    }
    return 0;
}
