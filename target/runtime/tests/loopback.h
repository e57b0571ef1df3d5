/* A connection over loopback for the tests, and what is done with it most. */
#ifndef RUNTIME_TESTS_LOOPBACK_H
#define RUNTIME_TESTS_LOOPBACK_H

#include "script.h"

#include "wb/io.h"
#include "wb/net.h"

struct net {
    struct wb_listener listener;
    struct wb_addr addr; /* of the listener */
    struct wb_stream client;
    struct wb_stream server;
};

extern struct net net;

void listen_on_loopback(void);

/* A connection, both ends, and the listener. */
void open_pair(void);
void close_pair(void);

void put(struct wb_async_write *to, const char *bytes);

/* These bytes come next. */
void expect(struct wb_async_read *from, const char *bytes);

/* One read ends with this. */
void expect_status(struct wb_async_read *from, enum wb_status status);

enum wb_status shut(struct wb_stream *stream);

/* Waits until script_bell has rung so often. */
void await_wakes(int count);

#endif
