/* What blocks as a stream: over a tape in memory, whose calls the test sees, and over pipes. */
#include "stage.h"

#include <errno.h>
#include <string.h>

#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/combine.h"
#include "wb/file.h"
#include "wb/io.h"
#include "wb/sys_linux.h"
#include "wb/unblock.h"

enum { TAPE_LEN = 64, CAPACITY = 16, LOT = 20 * 1000 * 1000, CHUNK = 65536 };

/* ---- a tape ---- */

/* One thread uses it at a time. */
struct tape {
    char bytes[TAPE_LEN];
    int64_t at;
    int64_t len;
    int64_t most;        /* bytes of one call; 0: any number */
    bool is_interrupted; /* every other call */
    int calls;
    int flushes;
    int closes;
    int seek_error;   /* 0: none */
    int write_error;  /* the next write fails with it, once */
    int flush_error;  /* so the next flush */
    atomic_int waits; /* while it is not 0 reads and writes do not come to their end */
    atomic_int begun;
};

static bool is_turned_away(struct tape *tape) {
    atomic_fetch_add(&tape->begun, 1);
    while (atomic_load(&tape->waits) != 0) {
        struct wb_pollfd none;
        (void)WB_SYS(wb_sys_linux(), poll, &none, 0, MS);
    }
    return tape->is_interrupted && tape->calls++ % 2 == 0;
}

static int64_t bound(const struct tape *tape, int64_t len, int64_t room) {
    len = len < room ? len : room;
    return tape->most != 0 && tape->most < len ? tape->most : len;
}

static int64_t tape_read(void *io, void *buf, size_t len) {
    struct tape *tape = io;
    if (is_turned_away(tape)) {
        return -EINTR;
    }
    const int64_t count = bound(tape, (int64_t)len, tape->len - tape->at);
    memcpy(buf, tape->bytes + tape->at, (size_t)count);
    tape->at += count;
    return count;
}

static int64_t tape_write(void *io, const void *buf, size_t len) {
    struct tape *tape = io;
    if (is_turned_away(tape)) {
        return -EINTR;
    }
    if (tape->write_error != 0) {
        const int error = tape->write_error;
        tape->write_error = 0;
        return -error;
    }
    const int64_t count = bound(tape, (int64_t)len, TAPE_LEN - tape->at);
    memcpy(tape->bytes + tape->at, buf, (size_t)count);
    tape->at += count;
    tape->len = tape->at > tape->len ? tape->at : tape->len;
    return count;
}

static int64_t tape_seek(void *io, int64_t offset, int whence) {
    struct tape *tape = io;
    if (tape->seek_error != 0) {
        return -tape->seek_error;
    }
    const int64_t from = whence == WB_SEEK_SET ? 0 : whence == WB_SEEK_CUR ? tape->at : tape->len;
    if (from + offset < 0) {
        return -EINVAL;
    }
    tape->at = from + offset;
    return tape->at;
}

static int64_t tape_flush(void *io) {
    struct tape *tape = io;
    const int error = tape->flush_error;
    (void)is_turned_away(tape);
    tape->flush_error = 0;
    tape->flushes++;
    return -error;
}

static void tape_close(void *io) {
    struct tape *tape = io;
    tape->closes++;
}

static const struct wb_blocking_io_ops tape_ops = {
    .read = tape_read,
    .write = tape_write,
    .seek = tape_seek,
    .flush = tape_flush,
    .close = tape_close,
};

/* ---- what the cases do ---- */

static enum wb_status run(struct wb_future *future) {
    return wb_runtime_block_on(stage.runtime, future);
}

static struct tape tape_of(const char *text) {
    struct tape tape = {.len = (int64_t)strlen(text)};
    memcpy(tape.bytes, text, strlen(text));
    return tape;
}

static struct wb_unblock open_tape(struct tape *tape) {
    struct wb_unblock unblock;
    assert_ok(wb_unblock_new(&unblock, stage.runtime, &tape_ops, tape, CAPACITY));
    return unblock;
}

static void expect(struct wb_unblock *unblock, const char *text) {
    struct wb_read_exact read;
    char buf[TAPE_LEN];
    wb_read_exact_init(&read, &unblock->read, buf, strlen(text));
    assert_ok(run(&read.future));
    assert_memory_equal(buf, text, strlen(text));
}

static enum wb_status read_byte(struct wb_unblock *unblock) {
    struct wb_read read;
    char byte;
    wb_read_init(&read, &unblock->read, &byte, 1);
    return run(&read.future);
}

