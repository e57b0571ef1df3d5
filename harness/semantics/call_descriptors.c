/* The calls of any descriptor and of those that are no sockets: passed on and noted. */
#include "semantics/note.h"

#include <string.h>

#include "report/names.h"

/* What is read from or written to an eventfd is a number. */
static int is_counter(void *self, int fd, size_t len) {
    return len == sizeof(uint64_t) && wbh_recorder_is(self, fd, "eventfd");
}

static void add_value(struct wbh_text *text, const void *buf) {
    uint64_t value = 0;
    memcpy(&value, buf, sizeof value);
    if (value > UINT64_MAX - 16) {
        wbh_text_format(text, "value 2^64-%u", (unsigned)(UINT64_MAX - value) + 1);
    } else {
        wbh_text_format(text, "value %llu", (unsigned long long)value);
    }
}

static int64_t rec_read(void *self, int fd, void *buf, size_t len) {
    struct wbh_note note = wbh_note_transfer(self, "read", fd, len, 0);
    int64_t result = KERNEL(self, read, fd, buf, len);
    if (result != sizeof(uint64_t) || !is_counter(self, fd, len)) {
        return wbh_note_end(&note, result);
    }
    add_value(&note.result, buf);
    wbh_note_finish(&note);
    return result;
}

static int64_t rec_write(void *self, int fd, const void *buf, size_t len) {
    struct wbh_note note = wbh_note_call(self, "write", fd);
    if (buf != NULL && is_counter(self, fd, len)) {
        wbh_text_add(&note.text, ", ");
        add_value(&note.text, buf);
    } else {
        wbh_text_format(&note.text, ", %zu", len);
    }
    return wbh_note_end(&note, KERNEL(self, write, fd, buf, len));
}

static int64_t rec_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    size_t len = wbh_vector_len(iov, iov_len < 0 ? 0 : (size_t)iov_len);
    struct wbh_note note = wbh_note_transfer(self, "readv", fd, len, 0);
    return wbh_note_end(&note, KERNEL(self, readv, fd, iov, iov_len));
}

static int64_t rec_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    size_t len = wbh_vector_len(iov, iov_len < 0 ? 0 : (size_t)iov_len);
    struct wbh_note note = wbh_note_transfer(self, "writev", fd, len, 0);
    return wbh_note_end(&note, KERNEL(self, writev, fd, iov, iov_len));
}

static int rec_close(void *self, int fd) {
    struct wbh_note note = wbh_note_call(self, "close", fd);
    int result = KERNEL(self, close, fd);
    if (result == 0) {
        wbh_recorder_forget(self, fd);
    }
    return (int)wbh_note_end(&note, result);
}

static int rec_dup(void *self, int fd) {
    struct wbh_note note = wbh_note_call(self, "dup", fd);
    const char *name = wbh_recorder_is(self, fd, "eventfd") ? "eventfd" : "twin";
    return wbh_note_end_making(&note, self, KERNEL(self, dup, fd), name);
}

static int rec_fcntl(void *self, int fd, int cmd, int arg) {
    struct wbh_note note = wbh_note_call(self, "fcntl", fd);
    int result = KERNEL(self, fcntl, fd, cmd, arg);
    int is_flags = cmd == WB_F_GETFL || cmd == WB_F_SETFL;
    wbh_text_add(&note.text, is_flags ? ", the flags" : ", the capacity");
    wbh_text_add(&note.text, cmd == WB_F_SETFL || cmd == WB_F_SETPIPE_SZ ? " to set" : "");
    if (result >= 0 && is_flags) {
        wbh_text_add(&note.result, (result & WB_O_NONBLOCK) != 0 ? "non-blocking" : "0");
        wbh_note_finish(&note);
        return result;
    }
    return (int)wbh_note_end(&note, result);
}

static int rec_pipe2(void *self, int out_fds[2], int flags) {
    static const char *const names[2] = {"reader", "writer"};
    struct wbh_note note = wbh_note_making(self, "pipe(");
    int result = KERNEL(self, pipe2, out_fds, flags);
    if (result >= 0) {
        wbh_recorder_meet(self, WBH_KIND_PIPE);
    }
    return wbh_note_end_making_two(&note, self, result, out_fds, names);
}

static int rec_eventfd(void *self, uint32_t initial, int flags) {
    struct wbh_note note = wbh_note_making(self, "eventfd(");
    wbh_text_format(
        &note.text, "%u%s", initial, (flags & WB_EFD_SEMAPHORE) != 0 ? ", SEMAPHORE" : "");
    return wbh_note_end_making_kind(
        &note, self, KERNEL(self, eventfd, initial, flags), "eventfd", WBH_KIND_EVENTFD);
}

static int rec_timerfd_create(void *self, int clock, int flags) {
    struct wbh_note note = wbh_note_making(self, "timerfd_create(");
    return wbh_note_end_making_kind(
        &note, self, KERNEL(self, timerfd_create, clock, flags), "timer", WBH_KIND_TIMERFD);
}

static void add_timespec(struct wbh_text *text, const struct wb_timespec *time) {
    wbh_text_duration(text, (uint64_t)time->sec * UINT64_C(1000000000) + (uint64_t)time->nsec);
}

static int rec_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    struct wbh_note note = wbh_note_call(self, "timerfd_settime", fd);
    if ((flags & WB_TFD_TIMER_ABSTIME) == 0 && value != NULL) {
        wbh_text_add(&note.text, ", ");
        add_timespec(&note.text, &value->value);
        wbh_text_add(&note.text, ", every ");
        add_timespec(&note.text, &value->interval);
    }
    return (int)wbh_note_end(&note, KERNEL(self, timerfd_settime, fd, flags, value, old));
}

static int rec_timerfd_gettime(void *self, int fd, struct wb_itimerspec *value) {
    struct wbh_note note = wbh_note_call(self, "timerfd_gettime", fd);
    return (int)wbh_note_end(&note, KERNEL(self, timerfd_gettime, fd, value));
}

static int rec_signalfd(void *self, uint64_t mask, int flags) {
    struct wbh_note note = wbh_note_making(self, "signalfd(");
    return wbh_note_end_making(&note, self, KERNEL(self, signalfd, mask, flags), "signals");
}

void wbh_recorder_take_descriptors(struct wb_sys_ops *ops) {
    ops->read = rec_read;
    ops->write = rec_write;
    ops->readv = rec_readv;
    ops->writev = rec_writev;
    ops->close = rec_close;
    ops->dup = rec_dup;
    ops->fcntl = rec_fcntl;
    ops->pipe2 = rec_pipe2;
    ops->eventfd = rec_eventfd;
    ops->timerfd_create = rec_timerfd_create;
    ops->timerfd_settime = rec_timerfd_settime;
    ops->timerfd_gettime = rec_timerfd_gettime;
    ops->signalfd = rec_signalfd;
}
