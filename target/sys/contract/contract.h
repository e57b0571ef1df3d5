/* The contract of struct wb_sys as cases that any implementation can be run against: the same ones
 * on Linux and on a simulated kernel, so that neither drifts. Cases see nothing but the seam.
 *
 * A case plays both ends of every connection in one thread. It expects what Linux gives on its
 * loopback: whatever a call does to the other end is visible when the call returns, and a file
 * number is the lowest that is free. Nothing sleeps; waits have timeouts that go through the seam.
 * A failed check is recorded in the fixture and ends the case by returning from it, never by a
 * jump, so the suite can run inside anything. */
#ifndef WB_SYS_CONTRACT_CONTRACT_H
#define WB_SYS_CONTRACT_CONTRACT_H

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
    WB_CONTRACT_NEEDS_INTERRUPTION = 32, /* the hook interrupt */
    WB_CONTRACT_NEEDS_MULTICAST = 64,    /* a device other than loopback that has groups */
};

/* At most this many descriptors may be open at once, whatever opened them. */
enum { WB_CONTRACT_FD_MAX = 4096 };

struct wb_contract_failure {
    const char *file; /* NULL: no check has failed */
    int line;
    char text[320];
};

/* What a case observes in: one registration a mode. Those that a rule tells apart come first. */
enum wb_contract_mode {
    WB_CONTRACT_LEVEL,
    WB_CONTRACT_EDGE,
    WB_CONTRACT_ONESHOT,
    WB_CONTRACT_EDGE_ONESHOT,
    WB_CONTRACT_EXCLUSIVE, /* level, EPOLLEXCLUSIVE: of the interest IN and OUT only */
    WB_CONTRACT_MODE_COUNT,
};
enum { WB_CONTRACT_WAITS = 3 }; /* of an observation, in each mode */

enum wb_contract_step_kind {
    WB_CONTRACT_DONE,     /* something was done; `result` is a system call's */
    WB_CONTRACT_OBSERVED, /* a descriptor's registrations were waited on: `masks` */
    WB_CONTRACT_ORDERED,  /* one wait on an instance: `events` */
    WB_CONTRACT_CHECKED,  /* a value was looked at: `result` */
};

/* A step of a case, for whoever listens. Borrowed until the call returns. */
struct wb_contract_step {
    enum wb_contract_step_kind kind;
    const char *text; /* each {} in it stands for the next of fds */
    const int *fds;
    size_t fd_count;
    int64_t result;
    const char *events; /* a character each, as they were added, in order */
    /* What each wait reported, 0 for nothing. A mode without a registration has none. */
    uint32_t masks[WB_CONTRACT_MODE_COUNT][WB_CONTRACT_WAITS];
    uint32_t modes; /* 1 << mode for each that has one */
};

/* Listens to a case while it runs. System calls that a case makes by itself are not told: whoever
 * wants those hands it a struct wb_sys that tells. Every slot is REQUIRED.
 * Thread: begin, end and name come from the case's own thread. */
struct wb_contract_listener {
    /* The system calls until the matching end are one step. Nests: the outermost is meant. */
    void (*begin)(void *user_data);
    /* NULL: they are none, nothing is to be told of them. */
    void (*end)(void *user_data, const struct wb_contract_step *step);
    /* What a descriptor is to the case: "own", "peer". */
    void (*name)(void *user_data, int fd, const char *name);
    void *user_data;
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
    /* While it is on, a wait that sleeps is interrupted before long, by a signal that is handled.
     * Off when a case begins; a case turns it off again. NULL: cases that need it are skipped. */
    void (*interrupt)(void *user_data, int is_on);
    /* What paths of files and Unix sockets and abstract names begin with: an existing directory of
     * the fixture's own with its slash, at most 40 characters, the same each time. Asked when a
     * case uses one. NULL: "/tmp/". */
    const char *(*unix_prefix)(void *user_data);
    void *user_data;
    const struct wb_contract_listener *listener; /* NULL: nobody listens. Borrowed */

    /* Of the case that ran last. */
    struct wb_contract_failure failure;
    uint64_t open_fds[WB_CONTRACT_FD_MAX / 64]; /* a bit each; all closed when the case has ended */
    uint32_t unix_paths; /* a bit for each letter that a path was made of; all unlinked then, too */
    uint32_t has_files;  /* the directory "files" was made there; removed then with what it holds */
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

/* The rule that a case states: "r112b_..." is rule 112, suffix 'b'; 0 without a suffix. Returns 0
 * for a case that states none. */
unsigned wb_contract_case_rule(const struct wb_contract_case *one, char *out_suffix);

/* Runs one case and closes every descriptor it left open. Of a failure, the first is kept.
 * Thread: one case at a time in a process, since descriptor numbers are checked. */
enum wb_contract_result wb_contract_run(
    struct wb_contract_fixture *fx, const struct wb_contract_case *one);

#endif
