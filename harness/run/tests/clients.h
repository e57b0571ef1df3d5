/* Programs that connect out, written on struct wb_sys alone: for tests of peers that listen.
 * `small_client` connects to port 7001 as often as the option count says, sends "ping" each time,
 * and waits for "pong" and the end. `small_sleeper` should listen on port 7002 and only waits for a
 * signal. */
#ifndef RUN_TESTS_CLIENTS_H
#define RUN_TESTS_CLIENTS_H

void clients_register(void);

#endif
