/* See fields.h. */
#include "choices/fields.h"

#include "wb/sys.h"

/* Each time is twice as long as the one before. */
#define TIME_MIN_NS UINT64_C(2000)
enum { TIME_DOUBLINGS = 13 };

size_t fields_len(const struct field *fields, size_t field_count) {
    size_t len = 0;
    for (size_t i = 0; i < field_count; i++) {
        len += fields[i].len;
    }
    return len;
}

/* Subjects that count for themselves begin at other bytes. */
static size_t place_of(const struct wbh_choice_point *point, size_t len) {
    const size_t subject = (point->subject >> 16) * 5 + (point->subject & 0xff) * 3;
    return (point->ordinal - 1 + subject) % len;
}

static uint8_t byte_for(const struct fields_source *source, const struct wbh_choice_point *point) {
    const uint8_t *bytes = source->bytes;
    for (size_t i = 0; i < source->field_count; i++) {
        const struct field *field = &source->fields[i];
        if (field->point == point->point) {
            return point->ordinal > field->moments_max ? 0 : bytes[place_of(point, field->len)];
        }
        bytes += field->len;
    }
    return 0;
}

static uint32_t nth_bit(uint32_t bits, uint32_t n) {
    const uint32_t count = (uint32_t)__builtin_popcount(bits);
    for (n %= count; n != 0; n--) {
        bits &= bits - 1;
    }
    return (uint32_t)__builtin_ctz(bits);
}

static uint64_t error_of(const struct wbh_choice_point *point, uint32_t n) {
    const uint32_t errnos =
        point->errnos != 0 ? point->errnos : wbh_point_errnos((enum wbh_point)point->point);
    return errnos == 0 ? 0 : (uint64_t)wbh_errno_nth(nth_bit(errnos, n));
}

static uint64_t events_of(uint32_t n) {
    static const uint32_t events[] = {WB_EPOLLIN, WB_EPOLLOUT, WB_EPOLLIN | WB_EPOLLOUT};
    return events[n % 3];
}

/* The argument comes from the upper half of the byte. */
static struct wbh_choice choice_of(
    enum wbh_action action, const struct wbh_choice_point *point, uint32_t n) {
    struct wbh_choice choice = {.action = (uint8_t)action};
    switch (wbh_action_argument(action)) {
    case WBH_ARGUMENT_NONE:
        break;
    case WBH_ARGUMENT_COUNT:
        choice.value = point->size < 2 ? 0 : 1 + n % (point->size - 1);
        choice.action = point->size < 2 ? WBH_ACTION_PASS : choice.action;
        break;
    case WBH_ARGUMENT_TIME:
        choice.value = TIME_MIN_NS << n % TIME_DOUBLINGS;
        break;
    case WBH_ARGUMENT_ERRNO:
        choice.value = error_of(point, n);
        break;
    case WBH_ARGUMENT_EVENTS:
        choice.value = events_of(n);
        choice.pick = n / 3;
        break;
    }
    return choice;
}

static struct wbh_choice fields_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    const struct fields_source *source = (const struct fields_source *)self;
    const struct wbh_choice pass = {.action = WBH_ACTION_PASS};
    const uint8_t byte = byte_for(source, point);
    uint32_t offered = point->kernel | point->contract;
    if ((source->failing >> point->point & 1u) != 0) {
        offered |= point->failing;
    }
    if (byte == 0 || offered == 0) {
        return pass;
    }
    return choice_of((enum wbh_action)nth_bit(offered, byte - 1u), point, byte / 16u);
}

void fields_source_init(struct fields_source *source, const struct field *fields,
    size_t field_count, const uint8_t *bytes, uint32_t failing) {
    static const struct wbh_choice_source_ops ops = {.choose = fields_choose};
    *source = (struct fields_source){.base = {&ops},
        .fields = fields,
        .field_count = field_count,
        .bytes = bytes,
        .failing = failing};
}
