/* Looking into a kernel from outside, for oracles and reports: nothing here changes what the
 * program sees. */
#include "kernel/udp.h"

#include <string.h>

static void describe(struct sim_endpoint *endpoint, struct sim_connection_info *info) {
    memset(info, 0, sizeof(*info));
    info->subject = endpoint->subject;
    info->fd = endpoint->file != NULL ? fd_of_file(endpoint->process, endpoint->file) : -1;
    info->accepted = endpoint->accepted;
    info->closed = endpoint->accepted && endpoint->file == NULL;
    info->state = endpoint_peek(endpoint);
    info->error = endpoint->error;
    info->received_len = endpoint->received_len;
    info->sent_len = endpoint->sent_len;
    info->unsent_len = endpoint_queued(endpoint);
    if (endpoint->peer != NULL) {
        const struct stream *in = &endpoint->peer->out;
        bool held = endpoint->read_hold.until_ns != 0;
        info->unread_len = held ? 0 : in->arrived;
        info->in_flight_len = in->flying + in->unsent + (held ? in->arrived : 0);
        info->fin_unread = endpoint->fin_received && !endpoint->fin_read && !held;
        info->peer_unread_len = endpoint->out.arrived;
    }
}

void sim_each_connection(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_connection_info *info), void *user_data) {
    for (struct list *node = kernel->endpoints.next; node != &kernel->endpoints;
         node = node->next) {
        struct sim_endpoint *endpoint = LIST_ENTRY(node, struct sim_endpoint, in_kernel);
        if (endpoint->of_program && endpoint->process->number == process
            && endpoint->was_connected) {
            struct sim_connection_info info;
            describe(endpoint, &info);
            visit(user_data, &info);
        }
    }
    unix_each_connection(kernel, process, visit, user_data);
}

static void visit_epoll(struct sim_kernel *kernel, struct epoll *epoll,
    void (*visit)(void *user_data, const struct sim_registration_info *info), void *user_data) {
    int epfd = fd_of_file(epoll->file->process, epoll->file);
    for (struct list *node = epoll->registrations.next; node != &epoll->registrations;
         node = node->next) {
        struct registration *registration = LIST_ENTRY(node, struct registration, in_epoll);
        struct sim_registration_info info = {
            .registration = registration->serial,
            .subject = file_subject(registration->file),
            .epfd = epfd,
            .fd = registration->fd,
            .mask = registration->mask,
            .data = registration->data,
            .queued = registration->linked,
        };
        info.state = file_peek(kernel, registration->file);
        info.ticking = registration->file->type == FILE_TIMERFD && timer_runs(registration->file);
        info.connecting = registration->file->type == FILE_TCP
                          && registration->file->endpoint->tcp == TCP_SYN_SENT;
        visit(user_data, &info);
    }
}

void sim_each_registration(struct sim_kernel *kernel, unsigned number,
    void (*visit)(void *user_data, const struct sim_registration_info *info), void *user_data) {
    const struct sim_process *process = process_get(kernel, number);
    for (size_t fd = 0; fd <= process->fd_highest && fd < process->fd_capacity; fd++) {
        struct sim_file *file = process->fds[fd];
        if (file != NULL && file->type == FILE_EPOLL && fd_of_file(process, file) == (int)fd) {
            visit_epoll(kernel, file->epoll, visit, user_data);
        }
    }
}

static void describe_datagram(const struct sim_datagram *socket, struct sim_datagram_info *info) {
    const struct message *first = udp_first(socket);
    info->file = socket->file->serial;
    info->subject = socket->subject;
    info->state = udp_poll(socket);
    info->error = socket->error;
    if (first == NULL) {
        return; /* nothing there, or held back */
    }
    if (first->neighbour != NULL) {
        info->subject = first->neighbour->subject;
    }
    for (const struct list *node = socket->queue.next; node != &socket->queue; node = node->next) {
        info->unread_count++;
        info->unread_len += LIST_ENTRY(node, struct message, in_queue)->len;
    }
}

/* False: it is no socket of datagrams. */
static bool describe_datagrams(struct sim_file *file, struct sim_datagram_info *info) {
    if (file->type == FILE_UDP) {
        describe_datagram(file->datagram, info);
        return true;
    }
    return file->type == FILE_UNIX && unix_describe_datagrams(file, info);
}

void sim_each_datagram(struct sim_kernel *kernel, unsigned number,
    void (*visit)(void *user_data, const struct sim_datagram_info *info), void *user_data) {
    const struct sim_process *process = process_get(kernel, number);
    for (size_t fd = 0; fd <= process->fd_highest && fd < process->fd_capacity; fd++) {
        struct sim_file *file = process->fds[fd];
        if (file == NULL || fd_of_file(process, file) != (int)fd) {
            continue;
        }
        struct sim_datagram_info info = {.fd = (int)fd};
        if (describe_datagrams(file, &info)) {
            visit(user_data, &info);
        }
    }
}

void sim_each_descriptor(struct sim_kernel *kernel, unsigned number,
    void (*visit)(void *user_data, int fd, const char *what, uint32_t subject), void *user_data) {
    const struct sim_process *process = process_get(kernel, number);
    for (size_t fd = 3; fd <= process->fd_highest && fd < process->fd_capacity; fd++) {
        struct sim_file *file = process->fds[fd];
        if (file != NULL) {
            visit(user_data, (int)fd, file->ops->what(file), file_subject(file));
        }
    }
}

uint32_t sim_datagram_sender(const struct sim_kernel *kernel) {
    return kernel->datagram_sender;
}
