/* A thread that sends as fast as it can until the receiving end is gone. */
#ifndef REACTOR_TESTS_RACING_SENDER_H
#define REACTOR_TESTS_RACING_SENDER_H

#include <stdatomic.h>

#include "wb/sender.h"

/* Every message is `drops`. The sender is the thread's, which cleans it up. */
struct racing_sender {
    struct wb_sender sender;
    atomic_int *drops;
    atomic_int begun;
    int taken; /* messages that passed to the queue */
    enum wb_status last;
};

/* The body of the thread; its argument is a struct racing_sender. */
void racing_thread(void *arg);

/* Counts one of its messages, wherever it ended. */
void racing_drop(void *message, void *user_data);

#endif
