/* pipe2: a ring of slots of one page each. It is the slots that are counted, not the bytes: a page
 * that is half read still takes its slot, and small writes are merged into the last page only while
 * they fit there whole. */
#include "kernel/pipe.h"

#include <errno.h>
#include <string.h>

enum {
    PAGE_LEN = PIPE_PAGE_LEN,
    SLOTS_DEFAULT = 16,
    SIZE_MAX_UNPRIVILEGED = 1 << 20, /* fs.pipe-max-size */
};
#define SIZE_MOST (UINT32_C(1) << 31)

static struct pipe_slot *slot_at(const struct pipe *pipe, uint32_t n) {
    return &pipe->slots[(pipe->tail + n) % pipe->slot_count];
}

struct pipe *pipe_behind(const struct sim_file *file) {
    return file->type == FILE_PIPE ? file->pipe : NULL;
}

static void wake_end(struct sim_kernel *kernel, struct sim_file *end, uint32_t key) {
    if (end != NULL) {
        file_wake(kernel, end, key);
    }
}

/* ---- the reading end ---- */

static const char *reader_what(const struct sim_file *file) {
    (void)file;
    return "pipe reader";
}

static uint32_t reader_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    const struct pipe *pipe = file->pipe;
    uint32_t state = pipe->used != 0 ? WB_EPOLLIN | WB_EPOLLRDNORM : 0;
    return state | (pipe->writer == NULL ? WB_EPOLLHUP : 0);
}

static void slot_give_back(struct sim_kernel *kernel, struct pipe *pipe) {
    struct pipe_slot *slot = slot_at(pipe, 0);
    kernel_free(kernel, slot->page, PAGE_LEN);
    *slot = (struct pipe_slot){0};
    pipe->tail++;
    pipe->used--;
}

/* Takes what is there, at most `len`, one packet at most; how much. */
static size_t take(struct sim_kernel *kernel, struct pipe *pipe, uint8_t *bytes, size_t len) {
    size_t taken = 0;
    while (taken < len && pipe->used != 0) {
        struct pipe_slot *slot = slot_at(pipe, 0);
        bool is_packet = slot->is_packet;
        size_t part = len - taken < slot->len ? len - taken : slot->len;
        memcpy(bytes + taken, slot->page + slot->offset, part);
        taken += part;
        slot->offset += (uint32_t)part;
        slot->len -= (uint32_t)part;
        if (slot->len == 0 || is_packet) {
            slot_give_back(kernel, pipe);
        }
        if (is_packet) {
            break;
        }
    }
    return taken;
}

/* ---- for splice ---- */

size_t pipe_copy(const struct pipe *pipe, uint32_t slots_max, uint8_t *bytes, size_t len) {
    size_t copied = 0;
    for (uint32_t i = 0; i < pipe->used && i < slots_max && copied < len; i++) {
        const struct pipe_slot *slot = slot_at(pipe, i);
        size_t part = len - copied < slot->len ? len - copied : slot->len;
        memcpy(bytes + copied, slot->page + slot->offset, part);
        copied += part;
    }
    return copied;
}

uint32_t pipe_drop(struct sim_kernel *kernel, struct pipe *pipe, size_t len) {
    uint32_t freed = 0;
    while (len != 0 && pipe->used != 0) {
        struct pipe_slot *slot = slot_at(pipe, 0);
        size_t part = len < slot->len ? len : slot->len;
        slot->offset += (uint32_t)part;
        slot->len -= (uint32_t)part;
        len -= part;
        if (slot->len == 0) {
            slot_give_back(kernel, pipe);
            freed++;
        }
    }
    return freed;
}

size_t pipe_move_slot(struct pipe *from, struct pipe *to) {
    struct pipe_slot *slot = slot_at(from, 0);
    *slot_at(to, to->used) = *slot;
    to->used++;
    size_t len = slot->len;
    *slot = (struct pipe_slot){0};
    from->tail++;
    from->used--;
    return len;
}

size_t pipe_copy_slot(
    struct sim_kernel *kernel, const struct pipe *from, uint32_t n, struct pipe *to, size_t len) {
    const struct pipe_slot *slot = slot_at(from, n);
    size_t part = len < slot->len ? len : slot->len;
    pipe_add(kernel, to, slot->page + slot->offset, part);
    slot_at(to, to->used - 1)->is_packet = slot->is_packet;
    return part;
}

