/* Rules of the kernel that a test may break, one at a time, to see whether anybody notices: see
 * tests/planted in harness/fidelity. Only a twin of this library, compiled with SIM_PLANTED, has
 * them; here PLANTED() is 0. */
#ifndef KERNEL_PLANTED_H
#define KERNEL_PLANTED_H

/* X(NAME, "what is wrong then") */
#define SIM_PLANTED_TABLE(X)                                                                       \
    X(NONE, "nothing")                                                                             \
    X(MOD_NO_EDGE, "MOD of what is ready queues nothing")                                          \
    X(ADD_NO_EDGE, "ADD of what is ready queues nothing")                                          \
    X(FIRST_WAITER_FIRST, "who was added first is woken first")                                    \
    X(KEY_UNFILTERED, "a wake-up for other events queues, too")                                    \
    X(KEYLESS_FOR_READERS, "a wake-up without a key reaches only who reads")                       \
    X(IMPLIED_BITS, "ERR and HUP come only where they were asked for")                             \
    X(WOKEN_AGAIN_MOVES, "a further wake-up moves an entry to the tail")                           \
    X(EXCLUSIVE_FIRST, "exclusive entries are woken before all others")                            \
    X(DUP_IS_ONE_ENTRY, "a duplicate cannot be registered beside its original")                    \
    X(CLOSE_REMOVES, "closing one of several descriptors removes its entry")                       \
    X(LEVEL_DROPPED, "a level entry leaves the list when it is reported")                          \
    X(ONESHOT_STAYS, "a one-shot entry goes on")                                                   \
    X(ONESHOT_HEARS_HUP, "a one-shot entry that has fired still reports ERR and HUP")              \
    X(LEVEL_TO_HEAD, "a level entry goes back to the head")                                        \
    X(REST_TO_TAIL, "what did not fit is queued behind what was reported")                         \
    X(NOT_READY_COUNTS, "an entry that is not ready takes up room")                                \
    X(EDGE_REPEATS, "an edge entry is reported twice")                                             \
    X(HUP_OF_BOTH_FINS, "no HUP when both directions are shut")                                    \
    X(HUP_OF_FRESH, "no HUP before a connection")                                                  \
    X(RDHUP_OF_SHUTDOWN, "no RDHUP after one's own shutdown")                                      \
    X(RST_IS_ALWAYS_RESET, "ECONNRESET where it should be EPIPE")                                  \
    X(SHUTDOWN_SILENT, "shutdown does not wake its own watchers")                                  \
    X(ERROR_STAYS, "a pending error is told again and again")                                      \
    X(ERROR_BEFORE_END, "a pending error is read before the end")                                  \
    X(LOW_WATER_IGNORED, "fewer bytes than the low-water mark are readable")                       \
    X(EACH_ACK_IS_SPACE, "each acknowledgement is an edge for OUT")                                \
    X(UNREAD_CLOSE_ENDS, "a close with unread bytes sends FIN instead of RST")                     \
    X(NOBODY_TAKES_BYTES, "bytes to a closed socket draw no RST")                                  \
    X(LISTENER_FIRST, "a connection wakes its listener before its client")                         \
    X(ACCEPT_SKIPS_RESET, "accept passes over connections that were reset")                        \
    X(COUNTER_READ_SILENT, "reading an eventfd is no edge for OUT")                                \
    X(EMPTY_INSTANCE_READY, "an instance is readable while its list holds anything")               \
    X(PEEK_TAKES, "MSG_PEEK takes the bytes")                                                      \
    X(UDP_SEND_SILENT, "a datagram that was sent is no edge for OUT")                              \
    X(UDP_ERROR_LAST, "datagrams are read before a pending error")                                 \
    X(UDP_HEARS_STRANGERS, "a connected socket gets datagrams from others")                        \
    X(UDP_EMPTY_IS_NONE, "an empty datagram does not arrive")                                      \
    X(FILE_IS_WATCHED, "an instance watches a regular file")                                       \
    X(APPEND_IGNORED, "O_APPEND writes at the file's place")                                       \
    X(SENDFILE_MOVES_PLACE, "sendfile moves the file's place, though an offset is given")          \
    X(SPLICE_IN_SILENT, "what splice brings does not wake the pipe's reader")                      \
    X(SPLICE_OUT_SILENT, "a slot that splice frees is no edge for the pipe's writer")              \
    X(SPLICE_MERGES, "a write goes on in a slot that splice has made")                             \
    X(TEE_TAKES, "tee takes the bytes")                                                            \
    X(URGENT_BYTE_SPLICED, "splice skips an urgent byte as a read does")

enum sim_planted {
#define SIM_PLANTED_ENUM(name, what) SIM_PLANTED_##name,
    SIM_PLANTED_TABLE(SIM_PLANTED_ENUM)
#undef SIM_PLANTED_ENUM
        SIM_PLANTED_COUNT
};

#ifdef SIM_PLANTED
extern enum sim_planted sim_planted; /* in force; for all kernels of the process */
#define PLANTED(name) (sim_planted == SIM_PLANTED_##name)
#else
#define PLANTED(name) 0
#endif

#endif