static enum wb_status put(struct wb_unblock *unblock, const char *text) {
    struct wb_write_all write;
    wb_write_all_init(&write, &unblock->write, text, strlen(text));
    return run(&write.future);
}

static enum wb_status flush(struct wb_unblock *unblock) {
    struct wb_flush future;
    wb_flush_init(&future, &unblock->write);
    return run(&future.future);
}

static enum wb_status seek_to(
    struct wb_unblock *unblock, int64_t offset, int whence, int64_t *out_position) {
    struct wb_seek seek;
    wb_seek_init(&seek, unblock, offset, whence);
    const enum wb_status status = run(&seek.future);
    *out_position = seek.position;
    return status;
}

static void rt_19_all_is_read_and_then_the_end(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789abcdefghijklmnopqrstuvwxyz");
    tape.most = 7;
    tape.is_interrupted = true;
    struct wb_unblock unblock = open_tape(&tape);
    expect(&unblock, "0123456789abcdefghijklmnopqrstuvwxyz");
    assert_status(read_byte(&unblock), WB_EOF);
    assert_status(read_byte(&unblock), WB_EOF);
    wb_unblock_close(&unblock);
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 1);
}

static void rt_19_all_is_written_in_order(void **state) {
    (void)state;
    struct tape tape = {.most = 5, .is_interrupted = true};
    struct wb_unblock unblock = open_tape(&tape);
    assert_ok(put(&unblock, "0123456789"));
    assert_ok(put(&unblock, "abcdefghijklmnopqrstuvwxyz"));
    assert_ok(flush(&unblock));
    assert_int_equal(tape.flushes, 1);
    assert_ok(flush(&unblock)); /* nothing to do */
    assert_int_equal(tape.flushes, 1);
    assert_int_equal(tape.len, 36);
    assert_memory_equal(tape.bytes, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
    wb_unblock_close(&unblock);
}

/* As copying does it: while nothing comes it flushes, and forgets that when something comes. */
static void flush_that_nobody_waits_for_fails_later(void **state) {
    (void)state;
    static struct bell bell; /* may be rung when all is over */
    struct tape tape = {.flush_error = EIO};
    struct wb_unblock unblock = open_tape(&tape);
    struct wb_flush given_up;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    assert_ok(put(&unblock, "x"));
    assert_status(read_byte(&unblock), WB_EOF); /* it is written */
    atomic_store(&tape.waits, 1);
    wb_flush_init(&given_up, &unblock.write);
    assert_int_equal(wb_future_poll(&given_up.future, &context), WB_PENDING);
    wb_future_drop(&given_up.future);
    atomic_store(&tape.waits, 0);
    assert_status(put(&unblock, "y"), WB_ERR_IO);
    assert_ok(put(&unblock, "y"));
    assert_ok(flush(&unblock));
    assert_ok(flush(&unblock));
    assert_int_equal(tape.flushes, 2);
    wb_unblock_close(&unblock);
}

static void rt_19_seek_takes_what_was_read_ahead_into_account(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789abcdefghijklmnopqrstuvwxyz");
    int64_t position = 0;
    struct wb_unblock unblock = open_tape(&tape);
    expect(&unblock, "012");
    assert_int_equal(tape.at, CAPACITY); /* it did read ahead */
    assert_ok(seek_to(&unblock, 2, WB_SEEK_CUR, &position));
    assert_int_equal(position, 5);
    expect(&unblock, "567");
    assert_ok(seek_to(&unblock, -2, WB_SEEK_END, &position));
    assert_int_equal(position, 34);
    expect(&unblock, "yz");
    assert_ok(seek_to(&unblock, 0, WB_SEEK_SET, &position));
    expect(&unblock, "01");
    wb_unblock_close(&unblock);
}

static void rt_19_a_seek_that_fails_forgets_nothing(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    int64_t position = 0;
    struct wb_unblock unblock = open_tape(&tape);
    expect(&unblock, "01");
    assert_status(seek_to(&unblock, -3, WB_SEEK_CUR, &position), WB_ERR_INVALID);
    assert_status(seek_to(&unblock, INT64_MIN, WB_SEEK_CUR, &position), WB_ERR_INVALID);
    expect(&unblock, "23");
    wb_unblock_close(&unblock);
}

static void rt_19_a_write_goes_where_reading_stopped(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    struct wb_unblock unblock = open_tape(&tape);
    expect(&unblock, "012");
    assert_ok(put(&unblock, "xy"));
    expect(&unblock, "56");
    assert_ok(flush(&unblock));
    assert_memory_equal(tape.bytes, "012xy56789", 10);
    wb_unblock_close(&unblock);
}

/* Of a socket or a terminal the directions are two things. */
static void without_a_position_the_directions_are_apart(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    int64_t position = 0;
    tape.seek_error = ESPIPE;
    struct wb_unblock unblock = open_tape(&tape);
    expect(&unblock, "012");
    assert_ok(put(&unblock, "xy")); /* behind what was read ahead */
    assert_ok(flush(&unblock));
    expect(&unblock, "3456789");
    assert_status(seek_to(&unblock, 0, WB_SEEK_SET, &position), WB_ERR_NOT_SEEKABLE);
    wb_unblock_close(&unblock);
}

static void what_a_write_failed_with_is_told_once(void **state) {
    (void)state;
    struct tape tape = {.write_error = ENOSPC};
    int64_t position = 0;
    struct wb_unblock unblock = open_tape(&tape);
    assert_ok(put(&unblock, "lost"));
    assert_status(put(&unblock, "x"), WB_ERR_NO_SPACE);
    assert_ok(put(&unblock, "kept"));
    assert_ok(flush(&unblock));
    tape.write_error = EIO;
    assert_ok(put(&unblock, "lost"));
    assert_status(flush(&unblock), WB_ERR_IO);
    tape.write_error = EAGAIN; /* it should have waited */
    assert_ok(put(&unblock, "lost"));
    assert_status(seek_to(&unblock, 0, WB_SEEK_SET, &position), WB_ERR_INVALID);
    assert_ok(seek_to(&unblock, 0, WB_SEEK_CUR, &position));
    assert_int_equal(position, 4);
    assert_memory_equal(tape.bytes, "kept", 4);
    wb_unblock_close(&unblock);
}

static void a_direction_that_is_not_there_is_not_supported(void **state) {
    (void)state;
    static const struct wb_blocking_io_ops nothing = {.close = tape_close};
    struct tape tape = {.len = 0};
    int64_t position = 0;
    struct wb_unblock unblock;
    assert_ok(wb_unblock_new(&unblock, stage.runtime, &nothing, &tape, CAPACITY));
    assert_status(read_byte(&unblock), WB_ERR_NOT_SUPPORTED);
    assert_status(put(&unblock, "x"), WB_ERR_NOT_SUPPORTED);
    assert_status(seek_to(&unblock, 0, WB_SEEK_SET, &position), WB_ERR_NOT_SUPPORTED);
    assert_ok(flush(&unblock));
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 1);
}

