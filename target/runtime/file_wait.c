/* Calls of the file system on the blocking pool, for futures. */
#include <errno.h>
#include <string.h>

#include "runtime/file.h"

/* ---- what is done ---- */

static void clean_up(struct wb__errand *errand) {
    struct wb__file_errand *it = (struct wb__file_errand *)errand;
    if (it->fd >= 0) {
        (void)WB_SYS(errand->sys, close, it->fd);
    }
    wb_file_contents_clean_up(&it->contents);
    wb_dir_entries_clean_up(&it->entries);
}

enum wb_status wb__file_wait_open(struct wb__file_wait *wait,
    enum wb_status (*run)(struct wb__errand *errand), const char *path, const void *rest,
    size_t rest_len) {
    if (wait->runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const size_t path_size = strlen(path) + 1;
    if (rest_len > SIZE_MAX / 2 - path_size) {
        return WB_ERR_NO_MEMORY;
    }
    const size_t size = sizeof(struct wb__file_errand) + path_size + rest_len;
    struct wb__file_errand *errand =
        wb__errand_new(wb_runtime_sys(wait->runtime), size, run, clean_up);
    if (errand == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    errand->fd = -1;
    errand->rest_at = path_size;
    errand->rest_len = rest_len;
    memcpy(errand->text, path, path_size);
    if (rest_len != 0) {
        memcpy(wb__file_errand_rest(errand), rest, rest_len);
    }
    wait->errand = errand;
    return WB_OK;
}

/* ---- who waits for it ---- */

enum wb_progress wb__file_wait_poll(struct wb__file_wait *wait,
    enum wb_status (*open)(struct wb_future *future), struct wb_future *future,
    struct wb_context *context, enum wb_status *out_status) {
    if (wait->errand == NULL) {
        *out_status = open(future);
        if (*out_status == WB_OK) {
            *out_status = wb__errand_send(&wait->errand->errand, wait->runtime, &wait->handle);
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
    }
    if (wb_future_poll(&wait->handle.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    *out_status = wait->handle.future.status;
    return WB_READY;
}

void wb__file_wait_drop(struct wb__file_wait *wait) {
    struct wb__file_errand *errand = wait->errand;
    wb_join_handle_cancel(&wait->handle);
    if (errand != NULL) {
        wait->errand = NULL;
        wb__errand_release(&errand->errand);
    }
}

/* ---- calls ---- */

int64_t wb__path_open(const struct wb_sys *sys, const char *path, int flags, uint32_t mode) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = WB_SYS(sys, openat, WB_AT_FDCWD, path, flags | WB_O_CLOEXEC, mode);
    }
    return result;
}

int64_t wb__fd_read(const struct wb_sys *sys, int fd, void *buf, size_t len) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = WB_SYS(sys, read, fd, buf, len);
    }
    return result;
}

int64_t wb__fd_write(const struct wb_sys *sys, int fd, const void *buf, size_t len) {
    int64_t result = -EINTR;
    while (result == -EINTR) {
        result = WB_SYS(sys, write, fd, buf, len);
    }
    return result;
}
