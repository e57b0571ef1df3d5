/* The calls on files and between descriptors: passed on and noted. */
#include "semantics/note.h"

/* "name(text" of a path; what lies before its last part is the fixture's own. */
static struct wbh_note note_path(void *self, const char *name, const char *path) {
    struct wbh_note note = wbh_note_making(self, name);
    const char *last = path;
    for (const char *at = path; at != NULL && *at != '\0'; at++) {
        last = at[0] == '/' && at[1] != '\0' ? at + 1 : last;
    }
    wbh_text_format(&note.text, "(%s", last == NULL ? "NULL" : last);
    return note;
}

static void add_descriptor(struct wbh_note *note, int fd) {
    if (note->recorder != NULL) {
        wbh_text_add(&note->text, ", ");
        wbh_recorder_add_name(note->recorder, &note->text, fd);
    }
}

static int rec_openat(void *self, int dir_fd, const char *path, int flags, uint32_t mode) {
    struct wbh_note note = note_path(self, "openat", path);
    int fd = KERNEL(self, openat, dir_fd, path, flags, mode);
    return wbh_note_end_making_kind(&note, self, fd, "file", WBH_KIND_FILE);
}

static int64_t rec_pread(void *self, int fd, void *buf, size_t len, int64_t offset) {
    struct wbh_note note = wbh_note_transfer(self, "pread", fd, len, 0);
    wbh_text_format(&note.text, ", at %lld", (long long)offset);
    return wbh_note_end(&note, KERNEL(self, pread, fd, buf, len, offset));
}

static int64_t rec_pwrite(void *self, int fd, const void *buf, size_t len, int64_t offset) {
    struct wbh_note note = wbh_note_transfer(self, "pwrite", fd, len, 0);
    wbh_text_format(&note.text, ", at %lld", (long long)offset);
    return wbh_note_end(&note, KERNEL(self, pwrite, fd, buf, len, offset));
}

static int64_t rec_lseek(void *self, int fd, int64_t offset, int whence) {
    static const char *const froms[] = {"", ", from here", ", from the end"};
    struct wbh_note note = wbh_note_call(self, "lseek", fd);
    wbh_text_format(&note.text, ", %lld%s", (long long)offset,
        whence >= WB_SEEK_SET && whence <= WB_SEEK_END ? froms[whence] : ", from nowhere");
    return wbh_note_end(&note, KERNEL(self, lseek, fd, offset, whence));
}

static int rec_stat(void *self, const char *path, struct wb_stat *out_stat) {
    struct wbh_note note = note_path(self, "stat", path);
    return (int)wbh_note_end(&note, KERNEL(self, stat, path, out_stat));
}

static int rec_fstat(void *self, int fd, struct wb_stat *out_stat) {
    struct wbh_note note = wbh_note_call(self, "fstat", fd);
    return (int)wbh_note_end(&note, KERNEL(self, fstat, fd, out_stat));
}

static int rec_ftruncate(void *self, int fd, int64_t size) {
    struct wbh_note note = wbh_note_call(self, "ftruncate", fd);
    wbh_text_format(&note.text, ", %lld", (long long)size);
    return (int)wbh_note_end(&note, KERNEL(self, ftruncate, fd, size));
}

static int rec_fsync(void *self, int fd) {
    struct wbh_note note = wbh_note_call(self, "fsync", fd);
    return (int)wbh_note_end(&note, KERNEL(self, fsync, fd));
}

static int rec_rename(void *self, const char *from, const char *to) {
    struct wbh_note note = note_path(self, "rename", from);
    return (int)wbh_note_end(&note, KERNEL(self, rename, from, to));
}

static int rec_mkdir(void *self, const char *path, uint32_t mode) {
    struct wbh_note note = note_path(self, "mkdir", path);
    return (int)wbh_note_end(&note, KERNEL(self, mkdir, path, mode));
}

static int rec_rmdir(void *self, const char *path) {
    struct wbh_note note = note_path(self, "rmdir", path);
    return (int)wbh_note_end(&note, KERNEL(self, rmdir, path));
}

static int rec_unlink(void *self, const char *path) {
    struct wbh_note note = note_path(self, "unlink", path);
    return (int)wbh_note_end(&note, KERNEL(self, unlink, path));
}

static int rec_getdents(void *self, int fd, struct wb_dirent *out, uint32_t out_max) {
    struct wbh_note note = wbh_note_call(self, "getdents", fd);
    return (int)wbh_note_end(&note, KERNEL(self, getdents, fd, out, out_max));
}

static int64_t rec_sendfile(void *self, int out_fd, int in_fd, int64_t *offset, size_t len) {
    struct wbh_note note = wbh_note_call(self, "sendfile", out_fd);
    add_descriptor(&note, in_fd);
    wbh_text_format(&note.text, ", %zu", len);
    return wbh_note_end(&note, KERNEL(self, sendfile, out_fd, in_fd, offset, len));
}

static int64_t rec_splice(void *self, int in_fd, int64_t *in_offset, int out_fd,
    int64_t *out_offset, size_t len, uint32_t flags) {
    struct wbh_note note = wbh_note_call(self, "splice", in_fd);
    add_descriptor(&note, out_fd);
    wbh_text_format(&note.text, ", %zu", len);
    return wbh_note_end(
        &note, KERNEL(self, splice, in_fd, in_offset, out_fd, out_offset, len, flags));
}

static int64_t rec_tee(void *self, int in_fd, int out_fd, size_t len, uint32_t flags) {
    struct wbh_note note = wbh_note_call(self, "tee", in_fd);
    add_descriptor(&note, out_fd);
    wbh_text_format(&note.text, ", %zu", len);
    return wbh_note_end(&note, KERNEL(self, tee, in_fd, out_fd, len, flags));
}

void wbh_recorder_take_files(struct wb_sys_ops *ops) {
    ops->openat = rec_openat;
    ops->pread = rec_pread;
    ops->pwrite = rec_pwrite;
    ops->lseek = rec_lseek;
    ops->stat = rec_stat;
    ops->fstat = rec_fstat;
    ops->ftruncate = rec_ftruncate;
    ops->fsync = rec_fsync;
    ops->rename = rec_rename;
    ops->mkdir = rec_mkdir;
    ops->rmdir = rec_rmdir;
    ops->unlink = rec_unlink;
    ops->getdents = rec_getdents;
    ops->sendfile = rec_sendfile;
    ops->splice = rec_splice;
    ops->tee = rec_tee;
}