/* ---- giving up ---- */

/* Polls it once from nowhere, and gives it up. */
static void begin_and_give_up(struct wb_future *future) {
    static struct bell bell; /* may be rung when all is over */
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    assert_int_equal(wb_future_poll(future, &context), WB_PENDING);
    wb_future_drop(future);
}

static void what_a_read_that_was_given_up_brought_is_kept(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    struct wb_unblock unblock = open_tape(&tape);
    struct wb_read read;
    char buf[4];
    atomic_store(&tape.waits, 1);
    wb_read_init(&read, &unblock.read, buf, sizeof(buf));
    begin_and_give_up(&read.future);
    atomic_store(&tape.waits, 0);
    expect(&unblock, "0123456789");
    wb_unblock_close(&unblock);
}

static void a_seek_that_was_given_up_does_not_answer_for_the_next(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    int64_t position = 0;
    struct wb_unblock unblock = open_tape(&tape);
    struct wb_seek seek;
    atomic_store(&tape.waits, 1);
    assert_ok(put(&unblock, "a")); /* is under way */
    wb_seek_init(&seek, &unblock, 7, WB_SEEK_SET);
    begin_and_give_up(&seek.future); /* was not begun */
    atomic_store(&tape.waits, 0);
    assert_ok(seek_to(&unblock, 0, WB_SEEK_CUR, &position));
    assert_int_equal(position, 1);
    wb_unblock_close(&unblock);
}

static void closed_while_it_writes_the_write_is_done(void **state) {
    (void)state;
    struct tape tape = {.most = 1};
    struct wb_unblock unblock = open_tape(&tape);
    atomic_store(&tape.waits, 1);
    assert_ok(put(&unblock, "0123"));
    stage_await(&tape.begun, 1);
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 0);
    atomic_store(&tape.waits, 0);
    stage_destroy(); /* waits for it */
    assert_int_equal(tape.closes, 1);
    assert_memory_equal(tape.bytes, "0123", 4);
}

