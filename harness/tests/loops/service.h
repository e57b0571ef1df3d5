/* What the two programs serve, the same on either loop: every byte is sent back, and some lines are
 * orders besides. Not the loops and not the connections. */
#ifndef LOOPS_SERVICE_H
#define LOOPS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/sys.h"

enum {
    LOOPS_CONNS_MAX = 16,
    LOOPS_CHUNK = 64,    /* one read takes so much */
    LOOPS_FDS_MAX = 128, /* descriptors that a loop has a place for */
};

enum loops_order {
    LOOPS_ORDER_NONE,
    LOOPS_ORDER_KICK,  /* "kick": all others are closed */
    LOOPS_ORDER_HOLD,  /* "hold": no other is read ... */
    LOOPS_ORDER_GO,    /* "go": ... until now, or until the end of who said so */
    LOOPS_ORDER_RUN,   /* "run": starts a child that speaks; with its end the connection is done */
    LOOPS_ORDER_FILL,  /* "fill": starts a child that listens, and is told more than it takes */
    LOOPS_ORDER_END,   /* "end": the child ends */
    LOOPS_ORDER_DUP,   /* "dup": from now on read through a duplicate, or no longer so */
    LOOPS_ORDER_COPY,  /* "copy": the same, and epoll is told before the duplicate is closed */
    LOOPS_ORDER_QUIET, /* "quiet": never read again, and only closed when the peer has closed */
};

/* The line that is coming in. All zero: nothing yet. */
struct loops_line {
    char text[8];
    size_t len;
};

/* The order that this byte completes. */
enum loops_order loops_line_take(struct loops_line *line, char byte);

/* A child as its parent sees it: a pipe. That there is no process behind the other end makes no
 * difference to a loop. */
struct loops_child {
    int ours; /* -1: there is none */
    int theirs;
    bool listens; /* we write, it reads */
};

#define LOOPS_CHILD_NONE ((struct loops_child){.ours = -1, .theirs = -1})

/* Ownership: `ours` is the caller's to close. 0 or -errno. */
int loops_child_start(const struct wb_sys *sys, struct loops_child *child, bool listens);
/* Its end of the pipe is closed. No effect if it has ended. */
void loops_child_end(const struct wb_sys *sys, struct loops_child *child);
/* What a watcher of `ours` does when it is ready: reads what the child says, or writes until it
 * takes no more. True: the child is gone. */
bool loops_child_talk(const struct wb_sys *sys, const struct loops_child *child);

#endif