static int64_t reader_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    struct pipe *pipe = file->pipe;
    uint64_t wanted = iov_total(iov, iov_len);
    if (wanted == 0) {
        return 0;
    }
    if (pipe->used == 0) {
        file_lowered(kernel, file);
        return pipe->writer == NULL ? 0 : -EAGAIN;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    bool was_full = pipe_is_full(pipe);
    uint64_t there = (uint64_t)pipe->used * PAGE_LEN;
    size_t len = (size_t)(wanted < there ? wanted : there);
    uint8_t *bytes = scratch(kernel, len);
    len = take(kernel, pipe, bytes, len);
    iov_scatter(iov, iov_len, bytes, len);
    file_lowered(kernel, file);
    if (was_full && !pipe_is_full(pipe)) {
        wake_end(kernel, pipe->writer, WB_EPOLLOUT | WB_EPOLLWRNORM);
    }
    return (int64_t)len;
}

/* ---- the writing end ---- */

static const char *writer_what(const struct sim_file *file) {
    (void)file;
    return "pipe writer";
}

static uint32_t writer_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    const struct pipe *pipe = file->pipe;
    uint32_t state = pipe_is_full(pipe) ? 0 : WB_EPOLLOUT | WB_EPOLLWRNORM;
    return state | (pipe->reader == NULL ? WB_EPOLLERR : 0);
}

/* What exceeds whole pages goes to the last page if all of that fits there; how much. */
static size_t mergeable(const struct pipe *pipe, uint64_t len) {
    size_t odd = (size_t)(len % PAGE_LEN);
    if (odd == 0 || pipe->used == 0) {
        return 0;
    }
    const struct pipe_slot *last = slot_at(pipe, pipe->used - 1);
    return !last->is_packet && !last->is_spliced && last->offset + last->len + odd <= PAGE_LEN ? odd
                                                                                               : 0;
}

static void merge(struct pipe *pipe, const uint8_t *bytes, size_t len) {
    struct pipe_slot *last = slot_at(pipe, pipe->used - 1);
    memcpy(last->page + last->offset + last->len, bytes, len);
    last->len += (uint32_t)len;
}

static void add_page(
    struct sim_kernel *kernel, struct pipe *pipe, const uint8_t *bytes, size_t len) {
    struct pipe_slot *slot = slot_at(pipe, pipe->used);
    slot->page = kernel_alloc_raw(kernel, PAGE_LEN);
    memcpy(slot->page, bytes, len);
    slot->len = (uint32_t)len;
    slot->is_packet = pipe->writer != NULL && pipe->writer->direct;
    pipe->used++;
}

void pipe_add(struct sim_kernel *kernel, struct pipe *pipe, const uint8_t *bytes, size_t len) {
    add_page(kernel, pipe, bytes, len);
    struct pipe_slot *slot = slot_at(pipe, pipe->used - 1);
    slot->is_packet = false;
    slot->is_spliced = !PLANTED(SPLICE_MERGES);
}

