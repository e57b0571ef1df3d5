/* Makes any decoded scenario one that a server can be run with at a small, bounded cost. What
 * comes out is a scenario like any other: it can be printed, kept and replayed. */
#ifndef FUZZ_SCENARIO_FIT_H
#define FUZZ_SCENARIO_FIT_H

#include "wouldblock/scenario.h"

/* Changes the scenario in place. For echo programs:
 *   program   ping_pong if the name's length is odd (as it is), otherwise multi_echo
 *   options   a trigger that does not exist becomes one that does; a flag of the program loses its
 *             value; all others but a valid "max-connections" are left out
 *   bounds    wbh_bound()
 *   ports     peers leave those of programs free
 *   verdict   ok: nothing else is a property of a correct program
 *
 * One that has several programs, hosts, links or moments keeps them, and so does one that is about
 * another of these programs: udp_echo, unix_datagram, and the clients of all four (fit_world.h).
 * Programs of other names become one of them. Counts of clients have at most two digits. Each
 * server is told to listen at a place of its own, on all addresses of its host, and each client
 * where one of the servers is, if there is one: which, the last byte of its "server" or "to" says.
 * Peers connect to servers of TCP and speak UDP to udp_echo, as far as there are any. */
void fit_scenario(struct wbh_scenario *scenario);

/* The same for servers of HTTP: http_hello, http_echo and http_files, or one of them by the length
 * of the name; of their options those with small numbers. They have no timeouts and no bound on
 * connections, so that runs with and without faults can be compared. */
void fit_http_scenario(struct wbh_scenario *scenario);

/* The same for http_get, which may fail, and asks peers on its own host: the first of them that
 * listens does so where it asks. Other programs, hosts, links and moments are left out. */
void fit_http_client_scenario(struct wbh_scenario *scenario);

#endif
