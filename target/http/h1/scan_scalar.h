/* Runs of bytes of a class, one byte at a time. Each returns where the run ends. */
#ifndef HTTP_H1_SCAN_SCALAR_H
#define HTTP_H1_SCAN_SCALAR_H

#include "http/message/classes.h"

static inline const uint8_t *one_by_one(
    const uint8_t *at, const uint8_t *end, unsigned class_bits) {
    while (at < end && wb__is_class(*at, class_bits)) {
        at++;
    }
    return at;
}

#endif
