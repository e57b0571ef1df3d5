/* Moving and dropping values of a channel. */
#ifndef RUNTIME_SYNC_VALUE_H
#define RUNTIME_SYNC_VALUE_H

#include <stdint.h>
#include <string.h>

#include "wb/value.h"

/* The place of one of many values; NULL if they have no bytes. */
static inline void *wb__value_at(const struct wb_value_type *type, uint8_t *values, size_t index) {
    return type->size == 0 ? NULL : values + type->size * index;
}

/* Those of a word or half of one need no call. */
static inline void wb__value_move(const struct wb_value_type *type, void *to, const void *from) {
    if (type->size == 8) {
        memcpy(to, from, 8);
    } else if (type->size == 4) {
        memcpy(to, from, 4);
    } else if (type->size != 0) {
        memcpy(to, from, type->size);
    }
}

static inline void wb__value_drop(const struct wb_value_type *type, void *value) {
    if (type->drop != NULL) {
        type->drop(value, type->user_data);
    }
}

static inline WB_MUST_USE enum wb_status wb__value_copy(
    const struct wb_value_type *type, void *to, const void *from) {
    if (type->copy != NULL) {
        return type->copy(to, from, type->user_data);
    }
    wb__value_move(type, to, from);
    return WB_OK;
}

#endif
