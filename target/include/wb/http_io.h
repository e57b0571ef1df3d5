/* A stream together with who closes it: what connections of HTTP are made of and what connectors
 * bring.
 *
 * Thread: as the stream. Allocates: nothing. */
#ifndef WB_HTTP_IO_H
#define WB_HTTP_IO_H

#include <stddef.h>

#include "wb/async_io.h"

#ifdef __cplusplus
extern "C" {
#endif

/* May be moved. All zero: none. */
struct wb_http_io {
    struct wb_async_stream stream;
    void (*close)(void *user_data); /* called once, when nobody polls the stream; NULL: the stream
                                       is borrowed, and stays open */
    void *user_data;
    void (*reset)(void *user_data); /* in place of `close`, where the other end must not take the
                                       end for a proper one; NULL: there is no such difference */
};

/* Any number of times; it is none afterwards. */
static inline void wb_http_io_close(struct wb_http_io *io) {
    const struct wb_http_io gone = *io;
    const struct wb_http_io none = {{NULL, NULL}, NULL, NULL, NULL};
    *io = none;
    if (gone.close != NULL) {
        gone.close(gone.user_data);
    }
}

/* The same, but the other end is told that it was no proper end. */
static inline void wb_http_io_reset(struct wb_http_io *io) {
    if (io->reset != NULL) {
        io->close = io->reset;
    }
    wb_http_io_close(io);
}

#ifdef __cplusplus
}
#endif

#endif
