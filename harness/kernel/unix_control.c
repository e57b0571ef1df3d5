/* Ancillary data of Unix sockets: descriptors that travel with a message and keep their files open
 * meanwhile, and who sent it. */
#include "kernel/unix.h"

#include <errno.h>
#include <string.h>

/* Programs know their numbers only from what sockets tell. None is the superuser's. */
enum {
    FIRST_PID = 1000,
    USER_ID = 1000,
    OVERFLOW_ID = 65534,  /* of a message that says nothing of its sender */
    CONTROL_MAX = 131072, /* net.core.optmem_max: shorter than that */
};

struct wb_ucred unix_credentials_of(const struct sim_process *process) {
    return (struct wb_ucred){
        .pid = FIRST_PID + (int32_t)process->number, .uid = USER_ID, .gid = USER_ID};
}

struct wb_ucred unix_credentials(const struct unix_socket *socket) {
    if (socket->process != NULL) {
        return unix_credentials_of(socket->process);
    }
    int32_t number = SIM_PROCESSES_MAX + (int32_t)WBH_SUBJECT_PEER(socket->subject);
    return (struct wb_ucred){.pid = FIRST_PID + number, .uid = USER_ID, .gid = USER_ID};
}

/* ---- what the sender gives ---- */

/* Files on their way are counted apart: see unix_garbage.c. */
static void send_off(struct sim_kernel *kernel, struct sim_file *file) {
    file->refs++;
    file->in_flight++;
    kernel->unix_in_flight += file->type == FILE_UNIX;
}

static void give_up(struct sim_kernel *kernel, struct sim_file *file) {
    file->in_flight--;
    kernel->unix_in_flight -= file->type == FILE_UNIX;
    file_unref(kernel, file);
}

static int add_descriptor(
    struct sim_kernel *kernel, struct unix_rights *rights, const uint8_t *bytes) {
    int fd;
    memcpy(&fd, bytes, sizeof(fd));
    struct sim_file *file = fd_get(kernel, fd);
    if (file == NULL) {
        return -EBADF;
    }
    send_off(kernel, file);
    rights->files[rights->count++] = file;
    return 0;
}

static int load_rights(struct sim_kernel *kernel, const uint8_t *payload, size_t payload_len,
    struct unix_control *out) {
    size_t count = payload_len / sizeof(int);
    if (count == 0) {
        return 0;
    }
    if (count > UNIX_RIGHTS_MAX) {
        return -EINVAL;
    }
    if (out->rights == NULL) {
        out->rights = kernel_alloc(kernel, sizeof(*out->rights));
    }
    if (out->rights->count + count > UNIX_RIGHTS_MAX) {
        return -EINVAL;
    }
    for (size_t i = 0; i < count; i++) {
        int result = add_descriptor(kernel, out->rights, payload + i * sizeof(int));
        if (result != 0) {
            return result;
        }
    }
    return 0;
}

/* Only the superuser may say he is somebody else. */
static int load_credentials(struct sim_kernel *kernel, const uint8_t *payload, size_t payload_len,
    struct unix_control *out) {
    struct wb_ucred own = unix_credentials_of(kernel->current);
    if (payload_len != sizeof(out->credentials)) {
        return -EINVAL;
    }
    memcpy(&out->credentials, payload, payload_len);
    out->has_credentials = true;
    return memcmp(&out->credentials, &own, sizeof(own)) == 0 ? 0 : -EPERM;
}

static int load_one(struct sim_kernel *kernel, const struct wb_cmsghdr *header,
    const uint8_t *payload, struct unix_control *out) {
    size_t payload_len = header->len - sizeof(*header);
    if (header->level != WB_SOL_SOCKET) {
        return 0;
    }
    switch (header->type) {
    case WB_SCM_RIGHTS:
        return load_rights(kernel, payload, payload_len, out);
    case WB_SCM_CREDENTIALS:
        return load_credentials(kernel, payload, payload_len, out);
    default:
        return -EINVAL;
    }
}

static int load_all(
    struct sim_kernel *kernel, const uint8_t *bytes, size_t len, struct unix_control *out) {
    size_t at = 0;
    while (at + sizeof(struct wb_cmsghdr) <= len) {
        struct wb_cmsghdr header;
        memcpy(&header, bytes + at, sizeof(header));
        if (header.len < sizeof(header) || header.len > len - at) {
            return -EINVAL;
        }
        int result = load_one(kernel, &header, bytes + at + sizeof(header), out);
        if (result != 0) {
            return result;
        }
        at += WB_CMSG_ALIGN(header.len);
    }
    return 0;
}

