/* Small streams: parts and chains of readers, and ends that a program has nobody at. */
#include <string.h>

#include "wb/io.h"

/* ---- parts ---- */

static enum wb_progress take_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb_limited_reader *take =
        (struct wb_limited_reader *)(void *)((char *)self
                                             - offsetof(struct wb_limited_reader, read));
    if (take->left == 0) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    const size_t allowed = len < take->left ? len : (size_t)take->left;
    size_t got = 0;
    if (wb_async_poll_read(take->inner, context, buf, allowed, out_status, &got) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        take->left -= got;
        *out_len = got;
    }
    return WB_READY;
}

static const struct wb_async_read_ops take_ops = {.poll_read = take_poll_read};

void wb_limited_reader_init(
    struct wb_limited_reader *take, struct wb_async_read *inner, uint64_t limit) {
    *take = (struct wb_limited_reader){.read = {&take_ops}, .inner = inner, .left = limit};
}

/* ---- chains ---- */

static enum wb_progress chain_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb_chained_reader *chain =
        (struct wb_chained_reader *)(void *)((char *)self
                                             - offsetof(struct wb_chained_reader, read));
    if (chain->first != NULL) {
        if (wb_async_poll_read(chain->first, context, buf, len, out_status, out_len)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_EOF) {
            return WB_READY;
        }
        chain->first = NULL;
    }
    return wb_async_poll_read(chain->second, context, buf, len, out_status, out_len);
}

static const struct wb_async_read_ops chain_ops = {.poll_read = chain_poll_read};

void wb_chained_reader_init(
    struct wb_chained_reader *chain, struct wb_async_read *first, struct wb_async_read *second) {
    *chain = (struct wb_chained_reader){.read = {&chain_ops}, .first = first, .second = second};
}

/* ---- ends without a stream ---- */

/* They are ready always, so they are what gives way. */

static enum wb_progress empty_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self, (void)buf, (void)len, (void)out_len;
    *out_status = WB_EOF;
    return wb_context_spend(context);
}

static enum wb_progress repeat_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_repeat *repeat =
        (struct wb_repeat *)(void *)((char *)self - offsetof(struct wb_repeat, read));
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    memset(buf, repeat->byte, len);
    *out_len = len;
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress sink_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    (void)self, (void)buf;
    *out_len = len;
    *out_status = WB_OK;
    return wb_context_spend(context);
}

static const struct wb_async_read_ops empty_ops = {.poll_read = empty_poll_read};
static const struct wb_async_read_ops repeat_ops = {.poll_read = repeat_poll_read};
static const struct wb_async_write_ops sink_ops = {.poll_write = sink_poll_write};

struct wb_async_read wb_empty(void) {
    return (struct wb_async_read){&empty_ops};
}

struct wb_async_write wb_sink(void) {
    return (struct wb_async_write){&sink_ops};
}

void wb_repeat_init(struct wb_repeat *repeat, unsigned char byte) {
    *repeat = (struct wb_repeat){{&repeat_ops}, byte};
}
