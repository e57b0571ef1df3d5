/* The sending thread. */
#include "racing_sender.h"

void racing_thread(void *arg) {
    struct racing_sender *self = arg;
    do {
        self->last = wb_sender_send(&self->sender, self->drops);
        self->taken += self->last == WB_OK;
        atomic_store(&self->begun, 1);
    } while (self->last == WB_OK || self->last == WB_ERR_FULL);
    wb_sender_clean_up(&self->sender);
}

void racing_drop(void *message, void *user_data) {
    (void)user_data;
    atomic_fetch_add((atomic_int *)message, 1);
}
