/* Programs over UDP, written on struct wb_sys alone, with bugs that can be switched on.
 * `small_datagrams` echoes on port 7003 until SIGTERM; options: trigger (edge, level) and style:
 * correct; one-read (reads one datagram an event); doubles (answers twice); mute (does not answer);
 * short (reads into four bytes). `small_questioner` asks "ping" of port 7004 from a connected
 * socket and ends with 0 if "pong" comes, with 1 if it is refused. */
#ifndef RUN_TESTS_DATAGRAMS_H
#define RUN_TESTS_DATAGRAMS_H

void datagrams_register(void);

#endif
