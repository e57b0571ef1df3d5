/* The server behind a proxy, which the test is itself: a listener, and the connections that the
 * proxy makes. Every call fails the test instead of returning an error. */
#ifndef WB_EXAMPLES_TESTS_BEHIND_H
#define WB_EXAMPLES_TESTS_BEHIND_H

/* Where it listens, or last did: HOST:PORT. */
extern char behind_addr[32];

void behind_listen(void);
/* A blocking descriptor whose reads wait no longer than ten seconds. */
int behind_accept(void);
/* Connections stay. */
void behind_close(void);

#endif
