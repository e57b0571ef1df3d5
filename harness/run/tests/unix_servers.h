/* Servers of Unix sockets, written on struct wb_sys alone, with bugs that can be switched on.
 * `small_unix` echoes messages at @small until SIGTERM, `small_counter` answers each with the
 * number of reads that found nothing so far, one digit. Options: trigger (edge, level), type
 * (datagram, seqpacket) and style: correct; one-read (reads one message an event); doubles (answers
 * twice); mute (does not answer). */
#ifndef RUN_TESTS_UNIX_SERVERS_H
#define RUN_TESTS_UNIX_SERVERS_H

void unix_servers_register(void);

#endif
