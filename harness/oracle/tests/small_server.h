/* An echo server of the smallest kind, written on struct wb_sys alone, with bugs that can be
 * switched on one by one. It is right when none is; each bug is one of those that event loops have
 * in the wild. Programs `small_echo`, `small_broadcast` and others,
 * port 7000, options trigger and bug. */
#ifndef ORACLE_TESTS_SMALL_SERVER_H
#define ORACLE_TESTS_SMALL_SERVER_H

/* Makes the programs known to wbh_program_find. */
void small_server_register(void);

#endif
