/* Operations on regular files and directories, and on their names. What they leave behind, how long
 * a file is and where its next byte comes from, is told for every operation on one. */
#include "fidelity/step.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_LEN = 4096, CREATE_MODE = 0644, DIRECTORY_MODE = 0755 };

static void put_result(const struct fid_call *call, const char *label, int64_t result) {
    fid_fact_add(call->out, label, FID_FORM_RESULT, result);
}

static void put_place(
    const struct fid_call *call, int fd, const char *size_label, const char *place_label) {
    struct wb_stat stat;
    int result = WB_SYS(call->sys, fstat, fd, &stat);
    put_result(call, size_label, result == 0 ? (int64_t)stat.size : result);
    put_result(call, place_label, WB_SYS(call->sys, lseek, fd, 0, WB_SEEK_CUR));
}

void fid_step_put_places(const struct fid_call *call) {
    static const char *const labels[2][2] = {{"size", "at"}, {"other size", "other at"}};
    unsigned ends = fid_op_other_kinds((enum fid_code)call->op->code) != 0 ? 2 : 1;
    for (unsigned i = 0; i < ends; i++) {
        const struct fid_file *file = fid_world_file(call->world, call->op->arg[i]);
        if (file != NULL && file->kind == FID_KIND_FILE) {
            put_place(call, fid_call_fd(call, i), labels[i][0], labels[i][1]);
        }
    }
}

/* ---- what something is ---- */

/* The lowest number under which the same is open already; -1: none. */
static int64_t same_as(const struct fid_call *call, const struct wb_stat *stat) {
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        struct wb_stat other;
        if ((fid_file_bit(fid_world_file(call->world, i)) & FID_KINDS_NAMED) != 0
            && WB_SYS(call->sys, fstat, fid_side_fd(call->side, i), &other) == 0
            && other.inode == stat->inode) {
            return i;
        }
    }
    return -1;
}

static void put_stat(const struct fid_call *call, const struct wb_stat *stat) {
    fid_fact_add(call->out, "kind", FID_FORM_VALUE, stat->kind);
    fid_fact_add(call->out, "mode", FID_FORM_VALUE, stat->mode);
    fid_fact_add(call->out, "size", FID_FORM_RESULT, (int64_t)stat->size);
    if (stat->kind == WB_DT_REG || stat->kind == WB_DT_DIR) {
        fid_fact_add(call->out, "same as", FID_FORM_VALUE, same_as(call, stat));
    }
}

static void stat_open(const struct fid_call *call) {
    struct wb_stat stat;
    int result = WB_SYS(call->sys, fstat, fid_call_fd(call, 0), &stat);
    fid_call_result(call, result);
    if (result == 0) {
        put_stat(call, &stat);
    }
}

static void path_of(const struct fid_call *call, unsigned i, char path[FID_PATH_MAX]) {
    fid_side_path(call->side, fid_arg_name(FID_ARG_PATH, call->op->arg[i]), path);
}

static void stat_path(const struct fid_call *call) {
    char path[FID_PATH_MAX];
    struct wb_stat stat;
    path_of(call, 0, path);
    int result = WB_SYS(call->sys, stat, path, &stat);
    fid_call_result(call, result);
    if (result == 0) {
        put_stat(call, &stat);
    }
}

/* ---- opening ---- */

static void finish_open(const struct fid_call *call, int fd) {
    struct wb_stat stat;
    fid_fact_add(call->out, "", FID_FORM_NUMBER, fid_side_number(call->side, fd));
    if (fd < 0) {
        return;
    }
    int result = WB_SYS(call->sys, fstat, fd, &stat);
    put_result(call, "fstat", result);
    if (result == 0) {
        put_stat(call, &stat);
    }
}

static void open_path(const struct fid_call *call) {
    char path[FID_PATH_MAX];
    path_of(call, 0, path);
    int flags = (int)(fid_call_value(call, 1) | fid_call_value(call, 2)) | WB_O_CLOEXEC;
    finish_open(call, WB_SYS(call->sys, openat, WB_AT_FDCWD, path, flags, CREATE_MODE));
}

static void open_at(const struct fid_call *call) {
    int flags = (int)(fid_call_value(call, 2) | fid_call_value(call, 3)) | WB_O_CLOEXEC;
    const char *path = fid_arg_name(FID_ARG_PATH, call->op->arg[1]);
    finish_open(call, WB_SYS(call->sys, openat, fid_call_fd(call, 0), path, flags, CREATE_MODE));
}

/* ---- open files ---- */

static void read_at(const struct fid_call *call) {
    uint8_t bytes[BUFFER_LEN] = {0};
    size_t len = (size_t)fid_call_value(call, 1);
    int64_t result =
        WB_SYS(call->sys, pread, fid_call_fd(call, 0), bytes, len, fid_call_value(call, 2));
    fid_call_result(call, result);
    fid_call_bytes(call, bytes, result, len);
}

