/* See directory_page.h. */
#include "examples/directory_page.h"

#include <stdlib.h>
#include <string.h>

/* ---- escaping ---- */

static enum wb_status append(struct wb_bytes_mut *page, const char *text) {
    return wb_bytes_mut_extend(page, wb_bytes_from_string(text));
}

static bool is_unreserved(uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~/", byte) != NULL);
}

enum wb_status wb__append_escaped_path(struct wb_bytes_mut *page, struct wb_bytes path) {
    static const char digits[] = "0123456789ABCDEF";
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < path.len && status == WB_OK; i++) {
        const uint8_t byte = path.ptr[i];
        const char escaped[] = {'%', digits[byte >> 4], digits[byte & 15]};
        status = is_unreserved(byte) ? wb_bytes_mut_extend(page, wb_bytes_from(&byte, 1))
                                     : wb_bytes_mut_extend(page, wb_bytes_from(escaped, 3));
    }
    return status;
}

static const char *entity_of(uint8_t byte) {
    switch (byte) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static enum wb_status append_text(struct wb_bytes_mut *page, struct wb_bytes text) {
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < text.len && status == WB_OK; i++) {
        const char *entity = entity_of(text.ptr[i]);
        status = entity != NULL ? append(page, entity)
                                : wb_bytes_mut_extend(page, wb_bytes_from(text.ptr + i, 1));
    }
    return status;
}

/* ---- the page ---- */

static int compare(const void *a, const void *b) {
    const struct wb_dirent *one = a;
    const struct wb_dirent *other = b;
    return strcmp(one->name, other->name);
}

/* Relative to the page, and not taken for a scheme if there is a colon in it. */
static enum wb_status append_row(struct wb_bytes_mut *page, const struct wb_dirent *entry) {
    const struct wb_bytes name = wb_bytes_from_string(entry->name);
    const char *slash = entry->kind == WB_DT_DIR ? "/" : "";
    enum wb_status status = append(page, "<li><a href=\"./");
    status = status != WB_OK ? status : wb__append_escaped_path(page, name);
    status = status != WB_OK ? status : append(page, slash);
    status = status != WB_OK ? status : append(page, "\">");
    status = status != WB_OK ? status : append_text(page, name);
    status = status != WB_OK ? status : append(page, slash);
    return status != WB_OK ? status : append(page, "</a></li>\n");
}

static enum wb_status append_head(struct wb_bytes_mut *page, struct wb_bytes path) {
    enum wb_status status =
        append(page, "<!DOCTYPE html>\n<html>\n<head><meta charset=\"utf-8\"><title>");
    status = status != WB_OK ? status : append_text(page, path);
    status = status != WB_OK ? status : append(page, "</title></head>\n<body>\n<h1>");
    status = status != WB_OK ? status : append_text(page, path);
    status = status != WB_OK ? status : append(page, "</h1>\n<ul>\n");
    if (status != WB_OK || path.len <= 1) {
        return status;
    }
    return append(page, "<li><a href=\"../\">../</a></li>\n");
}

enum wb_status wb__directory_page_write(
    struct wb_bytes_mut *page, struct wb_bytes path, struct wb_dir_entries *entries) {
    if (entries->count != 0) {
        qsort(entries->items, entries->count, sizeof *entries->items, compare);
    }
    enum wb_status status = append_head(page, path);
    for (size_t i = 0; i < entries->count && status == WB_OK; i++) {
        status = append_row(page, &entries->items[i]);
    }
    return status != WB_OK ? status : append(page, "</ul>\n</body>\n</html>\n");
}
