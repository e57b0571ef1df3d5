/* Child processes: whatever runs a program under test runs in one, so that its death is a result
 * and not the end of the command. The wall clock is read here and nowhere else: it bounds how long
 * a program may go without a system call. */
#ifndef WBH_CLI_CHILD_H
#define WBH_CLI_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "report/text.h"
#include "wouldblock/run.h"

struct cli_child {
    pid_t pid;   /* 0: none */
    int to;      /* the parent writes orders here */
    int from;    /* the parent reads results here, without blocking */
    int console; /* what the child printed to descriptors 1 and 2: a file */
};

/* Forks. The child runs body(argument, orders, results) and exits; its standard output and error go
 * to the console file, and it leaves no core file. `close_fds` are descriptors of the parent's that
 * the child must not keep. Returns 0, or -1 after a message. */
int cli_child_start(struct cli_child *child, void (*body)(void *argument, int orders, int results),
    void *argument, const int *close_fds, size_t close_fd_count);

/* Closes the child's orders, ends it if `kill_it`, waits for it and gives up the pipes. Returns its
 * wait status. The console stays until cli_child_clean_up. */
int cli_child_end(struct cli_child *child, int kill_it);
void cli_child_clean_up(struct cli_child *child);

/* From now on this process ends itself when its runs make no system call for so many seconds of
 * processor time: a program that loops without asking the kernel. How busy the machine is and how
 * long a run takes do not matter. */
void cli_child_watch(const struct wbh_runner *runner, unsigned seconds);
/* Ends that, for work that is not a run. */
void cli_child_unwatch(void);

/* How much longer the parent waits, by the wall clock, before it ends a child that says nothing:
 * for whatever does not even use the processor. */
enum { CLI_PATIENCE = 30 };

/* A finding for a child that died: what killed it, what it printed; verdict crash, or spin if it
 * ended itself for that. Process numbers
 * and addresses are left out of it, so that the same death reads the same. */
void cli_child_describe_death(const struct cli_child *child, int wait_status, unsigned seconds,
    struct wbh_finding *out_finding);

/* The status with which a child ends itself for spinning. */
enum { CLI_STATUS_SPINNING = 97 };

/* A finding for a child that had to be ended: verdict spin. */
void cli_describe_spin(unsigned seconds, struct wbh_finding *out_finding);

/* Nanoseconds of a clock that never goes back. */
uint64_t cli_now_ns(void);

/* Writes all of it, waiting as need be. Returns 0 or -1. */
int cli_write_all(int fd, const void *bytes, size_t len);
/* Reads exactly so many bytes. Returns 0, or -1 at the end or on an error. */
int cli_read_all(int fd, void *bytes, size_t len);

enum cli_isolated {
    CLI_ISOLATED_DONE,
    CLI_ISOLATED_DIED,   /* or was ended: out_finding says how */
    CLI_ISOLATED_UNABLE, /* no process could be made: a message was printed */
};

/* Runs body in a child and collects what it writes to `results`. The body should call
 * cli_child_watch with the same bound. */
enum cli_isolated cli_isolate(void (*body)(void *argument, int orders, int results), void *argument,
    unsigned seconds, struct wbh_text *out_results, struct wbh_finding *out_finding);

#endif
