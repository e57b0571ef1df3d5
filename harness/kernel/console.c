/* Descriptors 0, 1 and 2: nothing to read, and what is written goes to the run's owner. */
#include "kernel/internal.h"

#include <assert.h>

static const char *console_what(const struct sim_file *file) {
    (void)file;
    return "console";
}

static uint32_t console_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    (void)file;
    return WB_EPOLLOUT;
}

static int64_t console_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    (void)kernel;
    (void)file;
    (void)iov;
    (void)iov_len;
    return 0;
}

static int64_t console_write(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    const struct sim_config *config = &kernel->config;
    for (size_t i = 0; i < iov_len && config->on_console != NULL; i++) {
        config->on_console(config->user_data, file->console, iov[i].base, iov[i].len);
    }
    return (int64_t)iov_total(iov, iov_len);
}

static const struct file_ops console_ops = {
    .what = console_what,
    .poll = console_poll,
    .read = console_read,
    .write = console_write,
    .is_unwatchable = true,
};

void console_open(struct sim_kernel *kernel) {
    for (int fd = 0; fd <= 2; fd++) {
        struct sim_file *file = file_new(kernel, FILE_CONSOLE, &console_ops);
        file->console = fd;
        int installed = fd_install(kernel, file);
        assert(installed == fd);
        (void)installed;
    }
}
