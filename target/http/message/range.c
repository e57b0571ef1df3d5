/* Parts of a content: which ones are asked for, and how one is named in the answer. */
#include "wb/http_range.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "wb/http.h"

/* ---- one range ---- */

/* Digits, at least one; a number too large for 64 bits is as good as the largest. Takes them off
 * *in_out_text; false: there are none. */
static bool take_number(struct wb_bytes *in_out_text, uint64_t *out_number) {
    size_t len = 0;
    uint64_t number = 0;
    for (; len < in_out_text->len; len++) {
        const uint8_t digit = (uint8_t)(in_out_text->ptr[len] - '0');
        if (digit > 9) {
            break;
        }
        number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
    }
    *in_out_text = wb_bytes_slice(*in_out_text, len, in_out_text->len);
    *out_number = number;
    return len != 0;
}

static bool take_hyphen(struct wb_bytes *in_out_text) {
    if (in_out_text->len == 0 || in_out_text->ptr[0] != '-') {
        return false;
    }
    *in_out_text = wb_bytes_slice(*in_out_text, 1, in_out_text->len);
    return true;
}

/* "-500": the last so many bytes, or all there are. */
static bool resolve_suffix(struct wb_bytes text, uint64_t len, struct wb_http_range *out_range) {
    uint64_t count = 0;
    if (!take_hyphen(&text) || !take_number(&text, &count) || text.len != 0) {
        return false;
    }
    out_range->len = count < len ? count : len;
    out_range->first = len - out_range->len;
    return true;
}

/* "0-499" or "500-": up to the end if that comes first. Empty: it begins behind the end. */
static bool resolve_positions(struct wb_bytes text, uint64_t len, struct wb_http_range *out_range) {
    uint64_t first = 0;
    uint64_t last = UINT64_MAX;
    if (!take_number(&text, &first) || !take_hyphen(&text)) {
        return false;
    }
    if (text.len != 0 && (!take_number(&text, &last) || text.len != 0 || last < first)) {
        return false;
    }
    const uint64_t end = last < len ? last + 1 : len;
    *out_range = (struct wb_http_range){.first = first, .len = first < len ? end - first : 0};
    return true;
}

/* False: malformed. */
static bool resolve(struct wb_bytes text, uint64_t len, struct wb_http_range *out_range) {
    return text.ptr[0] == '-' ? resolve_suffix(text, len, out_range)
                              : resolve_positions(text, len, out_range);
}

/* ---- all of them ---- */

static struct wb_http_ranges without_parts(enum wb_http_ranges_kind kind) {
    return (struct wb_http_ranges){.kind = kind};
}

static struct wb_http_ranges resolve_all(struct wb_bytes list, uint64_t len) {
    struct wb_http_ranges ranges = {.kind = WB_HTTP_RANGES_OUTSIDE};
    struct wb_bytes element;
    uint64_t left = len;
    size_t asked = 0;
    while (wb_http_next_element(&list, &element)) {
        struct wb_http_range range;
        if (element.len == 0) {
            continue; /* RFC 9110 section 5.6.1.2: no element */
        }
        if (asked++ == WB_HTTP_RANGES_MAX || !resolve(element, len, &range) || range.len > left) {
            return without_parts(WB_HTTP_RANGES_WHOLE);
        }
        if (range.len != 0) {
            left -= range.len;
            ranges.kind = WB_HTTP_RANGES_PARTS;
            ranges.items[ranges.count++] = range;
        }
    }
    return asked != 0 ? ranges : without_parts(WB_HTTP_RANGES_WHOLE);
}

struct wb_http_ranges wb_http_ranges_of(struct wb_http_fields fields, uint64_t len) {
    const size_t at = wb_http_fields_find_id(fields, WB_HTTP_FIELD_RANGE, 0);
    if (at == fields.count || len == 0
        || wb_http_fields_find_id(fields, WB_HTTP_FIELD_RANGE, at + 1) != fields.count) {
        return without_parts(WB_HTTP_RANGES_WHOLE);
    }
    const struct wb_bytes value = wb_http_fields_value(fields, at);
    const size_t unit_len = wb_bytes_find_byte(value, '=');
    if (unit_len == value.len
        || !wb_http_equal_nocase(
            wb_bytes_slice(value, 0, unit_len), wb_bytes_from_string("bytes"))) {
        return without_parts(WB_HTTP_RANGES_WHOLE);
    }
    return resolve_all(wb_bytes_slice(value, unit_len + 1, value.len), len);
}

/* ---- the answer ---- */

size_t wb_http_content_range_format(const struct wb_http_range *range, uint64_t len,
    char out_text[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1]) {
    const size_t capacity = WB_HTTP_CONTENT_RANGE_LEN_MAX + 1;
    int written = 0;
    if (range == NULL) {
        written = snprintf(out_text, capacity, "bytes */%" PRIu64, len);
    } else {
        assert(range->len != 0 && range->first < len && range->len <= len - range->first);
        written = snprintf(out_text, capacity, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
            range->first, range->first + range->len - 1, len);
    }
    assert(written > 0 && (size_t)written < capacity);
    return (size_t)written;
}
