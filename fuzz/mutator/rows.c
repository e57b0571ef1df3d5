/* Mutations of an input that is a head and rows of one size (rows.h): whole rows come, go and
 * change places, so that all others keep their meaning. */
#include "mutator/rows.h"

#include <stdbool.h>
#include <string.h>

#include "mutator/dice.h"
#include "mutator/records.h"

enum { RUN_MAX = 6, ROW_BYTES_MAX = 16 };

struct rows {
    uint8_t *bytes; /* the first row */
    size_t count;
    size_t count_max;
};

static uint8_t *row_at(const struct rows *rows, size_t number) {
    return rows->bytes + number * rows_format.row;
}

/* Numbers are small more often than not: there are few of anything. */
static uint8_t any_byte(struct dice *dice) {
    const uint32_t sides = roll(dice, 3) == 0 ? 256 : 8;
    return (uint8_t)roll(dice, sides);
}

static void make_row(uint8_t *row, struct dice *dice) {
    row[0] = (uint8_t)roll(dice, rows_format.kinds);
    for (size_t i = 1; i < rows_format.row; i++) {
        row[i] = any_byte(dice);
    }
}

/* Room for `count` rows, whose content is open. */
static bool make_room(struct rows *rows, size_t at, size_t count) {
    if (rows->count + count > rows->count_max) {
        return false;
    }
    memmove(row_at(rows, at + count), row_at(rows, at), (rows->count - at) * rows_format.row);
    rows->count += count;
    return true;
}

static bool insert_fresh(struct rows *rows, struct dice *dice) {
    const size_t at = roll(dice, (uint32_t)rows->count + 1);
    const size_t count = 1 + roll(dice, RUN_MAX) / 2;
    if (!make_room(rows, at, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        make_row(row_at(rows, at + i), dice);
    }
    return true;
}

static bool remove_run(struct rows *rows, struct dice *dice) {
    if (rows->count < 2) {
        return false;
    }
    const size_t at = roll(dice, (uint32_t)rows->count);
    const size_t wanted = 1 + roll(dice, RUN_MAX);
    const size_t count = wanted < rows->count - at ? wanted : rows->count - at;
    memmove(
        row_at(rows, at), row_at(rows, at + count), (rows->count - at - count) * rows_format.row);
    rows->count -= count;
    return true;
}

static bool repeat_row(struct rows *rows, struct dice *dice) {
    uint8_t copy[ROW_BYTES_MAX];
    if (rows->count == 0) {
        return false;
    }
    memcpy(copy, row_at(rows, roll(dice, (uint32_t)rows->count)), rows_format.row);
    const size_t at = roll(dice, (uint32_t)rows->count + 1);
    if (!make_room(rows, at, 1)) {
        return false;
    }
    memcpy(row_at(rows, at), copy, rows_format.row);
    return true;
}

static bool exchange(struct rows *rows, struct dice *dice) {
    uint8_t copy[ROW_BYTES_MAX];
    if (rows->count < 2) {
        return false;
    }
    uint8_t *a = row_at(rows, roll(dice, (uint32_t)rows->count));
    uint8_t *b = row_at(rows, roll(dice, (uint32_t)rows->count));
    memcpy(copy, a, rows_format.row);
    memcpy(a, b, rows_format.row);
    memcpy(b, copy, rows_format.row);
    return a != b;
}

static bool change_byte(struct rows *rows, struct dice *dice) {
    if (rows->count == 0) {
        return false;
    }
    uint8_t *row = row_at(rows, roll(dice, (uint32_t)rows->count));
    const size_t at = roll(dice, (uint32_t)rows_format.row);
    row[at] = at == 0 ? (uint8_t)roll(dice, rows_format.kinds) : any_byte(dice);
    return true;
}

static bool mutate_once(struct rows *rows, struct dice *dice) {
    switch (roll(dice, 8)) {
    case 0:
    case 1:
    case 2:
        return insert_fresh(rows, dice);
    case 3:
        return remove_run(rows, dice);
    case 4:
        return repeat_row(rows, dice);
    case 5:
        return exchange(rows, dice);
    default:
        return change_byte(rows, dice);
    }
}

static size_t count_max_of(size_t capacity) {
    const size_t count = (capacity - rows_format.head) / rows_format.row;
    return count < rows_format.rows_max ? count : rows_format.rows_max;
}

size_t records_mutate(uint8_t *bytes, size_t len, size_t capacity, unsigned seed,
    records_mutate_bytes_fn mutate_bytes) {
    struct dice dice = {seed};
    if (capacity < rows_format.head + rows_format.row || (roll(&dice, 8) == 0 && len != 0)) {
        return mutate_bytes(bytes, len, capacity);
    }
    for (; len < rows_format.head; len++) {
        bytes[len] = (uint8_t)roll(&dice, 256);
    }
    struct rows rows = {bytes + rows_format.head, (len - rows_format.head) / rows_format.row,
        count_max_of(capacity)};
    rows.count = rows.count < rows.count_max ? rows.count : rows.count_max;
    const unsigned wanted = 1 + roll(&dice, 3);
    for (unsigned done = 0, tries = 0; done < wanted && tries < 16; tries++) {
        done += mutate_once(&rows, &dice);
    }
    return rows_format.head + rows.count * rows_format.row;
}

/* The beginning of one, and the end of the other. */
size_t records_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
    size_t capacity, unsigned seed) {
    struct dice dice = {seed};
    const size_t head = rows_format.head;
    const size_t row = rows_format.row;
    if (a_len < head || b_len < head || capacity < head + row) {
        const size_t len = a_len < capacity ? a_len : capacity;
        memcpy(out, a, len);
        return len;
    }
    const size_t count_max = count_max_of(capacity);
    const size_t b_count = (b_len - head) / row;
    const size_t from = roll(&dice, (uint32_t)b_count + 1);
    size_t count = roll(&dice, (uint32_t)((a_len - head) / row) + 1);
    count = count < count_max ? count : count_max;
    size_t more = b_count - from;
    more = more < count_max - count ? more : count_max - count;
    memcpy(out, a, head + count * row);
    memcpy(out + head + count * row, b + head + from * row, more * row);
    return head + (count + more) * row;
}
