/* The profiles: how often each action is decided at each point. Numbers only; seeded.c uses them.
 *
 * Reasoning. A small request costs a server some 10 reads and writes and some 10 waits. `hostile`
 * is tuned so that such a run meets several faults, often of different kinds, and yet every
 * operation passes untouched in at least half of the moments, so that a correct program ends after
 * a small multiple of its calls. `gentle` leaves most operations alone: one odd moment amid normal
 * ones, where bugs of recovery hide. Failing actions are seldom in `failing`, since the first one
 * usually ends the connection, and what comes before it is worth seeing too. */
#include "wouldblock/fault.h"

#include <string.h>

/* One in n, in parts of 65536. */
#define ONE_IN(n) (65536 / (n))
#define P(action) [WBH_ACTION_##action]

#define GENTLE_RATES                                                                               \
    [WBH_POINT_RECV] = {P(SHORT) = ONE_IN(16), P(WOULD_BLOCK) = ONE_IN(32)},                       \
    [WBH_POINT_SEND] = {P(SHORT) = ONE_IN(16), P(WOULD_BLOCK) = ONE_IN(32)},                       \
    [WBH_POINT_CONNECT] = {P(DELAY) = ONE_IN(8)}, [WBH_POINT_RUN] = {P(ORDER) = ONE_IN(8)},        \
    [WBH_POINT_RESOLVE] = {P(DELAY) = ONE_IN(8)}, [WBH_POINT_SWITCH] = {P(ORDER) = ONE_IN(16)},    \
    [WBH_POINT_ROUSE] = {P(ORDER) = ONE_IN(8)},                                                    \
    [WBH_POINT_INBOUND] = {P(DELAY) = ONE_IN(16), P(SPLIT) = ONE_IN(16)},                          \
    [WBH_POINT_OUTBOUND] = {P(DELAY) = ONE_IN(16), P(SPLIT) = ONE_IN(32)},                         \
    [WBH_POINT_STEP] = {P(DELAY) = ONE_IN(8)}, [WBH_POINT_ACCEPT] = {P(WOULD_BLOCK) = ONE_IN(32)}, \
    [WBH_POINT_WAIT] = {                                                                           \
        P(INTERRUPT) = ONE_IN(64),                                                                 \
        P(BATCH) = ONE_IN(16),                                                                     \
        P(ORDER) = ONE_IN(16),                                                                     \
    }

/* The world's own actions (steps, segments) may be late more often than the program's are
 * disturbed: delays cost the program nothing. An interrupted wait is seldom, since nearly every
 * loop handles it the same way; a spurious event costs a full turn of the program. */
#define HOSTILE_INBOUND_RATES P(DELAY) = ONE_IN(4), P(SPLIT) = ONE_IN(4)
#define HOSTILE_OUTBOUND_RATES P(DELAY) = ONE_IN(4), P(SPLIT) = ONE_IN(8)
#define HOSTILE_TRAFFIC_RATES                                                                      \
    [WBH_POINT_STEP] = {P(DELAY) = ONE_IN(3)}, [WBH_POINT_RUN] = {P(ORDER) = ONE_IN(3)},           \
    [WBH_POINT_SWITCH] = {P(ORDER) = ONE_IN(4)}, [WBH_POINT_ROUSE] = {P(ORDER) = ONE_IN(3)},       \
    [WBH_POINT_PARK] = {P(WAKE) = ONE_IN(10)},                                                     \
    [WBH_POINT_WAIT] = {                                                                           \
        P(INTERRUPT) = ONE_IN(24),                                                                 \
        P(SPURIOUS) = ONE_IN(10),                                                                  \
        P(BATCH) = ONE_IN(6),                                                                      \
        P(ORDER) = ONE_IN(6),                                                                      \
        P(SEPARATE) = ONE_IN(8),                                                                   \
        P(NO_RDHUP) = ONE_IN(8),                                                                   \
    }

/* A network that loses more than this is down. */
#define DATAGRAM_RATES P(DROP) = ONE_IN(16), P(DUPLICATE) = ONE_IN(16), P(REORDER) = ONE_IN(16)

