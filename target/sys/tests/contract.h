/* The contract of struct wb_sys as cases that any implementation can be run against: the same ones
 * on Linux and on a simulated kernel, so that neither drifts. Cases see nothing but the seam.
 *
 * A case plays both ends of every connection in one thread. It expects what Linux gives on its
 * loopback: whatever a call does to the other end is visible when the call returns, and a file
 * number is the lowest that is free. Nothing sleeps; waits have timeouts that go through the seam.
 * A failed check is recorded in the fixture and ends the case by returning from it, never by a
 * jump, so the suite can run inside anything. */
#ifndef WB_SYS_TESTS_CONTRACT_H
#define WB_SYS_TESTS_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "wb/sys.h"

/* What a case needs or allows. */
enum {
    WB_CONTRACT_NETWORK = 1, /* differs by address family: run it with each */
    WB_CONTRACT_NEEDS_THREADS = 2,
    WB_CONTRACT_NEEDS_SIGNALS = 4,      /* the hook raise_signal */
    WB_CONTRACT_NEEDS_BAD_POINTERS = 8, /* -EFAULT for an address that is not mapped */
    WB_CONTRACT_TIMING = 16, /* amounts or moments vary: the case checks what holds for all */
};

/* At most this many descriptors may be open at once, whatever opened them. */
enum { WB_CONTRACT_FD_MAX = 4096 };

struct wb_contract_failure {
    const char *file; /* NULL: no check has failed */
    int line;
    char text[320];
};

/* All zero but `sys` is a good start: IPv4, no hooks, nothing skipped. */
struct wb_contract_fixture {
    const struct wb_sys *sys; /* what is tested. REQUIRED. Borrowed */
    int family;               /* WB_AF_INET (also 0) or WB_AF_INET6 */
    uint32_t skip;            /* cases with any of these flags are skipped */

    /* Called after the case has shut down the writing direction of a TCP socket: returns when the
     * other end has acknowledged the FIN, which Linux may put off by some 50 ms, and which wakes
     * once more. NULL: that is so at once. */
    void (*settle)(void *user_data, int fd);
    /* Sends a signal to the program under test; returns when it is pending. NULL: cases that need
     * it are skipped. */
    void (*raise_signal)(void *user_data, int signo);
    void *user_data;

    /* Of the case that ran last. */
    struct wb_contract_failure failure;
    uint64_t open_fds[WB_CONTRACT_FD_MAX / 64]; /* a bit each; all closed when the case has ended */
};

struct wb_contract_case {
    const char *name; /* <subject>_<condition>_<outcome>, begins with its rule where it has one */
    uint32_t flags;
    void (*run)(struct wb_contract_fixture *fx);
};

enum wb_contract_result {
    WB_CONTRACT_PASSED,
    WB_CONTRACT_FAILED, /* see fixture.failure */
    WB_CONTRACT_SKIPPED,
};

/* All cases, in a fixed order. */
size_t wb_contract_case_count(void);
const struct wb_contract_case *wb_contract_case_nth(size_t n);

/* Runs one case and closes every descriptor it left open. Of a failure, the first is kept.
 * Thread: one case at a time in a process, since descriptor numbers are checked. */
enum wb_contract_result wb_contract_run(
    struct wb_contract_fixture *fx, const struct wb_contract_case *one);

#endif
