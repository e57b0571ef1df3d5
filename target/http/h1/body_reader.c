/* Content from bytes. Data is taken in one piece. What stands between the data of chunks is taken a
 * line at a time if it is as nearly always, and else byte by byte. */
#include "wb/h1_body.h"

#include <assert.h>
#include <string.h>

#include "http/message/classes.h"

static const char *const error_texts[] = {
#define ERROR_TEXT(name, text) [name] = text,
    WB_H1_BODY_ERROR_TABLE(ERROR_TEXT)
#undef ERROR_TEXT
};

const char *wb_h1_body_error_text(enum wb_h1_body_error error) {
    return (unsigned)error < WB_H1_BODY_ERROR_COUNT ? error_texts[error] : "unknown";
}

/* Where in the content the reader stands. */
enum stage {
    STAGE_DATA, /* of a length, of a chunk, or until close */
    STAGE_SIZE,
    STAGE_BLANK, /* behind a size: blanks before an extension, or before the line's end */
    STAGE_EXTENSION,
    STAGE_SIZE_LF,
    STAGE_DATA_CR,
    STAGE_DATA_LF,
    STAGE_END,
};

void wb_h1_body_reader_init(
    struct wb_h1_body_reader *reader, enum wb_h1_body body, uint64_t content_length) {
    *reader = (struct wb_h1_body_reader){.body = body};
    switch (body) {
    case WB_H1_BODY_NONE:
    case WB_H1_BODY_TUNNEL:
        reader->stage = STAGE_END;
        break;
    case WB_H1_BODY_LENGTH:
        reader->left = content_length;
        reader->stage = content_length != 0 ? STAGE_DATA : STAGE_END;
        break;
    case WB_H1_BODY_UNTIL_CLOSE:
        reader->left = UINT64_MAX;
        reader->stage = STAGE_DATA;
        break;
    case WB_H1_BODY_CHUNKED:
        reader->stage = STAGE_SIZE;
        break;
    }
}

static enum wb_status fail(struct wb_h1_body_reader *reader, enum wb_h1_body_error error) {
    reader->error = error;
    return WB_ERR_PARSE;
}

/* ---- the line with a chunk's size ---- */

/* Zeros in front are bounded with the extensions. */
static enum wb_status see_digit(struct wb_h1_body_reader *reader, unsigned digit) {
    if (reader->left > (uint64_t)INT64_MAX >> 4) {
        return fail(reader, WB_H1_BODY_ERROR_SIZE_TOO_BIG);
    }
    bool is_idle = reader->size_has_digits && reader->left == 0;
    if (is_idle && ++reader->extensions_len > WB_H1_EXTENSIONS_LEN_MAX) {
        return fail(reader, WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG);
    }
    reader->left = reader->left << 4 | digit;
    reader->size_has_digits = true;
    return WB_OK;
}

static enum wb_status see_size(struct wb_h1_body_reader *reader, uint8_t byte) {
    int digit = wb__hex_value(byte);
    if (digit >= 0) {
        return see_digit(reader, (unsigned)digit);
    }
    if (!reader->size_has_digits) {
        return fail(reader, WB_H1_BODY_ERROR_SIZE);
    }
    if (byte == '\r') {
        reader->stage = STAGE_SIZE_LF;
    } else if (byte == ';') {
        reader->stage = STAGE_EXTENSION;
    } else if (byte == ' ' || byte == '\t') {
        reader->stage = STAGE_BLANK;
    } else {
        return fail(reader, byte == '\n' ? WB_H1_BODY_ERROR_LINE_END : WB_H1_BODY_ERROR_SIZE);
    }
    return WB_OK;
}

static enum wb_status count_extension(struct wb_h1_body_reader *reader) {
    return ++reader->extensions_len > WB_H1_EXTENSIONS_LEN_MAX
               ? fail(reader, WB_H1_BODY_ERROR_EXTENSIONS_TOO_LONG)
               : WB_OK;
}

static enum wb_status see_blank(struct wb_h1_body_reader *reader, uint8_t byte) {
    if (byte == '\r') {
        reader->stage = STAGE_SIZE_LF;
    } else if (byte == ';') {
        reader->stage = STAGE_EXTENSION;
    } else if (byte != ' ' && byte != '\t') {
        return fail(reader, byte == '\n' ? WB_H1_BODY_ERROR_LINE_END : WB_H1_BODY_ERROR_SIZE);
    }
    return count_extension(reader);
}

static enum wb_status see_extension(struct wb_h1_body_reader *reader, uint8_t byte) {
    if (byte == '\r') {
        reader->stage = STAGE_SIZE_LF;
        return WB_OK;
    }
    if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
        return fail(reader, byte == '\n' ? WB_H1_BODY_ERROR_LINE_END : WB_H1_BODY_ERROR_EXTENSION);
    }
    return count_extension(reader);
}

/* A chunk of no bytes is the last; trailers follow it. */
static enum wb_status see_size_lf(struct wb_h1_body_reader *reader, uint8_t byte) {
    if (byte != '\n') {
        return fail(reader, WB_H1_BODY_ERROR_LINE_END);
    }
    reader->stage = reader->left != 0 ? STAGE_DATA : STAGE_END;
    return WB_OK;
}

