/* Mistakes in synchronisation, one at a time: for proof that its tests see them. Only a twin of
 * this layer, which no product has, is compiled with WB_SYNC_PLANTED; elsewhere each is a constant
 * 0. */
#ifndef RUNTIME_SYNC_PLANTED_H
#define RUNTIME_SYNC_PLANTED_H

/* X(name, what is wrong) */
#define WB_SYNC_PLANTED_TABLE(X)                                                                   \
    X(KEPT_NOTIFICATION, "a waiter that is dropped keeps the notification it was given")           \
    X(KEPT_PERMITS, "a waiter that is dropped keeps the permits it was given")                     \
    X(KEPT_SLOT, "a sender that is dropped keeps the room in the channel that it was given")       \
    X(STALE_WAKER, "a future that is polled by another task still wakes the first")                \
    X(OVERTAKING, "who asks now is served before those who wait")                                  \
    X(QUIET_CLOSE, "closing wakes nobody")                                                         \
    X(UNSEEN_VALUE, "the receiver of a channel waits without looking again")                       \
    X(UNTOLD_RECEIVER, "who sends does not wake the receiver that waits")                          \
    X(UNSEEN_ROOM, "a sender waits for room without looking again")                                \
    X(KEPT_ROOM, "who takes a value does not look whether a sender waits for its room")            \
    X(UNSEEN_ANSWER, "who waits for a value leaves its waker without looking again")

enum wb__sync_planted {
#define WB_SYNC_PLANTED_ENUM(name, what) WB__SYNC_PLANTED_##name,
    WB_SYNC_PLANTED_TABLE(WB_SYNC_PLANTED_ENUM)
#undef WB_SYNC_PLANTED_ENUM
        WB__SYNC_PLANTED_COUNT
};

#ifdef WB_SYNC_PLANTED
extern enum wb__sync_planted wb__sync_planted; /* in force; WB__SYNC_PLANTED_COUNT: none */
#define PLANTED(name) (wb__sync_planted == WB__SYNC_PLANTED_##name)
#else
#define PLANTED(name) 0
#endif

#endif
