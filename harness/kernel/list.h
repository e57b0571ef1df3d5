/* Intrusive doubly linked lists: insertion and removal in constant time, order is the list's own.
 */
#ifndef KERNEL_LIST_H
#define KERNEL_LIST_H

#include <stddef.h>

struct list {
    struct list *prev;
    struct list *next;
};

#define LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *list) {
    list->prev = list;
    list->next = list;
}

static inline int list_is_empty(const struct list *list) {
    return list->next == list;
}

static inline void list_insert_after(struct list *position, struct list *node) {
    node->prev = position;
    node->next = position->next;
    position->next->prev = node;
    position->next = node;
}

static inline void list_push_head(struct list *list, struct list *node) {
    list_insert_after(list, node);
}

static inline void list_push_tail(struct list *list, struct list *node) {
    list_insert_after(list->prev, node);
}

static inline void list_remove(struct list *node) {
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* Moves all nodes of `from` to the front of `to`, in order. */
static inline void list_splice_head(struct list *to, struct list *from) {
    if (list_is_empty(from)) {
        return;
    }
    from->prev->next = to->next;
    to->next->prev = from->prev;
    to->next = from->next;
    from->next->prev = to;
    list_init(from);
}

#endif
