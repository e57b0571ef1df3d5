/* A choice source that a fuzz input decides: each kind of choice has bytes of its own in it, and a
 * moment finds its byte by its key; so that to change one byte changes some moments of one kind,
 * and nothing else. */
#ifndef FUZZ_CHOICES_FIELDS_H
#define FUZZ_CHOICES_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "wouldblock/choice.h"

/* Bytes for the moments of one point; a byte of 0 is none. */
struct field {
    uint8_t point; /* enum wbh_point */
    uint8_t len;
    uint16_t moments_max; /* of one subject: none is decided after that many */
};

struct fields_source {
    struct wbh_choice_source base;
    const struct field *fields; /* borrowed; one after the other in `bytes` */
    size_t field_count;
    const uint8_t *bytes; /* borrowed */
    uint32_t failing;     /* points where what fails may be chosen, as bits */
};

/* So many bytes are needed. */
size_t fields_len(const struct field *fields, size_t field_count);

void fields_source_init(struct fields_source *source, const struct field *fields,
    size_t field_count, const uint8_t *bytes, uint32_t failing);

#endif