static void write_at(const struct fid_call *call) {
    uint8_t bytes[BUFFER_LEN];
    size_t len = (size_t)fid_call_value(call, 1);
    fid_call_fill(call, bytes, len);
    fid_call_result(
        call, WB_SYS(call->sys, pwrite, fid_call_fd(call, 0), bytes, len, fid_call_value(call, 2)));
}

static int compare_entries(const void *one, const void *other) {
    const struct wb_dirent *a = one;
    const struct wb_dirent *b = other;
    return strcmp(a->name, b->name);
}

/* From the begin to the end in one go; the order is the file system's own, and so is the place
 * behind the last, which may be so far that reads there are refused: it is left for the begin. */
static void read_directory(const struct fid_call *call) {
    enum { ENTRIES_MAX = 16 };
    struct wb_dirent entries[ENTRIES_MAX];
    uint32_t count = 0;
    int fd = fid_call_fd(call, 0);
    put_result(call, "rewound", WB_SYS(call->sys, lseek, fd, 0, WB_SEEK_SET));
    int result;
    do {
        result = WB_SYS(call->sys, getdents, fd, &entries[count], ENTRIES_MAX - count);
        count += result > 0 ? (uint32_t)result : 0;
    } while (result > 0 && count < ENTRIES_MAX);
    fid_call_result(call, result);
    put_result(call, "rewound again", WB_SYS(call->sys, lseek, fd, 0, WB_SEEK_SET));
    qsort(entries, count, sizeof(entries[0]), compare_entries);
    for (uint32_t i = 0; i < count; i++) {
        fid_fact_add(call->out, "entry", FID_FORM_VALUE, entries[i].kind);
        fid_call_bytes(call, (const uint8_t *)entries[i].name, (int64_t)strlen(entries[i].name),
            sizeof(entries[i].name));
    }
}

/* ---- names ---- */

/* Which open directories have no name any more: such a one cannot be read. */
static void put_removed(const struct fid_call *call) {
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *file = fid_world_file(call->world, i);
        if (file == NULL || file->kind != FID_KIND_DIRECTORY) {
            continue;
        }
        struct wb_dirent entry;
        int fd = fid_side_fd(call->side, i);
        int64_t place = WB_SYS(call->sys, lseek, fd, 0, WB_SEEK_CUR);
        if (WB_SYS(call->sys, getdents, fd, &entry, 1) == -ENOENT) {
            fid_fact_add(call->out, "removed", FID_FORM_VALUE, i);
        }
        (void)WB_SYS(call->sys, lseek, fd, place, WB_SEEK_SET);
    }
}

static void rename_path(const struct fid_call *call) {
    char from[FID_PATH_MAX];
    char to[FID_PATH_MAX];
    path_of(call, 0, from);
    path_of(call, 1, to);
    fid_call_result(call, WB_SYS(call->sys, rename, from, to));
    put_removed(call);
}

void fid_step_file(const struct fid_call *call) {
    char path[FID_PATH_MAX];
    switch (call->op->code) {
    case FID_OP_OPEN:
        open_path(call);
        break;
    case FID_OP_OPENAT:
        open_at(call);
        break;
    case FID_OP_PREAD:
        read_at(call);
        break;
    case FID_OP_PWRITE:
        write_at(call);
        break;
    case FID_OP_LSEEK:
        fid_call_result(call, WB_SYS(call->sys, lseek, fid_call_fd(call, 0),
                                  fid_call_value(call, 1), (int)fid_call_value(call, 2)));
        break;
    case FID_OP_FTRUNCATE:
        fid_call_result(
            call, WB_SYS(call->sys, ftruncate, fid_call_fd(call, 0), fid_call_value(call, 1)));
        break;
    case FID_OP_FSYNC:
        fid_call_result(call, WB_SYS(call->sys, fsync, fid_call_fd(call, 0)));
        break;
    case FID_OP_FSTAT:
        stat_open(call);
        break;
    case FID_OP_STAT:
        stat_path(call);
        break;
    case FID_OP_RENAME:
        rename_path(call);
        break;
    case FID_OP_UNLINK:
        path_of(call, 0, path);
        fid_call_result(call, WB_SYS(call->sys, unlink, path));
        break;
    case FID_OP_MKDIR:
        path_of(call, 0, path);
        fid_call_result(call, WB_SYS(call->sys, mkdir, path, DIRECTORY_MODE));
        break;
    case FID_OP_RMDIR:
        path_of(call, 0, path);
        fid_call_result(call, WB_SYS(call->sys, rmdir, path));
        put_removed(call);
        break;
    case FID_OP_GETDENTS:
        read_directory(call);
        break;
    default:
        break;
    }
}