static void a_rt_16_taken_back_it_is_flushed_and_where_its_user_is(void **state) {
    (void)state;
    struct tape tape = tape_of("0123456789");
    struct wb_unblock unblock = open_tape(&tape);
    struct wb_unblock_take take;
    expect(&unblock, "012");
    assert_ok(put(&unblock, "x"));
    expect(&unblock, "4");
    wb_unblock_take_init(&take, &unblock);
    assert_ok(run(&take.future));
    assert_ptr_equal(take.io, &tape);
    assert_int_equal(tape.at, 5);
    assert_int_equal(tape.flushes, 1);
    assert_null(unblock.shared);
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 0);
    tape.write_error = ENOSPC;
    unblock = open_tape(&tape);
    assert_ok(put(&unblock, "x"));
    wb_unblock_take_init(&take, &unblock);
    assert_status(run(&take.future), WB_ERR_NO_SPACE); /* and it is still there */
    wb_unblock_take_init(&take, &unblock);
    assert_ok(run(&take.future));
}

/* ---- bad input ---- */

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    struct tape tape = {.len = 0};
    struct wb_unblock unblock;
    assert_status(wb_unblock_new(&unblock, NULL, &tape_ops, &tape, CAPACITY), WB_ERR_NO_RUNTIME);
    assert_status(wb_unblock_new(&unblock, stage.runtime, &tape_ops, &tape, 0), WB_ERR_INVALID);
    assert_status(wb_unblock_new(&unblock, stage.runtime, &tape_ops, &tape,
                      (size_t)WB_UNBLOCK_CAPACITY_MAX + 1),
        WB_ERR_INVALID);
    world_refuse(stage.world, 1);
    assert_status(
        wb_unblock_new(&unblock, stage.runtime, &tape_ops, &tape, CAPACITY), WB_ERR_NO_MEMORY);
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 0);
}