/* ---- the line's end behind a chunk's data ---- */

static enum wb_status see_data_end(struct wb_h1_body_reader *reader, uint8_t byte) {
    bool wants_cr = reader->stage == STAGE_DATA_CR;
    if (byte != (wants_cr ? '\r' : '\n')) {
        return fail(reader, WB_H1_BODY_ERROR_LINE_END);
    }
    reader->stage = wants_cr ? STAGE_DATA_LF : STAGE_SIZE;
    reader->size_has_digits = false;
    return WB_OK;
}

static enum wb_status see(struct wb_h1_body_reader *reader, uint8_t byte) {
    switch ((enum stage)reader->stage) {
    case STAGE_SIZE:
        return see_size(reader, byte);
    case STAGE_BLANK:
        return see_blank(reader, byte);
    case STAGE_EXTENSION:
        return see_extension(reader, byte);
    case STAGE_SIZE_LF:
        return see_size_lf(reader, byte);
    case STAGE_DATA_CR:
    case STAGE_DATA_LF:
        return see_data_end(reader, byte);
    case STAGE_DATA:
    case STAGE_END:
        break;
    }
    assert(!"bytes that are looked at one by one");
    return WB_ERR_PARSE;
}

/* ---- lines as nearly all are ---- */

static bool is_line_end(struct wb_bytes input, size_t at) {
    return input.len - at >= 2 && memcmp(input.ptr + at, "\r\n", 2) == 0;
}

/* A size without zeros in front, so short that it cannot be too big, and the line's end right
 * behind it. The line's length; 0: it is another, or not all there. */
static size_t take_usual_size(struct wb_h1_body_reader *reader, struct wb_bytes input) {
    enum { DIGITS_MAX = 15 };
    uint64_t size = 0;
    size_t digits = 0;
    while (digits < input.len && digits < DIGITS_MAX) {
        const int digit = wb__hex_value(input.ptr[digits]);
        if (digit < 0) {
            break;
        }
        size = size << 4 | (unsigned)digit;
        digits++;
    }
    const bool has_zeros = digits > 1 && input.ptr[0] == '0';
    if (digits == 0 || has_zeros || !is_line_end(input, digits)) {
        return 0;
    }
    reader->left = size;
    reader->size_has_digits = true;
    reader->stage = size != 0 ? STAGE_DATA : STAGE_END;
    return digits + 2;
}

/* As see(), but for as many bytes as it returns; 0: they must be looked at one by one. */
static size_t take_usual_line(struct wb_h1_body_reader *reader, struct wb_bytes input) {
    if (reader->stage == STAGE_DATA_CR && is_line_end(input, 0)) {
        reader->stage = STAGE_SIZE;
        reader->size_has_digits = false;
        return 2;
    }
    return reader->stage == STAGE_SIZE && !reader->size_has_digits ? take_usual_size(reader, input)
                                                                   : 0;
}

/* ---- all of it ---- */

static void take_data(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data) {
    size_t len = in_out_input->len;
    len = len < reader->left ? len : (size_t)reader->left;
    *out_data = wb_bytes_from(in_out_input->ptr, len);
    *in_out_input = wb_bytes_from(in_out_input->ptr + len, in_out_input->len - len);
    if (reader->body == WB_H1_BODY_UNTIL_CLOSE) {
        return;
    }
    reader->left -= len;
    if (reader->left == 0) {
        reader->stage = reader->body == WB_H1_BODY_CHUNKED ? STAGE_DATA_CR : STAGE_END;
    }
}

enum wb_status wb_h1_body_read(
    struct wb_h1_body_reader *reader, struct wb_bytes *in_out_input, struct wb_bytes *out_data) {
    if (reader->error != WB_H1_BODY_ERROR_NONE) {
        return WB_ERR_PARSE;
    }
    while (reader->stage != STAGE_END) {
        if (in_out_input->len == 0) {
            return WB_WOULD_BLOCK;
        }
        if (reader->stage == STAGE_DATA) {
            take_data(reader, in_out_input, out_data);
            return WB_OK;
        }
        size_t len = take_usual_line(reader, *in_out_input);
        if (len == 0) {
            enum wb_status status = see(reader, *in_out_input->ptr);
            if (status != WB_OK) {
                return status;
            }
            len = 1;
        }
        *in_out_input = wb_bytes_from(in_out_input->ptr + len, in_out_input->len - len);
    }
    return WB_EOF;
}

enum wb_status wb_h1_body_end(struct wb_h1_body_reader *reader) {
    bool is_whole = reader->body == WB_H1_BODY_UNTIL_CLOSE || reader->stage == STAGE_END;
    return is_whole ? WB_EOF : WB_ERR_UNEXPECTED_EOF;
}

bool wb_h1_body_left(const struct wb_h1_body_reader *reader, uint64_t *out_left) {
    if (reader->stage == STAGE_END) {
        *out_left = 0;
        return true;
    }
    *out_left = reader->left;
    return reader->body == WB_H1_BODY_LENGTH;
}
