/* A client of Unix sockets, written on struct wb_sys alone, that blocks. `small_caller` connects to
 * /run/there, says "one\n" and "two\n", each with a write of its own, expects "ok" and then the
 * end. Options: type (stream, seqpacket); count: so many connections, one after the other; name: of
 * an abstract socket instead of the path. Its exit status: 0 it got what it expected, 1 it did not,
 * 3 it could not connect. */
#ifndef RUN_TESTS_UNIX_CLIENTS_H
#define RUN_TESTS_UNIX_CLIENTS_H

void unix_clients_register(void);

#endif
