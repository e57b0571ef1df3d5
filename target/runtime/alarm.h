/* A timer of the kernel's that ends waits on the driver's behalf. A wait that ends for a timer has
 * a timeout otherwise, and to know how long that is it reads the clock: paid for again by each of
 * the many waits that end earlier for another reason. The alarm is set once instead, for a timer
 * that several waits have waited for in vain.
 *
 * It belongs to whoever has the driver. Where it cannot be had there are timeouts only. */
#ifndef WB_RUNTIME_ALARM_H
#define WB_RUNTIME_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/poll.h"
#include "wb/source.h"

/* Waits for one and the same timer by their timeout, before the alarm is set: which is a system
 * call, so that a timer that fires before costs nothing more. */
enum { WB__ALARM_WAITS_MAX = 8 };

#define WB__ALARM_SILENT UINT64_MAX

struct wb__alarm {
    const struct wb_sys *sys;
    const struct wb_registry *registry; /* NULL: there is no alarm */
    uint64_t token;
    struct wb_fd_source fd; /* a timerfd, once it was needed */
    uint64_t rings_at_ns;   /* or before, for a timer that was cleared; or WB__ALARM_SILENT */
    uint64_t awaited_ns;    /* what the last waits were for ... */
    uint32_t waits;         /* ... and how many they were */
};

/* A silent one, whose ringing is an event of that token in the registry's poll; NULL: it never
 * rings. One of zero bytes can only be cleaned up. */
void wb__alarm_init(struct wb__alarm *alarm, const struct wb_sys *sys,
    const struct wb_registry *registry, uint64_t token);
void wb__alarm_clean_up(struct wb__alarm *alarm);

/* Sets it, if enough waits were for `at_ns`. False: it will not ring by then. */
bool wb__alarm_set(struct wb__alarm *alarm, uint64_t at_ns);

/* Whether the wait that is about to begin will end by then, without a timeout. */
static inline bool wb__alarm_rings_by(struct wb__alarm *alarm, uint64_t at_ns) {
    return alarm->rings_at_ns <= at_ns || wb__alarm_set(alarm, at_ns);
}

/* Its event came: it is silent again. */
static inline void wb__alarm_rang(struct wb__alarm *alarm) {
    alarm->rings_at_ns = WB__ALARM_SILENT;
}

#endif
