/* A stack of its own to run a program on, and the switch to it and back. A fiber is entered from
 * the host's stack and goes back to it, never to another fiber. It may be left for good anywhere:
 * its stack is used again for the next function.
 *
 * Thread: a fiber is entered by the thread that started it. */
#ifndef KERNEL_FIBER_H
#define KERNEL_FIBER_H

#include <stdbool.h>
#include <stddef.h>

struct fiber;

/* A fiber without anything to run. Aborts if the host has no memory. */
struct fiber *fiber_new(void);
void fiber_destroy(struct fiber *fiber); /* NULL is allowed; not from inside */

/* fn(arg) runs when the fiber is entered next; whatever ran before is abandoned where it stands.
 * fn must not return: it ends with fiber_leave(fiber, true). Not from inside. */
void fiber_start(struct fiber *fiber, void (*fn)(void *arg), void *arg);
/* From the host's stack: comes back when the fiber leaves. */
void fiber_enter(struct fiber *fiber);
/* From inside: comes back when the fiber is entered again; never if it leaves for good. */
void fiber_leave(struct fiber *fiber, bool for_good);

#endif