int unix_control_load(
    struct sim_kernel *kernel, const struct wb_msghdr *msg, struct unix_control *out) {
    *out = (struct unix_control){0};
    if (msg->control_len >= CONTROL_MAX) {
        return -ENOBUFS;
    }
    if (msg->control == NULL) {
        return msg->control_len == 0 ? 0 : -EFAULT;
    }
    int result = load_all(kernel, msg->control, msg->control_len, out);
    if (result != 0) {
        unix_control_free(kernel, out);
    }
    return result;
}

/* ---- on the way ---- */

struct unix_rights *unix_rights_copy(struct sim_kernel *kernel, const struct unix_rights *rights) {
    struct unix_rights *copy = kernel_alloc(kernel, sizeof(*copy));
    *copy = *rights;
    for (uint32_t i = 0; i < copy->count; i++) {
        send_off(kernel, copy->files[i]);
    }
    return copy;
}

void unix_control_free(struct sim_kernel *kernel, struct unix_control *control) {
    struct unix_rights *rights = control->rights;
    control->rights = NULL;
    if (rights == NULL) {
        return;
    }
    for (uint32_t i = 0; i < rights->count; i++) {
        give_up(kernel, rights->files[i]);
    }
    kernel_free(kernel, rights, sizeof(*rights));
}

/* ---- what the receiver gets ---- */

/* The receiver's buffer, filled from its beginning. */
struct space {
    uint8_t *bytes;
    size_t len;
    size_t used;
};

/* A header and what is left of its payload: the last byte of the buffer is the end of it. */
static void put(
    struct space *space, int type, const void *payload, size_t payload_len, size_t len) {
    struct wb_cmsghdr header = {.len = len, .level = WB_SOL_SOCKET, .type = type};
    size_t left = space->len - space->used;
    memcpy(space->bytes + space->used, &header, sizeof(header));
    memcpy(space->bytes + space->used + sizeof(header), payload, len - sizeof(header));
    size_t whole = WB_CMSG_SPACE(payload_len);
    space->used += whole < left ? whole : left;
}

/* True: something was cut. */
static bool put_credentials(struct space *space, const struct unix_control *control) {
    struct wb_ucred credentials = {.pid = 0, .uid = OVERFLOW_ID, .gid = OVERFLOW_ID};
    if (control->has_credentials) {
        credentials = control->credentials;
    }
    size_t left = space->len - space->used;
    if (left < sizeof(struct wb_cmsghdr)) {
        return true;
    }
    size_t whole = WB_CMSG_LEN(sizeof(credentials));
    size_t len = whole < left ? whole : left;
    put(space, WB_SCM_CREDENTIALS, &credentials, sizeof(credentials), len);
    return len < whole;
}

/* Who holds it last is woken; one process is told of a file, though several may have it. */
static void change_hands(struct sim_file *file, struct sim_process *process) {
    file->process = process;
    if (file->type == FILE_UNIX) {
        file->unix_socket->process = process;
    } else if (file->type == FILE_SIGNALFD) {
        signalfd_change_hands(file, process);
    }
}

static bool put_rights(
    struct sim_kernel *kernel, struct space *space, const struct unix_rights *rights) {
    size_t left = space->len - space->used;
    size_t room =
        left > sizeof(struct wb_cmsghdr) ? (left - sizeof(struct wb_cmsghdr)) / sizeof(int) : 0;
    int fds[UNIX_RIGHTS_MAX];
    size_t count = 0;
    while (count < rights->count && count < room) {
        struct sim_file *file = rights->files[count];
        int fd = fd_install(kernel, file);
        if (fd < 0) {
            break;
        }
        change_hands(file, kernel->current);
        fds[count++] = fd;
    }
    if (count != 0) {
        size_t payload_len = count * sizeof(int);
        put(space, WB_SCM_RIGHTS, fds, payload_len, WB_CMSG_LEN(payload_len));
    }
    return count < rights->count;
}

void unix_tell_nothing(struct wb_msghdr *msg, int flags) {
    if (msg->name != NULL) {
        msg->name_len = 0;
    }
    msg->control_len = 0;
    msg->flags = flags & WB_MSG_CMSG_CLOEXEC;
}

void unix_control_store(
    struct unix_socket *receiver, struct wb_msghdr *msg, struct unix_control *control, int flags) {
    struct space space = {
        .bytes = msg->control, .len = msg->control != NULL ? msg->control_len : 0};
    bool is_cut = false;
    if (receiver->passes_credentials) {
        is_cut = put_credentials(&space, control);
    }
    if (control->rights != NULL) {
        receiver->rights_received += control->rights->count;
        is_cut |= put_rights(receiver->kernel, &space, control->rights);
    }
    msg->control_len = space.used;
    msg->flags = (flags & WB_MSG_CMSG_CLOEXEC) | (is_cut ? WB_MSG_CTRUNC : 0);
    unix_control_free(receiver->kernel, control);
}
