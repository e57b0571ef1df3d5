/* Makes any decoded scenario one that an echo program can be run with at a small, bounded cost.
 * What comes out is a scenario like any other: it can be printed, kept and replayed. */
#ifndef FUZZ_SCENARIO_FIT_H
#define FUZZ_SCENARIO_FIT_H

#include "wouldblock/scenario.h"

/* Bounds of one input. Together they keep a run within a few milliseconds without sanitizers. */
enum {
    FIT_CALLS_MAX = 4000,      /* of the program */
    FIT_STEPS_MAX = 512,       /* of all peers together */
    FIT_FAULTS_MAX = 128,      /* explicit ones */
    FIT_TRAFFIC_MAX = 163840,  /* bytes all peers send; the longest line of ping_pong is 65536 */
    FIT_DELIVERY_MAX = 524288, /* bytes all peers are sent by a broadcast */
    FIT_SLOW_READS_MAX = 128,  /* by one peer that reads slowly */
    FIT_FILLS_MAX = 256,       /* of the smallest buffer, by all that is sent */
};
#define FIT_DURATION_MAX_NS UINT64_C(60000000000)

/* Changes the scenario in place:
 *   program   ping_pong if the name's length is odd (as it is), otherwise multi_echo
 *   options   a trigger that does not exist becomes one that does; a flag of the program loses its
 *             value; all others but a valid "max-connections" are left out
 *   bounds    as above; what is too much is cut off, what is too long made shorter
 *   ports     peers leave those of programs free
 *   verdict   ok: nothing else is a property of a correct program
 *
 * One that has several programs, hosts, links or moments, or is about another of the programs
 * below, keeps them (fit_world.h):
 *   programs  the servers ping_pong, multi_echo, udp_echo and unix_datagram and their clients;
 * others become one of them by the length of their names options   as above; counts of clients have
 * at most two digits. Each server is told to listen at a place of its own, on all addresses of its
 * host, and each client where one of the servers is, if there is one: which, the last byte of its
 * "server" or "to" says peers     connect to servers of TCP and speak UDP to udp_echo, as far as
 * there are any times     of moments and links are bounded as durations are */
void fit_scenario(struct wbh_scenario *scenario);

#endif
