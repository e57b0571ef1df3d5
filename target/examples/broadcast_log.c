/* See broadcast_log.h. */
#include "examples/broadcast_log.h"

#include <assert.h>
#include <string.h>

static size_t ring_offset(const struct wb__broadcast_log *log, uint64_t position) {
    return (size_t)(position & (log->capacity - 1));
}

static size_t len_min(uint64_t a, size_t b) {
    return a < b ? (size_t)a : b;
}

enum wb_status wb__broadcast_log_init(
    struct wb__broadcast_log *log, const struct wb_sys *sys, size_t capacity) {
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0);
    memset(log, 0, sizeof *log);
    log->ring = WB_SYS(sys, alloc, capacity);
    if (log->ring == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    log->capacity = capacity;
    return WB_OK;
}

void wb__broadcast_log_clean_up(struct wb__broadcast_log *log, const struct wb_sys *sys) {
    WB_SYS(sys, free, log->ring, log->capacity);
    memset(log, 0, sizeof *log);
}

size_t wb__broadcast_log_free(const struct wb__broadcast_log *log) {
    return log->capacity - (size_t)(log->head - log->tail);
}

uint8_t *wb__broadcast_log_space(struct wb__broadcast_log *log, size_t *out_len) {
    size_t offset = ring_offset(log, log->head);
    *out_len = len_min(wb__broadcast_log_free(log), log->capacity - offset);
    return *out_len > 0 ? log->ring + offset : NULL;
}

void wb__broadcast_log_commit(struct wb__broadcast_log *log, size_t len) {
    assert(len <= wb__broadcast_log_free(log));
    log->head += len;
}

void wb__broadcast_log_append(struct wb__broadcast_log *log, struct wb_bytes bytes) {
    assert(bytes.len <= wb__broadcast_log_free(log));
    while (bytes.len > 0) {
        size_t space_len;
        uint8_t *space = wb__broadcast_log_space(log, &space_len);
        size_t n = len_min(bytes.len, space_len);
        memcpy(space, bytes.ptr, n);
        wb__broadcast_log_commit(log, n);
        bytes = wb_bytes_slice(bytes, n, bytes.len);
    }
}

struct wb_bytes wb__broadcast_log_read(
    const struct wb__broadcast_log *log, uint64_t position, uint64_t end) {
    assert(log->tail <= position && position <= end && end <= log->head);
    size_t offset = ring_offset(log, position);
    return wb_bytes_from(log->ring + offset, len_min(end - position, log->capacity - offset));
}

void wb__broadcast_log_trim(struct wb__broadcast_log *log, uint64_t position) {
    assert(log->tail <= position && position <= log->head);
    log->tail = position;
}
