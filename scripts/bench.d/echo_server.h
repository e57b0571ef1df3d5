/* What the echo servers that ping_pong is measured against have in common: a listener on a port of
 * the system's choice, announced in the same words. They do the least that echoes: no lines, no
 * limits, no orderly end. */
#ifndef BENCH_ECHO_SERVER_H
#define BENCH_ECHO_SERVER_H

/* A listening, non-blocking socket on 127.0.0.1; prints "listening on 127.0.0.1:PORT". Ends the
 * program if that fails. */
int echo_server_listen(void);

/* Prints what failed, with errno's text, and ends the program. */
_Noreturn void echo_server_fail(const char *what);

#endif
