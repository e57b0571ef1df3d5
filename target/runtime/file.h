/* What files and names have in common. */
#ifndef WB_RUNTIME_FILE_H
#define WB_RUNTIME_FILE_H

#include "runtime/errand.h"
#include "wb/file.h"

/* A call by name, or on a whole file. What it does not need is zero. */
struct wb__file_errand {
    struct wb__errand errand;
    int fd; /* that nobody has taken over; -1: none */
    int flags;
    uint32_t mode;
    int kind; /* see path.c */
    struct wb_stat stat;
    size_t len_max;                   /* or of entries */
    struct wb_file_contents contents; /* that nobody has taken over */
    struct wb_dir_entries entries;    /* the same */
    size_t rest_at;                   /* in `text` */
    size_t rest_len;
    char text[]; /* a name with its NUL; then another one, or bytes to be written */
};

static inline char *wb__file_errand_rest(struct wb__file_errand *errand) {
    return errand->text + errand->rest_at;
}

/* Has `run` done for the name and the bytes behind it, which are copied. On success wait->errand is
 * there, not yet sent, to be filled in. */
WB_MUST_USE enum wb_status wb__file_wait_open(struct wb__file_wait *wait,
    enum wb_status (*run)(struct wb__errand *errand), const char *path, const void *rest,
    size_t rest_len);

/* The poll of a future with an errand, which `open` makes the first time. WB_READY: it was done, or
 * not, as *out_status says. */
WB_MUST_USE enum wb_progress wb__file_wait_poll(struct wb__file_wait *wait,
    enum wb_status (*open)(struct wb_future *future), struct wb_future *future,
    struct wb_context *context, enum wb_status *out_status);

/* The drop of such a future. */
void wb__file_wait_drop(struct wb__file_wait *wait);

/* Calls of the seam, again while they are interrupted. */
int64_t wb__path_open(const struct wb_sys *sys, const char *path, int flags, uint32_t mode);
/* See wb_file_open_beneath_init(). */
int64_t wb__path_open_beneath(
    const struct wb_sys *sys, const char *root, const char *path, int flags, uint32_t mode);
int64_t wb__fd_read(const struct wb_sys *sys, int fd, void *buf, size_t len);
int64_t wb__fd_write(const struct wb_sys *sys, int fd, const void *buf, size_t len);

#endif
