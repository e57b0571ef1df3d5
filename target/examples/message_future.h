/* A future that listens: it is over with the first message that anybody sends, up to a newline or
 * the end; or it hands over every message and never is. It accepts whoever comes and reads from all
 * of them at once; who sends too much is reset, who ends without a word forgotten. */
#ifndef WB_EXAMPLES_MESSAGE_FUTURE_H
#define WB_EXAMPLES_MESSAGE_FUTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/bytes.h"
#include "wb/future.h"
#include "wb/io.h"
#include "wb/net.h"
#include "wb/time.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WB__MESSAGE_LEN_MAX = 4096,  /* with its newline */
    WB__MESSAGE_SENDERS_MAX = 8, /* that are read from at a time; others wait to be accepted */
    WB__MESSAGE_READ_AHEAD = 256,
};

/* Somebody who may send a message. */
struct wb__message_sender {
    struct wb_stream stream;
    struct wb_buf_reader reader;
    struct wb_read_until until;
    bool is_there;
    size_t len;
    unsigned char ahead[WB__MESSAGE_READ_AHEAD];
    unsigned char bytes[WB__MESSAGE_LEN_MAX];
};

/* What becomes of a message, within the poll in which it came; the bytes are borrowed. Returns
 * whether to go on listening. */
typedef bool (*wb__message_fn)(
    void *user_data, struct wb_context *context, struct wb_bytes message);

/* Never fails. `message` is the one that ended it, with its newline, if there was one; valid as
 * long as the object is. */
struct wb__message_future {
    struct wb_future future;
    struct wb_listener *listener;
    wb__message_fn on_message;
    void *user_data;
    struct wb_accept accept;
    struct wb_sleep rest;
    bool is_accepting;
    bool is_resting;
    struct wb_bytes message;
    struct wb__message_sender senders[WB__MESSAGE_SENDERS_MAX];
};

/* `listener` is borrowed; `on_message` may be NULL: the first one ends it. */
void wb__message_future_init(struct wb__message_future *self, struct wb_listener *listener,
    wb__message_fn on_message, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
