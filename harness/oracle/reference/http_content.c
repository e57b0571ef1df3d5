/* Contents: chunks are cut one after the other, each with its line. */
#include <stdlib.h>
#include <string.h>

#include "wouldblock/http_reference.h"

enum { EXTENSIONS_LEN_MAX = 16384 };

/* What is being put together. */
struct content {
    char *bytes;
    size_t len;
    size_t capacity;
    size_t extensions_len;
};

static void add(struct content *content, const char *bytes, size_t len) {
    if (content->capacity - content->len < len + 1) {
        content->capacity = 2 * (content->len + len + 1);
        content->bytes = realloc(content->bytes, content->capacity);
        if (content->bytes == NULL) {
            abort(); /* no judgement could be honest */
        }
    }
    if (len != 0) {
        memcpy(content->bytes + content->len, bytes, len);
    }
    content->len += len;
}

static int hex(char byte) {
    static const char set[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = byte != '\0' ? strchr(set, byte) : NULL;
    return at != NULL ? (int)(at - set) % 16 : -1;
}

/* The line with the size, at the front: digits, blanks, an extension, CR LF. Every byte is looked
 * at in its turn, so that what is wrong is found even where the line is not whole. */
static enum wbh_http_outcome cut_size(
    struct content *content, const char *bytes, size_t len, uint64_t *out_size, size_t *out_used) {
    uint64_t size = 0;
    size_t at = 0;
    while (at < len && hex(bytes[at]) >= 0) {
        if (size > (uint64_t)INT64_MAX / 16) {
            return WBH_HTTP_BAD;
        }
        content->extensions_len += at != 0 && size == 0;
        size = size * 16 + (uint64_t)hex(bytes[at]);
        at++;
        if (content->extensions_len > EXTENSIONS_LEN_MAX) {
            return WBH_HTTP_BAD;
        }
    }
    if (at == len) {
        return WBH_HTTP_PART;
    }
    if (at == 0) {
        return WBH_HTTP_BAD;
    }
    bool blank_before = false;
    while (at < len && (bytes[at] == ' ' || bytes[at] == '\t')) {
        content->extensions_len += blank_before;
        blank_before = true;
        at++;
        if (content->extensions_len > EXTENSIONS_LEN_MAX) {
            return WBH_HTTP_BAD;
        }
    }
    if (at == len) {
        return WBH_HTTP_PART;
    }
    if (bytes[at] == ';' || bytes[at] == '\r') {
        content->extensions_len += blank_before;
    }
    if (bytes[at] == ';') {
        at++;
        while (at < len && bytes[at] != '\r') {
            unsigned char byte = (unsigned char)bytes[at];
            if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
                return WBH_HTTP_BAD;
            }
            content->extensions_len++;
            at++;
            if (content->extensions_len > EXTENSIONS_LEN_MAX) {
                return WBH_HTTP_BAD;
            }
        }
    }
    if (content->extensions_len > EXTENSIONS_LEN_MAX) {
        return WBH_HTTP_BAD;
    }
    if (at == len) {
        return WBH_HTTP_PART;
    }
    if (bytes[at] != '\r') {
        return WBH_HTTP_BAD;
    }
    if (at + 1 == len) {
        return WBH_HTTP_PART;
    }
    *out_size = size;
    *out_used = at + 2;
    return bytes[at + 1] == '\n' ? WBH_HTTP_WHOLE : WBH_HTTP_BAD;
}

static enum wbh_http_outcome read_chunks(
    struct content *content, const char *bytes, size_t len, size_t *out_used) {
    size_t at = 0;
    for (;;) {
        uint64_t size;
        size_t used;
        enum wbh_http_outcome outcome = cut_size(content, bytes + at, len - at, &size, &used);
        if (outcome != WBH_HTTP_WHOLE) {
            return outcome;
        }
        at += used;
        if (size == 0) {
            *out_used = at;
            return WBH_HTTP_WHOLE;
        }
        if (len - at < size) {
            return WBH_HTTP_PART;
        }
        add(content, bytes + at, (size_t)size);
        at += (size_t)size;
        size_t end_len = len - at < 2 ? len - at : 2;
        if (memcmp(bytes + at, "\r\n", end_len) != 0) {
            return WBH_HTTP_BAD;
        }
        if (end_len < 2) {
            return WBH_HTTP_PART;
        }
        at += 2;
    }
}

static enum wbh_http_outcome read_any(const struct wbh_http_head *head, const char *bytes,
    size_t len, bool ended, struct content *content, size_t *out_used) {
    switch (head->content) {
    case WBH_HTTP_OF_LENGTH:
        if (len < head->content_len) {
            return WBH_HTTP_PART;
        }
        *out_used = (size_t)head->content_len;
        add(content, bytes, *out_used);
        return WBH_HTTP_WHOLE;
    case WBH_HTTP_CHUNKED:
        return read_chunks(content, bytes, len, out_used);
    case WBH_HTTP_UNTIL_CLOSE:
        *out_used = len;
        add(content, bytes, len);
        return ended ? WBH_HTTP_WHOLE : WBH_HTTP_PART;
    case WBH_HTTP_NO_CONTENT:
    case WBH_HTTP_TUNNEL:
        break;
    }
    *out_used = 0;
    return WBH_HTTP_WHOLE;
}

enum wbh_http_outcome wbh_http_read_content(const struct wbh_http_head *head, const char *bytes,
    size_t len, bool ended, char **out_content, size_t *out_content_len, size_t *out_used) {
    struct content content = {.bytes = NULL};
    *out_used = 0;
    enum wbh_http_outcome outcome = read_any(head, bytes, len, ended, &content, out_used);
    if (outcome != WBH_HTTP_WHOLE) {
        free(content.bytes);
        content = (struct content){.bytes = NULL};
    }
    *out_content = content.bytes;
    *out_content_len = content.len;
    return outcome;
}

size_t wbh_http_chunks_so_far(
    const char *bytes, size_t len, char *out, size_t *out_used, bool *out_is_whole) {
    struct content none = {.bytes = NULL}; /* counts extensions only */
    size_t out_len = 0;
    size_t at = 0;
    uint64_t size;
    size_t used;
    *out_is_whole = false;
    while (cut_size(&none, bytes + at, len - at, &size, &used) == WBH_HTTP_WHOLE) {
        at += used;
        if (size == 0) {
            *out_is_whole = true;
            break;
        }
        size_t part_len = len - at < size ? len - at : (size_t)size;
        memcpy(out + out_len, bytes + at, part_len);
        out_len += part_len;
        at += part_len;
        size_t end_len = len - at < 2 ? len - at : 2;
        if (part_len < size || memcmp(bytes + at, "\r\n", end_len) != 0) {
            break;
        }
        at += end_len;
    }
    *out_used = at;
    return out_len;
}