static int64_t put(struct sim_kernel *kernel, struct pipe *pipe, const struct wb_iovec *iov,
    size_t iov_len, uint64_t wanted) {
    size_t merged = mergeable(pipe, wanted);
    if (merged == 0 && pipe_is_full(pipe)) {
        return -EAGAIN;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    uint64_t room = merged + (uint64_t)(pipe->slot_count - pipe->used) * PAGE_LEN;
    size_t len = (size_t)(wanted < room ? wanted : room);
    uint8_t *bytes = scratch(kernel, len);
    iov_gather(iov, iov_len, bytes, len);
    if (merged != 0) {
        merge(pipe, bytes, merged);
    }
    for (size_t at = merged; at < len; at += PAGE_LEN) {
        add_page(kernel, pipe, bytes + at, len - at < PAGE_LEN ? len - at : PAGE_LEN);
    }
    return (int64_t)len;
}

/* The reader is woken by any write, also by one that is refused; only before a blocking writer goes
 * to sleep does it matter whether there was nothing. */
static int64_t writer_write(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    struct pipe *pipe = file->pipe;
    uint64_t wanted = iov_total(iov, iov_len);
    if (wanted == 0) {
        return 0;
    }
    if (pipe->reader == NULL) {
        return -EPIPE;
    }
    bool was_empty = pipe->used == 0;
    int64_t result = put(kernel, pipe, iov, iov_len, wanted);
    file_lowered(kernel, file);
    if (result != -EAGAIN || file->nonblocking || was_empty) {
        wake_end(kernel, pipe->reader, WB_EPOLLIN | WB_EPOLLRDNORM);
    }
    return result;
}

/* ---- both ---- */

static int set_size(struct sim_kernel *kernel, struct pipe *pipe, uint32_t size) {
    uint64_t rounded = PAGE_LEN;
    while (rounded < size) {
        rounded *= 2;
    }
    if (rounded > SIZE_MOST) {
        return -EINVAL;
    }
    uint32_t slot_count = (uint32_t)(rounded / PAGE_LEN);
    if (slot_count > pipe->slot_count && rounded > SIZE_MAX_UNPRIVILEGED) {
        return -EPERM;
    }
    if (slot_count < pipe->used) {
        return -EBUSY;
    }
    struct pipe_slot *slots = kernel_alloc(kernel, slot_count * sizeof(*slots));
    for (uint32_t i = 0; i < pipe->used; i++) {
        slots[i] = *slot_at(pipe, i);
    }
    kernel_free(kernel, pipe->slots, pipe->slot_count * sizeof(*slots));
    pipe->slots = slots;
    pipe->slot_count = slot_count;
    pipe->tail = 0;
    wake_end(kernel, pipe->writer, KEY_NONE);
    return (int)rounded;
}

static int pipe_fcntl(struct sim_kernel *kernel, struct sim_file *file, int cmd, int arg) {
    struct pipe *pipe = file->pipe;
    return cmd == WB_F_SETPIPE_SZ ? set_size(kernel, pipe, (uint32_t)arg)
                                  : (int)(pipe->slot_count * PAGE_LEN);
}

static void pipe_release(struct sim_kernel *kernel, struct sim_file *file) {
    struct pipe *pipe = file->pipe;
    *(file == pipe->reader ? &pipe->reader : &pipe->writer) = NULL;
    wake_end(kernel, pipe->reader, KEY_NONE);
    wake_end(kernel, pipe->writer, KEY_NONE);
    if (pipe->reader != NULL || pipe->writer != NULL) {
        return;
    }
    while (pipe->used != 0) {
        slot_give_back(kernel, pipe);
    }
    kernel_free(kernel, pipe->slots, pipe->slot_count * sizeof(*pipe->slots));
    kernel_free(kernel, pipe, sizeof(*pipe));
}

static const struct file_ops reader_ops = {
    .what = reader_what,
    .poll = reader_poll,
    .read = reader_read,
    .fcntl = pipe_fcntl,
    .release = pipe_release,
    .access = ACCESS_READ,
    .checks_buffers = true,
};

static const struct file_ops writer_ops = {
    .what = writer_what,
    .poll = writer_poll,
    .write = writer_write,
    .fcntl = pipe_fcntl,
    .release = pipe_release,
    .access = ACCESS_WRITE,
    .raises_sigpipe = true,
    .is_stream = true,
    .checks_buffers = true,
};

static struct pipe *pipe_new(struct sim_kernel *kernel) {
    struct pipe *pipe = kernel_alloc(kernel, sizeof(*pipe));
    pipe->slot_count = SLOTS_DEFAULT;
    pipe->slots = kernel_alloc(kernel, pipe->slot_count * sizeof(*pipe->slots));
    return pipe;
}

struct sim_file *pipe_filled(struct sim_kernel *kernel, const uint8_t *bytes, size_t len) {
    struct sim_file *reader = file_new(kernel, FILE_PIPE, &reader_ops);
    struct pipe *pipe = pipe_new(kernel);
    pipe->reader = reader;
    reader->pipe = pipe;
    for (size_t at = 0; at < len && !pipe_is_full(pipe); at += PAGE_LEN) {
        add_page(kernel, pipe, bytes + at, len - at < PAGE_LEN ? len - at : PAGE_LEN);
    }
    return reader;
}

/* Both ends or none: 0, or -errno. */
static int pipe_open(struct sim_kernel *kernel, int out_fds[2], int flags) {
    struct sim_file *reader;
    struct sim_file *writer;
    int first = file_open(kernel, FILE_PIPE, &reader_ops, flags, &reader);
    if (first < 0) {
        return first;
    }
    struct pipe *pipe = pipe_new(kernel);
    pipe->reader = reader;
    reader->pipe = pipe;
    int second = file_open(kernel, FILE_PIPE, &writer_ops, flags, &writer);
    if (second < 0) {
        bool last;
        (void)fd_close(kernel, first, &last);
        return second;
    }
    pipe->writer = writer;
    writer->pipe = pipe;
    writer->direct = (flags & WB_O_DIRECT) != 0;
    out_fds[0] = first;
    out_fds[1] = second;
    return 0;
}

int sys_pipe2(void *self, int out_fds[2], int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int fds[2] = {-1, -1};
    int result = 0;
    if ((flags & ~(WB_O_NONBLOCK | WB_O_CLOEXEC | WB_O_DIRECT)) != 0) {
        result = -EINVAL;
    } else if (out_fds == NULL) {
        result = -EFAULT;
    } else {
        result = pipe_open(kernel, fds, flags);
    }
    if (result == 0) {
        memcpy(out_fds, fds, sizeof(fds));
    }
    return (int)call_return(kernel, SIM_CALL_PIPE, fds[0], fd_get(kernel, fds[0]), result,
        (uint64_t)(int64_t)fds[1], (uint32_t)flags);
}
