/* The sending end of a mailbox. */
#include "wb/sender.h"

#include <stddef.h>

#include "reactor/mailbox.h"

struct wb_sender wb_sender_clone(const struct wb_sender *sender) {
    return wb__mailbox_sender(sender->mailbox);
}

void wb_sender_clean_up(struct wb_sender *sender) {
    if (sender->mailbox != NULL) {
        wb__mailbox_sender_ended(sender->mailbox);
    }
    sender->mailbox = NULL;
}

enum wb_status wb_sender_send(const struct wb_sender *sender, void *message) {
    return wb__mailbox_push(sender->mailbox, message);
}
