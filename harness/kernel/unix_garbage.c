/* Unix sockets that are open only in each other's queues: nobody can read them out of there, so
 * what is queued is thrown away, which closes them. Linux does so later, at its leisure. */
#include "kernel/unix.h"

static struct unix_socket *socket_of(struct list *node) {
    return LIST_ENTRY(node, struct unix_socket, in_kernel);
}

static bool mark(struct unix_socket *socket) {
    bool is_new = !socket->is_reachable;
    socket->is_reachable = true;
    return is_new;
}

/* The program has a descriptor, or a call that sleeps with it. */
static bool is_held(const struct unix_socket *socket) {
    const struct sim_file *file = socket->file;
    return file != NULL && (file->refs > file->in_flight || file->holds != 0);
}

static bool mark_rights(const struct unix_rights *rights) {
    bool any = false;
    for (uint32_t i = 0; i < rights->count; i++) {
        if (rights->files[i]->type == FILE_UNIX) {
            any |= mark(rights->files[i]->unix_socket);
        }
    }
    return any;
}

/* What lies in a queue that can be read, or is about to be accepted. */
static bool mark_what_it_holds(struct unix_socket *socket) {
    bool any = false;
    for (struct unix_message *message = unix_first(socket); message != NULL;
         message = unix_after(socket, message)) {
        if (message->control.rights != NULL) {
            any |= mark_rights(message->control.rights);
        }
    }
    for (struct list *node = socket->pending.next; node != &socket->pending; node = node->next) {
        any |= mark(LIST_ENTRY(node, struct unix_socket, in_pending));
    }
    return any;
}

/* What a call is about to send that sleeps for room. */
static void mark_unsent(const struct sim_process *process) {
    for (uint32_t i = 0; i < process->thread_count; i++) {
        if (process->threads[i]->rights != NULL) {
            (void)mark_rights(process->threads[i]->rights);
        }
    }
}

static void mark_all(struct sim_kernel *kernel) {
    struct list *all = &kernel->unix_sockets;
    for (struct list *node = all->next; node != all; node = node->next) {
        socket_of(node)->is_reachable = is_held(socket_of(node));
    }
    for (uint32_t i = 0; i < kernel->process_count; i++) {
        mark_unsent(kernel->processes[i]);
    }
    bool any = true;
    while (any) {
        any = false;
        for (struct list *node = all->next; node != all; node = node->next) {
            if (socket_of(node)->is_reachable) {
                any |= mark_what_it_holds(socket_of(node));
            }
        }
    }
}

/* All queues are emptied before anything is closed: no peer is told of unread data. */
static void take_queue(struct unix_socket *socket, struct list *hits) {
    while (!list_is_empty(&socket->queue)) {
        struct list *node = socket->queue.next;
        list_remove(node);
        list_push_tail(hits, node);
    }
    socket->queue_len = 0;
    socket->queue_bytes = 0;
    socket->urgent = NULL;
}

void unix_collect_garbage(struct sim_kernel *kernel) {
    if (kernel->unix_in_flight == 0 || kernel->unix_collecting) {
        return;
    }
    kernel->unix_collecting = true;
    mark_all(kernel);
    struct list hits;
    list_init(&hits);
    struct list *all = &kernel->unix_sockets;
    for (struct list *node = all->next; node != all; node = node->next) {
        if (!socket_of(node)->is_reachable) {
            take_queue(socket_of(node), &hits);
        }
    }
    while (!list_is_empty(&hits)) {
        struct unix_message *message = LIST_ENTRY(hits.next, struct unix_message, in_queue);
        list_remove(&message->in_queue);
        unix_message_free(kernel, message);
    }
    kernel->unix_collecting = false;
}
