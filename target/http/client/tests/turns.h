/* Other threads, without threads: whatever a task is at, another may come first. Every entry of one
 * of the locks that are watched, while none of them is held, is a moment at which that may be; a
 * test lets the others act at each in turn. */
#ifndef HTTP_CLIENT_TESTS_TURNS_H
#define HTTP_CLIENT_TESTS_TURNS_H

#include "lab.h"

#include "wb/http_client.h"

/* Forgets what was watched, and watches the connection's locks. */
void turns_watch_connection(const struct wb__h1_client *client);
/* Also those of the pool, and of the connection that is idle in it. */
void turns_watch_pool(struct wb__http_pool *pool);
void turns_forget(void);

/* In the midst of polls of that future, at the entry with this number, from 1. */
void turns_let_act(const struct wb_future *during, int moment, void (*act)(void));
/* Whether they did. */
bool turns_came(void);

/* Calls of the stage's system lead here, from the test's beginning on. */
void turns_begin(void);

#endif
