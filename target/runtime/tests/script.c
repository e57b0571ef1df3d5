/* See script.h. */
#include "script.h"

static enum wb_progress script_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct script *script = (struct script *)(void *)((char *)self - offsetof(struct script, read));
    const struct line line = *script->reads;
    if (line.is_pending) {
        script->reads++;
        wb_context_wake(context);
        return WB_PENDING;
    }
    *out_status = line.status;
    if (line.status == WB_OK) {
        const size_t rest_len = strlen(line.bytes) - script->read_len;
        *out_len = len < rest_len ? len : rest_len;
        memcpy(buf, line.bytes + script->read_len, *out_len);
        script->read_len = len < rest_len ? script->read_len + len : 0;
        script->reads += script->read_len == 0;
    }
    return WB_READY;
}

static struct script *writer_of(struct wb_async_write *self) {
    return (struct script *)(void *)((char *)self - offsetof(struct script, write));
}

static enum wb_progress script_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct script *script = writer_of(self);
    const struct line line = *script->writes;
    if (line.is_pending) {
        script->writes++;
        wb_context_wake(context);
        return WB_PENDING;
    }
    *out_status = line.status;
    *out_len = len < line.taken_max ? len : line.taken_max;
    script->writes += line.taken_max != SIZE_MAX;
    memcpy(script->written + script->written_len, buf, *out_len);
    script->written_len += *out_len;
    return WB_READY;
}

static enum wb_progress script_poll_flush(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    writer_of(self)->flushes++;
    *out_status = WB_OK;
    return WB_READY;
}

static enum wb_progress script_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    writer_of(self)->shutdowns++;
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops script_read_ops = {.poll_read = script_poll_read};
static const struct wb_async_write_ops script_write_ops = {
    .poll_write = script_poll_write,
    .poll_flush = script_poll_flush,
    .poll_shutdown = script_poll_shutdown,
};

static const struct wb_async_write_ops plain_write_ops = {.poll_write = script_poll_write};

const struct line takes_all[1] = {{.taken_max = SIZE_MAX}};
const struct line at_end[1] = {{.status = WB_EOF}};

struct script script_of(const struct line *reads, const struct line *writes) {
    return (struct script){{&script_read_ops}, {&script_write_ops}, reads, 0, writes, {0}, 0, 0, 0};
}

struct script plain_script_of(const struct line *reads, const struct line *writes) {
    struct script script = script_of(reads, writes);
    script.write.ops = &plain_write_ops;
    return script;
}

enum wb_status run(struct wb_future *future) {
    return wb_runtime_block_on(stage.runtime, future);
}

struct bell script_bell;

enum wb_progress poll_once(struct wb_future *future) {
    struct wb_context context = wb_context_with_waker(&script_bell.waker);
    return wb_future_poll(future, &context);
}

void assert_bytes(const void *bytes, size_t len, const char *expected) {
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(bytes, expected, len);
}
