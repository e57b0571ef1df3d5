/* Races in the runtime, one at a time: for proof that a search through the orders of threads finds
 * them. Only a twin of this layer, which no product has, is compiled with WB_RUNTIME_PLANTED;
 * elsewhere each is a constant 0. */
#ifndef RUNTIME_PLANTED_H
#define RUNTIME_PLANTED_H

/* X(name, what is wrong) */
#define WB_RUNTIME_PLANTED_TABLE(X)                                                                \
    X(LATE_IDLE, "a worker looks for work, and only then says that it is idle")                    \
    X(FORGOTTEN_WAKE, "who blocks forgets the wake that came before it slept")                     \
    X(UNARMED_TIMER, "a timer that is earlier than what is waited for does not end the wait")      \
    X(UNTOLD_WAITER, "who leaves a lock does not tell who waits for it")

enum wb__runtime_planted {
#define WB_RUNTIME_PLANTED_ENUM(name, what) WB__RUNTIME_PLANTED_##name,
    WB_RUNTIME_PLANTED_TABLE(WB_RUNTIME_PLANTED_ENUM)
#undef WB_RUNTIME_PLANTED_ENUM
        WB__RUNTIME_PLANTED_COUNT
};

#ifdef WB_RUNTIME_PLANTED
extern enum wb__runtime_planted wb__runtime_planted; /* in force; WB__RUNTIME_PLANTED_COUNT: none */
#define RUNTIME_PLANTED(name) (wb__runtime_planted == WB__RUNTIME_PLANTED_##name)
#else
#define RUNTIME_PLANTED(name) 0
#endif

#endif