/* The first request is that of block_on, then come the task, and perhaps a thread. */
static void without_memory_an_operation_fails_and_the_next_does_not(void **state) {
    (void)state;
    struct tape tape = tape_of("0123");
    struct wb_unblock unblock = open_tape(&tape);
    world_refuse(stage.world, 2);
    assert_status(read_byte(&unblock), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 2);
    assert_status(put(&unblock, "x"), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
    expect(&unblock, "0123");
    wb_unblock_close(&unblock);
}

static void after_shutdown_it_is_closed(void **state) {
    (void)state;
    struct tape tape = tape_of("0123");
    struct bell bell;
    struct wb_read read;
    char byte;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    struct wb_unblock unblock = open_tape(&tape);
    assert_ok(wb_runtime_shutdown(stage.runtime, 0));
    wb_read_init(&read, &unblock.read, &byte, 1);
    assert_int_equal(wb_future_poll(&read.future, &context), WB_READY);
    assert_status(read.future.status, WB_ERR_CLOSED);
    wb_unblock_close(&unblock);
    assert_int_equal(tape.closes, 1);
}

/* ---- a lot ---- */

static uint8_t byte_at(uint64_t at) {
    return (uint8_t)(at * 2654435761u >> 11);
}

/* Writes a lot into a pipe, in pieces of odd sizes, and closes it. */
struct source {
    struct wb_future future;
    struct wb_file file;
    struct wb_write_all write;
    struct wb_flush flush;
    uint64_t done;
    uint8_t buf[CHUNK];
};

static enum wb_progress source_poll(struct wb_future *future, struct wb_context *context) {
    struct source *self = WB_FUTURE_OF(future, struct source, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->done < LOT) {
        uint64_t len = self->done % 7919 + 40000;
        len = len < LOT - self->done ? len : LOT - self->done;
        for (uint64_t i = 0; i < len; i++) {
            self->buf[i] = byte_at(self->done + i);
        }
        self->done += len;
        wb_write_all_init(&self->write, &self->file.io.write, self->buf, len);
        WB_TRY_AWAIT(&self->write.future);
    }
    wb_flush_init(&self->flush, &self->file.io.write);
    WB_TRY_AWAIT(&self->flush.future);
    wb_file_close(&self->file);
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops source_ops = {
    .size = sizeof(struct source),
    .offset = offsetof(struct source, future),
    .poll = source_poll,
};

/* Passes on what comes, and the end of it. */
struct relay {
    struct wb_future future;
    struct wb_file from;
    struct wb_file to;
    struct wb_copy copy;
    struct wb_flush flush;
    uint8_t buf[CHUNK];
};

static enum wb_progress relay_poll(struct wb_future *future, struct wb_context *context) {
    struct relay *self = WB_FUTURE_OF(future, struct relay, future);
    WB_ASYNC_BEGIN(future, context);
    wb_copy_init(&self->copy, &self->from.io.read, &self->to.io.write, self->buf, CHUNK);
    WB_TRY_AWAIT(&self->copy.future);
    wb_flush_init(&self->flush, &self->to.io.write);
    WB_TRY_AWAIT(&self->flush.future);
    wb_file_close(&self->from);
    wb_file_close(&self->to);
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops relay_ops = {
    .size = sizeof(struct relay),
    .offset = offsetof(struct relay, future),
    .poll = relay_poll,
};

/* Sees to it that all comes, in order, and once the end. */
struct sink {
    struct wb_future future;
    struct wb_file file;
    struct wb_read read;
    uint64_t done;
    uint8_t buf[CHUNK];
};

static enum wb_progress sink_poll(struct wb_future *future, struct wb_context *context) {
    struct sink *self = WB_FUTURE_OF(future, struct sink, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_read_init(&self->read, &self->file.io.read, self->buf, CHUNK);
        WB_AWAIT(&self->read.future);
        if (self->read.future.status != WB_OK) {
            break;
        }
        for (size_t i = 0; i < self->read.len; i++) {
            if (self->buf[i] != byte_at(self->done++)) {
                WB_ASYNC_RETURN(WB_ERR_PARSE);
            }
        }
    }
    wb_file_close(&self->file);
    WB_ASYNC_END(self->read.future.status);
}

static const struct wb_future_ops sink_ops = {
    .size = sizeof(struct sink),
    .offset = offsetof(struct sink, future),
    .poll = sink_poll,
};

static void open_pipe(struct wb_file *out_reader, struct wb_file *out_writer) {
    int fds[2];
    assert_int_equal(WB_SYS(&stage.world->sys, pipe2, fds, WB_O_CLOEXEC), 0);
    assert_ok(wb_file_from_fd(out_reader, stage.runtime, fds[0]));
    assert_ok(wb_file_from_fd(out_writer, stage.runtime, fds[1]));
}

static void rt_19_twenty_megabytes_go_there_and_back(void **state) {
    (void)state;
    static struct source source;
    static struct relay relay;
    static struct sink sink;
    struct wb_future *parts[] = {&source.future, &relay.future, &sink.future};
    struct wb_all all;
    source = (struct source){.done = 0};
    relay = (struct relay){.from = {.io = {.is_busy = false}}};
    sink = (struct sink){.done = 0};
    wb_future_init(&source.future, &source_ops);
    wb_future_init(&relay.future, &relay_ops);
    wb_future_init(&sink.future, &sink_ops);
    open_pipe(&relay.from, &source.file);
    open_pipe(&sink.file, &relay.to);
    wb_all_init(&all, parts, 3);
    assert_ok(run(&all.future));
    assert_status(sink.future.status, WB_EOF);
    assert_int_equal(sink.done, LOT);
    assert_int_equal(relay.copy.copied, LOT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(rt_19_all_is_read_and_then_the_end),
        BOTH(rt_19_all_is_written_in_order),
        BOTH(flush_that_nobody_waits_for_fails_later),
        BOTH(rt_19_seek_takes_what_was_read_ahead_into_account),
        BOTH(rt_19_a_seek_that_fails_forgets_nothing),
        BOTH(rt_19_a_write_goes_where_reading_stopped),
        SINGLE(without_a_position_the_directions_are_apart),
        BOTH(what_a_write_failed_with_is_told_once),
        SINGLE(a_direction_that_is_not_there_is_not_supported),
        SINGLE(what_a_read_that_was_given_up_brought_is_kept),
        SINGLE(a_seek_that_was_given_up_does_not_answer_for_the_next),
        BOTH(closed_while_it_writes_the_write_is_done),
        BOTH(a_rt_16_taken_back_it_is_flushed_and_where_its_user_is),
        SINGLE(what_cannot_be_is_refused),
        SINGLE(without_memory_an_operation_fails_and_the_next_does_not),
        SINGLE(after_shutdown_it_is_closed),
        BOTH(rt_19_twenty_megabytes_go_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
