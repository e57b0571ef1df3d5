/* A server of a Unix socket that takes descriptors, written on the reactor's streams, and its
 * careless twins. `small_taker` listens at @taker until SIGTERM; of each descriptor that comes
 * along with bytes it reads everything and sends it back, then closes it; what comes without one is
 * answered with "-". Option style: correct; unread (forgets what it was passed: it neither reads
 * nor closes it); unclosed (reads it and answers, but keeps it); twice (closes it twice); deaf
 * (reads without asking for descriptors); gives (answers every byte with the reading end of a
 * pipe). */
#ifndef RUN_TESTS_UNIX_TAKERS_H
#define RUN_TESTS_UNIX_TAKERS_H

void unix_takers_register(void);

#endif
