/* Writing down one call, in the words of the manual. */
#include "semantics/note.h"

struct wbh_note wbh_note_call(void *self, const char *name, int fd) {
    struct wbh_note note = {.recorder = self};
    if (!wbh_recorder_listens(note.recorder)) {
        note.recorder = NULL;
        return note;
    }
    wbh_text_format(&note.text, "%s(", name);
    wbh_recorder_add_name(note.recorder, &note.text, fd);
    return note;
}

struct wbh_note wbh_note_making(void *self, const char *text) {
    struct wbh_note note = {.recorder = self};
    if (!wbh_recorder_listens(note.recorder)) {
        note.recorder = NULL;
        return note;
    }
    wbh_text_add(&note.text, text);
    return note;
}

void wbh_note_finish(struct wbh_note *note) {
    if (note->recorder == NULL) {
        wbh_text_clean_up(&note->text);
        wbh_text_clean_up(&note->result);
        return;
    }
    wbh_text_add(&note->text, ")");
    wbh_recorder_finish(note->recorder, &note->text, &note->result);
}

int64_t wbh_note_end(struct wbh_note *note, int64_t result) {
    wbh_recorder_add_result(&note->result, result);
    wbh_note_finish(note);
    return result;
}

int wbh_note_end_making(struct wbh_note *note, void *self, int fd, const char *name) {
    wbh_recorder_name(self, fd, name);
    if (fd < 0) {
        return (int)wbh_note_end(note, fd);
    }
    wbh_recorder_add_name(self, &note->result, fd);
    wbh_note_finish(note);
    return fd;
}

int wbh_note_end_making_kind(
    struct wbh_note *note, void *self, int fd, const char *name, enum wbh_kind kind) {
    if (fd >= 0) {
        wbh_recorder_meet(self, kind);
    }
    return wbh_note_end_making(note, self, fd, name);
}

int wbh_note_end_making_two(
    struct wbh_note *note, void *self, int result, const int *fds, const char *const names[2]) {
    if (result < 0) {
        return (int)wbh_note_end(note, result);
    }
    for (int i = 0; i < 2; i++) {
        wbh_recorder_name(self, fds[i], names[i]);
        wbh_text_add(&note->result, i == 0 ? "" : ", ");
        wbh_recorder_add_name(self, &note->result, fds[i]);
    }
    wbh_note_finish(note);
    return result;
}

static void add_flags(struct wbh_text *text, int flags) {
    static const struct {
        int bit;
        const char *name;
    } names[] = {{WB_MSG_OOB, "OOB"}, {WB_MSG_PEEK, "PEEK"}, {WB_MSG_TRUNC, "TRUNC"},
        {WB_MSG_DONTWAIT, "DONTWAIT"}, {WB_MSG_EOR, "EOR"}, {WB_MSG_WAITALL, "WAITALL"},
        {WB_MSG_MORE, "MORE"}};
    const char *separator = ", ";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((flags & names[i].bit) != 0) {
            wbh_text_format(text, "%s%s", separator, names[i].name);
            separator = "|";
        }
    }
}

struct wbh_note wbh_note_transfer(void *self, const char *name, int fd, size_t len, int flags) {
    struct wbh_note note = wbh_note_call(self, name, fd);
    wbh_text_format(&note.text, ", %zu", len);
    add_flags(&note.text, flags);
    return note;
}

void wbh_note_add_timeout(struct wbh_text *text, int64_t timeout_ns) {
    if (timeout_ns < 0) {
        wbh_text_add(text, ", for ever");
    } else if (timeout_ns > 0) {
        wbh_text_add(text, ", ");
        wbh_text_duration(text, (uint64_t)timeout_ns);
    }
}

size_t wbh_vector_len(const struct wb_iovec *iov, size_t iov_len) {
    size_t len = 0;
    for (size_t i = 0; iov != NULL && i < iov_len; i++) {
        len += iov[i].len;
    }
    return len;
}