#define HOSTILE_IO_RATES P(SHORT) = ONE_IN(4), P(WOULD_BLOCK) = ONE_IN(6)
#define HOSTILE_CONNECT_RATES P(DELAY) = ONE_IN(3), P(IMMEDIATE) = ONE_IN(12)
#define HOSTILE_FILE_RATES P(SHORT) = ONE_IN(4), P(INTERRUPT) = ONE_IN(24)
#define HOSTILE_ACCEPT_RATES P(WOULD_BLOCK) = ONE_IN(8)

static const struct wbh_profile
    profiles[] =
        {
            {.name = "none", .summary = "no fault", .legality_max = WBH_LEGALITY_KERNEL},
            {
                .name = "gentle",
                .summary = "what Linux does by mere timing, seldom",
                .legality_max = WBH_LEGALITY_KERNEL,
                .probability = {GENTLE_RATES},
            },
            {
                .name = "hostile",
                .summary = "all that a correct program must not notice, often",
                .legality_max = WBH_LEGALITY_CONTRACT,
                .probability =
                    {
                        HOSTILE_TRAFFIC_RATES,
                        [WBH_POINT_INBOUND] = {HOSTILE_INBOUND_RATES},
                        [WBH_POINT_OUTBOUND] = {HOSTILE_OUTBOUND_RATES},
                        [WBH_POINT_RECV] = {HOSTILE_IO_RATES},
                        [WBH_POINT_SEND] = {HOSTILE_IO_RATES},
                        [WBH_POINT_CONNECT] = {HOSTILE_CONNECT_RATES},
                        [WBH_POINT_ACCEPT] = {HOSTILE_ACCEPT_RATES},
                        [WBH_POINT_RESOLVE] = {P(DELAY) = ONE_IN(3)},
                        [WBH_POINT_FILE_READ] = {HOSTILE_FILE_RATES},
                        [WBH_POINT_FILE_WRITE] = {HOSTILE_FILE_RATES},
                    },
            },
            {
                .name = "failing",
                .summary = "hostile, and now and then a call fails",
                .legality_max = WBH_LEGALITY_FAILING,
                .probability =
                    {
                        HOSTILE_TRAFFIC_RATES,
                        [WBH_POINT_INBOUND] = {HOSTILE_INBOUND_RATES, DATAGRAM_RATES},
                        [WBH_POINT_OUTBOUND] = {HOSTILE_OUTBOUND_RATES, DATAGRAM_RATES},
                        [WBH_POINT_RECV] = {HOSTILE_IO_RATES, P(RESET) = ONE_IN(64),
                            P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_SEND] = {HOSTILE_IO_RATES, P(RESET) = ONE_IN(64),
                            P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_CONNECT] = {HOSTILE_CONNECT_RATES, P(ERROR) = ONE_IN(12)},
                        [WBH_POINT_ACCEPT] = {HOSTILE_ACCEPT_RATES, P(ERROR) = ONE_IN(12)},
                        /* A few of these stand between a program and its first accept. */
                        [WBH_POINT_OPEN] = {P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_REGISTER] = {P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_ALLOC] = {P(FAIL) = ONE_IN(128)},
                        [WBH_POINT_CLOCK] = {P(JUMP) = ONE_IN(32)},
                        [WBH_POINT_RESOLVE] = {P(DELAY) = ONE_IN(3), P(ERROR) = ONE_IN(12)},
                        [WBH_POINT_FILE_READ] = {HOSTILE_FILE_RATES, P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_FILE_WRITE] = {HOSTILE_FILE_RATES, P(ERROR) = ONE_IN(64)},
                        [WBH_POINT_THREAD] = {P(ERROR) = ONE_IN(12)},
                    },
            },
};

enum { PROFILE_COUNT = sizeof profiles / sizeof profiles[0] };

const struct wbh_profile *wbh_profile_from_name(const char *name, size_t len) {
    for (size_t i = 0; i < PROFILE_COUNT; i++) {
        if (strlen(profiles[i].name) == len && memcmp(profiles[i].name, name, len) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

const struct wbh_profile *wbh_profile_nth(size_t n) {
    return &profiles[n % PROFILE_COUNT];
}

size_t wbh_profile_count(void) {
    return PROFILE_COUNT;
}
