/* One call being written down, for the files that stand between a case and the kernel. */
#ifndef WBH_SEMANTICS_NOTE_H
#define WBH_SEMANTICS_NOTE_H

#include "semantics/recorder.h"

/* An operation of the kernel behind the recorder. */
#define KERNEL(self, op, ...) WB_SYS(((struct wbh_recorder *)(self))->kernel, op, __VA_ARGS__)

/* A step that is being written down. Every one is ended by one of the functions below. */
struct wbh_note {
    struct wbh_recorder *recorder; /* NULL: it is not to be */
    struct wbh_text text;
    struct wbh_text result;
};

/* Begins "name(descriptor"; the caller goes on with `text`. */
struct wbh_note wbh_note_call(void *self, const char *name, int fd);
/* Begins a call that has no descriptor yet, as given: "socket(". */
struct wbh_note wbh_note_making(void *self, const char *text);
/* "name(descriptor, len, FLAGS". */
struct wbh_note wbh_note_transfer(void *self, const char *name, int fd, size_t len, int flags);

/* Closes the parenthesis and keeps the step with the result as it stands. */
void wbh_note_finish(struct wbh_note *note);
/* With this result, which is returned. */
int64_t wbh_note_end(struct wbh_note *note, int64_t result);
/* The call has made a descriptor (or failed), which gets a name whether the call is told or not. */
int wbh_note_end_making(struct wbh_note *note, void *self, int fd, const char *name);
/* Notes its kind, too. */
int wbh_note_end_making_kind(
    struct wbh_note *note, void *self, int fd, const char *name, enum wbh_kind kind);
int wbh_note_end_making_two(
    struct wbh_note *note, void *self, int result, const int *fds, const char *const names[2]);

/* ", 5ms"; ", for ever"; nothing for 0. */
void wbh_note_add_timeout(struct wbh_text *text, int64_t timeout_ns);

size_t wbh_vector_len(const struct wb_iovec *iov, size_t iov_len);

/* Each takes over the operations of its file. */
void wbh_recorder_take_sockets(struct wb_sys_ops *ops);
void wbh_recorder_take_descriptors(struct wb_sys_ops *ops);
void wbh_recorder_take_files(struct wb_sys_ops *ops);
void wbh_recorder_take_waits(struct wb_sys_ops *ops);
void wbh_recorder_take_rest(struct wb_sys_ops *ops);

#endif
