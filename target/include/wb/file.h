/* Files in futures. The calls of a file system may take as long as the disk takes, and a regular
 * file cannot be watched for readiness; so all of them are made on the blocking pool.
 *
 * A future that is given up gives up waiting only: what it began is done, and what it brought and
 * nobody took is closed or freed. One whose work has not begun when it is given up, or when the
 * runtime is shut down, may not do it at all.
 *
 * Status: of all of them that of the system's call, WB_ERR_NO_ENTRY, WB_ERR_ACCESS,
 * WB_ERR_NO_SPACE, WB_ERR_IO and so on; those of wb_runtime_spawn_blocking(); WB_ERR_CANCELLED if
 * the runtime was shut down before the work began; WB_ERR_NO_RUNTIME for NULL.
 *
 * Thread: as any future. Allocates: for each of them, and what it says. */
#ifndef WB_FILE_H
#define WB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task.h"
#include "wb/unblock.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb__file_errand;

/* Bytes of a file that are read ahead, and that one write takes. */
#define WB_FILE_BUFFER 32768u

/* Work of the pool that is waited for: private. */
struct wb__file_wait {
    struct wb_runtime *runtime;
    struct wb__file_errand *errand;
    struct wb_join_handle handle;
};

/* ---- an open file ---- */

/* A stream (wb/unblock.h): `io.read` and `io.write` are for everything that reads and writes,
 * wb_seek_init() moves its position. All zero: none, for which only close is allowed. */
struct wb_file {
    struct wb_unblock io;
};

/* Does not wait; see wb_unblock_close(): flush first. */
static inline void wb_file_close(struct wb_file *file) {
    wb_unblock_close(&file->io);
}

/* Over with `file`, the caller's. */
struct wb_file_open {
    struct wb_future future;
    const char *root; /* NULL: none */
    const char *path;
    int flags;
    uint32_t mode;
    struct wb__file_wait wait;
    struct wb_file file;
};

/* `path`, NUL-terminated, is borrowed until the first poll. `flags`: WB_O_*, WB_O_CLOEXEC is added;
 * `mode`: of a file that is made. */
WB_API void wb_file_open_init(struct wb_file_open *open, struct wb_runtime *runtime,
    const char *path, int flags, uint32_t mode);

/* The same beneath a directory, so that no name leads out of it, whoever changes what is in it
 * meanwhile: `path` is names with slashes between them, or "" for the directory itself. Each but
 * the last must be a directory, and none a symbolic link; those on the way to `root` are followed.
 * Status: WB_ERR_INVALID for an empty name, "." and ".."; WB_ERR_NOT_DIRECTORY, or WB_ERR_LOOP for
 * the last name, for a link. Who opens for others does so with WB_O_NONBLOCK, lest a FIFO have it
 * wait, and looks at the kind. Both are borrowed until the first poll. */
WB_API void wb_file_open_beneath_init(struct wb_file_open *open, struct wb_runtime *runtime,
    const char *root, const char *path, int flags, uint32_t mode);

/* Takes over a descriptor that may block: of a regular file, a pipe, a terminal. It must not be
 * non-blocking. Errors: those of wb_unblock_new(); the descriptor is still the caller's. */
WB_API WB_MUST_USE enum wb_status wb_file_from_fd(
    struct wb_file *out_file, struct wb_runtime *runtime, int fd);

/* Of an open file; each waits until what was written before is done, and fails with what that
 * failed with. `stat` is filled in by wb_file_stat_init(). */
struct wb_file_call {
    struct wb_future future;
    struct wb_file *file;
    enum wb_status (*job)(struct wb__unblock *shared);
    int64_t size;
    bool is_begun;
    struct wb_stat stat;
};

/* What was written lies on the disk. */
WB_API void wb_file_sync_init(struct wb_file_call *call, struct wb_file *file);
WB_API void wb_file_stat_init(struct wb_file_call *call, struct wb_file *file);
/* Cuts it, or makes it longer with zeroes. The position stays. */
WB_API void wb_file_set_size_init(struct wb_file_call *call, struct wb_file *file, int64_t size);

/* ---- by name ---- */

/* `stat` is filled in by wb_path_stat_init(). */
struct wb_path_call {
    struct wb_future future;
    const char *path;
    const char *to;
    uint32_t mode;
    int kind;
    struct wb__file_wait wait;
    struct wb_stat stat;
};

/* Names are borrowed until the first poll. */
WB_API void wb_path_stat_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path);
/* What has the new name already is replaced. */
WB_API void wb_path_rename_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path, const char *to);
/* A file; or an empty directory. */
WB_API void wb_path_remove_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path);
WB_API void wb_path_remove_dir_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path);
WB_API void wb_path_make_dir_init(
    struct wb_path_call *call, struct wb_runtime *runtime, const char *path, uint32_t mode);

/* ---- directories ---- */

/* What is in one, without "." and "..". All zero: nothing. */
struct wb_dir_entries {
    const struct wb_sys *sys;
    struct wb_dirent *items;
    size_t count;
    size_t capacity;
};

/* Frees them; in every state. */
WB_API void wb_dir_entries_clean_up(struct wb_dir_entries *entries);

/* Reads a directory, in an order of the file system's own. Over with `entries`, the caller's.
 * Status: WB_ERR_LIMIT if there are more than count_max. Allocates: as much as it reads. */
struct wb_dir_read {
    struct wb_future future;
    const char *root; /* NULL: none */
    const char *path;
    size_t count_max;
    struct wb__file_wait wait;
    struct wb_dir_entries entries;
};

WB_API void wb_dir_read_init(
    struct wb_dir_read *read, struct wb_runtime *runtime, const char *path, size_t count_max);
/* Beneath another one, as wb_file_open_beneath_init(). */
WB_API void wb_dir_read_beneath_init(struct wb_dir_read *read, struct wb_runtime *runtime,
    const char *root, const char *path, size_t count_max);

/* ---- whole files ---- */

/* Bytes that were allocated from the seam. All zero: none. */
struct wb_file_contents {
    const struct wb_sys *sys;
    uint8_t *bytes;
    size_t len;
    size_t capacity;
};

/* Frees them; in every state. */
WB_API void wb_file_contents_clean_up(struct wb_file_contents *contents);

/* Reads all of a file. Over with `contents`, the caller's. Status: WB_ERR_LIMIT if there are more
 * than len_max bytes. Allocates: as much as it reads. */
struct wb_file_read_whole {
    struct wb_future future;
    const char *path;
    size_t len_max;
    struct wb__file_wait wait;
    struct wb_file_contents contents;
};

WB_API void wb_file_read_whole_init(
    struct wb_file_read_whole *read, struct wb_runtime *runtime, const char *path, size_t len_max);

/* Makes a file of these bytes, or replaces what it has. When it fails, or is given up, there may be
 * some of them: who must not lose the old ones writes to another name, and renames. Status: also
 * WB_ERR_WRITE_ZERO if the system took nothing. Allocates: a copy of the bytes. */
struct wb_file_write_whole {
    struct wb_future future;
    const char *path;
    const void *bytes;
    size_t len;
    uint32_t mode;
    struct wb__file_wait wait;
};

/* `path` and `bytes` are borrowed until the first poll. */
WB_API void wb_file_write_whole_init(struct wb_file_write_whole *write, struct wb_runtime *runtime,
    const char *path, const void *bytes, size_t len, uint32_t mode);

#ifdef __cplusplus
}
#endif

#endif
