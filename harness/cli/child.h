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

/* Ends this process if that takes longer: so that an endless loop does not outlive its parent. 0
 * switches it off. */
void cli_child_alarm(unsigned seconds);

/* A finding for a child that died: verdict crash, what killed it, what it printed. Process numbers
 * and addresses are left out of it, so that the same death reads the same. */
void cli_child_describe_death(
    const struct cli_child *child, int wait_status, struct wbh_finding *out_finding);

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
    CLI_ISOLATED_DIED,   /* out_finding says how */
    CLI_ISOLATED_SPUN,   /* out_finding says so */
    CLI_ISOLATED_UNABLE, /* no process could be made: a message was printed */
};

/* Runs body in a child and collects what it writes to `results`. The child is ended when nothing
 * has come from it for `seconds`. */
enum cli_isolated cli_isolate(void (*body)(void *argument, int orders, int results), void *argument,
    unsigned seconds, struct wbh_text *out_results, struct wbh_finding *out_finding);

#endif
