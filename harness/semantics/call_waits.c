/* The calls about readiness: passed on and noted. */
#include "semantics/note.h"

#include "report/names.h"

static int rec_epoll_create1(void *self, int flags) {
    struct wbh_note note = wbh_note_making(self, "epoll_create(");
    return wbh_note_end_making(&note, self, KERNEL(self, epoll_create1, flags), "instance");
}

static int rec_epoll_ctl(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    static const char *const ops[] = {"", "ADD", "DEL", "MOD"};
    struct wbh_note note = wbh_note_call(self, "epoll_ctl", epfd);
    if (op >= 1 && op <= 3) {
        wbh_text_format(&note.text, ", %s, ", ops[op]);
    } else {
        wbh_text_format(&note.text, ", operation %d, ", op);
    }
    wbh_recorder_add_name(self, &note.text, fd);
    if (op != WB_EPOLL_CTL_DEL && event != NULL) {
        wbh_text_add(&note.text, ", ");
        wbh_report_add_events(&note.text, event->events);
        if (event->data >= 'a' && event->data <= 'z') {
            wbh_text_format(&note.text, ", '%c'", (char)event->data);
        }
    }
    return (int)wbh_note_end(&note, KERNEL(self, epoll_ctl, epfd, op, fd, event));
}

static int rec_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    struct wbh_note note = wbh_note_call(self, "epoll_wait", epfd);
    if (events_max < 1) {
        wbh_text_format(&note.text, ", at most %d", events_max);
    }
    wbh_note_add_timeout(&note.text, timeout_ns);
    int result = KERNEL(self, epoll_pwait2, epfd, events, events_max, timeout_ns);
    if (result <= 0) {
        return (int)wbh_note_end(&note, result);
    }
    for (int i = 0; i < result; i++) {
        wbh_text_add(&note.result, i == 0 ? "" : ", ");
        wbh_report_add_events(&note.result, events[i].events);
    }
    wbh_note_finish(&note);
    return result;
}

enum { POLL_SHOWN_MAX = 4 };

static void add_polled(
    struct wbh_note *note, void *self, const struct wb_pollfd *fds, uint32_t count) {
    if (count == 0) {
        wbh_text_add(&note->text, "nothing");
        return;
    }
    if (count > POLL_SHOWN_MAX || fds == NULL) {
        wbh_text_format(&note->text, "%u descriptors", count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        wbh_text_add(&note->text, i == 0 ? "" : ", ");
        wbh_recorder_add_name(self, &note->text, fds[i].fd);
        wbh_text_add(&note->text, " for ");
        wbh_report_add_events(&note->text, (uint16_t)fds[i].events);
    }
}

static int rec_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    struct wbh_note note = wbh_note_making(self, "poll(");
    add_polled(&note, self, fds, fds_len);
    wbh_note_add_timeout(&note.text, timeout_ns);
    int result = KERNEL(self, poll, fds, fds_len, timeout_ns);
    if (result <= 0 || fds_len > POLL_SHOWN_MAX) {
        return (int)wbh_note_end(&note, result);
    }
    for (uint32_t i = 0; i < fds_len; i++) {
        wbh_text_add(&note.result, i == 0 ? "" : ", ");
        wbh_report_add_events(&note.result, (uint16_t)fds[i].revents);
    }
    wbh_note_finish(&note);
    return result;
}

static int rec_select(void *self, int fds_len, struct wb_fd_set *readable,
    struct wb_fd_set *writable, struct wb_fd_set *exceptional, int64_t timeout_ns) {
    struct wbh_note note = wbh_note_making(self, "select(descriptors");
    wbh_note_add_timeout(&note.text, timeout_ns);
    return (int)wbh_note_end(
        &note, KERNEL(self, select, fds_len, readable, writable, exceptional, timeout_ns));
}

void wbh_recorder_take_waits(struct wb_sys_ops *ops) {
    ops->epoll_create1 = rec_epoll_create1;
    ops->epoll_ctl = rec_epoll_ctl;
    ops->epoll_pwait2 = rec_epoll_pwait2;
    ops->poll = rec_poll;
    ops->select = rec_select;
}
