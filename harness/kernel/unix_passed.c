/* Descriptors that the world's sockets pass to programs, and those that programs pass to them. The
 * world has none of its own: what it passes is made for the purpose, full of bytes that nobody adds
 * to; what it is passed is closed when it has arrived. */
#include "kernel/pipe.h"
#include "kernel/unix.h"

#include <errno.h>

/* ---- what is passed ---- */

/* A stream socket whose other end has said so much and is gone. It is no connection of the
 * program's that oracles ask about: as with a pipe, whether to read it is the program's business.
 */
static struct sim_file *filled_socket(struct sim_kernel *kernel, const uint8_t *bytes, size_t len) {
    struct unix_socket *end = unix_socket_new(kernel, WB_SOCK_STREAM, NULL);
    struct unix_socket *other = unix_socket_new(kernel, WB_SOCK_STREAM, NULL);
    unix_name_subject(end);
    end->state = UNIX_CONNECTED;
    end->peer = other;
    end->rd_shut = true;
    end->snd_shut = true;
    end->end_arrived = true;
    (void)unix_make_neighbour(other);
    other->subject = end->subject + 1;
    other->end_arrived = true;
    other->dead = true;
    for (size_t at = 0; at < len;) {
        uint32_t part = unix_part_len(other, len - at);
        struct wb_iovec iov = {(void *)(uintptr_t)(bytes + at), part};
        struct unix_control control = {.rights = NULL};
        struct unix_message *message = unix_message_new(other, &iov, 1, 0, part, &control);
        list_push_tail(&end->queue, &message->in_queue);
        end->queue_len++;
        end->queue_bytes += part;
        at += part;
    }
    struct sim_file *file = file_new(kernel, FILE_UNIX, unix_file_ops(WB_SOCK_STREAM));
    file->unix_socket = end;
    end->file = file;
    end->accepted = true;
    return file;
}

static int pass(struct unix_socket *socket, struct sim_file *file) {
    struct sim_kernel *kernel = socket->kernel;
    if (socket->passed == NULL) {
        socket->passed = kernel_alloc(kernel, sizeof(*socket->passed));
    }
    file->refs++;
    socket->passed->files[socket->passed->count++] = file;
    return 0;
}

static int check_room(const struct unix_socket *socket) {
    if (socket->dead) {
        return -EBADF;
    }
    return socket->passed != NULL && socket->passed->count == UNIX_RIGHTS_MAX ? -EINVAL : 0;
}

int sim_unix_pass_pipe(struct sim_unix *neighbour, const void *data, size_t len) {
    struct unix_socket *socket = unix_of_neighbour(neighbour);
    int result = check_room(socket);
    return result != 0 ? result : pass(socket, pipe_filled(socket->kernel, data, len));
}

int sim_unix_pass_socket(struct sim_unix *neighbour, const void *data, size_t len) {
    struct unix_socket *socket = unix_of_neighbour(neighbour);
    int result = check_room(socket);
    return result != 0 ? result : pass(socket, filled_socket(socket->kernel, data, len));
}

/* A message that is not taken leaves them here for the next. */
void unix_pass_along(struct unix_socket *socket, struct unix_control *control) {
    if (socket->passed != NULL && control->rights == NULL) {
        control->rights = unix_rights_copy(socket->kernel, socket->passed);
    }
}

void unix_passed(struct unix_socket *socket) {
    struct unix_rights *passed = socket->passed;
    socket->passed = NULL;
    for (uint32_t i = 0; passed != NULL && i < passed->count; i++) {
        file_unref(socket->kernel, passed->files[i]);
    }
    if (passed != NULL) {
        kernel_free(socket->kernel, passed, sizeof(*passed));
    }
}

/* ---- what came ---- */

uint64_t sim_unix_descriptors(const struct sim_unix *neighbour) {
    return unix_of_neighbour(neighbour)->rights_received;
}
