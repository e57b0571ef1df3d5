/* What channels carry: values of one size, moved bytewise. Sending moves a value into the channel
 * and receiving moves it out, so that it has one owner all along; what the channel still has at its
 * end it drops. */
#ifndef WB_VALUE_H
#define WB_VALUE_H

#include <stddef.h>

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kind of a channel's values. All zero: no bytes, only the event. Copied when a channel is
 * made. The functions are called without any lock, by whichever thread it concerns, unless it says
 * otherwise; they must not use the channel that calls them. */
struct wb_value_type {
    size_t size; /* sizeof; at most WB_VALUE_SIZE_MAX */
    /* Optional. Ends a value that nobody received, exactly once; NULL for one without bytes. */
    void (*drop)(void *value, void *user_data);
    /* Optional, and asked for where one value goes to several receivers (wb/watch.h,
     * wb/broadcast.h): makes `to`, raw bytes, a value of its own. A failure leaves `to` as raw as
     * it was, and is what the receiver is told. NULL: the bytes are copied. Called under the lock
     * of the channel. */
    enum wb_status (*copy)(void *to, const void *from, void *user_data);
    void *user_data;
};

#define WB_VALUE_SIZE_MAX 65536u

#ifdef __cplusplus
}
#endif

#endif
